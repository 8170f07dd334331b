"""Which triggers must a database at head have, word for word, and which does it have?

The DDL of every guard lives in the migrations. ``triggers.json`` records each trigger of each
engine with its table and the digest of its definition; a test compares it with freshly migrated
databases. What is missing, was changed, was turned off or was added by somebody is a fault.
"""

import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger: the table it stands on and the digest of its definition."""

    table: str
    digest: str


@cache
def recorded(engine: str) -> Mapping[str, Trigger]:
    """Return every trigger that migrations leave behind at head, by name."""
    kept = importlib.resources.files("offset.database").joinpath("triggers.json")
    told = json.loads(kept.read_text(encoding="utf-8"))
    return {name: Trigger(*found) for name, found in told[engine].items()}


def installed(session: Session) -> Mapping[str, Trigger]:
    """Read every trigger that the database has, by name."""
    rows = session.execute(text(_INSTALLED[session.get_bind().dialect.name]))
    return {name: Trigger(table, digest(definition)) for name, table, definition in rows}


def digest(definition: str) -> str:
    """Hash a definition with its white space evened out."""
    return hashlib.sha256(" ".join(definition.split()).encode()).hexdigest()[:32]


def faults(session: Session) -> tuple[str, ...]:
    """Name every trigger that is missing, was changed, was added or is turned off."""
    engine = session.get_bind().dialect.name
    wanted, present = recorded(engine), installed(session)
    said = [
        f"guard {name} on {due.table} {'was changed' if name in present else 'is missing'}"
        for name, due in wanted.items()
        if present.get(name) != due
    ]
    said.extend(
        f"trigger {name} on {found.table} is none of ours"
        for name, found in present.items()
        if name not in wanted
    )
    if engine == "postgresql":
        said.extend(
            f"a constraint of {table} is turned off" for table in session.scalars(text(_OFF))
        )
    return tuple(said)


_INSTALLED: Final = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    # A disabled trigger reads differently, so that it counts as changed.
    "postgresql": (
        "SELECT t.tgname, c.relname, concat_ws(E'\\n', pg_get_triggerdef(t.oid, true),"
        " t.tgenabled, p.prosrc, array_to_string(p.proconfig, ',')) FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal ORDER BY t.tgname"
    ),
}
# The server's own triggers hold the foreign keys; ALTER TABLE … DISABLE TRIGGER ALL stops them.
_OFF: Final = (
    "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE t.tgisinternal AND t.tgenabled <> 'O' ORDER BY 1"
)
