"""Lines of text spoken by Debian's flite and festival voices, as 16 kHz mono samples.

Needs the programs `flite` and `text2wave` (packages flite, festival, festvox-kallpc16k, festvox-kdlpc16k,
festvox-us-slt-hts). A voice may be resampled: that moves pitch and resonances together, as another body does, and is
how one recorded speaker gives two people; the speed is taken back by telling the synthesiser to speak slower.
"""

from __future__ import annotations

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]
"""Mono samples in -1..1 at `SAMPLE_RATE`."""

SAMPLE_RATE = 16_000
_SPEAK_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Voice:
    """One person: the synthesiser, its shift and speed, and the level at the microphone."""

    name: str
    engine: str
    voice: str
    resample: float = 1.0
    slow: float = 1.0
    level_db: float = -24.0
    person: str = ""

    @property
    def label(self) -> str:
        """Name of this person's voice in the truth file, such as `flite:slt*0.86`."""
        return f"{self.engine}:{self.voice}" + ("" if self.resample == 1.0 else f"*{self.resample:g}")


def speak(voice: Voice, text: str) -> Samples:
    """`text` in this voice, silence at both ends cut, at -20 dBFS while there is sound; float64[n] at 16 kHz.

    Raises subprocess.CalledProcessError when the synthesiser fails, FileNotFoundError when it is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "line.wav"
        command, spoken = _command(voice, text, target)
        subprocess.run(
            command,
            input=spoken,
            check=True,
            timeout=_SPEAK_TIMEOUT_SECONDS,
            stderr=subprocess.DEVNULL,
        )
        with wave.open(str(target)) as file:
            rate = file.getframerate()
            raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768.0
    return level(trim(stretch(raw, rate * voice.resample / SAMPLE_RATE)), -20.0)


def _command(voice: Voice, text: str, target: Path) -> tuple[list[str], bytes]:
    if voice.engine == "flite":
        setting = f"duration_stretch={voice.resample * voice.slow}"
        return ["flite", "-voice", voice.voice, "--setf", setting, "-t", text, "-o", str(target)], b""
    if voice.engine == "festival":
        setting = f"(Parameter.set 'Duration_Stretch {voice.resample * voice.slow})"
        return ["text2wave", "-eval", f"(voice_{voice.voice})", "-eval", setting, "-o", str(target)], text.encode()
    raise ValueError(f"no synthesiser is called {voice.engine!r}")


def stretch(samples: Samples, factor: float) -> Samples:
    """Return `samples` played `factor` times as fast, band-limited, by cutting or padding the spectrum."""
    wanted = round(len(samples) / factor)
    spectrum = np.fft.rfft(samples)
    resized = np.zeros(wanted // 2 + 1, dtype=complex)
    kept = min(len(resized), len(spectrum))
    resized[:kept] = spectrum[:kept]
    return np.fft.irfft(resized, wanted) * (wanted / len(samples))


def trim(samples: Samples, floor_db: float = -38.0) -> Samples:
    """Trim both ends while they stay `floor_db` below the loudest 10 ms, keeping a margin of 20 ms."""
    frame = SAMPLE_RATE // 100
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = (frames**2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (floor_db / 10))
    return samples[max(0, loud[0] - 2) * frame : (loud[-1] + 3) * frame]


def level(samples: Samples, target_db: float) -> Samples:
    """Scale so that the 10 ms frames within 25 dB of the loudest have an RMS of `target_db` dBFS."""
    frame = SAMPLE_RATE // 100
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    power = (frames**2).mean(axis=1)
    sounding = power[power > power.max() * 10**-2.5]
    return samples * 10 ** (target_db / 20) / np.sqrt(sounding.mean())
