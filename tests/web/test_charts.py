"""Do charts say what the numbers say, and stay readable at 320 pixels?"""

from itertools import pairwise

import pytest

from offset.web import charts
from offset.web.charts import Interval, Round


@pytest.mark.parametrize(
    ("span", "steps", "step"), [(4.8, 5, 1), (1900, 5, 500), (0.31, 4, 0.1), (90, 4, 25), (7, 4, 2)]
)
def test_steps_are_round(span: float, steps: int, step: float) -> None:
    assert charts.nice_step(span, steps) == pytest.approx(step)


FAMILIES: list[charts.Family] = [
    ("ademe", "ADEME", [("ademe", 3100.0), ("ademe-nocontrails", 1700.0)]),
    ("goclimate", "GoClimate", [("goclimate-2023", 4828.0)]),
    ("icao", "ICAO style", [("icao-style", 300.0)]),
]


def test_the_axis_begins_at_zero_and_holds_everything() -> None:
    axis = charts.method_axis(Interval(600, 970, 1340), Interval(140, 490, 830), FAMILIES)
    assert axis.ticks[0] == (0, 0)
    assert axis.ticks[-1] == (100, 5000)
    assert axis.top == 5000
    assert axis.fuel.central == pytest.approx(19.4)
    assert axis.fuel.width == pytest.approx(14.8)
    assert axis.non_co2 is not None
    assert axis.non_co2.low == pytest.approx(2.8)


def test_every_publisher_has_a_row_so_that_labels_never_meet() -> None:
    axis = charts.method_axis(Interval(900, 1100, 1300), None, FAMILIES)
    ys = [axis.fuel_y, *(row.y for row in axis.rows)]
    assert all(b - a >= 18 for a, b in pairwise(ys))
    assert axis.rows[0].ticks[0].value == 3100
    assert (axis.rows[0].low, axis.rows[0].high) == (34.0, 62.0)
    assert axis.base > axis.rows[-1].y
    with_both = charts.method_axis(Interval(900, 1100, 1300), Interval(1, 2, 3), FAMILIES)
    assert with_both.rows[0].y == axis.rows[0].y + 19


def test_a_label_stands_where_it_fits_at_320_pixels() -> None:
    rows = charts.method_axis(Interval(600, 970, 1340), None, FAMILIES).rows
    assert [row.lean for row in rows] == ["end", "end", "start"]
    labels = {key: label for key, label, _ in FAMILIES}
    for row in rows:
        letters = 7.2 * (len(labels[row.key]) + 5)
        room = row.low if row.lean == "end" else 100 - row.high
        assert room / 100 * 272 > letters


def test_a_negative_low_is_drawn_from_zero() -> None:
    axis = charts.method_axis(Interval(-5, 10, 20), None, [])
    assert axis.fuel.low == 0


def test_a_waterfall_leads_from_the_first_figure_to_the_last() -> None:
    fall = charts.waterfall(1000, [500, -200, 0])
    assert [bar.whole for bar in fall.bars] == [True, False, False, False, True]
    assert [bar.start for bar in fall.bars[1:-1]] == [bar.end for bar in fall.bars[:-2]]
    assert fall.bars[-1].end == fall.bars[-2].end
    assert [bar.rises for bar in fall.bars] == [True, True, False, True, True]
    assert fall.bars[3].width == 0
    assert fall.top >= 1500
    assert fall.bars[-1].change == pytest.approx(1300)


def test_an_error_strip_stands_around_zero() -> None:
    strip = charts.error_strip(
        [(("a",), [("one", -4.0), ("two", 6.0)]), (("b", "c"), [("three", 0.0)])]
    )
    (_, _, first), (_, _, second) = strip.rows
    assert first[0].x < strip.zero < first[1].x
    assert second[0].x == strip.zero
    assert charts.error_strip([]).rows == ()
    assert strip.ticks[0][1] <= -4
    assert strip.ticks[-1][1] >= 6


def test_the_meter_never_holds_more_than_its_target() -> None:
    meter = charts.meter(9_000, 5_000, 10_000)
    assert (meter.paid, meter.allocated) == (90.0, 10.0)
    assert charts.meter(1, 1, 0) == charts.Meter(0.0, 0.0)


def test_an_indicator_places_what_is_known() -> None:
    found = charts.indicator(480, 690, 700)
    assert found.before == 16
    assert found.target == 84
    assert found.bar == (16, pytest.approx(64.91))
    assert charts.indicator(None, None, None).bar is None
    assert charts.indicator(5, None, None).before == 50
    falling = charts.indicator(38, 17, 15)
    assert falling.bar is not None
    assert falling.bar[0] == falling.latest


def test_the_band_starts_at_zero_and_shows_every_round() -> None:
    chart = charts.band_chart(
        2026, 2036, Interval(1.8, 3.3, 5.8), [Round(2031, Interval(0.6, 2.0, 3.4))]
    )
    assert [year for _, year, _ in chart.years] == [2026, 2031, 2036]
    assert [since for _, _, since in chart.years] == [0, 5, 10]
    measured = chart.rounds[0]
    assert measured.y_high < measured.y < measured.y_low < chart.zero_y
    assert measured.x == pytest.approx(54.5)
    assert chart.grid[0][1] <= 0
    assert chart.grid[-1][1] >= 5.8
    assert chart.band.endswith("V-1.8Z")


def test_a_range_below_zero_stays_on_the_chart() -> None:
    chart = charts.band_chart(2026, 2036, Interval(-4.2, 5.0, 23.8))
    assert chart.grid[0][1] <= -4.2
    assert (chart.zero_y, 0) in chart.grid
    assert "V4.2Z" in chart.band


def test_a_label_never_outgrows_a_narrow_chart() -> None:
    lines = charts.lines_of("combustible, su producción, carga, asientos y ocupación en un factor")
    assert len(lines) == 2
    assert max(map(len, lines)) <= 40
    assert charts.lines_of("") == ("",)


def test_a_profile_goes_down_from_the_surface_along_an_axis_from_zero() -> None:
    deep = charts.Slice(10, 30, Interval(8, 10, 12), Interval(9, 11, 13))
    top = charts.Slice(0, 10, Interval(14, 16, 18), Interval(15, 18, 20))
    drawn = charts.depth_profile([deep, top])
    assert [row.slice for row in drawn.rows] == [top, deep]
    assert all(b.y - a.y_later >= 18 for a, b in pairwise(drawn.rows))
    assert drawn.ticks[0] == (0, 0)
    assert drawn.rows[0].later is not None
    assert (drawn.rows[0].before.central, drawn.rows[0].later.high) == (80, 100)
    assert drawn.base > drawn.rows[-1].y_later
    assert drawn.rounds == 2


def test_a_profile_of_one_round_has_no_later_marks() -> None:
    drawn = charts.depth_profile([charts.Slice(0, 30, Interval(16, 16, 16))])
    assert (drawn.rounds, drawn.rows[0].later, drawn.rows[0].before.width) == (1, None, 0)
    assert charts.depth_profile([]).rows == ()
