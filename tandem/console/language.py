"""The interface's languages: gettext catalogues, read from their `.po` files as they are.

English is the language of the code. `locale/LANGUAGE/LC_MESSAGES/console.po` holds the others; no
build step compiles them, they are compiled in memory when first needed.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {
    "en": "English",
    "el": "Ελληνικά",
    "es": "Español",
    "pl": "Polski",
    "uk": "Українська",
    "uz": "Oʻzbekcha",
}
"""Code → name of a language in itself."""

FOLDER = Path(__file__).with_name("locale")
_spoken: ContextVar[str] = ContextVar("language", default="en")


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English says what stands in the code."""
    path = FOLDER / language / "LC_MESSAGES" / "console.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def choose(wanted: str | None, accepted: str) -> str:
    """The language to speak: the one chosen, or the best that the browser accepts.

    >>> choose(None, "uk-UA,uk;q=0.9,en;q=0.5"), choose("pl", "en"), choose("xx", "")
    ('uk', 'pl', 'en')
    """
    if wanted in LANGUAGES:
        return str(wanted)
    codes = [part.partition(";")[0].strip().replace("-", "_") for part in accepted.split(",")]
    found = negotiate_locale([code for code in codes if code], list(LANGUAGES))
    return str(found) if found else "en"


def speak(language: str) -> None:
    """Speak a language in what follows in this task."""
    _spoken.set(language)


def spoken() -> str:
    """The language that is spoken now."""
    return _spoken.get()


def gettext(message: str) -> str:
    """A message in the language that is spoken now."""
    return translations(spoken()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """A message about so many things."""
    return translations(spoken()).ngettext(one, many, count)


def marked(message: str) -> str:
    """Marks a message for translation where it is not shown yet."""
    return message
