"""Secrets and voice prints at rest: unreadable without the key, readable with it, under a new key after a rotation."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from dayline.auth import partners_repository as partners
from dayline.auth.service import ensure_partner
from dayline.clock import now
from dayline.db.database import Database, open_database
from dayline.db.encryption import use_cipher
from dayline.db.failures import DatabaseUnusable
from dayline.db.migrate import migrate
from dayline.domain.stored_json import Consent
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.security.encryption import Cipher, WrongKey, generate_key
from dayline.settings import InvalidSetting, Settings
from dayline.store import open_store

VECTOR = np.linspace(-1, 1, 256, dtype=np.float32).tobytes()


def fill(database: Database) -> tuple[str, str]:
    """Add a partner and a voice print. Return the partner's id and its secret."""
    with database.write() as tx:
        partner_id = ensure_partner(tx, "acme")
        orgs.ensure(tx, partner_id, "o", "r")
        consent: Consent = {"given_by": "Rep One", "given_at": now().isoformat(), "text": "Yes."}
        record = voice_prints.VoicePrintRecord(partner_id, "o", "r", "ge2e", 9.0, consent, now())
        voice_prints.put(tx, record, VECTOR)
        found = partners.get(tx, partner_id)
    assert found is not None
    return partner_id, found.callback_secret


def read(database: Database, partner_id: str) -> tuple[str, bytes | None]:
    with database.read() as tx:
        found = partners.get(tx, partner_id)
        vector = voice_prints.vector(tx, partner_id, "o", "r", "ge2e")
    assert found is not None
    return found.callback_secret, vector


def stored(database: Database) -> bytes:
    """Return secrets and voice prints as they stand in the tables."""
    with database.read() as tx:
        secret = tx.run(sa.text("select callback_secret from partner")).scalar()
        vector = tx.run(sa.text("select vector from voice_print")).scalar()
    assert secret is not None
    assert vector is not None
    return secret.encode() + bytes(vector)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path) -> Settings:
    url = request.getfixturevalue("make_postgres")() if request.param == "postgresql" else ""
    return Settings(data_folder=tmp_path / "data", database_url=url)


def changed(settings: Settings, **values: object) -> Settings:
    return Settings(**{**settings.model_dump(), **values})


def test_the_tables_hold_nothing_readable_and_a_restart_reads_it(settings):
    database = open_store(settings)
    partner_id, secret = fill(database)
    assert secret.startswith("whsec_")
    assert secret.encode() not in stored(database)
    assert VECTOR[:16] not in stored(database)
    database.close()
    assert oct(settings.encryption_key_file.stat().st_mode & 0o777) == "0o600"
    again = open_store(settings)
    assert read(again, partner_id) == (secret, VECTOR)
    again.close()


def test_rows_of_the_version_before_are_encrypted_at_the_start(settings):
    database = open_store(settings)
    partner_id, secret = fill(database)
    with database.write() as tx:
        tx.run(sa.text("update partner set callback_secret = :s"), {"s": secret})
        tx.run(sa.text("update voice_print set vector = :v"), {"v": VECTOR})
        tx.run(sa.text("delete from setting where name = 'encryption_check'"))
    assert secret.encode() in stored(database)
    database.close()
    again = open_store(settings)
    assert secret.encode() not in stored(again)
    assert VECTOR[:16] not in stored(again)
    assert read(again, partner_id) == (secret, VECTOR)
    again.close()
    files = b"".join(p.read_bytes() for p in settings.folder.glob("dayline.db*"))
    assert secret.encode() not in files


def test_a_lost_or_foreign_key_ends_the_start(settings):
    database = open_store(settings)
    fill(database)
    database.close()
    key = settings.encryption_key_file.read_text()
    settings.encryption_key_file.unlink()
    for values in ({}, {"encryption_key": generate_key()}, {"encryption_key": "short"}):
        with pytest.raises(InvalidSetting, match="DAYLINE_ENCRYPTION_KEY"):
            open_store(changed(settings, **values))
    assert not settings.encryption_key_file.exists(), "a new key would hide that the old one is lost"
    open_store(changed(settings, encryption_key=key.strip())).close()


def test_a_new_key_before_the_old_one_takes_over(settings):
    old, new = generate_key(), generate_key()
    database = open_store(changed(settings, encryption_key=old))
    partner_id, secret = fill(database)
    database.close()
    open_store(changed(settings, encryption_key=f"{new},{old}")).close()
    alone = open_store(changed(settings, encryption_key=new))
    assert read(alone, partner_id) == (secret, VECTOR)
    alone.close()
    with pytest.raises(InvalidSetting, match="DAYLINE_ENCRYPTION_KEY"):
        open_store(changed(settings, encryption_key=old))


def test_values_say_with_which_key_they_were_written():
    old, new = generate_key(), generate_key()
    value = Cipher([old]).encrypt(b"x")
    assert Cipher([new, old]).decrypt(value) == b"x"
    assert not Cipher([new, old]).is_current(value)
    assert Cipher([old, new]).is_current(value)
    assert Cipher([new]).decrypt(b"as it was") == b"as it was"
    with pytest.raises(WrongKey):
        Cipher([new]).decrypt(value)


def test_the_command_rotates_the_key_of_the_data_folder(tmp_path: Path, monkeypatch, capsys):
    from dayline.cli.encryption import rotate

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAYLINE_DATA_FOLDER", str(tmp_path / "data"))
    settings = Settings()
    database = open_store(settings)
    partner_id, secret = fill(database)
    database.close()
    before = settings.encryption_key_file.read_text()
    rotate()
    after = settings.encryption_key_file.read_text()
    assert "2 values" in capsys.readouterr().out
    assert before.strip() not in after
    again = open_store(settings)
    assert read(again, partner_id) == (secret, VECTOR)
    again.close()


def test_processes_start_together_on_an_empty_database(make_postgres):
    url, key, count = make_postgres(), generate_key(), 6
    databases = [open_database(url, pool_size=1) for _ in range(count)]
    migrate(databases[0])
    together = threading.Barrier(count)

    def start(database: Database) -> int:
        together.wait()
        return use_cipher(database, Cipher([key]))

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(start, databases)) == [0] * count
    with pytest.raises(DatabaseUnusable):
        use_cipher(databases[0], Cipher([generate_key()]))
    for database in databases:
        database.close()
