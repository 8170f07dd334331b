"""Does every month keep the receipt its donor chose, and say how to change or stop?"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.giving import receipts
from offset.giving.models import ReceiptChoice
from offset.people.models import OutboxMessage
from tests.builders.recurring import a_monthly_gift, months_of, take_in
from tests.builders.stripe import Account, an_account
from tests.fakes import FrozenClock


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def test_a_renewal_is_receipted_as_its_donor_chose_and_says_how_to_stop(
    embedded: Database, account: Account, at: datetime
) -> None:
    begun = a_monthly_gift(embedded, account, at=at)
    receipts.issue_pending(embedded, at=at)
    embedded.run(receipts.choose, begun.pledge.token, ReceiptChoice.ANNUAL, at=at)
    account.control.renew(begun.session_id)
    take_in(embedded, account, at=at)
    receipts.issue_pending(embedded, at=at)
    months = months_of(embedded, begun)
    assert [one.receipt_choice for one in months] == [ReceiptChoice.ANNUAL] * 2
    with embedded.reading() as session:
        mails = session.scalars(
            select(OutboxMessage).where(OutboxMessage.template.in_(("receipt", "received")))
        ).all()
        told = {one.template: one.parameters["manage_path"] for one in mails}
    renewal = next(one for one in months if one.token != begun.pledge.token)
    assert told == {
        "receipt": f"/gift/{begun.pledge.token}/manage",
        "received": f"/gift/{renewal.token}/manage",
    }
