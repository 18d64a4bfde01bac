"""`dayline keys` as an operator uses it, on a terminal of 80 columns."""

from __future__ import annotations

import pytest

from dayline.auth import keys_repository as keys
from dayline.db.database import open_database


def _state(environment, key_id):
    database = open_database(f"sqlite:///{environment['DAYLINE_DATA_FOLDER']}/dayline.db")
    with database.read() as tx:
        holder = keys.find_holder(tx, key_id)
    database.close()
    assert holder is not None
    return holder.key.revoked_at


def test_list_shows_every_partner_and_each_key_on_one_line(dayline):
    live = dayline("keys", "create", "--partner", "acme", "--name", "crm").stdout.strip()
    sandbox = dayline("keys", "create", "--environment", "sandbox").stdout.strip()
    admin = dayline("keys", "create", "--environment", "admin").stdout.strip()

    listed = dayline("keys", "list")
    assert listed.returncode == 0
    for text, partner in ((live, "acme"), (sandbox, "local"), (admin, "(admin)")):
        prefix, _, secret = text.rpartition("_")
        (line,) = [line for line in listed.stdout.splitlines() if prefix in line]
        assert partner in line
        assert secret not in listed.stdout
    only = dayline("keys", "list", "--partner", "acme").stdout
    assert live.rpartition("_")[0] in only
    assert sandbox.rpartition("_")[0] not in only
    assert dayline("keys", "list", "--partner", "nobody").returncode == 1


@pytest.mark.parametrize("form", ["id", "prefix", "whole"])
def test_revoke_takes_the_id_that_stands_in_the_key(dayline, environment, form):
    text = dayline("keys", "create").stdout.strip()
    other = dayline("keys", "create").stdout.strip()
    key_id = text.split("_")[2]
    given = {"id": key_id, "prefix": text.rpartition("_")[0], "whole": text}[form]
    assert _state(environment, key_id) is None
    assert dayline("keys", "revoke", given).stdout == "revoked\n"
    assert _state(environment, key_id) is not None
    assert _state(environment, other.split("_")[2]) is None


def test_an_unknown_key_is_refused(dayline):
    done = dayline("keys", "revoke", "pk_live_aaaaaaaaaaaa")
    assert done.returncode == 1
    assert "keys list" in done.stderr
