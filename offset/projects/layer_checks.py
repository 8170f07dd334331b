"""What is wrong with a laboratory's table, held against its plan, and what would it say?

One pass over the rows. Whatever is wrong is told with row, column and reason; nothing is kept. A
table without fault comes with a preview: stocks of a baseline, or the change since.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from statistics import fmean, median_low, variance
from typing import Any, Final

from calculators.soil import profile, samples
from calculators.soil.layer_rows import LayerRow
from calculators.soil.profile import Depth
from calculators.soil.refusals import SoilRefused
from calculators.soil.samples import Core, Samples
from calculators.soil.stock_change import Change, Independent, Stratum
from calculators.soil.student import quantile
from offset.errors import InvalidInput
from offset.projects import layer_files, places
from offset.projects.layer_files import Fault
from offset.projects.measurement_models import Design
from offset.projects.outlines import UNIT, Outline, Ring, inside

COVERAGE: Final = 0.95
FEWEST_CORES: Final = 2
# a hand-held receiver under trees is this far off at worst
FIELD_KM: Final = 0.2
# without drawn sites a core must lie in the region that the project names
REGION_KM: Final = 150.0
_SEASON_DAYS: Final = 183
_PERCENT_LIKE_G_KG: Final = 3.0
# 0.1 per cent of carbon: less in the middle of a table is a desert, or shares of one
_SHARE_LIKE_G_KG: Final = 1.0
_PER_PERCENT: Final = 10.0
_PERCENT: Final = 0.01
_OUTLIER: Final = 5.0
_ROWS_NAMED: Final = 5


@dataclass(frozen=True)
class Land:
    """Where cores may come from: the outlines of the sites, else the middle of the region."""

    outlines: tuple[Outline, ...] = ()
    middle: places.Point | None = None

    def covers(self, latitude: float, longitude: float) -> bool:
        """Say whether a place lies on the land, as exactly as a receiver in a field can tell."""
        if self.outlines:
            corner = (round(longitude * UNIT), round(latitude * UNIT))
            return any(_on(outline, corner) for outline in self.outlines)
        if self.middle is None:
            return True
        return places.distance_km(self.middle, (latitude, longitude)) <= REGION_KM


@dataclass(frozen=True)
class Baseline:
    """The round that a later one is compared with, as it was committed."""

    cores: tuple[Core, ...]
    last_taken_on: date
    laboratory: str
    laboratory_method: str


@dataclass(frozen=True)
class Plan:
    """What a table of a round is held against."""

    number: int
    areas: Mapping[str, float]
    cores: Mapping[str, int]
    depth_cm: int
    design: Design
    today: date
    earliest: date | None = None
    land: Land = field(default_factory=Land)
    baseline: Baseline | None = None


@dataclass(frozen=True)
class Notice:
    """Something a person should look at before the table counts; no fault."""

    code: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """What a stratum, or the whole land, holds in one round [tC/ha]."""

    name: str
    area_ha: float
    cores: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Preview:
    """What a table would say: stocks of its round, and the change where there is a baseline."""

    strata: tuple[Held, ...]
    whole: Held
    profile: tuple[Depth, ...]
    change: Change | None = None
    compared: tuple[Stratum | Independent, ...] = ()
    baseline_profile: tuple[Depth, ...] = ()


@dataclass(frozen=True)
class Report:
    """What was found in a file: its faults, or what it says."""

    sha256: str
    kind: str
    faults: tuple[Fault, ...]
    more: int = 0
    notices: tuple[Notice, ...] = ()
    samples: Samples | None = None
    preview: Preview | None = None
    first_taken_on: date | None = None
    last_taken_on: date | None = None

    @property
    def clean(self) -> bool:
        """Whether the file may be committed."""
        return not self.faults and self.preview is not None


def check(data: bytes, plan: Plan) -> Report:
    """Read a file once and say everything that is wrong with it, or what it says."""
    digest = layer_files.sha256(data)
    try:
        table = layer_files.opened(data)
        reading = samples.read_numbered(
            table.rows,
            table.headings,
            round_number=plan.number,
            areas=plan.areas,
            heading_row=table.heading_row,
        )
    except InvalidInput as fault:
        return Report(digest, "", (_of_file(fault),))
    except SoilRefused as fault:
        return Report(digest, table.kind, (told(fault),))
    # a cell with a formula has one fault, whatever the formula shows
    cells = {(one.row, one.column) for one in table.faults}
    read = [one for one in map(told, reading.faults) if (one.row, one.column) not in cells]
    faults = [*table.faults, *read]
    more = table.more + reading.more
    if "taken_on" not in table.headings:
        missing = {"column": "taken_on", "found": ", ".join(table.headings)[:400]}
        faults.append(Fault("column_missing", table.heading_row, "taken_on", missing))
    found = reading.samples
    if found is not None and not faults:
        faults += _against(found, plan)
    if faults or found is None:
        return Report(digest, table.kind, _by_row(faults), more)
    preview, wrong = _preview(found, plan)
    if preview is None:
        return Report(digest, table.kind, _by_row(wrong), more)
    days = sorted(core.taken_on for core in found.cores if core.taken_on)
    notices = (*(Notice(code) for code in table.notices), *_notices(found, plan, days))
    return Report(
        digest, table.kind, (), 0, notices, found, preview, days[0], days[-1]
    )  # fmt: skip


def told(fault: SoilRefused) -> Fault:
    """Tell a refusal of the arithmetic as a fault of a row."""
    parameters: dict[str, object] = dict(fault.parameters)
    row, column = parameters.pop("row", None), parameters.get("column")
    return Fault(
        fault.code,
        int(row) if isinstance(row, (int, float)) else None,
        str(column) if column else None,
        parameters,
    )


def _of_file(fault: InvalidInput) -> Fault:
    row = fault.parameters.get("row")
    return Fault(
        fault.code, row if isinstance(row, int) and row > 0 else None, None, fault.parameters
    )


def _by_row(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.row or 0))


def _against(found: Samples, plan: Plan) -> list[Fault]:
    """Hold days, places and numbers of cores against the plan."""
    faults: list[Fault] = []
    for core in found.cores:
        code, parameters = _day_fault(core, plan)
        if code:
            faults.append(_at(core, code, "taken_on", **parameters))
        row = core.rows[0]
        if row.latitude is not None and row.longitude is not None:
            faults += _place_fault(core, plan.land, row.latitude, row.longitude)
    counts = Counter(core.stratum for core in found.cores)
    faults += [
        _at(core, "too_few_cores", "stratum", cores=counts[core.stratum])
        for core in found.cores
        if counts[core.stratum] < FEWEST_CORES
    ]
    return faults


def _day_fault(core: Core, plan: Plan) -> tuple[str, dict[str, object]]:
    day = core.taken_on
    if day is None:
        return "answer_missing", {"name": "taken_on"}
    if day > plan.today:
        return "day_in_future", {"day": day}
    if plan.earliest is not None and day < plan.earliest:
        return "day_before_project", {"day": day, "earliest": plan.earliest}
    if plan.baseline is not None and day <= plan.baseline.last_taken_on:
        return "day_before_baseline", {"day": day, "baseline": plan.baseline.last_taken_on}
    return "", {}


def _place_fault(core: Core, land: Land, latitude: float, longitude: float) -> list[Fault]:
    if land.covers(latitude, longitude):
        return []
    # a look at the other order says what most often went wrong
    swapped = abs(longitude) <= 90 and land.covers(longitude, latitude)  # noqa: PLR2004 - a latitude
    return [_at(core, "place_swapped" if swapped else "place_outside", "latitude")]


def _at(core: Core, code: str, column: str, **parameters: object) -> Fault:
    where = {"core": core.name, "stratum": core.stratum, "column": column, **parameters}
    return Fault(code, core.rows[0].number, column, where)


def _preview(found: Samples, plan: Plan) -> tuple[Preview | None, list[Fault]]:
    """Compute what the table says; a core that is too short is a fault."""
    bounds = profile.depths(found.cores)
    if plan.baseline is None:
        stocks, faults = _stocks(found.cores, plan)
        if faults:
            return None, faults
        strata = tuple(_held(name, plan.areas, stocks[name]) for name in plan.areas)
        drawn = profile.profile(found.cores, plan.areas, bounds)
        return Preview(strata, _whole(stocks, plan.areas), drawn), []
    both = Samples(
        (*_numbered(plan.baseline.cores, plan.number - 1), *found.cores),
        plan.areas,
        found.units,
        found.rows,
    )
    paired = plan.design is Design.PAIRED
    compared = samples.compare(both, depth_cm=plan.depth_cm, paired=paired)
    if compared.change is None:
        return None, [told(fault) for fault in compared.faults]
    later = {
        one.name: [b for _, b in one.pairs] if isinstance(one, Stratum) else list(one.after)
        for one in compared.strata
    }
    bounds = profile.depths((*plan.baseline.cores, *found.cores))
    return Preview(
        tuple(_held(name, plan.areas, later[name]) for name in plan.areas),
        _whole(later, plan.areas),
        profile.profile(found.cores, plan.areas, bounds),
        compared.change,
        compared.strata,
        profile.profile(plan.baseline.cores, plan.areas, bounds),
    ), []


def _numbered(cores: Iterable[Core], number: int) -> tuple[Core, ...]:
    return tuple(Core(number, one.stratum, one.name, one.layers) for one in cores)


def _stocks(cores: Iterable[Core], plan: Plan) -> tuple[dict[str, list[float]], list[Fault]]:
    stocks: dict[str, list[float]] = {name: [] for name in plan.areas}
    faults: list[Fault] = []
    for core in cores:
        try:
            stocks[core.stratum].append(samples.stock_of(core, plan.depth_cm))
        except SoilRefused as fault:
            faults.append(told(fault))
    return stocks, faults


def _held(name: str, areas: Mapping[str, float], stocks: Sequence[float]) -> Held:
    return _interval(name, areas[name], {name: stocks}, {name: areas[name]})


def _whole(stocks: Mapping[str, Sequence[float]], areas: Mapping[str, float]) -> Held:
    return _interval("", sum(areas.values()), stocks, areas)


def _interval(
    name: str, area: float, stocks: Mapping[str, Sequence[float]], areas: Mapping[str, float]
) -> Held:
    """Return the mean of strata by area with its 95 % interval."""
    mean = sum(areas[one] / area * fmean(held) for one, held in stocks.items())
    squared = sum(
        (areas[one] / area) ** 2 * variance(held) / len(held) for one, held in stocks.items()
    )
    count = sum(len(held) for held in stocks.values())
    half = quantile((1 + COVERAGE) / 2, count - len(stocks)) * math.sqrt(squared)
    return Held(name, area, count, mean, max(0.0, mean - half), mean + half)


def _notices(found: Samples, plan: Plan, days: Sequence[date]) -> list[Notice]:
    """List what is possible and still worth a look."""
    counts = Counter(core.stratum for core in found.cores)
    told_of = [
        Notice("fewer_cores", {"stratum": name, "cores": counts[name], "planned": planned})
        for name, planned in plan.cores.items()
        if counts[name] < planned
    ]
    if (days[-1] - days[0]).days > _SEASON_DAYS:
        told_of.append(Notice("long_season", {"days": (days[-1] - days[0]).days}))
    told_of += _other_units(found)
    far = _far_off(found)
    if far:
        told_of.append(Notice("carbon_far_off", {"rows": _named(far), "count": len(far)}))
    return told_of + _copies(found, plan)


def _other_units(found: Samples) -> list[Notice]:
    """Ask where a whole column looks as if it were in another unit than its name says."""
    rows = [row for core in found.cores for row in core.rows]
    told_of = []
    carbon = sorted(row.carbon for row in rows)
    middle = carbon[len(carbon) // 2]
    if found.units["soc"] == "soc_g_kg" and middle < _PERCENT_LIKE_G_KG:
        told_of.append(Notice("carbon_like_percent", {"middle": round(middle, 2)}))
    elif middle < _SHARE_LIKE_G_KG:
        told_of.append(Notice("carbon_like_share", {"middle": round(middle / _PER_PERCENT, 4)}))
    stones = max(row.stones for row in rows)
    if found.units.get("coarse_fragments") == "coarse_fragments_percent" and 0 < stones < _PERCENT:
        told_of.append(Notice("stones_like_share", {"most": round(stones / _PERCENT, 2)}))
    return told_of


def _far_off(found: Samples) -> list[int]:
    """Find rows whose carbon is far from that of the same depth in the same stratum.

    A figure in per cent among figures in g/kg is ten times too small, and the other way round.
    """
    alike: dict[tuple[str, float, float], list[LayerRow]] = {}
    for core in found.cores:
        for row in core.rows:
            alike.setdefault((row.stratum, row.top, row.bottom), []).append(row)
    far = []
    for rows in alike.values():
        middle = median_low(row.carbon for row in rows)
        far += [
            row.number
            for row in rows
            if max(row.carbon, middle) > _OUTLIER * min(row.carbon, middle)
        ]
    return sorted(far)


def _copies(found: Samples, plan: Plan) -> list[Notice]:
    """Find cores that hold the same figures or lie on the same spot."""
    told_of = []
    seen: dict[Any, Core] = {}
    alike = [
        core.rows[0].number
        for core in found.cores
        if seen.setdefault(core.layers, core) is not core
    ]
    if alike:
        told_of.append(Notice("cores_alike", {"rows": _named(alike), "count": len(alike)}))
    spots = Counter(
        (core.rows[0].latitude, core.rows[0].longitude)
        for core in found.cores
        if core.rows[0].latitude is not None
    )
    doubled = sum(count for count in spots.values() if count > 1)
    if doubled:
        told_of.append(Notice("cores_on_one_spot", {"count": doubled}))
    if plan.baseline is not None:
        before = {(core.stratum, core.name): core.layers for core in plan.baseline.cores}
        same = [c for c in found.cores if before.get((c.stratum, c.name)) == c.layers]
        if same:
            told_of.append(Notice("cores_as_before", {"count": len(same)}))
    return told_of


def _named(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:_ROWS_NAMED])
    return shown if len(rows) <= _ROWS_NAMED else f"{shown} …"


def _on(outline: Outline, corner: tuple[int, int]) -> bool:
    """Say whether a corner lies within an outline, or as near to it as a receiver errs."""
    for rings in outline:
        if inside(rings[0], corner) and not any(inside(hole, corner) for hole in rings[1:]):
            return True
        if any(_distance_km(ring, corner) <= FIELD_KM for ring in rings):
            return True
    return False


def _distance_km(ring: Ring, corner: tuple[int, int]) -> float:
    """Return how far a corner is from a ring's lines, on a plane that touches the earth there."""
    wide = math.cos(math.radians(corner[1] / UNIT)) * _KM_A_DEGREE / UNIT
    high = _KM_A_DEGREE / UNIT
    points = [((x - corner[0]) * wide, (y - corner[1]) * high) for x, y in ring]
    return min(_to_origin(a, b) for a, b in pairwise(points))


_KM_A_DEGREE: Final = 111.195


def _to_origin(a: tuple[float, float], b: tuple[float, float]) -> float:
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    share = -(a[0] * along[0] + a[1] * along[1]) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    return math.hypot(a[0] + share * along[0], a[1] + share * along[1])
