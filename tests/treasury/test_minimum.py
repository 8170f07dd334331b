"""Do small balances wait until they are worth a payment, or until the month ends?"""

from datetime import datetime, timedelta

import pytest

from offset.database.session import Database
from offset.errors import InvalidInput
from offset.money import Money
from offset.projects import assessments
from offset.treasury import disbursements
from tests.builders import treasury as build
from tests.once_built import once_built


def test_a_small_balance_accumulates_until_the_minimum_or_the_end_of_the_month(
    embedded: Database, at: datetime
) -> None:
    """19.00 in November waits; in December it is due, but only as a whole."""
    house = once_built(embedded, build.a_house, at=at, gift="20.00")
    december = at + timedelta(days=20)
    with embedded.reading() as session:
        (now,) = disbursements.payable(session, at)
        (later,) = disbursements.payable(session, december)
    assert (now.free, now.why, now.due) == (Money(1900, "EUR"), "accumulating", False)
    assert (later.why, later.due) == ("period_end", True)
    with pytest.raises(InvalidInput, match="amount_below_minimum"):
        embedded.run(build.a_payment, house, at=at, amount="19.00")
    with pytest.raises(InvalidInput, match="amount_below_minimum"):
        embedded.run(build.a_payment, house, at=december, amount="18.99")
    embedded.run(build.a_payment, house, at=december, amount="19.00")
    with embedded.reading() as session:
        assert disbursements.payable(session, december) == ()


def test_what_reached_the_minimum_is_due_and_what_is_paused_is_not(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at, gift="30.00")
    with embedded.reading() as session:
        (due,) = disbursements.payable(session, at)
    assert (due.code, due.why, due.due) == ("P0001", "minimum", True)
    embedded.run(
        assessments.change_status,
        actor=house.treasurer,
        at=at,
        project_id=house.way.project_id,
        step="hold",
        reason="A report is missing.",
    )
    with embedded.reading() as session:
        (due,) = disbursements.payable(session, at)
    assert (due.why, due.due) == ("frozen", False)
