"""Can every amount on the pages be redone by hand?"""

from decimal import Decimal

import pytest

from offset.errors import InvalidInput
from offset.giving import shares
from offset.giving.shares import Basis, CardFee
from offset.money import Money, parse_money

CARD = CardFee(150, 25)
MINIMUM = Money(500, "EUR")
LIMITS = {"minimum": 500, "maximum": 1_000_000}


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("kilograms", "printed"),
    [
        (1149, "1.1"),
        (1150, "1.2"),
        ("1217.345", "1.2"),
        (550, "0.55"),
        ("98.4", "0.098"),
        (9950, "10"),
        (12_400, "12"),
        (0, "0"),
    ],
)
def test_tonnes_are_printed_with_two_figures(kilograms: int | str, printed: str) -> None:
    assert shares.printed_tonnes(kilograms) == Decimal(printed)


def test_no_estimate_is_negative() -> None:
    with pytest.raises(InvalidInput, match="estimate_negative"):
        shares.printed_tonnes(-1)


def test_an_amount_is_the_printed_figure_times_the_rate_in_whole_units() -> None:
    assert shares.whole_units(Decimal("0.55"), 5000, "EUR") == eur(2800)
    assert shares.whole_units(Decimal("0.54"), 5000, "EUR") == eur(2700)
    assert shares.whole_units(Decimal("1.2"), 800_000, "JPY") == Money(960_000, "JPY")


def test_three_amounts_each_with_its_reason() -> None:
    found = shares.suggestions("1149", "640.2", rate_minor=5000, minimum=MINIMUM)
    assert [(one.basis, one.tonnes, one.amount) for one in found] == [
        (Basis.HALF, Decimal("0.55"), eur(2800)),
        (Basis.FUEL, Decimal("1.1"), eur(5500)),
        (Basis.FUEL_AND_NON_CO2, Decimal("1.74"), eur(8700)),
    ]


def test_a_short_flight_suggests_the_minimum_and_no_part_that_the_method_lacks() -> None:
    found = shares.suggestions(80, None, rate_minor=5000, minimum=MINIMUM)
    assert [(one.basis, one.amount) for one in found] == [
        (Basis.HALF, MINIMUM),
        (Basis.FUEL, MINIMUM),
    ]


@pytest.mark.parametrize(("minor", "code"), [(499, "amount_too_small"), (1_000_001, "too_large")])
def test_amounts_outside_the_limits_are_refused_at_their_field(minor: int, code: str) -> None:
    with pytest.raises(InvalidInput, match=code) as refused:
        shares.check_amount(eur(minor), LIMITS)
    assert refused.value.field == "amount"


@pytest.mark.parametrize("minor", [500, 1_000_000])
def test_the_limits_themselves_may_be_given(minor: int) -> None:
    assert shares.check_amount(eur(minor), LIMITS) == eur(minor)


def test_the_share_is_cut_down_to_whole_cents_and_to_what_is_left() -> None:
    assert shares.share_of(6000, 5885, 500) == 300
    assert shares.share_of(999, 960, 500) == 49
    assert shares.share_of(500, 10, 500) == 10
    assert shares.share_of(500, -5, 500) == 0


def test_sixty_euros_go_where_the_receipt_says() -> None:
    parts = shares.breakdown(eur(6000), share_bp=500, fee=CARD)
    assert (parts.to_projects, parts.share, parts.fee) == (eur(5585), eur(300), eur(115))


def test_a_fee_is_never_more_than_the_gift() -> None:
    assert shares.card_fee(eur(20), CARD) == eur(20)
    assert shares.breakdown(eur(20), share_bp=500, fee=CARD).to_projects == eur(0)


def test_covering_the_fee_raises_the_amount_to_the_next_cent() -> None:
    raised = shares.with_fee_covered(eur(6000), CARD)
    assert raised == eur(6117)
    assert raised - shares.card_fee(raised, CARD) >= eur(6000)
    assert shares.with_fee_covered(eur(500), CARD) == eur(533)


def test_the_share_goes_back_pro_rata() -> None:
    assert shares.pro_rata(500, 6000, 300) == 25
    assert shares.pro_rata(1, 6000, 300) == 0
    assert shares.pro_rata(6000, 6000, 300) == 300


@pytest.mark.parametrize(
    ("whole", "month"),
    [("120.00", "10.00"), ("121.00", "11.00"), ("12.01", "5.00"), ("60.00", "5.00")],
)
def test_a_flight_in_twelve_parts_is_whole_units_and_at_least_the_minimum(
    whole: str, month: str
) -> None:
    found = shares.in_twelve_parts(parse_money(whole, "EUR"), Money(500, "EUR"))
    assert found == parse_money(month, "EUR")
    yen = shares.in_twelve_parts(Money(1_201, "JPY"), Money(50, "JPY"))
    assert yen == Money(101, "JPY")
