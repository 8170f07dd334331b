"""Which rules does the database itself hold, and in which words does it refuse?

The DDL of every guard lives in the ledger's migration, since a migration never imports the
application. This table names each guard, says what it refuses and records the digest of its
definition on each engine; `offset ledger verify` compares them with what the database has.

A guard refuses with the message ``ledger: <code>``; `refusals` turns that into `LedgerRefused`.
Guards of other rooms that speak the same way are translated too.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from offset.errors import LedgerRefused

_SPOKEN: Final = re.compile(r"\bledger: (\w+)")

# Constraints that refuse by their own name, and the word of the domain for each.
CONSTRAINTS: Final[Mapping[str, str]] = {
    "ck_posting_amount_not_zero": "amount_zero",
    "ck_entry_reversal_names_entry": "reversal_unnamed",
    "uq_entry_idem_key": "key_reused",
    "uq_entry_reverses_id": "already_reversed",
    "fk_posting_account_id_account": "currency_mixed",
    "fk_account_currency_currency": "currency_unknown",
    "fk_entry_id_entry_seal": "entry_unsealed",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger: where it stands, what it refuses, and what its definition must read as.

    ``digests`` holds the digest of the definition on each engine that has this guard.
    """

    name: str
    table: str
    refuses: str
    codes: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)


def refusal_of(fault: DBAPIError) -> LedgerRefused | None:
    """Read a guard's or a constraint's refusal out of a database error, if it is one."""
    said = str(fault.orig)
    spoken = _SPOKEN.search(said)
    if spoken:
        return LedgerRefused(spoken[1])
    for name, code in CONSTRAINTS.items():
        if name in said:
            return LedgerRefused(code)
    return None


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a guard refuses into a refusal of the domain.

    Raises
    ------
    LedgerRefused
        With the guard's code; any other database error passes unchanged.
    """
    try:
        yield
    except DBAPIError as fault:
        refusal = refusal_of(fault)
        if refusal is None:
            raise
        raise refusal from fault


def digest(definition: str) -> str:
    """Hash a definition with its white space evened out."""
    return hashlib.sha256(" ".join(definition.split()).encode()).hexdigest()[:32]


def installed(session: Session) -> dict[str, str]:
    """Read the digest of every trigger that the database has, by name."""
    engine = session.get_bind().dialect.name
    rows = session.execute(text(_INSTALLED[engine])).all()
    return {name: digest(definition) for name, definition in rows}


def faults(session: Session, guards: Iterable[Guard]) -> tuple[str, ...]:
    """Name every guard that is missing or was changed."""
    engine = session.get_bind().dialect.name
    present = installed(session)
    found = []
    for guard in guards:
        wanted = guard.digests.get(engine)
        if wanted is None:
            continue
        if guard.name not in present:
            found.append(f"guard {guard.name} on {guard.table} is missing")
        elif present[guard.name] != wanted:
            found.append(f"guard {guard.name} on {guard.table} was changed")
    return tuple(found)


_INSTALLED: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    # A disabled trigger reads differently, so that it counts as changed.
    "postgresql": (
        "SELECT t.tgname, concat_ws(E'\\n', pg_get_triggerdef(t.oid, true), t.tgenabled,"
        " p.prosrc, array_to_string(p.proconfig, ',')) FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
    ),
}
