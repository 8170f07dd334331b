"""Who ended a time in which small gifts waited; a form that is sent twice is asked about once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ID = sa.LargeBinary(length=16).with_variant(sa.Uuid(), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

# Whoever sends the same form waits here until the first is written, and sees it: each statement
# of such a function looks anew.
FORM = (
    "CREATE FUNCTION gift_of_form(form text) RETURNS uuid LANGUAGE plpgsql VOLATILE"
    " SET search_path = public, pg_temp AS $form$"
    " BEGIN PERFORM pg_advisory_xact_lock(hashtextextended(form, 0));"
    " RETURN (SELECT id FROM donation WHERE form_key = form); END $form$"
)


def upgrade() -> None:
    op.create_table(
        "guarded_ending",
        sa.Column("period_id", ID, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("ended_by", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["guarded_period.id"],
            name=op.f("fk_guarded_ending_period_id_guarded_period"),
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["user.id"], name=op.f("fk_guarded_ending_ended_by_user")
        ),
        sa.PrimaryKeyConstraint("period_id", name=op.f("pk_guarded_ending")),
    )
    op.append_only("guarded_ending")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FORM)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION gift_of_form(text)")
    op.drop_table("guarded_ending")
