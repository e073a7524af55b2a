"""sObject Collections: up to 200 records a call, each with its own result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from tandem.sandbox.context import (
    Caller,
    Sandbox,
    SandboxDependency,
    SObjectDependency,
    answer,
    read_body,
)
from tandem.sandbox.errors import ApiError, MalformedRequestError
from tandem.sandbox.ids import normalise_id
from tandem.sandbox.queries import render_row
from tandem.sandbox.rest import key_field, wanted_fields
from tandem.sandbox.schema import SCHEMA, SObject, find_sobject

MAX_RECORDS = 200
MAX_RETRIEVED = 2000

router = APIRouter(prefix="/services/data/v{version}/composite/sobjects")

Result = dict[str, Any]
Step = Callable[[], Result]


@router.post("")
async def collections_create(
    request: Request, sandbox: SandboxDependency, caller: Caller
) -> Response:
    """Create records."""
    body = await read_body(request)

    def step(record: Mapping[str, Any]) -> Step:
        sobject = _sobject(record)
        return lambda: _success(sandbox.rows.create(sobject, record, caller))

    return _run(sandbox, [step(record) for record in _records(body)], _all_or_none(body))


@router.patch("")
async def collections_update(
    request: Request, sandbox: SandboxDependency, caller: Caller
) -> Response:
    """Update records by id."""
    body = await read_body(request)

    def step(record: Mapping[str, Any]) -> Step:
        sobject = _sobject(record)
        native_id = str(record.get("id") or record.get("Id") or "")
        values = {name: value for name, value in record.items() if name.lower() != "id"}
        return lambda: _success(sandbox.rows.update(sobject, native_id, values, caller))

    return _run(sandbox, [step(record) for record in _records(body)], _all_or_none(body))


@router.delete("")
async def collections_delete(
    ids: str,
    sandbox: SandboxDependency,
    caller: Caller,
    all_or_none: Annotated[str, Query(alias="allOrNone")] = "false",
) -> Response:
    """Delete records by id, of any objects."""
    native_ids = [native_id.strip() for native_id in ids.split(",")]
    _check_count(native_ids, MAX_RECORDS)

    def step(native_id: str) -> Step:
        return lambda: _success(sandbox.rows.delete(_owner(native_id), native_id, caller))

    steps = [step(native_id) for native_id in native_ids]
    return _run(sandbox, steps, all_or_none.lower() == "true")


@router.patch("/{sobject}/{key}")
async def collections_upsert(
    request: Request,
    key: str,
    sobject: SObjectDependency,
    sandbox: SandboxDependency,
    caller: Caller,
) -> Response:
    """Update the records that hold the external ids given in each record, or create them."""
    body = await read_body(request)
    field = key_field(sobject, key)

    def step(record: Mapping[str, Any]) -> Step:
        if _sobject(record) is not sobject:
            message = "all records must be of the type in the address"
            raise MalformedRequestError("INVALID_TYPE", message)
        value = record.get(field.name)
        values = {name: part for name, part in record.items() if name != field.name}

        def upsert() -> Result:
            native_id, created = sandbox.rows.upsert(sobject, field, value, values, caller)
            return {**_success(native_id), "created": created}

        return upsert

    return _run(sandbox, [step(record) for record in _records(body)], _all_or_none(body))


@router.post("/{sobject}")
async def collections_retrieve(
    request: Request,
    version: str,
    sobject: SObjectDependency,
    sandbox: SandboxDependency,
    _caller: Caller,
) -> Response:
    """Return records by id, null where there is none."""
    body = await read_body(request)
    return _retrieve(sandbox, version, sobject, body.get("ids"), body.get("fields"))


@router.get("/{sobject}")
async def collections_retrieve_get(
    version: str,
    ids: str,
    fields: str,
    sobject: SObjectDependency,
    sandbox: SandboxDependency,
    _caller: Caller,
) -> Response:
    """Return records by id, for lists short enough for an address."""
    return _retrieve(sandbox, version, sobject, ids.split(","), fields.split(","))


def _retrieve(
    sandbox: Sandbox, version: str, sobject: SObject, ids: object, fields: object
) -> Response:
    if not isinstance(ids, list) or not isinstance(fields, list):
        raise MalformedRequestError("JSON_PARSER_ERROR", "ids and fields must be lists")
    _check_count(ids, MAX_RETRIEVED)
    wanted = wanted_fields(sobject, fields)
    known = [normalise_id(str(native_id)) or "" for native_id in ids]
    rows = sandbox.store.rows(sobject, known)
    live = [rows.get(native_id) for native_id in known]
    return answer(
        [
            render_row(sobject, row, version, wanted) if row and not row["IsDeleted"] else None
            for row in live
        ]
    )


class _RolledBackError(Exception):
    """Undoes a collection that had to succeed as a whole."""


def _run(sandbox: Sandbox, steps: Sequence[Step], all_or_none: bool) -> Response:
    """Carry the steps out in one transaction; a failing one fails alone, or undoes them all."""
    results: list[Result] = []
    try:
        with sandbox.store.transaction():
            for step in steps:
                try:
                    results.append(step())
                except MalformedRequestError:
                    raise
                except ApiError as error:
                    results.append(_failure(error))
            if all_or_none and not all(result["success"] for result in results):
                raise _RolledBackError
    except _RolledBackError:
        undone = ApiError(
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "Record rolled back because not all records were valid and the request was using "
            "AllOrNone header",
        )
        results = [_failure(undone) if result["success"] else result for result in results]
    return answer(results)


def _success(native_id: str) -> Result:
    return {"id": native_id, "success": True, "errors": []}


def _failure(error: ApiError) -> Result:
    return {"success": False, "errors": [error.as_result()]}


def _records(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise MalformedRequestError("JSON_PARSER_ERROR", "records must be a list of objects")
    _check_count(records, MAX_RECORDS)
    return records


def _check_count(members: Sequence[object], most: int) -> None:
    if len(members) > most:
        raise MalformedRequestError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {most} records into this call",
        )


def _all_or_none(body: Mapping[str, Any]) -> bool:
    return bool(body.get("allOrNone", False))


def _sobject(record: Mapping[str, Any]) -> SObject:
    attributes = record.get("attributes")
    name = attributes.get("type", "") if isinstance(attributes, dict) else ""
    sobject = find_sobject(str(name))
    if sobject is None:
        raise MalformedRequestError("INVALID_TYPE", "each record needs attributes.type")
    return sobject


def _owner(native_id: str) -> SObject:
    for sobject in SCHEMA.values():
        if native_id.startswith(sobject.key_prefix):
            return sobject
    raise ApiError("MALFORMED_ID", "malformed id", ["Id"])
