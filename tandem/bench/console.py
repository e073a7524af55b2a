"""Bench `console`: how fast the pages of the console answer over a large state.

Every page is asked for over HTTP from a real server of this process, with nothing remembered from
the request before, beside two floors of the same run: a page that reads nothing, and one round trip
to the database. At the end one answer decides ten thousand questions.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any

import httpx
import typer
import uvicorn
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tandem.bench.accounts import mapping
from tandem.bench.console_seed import GROUP, LETTERS, LINK, RUNS, STREAMS, seed
from tandem.bench.scratch import scratch
from tandem.clock import SystemClock
from tandem.console import sessions
from tandem.console.app import create_app
from tandem.console.config import ConsoleConfig, FourEyes
from tandem.console.context import Console
from tandem.console.roles import Role
from tandem.mapping.schema import Mapping as MappingFile
from tandem.settings import Config, LinkConfig, SystemConfig
from tandem.state.database import Database, migrate, open_engine
from tandem.state.reader import Reader

TARGET_MS = 100.0
TARGET_GROUP_S = 5.0
WARM = 3

Report = Callable[[str], None]


def run(
    records: Annotated[int, typer.Option(min=2000, help="Records in both systems.")] = 1_000_000,
    items: Annotated[int, typer.Option(min=20_000, help="Open questions.")] = 100_000,
    requests: Annotated[int, typer.Option(min=5, help="Requests per page.")] = 60,
    database: Annotated[
        str,
        typer.Option(
            help="PostgreSQL server; a database is made there and dropped. SQLite when not given.",
            envvar="TANDEM_BENCH_DATABASE",
        ),
    ] = "",
    *,
    report: Report,
) -> dict[str, Any]:
    """How fast the console answers with a million records and 100,000 open questions."""
    with scratch(database) as url:
        migrate(url)
        state = Database(open_engine(url))
        started = time.perf_counter()
        seed(state, records=records, questions=items, now=SystemClock().now(), report=report)
        seeded = time.perf_counter() - started
        console = _console(state, url)
        try:
            with _served(console) as client:
                measured = _measure(console, client, records // 2, items, requests, report)
        finally:
            console.close()
            state.close()
    name = make_url(url).get_backend_name()
    note = "" if name == "postgresql" else "SQLite serves one machine; the targets are PostgreSQL's"
    about = {"bench": "console", "database": name, "records": records, "open_items": items}
    return about | {"note": note, "seed_s": round(seeded, 1)} | measured


def _console(state: Database, url: str) -> Console:
    link = LinkConfig.model_validate(
        {"link": LINK, "systems": list(STREAMS), "objects": {"account": {"default": "latest"}}}
    )
    mappings = [
        MappingFile.model_validate(mapping(name, cleansed=False) | {"stream": stream})
        for name, stream in STREAMS.items()
    ]
    return Console(
        database=state,
        reader=Reader(url),
        config=Config(
            systems={name: SystemConfig(kind="memory") for name in STREAMS}, links={LINK: link}
        ),
        mappings={(one.object, one.system): one for one in mappings},
        # One person may answer the whole group: what is measured is the answer.
        settings=ConsoleConfig(four_eyes=FourEyes(questions=10_000_000), undo=timedelta(0)),
    )


@contextmanager
def _served(console: Console) -> Iterator[httpx.Client]:
    """A client that is logged in to a server on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(console), log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    token = sessions.start(
        console.database,
        "bench",
        Role.ENGINEER,
        instead_of=None,
        limits=console.settings.sessions,
        at=console.clock.now(),
    )
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(base_url=base, cookies={sessions.COOKIE: token}, timeout=120) as client:
            client.headers["X-CSRF-Token"] = client.get("/api/v1/me").json()["csrf"]
            yield client
    finally:
        server.should_exit = True
        thread.join(30)


Request = Callable[[random.Random], httpx.Request]


def _measure(
    console: Console,
    client: httpx.Client,
    customers: int,
    items: int,
    requests: int,
    report: Report,
) -> dict[str, Any]:
    floor = _round_trip(console, requests)
    pages: dict[str, dict[str, float]] = {}
    for name, request in _pages(client, customers, items).items():
        report(name)
        pages[name] = _times(console, client, request, requests)
    empty = pages["an empty page"]["p50_ms"]
    for figures in pages.values():
        figures["p95_to_empty_page"] = round(figures["p95_ms"] / empty, 2)
    report(f"one answer to {GROUP:,} questions")
    group = _decide_group(client)
    slowest = max(pages, key=lambda name: pages[name]["p95_ms"])
    return {
        "floor": {"round_trip_ms": floor, "empty_page_p50_ms": empty},
        "pages": pages,
        "slowest": slowest,
        "p95_ms": pages[slowest]["p95_ms"],
        "group": group | {"to_round_trip": round(group["seconds"] * 1000 / floor)},
        "targets": {
            "pages": pages[slowest]["p95_ms"] <= TARGET_MS,
            "group": group["seconds"] <= TARGET_GROUP_S,
        },
    }


def _round_trip(console: Console, requests: int) -> float:
    spans = []
    for _ in range(requests):
        with console.reader.view() as connection:
            connection.execute(text("SELECT 1"))
            started = time.perf_counter()
            connection.execute(text("SELECT 1"))
            spans.append(time.perf_counter() - started)
    return _milliseconds(sorted(spans), 0.5)


def _times(
    console: Console, client: httpx.Client, request: Request, requests: int
) -> dict[str, float]:
    draw = random.Random(7)  # noqa: S311  (repeatable by purpose, no secret)
    spans = []
    for number in range(WARM + requests):
        wanted = request(draw)
        # Everybody is the first to look: no figure is left from the request before.
        console.memory.clear()
        started = time.perf_counter()
        answer = client.send(wanted)
        spent = time.perf_counter() - started
        if answer.status_code != 200:
            raise RuntimeError(f"{wanted.url.path} answered {answer.status_code}")
        if number >= WARM:
            spans.append(spent)
    spans.sort()
    return {"p50_ms": _milliseconds(spans, 0.5), "p95_ms": _milliseconds(spans, 0.95)}


def _milliseconds(spans: list[float], share: float) -> float:
    return round(spans[max(round(share * len(spans)) - 1, 0)] * 1000, 2)


def _pages(client: httpx.Client, customers: int, items: int) -> dict[str, Request]:
    """Name → makes a request; each draws what it looks at."""

    def get(path: Callable[[random.Random], str] | str) -> Request:
        return lambda draw: client.build_request(
            "GET", path if isinstance(path, str) else path(draw)
        )

    def search(words: Callable[[random.Random], str], path: str = "/records/search") -> Request:
        csrf = client.headers["X-CSRF-Token"]
        return lambda draw: client.build_request(
            "POST", path, data={"csrf": csrf, "text": words(draw)}
        )

    def record(draw: random.Random) -> str:
        return f"/records/{draw.randint(1, customers):032x}"

    def question(draw: random.Random) -> str:
        return f"/questions/{draw.randint(GROUP + 1, items)}"

    return {
        "an empty page": get("/records"),
        "inbox": get("/inbox"),
        "inbox, one kind": get("/inbox?kind=conflict"),
        "inbox, far down": get(lambda draw: f"/inbox?after={draw.randint(1, items)}"),
        "inbox, by cause": get("/inbox/causes"),
        "inbox, search": search(lambda draw: f"Kunde {draw.randint(1, 9000)}", "/inbox/search"),
        "question": get(question),
        "group of 10,000": get("/groups/1"),
        "answers": get("/answers"),
        "records, by name": search(lambda draw: f"kunde {draw.randint(1, 9000)} handel"),
        "records, by common words": search(lambda _draw: "gmbh handel kunde"),
        "records, by e-mail": search(lambda draw: f"info{draw.randint(1, customers)}@"),
        "records, by native id": search(lambda draw: f"erp{draw.randint(1, customers)}"),
        "record": get(record),
        "history of a record": get(lambda draw: f"{record(draw)}/history"),
        "overview": get("/overview"),
        **{f"link, {span}": get(f"/links/{LINK}?range={span}") for span in ("hour", "day", "year")},
        "runs": get(f"/runs?link={LINK}"),
        "run": get(lambda draw: f"/runs/r{draw.randrange(min(RUNS, max(customers // 100, 1)))}"),
        "audit": get("/audit"),
        "audit, one action": get(f"/audit?link={LINK}&action=write.accepted"),
        "dead letters": get("/inbox?kind=dead_letter"),
        "quarantine": get("/inbox?kind=quarantine"),
        "a record in quarantine": get(
            lambda draw: f"/quarantine/crm/Account/bad{draw.randint(1, LETTERS)}"
        ),
        "metrics": get("/metrics"),
    }


def _decide_group(client: httpx.Client) -> dict[str, Any]:
    """Answer the great group: what the text means."""
    page: Mapping[str, Any] = client.get("/api/v1/groups/1").json()
    body = {"seen": page["seen"], "decision": {"value": "Trade"}}
    started = time.perf_counter()
    answer = client.post("/api/v1/groups/1/decision", json=body)
    spent = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"the answer was refused: {answer.status_code} {answer.text[:200]}")
    return {"questions": page["seen"]["count"], "seconds": round(spent, 2)}
