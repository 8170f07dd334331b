"""What do the rows of a laboratory's table say: which cores, which layers, what is wrong where?

One row a layer. Every fault is found in one pass and told with its row. Columns:

==========================  =======================================================================
``round``                   whole number or year of the sampling round, such as 0 and 5
``stratum``                 part of the land
``area_ha``                 area of the stratum [ha], the same in all its rows; may be left out
                            where there is one stratum
``core``                    place in the stratum; the same name in both rounds makes a pair
``top_cm``, ``bottom_cm``   depths of the layer [cm]; a core begins at 0 and has no gap
``soc_percent``             organic carbon of the fine earth [% of mass], or
``soc_g_kg``                the same [g/kg]
``bulk_density_g_cm3``      bulk density [g/cm³], or
``bulk_density_kg_m3``      the same [kg/m³]
``density_basis``           ``whole_soil`` or ``fine_earth`` (per volume of the core); required
``coarse_fragments_percent``  stones [% of volume], or
``coarse_fragments_share``  the same [1]; needed with ``whole_soil``, 0 where there are none
==========================  =======================================================================

Other columns, such as a laboratory's own, are left alone. One file keeps one unit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from calculators.soil.equivalent_mass import Layer, mass_to, stock_at
from calculators.soil.refusals import (
    GapInDepths,
    Impossible,
    MissingStratum,
    MixedUnits,
    OverlappingDepths,
    SoilRefused,
    within,
)
from calculators.soil.stock import (
    DEEPEST_CM,
    FINE_EARTH,
    ORGANIC_ABOVE_PERCENT,
    fine_earth_density,
)
from calculators.soil.stock_change import (
    Change,
    Independent,
    Stratum,
    independent_change,
    paired_change,
)

DEPTH_CM: Final = 30.0
"""Depth compared where none is asked for [cm]."""
ALWAYS: Final = ("round", "stratum", "core", "top_cm", "bottom_cm", "density_basis")
UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "soc": {"soc_percent": 10.0, "soc_g_kg": 1.0},
    "bulk_density": {"bulk_density_g_cm3": 1.0, "bulk_density_kg_m3": 0.001},
    "coarse_fragments": {"coarse_fragments_percent": 0.01, "coarse_fragments_share": 1.0},
}
"""Columns of one quantity, with what turns each into g/kg, g/cm³ and a share."""
COLUMNS: Final = (*ALWAYS, "area_ha", *(name for names in UNITS.values() for name in names))
_HEADING_ROWS: Final = 1
_TOUCHING_CM: Final = 1e-6
_ROUNDS: Final = 2
_PER_PERCENT: Final = 10


@dataclass(frozen=True, slots=True)
class Core:
    """One core of one round.

    Attributes
    ----------
    round : int
        The sampling round.
    stratum, name : str
        Part of the land, and place.
    layers : tuple of Layer
        From the surface down.
    """

    round: int
    stratum: str
    name: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Samples:
    """What a table holds.

    Attributes
    ----------
    cores : tuple of Core
        In the order of rounds, strata and names.
    areas : mapping of str to float
        Area of each stratum [ha]; 1 where one stratum has none.
    units : mapping of str to str
        The column that each quantity was read from.
    rows : int
        Layers read.
    """

    cores: tuple[Core, ...]
    areas: Mapping[str, float]
    units: Mapping[str, str]
    rows: int

    @property
    def rounds(self) -> tuple[int, ...]:
        """Return the rounds, earliest first."""
        return tuple(sorted({core.round for core in self.cores}))


@dataclass(frozen=True)
class Reading:
    """A table as read: its samples where nothing is wrong, else every fault with its row."""

    samples: Samples | None
    faults: tuple[SoilRefused, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    round: int
    stratum: str
    core: str
    top: float
    bottom: float
    area: float | None
    density: float
    carbon: float


def read(rows: Iterable[Mapping[str, str | None]], headings: Sequence[str]) -> Reading:
    """Read a table of layers in one pass.

    Parameters
    ----------
    rows : iterable of mapping
        Cells by heading, as ``csv.DictReader`` gives them; row 2 is the first.
    headings : sequence of str
        Names of the columns.

    Returns
    -------
    Reading
        With all faults: ``column_missing``, ``units_mixed``, ``file_empty``, ``answer_missing``,
        ``value_impossible``, ``word_unknown``, ``organic_soil``, ``depths_overlap``,
        ``depths_gap``, ``area_differs``, ``area_missing``.
    """
    try:
        units = _units(headings)
    except SoilRefused as fault:
        return Reading(None, (fault,))
    faults: list[SoilRefused] = []
    read_rows: list[_Row] = []
    for number, cells in enumerate(rows, start=_HEADING_ROWS + 1):
        try:
            read_rows.append(_row(number, cells, units))
        except SoilRefused as fault:
            fault.parameters["row"] = number
            faults.append(fault)
    if not read_rows and not faults:
        faults.append(SoilRefused("file_empty"))
    cores = _cores(read_rows, faults)
    areas = _areas(read_rows, faults)
    if faults:
        return Reading(None, tuple(sorted(faults, key=_place)))
    return Reading(Samples(cores, areas, units, len(read_rows)), ())


def loaded(rows: Iterable[Mapping[str, str | None]], headings: Sequence[str]) -> Samples:
    """Return the samples of a table without fault.

    Raises
    ------
    SoilRefused
        The first fault, with its row.
    """
    reading = read(rows, headings)
    if reading.samples is None:
        raise reading.faults[0]
    return reading.samples


def stock_of(core: Core, depth_cm: float = DEPTH_CM) -> float:
    """Return the stock of a core above a depth [tC/ha].

    Raises
    ------
    SoilRefused
        ``depth_not_reached`` with core and round.
    """
    return _at(core, _told(core, mass_to, depth_cm))


def compared(
    samples: Samples,
    *,
    depth_cm: float = DEPTH_CM,
    paired: bool = True,
    reference_mass_t_ha: float | None = None,
) -> tuple[Change, tuple[Stratum | Independent, ...]]:
    """Compare two rounds at equivalent soil mass.

    Parameters
    ----------
    samples : Samples
        Cores of two rounds.
    depth_cm : float
        Depth whose mass at the baseline is the reference [cm].
    paired : bool
        Whether cores of one name are the same place. Each pair then has its own reference mass;
        otherwise a stratum has the mean mass of its baseline round.
    reference_mass_t_ha : float, optional
        One reference for all [t/ha], in place of the depth.

    Returns
    -------
    change : Change
        With its 95 % interval.
    strata : tuple of Stratum or Independent
        The stocks it was computed from.

    Raises
    ------
    SoilRefused
        ``rounds_two``, ``stratum_missing``, ``core_unpaired``, ``depth_not_reached``,
        ``mass_not_reached`` and what `paired_change` and `independent_change` refuse.
    """
    if len(samples.rounds) != _ROUNDS:
        raise SoilRefused("rounds_two", found=len(samples.rounds))
    first, second = (
        {(c.stratum, c.name): c for c in samples.cores if c.round == one} for one in samples.rounds
    )
    _both_rounds(samples)
    if paired:
        pairs = _paired(samples, first, second, depth_cm, reference_mass_t_ha)
        return paired_change(pairs), pairs
    apart = _independent(samples, first, second, depth_cm, reference_mass_t_ha)
    return independent_change(apart), apart


_Places = Mapping[tuple[str, str], Core]


def _paired(
    samples: Samples, first: _Places, second: _Places, depth_cm: float, mass: float | None
) -> tuple[Stratum, ...]:
    for place in sorted(first.keys() ^ second.keys()):
        alone = first.get(place) or second[place]
        raise SoilRefused("core_unpaired", core=alone.name, round=alone.round)
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in samples.areas}
    for place, before in first.items():
        reference = mass or _told(before, mass_to, depth_cm)
        pairs[place[0]].append((_at(before, reference), _at(second[place], reference)))
    return tuple(Stratum(samples.areas[name], tuple(pairs[name]), name) for name in samples.areas)


def _independent(
    samples: Samples, first: _Places, second: _Places, depth_cm: float, mass: float | None
) -> tuple[Independent, ...]:
    found = []
    for name, area in samples.areas.items():
        before = [core for (stratum, _), core in first.items() if stratum == name]
        after = [core for (stratum, _), core in second.items() if stratum == name]
        masses = [mass or _told(core, mass_to, depth_cm) for core in before]
        reference = sum(masses) / len(masses)
        stocks = [tuple(_at(core, reference) for core in cores) for cores in (before, after)]
        found.append(Independent(area, stocks[0], stocks[1], name))
    return tuple(found)


def _at(core: Core, reference: float) -> float:
    return _told(core, stock_at, reference)


def _told(core: Core, work: Callable[[Sequence[Layer], float], float], measure: float) -> float:
    """Do a sum about a core; a refusal names the core and its round."""
    try:
        return work(core.layers, measure)
    except SoilRefused as fault:
        raise SoilRefused(
            fault.code, **{**fault.parameters, "round": core.round, "core": core.name}
        ) from fault


def _both_rounds(samples: Samples) -> None:
    held = {(core.round, core.stratum) for core in samples.cores}
    for one in samples.rounds:
        for name in samples.areas:
            if (one, name) not in held:
                raise MissingStratum(stratum=name, round=one)


def _units(headings: Sequence[str]) -> dict[str, str]:
    """Choose the column of each quantity."""
    found = ", ".join(headings) or "none"
    for name in ALWAYS:
        if name not in headings:
            raise SoilRefused("column_missing", column=name, found=found)
    units = {}
    for quantity, columns in UNITS.items():
        held = [name for name in columns if name in headings]
        if len(held) > 1:
            raise MixedUnits(first=held[0], second=held[1])
        if held:
            units[quantity] = held[0]
        elif quantity != "coarse_fragments":
            raise SoilRefused("column_missing", column=" or ".join(columns), found=found)
    return units


def _row(number: int, cells: Mapping[str, str | None], units: Mapping[str, str]) -> _Row:
    density_factor = UNITS["bulk_density"][units["bulk_density"]]
    top = _number(cells, "top_cm", most=DEEPEST_CM)
    return _Row(
        number=number,
        round=_round(cells),
        stratum=_text(cells, "stratum"),
        core=_text(cells, "core"),
        top=top,
        bottom=_number(cells, "bottom_cm", least=top, most=DEEPEST_CM, above=True),
        area=_number(cells, "area_ha", above=True) if _held(cells, "area_ha") else None,
        density=fine_earth_density(
            _number(cells, units["bulk_density"]) * density_factor,
            _text(cells, "density_basis"),
            _stones(cells, units),
        ),
        carbon=_carbon(cells, units["soc"]),
    )


def _carbon(cells: Mapping[str, str | None], column: str) -> float:
    """Return organic carbon [g/kg]; a soil too rich to be mineral is refused."""
    factor = UNITS["soc"][column]
    carbon = _number(cells, column, most=1000 / factor) * factor
    if carbon > ORGANIC_ABOVE_PERCENT * _PER_PERCENT:
        raise SoilRefused(
            "organic_soil", column=column, given=carbon / _PER_PERCENT, most=ORGANIC_ABOVE_PERCENT
        )
    return carbon


def _stones(cells: Mapping[str, str | None], units: Mapping[str, str]) -> float:
    """Return the share of stones [1]; a density of fine earth already leaves them out."""
    if _held(cells, "density_basis") == FINE_EARTH:
        return 0.0
    column = units.get("coarse_fragments")
    if column is None:
        raise SoilRefused("answer_missing", name=" or ".join(UNITS["coarse_fragments"]))
    factor = UNITS["coarse_fragments"][column]
    return _number(cells, column, most=1 / factor, below=True) * factor


def _round(cells: Mapping[str, str | None]) -> int:
    value = _number(cells, "round", most=9999)
    if value != int(value):
        raise Impossible(name="round", rule="a whole number", given=value)
    return int(value)


def _held(cells: Mapping[str, str | None], column: str) -> str:
    return (cells.get(column) or "").strip()


def _text(cells: Mapping[str, str | None], column: str) -> str:
    text = _held(cells, column)
    if not text:
        raise SoilRefused("answer_missing", name=column)
    return text


def _number(
    cells: Mapping[str, str | None],
    column: str,
    *,
    least: float = 0.0,
    most: float | None = None,
    above: bool = False,
    below: bool = False,
) -> float:
    text = _text(cells, column)
    try:
        value = float(text)
    except ValueError:
        raise Impossible(name=column, rule="a number", given=repr(text)) from None
    return within(column, value, least=least, most=most, above=above, below=below)


def _cores(rows: Sequence[_Row], faults: list[SoilRefused]) -> tuple[Core, ...]:
    """Put the layers of each core together, from the surface down."""
    grouped: dict[tuple[int, str, str], list[_Row]] = {}
    for row in rows:
        grouped.setdefault((row.round, row.stratum, row.core), []).append(row)
    cores = []
    for place, layers in sorted(grouped.items()):
        layers.sort(key=lambda row: (row.top, row.bottom))
        faults += _depth_faults(layers)
        taken = tuple(Layer(row.bottom - row.top, row.density, row.carbon) for row in layers)
        cores.append(Core(*place, taken))
    return tuple(cores)


def _depth_faults(layers: Sequence[_Row]) -> list[SoilRefused]:
    """Find where layers of one core overlap or leave a gap."""
    found: list[SoilRefused] = []
    reached = 0.0
    for row in layers:
        where: dict[str, str | float] = {"row": row.number, "round": row.round, "core": row.core}
        if row.top < reached - _TOUCHING_CM:
            found.append(OverlappingDepths(**where, top=row.top, bottom=min(reached, row.bottom)))
        elif row.top > reached + _TOUCHING_CM:
            found.append(GapInDepths(**where, top=reached, bottom=row.top))
        reached = max(reached, row.bottom)
    return found


def _areas(rows: Sequence[_Row], faults: list[SoilRefused]) -> dict[str, float]:
    """Return the area of each stratum [ha]."""
    areas: dict[str, float] = {}
    for row in rows:
        if row.area is None:
            continue
        if areas.setdefault(row.stratum, row.area) != row.area:
            faults.append(
                SoilRefused(
                    "area_differs",
                    row=row.number,
                    stratum=row.stratum,
                    first=areas[row.stratum],
                    second=row.area,
                )
            )
    strata = sorted({row.stratum for row in rows})
    if len(strata) > 1:
        faults += [SoilRefused("area_missing", stratum=s) for s in strata if s not in areas]
    return {name: areas.get(name, 1.0) for name in strata}


def _place(fault: SoilRefused) -> float:
    return float(fault.parameters.get("row", 0))
