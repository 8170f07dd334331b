"""What did the books hold on a day, as they were known on another, and how did it come to that?

Balances of closed months are stored; what is read here is the tail after them, the entries of the
few kinds that are asked for, or the days of one period. None of it grows with the years before.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session, aliased

from offset.database.types import uuid7
from offset.ledger import balances
from offset.ledger.balances import TrialLine
from offset.ledger.models import Account, Entry, Posting
from offset.ledger.periods import AHEAD_DAYS
from offset.money import Money

_FUNDS: Final = "Liabilities:Fund:"
# Ids count from here; whoever asks for earlier days asks for the beginning.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = _EPOCH.date() + timedelta(days=AHEAD_DAYS)


@dataclass(frozen=True, slots=True)
class Flow:
    """What the entries of one kind moved on one account, debit positive."""

    account: str
    kind: str
    amount: Money


@dataclass(frozen=True, slots=True)
class FundLine:
    """One restriction over a period: opening + in − out = closing, with the kinds behind it.

    A reversal counts under the kind of what it undoes.
    """

    account: str
    name: str
    opening: Money
    came: Money
    went: Money
    closing: Money
    kinds: Mapping[str, Money]


def first_after(known_at: datetime) -> uuid.UUID:
    """Return the smallest id that an entry recorded at or after a moment can have.

    An id begins with the millisecond in which its entry is recorded; the database holds that.
    """
    return uuid.UUID(int=uuid7(max(known_at, _EPOCH)).int >> 80 << 80)


def first_dated(day: date) -> uuid.UUID:
    """Return the smallest id that an entry dated on a day or later can have."""
    early = max(day, EARLIEST) - timedelta(days=AHEAD_DAYS)
    return first_after(datetime.combine(early, time(), UTC))


def trial(
    session: Session, *, as_of: date | None = None, known_at: datetime | None = None
) -> tuple[TrialLine, ...]:
    """Sum every account, dated up to ``as_of`` and recorded up to ``known_at``.

    What became known later is taken off again, so that no more is read than was recorded since.
    """
    standing = balances.trial_balance(session, as_of=as_of)
    if known_at is None:
        return standing
    later = (
        select(Account.code, func.sum(Posting.amount))
        .select_from(Entry)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .where(Entry.id >= first_after(known_at), Entry.recorded_at > known_at)
        .group_by(Account.code)
    )
    if as_of is not None:
        later = later.where(Entry.effective_on <= as_of)
    unknown = {code: int(total) for code, total in session.execute(later)}
    return tuple(
        TrialLine(
            line.code,
            line.name,
            line.balance - Money(unknown.get(line.code, 0), line.balance.currency),
        )
        for line in standing
    )


def flows(
    session: Session,
    kinds: Collection[str],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Flow, ...]:
    """Sum what entries of some kinds moved, by account and kind, in one statement.

    A reversal counts under the kind of what it undoes.
    """
    original = aliased(Entry)
    meant = _dated(select(Entry.id, Entry.kind.label("kind")), as_of, known_at)
    undone = _dated(
        select(Entry.id, original.kind.label("kind")).join(
            original, original.id == Entry.reverses_id
        ),
        as_of,
        known_at,
    )
    chosen = union_all(
        meant.where(Entry.kind.in_(kinds)),
        undone.where(Entry.kind == "reversal", original.kind.in_(kinds)),
    ).subquery()
    rows = session.execute(
        select(Account.code, chosen.c.kind, func.sum(Posting.amount), Account.currency)
        .select_from(chosen)
        .join(Posting, Posting.entry_id == chosen.c.id)
        .join(Account, Account.id == Posting.account_id)
        .group_by(Account.code, chosen.c.kind, Account.currency)
    )
    return tuple(
        Flow(code, kind, Money(int(total), currency)) for code, kind, total, currency in rows
    )


def funds(session: Session, *, since: date, until: date) -> tuple[FundLine, ...]:
    """Tell of every fund what stood, came in, went out and stands, within some days."""
    since = max(since, EARLIEST)
    opening = _standing(session, since - timedelta(days=1))
    closing = _standing(session, until)
    moved = _moved(session, since, until)
    return tuple(
        _fund(line, opening[code].balance, moved.get(code, {})) for code, line in closing.items()
    )


def _standing(session: Session, on: date) -> dict[str, TrialLine]:
    lines = balances.trial_balance(session, as_of=on)
    return {line.code: line for line in lines if line.code.startswith(_FUNDS)}


def _moved(session: Session, since: date, until: date) -> dict[str, dict[str, int]]:
    """Sum the credits of each fund by kind, within some days."""
    original = aliased(Entry)
    kind = func.coalesce(original.kind, Entry.kind)
    rows = session.execute(
        select(Account.code, kind, func.sum(-Posting.amount))
        .select_from(Entry)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(original, original.id == Entry.reverses_id)
        .where(Entry.effective_on.between(since, until), Account.code.startswith(_FUNDS))
        .group_by(Account.code, kind)
    )
    found: dict[str, dict[str, int]] = {}
    for code, what, total in rows:
        found.setdefault(code, {})[what] = int(total)
    return found


def _fund(line: TrialLine, opening: Money, moved: Mapping[str, int]) -> FundLine:
    def money(minor: int) -> Money:
        return Money(minor, line.balance.currency)

    return FundLine(
        account=line.code,
        name=line.name,
        opening=-opening,
        came=money(sum(one for one in moved.values() if one > 0)),
        went=money(-sum(one for one in moved.values() if one < 0)),
        closing=-line.balance,
        kinds={kind: money(one) for kind, one in sorted(moved.items())},
    )


def _dated(
    wanted: Select[Any, Any], as_of: date | None, known_at: datetime | None
) -> Select[Any, Any]:
    if as_of is not None:
        wanted = wanted.where(Entry.effective_on <= as_of)
    if known_at is not None:
        wanted = wanted.where(Entry.recorded_at <= known_at)
    return wanted
