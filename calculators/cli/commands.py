"""How does a command join the command line, and how does it print?

Exit status 0 when the question is answered, 2 and one line on standard error when it cannot be.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    # The table of commands that each room adds to; argparse has no public name for it.
    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - as above

FAULT: Final = 2
"""Exit status of a question that cannot be answered."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """End with one line on standard error."""
        self.exit(FAULT, f"{self.prog}: {message}\n")


def add(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    what: str,
) -> Parser:
    """Add a command with the option ``--json`` and return its parser.

    Parameters
    ----------
    commands : Commands
        The table that :mod:`calculators.cli.main` hands to each ``register``.
    name, what : str
        The word and what it does.
    run : callable
        Gets the parsed words; its value is the exit status, None for 0.
    """
    made = commands.add_parser(name, help=what, description=what)
    made.set_defaults(run=run)
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def print_json(value: object) -> None:
    """Print plain values as JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(text.encode("utf-8", "backslashreplace").decode())  # noqa: T201 - a command prints


def print_lines(lines: Sequence[str]) -> None:
    """Print lines for a person."""
    print("\n".join(lines))  # noqa: T201 - a command prints
