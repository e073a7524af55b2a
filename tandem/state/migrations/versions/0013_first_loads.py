"""First loads: what the rows of a large first load are found by, and who settles them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    document = sa.JSON(none_as_null=True).with_variant(
        postgresql.JSONB(none_as_null=True), "postgresql"
    )
    op.create_table(
        "first_load",
        sa.Column(
            "inbox_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("evidence", document, nullable=False),
        sa.Column("found_by", document, nullable=False),
        sa.Column("tied_by", document, nullable=False),
        sa.Column("bundle", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_first_load")),
    )
    with op.batch_alter_table("first_load", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_first_load_link_object_bundle_inbox_id"),
            ["link", "object", "bundle", "inbox_id"],
            unique=False,
        )
