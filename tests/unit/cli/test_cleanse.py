"""`tandem cleanse`: JSON Lines in, JSON Lines out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from cleansing.by_name import KINDS
from tandem.cli.exits import Exit
from tandem.cli.main import run

CATALOGUE = (
    "code,name_en,name_uk\nP1,Chief Executive Officer,Генеральний директор\nP2,Driver,Водій\n"
)
Clean = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Clean:
    """Cleanse some lines of a file; gives the exit code, the answers and stderr."""

    def call(kind: str, lines: Iterable[object], *options: str) -> Any:
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        source.write_text("\n".join(texts), encoding="utf-8", errors="surrogateescape")
        code = run(["cleanse", kind, "--in", str(source), "--out", str(target), *options])
        out = target.read_text(encoding="utf-8") if target.exists() else ""
        return code, [json.loads(line) for line in out.splitlines()], capsys.readouterr().err

    return call


@pytest.mark.parametrize(
    ("kind", "line", "value"),
    [
        ("phone", {"text": "044 234-56-78", "country": "UA"}, "+380442345678"),
        ("email", {"text": "Biuro <BIURO@firma.pl>"}, "biuro@firma.pl"),
        ("tax_id", {"text": "GR802718287", "type": "VAT"}, "EL802718287"),
        (
            "company",
            {"text": "ТОВ «Ромашка»", "country": "UA"},
            {"name": "Ромашка", "legal_form": "ТОВ", "country": "UA"},
        ),
        (
            "person",
            {"text": "Nagy Péter", "lang": "hu"},
            {"title": None, "given": "Péter", "middle": None, "family": "Nagy"},
        ),
        ("number", {"text": "1.234,5", "locale": "de-DE"}, 1234.5),
        ("number", {"text": "12 500", "lang": "uk", "country": "UA"}, 12500),
        (
            "money",
            {"text": "5 zł", "locale": "pl-PL"},
            {"amount": 5, "currency": "PLN"},
        ),
        ("date", {"text": "45292", "locale": "de-DE", "source": "excel"}, "2024-01-01"),
        ("boolean", {"text": "X", "lang": "de", "field": "checkbox"}, True),
    ],
)
def test_each_kind_has_its_shape(clean: Clean, kind: str, line: dict[str, Any], value: Any) -> None:
    code, answers, err = clean(kind, [{"id": 7, **line}])
    assert (code, err) == (Exit.OK, "")
    (answer,) = answers
    assert answer["id"] == 7
    assert answer["value"] == value
    assert {"confidence", "reasons"} <= answer.keys()


def test_an_address_has_seven_fields(clean: Clean) -> None:
    _, answers, _ = clean(
        "address",
        [{"id": 1, "text": "ul. Długa 5, 31-147 Kraków"}],
        "--context",
        "default_country=PL",
    )
    value = answers[0]["value"]
    assert list(value) == [
        *("street", "house_number", "unit", "city", "region", "postcode", "country")
    ]
    assert (value["city"], value["country"]) == ("Kraków", "PL")


def test_titles_come_from_the_catalogue(clean: Clean, tmp_path: Path) -> None:
    catalogue = tmp_path / "positions.csv"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    code, answers, _ = clean(
        "title",
        [{"id": 1, "text": "ген. дир.", "lang": "uk"}, {"id": 2, "text": "Beekeeper"}],
        *("--catalogue", str(catalogue)),
    )
    assert code == Exit.OK
    assert answers[0]["value"] == {"code": "P1", "name": "Генеральний директор"}
    assert answers[1]["value"] is None
    assert answers[1]["reasons"] == ["refused:unknown_title"]


def test_context_of_a_line_wins_over_the_command_line(clean: Clean) -> None:
    lines = [
        {"id": 1, "text": "1,234"},
        {"id": 2, "text": "1,234", "locale": "en-GB"},
        {"id": 3, "text": "1,234", "context": {"locale": "en-US"}},
    ]
    _, answers, _ = clean("number", lines, "--context", "locale=uk-UA")
    assert [answer["value"] for answer in answers] == [1.234, 1234, 1234]


def test_without_a_locale_a_number_is_refused(clean: Clean) -> None:
    _, answers, _ = clean("number", [{"id": 1, "text": "1,234"}])
    assert answers[0]["reasons"] == ["refused:no_locale"]


def test_malformed_lines_are_told_by_file_and_line_and_the_rest_goes_on(clean: Clean) -> None:
    lines = [
        '{"id": 1, "text": "TAK"}',
        "{nonsense",
        '"TAK"',
        '{"id": 4}',
        "",
        '{"id": 6, "text": "\udcff"}',
        '{"id": 7, "text": null}',
        '{"id": 8, "text": "nie"}',
    ]
    code, answers, err = clean("boolean", lines, "--context", "lang=pl")
    assert code == Exit.ATTENTION
    assert [(answer["id"], answer["value"]) for answer in answers] == [
        (1, True),
        (7, None),
        (8, False),
    ]
    told = [line.partition("in.jsonl:")[2] for line in err.splitlines()]
    assert told == [
        "2: not JSON",
        "3: not an object",
        "4: `text` is missing or no text",
        "6: not UTF-8",
    ]


def test_a_wrong_context_of_a_line_is_told(clean: Clean) -> None:
    lines = [{"id": 1, "text": "1", "locale": "xx-XX"}, {"id": 2, "text": "1", "locale": "en"}]
    code, answers, err = clean("number", lines)
    assert code == Exit.ATTENTION
    assert [answer["id"] for answer in answers] == [2]
    assert "in.jsonl:1: unknown locale: xx-XX" in err


def test_standard_streams_are_used_without_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": "a", "text": "так"}\n'))
    assert run(["cleanse", "boolean", "--context", "lang=uk"]) == Exit.OK
    assert json.loads(capsys.readouterr().out) == {
        "id": "a",
        "value": True,
        "confidence": 1.0,
        "reasons": [],
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shoes"], "shoes"),
        (["title"], "--catalogue FILE"),
        (["phone", "--catalogue", "x.csv"], "titles only"),
        (["phone", "--context", "country"], "write key=value"),
        (["phone", "--in", "no-such-file.jsonl"], "no-such-file.jsonl"),
        (["title", "--catalogue", "no-such-file.csv"], "no-such-file.csv"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cleanse", *arguments]) == Exit.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_answers_an_empty_text(clean: Clean, kind: str) -> None:
    _, answers, _ = clean(kind, [{"id": 1, "text": "", "locale": "en-GB", "country": "GB"}])
    assert answers[0]["value"] is None
    assert "empty" in answers[0]["reasons"]
