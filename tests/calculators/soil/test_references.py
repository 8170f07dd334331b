"""Does the engine give what was published, and what was computed elsewhere?

One check a row of tests/data/soil/references.csv; a row without a check fails, unless it says why
it does not apply.
"""

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest

from calculators.soil import (
    deduction,
    detection,
    equivalent_mass,
    leakage,
    practices,
    stock,
    stock_change,
    student,
    tables,
    tier1,
)
from calculators.soil.equivalent_mass import Layer
from calculators.soil.quantiles import quantiles
from calculators.soil.refusals import SoilRefused
from calculators.soil.simulation import Shaker
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
    shaker = Shaker(7)
    soc, land, plough, manure = (
        shaker.draw(f.name, f.value, f.sd) for f in tier1.project(NO_TILL, seed=7, draws=2).factors
    )
    rates = (land * plough * manure - land) * soc / tier1.YEARS
    low, high = quantiles(rates, (0.025, 0.975))
    found = {"mean": rate.mean, "sd": rate.sd, "P33.3": rate.p33, "P2.5": low, "P97.5": high}
    for told in ROWS["IPCC-19-MC"]["expected"].split(", "):
        name, value = told.split()
        assert found.pop(name) == pytest.approx(float(value), abs=0.003)
    assert not found


def check_old_guidelines(row: str, *land: tuple[float, ...]) -> Callable[[], None]:
    """Add up land by area [Mha], stock under native vegetation and factors; twice for a change."""

    def check() -> None:
        found = sum(area * tier1.stock_under(first, factors) for area, first, *factors in land)
        assert found == pytest.approx(expected(row)[0], abs=5e-6)

    return check


def check_old_change(row: str, before: str, after: str) -> Callable[[], None]:
    def check() -> None:
        found = tier1.yearly(expected(before)[0], expected(after)[0]) * 1e6
        assert found == pytest.approx(expected(row)[0], abs=0.5)

    return check


def check_old_stocks() -> None:
    old = [float(word) for word in ROWS["IPCC-06-S"]["expected"].split(" (")[0].split(" / ")]
    soils = ("high_activity_clay_soils", "low_activity_clay_soils", "sandy_soils")
    new = [tables.reference_stock(soil, "tropical_dry").value for soil in soils]
    assert new == [21, 19, 9]
    assert [round(100 * (a / b - 1)) for a, b in zip(old, new, strict=True)] == [81, 84, 244]


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


STRATA: Final = (
    Stratum(100, ((30, 35), (32, 37), (28, 33), (31, 36)), "A"),
    Stratum(50, ((25, 29), (26, 31), (24, 28)), "B"),
)


def check_strata() -> None:
    _, change = stock_change.mean_change(STRATA)
    assert change == pytest.approx(expected("STRAT-1")[0], abs=1e-9)
    # all cores of stratum A changed alike: there is a mean, and no interval
    with pytest.raises(SoilRefused) as refusal:
        stock_change.paired_change(STRATA)
    assert refusal.value.code == "no_spread"


def check_strata_total() -> None:
    _, change = stock_change.mean_change(STRATA)
    found = stock.to_co2(change / 2) * 150
    assert found == pytest.approx(expected("STRAT-3")[0], abs=1e-6)


def check_france() -> None:
    assert stock.per_mille(5.78, 3_580) == pytest.approx(expected("FOURPM-2")[0], abs=0.005)


ACCOUNT: Final = leakage.account(40, 1833.34, 4, buffer_percent=15, buffer_reason="drought")


def check_leakage() -> None:
    shared = (ACCOUNT.leakage_of_reductions, ACCOUNT.leakage_of_removals)
    said = ROWS["VM-2"]["expected"].replace("LKER", "").replace("LKCR", "").split(",")
    assert shared == pytest.approx([float(word) for word in said], abs=1e-4)


def check_net() -> None:
    assert ACCOUNT.net == pytest.approx(expected("VM-3")[0], abs=1e-6)


def check_buffer() -> None:
    assert ACCOUNT.conservative == pytest.approx(expected("VM-5")[0], abs=1e-6)


def check_unpaired_cores() -> None:
    assert detection.many_for_change(15, 2.4) == pytest.approx(expected("POWER-1")[0], abs=0.1)


def check_detectable() -> None:
    found = detection.many_detectable(15, 30, correlation=0.8)
    assert found == pytest.approx(expected("POWER-3")[0], abs=0.001)


def check_mean() -> None:
    assert detection.many_for_mean(15, 6) == pytest.approx(expected("POWER-4")[0], abs=0.01)
    assert ROWS["POWER-4"]["note"].endswith(f"-> {detection.cores_for_mean(15, 6)}")


def check_published(row: str, practice: str, source: str, of: str) -> Callable[[], None]:
    def check() -> None:
        held = practices.practice(practice).rates if practice else (practices.background(),)
        (rate,) = (one for one in held if one.source.id == source and one.of == of)
        if rate.value is None:
            assert ROWS[row]["expected"] == f"{rate.low}-{rate.high}"
        else:
            assert rate.value == expected(row)[0]
        if rate.comparisons:
            assert ROWS[row]["note"] == f"n={rate.comparisons}"

    return check


def check_quantile() -> None:
    assert student.quantile(0.667, 5) == pytest.approx(expected("STRAT-4")[0], abs=1e-9)
    assert student.quantile(0.975, 5) == pytest.approx(2.570582, abs=1e-6)
    # the policy that says 0.667 uses 0.667
    counted = deduction.measured(1, 1, 5, deduction.policy("threshold-15"))
    assert counted.deducted == pytest.approx(expected("STRAT-4")[0] - 0.15, abs=1e-9)


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
    "FOURPM-2": check_france,
    "IPCC-06-C": check_old_guidelines("IPCC-06-C", (0.4, 88, 0.69, 1, 0.92), (0.6, 88, 0.69, 1, 1)),
    "IPCC-06-C2": check_old_guidelines(
        "IPCC-06-C2",
        (0.2, 88, 0.69, 1, 0.92),
        (0.7, 88, 0.69, 1.08, 1),
        (0.1, 88, 0.69, 1.15, 1),
    ),
    "IPCC-06-C3": check_old_change("IPCC-06-C3", "IPCC-06-C", "IPCC-06-C2"),
    "IPCC-06-G": check_old_guidelines("IPCC-06-G", (0.5, 47, 1), (0.4, 47, 0.97), (0.1, 47, 0.7)),
    "IPCC-06-G2": check_old_guidelines(
        "IPCC-06-G2",
        (0.3, 47, 1),
        (0.3, 47, 0.97),
        (0.2, 47, 0.7),
        (0.1, 47, 1.17),
        (0.1, 47, 1.17, 1.11),
    ),
    "IPCC-06-G3": check_old_change("IPCC-06-G3", "IPCC-06-G", "IPCC-06-G2"),
    "IPCC-06-S": check_old_stocks,
    "VM-2": check_leakage,
    "VM-3": check_net,
    "VM-5": check_buffer,
    "POWER-1": check_unpaired_cores,
    "POWER-3": check_detectable,
    "POWER-4": check_mean,
    "RATE-1": check_published("RATE-1", "cover_crops", "bolinder2020", "cover crops"),
    "RATE-2": check_published("RATE-2", "compost_manure", "bolinder2020", "manure"),
    "RATE-3": check_published(
        "RATE-3", "cover_crops", "thapa2023", "cover crops, arid and semi-arid"
    ),
    "RATE-4": check_published(
        "RATE-4", "mangrove_restoration", "alongi2020", "carbon buried in mangrove soil"
    ),
    "RATE-6": check_published(
        "RATE-6", "grazing_management", "chambers2016", "grazing land, United States"
    ),
    "RATE-7": check_published("RATE-7", "", "minasny2017", "global long-term averages"),
    "STRAT-3": check_strata_total,
    "STRAT-1": check_strata,
    "STRAT-4": check_quantile,
    "RATE-5": check_agroforestry,
}


HELD: Final = [row for row, told in ROWS.items() if told["held"] != "not applicable"]


@pytest.mark.parametrize("row", HELD)
def test_a_reference_row_holds(row: str) -> None:
    CHECKS[row]()


def test_every_row_is_accounted_for() -> None:
    assert set(CHECKS) == set(HELD)
    assert len(ROWS) == 50
    assert {told["held"] for told in ROWS.values()} == {
        "exact",
        "within tolerance",
        "not applicable",
    }
    for row, told in ROWS.items():
        if told["held"] == "not applicable":
            assert row.startswith(("ROTHC", "ICBM"))
            assert told["reason"]
