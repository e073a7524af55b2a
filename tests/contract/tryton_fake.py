"""A Tryton that answers from a script: for faults that a real one cannot be made to show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import requests
from requests.adapters import BaseAdapter

from connectors.tryton import TrytonConnector
from connectors.tryton.settings import parse

Answer = Callable[[list[Any]], Any]
"""Parameters (context last) → result; it may raise what `requests` raises, or return a `Status`."""

SETTINGS = {"url": "http://tryton.test", "database": "erp", "password": "s3cret-pass"}

CATEGORIES = [
    {"id": 1, "name": "Person", "parent": None},
    {"id": 2, "name": "Position", "parent": None},
    {"id": 3, "name": "Director", "parent": 2},
]
DIRECTORIES: Mapping[str, Answer] = {
    "model.party.category.search_read": lambda _: CATEGORIES,
    "model.ir.lang.search_read": lambda _: [{"id": 1, "code": "en"}],
    "model.party.relation.type.search_read": lambda _: [{"id": 7, "name": "Employee of"}],
    "model.country.country.search_read": lambda _: [{"id": 48, "code": "PL", "name": "Poland"}],
    "model.country.subdivision.search_read": lambda _: [
        {"id": 9, "code": "PL-10", "name": "Łódzkie", "country": 48}
    ],
}


class Status(Exception):  # noqa: N818 - an answer, raised for brevity
    """An HTTP status instead of a result."""

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class Refused(Exception):  # noqa: N818 - an answer, raised for brevity
    """An error answer of Tryton's, with status 200."""

    def __init__(self, *error: Any) -> None:
        super().__init__(error[0])
        self.error = list(error)


class FakeTryton(BaseAdapter):
    """Transport in front of answers by method.

    Attributes:
        answers: method → what it answers; log-in and directories are there already.
        asked: methods in the order they were called, log-ins included.
        params: parameters of each call in `asked`.
        now: the server's clock.
        sessions: tokens that are accepted; a log-in adds one.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__()
        self.answers = {**DIRECTORIES, **answers}
        self.asked: list[str] = []
        self.params: list[list[Any]] = []
        self.now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
        self.logins = 0

    def connector(self, **settings: Any) -> TrytonConnector:
        """A connector that speaks to this fake."""
        return TrytonConnector(parse(SETTINGS | settings), self)

    def wait(self, seconds: float) -> None:
        """Let time pass at the server."""
        self.now += timedelta(seconds=seconds)

    def called(self, method: str) -> list[list[Any]]:
        """Parameters of every call of a method."""
        return [p for name, p in zip(self.asked, self.params, strict=True) if name == method]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer one call."""
        payload = json.loads(request.body or b"{}")
        method, params = payload["method"], payload["params"]
        self.asked.append(method)
        self.params.append(params)
        try:
            body: Any = {"id": payload["id"], "result": self._result(method, params)}
            return self._response(request, 200, json.dumps(body))
        except Refused as refused:
            body = {"id": payload["id"], "error": refused.error}
            return self._response(request, 200, json.dumps(body))
        except Status as status:
            return self._response(request, status.status, status.body)

    def close(self) -> None:
        """Nothing to close."""

    def _result(self, method: str, params: list[Any]) -> Any:
        if method == "common.db.login":
            self.logins += 1
            if "common.db.login" in self.answers:
                return self.answers[method](params)
            return [1, f"token-{self.logins}", None]
        return self.answers[method](params)

    def _response(
        self, request: requests.PreparedRequest, status: int, body: str
    ) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.request = request
        response.url = str(request.url)
        response.headers["Content-Type"] = "application/json"
        response.headers["Date"] = format_datetime(self.now, usegmt=True)
        response._content = body.encode()
        return response


def like(pattern: str, text: str) -> bool:
    """SQL's LIKE, as the log of deletions is searched with."""
    spelled = {"%": ".*", "_": "."}
    return bool(re.fullmatch("".join(spelled.get(c, re.escape(c)) for c in pattern), text))


def party(native_id: int, **fields: Any) -> dict[str, Any]:
    """A party without children, as Tryton answers it."""
    return {
        "id": native_id,
        "name": f"Party {native_id}",
        "code": str(native_id),
        "active": True,
        "_timestamp": "1795297723.03948",
        "categories": [],
        "tax_identifier": None,
        "addresses.": [],
        "contact_mechanisms.": [],
        "identifiers.": [],
        "relations.": [],
    } | fields
