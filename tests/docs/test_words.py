"""The glossary holds: its terms are used, and the words it bans are not."""

from __future__ import annotations

import ast
import re

from tests.docs.pages import ROOT, files, text_of, written_by_hand

NAMED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
PAGE = ROOT / "docs/glossary.md"


def _terms() -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text_of(PAGE), flags=re.MULTILINE)
    return [row.strip() for row in rows if row.strip() != "term"]


def _banned() -> tuple[set[str], set[str]]:
    section = " ".join(text_of(PAGE).partition("## Words we avoid")[2].split())
    banned, _, rest = section.partition("The exceptions")
    words = banned.partition("say nothing:")[2].replace(".", "")
    return {word.strip() for word in words.split(",")}, set(re.findall(r"`(\w+)`", rest))


def test_terms_stand_in_order_and_once() -> None:
    terms = _terms()
    assert terms == sorted(set(terms), key=str.lower)
    assert len(terms) > 40


def test_every_term_is_used() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8").lower().replace("_", " ").replace("\n", " ")
        for path in (*files(".py"), *(page for page in written_by_hand() if page != PAGE))
    )
    assert [term for term in _terms() if term.lower() not in text] == []


def _words(name: str) -> set[str]:
    """The words of a name.

    >>> sorted(_words("DataManager")), sorted(_words("raw_items"))
    (['data', 'manager'], ['item', 'raw'])
    """
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return {part.lower().removesuffix("s") if len(part) > 4 else part.lower() for part in parts}


def test_names_avoid_words_that_say_nothing() -> None:
    banned, allowed = _banned()
    assert {"entity", "helper"} <= banned
    found = []
    for package in ("tandem", "connectors", "cleansing"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = [path.stem, *(n.name for n in ast.walk(tree) if isinstance(n, NAMED))]
            found += [
                f"{path.relative_to(ROOT)}: {name}"
                for name in names
                if not name.startswith("_") and name not in allowed and _words(name) & banned
            ]
    assert found == []
