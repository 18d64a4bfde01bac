from __future__ import annotations

import pytest

from dayline.asr.invented_text import is_invented, is_subtitle_credit


@pytest.mark.parametrize(
    ("text", "silence", "likely"),
    [
        ("you", 0.9, -1.2),
        ("Thank you very much.", 0.82, -0.81),
        ("Thank you. Thank you.", 0.52, -1.07),
        ("That's the only way to be alive. That's the only way to be alive.", 0.40, -0.74),
        ("All of us. All of us. All of us.", 0.72, -0.65),
        (". . .", 0.91, -1.09),
        ("2-3-4" + "-4" * 100, 0.52, -0.08),
        ("1 cm x" + " 2 cm x" * 30, 0.78, -0.13),
        ("\u200e" + "\u200d" * 80, 0.60, -0.15),
        ("I don't know what's going on in the right wing. " * 5, 0.70, -0.34),
        ("That's all. Let me know what you're worried about. Let me know what you're worried about.", 0.54, -0.87),
        ("I don't know why, I don't know why. I don't know why. I don't know why.", 0.58, -0.65),
        ("What had happened?", 0.5, -1.1),
        ("1.5% 1.5% 1.5% 1.5%", 0.59, -0.94),
        ("1.0.0.0.0.0.0.0.0", 0.52, -0.86),
        ("en en en en en en", 0.42, -1.52),
        ("I want you to try and do that over 500 pieces.", 0.59, -0.80),
        ("Thank you.", 0.855, -0.33),
        ("Thank you.", 0.832, -0.48),
        ("Vielen Dank.", 0.4, -0.7),
        ("ご視聴ありがとうございました。", 0.5, -0.6),
    ],
)
def test_what_models_wrote_over_noise_and_babble_is_invented(text, silence, likely):
    assert is_invented(text, silence, likely)


@pytest.mark.parametrize(
    ("text", "silence", "likely"),
    [
        ("Thank you.", 0.05, -0.4),
        ("Thank you.", 0.5, -0.3),
        ("Thank you, Karen.", 0.83, -0.4),
        ("212 555 0186.", 0.7, -0.4),
        ("1.5%", 0.2, -0.9),
        ("212 555 0186.", 0.5, -0.4),
        ("Yes. Yes. I see. I see.", 0.4, -0.6),
        ("No, no, no.", 0.2, -0.6),
        ("No, no, no, no, no, we are not going to do that this year.", 0.4, -0.4),
        ("It is two by two by four, so two of them make four, and four of them make eight by eight.", 0.4, -0.4),
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


@pytest.mark.parametrize(
    "text",
    [
        "Untertitel der Amara.org-Community",
        "Untertitel im Auftrag des ZDF für funk, 2017",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Sous-titrage Société Radio-Canada",
        "Subtítulos realizados por la comunidad de Amara.org",
        "Sottotitoli e revisione a cura di QTSS",
        "Ondertitels ingediend door de Amara.org gemeenschap",
        "Undertekster av Ai-Media",
        "Субтитры сделал кто-то",
        "字幕由Amara.org社區提供",
        "Subtitles by the Amara.org community.",
    ],
)
def test_credits_of_subtitles_are_known(text):
    assert is_subtitle_credit(text)


@pytest.mark.parametrize(
    "text",
    [
        "Can you turn on the subtitles by the time I am back?",
        "Subtitles by the way are not part of it, and I would not pay for them if they were, not in this house.",
        "Ich habe die Untertitel von dem Film gelesen.",
        "The subtitles were too small for my mother.",
        "Der Film hat keine Untertitel.",
        "Los subtítulos no me gustan.",
        "Les sous-titres sont trop petits.",
    ],
)
def test_talk_about_subtitles_is_no_credit(text):
    assert not is_subtitle_credit(text)
