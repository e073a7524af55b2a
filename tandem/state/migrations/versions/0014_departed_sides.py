"""How many records have left a canonical one: what is made for it next takes a key of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("canonical", schema=None) as batch_op:
        batch_op.add_column(sa.Column("departed", sa.Integer(), nullable=False, server_default="0"))
