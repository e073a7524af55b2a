"""What of the SOAP API there is: merge and undelete, which the REST API does not have."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from fastapi import Response

from tandem.sandbox.context import Sandbox
from tandem.sandbox.errors import ApiError
from tandem.sandbox.schema import SCHEMA, SObject, find_sobject

MAX_REQUESTS = 200
MAX_LOSERS = 2

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns="urn:partner.soap.sforce.com">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


def respond(body: str, status: int = 200) -> Response:
    """Return an envelope."""
    return Response(_ENVELOPE.format(body=body), status, media_type="text/xml")


def fault(code: str, message: str) -> Response:
    """Refuse a whole call."""
    text = escape(f"{code}: {message}")
    return respond(
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{text}</faultstring>"
        f"<detail><sf:fault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:fault></detail>"
        "</soapenv:Fault>",
        500,
    )


def elements(envelope: str, name: str) -> list[str]:
    """Contents of all elements of a local name, as they stand.

    A pattern, not a parser: the envelopes that clients send are flat, and a pattern cannot be
    made to expand entities.

    >>> elements("<ids>1</ids><n:ids>2</n:ids>", "ids")
    ['1', '2']
    """
    return re.findall(rf"<(?:\w+:)?{name}>(.*?)</(?:\w+:)?{name}>", envelope, re.DOTALL)


def element(envelope: str, name: str) -> str:
    """Text of the first element of a local name.

    >>> element("<n1:login><n1:username>a&amp;b</n1:username></n1:login>", "username")
    'a&b'
    """
    return next((unescape(text) for text in elements(envelope, name)), "")


def answer(sandbox: Sandbox, envelope: str) -> Response:
    """Carry out a call that names its session."""
    headers = {"authorization": f"Bearer {element(envelope, 'sessionId')}"}
    user_id = sandbox.sessions.user(headers)
    if user_id is None:
        return fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
    requests = elements(envelope, "request")
    if requests:
        steps = [_merging(sandbox, request, user_id) for request in requests]
        return _run(sandbox, "merge", steps)
    ids = elements(envelope, "ids")
    if ids:
        return _run(sandbox, "undelete", [_undeleting(sandbox, each, user_id) for each in ids])
    return fault("UNKNOWN_EXCEPTION", "there is no such call here")


Step = Callable[[], str]


def _merging(sandbox: Sandbox, request: str, user_id: str) -> Step:
    survivor, losers = element(request, "Id"), elements(request, "recordToMergeIds")

    def merge() -> str:
        sobject = find_sobject(element(request, "type"))
        if sobject is None or "masterrecordid" not in sobject.by_name:
            raise ApiError("INVALID_TYPE", "records of this type cannot be merged")
        if not 1 <= len(losers) <= MAX_LOSERS or survivor in losers:
            raise ApiError("INVALID_ARGUMENT", "give one or two other records to merge")
        sandbox.rows.merge(sobject, survivor, losers, user_id)
        return survivor

    return merge


def _undeleting(sandbox: Sandbox, native_id: str, user_id: str) -> Step:
    def undelete() -> str:
        try:
            sandbox.rows.undelete(_owner(native_id), native_id, user_id)
        except ApiError as error:
            if error.code != "NOT_FOUND":
                raise
            raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", ["Id"]) from None
        return native_id

    return undelete


def _owner(native_id: str) -> SObject:
    for sobject in SCHEMA.values():
        if native_id.startswith(sobject.key_prefix):
            return sobject
    raise ApiError("MALFORMED_ID", "malformed id", ["Id"])


def _run(sandbox: Sandbox, name: str, steps: list[Step]) -> Response:
    """Carry the steps out; a failing one fails alone."""
    if len(steps) > MAX_REQUESTS:
        return fault("EXCEEDED_ID_LIMIT", f"record limit reached: {MAX_REQUESTS}")
    results = ""
    for step in steps:
        try:
            with sandbox.store.transaction():
                results += f"<result><id>{step()}</id><success>true</success></result>"
        except ApiError as error:
            fields = "".join(f"<fields>{escape(field)}</fields>" for field in error.fields)
            results += (
                f"<result><errors>{fields}<message>{escape(error.message)}</message>"
                f"<statusCode>{error.code}</statusCode></errors><success>false</success></result>"
            )
    sandbox.calls[f"soap_{name}"] += 1
    return respond(f"<{name}Response>{results}</{name}Response>")
