"""How are many certain lines confirmed by one key, each an act of its own that says why?"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Actor, Right, require
from offset.treasury import reconciliation
from offset.treasury.locks import hold
from offset.treasury.models import BankAccount, BankLine
from offset.treasury.reconciliation import Part

MOST: Final = 200
"""So many lines one press confirms: a page of them, and room."""


@dataclass(frozen=True)
class Confirmed:
    """How many lines were matched, and which were not, each with the code of the refusal."""

    done: int
    left: tuple[tuple[uuid.UUID, str], ...]


def confirm(
    session: Session, *, actor: Actor, at: datetime, line_ids: Sequence[uuid.UUID]
) -> Confirmed:
    """Confirm those of some lines that are certain now; each is a match of this person.

    Matching looks again before anything is booked: what was certain when the page was made and is
    not any more stays open, and so does what somebody else matched meanwhile.

    Raises
    ------
    Forbidden
        Without the right to match.
    InvalidInput
        ``nothing_ticked``; ``too_many_ticked``.
    """
    require(actor, Right.MATCH)
    if not line_ids:
        raise InvalidInput("nothing_ticked")
    if len(line_ids) > MOST:
        raise InvalidInput("too_many_ticked", most=MOST)
    by_account: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    rows = session.execute(
        select(BankLine.account_id, BankLine.id)
        .where(BankLine.id.in_(line_ids))
        .order_by(BankLine.booked_on, BankLine.id)
    )
    for account_id, line_id in rows:
        by_account[account_id].append(line_id)
    done, left = 0, []
    for account_id in sorted(by_account, key=str):
        hold(session, f"bank account {account_id}")
        found = reconciliation.proposals_of(session, session.get_one(BankAccount, account_id))
        for line_id in by_account[account_id]:
            best = found[line_id][0] if line_id in found else None
            code = "line_matched"
            if best is not None:
                part = Part(kind=best.kind, subject_id=best.candidate_id)
                code = _one(session, line_id, part, actor=actor, at=at) if best.certain else "doubt"
            if code:
                left.append((line_id, code))
            done += not code
    return Confirmed(done, tuple(left))


def _one(session: Session, line_id: uuid.UUID, part: Part, *, actor: Actor, at: datetime) -> str:
    """Match one line, or leave it as it was and say why."""
    try:
        with session.begin_nested():
            reconciliation.confirm(session, actor=actor, at=at, line_id=line_id, parts=[part])
    except OffsetError as fault:
        return fault.code
    return ""
