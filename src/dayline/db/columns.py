"""Column types and columns with the same meaning on SQLite and PostgreSQL."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from dayline.logs import get_log
from dayline.security.encryption import Cipher
from dayline.security.untrusted_json import clean_value

log = get_log(__name__)

DAMAGED = "dayline.damaged"
"""Only key of the object that replaces unreadable stored JSON."""

Json = sa.JSON().with_variant(JSONB(), "postgresql")


def write_json(value: Any) -> bytes:
    """Return `value` as JSON that every database can store and every parser can read.

    Numbers that are not finite become null, halves of surrogate pairs and NUL characters U+FFFD: whatever an engine, a
    provider or a partner sent, a stored row can be rendered.
    """
    try:
        text = to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        return to_json(clean_value(value), inf_nan_mode="null")
    return to_json(clean_value(value), inf_nan_mode="null") if b"\\u0000" in text else text


def read_json(text: str | bytes) -> Any:
    """Return stored JSON, or `{DAMAGED: true}` for a text that is none."""
    try:
        return from_json(text)
    except ValueError:
        log.error("stored_json_damaged", characters=len(text))
        return {DAMAGED: True}


def is_damaged(value: Any) -> bool:
    """Return whether `value` stands for stored JSON that could not be read."""
    return isinstance(value, dict) and DAMAGED in value


class UtcTime(TypeDecorator[datetime]):
    """A moment with microseconds. Stored in UTC, read back with its offset."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse moments without an offset, which could be in any time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its offset")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Restore the offset, which SQLite does not keep."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PackedJson(TypeDecorator[Any]):
    """Large JSON as compressed bytes: a transcript of twelve hours is 8 MB as text and 1.5 MB packed."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Pack."""
        del dialect
        return None if value is None else zlib.compress(write_json(value), 6)

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:
        """Unpack."""
        del dialect
        if value is None:
            return None
        try:
            text = zlib.decompress(value)
        except zlib.error:
            log.error("stored_json_damaged", packed_bytes=len(value))
            return {DAMAGED: True}
        return read_json(text)


CIPHER = "dayline_cipher"
"""Attribute of a dialect: the cipher of its encrypted columns. Without it values are stored as they are."""


def _cipher(dialect: Any) -> Cipher | None:
    return getattr(dialect, CIPHER, None)


class EncryptedText(TypeDecorator[str]):
    """Text that is encrypted at rest."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Encrypt. The empty text stays empty."""
        cipher = _cipher(dialect)
        return value if not value or cipher is None else cipher.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """Decrypt. Raises WrongKey."""
        cipher = _cipher(dialect)
        return value if not value or cipher is None else cipher.decrypt(value.encode()).decode()


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes that are encrypted at rest."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Encrypt."""
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else cipher.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Decrypt. Raises WrongKey."""
        cipher = _cipher(dialect)
        return value if value is None or cipher is None else cipher.decrypt(bytes(value))


def secret(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """Return a column of text that is encrypted at rest."""
    return sa.Column(name, EncryptedText, nullable=nullable)


def text(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """Return a column of text of any length."""
    return sa.Column(name, sa.Text, nullable=nullable)


def plain_json(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """Return a column of small JSON that a person may read in the database."""
    return sa.Column(name, Json, nullable=nullable)


def moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    """Return a column of moments in UTC."""
    return sa.Column(name, UtcTime, nullable=nullable)


def created() -> sa.Column[Any]:
    """Return the column of the time a row was written."""
    return moment("created_at", nullable=False)


def updated() -> sa.Column[Any]:
    """Return the column of the time a row was last changed."""
    return moment("updated_at", nullable=False)


def own_id() -> sa.Column[Any]:
    """Return the column of a row's own id."""
    return sa.Column("id", sa.String(36), primary_key=True)


def of_partner(*, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    """Return the column of the partner that owns a row."""
    return sa.Column(
        "partner_id", sa.String(36), sa.ForeignKey("partner.id"), nullable=nullable, primary_key=primary_key
    )


def attempts() -> sa.Column[Any]:
    """Return the column that counts how many jobs of a row have ended without an outcome."""
    return sa.Column("attempts", sa.Integer, nullable=False, server_default="0")


def of_environment() -> sa.Column[Any]:
    """Return the column of an environment; its default is for rows that are older than the column."""
    return sa.Column("environment", sa.String(16), nullable=False, server_default="production")


def of_session(**options: Any) -> sa.Column[Any]:
    """Return the column of the session that a row goes with."""
    return sa.Column("session_id", sa.String(36), sa.ForeignKey("session.id", ondelete="CASCADE"), **options)
