"""Pages as HTML: templates, what stands on each of them, and how values look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tandem.console import language, sessions
from tandem.console.context import Console
from tandem.console.guard import csrf_key
from tandem.console.language import marked
from tandem.model.fields import is_empty, label


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the navigation: its path, its name, the key that leads there after `g`."""

    path: str
    name: str
    key: str


NAVIGATION: tuple[Place, ...] = (
    Place("/inbox", marked("Inbox"), "i"),
    Place("/answers", marked("Answers"), "w"),
    Place("/records", marked("Records"), "r"),
    Place("/overview", marked("Overview"), "o"),
    Place("/audit", marked("Audit"), "h"),
)
"""The places, in order; the first is where one arrives."""


KEPT = 4096
"""Texts of moments and of numbers that are kept: a page with pictures has hundreds."""


@cache
def environment() -> Environment:
    """Templates: escaped, strict about names, in the language that is spoken."""
    folder = Path(__file__).with_name("templates")
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        language.gettext, language.ngettext, newstyle=True
    )
    made.filters |= {
        "moment": moment,
        "ago": ago,
        "number": number,
        "words": words,
        "label": label,
        "given": given,
    }
    made.globals |= {"languages": language.LANGUAGES, "navigation": NAVIGATION}
    made.tests["blank"] = is_empty
    return made


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page."""
    console: Console = request.app.state.console
    base = request.scope.get("root_path", "")
    key = csrf_key(request)
    chosen = language.spoken()
    html = (
        environment()
        .get_template(template)
        .render(
            values
            | {
                "visitor": getattr(request.state, "visitor", None),
                "csrf": sessions.csrf_token(key) if key else "",
                "url": lambda path: f"{base}{path}",
                "path": request.url.path.removeprefix(base),
                "language": chosen,
                "now": console.clock.now(),
                "logs_in_here": console.identify is None,
                "system_url": lambda system, stream, native_id: record_url(
                    console, system, stream, native_id
                ),
            }
        )
    )
    return HTMLResponse(html, status, {"Content-Language": chosen, "Vary": "Accept-Language"})


def record_url(console: Console, system: str, stream: str, native_id: str) -> str | None:
    """Where people see a native record, if the configuration says so."""
    config = console.config.systems.get(system)
    if config is None or not config.url:
        return None
    return config.url.replace("{stream}", stream).replace("{id}", native_id)


def moment(value: datetime | None) -> str:
    """A moment in the language that is spoken, in UTC."""
    if value is None:
        return ""
    return _moment(value, language.spoken())


@lru_cache(KEPT)
def _moment(value: datetime, locale: str) -> str:
    return f"{format_datetime(value.astimezone(UTC), 'medium', locale=locale)} UTC"


def ago(value: datetime | None, now: datetime) -> str:
    """How long ago a moment is."""
    if value is None:
        return ""
    # Clocks of two machines may differ by a blink: nothing has been asked in the future.
    passed = max(now - value, timedelta(seconds=1))
    return format_timedelta(-passed, add_direction=True, locale=language.spoken())


def number(value: float) -> str:
    """A number as the language writes it."""
    return _number(value, language.spoken())


@lru_cache(KEPT)
def _number(value: float, locale: str) -> str:
    return format_decimal(value, locale=locale)


def words(value: Any) -> str:
    """A canonical value in one line; the same text for the same value.

    >>> words({"street": "Main St", "city": "Oslo", "unit": None}), words(["a", "b"]), words(None)
    ('Main St, Oslo', 'a, b', '')
    """
    if is_empty(value):
        return ""
    if isinstance(value, Mapping):
        names = {"given", "middle", "family"} >= set(value)
        return (" " if names else ", ").join(str(part) for part in value.values() if part)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return language.gettext("yes") if value else language.gettext("no")
    return str(value)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that are not empty, for an address.

    >>> given({"kind": "conflict", "link": None, "after": 7})
    {'kind': 'conflict', 'after': 7}
    """
    return {name: value for name, value in values.items() if not is_empty(value)}
