"""The version of a flat record: the timestamps that a conditional write has to name.

Tryton checks a write against `{"_timestamp": {"party.party,17": "1795297723.03948", …}}` in its
context. A flat record spans a party and the children its columns come from, so its version lists
them all, with what an update must know to touch the right child without reading first:

    {"p":"1795297723.03948","a":[17,"1795297723.03948",1],"m":{"phone":[31,"1795297723.03948"]},
     "e":[[32,"1795297723.03948","9b74c9897bac"]]}

Readers outside this package treat it as opaque.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.tryton.streams import CHILD_MODELS, Part


@dataclass(frozen=True, slots=True)
class Child:
    """One row behind a column: its id and its timestamp, as Tryton spells it."""

    id: int
    stamp: str


@dataclass(frozen=True, slots=True)
class AddressChild(Child):
    """The address behind the columns; `structured`: the street is kept in parts."""

    structured: bool


@dataclass(frozen=True, slots=True)
class EmailChild(Child):
    """One e-mail; `digest` tells whether a wanted address is this one without holding it."""

    digest: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a flat record consists of.

    Attributes:
        party: timestamp of the party itself.
        address: the address behind the columns.
        mechanisms: type → first contact mechanism of that type, e-mails excepted.
        emails: all e-mails, in order.
        tax: the tax identifier.
        relation: the relation behind `employer` or `parent`.
        position: id of the category that is the position.
        active: False for a party that was put away; its own fields are then frozen.
    """

    party: str
    address: AddressChild | None = None
    mechanisms: Mapping[str, Child] = field(default_factory=dict)
    emails: tuple[EmailChild, ...] = ()
    tax: Child | None = None
    relation: Child | None = None
    position: int | None = None
    active: bool = True

    @property
    def address_id(self) -> int | None:
        """Id of the address behind the columns."""
        return None if self.address is None else self.address.id

    def stamps(self, party: int) -> dict[str, str]:
        """`model,id` → timestamp of the party and of every child.

        >>> Version("12.5", tax=Child(3, "13.5")).stamps(17)
        {'party.party,17': '12.5', 'party.identifier,3': '13.5'}
        """
        children: list[tuple[Part, Child]] = [
            *((Part.ADDRESS, child) for child in (self.address,) if child),
            *((Part.MECHANISM, child) for child in (*self.mechanisms.values(), *self.emails)),
            *((Part.IDENTIFIER, child) for child in (self.tax,) if child),
        ]
        stamps = {f"{CHILD_MODELS[part]},{child.id}": child.stamp for part, child in children}
        return {f"party.party,{party}": self.party} | stamps

    def encode(self) -> str:
        """The version as text.

        >>> Version("12.5", tax=Child(3, "12.5")).encode()
        '{"p":"12.5","i":[3,"12.5"]}'
        """
        parts: dict[str, Any] = {"p": self.party}
        if self.address is not None:
            a = self.address
            parts["a"] = [a.id, a.stamp, int(a.structured)]
        if self.mechanisms:
            parts["m"] = {kind: [c.id, c.stamp] for kind, c in sorted(self.mechanisms.items())}
        if self.emails:
            parts["e"] = [[e.id, e.stamp, e.digest] for e in self.emails]
        if self.tax is not None:
            parts["i"] = [self.tax.id, self.tax.stamp]
        if self.relation is not None:
            parts["r"] = [self.relation.id, self.relation.stamp]
        if self.position is not None:
            parts["c"] = self.position
        if not self.active:
            parts["x"] = 1
        return json.dumps(parts, separators=(",", ":"))


def decode(text: str) -> Version | None:
    """The version in a text of `Version.encode`; None for any other text.

    >>> decode(Version("12.5", emails=(EmailChild(4, "12.5", digest("a@x.example")),)).encode())
    Version(party='12.5', address=None, mechanisms={}, emails=(EmailChild(id=4, ...),), ...)
    >>> decode("deleted-17") is None
    True
    """
    try:
        parts = json.loads(text)
        address = parts.get("a")
        return Version(
            party=parts["p"],
            address=address and AddressChild(address[0], address[1], bool(address[2])),
            mechanisms={kind: Child(*pair) for kind, pair in parts.get("m", {}).items()},
            emails=tuple(EmailChild(*triple) for triple in parts.get("e", ())),
            tax=parts.get("i") and Child(*parts["i"]),
            relation=parts.get("r") and Child(*parts["r"]),
            position=parts.get("c"),
            active="x" not in parts,
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def digest(value: str) -> str:
    """A short fingerprint of a value, to compare without keeping it.

    >>> digest("a@x.example") == digest(" a@x.example "), len(digest("a@x.example"))
    (True, 12)
    """
    return hashlib.sha256(value.strip().encode()).hexdigest()[:12]
