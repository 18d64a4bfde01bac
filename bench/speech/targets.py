"""Measure the Whisper adapter beside plain faster-whisper in one run.

    python -m bench.speech.targets --models-dir DIR [--model whisper-tiny.en] [--samples DIR] [--minutes 5]
        [--whisperx PYTHON]

Prints one table: word error rate (jiwer, after Whisper's English text normaliser) on the example days and
on recordings with transcripts, torn words, clips that lost their words, word starts against forced alignment, CPU time,
and words that were invented over generated sound. DIR of --samples may hold a `transcripts.json` with wav files beside
it, and folders in LibriSpeech's layout; utterances without a transcript count for torn words and alignment only. With
--whisperx each clip also goes to WhisperX by the interpreter of an environment that has it; its words have no times.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import jiwer
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from numpy.typing import NDArray
from whisper_normalizer.english import EnglishTextNormalizer

from bench.speech import sounds
from bench.speech.alignment import word_start_errors
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.clips import active_frames
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.transcript import Utterance, Word

_normalised = EnglishTextNormalizer()
_EXAMPLES = Path(__file__).parents[2] / "examples"
_TURN_PAD_SECONDS = 0.2
_LOST_SPEECH_SECONDS = 0.8
_GAP_SECONDS = 5.0
_WHISPERX = Path(__file__).with_name("whisperx_peer.py")
_WHISPERX_SECONDS = 1800.0
Heard = list[list[Word]]
"""The words of each clip."""


@dataclass(frozen=True, slots=True)
class TranscribedClips:
    """Clips with what was said in them; an empty text where it is not known."""

    name: str
    clips: list[Clip]
    texts: list[str]


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", default="whisper-tiny.en")
    parser.add_argument("--samples", type=Path, help="folder with transcribed recordings")
    parser.add_argument("--minutes", type=float, default=5.0, help="generated sound of each kind")
    parser.add_argument("--whisperx", metavar="PYTHON", help="interpreter of an environment with WhisperX")
    parser.add_argument("--utterances", type=int, default=100, help="at most so many of LibriSpeech's layout")
    args = parser.parse_args()
    folder = str(args.models_dir / args.model)
    ours = FasterWhisperTranscriber(folder, device="cpu", threads=1)
    plain = BatchedInferencePipeline(WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1))
    print(f"{args.model}, int8, one thread; peak memory after loading both {_peak_megabytes()} MB\n")
    print(
        "| recordings | engine | WER | torn words | clips without words | start p50 / p95 (s) | x real time per CPU s |"
    )
    print("|---|---|---|---|---|---|---|")
    voices: list[NDArray[np.int16]] = []
    for spoken in _recordings(args.samples, args.utterances):
        voices += [c.samples for c in spoken.clips if spoken.name == "LibriSpeech"]
        _compare(spoken, lambda clips: _ours(ours, clips), "Dayline")
        _compare(spoken, lambda clips: _plain(plain, clips), "faster-whisper")
        if args.whisperx:
            _compare_whisperx(spoken, args.whisperx, folder)
    print("\n| generated sound | minutes | words, Dayline | words, faster-whisper |\n|---|---|---|---|")
    kinds: dict[str, Callable[[np.random.Generator, int], sounds.Samples]] = {
        "silence": sounds.silence,
        "car": sounds.car,
        "fan": sounds.fan,
        "music": sounds.music,
        "beeps": sounds.beeps,
    }
    if voices:
        kinds["babble of 12"] = sounds.babble(voices)
    for kind, make in kinds.items():
        clips = sounds.clips_of(make, args.minutes, seed=1)
        counts = [sum(map(len, hear(clips))) for hear in (lambda c: _ours(ours, c), lambda c: _plain(plain, c))]
        print(f"| {kind} | {args.minutes:g} | {counts[0]} | {counts[1]} |", flush=True)


def _compare(spoken: TranscribedClips, hear: Callable[[list[Clip]], Heard], engine: str) -> None:
    began = time.process_time()
    heard = hear(spoken.clips)
    spent = time.process_time() - began
    seconds = sum(len(c.samples) for c in spoken.clips) / SAMPLE_RATE_HZ
    rate = _error_rate(spoken, [" ".join(w.text for w in words) for words in heard])
    words = [w for line in heard for w in line]
    torn = sum(bool(re.match(r"[,.:%'’-]\w", w.text)) for w in words)
    lost = sum(
        not line and active_frames(c.samples).sum() / 50 >= _LOST_SPEECH_SECONDS
        for c, line in zip(spoken.clips, heard, strict=True)
    )
    errors = word_start_errors(spoken.clips, heard)
    starts = "-"
    if errors:
        starts = f"{np.median(np.abs(errors)):.3f} / {np.percentile(np.abs(errors), 95):.3f} (n {len(errors)})"
    print(
        f"| {spoken.name} | {engine} | {rate} | {torn} of {len(words)} | {lost} of {len(heard)} | {starts} "
        f"| {seconds / spent:.1f} |",
        flush=True,
    )


def _compare_whisperx(spoken: TranscribedClips, python: str, model_folder: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number:04d}.wav" for number in range(len(spoken.clips))]
        for path, clip in zip(paths, spoken.clips, strict=True):
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", "not compressed"))
                file.writeframes(clip.samples.tobytes())
        command = [python, str(_WHISPERX), model_folder, "1", *map(str, paths)]
        ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=_WHISPERX_SECONDS)
    said = json.loads(ran.stdout.splitlines()[-1])
    seconds = sum(len(c.samples) for c in spoken.clips) / SAMPLE_RATE_HZ
    empty = sum(
        not text and active_frames(c.samples).sum() / 50 >= _LOST_SPEECH_SECONDS
        for c, text in zip(spoken.clips, said["texts"], strict=True)
    )
    print(
        f"| {spoken.name} | WhisperX | {_error_rate(spoken, said['texts'])} | - of {said['words']} "
        f"| {empty} of {len(spoken.clips)} | - | {seconds / said['cpu_seconds']:.1f} |",
        flush=True,
    )


def _error_rate(spoken: TranscribedClips, heard: Sequence[str]) -> str:
    pairs = [(_normalised(text), _normalised(said)) for text, said in zip(spoken.texts, heard, strict=True) if text]
    return f"{jiwer.wer([a for a, _ in pairs], [b for _, b in pairs]):.3f}" if pairs else "no transcript"


def _ours(transcriber: FasterWhisperTranscriber, clips: Sequence[Clip]) -> Heard:
    """Transcribe clips as a worker does: packed, checked and tried again."""
    found: Heard = [[] for _ in clips]
    for at in range(0, len(clips), 30):
        block = clips[at : at + 30]
        for utterance in transcribe_checked(transcriber, block, "en").utterances:
            found[at + _clip_of(utterance, block)] += utterance.words or _as_word(utterance)
    return found


def _plain(pipeline: BatchedInferencePipeline, clips: Sequence[Clip]) -> Heard:
    """Transcribe each clip alone with the library's own batched pipeline and default settings."""
    found: Heard = []
    for clip in clips:
        samples = clip.samples.astype(np.float32) / np.float32(32768)
        segments, _ = pipeline.transcribe(samples, language="en", vad_filter=False, word_timestamps=True, batch_size=1)
        found.append(
            [
                Word(w.word.strip(), clip.start_seconds + w.start, clip.start_seconds + w.end)
                for s in segments
                for w in s.words or ()
            ]
        )
    return found


def _clip_of(utterance: Utterance, clips: Sequence[Clip]) -> int:
    middle = (utterance.start_seconds + utterance.end_seconds) / 2
    return min(
        range(len(clips)), key=lambda i: max(clips[i].start_seconds - middle, middle - clips[i].end_seconds, 0.0)
    )


def _as_word(utterance: Utterance) -> tuple[Word, ...]:
    return (Word(utterance.text, utterance.start_seconds, utterance.end_seconds),)


def _recordings(samples: Path | None, most: int) -> list[TranscribedClips]:
    found = [_example(name) for name in ("sample-day", "sibling-day")]
    if samples is None:
        return found
    listed = samples / "transcripts.json"
    if listed.is_file():
        rows = [r for r in json.loads(listed.read_text(encoding="utf-8")) if (samples / r["file"]).is_file()]
        found.append(_laid_out("transcribed", [(_decode(samples / r["file"]), r["text"]) for r in rows]))
    texts: dict[str, str] = {}
    for path in samples.rglob("*.trans.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, gap, said = line.partition(" ")
            if gap:
                texts[name] = said
    files = sorted(samples.rglob("*.flac"))[:most]
    if files:
        found.append(_laid_out("LibriSpeech", [(_decode(f), texts.get(f.stem, "")) for f in files]))
    return found


def _example(name: str) -> TranscribedClips:
    """Return the turns of the customer conversations of an example day."""
    truth = json.loads((_EXAMPLES / name / "truth.json").read_text(encoding="utf-8"))
    visits = [(s["start_seconds"], s["end_seconds"]) for s in truth["segments"] if s["kind"] == "customer"]
    audio = _decode(_EXAMPLES / name / "day.opus")
    clips: list[Clip] = []
    texts: list[str] = []
    for turn in truth["turns"]:
        if any(a - 1 <= turn["start_seconds"] and turn["end_seconds"] <= b + 1 for a, b in visits):
            start = max(0.0, turn["start_seconds"] - _TURN_PAD_SECONDS)
            end = min(turn["end_seconds"] + _TURN_PAD_SECONDS, start + 29.5)
            clips.append(Clip(audio[int(start * SAMPLE_RATE_HZ) : int(end * SAMPLE_RATE_HZ)], start))
            texts.append(turn["text"])
    return TranscribedClips(f"{name}, visits", clips, texts)


def _laid_out(name: str, recordings: Sequence[tuple[NDArray[np.int16], str]]) -> TranscribedClips:
    """Put recordings on one clock with pauses between them; what is longer than a window is left out."""
    clips: list[Clip] = []
    texts: list[str] = []
    at = 0.0
    for samples, text in recordings:
        if len(samples) <= 29.5 * SAMPLE_RATE_HZ:
            clips.append(Clip(samples, at))
            texts.append(text)
            at += len(samples) / SAMPLE_RATE_HZ + _GAP_SECONDS
    return TranscribedClips(name, clips, texts)


def _decode(path: Path) -> NDArray[np.int16]:
    if path.suffix == ".wav":
        with wave.open(str(path)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE_HZ, 1, 2):
                return np.frombuffer(file.readframes(file.getnframes()), np.int16)
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE_HZ)
    parts: list[NDArray[np.int16]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [f.to_ndarray()[0] for f in resampler.resample(frame)]
    return np.concatenate(parts)


def _peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
