from __future__ import annotations

import pytest

from dayline.asr.invented_text import is_invented


@pytest.mark.parametrize(
    ("text", "silence", "likely"),
    [
        ("you", 0.9, -1.2),
        ("Thank you very much.", 0.82, -0.81),
        ("Thank you. Thank you.", 0.52, -1.07),
        ("That's the only way to be alive. That's the only way to be alive.", 0.40, -0.74),
        ("All of us. All of us. All of us.", 0.72, -0.65),
        (". . .", 0.91, -1.09),
        ("What had happened?", 0.5, -1.1),
    ],
)
def test_what_models_wrote_over_noise_and_babble_is_invented(text, silence, likely):
    assert is_invented(text, silence, likely)


@pytest.mark.parametrize(
    ("text", "silence", "likely"),
    [
        ("Thank you.", 0.05, -0.4),
        ("Thank you.", 0.5, -0.3),
        ("for 2 I will see.", 0.61, -0.65),
        ("You feel as...", 0.44, -0.82),
        ("Why?", 0.37, -1.02),
        ("text for keeping bachelor following.", 0.28, -1.10),
        ("That, hold out. Patience is genius.", 0.36, -0.96),
        ("", 0.9, -2.0),
    ],
)
def test_what_models_wrote_over_speech_is_kept(text, silence, likely):
    assert not is_invented(text, silence, likely)
