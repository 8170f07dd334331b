"""What does a fault of the database mean for whoever set it up? One line, where it is theirs."""

from typing import Final

from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

_NO_TABLE: Final = "42P01"
_NO_RIGHT: Final = "42501"
_TOLD: Final = 200
_OF_THE_FILE: Final = (
    "unable to open",
    "not a database",
    "disk is full",
    "disk I/O",
    "readonly",
    "malformed",
)


def line_of(fault: BaseException) -> str | None:
    """Say in one line what is wrong with the place or the rights; None for any other fault."""
    if isinstance(fault, ArgumentError):
        return "OFFSET_DATABASE_URL cannot be read as an address"
    if not isinstance(fault, DBAPIError) or fault.orig is None:
        return None
    said = (str(fault.orig).strip().splitlines() or [type(fault.orig).__name__])[0][:_TOLD]
    state = getattr(fault.orig, "sqlstate", None)
    if state == _NO_TABLE or said.startswith("no such table"):
        return f"the tables are not there ({said}): run offset init --mode rehearsal|live"
    if state == _NO_RIGHT:
        return f"the role of OFFSET_DATABASE_URL lacks a right ({said}): run offset db grant"
    if isinstance(fault, OperationalError | ProgrammingError) and _is_of_the_place(said, state):
        return f"OFFSET_DATABASE_URL: the database does not answer: {said}"
    return None


def _is_of_the_place(said: str, state: str | None) -> bool:
    """Tell a place that cannot be reached from a statement that is wrong."""
    if state is not None:
        # 08: connection, 28: who are you, 3D: no such database, 53: no room, 57P: shutting down
        return state[:2] in {"08", "28", "3D", "53"} or state.startswith("57P")
    words = (
        "unable to open",
        "not a database",
        "disk is full",
        "disk I/O",
        "readonly",
        "malformed",
    )
    return any(word in said for word in words) or "connect" in said
