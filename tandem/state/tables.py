"""Tables of the state database. `migrations/` brings a database to this shape.

Who owns what:

    contract    each stream as its system described it when a person or a first run accepted it
    mapping_version  every mapping that ever wrote something, by its hash
    crosswalk   which native record is which canonical record; ids are never recycled
    canonical   the golden record and where each of its values came from
    merge       which canonical record went into which, with what it takes to undo it
    apart       pairs of canonical records that people keep apart
    observed    what each side was last seen to hold, in canonical form and as it stood
    baseline    what each side last agreed to, as that side shows it
    inbox       everything that came in and is not worked off
    waiting_key what the twin of a record that waits in the inbox is found by
    first_load  what rows of a large first load are found by, and which bundle settles them
    listing     how long the last full listing of a stream was, until a gate has seen it
    gate_result what a quality gate found in a batch: figures and native ids, no values
    outbox      every write: intent first, then its outcome; rejected ones are the dead letters
    recovery    what a link has still to read after its state was restored
    quota       what may still be asked of a system, by all workers together, and when
    review      open questions to people and their decisions; group_answer: one for many of them,
                or one that can still be taken back
    question_count  how many of the questions are open; the database keeps it by itself
    console_…   who may use the console, and who is logged in
    audit       append-only: what was done, why, before and after
    search_key  what a person may type to find a canonical record
    trend       how a link was doing, in slots of time
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
    Float,
    FromClause,
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
        # A page with pictures has thousands: connections to PostgreSQL ask for UTC at once.
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _naive(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None)


Id = BigInteger().with_variant(Integer, "sqlite")
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Name = String(80)
NativeId = String(255)
CanonicalId = String(32)
Ordered = String(160).with_variant(String(160, collation="C"), "postgresql")
"""Text in the order of its bytes, so that an index finds beginnings of it."""

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


def same_record(left: FromClause, right: FromClause) -> ColumnElement[bool]:
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
    Column("mappings", Document),
    Index(None, "link", "started_at"),
    Index(None, "link", "lane", "started_at"),
)

trend = Table(
    "trend",
    metadata,
    Column("link", Name, primary_key=True),
    Column("grain", Name, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("series", Name, primary_key=True),
    Column("label", Ordered, primary_key=True),
    Column("value", Float, nullable=False),
    Column("taken_at", Moment, nullable=False),
)

mapping_version = Table(
    "mapping_version",
    metadata,
    Column("version", String(32), primary_key=True),
    Column("object", Name, nullable=False),
    Column("system", Name, nullable=False),
    Column("document", Document, nullable=False),
    Column("first_used_at", Moment, nullable=False),
)

contract = Table(
    "contract",
    metadata,
    Column("link", Name, primary_key=True),
    Column("system", Name, primary_key=True),
    Column("stream", Name, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(32), nullable=False),
    Column("columns", Document, nullable=False),
    Column("accepted_by", String(255), nullable=False),
    Column("accepted_at", Moment, nullable=False),
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
    Column("watched_at", Moment),
)

recovery = Table(
    "recovery",
    metadata,
    Column("link", Name, primary_key=True),
    Column("system", Name, primary_key=True),
    Column("stream", Name, primary_key=True),
    Column("restored_at", Moment, nullable=False),
    Column("read_at", Moment),
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
    Column("merged_into", NativeId),
    Column("cause", Name, nullable=False),
    Column("state", Name, nullable=False),
    Column("waiting_on", String(400)),
    Column("received_at", Moment, nullable=False),
    Column("run_id", CanonicalId),
    Column("gate_id", Id),
    UniqueConstraint("link", "system", "stream", "native_id", "version", "fingerprint"),
    Index(None, "link", "state", "id"),
    Index(None, "waiting_on"),
)

waiting_key = Table(
    "waiting_key",
    metadata,
    Column("object", Name, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("inbox_id", Id, primary_key=True, autoincrement=False, index=True),
)

first_load = Table(
    "first_load",
    metadata,
    Column("inbox_id", Id, primary_key=True, autoincrement=False),
    Column("link", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("evidence", Document, nullable=False),
    Column("found_by", Document, nullable=False),
    Column("tied_by", Document, nullable=False),
    Column("bundle", Integer),
    Index(None, "link", "object", "bundle", "inbox_id"),
)

listing = Table(
    "listing",
    metadata,
    Column("link", Name, primary_key=True),
    Column("object", Name, primary_key=True),
    Column("system", Name, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)

gate_result = Table(
    "gate_result",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("system", Name, nullable=False),
    Column("run_id", CanonicalId),
    Column("at", Moment, nullable=False),
    Column("outcome", Name, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("listed", Integer),
    Column("held", Integer, nullable=False),
    Column("findings", Document, nullable=False),
    Column("null_rates", Document, nullable=False),
    Column("rules", String(32), nullable=False),
    Index(None, "link", "object", "system", "id"),
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
    Column("departed", Integer, nullable=False, server_default="0"),
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
    Column("merged_from", CanonicalId, index=True),
)

merge = Table(
    "merge",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("survivor", CanonicalId, nullable=False, index=True),
    Column("loser", CanonicalId, nullable=False, index=True),
    Column("before", Document, nullable=False),
    Column("after", Document, nullable=False),
    Column("cause", Document, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("merged_at", Moment, nullable=False),
    Column("undone_by", String(255)),
    Column("undone_at", Moment),
)

apart = Table(
    "apart",
    metadata,
    Column("lower", CanonicalId, primary_key=True),
    Column("higher", CanonicalId, primary_key=True, index=True),
    Column("link", Name, nullable=False),
    Column("object", Name, nullable=False),
    Column("decided_by", String(255), nullable=False),
    Column("decided_at", Moment, nullable=False),
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
    Index(None, "system", "stream", "modified_at"),
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

search_key = Table(
    "search_key",
    metadata,
    Column("key", Ordered, primary_key=True),
    Column("canonical_id", CanonicalId, primary_key=True),
    Index(None, "canonical_id", "key"),
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
    Column("mapping", String(32)),
    Column("key", String(80), nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
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
    Index(None, "link", "state", "priority", "system", "id"),
    Index(None, "link", "state", "done_at"),
    Index(None, "link", "state", "created_at"),
    Index(None, "canonical_id", "state"),
    Index(None, "waiting_on"),
)

quota = Table(
    "quota",
    metadata,
    Column("system", Name, primary_key=True),
    Column("day", Moment, nullable=False),
    Column("used", Integer, nullable=False),
    Column("told_used", Integer),
    Column("told_limit", Integer),
    Column("since_told", Integer, nullable=False),
    Column("tokens", Float),
    Column("refilled_at", Moment),
    Column("day_limit", Integer),
    Column("reserved", Integer),
    Column("failures", Integer, nullable=False),
    Column("not_before", Moment),
    Column("reason", Name),
    Column("changed_at", Moment, nullable=False),
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
    Column("label", String(255)),
    Column("folded", String(300)),
    Column("assignee", String(255)),
    Column("group_answer_id", Id, index=True),
    # Pages show what is open, oldest first, narrowed by one thing: each finds its rows by an index.
    # Counts and causes are read from the first of them, searches from the second, without a look
    # at the rows, which are ten times as large.
    Index(None, "state", "link", "kind", "group_key", "id"),
    Index(None, "state", "id", "folded"),
    Index(None, "subject", "state"),
    Index(None, "state", "kind", "id"),
    Index(None, "group_key", "state", "id"),
    Index(None, "assignee", "state", "id"),
)

question_count = Table(
    "question_count",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("group_key", String(400), nullable=False),
    Column("change", Integer, nullable=False),
    Index(None, "group_key", "link", "kind"),
)

FOLLOWING = frozenset({question_count})
"""Tables that follow from others, by triggers: whoever copies a state leaves them out."""

review_comment = Table(
    "review_comment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("review_id", Id, nullable=False, index=True),
    Column("person", String(255), nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
)

group_answer = Table(
    "group_answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("link", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("group_key", String(400), nullable=False),
    Column("decision", Document, nullable=False),
    Column("seen", Document, nullable=False),
    Column("state", Name, nullable=False),
    Column("proposed_by", String(255), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("settled_by", String(255)),
    Column("settled_at", Moment),
    Column("answered", Integer, nullable=False),
    Column("review_id", Id),
    Column("due_at", Moment),
    Index(None, "state", "id"),
    Index(None, "group_key", "state"),
)

console_account = Table(
    "console_account",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("role", Name, nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

console_session = Table(
    "console_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(255), nullable=False, index=True),
    Column("role", Name, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Index(None, "key", "at"),
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
    Index(None, "link", "action", "id"),
    Index(None, "run_id", "id"),
)
