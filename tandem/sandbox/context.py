"""What a running sandbox is made of, and how a route gets at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, cast

import orjson
from fastapi import Depends, Request, Response

from tandem.sandbox.clock import SECOND_MS, SandboxClock
from tandem.sandbox.errors import ApiError, MalformedRequestError, no_such_resource
from tandem.sandbox.faults import FaultScript
from tandem.sandbox.queries import Queries
from tandem.sandbox.rows import Rows
from tandem.sandbox.schema import SCHEMA, USER, SObject, find_sobject
from tandem.sandbox.sessions import Credentials, Sessions
from tandem.sandbox.store import Row, Store

VERSIONS = tuple(f"{number}.0" for number in range(40, 69))
"""Versions of the API that the sandbox answers to; it does not tell them apart."""
PEOPLE = (
    ("integration@tandem.example", "Tandem", "Integration", "Integration user"),
    ("olena.sales@tandem.example", "Olena", "Marchenko", "Sales"),
    ("nikos.support@tandem.example", "Nikos", "Georgiou", "Customer support"),
)
"""Users of a fresh sandbox: user name, first name, last name, title."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a sandbox is set up.

    Attributes:
        path: the SQLite file; `:memory:` keeps nothing.
        credentials: what callers must present.
        precision_ms: tick of the row stamps; 1000 as the real system, 1 for milliseconds.
        daily_limit: API calls until `REQUEST_LIMIT_EXCEEDED`.
    """

    path: Path | str = ":memory:"
    credentials: Credentials = field(default_factory=Credentials)
    precision_ms: int = SECOND_MS
    daily_limit: int = 1_000_000


class Sandbox:
    """One CRM: its rows, clock, sessions, faults and counters."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.credentials = options.credentials
        self.clock = SandboxClock(precision_ms=options.precision_ms)
        self.store = Store(options.path)
        self.rows = Rows(self.store, self.clock)
        self.queries = Queries(self.store)
        self.sessions = Sessions()
        self.faults = FaultScript()
        self.calls: Counter[str] = Counter()
        self.daily_limit = options.daily_limit
        self.daily_used = 0
        self._default_user = ""
        self.add_people()

    def add_people(self) -> None:
        """Make the users, unless the file holds them already."""
        if not self.users():
            with self.store.transaction():
                for username, first, last, title in PEOPLE:
                    row: Row = {"Username": username, "Email": username, "FirstName": first,
                                "LastName": last, "Title": title}  # fmt: skip
                    self.rows.insert(USER, row, self._default_user)
        self._default_user = self.users()[0]["Id"]

    def reset(self) -> None:
        """Forget all records, faults and counters; users and sessions stay."""
        self.store.clear([sobject for sobject in SCHEMA.values() if sobject.editable])
        self.faults.clear()
        self.calls.clear()
        self.rows.locks.clear()
        self.daily_used, self.daily_limit = 0, self.options.daily_limit
        self.clock.offset_s, self.clock.precision_ms = 0.0, self.options.precision_ms

    def users(self) -> list[dict[str, Any]]:
        """Return all users, the integration user first."""
        soql = "SELECT Id, Username, Name, Title FROM User ORDER BY Id"
        return cast("list[dict[str, Any]]", self.queries.run(soql, version="59.0")["records"])

    def user_named(self, username: str | None) -> str | None:
        """Return the id of a user; of the integration user when no name is given."""
        if username is None:
            return self._default_user
        ids = {user["Username"].lower(): user["Id"] for user in self.users()}
        return ids.get(username.lower())


def sandbox_of(request: Request) -> Sandbox:
    """Return the sandbox that serves a request."""
    return cast("Sandbox", request.app.state.sandbox)


SandboxDependency = Annotated[Sandbox, Depends(sandbox_of)]


def caller_of(request: Request, sandbox: SandboxDependency) -> str:
    """Return the id of the calling user.

    Raises:
        ApiError: `INVALID_SESSION_ID`, or `NOT_FOUND` for a version that there is not.
    """
    user_id = sandbox.sessions.user(request.headers)
    if user_id is None:
        raise ApiError("INVALID_SESSION_ID", "Session expired or invalid")
    if request.path_params.get("version") not in VERSIONS:
        raise no_such_resource()
    return user_id


Caller = Annotated[str, Depends(caller_of)]


def sobject_of(sobject: str) -> SObject:
    """Return the object that a path names.

    Raises:
        ApiError: `NOT_FOUND`.
    """
    found = find_sobject(sobject)
    if found is None:
        raise no_such_resource()
    return found


SObjectDependency = Annotated[SObject, Depends(sobject_of)]


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response."""
    return Response(
        orjson.dumps(content),
        status,
        headers=dict(headers or {}),
        media_type="application/json;charset=UTF-8",
    )


async def read_body(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request carries.

    Raises:
        MalformedRequestError: it is not one.
    """
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise MalformedRequestError(
            "JSON_PARSER_ERROR", f"Unexpected character at position {error.pos}"
        ) from None
    if not isinstance(body, dict):
        raise MalformedRequestError("JSON_PARSER_ERROR", "The body must be a JSON object")
    return body
