"""Is an amount read as it was meant, and cut without losing a unit?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offset.errors import InvalidInput
from offset.money import Money, basis_points, exponent, parse_money, split


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("60", "EUR", 6000),
        ("60,5", "EUR", 6050),
        ("60.50", "EUR", 6050),
        ("1 234,50", "EUR", 123_450),
        ("1\u202f234,50\u00a0€", "EUR", 123_450),
        ("1,234.50", "USD", 123_450),
        ("1.234,50", "EUR", 123_450),
        ("1’234.50", "CHF", 123_450),
        ("1.234", "EUR", 123_400),
        ("1,234", "USD", 123_400),
        ("1.234.567", "EUR", 123_456_700),
        ("EUR 12", "EUR", 1200),
        ("5000", "JPY", 5000),
        ("5,000", "JPY", 5000),
        ("1.234", "KWD", 1234),
        ("0.05", "EUR", 5),
        ("Fr. 12.50", "CHF", 1250),
        ("12 euros", "EUR", 1200),
        ("\u200f١٬٢٣٤٫٥٠ €", "EUR", 123_450),
        ("۱۲۳", "EUR", 12_300),
        ("１，２３４．５", "EUR", 123_450),
        ("1'234'567,–", "CHF", 123_456_700),
        ("$12", "CAD", 1200),
    ],
)
def test_amounts_as_people_write_them(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "-5", "12e3", "NaN", "1,2,3", "1.2345.6", "²", "1..2", "1.2.3,4", "5 5 x", "9" * 20]
    + ["12 34", "1 2", "12,5 0", "1. 234", "1 2345,00", "€12€", "(12)", "+12", "1_000", "½"],
)
def test_unreadable_amounts(text: str) -> None:
    with pytest.raises(InvalidInput, match="amount_unreadable") as refused:
        parse_money(text, "EUR", field="other")
    assert refused.value.field == "other"


@pytest.mark.parametrize(
    ("text", "currency"), [("$12", "EUR"), ("12 £", "USD"), ("CHF 12", "EUR"), ("12€", "CHF")]
)
def test_another_currency_is_never_taken_for_ours(text: str, currency: str) -> None:
    with pytest.raises(InvalidInput, match="amount_other_currency"):
        parse_money(text, currency)


@pytest.mark.parametrize(
    ("text", "currency"), [("1.23456", "EUR"), ("1.5", "JPY"), ("12,3456", "EUR")]
)
def test_too_precise_is_never_rounded(text: str, currency: str) -> None:
    with pytest.raises(InvalidInput, match="amount_too_precise"):
        parse_money(text, currency)


@given(minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_writing_and_reading_are_inverse(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    if minor >= 0:
        assert parse_money(money.decimal(), currency) == money
    assert (-money).decimal() == (f"-{money.decimal()}" if minor > 0 else (-money).decimal())


@given(
    total=st.integers(0, 10**12),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any),
)
def test_parts_sum_to_the_whole(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        exact = total * weight // sum(weights)
        assert exact <= part <= exact + 1


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [0, 0]), (1, [2, -1])])
def test_impossible_splits(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="split"):
        split(total, weights)


def test_currencies_never_mix() -> None:
    euro, dollar = Money(1, "EUR"), Money(1, "USD")
    for act in (euro.__add__, euro.__sub__, euro.__lt__, euro.__le__, euro.__gt__, euro.__ge__):
        with pytest.raises(InvalidInput, match="currency_mixed"):
            act(dollar)


def test_arithmetic_and_order() -> None:
    five, seven = Money(500, "EUR"), Money(700, "EUR")
    assert five + seven - five == seven
    assert five < seven
    assert five <= seven
    assert seven > five
    assert seven >= five
    assert bool(five)
    assert not Money(0, "EUR")
    assert str(five) == "5.00 EUR"
    assert Money(7, "JPY").decimal() == "7"


@pytest.mark.parametrize("minor", [1.0, True, "5"])
def test_only_whole_units(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]  # that is the point


def test_unknown_currency() -> None:
    with pytest.raises(InvalidInput, match="currency_unknown"):
        exponent("XYZ")


@pytest.mark.parametrize(
    ("minor", "points", "share"), [(6000, 500, 300), (599, 500, 29), (0, 500, 0)]
)
def test_share_is_cut_down(minor: int, points: int, share: int) -> None:
    assert basis_points(minor, points) == share
