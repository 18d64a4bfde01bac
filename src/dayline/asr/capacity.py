"""Choose the number of recognisers of a worker, their threads, and the length of their chunks.

Recognisers are processes with a model each. One per core with one thread is the fastest division of a CPU as long as
the models fit into memory; where they do not, fewer recognisers share the cores by threads. A GPU is served by one
recogniser per card, whose chunks are long enough to fill a batch of 16 windows.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from dayline.asr.model_catalog import find_models, is_onnx_asr_installed, recognise
from dayline.asr.registry import SpeechConfig

_PROCESS_BYTES = 300_000_000
_BYTES_PER_WEIGHT_BYTE = 2.5
"""Loading converts weights to the compute type, so that both forms are in memory for a moment."""
_MEMORY_SHARE = 0.6
"""The rest is for decoding, voices, the database and the system."""
_CPU_CHUNK_SECONDS = 120.0
_GPU_CHUNK_SECONDS = 600.0
_LOCAL_ENGINES = ("auto", "faster-whisper", "onnx-asr")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a worker can use."""

    cores: int
    memory_bytes: int
    cards: tuple[str, ...]
    """NVIDIA cards, as `CUDA_VISIBLE_DEVICES` names them."""


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """How one worker divides its machine."""

    recognisers: int
    threads_per_recogniser: int
    chunk_speech_seconds: float
    cards: tuple[str, ...] = ()
    """Cards that the recognisers share out between them; none where they run on the CPU."""


def this_machine() -> Machine:
    """Return what this process may use: its cores, its memory limit, and the NVIDIA cards that are visible."""
    return Machine(len(os.sched_getaffinity(0)), _memory_bytes(), _visible_cards())


def plan_capacity(config: SpeechConfig, machine: Machine, *, recognisers: int = 0, threads: int = 0) -> CapacityPlan:
    """Divide a machine between recognisers. `recognisers` and `threads` are set by the operator, or 0."""
    cores = max(1, machine.cores)
    if config.engine in _LOCAL_ENGINES and config.device != "cpu" and machine.cards:
        count = recognisers or len(machine.cards)
        return CapacityPlan(count, threads or max(1, cores // count), _GPU_CHUNK_SECONDS, machine.cards)
    if not recognisers:
        fitting = int(machine.memory_bytes * _MEMORY_SHARE / _bytes_per_recogniser(config))
        recognisers = max(1, min(cores // (threads or 1), fitting))
    return CapacityPlan(recognisers, threads or max(1, cores // recognisers), _CPU_CHUNK_SECONDS)


def _bytes_per_recogniser(config: SpeechConfig) -> float:
    folder = _model_folder(config)
    if folder is None:
        return _PROCESS_BYTES
    weights = sum(p.stat().st_size for p in folder.iterdir() if p.suffix in (".bin", ".onnx", ".data"))
    return _PROCESS_BYTES + _BYTES_PER_WEIGHT_BYTE * weights


def _model_folder(config: SpeechConfig) -> Path | None:
    """Return the folder that the engine will load, None for engines and models without one here."""
    if config.engine not in _LOCAL_ENGINES:
        return None
    if config.model and config.engine != "auto":
        places = [Path(config.model)]
        if config.models_dir is not None:
            places.insert(0, config.models_dir / config.model)
        return next((p for p in places if recognise(p) is not None), None)
    for found in find_models(config.models_dir):
        is_usable = found.engine != "onnx-asr" or is_onnx_asr_installed()
        if is_usable and config.engine in ("auto", found.engine):
            return found.path
    return None


def _memory_bytes() -> int:
    total = int(psutil.virtual_memory().total)
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            total = min(total, int(limit.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return total


def _visible_cards() -> tuple[str, ...]:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return tuple(str(n) for n, _ in enumerate(Path("/dev").glob("nvidia[0-9]*")))
    cards: list[str] = []
    for card in (v.strip() for v in visible.split(",")):
        if card in ("", "-1"):  # CUDA ignores what stands behind an invalid name
            break
        cards.append(card)
    return tuple(cards)
