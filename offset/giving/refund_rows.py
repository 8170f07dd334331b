"""How is money given back to a donor: prepared, approved, asked for once, and followed?

Our row comes first, then the processor is asked under the row's own id. From the settable amount
on, and for every direct debit, a second person approves. A debit may still be returned by the
donor's bank for eight weeks, which would pay the donor twice: until then it goes back only with a
written confirmation. A refund that somebody made at the processor itself is kept as external and
waits for a person to accept it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    OffsetError,
    Refused,
    TryLater,
)
from offset.giving import booking, donations, shares
from offset.giving.models import Donation, DonationStatus, Refund, RefundState
from offset.giving.ports import RefundFacts, RefundGateway, RefundRequest
from offset.money import Money
from offset.people import audit, deputies, outbox, settings
from offset.people.access import SYSTEM, Actor, Right, require
from offset.people.contributors import Contributor
from offset.people.models import User

# Eight weeks without giving a reason: the SEPA Direct Debit Core rulebook, section 4.3.2.
SEPA_DELAY: Final = timedelta(weeks=8)
_SEPA: Final = "sepa_debit"
# The processor forgets a key after a day; from half of that on we look before we ask again.
_LOOK_FIRST: Final = timedelta(hours=12)
_STANDS: Final = (
    RefundState.PREPARED,
    RefundState.APPROVED,
    RefundState.PENDING,
    RefundState.SUCCEEDED,
    RefundState.EXTERNAL,
)
_TOLD: Final[dict[str, RefundState]] = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# Forward only: what the processor tells late changes nothing.
STEPS: Final[frozenset[tuple[RefundState, RefundState]]] = frozenset(
    {
        (RefundState.PREPARED, RefundState.APPROVED),
        (RefundState.PREPARED, RefundState.REFUSED),
        (RefundState.APPROVED, RefundState.PENDING),
        (RefundState.APPROVED, RefundState.SUCCEEDED),
        (RefundState.APPROVED, RefundState.FAILED),
        (RefundState.PENDING, RefundState.SUCCEEDED),
        (RefundState.PENDING, RefundState.FAILED),
        (RefundState.SUCCEEDED, RefundState.FAILED),
        (RefundState.EXTERNAL, RefundState.FAILED),
    }
)


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """One refund on the desk's list."""

    id: uuid.UUID
    donation_id: uuid.UUID
    reference: str
    external: bool
    state: RefundState
    amount: Money
    reason: str
    confirmation: str | None
    two_people: bool
    prepared_by: str | None
    prepared_by_id: uuid.UUID | None
    prepared_at: datetime
    decided_by: str | None
    note: str | None
    processor_id: str | None
    pending_reason: str | None
    fault: str | None


@dataclass(frozen=True, kw_only=True)
class Refundable:
    """What may go back of a gift now, and what a refund of it needs."""

    donation_id: uuid.UUID
    reference: str
    left: Money
    two_people_from: Money
    debit: bool
    debit_safe: bool


class Decision(Protocol):
    """A verb by which somebody decides about a refund, with a reason."""

    def __call__(
        self, session: Session, *, actor: Actor, at: datetime, refund_id: uuid.UUID, reason: str
    ) -> object:
        """Decide."""
        ...


# --- a person prepares, another approves -------------------------------------------------------


def refundable(session: Session, donation_id: uuid.UUID, *, at: datetime) -> Refundable:
    """Say what may go back of a gift.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    gift = session.get(Donation, donation_id)
    if gift is None:
        raise NotFound("gift_unknown")
    return Refundable(
        donation_id=gift.id,
        reference=gift.reference,
        left=_left(session, gift),
        two_people_from=two_people_from(session, gift.currency),
        debit=gift.method == _SEPA,
        debit_safe=_debit_safe(gift, at),
    )


def prepare(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    donation_id: uuid.UUID,
    amount: Money,
    reason: str,
    confirmation: str = "",
) -> uuid.UUID:
    """Prepare a refund; a small one of a card payment is approved by the same act.

    Raises
    ------
    Forbidden
        Without the right to prepare refunds; ``person_needed``.
    NotFound
        ``gift_unknown``.
    InvalidInput
        ``amount_not_positive``, ``reason_missing``, ``refund_above_gift``.
    Refused
        ``gift_not_settled``, ``refund_not_by_card``, ``dispute_open``, ``debit_too_young``.
    """
    require(actor, Right.PREPARE_REFUND)
    person = _person(actor)
    gift = donations.locked(session, donation_id)
    _check(session, gift, amount, reason)
    confirmed = confirmation.strip() or None
    debit = gift.method == _SEPA
    if debit and confirmed is None and not _debit_safe(gift, at):
        raise Refused("debit_too_young", weeks=SEPA_DELAY.days // 7)
    two_people = debit or amount >= two_people_from(session, gift.currency)
    row = Refund(
        id=uuid7(at),
        donation_id=gift.id,
        external=False,
        amount=amount.minor,
        currency=amount.currency,
        reason=reason.strip(),
        confirmation=confirmed,
        two_people=two_people,
        prepared_by=person,
        prepared_at=at,
        state=RefundState.PREPARED,
        changed_at=at,
    )
    session.add(row)
    session.flush()
    deputies.note_act(session, actor=actor, at=at, right=Right.PREPARE_REFUND, object_id=row.id)
    _trail(session, at, actor, "refund.prepared", row, amount=str(amount), gift=gift.reference)
    if not two_people:
        _decide(session, row, RefundState.APPROVED, person, actor, at=at)
    return row.id


def approve(session: Session, *, actor: Actor, at: datetime, refund_id: uuid.UUID) -> None:
    """Approve a refund as the second person; the processor is asked afterwards.

    Raises
    ------
    Forbidden
        Without the right to approve refunds; ``person_needed``.
    NotFound
        ``refund_unknown``.
    Conflict
        ``refund_decided`` already.
    Refused
        ``second_person_needed``, ``dispute_open``.
    """
    row, person = _to_decide(session, actor, refund_id)
    gift = donations.locked(session, row.donation_id)
    if gift.status is DonationStatus.DISPUTED:
        raise Refused("dispute_open")
    _decide(session, row, RefundState.APPROVED, person, actor, at=at)


def refuse(
    session: Session, *, actor: Actor, at: datetime, refund_id: uuid.UUID, reason: str
) -> None:
    """Refuse a refund as the second person, with the reason.

    Raises
    ------
    Forbidden, NotFound, Conflict, Refused
        As :func:`approve`.
    InvalidInput
        ``reason_missing``.
    """
    row, person = _to_decide(session, actor, refund_id)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    row.note = reason.strip()
    _decide(session, row, RefundState.REFUSED, person, actor, at=at)


def accept(
    session: Session, *, actor: Actor, at: datetime, refund_id: uuid.UUID, reason: str
) -> None:
    """Accept a refund that was made at the processor; its sources are found by the job.

    Raises
    ------
    Forbidden
        Without the right to approve refunds; ``person_needed``.
    NotFound
        ``refund_unknown``.
    Conflict
        ``refund_decided`` already.
    InvalidInput
        ``reason_missing``.
    """
    require(actor, Right.APPROVE_REFUND)
    person = _person(actor)
    row = _locked(session, refund_id)
    if not row.external:
        raise NotFound("refund_unknown")
    if row.decided_by is not None:
        raise Conflict("refund_decided")
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    row.note, row.decided_by, row.decided_at, row.changed_at = reason.strip(), person, at, at
    session.flush()
    _trail(session, at, actor, "refund.accepted", row, processor=row.processor_id)


# --- the processor is asked, outside any transaction -------------------------------------------


def send(
    database: Database, gateway: RefundGateway, refund_id: uuid.UUID, *, at: datetime
) -> RefundState:
    """Ask the processor for an approved refund, once, and book what it answers.

    Raises
    ------
    NotFound
        ``refund_unknown``.
    TryLater
        ``processor_unreachable``: the job asks again under the same key.
    """
    with database.reading() as session:
        row = session.get(Refund, refund_id)
        gift = None if row is None else session.get_one(Donation, row.donation_id)
        if row is None or gift is None or gift.charge_id is None:
            raise NotFound("refund_unknown")
        if row.state is not RefundState.APPROVED:
            return row.state
        old = row.decided_at is not None and row.decided_at + _LOOK_FIRST < at
        request = RefundRequest(
            refund_id=str(row.id), charge_id=gift.charge_id, amount=Money(row.amount, row.currency)
        )
    try:
        facts = gateway.find(request) if old else None
        facts = facts or gateway.refund(request)
    except TryLater:
        raise
    except OffsetError as fault:
        word = str(fault.parameters.get("reason") or fault.code)
        return database.run(_refused, refund_id, word, at=at)
    return database.run(_answered, refund_id, facts, at=at)


def send_approved(database: Database, gateway: RefundGateway, *, at: datetime) -> int:
    """Ask for every approved refund that was not asked for yet; return how many were."""
    with database.reading() as session:
        waiting = session.scalars(
            select(Refund.id).where(Refund.state == RefundState.APPROVED).order_by(Refund.id)
        ).all()
    for one in waiting:
        send(database, gateway, one, at=at)
    return len(waiting)


def unfinished(session: Session, *, limit: int) -> tuple[str, ...]:
    """Name the refunds that the processor has not finished, oldest first."""
    return tuple(
        one
        for one in session.scalars(
            select(Refund.processor_id)
            .where(Refund.state == RefundState.PENDING, Refund.processor_id.is_not(None))
            .order_by(Refund.prepared_at)
            .limit(limit)
        )
        if one
    )


def note(session: Session, gift: Donation, facts: RefundFacts, *, at: datetime) -> None:
    """Keep what the processor told of a refund; one that is not ours is external."""
    row = session.scalar(select(Refund).where(_same(facts)).with_for_update())
    state = _TOLD.get(facts.status, RefundState.PENDING)
    if row is None:
        session.add(_external(gift, facts, state, at))
        session.flush()
        return
    row.processor_id = row.processor_id or facts.refund_id
    if (row.state, state) in STEPS:
        row.state, row.changed_at = state, at
    row.pending_reason = facts.pending_reason if row.state is RefundState.PENDING else None
    came_back = row.state is RefundState.FAILED and row.fault is None
    if row.state is RefundState.FAILED:
        row.fault = row.fault or facts.failure_reason or "failed"
    session.flush()
    if came_back and facts.movements:
        # Its donor may have been told already that it is on its way.
        booking.raise_alarm(
            session, "refund_came_back", facts.refund_id, at=at, gift=gift.reference, why=row.fault
        )


# --- reading, and telling donors ---------------------------------------------------------------


def lines(
    session: Session, *, donation_id: uuid.UUID | None = None, limit: int = 200
) -> tuple[RefundLine, ...]:
    """List refunds, what waits for a person first, then the newest."""
    preparer, decider = aliased(User), aliased(User)
    waits = or_(
        Refund.state == RefundState.PREPARED,
        (Refund.state == RefundState.EXTERNAL) & Refund.decided_by.is_(None),
    )
    wanted = (
        select(Refund, Donation.reference, preparer.name, decider.name)
        .join(Donation, Donation.id == Refund.donation_id)
        .outerjoin(preparer, preparer.id == Refund.prepared_by)
        .outerjoin(decider, decider.id == Refund.decided_by)
        .order_by(~waits, Refund.prepared_at.desc(), Refund.id.desc())
        .limit(limit)
    )
    if donation_id is not None:
        wanted = wanted.where(Refund.donation_id == donation_id)
    return tuple(
        _line(row, reference, prepared, decided)
        for row, reference, prepared, decided in session.execute(wanted)
    )


def line(session: Session, refund_id: uuid.UUID) -> RefundLine:
    """Read one refund.

    Raises
    ------
    NotFound
        ``refund_unknown``.
    """
    row = session.get(Refund, refund_id)
    if row is None:
        raise NotFound("refund_unknown")
    return next(one for one in lines(session, donation_id=row.donation_id) if one.id == refund_id)


def waiting(session: Session) -> int:
    """Count the refunds that wait for a person."""
    found = session.scalar(
        select(func.count())
        .select_from(Refund)
        .where(
            Refund.decided_by.is_(None),
            Refund.state.in_((RefundState.PREPARED, RefundState.EXTERNAL)),
        )
    )
    return int(found or 0)


def tell_donors(session: Session, *, at: datetime) -> int:
    """Write the mail of each refund that has left us lately; the same one only once."""
    rows = session.execute(
        select(Refund, Donation, Contributor)
        .join(Donation, Donation.id == Refund.donation_id)
        .join(Contributor, Contributor.id == Donation.contributor_id)
        .where(
            Refund.state == RefundState.SUCCEEDED,
            Refund.changed_at > at - _TOLD_WITHIN,
            Contributor.email.is_not(None),
        )
    ).all()
    for row, gift, giver in rows:
        outbox.enqueue(
            session,
            at=at,
            template="refund",
            to=giver.email or "",
            language=gift.language,
            parameters={
                "amount": {"minor": row.amount, "currency": row.currency},
                "whole": row.amount == gift.amount,
                "gift_path": f"/gift/{gift.token}",
                "reference": gift.reference,
            },
            key=f"refund:{row.id}",
        )
    return len(rows)


_TOLD_WITHIN: Final = timedelta(days=7)


# --- inside ------------------------------------------------------------------------------------


def _check(session: Session, gift: Donation, amount: Money, reason: str) -> None:
    if gift.settled_at is None:
        raise Refused("gift_not_settled")
    if gift.charge_id is None:
        raise Refused("refund_not_by_card")
    if gift.status is DonationStatus.DISPUTED:
        raise Refused("dispute_open")
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    if amount.minor <= 0:
        raise InvalidInput("amount_not_positive", field="amount")
    left = _left(session, gift)
    if amount.currency != left.currency or amount > left:
        raise InvalidInput("refund_above_gift", field="amount", left=left)


def _left(session: Session, gift: Donation) -> Money:
    """Return what was given and not yet asked back, in the donor's currency."""
    asked = session.scalar(
        select(func.coalesce(func.sum(Refund.amount), 0)).where(
            Refund.donation_id == gift.id, Refund.state.in_(_STANDS)
        )
    )
    if gift.gross is None or gift.status is DonationStatus.LOST:
        return Money(0, gift.currency)
    # What a bank took back counts too, in our currency; so the smaller of the two is left.
    here = shares.pro_rata(max(gift.gross - gift.refunded, 0), gift.gross, gift.amount)
    return Money(max(min(gift.amount - int(asked or 0), here), 0), gift.currency)


def two_people_from(session: Session, currency: str) -> Money:
    """Return the amount from which a second person approves what goes back."""
    held = settings.current(session, "two_people_from").value
    # A currency without a limit of its own takes the smallest one there is.
    return Money(int(held.get(currency, min(held.values(), default=0))), currency)


def _debit_safe(gift: Donation, at: datetime) -> bool:
    return gift.settled_at is not None and gift.settled_at + SEPA_DELAY <= at


def _person(actor: Actor) -> uuid.UUID:
    if actor.user_id is None:
        raise Forbidden("person_needed")
    return actor.user_id


def _locked(session: Session, refund_id: uuid.UUID) -> Refund:
    row = session.scalar(select(Refund).where(Refund.id == refund_id).with_for_update())
    if row is None:
        raise NotFound("refund_unknown")
    return row


def _to_decide(session: Session, actor: Actor, refund_id: uuid.UUID) -> tuple[Refund, uuid.UUID]:
    require(actor, Right.APPROVE_REFUND)
    person = _person(actor)
    row = _locked(session, refund_id)
    if row.state is not RefundState.PREPARED:
        raise Conflict("refund_decided")
    # Nor does a deputy decide on what the absent person prepared, by that person's own right.
    right = Right.APPROVE_REFUND
    if deputies.both_sides(
        session, actor=actor, right=right, first=row.prepared_by, object_id=row.id
    ):
        raise Refused("second_person_needed")
    return row, person


def _decide(
    session: Session,
    row: Refund,
    to: RefundState,
    person: uuid.UUID,
    actor: Actor,
    *,
    at: datetime,
) -> None:
    row.state, row.decided_by, row.decided_at, row.changed_at = to, person, at, at
    session.flush()
    _trail(session, at, actor, f"refund.{to.value}", row, note=row.note)


def _refused(session: Session, refund_id: uuid.UUID, word: str, *, at: datetime) -> RefundState:
    """Note that the processor gives nothing back; the gift is as before."""
    row = _locked(session, refund_id)
    if row.state is RefundState.APPROVED:
        row.state, row.fault, row.changed_at = RefundState.FAILED, word, at
        session.flush()
        _trail(session, at, SYSTEM, "refund.failed", row, fault=word)
    return row.state


def _answered(
    session: Session, refund_id: uuid.UUID, facts: RefundFacts, *, at: datetime
) -> RefundState:
    """Book what the processor answered, as its event would."""
    row = session.get_one(Refund, refund_id)
    gift = donations.locked(session, row.donation_id)
    for told in facts.movements:
        booking.book(session, told, at=at, gift=gift)
    note(session, gift, facts, at=at)
    return session.get_one(Refund, refund_id).state


def _same(facts: RefundFacts) -> ColumnElement[bool]:
    told = Refund.processor_id == facts.refund_id
    try:
        return or_(told, Refund.id == uuid.UUID(facts.ours or ""))
    except ValueError:
        return told


def _external(gift: Donation, facts: RefundFacts, state: RefundState, at: datetime) -> Refund:
    return Refund(
        id=uuid7(at),
        donation_id=gift.id,
        external=True,
        amount=facts.presented.minor,
        currency=facts.presented.currency,
        reason="",
        two_people=False,
        prepared_at=at,
        state=RefundState.FAILED if state is RefundState.FAILED else RefundState.EXTERNAL,
        processor_id=facts.refund_id,
        fault=facts.failure_reason,
        changed_at=at,
    )


def _line(row: Refund, reference: str, prepared: str | None, decided: str | None) -> RefundLine:
    return RefundLine(
        id=row.id,
        donation_id=row.donation_id,
        reference=reference,
        external=row.external,
        state=row.state,
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        confirmation=row.confirmation,
        two_people=row.two_people,
        prepared_by=prepared,
        prepared_by_id=row.prepared_by,
        prepared_at=row.prepared_at,
        decided_by=decided,
        note=row.note,
        processor_id=row.processor_id,
        pending_reason=row.pending_reason,
        fault=row.fault,
    )


def _trail(
    session: Session, at: datetime, actor: Actor, action: str, row: Refund, **details: object
) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=action,
        object_type="refund",
        object_id=row.id,
        details={name: value for name, value in details.items() if value is not None},
    )
