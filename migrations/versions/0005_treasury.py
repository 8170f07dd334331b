"""Treasury: payouts, bank statements, matches, payees, payments to projects, and their guards."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_EVIDENCE = (
    "stripe_payout",
    "payout_status",
    "payout_item",
    "bank_account",
    "bank_file",
    "bank_statement",
    "bank_line",
    "bank_line_note",
    "match",
    "match_item",
    "unmatch",
    "beneficiary",
    "beneficiary_check",
    "disbursement",
    "disbursement_decision",
)

# What is matched of a line, or of an entry on the same bank account, without what was undone.
_OF_LINE = """
    COALESCE((SELECT SUM(i.amount) FROM match_item i
              WHERE i.line_id = NEW.line_id
                AND NOT EXISTS (SELECT 1 FROM unmatch u WHERE u.match_id = i.match_id)), 0)
"""
_OF_ENTRY = """
    COALESCE((SELECT SUM(i.amount) FROM match_item i JOIN bank_line o ON o.id = i.line_id
              WHERE i.entry_id = NEW.entry_id AND o.account_id = l.account_id
                AND NOT EXISTS (SELECT 1 FROM unmatch u WHERE u.match_id = i.match_id)), 0)
"""
_BOOKED = """
    COALESCE((SELECT SUM(p.amount) FROM posting p JOIN account a ON a.id = p.account_id
              JOIN bank_account b ON a.code = 'Assets:Bank:' || b.code
              WHERE p.entry_id = NEW.entry_id AND b.id = l.account_id), 0)
"""
_REFUSALS = {
    "match_item": {
        "match_item_within_line": """
            SELECT 1 FROM bank_line l WHERE l.id = NEW.line_id
               AND ((l.amount > 0) <> (NEW.amount > 0)
                    OR ABS(NEW.amount + {_OF_LINE}) > ABS(l.amount))
        """,
        "match_item_within_entry": """
            SELECT 1 FROM bank_line l WHERE l.id = NEW.line_id
               AND (({_BOOKED} > 0) <> (NEW.amount > 0)
                    OR ABS(NEW.amount + {_OF_ENTRY}) > ABS({_BOOKED}))
        """,
    },
    "beneficiary_check": {
        "beneficiary_two_people": """
            SELECT 1 FROM beneficiary b
             WHERE b.id = NEW.beneficiary_id AND b.entered_by = NEW.checked_by
        """,
    },
    "disbursement_decision": {
        "disbursement_two_people": """
            SELECT 1 FROM disbursement d
             WHERE d.id = NEW.disbursement_id AND d.prepared_by = NEW.approved_by
        """,
        "disbursement_payee_unchecked": """
            SELECT 1 FROM disbursement d
             WHERE d.id = NEW.disbursement_id AND NEW.outcome = 'approved'
               AND NOT EXISTS (SELECT 1 FROM beneficiary_check c
                                WHERE c.beneficiary_id = d.beneficiary_id
                                  AND c.outcome = 'verified')
        """,
        "disbursement_gate_closed": """
            SELECT 1 WHERE NEW.outcome = 'approved'
               AND NOT EXISTS (SELECT 1 FROM decision g
                                 JOIN admission m ON m.decision_id = g.id
                                 JOIN project j ON j.id = g.project_id
                                WHERE g.id = NEW.decision_id AND m.id = NEW.admission_id
                                  AND g.project_id = NEW.project_id
                                  AND g.outcome IN ('positive', 'positive_with_recommendations')
                                  AND g.expires_on >= {day}
                                  AND j.status NOT IN ('on_hold', 'withdrawn')
                                  AND NOT EXISTS (SELECT 1 FROM decision_condition c
                                                   WHERE c.decision_id = g.id
                                                     AND c.closed_on IS NULL))
        """,
    },
    # Money leaves a project only by a yes of the second person, for the same project and amount.
    "posting": {
        "posting_two_people": """
            SELECT 1 FROM account a JOIN entry e ON e.id = NEW.entry_id
             WHERE a.id = NEW.account_id AND a.project_id IS NOT NULL AND NEW.amount > 0
               AND e.kind = 'disbursement_order'
               AND NOT EXISTS (SELECT 1 FROM disbursement_decision x
                                 JOIN disbursement d ON d.id = x.disbursement_id
                                WHERE x.entry_id = NEW.entry_id AND x.outcome = 'approved'
                                  AND d.project_id = a.project_id AND d.amount = NEW.amount
                                  AND d.currency = NEW.currency)
        """,
    },
}
_ON_POSTING = "posting_two_people"
_DAY = {
    "sqlite": "substr(NEW.decided_at, 1, 10)",
    "postgresql": "(NEW.decided_at AT TIME ZONE 'UTC')::date",
}


def upgrade() -> None:
    op.create_table(
        "stripe_payout",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("payout_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("arrival_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("descriptor", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_stripe_payout_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_payout")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_stripe_payout_payout_id")),
        info={"append_only": True},
    )
    op.create_table(
        "bank_file",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column(
            "imported_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "imported_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["user.id"], name=op.f("fk_bank_file_imported_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_bank_file_sha256")),
        info={"append_only": True},
    )
    op.create_table(
        "match",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "payout",
                "disbursement",
                "disbursement_return",
                "gift",
                "unidentified",
                "bank_fee",
                "entry",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("score", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False
        ),
        sa.Column(
            "made_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_match_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
        info={"append_only": True},
    )
    op.create_index("ix_match_subject_id", "match", ["subject_id"], unique=False)
    op.create_table(
        "payout_item",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "payout_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("txn_id", sa.Text(), nullable=False),
        sa.Column("reporting_category", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("net", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "net = amount - fee", name=op.f("ck_payout_item_net_is_amount_less_fee")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["stripe_payout.id"], name=op.f("fk_payout_item_payout_id_stripe_payout")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_item")),
        sa.UniqueConstraint("txn_id", name=op.f("uq_payout_item_txn_id")),
        info={"append_only": True},
    )
    op.create_index("ix_payout_item_payout_id", "payout_item", ["payout_id"], unique=False)
    op.create_table(
        "payout_status",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "payout_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("itemised", sa.Boolean(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("movement_id", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"],
            ["stripe_payout.id"],
            name=op.f("fk_payout_status_payout_id_stripe_payout"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_status")),
        sa.UniqueConstraint("payout_id", "number", name="uq_payout_status_number"),
        info={"append_only": True},
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("opening", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "opening_entry_id",
            sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "recorded_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["opening_entry_id"], ["entry.id"], name=op.f("fk_bank_account_opening_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user.id"], name=op.f("fk_bank_account_recorded_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_account_code")),
        sa.UniqueConstraint("number", name=op.f("uq_bank_account_number")),
        info={"append_only": True},
    )
    op.create_table(
        "beneficiary",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "project_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum(
                "iban", "other", name="scheme", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("bank", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "entered_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "entered_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["user.id"], name=op.f("fk_beneficiary_entered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_beneficiary_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficiary")),
        sa.UniqueConstraint("id", "entered_by", name="uq_beneficiary_id_entered_by"),
        sa.UniqueConstraint("id", "project_id", name="uq_beneficiary_id_project_id"),
        info={"append_only": True},
    )
    op.create_index("ix_beneficiary_project_id", "beneficiary", ["project_id"], unique=False)
    op.create_table(
        "unmatch",
        sa.Column(
            "match_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "reversal_entry_id",
            sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False
        ),
        sa.Column(
            "made_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_unmatch_made_by_user")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_unmatch_match_id_match")),
        sa.ForeignKeyConstraint(
            ["reversal_entry_id"], ["entry.id"], name=op.f("fk_unmatch_reversal_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_unmatch")),
        info={"append_only": True},
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "file_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "account_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("closed_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("opening", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closing", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_bank_statement_position_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_statement_account_id_bank_account"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["bank_file.id"], name=op.f("fk_bank_statement_file_id_bank_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("account_id", "position", name="uq_bank_statement_position"),
        info={"append_only": True},
    )
    op.create_table(
        "beneficiary_check",
        sa.Column(
            "beneficiary_id",
            sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "entered_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "verified",
                "refused",
                name="check_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "checked_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "checked_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint(
            "checked_by <> entered_by", name=op.f("ck_beneficiary_check_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["beneficiary_id", "entered_by"],
            ["beneficiary.id", "beneficiary.entered_by"],
            name="fk_beneficiary_check_entered_by",
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["user.id"], name=op.f("fk_beneficiary_check_checked_by_user")
        ),
        sa.PrimaryKeyConstraint("beneficiary_id", name=op.f("pk_beneficiary_check")),
        info={"append_only": True},
    )
    op.create_table(
        "disbursement",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "project_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "beneficiary_id",
            sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "prepared_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "prepared_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_disbursement_amount_positive")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id", "project_id"],
            ["beneficiary.id", "beneficiary.project_id"],
            name="fk_disbursement_beneficiary",
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user.id"], name=op.f("fk_disbursement_prepared_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_disbursement_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement")),
        sa.UniqueConstraint("id", "project_id", "prepared_by", name="uq_disbursement_prepared"),
        sa.UniqueConstraint("number", name=op.f("uq_disbursement_number")),
        info={"append_only": True},
    )
    op.create_index("ix_disbursement_project_id", "disbursement", ["project_id"], unique=False)
    op.create_table(
        "bank_line",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "statement_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "account_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column(
            "occurrence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("value_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.Column("end_to_end_id", sa.Text(), nullable=True),
        sa.Column("creditor_reference", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("counterparty_iban", sa.Text(), nullable=True),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_bank_line_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank_account.id"], name=op.f("fk_bank_line_account_id_bank_account")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statement.id"],
            name=op.f("fk_bank_line_statement_id_bank_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_bank_line_fingerprint")),
        sa.UniqueConstraint("statement_id", "number", name="uq_bank_line_number"),
        info={"append_only": True},
    )
    op.create_index(
        "ix_bank_line_account_id", "bank_line", ["account_id", "booked_on"], unique=False
    )
    op.create_table(
        "bank_line_note",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "line_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "written_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["bank_line.id"], name=op.f("fk_bank_line_note_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_bank_line_note_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line_note")),
        info={"append_only": True},
    )
    op.create_index("ix_bank_line_note_line_id", "bank_line_note", ["line_id"], unique=False)
    op.create_table(
        "match_item",
        sa.Column("id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "match_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "line_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "entry_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_match_item_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_match_item_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["bank_line.id"], name=op.f("fk_match_item_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["match.id"], name=op.f("fk_match_item_match_id_match")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_item")),
        sa.UniqueConstraint("line_id", "number", name="uq_match_item_number"),
        info={"append_only": True},
    )
    op.create_index("ix_match_item_entry_id", "match_item", ["entry_id"], unique=False)
    op.create_index("ix_match_item_match_id", "match_item", ["match_id"], unique=False)
    op.create_table(
        "disbursement_decision",
        sa.Column(
            "disbursement_id",
            sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "project_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "prepared_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "approved",
                "refused",
                name="payment_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "entry_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.Column(
            "decision_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.Column(
            "admission_id", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=True
        ),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "approved_by", sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint(
            "(outcome = 'approved') = (entry_id IS NOT NULL AND decision_id IS NOT NULL AND admission_id IS NOT NULL)",
            name=op.f("ck_disbursement_decision_approved_is_booked"),
        ),
        sa.CheckConstraint(
            "outcome = 'approved' OR reason <> ''",
            name=op.f("ck_disbursement_decision_refused_has_reason"),
        ),
        sa.CheckConstraint(
            "approved_by <> prepared_by", name=op.f("ck_disbursement_decision_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id", "project_id"],
            ["admission.id", "admission.project_id"],
            name="fk_disbursement_decision_admission",
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_disbursement_decision_approved_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id", "project_id"],
            ["decision.id", "decision.project_id"],
            name="fk_disbursement_decision_decision",
        ),
        sa.ForeignKeyConstraint(
            ["disbursement_id", "project_id", "prepared_by"],
            ["disbursement.id", "disbursement.project_id", "disbursement.prepared_by"],
            name="fk_disbursement_decision_disbursement",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_disbursement_decision_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("disbursement_id", name=op.f("pk_disbursement_decision")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_disbursement_decision_entry_id")),
        info={"append_only": True},
    )
    for table in _EVIDENCE:
        op.append_only(table)
    for table, refusals in _REFUSALS.items():
        _guard(table, refusals)


def _guard(table: str, refusals: dict[str, str]) -> None:
    dialect = op.get_bind().dialect.name
    parts = {
        "{_OF_LINE}": _OF_LINE,
        "{_OF_ENTRY}": _OF_ENTRY,
        "{_BOOKED}": _BOOKED,
        "{day}": _DAY[dialect],
    }
    told = dict(refusals)
    for name, part in parts.items():
        told = {refusal: query.replace(name, part) for refusal, query in told.items()}
    if dialect == "sqlite":
        for name, query in told.items():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} "
                f"WHEN EXISTS ({query}) BEGIN SELECT RAISE(ABORT, 'treasury: {name}'); END"
            )
        return
    # Two clerks at one line or one entry: the second waits here, then sees the first one's row.
    waits = (
        "PERFORM pg_advisory_xact_lock(hashtextextended('match line ' || NEW.line_id, 0));"
        "PERFORM pg_advisory_xact_lock(hashtextextended('match entry ' || NEW.entry_id, 0));"
        if table == "match_item"
        else ""
    )
    checks = "".join(
        f"IF EXISTS ({query}) THEN RAISE EXCEPTION USING MESSAGE = 'treasury: {name}',"
        " ERRCODE = 'check_violation'; END IF;"
        for name, query in told.items()
    )
    op.execute(
        # pg_temp stands last: a temporary table must not stand in for a table of the house.
        f"CREATE FUNCTION treasury_{table}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = public, pg_temp AS $$ BEGIN {waits} {checks} RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER treasury_{table} BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION treasury_{table}()"
    )


def downgrade() -> None:
    on_server = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER " + ("treasury_posting ON posting" if on_server else _ON_POSTING))
    op.drop_table("disbursement_decision")
    op.drop_index("ix_match_item_match_id", table_name="match_item")
    op.drop_index("ix_match_item_entry_id", table_name="match_item")
    op.drop_table("match_item")
    op.drop_index("ix_bank_line_note_line_id", table_name="bank_line_note")
    op.drop_table("bank_line_note")
    op.drop_index("ix_bank_line_account_id", table_name="bank_line")
    op.drop_table("bank_line")
    op.drop_index("ix_disbursement_project_id", table_name="disbursement")
    op.drop_table("disbursement")
    op.drop_table("beneficiary_check")
    op.drop_table("bank_statement")
    op.drop_table("unmatch")
    op.drop_index("ix_beneficiary_project_id", table_name="beneficiary")
    op.drop_table("beneficiary")
    op.drop_table("bank_account")
    op.drop_table("payout_status")
    op.drop_index("ix_payout_item_payout_id", table_name="payout_item")
    op.drop_table("payout_item")
    op.drop_index("ix_match_subject_id", table_name="match")
    op.drop_table("match")
    op.drop_table("bank_file")
    op.drop_table("stripe_payout")
    if on_server:
        for table in _REFUSALS:
            op.execute(f"DROP FUNCTION treasury_{table}()")
