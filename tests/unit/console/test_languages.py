"""The catalogues: nothing is missing in any of them, and what is filled in stays what it is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tandem.console import language
from tandem.console.language import FOLDER, LANGUAGES
from tests.unit.console.test_inbox import conflict

OTHERS = [code for code in LANGUAGES if code != "en"]
NAMED = re.compile(r"%\(\w+\)[sd]")
KEYWORDS = {"_": None, "gettext": None, "marked": None, "ngettext": (1, 2)}


@cache
def told() -> frozenset[str]:
    """The messages that stand in the code and in the templates."""
    found = extract_from_dir(
        str(FOLDER.parent),
        [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")],
        options_map={"**/templates/**.html": {"trim_blocks": "1", "lstrip_blocks": "1"}},
        keywords=KEYWORDS,
    )
    ids = {m[0] if isinstance(m, tuple) else m for _file, _line, m, _notes, _context in found}
    return frozenset(ids - {""})


def catalogue(code: str):
    with (FOLDER / code / "LC_MESSAGES" / "console.po").open("rb") as file:
        return [message for message in read_po(file, locale=code) if message.id]


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated(code):
    known = {m.id[0] if isinstance(m.id, tuple) else m.id for m in catalogue(code)}
    assert sorted(told() - known) == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_name_the_same_things(code):
    for message in catalogue(code):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in texts:
            assert text, message.id
            assert set(NAMED.findall(text)) == set(NAMED.findall(ids[-1])), message.id


def test_plurals_follow_the_language():
    ask = language.translations("pl").ngettext
    forms = [ask("%(num)d waits", "%(num)d wait", n) for n in (1, 2, 5)]
    assert forms == ["%(num)d czeka", "%(num)d czekają", "%(num)d czeka"]


def test_a_page_speaks_the_language_that_the_browser_asks_for_or_that_was_chosen(world, login):
    conflict(world)
    stella = login()
    page = stella.get("/questions/1", headers={"Accept-Language": "el"})
    assert '<html lang="el">' in page.text
    assert "Η απάντησή σας" in page.text
    assert stella.form("/language", language="uk", next="/inbox").status_code == 303
    page = stella.get("/inbox", headers={"Accept-Language": "el"})
    assert "Вхідні" in page.text
    assert page.headers["Content-Language"] == "uk"


def test_there_is_a_catalogue_for_each_language_and_no_other():
    assert sorted(path.name for path in Path(FOLDER).iterdir() if path.is_dir()) == sorted(OTHERS)
    assert language.translations("en").gettext("Inbox") == "Inbox"
