"""Results of quality gates, lengths of full listings, and the gate that a row has been through."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Document, Id, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate_result",
        sa.Column("id", Id, nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(length=80), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=True),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("findings", Document, nullable=False),
        sa.Column("null_rates", Document, nullable=False),
        sa.Column("rules", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_result")),
    )
    with op.batch_alter_table("gate_result", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_gate_result_link_object_system_id"),
            ["link", "object", "system", "id"],
            unique=False,
        )
    op.create_table(
        "listing",
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("link", "object", "system", name=op.f("pk_listing")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gate_id", Id, nullable=True))
