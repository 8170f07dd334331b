"""Which one receipt does a giver get for a whole year, and when is it made anew?

It lists the gifts of that year whose donor asked for one receipt a year, by the day the money
arrived, without what went back. A later refund cancels it and makes another.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import NotFound, Refused
from offset.giving import cancellations, receipt_facts, tax, wording
from offset.giving.models import (
    AnnualGift,
    AnnualReceipt,
    Donation,
    Receipt,
    ReceiptChoice,
)
from offset.giving.receipt_facts import NO_LONGER_A_GIFT, PARIS
from offset.money import Money
from offset.people import audit, outbox
from offset.people.access import SYSTEM, Actor, Right, require
from offset.people.contributors import Contributor
from offset.people.models import OutboxMessage

_SENTENCES: Final = (
    "annual",
    "annual_scope",
    "no_change",
    "no_benefit",
    "not_tax_receipt",
    "tax_receipt",
    "paris_time",
)


def issue_due(database: Database, *, at: datetime) -> int:
    """Issue what last year's givers wait for, one transaction each; return how many were new."""
    year = receipt_facts.paris_day(at).year - 1
    with database.reading() as session:
        addresses = _addresses(session, year)
    done = [database.run(bring_up_to_date, one, year=year, at=at) for one in addresses]
    return sum(one is not None for one in done)


def bring_up_to_date(
    session: Session, email: str, *, year: int, at: datetime
) -> AnnualReceipt | None:
    """Give a giver the receipt of a year as it should be now; None when nothing changes."""
    gifts = _gifts(session, email, year)
    standing = session.scalars(
        select(AnnualReceipt)
        .join(Contributor, Contributor.id == AnnualReceipt.contributor_id)
        .where(
            Contributor.email == email,
            AnnualReceipt.covers_year == year,
            AnnualReceipt.cancelled_at.is_(None),
        )
    ).first()
    return _make(session, standing, gifts, year=year, at=at)


def follow(session: Session, gift: Donation, *, at: datetime) -> AnnualReceipt | None:
    """Make a giver's receipt of the year anew when one of its gifts went back."""
    standing = session.scalars(
        select(AnnualReceipt)
        .join(AnnualGift, AnnualGift.annual_id == AnnualReceipt.id)
        .where(AnnualGift.donation_id == gift.id, AnnualReceipt.cancelled_at.is_(None))
    ).first()
    if standing is None:
        return None
    gifts = session.scalars(
        select(Donation)
        .join(AnnualGift, AnnualGift.donation_id == Donation.id)
        .where(AnnualGift.annual_id == standing.id)
        .order_by(Donation.settled_at, Donation.id)
    ).all()
    return _make(
        session, standing, [one for one in gifts if _counts(one)], year=standing.covers_year, at=at
    )


def covered(session: Session, donation_id: uuid.UUID) -> bool:
    """Say whether a gift stands on a receipt of its year."""
    return (
        session.scalar(
            select(AnnualGift.donation_id)
            .join(AnnualReceipt, AnnualReceipt.id == AnnualGift.annual_id)
            .where(AnnualGift.donation_id == donation_id, AnnualReceipt.cancelled_at.is_(None))
        )
        is not None
    )


def _addresses(session: Session, year: int) -> tuple[str, ...]:
    begins, ends = _bounds(year)
    return tuple(
        session.scalars(
            select(Contributor.email)
            .join(Donation, Donation.contributor_id == Contributor.id)
            .where(
                Contributor.email.is_not(None),
                Donation.receipt_choice == ReceiptChoice.ANNUAL,
                Donation.settled_at >= begins,
                Donation.settled_at < ends,
            )
            .distinct()
            .order_by(Contributor.email)
        )
    )


def _gifts(session: Session, email: str, year: int) -> list[Donation]:
    begins, ends = _bounds(year)
    own = select(Receipt.donation_id).where(
        Receipt.donation_id == Donation.id, Receipt.cancelled_at.is_(None)
    )
    rows = session.scalars(
        select(Donation)
        .join(Contributor, Contributor.id == Donation.contributor_id)
        .where(
            Contributor.email == email,
            Donation.receipt_choice == ReceiptChoice.ANNUAL,
            Donation.settled_at >= begins,
            Donation.settled_at < ends,
            ~own.exists(),
        )
        .order_by(Donation.settled_at, Donation.id)
    )
    return [one for one in rows if _counts(one)]


def _bounds(year: int) -> tuple[datetime, datetime]:
    """Return when a year begins and ends where receipts are dated."""
    return (
        datetime(year, 1, 1, tzinfo=PARIS).astimezone(UTC),
        datetime(year + 1, 1, 1, tzinfo=PARIS).astimezone(UTC),
    )


def _counts(gift: Donation) -> bool:
    return gift.status not in NO_LONGER_A_GIFT and receipt_facts.kept(gift).minor > 0


def _make(
    session: Session,
    standing: AnnualReceipt | None,
    gifts: Sequence[Donation],
    *,
    year: int,
    at: datetime,
) -> AnnualReceipt | None:
    """Replace a receipt of a year by one of these gifts, unless it says the same already."""
    if standing is not None:
        if _said(session, standing) == {one.id: receipt_facts.kept(one).minor for one in gifts}:
            return None
        cancellations.cancel(session, standing, reason="gifts_changed", at=at)
    fresh = _issue(session, gifts, year=year, replaces=standing, at=at) if gifts else None
    if standing is not None:
        written = cancellations.note(session, standing, replacement=fresh, at=at)
        if fresh is None:
            email = session.get_one(Contributor, standing.contributor_id).email
            path = standing.facts["receipt_path"]
            cancellations.tell(session, written, to=email, gift_path=path, at=at)
        else:
            _queue_mail(session, fresh, at=at, papers=[["cancellation", str(written.id)]])
    elif fresh is not None:
        _queue_mail(session, fresh, at=at, papers=[])
    return fresh


def _said(session: Session, row: AnnualReceipt) -> dict[uuid.UUID, int]:
    found = session.execute(
        select(AnnualGift.donation_id, AnnualGift.amount).where(AnnualGift.annual_id == row.id)
    )
    return {donation_id: int(amount) for donation_id, amount in found}


def _issue(
    session: Session,
    gifts: Sequence[Donation],
    *,
    year: int,
    replaces: AnnualReceipt | None,
    at: datetime,
) -> AnnualReceipt:
    last, namer = gifts[-1], _namer(session, gifts)
    told = receipt_facts.head(session, at=at)
    facts = _facts(session, gifts, told, namer, year=year, replaces=replaces)
    row = AnnualReceipt(
        id=uuid7(at),
        contributor_id=namer.contributor_id,
        covers_year=year,
        issuer=told.issuer["legal_name"],
        year=told.day.year,
        number=told.number,
        token=told.token,
        language=last.language,
        issued_at=at,
        issued_on=told.day,
        facts=facts,
        facts_sha256=receipt_facts.hash_of(facts),
    )
    session.add(row)
    session.flush()
    session.add_all(
        AnnualGift(annual_id=row.id, donation_id=one.id, amount=receipt_facts.kept(one).minor)
        for one in gifts
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action="receipt.issued",
        object_type="annual_receipt",
        object_id=row.id,
        details={"number": told.name, "covers": year, "gifts": len(gifts)},
    )
    return row


def _facts(
    session: Session,
    gifts: Sequence[Donation],
    told: receipt_facts.Head,
    namer: Donation,
    *,
    year: int,
    replaces: AnnualReceipt | None,
) -> dict[str, Any]:
    last = gifts[-1]
    totals = _totals(gifts)
    giver = receipt_facts.giver_of(session, namer)
    choice = tax.choose(told.issuer, giver, frozenset(one.currency for one in totals))
    sentences = wording.load(last.language)
    return {
        **told.told(),
        "covers_year": year,
        "language": last.language,
        "wording_version": sentences.version,
        "sentences": sentences.some(_SENTENCES),
        "gifts": [
            {
                "reference": one.reference,
                "paid_on": receipt_facts.paid_on(one).isoformat(),
                "method": one.method,
                "kept": receipt_facts.minor(receipt_facts.kept(one)),
                "gift_path": f"/gift/{one.token}",
                **receipt_facts.proof(session, one),
            }
            for one in gifts
        ],
        "totals": [receipt_facts.minor(one) for one in totals],
        "receipt_path": f"/receipts/annual/{told.token}",
        "replaces": None if replaces is None else replaces.facts["number"],
        "regime": choice.regime.value,
        "wanting": None if choice.wanting is None else choice.wanting.value,
        "tax": tax.mentions(
            choice,
            tax.Told(
                issuer=told.issuer,
                number=told.name,
                kept=totals,
                paid_on=None,
                year=year,
                issued_on=told.day,
            ),
        ),
    }


def _totals(gifts: Sequence[Donation]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for one in gifts:
        left = receipt_facts.kept(one)
        sums[left.currency] = sums.get(left.currency, Money(0, left.currency)) + left
    return tuple(sums[code] for code in sorted(sums))


def _namer(session: Session, gifts: Sequence[Donation]) -> Donation:
    """Return the newest gift that names its giver in full, as a tax receipt needs it."""
    for one in reversed(gifts):
        giver = receipt_facts.giver_of(session, one)
        if giver.name and giver.address:
            return one
    return gifts[-1]


@dataclass(frozen=True, slots=True)
class AnnualLine:
    """A receipt of a year on the desk's list."""

    id: uuid.UUID
    number: str
    covers_year: int
    issued_on: date
    totals: tuple[Money, ...]
    token: str
    email: str | None


def lines(session: Session, *, limit: int = 200) -> tuple[AnnualLine, ...]:
    """List the receipts of years that stand, newest first."""
    rows = session.execute(
        select(AnnualReceipt, Contributor.email)
        .join(Contributor, Contributor.id == AnnualReceipt.contributor_id)
        .where(AnnualReceipt.cancelled_at.is_(None))
        .order_by(AnnualReceipt.issued_at.desc(), AnnualReceipt.number.desc())
        .limit(limit)
    )
    return tuple(
        AnnualLine(
            id=row.id,
            number=row.facts["number"],
            covers_year=row.covers_year,
            issued_on=row.issued_on,
            totals=tuple(Money(one["minor"], one["currency"]) for one in row.facts["totals"]),
            token=row.token,
            email=email,
        )
        for row, email in rows
    )


def send_again(session: Session, annual_id: uuid.UUID, *, actor: Actor, at: datetime) -> str:
    """Send the mail of a year's receipt once more, with the same bytes; return to whom.

    Raises
    ------
    Forbidden
        Without the right to send receipts.
    NotFound
        ``receipt_unknown``.
    Refused
        ``already_cancelled``; ``giver_without_address``.
    """
    require(actor, Right.SEND_RECEIPT)
    row = session.get(AnnualReceipt, annual_id)
    if row is None:
        raise NotFound("receipt_unknown")
    if row.cancelled_at is not None:
        raise Refused("already_cancelled")
    to = session.get_one(Contributor, row.contributor_id).email
    if not to:
        raise Refused("giver_without_address")
    sent = session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.key.startswith(f"annual:{row.id}", autoescape=True))
    )
    _queue_mail(session, row, at=at, papers=[], again=int(sent or 0))
    audit.record(
        session,
        at=at,
        actor=actor,
        action="receipt.sent_again",
        object_type="annual_receipt",
        object_id=row.id,
        details={"number": row.facts["number"]},
    )
    return to


def _queue_mail(
    session: Session,
    row: AnnualReceipt,
    *,
    at: datetime,
    papers: list[list[str]],
    again: int = 0,
) -> None:
    email = session.get_one(Contributor, row.contributor_id).email
    if not email:
        return
    outbox.enqueue(
        session,
        at=at,
        template="receipt_annual",
        to=email,
        language=row.language,
        parameters={
            "number": row.facts["number"],
            "issued_on": row.facts["issued_on"],
            "year": row.covers_year,
            "totals": row.facts["totals"],
            "sentences": row.facts["sentences"],
            "regime": row.facts["regime"],
            "receipt_path": row.facts["receipt_path"],
            "replaces": row.facts["replaces"],
            "papers": [["annual", str(row.id)], *papers],
        },
        key=f"annual:{row.id}:again:{again}" if again else f"annual:{row.id}",
    )
