"""What does ``calculators flights`` do with a file of flights, and what does it say about it?

Exit status 0 when the file was answered, also with faulty rows; 2 when it cannot be used; with
``--verify`` 0 when everything is the same and 1 when not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from calculators.cli.commands import add, print_json, print_lines
from calculators.cli.operator import add_operator_data, dataset_id
from calculators.errors import FilesNeeded, UnknownOption
from calculators.flight.files.conversion import Done, convert, verify
from calculators.flight.files.dates import ORDERS
from calculators.flight.files.headings import COLUMNS
from calculators.flight.files.manifest import Options
from calculators.flight.files.numbers import DECIMALS
from calculators.flight.files.tables import Reading
from calculators.flight.methods import DEFAULT

if TYPE_CHECKING:
    from calculators.cli.commands import Commands
    from calculators.flight.files.conversion import Check, Progress
    from calculators.flight.files.summary import Line

DIFFERENT: Final = 1
"""Exit status of a verification that found a difference."""

STANDARD: Final = "-"
"""Stands for standard input or output, as a text."""

_EPILOG: Final = """\
IN and OUT are CSV (any delimiter), .xlsx or .parquet by the ending of their names; - is standard
input or output. Columns, in English, French or Spanish, in any order: origin, destination,
distance_km, via, routing, date, cabin, class, aircraft, travellers, return, trip. A route or a
distance is needed, everything else comes back untouched.
"""


def _columns(pairs: list[str]) -> dict[str, str]:
    """Return headings by column from words such as origin=From where."""
    found = {}
    for pair in pairs:
        column, _, heading = pair.partition("=")
        if column not in COLUMNS or not heading:
            raise UnknownOption({"name": "--column", "given": pair}, COLUMNS)
        found[column] = heading
    return found


def _options(arguments: argparse.Namespace) -> Options:
    reading = Reading(
        arguments.delimiter,
        arguments.encoding,
        arguments.decimal,
        arguments.dates,
        _columns(arguments.column),
        arguments.sheet,
    )
    return Options(
        tuple(arguments.method or [DEFAULT]), reading, dataset_id(arguments, arguments.dataset)
    )


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show the rows done so far on a terminal, and nothing elsewhere."""
    shown = sys.stderr.isatty()

    def tell(rows: int) -> None:
        if shown:
            print(f"\r{rows:,} rows", end="", file=sys.stderr, flush=True)  # noqa: T201 - a command prints

    try:
        yield tell
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201 - a command prints


@contextmanager
def _paths(source: str, target: str) -> Iterator[tuple[Path, Path]]:
    """Give standard input and output a name for as long as they are worked on."""
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(source), Path(target)
        if source == STANDARD:
            paths = Path(folder, "stdin.csv"), paths[1]
            with paths[0].open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        if target == STANDARD:
            paths = paths[0], Path(folder, "stdout.csv")
        yield paths
        if target == STANDARD:
            with paths[1].open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)


def _said(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a person should know of a conversion."""
    found, counts = told["detected"], told["counts"]
    columns = ", ".join(f"{column} = {heading!r}" for column, heading in found["columns"].items())
    yield f"columns: {columns}"
    if found["not_used"]:
        yield "not used: " + ", ".join(map(repr, found["not_used"]))
    if "return" in found["columns"]:
        yield f"a yes in {found['columns']['return']!r} adds the way back"
    names = {"encoding", "delimiter", "decimal", "dates", "heading_row", "sheet"} & found.keys()
    yield "read as: " + ", ".join(f"{name} {found[name]!r}" for name in sorted(names))
    if found.get("bytes_not_of_the_encoding"):
        yield "some bytes are not of this encoding; they come back as they were"
    yield (
        f"{counts['rows']:,} rows, {counts['answers']:,} answers, {counts['faults']:,} faults,"
        f" {counts['duplicates']:,} duplicates"
        + (f", {counts['empty']:,} empty" if counts["empty"] else "")
    )


def _kg(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"


def _table(by: str, lines: list[Line]) -> list[str]:
    width = max([len(by), *(len(line.value) for line in lines)])
    head = f"{by:{width}}  {'method':16}{'rows':>9}{'faults':>8}{'kg CO2e':>16}  9 in 10"
    rows = [
        f"{line.value:{width}}  {line.method:16}{line.rows:>9,}{line.faults:>8,}"
        f"{_kg(line.co2e_kg):>16}  {_kg(line.low_kg)} to {_kg(line.high_kg)}"
        for line in lines
    ]
    return [head, *rows]


def _verify(arguments: argparse.Namespace) -> int:
    dataset_id(arguments, arguments.dataset)  # a manifest names an operator's data, not its folder
    source = Path(arguments.source) if arguments.source else None
    target = Path(arguments.target) if arguments.target else None
    with _progress() as progress:
        checks = verify(Path(arguments.verify), source, target, progress)
    if arguments.json:
        print_json({check.what: check.same for check in checks})
    else:
        print_lines([f"{_word(check):10}{check.what}" for check in checks])
    return 0 if all(check.same or not check.matters for check in checks) else DIFFERENT


def _word(check: Check) -> str:
    return "same" if check.same else "DIFFERENT" if check.matters else "other"


def _report(arguments: argparse.Namespace, done: Done) -> None:
    for line in _said(done.manifest):
        print(f"calculators: {line}", file=sys.stderr)  # noqa: T201 - a command prints
    if arguments.target == STANDARD:
        return
    if done.summary is not None:
        lines = done.summary.lines()
        if arguments.json:
            print_json([line.as_json() for line in lines])
        else:
            print_lines(_table(arguments.by, lines))
    elif arguments.json:
        print_json(done.manifest)


def _flights(arguments: argparse.Namespace) -> int:
    if arguments.verify:
        return _verify(arguments)
    if not arguments.source or not arguments.target:
        raise FilesNeeded
    if arguments.summary != bool(arguments.by):
        raise UnknownOption({"name": "--summary --by COLUMN", "given": arguments.by or ""})
    with _paths(arguments.source, arguments.target) as paths, _progress() as progress:
        keeps = arguments.source != STANDARD
        done = convert(*paths, _options(arguments), by=arguments.by, progress=progress, keeps=keeps)
    _report(arguments, done)
    return 0


def register(commands: Commands) -> None:
    """Add flights."""
    flights = add(commands, "flights", _flights, "estimate the flights of a file, row by row")
    flights.epilog = _EPILOG
    flights.add_argument("source", nargs="?", metavar="IN", help="the file; - for standard input")
    flights.add_argument("target", nargs="?", metavar="OUT", help="its answer; - for output")
    flights.add_argument(
        "--method", action="append", metavar="ID", help="may be repeated; or by-date"
    )
    flights.add_argument("--summary", action="store_true", help="totals, with --by")
    flights.add_argument("--by", metavar="COLUMN", help="column to add up by")
    flights.add_argument("--verify", metavar="MANIFEST", help="make an answer again and compare")
    flights.add_argument("--dataset", metavar="ID", help="a data set of an earlier release")
    add_operator_data(flights)
    flights.add_argument(
        "--column", action="append", default=[], metavar="COLUMN=HEADING", help="name a column"
    )
    flights.add_argument("--delimiter", metavar="CHARACTER", help="as it is, or tab")
    flights.add_argument("--encoding", metavar="NAME", help="utf-8, utf-16, cp1252 or latin-1")
    flights.add_argument("--decimal", choices=DECIMALS, help="decimal mark")
    flights.add_argument("--dates", choices=ORDERS, help="order of day, month and year")
    flights.add_argument("--sheet", metavar="NAME", help="sheet of a workbook")
