"""Job titles to a directory of positions."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cleansing.job_title import Position, TitleIndex
from cleansing.title_meaning import meaning, without_company

DIRECTORY = (
    Position("CEO", {"en": ("Chief Executive Officer",), "uk": ("Генеральний директор",)}),
    Position("DCEO", {"en": ("Deputy Chief Executive Officer",)}),
    Position("FOUNDER", {"en": ("Founder",), "el": ("Ιδρυτής",)}),
    Position("CFO", {"en": ("Chief Financial Officer",), "pl": ("Dyrektor Finansowy",)}),
    Position("SALES-HEAD", {"en": ("Head of Sales",), "pl": ("Kierownik Działu Sprzedaży",)}),
    Position("SALES-REP", {"en": ("Sales Representative",)}),
    Position("ACC-HEAD", {"en": ("Chief Accountant",), "ru": ("Главный бухгалтер",)}),
    Position("ACC", {"en": ("Accountant",), "es": ("Contable",)}),
    Position("DRIVER", {"en": ("Driver",), "pl": ("Kierowca",)}),
    Position("FORKLIFT", {"en": ("Forklift Operator",)}),
    Position("DESIGN", {"en": ("Graphic Designer",)}),
    Position("LAWYER", {"en": ("Legal Counsel",)}),
)


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return TitleIndex(DIRECTORY, synonyms=[("Big boss", "CEO")])


@pytest.mark.parametrize(
    ("text", "lang", "code"),
    [
        ("Cheif Executive Officer", "en", "CEO"),
        ("Ген. дир. ТОВ «Вектор»", "uk", "CEO"),
        ("Гендиректорка", "uk", "CEO"),
        ("Z-ca Dyrektora Generalnego", "pl", "DCEO"),
        ("Bosh dir. o'rinbosari", "uz", "DCEO"),
        ("Fin. dir.", "en", "CFO"),
        ("Οικ. Δ/ντής", "el", "CFO"),
        ("Gł. Księgowa Budimpol Sp. z o.o.", "pl", "ACC-HEAD"),
        ("Bosh hisobchi", "uz", "ACC-HEAD"),
        ("Sr. Accountant", "en", "ACC"),
        ("Λογίστρια", "el", "ACC"),
        ("зам. нач. отд. продаж", "ru", "SALES-HEAD"),
        ("Jefa de ventas - zona norte", "es", "SALES-HEAD"),
        ("Przedst. handlowy", "pl", "SALES-REP"),
        ("Kierowca kat. C+E", "pl", "DRIVER"),
        ("Carretillero", "es", "FORKLIFT"),
        ("Graphic desginer", "en", "DESIGN"),
        ("Юрист", "uk", "LAWYER"),
    ],
)
def test_titles_find_their_position(index: TitleIndex, text: str, lang: str, code: str) -> None:
    found = index.match(text, lang=lang).value
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["Beekeeper", "Proboszcz parafii", "учитель", "Κηπουρός"])
def test_a_title_that_the_directory_lacks_is_refused(index: TitleIndex, text: str) -> None:
    assert index.match(text).reasons == ("refused:unknown_title",)


@pytest.mark.parametrize(
    "text", ["---", "не вказано", "pendiente", "n/a", "7", "brak", "friend of the boss"]
)
def test_what_is_no_title_is_refused(index: TitleIndex, text: str) -> None:
    assert index.match(text).reasons == ("refused:not_a_title",)


def test_a_stewards_synonym_wins(index: TitleIndex) -> None:
    found = index.match("big BOSS")
    assert found.value is DIRECTORY[0]
    assert found.confidence == 1.0
    assert found.reasons == ("title:synonym",)
    decided = TitleIndex(DIRECTORY, synonyms=[("Accountant", "CFO")])
    assert decided.match("Accountant").value is DIRECTORY[3]


def test_both_of_a_double_title_are_told(index: TitleIndex) -> None:
    found = index.match("CEO / Founder")
    assert found.value is DIRECTORY[0]
    assert "also:FOUNDER" in found.reasons


@pytest.mark.parametrize("position", DIRECTORY, ids=lambda position: position.code)
def test_names_of_the_directory_match_themselves(index: TitleIndex, position: Position) -> None:
    for name in position.all_names():
        found = index.match(name)
        assert found.value is position
        assert found.confidence == 1.0


def test_of_positions_that_share_a_name_the_language_decides() -> None:
    shared = TitleIndex(
        [Position("A", {"en": ("Direktor",)}), Position("B", {"uz": ("Direktor",)})]
    )
    assert [shared.rank("Direktor", lang=lang)[0].position.code for lang in ("en", "uz")] == [
        "A",
        "B",
    ]


def test_candidates_are_ranked_however_unlikely(index: TitleIndex) -> None:
    ranked = index.rank("Head of bees", limit=3)
    assert len(ranked) == 3
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_an_empty_directory_knows_no_title() -> None:
    assert TitleIndex(()).match("CEO").reasons == ("refused:unknown_title",)


def test_wrong_directories_are_errors() -> None:
    with pytest.raises(ValueError, match="share a code"):
        TitleIndex([Position("A", ("x",)), Position("A", ("y",))])
    with pytest.raises(ValueError, match="unknown code: B"):
        TitleIndex([Position("A", ("x",))], synonyms=[("y", "B")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Заст. начальника відділу збуту", "Deputy Head of Sales"),
        ("Διευθυντής Ανθρώπινου Δυναμικού", "HR Director"),
        ("Jefe de Almacén", "зав. складом"),
        ("Kierownik ds. eksportu", "Υπ. Εξαγωγών"),
        ("Szef ochrony", "Начальник службы безопасности"),
    ],
)
def test_the_same_title_means_the_same_in_every_language(one: str, other: str) -> None:
    assert (meaning(one).roles, meaning(one).fields) == (
        meaning(other).roles,
        meaning(other).fields,
    )


def test_companies_are_taken_off_a_title() -> None:
    assert without_company('Директор ООО "Вектор"') == "Директор"
    assert without_company("Head of Sales") == "Head of Sales"


def test_importing_the_module_loads_no_heavy_library() -> None:
    code = (
        "import sys, cleansing.job_title;"
        "print([m for m in ('numpy', 'scipy', 'sklearn', 'rapidfuzz') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_heading_of_a_classification_takes_what_has_no_position_of_its_own() -> None:
    crane = tuple(
        f"{kind} crane driver" for kind in ("", "tower", "mobile", "port", "rail", "gantry")
    )
    index = TitleIndex(
        [
            Position("job-1", crane),
            Position("C8", ("Plant and machine operators",)),
            Position("C81", ("Stationary machine operators",)),
            Position("C815", ("Textile machine operators",)),
        ]
    )

    assert [found.position.code for found in index.rank("Machine operator, textile")] == [
        "C815",
        "job-1",
    ]
    assert [found.position.code for found in index.rank("Tower crane driver")] == ["job-1", "C815"]


def test_codes_that_are_merely_counted_make_no_headings() -> None:
    index = TitleIndex([Position("1", ("Cook",)), Position("10", ("Driver",))])

    assert [found.position.code for found in index.rank("Cook", limit=1)] == ["1"]
    assert [found.position.code for found in index.rank("Driver", limit=1)] == ["10"]
