"""What did the bank pay to projects, and when? Orders lead to their movements at the bank."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from offset.ledger.models import Account, Entry, Posting
from offset.reports.rows import Span

SENT: Final = frozenset({"disbursement_sent", "disbursement_returned"})
TRANSIT: Final = "Assets:InTransit:Disbursements:"
_Key = tuple[uuid.UUID, str]


def sums(session: Session, span: Span) -> Mapping[_Key, int]:
    """Sum what the bank paid to each project in some days, by project and currency."""
    movement, clearing, wanted = _movements()
    rows = session.execute(
        wanted.add_columns(func.sum(clearing.amount))
        .where(movement.effective_on.between(span.since, span.until))
        .group_by(Account.project_id, Account.currency)
    )
    return {(project_id, currency): int(total) for project_id, currency, total in rows}


def sent_by_project(session: Session, until: date) -> Mapping[_Key, tuple[tuple[date, int], ...]]:
    """Return each project's payments up to a day, oldest first; what came back is taken out."""
    movement, clearing, wanted = _movements()
    rows = session.execute(
        wanted.add_columns(movement.effective_on, func.sum(clearing.amount))
        .where(movement.effective_on <= until)
        .group_by(Account.project_id, Account.currency, movement.effective_on)
        .order_by(movement.effective_on)
    )
    found: dict[_Key, list[tuple[date, int]]] = {}
    for project_id, currency, day, minor in rows:
        _put(found.setdefault((project_id, currency), []), day, int(minor))
    return {key: tuple(told) for key, told in found.items()}


def _put(told: list[tuple[date, int]], day: date, minor: int) -> None:
    """Add a payment; one that came back takes the newest ones away again."""
    while minor < 0 and told:
        last, there = told.pop()
        minor += there
        day = last
    if minor > 0:
        told.append((day, minor))


def _movements() -> tuple[type[Entry], type[Posting], Select[Any, Any]]:
    order, movement, undone = aliased(Entry), aliased(Entry), aliased(Entry)
    owed, clearing, transit = aliased(Posting), aliased(Posting), aliased(Account)
    wanted = (
        select(Account.project_id, Account.currency)
        .select_from(Account)
        .join(owed, owed.account_id == Account.id)
        .join(order, order.id == owed.entry_id)
        .join(
            movement,
            (movement.source_type == order.source_type) & (movement.source_id == order.source_id),
        )
        .join(clearing, clearing.entry_id == movement.id)
        .join(transit, transit.id == clearing.account_id)
        .outerjoin(undone, undone.id == movement.reverses_id)
        .where(
            Account.project_id.is_not(None),
            order.kind == "disbursement_order",
            func.coalesce(undone.kind, movement.kind).in_(SENT),
            transit.code.startswith(TRANSIT),
        )
    )
    return movement, clearing, wanted
