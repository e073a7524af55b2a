"""E-mail addresses in free text fields."""

from __future__ import annotations

import pytest

from cleansing.email import Email, cleanse_email


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("office@romashka.com.ua.", Email("office@romashka.com.ua")),
        (
            "a.perez@ejemplo.es; ventas@ejemplo.es",
            Email("a.perez@ejemplo.es", ("ventas@ejemplo.es",)),
        ),
        ("biuro@firma.pl (księgowość: fk@firma.pl)", Email("biuro@firma.pl", ("fk@firma.pl",))),
        ("mailto:Info@Firma.PL?subject=x", Email("info@firma.pl")),
        ('"Jan K" <jan@firma.pl>', Email("jan@firma.pl")),
        ("Jan Kowalski jan@firma.pl", Email("jan@firma.pl")),
        ("jan+crm@firma.pl", Email("jan+crm@firma.pl")),
        ("jan @firma.pl", Email("jan@firma.pl")),
        ("pedro(at)ejemplo.es", Email("pedro@ejemplo.es")),
        ("info[at]firma[dot]pl", Email("info@firma.pl")),
        ("user@xn--e1afmkfd.com", Email("user@пример.com")),
        ("info@почта.укр", Email("info@почта.укр")),
        ("jan@firma.pl, JAN@firma.pl", Email("jan@firma.pl")),
        ("a@firma.pl; brak", Email("a@firma.pl")),
        ("o'neil@firma.ie", Email("o'neil@firma.ie")),
    ],
)
def test_addresses_are_taken_out_of_what_surrounds_them(text: str, email: Email) -> None:
    assert cleanse_email(text).value == email


@pytest.mark.parametrize(
    "text",
    ["-@-.com", "jan@firma,pl", "jan@@firma.pl", "jan@firma", "jan..k@firma.pl", "jan@gmail.con",
     "jan@firma.p l", "none@none.com", "оffice@romashka.com", "a@192.168.0.1", "@firma.pl"],
)  # fmt: skip
def test_nothing_is_mended_by_guess(text: str) -> None:
    found = cleanse_email(text)
    assert found.value is None
    assert found.reasons == ("refused:invalid_address",)


@pytest.mark.parametrize("text", ["brak", "www.firma.pl", "info at firma dot pl", "n/a"])
def test_a_text_without_an_address_is_refused(text: str) -> None:
    assert cleanse_email(text).reasons == ("refused:no_address",)


def test_a_blank_in_the_name_has_two_readings() -> None:
    assert cleanse_email("jan kowalski@firma.pl").reasons == (
        "refused:two_readings:kowalski@firma.pl|jan.kowalski@firma.pl",
    )


def test_a_broken_second_address_is_told() -> None:
    found = cleanse_email("a@firma.pl; b@firma")
    assert found.value == Email("a@firma.pl")
    assert "email:invalid_part_dropped" in found.reasons
