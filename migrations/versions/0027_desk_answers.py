"""The desk: answers about money of unknown givers, notes on notices, suggestions kept for a page."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_ID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
_MINOR = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DAY = sa.Date().with_variant(sa.Text(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
_EVIDENCE = (
    "unidentified_answer",
    "unidentified_decision",
    "unidentified_undone",
    "unidentified_note",
    "processor_notice_note",
)


def upgrade() -> None:
    op.create_table(
        "unidentified_answer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("entry_id", _ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("amount", _MINOR, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_on", _DAY, nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("prepared_at", _INSTANT, nullable=False),
        sa.Column("prepared_by", _ID, nullable=False),
        sa.CheckConstraint(
            "kind IN ('identified', 'sent_back')", name=op.f("ck_unidentified_answer_answer_kind")
        ),
        sa.CheckConstraint(
            "kind <> 'identified' OR NOT two_people",
            name=op.f("ck_unidentified_answer_identified_by_one"),
        ),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_unidentified_answer_has_reason")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_unidentified_answer_amount_positive")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_unidentified_answer_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user.id"], name=op.f("fk_unidentified_answer_prepared_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unidentified_answer")),
        sa.UniqueConstraint(
            "id", "prepared_by", "two_people", name="uq_unidentified_answer_prepared"
        ),
        info={"append_only": True},
    )
    op.create_index("ix_unidentified_answer_entry_id", "unidentified_answer", ["entry_id"])
    op.create_table(
        "unidentified_decision",
        sa.Column("answer_id", _ID, nullable=False),
        sa.Column("prepared_by", _ID, nullable=False),
        sa.Column("two_people", sa.Boolean(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", _ID, nullable=True),
        sa.Column("donation_id", _ID, nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("decided_by", _ID, nullable=False),
        sa.CheckConstraint(
            "approved OR trim(reason) <> ''",
            name=op.f("ck_unidentified_decision_refused_has_reason"),
        ),
        sa.CheckConstraint(
            "NOT two_people OR decided_by <> prepared_by",
            name=op.f("ck_unidentified_decision_two_people"),
        ),
        sa.CheckConstraint(
            "approved = (entry_id IS NOT NULL)",
            name=op.f("ck_unidentified_decision_approved_is_booked"),
        ),
        sa.CheckConstraint(
            "donation_id IS NULL OR approved", name=op.f("ck_unidentified_decision_gift_is_booked")
        ),
        sa.ForeignKeyConstraint(
            ["answer_id", "prepared_by", "two_people"],
            [
                "unidentified_answer.id",
                "unidentified_answer.prepared_by",
                "unidentified_answer.two_people",
            ],
            name="fk_unidentified_decision_prepared",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_unidentified_decision_decided_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"],
            ["donation.id"],
            name=op.f("fk_unidentified_decision_donation_id_donation"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_unidentified_decision_entry_id_entry")
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_unidentified_decision")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_unidentified_decision_entry_id")),
        info={"append_only": True},
    )
    op.create_table(
        "unidentified_undone",
        sa.Column("answer_id", _ID, nullable=False),
        sa.Column("reversal_entry_id", _ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", _ID, nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_unidentified_undone_has_reason")),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["unidentified_decision.answer_id"],
            name=op.f("fk_unidentified_undone_answer_id_unidentified_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user.id"], name=op.f("fk_unidentified_undone_made_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_entry_id"],
            ["entry.id"],
            name=op.f("fk_unidentified_undone_reversal_entry_id_entry"),
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_unidentified_undone")),
        sa.UniqueConstraint(
            "reversal_entry_id", name=op.f("uq_unidentified_undone_reversal_entry_id")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "unidentified_note",
        sa.Column("id", _ID, nullable=False),
        sa.Column("entry_id", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("written_by", _ID, nullable=False),
        sa.CheckConstraint("trim(text) <> ''", name=op.f("ck_unidentified_note_has_text")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_unidentified_note_entry_id_entry")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_unidentified_note_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unidentified_note")),
        info={"append_only": True},
    )
    op.create_index("ix_unidentified_note_entry_id", "unidentified_note", ["entry_id"])
    op.create_table(
        "processor_notice_note",
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("explains", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("written_by", _ID, nullable=False),
        sa.CheckConstraint("trim(text) <> ''", name=op.f("ck_processor_notice_note_has_text")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["processor_event.event_id"],
            name=op.f("fk_processor_notice_note_event_id_processor_event"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_processor_notice_note_written_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processor_notice_note")),
        info={"append_only": True},
    )
    op.create_index("ix_processor_notice_note_event_id", "processor_notice_note", ["event_id"])
    op.create_table(
        "bank_line_suggestion",
        sa.Column("line_id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("candidate_id", _ID, nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_line_suggestion_account_id_bank_account"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["bank_line.id"], name=op.f("fk_bank_line_suggestion_line_id_bank_line")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_bank_line_suggestion")),
    )
    op.create_index(
        "ix_bank_line_suggestion_account_id", "bank_line_suggestion", ["account_id", "state"]
    )
    op.create_table(
        "bank_suggestion_stamp",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_suggestion_stamp_account_id_bank_account"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_bank_suggestion_stamp")),
    )
    for table in _EVIDENCE:
        op.append_only(table)


def downgrade() -> None:
    op.drop_table("bank_suggestion_stamp")
    op.drop_index("ix_bank_line_suggestion_account_id", "bank_line_suggestion")
    op.drop_table("bank_line_suggestion")
    op.drop_index("ix_processor_notice_note_event_id", "processor_notice_note")
    op.drop_table("processor_notice_note")
    op.drop_index("ix_unidentified_note_entry_id", "unidentified_note")
    op.drop_table("unidentified_note")
    op.drop_table("unidentified_undone")
    op.drop_table("unidentified_decision")
    op.drop_index("ix_unidentified_answer_entry_id", "unidentified_answer")
    op.drop_table("unidentified_answer")
