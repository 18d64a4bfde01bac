"""What is measured, each as a process of its own: `python -m bench.audio.variants NAME FILE`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dayline.audio.vad import SpeechProbability


def blocks(path: str) -> Iterator[np.ndarray]:
    """Bare decode and resample in ten-second groups, with nothing of ours around it."""
    import av

    with av.open(path) as container:
        resampler, fifo = av.AudioResampler("s16", "mono", 16_000), av.AudioFifo()
        rate = container.streams.audio[0].codec_context.sample_rate
        for frame in container.decode(audio=0):
            frame.pts = None
            fifo.write(frame)
            if fifo.samples >= rate * 10:
                for piece in resampler.resample(fifo.read()):
                    yield piece.to_ndarray().reshape(-1)
        if fifo.samples:
            for piece in resampler.resample(fifo.read()):
                yield piece.to_ndarray().reshape(-1)


def decode(path: str) -> dict[str, float]:
    """Decode only."""
    return {"seconds": sum(map(len, blocks(path))) / 16_000}


class PublishedSpeechProbability:
    """The speech finding model as its makers publish it, which takes samples where ours takes their spectra."""

    _CONTEXT_SAMPLES = 64
    _FRAMES_PER_CALL = 128

    def __init__(self) -> None:
        import faster_whisper
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        path = Path(faster_whisper.__file__).parent / "assets" / "silero_vad_v6.onnx"
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._state = {name: np.zeros((1, 1, 128), np.float32) for name in ("h", "c")}
        self._context = np.zeros(self._CONTEXT_SAMPLES, np.float32)

    def push(self, frames: np.ndarray) -> np.ndarray:
        """Return probabilities (n,) for frames (n, 512) of samples in -1..1 at 16 kHz."""
        found = [np.zeros(0, np.float32)]
        for at in range(0, len(frames), self._FRAMES_PER_CALL):
            part = frames[at : at + self._FRAMES_PER_CALL]
            before = np.concatenate((self._context[None], part[:-1, -self._CONTEXT_SAMPLES :]))
            self._context = part[-1, -self._CONTEXT_SAMPLES :].copy()
            batch = np.concatenate((before, part), axis=1)
            chances, self._state["h"], self._state["c"] = self._session.run(None, {"input": batch, **self._state})
            found.append(np.asarray(chances, np.float32).reshape(-1))
        return np.concatenate(found)


def decode_published(path: str) -> dict[str, float]:
    """Decode, and speech probabilities by the published model's own graph."""
    return _decode_speech(path, PublishedSpeechProbability())


def decode_speech(path: str) -> dict[str, float]:
    """Decode, and speech probabilities by the same model in our graph."""
    from dayline.audio.vad import SpeechProbability

    return _decode_speech(path, SpeechProbability())


def _decode_speech(path: str, voice: SpeechProbability | PublishedSpeechProbability) -> dict[str, float]:
    rest, length, talk = np.zeros(0, np.int16), 0, 0
    for block in blocks(path):
        length += len(block)
        samples = np.concatenate((rest, block))
        whole = len(samples) // 512 * 512
        rest = samples[whole:]
        talk += int((voice.push(samples[:whole].reshape(-1, 512).astype(np.float32) / np.float32(32768)) > 0.4).sum())
    return {"seconds": length / 16_000, "speech": talk * 0.032}


def whole(path: str) -> dict[str, float | None]:
    """Our ingest with its decoder process; the marker is looked for in what comes out."""
    from dayline.audio.ingest import ingest
    from dayline.audio.ports import LocalFile

    with tempfile.TemporaryDirectory() as scratch, LocalFile(Path(path)) as source:
        report = ingest(source, Path(scratch), on_chunk=lambda chunk: chunk.path.unlink())
    return {"seconds": report.duration_seconds, "speech": report.speech_seconds, "chunks": report.chunk_count}


def address(target: str) -> dict[str, float]:
    """Our ingest over HTTPS; the target is an address and the file of the authority that vouches for it."""
    import ssl

    from dayline.audio.ingest import ingest
    from dayline.audio.sources.http import HttpSource
    from dayline.security.ssrf import guarded_client, parse_networks

    url, authority = target.split(" ")
    here = parse_networks(["127.0.0.1"])
    with (
        tempfile.TemporaryDirectory() as scratch,
        guarded_client(allow_networks=here, verify=ssl.create_default_context(cafile=authority)) as client,
        HttpSource(url, client, None, Path(scratch)) as source,
    ):
        report = ingest(source, Path(scratch), on_chunk=lambda chunk: chunk.path.unlink())
        return {
            "seconds": report.duration_seconds,
            "speech": report.speech_seconds,
            "requests": source.requests,
            "received_mb": source.received_bytes / 1e6,
        }


def faster_whisper(path: str) -> dict[str, float]:
    """The loader and the speech finder of faster-whisper."""
    from faster_whisper.audio import decode_audio
    from faster_whisper.vad import get_speech_timestamps

    audio = decode_audio(path)
    talk = get_speech_timestamps(audio)
    return {"seconds": len(audio) / 16_000, "speech": sum(t["end"] - t["start"] for t in talk) / 16_000}


def chain(path: str) -> dict[str, float]:
    """Ingest, voice windows of every chunk as it comes, and the clustering of the day: all but the recogniser."""
    from dayline.audio.chunks import Chunk, read_chunk
    from dayline.audio.ingest import ingest
    from dayline.audio.ports import LocalFile
    from dayline.diarization.ge2e import Ge2eEmbedder
    from dayline.diarization.speaker_labels import diarize_day
    from dayline.diarization.voice_windows import embed_clips, merge

    embedder, windows = Ge2eEmbedder(), []

    def hear(chunk: Chunk) -> None:
        windows.append(embed_clips(embedder, read_chunk(chunk.path).clips))
        chunk.path.unlink()

    with tempfile.TemporaryDirectory() as scratch, LocalFile(Path(path)) as source:
        report = ingest(source, Path(scratch), on_chunk=hear)
    whole_day = merge(windows)
    found = diarize_day(whole_day)
    return {
        "seconds": report.duration_seconds,
        "speech": report.speech_seconds,
        "windows": len(whole_day),
        "voices": len(found.voices),
    }


VARIANTS = {
    "decode": decode,
    "decode+published": decode_published,
    "decode+speech": decode_speech,
    "ingest": whole,
    "ingest-https": address,
    "chain": chain,
    "faster-whisper": faster_whisper,
}

if __name__ == "__main__":
    print(json.dumps(VARIANTS[sys.argv[1]](sys.argv[2])))
