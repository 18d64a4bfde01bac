"""A speech provider, a language model, a server of transcripts and a receiver, all with invalid values."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter

from bench.local_server import LocalHandler, LocalServer

_WORD = {"word": '"much"', "start": "1.5", "end": "2.0", "confidence": "0.9"}
_UTTERANCE = {"start": "0.0", "end": "20.0", "text": '"hello there how much"', "speaker": '"A"'}
_SOUND = {
    "task": "transcribe",
    "language": "english",
    "duration": 4.0,
    "text": "good morning",
    "words": [{"word": "good", "start": 0.1, "end": 0.5}, {"word": "morning", "start": 0.5, "end": 1.0}],
    "segments": [{"id": 0, "start": 0.1, "end": 1.0, "text": "good morning", "no_speech_prob": 0.01}],
}


class PoisonServer:
    """Answers on a free port of this machine.

    values: poison as JSON text.
    transcript_count: how many poisoned transcripts there are, at /transcripts/0 and so on.
    hooks: the bodies that the receiver got.
    speech_answers, language_answers: how often poison was given.
    """

    def __init__(self, values: list[str]) -> None:
        self._transcripts = _transcripts(values)
        self._speech, self._language = _speech_answers(values), _language_answers(values)
        self.transcript_count = len(self._transcripts)
        self.hooks: list[bytes] = []
        self.speech_answers = self.language_answers = 0
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        outer = self

        class Handler(LocalHandler):
            def do_GET(self) -> None:
                self.send_json(outer._transcripts[int(self.path.rpartition("/")[2])])

            def do_POST(self) -> None:
                self.send_json(outer.answer(self.path, self.read_body()))

        self._server = LocalServer(Handler)
        self.url = self._server.base_url

    def answer(self, path: str, body: bytes) -> bytes:
        """Return the answer to a POST."""
        with self._lock:
            if path.endswith("/hook"):
                self.hooks.append(body)
                return b"{}"
            if path.endswith("/chat/completions"):
                self.language_answers += 1
                return self._language[self.language_answers % len(self._language)]
            # Forms have a random boundary: what they hold is told apart by its length and its middle.
            middle = body[len(body) // 3 : len(body) // 2]
            clip = f"{len(body)} {hashlib.sha256(middle).hexdigest()}"
            self._asked[clip] += 1
            if self._asked[clip] % 2 == 0:
                return json.dumps(_SOUND).encode()
            self.speech_answers += 1
            return self._speech[self.speech_answers % len(self._speech)]

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()


def _transcripts(values: list[str]) -> list[bytes]:
    """Return transcripts with one value replaced by poison, at each place in turn."""
    found: list[bytes] = []
    for value in values:
        found += [_transcript(_UTTERANCE, {**_WORD, name: value}) for name in _WORD]
        found += [_transcript({**_UTTERANCE, name: value}, _WORD) for name in _UTTERANCE]
        found.append(_transcript(_UTTERANCE, _WORD, duration=value))
        found.append(_transcript(_UTTERANCE, _WORD, language=value))
        found.append(b'{"utterances": ' + value.encode() + b"}")
        found.append(value.encode())
    return found


def _transcript(
    utterance: dict[str, str], word: dict[str, str], *, duration: str = "30.0", language: str = '"en"'
) -> bytes:
    said = _object({**utterance, "words": f"[{_object(word)}]"})
    return _object({"duration_seconds": duration, "language": language, "utterances": f"[{said}]"}).encode()


def _object(fields: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"


def _speech_answers(values: list[str]) -> list[bytes]:
    """Return answers of a speech provider with poison at one place each."""
    good = json.dumps(_SOUND)
    places = ('"good morning"', "0.1", '"good"', "4.0", '"english"', json.dumps(_SOUND["words"]))
    return [good.replace(places[n % len(places)], value).encode() for n, value in enumerate(values)]


def _language_answers(values: list[str]) -> list[bytes]:
    """Return answers of a language model: poison as its text, within its text, and in place of the message."""
    found: list[bytes] = []
    for value in values:
        for content in (value, json.dumps(value), json.dumps(f'{{"overall_score": {value}, "strengths": [{value}]}}')):
            message = f'{{"role": "assistant", "content": {content}}}'
            found.append(
                b'{"id": "x", "object": "chat.completion", "created": 1, "model": "poison", "choices": '
                b'[{"index": 0, "finish_reason": "stop", "message": ' + message.encode() + b"}], "
                b'"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}'
            )
    return found
