"""Memory of this process: give freed blocks back to the system, and keep garbage collections few and short.

The C library keeps freed blocks for later. A recogniser frees about 90 MB after each chunk, which other processes could
use while it waits for the next one.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys

_M_ARENA_MAX = -8
"""Number of this option in the `malloc.h` of glibc."""
_OBJECTS_BEFORE_COLLECTION = 50_000
"""New objects after which a computing process looks for garbage; Python's own number is 700."""


def give_back_freed_memory() -> None:
    """Return freed blocks of the heap to the system, in about 10 ms. Does nothing where the C library cannot."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl does not
        if trim is not None:
            trim(0)


def use_one_heap() -> None:
    """Let all threads of this process share one heap; call it before they start. For a process of Dayline's own.

    The C library gives each of them one, and what a thread has freed there is of use to no other: a worker's dozens of
    threads kept some 20 MB that way. Does nothing where the C library cannot, or the operator has set a number.
    """
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(_M_ARENA_MAX, 1)


def exclude_loaded_from_collections() -> None:
    """Leave everything that this process has loaded so far out of later garbage collections, once it has started.

    Modules and schemas are some 200,000 objects that are never freed. While a transcript of 30,000 words is parsed,
    collections go through all of them again and again, which takes three quarters of the time.
    """
    gc.collect()
    gc.freeze()


def collect_less_often() -> None:
    """Look for garbage after 50,000 new objects in place of 700; for a process that computes one thing after the other.

    An analysis makes a million objects, hardly one of them in a cycle, and keeps most until it is done. The collections
    in between took a tenth of its processor time (.41 of 3.9 CPU seconds for 4,000 utterances, now .06).
    """
    _, *older = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION, *older)
