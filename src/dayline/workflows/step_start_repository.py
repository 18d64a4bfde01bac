"""Rows of steps that have begun and have not ended, by which a step that ends its worker every time is found."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from dayline.clock import now
from dayline.db.database import Transaction
from dayline.db.tables import step_start


class Unfinished(NamedTuple):
    """Earlier executions of a step that did not end, one after the other.

    starts: all of them.
    alone: those during which the worker ran no other step that had ended a worker before.
    """

    starts: int
    alone: int


def begin(tx: Transaction, step: str, executor_id: str) -> Unfinished:
    """Count that a step begins, and return what became of its earlier executions."""
    row = tx.run(
        sa.text(
            "INSERT INTO step_start (step, executor_id, starts, alone, began_at) VALUES (:step, :executor, 1, 0, :now) "
            "ON CONFLICT (step) DO UPDATE SET executor_id = excluded.executor_id, starts = step_start.starts + 1, "
            "began_at = excluded.began_at RETURNING starts, alone"
        ).bindparams(sa.bindparam("now", type_=step_start.c.began_at.type)),
        {"step": step, "executor": executor_id, "now": now()},
    ).one()
    return Unfinished(int(row.starts) - 1, int(row.alone))


def count_alone(tx: Transaction, step: str) -> None:
    """Count that a step goes on without another suspect beside it."""
    tx.run(sa.update(step_start).where(step_start.c.step == step).values(alone=step_start.c.alone + 1))


def end(tx: Transaction, step: str) -> None:
    """Delete the row of a step that has ended, however it did."""
    tx.run(sa.delete(step_start).where(step_start.c.step == step))


def end_all_of(tx: Transaction, executor_prefix: str) -> None:
    """Delete the rows of a worker that was stopped or killed by somebody, with everything counted in them."""
    tx.run(sa.delete(step_start).where(step_start.c.executor_id.startswith(executor_prefix, autoescape=True)))


def delete_before(tx: Transaction, moment: datetime) -> None:
    """Delete rows of steps that began before a moment: their sessions were cancelled or deleted."""
    tx.run(sa.delete(step_start).where(step_start.c.began_at < moment))
