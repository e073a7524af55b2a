"""Tryton's protocol at its edges: faults, sessions, passes over changes, the log of deletions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.base import (
    Accepted,
    Deferred,
    Operation,
    Record,
    Rejected,
    Stale,
    Unknown,
    Write,
)
from connectors.errors import (
    ConnectorError,
    LoginError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
)
from connectors.tryton import TrytonConnector, build
from tests.contract.tryton_fake import SETTINGS, FakeTryton, Refused, Status, like, party

CREATE = "model.party.party.create"
WRITE = "model.party.party.write"
SEARCH = "model.party.party.search_read"
LOG = "model.ir.model.log.search"
LOG_READ = "model.ir.model.log.search_read"
STREAM = "party.organization"
REFUSED = requests.ConnectionError(
    MaxRetryError(
        HTTPConnectionPool("tryton.test"),
        "/",
        NewConnectionError(HTTPConnection("tryton.test"), "refused"),
    )
)


def creates(number: int) -> list[Write]:
    return [Write(Operation.CREATE, f"key-{n}", None, {"name": f"N{n}"}) for n in range(number)]


def raising(error: Exception) -> Callable[[list[Any]], Any]:
    def answer(params: list[Any]) -> Any:
        raise error

    return answer


class Creating:
    """Creates parties; refuses whole calls that hold certain names, and fails at certain calls."""

    def __init__(
        self, bad: Sequence[str] = (), failing: dict[int, Exception] | None = None
    ) -> None:
        self.bad = set(bad)
        self.failing = failing or {}
        self.calls = 0
        self.created: list[str] = []

    def __call__(self, params: list[Any]) -> list[int]:
        self.calls += 1
        if self.calls in self.failing:
            raise self.failing[self.calls]
        names = [values["name"] for values in params[0]]
        if self.bad & set(names):
            raise Refused("UserError", ['The value "x" for field "Name" is no.', "", None])
        first = len(self.created)
        self.created += names
        return list(range(first + 1, len(self.created) + 1))


# --- faults ---------------------------------------------------------------------------------------


def test_one_bad_record_among_many_is_found_by_halving() -> None:
    creating = Creating(bad=["N5"])
    fake = FakeTryton({CREATE: creating})
    results = fake.connector().write(STREAM, creates(16))
    assert [i for i, r in enumerate(results) if isinstance(r, Rejected)] == [5]
    assert sorted(creating.created) == sorted(f"N{n}" for n in range(16) if n != 5)
    assert creating.calls == 9, "the whole, then two calls for each of four halvings"
    rejected = results[5]
    assert isinstance(rejected, Rejected)
    assert rejected.columns == ("name",)
    ids = [r.native_id for r in results if isinstance(r, Accepted)]
    assert [creating.created[int(i) - 1] for i in ids] == [f"N{n}" for n in range(16) if n != 5]


def test_a_lost_answer_is_unknown_and_is_not_sent_again() -> None:
    creating = Creating(failing={1: requests.ReadTimeout("cut")})
    results = FakeTryton({CREATE: creating}).connector().write(STREAM, creates(3))
    assert [type(result) for result in results] == [Unknown] * 3
    assert creating.calls == 1


def test_an_answer_lost_while_halving_leaves_the_others_their_results() -> None:
    creating = Creating(bad=["N3"], failing={3: requests.ReadTimeout("cut")})
    results = FakeTryton({CREATE: creating}).connector().write(STREAM, creates(4))
    assert [type(r) for r in results] == [Accepted, Accepted, Unknown, Unknown]


def test_a_fault_after_something_was_carried_out_defers_the_rest() -> None:
    creating = Creating(bad=["N3"], failing={3: REFUSED})
    results = FakeTryton({CREATE: creating}).connector().write(STREAM, creates(4))
    assert [type(r) for r in results] == [Accepted, Accepted, Deferred, Deferred]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (REFUSED, RetryableError),
        (Status(503, "database is locked"), RetryableError),
        (Status(503, "Database 'erp' doesn&#39;t exist!"), StopRunError),
        (Status(404), StopRunError),
        (Status(403), StopRunError),
        (Status(429), RateLimitedError),
        (Refused("RateLimitException"), RateLimitedError),
    ],
)
def test_a_fault_before_anything_was_carried_out_is_raised(
    fault: Exception, error: type[ConnectorError]
) -> None:
    fake = FakeTryton({CREATE: raising(fault)})
    with pytest.raises(error):
        fake.connector().write(STREAM, creates(2))


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_broken_answer_to_a_write_is_unknown(status: int) -> None:
    fake = FakeTryton({CREATE: raising(Status(status))})
    results = fake.connector().write(STREAM, creates(2))
    assert [type(result) for result in results] == [Unknown, Unknown]


def test_what_the_server_stumbles_over_is_rejected_without_its_text() -> None:
    fake = FakeTryton({CREATE: raising(Refused("could not convert 'Top Secret Ltd'", ""))})
    (result,) = fake.connector().write(STREAM, creates(1))
    assert isinstance(result, Rejected)
    assert result.code == "tryton.server_error"
    assert "Secret" not in result.message


@pytest.mark.parametrize(
    "text",
    [
        'The value "Top Secret" for field "Name" in record "A "Top Secret" Co" of "Party" is no.',
        'The European VAT Number "Top Secret" for party "Top\nSecret" is not valid.',
    ],
)
def test_no_value_leaves_with_an_error(text: str) -> None:
    fake = FakeTryton({CREATE: raising(Refused("UserError", [text, "Top Secret", None]))})
    (result,) = fake.connector().write(STREAM, creates(1))
    assert isinstance(result, Rejected)
    assert "Secret" not in f"{result}"


def test_rows_that_vanish_while_they_are_read_are_asked_for_again() -> None:
    sentence = 'You are trying to read records "5" of "Party" that don\'t exist.'
    vanished = Refused("UserError", [sentence, "", None])
    answers: list[Any] = [vanished, vanished, [party(1)]]

    def search(params: list[Any]) -> Any:
        answer = answers.pop(0)
        return raising(answer)(params) if isinstance(answer, Exception) else answer

    fake = FakeTryton({SEARCH: search})
    (record,) = fake.connector().read(STREAM, ["name"], ["1"])
    assert record.values == {"name": "Party 1"}
    fake.answers[SEARCH] = raising(vanished)
    with pytest.raises(RetryableError):
        fake.connector().read(STREAM, ["name"], ["1"])
    forbidden = Refused("UserError", ["You are not allowed to read.", "", None])
    fake.answers[SEARCH] = raising(forbidden)
    with pytest.raises(RecordError):
        fake.connector().read(STREAM, ["name"], ["1"])


def test_a_party_that_is_not_archived_in_the_second_call_is_unknown() -> None:
    fake = FakeTryton({CREATE: Creating(), WRITE: raising(REFUSED)})
    write = Write(Operation.CREATE, "key", None, {"name": "N", "active": False})
    assert isinstance(fake.connector().write(STREAM, [write])[0], Unknown)
    assert fake.called(CREATE)[0][0][0].get("active") is None


# --- sessions -------------------------------------------------------------------------------------


def test_a_session_is_opened_once() -> None:
    fake = FakeTryton({SEARCH: lambda _: []})
    erp = fake.connector()
    for _ in range(3):
        erp.read(STREAM, ["name"], ["1"])
    assert fake.logins == 1
    assert erp.calls == len(fake.asked)


def test_an_ended_session_is_renewed_once_and_then_given_up() -> None:
    fake = FakeTryton({SEARCH: raising(Status(401))})
    with pytest.raises(LoginError):
        fake.connector().read(STREAM, ["name"], ["1"])
    assert fake.logins == 2


@pytest.mark.parametrize(
    "answer",
    [Status(401), Refused("LoginException", ["password", "Password for admin", "password"])],
)
def test_a_refused_log_in_says_so_without_the_password(answer: Exception) -> None:
    fake = FakeTryton({"common.db.login": raising(answer)})
    with pytest.raises(LoginError) as raised:
        fake.connector().check()
    assert SETTINGS["password"] not in str(raised.value)


def test_settings_are_refused_by_name() -> None:
    with pytest.raises(StopRunError, match="read_batch") as raised:
        build(SETTINGS | {"read_batch": 0, "password": "s3cret-pass"})
    assert "s3cret-pass" not in str(raised.value)


def test_modules_that_are_missing_are_named() -> None:
    rows = [{"name": "party", "state": "activated", "version": "8.2.0"}]
    fake = FakeTryton({"model.ir.module.search_read": lambda _: rows})
    with pytest.raises(StopRunError, match="country, party_relationship"):
        fake.connector().check()


def test_the_clock_of_the_server_is_measured() -> None:
    modules = ("country", "party", "party_relationship")
    rows = [{"name": n, "state": "activated", "version": "8.2.0"} for n in modules]
    fake = FakeTryton({"model.ir.module.search_read": lambda _: rows})
    fake.now = datetime.now(fake.now.tzinfo) + timedelta(minutes=5)
    skew = fake.connector().check().clock_skew
    assert abs(skew - timedelta(minutes=5)) < timedelta(seconds=2)


# --- passes over changes --------------------------------------------------------------------------


def since(params: list[Any]) -> datetime | None:
    """The moment that a search for changes asks from; None when it asks for everything."""
    text = json.dumps(params[0])
    if "last_modified_at" not in text:
        return None
    (clause,) = [c for c in params[0] if c[0] == "OR"]
    native = clause[1][2]
    return datetime(
        *(native[part] for part in ("year", "month", "day", "hour", "minute", "second"))
    )


class Reader:
    """Reads a stream of a fake again and again, from the cursor of the last page."""

    def __init__(self, fake: FakeTryton, erp: TrytonConnector) -> None:
        self.fake = fake
        self.erp = erp
        self.cursor: Any = None

    def read(self) -> list[Record]:
        # The server's clock is known from its answers: let there be one of this moment.
        self.erp.read(STREAM, ["name"], ["1"])
        pages = list(self.erp.read_changes(STREAM, ["name"], self.cursor))
        self.cursor = json.loads(json.dumps(pages[-1].cursor))
        return [record for page in pages for record in page.records]

    def asked_since(self) -> datetime | None:
        return since(self.fake.called(SEARCH)[-1])


def test_each_pass_starts_where_the_last_one_began_and_now_and_then_much_earlier() -> None:
    fake = FakeTryton({SEARCH: lambda _: [], LOG: lambda _: [], LOG_READ: lambda _: []})
    reader = Reader(fake, fake.connector(look_back=60, overlap=5))
    start = fake.now.replace(tzinfo=None)
    asked = {}
    for second in (0, 10, 20, 65, 70):
        fake.now = fake.now.replace(minute=second // 60, second=second % 60)
        reader.read()
        at = reader.asked_since()
        asked[second] = None if at is None else round((at - start).total_seconds())
    # The margin of the clock is a second or so, hence the tolerance.
    assert asked[0] is None
    assert asked[10] == pytest.approx(0 - 5, abs=3)
    assert asked[20] == pytest.approx(10 - 5, abs=3)
    assert asked[65] == pytest.approx(0 - 60, abs=3), "the whole look-back below the first pass"
    assert asked[70] == pytest.approx(65 - 5, abs=3)


def test_a_pass_is_resumed_from_the_middle_with_the_same_bounds() -> None:
    parties = [party(n) for n in range(1, 8)]

    def search(params: list[Any]) -> list[Any]:
        domain, _, limit = params[0], params[1], params[2]
        (after,) = [clause[2] for clause in domain if clause[:2] == ["id", ">"]]
        return [row for row in parties if row["id"] > after][:limit]

    fake = FakeTryton({SEARCH: search, LOG: lambda _: [], LOG_READ: lambda _: []})
    erp = fake.connector(read_batch=3)
    cursor = erp.cursor_at(STREAM, fake.now - timedelta(hours=1))
    first, *_ = erp.read_changes(STREAM, ["name"], cursor)
    lower = since(fake.called(SEARCH)[0])
    fake.wait(500)
    rest = list(erp.read_changes(STREAM, ["name"], first.cursor))
    assert [r.native_id for page in rest for r in page.records] == ["4", "5", "6", "7"]
    assert since(fake.called(SEARCH)[-1]) == lower
    # The next pass starts where this one began, not where it was resumed.
    began = datetime.fromisoformat(str(rest[-1].cursor["since"]))
    assert began < fake.now - timedelta(seconds=490)


def test_a_cursor_of_another_make_is_refused() -> None:
    erp = FakeTryton({}).connector()
    for cursor in ({"offset": 3}, {"since": "yesterday"}, {"after": "x"}):
        with pytest.raises(RecordError):
            list(erp.read_changes(STREAM, ["name"], cursor))


# --- the log of deletions -------------------------------------------------------------------------


class Log:
    """The log of deletions: tells ids of rows, never what was deleted, and can be searched.

    Attributes:
        rows: id of a row → what it is about.
        since: rows that are recent enough for any search by date; None: all of them.
    """

    def __init__(self) -> None:
        self.rows: dict[int, str] = {}
        self.since: set[int] | None = None

    def add(self, log_id: int, native_id: int) -> None:
        self.rows[log_id] = f"party.party,{native_id}"

    def search(self, params: list[Any]) -> list[int]:
        domain, _, limit, order = params[:4]
        found = [i for i in sorted(self.rows) if self._matches(domain, i)]
        found = found[::-1] if order and order[0][1] == "DESC" else found
        return found[:limit]

    def search_read(self, params: list[Any]) -> list[dict[str, Any]]:
        date = {"year": 2026, "month": 11, "day": 21, "hour": 8, "minute": 0, "second": 0}
        stamp = {"__class__": "datetime", **date, "microsecond": 0}
        return [{"id": i, "create_date": stamp} for i in self.search(params)]

    def _matches(self, domain: Any, log_id: int) -> bool:
        if domain[0] == "OR":
            return any(self._matches(part, log_id) for part in domain[1:])
        if isinstance(domain[0], list):
            return all(self._matches(part, log_id) for part in domain)
        name, operator, value = domain
        if name == "event":
            return bool(value == "delete")
        if name == "create_date":
            return self.since is None or log_id in self.since
        if name == "id":
            return bool(log_id > value if operator == ">" else log_id in value)
        return like(value, self.rows[log_id])


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def reader(log: Log) -> Reader:
    fake = FakeTryton(
        {
            SEARCH: lambda _: [],
            LOG: log.search,
            LOG_READ: log.search_read,
            WRITE: lambda _: None,
            "model.party.party.search": lambda params: params[0][0][2],
            "model.party.party.delete": lambda _: None,
        }
    )
    return Reader(fake, fake.connector())


def test_ids_of_any_length_are_spelled_out(reader: Reader, log: Log) -> None:
    assert reader.read() == []
    deleted = [7, 10, 909, 123456, 9999999, 1000000000]
    for log_id, native_id in enumerate(deleted, start=3):
        log.add(log_id, native_id)
    reader.fake.wait(15)
    found = reader.read()
    assert [int(record.native_id) for record in found] == deleted
    assert all(record.deleted and record.values == {} for record in found)
    reader.fake.wait(15)
    assert reader.read() == []
    reader.fake.wait(60)
    assert len(reader.read()) == len(deleted), "with the look-back they are told once more"


def test_many_deletions_come_in_pages(reader: Reader, log: Log) -> None:
    reader.erp = reader.fake.connector(read_batch=10)
    reader.read()
    for number in range(1, 26):
        log.add(number, 1000 + number)
    reader.fake.wait(30)
    reader.erp.read(STREAM, ["name"], ["1"])
    pages = list(reader.erp.read_changes(STREAM, ["name"], reader.cursor))
    assert [len(page.records) for page in pages] == [10, 10, 5]
    # Stopping after the second page loses nothing.
    resumed = list(reader.erp.read_changes(STREAM, ["name"], pages[1].cursor))
    told = {r.native_id for page in resumed for r in page.records}
    assert told >= {str(1000 + n) for n in range(21, 26)}
    reader.fake.wait(15)
    (page,) = reader.erp.read_changes(STREAM, ["name"], resumed[-1].cursor)
    assert page.records == ()


def test_from_a_moment_only_later_deletions_are_told(reader: Reader, log: Log) -> None:
    log.add(1, 11)
    reader.cursor = reader.erp.cursor_at(STREAM, reader.fake.now - timedelta(hours=1))
    log.since = {2}
    log.add(2, 12)
    assert [record.native_id for record in reader.read()] == ["12"]
    reader.fake.wait(15)
    assert reader.read() == []


def test_the_log_is_asked_only_when_due(reader: Reader) -> None:
    reader.read()
    looks = []
    for _ in range(12):
        reader.fake.wait(2)
        before = len(reader.fake.called(LOG_READ))
        reader.read()
        looks.append(len(reader.fake.called(LOG_READ)) - before)
    assert 2 <= sum(looks) <= 3, "24 seconds, every ten"


def test_our_own_deletion_is_looked_for_at_once(reader: Reader, log: Log) -> None:
    reader.read()
    results = reader.erp.write(STREAM, [Write(Operation.DELETE, "k", "17")])
    assert results == [Accepted("17")]
    log.add(1, 17)
    assert [record.native_id for record in reader.read()] == ["17"]


# --- conditions -----------------------------------------------------------------------------------


def test_a_write_is_conditional_on_every_row_it_touches() -> None:
    phone = {"id": 31, "_timestamp": "2.5", "active": True, "type": "phone", "value": "1"}
    email = {"id": 32, "_timestamp": "3.5", "active": True, "type": "email", "value": "a@x"}
    row = party(17, **{"_timestamp": "1.5", "contact_mechanisms.": [phone, email]})
    fake = FakeTryton({SEARCH: lambda _: [row], WRITE: lambda _: None})
    erp = fake.connector()
    (record,) = erp.read(STREAM, ["name"], ["17"])
    write = Write(Operation.UPDATE, "k", "17", {"phone": "2"}, record.version)
    assert erp.write(STREAM, [write]) == [Accepted("17")]
    (call,) = fake.called(WRITE)
    assert call[:2] == [[17], {"contact_mechanisms": [["write", [31], {"value": "2"}]]}]
    assert call[2]["_timestamp"] == {
        "party.party,17": "1.5",
        "party.contact_mechanism,31": "2.5",
    }


def test_a_version_that_is_none_of_ours_is_stale() -> None:
    fake = FakeTryton({"model.party.party.search": lambda _: [17]})
    writes = [
        Write(Operation.UPDATE, "k", "17", {"name": "N"}, "deleted-3"),
        Write(Operation.DELETE, "k", "17", {}, "deleted-3"),
    ]
    assert fake.connector().write(STREAM, writes) == [Stale(), Stale()]


def test_values_of_the_wrong_type_are_rejected_before_they_are_sent() -> None:
    fake = FakeTryton({CREATE: Creating()})
    values: list[dict[str, Any]] = [
        {"name": 5},
        {"active": "yes"},
        {"emails": "a@x"},
        {"emails": [1]},
        {"email": "a@x", "emails": ["b@x"]},
        {"parent": "3"},
        {"nothing": 1},
    ]
    writes = [Write(Operation.CREATE, "k", None, v) for v in values]
    results = fake.connector().write(STREAM, writes)
    assert [r.code for r in results if isinstance(r, Rejected)] == [
        *["wrong_type"] * 4,
        "ambiguous",
        "not_configured",
        "unknown_column",
    ]
    assert not fake.called(CREATE)
