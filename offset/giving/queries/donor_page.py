"""What does the donor desk read about one giver: gifts, papers, mails, and who looked?

Guests stay guests: rows that carry the same address are shown together, and nothing merges them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.giving.models import (
    AllocationRow,
    AnnualReceipt,
    BankPledge,
    Contributor,
    Dispute,
    Donation,
    DonationEvent,
    Receipt,
    RecurringGift,
    Refund,
)
from offset.money import Money
from offset.people.models import AuditEvent, OutboxMessage, User
from offset.projects.models import Project

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Paper:
    """A receipt of a giver, of one gift or of a year."""

    id: uuid.UUID
    kind: str
    number: str
    token: str
    standing: bool


@dataclass(frozen=True, slots=True)
class GiftOf:
    """One gift of a giver with its receipts, newest first."""

    id: uuid.UUID
    reference: str
    created_at: datetime
    status: str
    amount: Money
    settled: bool
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """A monthly gift or a pledge by bank transfer."""

    kind: str
    reference: str
    status: str
    amount: Money


@dataclass(frozen=True, slots=True)
class MailOf:
    """A mail to a giver: sent, waiting, or given up."""

    id: uuid.UUID
    template: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    fault: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened in the life of a gift."""

    at: datetime
    what: str
    word: str
    name: str = ""
    amount: Money | None = None
    entry_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at this giver: who, when, and why if they said so."""

    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class DonorPage:
    """A giver as the desk sees them, with everything that was ever sent or promised."""

    id: uuid.UUID
    name: str
    email: str
    address: str
    erased_at: datetime | None
    gifts: tuple[GiftOf, ...]
    annual: tuple[Paper, ...]
    promises: tuple[Promise, ...]
    mails: tuple[MailOf, ...]
    looks: tuple[Look, ...]


def donor(session: Session, contributor_id: uuid.UUID) -> DonorPage:
    """Read a giver and everybody who gave the same address.

    Raises
    ------
    NotFound
        ``donor_unknown``.
    """
    row = session.get(Contributor, contributor_id)
    if row is None:
        raise NotFound("donor_unknown")
    same = _same(session, row)
    return DonorPage(
        id=row.id,
        name=row.name or "",
        email=row.email or "",
        address=row.address or "",
        erased_at=row.erased_at,
        gifts=_gifts(session, same),
        annual=_annual(session, same),
        promises=_promises(session, same),
        mails=_mails(session, row.email),
        looks=looks(session, same),
    )


def of_gift(session: Session, donation_id: uuid.UUID) -> uuid.UUID | None:
    """Return who gave a gift, as far as they said."""
    return session.scalar(select(Donation.contributor_id).where(Donation.id == donation_id))


def life(session: Session, donation_id: uuid.UUID) -> tuple[Moment, ...]:
    """Tell the life of a gift as it happened: states, papers, money out, money to projects."""
    told = [*_states(session, donation_id), *_papers(session, donation_id)]
    told += [*_backs(session, donation_id), *_given(session, donation_id)]
    return tuple(sorted(told, key=lambda one: one.at))


def looks(session: Session, contributor_ids: Sequence[uuid.UUID]) -> tuple[Look, ...]:
    """Read who looked at a giver, newest first."""
    rows = session.execute(
        select(AuditEvent.at, User.name, AuditEvent.details)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.object_type == "contributor",
            AuditEvent.object_id.in_([str(one) for one in contributor_ids]),
            AuditEvent.action == "person.seen",
        )
        .order_by(AuditEvent.id.desc())
        .limit(20)
    )
    return tuple(Look(at, name or "", (told or {}).get("why", "")) for at, name, told in rows)


def _same(session: Session, row: Contributor) -> list[uuid.UUID]:
    if row.email is None:
        return [row.id]
    return list(
        session.scalars(
            select(Contributor.id)
            .where(Contributor.email == row.email)
            .order_by(Contributor.id.desc())
            .limit(MOST)
        )
    )


def _gifts(session: Session, givers: Sequence[uuid.UUID]) -> tuple[GiftOf, ...]:
    rows = session.scalars(
        select(Donation)
        .where(Donation.contributor_id.in_(givers))
        .order_by(Donation.id.desc())
        .limit(MOST)
    ).all()
    papers: dict[uuid.UUID, list[Paper]] = {}
    for one in session.scalars(
        select(Receipt)
        .where(Receipt.donation_id.in_([row.id for row in rows]))
        .order_by(Receipt.id.desc())
    ):
        papers.setdefault(one.donation_id, []).append(_paper(one, "receipt"))
    return tuple(
        GiftOf(
            row.id,
            row.reference,
            row.created_at,
            row.status.value,
            Money(row.amount, row.currency),
            row.settled_at is not None,
            tuple(papers.get(row.id, ())),
        )
        for row in rows
    )


def _annual(session: Session, givers: Sequence[uuid.UUID]) -> tuple[Paper, ...]:
    rows = session.scalars(
        select(AnnualReceipt)
        .where(AnnualReceipt.contributor_id.in_(givers))
        .order_by(AnnualReceipt.id.desc())
        .limit(MOST)
    )
    return tuple(_paper(row, "annual") for row in rows)


def _paper(row: Receipt | AnnualReceipt, kind: str) -> Paper:
    return Paper(row.id, kind, row.facts["number"], row.token, row.cancelled_at is None)


_PROMISES: Final[tuple[tuple[str, type[RecurringGift | BankPledge]], ...]] = (
    ("monthly", RecurringGift),
    ("pledge", BankPledge),
)


def _promises(session: Session, givers: Sequence[uuid.UUID]) -> tuple[Promise, ...]:
    found = []
    for kind, table in _PROMISES:
        rows = session.execute(
            select(table.reference, table.status, table.amount, table.currency)
            .where(table.contributor_id.in_(givers))
            .order_by(table.id.desc())
        )
        found += [
            Promise(kind, reference, status.value, Money(amount, currency))
            for reference, status, amount, currency in rows
        ]
    return tuple(found)


def _mails(session: Session, email: str | None) -> tuple[MailOf, ...]:
    if email is None:
        return ()
    rows = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.recipient == email)
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id)
        .limit(50)
    )
    return tuple(
        MailOf(row.id, row.template, row.created_at, row.sent_at, row.attempts, row.fault or "")
        for row in rows
    )


def _states(session: Session, donation_id: uuid.UUID) -> list[Moment]:
    rows = session.scalars(select(DonationEvent).where(DonationEvent.donation_id == donation_id))
    return [Moment(row.at, "state", row.status.value, row.cause) for row in rows]


def _papers(session: Session, donation_id: uuid.UUID) -> list[Moment]:
    found = []
    for row in session.scalars(select(Receipt).where(Receipt.donation_id == donation_id)):
        found.append(Moment(row.issued_at, "receipt", "issued", row.facts["number"]))
        if row.cancelled_at is not None:
            found.append(Moment(row.cancelled_at, "receipt", "cancelled", row.facts["number"]))
    return found


def _backs(session: Session, donation_id: uuid.UUID) -> list[Moment]:
    refunds = session.scalars(select(Refund).where(Refund.donation_id == donation_id))
    asked = session.scalars(select(Dispute).where(Dispute.donation_id == donation_id))
    return [
        *(
            Moment(
                row.prepared_at,
                "refund",
                row.state.value,
                row.processor_id or "",
                Money(row.amount, row.currency),
            )
            for row in refunds
        ),
        *(
            Moment(
                row.opened_at,
                "dispute",
                row.status,
                row.dispute_id,
                Money(row.amount, row.currency),
            )
            for row in asked
        ),
    ]


def _given(session: Session, donation_id: uuid.UUID) -> list[Moment]:
    rows = session.execute(
        select(AllocationRow, Project.title, Donation.settled_currency)
        .join(Project, Project.id == AllocationRow.project_id)
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(AllocationRow.donation_id == donation_id)
    )
    return [
        Moment(
            row.created_at,
            "allocation",
            "given" if row.amount > 0 else "taken_back",
            title,
            Money(row.amount, currency or ""),
            row.entry_id,
        )
        for row, title, currency in rows
    ]
