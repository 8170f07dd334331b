"""What may be read about gifts? The donor's page, the horizons' figures, the desk's list."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.errors import NotFound
from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    AllocationRow,
    Donation,
    DonationEvent,
    DonationStatus,
    InboxState,
    Overflow,
    ProcessorEvent,
    Receipt,
    ReceiptDocument,
    StripeBalanceTransaction,
)
from offset.ledger import chart
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people.contributors import Contributor
from offset.projects.models import Outcome, Project, ProjectUpdate

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

    @property
    def receipt(self) -> ReceiptLink | None:
        """The receipt that stands, if one does."""
        return next((one for one in self.receipts if one.cancelled_on is None), None)


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as its page shows it: the frozen facts, and the name while it is kept."""

    receipt_id: uuid.UUID
    token: str
    language: str
    facts: Mapping[str, Any]
    name: str | None
    cancelled_on: date | None
    cancel_reason: str | None
    pdf_sha256: str | None
    gift_token: str


@dataclass(frozen=True)
class LastRun:
    """What was allocated on the last day on which anything was, and to how many projects."""

    on: date
    amount: Money
    projects: int


@dataclass(frozen=True)
class DonationLine:
    """One gift in the desk's list."""

    id: uuid.UUID
    reference: str
    token: str
    created_at: datetime
    status: DonationStatus
    amount: Money
    split: Split | None
    unallocated: Money | None
    refunded: Money | None
    project_title: str | None
    ref: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True)
class EventLine:
    """A state a gift reached."""

    status: DonationStatus
    at: datetime
    cause: str


@dataclass(frozen=True)
class MovementLine:
    """A movement at the processor that belongs to a gift, and its journal entry."""

    id: str
    category: str
    amount: Money
    fee: Money
    net: Money
    created_at: datetime
    source_id: str | None
    entry_id: uuid.UUID


@dataclass(frozen=True)
class DonationDetail:
    """One gift as the desk sees it, down to its movements and entries."""

    line: DonationLine
    page: GiftPage
    events: tuple[EventLine, ...]
    movements: tuple[MovementLine, ...]
    estimate_id: uuid.UUID | None
    session_id: str | None
    charge_id: str | None


@dataclass(frozen=True)
class InboxLine:
    """An event of the processor that a person must look at, and why."""

    event_id: str
    kind: str
    state: InboxState
    note: str | None
    received_at: datetime
    attempts: int


@dataclass(frozen=True)
class PolicyView:
    """A version of the weights, who proposed it and who approved it."""

    id: uuid.UUID
    version: int
    rule: str
    weights: Mapping[uuid.UUID, int]
    reason: str
    proposed_by: uuid.UUID
    proposed_at: datetime
    approved_by: uuid.UUID | None
    approved_at: datetime | None


@dataclass(frozen=True)
class EpochView:
    """An epoch with what it has awarded so far; ``waiting``, ``open`` or ``closed``."""

    id: uuid.UUID
    policy_version: int
    currency: str
    state: str
    weights: Mapping[uuid.UUID, int]
    caps: Mapping[uuid.UUID, Money]
    awarded: Money
    gifts: int
    proposed_by: uuid.UUID
    proposed_at: datetime
    approved_by: uuid.UUID | None
    opened_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None


def gift(session: Session, token: str) -> GiftPage:
    """Read the page behind a gift's link.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    return _page(session, Donation.token == token)


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


def receipt(session: Session, token: str) -> ReceiptPage:
    """Read the page of a receipt.

    Raises
    ------
    NotFound
        ``receipt_unknown``.
    """
    found = session.execute(
        select(Receipt, Donation.token, Contributor.name, ReceiptDocument.sha256)
        .join(Donation, Donation.id == Receipt.donation_id)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .outerjoin(ReceiptDocument, ReceiptDocument.receipt_id == Receipt.id)
        .where(Receipt.token == token)
    ).first()
    if found is None:
        raise NotFound("receipt_unknown")
    row, gift_token, name, sha256 = found
    return ReceiptPage(
        receipt_id=row.id,
        token=row.token,
        language=row.language,
        facts=row.facts,
        name=name,
        cancelled_on=None if row.cancelled_at is None else utc_day(row.cancelled_at),
        cancel_reason=row.cancel_reason,
        pdf_sha256=sha256,
        gift_token=gift_token,
    )


def receipt_pdf(session: Session, token: str) -> bytes:
    """Return the stored PDF of a receipt.

    Raises
    ------
    NotFound
        ``receipt_unknown``, ``pdf_not_ready``.
    """
    page = receipt(session, token)
    kept = session.get(ReceiptDocument, page.receipt_id)
    if kept is None:
        raise NotFound("pdf_not_ready")
    return kept.pdf


def received_this_month(session: Session, at: datetime, currency: str = "EUR") -> Money:
    """Sum the gifts that settled in the UTC month of an instant, as they were given."""
    day = utc_day(at)
    first = datetime(day.year, day.month, 1, tzinfo=UTC)
    total = session.scalar(
        select(func.coalesce(func.sum(Donation.gross), 0)).where(
            Donation.settled_at >= first,
            Donation.settled_at <= at,
            Donation.settled_currency == currency,
        )
    )
    return Money(int(total or 0), currency)


def last_run(session: Session, currency: str = "EUR") -> LastRun | None:
    """Sum the last day on which money was allocated; None when nothing ever was."""
    ours = and_(AllocationRow.amount > 0, Donation.settled_currency == currency)
    given = Donation.id == AllocationRow.donation_id
    newest = session.scalar(
        select(AllocationRow.created_at)
        .join(Donation, given)
        .where(ours)
        .order_by(AllocationRow.created_at.desc())
        .limit(1)
    )
    if newest is None:
        return None
    day = utc_day(newest)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    total, count = session.execute(
        select(func.sum(AllocationRow.amount), func.count(func.distinct(AllocationRow.project_id)))
        .join(Donation, given)
        .where(ours, AllocationRow.created_at >= midnight)
    ).one()
    return LastRun(day, Money(int(total), currency), int(count))


def donations(
    session: Session,
    *,
    status: DonationStatus | None = None,
    project_id: uuid.UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str | None = None,
    unallocated: bool = False,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> tuple[DonationLine, ...]:
    """List gifts for the desk, newest first; ``before`` is the last id of the page before."""
    wanted: list[ColumnElement[bool]] = []
    if status is not None:
        wanted.append(Donation.status == status)
    if project_id is not None:
        wanted.append(Donation.project_id == project_id)
    if since is not None:
        wanted.append(Donation.created_at >= since)
    if until is not None:
        wanted.append(Donation.created_at < until)
    if text:
        wanted.append(_named(text.strip()))
    if unallocated:
        wanted.append(Donation.unallocated > 0)
    if before is not None:
        wanted.append(Donation.id < before)
    return _lines(session, wanted, limit)


def donation(session: Session, donation_id: uuid.UUID) -> DonationDetail:
    """Read one gift down to its movements.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    lines = _lines(session, [Donation.id == donation_id], 1)
    if not lines:
        raise NotFound("gift_unknown")
    row = session.get_one(Donation, donation_id)
    events = session.scalars(select(DonationEvent).where(DonationEvent.donation_id == donation_id))
    movements = session.scalars(
        select(StripeBalanceTransaction)
        .where(StripeBalanceTransaction.donation_id == donation_id)
        .order_by(StripeBalanceTransaction.created_at, StripeBalanceTransaction.id)
    )
    return DonationDetail(
        line=lines[0],
        page=_page(session, Donation.id == donation_id),
        events=tuple(
            sorted(
                (EventLine(one.status, one.at, one.cause) for one in events),
                # Two states of one millisecond stand in the order of the table.
                key=lambda one: (one.at, list(DonationStatus).index(one.status)),
            )
        ),
        movements=tuple(_movement(one) for one in movements),
        estimate_id=row.estimate_id,
        session_id=row.session_id,
        charge_id=row.charge_id,
    )


def inbox_to_check(session: Session, *, limit: int = 100) -> tuple[InboxLine, ...]:
    """Read the events a person must look at, newest first."""
    rows = session.scalars(
        select(ProcessorEvent)
        .where(ProcessorEvent.state.in_((InboxState.ALARM, InboxState.UNMATCHED)))
        .order_by(ProcessorEvent.received_at.desc())
        .limit(limit)
    )
    return tuple(
        InboxLine(one.event_id, one.kind, one.state, one.note, one.received_at, one.attempts)
        for one in rows
    )


def policies(session: Session) -> tuple[PolicyView, ...]:
    """Read every version of the weights, newest first."""
    rows = session.scalars(select(AllocationPolicy).order_by(AllocationPolicy.version.desc()))
    return tuple(
        PolicyView(
            id=one.id,
            version=one.version,
            rule=one.rule,
            weights={uuid.UUID(project): weight for project, weight in one.weights.items()},
            reason=one.reason,
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            approved_by=one.approved_by,
            approved_at=one.approved_at,
        )
        for one in rows
    )


def epochs(session: Session, *, limit: int = 20) -> tuple[EpochView, ...]:
    """Read the epochs, newest first, with what each has awarded."""
    rows = session.execute(
        select(
            AllocationEpoch,
            AllocationPolicy.version,
            func.coalesce(func.sum(AllocationRow.amount), 0),
            func.count(func.distinct(AllocationRow.donation_id)),
        )
        .join(AllocationPolicy, AllocationPolicy.id == AllocationEpoch.policy_id)
        .outerjoin(AllocationRow, AllocationRow.epoch_id == AllocationEpoch.id)
        .group_by(AllocationEpoch.id, AllocationPolicy.version)
        .order_by(AllocationEpoch.id.desc())
        .limit(limit)
    )
    return tuple(
        _epoch(one, version, int(total), int(count)) for one, version, total, count in rows
    )


def _epoch(one: AllocationEpoch, version: int, awarded: int, count: int) -> EpochView:
    state = "closed" if one.closed_at else "open" if one.opened_at else "waiting"
    return EpochView(
        id=one.id,
        policy_version=version,
        currency=one.currency,
        state=state,
        weights={uuid.UUID(project): weight for project, weight in one.weights.items()},
        caps={uuid.UUID(project): Money(cap, one.currency) for project, cap in one.caps.items()},
        awarded=Money(awarded, one.currency),
        gifts=count,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        approved_by=one.approved_by,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        close_reason=one.close_reason,
    )


def _page(session: Session, condition: ColumnElement[bool]) -> GiftPage:
    found = session.execute(
        select(Donation, Project.title, Project.slug)
        .outerjoin(Project, Project.id == Donation.project_id)
        .where(condition)
    ).first()
    if found is None:
        raise NotFound("gift_unknown")
    row, title, slug = found
    rows = _rows(session, row)
    split = _split(row)
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
        refunded=_ours(row, row.refunded) if row.refunded else None,
        unallocated=_ours(row, row.unallocated),
        directed_to=title,
        directed_slug=slug,
        overflow=row.overflow,
        sentences=row.sentences,
        entry_id=row.entry_id,
        steps=_steps(row, split, rows),
        rows=rows,
        receipts=_receipts(session, row.id),
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
    order, movement = aliased(Entry), aliased(Entry)
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
        .order_by(Receipt.issued_at.desc(), Receipt.id.desc())
    )
    return tuple(
        ReceiptLink(
            token=row.token,
            number=row.facts["number"],
            issued_on=row.issued_on,
            cancelled_on=None if row.cancelled_at is None else utc_day(row.cancelled_at),
            has_pdf=sha256 is not None,
        )
        for row, sha256 in rows
    )


def _lines(
    session: Session, wanted: Sequence[ColumnElement[bool]], limit: int
) -> tuple[DonationLine, ...]:
    rows = session.execute(
        select(Donation, Project.title, Contributor.name, Contributor.email)
        .outerjoin(Project, Project.id == Donation.project_id)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .where(*wanted)
        .order_by(Donation.id.desc())
        .limit(limit)
    )
    return tuple(
        DonationLine(
            id=row.id,
            reference=row.reference,
            token=row.token,
            created_at=row.created_at,
            status=row.status,
            amount=Money(row.amount, row.currency),
            split=_split(row),
            unallocated=_ours(row, row.unallocated),
            refunded=_ours(row, row.refunded) if row.refunded else None,
            project_title=title,
            ref=row.ref,
            name=name,
            email=email,
        )
        for row, title, name, email in rows
    )


def _named(text: str) -> ColumnElement[bool]:
    """Find a gift by its reference, an id at the processor, or the giver's address."""
    return or_(
        Donation.reference == text.upper(),
        Donation.charge_id == text,
        Donation.payment_intent_id == text,
        Contributor.email == text.casefold(),
    )


def _split(row: Donation) -> Split | None:
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


def _ours(row: Donation, minor: int) -> Money | None:
    return None if row.settled_currency is None else Money(minor, row.settled_currency)


def _movement(one: StripeBalanceTransaction) -> MovementLine:
    return MovementLine(
        id=one.id,
        category=one.reporting_category,
        amount=Money(one.amount, one.currency),
        fee=Money(one.fee, one.currency),
        net=Money(one.net, one.currency),
        created_at=one.created_at,
        source_id=one.source_id,
        entry_id=one.entry_id,
    )
