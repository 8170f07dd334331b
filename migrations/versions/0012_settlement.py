"""Settlement: refunds before they happen, disputes with their deadline, how far lists were read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Columns that never change once the row is written.
FIXED = (
    "id, donation_id, external, amount, currency, reason, confirmation, two_people, prepared_by,"
    " prepared_at"
)
# What a refund may not become: name, event, condition of refusal.
RULES = (
    ("refund_no_update", f"UPDATE OF {FIXED} ON refund", "1 = 1"),
    ("refund_no_delete", "DELETE ON refund", "1 = 1"),
    (
        "refund_two_people",
        "UPDATE OF decided_by ON refund",
        "NEW.two_people AND NEW.decided_by = NEW.prepared_by",
    ),
    ("refund_decided_once", "UPDATE OF decided_by ON refund", "OLD.decided_by IS NOT NULL"),
    (
        "refund_named_once",
        "UPDATE OF processor_id ON refund",
        "OLD.processor_id IS NOT NULL AND NEW.processor_id <> OLD.processor_id",
    ),
    ("dispute_no_delete", "DELETE ON dispute", "1 = 1"),
)


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmation", sa.Text(), nullable=True),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("prepared_by", ID, nullable=True),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "refused",
                "approved",
                "pending",
                "succeeded",
                "failed",
                "external",
                name="refundstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("processor_id", sa.Text(), nullable=True),
        sa.Column("pending_reason", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount_positive")),
        sa.CheckConstraint(
            "(external AND prepared_by IS NULL) OR (NOT external AND prepared_by IS NOT NULL)",
            name=op.f("ck_refund_prepared_by_somebody"),
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_refund_decided_whole")
        ),
        sa.CheckConstraint(
            "NOT two_people OR decided_by IS NULL OR decided_by <> prepared_by",
            name=op.f("ck_refund_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_refund_donation_id_donation")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user.id"], name=op.f("fk_refund_prepared_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_refund_decided_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("processor_id", name=op.f("uq_refund_processor_id")),
    )
    op.create_index("ix_refund_donation_id", "refund", ["donation_id"])
    op.create_index("ix_refund_state", "refund", ["state", "prepared_at"])
    op.create_table(
        "dispute",
        sa.Column("dispute_id", sa.Text(), nullable=False),
        sa.Column("donation_id", ID, nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("evidence_due", INSTANT, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_dispute_amount_positive")),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_dispute_donation_id_donation")
        ),
        sa.PrimaryKeyConstraint("dispute_id", name=op.f("pk_dispute")),
    )
    op.create_index("ix_dispute_donation_id", "dispute", ["donation_id"])
    op.create_index("ix_dispute_closed_at", "dispute", ["closed_at", "evidence_due"])
    op.create_table(
        "processor_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reached", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processor_cursor")),
    )
    op.create_table(
        "processor_balance",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("available", MINOR, nullable=False),
        sa.Column("pending", MINOR, nullable=False),
        sa.Column("booked", MINOR, nullable=False),
        sa.Column("explained", sa.Text(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_processor_balance")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, condition in RULES:
        refuse(name, event, condition, sqlite=sqlite)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("processor_balance", "processor_cursor", "dispute", "refund"):
        op.drop_table(table)
    if not sqlite:
        for name, _event, _condition in RULES:
            op.execute(f"DROP FUNCTION {name}()")


def refuse(name: str, event: str, condition: str, *, sqlite: bool) -> None:
    """Write one trigger that refuses a change by its own name."""
    if sqlite:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION USING MESSAGE = '{name}', ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW"
        f" WHEN ({condition}) EXECUTE FUNCTION {name}()"
    )
