"""What can nobody rewrite any more, and how is it shown to somebody who trusts nobody?

Entries and facts are sealed when they are written, without any link between them, so writers
never wait. Once an hour a checkpoint puts every sealed fact that has no place yet into the tree
and publishes the root; from then on a proof of a few hashes ties a fact to that root.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, insert, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from offset.clock import milliseconds
from offset.database.types import canonical
from offset.errors import LedgerRefused
from offset.ledger import leaves
from offset.ledger.guards import refusals
from offset.ledger.merkle import Frontier, consistency_path, inclusion_path
from offset.ledger.models import (
    CHECKPOINT,
    CHECKPOINT_LEAF,
    SEALED_FACT,
    Checkpoint,
    CheckpointLeaf,
    EntrySeal,
    SealedFact,
)
from offset.ledger.writes import insert_missing, many_writers

ENTRY_KIND: Final = "entry"
FACT_KINDS: Final = frozenset(
    {
        "decision",
        "projection",
        "outcome",
        "policy",
        "rate",
        "share",
        "wording",
        "criteria",
    }
)
# One checkpointer at a time; the number only has to differ from other advisory locks.
_CHECKPOINTER: Final = 4_001_000
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A published root: the n-th, over the first ``size`` facts."""

    n: int
    size: int
    root: bytes
    prev_root: bytes | None
    made_at: datetime
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """That a fact stands at ``pos`` of the tree whose root a checkpoint published."""

    kind: str
    fact_id: uuid.UUID
    leaf: bytes
    pos: int
    checkpoint: CheckpointView
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """That a later checkpoint only added to an earlier one."""

    earlier: CheckpointView
    later: CheckpointView
    path: tuple[bytes, ...]


def seal_fact(
    session: Session,
    *,
    kind: str,
    fact_id: uuid.UUID,
    content: Mapping[str, Any],
    at: datetime,
) -> bytes:
    """Seal a fact outside the journal and return its leaf hash; sealing it again changes nothing.

    The content must carry no personal data, so that the proof survives anybody's erasure.

    Raises
    ------
    LedgerRefused
        ``fact_kind_unknown``; ``fact_changed`` when the fact was sealed with other content.
    """
    if kind not in FACT_KINDS:
        raise LedgerRefused("fact_kind_unknown", kind=kind)
    if _sealed(session, kind, fact_id) is None:
        at, salt = milliseconds(at), leaves.new_salt()
        row = {
            "kind": kind,
            "fact_id": fact_id,
            "content": dict(content),
            "recorded_at": at,
            "hash": leaves.leaf(leaves.fact_content(kind, fact_id, content, at, salt)),
            "salt": salt,
            "canon_version": leaves.VERSION,
        }
        insert_missing(session, SEALED_FACT, [row], key="kind,fact_id")
    sealed = _sealed(session, kind, fact_id)
    if sealed is None or canonical(sealed[0]) != canonical(dict(content)):
        raise LedgerRefused("fact_changed", kind=kind, fact_id=fact_id)
    return bytes(sealed[1])


def take(session: Session, *, at: datetime) -> CheckpointView | None:
    """Give every sealed fact without a place the next one, and publish the new root.

    Returns None when nothing was sealed since the last checkpoint.
    """
    if many_writers(session):
        session.execute(select(func.pg_advisory_xact_lock(_CHECKPOINTER)))
    last = session.execute(_CHECKPOINTS.limit(1)).first()
    tree = Frontier() if last is None else Frontier.read(last.size, last.frontier)
    if not _place_some(session, tree):
        return None
    while _place_some(session, tree):
        pass
    row = {
        "n": 1 if last is None else last.n + 1,
        "size": tree.size,
        "root": tree.root(),
        "prev_root": None if last is None else last.root,
        "made_at": milliseconds(at),
        "anchor": None,
        "frontier": tree.written(),
    }
    with refusals():
        session.execute(insert(CHECKPOINT), row)
    return _view(session.execute(_CHECKPOINTS.limit(1)).one())


def _place_some(session: Session, tree: Frontier) -> bool:
    """Give the next facts their places; in parts, so that any number takes the same memory."""
    found = session.execute(_without_place().limit(_AT_ONCE)).all()
    rows = []
    for kind, fact_id, leaf in found:
        rows.append({"pos": tree.size, "kind": kind, "fact_id": fact_id, "hash": leaf})
        tree.append(leaf)
    if rows:
        with refusals():
            session.execute(insert(CHECKPOINT_LEAF), rows)
    return bool(rows)


def inclusion(session: Session, kind: str, fact_id: uuid.UUID) -> Proof | None:
    """Prove a fact against the first checkpoint that covers it; None before there is one.

    The proof of a fact never changes, so that a receipt printed today stays true.
    """
    placed = session.execute(
        select(CheckpointLeaf.pos, CheckpointLeaf.hash).where(
            CheckpointLeaf.kind == kind, CheckpointLeaf.fact_id == fact_id
        )
    ).first()
    if placed is None:
        return None
    pos, leaf = placed
    covering = session.execute(
        _CHECKPOINTS.where(Checkpoint.size > pos).order_by(None).order_by(Checkpoint.n).limit(1)
    ).one()
    before = _frontier_before(session, covering.n)
    path = inclusion_path(pos, before, _leaves(session, before.size, covering.size))
    return Proof(kind, fact_id, bytes(leaf), pos, _view(covering), path)


def growth(session: Session, earlier: int, later: int) -> Growth | None:
    """Prove that the ``later`` checkpoint only added to the ``earlier``; None if one is missing."""
    rows = session.execute(_CHECKPOINTS.where(Checkpoint.n.in_((earlier, later)))).all()
    found = {row.n: row for row in rows}
    if earlier > later or earlier not in found or later not in found:
        return None
    first, second = found[earlier], found[later]
    before = Frontier.read(first.size, first.frontier)
    path = consistency_path(before, _leaves(session, first.size, second.size))
    return Growth(_view(first), _view(second), path)


def recent(session: Session, limit: int) -> tuple[CheckpointView, ...]:
    """Read the newest checkpoints, newest first."""
    return tuple(_view(row) for row in session.execute(_CHECKPOINTS.limit(limit)))


def covered(session: Session, numbers: Sequence[int]) -> dict[int, dict[str, int]]:
    """Count by kind what each of some checkpoints was the first to cover."""
    earlier = (
        select(func.coalesce(func.max(Checkpoint.size), 0))
        .where(Checkpoint.n < _COVERING.n)
        .scalar_subquery()
    )
    rows = session.execute(
        select(_COVERING.n, CheckpointLeaf.kind, func.count())
        .join(
            CheckpointLeaf,
            (CheckpointLeaf.pos < _COVERING.size) & (CheckpointLeaf.pos >= earlier),
        )
        .where(_COVERING.n.in_(numbers))
        .group_by(_COVERING.n, CheckpointLeaf.kind)
        .order_by(CheckpointLeaf.kind)
    )
    found: dict[int, dict[str, int]] = {n: {} for n in numbers}
    for n, kind, count in rows:
        found[n][kind] = count
    return found


def published(session: Session, roots: Sequence[bytes]) -> frozenset[tuple[int, bytes]]:
    """Return the size and root of those checkpoints whose root is one of some."""
    rows = session.execute(
        select(Checkpoint.size, Checkpoint.root).where(Checkpoint.root.in_(roots))
    )
    return frozenset((size, bytes(root)) for size, root in rows)


_COVERING: Final = aliased(Checkpoint)
_CHECKPOINTS: Final[Select[Any, Any, Any, Any, Any, Any, Any]] = select(
    Checkpoint.n,
    Checkpoint.size,
    Checkpoint.root,
    Checkpoint.prev_root,
    Checkpoint.made_at,
    Checkpoint.anchor,
    Checkpoint.frontier,
).order_by(Checkpoint.n.desc())


def _view(row: Row[Any, Any, Any, Any, Any, Any, Any]) -> CheckpointView:
    return CheckpointView(row.n, row.size, row.root, row.prev_root, row.made_at, row.anchor)


def _sealed(session: Session, kind: str, fact_id: uuid.UUID) -> tuple[Any, bytes] | None:
    row = session.execute(
        select(SealedFact.content, SealedFact.hash).where(
            SealedFact.kind == kind, SealedFact.fact_id == fact_id
        )
    ).first()
    return None if row is None else (row[0], row[1])


def _without_place() -> Any:
    """Select sealed entries and facts that no leaf names.

    An anti-join, never "newer than the last": entries commit out of the order of their ids.
    """
    entries = (
        select(
            literal(ENTRY_KIND).label("kind"), EntrySeal.entry_id.label("fact_id"), EntrySeal.hash
        )
        .outerjoin(
            CheckpointLeaf,
            (CheckpointLeaf.kind == ENTRY_KIND) & (CheckpointLeaf.fact_id == EntrySeal.entry_id),
        )
        .where(CheckpointLeaf.pos.is_(None))
    )
    facts = (
        select(SealedFact.kind, SealedFact.fact_id, SealedFact.hash)
        .outerjoin(
            CheckpointLeaf,
            (CheckpointLeaf.kind == SealedFact.kind)
            & (CheckpointLeaf.fact_id == SealedFact.fact_id),
        )
        .where(CheckpointLeaf.pos.is_(None))
    )
    both = union_all(entries, facts).subquery()
    return select(both.c.kind, both.c.fact_id, both.c.hash).order_by(both.c.fact_id, both.c.kind)


def _frontier_before(session: Session, n: int) -> Frontier:
    row = session.execute(
        select(Checkpoint.size, Checkpoint.frontier).where(Checkpoint.n == n - 1)
    ).first()
    return Frontier() if row is None else Frontier.read(row[0], row[1])


def _leaves(session: Session, start: int, stop: int) -> list[bytes]:
    rows = session.scalars(
        select(CheckpointLeaf.hash)
        .where(CheckpointLeaf.pos >= start, CheckpointLeaf.pos < stop)
        .order_by(CheckpointLeaf.pos)
    )
    return list(rows)
