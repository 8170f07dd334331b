"""Does every kind of movement make the entry that its recipe says?"""

from dataclasses import replace
from datetime import datetime
from typing import Literal, Union, get_args, get_origin

import pytest
import stripe

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


# The category under which Stripe reports each type (docs.stripe.com/reports/reporting-categories);
# a type that is not here has no recipe of ours and goes to suspense (R15).
REPORTED = {
    "charge": "charge",
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "adjustment": "dispute",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "tax",
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "topup": "topup",
    "topup_reversal": "topup_reversal",
}


def types_of_the_package() -> list[str]:
    """Every type that the pinned package names for a balance transaction."""
    hint = stripe.BalanceTransaction.__annotations__["type"]
    if isinstance(hint, str):
        hint = eval(hint, {"Literal": Literal, "Union": Union})  # noqa: S307 - the package's own
    literal = next(one for one in get_args(hint) if get_origin(one) is Literal)
    return sorted(get_args(literal))


def test_the_types_we_know_are_all_in_the_package() -> None:
    assert set(REPORTED) <= set(types_of_the_package())
    assert set(REPORTED.values()) | {"dispute_reversal", "network_cost"} == set(booking.RECIPES)


def test_every_type_of_the_package_has_a_recipe_or_lands_in_suspense_with_an_alarm(
    embedded: Database, at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    processor = FakeProcessor(at)
    for kind in types_of_the_package():
        category = REPORTED.get(kind, kind)
        out = category in {"charge_failure", "refund", "dispute", "fee", "tax", "payout"}
        minor = -1000 if out else 1000
        movement = replace(
            processor.move(category, Money(minor, "EUR"), Money(0, "EUR"), "x_1"), type=kind
        )
        booked = embedded.run(booking.book, movement, at=at)
        assert booked.fresh
        known = kind in REPORTED
        assert (booked.alarm is None) is known, kind
        assert (f"alarm movement_unknown about {movement.id}" in caplog.text) is not known
    found = books(embedded)
    assert found["Assets:Stripe:EUR"] == processor.balance()
    unknown = len(types_of_the_package()) - len(REPORTED)
    assert found["Equity:Suspense:EUR"] == -1000 * unknown


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
