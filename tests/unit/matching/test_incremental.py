from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tandem.matching.incremental import Matcher

ATHENS = {"city": "Athens", "country": "GR"}
ACCOUNTS = Matcher.for_object("account")
CONTACTS = Matcher.for_object("contact")


def shares_key(matcher: Matcher, a: dict[str, object], b: dict[str, object]) -> bool:
    return bool(set(matcher.keys(a)) & set(matcher.keys(b)))


@pytest.mark.parametrize(
    ("a", "b", "decision"),
    [
        pytest.param(
            {"name": "Acme Trading S.A.", "tax_id": "EL094014201"},
            {"name": "ACME TRADING", "tax_id": "094 014 201"},
            "link",
            id="same tax id, same name",
        ),
        pytest.param(
            {"name": "Acme Trading", "tax_id": "EL094014201"},
            {"name": "Acme Tradng", "tax_id": "EL094014201"},
            "link",
            id="same tax id, slip in the name",
        ),
        pytest.param(
            {"name": "Acme Trading", "tax_id": "EL094014201"},
            {"name": "Beta Logistics", "tax_id": "EL094014201"},
            "review",
            id="same tax id, another name",
        ),
        pytest.param(
            {"name": "Acme", "address": ATHENS},
            {"name": "Acme", "address": ATHENS},
            "review",
            id="same name and city, nothing else",
        ),
        pytest.param(
            {"name": "Παπαδόπουλος ΑΕ", "emails": ("info@papadopoulos.gr",)},
            {"name": "Papadopoulos SA", "emails": ("INFO@papadopoulos.gr",)},
            "link",
            id="two scripts, same e-mail",
        ),
        pytest.param(
            {"name": "Acme Fund 2", "website": "acme.gr"},
            {"name": "Acme Fund 3", "website": "acme.gr"},
            "apart",
            id="numbered sisters",
        ),
        pytest.param(
            {"name": "Karina Foods"},
            {"name": "Korona Foods"},
            "apart",
            id="sounds alike is not the same",
        ),
    ],
)
def test_accounts(a: dict[str, object], b: dict[str, object], decision: str) -> None:
    assert ACCOUNTS.compare(a, b).decision == decision
    assert ACCOUNTS.compare(b, a).decision == decision
    if decision != "apart":
        assert shares_key(ACCOUNTS, a, b)


def test_two_valid_tax_ids_contradict_whatever_else_agrees() -> None:
    same = {
        "name": "Acme",
        "emails": ("info@acme.gr",),
        "phone": "+30 210 1234567",
        "website": "https://acme.gr",
        "address": ATHENS,
    }
    scored = ACCOUNTS.compare(same | {"tax_id": "EL094014201"}, same | {"tax_id": "EL094019245"})
    assert scored.contradiction
    assert (scored.decision, scored.probability) == ("apart", 0.0)


def test_a_mistyped_tax_id_is_a_question_not_a_contradiction() -> None:
    same = {"name": "Acme", "phone": "+30 210 1234567", "website": "acme.gr"}
    scored = ACCOUNTS.compare(same | {"tax_id": "EL094014201"}, same | {"tax_id": "EL094014202"})
    assert not scored.contradiction
    assert scored.decision == "review"


@pytest.mark.parametrize(
    ("a", "b", "decision"),
    [
        pytest.param(
            {"given_name": "Maria", "family_name": "Papadopoulou", "emails": ("m@x.gr",)},
            {"given_name": "Μαρία", "family_name": "Παπαδοπούλου", "emails": ("m@x.gr",)},
            "link",
            id="two scripts",
        ),
        pytest.param(
            {"given_name": "Maria", "family_name": "Nowak", "emails": ("m@x.pl",)},
            {"given_name": "Nowak", "family_name": "Maria", "emails": ("m@x.pl",)},
            "link",
            id="names the other way round",
        ),
        pytest.param(
            {"given_name": "Maria", "family_name": "Nowak", "emails": ("biuro@x.pl",)},
            {"given_name": "Jan", "family_name": "Kowalski", "emails": ("biuro@x.pl",)},
            "review",
            id="one mailbox, two names",
        ),
        pytest.param(
            {"given_name": "Maria", "family_name": "Nowak", "emails": ("info@x.pl",)},
            {"given_name": "Jan", "family_name": "Kowalski", "emails": ("info@x.pl",)},
            "apart",
            id="colleagues at the shared mailbox",
        ),
        pytest.param(
            {"given_name": "Maria", "family_name": "Nowak"},
            {"given_name": "Maria", "family_name": "Nowak"},
            "review",
            id="a name alone",
        ),
        pytest.param(
            {"given_name": "Jan", "family_name": "Nowak", "account": "a1", "phone": "22 123 45 67"},
            {"given_name": "Ewa", "family_name": "Nowak", "account": "a1", "phone": "22 123 45 67"},
            "apart",
            id="family in one firm",
        ),
    ],
)
def test_contacts(a: dict[str, object], b: dict[str, object], decision: str) -> None:
    assert CONTACTS.compare(a, b).decision == decision
    assert CONTACTS.compare(b, a).decision == decision


def test_the_waterfall_sums_to_the_weight() -> None:
    a = {"name": "Acme", "phone": "2101234567", "address": ATHENS}
    scored = ACCOUNTS.compare(a, a)
    total = ACCOUNTS.model.prior + sum(level.weight for level in scored.levels)
    assert scored.weight == pytest.approx(total)
    assert [level.field for level in scored.levels] == ["name", "phone", "address"]


def test_decisions_of_stewards_correct_the_weights() -> None:
    a, b = {"name": "Acme", "phone": "2101234567"}, {"name": "Acme", "phone": "2101234567"}
    stricter = Matcher(ACCOUNTS.model.corrected({("phone", "same phone"): 1.0}))
    assert ACCOUNTS.compare(a, b).decision == "link"
    assert stricter.compare(a, b).decision == "review"


def test_empty_records_neither_fail_nor_match() -> None:
    empty: dict[str, object] = {"name": None, "emails": (), "address": None}
    assert ACCOUNTS.keys(empty) == ()
    assert ACCOUNTS.compare(empty, {}).levels == ()
    assert ACCOUNTS.compare(empty, {}).decision == "apart"


def test_two_full_systems_on_first_connect() -> None:
    """700 of 1,000 the same, 50 ambiguous, 250 strangers: no wrong link, no missed one."""
    crm = [_firm(n) for n in range(1000)]
    same = [_retyped(firm) for firm in crm[:700]]
    ambiguous = [{"name": firm["name"], "address": firm["address"]} for firm in crm[700:750]]
    strangers = [_firm(n) for n in range(2000, 2250)]
    erp = same + ambiguous + strangers
    index: dict[str, list[int]] = {}
    for place, firm in enumerate(crm):
        for key in ACCOUNTS.keys(firm):
            index.setdefault(key, []).append(place)
    linked, asked = set(), set()
    for place, firm in enumerate(erp):
        near = {other for key in ACCOUNTS.keys(firm) for other in index.get(key, ())}
        for other in near:
            decision = ACCOUNTS.compare(firm, crm[other]).decision
            if decision == "link":
                linked.add((place, other))
            elif decision == "review":
                asked.add(place)
    assert linked == {(n, n) for n in range(700)}
    assert set(range(700, 750)) <= asked
    assert not asked & set(range(750, 1000))


_SYLLABLES = ("ba", "ko", "mi", "ra", "tel", "von", "sha", "lur", "pex", "dym")


def _firm(n: int) -> dict[str, object]:
    word = "".join(_SYLLABLES[int(digit)] for digit in f"{n * 7919 % 10000:04d}")
    return {
        "name": f"{word.title()} {('Trading', 'Logistics', 'Foods')[n % 3]} GmbH",
        "emails": (f"office@{word}.example",),
        "phone": f"+49 30 {5_000_000 + n * 37}",
        "address": {"city": ("Berlin", "Hamburg")[n % 2], "country": "DE"},
    }


def _retyped(firm: dict[str, object]) -> dict[str, object]:
    (email,) = firm["emails"]  # type: ignore[misc]  # made above, a tuple of one
    return {
        "name": str(firm["name"]).upper().replace(" GMBH", ""),
        "emails": (email.upper(),),
        "phone": str(firm["phone"]).replace("+49 ", "0"),
    }


def test_importing_it_is_cheap() -> None:
    script = (
        "import sys, tandem.matching.incremental\n"
        "heavy = {'pandas', 'sklearn', 'duckdb', 'numpy', 'scipy'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_pair_takes_microseconds() -> None:
    firm = _firm(3)
    again = _retyped(firm)
    ACCOUNTS.compare(firm, again)
    start = time.process_time()
    for _ in range(2000):
        ACCOUNTS.compare(firm, again)
        ACCOUNTS.keys(firm)
    each = (time.process_time() - start) / 4000
    assert each < 200e-6, "four times what is promised, for slow machines"
