"""Which entry does a movement of our balance at the processor make?

One table from Stripe's reporting category to a recipe of the ledger. Every movement is booked
once, keyed by its own id, whoever tells of it first: an event, a payout's list, the catch-up.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving import directives, donations, shares
from offset.giving.models import Donation, DonationStatus, StripeBalanceTransaction
from offset.giving.ports import BalanceTransaction
from offset.ledger import entries, journal
from offset.ledger.entries import Draft, Movement
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM

_log = logging.getLogger(__name__)

Recipe = Callable[[Movement, BalanceTransaction, Donation | None], Draft]


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a movement; ``alarm`` names what a person must look at."""

    entry_id: uuid.UUID | None
    fresh: bool
    alarm: str | None = None


def _charge(movement: Movement, told: BalanceTransaction, gift: Donation | None) -> Draft:
    if gift is None:
        return entries.gift_unknown(movement, gross=told.amount, fee=told.fee)
    share = shares.share_of(told.amount.minor, told.net.minor, gift.share_bp)
    return entries.gift_settled(
        movement,
        gross=told.amount,
        fee=told.fee,
        share=Money(share, told.amount.currency),
        fund=directives.fund_of(gift, told.amount.currency),
    )


def _refund(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.refund_paid(movement, amount=-told.amount, fee=told.fee)


def _refund_failure(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.refund_failed(movement, amount=told.amount, fee=told.fee)


def _returned(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.debit_returned(movement, amount=-told.amount, fee=told.fee)


def _dispute(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.dispute_opened(movement, amount=-told.amount, fee=told.fee)


def _reinstated(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.dispute_won(movement, amount=told.amount, fee_returned=-told.fee)


def _fee(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.fee_charged(movement, amount=-told.net)


def _payout(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.payout_sent(movement, amount=-told.amount, fee=told.fee)


def _payout_back(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.payout_failed(movement, amount=told.net)


def _topup(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.topped_up(movement, amount=told.net)


def _unknown(movement: Movement, told: BalanceTransaction, _gift: Donation | None) -> Draft:
    return entries.unknown_kind(movement, net=told.net)


RECIPES: Final[Mapping[str, Recipe]] = {
    "charge": _charge,
    "charge_failure": _returned,
    "refund": _refund,
    "refund_failure": _refund_failure,
    "dispute": _dispute,
    "dispute_reversal": _reinstated,
    "fee": _fee,
    "network_cost": _fee,
    "tax": _fee,
    "payout": _payout,
    "payout_reversal": _payout_back,
    "topup": _topup,
    "topup_reversal": _topup,
}
PAYOUT_CATEGORIES: Final = frozenset({"payout", "payout_reversal"})
_GIVEN_BACK: Final = frozenset({DonationStatus.PARTLY_REFUNDED, DonationStatus.REFUNDED})
_NEW_ROW: Final = insert(StripeBalanceTransaction)
_OUT: Final = frozenset({"charge_failure", "refund", "dispute"})
_IN: Final = frozenset({"charge", "refund_failure", "dispute_reversal"})


def recipe_for(told: BalanceTransaction) -> Recipe:
    """Choose the recipe of a movement; a known kind with the wrong sign is an unknown one."""
    category = told.reporting_category
    wrong_way = (category in _IN and told.net.minor <= 0) or (
        category in _OUT and told.amount.minor >= 0
    )
    return _unknown if wrong_way else RECIPES.get(category, _unknown)


def book(
    session: Session, told: BalanceTransaction, *, at: datetime, gift: Donation | None = None
) -> Booked:
    """Book a movement once, with the row that keeps it, and let its gift follow.

    A movement of nothing makes no entry. The gift must have been read locked.

    Raises
    ------
    LedgerRefused
        What the books say, for instance ``period_locked``.
    """
    known = standing(session, told.id)
    if known is not None or (not told.net and not told.fee):
        return Booked(known, fresh=False)
    movement = Movement(told.id, utc_day(told.created), told.reporting_category)
    recipe = recipe_for(told)
    posted = journal.post(session, recipe(movement, told, gift), at=at)
    session.add(StripeBalanceTransaction(**_row(told, posted.entry_id, gift, at)))
    if gift is not None:
        _follow(session, gift, told, posted.entry_id, at)
    alarm = "movement_unknown" if recipe is _unknown else None
    if alarm:
        raise_alarm(session, alarm, told.id, at=at, category=told.reporting_category)
    return Booked(posted.entry_id, posted.fresh, alarm)


def book_many(
    session: Session, found: Sequence[tuple[BalanceTransaction, Donation]], *, at: datetime
) -> None:
    """Book settled gifts of which no movement is in the books, a few statements for all of them.

    For the catch-up: each gift must have been read locked, and be of one movement.

    Raises
    ------
    LedgerRefused
        What the books say of any of them; nothing is booked then.
    """
    drafts = [
        recipe_for(told)(
            Movement(told.id, utc_day(told.created), told.reporting_category), told, gift
        )
        for told, gift in found
    ]
    posted = journal.post_many(session, drafts, at=at)
    rows = []
    for (told, gift), one in zip(found, posted, strict=True):
        rows.append(_row(told, one.entry_id, gift, at))
        _settle(gift, told, one.entry_id)
    causes = [(gift, told.id) for told, gift in found]
    donations.advance_all(session, causes, DonationStatus.SUCCEEDED, at=at)
    if rows:
        session.connection().execute(_NEW_ROW, rows)
    session.flush()


def standing(session: Session, txn_id: str) -> uuid.UUID | None:
    """Return the entry that a movement made, or None while it made none."""
    return session.scalar(
        select(StripeBalanceTransaction.entry_id).where(StripeBalanceTransaction.id == txn_id)
    )


def raise_alarm(
    session: Session, alarm: str, about: str, *, at: datetime, **details: object
) -> None:
    """Write an alarm into the trail, where the desk finds it, and into the log."""
    _log.error("alarm %s about %s", alarm, about)
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action=f"alarm.{alarm}",
        object_type="stripe",
        object_id=about,
        details=details,
    )


def _row(
    told: BalanceTransaction, entry_id: uuid.UUID, gift: Donation | None, at: datetime
) -> dict[str, Any]:
    return {
        "id": told.id,
        "reporting_category": told.reporting_category,
        "type": told.type,
        "currency": told.amount.currency,
        "amount": told.amount.minor,
        "fee": told.fee.minor,
        "net": told.net.minor,
        "created_at": told.created,
        "available_on": told.available_on,
        "source_id": told.source_id,
        "exchange_rate": told.exchange_rate,
        "donation_id": None if gift is None else gift.id,
        "entry_id": entry_id,
        "recorded_at": at,
    }


def _follow(
    session: Session, gift: Donation, told: BalanceTransaction, entry_id: uuid.UUID, at: datetime
) -> None:
    """Let a gift follow its movement: settled once, then whatever is taken back."""
    category = told.reporting_category
    if category == "charge":
        _settle(gift, told, entry_id)
        donations.advance(session, gift, DonationStatus.SUCCEEDED, at=at, cause=told.id)
    elif category in {"refund", "charge_failure", "refund_failure"}:
        gift.refunded = max(0, gift.refunded - told.amount.minor)
        gift.receipt_due = True
    restate(session, gift, at=at, cause=told.id)


def _settle(gift: Donation, told: BalanceTransaction, entry_id: uuid.UUID) -> None:
    share = shares.share_of(told.amount.minor, told.net.minor, gift.share_bp)
    gift.settled_at = told.created
    gift.settled_currency = told.amount.currency
    gift.gross, gift.fee, gift.net = told.amount.minor, told.fee.minor, told.net.minor
    gift.share = share
    gift.exchange_rate = told.exchange_rate
    gift.entry_id = entry_id
    gift.unallocated = told.net.minor - share
    gift.receipt_due = True


def restate(session: Session, gift: Donation, *, at: datetime, cause: str) -> None:
    """Let the state of a gift say how much of it was given back: what was booked, in any order."""
    if gift.gross is None:
        return
    if not gift.refunded:
        if gift.status in _GIVEN_BACK:
            donations.advance(session, gift, DonationStatus.SUCCEEDED, at=at, cause=cause)
        return
    whole = gift.refunded >= gift.gross
    to = DonationStatus.REFUNDED if whole else DonationStatus.PARTLY_REFUNDED
    donations.advance(session, gift, to, at=at, cause=cause)
