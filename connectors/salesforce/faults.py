"""What Salesforce's error codes mean, as tables: for a whole call, and for one record of a call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from connectors.base import Deferred, Gone, Rejected, Unknown, Values, WriteResult
from connectors.errors import (
    LoginError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
)
from connectors.http import FAULTS, Fault, FaultTable

CALL_FAULTS: FaultTable = {
    "API_CURRENTLY_DISABLED": Fault(StopRunError, "salesforce.api_disabled",
        "give the integration user the permission 'API Enabled'"),
    "API_DISABLED_FOR_ORG": Fault(StopRunError, "salesforce.api_disabled",
        "this edition has no API access"),
    "INSUFFICIENT_ACCESS": Fault(StopRunError, "salesforce.forbidden",
        "give the integration user the right to do this"),
    "INVALID_SESSION_ID": Fault(LoginError, "salesforce.session"),
    "QUERY_TIMEOUT": Fault(RetryableError, "salesforce.query_timeout"),
    "REQUEST_LIMIT_EXCEEDED": Fault(RateLimitedError, "salesforce.rate_limited"),
    "SERVER_UNAVAILABLE": Fault(RetryableError, "salesforce.unavailable"),
    "UNABLE_TO_LOCK_ROW": Fault(RetryableError, "salesforce.locked"),
    "UNKNOWN_EXCEPTION": Fault(RetryableError, "salesforce.server_error", certain=False),
    300: Fault(RecordError, "salesforce.ambiguous", "several records hold this external id"),
    420: Fault(RateLimitedError, "salesforce.rate_limited"),
}  # fmt: skip
"""Vendor's error code, or HTTP status, of a failed call → what it means."""

DAILY_WAIT_S = 900.0
"""The daily limit counts the last 24 hours: calls become free again little by little."""


def call_fault(status: int, code: str | None) -> Fault:
    """Return what a failed call means.

    >>> call_fault(403, "REQUEST_LIMIT_EXCEEDED").code, call_fault(400, "INVALID_FIELD").code
    ('salesforce.rate_limited', 'http.bad_request')
    """
    if code is not None and code in CALL_FAULTS:
        return CALL_FAULTS[code]
    known = CALL_FAULTS.get(status) or FAULTS.get(status)
    if known is not None:
        return known
    return FAULTS[500] if status >= 500 else FAULTS[400]


def first_error(content: Any) -> tuple[str | None, str]:
    """Return the code and message of an error body, whatever its shape.

    >>> first_error([{"message": "No such column 'foo'", "errorCode": "INVALID_FIELD"}])
    ('INVALID_FIELD', "No such column 'foo'")
    >>> first_error({"error": "invalid_grant", "error_description": "expired"})
    ('invalid_grant', 'expired')
    >>> first_error("<html>")
    (None, '')
    """
    body = content[0] if isinstance(content, list) and content else content
    if not isinstance(body, Mapping):
        return None, ""
    code = body.get("errorCode") or body.get("error")
    message = body.get("message") or body.get("error_description")
    return (str(code) if code else None), str(message or "")


_COLUMN = re.compile(r"No such column '(\w+)'")


def unknown_column(message: str) -> str | None:
    """Return the column that a message says does not exist.

    >>> unknown_column("No such column 'foo' on sobject of type Bar")
    'foo'
    """
    found = _COLUMN.search(message)
    return found[1] if found else None


class Meaning(Enum):
    """What to do about one record that failed inside a call that succeeded."""

    GONE = "gone"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


RECORD_FAULTS: Mapping[str, Meaning] = {
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Meaning.DEFERRED,
    "ENTITY_IS_DELETED": Meaning.GONE,
    "ENTITY_IS_LOCKED": Meaning.DEFERRED,
    "INVALID_CROSS_REFERENCE_KEY": Meaning.GONE,
    "MALFORMED_ID": Meaning.GONE,
    "NOT_FOUND": Meaning.GONE,
    "PROCESSING_HALTED": Meaning.DEFERRED,
    "REQUEST_LIMIT_EXCEEDED": Meaning.DEFERRED,
    "SERVER_UNAVAILABLE": Meaning.DEFERRED,
    "UNABLE_TO_LOCK_ROW": Meaning.DEFERRED,
    "UNKNOWN_EXCEPTION": Meaning.UNKNOWN,
}
"""Status code of a failed record → what to do; every other code is a refusal for good.

`GONE` holds only when the record's own id is meant: with a column named, a reference is wrong."""


def record_result(error: Mapping[str, Any], values: Values, *, has_id: bool) -> WriteResult:
    """Return the result of a write whose record failed.

    Args:
        error: `{"statusCode", "message", "fields"}`.
        values: what was written; none of it may stay in the message.
        has_id: the write named a record, which can then be gone.

    >>> record_result({"statusCode": "ENTITY_IS_DELETED", "fields": []}, {}, has_id=True)
    Gone()
    >>> record_result({"statusCode": "STRING_TOO_LONG", "fields": ["Phone"],
    ...     "message": "Phone: data value too large: +49 (max length=2)"},
    ...     {"Phone": "+49"}, has_id=True)
    Rejected(code='STRING_TOO_LONG',
             message='Phone: data value too large: … (max length=2)', columns=('Phone',))
    """
    code = str(error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION")
    columns = tuple(str(name) for name in error.get("fields") or ())
    meaning = RECORD_FAULTS.get(code)
    if meaning is Meaning.GONE and has_id and {name.lower() for name in columns} <= {"id"}:
        return Gone()
    if meaning is Meaning.DEFERRED:
        return Deferred(code, retry_after=1.0)
    if meaning is Meaning.UNKNOWN:
        return Unknown(code)
    return Rejected(code, redact(str(error.get("message", "")), values.values()), columns)


def redact(message: str, values: Sequence[Any] | Any) -> str:
    """Take record values out of a vendor's message.

    >>> redact("Email: invalid email address: ada@", ["ada@", None])
    'Email: invalid email address: …'
    """
    texts = {str(value).strip() for value in values if isinstance(value, str | int | float)}
    for text in sorted(texts - {""}, key=len, reverse=True):
        message = re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", "…", message)
    return message
