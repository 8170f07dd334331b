"""Giving: monthly gifts, pledges by bank transfer, organisations that give, guarded times."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

# column of donation → the table it refers to, or none
COLUMNS = {
    "recurring_gift_id": "recurring_gift",
    "invoice_id": None,
    "bank_pledge_id": "bank_pledge",
    "form_key": None,
    "mandate_id": None,
    "mandate_text": None,
    "failure_code": None,
}
INDEXES = (
    ("ix_donation_recurring_gift_id", "recurring_gift_id", False),
    ("ix_donation_bank_pledge_id", "bank_pledge_id", False),
    ("uq_donation_invoice_id", "invoice_id", True),
    ("uq_donation_form_key", "form_key", True),
)
# What never changes once it is written.
FIXED = {
    "recurring_gift": "id, reference, token, created_at, currency, language, terms",
    "bank_pledge": "id, reference, token, created_at, currency, amount, expires_on, language,"
    " terms, account",
    "guarded_period": "id, began_at",
}
RULES = (
    # Which month or pledge a gift pays is said once.
    (
        "donation_part_of_once",
        "UPDATE OF recurring_gift_id, bank_pledge_id, form_key ON donation",
        (
            "NEW.recurring_gift_id IS DISTINCT FROM OLD.recurring_gift_id"
            " OR NEW.bank_pledge_id IS DISTINCT FROM OLD.bank_pledge_id"
            " OR NEW.form_key IS DISTINCT FROM OLD.form_key"
        ),
    ),
    (
        "donation_invoice_once",
        "UPDATE OF invoice_id ON donation",
        "OLD.invoice_id IS NOT NULL AND NEW.invoice_id IS DISTINCT FROM OLD.invoice_id",
    ),
    (
        "recurring_gift_stays_ended",
        "UPDATE OF status ON recurring_gift",
        "OLD.status = 'ended' AND NEW.status <> 'ended'",
    ),
    (
        "bank_pledge_only_grows",
        "UPDATE OF received ON bank_pledge",
        "NEW.received < OLD.received",
    ),
)


def upgrade() -> None:
    create_tables()
    kind = "BLOB" if op.get_bind().dialect.name == "sqlite" else "UUID"
    for column, table in COLUMNS.items():
        refers = (
            f" CONSTRAINT fk_donation_{column}_{table} REFERENCES {table} (id)" if table else ""
        )
        op.execute(f"ALTER TABLE donation ADD COLUMN {column} {kind if table else 'TEXT'}{refers}")
    for name, column, unique in INDEXES:
        op.create_index(name, "donation", [column], unique=unique)
    op.append_only("donor_organisation")
    for table, columns in FIXED.items():
        refuse(f"{table}_no_update", f"UPDATE OF {columns} ON {table}")
        refuse(f"{table}_no_delete", f"DELETE ON {table}")
    for name, event, condition in RULES:
        refuse(name, event, condition)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, _condition in RULES:
        if event.endswith("ON donation"):
            op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON donation")
    for name, _column, _unique in INDEXES:
        op.drop_index(name, "donation")
    op.drop_table("donor_organisation")
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE donation DROP COLUMN {column}")
    for table in ("guarded_period", "bank_pledge", "recurring_gift"):
        op.drop_table(table)


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
        "recurring_gift",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("contributor_id", ID, nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("next_on", DAY, nullable=True),
        sa.Column("ends_on", DAY, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recurring_gift_amount_positive")),
        sa.CheckConstraint(
            "(status = 'ended') = (ended_at IS NOT NULL)",
            name=op.f("ck_recurring_gift_ended_whole"),
        ),
        sa.CheckConstraint(
            "status IN ('created', 'active', 'past_due', 'paused', 'ended')",
            name=op.f("ck_recurring_gift_recurring_status"),
        ),
        sa.ForeignKeyConstraint(
            ["contributor_id"],
            ["contributor.id"],
            name=op.f("fk_recurring_gift_contributor_id_contributor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_gift")),
        sa.UniqueConstraint("reference", name=op.f("uq_recurring_gift_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_recurring_gift_token")),
    )
    op.create_index("ix_recurring_gift_status", "recurring_gift", ["status", "next_on"])
    op.create_index("ix_recurring_gift_contributor_id", "recurring_gift", ["contributor_id"])
    op.create_index(
        "uq_recurring_gift_subscription_id", "recurring_gift", ["subscription_id"], unique=True
    )
    op.create_table(
        "bank_pledge",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("received", MINOR, nullable=False),
        sa.Column("expires_on", DAY, nullable=False),
        sa.Column("reminders", MINOR, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("contributor_id", ID, nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_pledge_amount_positive")),
        sa.CheckConstraint(
            "received >= 0 AND reminders >= 0", name=op.f("ck_bank_pledge_counts_not_negative")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'partly_paid', 'paid', 'expired')",
            name=op.f("ck_bank_pledge_bank_pledge_status"),
        ),
        sa.ForeignKeyConstraint(
            ["contributor_id"],
            ["contributor.id"],
            name=op.f("fk_bank_pledge_contributor_id_contributor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_pledge")),
        sa.UniqueConstraint("reference", name=op.f("uq_bank_pledge_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_bank_pledge_token")),
    )
    op.create_index("ix_bank_pledge_status", "bank_pledge", ["status", "expires_on"])
    op.create_index("ix_bank_pledge_contributor_id", "bank_pledge", ["contributor_id"])
    op.create_index("uq_bank_pledge_form_key", "bank_pledge", ["form_key"], unique=True)
    op.create_table(
        "donor_organisation",
        sa.Column("id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=True),
        sa.Column("bank_pledge_id", ID, nullable=True),
        sa.Column("contributor_id", ID, nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("purchase_order", sa.Text(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(donation_id IS NULL) <> (bank_pledge_id IS NULL)",
            name=op.f("ck_donor_organisation_one_gift_or_pledge"),
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"],
            ["donation.id"],
            name=op.f("fk_donor_organisation_donation_id_donation"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_pledge_id"],
            ["bank_pledge.id"],
            name=op.f("fk_donor_organisation_bank_pledge_id_bank_pledge"),
        ),
        sa.ForeignKeyConstraint(
            ["contributor_id"],
            ["contributor.id"],
            name=op.f("fk_donor_organisation_contributor_id_contributor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_organisation")),
        info={"append_only": True},
    )
    for column in ("donation_id", "bank_pledge_id"):
        name = f"uq_donor_organisation_{column}"
        op.create_index(name, "donor_organisation", [column], unique=True)
    op.create_table(
        "guarded_period",
        sa.Column("id", ID, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("failed", MINOR, nullable=False),
        sa.Column("succeeded", MINOR, nullable=False),
        sa.CheckConstraint(
            "failed >= 0 AND succeeded >= 0", name=op.f("ck_guarded_period_counts_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarded_period")),
    )
    op.create_index("ix_guarded_period_until", "guarded_period", ["until"])
