"""Give memory that this process no longer needs back to the system.

The C library keeps freed blocks for later. A recogniser frees about 90 MB after each chunk, which other processes could
use while it waits for the next one.
"""

from __future__ import annotations

import ctypes
import sys


def give_back_freed_memory() -> None:
    """Return freed blocks of the heap to the system, in about 10 ms. Does nothing where the C library cannot."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl does not
        if trim is not None:
            trim(0)
