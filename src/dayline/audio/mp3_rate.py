"""Detect mp3 files of constant bit rate, in which time is proportional to the byte offset."""

from __future__ import annotations

_RATES_KBIT = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
"""Bit rates of layer III by header index: MPEG 1, and MPEG 2 and 2.5 (ISO 11172-3, 13818-3)."""

_SAMPLES_HZ = ((44100, 48000, 32000), (22050, 24000, 16000), (11025, 12000, 8000))
_LEAST_FRAMES = 20


def has_constant_rate(*samples: bytes) -> bool:
    """Return whether every frame header in these parts of one mp3 names the same bit rate.

    Parts may begin anywhere. Also False when a part holds too few frames, or the file's own table (Xing)
    declares a variable rate.
    """
    found: set[int] = set()
    for data in samples:
        if b"Xing" in data[:8192] or b"VBRI" in data[:8192]:
            return False
        rates = _rates(data)
        if b"Info" in data[:8192]:
            rates = rates[1:]  # the frame that holds the table is as large as the table needs
        if len(rates) < _LEAST_FRAMES:
            return False
        found.update(rates)
    return len(found) == 1


def _rates(data: bytes) -> list[int]:
    """Return the bit rates of consecutive frames, from the first place where three follow one another."""
    at = 0
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 <= len(data):
        rates = _run(data, at)
        if len(rates) >= 3:
            return rates
        at += 1
    return []


def _run(data: bytes, at: int) -> list[int]:
    rates: list[int] = []
    while at + 4 <= len(data) and (frame := _frame(data[at : at + 4])) is not None:
        rate, length = frame
        rates.append(rate)
        at += length
    return rates


def _frame(head: bytes) -> tuple[int, int] | None:
    """Return (bit rate in kbit/s, length in bytes) of a layer III frame header, or None."""
    if head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate_index, sample_index = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate_index in (0, 15) or sample_index == 3:
        return None
    is_first = version == 3
    rate = _RATES_KBIT[0 if is_first else 1][rate_index]
    sample_rate = _SAMPLES_HZ[{3: 0, 2: 1, 0: 2}[version]][sample_index]
    return rate, (144 if is_first else 72) * rate * 1000 // sample_rate + (head[2] >> 1 & 1)
