"""E-mail addresses out of a free text field.

A field may hold several addresses, a display name, a label or a `mailto:` link. What is not an
address is never mended by guess ("firma,pl" may be firma.pl or two words): it is refused. No DNS
is asked; whether a mailbox exists is not this cleanser's business.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from cleansing.result import Cleansed, refuse
from cleansing.tables import words
from cleansing.text import tidy


@dataclass(frozen=True, slots=True)
class Email:
    """One field's e-mail addresses, lower case, internationalised names in their own letters.

    Attributes:
        address: the first address of the field.
        other: the further ones, in the order typed.
    """

    address: str
    other: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line that reads back as the same value.

        >>> str(Email("a@firma.pl", ("b@firma.pl",)))
        'a@firma.pl, b@firma.pl'
        """
        return ", ".join((self.address, *self.other))


_SEPARATORS = re.compile(r"[\s,;|/<>()\[\]{}\"«»“”„]+")
_AT_IN_BRACKETS = re.compile(r"(?i)\s*[\[({]\s*(?:at|@|собака|małpa|arroba)\s*[\])}]\s*")
_DOT_IN_BRACKETS = re.compile(r"(?i)\s*[\[({]\s*(?:dot|\.|kropka|punto|точка)\s*[\])}]\s*")
_LINK = re.compile(r"(?i)\bmailto:\s*(?P<address>[^?\s>]+)(?:\?[^\s>]*)?")
_LABEL = re.compile(r"(?i)^(?:[\w-]+:|#|\*)+(?=[^:]*@)")
_LABEL_WORDS = words(
    """
    email e-mail mail mailto correo correos poczta пошта почта ел эл електронна
    электронная адреса адрес имейл імейл мейл мыло address adres dirección direccion
    ηλεκτρονικό ταχυδρομείο διεύθυνση and or und oder i y e lub oraz та і й и или або και
    ή yoki va new old work home private office sales biuro контакт contact kontakt
    """
)
_BLANK_AROUND_AT = re.compile(r"^[^\s@,;]+\s*@\s*[^\s@,;]+$")
_EDGE = ".,;:!?'`’‘<>()[]{}*-–—_ "
_FRONT_EDGE = ".,;:!?'`’‘<>()[]{}*–— "
_NO_SUCH_TLD = words(
    """
    con cmo ocm comm coom vom xom ner nett met orgg rog inf infoo ru0 ruu uaa pll ess grr
    """
)
"""Last labels that people mistype and that the root zone does not have."""
_PLACEHOLDERS = words(
    """
    none no nomail noemail noreply nobody null test asdf xxx aaa a x
    """
)


@lru_cache(maxsize=1)
def _country_domains() -> frozenset[str]:
    """Two-letter top-level domains: the ISO countries and the few that are older or wider."""
    from babel import Locale  # noqa: PLC0415 - the locale tables are only read for a first address

    territories = Locale("en").territories
    codes = (str(code).lower() for code in territories)
    return frozenset(code for code in codes if len(code) == 2) | {"uk", "su", "ac"}


def _scripts(text: str) -> set[str]:
    return {
        name for char in text if char.isalpha() for name in [unicodedata.name(char, "?").split()[0]]
    }


def _is_placeholder(address: str) -> bool:
    """True for what people type to get past a mandatory field.

    >>> _is_placeholder("none@none.com"), _is_placeholder("test@firma.pl")
    (True, False)
    """
    local, _, domain = address.partition("@")
    return local in _PLACEHOLDERS and domain.split(".")[0] in _PLACEHOLDERS


def _read(token: str) -> str | None:
    """The normal form of one address, or None when it is none.

    >>> _read("Biuro@FIRMA.pl"), _read("-@-.com"), _read("info@firma")
    ('biuro@firma.pl', None, None)
    """
    try:
        checked = validate_email(token, check_deliverability=False)
    except EmailNotValidError:
        return None
    address = checked.normalized.lower()
    last = str(checked.ascii_domain).rsplit(".", 1)[-1].lower()
    if len(last) < 2 or last in _NO_SUCH_TLD or (len(last) == 2 and last not in _country_domains()):
        return None
    labels = [*checked.normalized.replace("@", ".").split(".")]
    if any(len(_scripts(label) - {"?"}) > 1 for label in labels) or _is_placeholder(address):
        return None
    return address


def _tokens(plain: str) -> list[str]:
    """The words of a field, labels in front of an address off.

    >>> _tokens("Jan <jan@firma.pl>; e-mail:fk@firma.pl.")
    ['Jan', 'jan@firma.pl', 'fk@firma.pl']
    """
    found = []
    for word in _SEPARATORS.split(plain):
        bare = _LABEL.sub("", word).rstrip(_EDGE).lstrip(_FRONT_EDGE)
        if bare:
            found.append(bare)
    return found


def _parted_local(plain: str, token: str) -> str | None:
    """The words in front of an address that a blank may have parted from it ("jan kowalski@…").

    A label or a capitalised name in front is no part of the address.

    >>> _parted_local("jan kowalski@firma.pl", "kowalski@firma.pl")
    'jan kowalski@firma.pl'
    >>> _parted_local("Jan Kowalski jan@firma.pl", "jan@firma.pl")
    """
    front = re.search(r"(?:^|[,;|/<>()\s])(?P<word>[A-Za-z0-9._+-]+) $", plain.partition(token)[0])
    if not front or front["word"] != front["word"].lower() or front["word"].endswith((".", "-")):
        return None
    word = front["word"]
    return None if word in _LABEL_WORDS or "@" in word else f"{word} {token}"


def cleanse_email(text: str) -> Cleansed[Email]:
    """The e-mail addresses of a field.

    Returns:
        The addresses, or a refusal: `no_address`, `invalid_address` (something with an @ that is
        none) or `two_readings`.

    >>> cleanse_email("Biuro <Biuro@Firma.pl> (księgowość: fk@firma.pl)").value
    Email(address='biuro@firma.pl', other=('fk@firma.pl',))
    >>> cleanse_email("office@firma,pl").reasons, cleanse_email("brak").reasons
    (('refused:invalid_address',), ('refused:no_address',))
    """
    plain = unicodedata.normalize("NFKC", tidy(text))
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    plain = _LINK.sub(lambda link: f" {unquote(link['address'])} ", plain).strip()
    spelled = _DOT_IN_BRACKETS.sub(".", _AT_IN_BRACKETS.sub("@", plain))
    reasons = ["email:spelled_out"] if spelled != plain else []
    if _BLANK_AROUND_AT.match(spelled) and " " in spelled:
        spelled = spelled.replace(" ", "")
        reasons.append("email:blank_dropped")
    tokens = [token for token in _tokens(spelled) if "@" in token]
    read = [(token, _read(token)) for token in tokens]
    found = list(dict.fromkeys(address for _, address in read if address))
    if not found:
        return refuse("invalid_address" if "@" in spelled else "no_address")
    broken = [token for token, address in read if not address]
    if broken and read[0][1] is None:
        return refuse("invalid_address")
    for token, _ in read:
        if parted := _parted_local(spelled, token):
            return refuse(f"two_readings:{token}|{parted.replace(' ', '.')}")
    if broken:
        reasons.append("email:invalid_part_dropped")
    if len(found) > 1:
        reasons.append("email:several")
    confidence = 0.8 if broken else 0.9 if spelled != plain else 1.0
    return Cleansed(Email(found[0], tuple(found[1:])), confidence, tuple(reasons))
