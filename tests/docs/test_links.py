"""Every relative link leads somewhere, anchors included; no page is out of reach."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchor, headings, name_of, pages, prose

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _links(page: Path) -> list[str]:
    return [link for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in _links(page):
        target, _, fragment = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{link}: there is no such file"
        assert path.is_relative_to(ROOT), f"{link} leaves the repository"
        if fragment and path.suffix == ".md":
            anchors = {anchor(heading) for heading in headings(path)}
            assert fragment in anchors, f"{link}: there is no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = [(page.parent / link.partition("#")[0]).resolve() for link in _links(page)]
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]
    assert sorted(name_of(page) for page in set(pages()) - reached) == []
