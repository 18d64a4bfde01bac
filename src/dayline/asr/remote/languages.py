"""Convert language names of providers (`english`) to primary tags."""

from __future__ import annotations

_TAGS_BY_NAME = {
    "afrikaans": "af", "arabic": "ar", "bulgarian": "bg", "bengali": "bn", "bosnian": "bs", "catalan": "ca",
    "czech": "cs", "welsh": "cy", "danish": "da", "german": "de", "greek": "el", "english": "en", "spanish": "es",
    "estonian": "et", "basque": "eu", "persian": "fa", "finnish": "fi", "french": "fr", "galician": "gl",
    "gujarati": "gu", "hebrew": "he", "hindi": "hi", "croatian": "hr", "hungarian": "hu", "armenian": "hy",
    "indonesian": "id", "icelandic": "is", "italian": "it", "japanese": "ja", "georgian": "ka", "kazakh": "kk",
    "kannada": "kn", "korean": "ko", "lithuanian": "lt", "latvian": "lv", "macedonian": "mk", "malayalam": "ml",
    "marathi": "mr", "malay": "ms", "maltese": "mt", "nepali": "ne", "dutch": "nl", "norwegian": "no",
    "punjabi": "pa", "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "slovak": "sk",
    "slovenian": "sl", "albanian": "sq", "serbian": "sr", "swedish": "sv", "swahili": "sw", "tamil": "ta",
    "telugu": "te", "thai": "th", "tagalog": "tl", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "vietnamese": "vi", "chinese": "zh", "mandarin": "zh",
}  # fmt: skip


def tag_of(language: object) -> str | None:
    """Return the primary tag of a name or tag, None for what is neither."""
    if not isinstance(language, str):
        return None
    text = language.strip().lower()
    if text in _TAGS_BY_NAME:
        return _TAGS_BY_NAME[text]
    tag = text.replace("_", "-").split("-", 1)[0]
    return tag if 2 <= len(tag) <= 3 and tag.isalpha() else None
