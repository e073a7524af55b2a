"""Weights of the levels for `account` and `contact`, before any decision corrects them.

A weight is log2(m/u): m, how often the level is seen among records of one thing, u, among records
of two. The prior is the log-odds that two records that share a blocking key are one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

Weights = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Model:
    """Everything `Matcher` needs to know beyond the records.

    Attributes:
        object: canonical object the fields belong to.
        prior: log-odds in bits before any field is compared.
        link: least probability for an automatic link.
        review: least probability for a question to the steward.
        weights: (field, level) → bits.
        doubts: levels that never let a pair be linked unseen, whatever else agrees.
        contradictions: levels that keep a pair apart, whatever else agrees.
        ignored: fields that are not compared.
        candidates: prefixes of the keys that find candidates; all when None.
        rare_counts_more: fields of which a value that many records have counts less.
    """

    object: str
    prior: float
    link: float
    review: float
    weights: Weights
    doubts: frozenset[tuple[str, str]]
    contradictions: frozenset[tuple[str, str]]
    ignored: frozenset[str] = frozenset()
    candidates: frozenset[str] | None = None
    rare_counts_more: frozenset[str] = frozenset({"name"})

    def corrected(self, weights: Weights) -> Model:
        """The same model with these weights in place of its own.

        >>> ACCOUNT.corrected({("phone", "same phone"): 6.0}).weights["phone", "same phone"]
        6.0
        """
        return replace(self, weights={**self.weights, **weights})


_ADDRESS: dict[tuple[str, str], float] = {
    ("address", "same street and number"): 8.0,
    ("address", "same street"): 4.5,
    ("address", "same postcode"): 3.5,
    ("address", "same city"): 2.0,
    ("address", "another address in the same city"): 1.0,
    ("address", "another city"): -2.0,
    ("address", "another country"): -5.0,
}

ACCOUNT = Model(
    object="account",
    prior=-10.0,
    link=0.99,
    review=0.1,
    weights={
        ("tax_id", "same tax id"): 18.0,
        ("tax_id", "one digit off"): 4.0,
        ("tax_id", "different tax id"): -20.0,
        ("tax_id", "different, one not valid"): -8.0,
        ("name", "exact"): 9.0,
        ("name", "same but for the legal form"): 7.0,
        ("name", "jaro_winkler >= 0.92"): 6.0,
        ("name", "token overlap >= 0.6"): 3.0,
        ("name", "different number in the name"): -7.0,
        ("name", "different"): -8.0,
        ("emails", "same email"): 13.0,
        ("emails", "same domain"): 4.5,
        ("emails", "different"): -1.0,
        ("phone", "same phone"): 9.0,
        ("phone", "different"): -1.0,
        ("website", "same website"): 9.0,
        ("website", "different"): -2.0,
        **_ADDRESS,
    },
    doubts=frozenset(
        {
            ("tax_id", "different, one not valid"),
            ("tax_id", "one digit off"),
            ("name", "different number in the name"),
            ("name", "different"),
            ("address", "another country"),
        }
    ),
    contradictions=frozenset({("tax_id", "different tax id")}),
)

CONTACT = Model(
    object="contact",
    prior=-10.0,
    link=0.99,
    review=0.1,
    weights={
        ("name", "exact"): 9.0,
        ("name", "same words, other order"): 8.5,
        ("name", "same sounds"): 8.0,
        ("name", "same family name, initial agrees"): 5.0,
        ("name", "jaro_winkler >= 0.92"): 6.0,
        ("name", "same family name, given name missing"): 3.0,
        ("name", "same family name, another given name"): -7.0,
        ("name", "same given name, another family name"): -6.0,
        ("name", "different"): -9.0,
        ("emails", "same email"): 16.0,
        ("emails", "same shared mailbox"): 5.0,
        ("emails", "different"): -1.0,
        ("mobile", "same mobile"): 9.0,
        ("mobile", "different"): -1.0,
        ("phone", "same phone"): 5.0,
        ("phone", "different"): -0.5,
        ("account", "same account"): 8.0,
        ("account", "another account"): -2.0,
        ("title", "same title"): 1.0,
        **_ADDRESS,
    },
    doubts=frozenset(
        {
            ("name", "same family name, another given name"),
            ("name", "same given name, another family name"),
            ("name", "different"),
        }
    ),
    contradictions=frozenset(),
)

DEFAULTS: Mapping[str, Model] = {"account": ACCOUNT, "contact": CONTACT}

CANDIDATES: Mapping[str, Mapping[str, str]] = {
    "account": {
        "same tax id": "tax",
        "same e-mail": "mail",
        "same web domain": "host",
        "same phone": "tel",
        "same words of the name, by sound": "name",
        "same start of the name without blanks": "joined",
        "one word of the name and the same postcode": "word+code",
        "one word of the name and the same city": "word+city",
        "all words of the name but one": "most",
    },
    "contact": {
        "same e-mail": "mail",
        "same phone": "tel",
        "same words of the name, by sound": "name",
        "same family name at the same account": "family+account",
        "same given name at the same account": "given+account",
        "same family name and initial": "family+initial",
    },
}
"""Rules that find candidates, as sentences → prefix of the keys that they stand for."""
