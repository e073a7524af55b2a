"""Quota: budgets of systems, shared by all workers; live edits leave before a backfill."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quota",
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("day", Moment(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("told_used", sa.Integer(), nullable=True),
        sa.Column("told_limit", sa.Integer(), nullable=True),
        sa.Column("since_told", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=True),
        sa.Column("refilled_at", Moment(), nullable=True),
        sa.Column("day_limit", sa.Integer(), nullable=True),
        sa.Column("reserved", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", Moment(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_quota")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_index(batch_op.f("ix_outbox_link_state_system_id"))
        batch_op.create_index(
            batch_op.f("ix_outbox_link_state_priority_system_id"),
            ["link", "state", "priority", "system", "id"],
            unique=False,
        )
