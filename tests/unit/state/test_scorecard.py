"""The scorecard's figures on a state that is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tandem.mapping.schema import Mapping
from tandem.model.scorecard import Card, FieldScore, Score, Shape
from tandem.quality.shapes import shapes_of
from tandem.state import chain as chains
from tandem.state.chain import Chain, Side, SideState
from tandem.state.database import Database
from tandem.state.scorecard import scorecard

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHAPE = Shape(
    "account", "crm", "Account", ("name", "phone", "emails"), "OwnerId", {"phone": ("erp",)}
)


def _account(native_id: str, owner: str | None, **facts: Any) -> Chain:
    side = Side(
        "crm",
        "Account",
        native_id,
        state=facts.pop("state", SideState.LINKED),
        rule="new",
        version="1",
        fingerprint="f",
        seen_at=NOW,
        deleted=facts.pop("deleted", False),
        refused=facts.pop("refused", {}),
        values={"name": native_id, "emails": [], **facts},
        native={"OwnerId": owner},
        dirty={"crosswalk", "observed"},
    )
    return Chain(id=f"{native_id:0>32}", object="account", link="customers", new=True, sides=[side])


def _stored(state: Database, *accounts: Chain) -> list[Card]:
    with state.begin() as connection:
        chains.save(connection, accounts, NOW)
    with state.begin() as connection:
        return scorecard(connection, "customers", [SHAPE])


def test_each_field_of_each_owner_is_counted(state: Database) -> None:
    cards = _stored(
        state,
        _account("a", "anna", phone="1", emails=["a@b.example"]),
        _account("b", "anna", phone=None),
        _account("c", "boris", phone="3"),
        _account("d", "boris", refused={"phone": ["refused:not_valid"]}),
        _account("e", None, phone=""),
        _account("f", "anna", deleted=True),
        _account("g", "anna", state=SideState.GONE),
    )

    def score(owner: str | None, records: int, name: int, phone: tuple[int, int], emails: int):
        return Score(
            "account",
            "crm",
            owner,
            records,
            (
                FieldScore("name", records, name, 0),
                FieldScore("phone", records, *phone, mandatory_in=("erp",)),
                FieldScore("emails", records, emails, 0),
            ),
        )

    owners = (
        score("", 1, 1, (0, 0), 0),
        score("anna", 2, 2, (1, 0), 1),
        score("boris", 2, 2, (1, 1), 0),
    )
    assert cards == [Card("account", "crm", score(None, 5, 5, (2, 1), 1), owners)]
    phone = cards[0].total.fields[1]
    assert (phone.empty, phone.completeness, phone.gaps) == (2, 3 / 5, 3)
    assert phone.validity == 2 / 3


def test_a_link_that_never_ran_has_cards_of_no_records(state: Database) -> None:
    (card,) = _stored(state)
    assert (card.total.records, card.total.gaps, card.owners) == (0, 0, ())
    assert card.total.fields[0].completeness is None
    assert card.total.fields[0].validity is None


def test_shapes_follow_from_the_mappings_of_a_link() -> None:
    crm = Mapping(
        object="account",
        system="crm",
        stream="Account",
        owner="OwnerId",
        fields={"name": "Name", "phone": "Phone", "fax": {"column": "Fax", "direction": "write"}},
    )
    erp = Mapping(
        object="account",
        system="erp",
        stream="party",
        fields={"name": "name", "phone": {"column": "phone", "required": True}},
    )
    mappings = {("account", "crm"): crm, ("account", "erp"): erp}
    mandatory = {"name": ("crm", "erp"), "phone": ("erp",)}
    assert shapes_of(mappings, ["crm", "erp"], ["account", "contact"]) == (
        Shape("account", "crm", "Account", ("name", "phone"), "OwnerId", mandatory),
        Shape("account", "erp", "party", ("name", "phone"), None, mandatory),
    )
    assert shapes_of(mappings, ["crm", "erp"], ["contact"]) == ()
