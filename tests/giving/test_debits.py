"""Is a debit under way nothing yet, and is a bank's no told kindly, once?"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.giving.donations import to_checkout
from offset.giving.models import DonationStatus
from offset.people.models import OutboxMessage
from tests.builders.giving import a_pledge, row_of
from tests.builders.recurring import take_in
from tests.builders.stripe import Account, an_account
from tests.fakes import FrozenClock


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
        return [(template, said["reason"]) for template, said in found]


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
    account.control.pay_sepa(page.session_id)
    take_in(embedded, account, at=at)
    waiting = row_of(embedded, pledged.donation_id)
    assert (waiting.status, waiting.gross) == (DonationStatus.PENDING, None)
    assert told(embedded) == []
    account.control.clear_sepa(page.session_id, fails=fails)
    take_in(embedded, account, at=at)
    if not fails:
        arrived = row_of(embedded, pledged.donation_id)
        assert arrived.status is DonationStatus.SUCCEEDED
        assert arrived.mandate_id is not None
        assert str(arrived.mandate_text).startswith("stripe 20")
        assert told(embedded) == []
        account.control.return_debit(page.session_id)
        take_in(embedded, account, at=at)
    take_in(embedded, account, at=at)
    assert [template for template, _ in told(embedded)] == [
        "debit_failed" if fails else "debit_returned"
    ]
    assert all(reason for _, reason in told(embedded))
