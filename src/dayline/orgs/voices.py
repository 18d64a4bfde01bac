"""Voices of reps: kept only with consent, described but never shown, forgotten on request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dayline.core.errors import InvalidRequest, NotFound
from dayline.kit.clock import iso, now
from dayline.orgs.enrolment import Enrolled
from dayline.orgs.schemas import Consent, VoiceRequest
from dayline.orgs.service import rep_of
from dayline.store.db import Transaction
from dayline.store.tenants import uploads, voice_prints
from dayline.store.tenants.voice_prints import VoicePrintRecord

_CLOCKS_DIFFER = timedelta(minutes=5)


def check(tx: Transaction, org_id: str, rep_id: str, request: VoiceRequest, *, partner_id: str) -> None:
    """Judge a request before anything is heard. Raises NotFound for org, rep or file, InvalidRequest."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    if uploads.get(tx, request.file_key, partner_id=partner_id) is None:
        raise NotFound.of("file", request.file_key)
    if request.consent.given_at > now() + _CLOCKS_DIFFER:
        raise InvalidRequest("`consent.given_at` lies in the future.", field="consent.given_at")


def keep(
    tx: Transaction, org_id: str, rep_id: str, voice: Enrolled, consent: Consent, *, partner_id: str
) -> dict[str, Any]:
    """Keep a voice in place of the one before, with the consent it was given under. Raises NotFound."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    record = VoicePrintRecord(
        partner_id=partner_id,
        org_id=org_id,
        rep_id=rep_id,
        embedder=voice.embedder,
        speech_seconds=voice.speech_seconds,
        consent={"given_by": consent.given_by, "given_at": iso(consent.given_at), "text": consent.text},
        created_at=now(),
    )
    voice_prints.put(tx, record, voice.vector)
    return voice_json(record)


def shown(tx: Transaction, org_id: str, rep_id: str, *, partner_id: str) -> dict[str, Any]:
    """Return what is known about a rep's voice. Raises NotFound."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    record = voice_prints.get(tx, partner_id, org_id, rep_id)
    if record is None:
        raise NotFound.of("voice", rep_id)
    return voice_json(record)


def forget(tx: Transaction, org_id: str, rep_id: str, *, partner_id: str) -> None:
    """Delete a rep's voice. Raises NotFound."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    if not voice_prints.delete(tx, partner_id, org_id, rep_id):
        raise NotFound.of("voice", rep_id)


def voice_json(record: VoicePrintRecord) -> dict[str, Any]:
    """Write what is known about a voice, never the voice."""
    return {
        "org_id": record.org_id,
        "rep_id": record.rep_id,
        "embedder": record.embedder,
        "speech_seconds": round(record.speech_seconds, 1),
        "consent": record.consent,
        "created_at": iso(record.created_at),
    }
