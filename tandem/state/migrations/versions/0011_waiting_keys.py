"""Waiting keys: what the twin of a record that waits for another one is found by."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_key",
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column(
            "inbox_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("object", "key", "inbox_id", name=op.f("pk_waiting_key")),
    )
    with op.batch_alter_table("waiting_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waiting_key_inbox_id"), ["inbox_id"], unique=False)
