"""What does the page behind a gift's link show, to the cent?"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.errors import NotFound
from offset.giving.directives import weights_of
from offset.giving.models import (
    AllocationRow,
    AnnualGift,
    AnnualReceipt,
    Donation,
    DonationStatus,
    Overflow,
    Receipt,
    ReceiptChoice,
    ReceiptDocument,
)
from offset.ledger import chart
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.projects.models import Outcome, Project, ProjectStatus, ProjectUpdate

STEPS: Final = ("received", "allocated", "paid", "reported", "measured")


@dataclass(frozen=True)
class GiftStep:
    """One of the five words: ``done``, ``partly`` or ``open``, since when, and for how much."""

    word: str
    state: str
    on: date | None = None
    amount: Money | None = None


@dataclass(frozen=True)
class GiftRow:
    """What a gift gives to one project, to the cent, and what came of it.

    ``paid`` counts the project's payments to the oldest rows first.
    """

    project_id: uuid.UUID
    slug: str
    title: str
    allocated: Money
    paid: Money
    allocated_on: date
    paid_on: date | None
    reported_on: date | None
    measured_on: date | None
    report_due_on: date | None
    withdrawn: bool = False


@dataclass(frozen=True)
class GiftReturn:
    """A part of a gift that left a project again: ``withdrawn``, ``refund`` or ``dispute``."""

    slug: str
    title: str
    amount: Money
    on: date
    why: str


@dataclass(frozen=True)
class Chosen:
    """A project the donor named, and for how many per cent of the gift."""

    slug: str
    title: str
    percent: int


@dataclass(frozen=True)
class Split:
    """How a settled gift was cut; the three parts add up to ``gross``."""

    gross: Money
    to_projects: Money
    fee: Money
    share: Money
    settled_on: date
    exchange_rate: str | None


@dataclass(frozen=True)
class ReceiptLink:
    """The receipt of a gift, as its page links it."""

    token: str
    number: str
    issued_on: date
    cancelled_on: date | None
    has_pdf: bool
    receipt_id: uuid.UUID | None = None


@dataclass(frozen=True)
class GiftPage:
    """Everything the page behind a gift's link shows; nothing on it names the giver."""

    donation_id: uuid.UUID
    token: str
    reference: str
    status: DonationStatus
    language: str
    created_at: datetime
    settled_at: datetime | None
    amount: Money
    split: Split | None
    refunded: Money | None
    unallocated: Money | None
    directed_to: str | None
    directed_slug: str | None
    overflow: Overflow
    sentences: Mapping[str, str]
    entry_id: uuid.UUID | None
    steps: tuple[GiftStep, ...]
    rows: tuple[GiftRow, ...]
    receipts: tuple[ReceiptLink, ...]
    # What the donor said, and what left a project again.
    chosen: tuple[Chosen, ...] = ()
    theme: str = ""
    next_project: str | None = None
    next_theme: str = ""
    returns: tuple[GiftReturn, ...] = ()
    receipt_choice: ReceiptChoice = ReceiptChoice.EACH
    # The receipt of the year that covers it, when its donor asked for that.
    annual: ReceiptLink | None = None
    # One month of a monthly gift; the mandate of a direct debit.
    monthly: bool = False
    mandate: str | None = None

    @property
    def receipt(self) -> ReceiptLink | None:
        """The receipt that stands, if one does."""
        return next((one for one in self.receipts if one.cancelled_on is None), None)


def gift(session: Session, token: str) -> GiftPage:
    """Read the page behind a gift's link.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    return page_of(session, Donation.token == token)


def gift_of_session(session: Session, session_id: str) -> str:
    """Return the link of the gift that a payment page belongs to.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    token = session.scalar(select(Donation.token).where(Donation.session_id == session_id))
    if token is None:
        raise NotFound("gift_unknown")
    return token


def page_of(session: Session, condition: ColumnElement[bool]) -> GiftPage:
    """Read the page of the one gift that meets a condition.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    found = session.execute(
        select(Donation, Project.title, Project.slug)
        .outerjoin(Project, Project.id == Donation.project_id)
        .where(condition)
    ).first()
    if found is None:
        raise NotFound("gift_unknown")
    row, title, slug = found
    rows = _rows(session, row)
    split = split_of(row)
    named = _named(session, row)
    return GiftPage(
        donation_id=row.id,
        token=row.token,
        reference=row.reference,
        status=row.status,
        language=row.language,
        created_at=row.created_at,
        settled_at=row.settled_at,
        amount=Money(row.amount, row.currency),
        split=split,
        refunded=ours(row, row.refunded) if row.refunded else None,
        unallocated=ours(row, row.unallocated),
        directed_to=title,
        directed_slug=slug,
        overflow=row.overflow,
        sentences=row.sentences,
        entry_id=row.entry_id,
        steps=_steps(row, split, rows),
        rows=rows,
        receipts=_receipts(session, row.id),
        chosen=tuple(
            Chosen(named[one].slug, named[one].title, part) for one, part in weights_of(row).items()
        ),
        theme=row.restricted_tag,
        next_project=(
            named[row.overflow_project_id].title if row.overflow_project_id is not None else None
        ),
        next_theme=row.overflow_tag,
        returns=_returns(session, row),
        receipt_choice=row.receipt_choice,
        annual=_annual(session, row) if row.receipt_choice is not ReceiptChoice.EACH else None,
        monthly=row.recurring_gift_id is not None,
        mandate=row.mandate_id,
    )


def _named(session: Session, row: Donation) -> dict[uuid.UUID, Project]:
    """Read the projects that a gift's directive names; a plain gift asks nothing."""
    wanted = {*weights_of(row), row.overflow_project_id} - {None}
    if not wanted:
        return {}
    return {one.id: one for one in session.scalars(select(Project).where(Project.id.in_(wanted)))}


def _returns(session: Session, row: Donation) -> tuple[GiftReturn, ...]:
    """Read what left projects again, oldest first, with the reason that its entry states."""
    currency = row.settled_currency
    if currency is None:
        return ()
    found = session.execute(
        select(
            Project.slug,
            Project.title,
            AllocationRow.amount,
            AllocationRow.created_at,
            Entry.kind,
            Entry.source_type,
        )
        .join(Project, Project.id == AllocationRow.project_id)
        .join(Entry, Entry.id == AllocationRow.entry_id)
        .where(AllocationRow.donation_id == row.id, AllocationRow.amount < 0)
        .order_by(AllocationRow.created_at, AllocationRow.id)
    )
    return tuple(
        GiftReturn(
            slug=slug,
            title=title,
            amount=Money(-int(amount), currency),
            on=utc_day(at),
            why="withdrawn" if kind == "deallocation" else cause,
        )
        for slug, title, amount, at, kind, cause in found
    )


def _steps(row: Donation, split: Split | None, rows: Sequence[GiftRow]) -> tuple[GiftStep, ...]:
    """Say how far a gift has come, in the five words and in their order."""
    if split is None:
        return tuple(GiftStep(word, "open") for word in STEPS)
    nothing = Money(0, split.gross.currency)
    allocated = sum((one.allocated for one in rows), start=nothing)
    paid = sum((one.paid for one in rows), start=nothing)
    return (
        GiftStep("received", "done", split.settled_on, split.gross),
        GiftStep(
            "allocated",
            _state(allocated.minor, row.unallocated == 0),
            max((one.allocated_on for one in rows), default=None),
            allocated,
        ),
        GiftStep(
            "paid",
            _state(paid.minor, row.unallocated == 0 and paid == allocated),
            max((one.paid_on for one in rows if one.paid_on), default=None),
            paid,
        ),
        _told("reported", [one.reported_on for one in rows]),
        _told("measured", [one.measured_on for one in rows]),
    )


def _state(reached: int, whole: object) -> str:
    if not reached:
        return "open"
    return "done" if whole else "partly"


def _told(word: str, days: Sequence[date | None]) -> GiftStep:
    known = [day for day in days if day is not None]
    state = _state(len(known), len(known) == len(days))
    return GiftStep(word, state, max(known, default=None))


def _rows(session: Session, row: Donation) -> tuple[GiftRow, ...]:
    """Read a gift's rows with what came of each, in a fixed number of statements."""
    currency = row.settled_currency
    own = session.execute(
        select(
            AllocationRow.project_id,
            AllocationRow.id,
            AllocationRow.created_at,
            AllocationRow.amount,
        )
        .where(AllocationRow.donation_id == row.id)
        .order_by(AllocationRow.created_at, AllocationRow.id)
    ).all()
    if currency is None or not own:
        return ()
    totals: dict[uuid.UUID, int] = {}
    first: dict[uuid.UUID, tuple[datetime, uuid.UUID]] = {}
    for project_id, row_id, created_at, amount in own:
        totals[project_id] = totals.get(project_id, 0) + int(amount)
        first.setdefault(project_id, (created_at, row_id))
    ahead = _ahead(session, first)
    payments = _payments(session, list(first), currency)
    news = _news(session, list(first))
    rows = []
    for project, reported, measured in news:
        start, since = ahead.get(project.id, 0), first[project.id][0]
        paid, paid_on = _paid_part(payments.get(project.id, []), start, totals[project.id])
        rows.append(
            GiftRow(
                project_id=project.id,
                slug=project.slug,
                title=project.title,
                allocated=Money(totals[project.id], currency),
                paid=Money(paid, currency),
                allocated_on=utc_day(since),
                paid_on=paid_on,
                reported_on=_since(reported, since),
                measured_on=_since(measured, since),
                report_due_on=project.report_due_on,
                withdrawn=project.status is ProjectStatus.WITHDRAWN,
            )
        )
    return tuple(
        sorted(
            (one for one in rows if one.allocated), key=lambda one: (-one.allocated.minor, one.slug)
        )
    )


def _ahead(
    session: Session, first: Mapping[uuid.UUID, tuple[datetime, uuid.UUID]]
) -> dict[uuid.UUID, int]:
    """Sum for each project what was allocated to it before a gift's first row."""
    earlier = or_(
        *(
            and_(
                AllocationRow.project_id == project_id,
                or_(
                    AllocationRow.created_at < since,
                    and_(AllocationRow.created_at == since, AllocationRow.id < row_id),
                ),
            )
            for project_id, (since, row_id) in first.items()
        )
    )
    rows = session.execute(
        select(AllocationRow.project_id, func.sum(AllocationRow.amount))
        .where(earlier)
        .group_by(AllocationRow.project_id)
    )
    return {project_id: int(total) for project_id, total in rows}


def _payments(
    session: Session, project_ids: Sequence[uuid.UUID], currency: str
) -> dict[uuid.UUID, list[tuple[date, int]]]:
    """Read what the bank paid to each project, oldest first; a return is a negative payment."""
    order, movement, undone = aliased(Entry), aliased(Entry), aliased(Entry)
    owed, clearing, transit = aliased(Posting), aliased(Posting), aliased(Account)
    rows = session.execute(
        select(Account.project_id, movement.effective_on, clearing.amount)
        .join(owed, owed.account_id == Account.id)
        .join(order, order.id == owed.entry_id)
        .join(
            movement,
            and_(
                movement.source_type == order.source_type,
                movement.source_id == order.source_id,
            ),
        )
        .join(clearing, clearing.entry_id == movement.id)
        .join(transit, transit.id == clearing.account_id)
        .where(
            Account.project_id.in_(project_ids),
            Account.currency == currency,
            order.kind == "disbursement_order",
            movement.kind.in_(("disbursement_sent", "disbursement_returned")),
            # a match that was taken back moved nothing
            ~select(undone.id).where(undone.reverses_id == movement.id).exists(),
            transit.code == chart.disbursements_in_transit(currency),
        )
        .order_by(movement.effective_on, movement.id)
    )
    found: dict[uuid.UUID, list[tuple[date, int]]] = {}
    for project_id, on, amount in rows:
        found.setdefault(cast("uuid.UUID", project_id), []).append((on, int(amount)))
    return found


def _paid_part(
    payments: Sequence[tuple[date, int]], start: int, amount: int
) -> tuple[int, date | None]:
    """Return how much of a row is paid and the day of the last payment that reached it."""
    total, last = 0, None
    for on, sent in payments:
        if sent > 0 and total < start + amount and total + sent > start:
            last = on
        total += sent
    paid = min(max(total - start, 0), amount)
    return paid, last if paid else None


def _news(
    session: Session, project_ids: Sequence[uuid.UUID]
) -> Sequence[tuple[Project, datetime | None, datetime | None]]:
    """Read the projects with the last update and the last outcome each has published."""
    reported = (
        select(func.max(ProjectUpdate.published_at))
        .where(ProjectUpdate.project_id == Project.id)
        .scalar_subquery()
    )
    measured = (
        select(func.max(Outcome.published_at))
        .where(Outcome.project_id == Project.id)
        .scalar_subquery()
    )
    found = session.execute(select(Project, reported, measured).where(Project.id.in_(project_ids)))
    return [(project, told, sampled) for project, told, sampled in found]


def _since(told: datetime | None, since: datetime) -> date | None:
    """Keep the day of news only when it is newer than the money."""
    return utc_day(told) if told is not None and told >= since else None


def _receipts(session: Session, donation_id: uuid.UUID) -> tuple[ReceiptLink, ...]:
    rows = session.execute(
        select(Receipt, ReceiptDocument.sha256)
        .outerjoin(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
        .where(Receipt.donation_id == donation_id)
        .order_by(Receipt.issued_at.desc(), Receipt.number.desc())
    )
    return tuple(
        ReceiptLink(
            token=row.token,
            number=row.facts["number"],
            issued_on=row.issued_on,
            cancelled_on=None if row.cancelled_at is None else utc_day(row.cancelled_at),
            has_pdf=sha256 is not None,
            receipt_id=row.id,
        )
        for row, sha256 in rows
    )


def _annual(session: Session, row: Donation) -> ReceiptLink | None:
    """Read the standing receipt of the year on which a gift is listed."""
    found = session.scalars(
        select(AnnualReceipt)
        .join(AnnualGift, AnnualGift.annual_id == AnnualReceipt.id)
        .where(AnnualGift.donation_id == row.id, AnnualReceipt.cancelled_at.is_(None))
    ).first()
    if found is None:
        return None
    return ReceiptLink(found.token, found.facts["number"], found.issued_on, None, has_pdf=True)


def split_of(row: Donation) -> Split | None:
    """Return how a gift was cut; None before it settled."""
    if row.settled_at is None or row.settled_currency is None:
        return None
    currency = row.settled_currency
    gross, fee, share = row.gross or 0, row.fee or 0, row.share or 0
    return Split(
        gross=Money(gross, currency),
        to_projects=Money(gross - fee - share, currency),
        fee=Money(fee, currency),
        share=Money(share, currency),
        settled_on=utc_day(row.settled_at),
        exchange_rate=row.exchange_rate,
    )


def ours(row: Donation, minor: int) -> Money | None:
    """Write an amount in the currency that the gift settled in."""
    return None if row.settled_currency is None else Money(minor, row.settled_currency)
