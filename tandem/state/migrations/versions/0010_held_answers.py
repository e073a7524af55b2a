"""Held answers: an answer waits a little before it is given, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Id, Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("group_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_id", Id, nullable=True))
        batch_op.add_column(sa.Column("due_at", Moment(), nullable=True))
