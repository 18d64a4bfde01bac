"""Freed memory goes back, threads share one heap, and what is loaded is left out of garbage collections."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys

import pytest

from dayline.processes.heap import exclude_loaded_from_collections

_FREES_200_MB = """
import ctypes, resource
from pathlib import Path
from dayline.processes.heap import give_back_freed_memory

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

# Blocks of this size come from the heap, and the last one keeps the heap from shrinking by itself.
blocks = [libc.malloc(100_000) for _ in range(2000)]
for block in blocks:
    ctypes.memset(block, 1, 100_000)
for block in blocks[:-1]:
    libc.free(block)
before = resident_bytes()
give_back_freed_memory()
print(before - resident_bytes())
"""


_ALLOCATES_IN_EIGHT_THREADS = """
import ctypes, sys, tempfile, threading
from dayline.processes.heap import use_one_heap

if sys.argv[1] == "one":
    use_one_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.fopen.restype, libc.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
all_in = threading.Barrier(8)

def allocate():
    libc.malloc(10_000)
    all_in.wait(30)

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with tempfile.NamedTemporaryFile() as told:
    file = libc.fopen(told.name.encode(), b"w")
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(told.read().count(b"<heap nr="))
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library is not glibc")
@pytest.mark.parametrize(
    ("wanted", "setting", "has_one"), [("one", None, True), ("several", None, False), ("one", "8", False)]
)
def test_threads_share_one_heap_unless_the_operator_sets_a_number(
    wanted: str, setting: str | None, has_one: bool
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    if setting is not None:
        environment["MALLOC_ARENA_MAX"] = setting
    told = subprocess.run(
        [sys.executable, "-c", _ALLOCATES_IN_EIGHT_THREADS, wanted],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert (int(told.stdout) == 1) == has_one


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not glibc")
def test_freed_blocks_of_the_heap_are_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", _FREES_200_MB], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 150_000_000


def test_what_is_loaded_is_left_out_of_collections_and_what_comes_later_is_not() -> None:
    try:
        exclude_loaded_from_collections()

        assert gc.get_freeze_count() > 1000
        later = [object()]
        later.append(later)
        assert any(tracked is later for tracked in gc.get_objects())
    finally:
        gc.unfreeze()
