"""Adapter for servers with OpenAI's `/v1/audio/transcriptions`: OpenAI, Groq, speaches, vLLM, your own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NotRequired, TypedDict

from dayline.asr.clips import is_audible, refuse_unfit, text_in, utterance_in
from dayline.asr.invented_text import is_invented
from dayline.asr.language_plan import ClipLanguages, plan_languages
from dayline.asr.pieces import Piece, words_from_text
from dayline.asr.ports import Limits
from dayline.asr.remote.flac import encode_flac
from dayline.asr.remote.http import RequestRefused, SpeechHttp
from dayline.asr.remote.languages import tag_of
from dayline.domain.clip import Clip
from dayline.domain.transcript import Utterance, Word

_MAX_CLIP_SECONDS = 30.0
_NAMED_PROBABILITY = 0.9
"""Probability of a language that a server names; servers send none."""
_TEXT_ONLY_MODELS = ("gpt-4o",)


class _WordJson(TypedDict):
    word: str
    start: float
    end: float
    probability: NotRequired[float]


class _SegmentJson(TypedDict):
    text: str
    start: float
    end: float
    no_speech_prob: NotRequired[float]
    avg_logprob: NotRequired[float]
    words: NotRequired[list[_WordJson] | None]


class _TranscriptionJson(TypedDict):
    text: str
    language: NotRequired[str | None]
    segments: NotRequired[list[_SegmentJson] | None]
    words: NotRequired[list[_WordJson] | None]


@dataclass(frozen=True, slots=True)
class _Answer:
    utterance: Utterance | None
    language: str | None
    dropped: int


class OpenAICompatibleTranscriber:
    """One request per clip, a few at a time. Words where the server gives them, else the clip's text as a whole.

    base_url: up to and including `/v1`. api_key: may be empty for servers that ask for none. Servers that refuse
    `verbose_json` are asked for plain `json` from then on.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        model: str,
        timeout_seconds: float = 120.0,
        attempts: int = 5,
        first_pause_seconds: float = 1.0,
        parallel_requests: int = 4,
    ) -> None:
        self._http = SpeechHttp(
            "The transcription server",
            base_url,
            {"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout_seconds=timeout_seconds,
            attempts=attempts,
            first_pause_seconds=first_pause_seconds,
        )
        self._model = model
        self._gives_details = not model.startswith(_TEXT_ONLY_MODELS)
        self._parallel_requests = parallel_requests
        self._dropped_lines = 0
        self._non_speech: set[float] = set()
        self._answers: dict[bytes, _Answer] = {}

    @property
    def name(self) -> str:
        """`openai:` and the model's name."""
        return f"openai:{self._model}"

    @property
    def limits(self) -> Limits:
        """Clips of at most 30 s. Words unless the server has refused them."""
        return Limits(
            max_clip_seconds=_MAX_CLIP_SECONDS,
            languages=None,
            gives_words=self._gives_details,
            gives_word_confidence=False,
            gives_speakers=False,
            is_remote=True,
        )

    @property
    def dropped_lines(self) -> int:
        """Number of segments that the server sent although it classified the sound as non-speech."""
        return self._dropped_lines

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def take_non_speech(self) -> frozenset[float]:
        """Return the starts of the clips classified as non-speech since the last call, and clear the list."""
        taken, self._non_speech = frozenset(self._non_speech), set()
        return taken

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        """Transcribe every clip without a language, and decide its language together with its neighbours.

        The answers are kept for the `transcribe` that follows: only clips whose decided language differs are sent
        again.
        """
        audible = [c for c in clips if is_audible(c)]
        named: dict[float, str] = {}
        for clip, answer in zip(audible, self._ask(audible, None), strict=True):
            self._answers[_digest(clip)] = answer
            if answer.language:
                named[clip.start_seconds] = answer.language
        return plan_languages([_named(clip, named.get(clip.start_seconds)) for clip in clips])

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Send each clip as FLAC; raises `Unavailable` when one of them fails."""
        tag = refuse_unfit(clips, language, self.limits)
        ready: dict[int, _Answer] = {}
        missing: list[int] = []
        for i, clip in enumerate(clips):
            known = self._answers.pop(_digest(clip), None) if self._answers else None
            if known is not None and known.language in (tag, None):
                ready[i] = known
            elif is_audible(clip):
                missing.append(i)
        ready.update(zip(missing, self._ask([clips[i] for i in missing], tag), strict=True))
        self._dropped_lines += sum(a.dropped for a in ready.values())
        self._non_speech |= {clips[i].start_seconds for i, a in ready.items() if a.dropped and a.utterance is None}
        return [u for i in sorted(ready) if (u := ready[i].utterance) is not None]

    def _ask(self, clips: Sequence[Clip], language: str | None) -> list[_Answer]:
        if not clips:
            return []
        # The first one alone: it finds out whether the server gives details.
        first = self._ask_one(clips[0], language)
        if len(clips) == 1:
            return [first]
        with ThreadPoolExecutor(max_workers=self._parallel_requests) as pool:
            return [first, *pool.map(partial(self._ask_one, language=language), clips[1:])]

    def _ask_one(self, clip: Clip, language: str | None) -> _Answer:
        audio = encode_flac(clip.samples)
        if self._gives_details:
            try:
                return self._post(clip, audio, language, detailed=True)
            except RequestRefused as refusal:
                if refusal.http_status not in (400, 415, 422):
                    raise
                answer = self._post(clip, audio, language, detailed=False)
                self._gives_details = False
                return answer
        return self._post(clip, audio, language, detailed=False)

    def _post(self, clip: Clip, audio: bytes, language: str | None, *, detailed: bool) -> _Answer:
        fields: dict[str, str | list[str]] = {"model": self._model, "temperature": "0"}
        fields["response_format"] = "verbose_json" if detailed else "json"
        if detailed:
            fields["timestamp_granularities[]"] = ["word", "segment"]
        if language:
            fields["language"] = language
        files = {"file": ("clip.flac", audio, "audio/flac")}
        return self._http.post("/audio/transcriptions", lambda a: _read(clip, a), data=fields, files=files)


def _read(clip: Clip, answer: _TranscriptionJson) -> _Answer:
    text = answer["text"]
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - the server may answer anything
        raise TypeError("text")
    segments = answer.get("segments") or []
    guesses = [s for s in segments if _is_guess(s)]
    if guesses:
        text = " ".join(str(s["text"]).strip() for s in segments if not _is_guess(s))
    words = _words(clip, answer.get("words") or [w for s in segments for w in s.get("words") or []], text, guesses)
    utterance = utterance_in(clip, words) if words else text_in(clip, text)
    return _Answer(utterance, tag_of(answer.get("language")), len(guesses))


def _words(clip: Clip, words: list[_WordJson], text: str, guesses: list[_SegmentJson]) -> list[Word]:
    """Give the server's text the times of its words, which come without punctuation or in pieces."""
    pieces: list[Piece] = []
    for word in words:
        start, end = float(word["start"]), float(word["end"])
        if not any(float(g["start"]) <= (start + end) / 2 <= float(g["end"]) for g in guesses):
            probability = word.get("probability")
            confidence = None if probability is None else min(max(float(probability), 0.0), 1.0)
            pieces.append(Piece(str(word["word"]), clip.start_seconds + start, clip.start_seconds + end, confidence))
    return words_from_text(text, pieces)


def _is_guess(segment: _SegmentJson) -> bool:
    silence, likely = segment.get("no_speech_prob"), segment.get("avg_logprob")
    if silence is None or likely is None:
        return False
    return is_invented(str(segment.get("text", "")), float(silence), float(likely))


def _named(clip: Clip, language: str | None) -> ClipLanguages:
    probabilities = {language: _NAMED_PROBABILITY} if language else {}
    return ClipLanguages(clip.start_seconds, clip.end_seconds, probabilities)


def _digest(clip: Clip) -> bytes:
    start = repr(clip.start_seconds).encode()
    return hashlib.blake2b(clip.samples.tobytes() + start, digest_size=16).digest()
