"""Adapter for Deepgram's API for recordings: words with confidence and speakers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from dayline.asr.clips import is_audible, refuse_unfit, utterance_in
from dayline.asr.pieces import Piece, words_from_pieces
from dayline.asr.ports import EngineMisconfigured, Limits
from dayline.asr.remote.flac import encode_flac
from dayline.asr.remote.http import SpeechHttp
from dayline.asr.remote.languages import tag_of
from dayline.domain.clip import SAMPLE_RATE_HZ, Clip
from dayline.domain.transcript import Utterance, Word

_MAX_CLIP_SECONDS = 30.0
_BLOCK_SECONDS = 600.0
_GAP_SAMPLES = SAMPLE_RATE_HZ // 2


class _WordJson(TypedDict):
    word: str
    punctuated_word: NotRequired[str]
    start: float
    end: float
    confidence: NotRequired[float]
    speaker: NotRequired[int]


class _AlternativeJson(TypedDict):
    words: list[_WordJson]


class _ChannelJson(TypedDict):
    alternatives: list[_AlternativeJson]
    detected_language: NotRequired[str]


class _ResultsJson(TypedDict):
    channels: list[_ChannelJson]


class _DeepgramJson(TypedDict):
    results: _ResultsJson


@dataclass(frozen=True, slots=True)
class _Answer:
    words: list[Word]
    language: str | None


class DeepgramTranscriber:
    """Sends the clips of a chunk as one recording with short gaps, so that a voice keeps its label over the chunk.

    Labels (`S0`, `S1`, ...) hold for one `transcribe` call of up to ten minutes of speech and mean nothing beyond
    it. Raises `EngineMisconfigured` without a key.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "https://api.deepgram.com/v1",
        model: str = "nova-3",
        timeout_seconds: float = 300.0,
        attempts: int = 5,
        first_pause_seconds: float = 1.0,
    ) -> None:
        if not api_key:
            raise EngineMisconfigured("Deepgram needs a key, and none is set.")
        self._http = SpeechHttp(
            "Deepgram",
            base_url,
            {"Authorization": f"Token {api_key}", "Content-Type": "audio/flac"},
            timeout_seconds=timeout_seconds,
            attempts=attempts,
            first_pause_seconds=first_pause_seconds,
        )
        self._model = model
        self._answers: dict[bytes, _Answer] = {}
        self._limits = Limits(
            max_clip_seconds=_MAX_CLIP_SECONDS,
            languages=None,
            gives_words=True,
            gives_word_confidence=True,
            gives_speakers=True,
            is_remote=True,
        )

    @property
    def name(self) -> str:
        """`deepgram:` and the model's name."""
        return f"deepgram:{self._model}"

    @property
    def limits(self) -> Limits:
        """Clips of at most 30 s; words with confidence and speaker."""
        return self._limits

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        """Send the clips without a language; Deepgram names one per request, which all clips of the request take.

        The answers are kept for the `transcribe` call that follows, so that no audio is paid for twice.
        """
        spoken: dict[float, str | None] = {}
        for block in _blocks(clips):
            audio, _ = _joined(block)
            answer = self._answers[_digest(audio)] = self._ask(audio, None)
            spoken.update((clip.start_seconds, answer.language) for clip in block)
        # Silent clips take the language of their neighbours, so that the requests stay the same.
        known = next((language for language in spoken.values() if language), None)
        return [spoken.get(clip.start_seconds, known) for clip in clips]

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise the clips; one utterance per voice in a row within each clip."""
        tag = refuse_unfit(clips, language, self._limits)
        kept, self._answers = self._answers, {}
        found: list[Utterance] = []
        for number, block in enumerate(_blocks(clips)):
            audio, starts = _joined(block)
            known = kept.get(_digest(audio))
            answer = known if known is not None and known.language == tag else self._ask(audio, tag)
            suffix = f".{number}" if number else ""
            for clip, words in zip(block, _shared_out(answer.words, block, starts), strict=True):
                found += _turns(clip, words, suffix)
        return found

    def _ask(self, audio: NDArray[np.int16], language: str | None) -> _Answer:
        params = {"model": self._model, "smart_format": "true", "punctuate": "true", "diarize": "true"}
        params.update({"language": language} if language else {"detect_language": "true"})
        return self._http.post("/listen", lambda a: _read(a, language), params=params, content=encode_flac(audio))


def _read(answer: _DeepgramJson, asked: str | None) -> _Answer:
    channel = answer["results"]["channels"][0]
    alternatives = channel["alternatives"]
    words = words_from_pieces([_piece(w) for w in (alternatives[0]["words"] if alternatives else [])])
    return _Answer(words, tag_of(channel.get("detected_language")) or asked)


def _piece(word: _WordJson) -> Piece:
    speaker, confidence = word.get("speaker"), word.get("confidence")
    return Piece(
        text=str(word.get("punctuated_word") or word["word"]),
        start_seconds=float(word["start"]),
        end_seconds=float(word["end"]),
        confidence=None if confidence is None else round(min(max(float(confidence), 0.0), 1.0), 4),
        speaker=None if speaker is None else f"S{int(speaker)}",
    )


def _shared_out(words: Sequence[Word], clips: Sequence[Clip], starts: Sequence[int]) -> list[list[Word]]:
    """Assign each word of the block to the clip that holds its middle, on the recording's clock."""
    shares: list[list[Word]] = [[] for _ in clips]
    edges = [s / SAMPLE_RATE_HZ for s in starts]
    for word in words:
        index = int(np.searchsorted(edges, (word.start_seconds + word.end_seconds) / 2, side="right")) - 1
        index = max(0, index)
        shift = clips[index].start_seconds - edges[index]
        moved = replace(word, start_seconds=word.start_seconds + shift, end_seconds=word.end_seconds + shift)
        shares[index].append(moved)
    return shares


def _turns(clip: Clip, words: Sequence[Word], suffix: str) -> list[Utterance]:
    """Cut a clip's words where the voice changes."""
    turns: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.start_seconds):
        named = replace(word, speaker=word.speaker + suffix) if word.speaker else word
        if not turns or turns[-1][-1].speaker != named.speaker:
            turns.append([])
        turns[-1].append(named)
    utterances = (utterance_in(clip, turn, turn[0].speaker) for turn in turns)
    return [u for u in utterances if u is not None]


def _blocks(clips: Sequence[Clip]) -> Iterator[list[Clip]]:
    block: list[Clip] = []
    samples = 0
    for clip in filter(is_audible, clips):
        length = len(clip.samples) + _GAP_SAMPLES
        if block and samples + length > _BLOCK_SECONDS * SAMPLE_RATE_HZ:
            yield block
            block, samples = [], 0
        block.append(clip)
        samples += length
    if block:
        yield block


def _joined(clips: Sequence[Clip]) -> tuple[NDArray[np.int16], list[int]]:
    """Return the clips as one array with gaps between, and the sample at which each begins."""
    gap = np.zeros(_GAP_SAMPLES, dtype=np.int16)
    parts: list[NDArray[np.int16]] = []
    starts: list[int] = []
    at = 0
    for clip in clips:
        starts.append(at)
        parts += [clip.samples, gap]
        at += len(clip.samples) + _GAP_SAMPLES
    return np.concatenate(parts), starts


def _digest(audio: NDArray[np.int16]) -> bytes:
    return hashlib.blake2b(audio.tobytes(), digest_size=16).digest()
