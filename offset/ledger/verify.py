"""Do the books still say what they said, and does the database still guard them?

Everything that is derived is computed again from the postings: sums, hashes, roots, closing
balances. A fault names its row. The reading is one snapshot, streamed, so that books of any
length can be checked while donors give.
"""

import contextlib
import itertools
import operator
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import CursorResult, Select, func, select, text
from sqlalchemy.orm import Session, aliased

from offset.database import triggers
from offset.database.session import Database
from offset.ledger import chart, leaves
from offset.ledger.checkpoints import ENTRY_KIND
from offset.ledger.merkle import Frontier
from offset.ledger.models import (
    ENTRY,
    ENTRY_SEAL,
    POSTING,
    Account,
    Checkpoint,
    CheckpointLeaf,
    Entry,
    EntrySeal,
    Floor,
    Period,
    PeriodBalance,
    PeriodClosing,
    PeriodStatus,
    Posting,
    SealedFact,
)

_BATCH: Final = 1_000
_FEWEST_LINES: Final = 2
_Accounts = Mapping[uuid.UUID, tuple[Any, str | None]]
_NOWHERE: Final = (None, None)

_HEADS: Final = (
    select(
        ENTRY.c.id,
        ENTRY.c.kind,
        ENTRY.c.idem_key,
        ENTRY.c.effective_on,
        ENTRY.c.recorded_at,
        ENTRY.c.reverses_id,
        ENTRY.c.source_type,
        ENTRY.c.source_id,
        ENTRY.c.idem_hash,
        ENTRY_SEAL.c.hash,
        ENTRY_SEAL.c.salt,
        ENTRY_SEAL.c.canon_version,
    )
    .outerjoin(ENTRY_SEAL, ENTRY_SEAL.c.entry_id == ENTRY.c.id)
    .order_by(ENTRY.c.id)
)
_POSTINGS: Final = select(
    POSTING.c.entry_id,
    POSTING.c.line,
    POSTING.c.account_id,
    POSTING.c.currency,
    POSTING.c.amount,
).order_by(POSTING.c.entry_id, POSTING.c.line)


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and every fault that was found."""

    faults: tuple[str, ...]
    entries: int
    postings: int
    facts: int
    checkpoints: int
    size: int
    root: bytes | None

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(slots=True)
class _Found:
    """What the reading gathers on its way."""

    faults: list[str] = field(default_factory=list)
    entries: int = 0
    postings: int = 0
    facts: int = 0
    checkpoints: int = 0
    size: int = 0
    root: bytes | None = None
    # what moved on each account in each month, for floors and closing balances
    moved: dict[tuple[date, uuid.UUID], int] = field(default_factory=dict)

    def say(self, fault: str) -> None:
        self.faults.append(fault)


def verify(
    database: Database,
    *,
    published: Mapping[int, bytes] | None = None,
) -> Report:
    """Read the whole ledger again and report every fault.

    Parameters
    ----------
    database
        The books to read.
    published
        Roots by checkpoint, as they left the machine. Whoever holds the database can rewrite
        everything in it alike; only a root that stands elsewhere shows that.
    """
    found = _Found()
    with database.reading() as session:
        if database.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        else:
            damage = session.scalars(text("PRAGMA quick_check"))
            found.faults.extend(f"file: {line}" for line in damage if line != "ok")
        found.faults.extend(triggers.faults(session))
        _entries(session, found)
        _strays(session, found)
        _mirrors(session, found)
        _facts(session, found)
        _leaves(session, found, published or {})
        _balances(session, found)
    return Report(
        tuple(found.faults),
        found.entries,
        found.postings,
        found.facts,
        found.checkpoints,
        found.size,
        found.root,
    )


def _entries(session: Session, found: _Found) -> None:
    """Check each entry against its own postings, its seal and its key's hash.

    Entries and postings are read side by side, both in the order of their key: one row a fact,
    as tuples, since objects of a million entries cost more than their hashes.
    """
    accounts: _Accounts = {
        account_id: (code, currency)
        for account_id, code, currency in session.execute(
            select(Account.id, Account.code, Account.currency)
        )
    }
    with _streamed(session, _POSTINGS) as postings, _streamed(session, _HEADS) as heads:
        groups = itertools.groupby(postings, key=operator.itemgetter(0))
        waiting = next(groups, None)
        for entry in heads:
            entry_id = entry[0]
            # Postings whose entry is gone are told by `_strays`.
            while waiting is not None and waiting[0] < entry_id:
                waiting = next(groups, None)
            rows: list[Any] = []
            if waiting is not None and waiting[0] == entry_id:
                rows = list(waiting[1])
                waiting = next(groups, None)
            found.entries += 1
            found.postings += len(rows)
            for fault in _entry_faults(entry, rows, accounts, found):
                found.say(f"entry {entry_id}: {fault}")


def _streamed(
    session: Session, query: Select[Any]
) -> contextlib.AbstractContextManager[CursorResult[Any]]:
    """Read rows as they come; what was not read is given up with the block."""
    options = {"yield_per": _BATCH}
    return contextlib.closing(session.connection().execute(query, execution_options=options))


def _entry_faults(
    entry: Sequence[Any], rows: Sequence[Any], accounts: _Accounts, found: _Found
) -> Iterator[str]:
    fact = _fact(entry, rows, accounts)
    month = fact.effective_on.replace(day=1)
    moved = found.moved
    for _entry_id, _line, account_id, _currency, amount in rows:
        place = month, account_id
        moved[place] = moved.get(place, 0) + amount
    yield from _line_faults(rows, accounts)
    yield from _seal_faults(fact, *entry[8:])


def _line_faults(rows: Sequence[Any], accounts: _Accounts) -> Iterator[str]:
    if len(rows) < _FEWEST_LINES:
        yield "fewer than two postings"
    sums: dict[str, int] = {}
    for _entry_id, line, account_id, currency, amount in rows:
        sums[currency] = sums.get(currency, 0) + amount
        code, account_currency = accounts.get(account_id, _NOWHERE)
        if code is None:
            yield f"line {line} is on no account"
        elif currency != account_currency:
            yield f"line {line} is in {currency}, its account in {account_currency}"
    for currency, total in sums.items():
        if total:
            yield f"unbalanced by {total} of the smallest unit of {currency}"


def _seal_faults(
    fact: leaves.EntryFact, idem_hash: bytes, leaf: bytes | None, salt: bytes, version: int
) -> Iterator[str]:
    if leaf is None:
        yield "not sealed"
    elif version != leaves.VERSION or leaf != leaves.leaf(leaves.entry_content(fact, salt)):
        yield "content does not match its seal"
    if idem_hash != leaves.key_hash(fact):
        yield "content does not match its key"


def _fact(entry: Sequence[Any], rows: Iterable[Any], accounts: _Accounts) -> leaves.EntryFact:
    entry_id, kind, idem_key, effective_on, recorded_at, reverses_id, source_type, source_id = (
        entry[:8]
    )
    return leaves.EntryFact(
        id=entry_id,
        kind=kind,
        idem_key=idem_key,
        effective_on=effective_on,
        recorded_at=recorded_at,
        reverses_id=reverses_id,
        source_type=source_type,
        source_id=source_id,
        postings=[
            (line, accounts.get(account_id, _NOWHERE)[0], currency, amount)
            for _entry_id, line, account_id, currency, amount in rows
        ],
    )


def _strays(session: Session, found: _Found) -> None:
    """Find postings and seals whose entry is gone, and entries of no month."""
    postings = (
        select(Posting.entry_id, Posting.line)
        .outerjoin(Entry, Entry.id == Posting.entry_id)
        .where(Entry.id.is_(None))
    )
    for entry_id, line in session.execute(postings):
        found.say(f"posting {entry_id} line {line}: its entry is gone")
    seals = (
        select(EntrySeal.entry_id)
        .outerjoin(Entry, Entry.id == EntrySeal.entry_id)
        .where(Entry.id.is_(None))
    )
    for entry_id in session.scalars(seals):
        found.say(f"seal {entry_id}: its entry is gone")
    undated = (
        select(Entry.id, Entry.effective_on)
        .outerjoin(Period, Entry.effective_on.between(Period.starts_on, Period.ends_on))
        .where(Period.starts_on.is_(None))
    )
    for entry_id, day in session.execute(undated):
        found.say(f"entry {entry_id}: {day} is in no month of the books")


def _mirrors(session: Session, found: _Found) -> None:
    """Check that each reversal undoes its original line by line."""
    undoing, undone = aliased(Posting), aliased(Posting)
    matched = (
        (undone.entry_id == Entry.reverses_id)
        & (undone.line == undoing.line)
        & (undone.account_id == undoing.account_id)
        & (undone.amount == -undoing.amount)
    )
    lines = select(func.count()).select_from(undone)
    one_sided = (
        select(Entry.id)
        .join(undoing, undoing.entry_id == Entry.id)
        .outerjoin(undone, matched)
        .where(Entry.reverses_id.is_not(None), undone.line.is_(None))
    )
    original = lines.where(undone.entry_id == Entry.reverses_id).correlate(Entry)
    reversal = lines.where(undone.entry_id == Entry.id).correlate(Entry)
    shorter = select(Entry.id).where(
        Entry.reverses_id.is_not(None), original.scalar_subquery() != reversal.scalar_subquery()
    )
    for entry_id in session.scalars(one_sided.union(shorter)):
        found.say(f"entry {entry_id}: does not mirror what it reverses")


def _facts(session: Session, found: _Found) -> None:
    """Check each sealed fact against its hash."""
    rows = session.scalars(
        select(SealedFact)
        .order_by(SealedFact.kind, SealedFact.fact_id)
        .execution_options(yield_per=_BATCH)
    )
    for fact in rows:
        found.facts += 1
        content = leaves.fact_content(
            fact.kind, fact.fact_id, fact.content, fact.recorded_at, fact.salt
        )
        if fact.canon_version != leaves.VERSION or fact.hash != leaves.leaf(content):
            found.say(f"{fact.kind} {fact.fact_id}: content does not match its seal")
        session.expunge(fact)


def _leaves(session: Session, found: _Found, published: Mapping[int, bytes]) -> None:
    """Grow the tree again, leaf by leaf, and compare each checkpoint on the way."""
    checkpoints = session.scalars(select(Checkpoint).order_by(Checkpoint.n)).all()
    found.checkpoints = len(checkpoints)
    waiting = list(reversed(checkpoints))
    tree = Frontier()
    rows = session.execute(
        select(
            CheckpointLeaf.pos,
            CheckpointLeaf.kind,
            CheckpointLeaf.fact_id,
            CheckpointLeaf.hash,
            func.coalesce(EntrySeal.hash, SealedFact.hash),
        )
        .outerjoin(
            EntrySeal,
            (EntrySeal.entry_id == CheckpointLeaf.fact_id) & (CheckpointLeaf.kind == ENTRY_KIND),
        )
        .outerjoin(
            SealedFact,
            (SealedFact.fact_id == CheckpointLeaf.fact_id)
            & (SealedFact.kind == CheckpointLeaf.kind),
        )
        .order_by(CheckpointLeaf.pos)
        .execution_options(yield_per=_BATCH)
    )
    for pos, kind, fact_id, leaf, sealed in rows:
        if pos != tree.size:
            found.say(f"leaf {pos}: {tree.size} was expected")
        if leaf != sealed:
            found.say(f"leaf {pos}: {kind} {fact_id} is sealed otherwise")
        tree.append(leaf)
        while waiting and waiting[-1].size == tree.size:
            _compare(waiting.pop(), tree, found)
    for lost in reversed(waiting):
        found.say(f"checkpoint {lost.n}: covers {lost.size} facts, {tree.size} are there")
    _chain(checkpoints, tree.size, found)
    kept = {checkpoint.n: checkpoint.root for checkpoint in checkpoints}
    for n, root in sorted(published.items()):
        if kept.get(n) != root:
            found.say(f"checkpoint {n}: another root was published")


def _compare(checkpoint: Checkpoint, tree: Frontier, found: _Found) -> None:
    found.size, found.root = checkpoint.size, checkpoint.root
    if checkpoint.root != tree.root() or checkpoint.frontier != tree.written():
        found.say(f"checkpoint {checkpoint.n}: the facts it covers give another root")


def _chain(checkpoints: Sequence[Checkpoint], size: int, found: _Found) -> None:
    previous: bytes | None = None
    for place, checkpoint in enumerate(checkpoints, start=1):
        if checkpoint.n != place or checkpoint.prev_root != previous:
            found.say(f"checkpoint {checkpoint.n}: does not follow the one before")
        previous = checkpoint.root
    covered = checkpoints[-1].size if checkpoints else 0
    if size > covered:
        found.say(f"leaf {covered}: no checkpoint covers it")


def _balances(session: Session, found: _Found) -> None:
    """Check floors, and the closing balances of locked months."""
    now = _closing(found, date.max)
    codes: dict[uuid.UUID, str] = {}
    for account_id, code, floor in session.execute(select(Account.id, Account.code, Account.floor)):
        codes[account_id] = code
        due = chart.floor_of(code)
        if floor != due.value:
            found.say(f"account {code}: its floor was changed")
        if due is Floor.NON_NEGATIVE_CREDIT and now.get(account_id, 0) > 0:
            found.say(f"account {code}: spent below zero")
    locked = session.execute(
        select(Period.starts_on, func.max(PeriodClosing.n))
        .outerjoin(PeriodClosing, PeriodClosing.starts_on == Period.starts_on)
        .where(Period.status == PeriodStatus.LOCKED.value)
        .group_by(Period.starts_on)
        .order_by(Period.starts_on)
    ).all()
    for starts_on, n in locked:
        rows = session.execute(
            select(PeriodBalance.account_id, PeriodBalance.balance).where(
                PeriodBalance.starts_on == starts_on, PeriodBalance.n == n
            )
        )
        stored = {row.account_id: row.balance for row in rows}
        for account_id in _differences(stored, _closing(found, starts_on)):
            name = codes.get(account_id, account_id)
            found.say(f"month {starts_on}: the closing balance of {name} is another")


def _closing(found: _Found, starts_on: date) -> dict[uuid.UUID, int]:
    sums: dict[uuid.UUID, int] = {}
    for (month, account_id), amount in found.moved.items():
        if month <= starts_on:
            sums[account_id] = sums.get(account_id, 0) + amount
    return sums


def _differences(
    stored: Mapping[uuid.UUID, int], computed: Mapping[uuid.UUID, int]
) -> list[uuid.UUID]:
    return sorted(
        account_id
        for account_id in stored.keys() | computed.keys()
        if stored.get(account_id) != computed.get(account_id)
    )
