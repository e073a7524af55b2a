"""Search keys, trends, and indexes for what people look at."""

import sqlalchemy as sa
from alembic import op

from tandem.state import search
from tandem.state.tables import Document, Moment, Ordered

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PAGE = 5000


def upgrade() -> None:
    op.create_table(
        "search_key",
        sa.Column("key", Ordered, nullable=False),
        sa.Column("canonical_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key", "canonical_id", name=op.f("pk_search_key")),
    )
    op.create_table(
        "trend",
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("grain", sa.String(length=80), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("label", Ordered, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("link", "grain", "at", "series", "label", name=op.f("pk_trend")),
    )
    op.create_index(op.f("ix_search_key_canonical_id_key"), "search_key", ["canonical_id", "key"])
    op.create_index(op.f("ix_run_link_lane_started_at"), "run", ["link", "lane", "started_at"])
    op.create_index(op.f("ix_outbox_link_state_done_at"), "outbox", ["link", "state", "done_at"])
    op.create_index(
        op.f("ix_outbox_link_state_created_at"), "outbox", ["link", "state", "created_at"]
    )
    op.create_index(op.f("ix_audit_link_action_id"), "audit", ["link", "action", "id"])
    op.create_index(op.f("ix_audit_run_id_id"), "audit", ["run_id", "id"])
    _index_known_records()


def _index_known_records() -> None:
    connection = op.get_bind()
    canonical = sa.table(
        "canonical",
        sa.column("id", sa.String),
        sa.column("object", sa.String),
        sa.column("values", Document),
    )
    after = ""
    while rows := connection.execute(
        sa.select(canonical).where(canonical.c.id > after).order_by(canonical.c.id).limit(PAGE)
    ).all():
        search.index(connection, [(row.id, row.object, row.values) for row in rows])
        after = rows[-1].id


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_run_id_id"), "audit")
    op.drop_index(op.f("ix_audit_link_action_id"), "audit")
    op.drop_index(op.f("ix_outbox_link_state_created_at"), "outbox")
    op.drop_index(op.f("ix_outbox_link_state_done_at"), "outbox")
    op.drop_index(op.f("ix_run_link_lane_started_at"), "run")
    op.drop_table("trend")
    op.drop_table("search_key")
