"""Contracts of streams, and the mapping that each write was made by."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Document, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contract",
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("columns", Document, nullable=False),
        sa.Column("accepted_by", sa.String(length=255), nullable=False),
        sa.Column("accepted_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("link", "system", "stream", "version", name=op.f("pk_contract")),
    )
    op.create_table(
        "mapping_version",
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("system", sa.String(length=80), nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.Column("first_used_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_mapping_version")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mappings", Document, nullable=True))
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mapping", sa.String(length=32), nullable=True))
