"""Signed links of the object stores, checked against each provider's published rules without a server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dayline.db.blobs import Blobs
from dayline.uploads.links import LINK_SECONDS, LinkSigner

KEY = "uploads/p-1/0001/Tag_1.m4a"


def _signer(blobs: Blobs) -> LinkSigner:
    return LinkSigner(blobs, "https://day.test", "00" * 32)


def _links(blobs: Blobs) -> dict[str, str]:
    signer = _signer(blobs)
    return {"PUT": signer.put_link(KEY, "audio/mp4")[0], "GET": signer.get_link(KEY)[0]}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_s3_links_are_signed_by_the_fourth_signature(method):
    blobs = Blobs(
        "s3://bucket", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="s3cret", aws_region="eu-west-1"
    )
    url = urlsplit(_links(blobs)[method])
    query = dict(parse_qsl(url.query))
    signature = query.pop("X-Amz-Signature")
    assert query["X-Amz-Expires"] == str(LINK_SECONDS)
    assert unquote(url.path).endswith(f"/{KEY}")

    ordered = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
    request = "\n".join([method, url.path, ordered, f"host:{url.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    stamp = query["X-Amz-Date"]
    scope = f"{stamp[:8]}/eu-west-1/s3/aws4_request"
    assert query["X-Amz-Credential"] == f"AKIDEXAMPLE/{scope}"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = b"AWS4s3cret"
    for part in (stamp[:8], "eu-west-1", "s3", "aws4_request"):
        key = _hmac(key, part)
    assert signature == _hmac(key, text).hex()


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_azure_links_are_shared_access_signatures(method):
    secret = base64.b64encode(b"azure secret").decode()
    blobs = Blobs("az://box", azure_storage_account_name="acct", azure_storage_account_key=secret)
    url = urlsplit(_links(blobs)[method])
    query = {k: v[0] for k, v in parse_qs(url.query).items()}
    assert query["sp"] == ("w" if method == "PUT" else "r")
    fields = ["sp", "st", "se", None, "si", "sip", "spr", "sv", "sr", "snapshot", "ses"]
    lines = [f"/blob/acct/box/{KEY}" if name is None else query.get(name, "") for name in fields]
    text = "\n".join([*lines, "", "", "", "", ""])
    assert query["sig"] == base64.b64encode(_hmac(base64.b64decode(secret), text)).decode()
    assert _signer(blobs).put_link(KEY, "audio/mp4")[1]["x-ms-blob-type"] == "BlockBlob"


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_google_links_are_signed_with_the_service_accounts_key(method):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account", "private_key": pem, "private_key_id": "1", "client_email": "day@x.test",
        "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
    }  # fmt: skip
    blobs = Blobs("gs://bucket", google_service_account_key=json.dumps(account))
    url = urlsplit(_links(blobs)[method])
    query = dict(parse_qsl(url.query))
    signature = bytes.fromhex(query.pop("X-Goog-Signature"))
    assert query["X-Goog-Expires"] == str(LINK_SECONDS)
    ordered = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
    request = "\n".join([method, url.path, ordered, f"host:{url.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    scope = query["X-Goog-Credential"].split("/", 1)[1]
    text = "\n".join(["GOOG4-RSA-SHA256", query["X-Goog-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    private.public_key().verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_our_own_links_are_bound_to_method_object_and_hour(tmp_path):
    signer = _signer(Blobs(str(tmp_path)))
    url, headers, ends_at = signer.put_link(KEY, "audio/mp4")
    assert headers == {"Content-Type": "audio/mp4"}
    query = dict(parse_qsl(urlsplit(url).query))
    assert int(query["expires"]) == int(ends_at.timestamp())
    signer.check("PUT", KEY, query)
    other = LinkSigner(signer.blobs, signer.base_url, "11" * 32)
    from dayline.domain.errors import Forbidden

    for refuse, method, key in ((signer, "GET", KEY), (signer, "PUT", KEY + "x"), (other, "PUT", KEY)):
        with pytest.raises(Forbidden):
            refuse.check(method, key, query)
