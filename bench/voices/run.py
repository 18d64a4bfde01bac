"""Who spoke, measured on days of known voices.

    python -m bench.voices.run LIBRARY [--days 6] [--set mixed] [--gaps 5 15] [--encoder FILE]

LIBRARY holds one folder of utterances per voice (LibriSpeech, SPEAKERS.TXT beside them for the sets of one sex), or is
`examples`: the synthetic voices of the example days. `--gaps` sets the pauses between conversations (20 to 300 s).
Sets: `mixed` any customers; `same` customers of the rep's sex only; `eqsame` the same with the long-term spectrum of
every voice made equal; `mixedmany`, `eqsamemany` twelve customers, most of them voices shifted in pitch and tract. With
`--recordings` the folder holds wav files with an .rttm beside them instead (overlapped speech is not scored).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from bench.audio.mix import read_voices as example_voices
from bench.voices.days import RATE_HZ, Day, Sound, build, equalised, read_sound, read_voices, shifted
from bench.voices.scores import frames_of, rep_scores, scores, without_short_pauses
from dayline.diarization.ports import VoiceEmbedder
from dayline.diarization.registry import SAME_VOICE, in_file, load
from dayline.diarization.speaker_labels import DayVoices, diarize_day
from dayline.diarization.voice_windows import VoiceWindows, embed_clips
from dayline.domain.clip import Clip

SETS = ("mixed", "same", "eqsame", "mixedmany", "eqsamemany")
SPEECH = VadOptions(
    threshold=0.4, neg_threshold=0.25, min_speech_duration_ms=250, min_silence_duration_ms=300, max_speech_duration_s=20
)


def main() -> None:
    """Run one set or all, and print a row each."""
    options = argparse.ArgumentParser(description="Measure who spoke on days of known voices.")
    options.add_argument("library", type=Path)
    options.add_argument("--days", type=int, default=6)
    options.add_argument("--set", choices=SETS, action="append")
    options.add_argument("--gaps", type=float, nargs=2, default=(20.0, 300.0), metavar="SECONDS")
    options.add_argument("--recordings", action="store_true")
    options.add_argument("--encoder", type=Path, help="an ONNX file in place of the encoder that ships")
    options.add_argument("--same", type=float, default=SAME_VOICE, help="of that file, as DAYLINE_VOICE_MODEL_SAME")
    given = options.parse_args()
    embedder = load(in_file(given.encoder, given.same)) if given.encoder else load()
    if given.recordings:
        for day, stem in read_recordings(given.library):
            report(stem, [score(day, diarize_day(hear(day, embedder)))])
        return
    voices = speaking(given.library)
    for name in given.set or SETS:
        days = days_of(name, voices, sexes(given.library), given.days, (given.gaps[0], given.gaps[1]))
        report(name, [run_day(day, embedder) for day in days])


def speaking(library: Path) -> dict[str, list[Sound]]:
    """Return the voices of a library; of the example days, those with 20 s of speech or more."""
    if library != Path("examples"):
        return read_voices(library)
    return {name: said for name, said in example_voices(None).items() if sum(map(len, said)) > 20 * RATE_HZ}


def days_of(
    name: str,
    voices: dict[str, list[Sound]],
    sex: dict[str, str],
    count: int,
    gaps: tuple[float, float] = (20.0, 300.0),
):
    """Build the days of a set, one at a time."""
    base = equalised(voices) if name.startswith("eq") else dict(voices)
    many = name.endswith("many")
    pool = {**base, **shifted(base, 0.87), **shifted(base, 1.14)} if many else base
    for k in range(count):
        draw = np.random.default_rng(100 + k)
        rep = list(base)[(k * 3 + 1) % len(base)]
        others = [v for v in pool if v.split("x")[0] != rep]
        if "same" in name:
            others = [v for v in others if sex[v.split("x")[0]] == sex[rep]]
        if many:
            others = [str(o) for o in draw.choice(others, min(12, len(others)), replace=False)]
        yield build(pool, rep, others, draw, gap_seconds=gaps)


def hear(day: Day, embedder: VoiceEmbedder) -> VoiceWindows:
    """Find speech and embed it, as a worker does."""
    clips = [
        Clip((np.clip(x[s["start"] : s["end"]], -1, 1) * 32767).astype(np.int16), t + s["start"] / RATE_HZ)
        for t, x in day.pieces
        for s in get_speech_timestamps(x, SPEECH)
    ]
    return embed_clips(embedder, clips)


def run_day(day: Day, embedder: VoiceEmbedder) -> dict[str, float]:
    """Score one day."""
    return score(day, diarize_day(hear(day, embedder)))


def score(day: Day, found: DayVoices) -> dict[str, float]:
    """Compare with the truth; `precision` and `recall` are of the rep's speech, `der_strict` counts every pause."""
    number = {v.label: i for i, v in enumerate(found.voices)}
    turns = [(t.start_seconds, t.end_seconds, number[t.label]) for t in found.turns]
    frames = frames_of(turns, len(day.speakers))
    out = scores(without_short_pauses(day.speakers), frames)
    out["der_strict"] = scores(day.speakers, frames)["der"]
    out["precision"], out["recall"] = rep_scores(day.speakers, frames, day.rep, number.get("REP", -5))
    return out


def report(name: str, rows: list[dict[str, float]]) -> None:
    """Print means, and the worst day of the rep."""
    means = "  ".join(f"{key} {np.mean([r[key] for r in rows]):.3f}" for key in rows[0])
    worst = f"worst P {min(r['precision'] for r in rows):.2f} R {min(r['recall'] for r in rows):.2f}"
    print(f"{name} ({len(rows)})  {means}  {worst}  {time.process_time():.0f} CPU s", flush=True)


def sexes(library: Path) -> dict[str, str]:
    """Read the voices' sex from LibriSpeech's table."""
    table = library / "SPEAKERS.TXT"
    rows = [line.split("|") for line in table.read_text().splitlines() if "|" in line] if table.exists() else []
    return {r[0].strip(): r[1].strip() for r in rows}


def read_recordings(folder: Path):
    """Read wav files and who speaks in them; frames of two voices at once are -2 (not scored)."""
    lines = [line.split() for table in folder.glob("*.rttm") for line in table.read_text().splitlines()]
    for path in sorted(folder.glob("*.wav")):
        sound = read_sound(path)
        rows = [r for r in lines if r[1] == path.stem]
        names = sorted({r[7] for r in rows})
        table = np.zeros((len(names), len(sound) // 160 + 1), bool)
        for r in rows:
            table[names.index(r[7]), int(float(r[3]) * 100) : int((float(r[3]) + float(r[4])) * 100)] = True
        speakers = np.where(table.any(axis=0), table.argmax(axis=0), -1)
        speakers[table.sum(axis=0) > 1] = -2
        yield Day([(0.0, sound)], speakers.astype(np.int16), 0, names), path.stem


if __name__ == "__main__":
    main()
