"""Which bank line is which payout, payment or gift, and why? Pure, deterministic, explained.

Nothing here reads or writes a table: lines and candidates come in, proposals with their reasons
go out, and the same input gives the same answer in any order.

A candidate counts only with the same currency, the same signed amount and a date inside its
window. Its score is 60 for the exact amount, 25 for a reference found in the line and up to 15
for closeness in time. A proposal is *certain* when its score is at least 85 and it is the best of
its line and of its candidate, each by 20 over the second best; everything else is for a person.
"""

import enum
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from offset.money import Money

AMOUNT_POINTS: Final = 60
REFERENCE_POINTS: Final = 25
CLOSENESS_POINTS: Final = 15
_POINTS_A_DAY: Final = 2
CERTAIN_FROM: Final = 85
AHEAD_BY: Final = 20
_RULE_POINTS: Final = 50

_FEE: Final = re.compile(
    r"\b(FRAIS|COMMISSIONS?|COTISATION|TENUE DE COMPTE|BANK (?:FEES?|CHARGES?)|"
    r"ACCOUNT FEES?|KONTOF[UÜ]HRUNG|ENTGELT)\b"
)


class Kind(enum.StrEnum):
    """What a bank line turns out to be; a person chooses the kind, never accounts."""

    PAYOUT = "payout"
    DISBURSEMENT = "disbursement"
    DISBURSEMENT_RETURN = "disbursement_return"
    GIFT = "gift"
    UNIDENTIFIED = "unidentified"
    BANK_FEE = "bank_fee"
    ENTRY = "entry"


class Why(enum.StrEnum):
    """One reason for a proposal."""

    SAME_AMOUNT = "same_amount"
    REFERENCE = "reference"
    SAME_DAY = "same_day"
    DAYS_APART = "days_apart"
    ONLY_CANDIDATE = "only_candidate"
    FEE_RULE = "fee_rule"
    NO_CANDIDATE = "no_candidate"


@dataclass(frozen=True)
class Reason:
    """A reason with the word or number that the sentence needs."""

    why: Why
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What matching looks at in a bank line."""

    id: uuid.UUID
    amount: Money
    booked_on: date
    text: str
    end_to_end_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Something in the books, or at the processor, that a bank line may be.

    ``references`` are words of which one must stand in the line to count; all words of one
    reference (separated by spaces) must stand there.
    """

    kind: Kind
    id: uuid.UUID
    amount: Money
    expected_on: date
    days_before: int
    days_after: int
    references: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a line probably is, how sure that is, and why."""

    line_id: uuid.UUID
    kind: Kind
    candidate_id: uuid.UUID | None
    score: int
    reasons: tuple[Reason, ...]
    certain: bool = False


def propose(
    lines: Sequence[Line], candidates: Sequence[Candidate], *, fee_ceiling: Money
) -> dict[uuid.UUID, tuple[Proposal, ...]]:
    """Return the proposals of each line, best first; never an empty tuple.

    A line without a candidate gets the rule for bank charges when it fits, else *unidentified*
    for money in; for money out without any explanation the tuple holds a bank charge of score 0.
    """
    by_amount: dict[Money, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_amount[candidate.amount].append(candidate)
    scored = {
        line.id: [
            found
            for candidate in by_amount[line.amount]
            if (found := _score(line, candidate)) is not None
        ]
        for line in lines
    }
    rivals = _rivals(scored.values())
    return {
        line.id: tuple(
            sorted((_judged(line, p, scored[line.id], rivals) for p in scored[line.id]), key=_order)
        )
        or (_by_rule(line, fee_ceiling),)
        for line in lines
    }


@dataclass(frozen=True, kw_only=True)
class _Scored:
    """One candidate for one line, before its rivals are known."""

    candidate: Candidate
    score: int
    reasons: tuple[Reason, ...]


def _score(line: Line, candidate: Candidate) -> _Scored | None:
    days = (line.booked_on - candidate.expected_on).days
    if not -candidate.days_before <= days <= candidate.days_after:
        return None
    reasons = [Reason(Why.SAME_AMOUNT)]
    score = AMOUNT_POINTS
    reference = _reference(line, candidate)
    if reference:
        score += REFERENCE_POINTS
        reasons.append(Reason(Why.REFERENCE, reference))
    score += max(0, CLOSENESS_POINTS - _POINTS_A_DAY * abs(days))
    reasons.append(Reason(Why.DAYS_APART, str(abs(days))) if days else Reason(Why.SAME_DAY))
    return _Scored(candidate=candidate, score=score, reasons=tuple(reasons))


def _reference(line: Line, candidate: Candidate) -> str:
    """Return the reference that the line carries, or nothing."""
    told = f"{line.end_to_end_id or ''} {line.text}".upper()
    squeezed = re.sub(r"[^0-9A-Z]", "", told)
    for reference in candidate.references:
        words = [re.sub(r"[^0-9A-Z]", "", word) for word in reference.upper().split()]
        if any(words) and all(word in squeezed for word in words):
            return reference
    return ""


def _rivals(scored: Iterable[list[_Scored]]) -> dict[uuid.UUID, list[int]]:
    """Collect, for each candidate, the scores that all lines gave it, best first."""
    rivals: dict[uuid.UUID, list[int]] = defaultdict(list)
    for found in scored:
        for one in found:
            rivals[one.candidate.id].append(one.score)
    return {candidate: sorted(scores, reverse=True) for candidate, scores in rivals.items()}


def _judged(
    line: Line, one: _Scored, of_line: list[_Scored], rivals: dict[uuid.UUID, list[int]]
) -> Proposal:
    """Say whether a proposal is certain: high, and unique from both sides."""
    here = sorted((other.score for other in of_line), reverse=True)
    there = rivals[one.candidate.id]
    alone = len(here) == 1 and len(there) == 1
    return Proposal(
        line_id=line.id,
        kind=one.candidate.kind,
        candidate_id=one.candidate.id,
        score=one.score,
        reasons=(*one.reasons, Reason(Why.ONLY_CANDIDATE)) if alone else one.reasons,
        certain=one.score >= CERTAIN_FROM and _ahead(one.score, here) and _ahead(one.score, there),
    )


def _ahead(score: int, scores: Sequence[int]) -> bool:
    """Say whether a score leads a field, sorted best first, that it is itself part of."""
    if scores[0] != score:
        return False
    return len(scores) == 1 or scores[0] - scores[1] >= AHEAD_BY


def _order(proposal: Proposal) -> tuple[int, str, str]:
    return (-proposal.score, proposal.kind.value, str(proposal.candidate_id))


def _by_rule(line: Line, fee_ceiling: Money) -> Proposal:
    """Answer for a line that nothing in the books explains."""
    if line.amount.minor > 0:
        reasons = (Reason(Why.NO_CANDIDATE),)
        return _rule(line, Kind.UNIDENTIFIED, 0, reasons)
    small = line.amount.currency == fee_ceiling.currency and -line.amount.minor <= fee_ceiling.minor
    word = _FEE.search(line.text.upper())
    if small and word:
        reasons = (Reason(Why.FEE_RULE, word[0]),)
        return _rule(line, Kind.BANK_FEE, _RULE_POINTS, reasons)
    return _rule(line, Kind.BANK_FEE, 0, (Reason(Why.NO_CANDIDATE),))


def _rule(line: Line, kind: Kind, score: int, reasons: tuple[Reason, ...]) -> Proposal:
    return Proposal(line_id=line.id, kind=kind, candidate_id=None, score=score, reasons=reasons)


def payout_candidate(
    identity: uuid.UUID,
    amount: Money,
    arrival: date,
    *,
    names: Iterable[str | None],
) -> Candidate:
    """Describe a payout: due on its arrival, seen from 2 days before to 7 days after."""
    return Candidate(
        kind=Kind.PAYOUT,
        id=identity,
        amount=amount,
        expected_on=arrival,
        days_before=2,
        days_after=7,
        references=tuple(name for name in names if name),
    )


def disbursement_candidate(
    identity: uuid.UUID, amount: Money, approved_on: date, *, number: str
) -> Candidate:
    """Describe a payment to a project: money out, known by its end-to-end id."""
    return Candidate(
        kind=Kind.DISBURSEMENT,
        id=identity,
        amount=-amount,
        expected_on=approved_on,
        days_before=0,
        days_after=45,
        references=(number,),
    )


def return_candidate(
    identity: uuid.UUID, amount: Money, sent_on: date, *, number: str
) -> Candidate:
    """Describe the return of a payment that had left: money in, with the same end-to-end id."""
    return Candidate(
        kind=Kind.DISBURSEMENT_RETURN,
        id=identity,
        amount=amount,
        expected_on=sent_on,
        days_before=0,
        days_after=45,
        references=(number,),
    )


def entry_candidate(identity: uuid.UUID, amount: Money, booked_on: date) -> Candidate:
    """Describe a booking on the bank account that no line explains yet."""
    return Candidate(
        kind=Kind.ENTRY,
        id=identity,
        amount=amount,
        expected_on=booked_on,
        days_before=7,
        days_after=7,
    )


def gift_candidate(
    identity: uuid.UUID, amount: Money, pledged_on: date, *, reference: str
) -> Candidate:
    """Describe a gift that somebody announced to send by bank transfer."""
    return Candidate(
        kind=Kind.GIFT,
        id=identity,
        amount=amount,
        expected_on=pledged_on,
        days_before=1,
        days_after=60,
        references=(reference,),
    )
