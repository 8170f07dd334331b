"""Which journal entries stand on the way of money, what did each move, and what caused it?"""

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from offset.ledger.models import CheckpointLeaf, Entry, Posting
from offset.money import Money
from offset.reports.trail_steps import MOST, Ids, Step, named
from offset.treasury.models import ManualEntry, ManualEntryDecision


def entries(session: Session, *wanted: ColumnElement[bool]) -> list[Step]:
    """Read journal entries with the sum of their debits in the currency of their first line."""
    undone = aliased(Entry)
    rows = session.execute(
        select(
            Entry.id,
            Entry.kind,
            Entry.effective_on,
            Entry.source_type,
            Entry.source_id,
            Entry.reverses_id,
            undone.id,
            CheckpointLeaf.pos,
        )
        .outerjoin(undone, undone.reverses_id == Entry.id)
        .outerjoin(
            CheckpointLeaf, (CheckpointLeaf.kind == "entry") & (CheckpointLeaf.fact_id == Entry.id)
        )
        .where(*wanted)
        .order_by(Entry.effective_on, Entry.id)
        .limit(MOST)
    ).all()
    moved = debits(session, [row[0] for row in rows])
    return [
        Step(
            kind="entry",
            id=str(row[0]),
            name=row[1],
            on=row[2],
            amount=moved.get(row[0]),
            note="" if row[7] is None else "proved",
            entry_id=row[0],
            leads=named(row[5], row[6]),
        )
        for row in rows
    ]


def debits(session: Session, entry_ids: Ids) -> dict[uuid.UUID, Money]:
    """Sum what each of some entries moves: its debits, in the currency of its first line."""
    rows = session.execute(
        select(Posting.entry_id, Posting.currency, Posting.amount)
        .where(Posting.entry_id.in_(entry_ids))
        .order_by(Posting.entry_id, Posting.line)
    )
    found: dict[uuid.UUID, Money] = {}
    for entry_id, currency, amount in rows:
        known = found.setdefault(entry_id, Money(0, currency))
        if currency == known.currency and amount > 0:
            found[entry_id] = known + Money(amount, currency)
    return found


def causes(session: Session, entry_ids: Ids) -> list[tuple[uuid.UUID, str, str]]:
    """Read what caused entries: (entry, source type, source id)."""
    rows = session.execute(
        select(Entry.id, Entry.source_type, Entry.source_id).where(Entry.id.in_(entry_ids))
    )
    return [(entry_id, kind, source) for entry_id, kind, source in rows]


def booked_for(session: Session, sources: Iterable[tuple[str, str]]) -> list[uuid.UUID]:
    """Find the entries that things caused, by (source type, source id)."""
    told = list(sources)[:MOST]
    if not told:
        return []
    wanted = or_(
        *((Entry.source_type == kind) & (Entry.source_id == source) for kind, source in told)
    )
    return list(session.scalars(select(Entry.id).where(wanted).order_by(Entry.id).limit(MOST)))


def explained_with(session: Session, entry_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Find what two people booked of movements in suspense, and the movements behind such words."""
    told = list(entry_ids)[:MOST]
    rows = session.execute(
        select(ManualEntry.explains_id, ManualEntryDecision.entry_id)
        .join(ManualEntryDecision, ManualEntryDecision.manual_entry_id == ManualEntry.id)
        .where(
            ManualEntryDecision.entry_id.is_not(None),
            ManualEntry.explains_id.in_(told)
            | (ManualEntryDecision.entry_id.in_(told) & ManualEntry.explains_id.is_not(None)),
        )
        .limit(MOST)
    )
    return [one for row in rows for one in row if one is not None]
