"""Refunds that failed and that their donors leave with us, each with its word by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

# Checks can be switched off on one of the engines; who decides alone is refused here as well.
ALONE = (
    "SELECT 1 FROM refund_keeping k WHERE k.id = NEW.keeping_id AND k.two_people"
    " AND k.prepared_by = NEW.decided_by"
)


def upgrade() -> None:
    op.create_table(
        "refund_keeping",
        sa.Column("id", ID, nullable=False),
        sa.Column("refund_id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("prepared_by", ID, nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_refund_keeping_has_reason")),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_refund_keeping_donation_id_donation")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user.id"], name=op.f("fk_refund_keeping_prepared_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("fk_refund_keeping_refund_id_refund")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_keeping")),
        sa.UniqueConstraint("id", "prepared_by", "two_people", name="uq_refund_keeping_prepared"),
        info={"append_only": True},
    )
    op.create_index("ix_refund_keeping_donation_id", "refund_keeping", ["donation_id"])
    op.create_index("ix_refund_keeping_refund_id", "refund_keeping", ["refund_id"])
    op.create_table(
        "refund_keeping_decision",
        sa.Column("keeping_id", ID, nullable=False),
        sa.Column("prepared_by", ID, nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("share", MINOR, nullable=False),
        sa.Column("fund", MINOR, nullable=False),
        sa.Column("reserve", MINOR, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided_by", ID, nullable=False),
        sa.CheckConstraint(
            "NOT two_people OR decided_by <> prepared_by",
            name=op.f("ck_refund_keeping_decision_two_people"),
        ),
        sa.CheckConstraint(
            "approved = (entry_id IS NOT NULL)",
            name=op.f("ck_refund_keeping_decision_approved_is_booked"),
        ),
        sa.CheckConstraint(
            "approved OR trim(reason) <> ''",
            name=op.f("ck_refund_keeping_decision_refused_has_reason"),
        ),
        sa.CheckConstraint(
            "share >= 0 AND fund >= 0 AND reserve >= 0 AND approved = (share + fund + reserve > 0)",
            name=op.f("ck_refund_keeping_decision_parts_of_what_is_booked"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_refund_keeping_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_refund_keeping_decision_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["keeping_id", "prepared_by", "two_people"],
            ["refund_keeping.id", "refund_keeping.prepared_by", "refund_keeping.two_people"],
            name="fk_refund_keeping_decision_prepared",
        ),
        sa.PrimaryKeyConstraint("keeping_id", name=op.f("pk_refund_keeping_decision")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_refund_keeping_decision_entry_id")),
        info={"append_only": True},
    )
    for table in ("refund_keeping", "refund_keeping_decision"):
        op.append_only(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER refund_keeping_two_people BEFORE INSERT ON refund_keeping_decision"
            f" WHEN EXISTS ({ALONE})"
            " BEGIN SELECT RAISE(ABORT, 'giving: refund_keeping_two_people'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refund_keeping_two_people() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = public, pg_temp AS $$ BEGIN IF EXISTS ({ALONE}) THEN"
        " RAISE EXCEPTION USING MESSAGE = 'giving: refund_keeping_two_people',"
        " ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER refund_keeping_two_people BEFORE INSERT ON refund_keeping_decision"
        " FOR EACH ROW EXECUTE FUNCTION refund_keeping_two_people()"
    )


def downgrade() -> None:
    op.drop_table("refund_keeping_decision")
    op.drop_index("ix_refund_keeping_refund_id", "refund_keeping")
    op.drop_index("ix_refund_keeping_donation_id", "refund_keeping")
    op.drop_table("refund_keeping")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refund_keeping_two_people()")
