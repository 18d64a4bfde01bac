from typing import TypedDict

from faster_whisper.tokenizer import Tokenizer

class Word:
    start: float
    end: float
    word: str
    probability: float

class Segment:
    start: float
    end: float
    text: str
    words: list[Word] | None

class Alignment(TypedDict):
    word: str
    tokens: list[int]
    start: float
    end: float
    probability: float

def get_suppressed_tokens(tokenizer: Tokenizer, suppress_tokens: list[int]) -> list[int]: ...
def merge_punctuations(alignment: list[Alignment], prepended: str, appended: str) -> None: ...
