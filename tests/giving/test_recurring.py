"""Does a monthly gift book each month once, with its own receipt, whatever the events do?"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import NotFound, StateRefused
from offset.giving import catch_up, processor_events, recurring
from offset.giving.models import DonationStatus, Receipt, RecurringGift, RecurringStatus
from offset.giving.ports import InvoiceFacts, SubscriptionFacts
from offset.ledger import verify
from offset.money import Money
from offset.people import settings
from offset.people.access import Actor, Role
from offset.people.models import AuditEvent, OutboxMessage, User
from tests.builders import projects
from tests.builders.giving import PAYOUTS, books, money
from tests.builders.recurring import (
    Begun,
    a_monthly_gift,
    a_monthly_page,
    monthly_of,
    months_of,
    take_in,
)
from tests.builders.stripe import DECLINED, Account, an_account
from tests.fakes import FrozenClock
from tests.giving.test_processor_events import statements

MONTH = timedelta(days=32)


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def subscription(database: Database, begun: Begun) -> str:
    return str(monthly_of(database, begun).subscription_id)


def mails(database: Database, template: str) -> list[OutboxMessage]:
    with database.reading() as session:
        found = list(
            session.scalars(select(OutboxMessage).where(OutboxMessage.template == template))
        )
        session.expunge_all()
        return found


def test_the_first_month_is_the_gift_its_page_was_opened_for(
    database: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_gift(database, account, at=at)
    (month,) = months_of(database, begun)
    assert month.id == begun.pledge.donation_id
    assert (month.status, month.gross) == (DonationStatus.SUCCEEDED, 1_000)
    assert month.invoice_id is not None
    found = monthly_of(database, begun)
    assert found.status is RecurringStatus.ACTIVE
    assert found.customer_id is not None
    assert found.contributor_id == month.contributor_id is not None
    assert found.next_on is not None
    assert found.next_on > at.date()
    assert verify.verify(database).faults == ()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_renewals_in_any_order_and_twice_are_two_gifts_more(
    embedded: Database, account: Account, at: datetime, seed: int
) -> None:
    begun = a_monthly_gift(embedded, account, at=at)
    name = subscription(embedded, begun)
    account.control.renew(name)
    account.control.renew(name)
    parcels = account.control.collect(at)
    parcels += parcels[::2]
    random.Random(seed).shuffle(parcels)  # noqa: S311 - an order, no secret
    for parcel in parcels:
        processor_events.receive(
            embedded, account.events, parcel.raw, parcel.signature, at=at, on_payout=None
        )
    take_in(embedded, account, at=at)
    months = months_of(embedded, begun)
    assert [one.status for one in months] == [DonationStatus.SUCCEEDED] * 3
    assert len({one.invoice_id for one in months}) == 3
    assert books(embedded)["Income:Share:EUR"] == -150
    with embedded.reading() as session:
        receipts = session.scalars(select(Receipt.donation_id)).all()
    assert sorted(receipts) == sorted(one.id for one in months)


def test_two_renewals_on_the_test_clock(
    embedded: Database, account: Account, clock: FrozenClock, at: datetime
) -> None:
    account.control.stop_clock(at)
    begun = a_monthly_gift(embedded, account, at=at)
    for _ in range(2):
        due = monthly_of(embedded, begun).next_on
        assert due is not None
        assert account.control.advance_clock_to(clock.now() + MONTH) >= 1
        clock.set(clock.now() + MONTH)
        take_in(embedded, account, at=clock.now())
        following = monthly_of(embedded, begun).next_on
        assert following is not None
        assert due < following
    months = months_of(embedded, begun)
    assert [(one.status, one.gross) for one in months] == [(DonationStatus.SUCCEEDED, 1_000)] * 3
    assert len({one.settled_at for one in months}) == 3


def test_an_event_of_a_month_takes_at_most_sixteen_statements(
    embedded: Database, account: Account, at: datetime
) -> None:
    """Fourteen, so that the first event of a month may open the month as well."""
    a_monthly_gift(embedded, account, at=at)
    begun = a_monthly_page(embedded, account, at=at)
    account.control.pay(begun.session_id, email="ada@example.org", name="Ada")
    account.control.renew(begun.session_id)
    for parcel in account.control.collect(at):
        with statements(embedded) as told:
            processor_events.receive(
                embedded, account.events, parcel.raw, parcel.signature, at=at, on_payout=None
            )
        told = [one for one in told if not one.startswith("BEGIN")]
        assert len(told) <= 14, "\n".join(told)
    assert len(months_of(embedded, begun)) == 2


def test_with_every_event_lost_the_catch_up_books_the_same_months(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_page(embedded, account, at=at)
    account.control.pay(begun.session_id, email="ada@example.org", name="Ada")
    account.control.renew(begun.session_id)
    account.control.collect(at)
    for _ in range(2):
        catch_up.catch_up(embedded, account.events, since=at, at=at, payouts=PAYOUTS)
        months = months_of(embedded, begun)
        assert [one.gross for one in months] == [1_000, 1_000]
        assert books(embedded)["Income:Share:EUR"] == -100
    assert monthly_of(embedded, begun).status is RecurringStatus.ACTIVE


def test_a_refused_card_tells_the_donor_once_and_recovers(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_gift(embedded, account, at=at)
    account.control.use_card(begun.session_id, DECLINED)
    account.control.renew(begun.session_id)
    take_in(embedded, account, at=at)
    account.control.retry(begun.session_id)
    take_in(embedded, account, at=at)
    assert monthly_of(embedded, begun).status is RecurringStatus.PAST_DUE
    assert len(months_of(embedded, begun)) == 1
    (mail,) = mails(embedded, "monthly_failing")
    assert mail.recipient == "ada@example.org"
    assert mail.parameters["manage_path"].endswith("/manage")
    account.control.use_card(begun.session_id)
    account.control.retry(begun.session_id)
    take_in(embedded, account, at=at)
    assert monthly_of(embedded, begun).status is RecurringStatus.ACTIVE
    assert len(months_of(embedded, begun)) == 2
    assert len(mails(embedded, "monthly_failing")) == 1


def test_the_amount_changes_from_the_next_month_on(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_gift(embedded, account, at=at)
    account.control.change_amount(begun.session_id, 2_000)
    account.control.renew(begun.session_id)
    take_in(embedded, account, at=at)
    assert monthly_of(embedded, begun).amount == 2_000
    assert sorted(one.gross or 0 for one in months_of(embedded, begun)) == [1_000, 2_000]
    with embedded.reading() as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "monthly.amount"))
        assert [one.details for one in told] == [{"before": 1_000, "after": 2_000}]


def test_a_pause_takes_nothing_and_a_stop_tells_donor_and_desk(
    embedded: Database, account: Account, at: datetime
) -> None:
    clerk = an_actor_with_mail(embedded, at)
    begun = a_monthly_gift(embedded, account, at=at)
    account.control.pause(begun.session_id)
    account.control.renew(begun.session_id)
    take_in(embedded, account, at=at)
    assert monthly_of(embedded, begun).status is RecurringStatus.PAUSED
    assert len(months_of(embedded, begun)) == 1
    account.control.resume(begun.session_id)
    take_in(embedded, account, at=at)
    assert monthly_of(embedded, begun).status is RecurringStatus.ACTIVE
    account.control.cancel(begun.session_id)
    take_in(embedded, account, at=at)
    planned = monthly_of(embedded, begun)
    assert (planned.status, planned.ends_on) == (RecurringStatus.ACTIVE, planned.next_on)
    account.control.cancel(begun.session_id, now=True)
    take_in(embedded, account, at=at)
    over = monthly_of(embedded, begun)
    assert (over.status, over.ended_at) == (RecurringStatus.ENDED, at)
    assert over.end_reason == "cancellation_requested"
    assert [one.recipient for one in mails(embedded, "monthly_ended")] == ["ada@example.org"]
    assert [one.recipient for one in mails(embedded, "monthly_ended_desk")] == [clerk]


def test_two_monthly_gifts_of_one_donor_are_two(
    embedded: Database, account: Account, at: datetime
) -> None:
    first = a_monthly_gift(embedded, account, at=at)
    second = a_monthly_gift(embedded, account, at=at, amount="20.00 EUR")
    account.control.cancel(first.session_id, now=True)
    account.control.renew(second.session_id)
    take_in(embedded, account, at=at)
    assert monthly_of(embedded, first).status is RecurringStatus.ENDED
    assert monthly_of(embedded, second).status is RecurringStatus.ACTIVE
    assert [one.gross for one in months_of(embedded, second)] == [2_000, 2_000]
    assert len(months_of(embedded, first)) == 1


def test_a_renewal_keeps_the_terms_of_the_beginning(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_gift(embedded, account, at=at)
    embedded.run(set_share, at=at)
    account.control.renew(begun.session_id)
    take_in(embedded, account, at=at)
    second, first = sorted(
        months_of(embedded, begun), key=lambda one: one.id == begun.pledge.donation_id
    )
    assert (second.share_bp, second.share_version) == (first.share_bp, first.share_version)
    assert second.sentences == first.sentences
    assert second.contributor_id == first.contributor_id


def test_who_may_manage_a_monthly_gift(embedded: Database, account: Account, at: datetime) -> None:
    begun = a_monthly_page(embedded, account, at=at)
    with embedded.reading() as session:
        token = session.scalars(select(RecurringGift.token)).one()
        with pytest.raises(StateRefused) as early:
            recurring.may_manage(session, token)
        with pytest.raises(NotFound):
            recurring.may_manage(session, "nobody")
    assert early.value.code == "monthly_not_begun"
    account.control.pay(begun.session_id)
    take_in(embedded, account, at=at)
    with embedded.reading() as session:
        customer, language = recurring.may_manage(session, token)
    address = account.checkout.manage(customer, return_url="http://127.0.0.1:9/", language=language)
    assert address.startswith(account.url)
    account.control.cancel(begun.session_id, now=True)
    take_in(embedded, account, at=at)
    with embedded.reading() as session, pytest.raises(StateRefused) as late:
        recurring.may_manage(session, token)
    assert late.value.code == "monthly_over"


def test_what_is_over_stays_over(embedded: Database, account: Account, at: datetime) -> None:
    begun = a_monthly_gift(embedded, account, at=at)
    account.control.cancel(begun.session_id, now=True)
    take_in(embedded, account, at=at)
    over = monthly_of(embedded, begun)
    assert not [pair for pair in recurring.STEPS if pair[0] is RecurringStatus.ENDED]
    with pytest.raises(Exception, match="recurring_gift_stays_ended"):
        embedded.run(reopen, over.id)


def reopen(session: Session, monthly_id: uuid.UUID) -> None:
    row = session.get_one(RecurringGift, monthly_id)
    row.status, row.ended_at = RecurringStatus.ACTIVE, None
    session.flush()


def set_share(session: Session, *, at: datetime) -> None:
    administrator = Actor(None, frozenset({Role.ADMINISTRATOR}))
    settings.change(session, "share_bp", 900, actor=administrator, at=at, reason="test")


def an_actor_with_mail(database: Database, at: datetime) -> str:
    """A clerk who reads mail; return the address."""
    clerk = database.run(projects.an_actor, Role.CLERK, at=at)
    with database.reading() as session:
        return str(session.get_one(User, clerk.user_id).email)


def test_what_is_nobodys_changes_nothing(embedded: Database, at: datetime) -> None:
    """Another subscription on the same account, with or without a mark that looks like ours."""
    for mark in (None, "not an id", str(uuid.uuid4())):
        subscription = SubscriptionFacts(
            subscription_id="sub_foreign",
            recurring_id=mark,
            customer_id="cus_foreign",
            status="active",
            paused=False,
            amount=money("10.00 EUR"),
            started=at,
            next_at=at + MONTH,
            ends_at=None,
            ended=None,
            end_reason=None,
        )
        invoice = InvoiceFacts(
            invoice_id="in_foreign",
            status="paid",
            amount=money("10.00 EUR"),
            first=True,
            subscription_id="sub_foreign",
            recurring_id=mark,
            customer_id="cus_foreign",
            payment_intent_id=None,
            attempts=1,
            next_attempt=None,
        )
        assert not embedded.run(recurring.follow, subscription, at=at)
        assert embedded.run(recurring.of_invoice, invoice, None, at=at) is None
    nameless = replace(invoice, subscription_id=None, recurring_id=None)
    assert embedded.run(recurring.of_invoice, nameless, None, at=at) is None


def test_a_month_of_nothing_is_no_gift_and_no_mail_goes_to_nobody(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_page(embedded, account, at=at)
    free = InvoiceFacts(
        invoice_id="in_free",
        status="paid",
        amount=Money(0, "EUR"),
        first=False,
        subscription_id=None,
        recurring_id=str(begun.pledge.recurring_id),
        customer_id=None,
        payment_intent_id=None,
        attempts=0,
        next_attempt=None,
    )
    assert embedded.run(recurring.of_invoice, free, None, at=at) is None
    assert monthly_of(embedded, begun).status is RecurringStatus.ACTIVE
    over = SubscriptionFacts(
        subscription_id="sub_over",
        recurring_id=str(begun.pledge.recurring_id),
        customer_id=None,
        status="canceled",
        paused=False,
        amount=Money(0, "EUR"),
        started=at,
        next_at=None,
        ends_at=None,
        ended=None,
        end_reason="payment_failed",
    )
    assert embedded.run(recurring.follow, over, at=at)
    assert embedded.run(recurring.follow, replace(over, status="incomplete"), at=at)
    assert monthly_of(embedded, begun).status is RecurringStatus.ENDED
    assert mails(embedded, "monthly_ended") == []
