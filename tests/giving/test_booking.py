"""Does every kind of movement make the entry that its recipe says?"""

from datetime import datetime

import pytest

from offset.database.session import Database
from offset.giving import booking
from offset.giving.ports import BalanceTransaction
from offset.money import Money
from tests.builders.giving import books
from tests.fakes_giving import FakeProcessor


def told(category: str, minor: int, fee: int, at: datetime) -> BalanceTransaction:
    return FakeProcessor(at).move(category, Money(minor, "EUR"), Money(fee, "EUR"), "x_1")


@pytest.mark.parametrize(
    ("category", "moved", "account"),
    [
        ("charge", (2500, 63), "Liabilities:Unidentified:EUR"),
        ("charge_failure", (-2500, 350), "Liabilities:Refunds:EUR"),
        ("refund", (-500, 0), "Liabilities:Refunds:EUR"),
        ("refund", (-500, -8), "Liabilities:Refunds:EUR"),
        ("refund_failure", (500, 0), "Liabilities:Refunds:EUR"),
        ("dispute", (-4000, 2000), "Assets:Receivable:Disputes:EUR"),
        ("dispute_reversal", (4000, -2000), "Assets:Receivable:Disputes:EUR"),
        ("fee", (-35, 0), "Expenses:Fees:Stripe:EUR"),
        ("fee", (0, 35), "Expenses:Fees:Stripe:EUR"),
        ("network_cost", (-3, 0), "Expenses:Fees:Stripe:EUR"),
        ("tax", (-7, 0), "Expenses:Fees:Stripe:EUR"),
        ("payout", (-9000, 0), "Assets:InTransit:Payouts:EUR"),
        ("payout_reversal", (9000, 0), "Assets:InTransit:Payouts:EUR"),
        ("topup", (1000, 0), "Assets:InTransit:Payouts:EUR"),
        ("topup_reversal", (-1000, 0), "Assets:InTransit:Payouts:EUR"),
        ("platform_earning", (12, 0), "Equity:Suspense:EUR"),
        ("risk_reserved_funds", (-12, 0), "Equity:Suspense:EUR"),
    ],
)
def test_a_movement_is_booked_by_its_category_once(
    embedded: Database, at: datetime, category: str, moved: tuple[int, int], account: str
) -> None:
    minor, fee = moved
    movement = told(category, minor, fee, at)
    first = embedded.run(booking.book, movement, at=at)
    again = embedded.run(booking.book, movement, at=at)
    found = books(embedded)
    assert found["Assets:Stripe:EUR"] == minor - fee
    assert account in found
    assert sum(found.values()) == 0
    assert (first.fresh, again.fresh, again.entry_id) == (True, False, first.entry_id)
    assert first.alarm == ("movement_unknown" if account.startswith("Equity") else None)


@pytest.mark.parametrize("category", ["charge", "refund", "refund_failure", "dispute"])
def test_a_known_kind_the_wrong_way_round_is_an_unknown_one(
    embedded: Database, at: datetime, category: str
) -> None:
    minor = -100 if category in {"charge", "refund_failure"} else 100
    booked = embedded.run(booking.book, told(category, minor, 0, at), at=at)
    assert booked.alarm == "movement_unknown"


def test_a_movement_of_nothing_makes_no_entry(embedded: Database, at: datetime) -> None:
    booked = embedded.run(booking.book, told("fee", 0, 0, at), at=at)
    assert (booked.entry_id, booked.fresh) == (None, False)
