"""Receipts: the donor's choice, annual receipts, notes that cancel, papers that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

APPEND_ONLY = ("annual_gift", "cancellation_note", "kept_paper")
FIXED = (
    "id, contributor_id, covers_year, issuer, year, number, token, language, issued_at,"
    " issued_on, facts, facts_sha256"
)


def upgrade() -> None:
    op.execute(
        "ALTER TABLE donation ADD COLUMN receipt_choice VARCHAR(40) DEFAULT 'each' NOT NULL"
        " CONSTRAINT ck_donation_receipt_choice"
        " CHECK (receipt_choice IN ('each', 'annual', 'none'))"
    )
    op.execute("ALTER TABLE contributor ADD COLUMN address TEXT")
    create_tables()
    for table in APPEND_ONLY:
        op.append_only(table)
    refuse("annual_receipt_no_update", f"UPDATE OF {FIXED} ON annual_receipt")
    refuse("annual_receipt_no_delete", "DELETE ON annual_receipt")
    refuse(
        "annual_receipt_cancelled_once",
        "UPDATE OF cancelled_at, cancel_reason ON annual_receipt",
        "OLD.cancelled_at IS NOT NULL OR NEW.cancelled_at IS NULL",
    )


def refuse(name: str, event: str, condition: str = "") -> None:
    """Write one trigger that refuses a change, by its own name, on either engine."""
    when = f"WHEN ({condition}) " if condition else ""
    if op.get_bind().dialect.name == "sqlite":
        act = f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} {when}{act}")
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW {when}EXECUTE FUNCTION refuse_change()"
    )


def create_tables() -> None:
    op.create_table(
        "annual_receipt",
        sa.Column("id", ID, nullable=False),
        sa.Column("contributor_id", ID, nullable=False),
        sa.Column("covers_year", MINOR, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("year", MINOR, nullable=False),
        sa.Column("number", MINOR, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_on", DAY, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason IS NULL)",
            name=op.f("ck_annual_receipt_cancelled_whole"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_annual_receipt_number_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["contributor_id"],
            ["contributor.id"],
            name=op.f("fk_annual_receipt_contributor_id_contributor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_receipt")),
        sa.UniqueConstraint(
            "issuer", "year", "number", name="uq_annual_receipt_issuer_year_number"
        ),
        sa.UniqueConstraint("token", name=op.f("uq_annual_receipt_token")),
        info={"append_only": True, "updatable": frozenset({"cancel_reason", "cancelled_at"})},
    )
    op.create_index(
        "uq_annual_receipt_standing",
        "annual_receipt",
        ["contributor_id", "covers_year"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
        sqlite_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "annual_gift",
        sa.Column("annual_id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.ForeignKeyConstraint(
            ["annual_id"],
            ["annual_receipt.id"],
            name=op.f("fk_annual_gift_annual_id_annual_receipt"),
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_annual_gift_donation_id_donation")
        ),
        sa.PrimaryKeyConstraint("annual_id", "donation_id", name=op.f("pk_annual_gift")),
        info={"append_only": True},
    )
    op.create_index("ix_annual_gift_donation_id", "annual_gift", ["donation_id"], unique=False)
    op.create_table(
        "cancellation_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("receipt_id", ID, nullable=True),
        sa.Column("annual_id", ID, nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(receipt_id IS NULL) <> (annual_id IS NULL)",
            name=op.f("ck_cancellation_note_of_one_receipt"),
        ),
        sa.ForeignKeyConstraint(
            ["annual_id"],
            ["annual_receipt.id"],
            name=op.f("fk_cancellation_note_annual_id_annual_receipt"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_cancellation_note_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation_note")),
        sa.UniqueConstraint("annual_id", name=op.f("uq_cancellation_note_annual_id")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_cancellation_note_receipt_id")),
        info={"append_only": True},
    )
    op.create_table(
        "kept_paper",
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rendered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "kind", name=op.f("pk_kept_paper")),
        info={"append_only": True},
    )


def downgrade() -> None:
    op.drop_table("kept_paper")
    op.drop_table("cancellation_note")
    op.drop_table("annual_gift")
    op.drop_table("annual_receipt")
    op.execute("ALTER TABLE contributor DROP COLUMN address")
    op.execute("ALTER TABLE donation DROP COLUMN receipt_choice")
