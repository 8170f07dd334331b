"""What does ``calculators replay`` say of a stored answer?

Exit status 0 when the same question gives the same answer, 1 when anything stored differs, 2 when
the file is no such answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from calculators.cli.commands import add, print_json, print_lines
from calculators.cli.operator import add_operator_data, dataset_id
from calculators.errors import UnreadableFile
from calculators.flight.itinerary import differences

if TYPE_CHECKING:
    import argparse

    from calculators.cli.commands import Commands

DIFFERENT: Final = 1
"""Exit status of an answer that does not come again."""


def _read(path: Path) -> dict[str, object]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UnreadableFile({"path": str(path), "reason": fault.strerror or str(fault)}) from fault
    except ValueError as fault:
        raise UnreadableFile({"path": str(path), "reason": "it is not JSON"}) from fault
    if not isinstance(stored, dict):
        raise UnreadableFile({"path": str(path), "reason": "it is not a stored answer"})
    return stored


def _replay(arguments: argparse.Namespace) -> int:
    dataset_id(arguments)  # a stored answer names an operator's data, not its folder
    stored = _read(arguments.file)
    try:
        found = differences(stored)
    except (KeyError, TypeError) as fault:
        reason = "it is not a stored answer"
        raise UnreadableFile({"path": str(arguments.file), "reason": reason}) from fault
    if arguments.json:
        print_json({"same": not found, "differences": list(found)})
    else:
        print_lines(["different", *(f"  {one}" for one in found)] if found else ["same"])
    return DIFFERENT if found else 0


def register(commands: Commands) -> None:
    """Add replay."""
    asked = add(commands, "replay", _replay, "ask a stored answer's question again and compare")
    asked.add_argument("file", type=Path, metavar="FILE", help="JSON of flight or of the site")
    add_operator_data(asked)
