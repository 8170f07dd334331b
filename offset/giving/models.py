"""Which facts about gifts, their payment and their way to projects are kept?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document
from offset.giving.kept_models import RefundKeeping, RefundKeepingDecision
from offset.giving.news_models import News
from offset.giving.processor_models import (
    Dispute,
    ProcessorBalance,
    ProcessorCursor,
    Refund,
    RefundState,
)
from offset.giving.promise_models import (
    BankPledge,
    BankPledgeStatus,
    DonorOrganisation,
    GuardedEnding,
    GuardedPeriod,
    RecurringGift,
    RecurringStatus,
)
from offset.giving.told_models import AllocationTold
from offset.people.contributors import Contributor
from offset.people.mail_choices import MailChoice

# The tables of contributors and of their choice of mails: giving is the first to fill them.
__all__ = [
    "AllocationTold",
    "BankPledge",
    "BankPledgeStatus",
    "Contributor",
    "Dispute",
    "DonorOrganisation",
    "GuardedEnding",
    "GuardedPeriod",
    "MailChoice",
    "News",
    "ProcessorBalance",
    "ProcessorCursor",
    "RecurringGift",
    "RecurringStatus",
    "Refund",
    "RefundKeeping",
    "RefundKeepingDecision",
    "RefundState",
]

_KEPT: Final = {"info": {"append_only": True}}


class DonationStatus(enum.StrEnum):
    """Where a gift stands, as donors read it; the ledger counts, the state only shows."""

    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"
    EXPIRED = "expired"
    DISPUTED = "disputed"
    WON = "won"
    LOST = "lost"


class Overflow(enum.StrEnum):
    """Whether the part for which no chosen project has room goes on, or waits for the project."""

    POOL = "pool"
    WAIT = "wait"


class ReceiptChoice(enum.StrEnum):
    """Which receipt a donor wants: one a gift, one a year, or none."""

    EACH = "each"
    ANNUAL = "annual"
    NONE = "none"


class InboxState(enum.StrEnum):
    """What became of a processor's event."""

    DONE = "done"
    STORED = "stored"
    UNMATCHED = "unmatched"
    ALARM = "alarm"


class Estimate(Base):
    """A flight estimate that somebody contributed for: inputs, method, data version, result.

    Computing the inputs again with the same method and data gives the same figures.
    """

    __tablename__ = "estimate"
    __table_args__ = (_KEPT,)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    query: Mapped[Any] = mapped_column(Document)
    result: Mapped[Any] = mapped_column(Document)
    method: Mapped[str]
    method_version: Mapped[str]
    dataset: Mapped[str]
    created_at: Mapped[datetime]


class Wording(Base):
    """One published version of the sentences that counsel answers for, in one language.

    A change makes a new version; gifts keep the version they were shown.
    """

    __tablename__ = "wording"
    __table_args__ = (
        UniqueConstraint("version", "language", name="uq_wording_version_language"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    language: Mapped[str]
    sentences: Mapped[Any] = mapped_column(Document)
    sha256: Mapped[str]
    approver: Mapped[str]
    published_at: Mapped[datetime]


class Donation(Base):
    """A gift from the pledge on: what was promised, what settled, and where it may go.

    Amounts up to the settlement are in the donor's currency, from the settlement on in ours.
    """

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(settled_at IS NULL) = (gross IS NULL) AND (settled_at IS NULL) = (fee IS NULL)"
            " AND (settled_at IS NULL) = (net IS NULL) AND (settled_at IS NULL) = (share IS NULL)"
            " AND (settled_at IS NULL) = (settled_currency IS NULL)",
            name="settled_whole",
        ),
        CheckConstraint("gross = fee + net", name="gross_is_fee_and_net"),
        CheckConstraint("share >= 0", name="share_not_negative"),
        CheckConstraint("unallocated >= 0", name="unallocated_not_negative"),
        CheckConstraint("refunded >= 0 AND sourced >= 0", name="refunds_not_negative"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_bp_plausible"),
        Index("ix_donation_created_at", "created_at", "id"),
        Index("ix_donation_status", "status", "created_at"),
        Index("ix_donation_settled_at", "settled_at"),
        Index("ix_donation_contributor_id", "contributor_id"),
        Index("ix_donation_project_id", "project_id"),
        Index("ix_donation_recurring_gift_id", "recurring_gift_id"),
        Index("ix_donation_bank_pledge_id", "bank_pledge_id"),
        # An invoice is one gift, and a form that is sent twice is one gift.
        Index("uq_donation_invoice_id", "invoice_id", unique=True),
        Index("uq_donation_form_key", "form_key", unique=True),
        # The job that allocates looks for gifts with money left; they are few at any time.
        Index(
            "ix_donation_unallocated",
            "settled_at",
            "id",
            postgresql_where=text("unallocated > 0"),
            sqlite_where=text("unallocated > 0"),
        ),
        Index(
            "ix_donation_receipt_due",
            "settled_at",
            postgresql_where=text("receipt_due"),
            sqlite_where=text("receipt_due"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    # Kept as it is, not as a hash: every later mail about the gift carries the same link.
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    status: Mapped[DonationStatus] = mapped_column(enumeration(DonationStatus))
    changed_at: Mapped[datetime]
    language: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    # The donor's word, fixed when it is given: a project, a split in per cent, or a theme.
    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"))
    split: Mapped[Any | None] = mapped_column(Document)
    restricted_tag: Mapped[str] = mapped_column(default="", server_default="")
    # ... and for what no chosen project can take: a next project, a theme, or nothing of these.
    overflow: Mapped[Overflow] = mapped_column(enumeration(Overflow))
    overflow_project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"))
    overflow_tag: Mapped[str] = mapped_column(default="", server_default="")
    # Where the unallocated part stands: empty is the pool.
    fund_tag: Mapped[str] = mapped_column(default="", server_default="")
    estimate_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("estimate.id"))
    ref: Mapped[str | None]
    contributor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contributor.id"))
    share_bp: Mapped[int]
    share_version: Mapped[int]
    rate_version: Mapped[int]
    wording_version: Mapped[int]
    sentences: Mapped[Any] = mapped_column(Document)
    attempts: Mapped[int] = mapped_column(default=0)
    session_id: Mapped[str | None] = mapped_column(unique=True)
    session_expires_at: Mapped[datetime | None]
    payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    charge_id: Mapped[str | None] = mapped_column(unique=True)
    method: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    settled_currency: Mapped[str | None]
    gross: Mapped[int | None]
    fee: Mapped[int | None]
    net: Mapped[int | None]
    share: Mapped[int | None]
    exchange_rate: Mapped[str | None]
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    unallocated: Mapped[int] = mapped_column(default=0)
    refunded: Mapped[int] = mapped_column(default=0)
    sourced: Mapped[int] = mapped_column(default=0)
    receipt_due: Mapped[bool] = mapped_column(default=False)
    receipt_choice: Mapped[ReceiptChoice] = mapped_column(
        enumeration(ReceiptChoice), default=ReceiptChoice.EACH, server_default="each"
    )
    # One payment of a monthly gift, or one part of a pledge by bank transfer.
    recurring_gift_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("recurring_gift.id"))
    invoice_id: Mapped[str | None]
    bank_pledge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_pledge.id"))
    # What the browser sent, as a digest: the same form again is the same gift.
    form_key: Mapped[str | None]
    # A debit's mandate as the bank names it, the words it was given under, and why it failed.
    mandate_id: Mapped[str | None]
    mandate_text: Mapped[str | None]
    failure_code: Mapped[str | None]


class DonationEvent(Base):
    """A state a gift reached, when, and what brought it there; each state once."""

    __tablename__ = "donation_event"
    __table_args__ = (
        UniqueConstraint("donation_id", "status", name="uq_donation_event_donation_id_status"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"))
    status: Mapped[DonationStatus] = mapped_column(enumeration(DonationStatus))
    at: Mapped[datetime]
    cause: Mapped[str]


class ProcessorEvent(Base):
    """The inbox: an event of the payment processor, stored once under its own id.

    Its payload may name people; erasure empties it, the rest stays.
    """

    __tablename__ = "processor_event"
    __table_args__ = (
        Index("ix_processor_event_state", "state", "received_at"),
        {
            "info": {
                "append_only": True,
                "updatable": frozenset({"state", "note", "attempts", "payload", "done_at"}),
            }
        },
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    api_version: Mapped[str | None]
    livemode: Mapped[bool]
    made_at: Mapped[datetime]
    received_at: Mapped[datetime]
    payload: Mapped[Any] = mapped_column(Document)
    state: Mapped[InboxState] = mapped_column(enumeration(InboxState))
    note: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class StripeBalanceTransaction(Base):
    """A movement of our balance at Stripe exactly as Stripe states it, and the entry it made."""

    __tablename__ = "stripe_balance_txn"
    __table_args__ = (
        CheckConstraint("net = amount - fee", name="net_is_amount_less_fee"),
        Index("ix_stripe_balance_txn_created_at", "created_at"),
        Index("ix_stripe_balance_txn_donation_id", "donation_id"),
        Index("ix_stripe_balance_txn_source_id", "source_id"),
        _KEPT,
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    reporting_category: Mapped[str]
    type: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    fee: Mapped[int]
    net: Mapped[int]
    created_at: Mapped[datetime]
    available_on: Mapped[datetime]
    source_id: Mapped[str | None]
    exchange_rate: Mapped[str | None]
    donation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("donation.id"))
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"), unique=True)
    recorded_at: Mapped[datetime]


class AllocationPolicy(Base):
    """How pooled money is spread: a rule and a whole-number weight a project, in versions.

    One person proposes it, another approves it; nobody changes it afterwards.
    """

    __tablename__ = "allocation_policy"
    __table_args__ = (
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_whole"),
        {"info": {"append_only": True, "updatable": frozenset({"approved_by", "approved_at"})}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    rule: Mapped[str]
    weights: Mapped[Any] = mapped_column(Document)
    reason: Mapped[str]
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]


class AllocationEpoch(Base):
    """A stretch of time in which one policy, one set of projects and one set of caps hold.

    Any change of these closes it; the next begins at zero with fresh caps. Within it the order
    and size of gifts change nobody's share.
    """

    __tablename__ = "allocation_epoch"
    __table_args__ = (
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_people"),
        CheckConstraint("(approved_by IS NULL) = (opened_at IS NULL)", name="opened_by_somebody"),
        CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name="closed_whole"),
        Index(
            "uq_allocation_epoch_open",
            "currency",
            "tag",
            unique=True,
            postgresql_where=text("opened_at IS NOT NULL AND closed_at IS NULL"),
            sqlite_where=text("opened_at IS NOT NULL AND closed_at IS NULL"),
        ),
        {
            "info": {
                "append_only": True,
                "updatable": frozenset(
                    {"caps", "approved_by", "opened_at", "closed_at", "close_reason"}
                ),
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    policy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("allocation_policy.id"))
    currency: Mapped[str]
    # The theme whose fund it spreads; empty is the pool.
    tag: Mapped[str] = mapped_column(default="", server_default="")
    weights: Mapped[Any] = mapped_column(Document)
    limits: Mapped[Any] = mapped_column(Document)
    caps: Mapped[Any] = mapped_column(Document)
    renews_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("allocation_epoch.id"))
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]


class AllocationRow(Base):
    """A part of one gift at one project, to the cent; negative only when it is taken back.

    It names the committee's decision and the admission that let the money in.
    """

    __tablename__ = "allocation_row"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint(
            "amount < 0 OR (decision_id IS NOT NULL AND admission_id IS NOT NULL)",
            name="gate_named",
        ),
        CheckConstraint("amount > 0 OR epoch_id IS NULL", name="epoch_never_shrinks"),
        Index("ix_allocation_row_donation_id", "donation_id"),
        Index("ix_allocation_row_entry_id", "entry_id", "project_id"),
        Index("ix_allocation_row_project_id", "project_id", "created_at", "id", "amount"),
        Index("ix_allocation_row_epoch_id", "epoch_id", "project_id", "amount"),
        Index("ix_allocation_row_created_at", "created_at"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"))
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"))
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    epoch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("allocation_epoch.id"))
    amount: Mapped[int]
    decision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("decision.id"))
    admission_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("admission.id"))
    created_at: Mapped[datetime]


class RefundSource(Base):
    """Where the money of a refund, return or lost dispute was taken from, once for each cause."""

    __tablename__ = "refund_source"
    __table_args__ = (
        CheckConstraint("amount = share + unallocated + projects + reserve", name="sources_sum_up"),
        CheckConstraint(
            "share >= 0 AND unallocated >= 0 AND projects >= 0 AND reserve >= 0",
            name="sources_not_negative",
        ),
        Index("ix_refund_source_donation_id", "donation_id"),
        _KEPT,
    )

    cause_id: Mapped[str] = mapped_column(primary_key=True)
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"))
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"))
    currency: Mapped[str]
    amount: Mapped[int]
    share: Mapped[int]
    unallocated: Mapped[int]
    projects: Mapped[int]
    reserve: Mapped[int]
    created_at: Mapped[datetime]


class ReceiptCounter(Base):
    """The last receipt number of an issuer in a year; taken in the receipt's own transaction."""

    __tablename__ = "receipt_counter"
    __table_args__ = (CheckConstraint("last >= 0", name="last_not_negative"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Receipt(Base):
    """The receipt of one gift: a gapless number and the facts as they were when it was issued.

    It is never edited; a refund or a lost dispute cancels it.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("issuer", "year", "number", name="uq_receipt_issuer_year_number"),
        CheckConstraint("number >= 1", name="number_counted_from_one"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled_whole"),
        Index(
            "uq_receipt_standing",
            "donation_id",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
            sqlite_where=text("cancelled_at IS NULL"),
        ),
        {
            "info": {
                "append_only": True,
                "updatable": frozenset({"cancelled_at", "cancel_reason"}),
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"))
    issuer: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    facts: Mapped[Any] = mapped_column(Document)
    facts_sha256: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class ReceiptDocument(Base):
    """The PDF of a receipt, rendered once and kept as bytes; it is sent again, never made again."""

    __tablename__ = "receipt_document"
    __table_args__ = (_KEPT,)

    receipt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("receipt.id"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]


class AnnualReceipt(Base):
    """One receipt for all gifts of a giver in a year, with a number of the same series.

    It names a contributor by id; like every receipt it is never edited, only cancelled.
    """

    __tablename__ = "annual_receipt"
    __table_args__ = (
        UniqueConstraint("issuer", "year", "number", name="uq_annual_receipt_issuer_year_number"),
        CheckConstraint("number >= 1", name="number_counted_from_one"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled_whole"),
        Index(
            "uq_annual_receipt_standing",
            "contributor_id",
            "covers_year",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
            sqlite_where=text("cancelled_at IS NULL"),
        ),
        {
            "info": {
                "append_only": True,
                "updatable": frozenset({"cancelled_at", "cancel_reason"}),
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contributor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contributor.id"))
    covers_year: Mapped[int]
    issuer: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    facts: Mapped[Any] = mapped_column(Document)
    facts_sha256: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class AnnualGift(Base):
    """A gift on an annual receipt, and how much of it was kept when that was issued."""

    __tablename__ = "annual_gift"
    __table_args__ = (Index("ix_annual_gift_donation_id", "donation_id"), _KEPT)

    annual_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("annual_receipt.id"), primary_key=True)
    donation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("donation.id"), primary_key=True)
    amount: Mapped[int]


class CancellationNote(Base):
    """The paper that cancels a receipt, naming its number and the number that takes its place."""

    __tablename__ = "cancellation_note"
    __table_args__ = (
        CheckConstraint("(receipt_id IS NULL) <> (annual_id IS NULL)", name="of_one_receipt"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    receipt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("receipt.id"), unique=True)
    annual_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("annual_receipt.id"), unique=True
    )
    language: Mapped[str]
    facts: Mapped[Any] = mapped_column(Document)
    facts_sha256: Mapped[str]
    made_at: Mapped[datetime]


class KeptPaper(Base):
    """The bytes of a paper beside the receipt's own: printed once, kept, never printed again.

    ``kind`` is ``annual``, ``cancellation``, or ``unnamed`` and ``annual_unnamed``: what the
    public link serves after its giver asked to be forgotten.
    """

    __tablename__ = "kept_paper"
    __table_args__ = (_KEPT,)

    owner_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    rendered_at: Mapped[datetime]
