"""Makes up the demo's parties, and writes each as a CRM user would type it and as an ERP holds it.

Everything follows from a seed. A party is one truth; `crm_account` and `erp_account` are two
people's ways of writing it down, which is what the demo is about.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stdnum.es import cif
from stdnum.gb import vat as gb_vat
from stdnum.gr import vat as gr_vat
from stdnum.pl import nip
from stdnum.ua import edrpou

from cleansing.text import latin
from tandem.demo.places import COUNTRIES, Country, Town


@dataclass(frozen=True, slots=True)
class Company:
    """A company: the truth behind an account of either system."""

    number: int
    country: Country
    town: Town
    core: str
    form: str
    street: str
    house: str
    postcode: str
    phone: str
    emails: tuple[str, ...]
    website: str
    tax_id: str

    @property
    def name(self) -> str:
        """Name with legal form, in the country's order."""
        before = self.country.code in {"UA", "UZ"} and self.form != "OOO"
        return f"{self.form} «{self.core}»" if before else f"{self.core} {self.form}"


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a company. `title` is how people write the `position` of the directory."""

    number: int
    company: Company
    given: str
    family: str
    email: str
    mobile: str
    position: str | None
    title: str | None


def companies(count: int, seed: int) -> list[Company]:
    """So many companies, each with a name, a phone and a tax number of its own."""
    rnd = random.Random(seed)  # noqa: S311  (made-up names, no secrets)
    cores: set[str] = set()
    return [_company(rnd, number, cores) for number in range(count)]


def _company(rnd: random.Random, number: int, cores: set[str]) -> Company:
    country = COUNTRIES[number % len(COUNTRIES)]
    while True:
        core = f"{rnd.choice(country.firsts)} {rnd.choice(country.seconds)}"
        if core in cores:
            core = f"{core} {rnd.choice(country.family)}"
        if core not in cores:
            break
    cores.add(core)
    town = rnd.choice(country.towns)
    prefix, digits = country.phone_digits
    domain = f"{latin(core).replace(' ', '-')}.example"
    emails = [f"info@{domain}"]
    if rnd.random() < 0.3:
        emails.append(f"sales@{domain}")
    return Company(
        number=number,
        country=country,
        town=town,
        core=core,
        form=rnd.choice(country.forms),
        street=rnd.choice(country.streets),
        house=str(rnd.randint(1, 150)),
        postcode=_postcode(rnd, country, town),
        phone=f"{country.dial}{prefix}{rnd.randint(2 * 10 ** (digits - 1), 10**digits - 1)}",
        emails=tuple(emails),
        website=domain,
        tax_id=_tax_id(country.code, number),
    )


def _postcode(rnd: random.Random, country: Country, town: Town) -> str:
    if country.code == "GB":
        return f"{town.postcode}{rnd.randint(1, 9)}{rnd.choice('ABDEFHJ')}{rnd.choice('LNPQRT')}"
    if country.code == "PL":
        return f"{town.postcode}{rnd.randint(10, 99)}"
    return f"{town.postcode}{rnd.randint(10, 99)}"


def _tax_id(country: str, number: int) -> str:
    """A number that its country's check digits accept; the running number makes it unique."""
    if country == "GR":
        base = f"{80000000 + number * 37:08d}"
        return base + str(gr_vat.calc_check_digit(base))
    if country == "PL":
        base = f"{526000000 + number * 11:09d}"
        codes = (f"{int(base) + step:09d}{check}" for step in range(11) for check in range(10))
        return next(code for code in codes if nip.is_valid(code))
    if country == "ES":
        base = f"B{1000000 + number * 13:07d}"
        return base + str(cif.calc_check_digits(base)[0])
    if country == "UA":
        base = f"{3000000 + number * 17:07d}"
        return base + str(edrpou.calc_check_digit(base))
    if country == "GB":
        base = f"{1000000 + number * 7:07d}"
        codes = (f"{base}{check:02d}" for check in range(97))
        return next(code for code in codes if gb_vat.is_valid(code))
    return f"{300000000 + number * 19:09d}"


def people(
    of: Sequence[Company], count: int, seed: int, titles: Mapping[str, Sequence[str]]
) -> list[Person]:
    """So many people, spread over the companies."""
    rnd = random.Random(seed)  # noqa: S311
    positions = list(titles)
    found = []
    for number in range(count):
        company = of[number % len(of)]
        given, family = rnd.choice(company.country.given), rnd.choice(company.country.family)
        position = rnd.choice(positions) if rnd.random() < 0.9 else None
        title = rnd.choice([position, *titles[position]]) if position else None
        found.append(
            Person(
                number=number,
                company=company,
                given=given,
                family=family,
                email=f"{latin(given)}.{latin(family)}.{number}@{company.website}".replace(" ", ""),
                mobile=_mobile(rnd, company.country),
                position=position,
                title=_typed_title(rnd, title),
            )
        )
    return found


_MOBILES = {
    "GR": "+3069",
    "UA": "+38067",
    "PL": "+4850",
    "UZ": "+99890",
    "ES": "+346",
    "GB": "+447",
}
_MOBILE_DIGITS = {"GR": 8, "UA": 7, "PL": 7, "UZ": 7, "ES": 8, "GB": 9}


def _mobile(rnd: random.Random, country: Country) -> str:
    digits = _MOBILE_DIGITS[country.code]
    first = {"GB": "4", "GR": "7"}.get(country.code, "")
    rest = digits - len(first)
    return _MOBILES[country.code] + first + "".join(str(rnd.randint(0, 9)) for _ in range(rest))


_NOISE = (
    "Deputy something or other", "see card", "на пенсії", "friend of the boss", "??", "tbd",
)  # fmt: skip


def _typed_title(rnd: random.Random, title: str | None) -> str | None:
    luck = rnd.random()
    if title is None:
        return rnd.choice(_NOISE) if luck < 0.3 else None
    if luck < 0.15:
        return title.upper()
    if luck < 0.25:
        return f"  {title.lower()} "
    return title


# --- as a CRM user types it -----------------------------------------------------------------------


def crm_account(company: Company, rnd: random.Random) -> dict[str, Any]:
    """The account as somebody in sales typed it."""
    country = company.country
    values: dict[str, Any] = {
        "Name": _typed_name(company, rnd),
        "Phone": _typed_phone(company.phone, country, rnd),
        "Website": rnd.choice((company.website, f"https://www.{company.website}/")),
        "Emails__c": rnd.choice(("; ", ", ", " ")).join(company.emails),
        "Active__c": True,
        "BillingStreet": _typed_address(company, rnd),
        "BillingCountry": rnd.choice(country.names),
    }
    if rnd.random() < 0.7:
        values["Tax_Number__c"] = _typed_tax_id(company, rnd)
    luck = rnd.random()
    if luck < 0.02:
        del values["BillingStreet"]  # what the ERP insists on, and nobody asked for in the CRM
        del values["BillingCountry"]
    elif luck < 0.04:
        values["BillingStreet"] = rnd.choice(("see contract", "???", "next to the old mill"))
    if rnd.random() < 0.01:
        values["Phone"] = "call Maria"
    return values


def _typed_name(company: Company, rnd: random.Random) -> str:
    luck = rnd.random()
    if luck < 0.1:
        return company.name.upper()
    if luck < 0.2:
        return company.core
    return f"  {company.name}" if luck < 0.25 else company.name


def _typed_phone(phone: str, country: Country, rnd: random.Random) -> str:
    national = phone.removeprefix(country.dial)
    trunk = {"UA": "0", "GB": "0"}.get(country.code, "")
    grouped = f"{national[:3]} {national[3:6]} {national[6:]}"
    return rnd.choice(
        (phone, f"{country.dial} {grouped}", f"{trunk}{national}", f"{trunk}{grouped}")
    )


def _typed_tax_id(company: Company, rnd: random.Random) -> str:
    code = company.tax_id
    if company.country.code == "PL":
        return rnd.choice((code, f"{code[:3]}-{code[3:6]}-{code[6:8]}-{code[8:]}"))
    return rnd.choice((code, f" {code}"))


def _typed_address(company: Company, rnd: random.Random) -> str:
    town = rnd.choice((company.town.name, company.town.name, *company.town.spellings))
    street = rnd.choice(company.country.street).format(company.street)
    comma = rnd.choice((", ", ", ", " "))
    if company.country.code == "GB":
        return f"{company.house} {street}, {town}{comma}{company.postcode}"
    return rnd.choice(
        (
            f"{street} {company.house}{comma}{company.postcode} {town}",
            f"{street}, {company.house}, {town} {company.postcode}",
            f"{company.postcode} {town}, {street} {company.house}",
        )
    )


# --- as the ERP holds it --------------------------------------------------------------------------


def erp_account(company: Company, rnd: random.Random) -> dict[str, Any]:
    """The party as the ERP's clerk keyed it in: in parts, but with a spelling of its own."""
    values: dict[str, Any] = {
        "name": company.name if rnd.random() < 0.8 else company.core,
        "active": True,
        "street": company.country.street[0].format(company.street),
        "building_number": company.house,
        "city": company.town.name,
        "postal_code": company.postcode,
        "country": company.country.code,
        "phone": company.phone,
        "emails": list(company.emails),
    }
    if rnd.random() < 0.8:
        values["tax_id"] = company.tax_id
    return values


def crm_contact(person: Person, account_id: str, rnd: random.Random) -> dict[str, Any]:
    """The contact as somebody in sales typed it."""
    values: dict[str, Any] = {
        "FirstName": person.given,
        "LastName": person.family if rnd.random() < 0.9 else person.family.upper(),
        "Email": person.email if rnd.random() < 0.9 else f"mailto:{person.email.upper()}",
        "MobilePhone": _typed_phone(person.mobile, person.company.country, rnd),
        "AccountId": account_id,
        "MailingCountry": rnd.choice(person.company.country.names),
    }
    if person.title:
        values["Title"] = person.title
    return values


def erp_contact(person: Person, employer: str) -> dict[str, Any]:
    """The person as the ERP holds them."""
    values: dict[str, Any] = {
        "name": f"{person.given} {person.family}",
        "emails": [person.email],
        "mobile": person.mobile,
        "employer": employer,
    }
    if person.position:
        values["position"] = person.position
    return values


def slices(size: int, shared: int) -> tuple[range, range]:
    """Numbers of the parties that the one and the other system holds; `shared` are in both.

    >>> slices(5, 3)
    (range(0, 5), range(2, 7))
    """
    return range(size), range(size - shared, 2 * size - shared)


def in_batches(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The rows in order, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
