"""What if a refund fails and its donor says: keep it?

The processor gave the money back to us; what had been taken from the gift to pay the refund is
owed to the donor until another refund pays it, or until the donor leaves it with us. Then it goes
back the way it came: first to the reserve what the reserve had advanced, to the share its part,
and all the rest to the fund of the gift, from where it is allocated anew as the donor said. No
project gets it back by itself: it may be full, or have come to its end since.

From the settable amount on, a second person agrees, as for a refund.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.giving import donations, refund_rows, shares
from offset.giving.directives import fund_of
from offset.giving.epochs import hold_pool
from offset.giving.kept_models import RefundKeeping, RefundKeepingDecision
from offset.giving.models import (
    Donation,
    DonationStatus,
    Refund,
    RefundSource,
    RefundState,
    StripeBalanceTransaction,
)
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.people import audit, deputies
from offset.people.access import Actor, Right, person, require
from offset.people.models import User

_UNDER_WAY: Final = (RefundState.PREPARED, RefundState.APPROVED, RefundState.PENDING)


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the money of a failed refund goes back to, in our currency."""

    share: int
    fund: int
    reserve: int

    @property
    def amount(self) -> int:
        """The whole sum."""
        return self.share + self.fund + self.reserve


@dataclass(frozen=True, kw_only=True)
class KeepingView:
    """That a donor leaves us a failed refund, as somebody wrote it down, and the word on it."""

    id: uuid.UUID
    reason: str
    two_people: bool
    prepared_at: datetime
    prepared_by: uuid.UUID
    prepared_by_name: str
    approved: bool | None
    answer: str
    decided_by_name: str
    entry_id: uuid.UUID | None


def owed(session: Session, refund_id: uuid.UUID) -> Money | None:
    """Return what a failed refund took from its gift and did not pay out; None where it stands.

    Nothing is owed where the refund failed before anything was taken for it, where another refund
    paid it, and where the donor left it with us.

    Raises
    ------
    NotFound
        ``refund_unknown``.
    """
    row = session.get(Refund, refund_id)
    if row is None:
        raise NotFound("refund_unknown")
    gift = session.get_one(Donation, row.donation_id)
    if row.state is not RefundState.FAILED or gift.settled_currency is None:
        return None
    return Money(_owed(session, row, gift), gift.settled_currency)


def of_refund(session: Session, refund_id: uuid.UUID) -> tuple[KeepingView, ...]:
    """Return what was written down about a refund, oldest first."""
    preparer, decider = aliased(User), aliased(User)
    rows = session.execute(
        select(RefundKeeping, RefundKeepingDecision, preparer.name, decider.name)
        .join(preparer, preparer.id == RefundKeeping.prepared_by)
        .outerjoin(RefundKeepingDecision, RefundKeepingDecision.keeping_id == RefundKeeping.id)
        .outerjoin(decider, decider.id == RefundKeepingDecision.decided_by)
        .where(RefundKeeping.refund_id == refund_id)
        .order_by(RefundKeeping.prepared_at, RefundKeeping.id)
    )
    return tuple(
        KeepingView(
            id=row.id,
            reason=row.reason,
            two_people=row.two_people,
            prepared_at=row.prepared_at,
            prepared_by=row.prepared_by,
            prepared_by_name=preparer_name or "",
            approved=None if word is None else word.approved,
            answer="" if word is None else word.reason,
            decided_by_name=decider_name or "",
            entry_id=None if word is None else word.entry_id,
        )
        for row, word, preparer_name, decider_name in rows
    )


def undecided() -> ColumnElement[bool]:
    """Say in SQL which of them wait for a second person."""
    return ~(
        select(RefundKeepingDecision.keeping_id)
        .where(RefundKeepingDecision.keeping_id == RefundKeeping.id)
        .exists()
    )


def waiting() -> Select[RefundKeeping, Refund, str]:
    """Select what waits for a second person, with its refund and the gift's reference."""
    return (
        select(RefundKeeping, Refund, Donation.reference)
        .join(Refund, Refund.id == RefundKeeping.refund_id)
        .join(Donation, Donation.id == RefundKeeping.donation_id)
        .where(undecided())
        .order_by(RefundKeeping.prepared_at, RefundKeeping.id)
    )


def unanswered() -> Select[Refund, str]:
    """Select the failed refunds whose donors are owed, of which nobody said what becomes of it."""
    later = aliased(Refund)
    going = (
        select(later.id)
        .where(later.donation_id == Refund.donation_id, later.state.in_(_UNDER_WAY))
        .exists()
    )
    said = (
        select(RefundKeeping.id)
        .where(RefundKeeping.donation_id == Refund.donation_id, undecided())
        .exists()
    )
    return (
        select(Refund, Donation.reference)
        .join(Donation, Donation.id == Refund.donation_id)
        .where(
            Refund.state == RefundState.FAILED,
            Refund.processor_id.is_not(None),
            Donation.sourced > Donation.refunded,
            ~going,
            ~said,
        )
        .order_by(Refund.changed_at, Refund.id)
    )


def prepare(
    session: Session, *, actor: Actor, at: datetime, refund_id: uuid.UUID, reason: str
) -> uuid.UUID:
    """Write down that the donor leaves us a failed refund; a small one is booked by the same act.

    Raises
    ------
    Forbidden
        Without the right to prepare refunds; ``person_needed``.
    NotFound
        ``refund_unknown``.
    InvalidInput
        ``reason_missing``.
    Conflict
        ``keeping_waits``: somebody wrote it down already.
    Refused
        ``refund_not_failed``, ``refund_nothing_owed``, ``refund_under_way``, ``dispute_open``.
    """
    require(actor, Right.PREPARE_REFUND)
    by = person(actor)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    refund, gift = _held(session, refund_id, at=at)
    _keepable(session, refund, gift)
    waiting = select(RefundKeeping.id).where(RefundKeeping.donation_id == gift.id, undecided())
    if session.scalar(waiting.limit(1)) is not None:
        raise Conflict("keeping_waits")
    limit = refund_rows.two_people_from(session, refund.currency)
    row = RefundKeeping(
        id=uuid7(at),
        refund_id=refund.id,
        donation_id=gift.id,
        reason=reason.strip(),
        two_people=Money(refund.amount, refund.currency) >= limit,
        prepared_at=at,
        prepared_by=by,
    )
    session.add(row)
    session.flush()
    deputies.note_act(session, actor=actor, at=at, right=Right.PREPARE_REFUND, object_id=row.id)
    _trail(session, at, actor, "refund.keeping_prepared", row)
    if not row.two_people:
        _book(session, row, refund, gift, by=by, at=at)
        _trail(session, at, actor, "refund.kept", row)
    return row.id


def approve(session: Session, *, actor: Actor, at: datetime, keeping_id: uuid.UUID) -> uuid.UUID:
    """Book, as the second person, that the donor leaves us a failed refund.

    Raises
    ------
    Forbidden
        Without the right to approve refunds; ``person_needed``.
    NotFound
        ``keeping_unknown``.
    Conflict
        ``keeping_decided`` already.
    Refused
        ``second_person_needed``, and as :func:`prepare`.
    """
    by = _decider(session, actor, keeping_id)
    row = session.get_one(RefundKeeping, keeping_id)
    refund, gift = _held(session, row.refund_id, at=at)
    _undecided(session, keeping_id)
    _keepable(session, refund, gift)
    entry_id = _book(session, row, refund, gift, by=by, at=at)
    _trail(session, at, actor, "refund.kept", row)
    return entry_id


def refuse(
    session: Session, *, actor: Actor, at: datetime, keeping_id: uuid.UUID, reason: str
) -> None:
    """Refuse it as the second person, with the reason; the donor is owed as before.

    Raises
    ------
    Forbidden, NotFound, Conflict
        As :func:`approve`.
    Refused
        ``second_person_needed``.
    InvalidInput
        ``reason_missing``.
    """
    by = _decider(session, actor, keeping_id)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    row = session.get_one(RefundKeeping, keeping_id)
    _held(session, row.refund_id, at=at)
    _undecided(session, keeping_id)
    _decide(session, row, None, Parts(0, 0, 0), by=by, at=at, reason=reason.strip())
    _trail(session, at, actor, "refund.keeping_refused", row)


def put_back(amount: int, *, taken: Parts, gross: int, share: int, sourced: int) -> Parts:
    """Find where a sum goes back to that was taken from a gift: the last that paid comes first.

    Parameters
    ----------
    taken
        What stands as taken from the gift, of each place; it holds the sum at least.
    gross, share, sourced
        What was given, the secretariat's share of it, and all that was taken. What stays taken
        takes its share pro rata, as one refund of that much would have.
    """
    due = shares.pro_rata(min(sourced - amount, gross), gross, share)
    to_share = min(max(taken.share - due, 0), amount)
    to_reserve = min(taken.reserve, amount - to_share)
    to_fund = min(taken.fund, amount - to_share - to_reserve)
    return Parts(amount - to_reserve - to_fund, to_fund, to_reserve)


def _held(session: Session, refund_id: uuid.UUID, *, at: datetime) -> tuple[Refund, Donation]:
    """Read a refund and its gift while every other spender of the gift waits."""
    told = session.get(Refund, refund_id)
    if told is None:
        raise NotFound("refund_unknown")
    gift = session.get_one(Donation, told.donation_id)
    if gift.settled_currency is not None:
        hold_pool(session, gift.settled_currency, at=at, tag=gift.fund_tag or gift.overflow_tag)
    gift = donations.locked(session, told.donation_id)
    return session.get_one(Refund, refund_id, populate_existing=True), gift


def _keepable(session: Session, refund: Refund, gift: Donation) -> None:
    if refund.state is not RefundState.FAILED:
        raise Refused("refund_not_failed")
    if gift.status is DonationStatus.DISPUTED:
        raise Refused("dispute_open")
    if not _owed(session, refund, gift):
        raise Refused("refund_nothing_owed")
    going = select(Refund.id).where(Refund.donation_id == gift.id, Refund.state.in_(_UNDER_WAY))
    if session.scalar(going.limit(1)) is not None:
        raise Refused("refund_under_way")


def _owed(session: Session, refund: Refund, gift: Donation) -> int:
    """Return how much of what was taken from the gift this refund did not pay out."""
    if refund.processor_id is None:
        return 0
    left = session.scalar(
        select(func.coalesce(-func.sum(StripeBalanceTransaction.amount), 0)).where(
            StripeBalanceTransaction.donation_id == gift.id,
            StripeBalanceTransaction.source_id == refund.processor_id,
            StripeBalanceTransaction.reporting_category == "refund",
        )
    )
    return max(min(int(left or 0), gift.sourced - gift.refunded), 0)


def _taken(session: Session, gift: Donation) -> Parts:
    """Sum what was taken from a gift and not put back, by place."""
    source = RefundSource
    sums = session.execute(
        select(
            func.coalesce(func.sum(source.share), 0),
            func.coalesce(func.sum(source.unallocated + source.projects), 0),
            func.coalesce(func.sum(source.reserve), 0),
        ).where(source.donation_id == gift.id)
    ).one()
    word = RefundKeepingDecision
    back = session.execute(
        select(
            func.coalesce(func.sum(word.share), 0),
            func.coalesce(func.sum(word.fund), 0),
            func.coalesce(func.sum(word.reserve), 0),
        )
        .join(RefundKeeping, RefundKeeping.id == word.keeping_id)
        .where(RefundKeeping.donation_id == gift.id)
    ).one()
    share, fund, reserve = (int(one) - int(other) for one, other in zip(sums, back, strict=True))
    return Parts(share, fund, reserve)


def _book(
    session: Session,
    row: RefundKeeping,
    refund: Refund,
    gift: Donation,
    *,
    by: uuid.UUID,
    at: datetime,
) -> uuid.UUID:
    currency = gift.settled_currency or gift.currency
    parts = put_back(
        _owed(session, refund, gift),
        taken=_taken(session, gift),
        gross=gift.gross or gift.amount,
        share=gift.share or 0,
        sourced=gift.sourced,
    )
    places: Mapping[str, int] = {
        chart.share(currency): parts.share,
        fund_of(gift, currency): parts.fund,
        chart.reserve(currency): parts.reserve,
    }
    draft = entries.refund_kept(
        keeping_id=str(row.id),
        donation_id=str(gift.id),
        on=utc_day(at),
        places={code: Money(part, currency) for code, part in places.items() if part},
    )
    posted = journal.post(session, draft, at=at, actor_id=by)
    gift.sourced -= parts.amount
    gift.unallocated += parts.fund
    _decide(session, row, posted.entry_id, parts, by=by, at=at, reason="")
    return posted.entry_id


def _decider(session: Session, actor: Actor, keeping_id: uuid.UUID) -> uuid.UUID:
    require(actor, Right.APPROVE_REFUND)
    by = person(actor)
    row = session.get(RefundKeeping, keeping_id)
    if row is None:
        raise NotFound("keeping_unknown")
    right = Right.APPROVE_REFUND
    if deputies.both_sides(
        session, actor=actor, right=right, first=row.prepared_by, object_id=row.id
    ):
        raise Refused("second_person_needed")
    return by


def _undecided(session: Session, keeping_id: uuid.UUID) -> None:
    if session.get(RefundKeepingDecision, keeping_id, populate_existing=True) is not None:
        raise Conflict("keeping_decided")


def _decide(
    session: Session,
    row: RefundKeeping,
    entry_id: uuid.UUID | None,
    parts: Parts,
    *,
    by: uuid.UUID,
    at: datetime,
    reason: str,
) -> None:
    session.add(
        RefundKeepingDecision(
            keeping_id=row.id,
            prepared_by=row.prepared_by,
            two_people=row.two_people,
            approved=entry_id is not None,
            reason=reason,
            entry_id=entry_id,
            share=parts.share,
            fund=parts.fund,
            reserve=parts.reserve,
            decided_at=at,
            decided_by=by,
        )
    )
    session.flush()


def _trail(session: Session, at: datetime, actor: Actor, action: str, row: RefundKeeping) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="refund",
        object_id=row.refund_id,
        details={"gift": str(row.donation_id), "reason": row.reason},
    )
