"""Names of persons in many languages."""

from __future__ import annotations

import pytest

from cleansing.person import Person, cleanse_person


@pytest.mark.parametrize(
    ("text", "lang", "title", "given", "middle", "family"),
    [
        ("ШЕВЧЕНКО ОЛЕНА", "uk", None, "Олена", None, "Шевченко"),
        ("Олена Петрівна Шевченко", "uk", None, "Олена", "Петрівна", "Шевченко"),
        ("Шевченко О.П.", "uk", None, "О.", "П.", "Шевченко"),
        ("О.Шевченко", "uk", None, "О.", None, "Шевченко"),
        ("КОВАЛЬЧУК Андрій", "uk", None, "Андрій", None, "Ковальчук"),
        ("Олена Петрівна", "uk", None, "Олена", "Петрівна", None),
        ("Петров-Водкин К. С.", "ru", None, "К.", "С.", "Петров-Водкин"),
        ("Роман Абрамович", "ru", None, "Роман", None, "Абрамович"),
        ("dr hab. Maria Zielińska-Wójcik", "pl", "dr hab.", "Maria", None, "Zielińska-Wójcik"),
        ("Nowak Anna Maria", "pl", None, "Anna Maria", None, "Nowak"),
        ("p. Anna Nowak", "pl", "p.", "Anna", None, "Nowak"),
        ("García López, José Antonio", "es", None, "José Antonio", None, "García López"),
        ("María del Carmen Ruiz Pérez", "es", None, "María del Carmen", None, "Ruiz Pérez"),
        ("D. Juan García López", "es", "D.", "Juan", None, "García López"),
        ("Pedro de la Cruz", "es", None, "Pedro", None, "de la Cruz"),
        ("Δρ. Νικόλαος Κ. Αντωνίου", "el", "Δρ.", "Νικόλαος", "Κ.", "Αντωνίου"),
        ("Παπαδόπουλος Γεώργιος του Ιωάννη", "el", None, "Γεώργιος", "Ιωάννη", "Παπαδόπουλος"),
        ("κ. Γιώργος Παπαδόπουλος", "el", "κ.", "Γιώργος", None, "Παπαδόπουλος"),
        ("Nagy Péter", "hu", None, "Péter", None, "Nagy"),
        ("Péter Nagy", "hu", None, "Péter", None, "Nagy"),
        ("Karimov Aziz Akmal o'g'li", "uz", None, "Aziz", "Akmal o'g'li", "Karimov"),
        ("Karimov Aziz Akmalovich", "uz", None, "Aziz", "Akmalovich", "Karimov"),
        ("Иван Петров Иванов", "bg", None, "Иван", "Петров", "Иванов"),
        ("Dr. John A. Smith", "en", "Dr.", "John", "A.", "Smith"),
        ("SMITH John", "en", None, "John", None, "Smith"),
        ("patrick o'brien", "en", None, "Patrick", None, "O'Brien"),
        ("William (Bill) Smith", "en", None, "William", None, "Smith"),
        ("Mr Smith", "en", "Mr", None, None, "Smith"),
        ("Jan van den Berg", "nl", None, "Jan", None, "van den Berg"),
        ("Ing. Jan Novák, Ph.D.", "cs", "Ing. Ph.D.", "Jan", None, "Novák"),
        ("Nguyễn Văn An", "vi", None, "An", "Văn", "Nguyễn"),
        ("王小明", "zh", None, "小明", None, "王"),
        ("田中 太郎", "ja", None, "太郎", None, "田中"),
    ],
)
def test_parts(
    text: str,
    lang: str,
    title: str | None,
    given: str | None,
    middle: str | None,
    family: str | None,
) -> None:
    assert cleanse_person(text, lang=lang).value == Person(title, given, middle, family)


def test_the_country_stands_in_for_the_language() -> None:
    found = cleanse_person("Nagy Péter", country="HU").value
    assert found is not None
    assert found.family == "Nagy"


@pytest.mark.parametrize(
    ("text", "lang", "reason"),
    [
        ("Гончар Олесь", "uk", "two_readings:Гончар|Олесь"),
        ("田中太郎", "ja", "two_readings:no_blank_between_family_and_given"),
        ("Müller-Lüdenscheidt Klaus", "de", "two_readings:Müller-Lüdenscheidt|Klaus"),
        ("Jan i Anna Kowalscy", "pl", "several_persons"),
        ("Jan Kowalski / Anna Nowak", "pl", "several_persons"),
        ("info@firma.pl", "pl", "not_a_person"),
        ("Budimpol Sp. z o.o.", "pl", "not_a_person"),
        ("Отдел продаж", "ru", "not_a_person"),
        ("Smith", "en", "one_word"),
    ],
)
def test_what_cannot_be_cut_safely_is_refused(text: str, lang: str, reason: str) -> None:
    found = cleanse_person(text, lang=lang)
    assert found.value is None
    assert found.reasons == (f"refused:{reason}",)


def test_an_order_taken_from_custom_is_told() -> None:
    found = cleanse_person("Ravi Shankar", lang="en")
    assert found.value == Person(None, "Ravi", None, "Shankar")
    assert found.reasons == ("person:order_by_custom",)
    assert found.confidence < 1.0
