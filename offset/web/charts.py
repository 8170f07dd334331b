"""Where do bars, bands and points stand in a chart that never scales its text?

Each function turns values into places: per cent across, CSS pixels down. The macros in
``templates/macros/charts.html`` draw them; numbers are written there, in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

_FLAG_ROW: Final = 18  # pixels between the labels of two flags
_FLAG_FIRST: Final = 12
_NARROW: Final = 320  # the narrowest axis we promise, in pixels
_LETTER: Final = 7.2  # pixels a letter of a label takes, with its figure in bold
_ROWS: Final = 48  # pixels that the fuel and non-CO2 rows need
_LEAST_BASE: Final = 82
_ROOMY: Final = 30.0  # per cent
LABEL_LEFT: Final = 22.0  # per cent: from here on the word for fuel stands left of its interval
_AXIS_FOOT: Final = 24
_BAND_TOP: Final = 14
_BAND_HEIGHT: Final = 252
_LEFT: Final = 14.0  # per cent: the first year stands clear of the grid labels
_RIGHT: Final = 95.0


@dataclass(frozen=True)
class Interval:
    """A central value between a low and a high one."""

    low: float
    central: float
    high: float


@dataclass(frozen=True)
class Flag:
    """What another method says: a stem on the axis and its label."""

    x: float
    y: int
    key: str
    value: float
    lean: str = "end"

    @property
    def roomy(self) -> bool:
        """Whether the long form of the label fits to the left of the stem on a wide page."""
        return self.lean == "end" and self.x >= _ROOMY


@dataclass(frozen=True)
class Span:
    """An interval as placed across an axis, in per cent."""

    low: float
    central: float
    high: float

    @property
    def width(self) -> float:
        """How wide the interval is."""
        return round(self.high - self.low, 2)


@dataclass(frozen=True)
class EstimateAxis:
    """One axis for an estimate: fuel, non-CO2 effects and the flags of other methods."""

    height: int
    base: int
    fuel_y: int
    beside: bool
    top: float
    ticks: tuple[tuple[float, float], ...]  # place in per cent, value
    fuel: Span
    non_co2: Span | None
    flags: tuple[Flag, ...]


def nice_step(span: float, steps: int = 4) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, so that about ``steps`` cover the span."""
    raw = span / steps
    power = 10.0 ** floor(log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)


def estimate_axis(
    fuel: Interval, non_co2: Interval | None, others: Sequence[tuple[str, str, float]]
) -> EstimateAxis:
    """Lay out the axis of an estimate.

    ``others`` holds key, short label and value; the flag of the highest value stands tallest,
    so that labels, which lie to the left of their stems, never cross another stem.
    """
    highest = max(fuel.high, non_co2.high if non_co2 else 0.0, *(o[2] for o in others), 1e-9)
    step = nice_step(highest, 5)
    top = step * ceil(highest / step - 1e-9)
    tall = sorted(others, key=lambda o: -o[2])
    beside = _beside(tall, top, fuel, non_co2)
    # Where the flags leave no room on the left, the rows stand above them.
    first = _FLAG_FIRST if beside else _FLAG_FIRST + _ROWS
    flags = tuple(
        Flag(
            x=round(100 * value / top, 2),
            y=first + i * _FLAG_ROW,
            key=key,
            value=value,
            lean="end" if value / top * _NARROW > _LETTER * (len(label) + 3) else "start",
        )
        for i, (key, label, value) in enumerate(tall)
    )
    base = max(_LEAST_BASE, first + len(flags) * _FLAG_ROW - 2)
    return EstimateAxis(
        height=base + _AXIS_FOOT,
        base=base,
        fuel_y=22 if beside else 12,
        beside=beside,
        top=top,
        ticks=tuple(
            (round(100 * i * step / top, 2), i * step) for i in range(round(top / step) + 1)
        ),
        fuel=_span(fuel, top),
        non_co2=_span(non_co2, top) if non_co2 else None,
        flags=flags,
    )


def _beside(
    others: Sequence[tuple[str, str, float]], top: float, fuel: Interval, non_co2: Interval | None
) -> bool:
    """Say whether the labels of the flags leave room for the two rows on the left."""
    if fuel.low / top < LABEL_LEFT / 100:
        return False
    taken = max(fuel.high / top * _NARROW, _end(non_co2, top))
    starts = (value / top * _NARROW - 6 - _LETTER * (len(label) + 4) for _, label, value in others)
    return min(starts, default=_NARROW) > taken + 8


def _end(non_co2: Interval | None, top: float) -> float:
    """Return where the label behind the non-CO2 interval ends, in pixels."""
    return non_co2.high / top * _NARROW + 9 * _LETTER if non_co2 else 0.0


def _span(interval: Interval, top: float) -> Span:
    low, central, high = (
        round(100 * max(0.0, v) / top, 2) for v in (interval.low, interval.central, interval.high)
    )
    return Span(low, central, high)


@dataclass(frozen=True)
class Meter:
    """Paid, allocated and still to fund as parts of a target, in per cent."""

    paid: float
    allocated: float


def meter(paid: int, allocated: int, target: int) -> Meter:
    """Share a target: ``allocated`` counts what is allocated and not yet paid."""
    if target <= 0:
        return Meter(0.0, 0.0)
    first = min(100.0, 100 * paid / target)
    return Meter(round(first, 2), round(min(100.0 - first, 100 * allocated / target), 2))


@dataclass(frozen=True)
class Indicator:
    """Before, latest and target on one hairline, in per cent; what is unknown is None."""

    before: float | None
    latest: float | None
    target: float | None

    @property
    def bar(self) -> tuple[float, float] | None:
        """Where the way from before to latest begins, and how long it is."""
        if self.before is None or self.latest is None:
            return None
        return min(self.before, self.latest), round(abs(self.latest - self.before), 2)


def indicator(before: float | None, latest: float | None, target: float | None) -> Indicator:
    """Place up to three values so that all stand between 16 and 84 per cent."""
    known = [value for value in (before, latest, target) if value is not None]
    if not known:
        return Indicator(None, None, None)
    least, span = min(known), max(known) - min(known)

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return round(16 + 68 * (value - least) / span, 2) if span else 50.0

    return Indicator(place(before), place(latest), place(target))


@dataclass(frozen=True)
class Round:
    """A sampling of the soil: the year and the measured interval, in the chart's unit."""

    year: int
    value: Interval
    x: float = 0.0
    y: float = 0.0
    y_low: float = 0.0
    y_high: float = 0.0
    left: bool = True


@dataclass(frozen=True)
class BandChart:
    """A projection as a widening band with its headline, and what was measured."""

    height: int
    grid: tuple[tuple[float, float], ...]  # pixels down, value
    zero_y: float
    years: tuple[tuple[float, int, int], ...]  # per cent across, calendar year, project year
    view: str
    band: str
    edge: str
    headline: str
    rounds: tuple[Round, ...]
    step: float


def band_chart(
    start_year: int, end_year: int, projected: Interval, rounds: Sequence[Round] = ()
) -> BandChart:
    """Draw a change from zero at the start to the projected interval at the end.

    ``projected.central`` is the headline: the value reached with two chances in three.
    """
    values = [0.0, projected.low, projected.central, projected.high]
    values += [v for r in rounds for v in (r.value.low, r.value.high)]
    least, most = min(values), max(values)
    step = nice_step(most - least or 1.0, 6)
    bottom, top = floor(least / step - 0.02) * step, ceil(most / step + 0.02) * step

    def down(value: float) -> float:
        return round(_BAND_TOP + _BAND_HEIGHT * (top - value) / (top - bottom), 1)

    def across(year: float) -> float:
        share = (year - start_year) / max(1, end_year - start_year)
        return round(_LEFT + (_RIGHT - _LEFT) * share, 2)

    start = f"{_LEFT:g},0"
    high, low = (f"{_RIGHT:g},{-v:.4g}" for v in (projected.high, projected.low))
    marked = sorted({start_year, *(r.year for r in rounds), end_year})
    return BandChart(
        height=_BAND_TOP + _BAND_HEIGHT + 34,
        grid=tuple(
            (down(bottom + i * step), round(bottom + i * step, 6))
            for i in range(round((top - bottom) / step) + 1)
        ),
        zero_y=down(0.0),
        years=tuple((across(year), year, year - start_year) for year in marked),
        view=f"0 {-top:.4g} 100 {top - bottom:.4g}",
        band=f"M{start}L{high}V{-projected.low:.4g}Z",
        edge=f"M{high}L{start}L{low}",
        headline=f"M{start}L{_RIGHT:g},{-projected.central:.4g}",
        rounds=tuple(
            Round(
                year=r.year,
                value=r.value,
                x=across(r.year),
                y=down(r.value.central),
                y_low=down(r.value.low),
                y_high=down(r.value.high),
                left=across(r.year) > 42,  # noqa: PLR2004 - room for the label at 320 px
            )
            for r in rounds
        ),
        step=step,
    )
