"""Which commands are there, and with which status does the program end?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from calculators.cli import flight, flights, operator, replay, soil, why
from calculators.cli.commands import FAULT, Parser
from calculators.errors import CalculatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOMS: Final = (flight, flights, why, replay, operator, soil)
"""Files of commands, each with ``register(commands)``, in the order of the help."""


def _parser() -> Parser:
    what = "Estimate what flights emit and what soils hold."
    parser = Parser(prog="calculators", description=what)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for room in ROOMS:
        room.register(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after the program's name; those of the process when absent.

    Returns
    -------
    int
        That of the command, mostly 0; 2 after one line on standard error.
    """
    arguments = _parser().parse_args(argv)
    try:
        status: int | None = arguments.run(arguments)
        sys.stdout.flush()
    except CalculatorError as fault:
        print(f"calculators: {fault}", file=sys.stderr)  # noqa: T201 - a command prints
        return FAULT
    except BrokenPipeError:
        # Who reads has had enough; what is left in the buffer must not fail at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    return status or 0
