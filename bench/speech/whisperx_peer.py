"""Transcribe recordings with WhisperX, in an environment of its own, and print what was heard as one line of JSON.

    PYTHON bench/speech/whisperx_peer.py MODEL_FOLDER THREADS FILE...

PYTHON is the interpreter of an environment with `pip install whisperx` (its versions of the libraries exclude ours);
`bench.speech.day --whisperx PYTHON` and `bench.speech.targets --whisperx PYTHON` call it. It follows the README of
WhisperX: speech detection by its own pyannote model (the package has its weights), windows of 30 s in batches of eight,
int8 on the CPU, then alignment of English words. The alignment model comes from the network; where it cannot be
fetched, `aligned` is false and the words have no times. Nothing of Dayline is imported here.
"""

import importlib
import json
import resource
import sys
import time
from typing import Any

whisperx: Any = importlib.import_module("whisperx")  # not among our dependencies: nothing here knows its types


def main() -> None:
    """Read the command line, transcribe each file, print one JSON object."""
    folder, threads, *paths = sys.argv[1:]
    began = time.monotonic()
    model = whisperx.load_model(folder, "cpu", compute_type="int8", threads=int(threads), language="en")
    aligner = metadata = None
    why_not = None
    try:
        aligner, metadata = whisperx.load_align_model("en", "cpu")
    except Exception as error:  # whatever the download raises: the words are measured without times
        why_not = f"{type(error).__name__}: {error}"[:200]
    loaded = time.process_time()
    heard: list[str] = []
    for path in paths:
        audio = whisperx.load_audio(path)
        segments = model.transcribe(audio, batch_size=8)["segments"]
        if aligner is not None:
            segments = whisperx.align(segments, aligner, metadata, audio, "cpu")["segments"]
        heard.append(" ".join(s["text"].strip() for s in segments))
    print(
        json.dumps(
            {
                "wall": time.monotonic() - began,
                "words": sum(len(text.split()) for text in heard),
                "cpu_seconds": time.process_time() - loaded,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "aligned": aligner is not None,
                "why_not_aligned": why_not,
                "texts": heard,
            }
        )
    )


if __name__ == "__main__":
    main()
