"""Where do bars, bands and points stand in a chart that never scales its text?

Each function turns values into places: per cent across, CSS pixels down. The macros in
``templates/macros/charts.html`` draw them; numbers are written there, in the reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from textwrap import wrap
from typing import Final

_NARROW: Final = 272  # the narrowest axis we promise, in pixels
_LETTER: Final = 7.2  # pixels a letter of a label takes, with its figure in bold
_OWN: Final = 18  # letters of the label of our own row, in the language that needs most
_FIGURE: Final = 5  # letters of a figure and the space before it
_FIRST_ROW: Final = 10
_ROW: Final = 19  # pixels between two rows
_ROWS_GAP: Final = 5  # more between the estimate and what others say
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
class Tick:
    """What one method says: its place on the axis, its key and its value."""

    x: float
    key: str
    value: float


@dataclass(frozen=True)
class FamilyRow:
    """The editions of one publisher's method on a row: the first is the one that counts today."""

    y: int
    key: str
    ticks: tuple[Tick, ...]
    lean: str

    @property
    def low(self) -> float:
        """Where its lowest edition stands."""
        return min(tick.x for tick in self.ticks)

    @property
    def high(self) -> float:
        """Where its highest edition stands."""
        return max(tick.x for tick in self.ticks)


@dataclass(frozen=True)
class MethodAxis:
    """One axis for an estimate: fuel, non-CO2 effects and a row for each publisher of a method."""

    height: int
    base: int
    top: float
    ticks: tuple[tuple[float, float], ...]  # place in per cent, value
    fuel: Span
    fuel_y: int
    fuel_lean: str
    non_co2: Span | None
    non_co2_y: int
    non_co2_lean: str
    rows: tuple[FamilyRow, ...]


Family = tuple[str, str, Sequence[tuple[str, float]]]
"""Key and label of a publisher, then (key, value) of each edition, today's first."""


def nice_step(span: float, steps: int = 4) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, so that about ``steps`` cover the span."""
    raw = span / steps
    power = 10.0 ** floor(log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)


def scale(highest: float, steps: int = 5) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Return the end of an axis from zero that holds a value, and its ticks: place, value."""
    step = nice_step(max(highest, 1e-9), steps)
    top = step * ceil(highest / step - 1e-9) or step
    ticks = ((round(100 * i * step / top, 2), i * step) for i in range(round(top / step) + 1))
    return top, tuple(ticks)


def method_axis(fuel: Interval, non_co2: Interval | None, families: Sequence[Family]) -> MethodAxis:
    """Lay out the axis of an estimate, one row under the other so that labels never meet."""
    values = [value for _, _, editions in families for _, value in editions]
    top, ticks = scale(max(fuel.high, non_co2.high if non_co2 else 0.0, *values, 0.0))
    first = _FIRST_ROW + _ROW + (_ROW if non_co2 else 0) + _ROWS_GAP
    rows = tuple(_family_row(first + i * _ROW, family, top) for i, family in enumerate(families))
    base = first + len(rows) * _ROW - 6
    own, apart = _span(fuel, top), _span(non_co2, top) if non_co2 else None
    return MethodAxis(
        height=base + _AXIS_FOOT,
        base=base,
        top=top,
        ticks=ticks,
        fuel=own,
        fuel_y=_FIRST_ROW,
        fuel_lean=_lean(own.low, own.high, _OWN),
        non_co2=apart,
        non_co2_y=_FIRST_ROW + _ROW,
        non_co2_lean=_lean(apart.low, apart.high, 2 * _FIGURE) if apart else "start",
        rows=rows,
    )


def _family_row(y: int, family: Family, top: float) -> FamilyRow:
    key, label, editions = family
    ticks = tuple(Tick(round(100 * value / top, 2), name, value) for name, value in editions)
    low, high = min(tick.x for tick in ticks), max(tick.x for tick in ticks)
    return FamilyRow(y, key, ticks, _lean(low, high, len(label) + _FIGURE))


def _lean(low: float, high: float, letters: int) -> str:
    """Say on which side of its marks a label stands: before them where it fits, else behind."""
    wanted = letters * _LETTER + 8
    before, behind = low / 100 * _NARROW, (100 - high) / 100 * _NARROW
    return "end" if before >= wanted or before > behind else "start"


def _span(interval: Interval, top: float) -> Span:
    low, central, high = (
        round(100 * max(0.0, v) / top, 2) for v in (interval.low, interval.central, interval.high)
    )
    return Span(low, central, high)


@dataclass(frozen=True)
class Bar:
    """A piece of a waterfall: where it begins and ends in per cent, and which way it goes."""

    y: int
    low: float
    high: float
    start: float
    end: float
    change: float
    whole: bool = False

    @property
    def width(self) -> float:
        """How wide the bar is drawn; a step of nothing is still a line."""
        return round(max(self.high - self.low, 0.0), 2)

    @property
    def rises(self) -> bool:
        """Whether this step adds."""
        return self.change >= 0


@dataclass(frozen=True)
class Waterfall:
    """The way from one figure to another, step under step; the first and last bar are whole."""

    height: int
    base: int
    top: float
    ticks: tuple[tuple[float, float], ...]
    bars: tuple[Bar, ...]


_FALL_FIRST: Final = 8
_FALL_ROW: Final = 62  # pixels: two lines of words above, bar below
_FALL_WORDS: Final = 36
_FALL_LETTERS: Final = 40  # what one line of words holds on the narrowest axis


def waterfall(start: float, changes: Sequence[float]) -> Waterfall:
    """Lay out a start, what each step adds or takes away, and the end they lead to."""
    reached = [start]
    for change in changes:
        reached.append(reached[-1] + change)
    top, ticks = scale(max(reached))

    def across(value: float) -> float:
        return round(100 * max(0.0, value) / top, 2)

    def bar(i: int, before: float, after: float, *, whole: bool) -> Bar:
        low, high = sorted((across(before), across(after)))
        y = _FALL_FIRST + i * _FALL_ROW + _FALL_WORDS
        return Bar(y, low, high, across(before), across(after), after - before, whole)

    steps = [(0.0, start), *pairwise(reached), (0.0, reached[-1])]
    bars = tuple(bar(i, a, b, whole=i in {0, len(steps) - 1}) for i, (a, b) in enumerate(steps))
    base = _FALL_FIRST + len(bars) * _FALL_ROW
    return Waterfall(base + _AXIS_FOOT, base, top, ticks, bars)


def lines_of(label: str) -> tuple[str, ...]:
    """Break a label into the lines that a narrow chart holds; the last leaves room for a figure."""
    return tuple(wrap(label, _FALL_LETTERS)) or ("",)


@dataclass(frozen=True)
class Dot:
    """One checked value in per cent of its reference: where it stands, and what it is."""

    x: float
    y: int
    label: str
    value: float


@dataclass(frozen=True)
class ErrorStrip:
    """Differences from references along one axis through zero; each group has a row."""

    height: int
    base: int
    zero: float
    ticks: tuple[tuple[float, float], ...]
    rows: tuple[tuple[int, Sequence[str], tuple[Dot, ...]], ...]


_STRIP_ROW: Final = 58
_STRIP_FIRST: Final = 34


def error_strip(groups: Sequence[tuple[Sequence[str], Sequence[tuple[str, float]]]]) -> ErrorStrip:
    """Lay out groups (lines of a name, differences in per cent) as dots beside zero."""
    values = [value for _, dots in groups for _, value in dots] or [0.0]
    step = nice_step(max(max(values) - min(values), 1.0), 6)
    low, high = floor(min(*values, 0.0) / step) * step, ceil(max(*values, 0.0) / step) * step
    high = high if high > low else low + step

    def across(value: float) -> float:
        return round(2 + 96 * (value - low) / (high - low), 2)

    rows = []
    for i, (name, dots) in enumerate(groups):
        y = _STRIP_FIRST + i * _STRIP_ROW
        told = tuple(Dot(across(value), y + 14, label, value) for label, value in dots)
        rows.append((y, name, told))
    base = _STRIP_FIRST + len(rows) * _STRIP_ROW - 8
    return ErrorStrip(
        base + _AXIS_FOOT,
        base,
        across(0.0),
        tuple(
            (across(low + i * step), low + i * step) for i in range(round((high - low) / step) + 1)
        ),
        tuple(rows),
    )


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


@dataclass(frozen=True)
class Slice:
    """What a depth of soil holds in one or two rounds, in the chart's unit.

    ``later`` is None where the soil was sampled once only; an interval whose low and high equal
    its central value is drawn as a bare point.
    """

    top_cm: float
    bottom_cm: float
    before: Interval
    later: Interval | None = None


@dataclass(frozen=True)
class SliceRow:
    """A depth as placed: its words stand at ``y``, the marks of the rounds below them."""

    y: int
    y_before: int
    y_later: int
    slice: Slice
    before: Span
    later: Span | None


@dataclass(frozen=True)
class DepthProfile:
    """Depths from the surface down, each with its marks along one axis from zero."""

    height: int
    base: int
    ticks: tuple[tuple[float, float], ...]
    rows: tuple[SliceRow, ...]

    @property
    def rounds(self) -> int:
        """How many rounds are drawn."""
        return 2 if any(row.later for row in self.rows) else 1


_SLICE_ROW: Final = 60
_SLICE_FIRST: Final = 16


def depth_profile(slices: Sequence[Slice]) -> DepthProfile:
    """Lay out a soil from the surface down: one row a depth, an axis from zero below."""
    shown = sorted(slices, key=lambda one: one.top_cm)
    held = [one for each in shown for one in (each.before, each.later) if one is not None]
    top, ticks = scale(max([one.high for one in held], default=1.0), 4)
    rows = tuple(
        SliceRow(
            y=(y := _SLICE_FIRST + i * _SLICE_ROW),
            y_before=y + 14,
            y_later=y + 30,
            slice=one,
            before=_span(one.before, top),
            later=_span(one.later, top) if one.later else None,
        )
        for i, one in enumerate(shown)
    )
    base = _SLICE_FIRST + len(rows) * _SLICE_ROW - 8
    return DepthProfile(base + _AXIS_FOOT, base, ticks, rows)


@dataclass(frozen=True)
class PromiseValue:
    """What was projected and what was measured, in the chart's unit."""

    projected: Interval
    measured: Interval


@dataclass(frozen=True)
class PromiseRow:
    """A promise as placed: its words at ``y``, the range and the measured value below."""

    y: int
    y_mark: int
    projected: Span
    measured: Span
    inside: bool


@dataclass(frozen=True)
class PromiseRows:
    """Promises one under the other along one axis through zero."""

    height: int
    base: int
    zero: float
    ticks: tuple[tuple[float, float], ...]
    rows: tuple[PromiseRow, ...]


_PROMISE_ROW: Final = 50
_PROMISE_FIRST: Final = 16


def promise_rows(values: Sequence[PromiseValue]) -> PromiseRows:
    """Lay out ranges and measured values, one row a promise."""
    held = [v for one in values for i in (one.projected, one.measured) for v in (i.low, i.high)]
    least, most = min(0.0, *held), max(0.0, *held)
    step = nice_step(most - least or 1.0, 4)
    low, high = floor(least / step) * step, ceil(most / step) * step

    def across(value: float) -> float:
        return round(2 + 96 * (value - low) / (high - low or step), 2)

    def span(told: Interval) -> Span:
        return Span(across(told.low), across(told.central), across(told.high))

    rows = tuple(
        PromiseRow(
            y=(y := _PROMISE_FIRST + i * _PROMISE_ROW),
            y_mark=y + 16,
            projected=span(one.projected),
            measured=span(one.measured),
            inside=one.projected.low <= one.measured.central <= one.projected.high,
        )
        for i, one in enumerate(values)
    )
    base = _PROMISE_FIRST + len(rows) * _PROMISE_ROW - 8
    count = round((high - low) / step) + 1
    ticks = tuple((across(low + i * step), round(low + i * step, 6)) for i in range(count))
    return PromiseRows(base + _AXIS_FOOT, base, across(0.0), ticks, rows)
