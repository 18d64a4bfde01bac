"""Memory of this process: give freed blocks back to the system, and keep loaded modules out of garbage collections.

The C library keeps freed blocks for later. A recogniser frees about 90 MB after each chunk, which other processes could
use while it waits for the next one.
"""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back_freed_memory() -> None:
    """Return freed blocks of the heap to the system, in about 10 ms. Does nothing where the C library cannot."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl does not
        if trim is not None:
            trim(0)


def exclude_loaded_from_collections() -> None:
    """Leave everything that this process has loaded so far out of later garbage collections, once it has started.

    Modules and schemas are some 200,000 objects that are never freed. While a transcript of 30,000 words is parsed,
    collections go through all of them again and again, which takes three quarters of the time.
    """
    gc.collect()
    gc.freeze()
