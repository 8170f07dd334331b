"""Do units, ranges and rounding keep their promises?"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from calculators.errors import CalculatorError, UnknownCabin
from calculators.flight.methods.numbers import show
from calculators.uncertainty import bounds
from calculators.units import grams, half_up, kilograms, km_to_nm, nm_to_km


def test_nautical_miles() -> None:
    assert km_to_nm(1.852) == 1
    assert nm_to_km(1) == 1.852


def test_masses_round_halves_to_even_and_examples_half_up() -> None:
    assert [grams(kg) for kg in (0.0005, 0.0015, 1.2346)] == [0, 2, 1235]
    assert kilograms(1235) == 1.235
    assert half_up(Decimal("122.3655"), 3) == Decimal("122.366")
    assert half_up(Decimal("2.5")) == 3


def test_a_range_never_starts_below_zero() -> None:
    # 100 kg with relative uncertainties (k = 1) of 10 % and 100 %, 1.645 of them either side.
    low, high = bounds(np.array([100.0, 100.0]), np.array([0.1, 1.0]))
    assert low.tolist() == pytest.approx([83.55, 0.0])
    assert high.tolist() == pytest.approx([116.45, 264.5])
    assert low[1] == 0


def test_numbers_are_written_without_trailing_zeros() -> None:
    assert [show(value) for value in (1.0, 0.845, 100.0, 1 / 3)] == ["1", "0.845", "100", "0.3333"]
    assert show(100, 0) == "100"


def test_an_error_is_one_line_with_its_suggestions() -> None:
    assert str(CalculatorError()) == "The question cannot be answered."
    error = UnknownCabin({"given": "x"}, ("economy", "first"))
    assert str(error) == "No cabin is called 'x'. Did you mean economy or first?"
