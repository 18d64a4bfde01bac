"""Every setting of an installation. Read by the command line and the composition root only.

Each is an environment variable `DAYLINE_<NAME>`; `docs/configuration.md` lists them and a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dayline.domain.errors import DaylineError


class InvalidSetting(DaylineError):
    """A setting with which the service cannot work. The message begins with the setting's name."""

    default_code = "invalid_setting"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"DAYLINE_{name.upper()}: {problem}", setting=name)


class Settings(BaseSettings):
    """Settings of an operator. Every default works on a laptop with nothing else installed."""

    model_config = SettingsConfigDict(env_prefix="DAYLINE_", env_file=".env", extra="ignore")

    data_folder: Path = Field(
        default=Path("~/.dayline"), description="Where the embedded database, objects and scratch lie."
    )
    database_url: str = Field(default="", description="SQLAlchemy address; empty means SQLite in the data folder.")
    database_busy_seconds: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description="How long a statement waits for SQLite's write lock before it is tried again later.",
    )
    objects_url: str = Field(
        default="", description="Folder or bucket (s3://, gs://, az://); empty means the data folder."
    )
    encryption_key: SecretStr = Field(
        default=SecretStr(""),
        description="Keys of secrets and voice prints at rest, newest first; empty means a file in the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(default=8400, ge=0, le=65535, description="Port that `serve` listens on; 0 takes a free one.")
    base_url: str = Field(default="", description="Where partners reach the service; empty means host and port.")
    recognisers: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Chunks transcribed at once by one worker; 0 chooses by cores, memory and GPUs.",
    )
    speech_threads: int = Field(
        default=0, ge=0, le=1024, description="Threads of each recogniser; 0 shares the cores between the recognisers."
    )
    speech_engine: str = Field(
        default="auto", description="auto, pocketsphinx, faster-whisper, onnx-asr, openai or deepgram."
    )
    speech_model: str = Field(default="", description="Model folder or name of the speech engine.")
    speech_device: str = Field(default="auto", description="auto, cpu or cuda.")
    speech_compute_type: str = Field(default="auto", description="auto, int8, float16, float32.")
    voice_model: str = Field(
        default="ge2e", description="Voice encoder: ge2e, which ships, or a WeSpeaker or 3D-Speaker model as ONNX file."
    )
    voice_model_same: float = Field(
        default=0.7, gt=0, lt=0.75, description="Cosine from which a model in a file holds two groups to be one voice."
    )
    speech_base_url: str = Field(default="", description="Base URL of a remote speech engine.")
    speech_api_key: SecretStr = Field(default=SecretStr(""), description="Key of a remote speech engine.")
    models_folder: Path | None = Field(
        default=None, description="Where model folders lie; default below the data folder."
    )
    models_source: str = Field(
        default="", description="Folder or address that `dayline models install` asks before the model hub."
    )
    analyst: Literal["rubric", "openai"] = Field(default="rubric", description="Analyst that scores conversations.")
    language_model: str = Field(default="", description="Name of the language model.")
    language_base_url: str = Field(default="", description="Base URL of an OpenAI-compatible server.")
    language_api_key: SecretStr = Field(default=SecretStr(""), description="Key of the language model's server.")
    language_output_mode: Literal["schema", "tool", "json"] = Field(
        default="schema", description="How the language model is asked for JSON."
    )
    language_timeout_seconds: float = Field(
        default=90.0, gt=0, le=3600, description="Limit of one request to the language model."
    )
    language_deadline_seconds: float = Field(
        default=300.0, gt=0, le=7200, description="Limit of one conversation's analysis by the language model."
    )
    reader: bool = Field(
        default=True, description="Let the language model, where one is set, read days as far as each org allows it."
    )
    reader_page_seconds: float = Field(
        default=60.0, gt=0, le=3600, description="Limit of one page of a day that the language model reads."
    )
    allow_networks: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="Private networks that partners' addresses may lead to, for labs and tests."
    )
    allow_http: bool = Field(default=False, description="Accept http:// beside https:// addresses, for labs and tests.")
    ca_file: Path | None = Field(default=None, description="Extra certificate authorities for outgoing calls.")
    max_recording_hours: float = Field(default=24.0, gt=0, le=48, description="Longest recording of a session.")
    min_recording_seconds: float = Field(default=10.0, ge=0, description="Shortest recording.")
    max_call_minutes: float = Field(default=60.0, gt=0, description="Longest recording of a single analysis.")
    max_recording_bytes: int = Field(
        default=8 * 1024**3, gt=0, description="Largest recording, downloaded or uploaded."
    )
    upload_quota_bytes: int = Field(
        default=200 * 1024**3, gt=0, description="What all uploads of one partner may take together."
    )
    requests_per_minute: float = Field(default=600.0, gt=0, description="Requests per key and minute.")
    requests_burst: int = Field(default=120, gt=0, description="Requests a key may make at once.")
    connections_per_address: int = Field(
        default=256,
        gt=0,
        description="Connections that one address may hold at a time. A reverse proxy is one address: raise it there.",
    )
    webhook_delays_seconds: Annotated[list[Annotated[float, Field(ge=0)]], NoDecode] = Field(
        default_factory=lambda: [60.0, 300.0, 1500.0, 7200.0, 28800.0],
        description="Waits before each further attempt at a delivery.",
    )
    lease_seconds: float = Field(
        default=45.0, ge=2, le=3600, description="How long a worker may be silent before others take its jobs."
    )
    log_style: Literal["console", "json"] = Field(default="console", description="How log lines are written.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("webhook_delays_seconds", mode="before")
    @classmethod
    def _split_delays(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def folder(self) -> Path:
        """The data folder, with `~` resolved."""
        return self.data_folder.expanduser().absolute()

    @property
    def encryption_key_file(self) -> Path:
        """Where the key lies that the first start makes."""
        return self.folder / "encryption.key"

    @property
    def effective_database_url(self) -> str:
        """The database that is used."""
        return self.database_url or f"sqlite:///{self.folder / 'dayline.db'}"

    @property
    def is_single_node(self) -> bool:
        """True when one machine holds everything."""
        return self.effective_database_url.startswith("sqlite")

    @property
    def effective_objects_url(self) -> str:
        """The object store that is used."""
        return self.objects_url or str(self.folder / "objects")

    @property
    def effective_base_url(self) -> str:
        """Where partners reach the service, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def effective_models_folder(self) -> Path:
        """Where model folders lie."""
        return (self.models_folder or self.folder / "models").expanduser()


def read_settings() -> Settings:
    """Read the settings from the environment and `.env`. Raises InvalidSetting for the first one that is unusable."""
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=True)[0]
        location = [str(part) for part in problem["loc"]]
        raise InvalidSetting(location[0] if location else "settings", _in_words(problem)) from None


def _in_words(problem: Any) -> str:
    value, kind, context = problem["input"], problem["type"], problem.get("ctx", {})
    if kind in ("float_parsing", "float_type", "int_parsing", "int_type", "finite_number"):
        return f"{value!r} is not a number."
    if kind == "int_from_float":
        return f"{value!r} is not a whole number."
    if kind == "literal_error":
        return f"{value!r} is not one of {context.get('expected')}."
    if kind == "bool_parsing":
        return f"{value!r} is neither true nor false."
    limits = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
    if kind in limits:
        return f"{value!r} is out of range: it must be {kind.replace('_', ' ')} {context[limits[kind]]:g}.".replace(
            "than equal", "than or equal to"
        )
    return f"{problem['msg']}."
