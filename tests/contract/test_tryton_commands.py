"""Values of flat records as the nested commands that Tryton takes, and back."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Entry, Values
from connectors.tryton.compose import Composer, ValueRefused, needs_street
from connectors.tryton.directories import Directories
from connectors.tryton.flatten import View
from connectors.tryton.rpc import Rpc
from connectors.tryton.settings import parse
from connectors.tryton.versions import AddressChild, Child, EmailChild, Version, decode, digest
from tests.contract.tryton_fake import CATEGORIES, DIRECTORIES, SETTINGS, FakeTryton, party

ORGANIZATION, PERSON = "party.organization", "party.person"
EMPLOYEE = 7

A, B = "a@x.example", "b@x.example"
VERSION = Version(
    party="1.5",
    address=AddressChild(17, "2.5", structured=True),
    mechanisms={"phone": Child(31, "3.5")},
    emails=(EmailChild(32, "4.5", digest(A)), EmailChild(33, "5.5", digest(B))),
    tax=Child(41, "6.5"),
    relation=Child(50, "2026-11-21T08:00:00+00:00"),
    position=3,
)
EMPTY = Version(party="1.5")


@pytest.fixture
def directories() -> Directories:
    settings = parse(SETTINGS)
    return Directories(Rpc(settings, FakeTryton({})), settings)


def commands(
    directories: Directories, stream: str, values: Values, version: Version, street: Any = None
) -> Any:
    composer = Composer(stream, EMPLOYEE, directories)
    return composer.update("5", values, version, street)


@pytest.mark.parametrize(
    ("values", "version", "native"),
    [
        ({"name": "N", "active": False}, VERSION, {"name": "N", "active": False}),
        # Contact mechanisms: written, created, deleted, left alone.
        (
            {"phone": "1"},
            VERSION,
            {"contact_mechanisms": [["write", [31], {"value": "1"}]]},
        ),
        (
            {"fax": "1"},
            VERSION,
            {"contact_mechanisms": [["create", [{"type": "fax", "value": "1"}]]]},
        ),
        ({"phone": None}, VERSION, {"contact_mechanisms": [["delete", [31]]]}),
        ({"fax": None}, VERSION, {}),
        ({"email": "c"}, VERSION, {"contact_mechanisms": [["write", [32], {"value": "c"}]]}),
        # E-mails as a list.
        ({"emails": [A, B]}, VERSION, {}),
        ({"emails": [B]}, VERSION, {"contact_mechanisms": [["delete", [32]]]}),
        (
            {"emails": [A, B]},
            EMPTY,
            {
                "contact_mechanisms": [
                    ["create", [{"type": "email", "value": A}]],
                    ["create", [{"type": "email", "value": B}]],
                ]
            },
        ),
        (
            {"emails": [B, A]},
            VERSION,
            {
                "contact_mechanisms": [
                    ["write", [33], {"sequence": 1}],
                    ["write", [32], {"sequence": 2}],
                ]
            },
        ),
        # Addresses.
        (
            {"city": "Łódź", "country": "PL", "subdivision": "PL-10"},
            EMPTY,
            {"addresses": [["create", [{"city": "Łódź", "country": 48, "subdivision": 9}]]]},
        ),
        ({"city": None, "country": None}, EMPTY, {}),
        (
            {"street": "Długa"},
            VERSION,
            {"addresses": [["write", [17], {"street_name": "Długa"}]]},
        ),
        (
            {"street": "Długa 5"},
            EMPTY,
            {"addresses": [["create", [{"street_unstructured": "Długa 5"}]]]},
        ),
        (
            {"street": "Długa", "unit": "3"},
            EMPTY,
            {
                "addresses": [
                    [
                        "create",
                        [{"street_name": "Długa", "unit_number": "3", "street_unstructured": None}],
                    ]
                ]
            },
        ),
        # The tax identifier.
        ({"tax_id": None}, VERSION, {"identifiers": [["delete", [41]]]}),
        (
            {"tax_id": "1", "tax_id_type": "eu_vat"},
            VERSION,
            {"identifiers": [["write", [41], {"code": "1", "type": "eu_vat"}]]},
        ),
        ({"tax_id": "1"}, EMPTY, {"identifiers": [["create", [{"type": None, "code": "1"}]]]}),
        ({"tax_id_type": None}, EMPTY, {}),
        # Relations.
        ({"parent": "9"}, VERSION, {"relations": [["write", [50], {"to": 9}]]}),
        ({"parent": "9"}, EMPTY, {"relations": [["create", [{"type": EMPLOYEE, "to": 9}]]]}),
        ({"parent": None}, VERSION, {"relations": [["delete", [50]]]}),
    ],
)
def test_an_update_touches_what_it_must(
    directories: Directories, values: Values, version: Version, native: Any
) -> None:
    assert commands(directories, ORGANIZATION, values, version).values == native


@pytest.mark.parametrize(
    ("position", "version", "native"),
    [
        ("Director", VERSION, {}),
        ("Director", EMPTY, {"categories": [["add", [3]]]}),
        (None, VERSION, {"categories": [["remove", [3]]]}),
        (None, EMPTY, {}),
    ],
)
def test_a_position_is_a_category(
    directories: Directories, position: str | None, version: Version, native: Any
) -> None:
    assert commands(directories, PERSON, {"position": position}, version).values == native


def test_a_street_moves_when_a_number_joins_it(directories: Directories) -> None:
    version = Version("1.5", address=AddressChild(17, "2.5", structured=False))
    assert needs_street({"building_number": "5"}, version)
    assert not needs_street({"building_number": "5", "street": "Długa"}, version)
    assert not needs_street({"building_number": None}, version)
    assert not needs_street({"building_number": "5"}, VERSION)
    draft = commands(directories, ORGANIZATION, {"building_number": "5"}, version, "Długa")
    wanted = {"building_number": "5", "street_name": "Długa", "street_unstructured": None}
    assert draft.values == {"addresses": [["write", [17], wanted]]}


def test_a_created_person_carries_its_mark_and_our_key(directories: Directories) -> None:
    native = Composer(PERSON, EMPLOYEE, directories).create({"name": "N"}, "key-1")
    assert native == {
        "name": "N",
        "identifiers": [["create", [{"type": None, "code": "tandem:key-1"}]]],
        "categories": [["add", [1]]],
    }


@pytest.mark.parametrize(
    ("values", "code", "columns"),
    [
        ({"country": "Polska"}, "unknown_reference", ("country",)),
        ({"subdivision": "PL-99"}, "unknown_reference", ("subdivision",)),
        ({"parent": "x1"}, "unknown_reference", ("parent",)),
        ({"tax_id_type": "eu_vat"}, "missing_value", ("tax_id",)),
    ],
)
def test_what_cannot_be_written_is_named(
    directories: Directories, values: Values, code: str, columns: tuple[str, ...]
) -> None:
    with pytest.raises(ValueRefused) as refused:
        commands(directories, ORGANIZATION, values, EMPTY)
    assert (refused.value.code, refused.value.columns) == (code, columns)
    assert not any(str(value) in str(refused.value) for value in values.values())


def test_versions_survive_being_text() -> None:
    assert decode(VERSION.encode()) == VERSION
    archived = Version("1.5", active=False)
    assert decode(archived.encode()) == archived
    for text in ("", "deleted", "[]", "{}", '{"p": "1.5", "a": 3}', "null"):
        assert decode(text) is None


def test_rows_become_flat(directories: Directories) -> None:
    row = party(
        5,
        categories=[1, 3],
        **{
            "addresses.": [
                {"id": 16, "_timestamp": "9.5", "active": False, "city": "Old"},
                {
                    "id": 17,
                    "_timestamp": "2.5",
                    "active": True,
                    "street_unstructured": "Długa 5",
                    "city": "Łódź",
                    "country": 48,
                    "subdivision": 9,
                },
            ],
            "contact_mechanisms.": [
                {"id": i, "_timestamp": "3.5", "active": i != 30, "type": kind, "value": value}
                for i, kind, value in (
                    (30, "phone", "inactive"),
                    (31, "phone", "first"),
                    (32, "phone", "second"),
                    (33, "email", A),
                    (34, "other", "whatever"),
                    (35, "email", B),
                )
            ],
            "relations.": [
                {"id": 9, "type": kind, "to": 3, "write_date": None, "create_date": None}
                for kind in (99, EMPLOYEE)
            ],
        },
    )
    columns = ("name", "street", "city", "country", "subdivision", "phone", "fax")
    more = ("email", "emails", "position", "employer")
    record = View(PERSON, EMPLOYEE, directories).record(row, [*columns, *more])
    assert tuple(record.values[name] for name in columns) == (
        *("Party 5", "Długa 5", "Łódź", "PL", "PL-10", "first", None),
    )
    assert [record.values[name] for name in more] == [A, [A, B], "Director", "3"]
    version = decode(record.version)
    assert version is not None
    assert version.address_id == 17
    assert version.mechanisms == {"phone": Child(31, "3.5")}
    assert version.position == 3


def test_positions_have_their_names_in_the_other_languages() -> None:
    def categories(params: list[Any]) -> Any:
        director = "Diretor" if params[-1]["language"] == "pt_BR" else "Director"
        return [*CATEGORIES[:2], {**CATEGORIES[2], "name": director}]

    languages = [{"id": 1, "code": "en"}, {"id": 2, "code": "pt_BR"}]
    fake = FakeTryton(
        DIRECTORIES
        | {
            "model.party.category.search_read": categories,
            "model.ir.lang.search_read": lambda _: languages,
        }
    )
    (director,) = fake.connector().directory("position")
    assert director == Entry("Director", "Director", names={"pt": "Diretor"})


def test_directories_are_read_again_when_a_value_is_missing() -> None:
    categories = list(CATEGORIES)
    fake = FakeTryton({"model.party.category.search_read": lambda _: categories})
    settings = parse(SETTINGS)
    moment = [0.0]
    directories = Directories(Rpc(settings, fake), settings, clock=lambda: moment[0])
    assert directories.id_of("position", "Surgeon") is None
    categories.append({"id": 4, "name": "Surgeon", "parent": 3})
    moment[0] = 30
    assert directories.id_of("position", "Surgeon") is None, "believed for a minute"
    moment[0] = 61
    assert directories.id_of("position", "Surgeon") == 4
    (surgeon,) = (e for e in directories.entries("position") if e.code == "Surgeon")
    assert surgeon.parent == "Director"
    assert set(DIRECTORIES) >= set(fake.asked) - {"common.db.login"}
