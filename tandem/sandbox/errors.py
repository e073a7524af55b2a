"""Errors in the API's own shape: a list of `{message, errorCode, fields}` with an HTTP status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

STATUS_BY_CODE = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "UNKNOWN_EXCEPTION": 500,
    "SERVER_UNAVAILABLE": 503,
}
"""HTTP status of a code when it is the answer to the whole request; 400 for the others."""


class ApiError(Exception):
    """A refusal, of one record or of a whole request.

    Attributes:
        code: the API's name of the case, e.g. `INVALID_FIELD`.
        message: what people read.
        fields: the columns it is about.
    """

    def __init__(self, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = tuple(fields)

    @property
    def status(self) -> int:
        """HTTP status when the whole request fails with this error."""
        return STATUS_BY_CODE.get(self.code, 400)

    def as_body(self) -> list[dict[str, Any]]:
        """Return the body of the response.

        >>> ApiError("STRING_TOO_LONG", "Name: data value too large", ["Name"]).as_body()
        [{'message': 'Name: data value too large', 'errorCode': 'STRING_TOO_LONG',
          'fields': ['Name']}]
        """
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            body["fields"] = list(self.fields)
        return [body]

    def as_result(self) -> dict[str, Any]:
        """Return the error as one record's result inside a collection names it."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class MalformedRequestError(ApiError):
    """The body cannot be understood at all, so the whole request fails, also in a collection."""


def no_such_column(column: str, sobject: str) -> MalformedRequestError:
    """Return the error for a column that the object does not have."""
    return MalformedRequestError(
        "INVALID_FIELD", f"No such column '{column}' on sobject of type {sobject}"
    )


def no_such_resource() -> ApiError:
    """Return the error for an address that leads nowhere."""
    return ApiError("NOT_FOUND", "The requested resource does not exist")
