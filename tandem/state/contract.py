"""Contracts: each stream as its system described it when it was last accepted, version by version.

The first run of a link accepts what it finds. Later descriptions are compared with the accepted
one (`tandem.sync.drift`); only a harmless difference, or a person, makes a new version of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select, tuple_

from connectors.base import Column, ColumnType, StreamSpec
from tandem.state.tables import contract

StreamKey = tuple[str, str]
"""(system, stream)"""


@dataclass(frozen=True, slots=True)
class Contract:
    """One accepted version of a stream's description.

    Attributes:
        version: 1, 2, … per link, system and stream.
        digest: of the columns; equal descriptions have equal ones.
        accepted_by: a person, or `tandem` for the first one and for harmless differences.
    """

    link: str
    system: str
    version: int
    digest: str
    spec: StreamSpec
    accepted_by: str
    accepted_at: datetime


def digest(spec: StreamSpec) -> str:
    """Digest of a stream's columns, whatever order they come in.

    >>> from connectors.memory import text_stream
    >>> a, b = text_stream("Account", ["Name", "Fax"]), text_stream("Account", ["Fax", "Name"])
    >>> digest(a) == digest(b), digest(a) == digest(text_stream("Account", ["Name"]))
    (True, False)
    """
    content = orjson.dumps(columns_of(spec), option=orjson.OPT_SORT_KEYS)
    return blake2b(content, digest_size=16).hexdigest()


def columns_of(spec: StreamSpec) -> dict[str, dict[str, Any]]:
    """A stream's columns as plain values; the order of allowed values means nothing.

    >>> spec = StreamSpec("Account", {"Fax": Column("Fax", ColumnType.STRING, length=40)})
    >>> columns_of(spec)["Fax"]["length"]
    40
    """
    return {
        name: asdict(column) | {"allowed": sorted(column.allowed)}
        for name, column in sorted(spec.columns.items())
    }


def spec_of(stream: str, columns: Mapping[str, Mapping[str, Any]]) -> StreamSpec:
    """The inverse of `columns_of`."""
    return StreamSpec(
        stream,
        {
            name: Column(
                **{**told, "type": ColumnType(told["type"]), "allowed": tuple(told["allowed"])}
            )
            for name, told in columns.items()
        },
    )


def current(connection: Connection, link: str) -> dict[StreamKey, Contract]:
    """The contract in force of each stream of a link, by (system, stream)."""
    latest = (
        select(contract.c.system, contract.c.stream, func.max(contract.c.version))
        .where(contract.c.link == link)
        .group_by(contract.c.system, contract.c.stream)
    )
    rows = connection.execute(
        select(contract)
        .where(
            contract.c.link == link,
            tuple_(contract.c.system, contract.c.stream, contract.c.version).in_(latest),
        )
        .order_by(contract.c.system, contract.c.stream)
    )
    return {(row.system, row.stream): _contract(row) for row in rows}


def history(connection: Connection, link: str, system: str, stream: str) -> list[Contract]:
    """All versions of one stream's contract, oldest first."""
    rows = connection.execute(
        select(contract)
        .where(contract.c.link == link, contract.c.system == system, contract.c.stream == stream)
        .order_by(contract.c.version)
    )
    return [_contract(row) for row in rows]


def store(
    connection: Connection, link: str, system: str, spec: StreamSpec, *, by: str, at: datetime
) -> Contract:
    """Accept a description: a new version, unless the one in force says the same."""
    known = current(connection, link).get((system, spec.stream))
    found = digest(spec)
    if known is not None and known.digest == found:
        return known
    version = known.version + 1 if known else 1
    connection.execute(
        insert(contract).values(
            link=link,
            system=system,
            stream=spec.stream,
            version=version,
            digest=found,
            columns=columns_of(spec),
            accepted_by=by,
            accepted_at=at,
        )
    )
    return Contract(link, system, version, found, spec, by, at)


def _contract(row: Any) -> Contract:
    return Contract(
        link=row.link,
        system=row.system,
        version=row.version,
        digest=row.digest,
        spec=spec_of(row.stream, row.columns),
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
    )
