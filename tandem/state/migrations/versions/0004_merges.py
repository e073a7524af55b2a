"""Merges that can be undone, and pairs that people keep apart."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Document, Id, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merge",
        sa.Column("id", Id, nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("survivor", sa.String(length=32), nullable=False),
        sa.Column("loser", sa.String(length=32), nullable=False),
        sa.Column("before", Document, nullable=False),
        sa.Column("after", Document, nullable=False),
        sa.Column("cause", Document, nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("merged_at", Moment(), nullable=False),
        sa.Column("undone_by", sa.String(length=255), nullable=True),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_survivor"), ["survivor"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_loser"), ["loser"], unique=False)

    op.create_table(
        "apart",
        sa.Column("lower", sa.String(length=32), nullable=False),
        sa.Column("higher", sa.String(length=32), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("decided_by", sa.String(length=255), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("lower", "higher", name=op.f("pk_apart")),
    )
    with op.batch_alter_table("apart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_apart_higher"), ["higher"], unique=False)

    op.add_column("inbox", sa.Column("merged_into", sa.String(length=255), nullable=True))
    op.add_column("crosswalk", sa.Column("merged_from", sa.String(length=32), nullable=True))
    with op.batch_alter_table("crosswalk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_crosswalk_merged_from"), ["merged_from"])


def downgrade() -> None:
    with op.batch_alter_table("crosswalk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_crosswalk_merged_from"))
        batch_op.drop_column("merged_from")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("merged_into")
    op.drop_table("apart")
    op.drop_table("merge")
