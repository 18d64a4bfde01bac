"""Every operation under generated requests, valid and not, with every check of schemathesis."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from dayline.db.blobs import Blobs
from dayline.sessions.playback import Playback
from dayline.workflows import lease_repository as leases

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ALL_SCOPES = ("partner:read", "partner:write", "uploads:write")


@pytest.mark.long
@pytest.mark.parametrize(("kind", "filters"), [("live", "--exclude-path-regex"), ("admin", "--include-path-regex")])
def test_no_check_fails(app_with, tmp_path, kind, filters):
    """Recordings are asked for at a server that has none: nobody outside is called."""
    blobs = Blobs(str(tmp_path / "recordings"))
    client = httpx2.Client(transport=httpx2.MockTransport(lambda _request: httpx2.Response(404)))
    app = app_with(events_max_seconds=0.5, lease_seconds=86400.0, blobs=blobs, playback=Playback(blobs, client))
    with app.database.write() as tx:
        leases.beat(tx, "a worker, so that the service is ready")
    live = app.caller(scopes=ALL_SCOPES)
    app.finished_day(live)
    live.post("/v1/orgs", {"org_id": "acme", "settings": {"share_links": "on"}})
    key = (app.caller("admin") if kind == "admin" else live).key
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        *("--config-file", str(HERE / "schemathesis.toml"), "--no-color", "run"),
        f"{app.base_url}/openapi.json",
        *("--url", app.base_url, "--header", f"Authorization: Bearer {key}"),
        *("--checks", "all", "--continue-on-failure", "--wait-for-schema", "60", filters, "^/v1/admin/"),
        *os.environ.get("SCHEMATHESIS_OPTIONS", "").split(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    print(*re.findall(r"^.*generated.*$", done.stdout, re.MULTILINE), sep="\n")
    print(done.stdout[-int(os.environ.get("SCHEMATHESIS_TAIL", "6000")) :])
    assert done.returncode == 0, re.findall(r"^.*(?:passed|failed|generated).*$", done.stdout, re.MULTILINE)
