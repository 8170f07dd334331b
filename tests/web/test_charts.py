"""Do charts say what the numbers say, and stay readable at 320 pixels?"""

import pytest

from offset.web import charts
from offset.web.charts import Interval, Round


@pytest.mark.parametrize(
    ("span", "steps", "step"), [(4.8, 5, 1), (1900, 5, 500), (0.31, 4, 0.1), (90, 4, 25), (7, 4, 2)]
)
def test_steps_are_round(span: float, steps: int, step: float) -> None:
    assert charts.nice_step(span, steps) == pytest.approx(step)


def test_the_axis_begins_at_zero_and_holds_everything() -> None:
    axis = charts.estimate_axis(
        Interval(600, 970, 1340), Interval(140, 490, 830), [("a", "ADEME", 3100), ("g", "Go", 4828)]
    )
    assert axis.ticks[0] == (0, 0)
    assert axis.ticks[-1] == (100, 5000)
    assert axis.top == 5000
    assert axis.fuel.central == pytest.approx(19.4)
    assert axis.fuel.width == pytest.approx(14.8)
    assert axis.non_co2 is not None
    assert axis.non_co2.low == pytest.approx(2.8)


def test_the_highest_flag_stands_tallest_so_that_labels_never_cross_a_stem() -> None:
    axis = charts.estimate_axis(
        Interval(900, 1100, 1300),
        None,
        [("low", "L", 2500), ("high", "H", 3400), ("mid", "M", 3100)],
    )
    assert [flag.key for flag in axis.flags] == ["high", "mid", "low"]
    assert [flag.y for flag in axis.flags] == sorted(flag.y for flag in axis.flags)
    assert [flag.x for flag in axis.flags] == sorted((f.x for f in axis.flags), reverse=True)


def test_rows_stand_beside_the_flags_only_where_there_is_room() -> None:
    roomy = charts.estimate_axis(
        Interval(900, 1100, 1300),
        Interval(200, 500, 900),
        [("a", "DESNZ", 2800), ("b", "GoC", 4000)],
    )
    tight = charts.estimate_axis(
        Interval(900, 1100, 1300), Interval(200, 500, 900), [("a", "DESNZ", 1200)]
    )
    assert roomy.beside
    assert not tight.beside
    assert all(flag.y > tight.fuel_y + 24 for flag in tight.flags)


def test_a_negative_low_is_drawn_from_zero() -> None:
    axis = charts.estimate_axis(Interval(-5, 10, 20), None, [])
    assert axis.fuel.low == 0


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
