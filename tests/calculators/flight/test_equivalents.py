"""Can a reader redo the sum behind an everyday equivalent?"""

from __future__ import annotations

import json

import pytest

from calculators.errors import UnknownDataset
from calculators.flight.equivalents import NAMES, equivalents


def test_kilograms_divided_by_a_published_factor() -> None:
    car, home = equivalents(486.675)
    assert (car.id, car.amount, car.unit) == ("car_km", 2304, "km")
    assert car.step.numbers == "486.675 ÷ (0.16725 + 0.04399)"
    assert car.step.value == pytest.approx(486.675 / (0.16725 + 0.04399))
    assert home.amount == round(486.675 / 17.837078297821858) == 27
    assert {factor.version for factor in car.factors} == {"2025"}


def test_words_and_json() -> None:
    for one in equivalents(1000.0):
        told = json.loads(json.dumps(one.as_json()))
        assert told["name"] == NAMES[one.id]
        assert told["factors"][0]["source"]
    assert {one.id for one in equivalents(1.0)} == set(NAMES)


def test_an_unknown_data_set_is_refused() -> None:
    with pytest.raises(UnknownDataset):
        equivalents(1.0, "1999.1")
