"""Invalid values from engines, providers and partners never make a stored row unreadable."""

from __future__ import annotations

import sqlalchemy as sa

from dayline.db.columns import is_damaged, read_json, write_json
from dayline.db.tables import analysis

POISON = {"text": "a\0b\ud800", "score": float("nan"), "seconds": float("inf"), "fine": [1, 1.5, "ü"]}
CLEAN = {"text": "a\ufffdb\ufffd", "score": None, "seconds": None, "fine": [1, 1.5, "ü"]}


def test_json_is_written_without_poison():
    assert read_json(write_json(POISON)) == CLEAN
    assert write_json({"a": [1, "\u00fc"]}) == '{"a":[1,"ü"]}'.encode()


def test_text_that_is_no_json_is_told_instead_of_raised():
    assert is_damaged(read_json("{half"))
    assert not is_damaged(read_json("{}"))


def test_plain_and_packed_columns_hold_no_poison(database):
    columns = {"metadata": POISON, "result": POISON}
    with database.write() as tx:
        stored = tx.run(sa.select(*[sa.literal(value, analysis.c[name].type) for name, value in columns.items()])).one()
    assert tuple(stored) == (CLEAN, CLEAN)
