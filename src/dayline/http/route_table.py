"""The map of the house, read from its own OpenAPI document: which paths, methods and query names exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Route:
    """One path. `queries` has the names of query parameters per method (upper case)."""

    template: str
    pattern: re.Pattern[str]
    queries: dict[str, frozenset[str]]

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method that this path answers."""
        return tuple(self.queries)


class RouteTable:
    """Finds the place of a path."""

    def __init__(self, document: dict[str, Any]) -> None:
        places = [_place(template, item) for template, item in document["paths"].items()]
        # Paths with fewer parameters first: /a/b is found before /a/{x}.
        self._places = sorted(places, key=lambda place: place.template.count("{"))

    def find(self, path: str) -> Route | None:
        """Return the place of a path, or None."""
        return next((place for place in self._places if place.pattern.fullmatch(path)), None)

    def unknown_queries(self, path: str, method: str, names: Iterable[str]) -> list[str]:
        """Return the query names that this operation does not have; none where the operation is unknown."""
        place = self.find(path)
        known = place.queries.get(method) if place else None
        return [] if known is None else sorted(set(names) - known)


def _place(template: str, item: dict[str, Any]) -> Route:
    queries = {
        method.upper(): frozenset(p["name"] for p in item[method].get("parameters", []) if p["in"] == "query")
        for method in _METHODS
        if method in item
    }
    pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
    return Route(template, re.compile(pattern), queries)
