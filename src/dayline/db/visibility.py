"""Limits on the orgs and the rep of a partner that a caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Visibility:
    """Limits below the partner, which every query has anyway.

    org_ids: the orgs that may be seen; empty means every org of the partner.
    rep_id: the only rep that may be seen; None means every rep of these orgs.
    """

    org_ids: frozenset[str] = frozenset()
    rep_id: str | None = None

    def covers(self, org_id: str, rep_id: str | None = None) -> bool:
        """Return whether an org, or one rep of it, may be seen."""
        if self.org_ids and org_id not in self.org_ids:
            return False
        return rep_id is None or self.rep_id is None or rep_id == self.rep_id

    def limit(self, query: Any, org_id: Any, rep_id: Any = None) -> Any:
        """Return `query` limited to the rows that may be seen. `org_id` and `rep_id` are its columns."""
        if self.org_ids:
            query = query.where(org_id.in_(sorted(self.org_ids)))
        if self.rep_id is not None and rep_id is not None:
            query = query.where(rep_id == self.rep_id)
        return query


EVERYTHING = Visibility()
"""No limits below the partner."""
