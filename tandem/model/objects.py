"""The canonical objects. The pydantic model is the schema: kinds and docs follow from it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tandem.model.fields import FieldType, Kind


class Canonical(BaseModel):
    """Base of canonical objects and their composites: frozen, closed, JSON-plain."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Canonical):
    """A postal address in parts. `region` is ISO 3166-2 or a name, `country` ISO 3166-1 alpha-2."""

    street: str | None = None
    house_number: str | None = None
    unit: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")


class PersonName(Canonical):
    """A person's name in parts; `middle` holds further given names or the patronymic."""

    given: str | None = None
    middle: str | None = None
    family: str | None = None


Text = Annotated[str | None, FieldType(Kind.TEXT)]
Decimal = Annotated[str | None, Field(pattern=r"^-?\d+(\.\d+)?$"), FieldType(Kind.DECIMAL)]
Date = Annotated[str | None, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), FieldType(Kind.TEXT)]
TextSet = Annotated[list[str], FieldType(Kind.TEXT_SET)]


class Account(Canonical):
    """A company or other organisation that one does business with."""

    object_name: ClassVar[str] = "account"

    name: Annotated[str, Field(min_length=1), FieldType(Kind.TEXT)]
    tax_id: Text = None
    phone: Text = None
    fax: Text = None
    website: Text = None
    emails: TextSet = []
    address: Annotated[Address | None, FieldType(Kind.ADDRESS)] = None
    industry: Text = None
    employees: Annotated[int | None, FieldType(Kind.INTEGER)] = None
    turnover: Decimal = None
    customer_since: Date = None
    active: Annotated[bool | None, FieldType(Kind.BOOLEAN)] = None
    parent: Annotated[str | None, FieldType(Kind.REFERENCE, "account")] = None


class Contact(Canonical):
    """A person at an account. `position` is a code of the directory of positions."""

    object_name: ClassVar[str] = "contact"

    name: Annotated[PersonName, FieldType(Kind.PERSON_NAME)]
    position: Text = None
    email: Text = None
    phone: Text = None
    mobile: Text = None
    address: Annotated[Address | None, FieldType(Kind.ADDRESS)] = None
    active: Annotated[bool | None, FieldType(Kind.BOOLEAN)] = None
    account: Annotated[str | None, FieldType(Kind.REFERENCE, "account")] = None


OBJECTS: MappingProxyType[str, type[Canonical]] = MappingProxyType(
    {"account": Account, "contact": Contact}
)
"""Canonical objects by name, parents before children: also the order in which they are pushed."""


def field_types(object_name: str) -> dict[str, FieldType]:
    """Canonical field name → `FieldType` of one object.

    >>> field_types("contact")["account"]
    FieldType(kind=<Kind.REFERENCE: 'reference'>, references='account')

    Raises:
        KeyError: there is no such object.
    """
    return {
        name: next(m for m in field.metadata if isinstance(m, FieldType))
        for name, field in OBJECTS[object_name].model_fields.items()
    }


def mandatory_fields(object_name: str) -> frozenset[str]:
    """Fields without which there is no such object.

    >>> mandatory_fields("account")
    frozenset({'name'})
    """
    fields = OBJECTS[object_name].model_fields
    return frozenset(name for name, field in fields.items() if field.is_required())


def check_values(object_name: str, values: dict[str, Any]) -> tuple[str, ...]:
    """Names of the fields whose values the object's model does not accept; empty when all is well.

    >>> check_values("account", {"name": "Acme", "turnover": "12.5"})
    ()
    >>> check_values("account", {"name": "", "turnover": "a lot"})
    ('name', 'turnover')
    """
    # Nothing but names leaves this function: a message with the rejected value would reach logs.
    try:
        OBJECTS[object_name].model_validate(values)
    except ValidationError as error:
        return tuple(dict.fromkeys(str(e["loc"][0]) for e in error.errors(include_input=False)))
    return ()
