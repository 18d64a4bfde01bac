from collections.abc import Sequence

class HfTokenizer:
    """`tokenizers.Tokenizer`."""

class Tokenizer:
    eot: int
    def __init__(self, tokenizer: HfTokenizer, multilingual: bool, task: str = ..., language: str = ...) -> None: ...
    def decode(self, tokens: Sequence[int]) -> str: ...
