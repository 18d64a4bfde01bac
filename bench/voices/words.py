"""Who said each word, with the product's own ingest and a real recogniser.

    python -m bench.voices.words LIBRARY --models-dir DIR [--model whisper-tiny.en] [--conversations 4] [--days 1]
    python -m bench.voices.words FOLDER --models-dir DIR --recordings

A day of known voices (`bench.voices.days`) is written as one recording, goes through ingest, recogniser, voice windows
and naming as in a worker, and every word is compared with who speaks in the middle of it. With `--recordings` the
folder holds wav files with an .rttm; words in overlapped speech are not counted.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from bench.audio.material import RATE_HZ, encode
from bench.audio.windows import chunks_of
from bench.voices.days import Day, build
from bench.voices.run import read_recordings, speaking
from bench.voices.scores import without_short_pauses
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.diarization.assign import assign_speakers
from dayline.diarization.ports import VoiceEmbedder
from dayline.diarization.registry import SAME_VOICE, in_file, load
from dayline.diarization.speaker_labels import diarize_day
from dayline.diarization.voice_windows import embed_clips, merge
from dayline.domain.transcript import Transcript, Utterance

_BRIDGED_SECONDS = 1.0
"""Words begin a little early and end late: pauses of one speaker up to this length belong to the speaker."""


def days_of(library: Path, count: int, conversations: int) -> Iterator[Day]:
    """Build days; the rep changes, and customers are of any sex."""
    voices = speaking(library)
    for k in range(count):
        rep = list(voices)[(k * 3 + 1) % len(voices)]
        others = [name for name in voices if name != rep]
        draw = np.random.default_rng(500 + k)
        yield build(voices, rep, others, draw, conversations=conversations, gap_seconds=(15.0, 60.0))


def sound_of(day: Day) -> np.ndarray:
    """Return a day as int16 samples, with quiet noise between its pieces."""
    out = np.random.default_rng(1).standard_normal(int(day.duration_seconds * RATE_HZ) + RATE_HZ) * 0.0004
    for start, piece in day.pieces:
        at = round(start * RATE_HZ)
        out[at : at + len(piece)] += piece[: len(out) - at]
    return (np.clip(out, -1, 1) * 32767).astype(np.int16)


def heard(day: Day, transcriber: FasterWhisperTranscriber, embedder: VoiceEmbedder) -> Transcript:
    """Take a day through ingest, recogniser, windows and naming."""
    with tempfile.TemporaryDirectory() as folder:
        chunks = chunks_of(encode(sound_of(day), Path(folder) / "day.m4a", "m4a"))
    utterances: list[Utterance] = []
    for chunk in chunks:
        utterances += transcribe_checked(transcriber, chunk, "en").utterances
    voices = diarize_day(merge([embed_clips(embedder, chunk) for chunk in chunks]))
    return assign_speakers(Transcript(tuple(utterances), day.duration_seconds), voices)


def score(day: Day, transcript: Transcript) -> dict[str, float]:
    """Return shares of words: with the right voice, purity, and the rep's precision and recall."""
    truth = without_short_pauses(day.speakers, _BRIDGED_SECONDS)
    pairs: list[tuple[int, str]] = []
    for word in transcript.words:
        middle = min(int((word.start_seconds + word.end_seconds) * 50), len(truth) - 1)
        if truth[middle] >= 0:
            pairs.append((int(truth[middle]), word.speaker or ""))
    names = sorted({label for _, label in pairs})
    table = np.zeros((len(day.names), len(names)))
    for who, label in pairs:
        table[who, names.index(label)] += 1
    rows, columns = linear_sum_assignment(-table)
    rep = names.index("REP") if "REP" in names else None
    right = table[day.rep, rep] if rep is not None else 0.0
    return {
        "words": float(len(transcript.words)),
        "counted": float(len(pairs)),
        "right": float(table[rows, columns].sum() / max(1, len(pairs))),
        "purity": float(table.max(axis=0).sum() / max(1, len(pairs))),
        "rep_precision": float(right / max(1.0, table[:, rep].sum())) if rep is not None else 0.0,
        "rep_recall": float(right / max(1.0, table[day.rep].sum())),
    }


def main() -> None:
    """Read the command line and print a row for each day."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--models-dir", type=Path, required=True)
    parser.add_argument("--model", default="whisper-tiny.en")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--conversations", type=int, default=4)
    parser.add_argument("--recordings", action="store_true")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--same", type=float, default=SAME_VOICE)
    given = parser.parse_args()
    transcriber = FasterWhisperTranscriber(str(given.models_dir / given.model), device="cpu", threads=1)
    embedder = load(in_file(given.encoder, given.same)) if given.encoder else load()
    if given.recordings:
        days = [day for day, _ in read_recordings(given.library)]
    else:
        days = days_of(given.library, given.days, given.conversations)
    rows: list[dict[str, float]] = []
    for day in days:
        rows.append(score(day, heard(day, transcriber, embedder)))
        print({name: round(value, 3) for name, value in rows[-1].items()}, flush=True)
    counted = sum(r["counted"] for r in rows)
    for name in ("right", "purity"):
        print(f"{name} over all words: {sum(r[name] * r['counted'] for r in rows) / max(1.0, counted):.3f}")


if __name__ == "__main__":
    main()
