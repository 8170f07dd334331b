"""Does the engine give what was published, and what was computed elsewhere?

One check a row of tests/data/soil/references.csv; a row without a check fails.
"""

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from calculators.soil import equivalent_mass, stock, stock_change, student, tables, tier1
from calculators.soil.equivalent_mass import Layer
from calculators.soil.stock_change import Stratum
from calculators.soil.tier1 import Management, Question

TABLE: Final = Path(__file__).parents[2] / "data" / "soil" / "references.csv"
ROWS: Final = {row["id"]: row for row in csv.DictReader(TABLE.read_text("utf-8").splitlines())}
NO_TILL: Final = Question(
    "high_activity_clay_soils",
    "warm_temperate_dry",
    Management("annual_crops"),
    Management("annual_crops", "no_tillage", "cropland_high_with_manure"),
)
COOL: Final = Question(
    "high_activity_clay_soils",
    "cool_temperate_moist",
    Management("annual_crops"),
    Management("annual_crops", "no_tillage", "cropland_high_without_manure"),
)
# SimpleESM's test profile: carbon by five layers, density by finer ones (bounds in cm)
BOUNDS: Final = (0, 10, 20, 35, 40, 60)
FINE: Final = (0, 5, 10, 15, 20, 25, 30, 35, 40, 60)


def expected(row: str) -> list[float]:
    return [float(word) for word in ROWS[row]["expected"].replace("+/-", " ").split()[:5]]


def profile(row: str) -> list[Layer]:
    """Read carbon and densities out of a row; a carbon layer takes the mean of its densities."""
    said = ROWS[row]["inputs"]
    carbon = [float(w) for w in said.split("cm: ")[1].split(";")[0].split()]
    densities = [float(w) for w in said.split("cm: ")[2].split(";")[0].split()]
    layers = []
    for top, bottom, share in zip(BOUNDS, BOUNDS[1:], carbon, strict=False):
        mass = sum(
            density * (min(bottom, low) - max(top, high))
            for high, low, density in zip(FINE, FINE[1:], densities, strict=False)
            if low > top and high < bottom
        )
        layers.append(Layer(bottom - top, mass / (bottom - top), share))
    return layers


def check_conversion() -> None:
    assert Fraction(44, 12) == stock.CO2_PER_C
    assert stock.to_co2(1) == expected("CONV-1")[0]


def check_stock() -> None:
    assert stock.stock_tc_ha(1.5, 1.3, 30) == pytest.approx(expected("STOCK-1")[0], abs=1e-9)


def check_stones() -> None:
    wanted = expected("STOCK-2")[0]
    assert stock.stock_tc_ha(2.0, 1.2, 30, 0.1) == pytest.approx(wanted, abs=1e-9)
    # a density that is fine earth per volume already leaves the stones out
    again = stock.stock_tc_ha(2.0, 1.08, 30, 0.1, fine_earth_per_volume=True)
    assert again == pytest.approx(wanted, abs=1e-9)


def check_four_per_mille() -> None:
    found = stock.four_per_mille(58.5)
    assert found == pytest.approx(expected("FOURPM-1")[0], abs=1e-9)
    assert stock.to_co2(found) == pytest.approx(0.858, abs=1e-9)


def check_reference(row: str, soil: str, climate: str) -> Callable[[], None]:
    def check() -> None:
        found = tables.reference_stock(soil, climate)
        value, percent = (float(w) for w in ROWS[row]["expected"].replace("%", "").split(" +/- "))
        assert found.value == value
        assert found.sd == pytest.approx(value * percent / 100 / 1.959964)

    return check


def check_rate(row: str, question: Question, before: float, after: float) -> Callable[[], None]:
    def check() -> None:
        answer = tier1.project(question, seed=1, draws=10)
        # stored with six digits
        assert answer.rate.central == pytest.approx(expected(row)[0], abs=5.1e-7)
        assert answer.stock_baseline == pytest.approx(before)
        assert answer.stock_project == pytest.approx(after)

    return check


def check_simulation() -> None:
    rate = tier1.project(NO_TILL, seed=7).rate
    wanted = {"mean": 0.387, "sd": 0.084, "p33": 0.350}
    for name, value in wanted.items():
        assert f"{value:.3f}" in ROWS["IPCC-19-MC"]["expected"]
        assert getattr(rate, name) == pytest.approx(value, abs=0.003)


def check_perennial() -> None:
    for climate in ("tropical_wet", "tropical_moist", "tropical_dry"):
        found = tables.factor("land_use", "perennial_crops", climate)
        assert (found.value, found.sd) == (1.01, pytest.approx(1.01 * 0.125))
    assert "1.01 +/- 25 %" in ROWS["IPCC-19-X"]["expected"]


def check_fixed_depth(row: str) -> Callable[[], None]:
    def check() -> None:
        found = [carbon for _, carbon in equivalent_mass.cumulative(profile(row))]
        assert found == pytest.approx(expected(row), abs=1e-4)

    return check


def check_equivalent_mass() -> None:
    masses = [mass for mass, _ in equivalent_mass.cumulative(profile("ESM-1"))]
    found = [equivalent_mass.stock_at(profile("ESM-4"), mass) for mass in masses]
    assert found == pytest.approx(expected("ESM-4"), abs=1e-4)


def check_density_fools_fixed_depth() -> None:
    first, second = (equivalent_mass.cumulative(profile(row)) for row in ("ESM-1", "ESM-2"))
    mass, before = first[2]
    fixed = second[2][1] - before
    equal = equivalent_mass.stock_at(profile("ESM-2"), mass) - before
    assert (fixed, equal) == (pytest.approx(3.432, abs=1e-3), pytest.approx(2.037, abs=1e-3))
    assert ROWS["ESM-5"]["expected"] == "3.432 versus 2.037"


def check_strata() -> None:
    found = stock_change.paired_change(
        [
            Stratum(100, ((30, 35), (32, 37), (28, 33), (31, 36.5))),
            Stratum(50, ((25, 29), (26, 31), (24, 28))),
        ]
    )
    # the published example has no spread in stratum A; half a tonne more in one core gives it one
    assert found.change == pytest.approx(expected("STRAT-1")[0] + 0.5 / 4 * 2 / 3, abs=1e-9)


def check_quantile() -> None:
    assert student.quantile(0.667, 5) == pytest.approx(expected("STRAT-4")[0], abs=1e-9)
    assert student.quantile(0.975, 5) == pytest.approx(2.570582, abs=1e-6)


def check_agroforestry() -> None:
    assert f"{tables.AGROFORESTRY['cropland'].value} +/- 0.04" == ROWS["RATE-5"]["expected"]
    assert tables.AGROFORESTRY["cropland"].sd == 0.02


CHECKS: Final[dict[str, Callable[[], None]]] = {
    "CONV-1": check_conversion,
    "STOCK-1": check_stock,
    "STOCK-2": check_stones,
    "FOURPM-1": check_four_per_mille,
    "IPCC-19-HAC-WTM": check_reference(
        "IPCC-19-HAC-WTM", "high_activity_clay_soils", "warm_temperate_moist"
    ),
    "IPCC-19-HAC-TRD": check_reference(
        "IPCC-19-HAC-TRD", "high_activity_clay_soils", "tropical_dry"
    ),
    "IPCC-19-SAN-TRD": check_reference("IPCC-19-SAN-TRD", "sandy_soils", "tropical_dry"),
    "IPCC-19-LAC-TRM": check_reference(
        "IPCC-19-LAC-TRM", "low_activity_clay_soils", "tropical_moist"
    ),
    "IPCC-19-1": check_rate("IPCC-19-1", NO_TILL, 18.24, 25.988352),
    "IPCC-19-2": check_rate("IPCC-19-2", COOL, 56.7, 68.60133),
    "IPCC-19-MC": check_simulation,
    "IPCC-19-X": check_perennial,
    "ESM-1": check_fixed_depth("ESM-1"),
    "ESM-2": check_fixed_depth("ESM-2"),
    "ESM-4": check_equivalent_mass,
    "ESM-5": check_density_fools_fixed_depth,
    "STRAT-1": check_strata,
    "STRAT-4": check_quantile,
    "RATE-5": check_agroforestry,
}


@pytest.mark.parametrize("row", ROWS)
def test_a_reference_row_holds(row: str) -> None:
    CHECKS[row]()


def test_every_check_has_its_row() -> None:
    assert set(CHECKS) == set(ROWS)
