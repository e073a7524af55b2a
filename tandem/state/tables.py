"""Tables of the state database. `migrations/` brings a database to this shape.

Who owns what:

    crosswalk   which native record is which canonical record; ids are never recycled
    canonical   the golden record and where each of its values came from
    observed    what each side was last seen to hold, in canonical form and as it stood
    baseline    what each side last agreed to, as that side shows it
    inbox       everything that came in and is not worked off
    outbox      every write: intent first, then its outcome; rejected ones are the dead letters
    review      open questions to people and their decisions
    audit       append-only: what was done, why, before and after
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
)
from sqlalchemy.dialects.postgresql import JSONB


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; aware in Python whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive moments: they would mean another time on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC) if dialect.name != "sqlite" else _naive(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite drops the zone: what it holds is UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _naive(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None)


Id = BigInteger().with_variant(Integer, "sqlite")
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Name = String(80)
NativeId = String(255)
CanonicalId = String(32)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _record_key() -> list[Column[Any]]:
    return [
        Column("system", Name, primary_key=True),
        Column("stream", Name, primary_key=True),
        Column("native_id", NativeId, primary_key=True),
    ]


def same_record(left: Table, right: Table) -> ColumnElement[bool]:
    """Join condition of two tables that are both keyed by native record."""
    return and_(*(left.c[name] == right.c[name] for name in ("system", "stream", "native_id")))


run = Table(
    "run",
    metadata,
    Column("id", CanonicalId, primary_key=True),
    Column("link", Name, nullable=False),
    Column("lane", Name, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("outcome", Name),
    Column("counts", Document, nullable=False),
    Index(None, "link", "started_at"),
)

lease = Table(
    "lease",
    metadata,
    Column("link", Name, primary_key=True),
    Column("token", Integer, nullable=False),
    Column("holder", String(255), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

watermark = Table(
    "watermark",
    metadata,
    Column("link", Name, primary_key=True),
    Column("system", Name, primary_key=True),
    Column("stream", Name, primary_key=True),
    Column("cursor", Document, nullable=False),
    Column("moved_at", Moment, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("system", Name, nullable=False),
    Column("stream", Name, nullable=False),
    Column("native_id", NativeId, nullable=False),
    Column("version", Text, nullable=False),
    Column("fingerprint", String(32), nullable=False),
    Column("modified_at", Moment),
    Column("values", Document),
    Column("deleted", Boolean, nullable=False),
    Column("cause", Name, nullable=False),
    Column("state", Name, nullable=False),
    Column("waiting_on", String(400)),
    Column("received_at", Moment, nullable=False),
    Column("run_id", CanonicalId),
    UniqueConstraint("link", "system", "stream", "native_id", "version", "fingerprint"),
    Index(None, "link", "state", "id"),
    Index(None, "waiting_on"),
)

canonical = Table(
    "canonical",
    metadata,
    Column("id", CanonicalId, primary_key=True),
    Column("object", Name, nullable=False),
    Column("link", Name, nullable=False),
    Column("values", Document, nullable=False),
    Column("origins", Document, nullable=False),
    Column("state", Name, nullable=False),
    Column("merged_into", CanonicalId),
    Column("changed_at", Moment, nullable=False),
    Index(None, "link", "object", "state"),
)

crosswalk = Table(
    "crosswalk",
    metadata,
    *_record_key(),
    Column("object", Name, nullable=False),
    Column("canonical_id", CanonicalId, nullable=False, index=True),
    Column("state", Name, nullable=False),
    Column("rule", Text, nullable=False),
    Column("linked_at", Moment, nullable=False),
)

observed = Table(
    "observed",
    metadata,
    *_record_key(),
    Column("version", Text),
    Column("fingerprint", String(32), nullable=False),
    Column("modified_at", Moment),
    Column("deleted", Boolean, nullable=False),
    Column("values", Document, nullable=False),
    Column("refused", Document, nullable=False),
    Column("native", Document, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("written_at", Moment),
)

baseline = Table(
    "baseline",
    metadata,
    *_record_key(),
    Column("values", Document, nullable=False),
    Column("awaiting_echo", Document, nullable=False),
    Column("rewrites", Document, nullable=False),
    Column("agreed_at", Moment, nullable=False),
)

match_key = Table(
    "match_key",
    metadata,
    Column("object", Name, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("canonical_id", CanonicalId, primary_key=True, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("canonical_id", CanonicalId, nullable=False),
    Column("system", Name, nullable=False),
    Column("stream", Name, nullable=False),
    Column("operation", Name, nullable=False),
    Column("native_id", NativeId),
    Column("values", Document, nullable=False),
    Column("expected_version", Text),
    Column("key", String(80), nullable=False),
    Column("state", Name, nullable=False),
    Column("cause", Document, nullable=False),
    Column("changed_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Moment),
    Column("waiting_on", CanonicalId),
    Column("lease_token", Integer),
    Column("answer", Document),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("done_at", Moment),
    Column("run_id", CanonicalId),
    Index(None, "link", "state", "system", "id"),
    Index(None, "canonical_id", "state"),
    Index(None, "waiting_on"),
)

review = Table(
    "review",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("subject", String(400), nullable=False),
    Column("object", Name, nullable=False),
    Column("canonical_id", CanonicalId, index=True),
    Column("system", Name),
    Column("stream", Name),
    Column("native_id", NativeId),
    Column("field", Name),
    Column("group_key", String(400), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Name, nullable=False),
    Column("question", Document, nullable=False),
    Column("decision", Document),
    Column("decided_by", String(255)),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index(None, "link", "state", "kind"),
    Index(None, "subject", "state"),
)

review_candidate = Table(
    "review_candidate",
    metadata,
    Column("review_id", Id, primary_key=True),
    Column("canonical_id", CanonicalId, primary_key=True, index=True),
)

synonym = Table(
    "synonym",
    metadata,
    Column("directory", Name, primary_key=True),
    Column("text", String(255), primary_key=True),
    Column("code", String(255), nullable=False),
    Column("decided_by", String(255), nullable=False),
    Column("decided_at", Moment, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    *_record_key(),
    Column("link", Name, nullable=False, index=True),
    Column("object", Name, nullable=False),
    Column("reasons", Document, nullable=False),
    Column("payload", Document, nullable=False),
    Column("since", Moment, nullable=False),
    Column("run_id", CanonicalId),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("link", Name, nullable=False),
    Column("action", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("canonical_id", CanonicalId, index=True),
    Column("system", Name),
    Column("native_id", NativeId),
    Column("before", Document),
    Column("after", Document),
    Column("cause", Document, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("run_id", CanonicalId),
    Index(None, "link", "at"),
)
