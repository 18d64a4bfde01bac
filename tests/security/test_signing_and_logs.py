"""Signatures, tokens, cursors, limits and logs."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from dayline.db.pagination import Position, read_cursor, write_cursor
from dayline.ids import derived_id, new_id
from dayline.logs import safe_url, without_secrets
from dayline.security.api_keys import make_key, make_signing_key, make_webhook_secret, same_secret, split_key
from dayline.security.signing import link_is_valid, sign_link, webhook_headers

NOW = 1_900_000_000


def test_both_signature_conventions_verify_with_every_secret_of_a_rotation() -> None:
    old, new = make_webhook_secret(), make_webhook_secret()
    moment = int(datetime.now(UTC).timestamp())
    headers = webhook_headers(
        b'{"a":1}', event_id="evt_1", event_type="t", attempt_id="d1", timestamp=moment, secrets=[new, old]
    )
    for secret in (old, new):
        Webhook(secret).verify(b'{"a":1}', {k.lower(): v for k, v in headers.items()})
        expected = hmac.new(secret.encode(), f"{moment}.".encode() + b'{"a":1}', hashlib.sha256).hexdigest()
        assert f"v1={expected}" in headers["X-Parlay-Signature"]
    with pytest.raises(WebhookVerificationError):
        Webhook(make_webhook_secret()).verify(b'{"a":1}', {k.lower(): v for k, v in headers.items()})


def test_an_old_delivery_is_refused_by_the_verifier() -> None:
    secret = make_webhook_secret()
    old = int(datetime.now(UTC).timestamp()) - 3600
    headers = webhook_headers(b"{}", event_id="e", event_type="t", attempt_id="d", timestamp=old, secrets=[secret])
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"{}", {k.lower(): v for k, v in headers.items()})


def test_a_link_works_until_it_expires_and_only_unaltered() -> None:
    from urllib.parse import parse_qsl

    key = make_signing_key()
    fields = dict(parse_qsl(sign_link(key, "PUT", "/v1/files/a", expires_at=NOW, extra={"size": "5"})))
    assert link_is_valid(key, "PUT", "/v1/files/a", fields, at=NOW)
    assert not link_is_valid(key, "PUT", "/v1/files/a", fields, at=NOW + 1)
    assert not link_is_valid(key, "GET", "/v1/files/a", fields, at=NOW)
    assert not link_is_valid(key, "PUT", "/v1/files/b", fields, at=NOW)
    assert not link_is_valid(key, "PUT", "/v1/files/a", {**fields, "size": "6"}, at=NOW)
    assert not link_is_valid(key, "PUT", "/v1/files/a", {**fields, "expires": str(NOW + 9)}, at=NOW)
    assert not link_is_valid(make_signing_key(), "PUT", "/v1/files/a", fields, at=NOW)


def test_keys_have_the_public_form_and_only_their_hash_is_needed() -> None:
    for kind in ("live", "sandbox", "admin"):
        key = make_key(kind)
        parts = split_key(key.text)
        assert parts is not None
        assert parts[:2] == (kind, key.key_id)
        assert same_secret(parts[2], key.secret_hash)
        assert not same_secret(parts[2] + "x", key.secret_hash)
    assert split_key("pk_live_short_secret") is None
    assert split_key("Bearer x") is None


def test_a_cursor_is_bound_to_its_key_and_scope() -> None:
    position = Position(datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC), "id-1")
    cursor = write_cursor(position, key="k", scope="p1:sessions")
    assert read_cursor(cursor, key="k", scope="p1:sessions") == position
    assert read_cursor(cursor, key="k", scope="p2:sessions") is None
    assert read_cursor(cursor, key="other", scope="p1:sessions") is None
    assert read_cursor("nonsense!", key="k", scope="p1:sessions") is None
    assert read_cursor("é", key="k", scope="p1:sessions") is None


def test_ids_are_uuids_and_derived_ones_repeat() -> None:
    assert str(uuid.UUID(new_id())) != str(uuid.UUID(new_id()))
    assert derived_id("a", 1) == derived_id("a", 1) != derived_id("a", 2)
    assert derived_id("ab", "c") != derived_id("a", "bc")


def test_logs_hold_no_secret_and_no_query() -> None:
    text = without_secrets(f"{make_key('live').text} {make_webhook_secret()} Bearer abc")
    assert "***" in text
    assert make_key("live").text[-10:] not in text
    assert "abc" not in text
    assert safe_url("https://u:p@h.example:8/a/b?X-Signature=1#f") == "https://h.example:8/a/b"
