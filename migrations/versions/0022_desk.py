"""The desk's month: items explained in writing, statements of closed months, who heard what."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_EVIDENCE = ("month_explanation", "month_statement", "month_paper", "allocation_told")


def _id() -> sa.types.TypeEngine[object]:
    return sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def _minor() -> sa.types.TypeEngine[object]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _day() -> sa.types.TypeEngine[object]:
    return sa.Date().with_variant(sa.Text(), "sqlite")


def _instant() -> sa.types.TypeEngine[object]:
    return sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "month_explanation",
        sa.Column("id", _id(), nullable=False),
        sa.Column("starts_on", _day(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("amount", _minor(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", _instant(), nullable=False),
        sa.Column("written_by", _id(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_month_explanation_text_given")),
        sa.ForeignKeyConstraint(
            ["starts_on"],
            ["period.starts_on"],
            name=op.f("fk_month_explanation_starts_on_period"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_month_explanation_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_explanation")),
        info={"append_only": True},
    )
    op.create_index("ix_month_explanation_starts_on", "month_explanation", ["starts_on"])
    op.create_table(
        "month_statement",
        sa.Column("id", _id(), nullable=False),
        sa.Column("starts_on", _day(), nullable=False),
        sa.Column("n", _minor(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
        sa.Column("closed_by", _id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["starts_on", "n"],
            ["period_closing.starts_on", "period_closing.n"],
            name="fk_month_statement_closing",
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["user.id"], name=op.f("fk_month_statement_closed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_statement")),
        sa.UniqueConstraint("starts_on", "n", name="uq_month_statement_closing"),
        info={"append_only": True},
    )
    op.create_table(
        "month_paper",
        sa.Column("id", _id(), nullable=False),
        sa.Column("statement_id", _id(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _instant(), nullable=False),
        sa.CheckConstraint("form IN ('pdf', 'xlsx')", name=op.f("ck_month_paper_form_known")),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["month_statement.id"],
            name=op.f("fk_month_paper_statement_id_month_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_paper")),
        sa.UniqueConstraint("statement_id", "form", "language", name="uq_month_paper_form"),
        info={"append_only": True},
    )
    op.create_index("ix_month_paper_sha256", "month_paper", ["sha256"])
    op.create_table(
        "allocation_told",
        sa.Column("entry_id", _id(), nullable=False),
        sa.Column("told_at", _instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_allocation_told_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_allocation_told")),
        info={"append_only": True},
    )
    op.create_table(
        "digest_choice",
        sa.Column("user_id", _id(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_digest_choice_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest_choice")),
    )
    for table in _EVIDENCE:
        op.append_only(table)


def downgrade() -> None:
    for table in ("digest_choice", "allocation_told"):
        op.drop_table(table)
    op.drop_index("ix_month_paper_sha256", table_name="month_paper")
    op.drop_table("month_paper")
    op.drop_table("month_statement")
    op.drop_index("ix_month_explanation_starts_on", table_name="month_explanation")
    op.drop_table("month_explanation")
