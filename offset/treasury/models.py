"""Which facts about payouts, bank statements, matches and payments are kept? Only new rows."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document
from offset.treasury import (
    arrival_models,  # noqa: F401 - its tables are of this metadata
    month_models,  # noqa: F401 - the same
    order_models,  # noqa: F401 - the same
    payee_models,  # noqa: F401 - the same
    unidentified_models,  # noqa: F401 - the same
)
from offset.treasury.matching import Kind
from offset.treasury.statement_models import (
    BankMapping,
    BankNotice,
    BankRule,
    PendingLine,
    RuleMatch,
)

# What is kept beside the lines stands in a file of its own; whoever knows this one knows it too.
__all__ = [
    "BankAccount",
    "BankFile",
    "BankLine",
    "BankMapping",
    "BankNotice",
    "BankRule",
    "BankStatement",
    "Beneficiary",
    "BeneficiaryCheck",
    "CheckOutcome",
    "Disbursement",
    "DisbursementDecision",
    "LineNote",
    "ManualEntry",
    "ManualEntryDecision",
    "ManualRecipe",
    "Match",
    "MatchItem",
    "PaymentOutcome",
    "PayoutItem",
    "PayoutStatus",
    "PendingLine",
    "RuleMatch",
    "Scheme",
    "StripePayout",
    "Unmatch",
]

_EVIDENCE = {"info": {"append_only": True}}


class Scheme(enum.StrEnum):
    """How a payee's account is named: by IBAN, or where there is none by number and BIC."""

    IBAN = "iban"
    OTHER = "other"


class CheckOutcome(enum.StrEnum):
    """What the second person found when checking a payee's account."""

    VERIFIED = "verified"
    REFUSED = "refused"


class PaymentOutcome(enum.StrEnum):
    """What the second person decided about a payment."""

    APPROVED = "approved"
    REFUSED = "refused"


class StripePayout(Base):
    """Money that the processor sends to our bank account, as it first told us.

    What happens to it later (sent, arrived, failed) stands in rows of its own.
    """

    __tablename__ = "stripe_payout"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"), _EVIDENCE)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payout_id: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[int]
    currency: Mapped[str]
    created_at: Mapped[datetime]
    arrival_on: Mapped[date]
    descriptor: Mapped[str | None]
    recorded_at: Mapped[datetime]


class PayoutStatus(Base):
    """One thing the processor said about a payout: in transit, paid, failed, itemised.

    The row with the highest number holds; the others show when we learned what.
    """

    __tablename__ = "payout_status"
    __table_args__ = (
        UniqueConstraint("payout_id", "number", name="uq_payout_status_number"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stripe_payout.id"))
    number: Mapped[int]
    status: Mapped[str]
    itemised: Mapped[bool] = mapped_column(Boolean)
    trace_id: Mapped[str | None]
    movement_id: Mapped[str | None]
    recorded_at: Mapped[datetime]


class PayoutItem(Base):
    """One movement at the processor that a payout consists of: a charge, a refund, a fee.

    Its net amounts add up to the payout; the journal entry of the same movement is its twin.
    """

    __tablename__ = "payout_item"
    __table_args__ = (
        Index("ix_payout_item_payout_id", "payout_id"),
        CheckConstraint("net = amount - fee", name="net_is_amount_less_fee"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stripe_payout.id"))
    txn_id: Mapped[str] = mapped_column(unique=True)
    reporting_category: Mapped[str]
    amount: Mapped[int]
    fee: Mapped[int]
    net: Mapped[int]
    currency: Mapped[str]
    source_id: Mapped[str | None]
    created_at: Mapped[datetime]


class BankAccount(Base):
    """One of our own bank accounts, with what it held on the day the books began.

    Its code names the account in the ledger: ``B1`` is ``Assets:Bank:B1``.
    """

    __tablename__ = "bank_account"
    __table_args__ = (_EVIDENCE,)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    holder: Mapped[str]
    currency: Mapped[str]
    opened_on: Mapped[date]
    opening: Mapped[int]
    opening_entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class BankFile(Base):
    """A bank's file exactly as it was received, so that anybody can read it again.

    The same bytes are accepted once.
    """

    __tablename__ = "bank_file"
    __table_args__ = (_EVIDENCE,)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # What kind of file it is, as its reader calls it: camt.053.001.08, mt940, csv…
    form: Mapped[str | None]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    imported_at: Mapped[datetime]
    imported_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class BankStatement(Base):
    """One statement of one account; its opening is the closing of the one before it.

    ``position`` counts the statements of the account without a gap.
    """

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("account_id", "position", name="uq_bank_statement_position"),
        CheckConstraint("position > 0", name="position_positive"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_file.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    position: Mapped[int]
    reference: Mapped[str]
    sequence: Mapped[int | None]
    opened_on: Mapped[date]
    closed_on: Mapped[date]
    opening: Mapped[int]
    closing: Mapped[int]
    currency: Mapped[str]


class BankLine(Base):
    """One booked movement on a bank account, as the bank states it; positive is money in.

    The fingerprint makes sure that a line is imported once, and that two genuine bookings of the
    same amount on the same day stay two.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("statement_id", "number", name="uq_bank_line_number"),
        Index("ix_bank_line_account_id", "account_id", "booked_on"),
        Index("ix_bank_line_counterparty_iban", "counterparty_iban"),
        Index("ix_bank_line_bank_reference", "account_id", "bank_reference"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_statement.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_account.id"))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    occurrence: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str]
    booked_on: Mapped[date]
    value_on: Mapped[date]
    bank_reference: Mapped[str | None]
    end_to_end_id: Mapped[str | None]
    creditor_reference: Mapped[str | None]
    text: Mapped[str]
    counterparty: Mapped[str | None]
    counterparty_iban: Mapped[str | None]
    reversal: Mapped[bool] = mapped_column(Boolean)


class LineNote(Base):
    """What a colleague wrote beside a bank line: a question, an answer, a reason to wait.

    Notes are added, never changed.
    """

    __tablename__ = "bank_line_note"
    __table_args__ = (Index("ix_bank_line_note_line_id", "line_id"), _EVIDENCE)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_line.id"))
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Match(Base):
    """The statement that a bank line is this payout, payment, gift or charge, and why.

    ``subject_id`` is the payout or payment; a match is never changed, only undone by a new row.
    """

    __tablename__ = "match"
    __table_args__ = (Index("ix_match_subject_id", "subject_id"), _EVIDENCE)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(enumeration(Kind))
    subject_id: Mapped[uuid.UUID | None]
    automatic: Mapped[bool] = mapped_column(Boolean)
    score: Mapped[int]
    reasons: Mapped[Any] = mapped_column(Document)
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class MatchItem(Base):
    """How much of a bank line a match explains, and by which journal entry.

    The items of a line never exceed the line, nor those of an entry what it moved on the bank
    account.
    """

    __tablename__ = "match_item"
    __table_args__ = (
        UniqueConstraint("line_id", "number", name="uq_match_item_number"),
        Index("ix_match_item_match_id", "match_id"),
        Index("ix_match_item_entry_id", "entry_id"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id"))
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_line.id"))
    number: Mapped[int]
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"))
    amount: Mapped[int]


class Unmatch(Base):
    """Somebody took a match back, and why; the line is open again.

    What the match had booked is reversed by a new journal entry.
    """

    __tablename__ = "unmatch"
    __table_args__ = (_EVIDENCE,)

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match.id"), primary_key=True)
    reversal_entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Beneficiary(Base):
    """The bank account of a project as one person entered it; a change is a new row.

    Nothing is paid to it before a second person has checked it.
    """

    __tablename__ = "beneficiary"
    __table_args__ = (
        UniqueConstraint("id", "project_id", name="uq_beneficiary_id_project_id"),
        UniqueConstraint("id", "entered_by", name="uq_beneficiary_id_entered_by"),
        Index("ix_beneficiary_project_id", "project_id"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    holder: Mapped[str]
    scheme: Mapped[Scheme] = mapped_column(enumeration(Scheme))
    number: Mapped[str]
    bic: Mapped[str | None]
    bank: Mapped[str | None]
    country: Mapped[str]
    reason: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class BeneficiaryCheck(Base):
    """The second person's answer about a payee's account, never the one who entered it.

    A refused account stays readable and is never paid.
    """

    __tablename__ = "beneficiary_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["beneficiary_id", "entered_by"],
            ["beneficiary.id", "beneficiary.entered_by"],
            name="fk_beneficiary_check_entered_by",
        ),
        CheckConstraint("checked_by <> entered_by", name="two_people"),
        _EVIDENCE,
    )

    beneficiary_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    entered_by: Mapped[uuid.UUID]
    outcome: Mapped[CheckOutcome] = mapped_column(enumeration(CheckOutcome))
    note: Mapped[str]
    checked_at: Mapped[datetime]
    checked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class Disbursement(Base):
    """A payment to a project as one person prepared it; nothing is booked yet.

    Its number is the end-to-end id that the bank returns on its statement.
    """

    __tablename__ = "disbursement"
    __table_args__ = (
        ForeignKeyConstraint(
            ["beneficiary_id", "project_id"],
            ["beneficiary.id", "beneficiary.project_id"],
            name="fk_disbursement_beneficiary",
        ),
        UniqueConstraint("id", "project_id", "prepared_by", name="uq_disbursement_prepared"),
        Index("ix_disbursement_project_id", "project_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    beneficiary_id: Mapped[uuid.UUID]
    amount: Mapped[int]
    currency: Mapped[str]
    purpose: Mapped[str]
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class DisbursementDecision(Base):
    """The second person's yes or no to a payment, never the one who prepared it.

    A yes carries the journal entry that ordered the payment, and the STC decision and the
    secretariat's admission that allowed it on that day.
    """

    __tablename__ = "disbursement_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["disbursement_id", "project_id", "prepared_by"],
            ["disbursement.id", "disbursement.project_id", "disbursement.prepared_by"],
            name="fk_disbursement_decision_disbursement",
        ),
        ForeignKeyConstraint(
            ["decision_id", "project_id"],
            ["decision.id", "decision.project_id"],
            name="fk_disbursement_decision_decision",
        ),
        ForeignKeyConstraint(
            ["admission_id", "project_id"],
            ["admission.id", "admission.project_id"],
            name="fk_disbursement_decision_admission",
        ),
        CheckConstraint("approved_by <> prepared_by", name="two_people"),
        CheckConstraint(
            "(outcome = 'approved') = (entry_id IS NOT NULL AND decision_id IS NOT NULL"
            " AND admission_id IS NOT NULL)",
            name="approved_is_booked",
        ),
        CheckConstraint("outcome = 'approved' OR reason <> ''", name="refused_has_reason"),
        _EVIDENCE,
    )

    disbursement_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID]
    prepared_by: Mapped[uuid.UUID]
    outcome: Mapped[PaymentOutcome] = mapped_column(enumeration(PaymentOutcome))
    reason: Mapped[str]
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"), unique=True)
    decision_id: Mapped[uuid.UUID | None]
    admission_id: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime]
    approved_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class ManualRecipe(enum.StrEnum):
    """The recipes that a person may book by hand; everything else has a cause of its own."""

    SHARE_DRAWN = "share_drawn"
    RESERVE_ENDOWED = "reserve_endowed"
    FUND_MOVED = "fund_moved"
    REVERSAL = "reversal"
    SUSPENSE_EXPLAINED = "suspense_explained"


class ManualEntry(Base):
    """An entry that a person prepared by one of the manual recipes; nothing is booked yet.

    It names accounts by their recipe, never freely, and says whether a second person is needed.
    """

    __tablename__ = "manual_entry"
    __table_args__ = (
        UniqueConstraint("id", "prepared_by", "two_people", name="uq_manual_entry_prepared"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
        CheckConstraint(
            "(recipe = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_entry"
        ),
        CheckConstraint("recipe <> 'share_drawn' OR two_people", name="share_by_two"),
        CheckConstraint(
            "(recipe = 'suspense_explained') = (explains_id IS NOT NULL)", name="explains_movement"
        ),
        CheckConstraint("recipe <> 'suspense_explained' OR two_people", name="suspense_by_two"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    recipe: Mapped[ManualRecipe] = mapped_column(enumeration(ManualRecipe))
    effective_on: Mapped[date]
    amount: Mapped[int]
    currency: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    reverses_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    explains_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    reason: Mapped[str]
    two_people: Mapped[bool] = mapped_column(Boolean)
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class ManualEntryDecision(Base):
    """The word that books a prepared entry or refuses it, by a second person where it must be."""

    __tablename__ = "manual_entry_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["manual_entry_id", "prepared_by", "two_people"],
            ["manual_entry.id", "manual_entry.prepared_by", "manual_entry.two_people"],
            name="fk_manual_entry_decision_prepared",
        ),
        CheckConstraint("NOT two_people OR decided_by <> prepared_by", name="two_people"),
        CheckConstraint(
            "(outcome = 'approved') = (entry_id IS NOT NULL)", name="approved_is_booked"
        ),
        CheckConstraint("outcome = 'approved' OR trim(reason) <> ''", name="refused_has_reason"),
        _EVIDENCE,
    )

    manual_entry_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    prepared_by: Mapped[uuid.UUID]
    two_people: Mapped[bool] = mapped_column(Boolean)
    outcome: Mapped[PaymentOutcome] = mapped_column(enumeration(PaymentOutcome))
    reason: Mapped[str]
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"), unique=True)
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
