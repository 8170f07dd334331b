"""Ledger: entries written by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

# Checks can be switched off on one of the engines; who decides alone is refused here as well.
ALONE = (
    "SELECT 1 FROM manual_entry m WHERE m.id = NEW.manual_entry_id AND m.two_people"
    " AND m.prepared_by = NEW.decided_by"
)


def upgrade() -> None:
    op.create_table(
        "manual_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "recipe",
            sa.Enum(
                "share_drawn",
                "reserve_endowed",
                "fund_moved",
                "reversal",
                name="manualrecipe",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("effective_on", DAY, nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reverses_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("prepared_by", ID, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_manual_entry_amount_positive")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_manual_entry_has_reason")),
        sa.CheckConstraint(
            "(recipe = 'reversal') = (reverses_id IS NOT NULL)",
            name=op.f("ck_manual_entry_reversal_names_entry"),
        ),
        sa.CheckConstraint(
            "recipe <> 'share_drawn' OR two_people", name=op.f("ck_manual_entry_share_by_two")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user.id"], name=op.f("fk_manual_entry_prepared_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["entry.id"], name=op.f("fk_manual_entry_reverses_id_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_entry")),
        sa.UniqueConstraint("id", "prepared_by", "two_people", name="uq_manual_entry_prepared"),
        info={"append_only": True},
    )
    op.create_table(
        "manual_entry_decision",
        sa.Column("manual_entry_id", ID, nullable=False),
        sa.Column("prepared_by", ID, nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "approved",
                "refused",
                name="paymentoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.CheckConstraint(
            "NOT two_people OR decided_by <> prepared_by",
            name=op.f("ck_manual_entry_decision_two_people"),
        ),
        sa.CheckConstraint(
            "(outcome = 'approved') = (entry_id IS NOT NULL)",
            name=op.f("ck_manual_entry_decision_approved_is_booked"),
        ),
        sa.CheckConstraint(
            "outcome = 'approved' OR trim(reason) <> ''",
            name=op.f("ck_manual_entry_decision_refused_has_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_manual_entry_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_manual_entry_decision_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["manual_entry_id", "prepared_by", "two_people"],
            ["manual_entry.id", "manual_entry.prepared_by", "manual_entry.two_people"],
            name="fk_manual_entry_decision_prepared",
        ),
        sa.PrimaryKeyConstraint("manual_entry_id", name=op.f("pk_manual_entry_decision")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_manual_entry_decision_entry_id")),
        info={"append_only": True},
    )
    for table in ("manual_entry", "manual_entry_decision"):
        op.append_only(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER manual_entry_two_people BEFORE INSERT ON manual_entry_decision"
            f" WHEN EXISTS ({ALONE})"
            " BEGIN SELECT RAISE(ABORT, 'treasury: manual_entry_two_people'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION manual_entry_two_people() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = public, pg_temp AS $$ BEGIN IF EXISTS ({ALONE}) THEN"
        " RAISE EXCEPTION USING MESSAGE = 'treasury: manual_entry_two_people',"
        " ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER manual_entry_two_people BEFORE INSERT ON manual_entry_decision"
        " FOR EACH ROW EXECUTE FUNCTION manual_entry_two_people()"
    )


def downgrade() -> None:
    op.drop_table("manual_entry_decision")
    op.drop_table("manual_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION manual_entry_two_people()")
