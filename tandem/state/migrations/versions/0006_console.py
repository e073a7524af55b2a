"""The console: accounts, sessions, answers to many questions at once, comments."""

import sqlalchemy as sa
from alembic import op

from tandem.state.tables import Document, Id, Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = sa.String(length=80)
PERSON = sa.String(length=255)


def upgrade() -> None:
    with op.batch_alter_table("review") as batch:
        batch.add_column(sa.Column("label", sa.String(length=255)))
        batch.add_column(sa.Column("folded", sa.String(length=300)))
        batch.add_column(sa.Column("assignee", PERSON))
        batch.add_column(sa.Column("group_answer_id", Id))
        batch.drop_index("ix_review_link_state_kind")
        for columns in (
            ("link", "state", "kind", "group_key"),
            ("state", "id"),
            ("state", "kind", "id"),
            ("group_key", "state", "id"),
            ("assignee", "state", "id"),
            ("group_answer_id",),
        ):
            batch.create_index(f"ix_review_{'_'.join(columns)}", list(columns))
    _create_answers()
    _create_logins()


def _create_answers() -> None:
    op.create_table(
        "review_comment",
        sa.Column("id", Id, nullable=False),
        sa.Column("review_id", Id, nullable=False),
        sa.Column("person", PERSON, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_comment"),
    )
    op.create_index("ix_review_comment_review_id", "review_comment", ["review_id"])
    op.create_table(
        "group_answer",
        sa.Column("id", Id, nullable=False),
        sa.Column("link", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("group_key", sa.String(length=400), nullable=False),
        sa.Column("decision", Document, nullable=False),
        sa.Column("seen", Document, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("proposed_by", PERSON, nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("settled_by", PERSON),
        sa.Column("settled_at", Moment()),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_group_answer"),
    )
    op.create_index("ix_group_answer_state_id", "group_answer", ["state", "id"])
    op.create_index("ix_group_answer_group_key_state", "group_answer", ["group_key", "state"])


def _create_logins() -> None:
    op.create_table(
        "console_account",
        sa.Column("name", PERSON, nullable=False),
        sa.Column("role", NAME, nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_console_account"),
    )
    op.create_table(
        "console_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", PERSON, nullable=False),
        sa.Column("role", NAME, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_console_session"),
    )
    op.create_index("ix_console_session_name", "console_session", ["name"])
    op.create_index("ix_console_session_expires_at", "console_session", ["expires_at"])
    op.create_table(
        "login_failure",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_failure"),
    )
    op.create_index("ix_login_failure_at", "login_failure", ["at"])
    op.create_index("ix_login_failure_key_at", "login_failure", ["key", "at"])
