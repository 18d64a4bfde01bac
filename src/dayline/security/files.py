"""Restrict the files of the service to its own user."""

from __future__ import annotations

import os
import stat
from pathlib import Path

PRIVATE_UMASK = 0o077
"""File mode creation mask of every command: new folders are 0700, new files 0600."""


def make_private_folder(folder: Path) -> None:
    """Create a folder with mode 0700, or close an existing one to other users.

    Raises OSError when it cannot be created, ValueError for a folder that other programs use as well.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.stat()
    if found.st_mode & stat.S_ISVTX or folder in (Path.home(), Path("/")):
        raise ValueError(f"{folder} is shared with other programs. Name a folder for Dayline alone.")
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def make_private_file(path: Path) -> None:
    """Close an existing file to other users. Does nothing when there is none, or it belongs to somebody else."""
    if path.is_file() and path.stat().st_uid == os.geteuid():
        path.chmod(0o600)
