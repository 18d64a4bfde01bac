"""The detector's memory of an org, as it is shown and deleted."""

from __future__ import annotations

from dayline.clock import iso, now
from dayline.db.database import Transaction
from dayline.orgs import detector_memory_repository as repository
from dayline.orgs.schemas import DetectorMemoryReceipt, DetectorMemoryShown
from dayline.orgs.service import org_of
from dayline.workflows.analysis.org_memory import memory_for


def shown(tx: Transaction, org_id: str, *, partner_id: str) -> DetectorMemoryShown:
    """Return how many days and stems are remembered. Raises NotFound for the org."""
    org_of(tx, org_id, partner_id=partner_id)
    rows = repository.newest(tx, partner_id, org_id, limit=100_000)
    known = memory_for(tx, partner_id, org_id)
    changed = repository.updated_at(tx, partner_id, org_id)
    return {
        "days": len(rows),
        "stems": len(known.ratio),
        "updated_at": iso(changed) if changed is not None else None,
    }


def delete_memory(tx: Transaction, org_id: str, *, partner_id: str) -> DetectorMemoryReceipt:
    """Delete what is remembered of an org and return the receipt. Raises NotFound for the org."""
    org_of(tx, org_id, partner_id=partner_id)
    ids = repository.delete_memory(tx, partner_id, org_id)
    tx.erased()
    return {"org_id": org_id, "deleted_at": iso(now()), "days": len(ids), "session_ids": ids}
