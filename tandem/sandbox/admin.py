"""The sandbox's own controls, under `/sandbox/`: seeds, faults, clock, counters.

They need no session: the server listens on the loopback only and refuses requests from other sites.
"""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tandem.sandbox.clock import parse_datetime, render_datetime
from tandem.sandbox.context import Sandbox, SandboxDependency, SObjectDependency, answer
from tandem.sandbox.errors import ApiError
from tandem.sandbox.faults import Fault
from tandem.sandbox.schema import SCHEMA, SObject
from tandem.sandbox.store import Row
from tandem.sandbox.values import check_value, read_values

router = APIRouter(prefix="/sandbox")

STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
"""Seeds may set these, to be older than they are or to arrive late."""


class ClockSetting(BaseModel):
    """How the clock runs from now on; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    offset_s: float | None = None
    precision_ms: int | None = Field(default=None, ge=1)


class QuotaSetting(BaseModel):
    """Calls per day, and those used up; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    limit: int | None = Field(default=None, ge=0)
    used: int | None = Field(default=None, ge=0)


class Locks(BaseModel):
    """Records whose next writes fail as if somebody else held them."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str]
    times: int = Field(default=1, ge=1)


class Merge(BaseModel):
    """Records to be merged into one."""

    model_config = ConfigDict(extra="forbid")

    winner: str
    losers: list[str]


@router.get("/health")
async def health(sandbox: SandboxDependency) -> Response:
    """Tell that the server is up, and how many live records it holds."""
    counts = {sobject.name: sandbox.store.live_count(sobject) for sobject in SCHEMA.values()}
    return answer({"product": "Tandem sandbox CRM", "records": counts})


@router.post("/reset")
async def reset(sandbox: SandboxDependency) -> Response:
    """Forget all records, faults and counters; users, sessions and credentials stay."""
    sandbox.reset()
    return answer({"ok": True})


@router.post("/seed/{sobject}")
async def seed(
    request: Request,
    sobject: SObjectDependency,
    sandbox: SandboxDependency,
    user: str | None = None,
) -> Response:
    """Load records from JSON Lines, all or none; their ids, in order.

    A line may carry the system's dates too. `?user=` names who is to have made them; it is a person
    by default, not the integration.
    """
    user_id = _clerk(sandbox) if user is None else _user(sandbox, user)
    lines = [line for line in (await request.body()).splitlines() if line.strip()]
    ids = []
    with sandbox.store.transaction():
        for number, line in enumerate(lines, start=1):
            try:
                row = _seed_row(sobject, orjson.loads(line))
                ids.append(sandbox.rows.insert(sobject, row, user_id))
            except (orjson.JSONDecodeError, ValueError) as error:
                raise ApiError("JSON_PARSER_ERROR", f"line {number}: {error}") from None
            except ApiError as error:
                raise ApiError(
                    error.code, f"line {number}: {error.message}", error.fields
                ) from None
    return answer({"created": len(ids), "ids": ids})


@router.get("/touched/{sobject}")
async def touched(
    sobject: SObjectDependency, sandbox: SandboxDependency, user: str | None = None
) -> Response:
    """List what a user wrote, by default the integration: the ids, and each write in order."""
    user_id = _user(sandbox, user)
    writes = [
        {"id": native_id, "operation": operation, "at": render_datetime(stamp)}
        for native_id, operation, stamp in sandbox.store.writes(sobject, user_id)
    ]
    return answer({"ids": list(dict.fromkeys(write["id"] for write in writes)), "writes": writes})


def _seed_row(sobject: SObject, line: dict[str, Any]) -> Row:
    stamps = {name: parse_datetime(line.pop(name)) for name in STAMPS if name in line}
    values = read_values(sobject, line)
    row = {name: check_value(sobject.by_name[name.lower()], part) for name, part in values.items()}
    missing = [field.name for field in sobject.required if row.get(field.name) is None]
    if missing:
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing", missing)
    return {**row, **stamps}


@router.get("/faults")
async def remaining_faults(sandbox: SandboxDependency) -> Response:
    """List what is still to go wrong."""
    return answer([fault.model_dump() for fault in sandbox.faults.remaining()])


@router.post("/faults")
async def load_faults(faults: list[Fault], sandbox: SandboxDependency) -> Response:
    """Add to the fault script."""
    sandbox.faults.load(faults)
    return answer({"remaining": len(sandbox.faults.remaining())})


@router.delete("/faults")
async def clear_faults(sandbox: SandboxDependency) -> Response:
    """Let everything go well."""
    sandbox.faults.clear()
    return answer({"remaining": 0})


@router.post("/clock")
async def set_clock(setting: ClockSetting, sandbox: SandboxDependency) -> Response:
    """Make the sandbox's clock wrong, or right again."""
    if setting.offset_s is not None:
        sandbox.clock.offset_s = setting.offset_s
    if setting.precision_ms is not None:
        sandbox.clock.precision_ms = setting.precision_ms
    return answer({"offset_s": sandbox.clock.offset_s, "precision_ms": sandbox.clock.precision_ms})


@router.post("/quota")
async def set_quota(setting: QuotaSetting, sandbox: SandboxDependency) -> Response:
    """Set the daily limit and how much of it is gone."""
    if setting.limit is not None:
        sandbox.daily_limit = setting.limit
    if setting.used is not None:
        sandbox.daily_used = setting.used
    return answer({"limit": sandbox.daily_limit, "used": sandbox.daily_used})


@router.get("/stats")
async def stats(sandbox: SandboxDependency) -> Response:
    """Count the API calls so far, by kind."""
    calls = dict(sorted(sandbox.calls.items()))
    return answer({"calls": calls, "total": sum(calls.values())})


@router.delete("/stats")
async def clear_stats(sandbox: SandboxDependency) -> Response:
    """Start counting anew."""
    sandbox.calls.clear()
    return answer({"calls": {}, "total": 0})


@router.post("/sessions/expire")
async def expire_sessions(sandbox: SandboxDependency) -> Response:
    """End every session: the next call of each caller is a 401."""
    sandbox.sessions.expire()
    return answer({"ok": True})


@router.post("/locks")
async def lock(locks: Locks, sandbox: SandboxDependency) -> Response:
    """Make the next writes to some records fail with `UNABLE_TO_LOCK_ROW`."""
    for native_id in locks.ids:
        sandbox.rows.locks[native_id] = locks.times
    return answer({"locked": len(locks.ids)})


@router.post("/purge/{sobject}")
async def purge(sobject: SObjectDependency, sandbox: SandboxDependency) -> Response:
    """Empty the recycle bin of an object."""
    with sandbox.store.transaction():
        return answer({"purged": sandbox.store.purge(sobject)})


@router.post("/undelete/{sobject}/{native_id}")
async def undelete(
    native_id: str, sobject: SObjectDependency, sandbox: SandboxDependency
) -> Response:
    """Take a record back out of the recycle bin."""
    with sandbox.store.transaction():
        sandbox.rows.undelete(sobject, native_id, _clerk(sandbox))
    return answer({"ok": True})


@router.post("/merge/{sobject}")
async def merge(merge: Merge, sobject: SObjectDependency, sandbox: SandboxDependency) -> Response:
    """Merge records, which the real system offers in its pages and over SOAP only."""
    with sandbox.store.transaction():
        sandbox.rows.merge(sobject, merge.winner, merge.losers, _clerk(sandbox))
    return answer({"ok": True})


def _user(sandbox: Sandbox, username: str | None) -> str:
    user_id = sandbox.user_named(username)
    if user_id is None:
        raise ApiError("INVALID_FIELD", "no user of that name")
    return user_id


def _clerk(sandbox: Sandbox) -> str:
    """Who acts when no session says so: the last user, not the one of the integration."""
    return str(sandbox.users()[-1]["Id"])
