"""Is a table held against its plan, with every fault told and every doubt asked?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from offset.projects import geojson, layer_checks
from offset.projects.layer_checks import Baseline, Land, Plan, Report
from offset.projects.measurement_models import Design
from tests.builders import soil

TODAY = date(2026, 11, 15)
SQUARE = (
    '{"type":"Polygon","coordinates":[[[-0.5,43.2],[-0.3,43.2],[-0.3,43.4],[-0.5,43.4],'
    "[-0.5,43.2]]]}"
)
PLAN = Plan(
    number=0,
    areas={part.name: part.area_ha for part in soil.STRATA},
    cores={part.name: part.cores for part in soil.STRATA},
    depth_cm=30,
    design=Design.PAIRED,
    today=TODAY,
    earliest=date(2020, 10, 1),
    land=Land(tuple(one.outline for one in geojson.read(SQUARE)), (43.3, -0.4)),
)
rows = partial(soil.rows, place=(43.3, -0.4))


def baseline() -> Baseline:
    found = layer_checks.check(soil.table(rows()), PLAN)
    assert found.samples is not None, found.faults
    return Baseline(found.samples.cores, soil.BASELINE_DAY, "Laboratory", "dry combustion")


def later(data: bytes, **said: Any) -> Report:
    return layer_checks.check(data, replace(PLAN, number=1, baseline=baseline(), **said))


def faults(report: Report) -> list[tuple[int | None, str | None, str]]:
    assert report.preview is None
    return [(one.row, one.column, one.code) for one in report.faults]


def test_a_baseline_says_what_the_soil_holds() -> None:
    found = layer_checks.check(soil.table(rows()), PLAN)
    assert found.clean
    assert found.preview is not None
    assert (found.first_taken_on, found.kind) == (soil.BASELINE_DAY, "csv")
    north = found.preview.strata[0]
    # 10 cm of 1.3 g/cm³ and 20 of the 30 cm below, of 1.42, with six tenths of the carbon
    assert north.mean == pytest.approx(1.565 * (13 + 0.6 * 28.4))
    assert north.low < north.mean < north.high
    whole = found.preview.whole
    south = found.preview.strata[1]
    assert whole.mean == pytest.approx((500 * north.mean + 350 * south.mean) / 850)
    assert [(one.top_cm, one.bottom_cm) for one in found.preview.profile] == [(0, 10), (10, 40)]
    assert found.notices == ()


@pytest.mark.parametrize(
    ("change", "verdict"), [(soil.GAIN, "gain"), (soil.LEVEL, "no_change"), (soil.LOSS, "loss")]
)
@pytest.mark.parametrize("design", list(Design))
def test_a_later_round_says_what_changed(
    change: Callable[[float, int], float], verdict: str, design: Design
) -> None:
    found = later(soil.table(rows(soil.LATER_DAY, change)), design=design)
    assert found.preview is not None, found.faults
    assert found.preview.change is not None
    if design is Design.PAIRED:
        assert found.preview.change.verdict == verdict
    assert found.preview.change.cores == (7 if design is Design.PAIRED else 14)
    assert found.preview.baseline_profile


def swapped(lines: list[str]) -> list[str]:
    told = [line.split(",") for line in lines]
    return [",".join([*cells[:9], cells[10], cells[9]]) for cells in told]


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        (rows(date(2026, 11, 16)), (2, "taken_on", "day_in_future")),
        (rows(date(2020, 9, 30)), (2, "taken_on", "day_before_project")),
        (soil.rows(place=(44.5, -0.4)), (2, "latitude", "place_outside")),
        (swapped(rows()), (2, "latitude", "place_swapped")),
        ([one.replace("North", "West") for one in rows()], (2, "stratum", "stratum_unknown")),
        (rows()[:8], (9, "stratum", "stratum_missing")),
        (rows()[:10], (10, "stratum", "too_few_cores")),
        ([one.replace(",40,", ",25,") for one in rows()], (3, "bottom_cm", "depth_not_reached")),
        ([one.replace("2021-11-01", "") for one in rows()], (2, "taken_on", "answer_missing")),
        ([*rows(), rows()[0]], (16, "core", "core_twice")),
        (
            [rows()[0].replace("0,10", "0,12"), *rows()[1:]],
            (3, "top_cm", "depths_overlap"),
        ),
        ([rows()[0].replace("0,10", "0,8"), *rows()[1:]], (3, "top_cm", "depths_gap")),
        (
            [rows()[0].replace("1.30", "13.0"), *rows()[1:]],
            (2, "bulk_density_g_cm3", "value_impossible"),
        ),
        (
            [rows()[0].replace("1.500", "150"), *rows()[1:]],
            (2, "soc_percent", "value_impossible"),
        ),
    ],
)
def test_a_fault_is_told_with_row_field_and_reason(
    lines: list[str], first: tuple[int | None, str | None, str]
) -> None:
    for data in (soil.table(lines), soil.workbook(lines)):
        found = faults(layer_checks.check(data, PLAN))
        assert found[0] == first


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (rows()[0].replace("1.500", "nan"), "soc_percent", "value_impossible"),
        (rows()[0].replace("2021-11-01", "20211101xx"), "taken_on", "value_impossible"),
        (rows()[0].replace("2021-11-01", "2021-W44-1"), "taken_on", "value_impossible"),
        (rows()[0].replace("North,1", "North,+1+1"), "core", "formula"),
        (rows()[0].replace("North", "Nord"), "stratum", "stratum_unknown"),
        (rows()[0].replace("North,", ","), "stratum", "answer_missing"),
        (rows()[0].replace("North,1", "North,"), "core", "answer_missing"),
    ],
)
def test_a_layer_that_is_refused_leaves_no_gap_behind(line: str, column: str, code: str) -> None:
    found = faults(layer_checks.check(soil.table([line, *rows()[1:]]), PLAN))
    assert found == [(2, column, code)]
    # a gap elsewhere is told beside it
    lines = [line, *rows()[1:-1], rows()[-1].replace(",10,", ",12,")]
    both = faults(layer_checks.check(soil.table(lines), PLAN))
    assert both == [(2, column, code), (15, "top_cm", "depths_gap")]


def test_a_missing_column_of_days_is_told_with_everything_else() -> None:
    headings = soil.HEADINGS.replace("taken_on", "sampled")
    report = layer_checks.check(soil.table(rows(), headings), PLAN)
    assert faults(report) == [(1, "taken_on", "column_missing")]


def test_two_units_in_one_file_are_refused() -> None:
    report = layer_checks.check(soil.table([], f"{soil.HEADINGS},soc_g_kg"), PLAN)
    assert faults(report) == [(1, "soc_g_kg", "units_mixed")]


def test_a_file_that_cannot_be_opened_is_one_fault() -> None:
    report = layer_checks.check(b"%PDF-1.4", PLAN)
    assert faults(report) == [(None, None, "sheet_kind_unknown")]


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (rows(date(2021, 11, 1)), {"day_before_baseline"}),
        (rows(soil.LATER_DAY)[:-2], {"core_unpaired"}),
        (
            [one.replace(",40,", ",25,") for one in rows(soil.LATER_DAY)],
            {"mass_not_reached"},
        ),
        (rows(soil.LATER_DAY, soil.more(0.1)), {"no_spread"}),
    ],
)
def test_a_round_that_cannot_be_compared(lines: list[str], codes: set[str]) -> None:
    found = faults(later(soil.table(lines)))
    assert {code for _, _, code in found} == codes
    if codes != {"core_unpaired"}:  # the core that is missing has no row here
        assert all(row and column for row, column, _ in found)


def notices(report: Report) -> dict[str, Any]:
    assert report.clean, report.faults
    return {one.code: dict(one.parameters) for one in report.notices}


def test_what_is_possible_and_odd_is_asked_about() -> None:
    lines = rows()
    # all on one spot, one core copied, one season apart, fewer than planned, letters guessed
    odd = [line.rpartition(",")[0].rpartition(",")[0] + ",43.3,-0.4" for line in lines]
    odd[2], odd[3] = (
        odd[0].replace("North,1", "North,2"),
        odd[1].replace("North,1", "North,2").replace("2021-11-01", "2021-11-01"),
    )
    odd = [line.replace("2021-11-01", "2021-02-01") if "South,1" in line else line for line in odd]
    odd = [line for line in odd if "South,3" not in line]
    found = notices(layer_checks.check(soil.table(odd), PLAN))
    assert found["cores_on_one_spot"] == {"count": 6}
    assert found["cores_alike"] == {"rows": "4", "count": 1}
    assert found["long_season"] == {"days": 273}
    assert found["fewer_cores"] == {"stratum": "South", "cores": 2, "planned": 3}


def test_units_that_look_like_others_are_asked_about() -> None:
    headings = soil.HEADINGS.replace("soc_percent", "soc_g_kg")
    found = notices(layer_checks.check(soil.table(rows(), headings), PLAN))
    assert "carbon_like_percent" in found
    shares = rows(change=lambda carbon, _n: carbon / 100)
    assert "carbon_like_share" in notices(layer_checks.check(soil.table(shares), PLAN))
    stony = [line.replace("fine_earth,,", "whole_soil,0.12,") for line in rows()]
    found = notices(layer_checks.check(soil.table(stony), PLAN))
    assert found["stones_like_share"] == {"most": 0.12}
    far = [rows()[0].replace("1.500", "15.00"), *rows()[1:]]
    assert notices(layer_checks.check(soil.table(far), PLAN))["carbon_far_off"]["rows"] == "2"


def test_the_same_figures_in_both_rounds_are_asked_about() -> None:
    lines = rows(soil.LATER_DAY, soil.more(0.0, 0.1, 0.2))
    assert notices(later(soil.table(lines)))["cores_as_before"] == {"count": 3}


@pytest.mark.parametrize(
    ("latitude", "longitude", "covered"),
    [
        (43.3, -0.4, True),
        (43.4, -0.4, True),
        (43.4015, -0.4, True),
        (43.41, -0.4, False),
        (43.3, -0.51, False),
        (0, 0, False),
    ],
)
def test_a_receiver_may_err_by_a_field(latitude: float, longitude: float, *, covered: bool) -> None:
    assert PLAN.land.covers(latitude, longitude) is covered


def test_a_hole_in_a_site_is_not_the_site() -> None:
    hole = (
        '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]],'
        "[[0.4,0.4],[0.4,0.6],[0.6,0.6],[0.6,0.4],[0.4,0.4]]]}"
    )
    land = Land(tuple(one.outline for one in geojson.read(hole)))
    assert land.covers(0.2, 0.2)
    assert not land.covers(0.5, 0.5)


def test_without_sites_the_region_decides_and_without_a_region_nothing() -> None:
    region = Land((), (43.3, -0.4))
    assert region.covers(44.3, -0.4)
    assert not region.covers(-0.4, 43.3)
    assert Land().covers(80, 170)
