"""What does one row of a laboratory's table say, and in which of its columns is it wrong?

Every fault of a row is found, not the first alone, each with the row and the column it stands in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from calculators.soil.refusals import Impossible, MixedUnits, SoilRefused, within
from calculators.soil.stock import (
    BASES,
    DEEPEST_CM,
    DENSEST,
    FINE_EARTH,
    ORGANIC_ABOVE_PERCENT,
    WIDEST_HA,
    fine_earth_density,
)

ALWAYS: Final = ("round", "stratum", "core", "top_cm", "bottom_cm", "density_basis")
UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "soc": {"soc_percent": 10.0, "soc_g_kg": 1.0},
    "bulk_density": {"bulk_density_g_cm3": 1.0, "bulk_density_kg_m3": 0.001},
    "coarse_fragments": {"coarse_fragments_percent": 0.01, "coarse_fragments_share": 1.0},
}
"""Columns of one quantity, with what turns each into g/kg, g/cm³ and a share."""
PLACE: Final = ("latitude", "longitude")
COLUMNS: Final = (
    *ALWAYS,
    "area_ha",
    *(name for names in UNITS.values() for name in names),
    "taken_on",
    *PLACE,
)
LIGHTEST: Final = 0.1
"""Bulk density below which a figure is in another unit or of no mineral soil [g/cm³]."""
MOST_FAULTS: Final = 500
"""Faults that are told; those beyond are counted."""
_LONGEST: Final = 100
_PER_PERCENT: Final = 10
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
# what starts a formula in a spreadsheet; a sign before a digit is a number or a plain name
_FORMULA: Final = re.compile(r"[=@\t\r\0]|[+-](?!\d[^-+*/^(|!]*$)")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer as it was handed in, in the units of this house.

    Attributes
    ----------
    number : int
        Row of the file; 1 is the heading.
    round : int
        Sampling round.
    stratum, core : str
        Part of the land, and place in it.
    top, bottom : float
        Depths [cm].
    area : float or None
        Area of the stratum [ha], where the file says it.
    carbon : float
        Organic carbon of the fine earth [g/kg].
    density : float
        Bulk density as measured [g/cm³], of what `basis` names.
    basis : str
        One of `BASES`.
    stones : float
        Coarse fragments [share of volume]; 0 with a density of fine earth.
    taken_on : date or None
        Day of the core.
    latitude, longitude : float or None
        Place of the core [decimal degrees].
    """

    number: int
    round: int
    stratum: str
    core: str
    top: float
    bottom: float
    area: float | None
    carbon: float
    density: float
    basis: str
    stones: float
    taken_on: date | None
    latitude: float | None
    longitude: float | None

    @property
    def fine_earth(self) -> float:
        """Mass of fine earth per total volume [g/cm³]."""
        return fine_earth_density(self.density, self.basis, self.stones)


class Faults:
    """What is wrong with a table: the first `MOST_FAULTS` told, all of them counted."""

    def __init__(self) -> None:
        self.told: list[SoilRefused] = []
        self.count = 0

    def add(self, fault: SoilRefused) -> None:
        """Keep a fault, or only count it."""
        self.count += 1
        if len(self.told) < MOST_FAULTS:
            self.told.append(fault)


def units_of(headings: Sequence[str], *, with_round: bool = True) -> dict[str, str]:
    """Choose the column of each quantity.

    Parameters
    ----------
    headings : sequence of str
        Names of the columns.
    with_round : bool
        Whether the file itself must say its round.

    Raises
    ------
    SoilRefused
        ``column_twice``, ``column_missing``, ``units_mixed``.
    """
    found = ", ".join(headings)[:400] or "none"
    for name in headings:
        if name in COLUMNS and headings.count(name) > 1:
            raise SoilRefused("column_twice", column=name)
    for name in ALWAYS if with_round else ALWAYS[1:]:
        if name not in headings:
            raise SoilRefused("column_missing", column=name, found=found)
    chosen = {quantity: _one_unit(columns, headings) for quantity, columns in UNITS.items()}
    for quantity in ("soc", "bulk_density"):
        if not chosen[quantity]:
            raise SoilRefused("column_missing", column=" or ".join(UNITS[quantity]), found=found)
    return {quantity: column for quantity, column in chosen.items() if column}


def _one_unit(columns: Iterable[str], headings: Sequence[str]) -> str:
    """Return the one column of a quantity that is there, or nothing."""
    held = [name for name in columns if name in headings]
    if len(held) > 1:
        raise MixedUnits(first=held[0], second=held[1], column=held[1])
    return held[0] if held else ""


class RowReader:
    """Turns cells into layers and collects what is wrong with them.

    Parameters
    ----------
    units : mapping of str to str
        The column of each quantity, from `units_of`.
    faults : Faults
        Where faults go.
    round_number : int, optional
        The round that every row belongs to; a column that says another is a fault.
    """

    def __init__(
        self, units: Mapping[str, str], faults: Faults, round_number: int | None = None
    ) -> None:
        self._units = units
        self._faults = faults
        self._round = round_number
        self._decimal: tuple[str, int] | None = None
        self._cells: Mapping[str, str | None] = {}
        self._row = 0
        self.refused: set[tuple[str, str]] = set()
        """Stratum and core of the rows that were refused, as they were written."""

    def read(self, number: int, cells: Mapping[str, str | None]) -> LayerRow | None:
        """Return a layer, or nothing where its row has a fault."""
        self._cells, self._row = cells, number
        before = self._faults.count
        top = self._number("top_cm", most=DEEPEST_CM)
        place = self._place()
        row = LayerRow(
            number=number,
            round=self._round_number(),
            stratum=self._text("stratum"),
            core=self._text("core"),
            top=top,
            bottom=self._number("bottom_cm", least=max(top, 0.0), most=DEEPEST_CM, above=True),
            area=self._number("area_ha", above=True, most=WIDEST_HA)
            if self._held("area_ha")
            else None,
            carbon=self._carbon(),
            density=self._density(),
            basis=self._basis(),
            stones=self._stones(),
            taken_on=self._day() if self._held("taken_on") else None,
            latitude=place[0],
            longitude=place[1],
        )
        if self._faults.count > before:
            self.refused.add((row.stratum, row.core))
            return None
        return row

    def _fault(self, column: str, fault: SoilRefused) -> None:
        fault.parameters.update({"row": self._row, "column": column})
        self._faults.add(fault)

    def _held(self, column: str) -> str:
        return " ".join((self._cells.get(column) or "").split())

    def _text(self, column: str) -> str:
        """Return a name; nothing with a fault where there is none that can be."""
        text = self._held(column)
        if not text:
            fault = SoilRefused("answer_missing", name=column)
        elif len(text) > _LONGEST:
            fault = SoilRefused("text_too_long", name=column, most=_LONGEST)
        elif _FORMULA.match(text):
            fault = SoilRefused("formula", name=column)
        else:
            return text
        self._fault(column, fault)
        return ""

    def _number(
        self,
        column: str,
        *,
        least: float = 0.0,
        most: float | None = None,
        above: bool = False,
        below: bool = False,
    ) -> float:
        """Return a number within its bounds; 0 with a fault where there is none."""
        text = self._held(column)
        if not text:
            self._fault(column, SoilRefused("answer_missing", name=column))
            return 0.0
        if not _NUMBER.fullmatch(text):
            code = "formula" if text.startswith("=") else None
            self._fault(
                column,
                SoilRefused(code, name=column)
                if code
                else Impossible(name=column, rule="a number", given=repr(text[:40])),
            )
            return 0.0
        self._one_decimal(column, text)
        try:
            return within(
                column,
                float(text.replace(",", ".")),
                least=least,
                most=most,
                above=above,
                below=below,
            )
        except SoilRefused as fault:
            self._fault(column, fault)
            return 0.0

    def _one_decimal(self, column: str, text: str) -> None:
        """Hold a file to one sign: a comma beside points may be a thousand as well."""
        mark = "," if "," in text else "." if "." in text else ""
        if not mark:
            return
        if self._decimal is None:
            self._decimal = (mark, self._row)
        elif self._decimal[0] != mark:
            self._fault(column, SoilRefused("decimals_mixed", given=text, first=self._decimal[1]))

    def _round_number(self) -> int:
        if self._round is not None and not self._held("round"):
            return self._round
        value = self._number("round", most=9999)
        if value != int(value):
            self._fault("round", Impossible(name="round", rule="a whole number", given=value))
        elif self._round is not None and value != self._round:
            self._fault("round", SoilRefused("round_differs", given=int(value), wanted=self._round))
        return int(value)

    def _carbon(self) -> float:
        """Return organic carbon [g/kg]; a soil too rich to be mineral is a fault."""
        column = self._units["soc"]
        factor = UNITS["soc"][column]
        carbon = self._number(column, most=1000 / factor) * factor
        if carbon > ORGANIC_ABOVE_PERCENT * _PER_PERCENT:
            given = carbon / _PER_PERCENT
            self._fault(
                column, SoilRefused("organic_soil", given=given, most=ORGANIC_ABOVE_PERCENT)
            )
        return carbon

    def _density(self) -> float:
        column = self._units["bulk_density"]
        factor = UNITS["bulk_density"][column]
        least, most = round(LIGHTEST / factor, 6), round(DENSEST / factor, 6)
        return self._number(column, least=least, most=most) * factor

    def _basis(self) -> str:
        text = self._held("density_basis").casefold()
        if not text:
            self._fault("density_basis", SoilRefused("answer_missing", name="density_basis"))
        elif text not in BASES:
            known = " or ".join(BASES)
            self._fault("density_basis", SoilRefused("word_unknown", known=known, given=text[:40]))
        return text

    def _stones(self) -> float:
        """Return the share of stones [1]; a density of fine earth already leaves them out."""
        column = self._units.get("coarse_fragments")
        fine = self._held("density_basis").casefold() == FINE_EARTH
        if column is None:
            if not fine:
                name = " or ".join(UNITS["coarse_fragments"])
                self._fault("coarse_fragments_percent", SoilRefused("answer_missing", name=name))
            return 0.0
        if fine and not self._held(column):
            return 0.0
        factor = UNITS["coarse_fragments"][column]
        stones = self._number(column, most=1 / factor, below=True) * factor
        return 0.0 if fine else stones

    def _day(self) -> date:
        text = self._held("taken_on")
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        rule = "a day written as 2026-01-31"
        self._fault("taken_on", Impossible(name="taken_on", rule=rule, given=repr(text[:40])))
        return date.min

    def _place(self) -> tuple[float | None, float | None]:
        """Return latitude and longitude; one without the other is a fault."""
        held = [bool(self._held(name)) for name in PLACE]
        if not any(held):
            return None, None
        return (
            self._number("latitude", least=-90, most=90),
            self._number("longitude", least=-180, most=180),
        )
