"""Which promises of more to come are kept: monthly gifts, pledges by transfer, and who gives?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document


class RecurringStatus(enum.StrEnum):
    """Where a monthly gift stands: before its first payment, running, failing, resting, over."""

    CREATED = "created"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    ENDED = "ended"


class BankPledgeStatus(enum.StrEnum):
    """Where a pledge by bank transfer stands; the parts that came are counted, not this word."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    EXPIRED = "expired"


class RecurringGift(Base):
    """A monthly gift: how much, from when, and what its donor was told when it began.

    Every payment of it is a gift of its own with its own receipt, given under these terms.
    """

    __tablename__ = "recurring_gift"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_whole"),
        Index("ix_recurring_gift_status", "status", "next_on"),
        Index("ix_recurring_gift_contributor_id", "contributor_id"),
        Index("uq_recurring_gift_subscription_id", "subscription_id", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    status: Mapped[RecurringStatus] = mapped_column(enumeration(RecurringStatus))
    changed_at: Mapped[datetime]
    currency: Mapped[str]
    amount: Mapped[int]
    language: Mapped[str]
    # Wording, refund rule, share and directive as they held when it began: terms.Frozen.
    terms: Mapped[Any] = mapped_column(Document)
    contributor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contributor.id"))
    customer_id: Mapped[str | None]
    subscription_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    next_on: Mapped[date | None]
    # The donor said stop, and the month that is paid for runs out on this day.
    ends_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class BankPledge(Base):
    """A promise to give by bank transfer, in one part or several, under its own reference.

    Each part that arrives is a gift of its own; ``received`` is their sum.
    """

    __tablename__ = "bank_pledge"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("received >= 0 AND reminders >= 0", name="counts_not_negative"),
        Index("ix_bank_pledge_status", "status", "expires_on"),
        Index("ix_bank_pledge_contributor_id", "contributor_id"),
        Index("uq_bank_pledge_form_key", "form_key", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    status: Mapped[BankPledgeStatus] = mapped_column(enumeration(BankPledgeStatus))
    changed_at: Mapped[datetime]
    currency: Mapped[str]
    amount: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    expires_on: Mapped[date]
    reminders: Mapped[int] = mapped_column(default=0)
    language: Mapped[str]
    terms: Mapped[Any] = mapped_column(Document)
    contributor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contributor.id"))
    # Where to send it, as it was told when the pledge was made: holder, iban, bic.
    account: Mapped[Any] = mapped_column(Document)
    form_key: Mapped[str | None]


class DonorOrganisation(Base):
    """An organisation that gives: its legal name, its number and its order reference.

    One row a gift or pledge; its billing address stands with the contributor.
    """

    __tablename__ = "donor_organisation"
    __table_args__ = (
        CheckConstraint(
            "(donation_id IS NULL) <> (bank_pledge_id IS NULL)", name="one_gift_or_pledge"
        ),
        Index("uq_donor_organisation_donation_id", "donation_id", unique=True),
        Index("uq_donor_organisation_bank_pledge_id", "bank_pledge_id", unique=True),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    donation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("donation.id"))
    bank_pledge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_pledge.id"))
    contributor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contributor.id"))
    legal_name: Mapped[str]
    registration: Mapped[str]
    purchase_order: Mapped[str | None]
    recorded_at: Mapped[datetime]


class GuardedPeriod(Base):
    """A time in which so many cards were refused that small gifts waited; it ends by itself."""

    __tablename__ = "guarded_period"
    __table_args__ = (
        CheckConstraint("failed >= 0 AND succeeded >= 0", name="counts_not_negative"),
        Index("ix_guarded_period_until", "until"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    until: Mapped[datetime]
    failed: Mapped[int]
    succeeded: Mapped[int]


class GuardedEnding(Base):
    """Who ended a time in which small gifts waited before its hour, when and why.

    What was counted until then begins no new one.
    """

    __tablename__ = "guarded_ending"
    __table_args__ = ({"info": {"append_only": True}},)

    period_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("guarded_period.id"), primary_key=True)
    ended_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
