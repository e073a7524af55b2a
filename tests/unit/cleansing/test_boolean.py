"""Yes and no."""

from __future__ import annotations

import pytest

from cleansing.boolean import boolean_text, cleanse_boolean


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("yes ", "en-GB", True),
        ("TAK", "pl-PL", True),
        ("нет", "ru-RU", False),
        ("sí", "es-ES", True),
        ("ne", "cs-CZ", False),
        ("ne", "el-GR", True),
        ("Όχι.", "el", False),
        ("yo‘q", "uz", False),
        ("HAYIR", "tr", False),
        ("1", "pl", True),
        ("FALSE", "ru", False),
        ("+", "ru", True),
        ("✔️", "en", True),
        ("☐", "en", False),
        ("[x]", "en", True),
        ("Y", "ru", True),
        ("да", "uk", True),
    ],
)
def test_answers(text: str, lang: str, value: bool) -> None:
    assert cleanse_boolean(text, lang=lang).value is value


@pytest.mark.parametrize(
    ("text", "lang", "reason"),
    [
        ("ne", None, "two_readings:true|false"),
        ("no", "pl", "two_readings:true|false"),
        ("N", "el", "no_boolean"),
        ("2", "pl", "no_boolean"),
        ("X", "de", "no_boolean"),
        ("maybe", "en", "no_boolean"),
        ("yes/no", "en", "no_boolean"),
        ("не знаю", "ru", "no_boolean"),
        ("-", "ru", "no_boolean"),
    ],
)
def test_refusals(text: str, lang: str | None, reason: str) -> None:
    found = cleanse_boolean(text, lang=lang)
    assert found.value is None
    assert found.reasons == (f"refused:{reason}",)


def test_any_mark_ticks_a_box() -> None:
    assert cleanse_boolean("X", lang="de", checkbox=True).value is True
    assert cleanse_boolean("v", checkbox=True).value is True


@pytest.mark.parametrize("lang", ["en", "uk", "ru", "pl", "es", "el", "uz", "de", "cs", "tr", "xx"])
@pytest.mark.parametrize("value", [True, False])
def test_the_words_that_are_written_read_back(lang: str, value: bool) -> None:
    assert cleanse_boolean(boolean_text(value, lang=lang), lang=lang).value is value
