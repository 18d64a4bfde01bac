"""Registry of speech engines: builds the `Transcriber` that a configuration selects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, TypedDict, get_args

from dayline.asr.model_catalog import FoundModel, find_models, is_onnx_asr_installed, missing_files, recognise
from dayline.asr.model_table import KNOWN_MODELS, KnownModel, ModelEngine, known
from dayline.asr.ports import EngineMisconfigured, Transcriber
from dayline.domain.json_types import JsonObject

EngineName = Literal["auto", "pocketsphinx", "faster-whisper", "onnx-asr", "openai", "deepgram", "fake"]

_NO_EXTRA = "onnx-asr is not installed. Install Dayline with its `parakeet` extra: scripts/setup --extra parakeet"


class SpeechConfigJson(TypedDict):
    """A `SpeechConfig` as JSON."""

    engine: EngineName
    model: str
    device: str
    compute_type: str
    api_key: str
    base_url: str
    models_dir: str | None
    threads: int


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Choice and settings of a speech engine. Empty strings and None select the engine's default.

    Attributes:
        engine: name in the table of engines; `auto` takes the best one installed.
        model: a folder, the name of a folder in `models_dir`, or a name that the engine or provider knows; for `fake`
            a script file.
        device: auto, cpu or cuda.
        compute_type: auto, or a type of ctranslate2 such as int8 or float16.
        api_key: key of a remote provider.
        base_url: address of a remote provider.
        models_dir: folder of the installed models.
        threads: number of threads of one engine; 0 for its default.
    """

    engine: EngineName = "auto"
    model: str = ""
    device: str = "auto"
    compute_type: str = "auto"
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    models_dir: Path | None = None
    threads: int = 0

    def to_json(self) -> JsonObject:
        """Return plain JSON values; they hold the key."""
        return {**asdict(self), "models_dir": None if self.models_dir is None else str(self.models_dir)}

    @classmethod
    def from_json(cls, data: SpeechConfigJson) -> SpeechConfig:
        """Undo `to_json`."""
        folder = data["models_dir"]
        return cls(
            engine=data["engine"],
            model=data["model"],
            device=data["device"],
            compute_type=data["compute_type"],
            api_key=data["api_key"],
            base_url=data["base_url"],
            models_dir=None if folder is None else Path(folder),
            threads=data["threads"],
        )


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One line of `dayline models list`. `is_chosen` marks the model that `auto` selects."""

    name: str
    engine: str
    is_here: bool
    is_chosen: bool
    note: str
    path: Path | None = None


def load_transcriber(config: SpeechConfig) -> Transcriber:
    """Load the engine that `config` asks for. `name` tells which one `auto` chose.

    Raises `EngineMisconfigured` when a name is unknown, files or the key are missing, or a model cannot be loaded;
    `Unavailable` when a model has to be fetched and the hub cannot be reached.
    """
    if config.engine == "auto":
        return _load_best(config)
    load = _ENGINES.get(config.engine)
    if load is None:
        raise EngineMisconfigured(
            f"There is no speech engine {config.engine!r}. Use one of: "
            f"{', '.join(name for name in get_args(EngineName) if name != 'fake')}."
        )
    return load(config)


def check_speech_config(config: SpeechConfig) -> None:
    """Check names, keys and model folders without loading a model. Raises `EngineMisconfigured`."""
    if config.engine in ("faster-whisper", "onnx-asr"):
        found = _local(config, config.engine)
        if found is None and not config.model:
            raise EngineMisconfigured(f"No model for {config.engine} is installed. Run `dayline models install`.")
        if config.engine == "onnx-asr" and not is_onnx_asr_installed():
            raise EngineMisconfigured(_NO_EXTRA)
    elif config.engine in ("openai", "deepgram") or config.engine not in get_args(EngineName):
        load_transcriber(config)  # remote engines hold no model


def describe_available(config: SpeechConfig) -> list[ModelStatus]:
    """List known and installed models, and the one that `auto` selects; best first. Loads nothing."""
    found = find_models(config.models_dir)
    best = _best_of(found)
    rows = [
        ModelStatus(
            m.name,
            m.engine,
            is_here=True,
            is_chosen=m is best,
            note=_NO_EXTRA if m.engine == "onnx-asr" and not is_onnx_asr_installed() else _note_of(m),
            path=m.path,
        )
        for m in found
    ]
    rows.append(
        ModelStatus(
            "en-us",
            "pocketsphinx",
            is_here=True,
            is_chosen=best is None,
            note="bundled; the last fallback: English only, and most words of real talk are wrong",
        )
    )
    here = {m.name for m in found}
    rows += [
        ModelStatus(m.name, m.engine, is_here=False, is_chosen=False, note=_note_of_known(m))
        for m in KNOWN_MODELS
        if m.name not in here
    ]
    return rows


def _note_of_known(entry: KnownModel) -> str:
    size = f"; {entry.size_bytes / 1e6:.0f} MB" if entry.size_bytes else ""
    open_hashes = "" if entry.has_hashes else "; no hashes known here: only what the hub states is compared"
    return f"{entry.languages}; {entry.note}{size}{open_hashes}"


def _note_of(found: FoundModel) -> str:
    entry = known(found.name)
    return entry.note if entry is not None else found.model_type or "local folder"


def _best_of(found: list[FoundModel]) -> FoundModel | None:
    return next((m for m in found if m.engine != "onnx-asr" or is_onnx_asr_installed()), None)


def _load_best(config: SpeechConfig) -> Transcriber:
    best = _best_of(find_models(config.models_dir))
    if best is None:
        return _pocketsphinx(config)
    return _onnx_asr_from(config, best) if best.engine == "onnx-asr" else _whisper_from(config, str(best.path))


def _pocketsphinx(_: SpeechConfig) -> Transcriber:
    from dayline.asr.pocketsphinx import PocketsphinxTranscriber

    return PocketsphinxTranscriber()


def _faster_whisper(config: SpeechConfig) -> Transcriber:
    found = _local(config, "faster-whisper")
    if found is not None:
        return _whisper_from(config, str(found.path))
    if not config.model:
        raise EngineMisconfigured(
            "No Whisper model is installed. Run `dayline models install whisper-base`, or name a model."
        )
    return _whisper_from(config, config.model)


def _whisper_from(config: SpeechConfig, model: str) -> Transcriber:
    from dayline.asr.faster_whisper import FasterWhisperTranscriber

    return FasterWhisperTranscriber(
        model,
        device=config.device,
        compute_type=config.compute_type,
        threads=config.threads,
    )


def _onnx_asr(config: SpeechConfig) -> Transcriber:
    found = _local(config, "onnx-asr")
    if found is not None:
        return _onnx_asr_from(config, found)
    if not config.model:
        raise EngineMisconfigured(
            "No onnx-asr model is installed. Run `dayline models install parakeet-tdt-0.6b-v3`, or name a model."
        )
    from dayline.asr.onnx_asr import OnnxAsrTranscriber

    return OnnxAsrTranscriber(
        config.model,
        quantization="int8",
        device=config.device,
        threads=config.threads,
    )


def _onnx_asr_from(config: SpeechConfig, found: FoundModel) -> Transcriber:
    from dayline.asr.onnx_asr import OnnxAsrTranscriber

    return OnnxAsrTranscriber(
        found.model_type,
        folder=found.path,
        quantization=found.quantization,
        device=config.device,
        threads=config.threads,
    )


def _local(config: SpeechConfig, engine: ModelEngine) -> FoundModel | None:
    """Find the model folder that is configured; without a name the best one of this engine in `models_dir`."""
    if not config.model:
        return next((m for m in find_models(config.models_dir) if m.engine == engine), None)
    places = (
        [Path(config.model)] if config.models_dir is None else [config.models_dir / config.model, Path(config.model)]
    )
    for place in places:
        if place.is_dir():
            found = recognise(place)
            if found is None or found.engine != engine:
                missing = ", ".join(missing_files(place) or ())
                raise EngineMisconfigured(
                    f"The folder {place.name!r} does not hold a complete model for {engine}"
                    f"{f': {missing} missing' if missing else ''}. `dayline models list` shows what is there."
                )
            return found
    if known(config.model) is not None:
        # Fetching here would delay a day by minutes, or fail it halfway.
        raise EngineMisconfigured(
            f"The model {config.model!r} is not installed. Run `dayline models install {config.model}`."
        )
    if Path(config.model).is_absolute():
        raise EngineMisconfigured(f"There is no model folder {config.model!r}.")
    return None


def _openai(config: SpeechConfig) -> Transcriber:
    from dayline.asr.remote.openai_compatible import OpenAICompatibleTranscriber

    return OpenAICompatibleTranscriber(
        base_url=config.base_url or "https://api.openai.com/v1",
        api_key=config.api_key,
        model=config.model or "whisper-1",
    )


def _deepgram(config: SpeechConfig) -> Transcriber:
    from dayline.asr.remote.deepgram import DeepgramTranscriber

    return DeepgramTranscriber(
        base_url=config.base_url or "https://api.deepgram.com/v1",
        api_key=config.api_key,
        model=config.model or "nova-3",
    )


def _fake(config: SpeechConfig) -> Transcriber:
    from dayline.asr.fake import FakeTranscriber

    return FakeTranscriber.from_file(Path(config.model)) if config.model else FakeTranscriber()


_ENGINES: dict[str, Callable[[SpeechConfig], Transcriber]] = {
    "pocketsphinx": _pocketsphinx,
    "faster-whisper": _faster_whisper,
    "onnx-asr": _onnx_asr,
    "openai": _openai,
    "deepgram": _deepgram,
    "fake": _fake,
}
