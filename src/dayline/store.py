"""Open the database that the settings name: data folder, schema, encryption."""

from __future__ import annotations

from dayline.db.database import Database, open_database
from dayline.db.encryption import is_encrypted, use_cipher
from dayline.db.failures import DatabaseUnusable
from dayline.db.migrate import migrate
from dayline.domain.errors import DatabaseUnavailable
from dayline.security.encryption import Cipher, parse_keys, read_or_create_key_file
from dayline.security.files import make_private_file, make_private_folder
from dayline.settings import InvalidSetting, Settings


def prepare_data_folder(settings: Settings) -> None:
    """Create the data folder and close it and the database in it to other users. Raises InvalidSetting."""
    folder = settings.folder
    try:
        make_private_folder(folder)
        for name in ("dayline.db", "dayline.db-wal", "dayline.db-shm"):
            make_private_file(folder / name)
    except OSError as error:
        raise InvalidSetting("data_folder", f"{folder} cannot be used: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidSetting("data_folder", str(error)) from error


def open_store(settings: Settings, *, kept_connections: int = 20, has_jobs: bool = True) -> Database:
    """Open the database and bring it to this version's schema. Raises InvalidSetting when it cannot be used.

    Args:
        kept_connections: how many connections to PostgreSQL are kept open while there is nothing to do.
        has_jobs: False leaves out the tables of the workflow engine, for commands that queue nothing: loading its
            library takes most of the time of a short command.
    """
    prepare_data_folder(settings)
    try:
        database = connect(settings, kept_connections=kept_connections)
        migrate(database)
        if has_jobs:
            from dayline.workflows.job_queue import prepare_engine

            prepare_engine(database)
        encrypt_with(settings, database)
    except (DatabaseUnusable, DatabaseUnavailable) as error:
        raise InvalidSetting(database_setting(settings), error.message) from error
    return database


def encrypt_with(settings: Settings, database: Database) -> None:
    """Use the operator's key for secrets and voice prints; the first start writes one to the data folder."""
    path = settings.encryption_key_file
    text = settings.encryption_key.get_secret_value() or (path.read_text() if path.exists() else "")
    if not text and is_encrypted(database):
        raise InvalidSetting(
            "encryption_key", f"the database is encrypted and its key is missing. Set it, or bring {path} back."
        )
    if not text:
        text = read_or_create_key_file(path)
    try:
        use_cipher(database, Cipher(parse_keys(text)))
    except DatabaseUnusable as error:
        raise InvalidSetting("encryption_key", f"{error.message} Every machine needs the same key.") from error
    except ValueError as error:
        raise InvalidSetting("encryption_key", "it is no key: 32 bytes in URL-safe base64 are needed.") from error


def connect(settings: Settings, *, kept_connections: int = 20) -> Database:
    """Return the database without touching its schema. Raises DatabaseUnusable for an address that is none."""
    return open_database(
        settings.effective_database_url,
        pool_size=20 if settings.is_single_node else kept_connections,
        busy_seconds=settings.database_busy_seconds,
    )


def database_setting(settings: Settings) -> str:
    """Return the name of the setting that says where the database is."""
    return "database_url" if settings.database_url else "data_folder"
