"""What does matching say about every open line, kept so that a page need not ask it again?

Matching looks at all lines and all candidates at once. A page shows fifty lines; it reads what was
kept, by key, whatever else is open. What is kept is written anew when the bank, the books or the
promises have moved on: by the page itself while few lines are open, else by the job. Nothing is
booked from it: whoever confirms a match meets the rules of matching again.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.giving.models import BankPledge
from offset.ledger import chart
from offset.ledger.models import Account, Posting
from offset.money import Money
from offset.treasury import reconciliation
from offset.treasury.combining import Together
from offset.treasury.locks import hold
from offset.treasury.matching import Kind, Proposal, Reason, Why
from offset.treasury.models import (
    BankAccount,
    BankLine,
    BankNotice,
    BankRule,
    DisbursementDecision,
    Match,
    PayoutStatus,
    Unmatch,
)
from offset.treasury.open_items import open_lines
from offset.treasury.queries import AccountView
from offset.treasury.unidentified_models import LineSuggestion, SuggestionStamp

# A page waits for matching while no more lines are open; above it the job keeps up.
WHOLE: Final = 500
# So many are still matched at once where lines came that nobody has looked at: after an import.
NEW: Final = 5_000
# Above that, one page in so many minutes still waits: the job may be late.
_LATE: Final = timedelta(minutes=15)
_KEPT: Final = 5
_ASKED: Final = 900

CERTAIN: Final = "certain"
SUGGESTED: Final = "suggested"
TO_CHECK: Final = "to_check"


@dataclass(frozen=True)
class Suggested:
    """What was kept about one line: what it may be, and what only several explain together."""

    proposals: tuple[Proposal, ...]
    together: tuple[Together, ...]


NOTHING: Final = Suggested((), ())


def stamp() -> tuple[ColumnElement[Any], ...]:
    """Select, for an account, what tells whether anything moved on: one value a thing read."""
    on_bank = (
        select(func.count())
        .select_from(Posting)
        .join(Account, Account.id == Posting.account_id)
        .where(Account.code == literal(chart.bank("")) + BankAccount.code)
    )
    lines = select(func.count()).where(BankLine.account_id == BankAccount.id)
    notices = select(func.count()).where(BankNotice.account_id == BankAccount.id)
    own = [one.correlate(BankAccount).scalar_subquery() for one in (on_bank, lines, notices)]
    counted = [
        select(func.count()).select_from(table).scalar_subquery()
        for table in (Match, Unmatch, PayoutStatus, DisbursementDecision, BankRule)
    ]
    return (*own, *counted, select(func.max(BankPledge.changed_at)).scalar_subquery())


def written(values: Sequence[Any]) -> str:
    """Write a stamp as text, as it is kept."""
    return "|".join(str(value) for value in values)


def keep_fresh(database: Database, *, at: datetime, code: str = "") -> tuple[AccountView, ...]:
    """Write an account's suggestions anew for a page that is about to be shown, if they are old.

    Returns all our accounts; without a code, or with an unknown one, the page is of the first.
    """
    with database.reading() as session:
        rows = session.execute(_accounts()).all()
        chosen = next((row for row in rows if row.code == code), rows[0] if rows else None)
        old = chosen is not None and chosen.kept != written(chosen[_STAMP:])
        if chosen is not None and old and chosen.written_at is not None:
            late = chosen.written_at + _LATE <= at
            old = late or _at_once(session, chosen.id)
    if chosen is not None and old:
        database.run(refresh, at=at, account_id=chosen.id)
    return tuple(AccountView(row.code, row.number, row.currency) for row in rows)


def _at_once(session: Session, account_id: uuid.UUID) -> bool:
    """Say whether a page may wait for matching: few lines are open, or new ones were imported."""
    waiting = {line.id for line, _rest in open_lines(session, account_id)}
    if len(waiting) <= WHOLE or len(waiting) > NEW:
        return len(waiting) <= WHOLE
    seen = session.scalars(
        select(LineSuggestion.line_id).where(LineSuggestion.account_id == account_id)
    )
    return bool(waiting.difference(seen))


def refresh_stale(session: Session, *, at: datetime) -> int:
    """Write the suggestions of every account anew that has moved on; return how many had."""
    stale = [row.id for row in session.execute(_accounts()) if row.kept != written(row[_STAMP:])]
    for account_id in stale:
        refresh(session, at=at, account_id=account_id)
    return len(stale)


_STAMP: Final = 6


def _accounts() -> Select[Any]:
    """Select our accounts, what their suggestions were written from, and how things stand now."""
    return (
        select(
            BankAccount.id,
            BankAccount.code,
            BankAccount.number,
            BankAccount.currency,
            SuggestionStamp.stamp.label("kept"),
            SuggestionStamp.written_at,
            *stamp(),
        )
        .outerjoin(SuggestionStamp, SuggestionStamp.account_id == BankAccount.id)
        .order_by(BankAccount.code)
    )


def refresh(session: Session, *, at: datetime, account_id: uuid.UUID) -> None:
    """Match all open lines of an account and keep the answer; only what changed is written."""
    hold(session, f"suggestions {account_id}")
    account = session.get_one(BankAccount, account_id)
    now = written(session.execute(select(*stamp()).where(BankAccount.id == account_id)).one())
    found = reconciliation.proposals_of(session, account)
    several: Mapping[uuid.UUID, tuple[Together, ...]] = {}
    if len(found) <= WHOLE:
        several = reconciliation.combinations_of(session, account)
    wanted = {
        line_id: _row(line_id, account.id, proposals, several.get(line_id, ()))
        for line_id, proposals in found.items()
    }
    _write(session, account.id, wanted)
    row = session.get(SuggestionStamp, account_id)
    if row is None:
        session.add(SuggestionStamp(account_id=account_id, stamp=now, written_at=at))
    else:
        row.stamp, row.written_at = now, at
    session.flush()


def _write(
    session: Session, account_id: uuid.UUID, wanted: Mapping[uuid.UUID, dict[str, Any]]
) -> None:
    """Bring the kept rows to what is wanted."""
    known = {
        row.line_id: (row.state, row.kind, row.candidate_id, row.told)
        for row in session.execute(
            select(
                LineSuggestion.line_id,
                LineSuggestion.state,
                LineSuggestion.kind,
                LineSuggestion.candidate_id,
                LineSuggestion.told,
            ).where(LineSuggestion.account_id == account_id)
        )
    }
    gone = sorted(set(known) - set(wanted), key=str)
    for start in range(0, len(gone), _ASKED):
        part = gone[start : start + _ASKED]
        session.execute(delete(LineSuggestion).where(LineSuggestion.line_id.in_(part)))
    new = [row for line_id, row in wanted.items() if line_id not in known]
    if new:
        session.execute(insert(LineSuggestion), new)
    changed = [
        row
        for line_id, row in wanted.items()
        if line_id in known
        and known[line_id] != (row["state"], row["kind"], row["candidate_id"], row["told"])
    ]
    if changed:
        session.execute(update(LineSuggestion), changed)


def state_of(best: Proposal) -> str:
    """Say how far a proposal carries: it may be confirmed unseen, it is likely, or it is open."""
    if best.certain:
        return CERTAIN
    return SUGGESTED if best.score else TO_CHECK


def _row(
    line_id: uuid.UUID,
    account_id: uuid.UUID,
    proposals: Sequence[Proposal],
    several: Sequence[Together],
) -> dict[str, Any]:
    best = proposals[0]
    state = state_of(best)
    if state == TO_CHECK and several:
        state = SUGGESTED
    return {
        "line_id": line_id,
        "account_id": account_id,
        "state": state,
        "kind": best.kind.value,
        "candidate_id": best.candidate_id,
        "told": {
            "proposals": [_proposal(one) for one in proposals[:_KEPT]],
            "together": [_together(one) for one in several],
        },
    }


def _proposal(one: Proposal) -> list[Any]:
    return [
        one.kind.value,
        None if one.candidate_id is None else str(one.candidate_id),
        one.score,
        [[reason.why.value, reason.value] for reason in one.reasons],
        one.certain,
        None if one.rule_id is None else str(one.rule_id),
    ]


def _together(one: Together) -> list[Any]:
    return [
        [str(line_id) for line_id in one.line_ids],
        [[kind.value, str(key), sum_.minor, sum_.currency] for kind, key, sum_ in one.parts],
        [[reason.why.value, reason.value] for reason in one.reasons],
    ]


def read(line_id: uuid.UUID, told: Mapping[str, Any] | None) -> Suggested:
    """Read what was kept about a line; nothing was kept about one that came a moment ago."""
    if told is None:
        return NOTHING
    return Suggested(
        tuple(
            Proposal(
                line_id=line_id,
                kind=Kind(kind),
                candidate_id=uuid.UUID(candidate) if candidate else None,
                score=score,
                reasons=_reasons(reasons),
                certain=certain,
                rule_id=uuid.UUID(rule) if rule else None,
            )
            for kind, candidate, score, reasons, certain, rule in told["proposals"]
        ),
        tuple(
            Together(
                line_ids=tuple(uuid.UUID(one) for one in lines),
                parts=tuple(
                    (Kind(kind), uuid.UUID(key), Money(minor, currency))
                    for kind, key, minor, currency in parts
                ),
                reasons=_reasons(reasons),
            )
            for lines, parts, reasons in told["together"]
        ),
    )


def _reasons(told: Sequence[Sequence[str]]) -> tuple[Reason, ...]:
    return tuple(Reason(Why(why), value) for why, value in told)
