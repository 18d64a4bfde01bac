"""Recordings at HTTP addresses: servers with and without `Range`, slow, dropping, inconsistent or malicious ones."""

from __future__ import annotations

import ipaddress
import ssl
import threading

import httpx2
import numpy as np
import pytest

from bench.certificate import server_context
from dayline.audio.sources.http import HttpLimits, HttpSource
from dayline.domain.errors import Cancelled, InvalidRecording
from dayline.security.ssrf import guarded_client

BODY = b"OggS" + np.random.default_rng(0).integers(0, 256, 700_000, np.uint8).tobytes()
QUICK = HttpLimits(backoff_seconds=0.01, block_bytes=64 << 10, attempts=3)


@pytest.fixture
def client():
    with httpx2.Client(timeout=3, follow_redirects=True, trust_env=False) as client:
        yield client


def read_all(source, step=50_000):
    parts = bytearray()
    while part := source.read_at(len(parts), step):
        parts += part
    return bytes(parts)


@pytest.mark.parametrize("knows_range", [True, False])
@pytest.mark.parametrize(
    "behaviour",
    [
        {},
        {"cut_after": [30_000, 20_000, 100_000]},
        {"chunk": 20_000, "pause_s": 0.002},
        {"status": [503, 500]},
        {"etag": None},
        {"etag": 'W/"weak"'},
    ],
    ids=["well", "cutting", "slow", "stumbling", "no version", "weak version"],
)
def test_the_bytes_arrive(serve, client, tmp_path, knows_range, behaviour):
    url, state = serve(
        body=BODY, knows_range=knows_range, **{k: list(v) if isinstance(v, list) else v for k, v in behaviour.items()}
    )
    with HttpSource(url, client, QUICK, tmp_path) as source:
        assert source.is_seekable is knows_range
        assert source.size_bytes == len(BODY)
        assert read_all(source) == BODY
        assert source.read_at(123_456, 1000) == BODY[123_456:124_456]
        assert source.read_at(len(BODY), 10) == b""
    assert not list(tmp_path.iterdir())
    assert state.requests


def test_the_end_is_reached_without_the_middle(serve, client, tmp_path):
    url, state = serve(body=BODY)
    with HttpSource(url, client, QUICK, tmp_path) as source:
        assert source.read_at(len(BODY) - 100, 100) == BODY[-100:]
    assert len(state.requests) == 2


def test_a_length_nobody_told(serve, client, tmp_path):
    url, _ = serve(body=BODY, knows_range=False, hides_length=True)
    with HttpSource(url, client, QUICK, tmp_path) as source:
        assert source.size_bytes is None
        assert read_all(source) == BODY
        assert source.size_bytes == len(BODY)


REFUSALS = {
    "missing": ({"status": [404] * 9}, "no file"),
    "forbidden": ({"status": [403] * 9}, "refuses access"),
    "unwell": ({"status": [503] * 9}, "status 503"),
    "empty": ({"body": b""}, "empty file"),
    "page": ({"body": b"<!DOCTYPE html><html>" + bytes(5000), "headers": {"Content-Type": "text/html"}}, "web page"),
    "page, no range": ({"body": b"\n<html>" + bytes(5000), "knows_range": False}, "web page"),
    "teapot": ({"status": [418] * 9}, "status 418"),
    "compressed": ({"headers": {"Content-Encoding": "gzip"}}, "compressed"),
    "loop": ({"status": [302] * 99, "headers": {"Location": "/again"}}, "redirects"),
    "claims too much": ({"claims": len(BODY) + 5000, "knows_range": False}, "breaks off"),
    "always cut": ({"cut_after": [0] * 99}, "breaks off"),
    "always cut, no range": ({"cut_after": [400_000] * 99, "knows_range": False}, "breaks off"),
    "changed": ({"change_after": 3}, "another file"),
    "changed, no range": ({"change_after": 1, "cut_after": [300_000], "knows_range": False}, "another file"),
    "too large": ({"body": bytes(3 << 20)}, "larger than"),
    "endless": ({"endless": True, "hides_length": True, "knows_range": False}, "larger than"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_tell_what_to_do(serve, client, tmp_path, name):
    behaviour, words = REFUSALS[name]
    url, _ = serve(**{"body": BODY, **behaviour})
    limits = HttpLimits(backoff_seconds=0.01, block_bytes=64 << 10, attempts=3, restarts=4, max_bytes=2 << 20)
    with pytest.raises(InvalidRecording, match=words) as caught, HttpSource(url, client, limits, tmp_path) as source:
        read_all(source)
    assert caught.value.code == "invalid_recording_url"
    assert "hush" not in caught.value.message
    assert not list(tmp_path.iterdir())


def test_nobody_listens(client, tmp_path):
    with pytest.raises(InvalidRecording, match="cannot be reached"):
        HttpSource("http://localhost:1/x?secret=hush", client, QUICK, tmp_path)


@pytest.mark.parametrize("knows_range", [True, False])
def test_drips_and_silence_are_cut_off(serve, client, tmp_path, knows_range):
    limits = HttpLimits(
        backoff_seconds=0.01, attempts=2, slow_window_seconds=0.1, slow_bytes_per_second=50_000, restarts=2
    )
    url, _ = serve(body=BODY, knows_range=knows_range, chunk=40, pause_s=0.02)
    with pytest.raises(InvalidRecording, match="too slowly"), HttpSource(url, client, limits, tmp_path) as source:
        source.read_at(0, 500_000)
    url, _ = serve(body=BODY, knows_range=knows_range, chunk=40, pause_s=5.0)
    with (
        httpx2.Client(timeout=0.2) as hasty,
        pytest.raises(InvalidRecording, match="too slowly"),
        HttpSource(url, hasty, limits, tmp_path) as source,
    ):
        source.read_at(0, 500_000)


def test_stopping_does_not_wait_for_the_server(serve, client, tmp_path):
    stop = threading.Event()
    url, _ = serve(body=BODY, knows_range=False, chunk=2000, pause_s=0.02)
    with HttpSource(url, client, QUICK, tmp_path, should_stop=stop.is_set) as source:
        source.read_at(0, 5000)
        stop.set()
        with pytest.raises(Cancelled):
            source.read_at(0, 600_000)


def test_https_through_the_guard(serve, tmp_path, tmp_path_factory):
    server, ca_file = server_context(tmp_path_factory.mktemp("tls"))
    trust = ssl.create_default_context(cafile=str(ca_file))
    url, _ = serve(server, body=BODY, cut_after=[100_000, 10_000])
    local = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    with (
        guarded_client(allow_networks=local, verify=trust) as client,
        HttpSource(url, client, QUICK, tmp_path) as source,
    ):
        assert read_all(source) == BODY
    with guarded_client(allow_networks=local) as client, pytest.raises(InvalidRecording, match="certificate"):
        HttpSource(url, client, QUICK, tmp_path)
    with guarded_client(verify=trust) as client, pytest.raises(InvalidRecording, match="not on the public internet"):
        HttpSource(url, client, QUICK, tmp_path)


def test_a_redirect_to_this_machine_is_refused(serve, tmp_path):
    url, _ = serve(status=[302], headers={"Location": "http://127.0.0.1:9/inside?token=hush"})
    local = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    with guarded_client(allow_networks=local, allow_http=True) as client, pytest.raises(InvalidRecording):
        HttpSource(url, client, QUICK, tmp_path)
    url, _ = serve(status=[302], headers={"Location": "http://10.0.0.1/inside?token=hush"})
    with (
        guarded_client(allow_networks=local, allow_http=True) as client,
        pytest.raises(InvalidRecording, match="not on the public internet") as caught,
    ):
        HttpSource(url, client, QUICK, tmp_path)
    assert "hush" not in str(caught.value)
