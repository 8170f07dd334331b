"""Giving: estimates, gifts, the processor's inbox and movements, allocations, receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

APPEND_ONLY = (
    "estimate",
    "wording",
    "donation_event",
    "stripe_balance_txn",
    "allocation_row",
    "refund_source",
    "receipt_document",
)
# Columns that never change once the row is written.
FIXED = {
    "donation": "id, reference, token, created_at, currency, amount, share_bp, sentences",
    "processor_event": "event_id, kind, api_version, livemode, made_at, received_at",
    "allocation_policy": "id, version, rule, weights, reason, proposed_by, proposed_at",
    "allocation_epoch": "id, policy_id, currency, weights, limits, renews_id, proposed_by, proposed_at",
    "receipt": "id, donation_id, issuer, year, number, token, language, issued_at, issued_on, facts, facts_sha256",
}
# What a row may still become, and what it may not: name, event, condition of refusal.
RULES = (
    (
        "donation_settles_once",
        "UPDATE OF settled_at, settled_currency, gross, fee, net, share, entry_id ON donation",
        "OLD.settled_at IS NOT NULL",
    ),
    (
        "allocation_policy_two_people",
        "UPDATE OF approved_by, approved_at ON allocation_policy",
        "OLD.approved_by IS NOT NULL OR NEW.approved_by IS NULL OR NEW.approved_by = OLD.proposed_by",
    ),
    (
        "allocation_policy_starts_unapproved",
        "INSERT ON allocation_policy",
        "NEW.approved_by IS NOT NULL",
    ),
    (
        "allocation_epoch_two_people",
        "UPDATE OF approved_by, opened_at, caps ON allocation_epoch",
        "OLD.approved_by IS NOT NULL OR NEW.approved_by IS NULL OR NEW.approved_by = OLD.proposed_by",
    ),
    (
        "allocation_epoch_starts_unapproved",
        "INSERT ON allocation_epoch",
        "NEW.approved_by IS NOT NULL AND (NEW.renews_id IS NULL OR NEW.approved_by = NEW.proposed_by)",
    ),
    (
        "allocation_epoch_closes_once",
        "UPDATE OF closed_at, close_reason ON allocation_epoch",
        "OLD.closed_at IS NOT NULL OR NEW.closed_at IS NULL",
    ),
    (
        "receipt_counter_counts",
        "UPDATE ON receipt_counter",
        "NEW.last <> OLD.last + 1 OR NEW.issuer <> OLD.issuer OR NEW.year <> OLD.year",
    ),
    ("receipt_counter_no_delete", "DELETE ON receipt_counter", ""),
    (
        "receipt_cancelled_once",
        "UPDATE OF cancelled_at, cancel_reason ON receipt",
        "OLD.cancelled_at IS NOT NULL OR NEW.cancelled_at IS NULL",
    ),
)


def upgrade() -> None:
    create_tables()
    for table in APPEND_ONLY:
        op.append_only(table)
    for table, columns in FIXED.items():
        refuse(f"{table}_no_update", f"UPDATE OF {columns} ON {table}")
        refuse(f"{table}_no_delete", f"DELETE ON {table}")
    for name, event, condition in RULES:
        refuse(name, event, condition)


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
        "contributor",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributor")),
    )
    op.create_index("ix_contributor_email", "contributor", ["email"], unique=False)
    op.create_table(
        "estimate",
        sa.Column("id", ID, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("method_version", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
        info={"append_only": True},
    )
    op.create_table(
        "processor_event",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "done",
                "stored",
                "unmatched",
                "alarm",
                name="inbox_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("attempts", MINOR, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_processor_event")),
        info={
            "append_only": True,
            "updatable": frozenset({"attempts", "payload", "state", "note", "done_at"}),
        },
    )
    op.create_index(
        "ix_processor_event_state", "processor_event", ["state", "received_at"], unique=False
    )
    op.create_table(
        "receipt_counter",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("year", MINOR, autoincrement=False, nullable=False),
        sa.Column("last", MINOR, nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_receipt_counter_last_not_negative")),
        sa.PrimaryKeyConstraint("issuer", "year", name=op.f("pk_receipt_counter")),
    )
    op.create_table(
        "wording",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", MINOR, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sentences", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
        sa.UniqueConstraint("version", "language", name="uq_wording_version_language"),
        info={"append_only": True},
    )
    op.create_table(
        "allocation_policy",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", MINOR, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_allocation_policy_approved_whole"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by",
            name=op.f("ck_allocation_policy_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_allocation_policy_approved_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_allocation_policy_proposed_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_policy")),
        sa.UniqueConstraint("version", name=op.f("uq_allocation_policy_version")),
        info={"append_only": True, "updatable": frozenset({"approved_by", "approved_at"})},
    )
    op.create_table(
        "allocation_epoch",
        sa.Column("id", ID, nullable=False),
        sa.Column("policy_id", ID, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("caps", sa.Text(), nullable=False),
        sa.Column("renews_id", ID, nullable=True),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (opened_at IS NULL)",
            name=op.f("ck_allocation_epoch_opened_by_somebody"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (close_reason IS NULL)",
            name=op.f("ck_allocation_epoch_closed_whole"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by",
            name=op.f("ck_allocation_epoch_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_allocation_epoch_approved_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["allocation_policy.id"],
            name=op.f("fk_allocation_epoch_policy_id_allocation_policy"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_allocation_epoch_proposed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["renews_id"],
            ["allocation_epoch.id"],
            name=op.f("fk_allocation_epoch_renews_id_allocation_epoch"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_epoch")),
        info={
            "append_only": True,
            "updatable": frozenset(
                {"approved_by", "close_reason", "caps", "opened_at", "closed_at"}
            ),
        },
    )
    op.create_index(
        "uq_allocation_epoch_open",
        "allocation_epoch",
        ["currency"],
        unique=True,
        postgresql_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
        sqlite_where=sa.text("opened_at IS NOT NULL AND closed_at IS NULL"),
    )
    op.create_table(
        "donation",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "created",
                "pending",
                "succeeded",
                "partly_refunded",
                "refunded",
                "failed",
                "expired",
                "disputed",
                "won",
                "lost",
                name="donation_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column(
            "overflow",
            sa.Enum(
                "pool",
                "wait",
                name="overflow",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("estimate_id", ID, nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("contributor_id", ID, nullable=True),
        sa.Column("share_bp", MINOR, nullable=False),
        sa.Column("share_version", MINOR, nullable=False),
        sa.Column("rate_version", MINOR, nullable=False),
        sa.Column("wording_version", MINOR, nullable=False),
        sa.Column("sentences", sa.Text(), nullable=False),
        sa.Column("attempts", MINOR, nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("session_expires_at", INSTANT, nullable=True),
        sa.Column("payment_intent_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("settled_currency", sa.Text(), nullable=True),
        sa.Column("gross", MINOR, nullable=True),
        sa.Column("fee", MINOR, nullable=True),
        sa.Column("net", MINOR, nullable=True),
        sa.Column("share", MINOR, nullable=True),
        sa.Column("exchange_rate", sa.Text(), nullable=True),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("unallocated", MINOR, nullable=False),
        sa.Column("refunded", MINOR, nullable=False),
        sa.Column("sourced", MINOR, nullable=False),
        sa.Column("receipt_due", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (gross IS NULL) AND (settled_at IS NULL) = (fee IS NULL) AND (settled_at IS NULL) = (net IS NULL) AND (settled_at IS NULL) = (share IS NULL) AND (settled_at IS NULL) = (settled_currency IS NULL)",
            name=op.f("ck_donation_settled_whole"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_donation_amount_positive")),
        sa.CheckConstraint("gross = fee + net", name=op.f("ck_donation_gross_is_fee_and_net")),
        sa.CheckConstraint(
            "refunded >= 0 AND sourced >= 0", name=op.f("ck_donation_refunds_not_negative")
        ),
        sa.CheckConstraint("share >= 0", name=op.f("ck_donation_share_not_negative")),
        sa.CheckConstraint(
            "share_bp BETWEEN 0 AND 10000", name=op.f("ck_donation_share_bp_plausible")
        ),
        sa.CheckConstraint("unallocated >= 0", name=op.f("ck_donation_unallocated_not_negative")),
        sa.ForeignKeyConstraint(
            ["contributor_id"],
            ["contributor.id"],
            name=op.f("fk_donation_contributor_id_contributor"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_donation_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["estimate_id"], ["estimate.id"], name=op.f("fk_donation_estimate_id_estimate")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_donation_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_donation_charge_id")),
        sa.UniqueConstraint("payment_intent_id", name=op.f("uq_donation_payment_intent_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_donation_reference")),
        sa.UniqueConstraint("session_id", name=op.f("uq_donation_session_id")),
        sa.UniqueConstraint("token", name=op.f("uq_donation_token")),
    )
    op.create_index("ix_donation_contributor_id", "donation", ["contributor_id"], unique=False)
    op.create_index("ix_donation_created_at", "donation", ["created_at", "id"], unique=False)
    op.create_index("ix_donation_project_id", "donation", ["project_id"], unique=False)
    op.create_index(
        "ix_donation_receipt_due",
        "donation",
        ["settled_at"],
        unique=False,
        postgresql_where=sa.text("receipt_due"),
        sqlite_where=sa.text("receipt_due"),
    )
    op.create_index("ix_donation_settled_at", "donation", ["settled_at"], unique=False)
    op.create_index("ix_donation_status", "donation", ["status", "created_at"], unique=False)
    op.create_index(
        "ix_donation_unallocated",
        "donation",
        ["settled_at", "id"],
        unique=False,
        postgresql_where=sa.text("unallocated > 0"),
        sqlite_where=sa.text("unallocated > 0"),
    )
    op.create_table(
        "donation_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "created",
                "pending",
                "succeeded",
                "partly_refunded",
                "refunded",
                "failed",
                "expired",
                "disputed",
                "won",
                "lost",
                name="donation_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_donation_event_donation_id_donation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation_event")),
        sa.UniqueConstraint("donation_id", "status", name="uq_donation_event_donation_id_status"),
        info={"append_only": True},
    )
    op.create_table(
        "receipt",
        sa.Column("id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=False),
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
            name=op.f("ck_receipt_cancelled_whole"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_receipt_number_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_receipt_donation_id_donation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("issuer", "year", "number", name="uq_receipt_issuer_year_number"),
        sa.UniqueConstraint("token", name=op.f("uq_receipt_token")),
        info={"append_only": True, "updatable": frozenset({"cancel_reason", "cancelled_at"})},
    )
    op.create_index(
        "uq_receipt_standing",
        "receipt",
        ["donation_id"],
        unique=True,
        postgresql_where=sa.text("cancelled_at IS NULL"),
        sqlite_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "refund_source",
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("donation_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("share", MINOR, nullable=False),
        sa.Column("unallocated", MINOR, nullable=False),
        sa.Column("projects", MINOR, nullable=False),
        sa.Column("reserve", MINOR, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "amount = share + unallocated + projects + reserve",
            name=op.f("ck_refund_source_sources_sum_up"),
        ),
        sa.CheckConstraint(
            "share >= 0 AND unallocated >= 0 AND projects >= 0 AND reserve >= 0",
            name=op.f("ck_refund_source_sources_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_refund_source_donation_id_donation")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_refund_source_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("cause_id", name=op.f("pk_refund_source")),
        info={"append_only": True},
    )
    op.create_index("ix_refund_source_donation_id", "refund_source", ["donation_id"], unique=False)
    op.create_table(
        "stripe_balance_txn",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reporting_category", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("fee", MINOR, nullable=False),
        sa.Column("net", MINOR, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("available_on", INSTANT, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("exchange_rate", sa.Text(), nullable=True),
        sa.Column("donation_id", ID, nullable=True),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "net = amount - fee", name=op.f("ck_stripe_balance_txn_net_is_amount_less_fee")
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"],
            ["donation.id"],
            name=op.f("fk_stripe_balance_txn_donation_id_donation"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_stripe_balance_txn_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_balance_txn")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_stripe_balance_txn_entry_id")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_stripe_balance_txn_created_at", "stripe_balance_txn", ["created_at"], unique=False
    )
    op.create_index(
        "ix_stripe_balance_txn_donation_id", "stripe_balance_txn", ["donation_id"], unique=False
    )
    op.create_index(
        "ix_stripe_balance_txn_source_id", "stripe_balance_txn", ["source_id"], unique=False
    )
    op.create_table(
        "receipt_document",
        sa.Column("receipt_id", ID, nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rendered_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_document_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipt_document")),
        info={"append_only": True},
    )
    op.create_table(
        "allocation_row",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("donation_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("epoch_id", ID, nullable=True),
        sa.Column("amount", MINOR, nullable=False),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("admission_id", ID, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "amount < 0 OR (decision_id IS NOT NULL AND admission_id IS NOT NULL)",
            name=op.f("ck_allocation_row_gate_named"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_allocation_row_amount_not_zero")),
        sa.CheckConstraint(
            "amount > 0 OR epoch_id IS NULL", name=op.f("ck_allocation_row_epoch_never_shrinks")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"],
            ["admission.id"],
            name=op.f("fk_allocation_row_admission_id_admission"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_allocation_row_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_allocation_row_donation_id_donation")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_allocation_row_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["epoch_id"],
            ["allocation_epoch.id"],
            name=op.f("fk_allocation_row_epoch_id_allocation_epoch"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_allocation_row_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_row")),
        info={"append_only": True},
    )
    op.create_index("ix_allocation_row_created_at", "allocation_row", ["created_at"], unique=False)
    op.create_index(
        "ix_allocation_row_donation_id", "allocation_row", ["donation_id"], unique=False
    )
    op.create_index(
        "ix_allocation_row_entry_id", "allocation_row", ["entry_id", "project_id"], unique=False
    )
    op.create_index(
        "ix_allocation_row_epoch_id",
        "allocation_row",
        ["epoch_id", "project_id", "amount"],
        unique=False,
    )
    op.create_index(
        "ix_allocation_row_project_id",
        "allocation_row",
        ["project_id", "created_at", "id", "amount"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("allocation_row")
    op.drop_table("receipt_document")
    op.drop_table("stripe_balance_txn")
    op.drop_table("refund_source")
    op.drop_table("receipt")
    op.drop_table("donation_event")
    op.drop_table("donation")
    op.drop_table("allocation_epoch")
    op.drop_table("allocation_policy")
    op.drop_table("wording")
    op.drop_table("receipt_counter")
    op.drop_table("processor_event")
    op.drop_table("estimate")
    op.drop_table("contributor")
