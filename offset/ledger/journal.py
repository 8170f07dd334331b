"""How does an entry get into the books? Exactly once, balanced, sealed, or not at all."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Insert, bindparam, exists, insert, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from offset.clock import milliseconds
from offset.database.types import uuid7
from offset.errors import LedgerRefused
from offset.ledger import known, leaves
from offset.ledger.entries import Draft, Line
from offset.ledger.guards import refusals
from offset.ledger.models import ENTRY, ENTRY_SEAL, POSTING

_FEWEST_LINES = 2
# Sums of many such lines still fit the eight bytes of a column.
_MOST: Final = 10**14


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that stands in the books; ``fresh`` says whether this call wrote it."""

    entry_id: uuid.UUID
    fresh: bool
    leaf_hash: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class _Standing:
    """The entry that the books have under a key."""

    entry_id: uuid.UUID
    idem_hash: bytes
    leaf_hash: bytes
    salt: bytes


def post(
    session: Session,
    draft: Draft,
    *,
    at: datetime,
    actor_id: uuid.UUID | None = None,
    before_postings: Callable[[uuid.UUID], None] | None = None,
) -> Posted:
    """Write an entry with its postings and its seal, or return the one its key already names.

    ``before_postings`` is called with the entry's id between the entry and its postings, for
    rows that a guard on the postings looks for.

    Raises
    ------
    LedgerRefused
        ``key_reused`` when the key names an entry of other content; ``too_few_postings``,
        ``amount_zero``, ``posting_too_large``, ``key_unusable``, ``unbalanced``,
        ``account_unknown``, ``account_closed``,
        ``currency_mixed``, ``period_locked``, ``floor_breached``, ``already_reversed``,
        ``not_a_mirror`` and what other guards on the books say.
    """
    at = milliseconds(at)
    fact = _fact(draft, uuid7(at), at)
    wanted = leaves.key_hash(fact)
    connection = session.connection()
    _check(draft)
    known.open_month(session, draft.effective_on)
    accounts = known.accounts(session, _currencies(draft), at=at, on=draft.effective_on)
    once = _ENTRY_ONCE[connection.dialect.name]
    with refusals(), known.forgotten(session):
        written = connection.execute(once, _entry(draft, fact, wanted, at, actor_id))
    if not written.rowcount:
        found = _standing_many(connection, [draft.idem_key])
        return _again(draft, wanted, found.get(draft.idem_key))
    if before_postings is not None:
        before_postings(fact.id)
        session.flush()
    salt = leaves.new_salt()
    leaf_hash = leaves.leaf(leaves.entry_content(fact, salt))
    with refusals(), known.forgotten(session):
        connection.execute(_POSTINGS, _postings(draft.lines, fact.id, accounts))
        connection.execute(_SEAL, _seal(fact.id, leaf_hash, salt))
    return Posted(fact.id, fresh=True, leaf_hash=leaf_hash, salt=salt)


def post_many(
    session: Session,
    drafts: Sequence[Draft],
    *,
    at: datetime,
    actor_id: uuid.UUID | None = None,
) -> tuple[Posted, ...]:
    """Write many entries in one transaction, a few statements for all of them.

    Each entry is checked and sealed as `post` does; a draft whose key the books know already, or
    that stands twice in the list, is returned as the first one. For what comes in batches: a
    settlement, a day of balance transactions that no notice told.

    Raises
    ------
    LedgerRefused
        As `post`; nothing of the batch is written then.
    """
    at = milliseconds(at)
    connection = session.connection()
    first = {draft.idem_key: draft for draft in reversed(drafts)}
    facts = {key: _fact(first[key], uuid7(at), at) for key in reversed(first)}
    before = _standing_many(connection, facts)
    fresh = {draft.idem_key: draft for draft in reversed(drafts) if draft.idem_key not in before}
    _write_many(session, fresh, facts, at, actor_id)
    after = _standing_many(connection, facts)
    return tuple(
        replace(
            _again(draft, leaves.key_hash(_fact(draft, facts[draft.idem_key].id, at)), found),
            fresh=draft is fresh.get(draft.idem_key) and found.entry_id == facts[draft.idem_key].id,
        )
        for draft in drafts
        for found in [after[draft.idem_key]]
    )


def _write_many(
    session: Session,
    fresh: Mapping[str, Draft],
    facts: Mapping[str, leaves.EntryFact],
    at: datetime,
    actor_id: uuid.UUID | None,
) -> None:
    """Write the entries that the books do not know, all of one kind of row at once."""
    if not fresh:
        return
    for draft in fresh.values():
        _check(draft)
    for first in sorted({draft.effective_on.replace(day=1) for draft in fresh.values()}):
        known.open_month(session, first)
    wanted: dict[str, str] = {}
    for draft in fresh.values():
        wanted |= _currencies(draft)
    on = min(draft.effective_on for draft in fresh.values())
    accounts = known.accounts(session, wanted, at=at, on=on)
    for draft in fresh.values():
        _same_currencies(draft, wanted)
    connection = session.connection()
    entries, postings, seals = [], [], []
    for key, draft in fresh.items():
        fact, salt = facts[key], leaves.new_salt()
        entries.append(_entry(draft, fact, leaves.key_hash(fact), at, actor_id))
        postings.extend(_postings(draft.lines, fact.id, accounts))
        seals.append(_seal(fact.id, leaves.leaf(leaves.entry_content(fact, salt)), salt))
    with refusals(), known.forgotten(session):
        connection.execute(_ENTRY, entries)
        connection.execute(_POSTINGS, postings)
        connection.execute(_SEAL, seals)


_TWIN: Final = ENTRY.alias()
# Built once: making a statement anew costs more than saying it.
_ENTRY: Final = insert(ENTRY)
_COLUMNS: Final = [column.name for column in ENTRY.columns]
_NEW: Final = select(
    *(bindparam(column.name, type_=column.type) for column in ENTRY.columns)
).where(~exists(select(literal_column("1")).where(_TWIN.c.idem_key == bindparam("idem_key"))))
# Nothing is written, and no guard asked, where the key is known; what another writer commits
# meanwhile stays.
_ENTRY_ONCE: Final[Mapping[str, Insert]] = {
    "sqlite": insert(ENTRY).from_select(_COLUMNS, _NEW).execution_options(preserve_rowcount=True),
    "postgresql": postgresql.insert(ENTRY)
    .from_select(_COLUMNS, _NEW)
    .on_conflict_do_nothing(index_elements=["idem_key"])
    .execution_options(preserve_rowcount=True),
}
_POSTINGS: Final = insert(POSTING)
_SEAL: Final = insert(ENTRY_SEAL)
_STANDING_MANY: Final = (
    select(ENTRY.c.idem_key, ENTRY.c.id, ENTRY.c.idem_hash, ENTRY_SEAL.c.hash, ENTRY_SEAL.c.salt)
    .join(ENTRY_SEAL, ENTRY_SEAL.c.entry_id == ENTRY.c.id)
    .where(ENTRY.c.idem_key.in_(bindparam("keys", expanding=True)))
)
# SQLite takes 32,766 values a statement; PostgreSQL twice as many.
_KEYS_AT_ONCE: Final = 10_000


def _standing_many(connection: Connection, keys: Collection[str]) -> dict[str, _Standing]:
    found: dict[str, _Standing] = {}
    waiting = list(keys)
    for start in range(0, len(waiting), _KEYS_AT_ONCE):
        part = waiting[start : start + _KEYS_AT_ONCE]
        for key, *told in connection.execute(_STANDING_MANY, {"keys": part}):
            found[key] = _Standing(*told)
    return found


def _entry(
    draft: Draft,
    fact: leaves.EntryFact,
    idem_hash: bytes,
    at: datetime,
    actor_id: uuid.UUID | None,
) -> dict[str, Any]:
    return {
        "id": fact.id,
        "idem_key": draft.idem_key,
        "idem_hash": idem_hash,
        "kind": draft.kind,
        "effective_on": draft.effective_on,
        "recorded_at": at,
        "actor_id": actor_id,
        "memo": draft.memo,
        "reverses_id": draft.reverses_id,
        "source_type": draft.source_type,
        "source_id": draft.source_id,
    }


def _seal(entry_id: uuid.UUID, leaf_hash: bytes, salt: bytes) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "hash": leaf_hash,
        "salt": salt,
        "canon_version": leaves.VERSION,
    }


def _again(draft: Draft, wanted: bytes, standing: _Standing | None) -> Posted:
    if standing is None or standing.idem_hash != wanted:
        raise LedgerRefused("key_reused", key=draft.idem_key)
    return Posted(standing.entry_id, fresh=False, leaf_hash=standing.leaf_hash, salt=standing.salt)


def _check(draft: Draft) -> None:
    """Refuse early, in our words, what the database would refuse anyway."""
    if len(draft.lines) < _FEWEST_LINES:
        raise LedgerRefused("too_few_postings", key=draft.idem_key)
    if not draft.idem_key or "\0" in draft.idem_key:
        raise LedgerRefused("key_unusable", key=draft.idem_key[:40])
    sums: dict[str, int] = {}
    for line in draft.lines:
        if not line.amount:
            raise LedgerRefused("amount_zero", account=line.account)
        if abs(line.amount.minor) > _MOST:
            raise LedgerRefused("posting_too_large", account=line.account)
        sums[line.amount.currency] = sums.get(line.amount.currency, 0) + line.amount.minor
    if any(sums.values()):
        raise LedgerRefused("unbalanced", key=draft.idem_key)


def _currencies(draft: Draft) -> dict[str, str]:
    wanted = {line.account: line.amount.currency for line in draft.lines}
    _same_currencies(draft, wanted)
    return wanted


def _same_currencies(draft: Draft, wanted: Mapping[str, str]) -> None:
    for line in draft.lines:
        if wanted[line.account] != line.amount.currency:
            raise LedgerRefused(
                "currency_mixed", account=line.account, currency=line.amount.currency
            )


def _postings(
    lines: Sequence[Line], entry_id: uuid.UUID, accounts: Mapping[str, uuid.UUID]
) -> list[dict[str, Any]]:
    return [
        {
            "entry_id": entry_id,
            "line": number,
            "account_id": accounts[line.account],
            "currency": line.amount.currency,
            "amount": line.amount.minor,
        }
        for number, line in enumerate(lines, start=1)
    ]


def _fact(draft: Draft, entry_id: uuid.UUID, at: datetime) -> leaves.EntryFact:
    return leaves.EntryFact(
        id=entry_id,
        kind=draft.kind,
        idem_key=draft.idem_key,
        effective_on=draft.effective_on,
        recorded_at=at,
        reverses_id=draft.reverses_id,
        source_type=draft.source_type,
        source_id=draft.source_id,
        postings=[
            (number, line.account, line.amount.currency, line.amount.minor)
            for number, line in enumerate(draft.lines, start=1)
        ],
    )
