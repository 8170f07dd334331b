"""How does a gift begin, and which states can it go through?"""

import dataclasses
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused, StateRefused
from offset.giving import directives, guarded, shares, terms
from offset.giving.directives import Directive
from offset.giving.models import (
    Donation,
    DonationEvent,
    DonationStatus,
    GuardedPeriod,
    Overflow,
    ReceiptChoice,
)
from offset.giving.ports import CheckoutGateway, CheckoutOpened, CheckoutRequest
from offset.giving.references import new_reference
from offset.giving.terms import Frozen
from offset.money import OFFERED, Money
from offset.people import settings
from offset.people.settings import Current
from offset.projects.queries import Fundable

_S: Final = DonationStatus
# Every step a gift can make. Forward only: what the processor tells late changes nothing. The one
# way back is money that came back: a refund that was booked and then failed, booked as well.
STEPS: Final[frozenset[tuple[DonationStatus, DonationStatus]]] = frozenset(
    {
        (_S.CREATED, _S.PENDING),
        (_S.CREATED, _S.SUCCEEDED),
        (_S.CREATED, _S.EXPIRED),
        (_S.PENDING, _S.SUCCEEDED),
        (_S.PENDING, _S.FAILED),
        # Money that arrives counts, whatever we thought before.
        (_S.FAILED, _S.SUCCEEDED),
        (_S.EXPIRED, _S.SUCCEEDED),
        (_S.EXPIRED, _S.PENDING),
        (_S.SUCCEEDED, _S.PARTLY_REFUNDED),
        (_S.SUCCEEDED, _S.REFUNDED),
        (_S.SUCCEEDED, _S.DISPUTED),
        (_S.PARTLY_REFUNDED, _S.REFUNDED),
        (_S.PARTLY_REFUNDED, _S.DISPUTED),
        (_S.DISPUTED, _S.WON),
        (_S.DISPUTED, _S.LOST),
        # A part was lost, the rest of the gift stands.
        (_S.DISPUTED, _S.PARTLY_REFUNDED),
        (_S.WON, _S.PARTLY_REFUNDED),
        (_S.WON, _S.REFUNDED),
        # A bank may question the same payment once more.
        (_S.WON, _S.DISPUTED),
        (_S.REFUNDED, _S.PARTLY_REFUNDED),
        (_S.REFUNDED, _S.SUCCEEDED),
        (_S.PARTLY_REFUNDED, _S.SUCCEEDED),
    }
)
SETTINGS: Final = (*terms.SETTINGS, "organisation_limits", "guard", "accepting")
"""What is read of the settings when somebody gives."""
# A page that nobody finished is closed by the processor after a day; we wait one more.
_FORGOTTEN_AFTER: Final = timedelta(hours=48)
_REF_LENGTH: Final = 64
# Built once; each state is kept the first time it is reached.
_NOTE: Final = {
    name: insert(DonationEvent).on_conflict_do_nothing(index_elements=["donation_id", "status"])
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


@dataclass(frozen=True, slots=True)
class JustRead:
    """What a page has read of the day a moment ago; a verb reads itself what is None."""

    settings: Mapping[str, Current] | None = None
    fundable: Sequence[Fundable] | None = None
    guarded: bool | None = None


NOTHING_READ: Final = JustRead()


@dataclass(frozen=True, slots=True)
class Pledge:
    """A gift somebody is about to pay for; the token is the link that follows it.

    ``attempt`` is the payment page to open next, where a form counted one already.
    ``payable`` is false once it is paid or given up. ``recurring_id`` is set for the first month
    of a monthly gift.
    """

    donation_id: uuid.UUID
    token: str
    reference: str
    amount: Money
    language: str
    attempt: int | None = None
    payable: bool = True
    recurring_id: uuid.UUID | None = None


def pledge(
    session: Session,
    *,
    at: datetime,
    amount: Money,
    language: str,
    project_id: uuid.UUID | None = None,
    overflow: Overflow = Overflow.POOL,
    directive: Directive | None = None,
    estimate_id: uuid.UUID | None = None,
    ref: str | None = None,
    sentences: Mapping[str, str] | None = None,
    form_key: str | None = None,
    limits: str = "amount_limits",
    contributor_id: uuid.UUID | None = None,
    known: JustRead = NOTHING_READ,
) -> Pledge:
    """Write down a gift before the donor leaves for the payment page.

    ``directive`` is the donor's whole word; ``project_id`` and ``overflow`` say the same for a
    gift to one project. ``sentences`` are those shown beside the button; without them the file's
    own are kept. Whoever sends a ``form_key`` asks :func:`sent_before` first.

    Raises
    ------
    InvalidInput
        ``amount_too_small``, ``amount_too_large``, ``currency_not_offered``,
        ``wording_unknown``, and what ``directives.check`` says.
    Refused
        ``contributions_closed``; ``project_not_open``; ``gifts_guarded`` for a small amount while
        cards are being tried.
    """
    word = directive or Directive(project_id=project_id, overflow=overflow)
    frozen = promised(
        session,
        at=at,
        amount=amount,
        language=language,
        directive=word,
        estimate_id=estimate_id,
        ref=ref,
        sentences=sentences,
        limits=limits,
        known=known,
    )
    row = write(
        session,
        frozen,
        at=at,
        amount=amount,
        form_key=form_key,
        cause="pledged",
        contributor_id=contributor_id,
    )
    return to_pay(row)


def sent_before(
    session: Session, form_key: str | None, *, at: datetime
) -> tuple[Pledge | None, bool | None]:
    """Return the gift that this very form already made, and whether small gifts wait now.

    A second click waits here until the first is written. Both are asked in one statement.
    """
    if form_key is None:
        return None, None
    if session.get_bind().dialect.name == "postgresql":
        # Waits for whoever sends the same, then looks: two statements in one question.
        gift: Any = func.gift_of_form(form_key, type_=Donation.id.type)
    else:
        gift = select(Donation.id).where(Donation.form_key == form_key).scalar_subquery()
    guarded_now = exists(select(GuardedPeriod.id).where(GuardedPeriod.until > at))
    known, waits = session.execute(select(gift, guarded_now)).one()
    return (None if known is None else _again(session, known, at=at)), bool(waits)


def _again(session: Session, donation_id: uuid.UUID, *, at: datetime) -> Pledge:
    row = locked(session, donation_id)
    if row.status is not DonationStatus.CREATED:
        return dataclasses.replace(to_pay(row), attempt=None, payable=False)
    _count_attempt(row, at)
    return to_pay(row)


def one_at_a_time(session: Session, key: str) -> None:
    """Let whoever does the same wait; on SQLite every writer waits for every other anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def promised(
    session: Session,
    *,
    at: datetime,
    amount: Money,
    language: str,
    directive: Directive,
    estimate_id: uuid.UUID | None,
    ref: str | None,
    sentences: Mapping[str, str] | None,
    limits: str = "amount_limits",
    tried_cards: bool = True,
    known: JustRead = NOTHING_READ,
) -> Frozen:
    """Hold an amount and a word against the day and return the terms they are given under.

    While cards are being tried small gifts wait; a promise by transfer need not.

    Raises
    ------
    InvalidInput, Refused
        As :func:`pledge`.
    """
    held = known.settings or settings.several(session, *SETTINGS)
    if held["accepting"].value["open"] is not True:
        raise Refused("contributions_closed")
    if amount.currency not in OFFERED:
        raise InvalidInput("currency_not_offered", field="currency", currency=amount.currency)
    shares.check_amount(amount, held[limits].value)
    if tried_cards:
        guarded.check(session, amount, held["guard"].value, at=at, waits=known.guarded)
    frozen = terms.freeze(
        held,
        language=language,
        directive=directive,
        sentences=sentences,
        estimate_id=estimate_id,
        ref=clean_ref(ref),
    )
    directives.check(session, directive, utc_day(at), known.fundable)
    return frozen


def write(
    session: Session,
    frozen: Frozen,
    *,
    at: datetime,
    amount: Money,
    cause: str,
    contributor_id: uuid.UUID | None = None,
    recurring_gift_id: uuid.UUID | None = None,
    bank_pledge_id: uuid.UUID | None = None,
    invoice_id: str | None = None,
    form_key: str | None = None,
) -> Donation:
    """Write the row of a gift under terms that were told, in its first state."""
    word = frozen.directive
    row = Donation(
        id=uuid7(at),
        reference=new_reference(),
        token=secrets.token_urlsafe(24),
        created_at=at,
        status=DonationStatus.CREATED,
        changed_at=at,
        language=frozen.language,
        currency=amount.currency,
        amount=amount.minor,
        project_id=word.project_id,
        split={str(one): part for one, part in word.split.items()} or None,
        restricted_tag=word.tag,
        fund_tag=word.tag,
        overflow=word.overflow,
        overflow_project_id=word.overflow_project_id,
        overflow_tag=word.overflow_tag,
        estimate_id=frozen.estimate_id,
        ref=frozen.ref,
        share_bp=frozen.share_bp,
        share_version=frozen.share_version,
        rate_version=frozen.rate_version,
        wording_version=frozen.wording_version,
        sentences=dict(frozen.sentences),
        # What a form made is about to be paid: counting its first page now saves a statement.
        attempts=0 if form_key is None else 1,
        unallocated=0,
        refunded=0,
        sourced=0,
        receipt_due=False,
        contributor_id=contributor_id,
        recurring_gift_id=recurring_gift_id,
        bank_pledge_id=bank_pledge_id,
        invoice_id=invoice_id,
        form_key=form_key,
    )
    if invoice_id is not None:
        # Within the statement that writes it: a notice may ask only so many.
        row.receipt_choice = _choice_of_months(recurring_gift_id)
    session.add(row)
    session.flush()
    _note(session, row, at=at, cause=cause)
    return row


def _choice_of_months(recurring_gift_id: uuid.UUID | None) -> Any:
    """Say in SQL which receipt the donor of a monthly gift wanted for its last month."""
    last = (
        select(Donation.receipt_choice)
        .where(Donation.recurring_gift_id == recurring_gift_id)
        .order_by(Donation.created_at.desc(), Donation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, ReceiptChoice.EACH.value)


def to_pay(row: Donation) -> Pledge:
    """Return a gift as what its donor is about to pay."""
    return Pledge(
        row.id,
        row.token,
        row.reference,
        Money(row.amount, row.currency),
        row.language,
        attempt=row.attempts or None,
        recurring_id=row.recurring_gift_id,
    )


def to_checkout(
    database: Database,
    checkout: CheckoutGateway,
    pledged: Pledge,
    *,
    title: str,
    success_url: str,
    cancel_url: str,
    at: datetime,
    email: str | None = None,
) -> CheckoutOpened:
    """Open the payment page of a gift, outside any transaction, and remember which it is.

    The same gift gets the same page while it is open: the attempt is part of the key.

    Raises
    ------
    StateRefused
        ``gift_not_payable``: it was paid or given up.
    TryLater
        ``processor_unreachable``.
    """
    attempt = pledged.attempt or database.run(start_attempt, pledged.donation_id, at=at)
    opened_page = checkout.open(
        CheckoutRequest(
            donation_id=str(pledged.donation_id),
            attempt=attempt,
            amount=pledged.amount,
            title=title,
            language=pledged.language,
            success_url=success_url,
            cancel_url=cancel_url,
            email=email,
            recurring_id=None if pledged.recurring_id is None else str(pledged.recurring_id),
        )
    )
    database.run(opened, pledged.donation_id, page=opened_page, at=at)
    return opened_page


def start_attempt(session: Session, donation_id: uuid.UUID, *, at: datetime) -> int:
    """Count an attempt to pay; an attempt whose page is still open is the same one.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    StateRefused
        ``gift_not_payable``.
    """
    row = locked(session, donation_id)
    if row.status is not DonationStatus.CREATED:
        raise StateRefused("gift_not_payable", status=row.status.value)
    _count_attempt(row, at)
    return row.attempts


def _count_attempt(row: Donation, at: datetime) -> None:
    if row.session_expires_at is None or row.session_expires_at <= at:
        row.attempts += 1


def opened(session: Session, donation_id: uuid.UUID, *, page: CheckoutOpened, at: datetime) -> None:
    """Remember the payment page of a gift.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    changed = session.execute(
        update(Donation)
        .where(Donation.id == donation_id)
        .values(session_id=page.session_id, session_expires_at=page.expires_at, changed_at=at)
        .returning(Donation.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        raise NotFound("gift_unknown")


def expire(session: Session, donation_id: uuid.UUID, *, at: datetime) -> bool:
    """Give up a pledge whose page nobody finished; say whether that was news.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    return advance(
        session, locked(session, donation_id), DonationStatus.EXPIRED, at=at, cause="forgotten"
    )


def forgotten(session: Session, *, at: datetime, limit: int) -> tuple[uuid.UUID, ...]:
    """Find pledges that are older than any payment page."""
    return tuple(
        session.scalars(
            select(Donation.id)
            .where(Donation.status == DonationStatus.CREATED)
            .where(Donation.created_at < at - _FORGOTTEN_AFTER)
            .order_by(Donation.created_at)
            .limit(limit)
        )
    )


def advance(
    session: Session, row: Donation, to: DonationStatus, *, at: datetime, cause: str
) -> bool:
    """Move a gift one step when the table has such a step, and note it; else change nothing."""
    if (row.status, to) not in STEPS:
        return False
    row.status = to
    row.changed_at = at
    _note(session, row, at=at, cause=cause)
    return True


def advance_all(
    session: Session,
    rows: Sequence[tuple[Donation, str]],
    to: DonationStatus,
    *,
    at: datetime,
) -> None:
    """Move several gifts as `advance` moves one, each with its cause, in one statement."""
    moved = [(row, cause) for row, cause in rows if (row.status, to) in STEPS]
    for row, _ in moved:
        row.status = to
        row.changed_at = at
    if moved:
        noted = [_noted(row, at=at, cause=cause) for row, cause in moved]
        session.connection().execute(_NOTE[session.get_bind().dialect.name], noted)


def locked(session: Session, donation_id: uuid.UUID) -> Donation:
    """Read a gift and make other writers of it wait.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    return found(session, Donation.id == donation_id)


def found(session: Session, condition: Any) -> Donation:
    """Read the one gift that meets a condition, locked.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    row = seek(session, condition)
    if row is None:
        raise NotFound("gift_unknown")
    return row


def seek(session: Session, condition: Any) -> Donation | None:
    """Read the gift that meets a condition, locked, or None."""
    return session.scalars(
        select(Donation)
        .where(condition)
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def clean_ref(ref: str | None) -> str | None:
    """Keep of a partner's mark what can stand in a report: letters, digits, ``.``, ``_``, ``-``."""
    return re.sub(r"[^\w.\-]", "", ref or "", flags=re.ASCII)[:_REF_LENGTH] or None


def _note(session: Session, row: Donation, *, at: datetime, cause: str) -> None:
    """Write down a state the first time it is reached; a gift may come back to one."""
    session.execute(_NOTE[session.get_bind().dialect.name], _noted(row, at=at, cause=cause))


def _noted(row: Donation, *, at: datetime, cause: str) -> dict[str, Any]:
    return {
        "id": uuid7(at),
        "donation_id": row.id,
        "status": row.status,
        "at": at,
        "cause": cause,
    }
