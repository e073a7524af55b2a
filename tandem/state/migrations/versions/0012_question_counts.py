"""Counts of open questions, which the database keeps by itself; totals of what went by."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from tandem.state import question_count
from tandem.state.tables import trend
from tandem.state.trend import EVER, FLOWS

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("group_key", sa.String(length=400), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_count")),
    )
    op.create_index(
        op.f("ix_question_count_group_key_link_kind"),
        "question_count",
        ["group_key", "link", "kind"],
    )
    question_count.install(op.get_bind())
    question_count.count(op.get_bind())
    _add_up()


def _add_up() -> None:
    series = sorted({name for name, _ in FLOWS.values()})
    flows = (
        sa.select(
            trend.c.link,
            sa.literal(EVER.name),
            sa.literal(EVER.slot_of(datetime.now(UTC)), trend.c.at.type),
            trend.c.series,
            trend.c.label,
            sa.func.sum(trend.c.value),
            sa.func.max(trend.c.taken_at),
        )
        .where(trend.c.grain == "year", trend.c.series.in_(series))
        .group_by(trend.c.link, trend.c.series, trend.c.label)
    )
    names = ["link", "grain", "at", "series", "label", "value", "taken_at"]
    op.get_bind().execute(trend.insert().from_select(names, flows))
