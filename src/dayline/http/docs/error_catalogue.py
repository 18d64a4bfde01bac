"""Catalogue of error codes: HTTP status, meaning, and remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodePage:
    """One page of the error catalogue. `status` None: occurs in the `error` of a job, never as a response."""

    status: int | None
    meaning: str
    remedy: str


_NOT_FOUND = "Nothing of this kind with that id belongs to your partner. Ids of other partners look the same as none."
_CHECK_ID = "Check the id, its case, and that the key belongs to the same partner. Deleted objects stay gone."
_AGAIN = "It is tried again by itself. When it stands in a failed session, retry the session; what is done stays done."

CODES: dict[str, CodePage] = {
    "authentication_required": CodePage(
        401, "The request carries no bearer key.", "Send `Authorization: Bearer pk_...` with every request."
    ),
    "invalid_api_key": CodePage(
        401,
        "The key is not one of ours.",
        "Check that it was copied whole. A lost key cannot be shown again: make one.",
    ),
    "key_revoked": CodePage(
        401,
        "The key was revoked, or its partner is suspended (`details.reason` says which).",
        "Use another key, or ask the operator to resume the partner.",
    ),
    "sign_in_link_invalid": CodePage(
        401,
        "The sign-in link of the console was used before, has expired, or is not complete.",
        "Ask for a new one. `dayline console` prints links that live ten minutes; invitations live 72 hours.",
    ),
    "insecure_connection": CodePage(
        403,
        "Signing in to the console needs https, or an address of this machine: elsewhere browsers protect no cookie.",
        "Serve Dayline behind https and set DAYLINE_BASE_URL to that address.",
    ),
    "host_not_allowed": CodePage(
        403,
        "A request with a console cookie was sent to a host name that is not the service's own.",
        "Open the console at the address that DAYLINE_BASE_URL names.",
    ),
    "cross_site_request": CodePage(
        403,
        "A request with a console cookie did not come from one of the console's own pages.",
        "Use the console, or a key in the `Authorization` header.",
    ),
    "scope_required": CodePage(
        403,
        "The key is valid and lacks the right named in `details.required_scope`.",
        "Use a key with that scope. Admin keys act for no partner; partner keys do no admin work.",
    ),
    "invalid_link": CodePage(
        403,
        "A signed link to a file was altered, has ended, or was made for another method.",
        "Ask for a new link; use it as it is, with the headers that came with it.",
    ),
    "key_environment_mismatch": CodePage(
        403,
        "A sandbox key met something of production, or the reverse; or a live key named a mock:// recording.",
        "Use a key of the environment that the object belongs to.",
    ),
    "invalid_request": CodePage(
        400,
        "The request is not of the form this operation takes. `details.field` names the place; fields that do not "
        "exist are refused by name.",
        "Correct the field. `details.errors` lists up to twenty problems at once.",
    ),
    "missing_field": CodePage(400, "A required field is missing: `details.field`.", "Add it."),
    "invalid_enum": CodePage(
        400, "A field holds a word that is not on its list.", "Use one of the words in `details.allowed`."
    ),
    "invalid_url": CodePage(
        400,
        "A URL is not of the form we call: https, with a host, without user name, and not a private address.",
        "Correct the address in the field that `details.field` names.",
    ),
    "invalid_recording_url": CodePage(
        422,
        "The recording cannot be used: not reachable, not public, not audio, or not allowed for this key. Sandbox keys "
        "take mock:// recordings only.",
        "Open the address without any login from outside your network. Pre-signed links must live long enough.",
    ),
    "recording_too_long": CodePage(
        422, "The recording is longer than this operation takes.", "Submit long recordings as all-day sessions."
    ),
    "recording_too_short": CodePage(422, "The recording is too short to be worked on.", "Send ten seconds or more."),
    "unsupported_codec": CodePage(
        422, "The file is not audio that can be decoded.", "Send MP3, M4A, WAV, FLAC, Ogg or Opus."
    ),
    "session_not_found": CodePage(404, _NOT_FOUND, _CHECK_ID),
    "segment_not_found": CodePage(
        404, "The session has no such segment; corrections may have merged or removed it.", "Read the segments again."
    ),
    "revision_not_found": CodePage(404, "The session has no revision of that number.", "List the revisions."),
    "analysis_not_found": CodePage(404, _NOT_FOUND, _CHECK_ID),
    "org_not_found": CodePage(404, _NOT_FOUND, _CHECK_ID),
    "rep_not_found": CodePage(404, _NOT_FOUND, _CHECK_ID),
    "voice_not_found": CodePage(404, "No voice of this rep is enrolled.", "Enrol one, with the rep's consent."),
    "playbook_not_found": CodePage(404, _NOT_FOUND, "Check the id and the org. Deleted playbooks apply no more."),
    "prompt_not_found": CodePage(404, _NOT_FOUND, _CHECK_ID),
    "webhook_not_found": CodePage(404, _NOT_FOUND, _CHECK_ID),
    "delivery_not_found": CodePage(404, _NOT_FOUND, "List the webhook's deliveries."),
    "file_not_found": CodePage(404, "There is no upload under this file_key, or the link has ended.", _CHECK_ID),
    "partner_not_found": CodePage(404, "There is no partner of that id, or it is not the key's.", _CHECK_ID),
    "key_not_found": CodePage(404, "There is no key of that id.", "Use the `id` of the key, not its text."),
    "console_session_not_found": CodePage(404, "There is no such sign-in, or it is not yours.", "List them again."),
    "share_not_found": CodePage(
        404,
        "The share link has expired, was revoked, its conversation is no more, or its org allows no links.",
        "Ask whoever sent it for a new one. `GET /v1/all-day-sessions/{id}/shares` lists the links of a session.",
    ),
    "note_not_found": CodePage(404, "The session has no such note, or you may not read it.", "List the notes."),
    "not_found": CodePage(404, "There is nothing at this address.", "Compare the path with the reference."),
    "method_not_allowed": CodePage(
        405, "The address exists and does not answer that method.", "Use a method from the `Allow` header."
    ),
    "idempotency_conflict": CodePage(
        409,
        "The Idempotency-Key was used within the last 24 hours for a request with another path or body.",
        "Use a new key for every new request; repeat a key only with exactly the same request.",
    ),
    "idempotency_in_progress": CodePage(
        409,
        "The first request with this Idempotency-Key is still being worked on.",
        "Wait a moment and send the same request again; you get the first one's outcome.",
    ),
    "invalid_state": CodePage(
        409,
        "The request is well formed and does not fit the present state: a session that has ended cannot be cancelled, "
        "a stale `revision` cannot be corrected.",
        "Read the object again and decide anew. `details` tells the present state.",
    ),
    "recording_gone": CodePage(
        409,
        "The recording cannot be had any more: its address has expired, the file was deleted, or its server sends "
        "whole files only (`details.reason` is then `no_ranges`).",
        "Send its new address with PUT .../recording-url, or listen to a copy of your own.",
    ),
    "recording_changed": CodePage(
        409,
        "Another file stands at the recording's address than the one that was worked on.",
        "Put the first file back, or submit the new one as a session of its own.",
    ),
    "request_too_large": CodePage(
        413,
        "The body is larger than the service reads (`details.limit_bytes`).",
        "Upload recordings; do not embed them.",
    ),
    "rate_limited": CodePage(
        429,
        "The key has used up its requests. Every response tells what is left in `RateLimit`.",
        "Wait as many seconds as `Retry-After` says. Prefer webhooks and event streams to polling.",
    ),
    "internal_error": CodePage(
        500, "Something went wrong on our side.", "Try again later; quote the `request_id` when you report it."
    ),
    "unavailable": CodePage(
        503, "A part that this request needs does not answer right now.", "Try again after `Retry-After` seconds."
    ),
    "cancelled": CodePage(
        None,
        "The session was cancelled on request.",
        "Retry the session if that was not wanted; it goes on from there.",
    ),
    "language_not_supported": CodePage(
        None, "The transcriber does not know the language asked for.", "Leave `language` out, or use another engine."
    ),
    "engine_misconfigured": CodePage(
        None, "The speech or language engine is not set up as it must be.", "The operator has to correct the settings."
    ),
    "invalid_setting": CodePage(
        None, "A setting cannot be used; the message begins with its name.", "The operator has to correct the setting."
    ),
    "database_unusable": CodePage(
        None,
        "The database is none of this version, or was written with another encryption key.",
        "The operator has to install the version that made it, restore a backup, or set the key.",
    ),
    "model_not_found": CodePage(
        None, "The configured speech model has no known name.", "The operator has to correct the settings."
    ),
    "model_unavailable": CodePage(None, "The speech model could not be fetched or loaded.", _AGAIN),
    "provider_unavailable": CodePage(None, "The speech or language provider does not answer.", _AGAIN),
    "engine_crashed": CodePage(None, "A recogniser process ended unexpectedly.", _AGAIN),
    "engine_timeout": CodePage(None, "A recogniser process took too long.", _AGAIN),
    "compute_crashed": CodePage(None, "A computing process ended unexpectedly.", _AGAIN),
    "worker_crashed": CodePage(
        None,
        "The worker process ended every time it worked on this step.",
        "The operator finds the reason in the logs, often a lack of memory; then retry.",
    ),
    "compute_timeout": CodePage(None, "A computation took too long.", _AGAIN),
    "clip_too_long": CodePage(None, "A piece of speech was longer than the recogniser takes.", _AGAIN),
    "chunk_damaged": CodePage(None, "A working copy of a piece of speech could not be read.", _AGAIN),
    "data_damaged": CodePage(
        None,
        "A stored result or transcript can no longer be read: the database file was damaged.",
        "Analyse the conversation again, or restore a backup of the database.",
    ),
    "series_damaged": CodePage(None, "A stored series of the recording could not be read.", _AGAIN),
}


def of_status(status: int) -> list[str]:
    """Return the codes that a response of this status may carry."""
    return [code for code, page in CODES.items() if page.status == status]
