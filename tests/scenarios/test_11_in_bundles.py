"""Scenario 11, cut: several workers settle a first load, and what comes of it is the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import select

from tandem.chaos.scratch import empty
from tandem.errors import FencedError
from tandem.state import first_load
from tandem.state.database import Database
from tandem.state.tables import crosswalk, outbox, review
from tandem.state.tables import first_load as rows
from tandem.sync.first_load import FirstLoad, Settler, look
from tests.scenarios.world import World

WORDS = ("Acme", "Birke", "Cedro", "Dolmen", "Export", "Falke", "Granit", "Hansa")
GIVEN, FAMILY = ("Anna", "Bert", "Carla"), ("Kowalska", "Meyer", "Meier", "Ortiz")


def fill(w: World, seed: int) -> None:
    """Two systems full of firms whose names, numbers and people are easily taken for others'."""
    draw = random.Random(seed)
    firms = [
        {
            "name": " ".join(draw.sample(WORDS, draw.choice((1, 2, 2, 3)))),
            "phone": f"+49 30 {draw.randrange(2_000_000, 2_000_020)}",
            "tax_id": f"DE{draw.randrange(100_000_000, 100_000_030)}",
            "website": f"firm{draw.randrange(20)}.example",
        }
        for _ in range(60)
    ]
    for system, account, contact in ((w.crm, "Account", "Contact"), (w.erp, "party", "person")):
        known: list[str] = []
        for firm in draw.sample(firms, 45):
            said = {name: value for name, value in firm.items() if draw.random() < 0.6}
            said["name"] = draw.choice((firm["name"], firm["name"].upper(), f"{firm['name']} GmbH"))
            parent = draw.choice(known) if known and draw.random() < 0.2 else None
            known.append(system.insert(account, said | ({"parent": parent} if parent else {})))
        for _ in range(40):
            person = {"given": draw.choice(GIVEN), "family": draw.choice(FAMILY)}
            if draw.random() < 0.5:
                person["phone"] = f"+49 40 {draw.randrange(3_000_000, 3_000_030)}"
            if draw.random() < 0.8:
                person["account"] = draw.choice(known)
            system.insert(contact, person)


def filled(world: Callable[..., World], seed: int) -> World:
    w = world(objects=("account", "contact"), policy={"default": {"policy": "latest"}})
    with w.database.begin() as connection:
        empty(connection)
    fill(w, seed)
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.close()
    return w


def run(w: World, kind: type[Any] = FirstLoad, **more: Any) -> Any:
    """A run that takes one row at a time: what stands in one batch is compared as it came."""
    return kind(w.link, w.database, clock=w.clock, ids=w.ids, batch=1, **more)


def cut(w: World, object_name: str, size: int) -> tuple[int, list[int]]:
    """Look and cut. The token and the bundles."""
    first = run(w)
    assert first.open()
    shares = first.shares(object_name, least=1, rows=size)
    first.close()
    for share in shares:
        with w.database.begin() as connection:
            look(connection, w.link, object_name, share)
    first = run(w)
    assert first.open()
    found = first.cut(object_name, rows=size)
    token = first.pass_on()
    first.close()
    return token, found


def settle(w: World, token: int, object_name: str, bundle: int, **more: Any) -> None:
    settler = run(w, Settler, **more)
    try:
        settler.join(token)
        settler.settle(object_name, bundle)
    finally:
        settler.close()


def finish(w: World) -> None:
    """One worker does the rest, as soon as the lease of the bundles is over."""
    w.clock.advance(601)
    pipeline = w.pipeline(batch=1)
    assert pipeline.open()
    pipeline.drain(push=False)
    pipeline.close()


def in_bundles(w: World, size: int, order: Callable[[list[int]], Iterable[int]]) -> int:
    most = 0
    for object_name in ("account", "contact"):
        token, found = cut(w, object_name, size)
        most = max(most, len(found))
        for bundle in order(found):
            settle(w, token, object_name, bundle)
        w.clock.advance(601)
    finish(w)
    return most


def outcome(w: World) -> dict[str, list[tuple[Any, ...]]]:
    """Links, questions and intents, by what they are about."""
    queries = {
        "links": select(
            crosswalk.c.system, crosswalk.c.native_id, crosswalk.c.canonical_id, crosswalk.c.state
        ),
        "questions": select(review.c.kind, review.c.subject, review.c.state),
        "writes": select(
            outbox.c.system, outbox.c.operation, outbox.c.canonical_id, outbox.c["values"]
        ).where(outbox.c.state == "intended"),
    }
    with w.database.begin() as connection:
        found = {name: list(connection.execute(query)) for name, query in queries.items()}
        assert connection.execute(select(rows)).all() == []
    return {name: sorted((tuple(row) for row in rows), key=str) for name, rows in found.items()}


def alone(world: Callable[..., World], seed: int) -> dict[str, list[tuple[Any, ...]]]:
    """What one worker makes of it."""
    w = filled(world, seed)
    finish(w)
    return outcome(w)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_load_in_bundles_comes_to_what_one_worker_makes_of_it(world, seed: int):
    expected = alone(world, seed)
    draw = random.Random(seed)
    for size in (3, 20):
        w = filled(world, seed)
        most = in_bundles(w, size, lambda found: draw.sample(found, len(found)))
        assert most > 1
        assert outcome(w) == expected


class KilledError(Exception):
    """The worker is no more."""


def after(batches: int, then: Callable[[], None]) -> Callable[[str], None]:
    """Something happens when so many batches have been stored."""
    left = [batches]

    def checkpoint(step: str) -> None:
        left[0] -= step == "batch.stored"
        if left[0] == 0:
            left[0] -= 1
            then()

    return checkpoint


def test_a_worker_that_is_killed_in_a_bundle_is_followed_by_one_that_goes_on(world):
    def die() -> None:
        raise KilledError

    expected = alone(world, 1)
    w = filled(world, 1)
    token, found = cut(w, "account", 10)
    for bundle in found:
        with pytest.raises(KilledError):
            settle(w, token, "account", bundle, checkpoint=after(2, die))
        assert w.links() > 0
        settle(w, token, "account", bundle)
    finish(w)
    assert outcome(w) == expected


def test_whoever_takes_the_link_over_finishes_the_load_and_fences_off_who_settled_it(world):
    expected = alone(world, 2)
    w = filled(world, 2)
    token, (bundle, *_) = cut(w, "account", 10)
    with pytest.raises(FencedError):
        settle(w, token, "account", bundle, checkpoint=after(3, lambda: finish(w)))
    with pytest.raises(FencedError):
        settle(w, token, "account", bundle)  # nor can it come back
    first = run(w)
    w.clock.advance(601)
    assert first.open()
    assert first.shares("account", least=1, rows=10) == []  # this is no first load any more
    first.close()
    with w.database.begin() as connection:
        first_load.forget(connection, "customers", "account")
    assert outcome(w) == expected


def test_nobody_else_gets_the_link_while_bundles_are_settled(world):
    w = filled(world, 3)
    cut(w, "account", 10)
    w.clock.advance(599)
    assert not w.pipeline().open()
    w.clock.advance(2)
    assert w.pipeline().open()


@pytest.fixture
def settlers(postgres: Database) -> tuple[World, int, list[int]]:
    w = filled(lambda **settings: World(postgres, **settings), 5)
    return w, *cut(w, "account", 10)


@pytest.mark.postgres
def test_who_settles_does_not_wait_for_the_others(settlers):
    w, token, found = settlers
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda bundle: settle(w, token, "account", bundle), found))
    one, other = run(w, Settler), run(w, Settler)
    one.join(token)
    other.join(token)
    with one._begin(), other._begin():
        pass  # both have proved the lease at the same time
    finish(w)
    together = outcome(w)
    assert together == alone(lambda **settings: World(w.database, **settings), 5)


@pytest.mark.postgres
def test_what_was_not_stored_before_a_takeover_never_is(settlers):
    w, token, _ = settlers
    settler, successor = run(w, Settler), w.pipeline("successor")
    settler.join(token)
    w.clock.advance(601)
    last = ExitStack()
    connection = last.enter_context(settler._begin())
    first_load.forget(connection, "customers", "account")
    assert successor.open()
    with pytest.raises(FencedError):
        last.close()
    with w.database.begin() as connection:
        assert connection.execute(select(rows)).first() is not None
