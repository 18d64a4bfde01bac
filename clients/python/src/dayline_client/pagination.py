"""Paginated lists, iterated by row or by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from dayline_client.transport import Transport

Row = TypeVar("Row")


class Listing(Generic[Row]):
    """Rows, newest first. Requests are made on iteration; every iteration makes them again.

    `for row in listing` iterates over all pages. Rows added meanwhile do not shift the following ones.
    """

    def __init__(self, transport: Transport, path: str, query: Mapping[str, Any]) -> None:
        self._transport, self._path, self._query = transport, path, dict(query)

    def __iter__(self) -> Iterator[Row]:
        for rows in self.pages():
            yield from rows

    def pages(self) -> Iterator[list[Row]]:
        """Iterate over the pages, `limit` rows each."""
        cursor: str | None = self._query.get("cursor")
        while True:
            rows, cursor = self.page(cursor)
            yield rows
            if cursor is None:
                return

    def page(self, cursor: str | None = None) -> tuple[list[Row], str | None]:
        """Return one page and the cursor of the next, None at the end. Without `cursor`: the first page."""
        query = {**self._query, "cursor": cursor or self._query.get("cursor")}
        found = self._transport.call("GET", self._path, query=query).json
        return found["data"], found["next_cursor"]
