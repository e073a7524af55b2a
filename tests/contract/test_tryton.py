"""What is particular to Tryton, against a real one."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import (
    Accepted,
    Gone,
    Operation,
    Page,
    Record,
    Rejected,
    Stale,
    Values,
    Write,
    WriteResult,
)
from connectors.errors import LoginError, StopRunError
from connectors.tryton import TrytonConnector, TrytonSettings, build
from connectors.tryton.rpc import Rpc
from tandem.demo.tryton import TrytonServer

pytestmark = [pytest.mark.slow, pytest.mark.tryton]

ORGANIZATION, PERSON = "party.organization", "party.person"

FULL_ORGANIZATION: Values = {
    "name": 'Zakłady "Łódź" S.A.',
    "active": True,
    "street": "Piotrkowska",
    "building_number": "12",
    "unit": "4",
    "city": "Łódź",
    "postal_code": "90-123",
    "country": "PL",
    "subdivision": "PL-10",
    "phone": "+48 42 631 20 00",
    "mobile": None,
    "fax": "+48 42 631 20 01",
    "website": "https://zaklady.example",
    "emails": ["biuro@zaklady.example", "office@zaklady.example"],
    "tax_id": "PL5260250274",
    "tax_id_type": "eu_vat",
}


@pytest.fixture(scope="module")
def erp(tryton_server: TrytonServer) -> Iterator[TrytonConnector]:
    connector = build(tryton_server.connector_settings())
    yield connector
    connector.close()


@pytest.fixture(scope="module")
def rpc(tryton_server: TrytonServer) -> Iterator[Rpc]:
    """Somebody at work with Tryton's own client."""
    rpc = Rpc(TrytonSettings.model_validate(tryton_server.connector_settings()))
    yield rpc
    rpc.close()


_keys = iter(range(10**9))


def create(values: Values, key: str | None = None) -> Write:
    return Write(Operation.CREATE, key or f"key-{next(_keys)}", None, values)


def update(native_id: str, values: Values, version: str | None = None) -> Write:
    return Write(Operation.UPDATE, f"key-{next(_keys)}", native_id, values, version)


def delete(native_id: str, version: str | None = None) -> Write:
    return Write(Operation.DELETE, f"key-{next(_keys)}", native_id, {}, version)


def one(results: Sequence[WriteResult]) -> str:
    (result,) = results
    assert isinstance(result, Accepted), result
    return result.native_id


def made(erp: TrytonConnector, stream: str, values: Values) -> str:
    return one(erp.write(stream, [create(values)]))


def read(erp: TrytonConnector, stream: str, native_id: str) -> Record:
    columns = list(erp.describe(stream).columns)
    (record,) = erp.read(stream, columns, [native_id])
    return record


def pages(erp: TrytonConnector, stream: str, cursor: Any) -> list[Page]:
    return list(erp.read_changes(stream, ["name"], cursor))


def records(erp: TrytonConnector, stream: str, cursor: Any) -> dict[str, Record]:
    return {r.native_id: r for page in pages(erp, stream, cursor) for r in page.records}


# --- the system -----------------------------------------------------------------------------------


def test_check_tells_product_and_clock(erp: TrytonConnector) -> None:
    before = erp.calls
    answer = erp.check()
    assert erp.calls - before <= 2, "a call, and a log-in the first time"
    assert answer.product.startswith("Tryton 8.2")
    assert abs(answer.clock_skew) < timedelta(seconds=2)


def test_wrong_credentials_and_wrong_database_say_so(tryton_server: TrytonServer) -> None:
    settings = tryton_server.connector_settings()
    with pytest.raises(LoginError) as wrong_password:
        build(settings | {"password": "not-the-password"}).check()
    assert "not-the-password" not in str(wrong_password.value)
    with pytest.raises(StopRunError) as wrong_database:
        build(settings | {"database": "nowhere"}).check()
    assert wrong_database.value.code == "tryton.no_database"


def test_names_that_the_database_lacks_are_asked_for(tryton_server: TrytonServer) -> None:
    settings = tryton_server.connector_settings()
    for setting in ("person_category", "employer_relation"):
        erp = build(settings | {setting: "Nobody made this"})
        with pytest.raises(StopRunError, match="Nobody made this"):
            list(erp.read_changes(PERSON, ["name"], None))
        erp.close()


def test_an_ended_session_is_renewed_once(erp: TrytonConnector, rpc: Rpc) -> None:
    erp.check()
    sessions = rpc.read("res.user", "search_read", [], 0, None, None, ["sessions"])
    assert sessions
    erp._rpc._session = "YWRtaW46MTplbmRlZA=="  # a session that the server does not know
    before = erp.calls
    erp.check()
    assert erp.calls - before == 3, "refused, log-in, again"


def test_directories(erp: TrytonConnector) -> None:
    countries = {entry.code: entry for entry in erp.directory("country")}
    assert len(countries) == 249
    assert countries["UA"].name == "Ukraine"
    subdivisions = {entry.code: entry for entry in erp.directory("subdivision")}
    assert subdivisions["PL-10"].parent == "PL"
    positions = {entry.code: entry for entry in erp.directory("position")}
    assert positions["Director"].parent is None
    assert "Position" not in positions


def test_describe_has_labels_and_allowed_values(erp: TrytonConnector) -> None:
    columns = erp.describe(ORGANIZATION).columns
    assert columns["postal_code"].label == "Postal Code"
    assert columns["phone"].label == "Phone"
    assert "eu_vat" in columns["tax_id_type"].allowed
    assert "GR" in columns["country"].allowed
    assert erp.describe(PERSON).columns["position"].allowed == tuple(
        entry.code for entry in erp.directory("position")
    )


# --- values there and back ------------------------------------------------------------------------


def test_an_organization_there_and_back(erp: TrytonConnector) -> None:
    record = read(erp, ORGANIZATION, made(erp, ORGANIZATION, FULL_ORGANIZATION))
    assert {name: record.values[name] for name in FULL_ORGANIZATION} == FULL_ORGANIZATION
    assert record.values["email"] == "biuro@zaklady.example"
    assert record.values["code"]
    assert record.modified_at is not None
    assert abs(datetime.now(UTC) - record.modified_at) < timedelta(seconds=30)


def test_a_person_works_for_an_organization(erp: TrytonConnector) -> None:
    first, second = (made(erp, ORGANIZATION, {"name": f"Employer {n}"}) for n in (1, 2))
    person = made(
        erp, PERSON, {"name": "Олена Шевчук", "employer": first, "position": "Sales manager"}
    )
    values = read(erp, PERSON, person).values
    assert (values["employer"], values["position"]) == (first, "Sales manager")
    one(erp.write(PERSON, [update(person, {"employer": second, "position": "Director"})]))
    values = read(erp, PERSON, person).values
    assert (values["employer"], values["position"]) == (second, "Director")
    one(erp.write(PERSON, [update(person, {"employer": None, "position": None})]))
    values = read(erp, PERSON, person).values
    assert (values["employer"], values["position"]) == (None, None)


def test_persons_and_organizations_are_apart(erp: TrytonConnector) -> None:
    organization = made(erp, ORGANIZATION, {"name": "A company"})
    person = made(erp, PERSON, {"name": "A person"})
    assert read(erp, ORGANIZATION, person).deleted
    assert read(erp, PERSON, organization).deleted
    assert organization in records(erp, ORGANIZATION, None)
    assert person not in records(erp, ORGANIZATION, None)


def test_only_the_first_of_each_kind_is_touched(erp: TrytonConnector, rpc: Rpc) -> None:
    (party,) = rpc.change(
        "party.party",
        "create",
        [
            {
                "name": "Two of each",
                "addresses": [["create", [{"city": "First"}, {"city": "Second"}]]],
                "contact_mechanisms": [
                    ["create", [{"type": "phone", "value": v} for v in ("+1 1", "+1 2")]]
                ],
            }
        ],
    )
    one(erp.write(ORGANIZATION, [update(str(party), {"city": "Changed", "phone": None})]))
    (row,) = rpc.read(
        *("party.party", "read", [party]),
        ["addresses.city", "contact_mechanisms.value"],
    )
    assert [a["city"] for a in row["addresses."]] == ["Changed", "Second"]
    assert [m["value"] for m in row["contact_mechanisms."]] == ["+1 2"]


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        ["b@x.example"],
        ["new@x.example", "a@x.example", "b@x.example"],
        ["b@x.example", "a@x.example"],
        ["a@x.example", "b@x.example", "c@x.example", "d@x.example"],
    ],
)
def test_emails_become_the_list_that_is_wanted(erp: TrytonConnector, wanted: list[str]) -> None:
    party = made(erp, ORGANIZATION, {"name": "E", "emails": ["a@x.example", "b@x.example"]})
    version = read(erp, ORGANIZATION, party).version
    one(erp.write(ORGANIZATION, [update(party, {"emails": wanted}, version)]))
    assert read(erp, ORGANIZATION, party).values["emails"] == wanted
    again = [*wanted, "last@x.example"]
    one(erp.write(ORGANIZATION, [update(party, {"emails": again})]))
    assert read(erp, ORGANIZATION, party).values["emails"] == again


def test_a_street_in_one_text_becomes_parts_when_a_number_is_set(erp: TrytonConnector) -> None:
    party = made(erp, ORGANIZATION, {"name": "S", "street": "Baker Street", "country": "GB"})
    one(erp.write(ORGANIZATION, [update(party, {"building_number": "221"})]))
    record = read(erp, ORGANIZATION, party)
    assert (record.values["street"], record.values["building_number"]) == ("Baker Street", "221")
    one(erp.write(ORGANIZATION, [update(party, {"street": "Abbey Road"}, record.version)]))
    values = read(erp, ORGANIZATION, party).values
    assert (values["street"], values["building_number"]) == ("Abbey Road", "221")


def test_null_clears(erp: TrytonConnector) -> None:
    party = made(erp, ORGANIZATION, FULL_ORGANIZATION)
    nothing: dict[str, Any] = dict.fromkeys(FULL_ORGANIZATION) | {"name": "N", "active": True}
    one(erp.write(ORGANIZATION, [update(party, nothing | {"emails": []})]))
    values = read(erp, ORGANIZATION, party).values
    assert {name: values[name] for name in nothing} == nothing | {"emails": []}


def test_an_archived_party_is_revived_with_its_new_name(erp: TrytonConnector) -> None:
    party = made(erp, ORGANIZATION, {"name": "Old", "active": False})
    version = read(erp, ORGANIZATION, party).version
    frozen = erp.write(ORGANIZATION, [update(party, {"name": "New"}, version)])
    assert isinstance(frozen[0], Rejected)
    one(erp.write(ORGANIZATION, [update(party, {"name": "New", "active": True}, version)]))
    values = read(erp, ORGANIZATION, party).values
    assert (values["name"], values["active"]) == ("New", True)


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_is_one_call(erp: TrytonConnector) -> None:
    made(erp, ORGANIZATION, {"name": "Warm-up", "country": "PL", "subdivision": "PL-10"})
    before = erp.calls
    results = erp.write(
        ORGANIZATION, [create(FULL_ORGANIZATION | {"name": f"Batch {n}"}) for n in range(50)]
    )
    assert erp.calls - before == 1
    ids = [result.native_id for result in results if isinstance(result, Accepted)]
    assert len(set(ids)) == 50
    columns = list(FULL_ORGANIZATION)
    versions = {r.native_id: r.version for r in erp.read(ORGANIZATION, columns, ids)}
    before = erp.calls
    writes = [update(i, {"name": f"Renamed {i}", "city": f"C{i}"}, versions[i]) for i in ids]
    assert all(isinstance(result, Accepted) for result in erp.write(ORGANIZATION, writes))
    assert erp.calls - before == 1
    for record in erp.read(ORGANIZATION, ["name", "city"], ids):
        i = record.native_id
        assert record.values == {"name": f"Renamed {i}", "city": f"C{i}"}


def test_bad_records_fail_alone_and_nothing_is_doubled(erp: TrytonConnector, rpc: Rpc) -> None:
    bad = {3: {"tax_id": "PL1234567890"}, 11: {"name": "line\nbreak"}, 12: {"country": "XX"}}
    writes = [
        create(FULL_ORGANIZATION | {"name": f"Halved {n}"} | bad.get(n, {}), f"halved-{n}")
        for n in range(16)
    ]
    results = erp.write(ORGANIZATION, writes)
    assert {n for n, r in enumerate(results) if not isinstance(r, Accepted)} == set(bad)
    by_number = {n: r for n, r in enumerate(results) if isinstance(r, Rejected)}
    assert by_number[3].columns == ("tax_id",)
    assert by_number[11].columns == ("name",)
    assert (by_number[12].code, by_number[12].columns) == ("unknown_reference", ("country",))
    for result in by_number.values():
        assert "1234567890" not in result.message
        assert "break" not in result.message
    found = rpc.read("party.party", "search_count", [["name", "like", "Halved %"]])
    assert found == 13
    assert [erp.find(ORGANIZATION, f"halved-{n}") is None for n in range(16)] == [
        n in bad for n in range(16)
    ]


def test_a_bad_update_fails_alone(erp: TrytonConnector) -> None:
    ids = [made(erp, ORGANIZATION, {"name": f"U{n}", "country": "GR"}) for n in range(5)]
    writes = [update(i, {"name": f"Better {i}"}) for i in ids]
    # A region of Greece does not go with the country Poland.
    writes[1] = update(ids[1], {"country": "PL", "subdivision": "GR-I"})
    writes[3] = update("999999999", {"name": "nobody"})
    results = erp.write(ORGANIZATION, writes)
    kinds = [Accepted, Rejected, Accepted, Gone, Accepted]
    assert [type(result) for result in results] == kinds
    rejected = results[1]
    assert isinstance(rejected, Rejected)
    assert "subdivision" in rejected.columns
    assert "Attik" not in rejected.message


def test_directories_never_grow(erp: TrytonConnector) -> None:
    sizes = [len(erp.directory(name)) for name in ("country", "subdivision", "position")]
    for stream, values in (
        (ORGANIZATION, {"country": "Polska"}),
        (ORGANIZATION, {"country": "PL", "subdivision": "PL-99"}),
        (PERSON, {"position": "Grand Wizard"}),
        (PERSON, {"employer": "not-an-id"}),
    ):
        (result,) = erp.write(stream, [create({"name": "R"} | values)])
        assert isinstance(result, Rejected)
        assert result.code == "unknown_reference"
        assert result.columns == (list(values)[-1],)
    assert sizes == [len(erp.directory(name)) for name in ("country", "subdivision", "position")]


# --- concurrency ----------------------------------------------------------------------------------


def test_stale_writes_in_a_batch_leave_the_others_alone(erp: TrytonConnector, rpc: Rpc) -> None:
    ids = [made(erp, ORGANIZATION, {"name": f"Before {n}", "phone": "+1 1"}) for n in range(6)]
    versions = {i: read(erp, ORGANIZATION, i).version for i in ids}
    rpc.change("party.party", "write", [int(ids[1])], {"name": "By a colleague"})
    (row,) = rpc.read("party.party", "read", [int(ids[4])], ["contact_mechanisms"])
    rpc.change(
        "party.contact_mechanism", "write", row["contact_mechanisms"], {"value": "+1 colleague"}
    )
    writes = [update(i, {"name": f"After {i}", "phone": "+1 2"}, versions[i]) for i in ids]
    results = erp.write(ORGANIZATION, writes)
    assert [type(r) for r in results] == [Accepted, Stale, Accepted, Accepted, Stale, Accepted]
    assert read(erp, ORGANIZATION, ids[1]).values["name"] == "By a colleague"
    assert read(erp, ORGANIZATION, ids[4]).values["phone"] == "+1 colleague"
    assert read(erp, ORGANIZATION, ids[0]).values["phone"] == "+1 2"


def test_deletes_in_a_batch(erp: TrytonConnector, rpc: Rpc) -> None:
    ids = [made(erp, ORGANIZATION, FULL_ORGANIZATION) for _ in range(3)]
    versions = {i: read(erp, ORGANIZATION, i).version for i in ids}
    (row,) = rpc.read("party.party", "read", [int(ids[1])], ["addresses"])
    rpc.change("party.address", "write", row["addresses"], {"city": "Elsewhere"})
    results = erp.write(ORGANIZATION, [*(delete(i, versions[i]) for i in ids), delete("999999999")])
    assert [type(r) for r in results] == [Accepted, Stale, Accepted, Gone]
    assert [read(erp, ORGANIZATION, i).deleted for i in ids] == [True, False, True]


# --- changes --------------------------------------------------------------------------------------


def _touch_party(rpc: Rpc, party: int, row: dict[str, list[int]]) -> None:
    rpc.change("party.party", "write", [party], {"name": "Touched"})


def _touch_address(rpc: Rpc, party: int, row: dict[str, list[int]]) -> None:
    rpc.change("party.address", "write", row["addresses"], {"city": "Touched"})


def _touch_phone(rpc: Rpc, party: int, row: dict[str, list[int]]) -> None:
    rpc.change("party.contact_mechanism", "write", row["contact_mechanisms"], {"value": "+1 9"})


def _touch_identifier(rpc: Rpc, party: int, row: dict[str, list[int]]) -> None:
    rpc.change("party.identifier", "write", row["identifiers"][:1], {"code": "touched"})


def _add_address(rpc: Rpc, party: int, row: dict[str, list[int]]) -> None:
    rpc.change("party.address", "create", [{"party": party, "city": "Another"}])


@pytest.mark.parametrize(
    "touch", [_touch_party, _touch_address, _touch_phone, _touch_identifier, _add_address]
)
def test_a_change_of_a_child_is_a_change(erp: TrytonConnector, rpc: Rpc, touch: Any) -> None:
    party = made(erp, ORGANIZATION, {"name": "T", "city": "X", "phone": "+1 1", "tax_id": "1"})
    before = read(erp, ORGANIZATION, party)
    (row,) = rpc.read(
        *("party.party", "read", [int(party)]),
        ["addresses", "contact_mechanisms", "identifiers"],
    )
    time.sleep(0.01)
    touch(rpc, int(party), row)
    after = read(erp, ORGANIZATION, party)
    assert before.modified_at is not None
    assert after.modified_at is not None
    assert after.modified_at > before.modified_at
    # From the moment of the change on, with no overlap to help.
    reader = TrytonConnector(erp._settings.model_copy(update={"overlap": timedelta(0)}))
    moment = after.modified_at - timedelta(milliseconds=1)
    found = records(reader, ORGANIZATION, reader.cursor_at(ORGANIZATION, moment))
    reader.close()
    assert party in found


def test_a_new_employer_is_a_change_of_the_person(erp: TrytonConnector, rpc: Rpc) -> None:
    organization = made(erp, ORGANIZATION, {"name": "Hiring"})
    person = made(erp, PERSON, {"name": "Hired"})
    before = read(erp, PERSON, person)
    (relation,) = rpc.read(
        *("party.relation.type", "search"), [["name", "=", "Employer of"]], 0, None, None
    )
    # From the organisation's side, so that the person's own row is not touched.
    rpc.change(
        *("party.party", "write", [int(organization)]),
        {"relations": [["create", [{"to": int(person), "type": relation}]]]},
    )
    after = read(erp, PERSON, person)
    assert after.values["employer"] == organization
    assert after.version != before.version
    assert after.modified_at is not None
    assert person in records(erp, PERSON, erp.cursor_at(PERSON, after.modified_at))


def test_deletions_reach_both_streams(
    tryton_server: TrytonServer, erp: TrytonConnector, rpc: Rpc
) -> None:
    parties = [made(erp, ORGANIZATION, {"name": f"Doomed {n}"}) for n in range(3)]
    person = made(erp, PERSON, {"name": "Doomed too"})
    reader = build(tryton_server.connector_settings() | {"deletions_every": 0})
    cursors = {stream: pages(reader, stream, None)[-1].cursor for stream in (ORGANIZATION, PERSON)}
    rpc.change("party.party", "delete", [int(i) for i in [*parties, person]])
    for stream, cursor in cursors.items():
        gone = {i for i, record in records(reader, stream, cursor).items() if record.deleted}
        assert gone >= {*parties, person}
    reader.close()


def test_the_cost_of_looking_and_finding_nothing(tryton_server: TrytonServer) -> None:
    erp = build(tryton_server.connector_settings() | {"overlap": 0})
    cursors = {stream: pages(erp, stream, None)[-1].cursor for stream in (ORGANIZATION, PERSON)}
    before = erp.calls
    for _ in range(5):
        for stream in cursors:
            cursors[stream] = pages(erp, stream, cursors[stream])[-1].cursor
    assert erp.calls - before == 10, "one call for each stream and cycle"
    erp.close()


def test_reading_twice_asks_the_log_when_it_is_due(tryton_server: TrytonServer) -> None:
    erp = build(tryton_server.connector_settings() | {"overlap": 0, "deletions_every": 2})
    cursors = {stream: pages(erp, stream, None)[-1].cursor for stream in (ORGANIZATION, PERSON)}
    time.sleep(4)
    before = erp.calls
    for stream in cursors:
        cursors[stream] = pages(erp, stream, cursors[stream])[-1].cursor
    assert erp.calls - before == 3, "one call for each stream, and the log once for both"
    erp.close()


def test_a_whole_listing_uses_full_pages(tryton_server: TrytonServer, erp: TrytonConnector) -> None:
    reader = build(tryton_server.connector_settings() | {"read_batch": 7})
    listed = pages(reader, ORGANIZATION, None)
    assert {len(page.records) for page in listed[:-1]} == {7}
    ids = [record.native_id for page in listed for record in page.records]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(records(erp, ORGANIZATION, None))
    reader.close()


# --- nothing is lost ------------------------------------------------------------------------------


def _busy(tryton_server: TrytonServer, seed: int, ends: float) -> None:
    """A colleague who makes, changes and deletes parties, in batches, until the time is up."""
    chance = random.Random(seed)
    erp = build(tryton_server.connector_settings())
    mine: list[str] = []
    while time.monotonic() < ends:
        names = [{"name": f"B{seed}", "phone": "+1 1"}] * chance.randint(1, 30)
        results = erp.write(ORGANIZATION, [create(values) for values in names])
        mine += [result.native_id for result in results if isinstance(result, Accepted)]
        some = chance.sample(mine, min(len(mine), 10))
        value = f"+1 {chance.randint(100, 999)}"
        erp.write(ORGANIZATION, [update(i, {"phone": value}) for i in some])
        doomed = some[: chance.randint(0, 2)]
        erp.write(ORGANIZATION, [delete(i) for i in doomed])
        mine = [i for i in mine if i not in doomed]
    erp.close()


def test_nothing_is_lost_while_others_write(tryton_server: TrytonServer) -> None:
    settings = tryton_server.connector_settings()
    reader = build(settings | {"look_back": 15, "overlap": 1, "deletions_every": 2})
    known: dict[str, str] = {}
    cursor: Any = None

    def poll() -> None:
        nonlocal cursor
        for page in reader.read_changes(ORGANIZATION, ["name"], cursor):
            cursor = page.cursor
            for record in page.records:
                known[record.native_id] = record.version
                if record.deleted:
                    del known[record.native_id]

    poll()
    ends = time.monotonic() + 10
    with ThreadPoolExecutor(2) as pool:
        busy = [pool.submit(_busy, tryton_server, seed, ends) for seed in (1, 2)]
        while not all(future.done() for future in busy):
            poll()
    for future in busy:
        future.result()
    before = set(known)
    time.sleep(4)
    poll()  # what committed last, and the deletions that are due by now
    everything = records(reader, ORGANIZATION, None)
    assert len(before) > 20
    assert known == {native_id: record.version for native_id, record in everything.items()}
    reader.close()
