"""Initial schema."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Document, Id, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=True),
        sa.Column("system", sa.String(length=80), nullable=True),
        sa.Column("native_id", sa.String(length=255), nullable=True),
        sa.Column("before", Document, nullable=True),
        sa.Column("after", Document, nullable=True),
        sa.Column("cause", Document, nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_canonical_id"), ["canonical_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_link_at"), ["link", "at"], unique=False)

    op.create_table(
        "baseline",
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("native_id", sa.String(length=255), nullable=False),
        sa.Column("values", Document, nullable=False),
        sa.Column("awaiting_echo", Document, nullable=False),
        sa.Column("rewrites", Document, nullable=False),
        sa.Column("agreed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("system", "stream", "native_id", name=op.f("pk_baseline")),
    )
    op.create_table(
        "canonical",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("values", Document, nullable=False),
        sa.Column("origins", Document, nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canonical")),
    )
    with op.batch_alter_table("canonical", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_canonical_link_object_state"), ["link", "object", "state"], unique=False
        )

    op.create_table(
        "crosswalk",
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("native_id", sa.String(length=255), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("system", "stream", "native_id", name=op.f("pk_crosswalk")),
    )
    with op.batch_alter_table("crosswalk", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_crosswalk_canonical_id"), ["canonical_id"], unique=False
        )

    op.create_table(
        "inbox",
        sa.Column("id", Id, nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("native_id", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("modified_at", Moment(), nullable=True),
        sa.Column("values", Document, nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("waiting_on", sa.String(length=400), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "link",
            "system",
            "stream",
            "native_id",
            "version",
            "fingerprint",
            name=op.f("uq_inbox_link_system_stream_native_id_version_fingerprint"),
        ),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inbox_link_state_id"), ["link", "state", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_inbox_waiting_on"), ["waiting_on"], unique=False)

    op.create_table(
        "lease",
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("link", name=op.f("pk_lease")),
    )
    op.create_table(
        "match_key",
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("object", "key", "canonical_id", name=op.f("pk_match_key")),
    )
    with op.batch_alter_table("match_key", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_match_key_canonical_id"), ["canonical_id"], unique=False
        )

    op.create_table(
        "observed",
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("native_id", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("modified_at", Moment(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("values", Document, nullable=False),
        sa.Column("refused", Document, nullable=False),
        sa.Column("native", Document, nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("written_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("system", "stream", "native_id", name=op.f("pk_observed")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Id, nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("native_id", sa.String(length=255), nullable=True),
        sa.Column("values", Document, nullable=False),
        sa.Column("expected_version", sa.Text(), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("cause", Document, nullable=False),
        sa.Column("changed_at", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", Moment(), nullable=True),
        sa.Column("waiting_on", sa.String(length=32), nullable=True),
        sa.Column("lease_token", sa.Integer(), nullable=True),
        sa.Column("answer", Document, nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_canonical_id_state"), ["canonical_id", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_link_state_system_id"),
            ["link", "state", "system", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_outbox_waiting_on"), ["waiting_on"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("native_id", sa.String(length=255), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("reasons", Document, nullable=False),
        sa.Column("payload", Document, nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("system", "stream", "native_id", name=op.f("pk_quarantine")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_link"), ["link"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", Id, nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=True),
        sa.Column("system", sa.String(length=80), nullable=True),
        sa.Column("stream", sa.String(length=80), nullable=True),
        sa.Column("native_id", sa.String(length=255), nullable=True),
        sa.Column("field", sa.String(length=80), nullable=True),
        sa.Column("group_key", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("question", Document, nullable=False),
        sa.Column("decision", Document, nullable=True),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_canonical_id"), ["canonical_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_review_link_state_kind"), ["link", "state", "kind"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_review_subject_state"), ["subject", "state"], unique=False
        )

    op.create_table(
        "review_candidate",
        sa.Column("review_id", Id, nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "canonical_id", name=op.f("pk_review_candidate")),
    )
    with op.batch_alter_table("review_candidate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_review_candidate_canonical_id"), ["canonical_id"], unique=False
        )

    op.create_table(
        "run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("lane", sa.String(length=80), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("counts", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_run_link_started_at"), ["link", "started_at"], unique=False
        )

    op.create_table(
        "synonym",
        sa.Column("directory", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("decided_by", sa.String(length=255), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("directory", "text", name=op.f("pk_synonym")),
    )
    op.create_table(
        "watermark",
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("cursor", Document, nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("link", "system", "stream", name=op.f("pk_watermark")),
    )


def downgrade() -> None:
    op.drop_table("watermark")
    op.drop_table("synonym")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_run_link_started_at"))

    op.drop_table("run")
    with op.batch_alter_table("review_candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_candidate_canonical_id"))

    op.drop_table("review_candidate")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_subject_state"))
        batch_op.drop_index(batch_op.f("ix_review_link_state_kind"))
        batch_op.drop_index(batch_op.f("ix_review_canonical_id"))

    op.drop_table("review")
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_link"))

    op.drop_table("quarantine")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_waiting_on"))
        batch_op.drop_index(batch_op.f("ix_outbox_link_state_system_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_canonical_id_state"))

    op.drop_table("outbox")
    op.drop_table("observed")
    with op.batch_alter_table("match_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_key_canonical_id"))

    op.drop_table("match_key")
    op.drop_table("lease")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_waiting_on"))
        batch_op.drop_index(batch_op.f("ix_inbox_link_state_id"))

    op.drop_table("inbox")
    with op.batch_alter_table("crosswalk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crosswalk_canonical_id"))

    op.drop_table("crosswalk")
    with op.batch_alter_table("canonical", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_canonical_link_object_state"))

    op.drop_table("canonical")
    op.drop_table("baseline")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_link_at"))
        batch_op.drop_index(batch_op.f("ix_audit_canonical_id"))

    op.drop_table("audit")
