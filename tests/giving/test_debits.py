"""Is a debit under way nothing yet, and is a bank's no told kindly, once?"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.giving import processor_events, receipts
from offset.giving.donations import to_checkout
from offset.giving.models import DonationStatus, Receipt
from offset.people.models import OutboxMessage
from tests.builders.giving import a_pledge, row_of
from tests.builders.recurring import a_monthly_page, months_of, take_in
from tests.builders.stripe import Account, an_account
from tests.fakes import FrozenClock
from tests.giving.test_processor_events import statements


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def told(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        found = session.execute(
            select(OutboxMessage.template, OutboxMessage.parameters)
            .where(OutboxMessage.template.startswith("debit"))
            .order_by(OutboxMessage.id)
        )
        return [(template, said.get("reason", "")) for template, said in found]


def notice(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        (found,) = session.scalars(
            select(OutboxMessage.parameters).where(OutboxMessage.template == "debit_notice")
        )
        return dict(found)


@pytest.mark.parametrize("fails", [True, False])
def test_a_debit_is_pending_then_told(
    embedded: Database, account: Account, at: datetime, *, fails: bool
) -> None:
    pledged = a_pledge(embedded, at=at, amount="30.00 EUR")
    page = to_checkout(
        embedded,
        account.checkout,
        pledged,
        title="Contribution",
        success_url="http://127.0.0.1:9/done",
        cancel_url="http://127.0.0.1:9/cancelled",
        at=at,
    )
    account.control.pay_sepa(page.session_id, email="ada@example.org")
    take_in(embedded, account, at=at)
    waiting = row_of(embedded, pledged.donation_id)
    assert (waiting.status, waiting.gross) == (DonationStatus.PENDING, None)
    assert told(embedded) == [("debit_notice", "")]
    said = notice(embedded)
    assert said["mandate"] == waiting.mandate_id
    # the reference that the donor's bank prints, no id of the processor's own
    assert re.fullmatch(r"[A-Z0-9]{16}", said["mandate"])
    assert said["day"] > at.date().isoformat()
    assert said["amount"] == {"minor": 3_000, "currency": "EUR"}
    account.control.clear_sepa(page.session_id, fails=fails)
    take_in(embedded, account, at=at)
    if not fails:
        arrived = row_of(embedded, pledged.donation_id)
        assert arrived.status is DonationStatus.SUCCEEDED
        assert arrived.mandate_id is not None
        assert str(arrived.mandate_text).startswith("stripe 20")
        assert told(embedded) == [("debit_notice", "")]
        account.control.return_debit(page.session_id)
        take_in(embedded, account, at=at)
    take_in(embedded, account, at=at)
    (_, (template, reason)) = told(embedded)
    assert template == ("debit_failed" if fails else "debit_returned")
    assert reason


def test_each_month_of_a_debit_is_announced_and_its_receipt_names_the_mandate(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_page(embedded, account, at=at)
    account.control.pay_sepa(begun.session_id, email="ada@example.org")
    take_in(embedded, account, at=at)
    account.control.clear_sepa(begun.session_id)
    take_in(embedded, account, at=at)
    account.control.renew(begun.session_id)
    take_in(embedded, account, at=at)
    months = months_of(embedded, begun)
    assert [one.status for one in months] == [DonationStatus.SUCCEEDED, DonationStatus.PENDING]
    receipts.issue_pending(embedded, at=at)
    with embedded.reading() as session:
        mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        facts = session.scalars(select(Receipt.facts)).one()
        session.expunge_all()
    notices = [one.parameters for one in mails if one.template == "debit_notice"]
    assert [one["manage_path"] for one in notices] == [
        f"/gift/{one.token}/manage" for one in months
    ]
    (receipt,) = [one.parameters for one in mails if one.template == "receipt"]
    assert receipt["mandate"] == months[0].mandate_id is not None
    assert facts["manage_path"] == receipt["manage_path"] == notices[0]["manage_path"]


def test_an_event_of_a_debit_takes_at_most_sixteen_statements(
    database: Database, account: Account, at: datetime
) -> None:
    for _ in range(2):
        begun = a_monthly_page(database, account, at=at)
        account.control.pay_sepa(begun.session_id, email="ada@example.org")
        for parcel in account.control.collect(at):
            with statements(database) as asked:
                processor_events.receive(
                    database, account.events, parcel.raw, parcel.signature, at=at, on_payout=None
                )
            said = [one for one in asked if not one.startswith(("BEGIN", "SET LOCAL"))]
            assert len(said) <= 16, "\n".join(said)
