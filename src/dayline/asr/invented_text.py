"""Recognise text that a Whisper model invented over sound without speech.

The model gives the probability that there is no speech and the mean log probability of what it wrote. Over noise, music
and beeps the first is high and the second low; over the babble of a crowd both are middling and the text is a stock
phrase or repeats itself. Over music a model can repeat itself without any doubt ("2-3-4-4-4-4-..."): such text shows by
how far it can be compressed, as in Whisper's own decoder. Thresholds were set on generated sounds and on short pieces
of real speech, clean and at 5 dB signal to noise (`bench/speech`), for tiny.en and base.

Models were trained on films with subtitles and write their credits over noise, in whatever language they guess, and
often without doubt. Nobody says such a line to a customer, so it needs no probability.
"""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

_RULES = ((0.5, -0.75), (0.45, -1.0))
"""Pairs of (no-speech probability above, log probability below)."""
_SUSPECT_NO_SPEECH, _SUSPECT_LOG_PROBABILITY = 0.35, -0.5
_STOCK_NO_SPEECH = 0.6
"""No-speech probability above which a stock phrase alone is invented, however sure the model is of its words."""
_LOOP_COMPRESSION = 2.4
"""Bytes of a text over its bytes deflated from which it is a loop (Radford et al., 2022, section 4.5)."""
_LEAST_LOOP_BYTES = 40
_LEAST_REPEATED_WORDS = 3
_SENTENCE = re.compile(r"[.!?…。！？]+\s*")
_STOCK_PHRASES = frozenset(
    {
        "",
        "bye",
        "bye bye",
        "so",
        "thank you",
        "thank you for watching",
        "thank you so much",
        "thank you very much",
        "thanks for watching",
        "you",
        "vielen dank",
        "vielen dank fürs zuschauen",
        "merci",
        "merci d'avoir regardé cette vidéo",
        "gracias",
        "gracias por ver el video",
        "grazie",
        "obrigado",
        "bedankt voor het kijken",
        "dziękuję",
        "спасибо",
        "спасибо за просмотр",
        "продолжение следует",
        "ありがとうございました",
        "ご視聴ありがとうございました",
        "谢谢",
        "谢谢观看",
        "감사합니다",
        "시청해 주셔서 감사합니다",
    }
)
"""Stock phrases of subtitles. When really spoken, they have a low no-speech probability."""
_LONGEST_CREDIT_CHARACTERS = 90
_CREDIT = re.compile(
    r"amara\.org|castingwords|opensubtitles|^\W*(?:"
    r"subtitles by\b|transcription by\b"
    r"|untertitel(?:ung)? (?:im auftrag|des zdf|der amara|von|aufgrund)\b"
    r"|sous-titres\b.*\b(?:réalisés?|faits?) par\b|sous-titrage (?:société|st|mfp)\b"
    r"|subtítulos\b.*\b(?:realizados|creados) por\b|legendas\b.*\bpela comunidade\b"
    r"|sottotitoli\b.*\b(?:creati|a cura)\b|ondertite(?:ls|ling|ld)\b.*\bdoor\b"
    r"|napisy\b.*\bprzez\b|undertekst(?:er|ning) (?:av|af|ved)\b"
    r"|субтитры (?:сделал|создавал|подогнал|и перевод)|редактор субтитров"
    r"|(?:中文|英文)?字幕(?:由|by|志愿|制作|组|組|製作)"
    r")",
    re.IGNORECASE,
)
"""Credits of subtitles: who made them, and for whom."""


def is_invented(text: str, no_speech_probability: float, log_probability: float) -> bool:
    """Return whether the text of a window was invented, by the two probabilities that the model gives for it."""
    if not text:
        return False
    if not any(character.isalnum() for character in text):
        return True
    if no_speech_probability > _SUSPECT_NO_SPEECH and is_loop(text):
        return True
    if any(no_speech_probability > n and log_probability < p for n, p in _RULES):
        return True
    if no_speech_probability > _STOCK_NO_SPEECH and _is_stock(_sentences(text)):
        return True
    is_suspect = no_speech_probability > _SUSPECT_NO_SPEECH and log_probability < _SUSPECT_LOG_PROBABILITY
    return is_suspect and _says_nothing(text)


def is_loop(text: str) -> bool:
    """Return whether a text repeats itself so much that nobody said it, inside of words as well."""
    data = text.encode()
    return len(data) >= _LEAST_LOOP_BYTES and len(data) > _LOOP_COMPRESSION * len(zlib.compress(data))


def is_subtitle_credit(text: str) -> bool:
    """Return whether a line is the credit of subtitles, such as "Untertitel der Amara.org-Community"."""
    return len(text) <= _LONGEST_CREDIT_CHARACTERS and bool(_CREDIT.search(text))


def _says_nothing(text: str) -> bool:
    """Return whether every sentence is a stock phrase, one follows itself, all words are one, or all are numbers."""
    if not any(character.isalpha() for character in text):
        return True
    said = _sentences(text)
    words = " ".join(said).split()
    if len(words) >= _LEAST_REPEATED_WORDS and len(set(words)) == 1:
        return True
    follows_itself = any(one == other and len(one.split()) >= _LEAST_REPEATED_WORDS for one, other in pairwise(said))
    return follows_itself or _is_stock(said) or (len(said) > 1 and len(set(said)) == 1)


def _is_stock(sentences: list[str]) -> bool:
    return all(s in _STOCK_PHRASES for s in sentences)


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text in lower case, without punctuation; empty ones are left out."""
    sentences = (re.sub(r"[^\w\s']+", "", s).strip().lower() for s in _SENTENCE.split(text))
    return [s for s in sentences if s]
