"""Which payments does a donor's bank question, until when may we answer, and how did it end?

The processor decides nothing by itself: each state is what it told when its dispute was read
again. The secretariat is told when one opens and again three days before the answer is due.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving import booking, donations
from offset.giving.models import Dispute, Donation, DonationStatus
from offset.giving.ports import DisputeFacts
from offset.money import Money
from offset.people import outbox
from offset.people.access import Role
from offset.people.models import RoleGrant, User

# Stripe's words. A warning asks a question and takes no money; "prevented" took none either.
CLOSED: Final = frozenset({"won", "lost", "warning_closed", "prevented"})
WARNINGS: Final = frozenset({"warning_needs_response", "warning_under_review", "warning_closed"})
NEEDS_ANSWER: Final = frozenset(
    {"needs_response", "warning_needs_response", "appeal_needs_response"}
)
# A lost dispute may be appealed: it ends a second time, and moves no gift any more.
_APPEAL: Final = "appeal_"
REMIND_BEFORE: Final = timedelta(days=3)
_LOST: Final = "lost"
_WON: Final = "won"
_TURNED: Final = frozenset({(_LOST, _WON), ("appeal_under_review", _WON)})


@dataclass(frozen=True, kw_only=True)
class DisputeLine:
    """One dispute on the desk's list."""

    dispute_id: str
    status: str
    amount: Money
    evidence_due: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    donation_id: uuid.UUID | None
    reference: str | None

    @property
    def needs_answer(self) -> bool:
        """Whether the processor waits for our evidence."""
        return self.status in NEEDS_ANSWER

    @property
    def open(self) -> bool:
        """Whether it has not ended, or goes on in an appeal."""
        return self.closed_at is None or self.status.startswith(_APPEAL)

    def late(self, at: datetime) -> bool:
        """Say whether the answer is due within the days of the reminder, or overdue."""
        due = self.evidence_due
        return self.needs_answer and due is not None and due - REMIND_BEFORE <= at


def keep(session: Session, facts: DisputeFacts, gift: Donation | None, *, at: datetime) -> bool:
    """Keep what the processor told of a dispute; say whether it has just ended."""
    row = session.get(Dispute, facts.dispute_id)
    if row is None:
        row = Dispute(
            dispute_id=facts.dispute_id,
            donation_id=None if gift is None else gift.id,
            charge_id=facts.charge_id,
            currency=facts.presented.currency,
            amount=facts.presented.minor,
            status=facts.status,
            evidence_due=facts.evidence_due,
            opened_at=min((told.created for told in facts.movements), default=at),
            changed_at=at,
        )
        session.add(row)
    ended = row.closed_at is None and facts.status in CLOSED
    if row.closed_at is not None and (row.status, facts.status) in _TURNED:
        # The loss was taken from its sources; where the money goes now a person decides.
        booking.raise_alarm(
            session, "dispute_won_after_loss", facts.dispute_id, at=at, was=row.status
        )
    if row.status != facts.status or row.evidence_due != facts.evidence_due:
        row.status, row.evidence_due, row.changed_at = facts.status, facts.evidence_due, at
    if ended:
        row.closed_at = at
    session.flush()
    return ended


def move(
    session: Session, gift: Donation, facts: DisputeFacts, *, ended: bool, at: datetime
) -> None:
    """Let a gift follow a dispute that took money: disputed, then won or lost, whole or in part."""
    cause = facts.dispute_id
    if facts.status.startswith(_APPEAL) or (facts.status in CLOSED and not ended):
        # Late news of a dispute that has ended: the gift has moved on.
        return
    donations.advance(session, gift, DonationStatus.DISPUTED, at=at, cause=cause)
    if facts.status == _WON:
        donations.advance(session, gift, DonationStatus.WON, at=at, cause=cause)
    if facts.status == _LOST and ended:
        # The money is gone: nothing of the gift moves until its sources are found.
        gift.refunded += -sum(told.amount.minor for told in facts.movements)
        gift.receipt_due = True
        if gift.gross is not None and gift.refunded < gift.gross:
            booking.restate(session, gift, at=at, cause=cause)
        else:
            donations.advance(session, gift, DonationStatus.LOST, at=at, cause=cause)


def unfinished(session: Session, *, limit: int) -> tuple[str, ...]:
    """Name the disputes that have not ended, those to answer soonest first."""
    return tuple(
        session.scalars(
            select(Dispute.dispute_id)
            .where(or_(Dispute.closed_at.is_(None), Dispute.status.startswith(_APPEAL)))
            .order_by(Dispute.evidence_due, Dispute.dispute_id)
            .limit(limit)
        )
    )


def lines(session: Session, *, limit: int = 200) -> tuple[DisputeLine, ...]:
    """List the disputes: open ones by the day their answer is due, then the ended ones."""
    rows = session.execute(
        select(Dispute, Donation.reference)
        .outerjoin(Donation, Donation.id == Dispute.donation_id)
        .order_by(
            and_(Dispute.closed_at.is_not(None), ~Dispute.status.startswith(_APPEAL)),
            Dispute.evidence_due.is_(None),
            Dispute.evidence_due,
            Dispute.dispute_id,
        )
        .limit(limit)
    )
    return tuple(
        DisputeLine(
            dispute_id=row.dispute_id,
            status=row.status,
            amount=Money(row.amount, row.currency),
            evidence_due=row.evidence_due,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            donation_id=row.donation_id,
            reference=reference,
        )
        for row, reference in rows
    )


def remind(session: Session, *, at: datetime) -> int:
    """Write the mails about open disputes that are due; the same one is never written twice.

    Who prepares and who approves refunds is told: when it opened, and before the answer is due.
    """
    told = 0
    people = _secretariat(session)
    for line in lines(session):
        if not line.open:
            continue
        appealed = ["appeal"] if line.status.startswith(_APPEAL) else []
        late = ["due" + "".join(appealed)] if line.late(at) else []
        kinds = ["opened", *appealed, *late]
        for kind in kinds:
            told += _tell(session, line, kind, people, at=at)
    return told


def _secretariat(session: Session) -> tuple[tuple[uuid.UUID, str, str], ...]:
    rows = session.execute(
        select(User.id, User.email, User.language)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role.in_((Role.CLERK, Role.TREASURER)), RoleGrant.revoked_at.is_(None))
        .where(User.disabled_at.is_(None))
        .distinct()
        .order_by(User.id)
    )
    return tuple((one, email, language) for one, email, language in rows if email)


def _tell(
    session: Session,
    line: DisputeLine,
    kind: str,
    people: tuple[tuple[uuid.UUID, str, str], ...],
    *,
    at: datetime,
) -> int:
    due = None if line.evidence_due is None else utc_day(line.evidence_due).isoformat()
    for user_id, email, language in people:
        outbox.enqueue(
            session,
            at=at,
            template="dispute",
            to=email,
            language=language,
            parameters={
                "due_soon": kind.startswith("due"),
                "amount": {"minor": line.amount.minor, "currency": line.amount.currency},
                "evidence_due": due,
                "reference": line.reference,
                "dispute": line.dispute_id,
                "needs_answer": line.needs_answer,
            },
            key=f"dispute:{kind}:{line.dispute_id}:{user_id}",
        )
    return len(people)
