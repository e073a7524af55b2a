"""What every page has at hand: the state, the configuration, who is there, the doorbell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Timer
from typing import Annotated, Any

from fastapi import Depends, Request

from tandem.app import App
from tandem.clock import Clock, SystemClock
from tandem.console.config import ConsoleConfig, load_console_config
from tandem.console.errors import ForbiddenError, LoginRequiredError
from tandem.console.roles import Role, Visitor
from tandem.mapping.schema import Mapping as MappingFile
from tandem.settings import Config
from tandem.state.database import Database
from tandem.state.reader import Reader

Ring = Callable[[str], Any]
"""Tells whoever syncs that there is work in a link; must not fail."""

Identify = Callable[[Request], Awaitable[Visitor | None]]
"""Who is behind a request, where somebody else than the console logs people in."""


Later = Callable[[timedelta, Callable[[], Any]], Any]
"""Does something after a while; it may be lost when the process ends."""


def later(delay: timedelta, do: Callable[[], Any]) -> Timer | None:
    """After a while, in a thread that is returned; at once when there is nothing to wait for."""
    if not delay:
        do()
        return None
    timer = Timer(delay.total_seconds(), do)
    timer.daemon = True
    timer.start()
    return timer


def silent(_link: str) -> None:
    """A doorbell for where nobody listens: the next cycle of the live loop sees the decision."""


@dataclass(slots=True)
class Console:
    """One console.

    Attributes:
        database: for commands only.
        reader: for everything that is shown; it cannot write.
        config: systems and links.
        mappings: by (object, system).
        settings: of the console itself.
        ring: see `Ring`.
        later: see `Later`; rings when an answer that was held is due.
        identify: see `Identify`; None where people log in here.
        login_url: where whoever identifies people lets them log in.
        framed: whether other pages of the same site may show it in a frame.
        memory: what pages keep for some seconds, by key.
    """

    database: Database
    reader: Reader
    config: Config
    mappings: Mapping[tuple[str, str], MappingFile]
    settings: ConsoleConfig = field(default_factory=ConsoleConfig)
    ring: Ring = silent
    later: Later = later
    identify: Identify | None = None
    login_url: str = ""
    framed: bool = False
    clock: Clock = field(default_factory=SystemClock)
    memory: dict[str, tuple[float, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, app: App, **rest: Any) -> Console:
        """The console of an installation; its state is brought to the current schema."""
        return cls(
            database=app.database,
            reader=Reader(app.settings.database_url),
            config=app.config,
            mappings=app.mappings,
            settings=load_console_config(app.settings.config),
            **rest,
        )

    def remembered(self, key: str, seconds: float, make: Callable[[], Any]) -> Any:
        """What `make` gives, at most so many seconds old: many people look at the same counts."""
        now = self.clock.now().timestamp()
        known = self.memory.get(key)
        if known is None or now - known[0] >= seconds:
            known = self.memory[key] = (now, make())
        return known[1]

    def close(self) -> None:
        """Give back the reader's connections; the database belongs to the installation."""
        self.reader.close()


# Those that wait for nothing are coroutines: FastAPI sends plain functions through a thread.


async def console_of(request: Request) -> Console:
    """The console that serves a request."""
    console: Console = request.app.state.console
    return console


ConsoleDependency = Annotated[Console, Depends(console_of)]


async def visitor_of(request: Request) -> Visitor:
    """Who is behind a request; the middleware has found out.

    Raises:
        LoginRequiredError: nobody is logged in.
    """
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise LoginRequiredError("log in first")
    return visitor


VisitorDependency = Annotated[Visitor, Depends(visitor_of)]


def needs(role: Role) -> Callable[[Visitor], Awaitable[Visitor]]:
    """A dependency that lets only people of this role pass."""

    async def check(visitor: VisitorDependency) -> Visitor:
        if not visitor.role.covers(role):
            raise ForbiddenError(f"this needs the role {role}; you are {visitor.role}")
        return visitor

    return check
