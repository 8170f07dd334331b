"""How does a bank line become a booking, and how is a mistaken match taken back?

A match never edits an entry: it posts the one that is missing, and undoing it posts a reversal.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.giving import mistaken
from offset.ledger import journal
from offset.ledger.models import Entry, Period, PeriodStatus
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.treasury import bank_gifts, bank_rules, combining, matching, statements
from offset.treasury.bookings import BOOK, FEE_CEILING, JOINED, Booking, mirror, restore_order
from offset.treasury.combining import Together
from offset.treasury.locks import hold
from offset.treasury.matching import Kind, Proposal
from offset.treasury.models import (
    BankAccount,
    BankLine,
    LineNote,
    Match,
    MatchItem,
    RuleMatch,
    Unmatch,
)
from offset.treasury.open_items import (
    active_items,
    candidates,
    lines_of,
    rest_of,
)
from offset.treasury.ports import Statement
from offset.treasury.statements import Imported

_LONGEST_NOTE: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a bank line, or a part of it, is: the kind, the payout or payment, the amount.

    Without an amount the part takes what is left of the line. ``rule_id`` is the version of a
    rule that proposed it: a rule for interest books money in as interest.
    """

    kind: Kind
    subject_id: uuid.UUID | None = None
    amount: Money | None = None
    rule_id: uuid.UUID | None = None


def confirm(
    session: Session, *, actor: Actor, at: datetime, line_id: uuid.UUID, parts: Sequence[Part]
) -> tuple[uuid.UUID, ...]:
    """Match a bank line with what a person says it is, and book what is missing.

    Raises
    ------
    Forbidden
        Without the right to match; a bank charge above the ceiling needs the treasurer.
    NotFound
        ``bank_line_unknown``.
    Conflict
        ``line_matched``: somebody else was first. ``subject_matched``: the payout or payment
        already has its line.
    InvalidInput
        ``parts_missing``, ``parts_exceed_line``.
    Refused
        ``match_amount_differs``, ``match_wrong_side``, ``subject_unknown``,
        ``two_people_needed`` and what the books say.
    """
    require(actor, Right.MATCH)
    return _match(session, actor=actor, at=at, line_id=line_id, parts=parts, proposal=None)


def match_certain(session: Session, *, actor: Actor, at: datetime) -> int:
    """Match every line whose proposal is certain, and return how many there were.

    What the books refuse stays open for a person, and stands in the way of nothing else.

    Raises
    ------
    Forbidden
        Without the right to match; the system itself may.
    """
    if actor is not SYSTEM:
        require(actor, Right.MATCH)
    done = 0
    for account in session.scalars(select(BankAccount).order_by(BankAccount.code)).all():
        hold(session, f"bank account {account.id}")
        for proposals in proposals_of(session, account).values():
            best = proposals[0]
            if best.certain:
                done += _tried(session, best, actor=actor, at=at)
    return done


def _tried(session: Session, best: Proposal, *, actor: Actor, at: datetime) -> bool:
    part = Part(kind=best.kind, subject_id=best.candidate_id)
    try:
        with session.begin_nested():
            _match(session, actor=actor, at=at, line_id=best.line_id, parts=[part], proposal=best)
    except (Refused, Conflict):
        return False
    return True


def proposals_of(
    session: Session, account: BankAccount
) -> Mapping[uuid.UUID, tuple[Proposal, ...]]:
    """Return what each open line of an account probably is, best first."""
    lines = lines_of(session, account)
    if not lines:
        return {}
    gifts = bank_gifts.expected(session, lines)
    return matching.propose(
        lines,
        (*candidates(session, account), *gifts),
        fee_ceiling=Money(FEE_CEILING, account.currency),
        rules=bank_rules.for_matching(session, account.currency),
    )


def combinations_of(
    session: Session, account: BankAccount
) -> Mapping[uuid.UUID, tuple[Together, ...]]:
    """Return what open lines may be that no single thing explains, by line.

    One line for several things, or several lines of one payer for one thing; each of these lines
    carries the same suggestion. Confirmed by :func:`confirm_together`.
    """
    proposals = proposals_of(session, account)
    alone = [
        line for line in lines_of(session, account) if proposals[line.id][0].candidate_id is None
    ]
    if not alone:
        return {}
    taken = {one[0].candidate_id for one in proposals.values()}
    waiting = [one for one in candidates(session, account) if one.id not in taken]
    named = bank_gifts.named_together(session, alone)
    found: dict[uuid.UUID, list[Together]] = {}
    for line_id, several in combining.one_to_many(alone, (*waiting, *named)).items():
        found.setdefault(line_id, []).extend(several)
    for several in combining.many_to_one(alone, waiting).values():
        for one in several:
            for line_id in one.line_ids:
                found.setdefault(line_id, []).append(one)
    return {line_id: tuple(told) for line_id, told in found.items()}


def confirm_together(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    line_ids: Sequence[uuid.UUID],
    parts: Sequence[Part],
) -> tuple[uuid.UUID, ...]:
    """Match one line with several things, or several lines with one, exactly to the unit.

    Several lines make one match, which is undone as a whole.

    Raises
    ------
    Forbidden, NotFound, Conflict, InvalidInput, Refused
        As ``confirm``; ``parts_missing`` where neither side has exactly one.
    """
    require(actor, Right.MATCH)
    if len(line_ids) == 1:
        return _match(session, actor=actor, at=at, line_id=line_ids[0], parts=parts, proposal=None)
    if len(parts) != 1 or len(set(line_ids)) != len(line_ids) or not line_ids:
        raise InvalidInput("parts_missing", field="choice")
    for line_id in sorted(line_ids, key=str):
        hold(session, f"bank line {line_id}")
    rests = []
    for line_id in line_ids:
        line = session.get(BankLine, line_id)
        if line is None:
            raise NotFound("bank_line_unknown")
        rests.append((line, rest_of(session, line)))
        if not rests[-1][1]:
            raise Conflict("line_matched")
    total = Money(sum(rest for _, rest in rests), rests[0][0].currency)
    if len({(line.account_id, line.currency, rest > 0) for line, rest in rests}) != 1:
        raise InvalidInput("parts_missing", field="choice")
    return (_join(session, rests, parts[0], total, actor=actor, at=at),)


def _join(
    session: Session,
    rests: Sequence[tuple[BankLine, int]],
    part: Part,
    total: Money,
    *,
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Book each line as its share of one thing, under one match."""
    if part.kind not in JOINED:
        raise InvalidInput("parts_missing", field="choice")
    account = session.get_one(BankAccount, rests[0][0].account_id)
    numbers = _numbers(session, [line.id for line, _ in rests])
    bookings = [
        Booking(
            session=session,
            line=line,
            account=account,
            subject_id=part.subject_id,
            amount=Money(rest, line.currency),
            number=numbers.get(line.id, 0) + 1,
            actor=actor,
            at=at,
            together=total,
        )
        for line, rest in rests
    ]
    booked = [(booking, BOOK[part.kind](booking)) for booking in bookings]
    return _keep(booked, part, None)


def _numbers(session: Session, line_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    rows = session.execute(
        select(MatchItem.line_id, func.count())
        .where(MatchItem.line_id.in_(line_ids))
        .group_by(MatchItem.line_id)
    )
    return {line_id: int(count) for line_id, count in rows}


def undo(session: Session, *, actor: Actor, at: datetime, match_id: uuid.UUID, reason: str) -> None:
    """Take a match back: a new row says who and why, and a reversal undoes what it booked.

    Raises
    ------
    Forbidden
        Without the right to match.
    NotFound
        ``match_unknown``.
    InvalidInput
        ``reason_missing``.
    Conflict
        ``match_undone`` already.
    Refused
        ``match_not_undoable``: the payment came back since, and its return is undone first;
        ``match_period_closed``: the month of the line is closed; ``gift_moved``: the gift was
        refunded since.
    LedgerRefused
        ``floor_breached``: what it booked, or what came back, was spent since.
    """
    require(actor, Right.MATCH)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    match = session.get(Match, match_id)
    if match is None:
        raise NotFound("match_unknown")
    hold(session, f"match {match_id}")
    if session.get(Unmatch, match_id) is not None:
        raise Conflict("match_undone")
    if _came_back(session, match):
        raise Refused("match_not_undoable")
    items = session.scalars(
        select(MatchItem).where(MatchItem.match_id == match_id).order_by(MatchItem.line_id)
    ).all()
    _refuse_closed(session, items)
    reversal_id = None
    if match.kind is not Kind.ENTRY:
        for item in items:
            reversal_id = _reverse(session, match, item, actor=actor, at=at, reason=reason)
    if match.kind is Kind.DISBURSEMENT_RETURN:
        # It had undone the order of two people; that order stands again, on the same day.
        hold(session, f"matched {match.subject_id}")
        on = session.scalars(select(Entry.effective_on).where(Entry.id == items[0].entry_id)).one()
        restore_order(session, match, on=on, actor=actor, at=at)
    session.add(
        Unmatch(
            match_id=match_id,
            reversal_entry_id=reversal_id,
            reason=reason.strip(),
            made_at=at,
            made_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="match.undone",
        object_type="match",
        object_id=match_id,
        details={"kind": match.kind.value},
    )


def note(session: Session, *, actor: Actor, at: datetime, line_id: uuid.UUID, text: str) -> None:
    """Write a note beside a bank line for a colleague.

    Raises
    ------
    Forbidden
        Without the right to match.
    NotFound
        ``bank_line_unknown``.
    InvalidInput
        ``note_missing``.
    """
    require(actor, Right.MATCH)
    told = text.strip()[:_LONGEST_NOTE]
    if not told:
        raise InvalidInput("note_missing", field="text")
    if session.get(BankLine, line_id) is None:
        raise NotFound("bank_line_unknown")
    row = LineNote(
        id=uuid7(at), line_id=line_id, text=told, written_at=at, written_by=actor.user_id
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="bank_line.noted",
        object_type="bank_line",
        object_id=line_id,
    )


def _match(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    line_id: uuid.UUID,
    parts: Sequence[Part],
    proposal: Proposal | None,
) -> tuple[uuid.UUID, ...]:
    hold(session, f"bank line {line_id}")
    line = session.get(BankLine, line_id)
    if line is None:
        raise NotFound("bank_line_unknown")
    rest = rest_of(session, line)
    if not rest:
        raise Conflict("line_matched")
    if not parts:
        raise InvalidInput("parts_missing", field="kind")
    account = session.get_one(BankAccount, line.account_id)
    amounts = _amounts(parts, Money(rest, line.currency))
    number = _numbers(session, [line_id]).get(line_id, 0)
    made = []
    for shift, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
        booking = Booking(
            session=session,
            line=line,
            account=account,
            subject_id=part.subject_id,
            amount=amount,
            number=number + shift,
            actor=actor,
            at=at,
            rule_id=part.rule_id,
        )
        entry_id = BOOK[part.kind](booking)
        made.append(_keep([(booking, entry_id)], part, proposal))
    return tuple(made)


def _amounts(parts: Sequence[Part], rest: Money) -> list[Money]:
    """Give every part its amount; together they are the rest of the line, or less."""
    stated = [part.amount for part in parts if part.amount is not None]
    total = sum((amount.minor for amount in stated), start=0)
    left = Money(rest.minor - total, rest.currency)
    open_parts = len(parts) - len(stated)
    if open_parts > 1 or (open_parts == 1 and not left):
        raise InvalidInput("parts_missing", field="amount")
    amounts = [part.amount if part.amount is not None else left for part in parts]
    same_side = all(amount.minor * rest.minor > 0 for amount in amounts)
    if not same_side or abs(sum(amount.minor for amount in amounts)) > abs(rest.minor):
        raise InvalidInput("parts_exceed_line", field="amount", rest=rest)
    return amounts


def _keep(
    booked: Sequence[tuple[Booking, uuid.UUID]], part: Part, proposal: Proposal | None
) -> uuid.UUID:
    """Write down a match with its items, one a line, and the rule that proposed it."""
    first = booked[0][0]
    session, at = first.session, first.at
    match_id = uuid7(at)
    reasons: list[Any] = []
    if proposal is not None:
        reasons = [[reason.why.value, reason.value] for reason in proposal.reasons]
    session.add(
        Match(
            id=match_id,
            kind=part.kind,
            subject_id=part.subject_id,
            automatic=proposal is not None,
            score=proposal.score if proposal else 0,
            reasons=reasons,
            made_at=at,
            made_by=first.actor.user_id,
        )
    )
    session.flush()
    if part.rule_id is not None:
        session.add(RuleMatch(match_id=match_id, rule_version_id=part.rule_id))
    for booking, entry_id in booked:
        session.add(
            MatchItem(
                id=uuid7(at),
                match_id=match_id,
                line_id=booking.line.id,
                number=booking.number,
                entry_id=entry_id,
                amount=booking.amount.minor,
            )
        )
    session.flush()
    for booking, _ in booked:
        audit.record(
            session,
            at=at,
            actor=first.actor,
            action="bank_line.matched",
            object_type="bank_line",
            object_id=booking.line.id,
            details={
                "match": str(match_id),
                "kind": part.kind.value,
                "amount": str(booking.amount),
                "automatic": proposal is not None,
            },
        )
    return match_id


def _came_back(session: Session, match: Match) -> bool:
    return match.kind is Kind.DISBURSEMENT and bool(
        active_items(session, kind=Kind.DISBURSEMENT_RETURN, subject_id=match.subject_id)
    )


def _refuse_closed(session: Session, items: Sequence[MatchItem]) -> None:
    """Refuse to undo what stands in a closed month: the month is reopened by two people first."""
    days = session.scalars(
        select(Entry.effective_on).where(Entry.id.in_([item.entry_id for item in items]))
    ).all()
    for day in days:
        status = session.scalar(
            select(Period.status).where(Period.starts_on <= day, Period.ends_on >= day)
        )
        if status == PeriodStatus.LOCKED.value:
            raise Refused("match_period_closed", month=day)


def _reverse(
    session: Session, match: Match, item: MatchItem, *, actor: Actor, at: datetime, reason: str
) -> uuid.UUID:
    """Reverse what a match booked on the day it was booked for, so that the month stays whole."""
    on = session.scalars(select(Entry.effective_on).where(Entry.id == item.entry_id)).one()
    if match.kind is Kind.GIFT:
        mistaken.undo(session, item.entry_id, on=on, actor=actor, at=at, reason=reason)
    draft = mirror(session, item.entry_id, on=on, reason=reason)
    return journal.post(session, draft, at=at, actor_id=actor.user_id).entry_id


def import_statement(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    data: bytes,
    name: str,
    read: Sequence[Statement],
) -> Imported:
    """Take a bank file in and match at once what is certain; the rest waits for a person.

    Raises
    ------
    Forbidden, Refused, Conflict
        As ``statements.take_in``.
    """
    done = statements.take_in(session, actor=actor, at=at, data=data, name=name, statements=read)
    match_certain(session, actor=actor, at=at)
    return done
