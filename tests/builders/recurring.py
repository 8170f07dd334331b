"""What do tests of monthly gifts start from? One that began on the stand-in's page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from offset.database.session import Database
from offset.giving import processor_events, recurring
from offset.giving.donations import Pledge, to_checkout
from offset.giving.models import Donation, RecurringGift
from offset.treasury import payouts
from tests.builders.giving import money
from tests.builders.stripe import Account


@dataclass(frozen=True)
class Begun:
    """A monthly gift, its first month, and the page that was opened for it."""

    pledge: Pledge
    session_id: str


def a_monthly_page(
    database: Database, account: Account, *, at: datetime, amount: str = "10.00 EUR"
) -> Begun:
    """A monthly gift whose payment page is open."""
    pledged = database.run(recurring.begin, at=at, amount=money(amount), language="en")
    page = to_checkout(
        database,
        account.checkout,
        pledged,
        title="Monthly contribution to soil projects",
        success_url="http://127.0.0.1:9/done",
        cancel_url="http://127.0.0.1:9/cancelled",
        at=at,
    )
    return Begun(pledged, page.session_id)


def a_monthly_gift(
    database: Database, account: Account, *, at: datetime, amount: str = "10.00 EUR"
) -> Begun:
    """A monthly gift whose first month was paid by card and booked."""
    begun = a_monthly_page(database, account, at=at, amount=amount)
    assert account.control.pay(begun.session_id, email="ada@example.org", name="Ada") == "paid"
    take_in(database, account, at=at)
    return begun


def take_in(database: Database, account: Account, *, at: datetime) -> None:
    """Deliver every event that was not yet delivered, then try what came too early again."""
    for parcel in account.control.collect(at):
        processor_events.receive(
            database,
            account.events,
            parcel.raw,
            parcel.signature,
            at=at,
            on_payout=payouts.on_payout,
        )
    processor_events.retry_unmatched(database, account.events, at=at, on_payout=payouts.on_payout)


def monthly_of(database: Database, begun: Begun) -> RecurringGift:
    """The stored monthly gift, detached."""
    with database.reading() as session:
        row = session.get_one(RecurringGift, begun.pledge.recurring_id)
        session.expunge(row)
        return row


def months_of(database: Database, begun: Begun) -> list[Donation]:
    """The gifts that its months made, oldest first, detached."""
    with database.reading() as session:
        found = list(
            session.scalars(
                select(Donation)
                .where(Donation.recurring_gift_id == begun.pledge.recurring_id)
                .order_by(Donation.created_at, Donation.id)
            )
        )
        session.expunge_all()
        return found
