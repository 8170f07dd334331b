"""What does an operator know better than the data set, and how does it stand over it?

A folder with any of these files, comma- or semicolon-separated, in UTF-8:

- ``origin_destination_airport_gaia_vs_eea.csv``: columns ``origin_destination_airport`` (two IATA
  or two ICAO codes, as in ``ZRH-SFO``) and ``ratio_distance_inefficiency``, flown per great-circle
  distance in that direction; ``ratio_ccd_fuel_inefficiency`` may be there and is checked, not used;
- ``origin_destination_country_gaia_vs_eea.csv``: the same by ``origin_destination_country``, two
  ISO 3166 two-letter codes;
- ``fuel_burn.csv``: columns ``icao``, ``nm``, ``lto_kg``, ``ccd_kg``, as in the shipped table, or
  under the names of an EEA-format export in `ALIASES`; ``source`` and ``model_version`` may be
  there. It replaces the shipped figures of the types it names;
- ``seats.csv``: columns ``aircraft`` (ICAO type), ``F``, ``J``, ``W``, ``Y``.

The distance factor of a leg is that of its airports, else of its countries, else the data set's.
Loading gives a data set with an id of its own, the base's and a hash of the files, that every
command and function takes like any other, and that provenance names. The same files give the same
id on any machine.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from calculators.errors import InvalidOperatorData
from calculators.flight.datasets import Dataset, Pairs, dataset, register
from calculators.flight.fuel import types
from calculators.flight.seats import SeatMap
from calculators.sources import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AIRPORT_PAIRS: Final = "origin_destination_airport_gaia_vs_eea.csv"
COUNTRY_PAIRS: Final = "origin_destination_country_gaia_vs_eea.csv"
FUEL: Final = "fuel_burn.csv"
SEATS: Final = "seats.csv"
FILES: Final = (AIRPORT_PAIRS, COUNTRY_PAIRS, FUEL, SEATS)
"""Every file that is read; any other CSV in the folder is refused, so that none is overlooked."""

ALIASES: Final = {
    "aircraft": "icao",
    "aircraft_code": "icao",
    "aircraft_icao": "icao",
    "icao_code": "icao",
    "distance_nm": "nm",
    "ccd_distance_nm": "nm",
    "stage_length_nm": "nm",
    "lto_fuel_kg": "lto_kg",
    "fuel_lto_kg": "lto_kg",
    "ccd_fuel_kg": "ccd_kg",
    "fuel_ccd_kg": "ccd_kg",
}
"""Names of an EEA-format export for the columns of the fuel table."""

MOST_BYTES: Final = 50_000_000
LEAST_RATIO, MOST_RATIO = 0.95, 3.0
MOST_SEATS: Final = 900
MOST_NM, MOST_KG = 10_000.0, 500_000.0
_SHOWN: Final = 40
_CODE_LETTERS: Final = 3
_FEWEST_KNOTS: Final = 2


@dataclass(frozen=True, slots=True)
class _Cell:
    """One value with where it stands, so that an error can say so."""

    file: str
    row: int
    column: str
    text: str

    def refuse(self, rule: str) -> InvalidOperatorData:
        """Return the error that says what the value must be."""
        return InvalidOperatorData(
            {
                "file": self.file,
                "row": self.row,
                "column": self.column,
                "rule": rule,
                "given": self.text[:_SHOWN],
            }
        )

    def number(self, least: float, most: float) -> float:
        """Return the value as a number within limits."""
        rule = f"a number between {least:g} and {most:g}"
        try:
            value = float(self.text)
        except ValueError:
            raise self.refuse(rule) from None
        if not (math.isfinite(value) and least <= value <= most):
            raise self.refuse(rule)
        return value

    def whole(self, most: int) -> int:
        """Return the value as a whole number from 0; nothing is 0."""
        if not self.text:
            return 0
        if not (self.text.isascii() and self.text.isdigit()) or int(self.text) > most:
            raise self.refuse(f"a whole number between 0 and {most}")
        return int(self.text)


_Row = dict[str, _Cell]


def _text(name: str, content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise _Cell(name, 0, "", f"{len(content)} bytes").refuse(f"at most {MOST_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        row = content[: fault.start].count(b"\n") + 1
        raise _Cell(name, row, "", "another encoding").refuse("text in UTF-8") from None


def _rows(name: str, content: bytes, needed: tuple[str, ...]) -> list[_Row]:
    """Return the rows of a file as cells; numbered as a spreadsheet does, the header being 1."""
    text = _text(name, content)
    head = text.split("\n", 1)[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    header = [word.strip() for word in lines[0]] if lines else []
    if name == FUEL:
        header = [ALIASES.get(word.casefold(), word.casefold()) for word in header]
    for column in needed:
        if column not in header:
            raise _Cell(name, 1, column, ", ".join(header)).refuse(f"a header with {column}")
    found = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(word.strip() for word in line):
            continue
        if len(line) != len(header):
            count = f"{len(line)} values"
            raise _Cell(name, number, "", count).refuse(f"{len(header)} values, as in the header")
        found.append(
            {
                column: _Cell(name, number, column, word.strip())
                for column, word in zip(header, line, strict=True)
            }
        )
    if not found:
        raise _Cell(name, 2, "", "nothing").refuse("at least one row")
    return found


def _pair(cell: _Cell, letters: str, known: Callable[[str], str | None]) -> tuple[str, str]:
    """Return the two codes of a pair."""
    words = re.split(r"[^A-Z0-9]+", cell.text.upper())
    codes = [known(word) for word in words if word]
    if len(codes) != 2 or None in codes or codes[0] == codes[1]:  # noqa: PLR2004 - a pair
        raise cell.refuse(f"two different {letters}, such as origin-destination")
    return str(codes[0]), str(codes[1])


def _ratios(
    rows: list[_Row], column: str, letters: str, known: Callable[[str], str | None]
) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        pair = _pair(row[column], letters, known)
        if pair in found:
            raise row[column].refuse("a pair that occurs once")
        found[pair] = row["ratio_distance_inefficiency"].number(LEAST_RATIO, MOST_RATIO)
        if "ratio_ccd_fuel_inefficiency" in row:
            row["ratio_ccd_fuel_inefficiency"].number(LEAST_RATIO, MOST_RATIO)
    return found


def _airport_codes(base: Dataset) -> Callable[[str], str | None]:
    iata = {row["code"] for row in base.rows("airports")}
    by_icao = {row["icao"]: row["code"] for row in base.rows("airport_icao")}

    def known(code: str) -> str | None:
        if len(code) == _CODE_LETTERS:
            return code if code in iata else None
        return by_icao.get(code)

    return known


def _type_of(cell: _Cell, base: Dataset) -> str:
    icao = cell.text.upper()
    if icao not in types(base):
        raise cell.refuse("an ICAO aircraft type of the data set")
    return icao


def _knots(icao: str, rows: list[_Row]) -> list[dict[str, str]]:
    """Return the fuel rows of one type, checked to rise in distance and fuel."""
    if len(rows) < _FEWEST_KNOTS:
        raise rows[0]["nm"].refuse(f"one of at least two distances of {icao}")
    for before, after in itertools.pairwise(rows):
        for column, most in (("nm", MOST_NM), ("ccd_kg", MOST_KG)):
            if before[column].number(0, most) >= after[column].number(0, most):
                raise after[column].refuse(f"above the row before it, {before[column].text}")
        if before["lto_kg"].number(0, MOST_KG) != after["lto_kg"].number(0, MOST_KG):
            raise after["lto_kg"].refuse(f"the same on every row of {icao}")
    return [
        {
            "icao": icao,
            "source": "OPERATOR",
            "model_version": row["model_version"].text if "model_version" in row else "as given",
            **{column: row[column].text for column in ("nm", "lto_kg", "ccd_kg")},
        }
        for row in rows
    ]


def _fuel(rows: list[_Row], base: Dataset) -> dict[str, list[dict[str, str]]]:
    by_type: dict[str, list[_Row]] = {}
    for row in rows:
        by_type.setdefault(_type_of(row["icao"], base), []).append(row)
    return {icao: _knots(icao, own) for icao, own in by_type.items()}


def _seat_maps(rows: list[_Row], base: Dataset) -> dict[str, SeatMap]:
    found: dict[str, SeatMap] = {}
    for row in rows:
        icao = _type_of(row["aircraft"], base)
        if icao in found:
            raise row["aircraft"].refuse("a type that occurs once")
        counts = [row[column].whole(MOST_SEATS) for column in ("Y", "W", "J", "F")]
        if not 0 < sum(counts) <= MOST_SEATS:
            raise row["Y"].refuse(f"part of 1 to {MOST_SEATS} seats in all")
        found[icao] = SeatMap(*counts)
    return found


@dataclass(slots=True)
class _Read:
    """What the files of a folder say."""

    pairs: Pairs | None = None
    fuel: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    seats: dict[str, SeatMap] = field(default_factory=dict)


class OperatorDataset(Dataset):
    """A shipped data set with an operator's own figures over it.

    Parameters
    ----------
    base : Dataset
        The shipped one.
    digest : str
        Hash of the operator's files, hexadecimal.
    files : tuple[str, ...]
        Names of the files, as read.
    read : _Read
        What they say.
    """

    def __init__(self, base: Dataset, digest: str, files: tuple[str, ...], read: _Read) -> None:
        super().__init__(base.id)
        self.id = f"{base.id}+operator-{digest[:8]}"
        self.base = base
        self.digest = digest
        self.files = files
        self.pairs = read.pairs
        self.seat_maps = read.seats
        self._fuel = read.fuel

    def _own_source(self) -> dict[str, str]:
        return {
            "id": "operator",
            "title": f"Operator's own data ({', '.join(self.files)})",
            "version": f"sha256 {self.digest[:16]}",
            "licence": "the operator's own terms",
            "url": "",
        }

    def _aircraft(self, row: dict[str, str]) -> dict[str, str]:
        own = self.seat_maps.get(row["icao"])
        if own is None:
            return row
        return {**row, "seats": str(own.total), "seats_basis": "operator"}

    def rows(self, table: str) -> list[dict[str, str]]:
        """Return the rows of one table, the operator's in place of those it names."""
        rows = self.base.rows(table)
        if table == "sources":
            return [*rows, self._own_source()]
        if table == "aircraft":
            return [self._aircraft(row) for row in rows]
        if table == "fuel_burn":
            kept = [row for row in rows if row["icao"] not in self._fuel]
            return kept + [row for own in self._fuel.values() for row in own]
        return rows

    @property
    def own_source(self) -> Source:
        """The operator's data as a source."""
        return self.sources["operator"]

    def as_json(self) -> dict[str, object]:
        """Return what was read, as plain values."""
        return {
            "dataset": self.id,
            "base": self.base.id,
            "sha256": self.digest,
            "files": list(self.files),
            "airport_pairs": len(self.pairs.airports) if self.pairs else 0,
            "country_pairs": len(self.pairs.countries) if self.pairs else 0,
            "fuel_types": sorted(self._fuel),
            "seat_maps": {icao: str(seats) for icao, seats in sorted(self.seat_maps.items())},
        }


def _contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder that are read."""
    if not folder.is_dir():
        raise _Cell(str(folder), 0, "", "nothing there").refuse("a folder")
    present = sorted(path.name for path in folder.iterdir() if path.suffix.casefold() == ".csv")
    strange = [name for name in present if name not in FILES]
    if strange or not present:
        given = ", ".join(strange) or "no file"
        raise _Cell(folder.name, 0, "", given).refuse(f"a folder with {' or '.join(FILES)} only")
    return {name: (folder / name).read_bytes() for name in present}


def _digest(contents: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(contents.items()):
        whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def _read(contents: dict[str, bytes], base: Dataset) -> _Read:
    out = _Read()
    ratio = "ratio_distance_inefficiency"
    airports: dict[tuple[str, str], float] = {}
    countries: dict[tuple[str, str], float] = {}
    if AIRPORT_PAIRS in contents:
        column = "origin_destination_airport"
        rows = _rows(AIRPORT_PAIRS, contents[AIRPORT_PAIRS], (column, ratio))
        airports = _ratios(rows, column, "airport codes", _airport_codes(base))
    if COUNTRY_PAIRS in contents:
        column = "origin_destination_country"
        listed = {row["country"]: row["country"] for row in base.rows("countries")}
        rows = _rows(COUNTRY_PAIRS, contents[COUNTRY_PAIRS], (column, ratio))
        countries = _ratios(rows, column, "country codes", listed.get)
    if airports or countries:
        out.pairs = Pairs(airports, countries)
    if FUEL in contents:
        rows = _rows(FUEL, contents[FUEL], ("icao", "nm", "lto_kg", "ccd_kg"))
        out.fuel = _fuel(rows, base)
    if SEATS in contents:
        rows = _rows(SEATS, contents[SEATS], ("aircraft", "F", "J", "W", "Y"))
        out.seats = _seat_maps(rows, base)
    return out


def load(folder: Path, base: str | None = None) -> OperatorDataset:
    """Return an operator's folder as a data set, known to this process by its id.

    Parameters
    ----------
    folder : Path
        Where the files lie.
    base : str, optional
        Id of the shipped data set below; the latest when absent.

    Raises
    ------
    InvalidOperatorData
        Names file, row, column, what must stand there, and what does.
    UnknownDataset
        When the base does not exist.
    """
    under = dataset(base)
    contents = _contents(folder)
    made = OperatorDataset(under, _digest(contents), tuple(contents), _read(contents, under))
    return register(made)
