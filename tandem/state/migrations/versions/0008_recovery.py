"""Recovery: what a link has to do after its state, or one of its systems, was restored."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery",
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("restored_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("link", "system", "stream", name=op.f("pk_recovery")),
    )
    with op.batch_alter_table("watermark", schema=None) as batch_op:
        batch_op.add_column(sa.Column("watched_at", Moment(), nullable=True))
    with op.batch_alter_table("observed", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_observed_system_stream_modified_at"),
            ["system", "stream", "modified_at"],
            unique=False,
        )
