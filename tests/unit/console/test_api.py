"""The API says of itself what it does: schemathesis tries what its description allows."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from tandem.console import accounts, sessions
from tandem.console.app import create_app
from tandem.console.roles import Role
from tests.unit.console.conftest import PASSWORD, console_over
from tests.unit.console.test_inbox import conflict


@pytest.fixture
def tried(world, url):
    conflict(world)
    console = console_over(world, url)
    accounts.add(world.database, "eve", Role.ENGINEER, PASSWORD, world.clock.now())
    token = sessions.start(
        world.database,
        "eve",
        Role.ENGINEER,
        instead_of=None,
        limits=console.settings.sessions,
        at=world.clock.now(),
    )
    known = {
        "cookies": {sessions.COOKIE: token},
        "headers": {"X-CSRF-Token": sessions.csrf_token(token)},
    }
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(console))
    yield schema, known
    console.close()


BOUNDS = settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
def test_the_api_does_what_its_description_says(tried):
    schema, known = tried
    failures: set[str] = set()
    operations = [result.ok() for result in schema.get_all_operations()]
    for operation in operations:
        for mode in GenerationMode:

            @BOUNDS
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case):
                try:
                    case.call_and_validate(**known)
                except FailureGroup as group:
                    failures.update(f"{case.method} {case.path}: {e}" for e in group.exceptions)

            try:
                attempt()
            except Unsatisfiable:
                continue  # there is nothing to say wrongly to this operation
    assert len(operations) > 15
    assert sorted(failures) == []
