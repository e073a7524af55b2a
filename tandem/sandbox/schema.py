"""The objects of the sandbox CRM, declared once: tables, describes, checks and forms follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class FieldType(StrEnum):
    """Field types by their API names."""

    ID = "id"
    STRING = "string"
    TEXTAREA = "textarea"
    PHONE = "phone"
    URL = "url"
    EMAIL = "email"
    PICKLIST = "picklist"
    REFERENCE = "reference"
    BOOLEAN = "boolean"
    INT = "int"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes:
        name: API name; custom columns end in `__c`.
        label: what people see.
        type: see `FieldType`.
        length: most characters, 0 where it does not apply.
        required: refused when absent or empty.
        writable: may be given by a caller; system columns may not.
        defaulted: the server fills it when a create leaves it out.
        default: with what, for the types that have one value for all.
        external_id: unique, and usable as the key of an upsert.
        picklist: the offered values.
        restricted: only the offered values are accepted.
        references: object that a reference points to.
        relationship: name under which a query reaches the referenced row.
    """

    name: str
    label: str
    type: FieldType = FieldType.STRING
    length: int = 0
    required: bool = False
    writable: bool = True
    defaulted: bool = False
    default: bool | None = None
    external_id: bool = False
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    references: str | None = None
    relationship: str | None = None

    @property
    def custom(self) -> bool:
        """Whether an administrator added it."""
        return self.name.endswith("__c")


@dataclass(frozen=True)
class SObject:
    """One object (table) of the CRM.

    Attributes:
        name: API name.
        label, label_plural: what people see.
        key_prefix: first three characters of its ids.
        fields: all columns, system columns included, in the order of the describe call.
        editable: whether the API may write it.
        person: has FirstName and LastName, from which Name is composed.
    """

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: tuple[Field, ...]
    editable: bool = True
    person: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by lower-case name: the API does not mind the case of names."""
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def relationships(self) -> Mapping[str, Field]:
        """Reference fields by the lower-case name of their relationship."""
        return {field.relationship.lower(): field for field in self.fields if field.relationship}

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """Fields that a create must give."""
        return tuple(field for field in self.fields if field.required)

    def field(self, name: str) -> Field | None:
        """Return the field of that name, whatever its case."""
        return self.by_name.get(name.lower())


ACCOUNT_TYPES = ("Prospect", "Customer", "Customer - Direct", "Customer - Channel",
    "Partner", "Reseller", "Vendor", "Competitor", "Other")  # fmt: skip
INDUSTRIES = (
    "Agriculture", "Apparel", "Banking", "Biotechnology", "Chemicals", "Communications",
    "Construction", "Consulting", "Education", "Electronics", "Energy", "Engineering",
    "Entertainment", "Environmental", "Finance", "Food & Beverage", "Government", "Healthcare",
    "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Not For Profit",
    "Recreation", "Retail", "Shipping", "Technology", "Telecommunications", "Transportation",
    "Utilities", "Other",
)  # fmt: skip
SALUTATIONS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx.")


def _system(name: str, label: str, kind: FieldType, references: str | None = None) -> Field:
    relationship = name.removesuffix("Id") if references else None
    return Field(
        name, label, kind, writable=False, defaulted=True, references=references,
        relationship=relationship,
    )  # fmt: skip


SYSTEM_FIELDS = (
    _system("CreatedDate", "Created Date", FieldType.DATETIME),
    _system("CreatedById", "Created By ID", FieldType.REFERENCE, "User"),
    _system("LastModifiedDate", "Last Modified Date", FieldType.DATETIME),
    _system("LastModifiedById", "Last Modified By ID", FieldType.REFERENCE, "User"),
    _system("SystemModstamp", "System Modstamp", FieldType.DATETIME),
    _system("IsDeleted", "Deleted", FieldType.BOOLEAN),
)
_ID = _system("Id", "Record ID", FieldType.ID)
_OWNER = Field(
    "OwnerId", "Owner ID", FieldType.REFERENCE, defaulted=True, references="User",
    relationship="Owner",
)  # fmt: skip
_TANDEM_ID = Field("Tandem_Id__c", "Tandem ID", length=255, external_id=True)


def _address(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}Street", f"{prefix} Street", FieldType.TEXTAREA, 255),
        Field(f"{prefix}City", f"{prefix} City", length=40),
        Field(f"{prefix}State", f"{prefix} State/Province", length=80),
        Field(f"{prefix}PostalCode", f"{prefix} Zip/Postal Code", length=20),
        Field(f"{prefix}Country", f"{prefix} Country", length=80),
    )


USER = SObject(
    "User", "User", "Users", "005", editable=False, person=True,
    fields=(
        _ID,
        Field("Username", "Username", length=80, required=True),
        Field("LastName", "Last Name", length=80, required=True),
        Field("FirstName", "First Name", length=40),
        Field("Name", "Full Name", length=121, writable=False, defaulted=True),
        Field("Email", "Email", FieldType.EMAIL, 128),
        Field("Title", "Title", length=80),
        Field("IsActive", "Active", FieldType.BOOLEAN, defaulted=True, default=True),
        *SYSTEM_FIELDS,
    ),
)  # fmt: skip

ACCOUNT = SObject(
    "Account", "Account", "Accounts", "001",
    fields=(
        _ID,
        Field("MasterRecordId", "Master Record ID", FieldType.REFERENCE, writable=False,
              references="Account", relationship="MasterRecord"),
        Field("Name", "Account Name", length=255, required=True),
        Field("Type", "Account Type", FieldType.PICKLIST, 255, picklist=ACCOUNT_TYPES,
              restricted=True),
        Field("ParentId", "Parent Account ID", FieldType.REFERENCE, references="Account",
              relationship="Parent"),
        *_address("Billing"),
        *_address("Shipping"),
        Field("Phone", "Account Phone", FieldType.PHONE, 40),
        Field("Fax", "Account Fax", FieldType.PHONE, 40),
        Field("AccountNumber", "Account Number", length=40),
        Field("Website", "Website", FieldType.URL, 255),
        Field("Industry", "Industry", FieldType.PICKLIST, 255, picklist=INDUSTRIES),
        Field("NumberOfEmployees", "Employees", FieldType.INT),
        Field("Description", "Account Description", FieldType.TEXTAREA, 32000),
        _OWNER,
        _TANDEM_ID,
        Field("Tax_Number__c", "Tax Number", length=64),
        Field("Emails__c", "E-mails", FieldType.TEXTAREA, 1000),
        Field("Annual_Turnover__c", "Annual Turnover", length=64),
        Field("Active__c", "Active", FieldType.BOOLEAN, defaulted=True, default=True),
        *SYSTEM_FIELDS,
    ),
)  # fmt: skip

CONTACT = SObject(
    "Contact", "Contact", "Contacts", "003", person=True,
    fields=(
        _ID,
        Field("MasterRecordId", "Master Record ID", FieldType.REFERENCE, writable=False,
              references="Contact", relationship="MasterRecord"),
        Field("AccountId", "Account ID", FieldType.REFERENCE, references="Account",
              relationship="Account"),
        Field("LastName", "Last Name", length=80, required=True),
        Field("FirstName", "First Name", length=40),
        Field("MiddleName", "Middle Name", length=40),
        Field("Salutation", "Salutation", FieldType.PICKLIST, 40, picklist=SALUTATIONS),
        Field("Name", "Full Name", length=121, writable=False, defaulted=True),
        *_address("Mailing"),
        Field("Phone", "Business Phone", FieldType.PHONE, 40),
        Field("MobilePhone", "Mobile Phone", FieldType.PHONE, 40),
        Field("Email", "Email", FieldType.EMAIL, 80),
        Field("Title", "Title", length=128),
        Field("Department", "Department", length=80),
        Field("Description", "Contact Description", FieldType.TEXTAREA, 32000),
        _OWNER,
        _TANDEM_ID,
        *SYSTEM_FIELDS,
    ),
)  # fmt: skip

SCHEMA: Mapping[str, SObject] = {
    sobject.name.lower(): sobject for sobject in (ACCOUNT, CONTACT, USER)
}
"""Every object by its lower-case name."""


def find_sobject(name: str) -> SObject | None:
    """Return the object of that name, whatever its case.

    >>> find_sobject("account").label_plural
    'Accounts'
    """
    return SCHEMA.get(name.lower())
