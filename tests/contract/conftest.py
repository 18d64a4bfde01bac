"""Hands the running service's class to the contract tests."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def service_class(request: pytest.FixtureRequest) -> Any:
    """The class that runs `dayline serve` as a process, from the root of the tests."""
    root = next(p for p in request.config.pluginmanager.get_plugins() if hasattr(p, "RunningService"))
    return root.RunningService
