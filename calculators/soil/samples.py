"""What do the rows of a laboratory's table say: which cores, which layers, what is wrong where?

One row a layer. Every fault is found in one pass and told with its row and column. Columns:

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
``taken_on``                day of the core, as 2026-01-31; may be left out
``latitude``, ``longitude``  place of the core [decimal degrees]; may be left out together
==========================  =======================================================================

Other columns, such as a laboratory's own, are left alone. One file keeps one unit a quantity and
one decimal sign, point or comma.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from calculators.soil.equivalent_mass import Layer, mass_to, stock_at
from calculators.soil.layer_rows import (
    ALWAYS,
    COLUMNS,
    UNITS,
    Faults,
    LayerRow,
    RowReader,
    units_of,
)
from calculators.soil.refusals import (
    GapInDepths,
    MissingStratum,
    OverlappingDepths,
    SoilRefused,
)
from calculators.soil.stock_change import (
    Change,
    Independent,
    Stratum,
    change_of,
)

__all__ = [
    "ALWAYS",
    "COLUMNS",
    "DEPTH_CM",
    "UNITS",
    "Comparison",
    "Core",
    "Reading",
    "Samples",
    "compare",
    "compared",
    "loaded",
    "read",
    "read_numbered",
    "stock_of",
]

DEPTH_CM: Final = 30.0
"""Depth compared where none is asked for [cm]."""
_HEADING_ROWS: Final = 1
_TOUCHING_CM: Final = 1e-6
_ROUNDS: Final = 2


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
    rows : tuple of LayerRow
        The same as they were handed in; empty for a core that comes from elsewhere.
    """

    round: int
    stratum: str
    name: str
    layers: tuple[Layer, ...]
    rows: tuple[LayerRow, ...] = field(default=(), compare=False, repr=False)

    @property
    def taken_on(self) -> date | None:
        """Return the day of the core."""
        return self.rows[0].taken_on if self.rows else None


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
    """A table as read: its samples where nothing is wrong, else its faults with their rows.

    ``more`` counts faults beyond those that are told.
    """

    samples: Samples | None
    faults: tuple[SoilRefused, ...]
    more: int = 0


@dataclass(frozen=True)
class Comparison:
    """Two rounds compared, or everything that stands in the way.

    Attributes
    ----------
    change : Change or None
        With its 95 % interval; None where there are faults.
    strata : tuple of Stratum or Independent
        The stocks it was computed from.
    faults : tuple of SoilRefused
        What is wrong, each with its core, and its row where the core came from a file.
    more : int
        Faults beyond those that are told.
    """

    change: Change | None
    strata: tuple[Stratum | Independent, ...]
    faults: tuple[SoilRefused, ...]
    more: int = 0


def read(
    rows: Iterable[Mapping[str, str | None]],
    headings: Sequence[str],
    *,
    round_number: int | None = None,
    areas: Mapping[str, float] | None = None,
) -> Reading:
    """Read a table of layers in one pass.

    Parameters
    ----------
    rows : iterable of mapping
        Cells by heading, as ``csv.DictReader`` gives them; row 2 is the first.
    headings : sequence of str
        Names of the columns.
    round_number : int, optional
        The round of the whole file, which then needs no such column.
    areas : mapping of str to float, optional
        Strata and areas [ha] of the plan: a row of another stratum or with another area is a
        fault, a stratum without a core too.

    Returns
    -------
    Reading
        With all faults: ``column_missing``, ``column_twice``, ``units_mixed``, ``file_empty``,
        ``answer_missing``, ``value_impossible``, ``decimals_mixed``, ``formula``,
        ``text_too_long``, ``word_unknown``, ``organic_soil``, ``round_differs``,
        ``core_twice``, ``core_differs``, ``depths_overlap``, ``depths_gap``, ``area_differs``,
        ``area_missing``, ``stratum_unknown``, ``stratum_missing``.
    """
    numbered = enumerate(rows, start=_HEADING_ROWS + 1)
    return read_numbered(numbered, headings, round_number=round_number, areas=areas)


def read_numbered(
    rows: Iterable[tuple[int, Mapping[str, str | None]]],
    headings: Sequence[str],
    *,
    round_number: int | None = None,
    areas: Mapping[str, float] | None = None,
    heading_row: int = _HEADING_ROWS,
) -> Reading:
    """Read a table whose rows know their numbers, since empty ones were left out; see `read`.

    ``heading_row`` is the row that names the columns: what is wrong with them stands there.
    """
    try:
        units = units_of(headings, with_round=round_number is None)
    except SoilRefused as fault:
        fault.parameters.setdefault("row", heading_row)
        return Reading(None, (fault,))
    faults = Faults()
    reader = RowReader(units, faults, round_number)
    kept: list[LayerRow] = []
    for number, cells in rows:
        row = reader.read(number, cells)
        if row is not None:
            kept.append(row)
    if not kept and not faults.count:
        faults.add(SoilRefused("file_empty", row=heading_row))
    cores = _cores(kept, faults, _Torn(reader.refused, kept, areas))
    held = _areas(kept, areas, faults)
    if faults.count:
        told = tuple(sorted(faults.told, key=_place))
        return Reading(None, told, faults.count - len(told))
    return Reading(Samples(cores, held, units, len(kept)), ())


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
    """Compare two rounds at equivalent soil mass; see `compare`.

    Raises
    ------
    SoilRefused
        The first of the faults of `compare`.
    """
    found = compare(
        samples, depth_cm=depth_cm, paired=paired, reference_mass_t_ha=reference_mass_t_ha
    )
    if found.change is None:
        raise found.faults[0]
    return found.change, found.strata


def compare(
    samples: Samples,
    *,
    depth_cm: float = DEPTH_CM,
    paired: bool = True,
    reference_mass_t_ha: float | None = None,
) -> Comparison:
    """Compare two rounds at equivalent soil mass, or say everything that stands in the way.

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
    Comparison
        With the faults ``rounds_two``, ``stratum_missing``, ``core_unpaired``,
        ``depth_not_reached``, ``mass_not_reached`` and what `paired_change` and
        `independent_change` refuse.
    """
    faults = Faults()
    if len(samples.rounds) != _ROUNDS:
        return Comparison(None, (), (SoilRefused("rounds_two", found=len(samples.rounds)),))
    _both_rounds(samples, faults)
    if faults.count:
        return Comparison(None, (), tuple(faults.told))
    sides = [
        {(c.stratum, c.name): c for c in samples.cores if c.round == one} for one in samples.rounds
    ]
    make = _paired if paired else _independent
    strata = make(samples, sides[0], sides[1], _Measure(depth_cm, reference_mass_t_ha), faults)
    if faults.count:
        told = tuple(sorted(faults.told, key=_place))
        return Comparison(None, (), told, faults.count - len(told))
    try:
        change = change_of(strata)
    except SoilRefused as fault:
        _where(fault, sides[1])
        return Comparison(None, strata, (fault,))
    return Comparison(change, strata, ())


_Places = Mapping[tuple[str, str], Core]


@dataclass(frozen=True)
class _Measure:
    depth: float
    mass: float | None

    def reference(self, core: Core) -> float:
        return _told(core, mass_to, self.depth) if self.mass is None else self.mass


def _paired(
    samples: Samples, first: _Places, second: _Places, measure: _Measure, faults: Faults
) -> tuple[Stratum | Independent, ...]:
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in samples.areas}
    for place in sorted(first.keys() | second.keys()):
        before, after = first.get(place), second.get(place)
        try:
            if before is None or after is None:
                _alone(before or second[place])
            else:
                reference = measure.reference(before)
                pairs[place[0]].append((_at(before, reference), _at(after, reference)))
        except SoilRefused as fault:
            faults.add(fault)
    return tuple(Stratum(samples.areas[name], tuple(pairs[name]), name) for name in samples.areas)


def _alone(core: Core) -> None:
    where = {"row": core.rows[0].number} if core.rows else {}
    raise SoilRefused("core_unpaired", core=core.name, round=core.round, column="core", **where)


def _where(fault: SoilRefused, places: _Places) -> None:
    """Name the first row of the stratum that a refusal is about, as read from the later file."""
    wanted = fault.parameters.get("stratum")
    rows = [
        core.rows[0].number for (name, _), core in places.items() if name == wanted and core.rows
    ]
    if rows:
        fault.parameters.update({"row": min(rows), "column": "stratum"})


def _independent(
    samples: Samples, first: _Places, second: _Places, measure: _Measure, faults: Faults
) -> tuple[Stratum | Independent, ...]:
    found = []
    for name, area in samples.areas.items():
        sides = [
            [core for (stratum, _), core in places.items() if stratum == name]
            for places in (first, second)
        ]
        masses = _kept(sides[0], measure.reference, faults)
        if not masses:
            continue
        reference = sum(masses) / len(masses)
        stocks = [_kept(cores, lambda core, r=reference: _at(core, r), faults) for cores in sides]  # type: ignore[misc] # a default binds the mass
        found.append(Independent(area, tuple(stocks[0]), tuple(stocks[1]), name))
    return tuple(found)


def _kept(cores: Iterable[Core], work: Callable[[Core], float], faults: Faults) -> list[float]:
    """Do a sum about each core; what is refused is kept as a fault."""
    done = []
    for core in cores:
        try:
            done.append(work(core))
        except SoilRefused as fault:
            faults.add(fault)
    return done


def _at(core: Core, reference: float) -> float:
    return _told(core, stock_at, reference)


def _told(core: Core, work: Callable[[Sequence[Layer], float], float], measure: float) -> float:
    """Do a sum about a core; a refusal names the core, its round and its row."""
    try:
        return work(core.layers, measure)
    except SoilRefused as fault:
        where: dict[str, str | float] = {
            "round": core.round,
            "core": core.name,
            "column": "bottom_cm",
        }
        if core.rows:
            where["row"] = core.rows[-1].number
        raise SoilRefused(fault.code, **{**fault.parameters, **where}) from fault


def _both_rounds(samples: Samples, faults: Faults) -> None:
    held = {(core.round, core.stratum) for core in samples.cores}
    for one in samples.rounds:
        for name in samples.areas:
            if (one, name) not in held:
                faults.add(MissingStratum(stratum=name, round=one))


class _Torn:
    """Which cores may miss a layer, since a row was refused or names a stratum nobody knows?

    A gap in such a core is no fault of its own.
    """

    def __init__(
        self,
        refused: AbstractSet[tuple[str, str]],
        kept: Sequence[LayerRow],
        planned: Mapping[str, float] | None,
    ) -> None:
        strata = {row.stratum for row in kept} if planned is None else set(planned)
        told = refused | {(row.stratum, row.core) for row in kept if row.stratum not in strata}
        self._strata = strata
        self._cores = refused
        self._anywhere = {core for stratum, core in told if stratum not in strata}

    def holds(self, row: LayerRow) -> bool:
        """Say whether a layer of the core of a row may be one of those."""
        return (
            row.stratum not in self._strata
            or not self._cores.isdisjoint({(row.stratum, row.core), (row.stratum, "")})
            or not self._anywhere.isdisjoint({row.core, ""})
        )


def _cores(rows: Sequence[LayerRow], faults: Faults, torn: _Torn) -> tuple[Core, ...]:
    """Put the layers of each core together, from the surface down."""
    grouped: dict[tuple[int, str, str], list[LayerRow]] = {}
    for row in rows:
        grouped.setdefault((row.round, row.stratum, row.core), []).append(row)
    cores = []
    for place, layers in sorted(grouped.items()):
        layers.sort(key=lambda row: (row.top, row.bottom, row.number))
        _check_depths(layers, faults, gaps=not torn.holds(layers[0]))
        _check_core(layers, faults)
        taken = tuple(Layer(row.bottom - row.top, row.fine_earth, row.carbon) for row in layers)
        cores.append(Core(*place, taken, tuple(layers)))
    return tuple(cores)


def _check_depths(layers: Sequence[LayerRow], faults: Faults, *, gaps: bool) -> None:
    """Find where layers of one core are told twice, overlap or leave a gap."""
    reached = 0.0
    above: LayerRow | None = None
    for row in layers:
        where: dict[str, str | float] = {"row": row.number, "round": row.round, "core": row.core}
        if above is not None and (above.top, above.bottom) == (row.top, row.bottom):
            faults.add(SoilRefused("core_twice", **where, column="core", first=above.number))
        elif row.top < reached - _TOUCHING_CM:
            shared = min(reached, row.bottom)
            faults.add(OverlappingDepths(**where, column="top_cm", top=row.top, bottom=shared))
        elif gaps and row.top > reached + _TOUCHING_CM:
            faults.add(GapInDepths(**where, column="top_cm", top=reached, bottom=row.top))
        reached, above = max(reached, row.bottom), row


def _check_core(layers: Sequence[LayerRow], faults: Faults) -> None:
    """Hold all layers of a core to one day and one place."""
    first = layers[0]
    for row in layers[1:]:
        for column in ("taken_on", "latitude", "longitude"):
            if getattr(row, column) != getattr(first, column):
                faults.add(
                    SoilRefused(
                        "core_differs",
                        row=row.number,
                        round=row.round,
                        core=row.core,
                        column=column,
                        first=first.number,
                    )
                )


def _areas(
    rows: Sequence[LayerRow], planned: Mapping[str, float] | None, faults: Faults
) -> dict[str, float]:
    """Return the area of each stratum [ha]: as planned, or as the rows say."""
    areas: dict[str, float] = dict(planned or {})
    unknown = _check_strata(rows, planned, faults)
    for row in rows:
        if row.area is None or row.stratum in unknown:
            continue
        if areas.setdefault(row.stratum, row.area) != row.area:
            faults.add(
                SoilRefused(
                    "area_differs",
                    row=row.number,
                    column="area_ha",
                    stratum=row.stratum,
                    first=areas[row.stratum],
                    second=row.area,
                )
            )
    if planned is not None:
        return areas
    strata = sorted({row.stratum for row in rows})
    if len(strata) > 1:
        for name in strata:
            if name not in areas:
                faults.add(SoilRefused("area_missing", stratum=name))
    return {name: areas.get(name, 1.0) for name in strata}


def _check_strata(
    rows: Sequence[LayerRow], planned: Mapping[str, float] | None, faults: Faults
) -> set[str]:
    """Hold the strata of a table to the plan and return those it does not know."""
    if planned is None:
        return set()
    unknown: set[str] = set()
    for row in rows:
        if row.stratum not in planned and row.stratum not in unknown:
            unknown.add(row.stratum)
            known = ", ".join(planned)
            faults.add(
                SoilRefused(
                    "stratum_unknown",
                    row=row.number,
                    column="stratum",
                    stratum=row.stratum,
                    known=known,
                )
            )
    # a row that was refused may have held the stratum: then it is not missing
    if rows and not faults.count:
        held = {row.stratum for row in rows}
        for name in planned:
            if name not in held:
                # nothing up to the last row is of it
                end = max(row.number for row in rows)
                missing = MissingStratum(row=end, stratum=name, round=rows[0].round)
                missing.parameters["column"] = "stratum"
                faults.add(missing)
    return unknown


def _place(fault: SoilRefused) -> float:
    return float(fault.parameters.get("row", 0))
