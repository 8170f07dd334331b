"""How does a monthly gift begin, pay each month, fail, rest and end?

The processor keeps the rhythm; each month it asks for is a gift of its own here, found by its
invoice, with its own entry and receipt. Its state is what the processor says when asked again.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import NotFound, StateRefused
from offset.giving import donations, letters, terms
from offset.giving.directives import Directive
from offset.giving.donations import NOTHING_READ, JustRead, Pledge
from offset.giving.models import Donation, RecurringGift, RecurringStatus
from offset.giving.ports import ChargeFacts, CheckoutState, InvoiceFacts, SubscriptionFacts
from offset.giving.references import new_reference
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM

_S: Final = RecurringStatus
# Every step a monthly gift can make; what is over stays over.
STEPS: Final[frozenset[tuple[RecurringStatus, RecurringStatus]]] = frozenset(
    {
        (_S.CREATED, _S.ACTIVE),
        (_S.CREATED, _S.PAST_DUE),
        (_S.CREATED, _S.PAUSED),
        (_S.CREATED, _S.ENDED),
        (_S.ACTIVE, _S.PAST_DUE),
        (_S.ACTIVE, _S.PAUSED),
        (_S.ACTIVE, _S.ENDED),
        (_S.PAST_DUE, _S.ACTIVE),
        (_S.PAST_DUE, _S.PAUSED),
        (_S.PAST_DUE, _S.ENDED),
        (_S.PAUSED, _S.ACTIVE),
        (_S.PAUSED, _S.PAST_DUE),
        (_S.PAUSED, _S.ENDED),
    }
)
# The processor's word for a subscription, and ours; what is not here changes nothing.
_STATES: Final[Mapping[str, RecurringStatus]] = {
    "active": _S.ACTIVE,
    "trialing": _S.ACTIVE,
    "past_due": _S.PAST_DUE,
    "unpaid": _S.PAST_DUE,
    "paused": _S.PAUSED,
    "canceled": _S.ENDED,
    "incomplete_expired": _S.ENDED,
}
_PAYING: Final = frozenset({"succeeded", "pending"})


def begin(
    session: Session,
    *,
    at: datetime,
    amount: Money,
    language: str,
    directive: Directive | None = None,
    estimate_id: uuid.UUID | None = None,
    ref: str | None = None,
    sentences: Mapping[str, str] | None = None,
    form_key: str | None = None,
    known: JustRead = NOTHING_READ,
) -> Pledge:
    """Write down a monthly gift and its first month before the donor leaves to pay.

    Whoever sends a ``form_key`` asks ``donations.sent_before`` first.

    Raises
    ------
    InvalidInput, Refused
        As ``donations.pledge``.
    """
    frozen = donations.promised(
        session,
        at=at,
        amount=amount,
        language=language,
        directive=directive or Directive(),
        estimate_id=estimate_id,
        ref=ref,
        sentences=sentences,
        known=known,
    )
    gift = RecurringGift(
        id=uuid7(at),
        reference=new_reference(),
        token=secrets.token_urlsafe(24),
        created_at=at,
        status=RecurringStatus.CREATED,
        changed_at=at,
        currency=amount.currency,
        amount=amount.minor,
        language=language,
        terms=frozen.document(),
    )
    session.add(gift)
    session.flush()
    row = donations.write(
        session,
        frozen,
        at=at,
        amount=amount,
        cause="pledged",
        recurring_gift_id=gift.id,
        form_key=form_key,
    )
    return donations.to_pay(row)


def begun(session: Session, gift: Donation, facts: CheckoutState, *, at: datetime) -> None:
    """Remember the processor's names of a monthly gift once its page was completed."""
    found = _of(session, gift.recurring_gift_id, facts.subscription_id)
    if found is None:
        return
    found.subscription_id = found.subscription_id or facts.subscription_id
    found.customer_id = found.customer_id or facts.customer_id
    found.contributor_id = found.contributor_id or gift.contributor_id
    found.changed_at = at


def is_month(invoice: InvoiceFacts) -> tuple[ColumnElement[bool], ...]:
    """Say which gift a month is: the one that names it, or the one the page was opened for."""
    named = Donation.invoice_id == invoice.invoice_id
    ours = _uuid(invoice.recurring_id)
    if not invoice.first or ours is None:
        return (named,)
    return (named, and_(Donation.recurring_gift_id == ours, Donation.invoice_id.is_(None)))


def of_invoice(
    session: Session,
    invoice: InvoiceFacts,
    charge: ChargeFacts | None,
    *,
    at: datetime,
    gift: Donation | None = None,
) -> Donation | None:
    """Find the gift that a month is, or write it when the month is being paid; follow its state.

    The monthly gift is read locked first, so that two events of one month make one gift.
    """
    found = _of(session, _uuid(invoice.recurring_id), invoice.subscription_id)
    if found is None:
        return gift
    found.subscription_id = found.subscription_id or invoice.subscription_id
    found.customer_id = found.customer_id or invoice.customer_id
    if gift is None:
        gift = _month(session, found, invoice, charge, at=at)
    elif gift.invoice_id is None:
        gift.invoice_id = invoice.invoice_id
    _month_state(session, found, invoice, charge, at=at)
    return gift


def _month(
    session: Session,
    found: RecurringGift,
    invoice: InvoiceFacts,
    charge: ChargeFacts | None,
    *,
    at: datetime,
) -> Donation | None:
    # Once more, now that whoever writes the same month has to wait.
    gift = donations.seek(session, or_(*is_month(invoice)))
    if gift is not None:
        gift.invoice_id = invoice.invoice_id
        return gift
    paying = charge is not None and charge.status in _PAYING
    if not paying or not invoice.amount:
        return None
    return donations.write(
        session,
        terms.frozen(found.terms),
        at=at,
        amount=invoice.amount,
        cause=invoice.invoice_id,
        contributor_id=found.contributor_id,
        recurring_gift_id=found.id,
        invoice_id=invoice.invoice_id,
    )


def _month_state(
    session: Session,
    found: RecurringGift,
    invoice: InvoiceFacts,
    charge: ChargeFacts | None,
    *,
    at: datetime,
) -> None:
    """Let a monthly gift follow one of its months: paid again, or failing."""
    if invoice.status == "paid":
        if found.status is not RecurringStatus.PAUSED:
            _advance(session, found, RecurringStatus.ACTIVE, at=at, cause=invoice.invoice_id)
        found.started_at = found.started_at or at
        return
    refused = charge is not None and charge.status == "failed"
    if invoice.status == "open" and refused and not invoice.first and charge is not None:
        _advance(session, found, RecurringStatus.PAST_DUE, at=at, cause=invoice.invoice_id)
        _tell_failing(session, found, invoice, charge, at=at)


def follow(session: Session, facts: SubscriptionFacts, *, at: datetime) -> bool:
    """Let a monthly gift say what the processor says of it; False when it is nobody's."""
    found = _of(session, _uuid(facts.recurring_id), facts.subscription_id)
    if found is None:
        return False
    found.subscription_id = found.subscription_id or facts.subscription_id
    found.customer_id = found.customer_id or facts.customer_id
    if facts.amount.currency == found.currency and facts.amount.minor > 0:
        _changed_amount(session, found, facts.amount, at=at)
    found.next_on = None if facts.next_at is None else utc_day(facts.next_at)
    found.ends_on = None if facts.ends_at is None else utc_day(facts.ends_at)
    to = RecurringStatus.PAUSED if facts.paused else _STATES.get(facts.status)
    if facts.ended is not None:
        to = RecurringStatus.ENDED
    if to is RecurringStatus.ENDED:
        # Written before the state: a gift that is over says since when.
        found.ended_at = found.ended_at or facts.ended or at
        found.end_reason = found.end_reason or facts.end_reason
    if to is not None:
        moved = _advance(session, found, to, at=at, cause=facts.subscription_id)
        if moved and to is RecurringStatus.ENDED:
            _tell_ended(session, found, at=at)
    return True


def living(session: Session) -> set[str]:
    """Name the monthly gifts that are not over, by the processor's names."""
    found = session.scalars(
        select(RecurringGift.subscription_id).where(
            RecurringGift.status != RecurringStatus.ENDED,
            RecurringGift.subscription_id.is_not(None),
        )
    )
    return {one for one in found if one}


def may_manage(session: Session, token: str) -> tuple[str, str]:
    """Return the processor's customer and the language of the monthly gift behind a link.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    StateRefused
        ``monthly_not_begun``: its first payment is still on its way; ``monthly_over``.
    """
    found = behind(session, token)
    if found.status is RecurringStatus.ENDED:
        raise StateRefused("monthly_over")
    if found.customer_id is None:
        raise StateRefused("monthly_not_begun")
    return found.customer_id, found.language


def behind(session: Session, token: str) -> RecurringGift:
    """Return the monthly gift behind its own link, or behind that of one of its months.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    """
    month = select(Donation.recurring_gift_id).where(Donation.token == token).scalar_subquery()
    found = session.scalars(
        select(RecurringGift).where(or_(RecurringGift.token == token, RecurringGift.id == month))
    ).one_or_none()
    if found is None:
        raise NotFound("gift_unknown")
    return found


def _of(
    session: Session, recurring_id: uuid.UUID | None, subscription_id: str | None
) -> RecurringGift | None:
    """Read a monthly gift by our id or the processor's, and make other writers of it wait."""
    named = [] if recurring_id is None else [RecurringGift.id == recurring_id]
    if subscription_id is not None:
        named.append(RecurringGift.subscription_id == subscription_id)
    if not named:
        return None
    return session.scalars(
        select(RecurringGift)
        .where(or_(*named))
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def _advance(
    session: Session, found: RecurringGift, to: RecurringStatus, *, at: datetime, cause: str
) -> bool:
    if (found.status, to) not in STEPS:
        return False
    _trail(session, found, f"monthly.{to.value}", at=at, cause=cause, before=found.status.value)
    found.status = to
    found.changed_at = at
    session.flush()
    return True


def _changed_amount(session: Session, found: RecurringGift, amount: Money, *, at: datetime) -> None:
    if amount.minor != found.amount:
        _trail(session, found, "monthly.amount", at=at, before=found.amount, after=amount.minor)
        found.amount = amount.minor
        found.changed_at = at


def _tell_failing(
    session: Session,
    found: RecurringGift,
    invoice: InvoiceFacts,
    charge: ChargeFacts,
    *,
    at: datetime,
) -> None:
    """Tell the donor once a month that fails; the processor tries again by itself."""
    letters.to_donor(
        session,
        _giver(session, found),
        at=at,
        template="monthly_failing",
        language=found.language,
        parameters={
            "amount": letters.told(invoice.amount),
            "reason": charge.failure_code or "",
            "again_on": _day(invoice.next_attempt),
            "manage_path": f"/gift/{found.token}/manage",
            "reference": found.reference,
        },
        key=f"monthly_failing:{invoice.invoice_id}",
    )


def _tell_ended(session: Session, found: RecurringGift, *, at: datetime) -> None:
    """Tell donor and secretariat that a monthly gift is over, and why as far as we know."""
    said: dict[str, Any] = {
        "amount": letters.told(Money(found.amount, found.currency)),
        "reason": found.end_reason or "",
        "reference": found.reference,
    }
    letters.to_donor(
        session,
        _giver(session, found),
        at=at,
        template="monthly_ended",
        language=found.language,
        parameters={**said, "manage_path": f"/gift/{found.token}/manage"},
        key=f"monthly_ended:{found.id}",
    )
    letters.to_secretariat(
        session,
        at=at,
        template="monthly_ended_desk",
        parameters=said,
        key=f"monthly_ended_desk:{found.id}",
    )


def _giver(session: Session, found: RecurringGift) -> uuid.UUID | None:
    """Return who gives; where no page ever told, one of its months does."""
    if found.contributor_id is None:
        found.contributor_id = session.scalar(
            select(Donation.contributor_id)
            .where(Donation.recurring_gift_id == found.id, Donation.contributor_id.is_not(None))
            .limit(1)
        )
    return found.contributor_id


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else utc_day(moment).isoformat()


def _trail(
    session: Session, found: RecurringGift, action: str, *, at: datetime, **details: object
) -> None:
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action=action,
        object_type="recurring_gift",
        object_id=found.id,
        details=details,
    )


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
