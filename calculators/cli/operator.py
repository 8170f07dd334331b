"""Which data set does a command compute from, and do an operator's own files hold?

``--operator-data FOLDER`` puts a folder of own figures over the data set;
``calculators operator-data FOLDER`` says what was read in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from calculators.cli.commands import add, print_json, print_lines
from calculators.flight import operator_data

if TYPE_CHECKING:
    import argparse

    from calculators.cli.commands import Commands, Parser


def add_operator_data(parser: Parser) -> None:
    """Add the option that names a folder of own figures."""
    parser.add_argument(
        "--operator-data",
        type=Path,
        metavar="FOLDER",
        help="own distance factors, fuel table or seat maps, over the data set",
    )


def dataset_id(arguments: argparse.Namespace, base: str | None = None) -> str | None:
    """Return the id of the data set that was asked for, an operator's files over it.

    Raises
    ------
    InvalidOperatorData
        Names file, row, column and value.
    """
    folder = arguments.operator_data
    return base if folder is None else operator_data.load(folder, base).id


def _told(arguments: argparse.Namespace) -> None:
    read = operator_data.load(arguments.folder, arguments.dataset).as_json()
    if arguments.json:
        print_json(read)
    else:
        print_lines([f"{name}: {value}" for name, value in read.items()])


def register(commands: Commands) -> None:
    """Add operator-data."""
    told = add(commands, "operator-data", _told, "check a folder of own figures")
    told.add_argument("folder", type=Path, help="where the files lie")
    told.add_argument("--dataset", metavar="ID", help="the data set below; the latest when absent")
