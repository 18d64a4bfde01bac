"""Freed memory goes back to the system, and what is loaded is left out of garbage collections."""

from __future__ import annotations

import ctypes
import gc
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
