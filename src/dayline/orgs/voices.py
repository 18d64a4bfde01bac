"""Voice prints of reps: stored only with consent, never returned, deleted on request.

A recording that was uploaded to enrol a voice is deleted as soon as the voice is stored or refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from dayline.clock import iso, now
from dayline.db.blobs import Blobs
from dayline.db.database import Database, Transaction
from dayline.domain.errors import Conflict, InvalidRequest, NotFound, Unavailable
from dayline.orgs import repository as orgs
from dayline.orgs import voice_prints_repository as voice_prints
from dayline.orgs.enrolment import Enrolled
from dayline.orgs.schemas import Consent, VoiceRequest, VoiceShown
from dayline.orgs.service import rep_of
from dayline.orgs.voice_prints_repository import VoicePrintRecord
from dayline.sessions.deletion_repository import users_of_file
from dayline.uploads import repository as uploads

_CLOCKS_DIFFER = timedelta(minutes=5)


Enroll = Callable[[str, str], Enrolled]
"""Measures the one voice in an upload (partner_id, file_key)."""


def check_consent(consent: Consent) -> None:
    """Raise InvalidRequest for a consent in the future."""
    if consent.given_at > now() + _CLOCKS_DIFFER:
        raise InvalidRequest("`consent.given_at` is in the future.", field="consent.given_at")


def measure(
    database: Database, blobs: Blobs, enroll: Enroll, org_id: str, rep_id: str, file_key: str, *, partner_id: str
) -> Enrolled:
    """Return the voice in an upload. It takes seconds, so no transaction is open meanwhile.

    A refused upload is deleted; after Unavailable it stays for a retry. Raises NotFound
    for org, rep or file, Conflict for an org that forbids voice features, InvalidRecording, Unavailable.
    """
    with database.read() as tx:
        rep_of(tx, org_id, rep_id, partner_id=partner_id)
        if uploads.get(tx, file_key, partner_id=partner_id) is None:
            raise NotFound.of("file", file_key)
        is_allowed = orgs.allows_voices(tx, partner_id, org_id)
    try:
        if not is_allowed:
            raise Conflict(f"The setting `voice_features` of the org {org_id!r} is off, so no voice is enrolled.")
        return enroll(partner_id, file_key)
    except Unavailable:
        raise
    except Exception:
        # Where nothing had been uploaded yet, the key stays: its link still works.
        if blobs.size_bytes(file_key) is not None:
            with database.write() as tx:
                _discard(tx, blobs, file_key)
        raise


def keep(
    tx: Transaction,
    blobs: Blobs,
    org_id: str,
    rep_id: str,
    voice: Enrolled,
    request: VoiceRequest,
    *,
    partner_id: str,
) -> VoiceShown:
    """Keep a voice in place of the one before, with its consent, and delete the recording. Raises NotFound."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    consent = request.consent
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
    tx.erased()  # of the voice before
    _discard(tx, blobs, request.file_key)
    return voice_json(record)


def shown(tx: Transaction, org_id: str, rep_id: str, *, partner_id: str) -> VoiceShown:
    """Return what is known about a rep's voice. Raises NotFound."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    record = voice_prints.get(tx, partner_id, org_id, rep_id)
    if record is None:
        raise NotFound.of("voice", rep_id)
    return voice_json(record)


def delete_voice(tx: Transaction, org_id: str, rep_id: str, *, partner_id: str) -> None:
    """Delete a rep's voice print. Raises NotFound."""
    rep_of(tx, org_id, rep_id, partner_id=partner_id)
    if not voice_prints.delete(tx, partner_id, org_id, rep_id):
        raise NotFound.of("voice", rep_id)
    tx.erased()


def voice_json(record: VoicePrintRecord) -> VoiceShown:
    """Return what is known about a voice print, without the vector."""
    return {
        "org_id": record.org_id,
        "rep_id": record.rep_id,
        "embedder": record.embedder,
        "speech_seconds": round(record.speech_seconds, 1),
        "consent": record.consent,
        "created_at": iso(record.created_at),
    }


def _discard(tx: Transaction, blobs: Blobs, file_key: str) -> None:
    """Delete an upload, unless a session or an analysis uses it as well."""
    if users_of_file(tx, file_key) == 0:
        uploads.delete(tx, file_key)
        blobs.delete(file_key)
