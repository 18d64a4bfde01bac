from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from dayline.asr.ports import EngineMisconfigured
from dayline.asr.registry import SpeechConfig
from dayline.asr.transcriber_pool import TranscriberPool
from dayline.asr.transcriber_process import TranscriberProcess
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRequest, Unavailable


def sound(seconds: float, start: float = 0.0) -> Clip:
    rng = np.random.default_rng(1)
    envelope = np.repeat(rng.uniform(0.1, 1.0, int(seconds * 10) + 1), 1600)[: int(seconds * 16000)]
    return Clip((rng.normal(size=len(envelope)) * 3000 * envelope).astype(np.int16), start)


@pytest.fixture
def slow(tmp_path) -> SpeechConfig:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"delay_seconds": 30}))
    return SpeechConfig(engine="fake", model=str(script))


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(check, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.02)
    return False


def in_background(call):
    caught: list[Any] = []

    def run() -> None:
        try:
            caught.append(call())
        except Exception as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, caught


def test_a_chunk_goes_through_the_child_unchanged():
    with TranscriberProcess(SpeechConfig(engine="fake")) as process:
        assert process.name == "fake:counted"
        assert process.limits.max_clip_seconds == 30.0
        chunk = process.transcribe_chunk([sound(2, 100.0), sound(3, 110.0)])
        first_pid = process.pid
        process.transcribe_chunk([sound(1)])
        assert process.pid == first_pid
    assert [u.start_seconds for u in chunk.utterances] == [100.0, 110.0]
    assert chunk.utterances[0].words[0].text == "word1"
    assert chunk.audio_seconds == 5.0
    assert chunk.language == "en"
    assert chunk.engine == "fake:counted"
    assert first_pid is not None
    assert is_gone(first_pid)


def test_a_killed_child_is_unavailable_and_the_next_call_starts_another(slow):
    process = TranscriberProcess(slow)
    assert process.name
    pid = process.pid
    assert pid is not None
    thread, caught = in_background(lambda: process.transcribe_chunk([sound(2)]))
    time.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    thread.join(20)
    assert isinstance(caught[0], Unavailable)
    assert caught[0].code == "engine_crashed"
    assert "signal 9" in caught[0].message
    assert process.limits.max_clip_seconds == 30.0
    assert process.pid not in (None, pid)
    process.close()


def test_a_child_killed_between_chunks_is_not_noticed():
    with TranscriberProcess(SpeechConfig(engine="fake")) as process:
        assert process.transcribe_chunk([sound(1)]).utterances
        pid = process.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: is_gone(pid))
        assert process.transcribe_chunk([sound(1)]).utterances
        assert process.pid != pid


def test_a_chunk_that_takes_too_long_is_stopped(slow):
    with TranscriberProcess(slow, timeout_base_seconds=0.3, timeout_per_audio_second=0.0) as process:
        assert process.name
        pid = process.pid
        assert pid is not None
        with pytest.raises(Unavailable) as caught:
            process.transcribe_chunk([sound(1)])
        assert caught.value.code == "engine_timeout"
        assert is_gone(pid)


def test_close_ends_a_running_chunk_and_later_calls(slow):
    process = TranscriberProcess(slow)
    assert process.name
    pid = process.pid
    thread, caught = in_background(lambda: process.transcribe_chunk([sound(1)]))
    time.sleep(0.2)
    process.close()
    thread.join(20)
    assert isinstance(caught[0], Unavailable)
    assert pid is not None
    assert is_gone(pid)
    with pytest.raises(Unavailable):
        process.transcribe_chunk([sound(1)])
    process.close()


def test_the_child_survives_the_thread_that_started_it():
    with TranscriberProcess(SpeechConfig(engine="fake")) as process:
        thread, _ = in_background(lambda: process.name)
        thread.join()
        pid = process.pid
        assert pid is not None
        time.sleep(0.3)
        assert not is_gone(pid)
        assert process.transcribe_chunk([sound(1)]).utterances
        assert process.pid == pid


def test_the_child_is_replaced_after_its_chunks():
    with TranscriberProcess(SpeechConfig(engine="fake"), recycle_after_chunks=2) as process:
        assert process.name
        first = process.pid
        assert first is not None
        process.transcribe_chunk([sound(1)])
        assert process.pid == first
        process.transcribe_chunk([sound(1)])
        assert is_gone(first)
        assert process.transcribe_chunk([sound(1)]).utterances


def test_threads_take_turns():
    with TranscriberProcess(SpeechConfig(engine="fake")) as process:
        runs = [in_background(lambda i=i: process.transcribe_chunk([sound(1, i * 10.0)])) for i in range(6)]
        for thread, _ in runs:
            thread.join(30)
        assert [caught[0].utterances[0].start_seconds for _, caught in runs] == [i * 10.0 for i in range(6)]


def test_errors_of_the_engine_keep_their_kind():
    with (
        TranscriberProcess(SpeechConfig(engine="onnx-asr", model="/nowhere/at/all")) as process,
        pytest.raises(EngineMisconfigured, match="no model folder"),
    ):
        process.transcribe_chunk([sound(1)])
    with TranscriberProcess(SpeechConfig(engine="pocketsphinx")) as process:
        with pytest.raises(InvalidRequest) as caught:
            process.transcribe_chunk([sound(1)], "de-DE")
        assert caught.value.code == "language_not_supported"
        assert process.transcribe_chunk([], "en-US").utterances == ()


@pytest.mark.parametrize("how", ["kill", "exit"])
def test_the_child_ends_with_its_parent(slow, how):
    program = textwrap.dedent(
        """
        import json, sys, threading, time
        import numpy as np
        from dayline.asr.registry import SpeechConfig
        from dayline.asr.ports import Clip
        from dayline.asr.transcriber_process import TranscriberProcess
        process = TranscriberProcess(SpeechConfig(engine="fake", model=sys.argv[1]))
        process.name
        clip = Clip((np.random.default_rng(0).normal(size=16000) * 3000).astype(np.int16), 0.0)
        threading.Thread(target=lambda: process.transcribe_chunk([clip]), daemon=True).start()
        time.sleep(0.2)
        print(process.pid, flush=True)
        sys.stdin.readline()
        """
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, slow.model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert not is_gone(pid)
    if how == "kill":
        parent.kill()
    else:
        parent.stdin.write("\n")
        parent.stdin.flush()
    parent.wait(20)
    parent.stdin.close()
    parent.stdout.close()
    assert wait_until(lambda: is_gone(pid))


def test_recognisers_share_the_cards_out_between_them():
    pool = TranscriberPool(SpeechConfig(engine="fake"), 3, cards=("4", "GPU-b"))
    with pool.lend() as first, pool.lend() as second:
        assert {first.card, second.card} == {"4", "GPU-b"}
        assert [visible_cards(p) for p in (first, second)] == [first.card, second.card]
        # One that is ended leaves its card to the next.
        first.close()
        with pool.lend() as third:
            assert third.card == first.card
    pool.close()


def test_without_cards_a_recogniser_sees_what_the_worker_sees():
    pool = TranscriberPool(SpeechConfig(engine="fake"), 1)
    with pool.lend() as process:
        assert process.card is None
        assert visible_cards(process) == os.environ.get("CUDA_VISIBLE_DEVICES")
    pool.close()


def visible_cards(process: TranscriberProcess) -> str | None:
    """Return `CUDA_VISIBLE_DEVICES` of a recogniser's child."""
    assert process.name
    variables = Path(f"/proc/{process.pid}/environ").read_bytes().decode().split("\0")
    return next((v.partition("=")[2] for v in variables if v.startswith("CUDA_VISIBLE_DEVICES=")), None)
