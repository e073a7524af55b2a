"""Made-up accounts in any number, and an installation with two systems in memory to sync them.

The accounts are all different companies, with phones, addresses and e-mails as a CRM holds them.
The same number gives the same account, so a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tandem.app import App
from tandem.settings import Settings

COLUMNS = (
    *("name", "phone", "website", "emails", "industry"),
    *("street", "house_number", "city", "postcode", "country"),
)
LINK = "bench"

_ONSETS = ("b", "br", "d", "fl", "g", "gr", "h", "k", "kl", "l", "m", "n", "p", "r", "st", "t", "v")
_VOWELS = ("a", "e", "i", "o", "u", "ai", "au", "ei")
_FORMS = ("GmbH", "AG", "KG", "OHG", "GmbH & Co. KG")
_STREETS = ("Hauptstraße", "Bahnhofstraße", "Gartenweg", "Am Markt", "Lindenallee", "Schulgasse")


def _word(draw: random.Random, syllables: int) -> str:
    return "".join(draw.choice(_ONSETS) + draw.choice(_VOWELS) for _ in range(syllables))


def _words(count: int, syllables: int, seed: str) -> tuple[str, ...]:
    draw = random.Random(seed)  # noqa: S311  (repeatable by purpose, no secret)
    return tuple(_word(draw, syllables).title() for _ in range(count))


_TRADES = _words(300, 3, "trades")
_CITIES = _words(500, 3, "cities")
"""About as many as in a country: in a few towns everybody would be everybody's neighbour."""


def account(number: int) -> dict[str, str]:
    """The account of a number, in the columns of the systems in memory.

    >>> sorted(account(1)) == sorted(COLUMNS)
    True
    >>> account(1) == account(1), account(1)["name"] == account(2)["name"]
    (True, False)
    """
    draw = random.Random(number)  # noqa: S311  (repeatable by purpose, no secret)
    word = _word(draw, 4)
    city = draw.randrange(len(_CITIES))
    domain = f"{word}{number}.example"
    return {
        "name": f"{word.title()} {draw.choice(_TRADES)} {draw.choice(_FORMS)}",
        "phone": f"+49 30 {2_000_000 + number}",
        "website": f"https://www.{domain}/",
        "emails": f"info@{domain}; sales@{domain}",
        "industry": draw.choice(_TRADES),
        "street": draw.choice(_STREETS),
        "house_number": str(1 + draw.randrange(180)),
        "city": _CITIES[city],
        "postcode": f"{10_000 + 50 * city + draw.randrange(50)}",
        "country": "DE",
    }


def accounts(count: int, start: int = 0) -> Iterator[dict[str, str]]:
    """So many accounts, from a number on."""
    return (account(number) for number in range(start, start + count))


def mapping(system: str, *, cleansed: bool) -> dict[str, Any]:
    """Mapping file of the account in a system in memory.

    Args:
        system: its name.
        cleansed: phones, e-mails and web addresses go through their cleansers; otherwise every
            field is taken as text, and what is measured is the engine alone.
    """
    parts = ("street", "house_number", "city", "postcode", "country")
    address = {"columns": {part: part for part in parts}, "transform": "address_parts"}
    fields: dict[str, Any] = {"name": "name", "industry": "industry", "address": address}
    fields |= {"phone": "phone", "website": "website", "fax": "emails"}
    if cleansed:
        del fields["fax"]
        fields["phone"] = {"column": "phone", "transform": "phone"}
        fields["website"] = {"column": "website", "transform": "website"}
        native = {"native": "text"}
        fields["emails"] = {"column": "emails", "transform": "emails", "options": native}
    return {"object": "account", "system": system, "stream": "account", "fields": fields}


def memory_system() -> dict[str, Any]:
    """A system in memory with a stream of accounts, as in `systems.yaml`."""
    return {"kind": "memory", "settings": {"streams": {"account": list(COLUMNS)}}}


@contextmanager
def installation(
    systems: dict[str, dict[str, Any]],
    mappings: dict[str, dict[str, Any]],
    database: str | None = None,
) -> Iterator[App]:
    """An installation in a folder of its own that links two systems.

    Args:
        systems: as in `systems.yaml`.
        mappings: mapping file of the account by system.
        database: URL of the state; SQLite in the folder when not given.
    """
    link = {"link": LINK, "systems": list(systems), "objects": {"account": {"default": "latest"}}}
    with TemporaryDirectory(prefix="tandem-bench-") as name:
        folder = Path(name)
        _write(folder / "config/systems.yaml", {"systems": systems})
        _write(folder / f"config/links/{LINK}.yaml", link)
        for system, content in mappings.items():
            _write(folder / f"mappings/account.{system}.yaml", content)
        settings = Settings(
            home=folder,
            config=folder / "config",
            mappings=folder / "mappings",
            database=database or f"sqlite:///{folder / 'state.db'}",
        )
        app = App(settings)
        try:
            yield app
        finally:
            app.close()


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
