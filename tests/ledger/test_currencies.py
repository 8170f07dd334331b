"""Do books in several currencies stay apart, and does a conversion keep the provider's own rate?"""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offset.database.session import Database
from offset.errors import LedgerRefused
from offset.ledger import balances, chart, entries, journal, periods
from offset.ledger.entries import Draft, Line
from offset.ledger.verify import verify
from offset.money import Money, parse_money
from tests.builders.ledger import ON, a_movement

# What the processor said of one conversion: 116.35 USD at 0.9187 EUR, after its own 1 %.
SOLD, BOUGHT, RATE = parse_money("116.35", "USD"), parse_money("105.82", "EUR"), Decimal("0.9187")


def _sums(database: Database) -> dict[str, int]:
    """Sum the trial balance of each currency; the books are right when each is zero."""
    found: dict[str, int] = {}
    with database.reading() as session:
        for line in balances.trial_balance(session):
            currency = line.balance.currency
            found[currency] = found.get(currency, 0) + line.balance.minor
    return found


def _balance(database: Database, code: str) -> str:
    with database.reading() as session:
        return str(balances.balance(session, code))


def _given(number: int, gross: Money, fee: Money) -> Draft:
    nothing = Money(0, gross.currency)
    return entries.gift_settled(a_movement(number), gross=gross, fee=fee, share=nothing)


def test_the_fund_follows_its_converted_money(database: Database, at: datetime) -> None:
    gift = _given(1, parse_money("120.00", "USD"), parse_money("3.65", "USD"))
    database.run(journal.post, gift, at=at)
    conversion = {"conversion_id": "cv_1", "on": ON, "sold": SOLD, "bought": BOUGHT}
    money = entries.fx(source=chart.stripe("USD"), target=chart.stripe("EUR"), **conversion)
    database.run(journal.post, money, at=at)
    assert _sums(database) == {"EUR": 0, "USD": 0}
    # Between the two entries the clearing accounts say what is owed to whom, at that rate.
    assert _balance(database, chart.fx("USD")) == "116.35 USD"
    assert _balance(database, chart.fx("EUR")) == "-105.82 EUR"
    fund = entries.fund_move(source=chart.pool("USD"), target=chart.pool("EUR"), **conversion)
    database.run(journal.post, fund, at=at)
    assert _sums(database) == {"EUR": 0, "USD": 0}
    for currency, there in (("USD", "0.00 USD"), ("EUR", "0.00 EUR")):
        assert _balance(database, chart.fx(currency)) == there
    # The fund holds to the cent what the money became: its own fee lies in the rate.
    assert _balance(database, chart.stripe("EUR")) == "105.82 EUR"
    assert _balance(database, chart.pool("EUR")) == "-105.82 EUR"
    assert _balance(database, chart.pool("USD")) == "0.00 USD"
    told = (Decimal(SOLD.minor) * RATE * Decimal("0.99")).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert told == BOUGHT.minor


def test_a_fund_moves_no_more_than_it_holds(database: Database, at: datetime) -> None:
    database.run(journal.post, _given(1, parse_money("50.00", "USD"), Money(0, "USD")), at=at)
    fund = entries.fund_move(
        conversion_id="cv_1",
        on=ON,
        source=chart.pool("USD"),
        sold=SOLD,
        target=chart.pool("EUR"),
        bought=BOUGHT,
    )
    with pytest.raises(LedgerRefused, match="floor_breached"):
        database.run(journal.post, fund, at=at)
    assert _balance(database, chart.pool("USD")) == "-50.00 USD"


@given(sold=st.integers(1, 10**9), bought=st.integers(1, 10**9))
def test_any_rate_leaves_each_currency_at_zero(sold: int, bought: int) -> None:
    sides = {"sold": Money(sold, "JPY"), "bought": Money(bought, "KWD")}
    sums: dict[str, int] = {}
    for draft in (
        entries.fx(conversion_id="c", on=ON, source="a", target="b", **sides),
        entries.fund_move(conversion_id="c", on=ON, source="c", target="d", **sides),
    ):
        own: dict[str, int] = {}
        for line in draft.lines:
            own[line.amount.currency] = own.get(line.amount.currency, 0) + line.amount.minor
            if line.account.startswith("Equity:FX"):
                sums[line.account] = sums.get(line.account, 0) + line.amount.minor
        assert set(own.values()) == {0}
    assert set(sums.values()) == {0}


@pytest.mark.parametrize(
    ("gross", "fee", "held"),
    [
        ("5000 JPY", "180 JPY", "-4820 JPY"),
        ("12.345 KWD", "0.420 KWD", "-11.925 KWD"),
        ("60.00 CHF", "2.05 CHF", "-57.95 CHF"),
    ],
)
def test_a_gift_in_any_smallest_unit_is_kept_to_the_unit(
    database: Database, at: datetime, gross: str, fee: str, held: str
) -> None:
    amount, currency = gross.split()
    paid = _given(1, parse_money(amount, currency), parse_money(fee.split(maxsplit=1)[0], currency))
    database.run(journal.post, paid, at=at)
    assert _balance(database, chart.pool(currency)) == held
    for verb in (periods.begin_close, periods.lock):
        database.run(verb, date(2026, 11, 1))
    assert _balance(database, chart.pool(currency)) == held
    assert _sums(database) == {currency: 0}
    assert verify(database).faults == ()


def test_equal_numbers_of_two_currencies_do_not_balance(database: Database, at: datetime) -> None:
    mixed = Draft(
        "mixed:1",
        "opening",
        ON,
        "test",
        "1",
        (
            Line(chart.stripe("JPY"), Money(100, "JPY")),
            Line(chart.suspense("EUR"), Money(-100, "EUR")),
        ),
    )
    with pytest.raises(LedgerRefused, match="unbalanced"):
        database.run(journal.post, mixed, at=at)
