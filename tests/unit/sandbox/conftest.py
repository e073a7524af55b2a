from __future__ import annotations

from collections.abc import Iterator

import pytest

from tandem.sandbox.testing import RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def server() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(server: RunningSandbox) -> RunningSandbox:
    """A sandbox without records."""
    server.control("POST", "reset")
    return server
