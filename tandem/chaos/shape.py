"""The shape of a run: which systems, with which columns, linked how. Built in, or the user's own.

Nothing in a shape can reach a real system: it holds descriptions, and the fakes are made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from connectors.base import Capabilities, Column, ColumnType, Entry, StreamSpec
from connectors.errors import ConnectorError, RecordError
from connectors.memory import CAPABILITIES
from tandem.app import DIRECTORIES, App, budget_of
from tandem.errors import NotFoundError, TandemError
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.settings import LinkConfig
from tandem.state import contract
from tandem.state.database import open_engine
from tandem.state.quota import Budget
from tandem.state.tables import contract as contract_table
from tandem.yaml_file import did_you_mean


@dataclass(frozen=True, slots=True)
class SystemShape:
    """What one system is like.

    Attributes:
        specs: its streams, as far as they are mapped.
        capabilities: what its connector declares.
        directories: name → entries.
        quota: what it allows.
        known_by: where the columns come from: `contract`, `description`, `mapping` or `built in`.
    """

    specs: tuple[StreamSpec, ...]
    capabilities: Capabilities = CAPABILITIES
    directories: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    quota: Budget | None = None
    known_by: str = "built in"


@dataclass(frozen=True, slots=True)
class Shape:
    """A link, its mappings and its systems.

    Attributes:
        systems: by name.
        mappings: one per (object, system) of the link.
        catalogues: what the transforms look things up in.
        varied: policies and capabilities are drawn anew for every seed.
    """

    config: LinkConfig
    systems: Mapping[str, SystemShape]
    mappings: tuple[MappingFile, ...]
    catalogues: Catalogues = field(default_factory=Catalogues)
    varied: bool = False

    def mapping_of(self, system: str, stream: str) -> MappingFile:
        """The mapping of a stream."""
        return next(m for m in self.mappings if (m.system, m.stream) == (system, stream))


# --- the user's own link ------------------------------------------------------------------------


def of_link(app: App, link: str) -> Shape:
    """The shape of a configured link.

    Columns come from the contracts in the state; else from the systems' own descriptions; else,
    for a system that is out of reach, from the mapping.

    Raises:
        NotFoundError: there is no such link.
        ConfigError: the configuration or a mapping is wrong.
    """
    config = app.config.links.get(link)
    if config is None:
        raise NotFoundError(f"there is no link '{link}'{did_you_mean(link, app.config.links)}")
    mappings = tuple(
        mapping
        for (object_name, system), mapping in app.mappings.items()
        if object_name in config.objects and system in config.systems
    )
    stored = _stored(app.settings.database_url, link)
    systems = {
        name: _system(app, name, [m for m in mappings if m.system == name], stored)
        for name in config.systems
    }
    entries: dict[str, tuple[Entry, ...]] = {}
    for system in systems.values():
        for directory, found in system.directories.items():
            entries[directory] = (*entries.get(directory, ()), *found)
    return Shape(config, systems, mappings, Catalogues(entries, app.config.synonyms))


def _stored(url: str, link: str) -> dict[contract.StreamKey, contract.Contract]:
    """Contracts in a state that is only looked at: none is made, none is migrated."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists():
        return {}
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(contract_table.name):
                return {}
            return contract.current(connection, link)
    finally:
        engine.dispose()


def _system(
    app: App,
    name: str,
    mappings: list[MappingFile],
    stored: Mapping[contract.StreamKey, contract.Contract],
) -> SystemShape:
    known = {m.stream: stored[name, m.stream].spec for m in mappings if (name, m.stream) in stored}
    by = "contract"
    capabilities, directories = CAPABILITIES, dict[str, tuple[Entry, ...]]()
    try:
        connector = app.connector(name)
        # The fakes let references outlive what they name.
        capabilities = replace(connector.capabilities, clears_references=False)
        for mapping in mappings:
            if mapping.stream not in known:
                known[mapping.stream] = connector.describe(mapping.stream)
                by = "description"
        for directory in DIRECTORIES:
            try:
                directories[directory] = tuple(connector.directory(directory))
            except RecordError:
                continue  # it has no such directory
    except (ConnectorError, TandemError):
        by = "mapping" if len(known) < len(mappings) else by
    specs = [_with_mapped(known.get(m.stream), m) for m in mappings]
    quota = app.config.systems[name].quota
    budget = None if quota is None else budget_of(quota)
    return SystemShape(tuple(specs), capabilities, directories, budget, by)


def _with_mapped(spec: StreamSpec | None, mapping: MappingFile) -> StreamSpec:
    """The columns that are mapped, and those that a create has to fill."""
    columns: dict[str, Column] = {}
    for mapped in mapping.fields.values():
        target = mapped.options.get("stream") if mapped.transform == "reference" else None
        kind = _TYPES.get(mapped.transform, ColumnType.STRING)
        for native in (mapped.column,) if mapped.column else mapped.columns.values():
            columns[native] = Column(native, kind, references=target)
    for fixed in (*mapping.constants, *filter(None, [mapping.country_column])):
        columns[fixed] = Column(fixed, ColumnType.STRING)
    if spec is None:
        return StreamSpec(mapping.stream, columns)
    for native, column in spec.columns.items():
        if native in columns:
            references = column.references and columns[native].references
            columns[native] = replace(column, references=references)
        elif column.required and column.writable:
            columns[native] = replace(column, references=None)
    return StreamSpec(mapping.stream, columns)


_TYPES = {
    "boolean": ColumnType.BOOLEAN,
    "integer": ColumnType.NUMBER,
    "decimal": ColumnType.NUMBER,
    "reference": ColumnType.REFERENCE,
}


# --- built in -----------------------------------------------------------------------------------


def built_in() -> Shape:
    """Accounts and contacts between a CRM and an ERP that keep them differently."""
    config = {"link": "chaos", "systems": ["crm", "erp"], "objects": {"account": {}, "contact": {}}}
    return Shape(
        config=LinkConfig.model_validate(config),
        systems={
            "crm": SystemShape((_spec("Account", _CRM_ACCOUNT), _spec("Contact", _CRM_CONTACT))),
            "erp": SystemShape((_spec("party", _ERP_ACCOUNT), _spec("person", _ERP_CONTACT))),
        },
        mappings=tuple(MappingFile.model_validate(mapping) for mapping in _MAPPINGS),
        varied=True,
    )


def _spec(stream: str, columns: list[dict[str, Any]]) -> StreamSpec:
    made = [Column(**{"type": ColumnType.STRING, **column}) for column in columns]
    return StreamSpec(stream, {column.name: column for column in made})


_TRADES = ("Agriculture", "Banking", "Construction", "Energy", "Retail")

_CRM_ACCOUNT: list[dict[str, Any]] = [
    {"name": "Name", "required": True, "length": 80},
    {"name": "Phone", "length": 40},
    {"name": "Website", "length": 255},
    {"name": "Emails__c", "length": 255},
    {"name": "Industry", "allowed": _TRADES},
    {"name": "Employees", "type": ColumnType.NUMBER},
    {"name": "Turnover__c", "length": 30},
    {"name": "Active__c", "type": ColumnType.BOOLEAN},
    {"name": "ParentId", "type": ColumnType.REFERENCE, "references": "Account"},
]
_CRM_CONTACT: list[dict[str, Any]] = [
    {"name": "FirstName", "length": 40},
    {"name": "LastName", "required": True, "length": 80},
    {"name": "Email", "length": 80},
    {"name": "Phone", "length": 40},
    {"name": "AccountId", "type": ColumnType.REFERENCE, "references": "Account"},
]
_ERP_ACCOUNT: list[dict[str, Any]] = [
    {"name": "name", "required": True},
    {"name": "phone"},
    {"name": "website", "length": 60},
    {"name": "emails", "type": ColumnType.LIST},
    {"name": "sector", "allowed": ("AGR", "BAN", "CON", "ENE", "RET")},
    {"name": "employees", "type": ColumnType.NUMBER},
    {"name": "turnover", "type": ColumnType.NUMBER},
    {"name": "active", "type": ColumnType.BOOLEAN},
    {"name": "parent", "type": ColumnType.REFERENCE, "references": "party"},
]
_ERP_CONTACT: list[dict[str, Any]] = [
    {"name": "name", "required": True},
    {"name": "email"},
    {"name": "phone"},
    {"name": "employer", "type": ColumnType.REFERENCE, "references": "party"},
]


def _column(name: str, transform: str = "text", **options: Any) -> dict[str, Any]:
    return {"column": name, "transform": transform, "options": options}


_MAPPINGS: tuple[dict[str, Any], ...] = (
    {
        "object": "account",
        "system": "crm",
        "stream": "Account",
        "fields": {
            "name": "Name",
            "phone": _column("Phone", "phone", region="DE"),
            "website": _column("Website", "website"),
            "emails": _column("Emails__c", "emails", native="text"),
            "industry": "Industry",
            "employees": _column("Employees", "integer"),
            "turnover": _column("Turnover__c", "decimal", locale="de_DE", native="text"),
            "active": _column("Active__c", "boolean"),
            "parent": _column("ParentId", "reference", stream="Account"),
        },
    },
    {
        "object": "account",
        "system": "erp",
        "stream": "party",
        "fields": {
            "name": "name",
            "phone": _column("phone", "phone", region="DE"),
            "website": _column("website", "website"),
            "emails": _column("emails", "emails"),
            "industry": _column("sector", "choice", values={t[:3].upper(): t for t in _TRADES}),
            "employees": _column("employees", "integer"),
            "turnover": _column("turnover", "decimal"),
            "active": _column("active", "boolean"),
            "parent": _column("parent", "reference", stream="party"),
        },
    },
    {
        "object": "contact",
        "system": "crm",
        "stream": "Contact",
        "fields": {
            "name": {
                "columns": {"given": "FirstName", "family": "LastName"},
                "transform": "name_parts",
            },
            "email": _column("Email", "email"),
            "phone": _column("Phone", "phone", region="DE"),
            "account": _column("AccountId", "reference", stream="Account"),
        },
    },
    {
        "object": "contact",
        "system": "erp",
        "stream": "person",
        "fields": {
            "name": _column("name", "name_text"),
            "email": _column("email", "email"),
            "phone": _column("phone", "phone", region="DE"),
            "account": _column("employer", "reference", stream="party"),
        },
    },
)
