"""Stored series: peaks in bounded memory, and profiles that are the same after storing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayline.audio.waveform import PeakMeter, Peaks, decode_peaks, decode_profile, encode_peaks, encode_profile
from dayline.domain.acoustic_profile import SERIES, DayProfile
from dayline.domain.errors import DaylineError


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.integers(1, 30))
def test_peaks_stay_few_and_keep_the_loudest(steps, half):
    rng = np.random.default_rng(sum(steps))
    values = rng.integers(0, 32768, sum(steps)).astype(np.uint16)
    meter, at = PeakMeter(2 * half), 0
    for step in steps:
        meter.push(values[at : at + step])
        at += step
    peaks = meter.finish()
    assert len(peaks.values) <= 2 * half + 1
    assert peaks.values.max() == values.max()
    per_point = round(peaks.point_seconds / 0.032)
    expected = [values[i : i + per_point].max() for i in range(0, len(values), per_point)]
    np.testing.assert_array_equal(peaks.values, expected)
    back = decode_peaks(encode_peaks(peaks))
    assert back.point_seconds == peaks.point_seconds
    np.testing.assert_array_equal(back.values, peaks.values)


def profile(seconds, rng):
    values = {name: rng.random(seconds).astype(np.float32) for name in SERIES}
    values["level_dbfs"] = (-100 * values["level_dbfs"]).astype(np.float32)
    values["near"][rng.random(seconds) < 0.5] = np.nan
    return DayProfile(**values)


@pytest.mark.parametrize("seconds", [0, 1, 7, 3600])
def test_profiles_survive_storage(seconds):
    before = profile(seconds, np.random.default_rng(seconds))
    data = encode_profile(before)
    after = decode_profile(data)
    assert after.seconds == seconds
    assert len(data) <= 7 * seconds + 64
    for name in SERIES:
        tolerance = 0.21 if name == "level_dbfs" else 0.0021
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), atol=tolerance)
        assert getattr(after, name).dtype == np.float32


def test_damaged_series_say_so():
    data = encode_profile(profile(100, np.random.default_rng(1)))
    peaks = encode_peaks(Peaks(0.032, np.arange(100, dtype=np.uint16)))
    for read, bad in (
        (decode_profile, b""),
        (decode_profile, data[:10]),
        (decode_profile, data[:-5]),
        (decode_profile, data[:8] + b"\xff\xff\xff\xff" + data[12:]),
        (decode_profile, peaks),
        (decode_peaks, peaks[:-4]),
        (decode_peaks, data),
    ):
        with pytest.raises(DaylineError) as caught:
            read(bad)
        assert caught.value.code == "series_damaged"
