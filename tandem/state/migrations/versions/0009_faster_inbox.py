"""Faster inbox: indexes that hold all that counts, causes and searches of open questions need."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD = (["link", "state", "kind", "group_key"], ["state", "id"])
NEW = (["state", "link", "kind", "group_key", "id"], ["state", "id", "folded"])


def upgrade() -> None:
    with op.batch_alter_table("review", schema=None) as batch_op:
        for columns in OLD:
            batch_op.drop_index(batch_op.f(f"ix_review_{'_'.join(columns)}"))
        for columns in NEW:
            batch_op.create_index(
                batch_op.f(f"ix_review_{'_'.join(columns)}"), columns, unique=False
            )
