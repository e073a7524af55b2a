"""The REST resources for one record or one query at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from tandem.sandbox.clock import parse_datetime, render_datetime
from tandem.sandbox.context import (
    VERSIONS,
    Caller,
    Sandbox,
    SandboxDependency,
    SObjectDependency,
    answer,
    read_body,
)
from tandem.sandbox.describe import describe_global, describe_sobject
from tandem.sandbox.errors import ApiError, no_such_column, no_such_resource
from tandem.sandbox.queries import DEFAULT_BATCH, MIN_BATCH, render_row, row_url
from tandem.sandbox.schema import Field, SObject
from tandem.sandbox.store import Row

REPLICATION_DAYS = 30
_DAY_MS = 24 * 60 * 60 * 1000

router = APIRouter(prefix="/services/data")


@router.get("")
async def versions() -> Response:
    """List the versions; the one resource that needs no session."""
    return answer(
        [
            {"version": version, "url": f"/services/data/v{version}", "label": f"API {version}"}
            for version in VERSIONS
        ]
    )


@router.get("/v{version}")
async def resources(version: str, _caller: Caller) -> Response:
    """List the resources of a version."""
    base = f"/services/data/v{version}"
    names = ("sobjects", "query", "queryAll", "limits", "composite")
    return answer({name: f"{base}/{name}" for name in names})


@router.get("/v{version}/limits")
async def limits(sandbox: SandboxDependency, _caller: Caller) -> Response:
    """Tell what is left of the daily calls."""
    remaining = max(0, sandbox.daily_limit - sandbox.daily_used)
    return answer({"DailyApiRequests": {"Max": sandbox.daily_limit, "Remaining": remaining}})


# --- queries --------------------------------------------------------------------------------------


def _batch(request: Request) -> int:
    wanted = re.search(r"batchSize\s*=\s*(\d+)", request.headers.get("sforce-query-options", ""))
    return min(max(int(wanted[1]), MIN_BATCH), DEFAULT_BATCH) if wanted else DEFAULT_BATCH


def _query(request: Request, sandbox: Sandbox, version: str, *, include_deleted: bool) -> Response:
    soql = request.query_params.get("q")
    if soql is None:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    return answer(
        sandbox.queries.run(
            soql, version=version, include_deleted=include_deleted, batch=_batch(request)
        )
    )


@router.get("/v{version}/query")
async def query(
    request: Request, version: str, sandbox: SandboxDependency, _caller: Caller
) -> Response:
    """Answer a query over the live records."""
    return _query(request, sandbox, version, include_deleted=False)


@router.get("/v{version}/queryAll")
async def query_all(
    request: Request, version: str, sandbox: SandboxDependency, _caller: Caller
) -> Response:
    """Answer a query that sees the recycle bin too."""
    return _query(request, sandbox, version, include_deleted=True)


@router.get("/v{version}/query/{locator}")
@router.get("/v{version}/queryAll/{locator}")
async def query_more(
    request: Request, version: str, locator: str, sandbox: SandboxDependency, _caller: Caller
) -> Response:
    """Answer with the next page of a query."""
    resource = "queryAll" if "/queryAll/" in request.url.path else "query"
    return answer(
        sandbox.queries.more(locator, version=version, batch=_batch(request), resource=resource)
    )


# --- objects --------------------------------------------------------------------------------------


@router.get("/v{version}/sobjects")
async def describe_all(version: str, _caller: Caller) -> Response:
    """Describe the org."""
    return answer(describe_global(version))


@router.get("/v{version}/sobjects/{sobject}")
async def basic_info(version: str, sobject: SObjectDependency, _caller: Caller) -> Response:
    """Describe an object in short."""
    described = describe_sobject(sobject, version)
    described.pop("fields")
    return answer({"objectDescribe": described, "recentItems": []})


@router.get("/v{version}/sobjects/{sobject}/describe")
async def describe(version: str, sobject: SObjectDependency, _caller: Caller) -> Response:
    """Describe an object."""
    return answer(describe_sobject(sobject, version))


@router.get("/v{version}/sobjects/{sobject}/updated")
async def updated(
    start: str, end: str, sobject: SObjectDependency, sandbox: SandboxDependency, _caller: Caller
) -> Response:
    """List the ids of the records changed in a span."""
    since, until = _span(start, end, sandbox)
    ids = sandbox.store.select(
        f'SELECT "Id" FROM "{sobject.name}" WHERE "IsDeleted" = 0'  # noqa: S608 - names come from the schema
        ' AND "SystemModstamp" >= ? AND "SystemModstamp" < ? ORDER BY "SystemModstamp", "Id"',
        [since, until],
    )
    return answer(
        {
            "ids": [native_id for (native_id,) in ids],
            "latestDateCovered": render_datetime(until),
        }
    )


@router.get("/v{version}/sobjects/{sobject}/deleted")
async def deleted(
    start: str, end: str, sobject: SObjectDependency, sandbox: SandboxDependency, _caller: Caller
) -> Response:
    """List the records deleted in a span, also those no longer in the recycle bin."""
    since, until = _span(start, end, sandbox)
    earliest = sandbox.clock.now_ms() - REPLICATION_DAYS * _DAY_MS
    return answer(
        {
            "deletedRecords": [
                {"id": native_id, "deletedDate": render_datetime(stamp)}
                for native_id, stamp in sandbox.store.deletions(sobject, since, until)
            ],
            "earliestDateAvailable": render_datetime(earliest),
            "latestDateCovered": render_datetime(until),
        }
    )


def _span(start: str, end: str, sandbox: Sandbox) -> tuple[int, int]:
    try:
        since, until = parse_datetime(start), parse_datetime(end)
    except ValueError:
        raise ApiError("INVALID_REPLICATION_DATE", "start and end must be date-times") from None
    now = sandbox.clock.now_ms()
    if since >= until:
        raise ApiError("INVALID_REPLICATION_DATE", "startDate before endDate")
    if since < now - REPLICATION_DAYS * _DAY_MS:
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate before {REPLICATION_DAYS} days ago")
    return since, min(until, now + 1)


# --- records --------------------------------------------------------------------------------------


@router.post("/v{version}/sobjects/{sobject}")
async def create(
    request: Request, sobject: SObjectDependency, sandbox: SandboxDependency, caller: Caller
) -> Response:
    """Create a record."""
    body = await read_body(request)
    with sandbox.store.transaction():
        native_id = sandbox.rows.create(sobject, body, caller)
    return answer({"id": native_id, "success": True, "errors": []}, 201)


@router.get("/v{version}/sobjects/{sobject}/{native_id}")
async def retrieve(
    request: Request,
    version: str,
    native_id: str,
    sobject: SObjectDependency,
    sandbox: SandboxDependency,
    _caller: Caller,
) -> Response:
    """Return a record, or the columns of it that `fields` names."""
    return _record(request, version, sobject, _live(sandbox, sobject, native_id))


@router.patch("/v{version}/sobjects/{sobject}/{native_id}")
async def update(
    request: Request,
    native_id: str,
    sobject: SObjectDependency,
    sandbox: SandboxDependency,
    caller: Caller,
) -> Response:
    """Set columns of a record."""
    body = await read_body(request)
    _live(sandbox, sobject, native_id)
    with sandbox.store.transaction():
        sandbox.rows.update(sobject, native_id, body, caller)
    return Response(status_code=204)


@router.delete("/v{version}/sobjects/{sobject}/{native_id}")
async def delete(
    native_id: str, sobject: SObjectDependency, sandbox: SandboxDependency, caller: Caller
) -> Response:
    """Delete a record."""
    _live(sandbox, sobject, native_id)
    with sandbox.store.transaction():
        sandbox.rows.delete(sobject, native_id, caller)
    return Response(status_code=204)


# --- records by external id -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keyed:
    """The record that a path names by object, external-id field and value."""

    sobject: SObject
    field: Field
    value: str


def keyed_of(sobject: SObjectDependency, key: str, value: str) -> Keyed:
    """Return what a path names."""
    return Keyed(sobject, key_field(sobject, key), value)


KeyedDependency = Annotated[Keyed, Depends(keyed_of)]


@router.get("/v{version}/sobjects/{sobject}/{key}/{value:path}")
async def retrieve_by_key(
    request: Request,
    version: str,
    keyed: KeyedDependency,
    sandbox: SandboxDependency,
    _caller: Caller,
) -> Response:
    """Return the record that holds an external id."""
    row = sandbox.rows.live(keyed.sobject, _sole_id(sandbox, keyed))
    return _record(request, version, keyed.sobject, row)


@router.patch("/v{version}/sobjects/{sobject}/{key}/{value:path}")
async def upsert(
    request: Request,
    version: str,
    keyed: KeyedDependency,
    sandbox: SandboxDependency,
    caller: Caller,
) -> Response:
    """Update the record that holds an external id (204), or create it (201)."""
    body = await read_body(request)
    sobject, field = keyed.sobject, keyed.field
    if field.name.lower() in {name.lower() for name in body}:
        raise ApiError(
            "INVALID_FIELD",
            f"The {field.name} field should not be specified in the sobject data.",
            [field.name],
        )
    found = sandbox.store.ids_with(sobject, field, keyed.value)
    if len(found) > 1:
        return answer([row_url(version, sobject, native_id) for native_id in found], 300)
    if not found and request.query_params.get("updateOnly", "").lower() == "true":
        raise no_such_resource()
    with sandbox.store.transaction():
        native_id, created = sandbox.rows.upsert(sobject, field, keyed.value, body, caller)
    if not created:
        return Response(status_code=204)
    return answer({"id": native_id, "success": True, "errors": [], "created": True}, 201)


@router.delete("/v{version}/sobjects/{sobject}/{key}/{value:path}")
async def delete_by_key(
    keyed: KeyedDependency, sandbox: SandboxDependency, caller: Caller
) -> Response:
    """Delete the record that holds an external id."""
    native_id = _sole_id(sandbox, keyed)
    with sandbox.store.transaction():
        sandbox.rows.delete(keyed.sobject, native_id, caller)
    return Response(status_code=204)


def key_field(sobject: SObject, name: str) -> Field:
    """Return the external-id field of that name.

    Raises:
        ApiError: `NOT_FOUND`.
    """
    field = sobject.field(name)
    if field is None or not field.external_id:
        raise ApiError(
            "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
        )
    return field


def _sole_id(sandbox: Sandbox, keyed: Keyed) -> str:
    found = sandbox.store.ids_with(keyed.sobject, keyed.field, keyed.value)
    if not found:
        raise no_such_resource()
    return found[0]


def _live(sandbox: Sandbox, sobject: SObject, native_id: str) -> Row:
    """The record that an address names; an id that leads nowhere is an address that does not."""
    try:
        return sandbox.rows.live(sobject, native_id)
    except ApiError as error:
        if error.code == "ENTITY_IS_DELETED":
            raise
        raise ApiError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {native_id}",
        ) from None


def _record(request: Request, version: str, sobject: SObject, row: Row) -> Response:
    return answer(
        render_row(
            sobject, row, version, wanted_fields(sobject, request.query_params.get("fields"))
        )
    )


def wanted_fields(sobject: SObject, wanted: str | list[Any] | None) -> list[Field] | None:
    """Return the columns that a request asks for, Id among them; None when it asks for all.

    Raises:
        ApiError: there is no such column.
    """
    if wanted is None:
        return None
    names = wanted.split(",") if isinstance(wanted, str) else [str(name) for name in wanted]
    fields = {"Id": sobject.by_name["id"]}
    for name in (name.strip() for name in names):
        field = sobject.field(name)
        if field is None:
            raise no_such_column(name, sobject.name)
        fields[field.name] = field
    return list(fields.values())
