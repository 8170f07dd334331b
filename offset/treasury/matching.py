"""Which bank line is which payout, payment or gift, and why? Pure, deterministic, explained.

Nothing here reads or writes a table: lines and candidates come in, proposals with their reasons
go out, and the same input gives the same answer in any order.

A candidate counts only with the same currency, the same signed amount and a date inside its
window. Its score is 60 for the exact amount, 25 for a reference found in the line (15 for one
with one wrong letter, 12 for a payer known from before, 10 for the giver's name), up to 15 for
closeness in time, and 10 less where more comes than was promised. A proposal is *certain* when a
whole reference was found, its score is at least 85 and it is the best of its line and of its
candidate, each by 20 over the second best; everything else is for a person. Only candidates of
the same amount are ever held against a line, so that ten times the lines cost ten times the time.
"""

import bisect
import contextlib
import enum
import functools
import gc
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from offset.money import Money
from offset.treasury.names import fold

AMOUNT_POINTS: Final = 60
REFERENCE_POINTS: Final = 25
NEAR_POINTS: Final = 15
PAYER_POINTS: Final = 12
NAME_POINTS: Final = 10
CLOSENESS_POINTS: Final = 15
ABOVE_POINTS: Final = -10
_POINTS_A_DAY: Final = 2
CERTAIN_FROM: Final = 85
AHEAD_BY: Final = 20
_RULE_POINTS: Final = 50
# At most so many rivals of one amount are held against one line: a hundred standing orders of
# 10.00 are told apart by their references, never by their dates.
_RIVALS: Final = 40
_NAME_WORDS: Final = 2
_SHORTEST_NAME: Final = 3
_UMLAUT: Final = re.compile("([aou])e")

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
    NEAR_REFERENCE = "near_reference"
    PAYER_KNOWN = "payer_known"
    PAYER_NAMED = "payer_named"
    ABOVE_PLEDGE = "above_pledge"
    SAME_DAY = "same_day"
    DAYS_APART = "days_apart"
    ONLY_CANDIDATE = "only_candidate"
    FEE_RULE = "fee_rule"
    RULE = "rule"
    SAME_SUM = "same_sum"
    SAME_PAYER = "same_payer"
    NO_CANDIDATE = "no_candidate"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with the word or number that the sentence needs."""

    why: Why
    value: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What matching looks at in a bank line; a ``reversal`` gives back what the bank booked."""

    id: uuid.UUID
    amount: Money
    booked_on: date
    text: str
    end_to_end_id: str | None = None
    payer: str = ""
    payer_iban: str = ""
    reversal: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Something in the books, or at the processor, that a bank line may be.

    ``references`` are words of which one must stand in the line to count; all words of one
    reference (separated by spaces) must stand there. ``near`` names the lines in which the
    reference stands with one wrong letter, ``payers`` the accounts that paid for it before,
    ``names`` the giver as they wrote themselves. A ``doubtful`` candidate is never certain: money
    that comes on top of what was promised. A promise paid in parts is expected on each day on
    which a part may have come: ``expected_on`` is the first, ``also_on`` the others. ``several``
    names the lines that name other promises too: for these no single one is certain.
    """

    kind: Kind
    id: uuid.UUID
    amount: Money
    expected_on: date
    days_before: int
    days_after: int
    also_on: tuple[date, ...] = ()
    several: frozenset[uuid.UUID] = frozenset()
    references: tuple[str, ...] = ()
    near: frozenset[uuid.UUID] = frozenset()
    payers: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule that the secretary wrote: which words, up to which amount, money in or out."""

    id: uuid.UUID
    name: str
    words: tuple[str, ...]
    ceiling: Money
    money_in: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What a line probably is, how sure that is, and why."""

    line_id: uuid.UUID
    kind: Kind
    candidate_id: uuid.UUID | None
    score: int
    reasons: tuple[Reason, ...]
    certain: bool = False
    rule_id: uuid.UUID | None = None


def propose(
    lines: Sequence[Line],
    candidates: Sequence[Candidate],
    *,
    fee_ceiling: Money,
    rules: Sequence[Rule] = (),
) -> dict[uuid.UUID, tuple[Proposal, ...]]:
    """Return the proposals of each line, best first; never an empty tuple.

    A line without a candidate gets the first rule that fits, the built-in one for bank charges
    last; else *unidentified* for money in; for money out without any explanation the tuple holds
    a bank charge of score 0.
    """
    with _undisturbed():
        index = _Index(candidates)
        scored = {line.id: index.score(line) for line in lines}
        rivals = _rivals(scored.values())
        rules = sorted(rules, key=lambda rule: (rule.name, str(rule.id)))
        return {
            line.id: tuple(
                sorted(
                    (_judged(line, p, scored[line.id], rivals) for p in scored[line.id]),
                    key=_order,
                )
            )
            or (by_rule(line, rules, fee_ceiling),)
            for line in lines
        }


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Spare the collector: nothing here makes a cycle, and walking it all again grows too fast."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scored:
    """One candidate for one line, before its rivals are known."""

    candidate: Candidate
    score: int
    reasons: tuple[Reason, ...]
    whole: bool = False
    named: bool = False


class _Index:
    """The candidates by amount; of an amount that many share, by day and by reference too."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        found: defaultdict[Money, list[Candidate]] = defaultdict(list)
        for candidate in sorted(candidates, key=_place):
            found[candidate.amount].append(candidate)
        self._few = {amount: group for amount, group in found.items() if len(group) <= _RIVALS}
        self._crowds = {
            amount: _Crowd(group) for amount, group in found.items() if len(group) > _RIVALS
        }

    def score(self, line: Line) -> list[_Scored]:
        """Score what may be this line; the same answer in whatever order things came."""
        told = squeezed(f"{line.end_to_end_id or ''} {line.text}")
        crowd = self._crowds.get(line.amount)
        group = crowd.near(line, told) if crowd else self._few.get(line.amount, [])
        found = (_score(line, candidate, told) for candidate in group)
        return _meant([one for one in found if one is not None])


def _meant(found: list[_Scored]) -> list[_Scored]:
    """Leave out gifts of which nothing but the amount agrees, unless there is just one."""
    bare = [one for one in found if one.candidate.kind is Kind.GIFT and not one.named]
    if len(bare) == 1 and len(found) == 1:
        return found
    return [one for one in found if one not in bare]


class _Crowd:
    """Many candidates of one amount: those that a line names, and those nearest in time."""

    def __init__(self, group: Sequence[Candidate]) -> None:
        self._in_time = sorted(group, key=lambda one: (one.expected_on, *_place(one)))
        self._days = [one.expected_on for one in self._in_time]
        words: defaultdict[str, list[Candidate]] = defaultdict(list)
        for candidate in group:
            for word in {squeezed(one) for one in candidate.references} - {""}:
                words[word].append(candidate)
        # A word that many carry (the processor's name) tells nobody apart.
        self._words = {word: told for word, told in words.items() if len(told) <= _RIVALS}
        self._lengths = sorted({len(word) for word in self._words})
        near: defaultdict[uuid.UUID, list[Candidate]] = defaultdict(list)
        for candidate in group:
            for line_id in candidate.near:
                near[line_id].append(candidate)
        self._slips = dict(near)

    def near(self, line: Line, told: str) -> list[Candidate]:
        """Choose whom to hold against a line."""
        place = bisect.bisect_left(self._days, line.booked_on)
        close = self._in_time[max(0, place - _RIVALS) : place + _RIVALS]
        named = [
            one
            for length in self._lengths
            for start in range(len(told) - length + 1)
            for one in self._words.get(told[start : start + length], ())
        ]
        if named:
            # A gift that is named leaves no room for gifts of which only the amount agrees.
            close = [one for one in close if one.kind is not Kind.GIFT]
        chosen = {one.id: one for one in (*named, *self._slips.get(line.id, ()), *close)}
        return sorted(chosen.values(), key=_place)


def _place(candidate: Candidate) -> tuple[str, str]:
    return candidate.kind.value, str(candidate.id)


def _score(line: Line, candidate: Candidate, told: str) -> _Scored | None:
    expected = (candidate.expected_on, *candidate.also_on)
    days = min(((line.booked_on - on).days for on in expected), key=abs)
    if not -candidate.days_before <= days <= candidate.days_after:
        return None
    reference = _reference(told, candidate)
    reasons = [Reason(Why.SAME_AMOUNT)]
    score = AMOUNT_POINTS
    if reference:
        points, told_why = REFERENCE_POINTS, [Reason(Why.REFERENCE, reference)]
    else:
        points, told_why = _softer(line, candidate)
    score += points
    reasons += told_why
    if candidate.doubtful:
        score += ABOVE_POINTS
        reasons.append(Reason(Why.ABOVE_PLEDGE))
    score += max(0, CLOSENESS_POINTS - _POINTS_A_DAY * abs(days))
    reasons.append(Reason(Why.DAYS_APART, str(abs(days))) if days else Reason(Why.SAME_DAY))
    return _Scored(
        candidate=candidate,
        score=score,
        reasons=tuple(reasons),
        whole=bool(reference) and not candidate.doubtful and line.id not in candidate.several,
        named=bool(told_why),
    )


def _softer(line: Line, candidate: Candidate) -> tuple[int, list[Reason]]:
    """Weigh what is no whole reference: a slip of the pen, a known account, a name."""
    points, reasons = 0, []
    if line.id in candidate.near:
        points += NEAR_POINTS
        reasons.append(Reason(Why.NEAR_REFERENCE, candidate.references[0]))
    if line.payer_iban and line.payer_iban in candidate.payers:
        points += PAYER_POINTS
        reasons.append(Reason(Why.PAYER_KNOWN))
    # The name itself is not repeated: reasons are kept for good, names are not.
    if any(same_name(one, line.payer) for one in candidate.names):
        points += NAME_POINTS
        reasons.append(Reason(Why.PAYER_NAMED))
    return min(points, REFERENCE_POINTS), reasons


def squeezed(text: str) -> str:
    """Write a text without anything but letters and digits, as references are compared."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def same_name(one: str, other: str) -> bool:
    """Say whether two names share two words, in any order, or are one and the same word."""
    first, second = words_of(one), words_of(other)
    return bool(first) and (len(first & second) >= _NAME_WORDS or first == second)


@functools.lru_cache(maxsize=100_000)
def words_of(name: str) -> frozenset[str]:
    """Return the words of a name that tell people apart, as banks write them: without accents.

    Some write ``JURGEN``, some ``JUERGEN``: both are Jürgen.
    """
    return frozenset(
        _UMLAUT.sub(r"\1", word)
        for word in re.findall(r"[^\W_]+", fold(name))
        if len(word) >= _SHORTEST_NAME
    )


def _reference(told: str, candidate: Candidate) -> str:
    """Return the reference that the line carries, or nothing."""
    for reference in candidate.references:
        words = [squeezed(word) for word in reference.split()]
        if any(words) and all(word in told for word in words):
            return reference
    return ""


def _rivals(scored: Iterable[list[_Scored]]) -> dict[tuple[uuid.UUID, Money], list[int]]:
    """Collect, for each candidate, the scores that all lines gave it, best first.

    A promise may be paid in parts: each amount of it is a candidate of its own.
    """
    rivals: defaultdict[tuple[uuid.UUID, Money], list[int]] = defaultdict(list)
    for found in scored:
        for one in found:
            rivals[one.candidate.id, one.candidate.amount].append(one.score)
    return {candidate: sorted(scores, reverse=True) for candidate, scores in rivals.items()}


def _judged(
    line: Line,
    one: _Scored,
    of_line: list[_Scored],
    rivals: Mapping[tuple[uuid.UUID, Money], list[int]],
) -> Proposal:
    """Say whether a proposal is certain: named, high, and unique from both sides."""
    here = sorted((other.score for other in of_line), reverse=True)
    there = rivals[one.candidate.id, one.candidate.amount]
    alone = len(here) == 1 and len(there) == 1
    certain = one.whole and one.score >= CERTAIN_FROM
    return Proposal(
        line_id=line.id,
        kind=one.candidate.kind,
        candidate_id=one.candidate.id,
        score=one.score,
        reasons=(*one.reasons, Reason(Why.ONLY_CANDIDATE)) if alone else one.reasons,
        certain=certain and _ahead(one.score, here) and _ahead(one.score, there),
    )


def _ahead(score: int, scores: Sequence[int]) -> bool:
    """Say whether a score leads a field, sorted best first, that it is itself part of."""
    if scores[0] != score:
        return False
    return len(scores) == 1 or scores[0] - scores[1] >= AHEAD_BY


def _order(proposal: Proposal) -> tuple[int, str, str]:
    return (-proposal.score, proposal.kind.value, str(proposal.candidate_id))


def by_rule(line: Line, rules: Iterable[Rule], fee_ceiling: Money) -> Proposal:
    """Answer for a line that nothing in the books explains."""
    for rule in rules:
        word = rule_word(rule, line)
        if word:
            reasons = (Reason(Why.RULE, rule.name), Reason(Why.REFERENCE, word))
            return _rule(line, Kind.BANK_FEE, _RULE_POINTS, reasons, rule.id)
    if line.amount.minor > 0:
        return _rule(line, Kind.UNIDENTIFIED, 0, (Reason(Why.NO_CANDIDATE),))
    small = line.amount.currency == fee_ceiling.currency and -line.amount.minor <= fee_ceiling.minor
    found = _FEE.search(line.text.upper())
    if small and found:
        return _rule(line, Kind.BANK_FEE, _RULE_POINTS, (Reason(Why.FEE_RULE, found[0]),))
    return _rule(line, Kind.BANK_FEE, 0, (Reason(Why.NO_CANDIDATE),))


def rule_word(rule: Rule, line: Line) -> str:
    """Return the words by which a rule takes a line, or nothing: side, ceiling, whole words."""
    size = abs(line.amount.minor)
    fits = line.amount.currency == rule.ceiling.currency and size <= rule.ceiling.minor
    if not fits or (line.amount.minor > 0) is not rule.money_in:
        return ""
    spoken = " ".join(re.findall(r"\w+", f"{line.text} {line.payer}".casefold()))
    told = f" {spoken} "
    for words in rule.words:
        wanted = " ".join(re.findall(r"\w+", words.casefold()))
        if wanted and f" {wanted} " in told:
            return words
    return ""


def _rule(
    line: Line,
    kind: Kind,
    score: int,
    reasons: tuple[Reason, ...],
    rule_id: uuid.UUID | None = None,
) -> Proposal:
    return Proposal(
        line_id=line.id,
        kind=kind,
        candidate_id=None,
        score=score,
        reasons=reasons,
        rule_id=rule_id,
    )


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
    identity: uuid.UUID,
    amount: Money,
    pledged_on: date,
    *,
    reference: str,
    near: frozenset[uuid.UUID] = frozenset(),
    payers: frozenset[str] = frozenset(),
    names: tuple[str, ...] = (),
    doubtful: bool = False,
    also_on: tuple[date, ...] = (),
    several: frozenset[uuid.UUID] = frozenset(),
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
        near=near,
        payers=payers,
        names=names,
        doubtful=doubtful,
        also_on=also_on,
        several=several,
    )
