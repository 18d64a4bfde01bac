"""Encryption at rest of secrets and voice prints: Fernet (AES-128-CBC and HMAC-SHA256) with keys of the operator.

Keys are 32 random bytes in URL-safe base64, newest first. The first encrypts, all of them decrypt, so that keys can be
replaced while values of the one before are still stored.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PREFIX = b"enc1:"
"""Prefix of encrypted values; values without it were written before encryption and are returned unchanged."""


class WrongKey(ValueError):
    """A value was encrypted with an unknown key."""


class Cipher:
    """Encrypts and decrypts values of the database."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError for a key of the wrong form."""
        self._fernets = [Fernet(key) for key in keys]
        self._fernet = MultiFernet(self._fernets)

    def encrypt(self, value: bytes) -> bytes:
        """Return a value that only the holder of the key can read."""
        return PREFIX + self._fernet.encrypt(value)

    def decrypt(self, value: bytes) -> bytes:
        """Return the value; one without the prefix is returned as it is. Raises WrongKey."""
        if not value.startswith(PREFIX):
            return value
        try:
            return self._fernet.decrypt(value.removeprefix(PREFIX))
        except InvalidToken as error:
            raise WrongKey("The value was encrypted with another key.") from error

    def is_current(self, value: bytes) -> bool:
        """Return whether a value is encrypted with the first key."""
        try:
            self._fernets[0].decrypt(value.removeprefix(PREFIX))
        except InvalidToken:
            return False
        return value.startswith(PREFIX)


def generate_key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode()


def parse_keys(text: str) -> list[str]:
    """Return the keys of a setting or a key file: separated by commas or white space, newest first."""
    return text.replace(",", " ").split()


def read_or_create_key_file(path: Path) -> str:
    """Return what a key file holds; one with a new key is made when there is none. Safe in several processes."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        write_key_file(partial, [generate_key()])
        with contextlib.suppress(FileExistsError):  # another process wrote it first
            os.link(partial, path)
        partial.unlink()
    return path.read_text()


def write_key_file(path: Path, keys: Sequence[str]) -> None:
    """Write keys to a file that only its owner can read; the file is complete or as it was before."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
