"""How does an entry get into the books? Exactly once, balanced, sealed, or not at all."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from offset.clock import milliseconds
from offset.database.types import uuid7
from offset.errors import LedgerRefused
from offset.ledger import chart, leaves, periods
from offset.ledger.entries import Draft, Line
from offset.ledger.guards import refusals
from offset.ledger.models import ENTRY, ENTRY_SEAL, POSTING, Account, Entry, EntrySeal, Period
from offset.ledger.writes import many_writers

_FEWEST_LINES = 2


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that stands in the books; ``fresh`` says whether this call wrote it."""

    entry_id: uuid.UUID
    fresh: bool
    leaf_hash: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the books already know: the month's state and the entry with the same key."""

    period: str | None
    entry_id: uuid.UUID | None
    idem_hash: bytes | None
    leaf_hash: bytes | None
    salt: bytes | None


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
        ``amount_zero``, ``unbalanced``, ``account_unknown``, ``account_closed``,
        ``currency_mixed``, ``period_locked``, ``floor_breached``, ``already_reversed``,
        ``not_a_mirror`` and what other guards on the books say.
    """
    at = milliseconds(at)
    fact = _fact(draft, uuid7(at), at)
    wanted = leaves.key_hash(fact)
    standing = _standing(session, draft)
    if standing.entry_id is not None:
        return _again(draft, wanted, standing)
    _check(draft)
    if standing.period is None:
        periods.open_month(session, draft.effective_on)
    accounts = _accounts(session, draft, at)
    row = {
        "id": fact.id,
        "idem_key": draft.idem_key,
        "idem_hash": wanted,
        "kind": draft.kind,
        "effective_on": draft.effective_on,
        "recorded_at": at,
        "actor_id": actor_id,
        "memo": draft.memo,
        "reverses_id": draft.reverses_id,
        "source_type": draft.source_type,
        "source_id": draft.source_id,
    }
    with refusals():
        if not _insert_entry(session, row):
            # Another writer committed the same key after we looked.
            return _again(draft, wanted, _standing(session, draft))
    if before_postings is not None:
        before_postings(fact.id)
        session.flush()
    salt = leaves.new_salt()
    leaf_hash = leaves.leaf(leaves.entry_content(fact, salt))
    with refusals():
        session.execute(insert(POSTING), _postings(draft.lines, fact.id, accounts))
        session.execute(
            insert(ENTRY_SEAL),
            {
                "entry_id": fact.id,
                "hash": leaf_hash,
                "salt": salt,
                "canon_version": leaves.VERSION,
            },
        )
    return Posted(fact.id, fresh=True, leaf_hash=leaf_hash, salt=salt)


def _standing(session: Session, draft: Draft) -> _Standing:
    first = date(draft.effective_on.year, draft.effective_on.month, 1)
    period = select(Period.status).where(Period.starts_on == first).scalar_subquery()
    known = (
        select(Entry.id, Entry.idem_hash, EntrySeal.hash, EntrySeal.salt)
        .join(EntrySeal, EntrySeal.entry_id == Entry.id)
        .where(Entry.idem_key == draft.idem_key)
        .subquery()
    )
    here = select(period.label("status")).subquery()
    row = session.execute(
        select(here.c.status, *known.c).select_from(here.outerjoin(known, known.c.id.is_not(None)))
    ).one()
    return _Standing(*row)


def _again(draft: Draft, wanted: bytes, standing: _Standing) -> Posted:
    if (
        standing.idem_hash != wanted
        or standing.entry_id is None
        or standing.leaf_hash is None
        or standing.salt is None
    ):
        raise LedgerRefused("key_reused", key=draft.idem_key)
    return Posted(standing.entry_id, fresh=False, leaf_hash=standing.leaf_hash, salt=standing.salt)


def _check(draft: Draft) -> None:
    """Refuse early, in our words, what the database would refuse anyway."""
    if len(draft.lines) < _FEWEST_LINES:
        raise LedgerRefused("too_few_postings", key=draft.idem_key)
    sums: dict[str, int] = {}
    for line in draft.lines:
        if not line.amount:
            raise LedgerRefused("amount_zero", account=line.account)
        sums[line.amount.currency] = sums.get(line.amount.currency, 0) + line.amount.minor
    if any(sums.values()):
        raise LedgerRefused("unbalanced", key=draft.idem_key)


def _accounts(session: Session, draft: Draft, at: datetime) -> dict[str, uuid.UUID]:
    """Find the accounts of a draft; open the standing ones that are needed for the first time."""
    wanted = {line.account: line.amount.currency for line in draft.lines}
    found = _found(session, wanted)
    missing = wanted.keys() - found.keys()
    if missing:
        for code in sorted(missing):
            if not chart.place(code).standing:
                raise LedgerRefused("account_unknown", account=code)
        chart.open_missing(
            session,
            [(code, wanted[code], None) for code in missing],
            at=at,
            on=draft.effective_on,
        )
        found = _found(session, wanted)
    for line in draft.lines:
        if found[line.account][1] != line.amount.currency:
            raise LedgerRefused(
                "currency_mixed", account=line.account, currency=line.amount.currency
            )
    return {code: account_id for code, (account_id, _currency) in found.items()}


def _found(session: Session, wanted: dict[str, str]) -> dict[str, tuple[uuid.UUID, str]]:
    rows = session.execute(
        select(Account.code, Account.id, Account.currency).where(Account.code.in_(wanted))
    )
    return {code: (account_id, currency) for code, account_id, currency in rows}


def _insert_entry(session: Session, row: dict[str, Any]) -> bool:
    """Insert the entry row; False when another writer has the key.

    On SQLite there is one writer, and the key was looked up inside its transaction.
    """
    if not many_writers(session):
        session.execute(insert(ENTRY), row)
        return True
    statement = (
        postgresql.insert(ENTRY)
        .on_conflict_do_nothing(index_elements=["idem_key"])
        .returning(ENTRY.c.id)
    )
    return session.execute(statement, row).first() is not None


def _postings(
    lines: Sequence[Line], entry_id: uuid.UUID, accounts: dict[str, uuid.UUID]
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
