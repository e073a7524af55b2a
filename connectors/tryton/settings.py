"""What the Tryton connector must be told about one installation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from connectors.errors import StopRunError

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class TrytonSettings(BaseModel):
    """One Tryton database, and the words it uses for what Tryton itself has no field for.

    Attributes:
        url: address of the server, e.g. `https://erp.example`.
        database: name of the database.
        user: an administrator: only they may read the log that deletions are found in.
        password: its value, already resolved from wherever it is kept.
        look_back: longest time a transaction may stay open; changes this old are read once more.
        overlap: how much of it every read repeats; the rest is repeated once per `look_back`.
        deletions_every: how often the log of deletions is asked when nothing points to one.
        person_category: category that makes a party a person; every other party is an organisation.
        position_category: category whose children are the directory of positions.
        employer_relation: type of the relation from a person to the organisation they work for.
        parent_relation: type of the relation from an organisation to the one it belongs to.
        merges: merge parties by Tryton's wizard "Replace", which moves all documents and cannot be
            taken back: an unmerge creates the party anew. When false, or where the user may not
            run the wizard, a merged party is put out of use, and an unmerge puts it into use again.
        read_batch: records per page.
        write_batch: records per call. Tryton takes as long for a record in a large batch as in a
            small one, and other users wait for the end of the batch.
        timeout: seconds to wait for an answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+")]
    database: Name
    user: Name = "admin"
    password: SecretStr
    look_back: timedelta = timedelta(seconds=60)
    overlap: timedelta = timedelta(seconds=5)
    deletions_every: timedelta = timedelta(seconds=10)
    person_category: Name = "Person"
    position_category: Name = "Position"
    employer_relation: Name = "Employee of"
    parent_relation: Name | None = None
    merges: bool = True
    read_batch: Annotated[int, Field(ge=1, le=1000)] = 200
    write_batch: Annotated[int, Field(ge=1, le=1000)] = 50
    timeout: Annotated[float, Field(gt=0)] = 120.0


def parse(settings: Mapping[str, Any]) -> TrytonSettings:
    """Settings from plain values.

    >>> parse({"url": "http://127.0.0.1:8000", "database": "erp", "password": "x"}).user
    'admin'
    >>> parse({"url": "erp.example", "database": "erp"})
    Traceback (most recent call last):
    connectors.errors.StopRunError: tryton: check these settings: password, url [tryton.settings]

    Raises:
        StopRunError: a setting is missing, unknown or malformed; the message names it.
    """
    try:
        return TrytonSettings.model_validate(dict(settings))
    except ValidationError as error:
        # Only names: the message of pydantic would repeat the password.
        names = sorted({str(e["loc"][0]) for e in error.errors(include_input=False)})
    raise StopRunError(f"tryton: check these settings: {', '.join(names)}", code="tryton.settings")
