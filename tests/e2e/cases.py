"""Something of everything for people to decide about."""

from __future__ import annotations

from tandem.state import chain as chains
from tandem.state import review
from tandem.sync.match import evidence
from tandem.sync.pairs import pair_question
from tests.scenarios.world import World

COMPANIES = (
    ("Wodociągi Krakowskie S.A.", "+48 12 424 23 03", "+48 12 424 23 30"),
    ("Ελληνικά Πετρέλαια Α.Ε.", "+30 210 6302000", "+30 210 6302100"),
    ("ТОВ «Дніпро Логістика»", "+380 56 790 10 20", "+380 56 790 10 21"),
    ("Acme Trading Ltd", "+44 20 7946 0018", "+44 20 7946 0081"),
)


def conflicts(world: World) -> list[tuple[str, str]]:
    """A conflict over the phone of each company; (id in the CRM, id in the ERP) pairs."""
    pairs = []
    for name, _, _ in COMPANIES:
        crm_id = world.crm.insert("Account", name=name, phone="+48 12 000 00 00", industry=name[:3])
        world.cycle(3)
        erp_id = world.linked(crm_id)
        assert erp_id
        pairs.append((crm_id, erp_id))
    for (crm_id, erp_id), (_, one, other) in zip(pairs, COMPANIES, strict=True):
        world.crm.edit("Account", crm_id, phone=one)
        world.clock.advance(60)
        world.erp.edit("party", erp_id, phone=other)
    world.cycle(2)
    return pairs


def duplicate(world: World) -> str:
    """A new company in the ERP that looks like one that is known already; its id in the ERP."""
    values = {"phone": "+30 210 1112222", "website": "borealis.example", "tax_id": "EL094019245"}
    world.crm.insert("Account", {"name": "Borealis Shipping Ltd", **values})
    world.cycle(3)
    new = world.erp.insert("party", {"name": "Borealis Shipping Ltd.", **values})
    world.cycle(2)
    return str(new)


def pair(world: World) -> tuple[str, str]:
    """Two known companies that may be one, and the question whether they are; canonical ids."""
    found = []
    for name, phone in (("Cobalt Works", "+34 91 123 45 67"), ("Cobalt Works SL", "")):
        crm_id = world.crm.insert("Account", name=name, phone=phone, industry=name)
        world.cycle(3)
        with world.database.begin() as connection:
            (key,) = chains.find(connection, [("crm", "Account", crm_id)]).values()
        found.append(key)
    with world.database.begin() as connection:
        one, other = (chains.load(connection, found)[key] for key in found)
        rules = world.link.objects["account"]
        scored = rules.matcher.compare(
            evidence("account", one.values), evidence("account", other.values)
        )
        review.open_items(connection, [pair_question(one, other, scored)], world.clock.now())
    return found[0], found[1]
