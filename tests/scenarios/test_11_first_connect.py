"""Scenario 11: both systems are full when they are first connected."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from connectors.base import Operation
from tandem.bench.accounts import accounts

SAME, AMBIGUOUS, ALONE = 700, 50, 250


def fill(w):
    """700 the same but for spelling, 50 that may be the same, 250 on each side that are not."""
    firms = accounts(SAME + AMBIGUOUS + 2 * ALONE)
    for number, firm in enumerate(islice(firms, SAME)):
        website = firm["website"].removeprefix("https://www.").rstrip("/")
        tax_id = f"DE{100_000_000 + number}"
        w.crm.insert("Account", name=firm["name"], tax_id=tax_id, website=website)
        spelled = f"de {tax_id[2:5]} {tax_id[5:8]} {tax_id[8:]}"
        w.erp.insert("party", name=firm["name"].upper(), tax_id=spelled, website=website)
    for firm in islice(firms, AMBIGUOUS):
        w.crm.insert("Account", name=firm["name"], phone=firm["phone"])
        w.erp.insert("party", name=firm["name"], phone=firm["phone"].replace("30", "40", 1))
    for firm in islice(firms, ALONE):
        w.crm.insert("Account", name=firm["name"], phone=firm["phone"])
    for firm in firms:
        w.erp.insert("party", name=firm["name"], phone=firm["phone"])


def written(system):
    return Counter(sent.write.operation for sent in system.sent)


@pytest.mark.slow
def test_first_connect_of_two_full_systems(world):
    w = world(policy={"default": {"policy": "owner", "owner": "crm"}})
    fill(w)
    w.cycle(2)
    # The CRM owns the spelling: the pairs take it over, and nothing else is written to them.
    assert written(w.erp) == {Operation.UPDATE: SAME, Operation.CREATE: ALONE}
    assert written(w.crm) == {Operation.CREATE: ALONE}
    assert len(w.crm.rows("Account")) == len(w.erp.rows("party")) == SAME + AMBIGUOUS + 2 * ALONE
    questions = w.reviews()
    assert Counter(q.kind for q in questions) == {"duplicate": AMBIGUOUS}
    for question in questions:
        first, *others = question.question["candidates"]
        assert first["values"]["name"] == question.question["record"]["name"]
        assert all(first["probability"] >= other["probability"] for other in others)
    assert w.inbox() == {"in_review": AMBIGUOUS}
    linked = SAME + 2 * ALONE
    # A pair is two rows of the crosswalk; of each question one side is known, the other waits.
    assert w.links() == 2 * linked + AMBIGUOUS
    w.quiet(2)
    assert w.compare().get("intended", 0) == 0


def test_a_question_of_the_first_connect_becomes_a_pair(world):
    w = world()
    (firm,) = accounts(1)
    crm_id = w.crm.insert("Account", name=firm["name"], phone="+49 30 1")
    erp_id = w.erp.insert("party", name=firm["name"], phone="+49 40 2")
    w.cycle(2)
    (question,) = w.reviews()
    (candidate,) = question.question["candidates"]
    w.decide(question, {"canonical_id": candidate["canonical_id"]})
    w.cycle(2)
    assert w.linked(crm_id) == erp_id
    assert (written(w.crm), written(w.erp)) == ({}, {})
    # They are one firm now, and its two phones are another question.
    assert [(q.kind, q.field) for q in w.reviews()] == [("conflict", "phone")]
