"""Is money given back through Stripe once, however often we ask, and is the balance read whole?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from offset.errors import Conflict, InvalidInput
from offset.gateways.stripe_balance import StripeBalance
from offset.gateways.stripe_refunds import StripeRefunds
from offset.giving.ports import RefundRequest
from offset.money import Money
from tests.builders.stripe import Account, an_account
from tests.fakes import FrozenClock


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def a_wish(account: Account, minor: int = 500) -> RefundRequest:
    charge = account.charge(account.paid("25.00 EUR")).id
    return RefundRequest(refund_id=str(uuid4()), charge_id=charge, amount=Money(minor, "EUR"))


def test_the_same_row_is_one_refund_and_two_equal_rows_are_two(account: Account) -> None:
    gateway, wish = StripeRefunds(account.client), a_wish(account)
    assert gateway.find(wish) is None
    first = gateway.refund(wish)
    assert gateway.refund(wish) == first
    assert (first.ours, first.status, first.presented) == (
        wish.refund_id,
        "succeeded",
        Money(500, "EUR"),
    )
    assert [one.net for one in first.movements] == [Money(-500, "EUR")]
    other = gateway.refund(replace(wish, refund_id=str(uuid4())))
    assert other.refund_id != first.refund_id
    assert gateway.find(wish) == first


def test_the_same_row_with_another_amount_and_too_much_are_refused(account: Account) -> None:
    gateway, wish = StripeRefunds(account.client), a_wish(account)
    gateway.refund(wish)
    with pytest.raises(Conflict, match="processor_key_reused"):
        gateway.refund(replace(wish, amount=Money(600, "EUR")))
    with pytest.raises(InvalidInput, match="processor_refused"):
        gateway.refund(replace(wish, refund_id=str(uuid4()), amount=Money(2001, "EUR")))


def test_the_balance_is_what_the_movements_sum_up_to_in_each_currency(account: Account) -> None:
    account.paid("25.00 EUR")
    account.paid("10.00 USD")
    told = StripeBalance(account.client).balances()
    held = {code: (one.available + one.pending).minor for code, one in told.items()}
    assert held == {"EUR": 2500 - 63, "USD": 1000 - 40}
