"""Which several things make one line, or which several lines one thing? Suggestions only. Pure.

One transfer for two pledges, two transfers for one payment: where amounts agree exactly to the
unit. The search is bounded by steps, not by a clock, so that the same input gives the same answer
on any machine; two solutions are both shown.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from offset.money import Money
from offset.treasury.matching import Candidate, Kind, Line, Reason, Why, squeezed

MOST_ITEMS: Final = 6
MOST_OPEN: Final = 25
_STEPS: Final = 20_000
_SOLUTIONS: Final = 2
_DAYS: Final = 14
# What several lines may make together, or several of what one line may be.
_TOGETHER: Final = frozenset({Kind.PAYOUT, Kind.DISBURSEMENT, Kind.GIFT, Kind.ENTRY})


@dataclass(frozen=True, kw_only=True)
class Together:
    """Lines and what they are together; one of the two sides holds exactly one."""

    line_ids: tuple[uuid.UUID, ...]
    parts: tuple[tuple[Kind, uuid.UUID, Money], ...]
    reasons: tuple[Reason, ...]


def one_to_many(
    lines: Sequence[Line], candidates: Sequence[Candidate]
) -> Mapping[uuid.UUID, tuple[Together, ...]]:
    """Return, for each line, the sets of candidates that make its amount, those it names first."""
    open_: defaultdict[tuple[str, bool], list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: (one.expected_on, str(one.id))):
        if one.kind in _TOGETHER:
            open_[one.amount.currency, one.amount.minor > 0].append(one)
    found: dict[uuid.UUID, tuple[Together, ...]] = {}
    for line in lines:
        group = [
            one
            for one in open_[line.amount.currency, line.amount.minor > 0]
            if abs(one.amount.minor) < abs(line.amount.minor)
            and -one.days_before <= (line.booked_on - one.expected_on).days <= one.days_after
        ]
        told = tuple(_many(line, _chosen(line, group)))
        if told:
            found[line.id] = told
    return found


def many_to_one(
    lines: Sequence[Line], candidates: Sequence[Candidate]
) -> Mapping[uuid.UUID, tuple[Together, ...]]:
    """Return, for each candidate, the sets of lines of one payer that make its amount."""
    by_payer: defaultdict[tuple[str, str, bool], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.booked_on, str(line.id))):
        payer = line.payer_iban or line.payer.casefold()
        if payer:
            by_payer[payer, line.amount.currency, line.amount.minor > 0].append(line)
    crowds = [group for group in by_payer.values() if len(group) > 1]
    found: dict[uuid.UUID, tuple[Together, ...]] = {}
    for one in candidates:
        if one.kind not in {Kind.PAYOUT, Kind.DISBURSEMENT, Kind.ENTRY}:
            continue
        told = tuple(together for group in crowds for together in _several(one, group))
        if told:
            found[one.id] = told[:_SOLUTIONS]
    return found


def _chosen(line: Line, group: Sequence[Candidate]) -> list[Candidate]:
    """Keep at most 25: those that the line names, then those due last."""
    told = squeezed(f"{line.end_to_end_id or ''} {line.text}")

    def rank(one: Candidate) -> tuple[bool, bool, int, str]:
        named = any(squeezed(reference) in told for reference in one.references)
        away = abs((line.booked_on - one.expected_on).days)
        return (not named, line.id not in one.near, away, str(one.id))

    return sorted(group, key=rank)[:MOST_OPEN]


def _many(line: Line, group: Sequence[Candidate]) -> list[Together]:
    told = squeezed(f"{line.end_to_end_id or ''} {line.text}")
    named = [
        one for one in group if any(squeezed(reference) in told for reference in one.references)
    ]
    if len(named) > 1 and sum(one.amount.minor for one in named) == line.amount.minor:
        return [_together((line,), named, *(Reason(Why.REFERENCE, n.references[0]) for n in named))]
    sums = subsets([one.amount.minor for one in group], line.amount.minor)
    return [_together((line,), [group[place] for place in places]) for places in sums]


def _several(one: Candidate, group: Sequence[Line]) -> list[Together]:
    near = [
        line
        for line in group
        if -one.days_before <= (line.booked_on - one.expected_on).days <= one.days_after
        and abs(line.amount.minor) < abs(one.amount.minor)
        and (line.amount.currency, line.amount.minor > 0)
        == (one.amount.currency, one.amount.minor > 0)
    ][:MOST_OPEN]
    return [
        _together([near[place] for place in places], (one,), Reason(Why.SAME_PAYER))
        for places in subsets([line.amount.minor for line in near], one.amount.minor)
        if (near[places[-1]].booked_on - near[places[0]].booked_on).days <= _DAYS
    ]


def _together(lines: Sequence[Line], parts: Sequence[Candidate], *more: Reason) -> Together:
    several = max(len(lines), len(parts))
    return Together(
        line_ids=tuple(line.id for line in lines),
        parts=tuple((one.kind, one.id, one.amount) for one in parts),
        reasons=(Reason(Why.SAME_SUM, str(several)), *more),
    )


def subsets(amounts: Sequence[int], wanted: int) -> list[tuple[int, ...]]:
    """Find places of two to six amounts of one sign that make a sum, at most two answers.

    A depth-first search with a bound: what is left of the amounts must still reach the sum.
    """
    places = sorted(range(len(amounts)), key=lambda n: (-abs(amounts[n]), n))
    sizes = [abs(amounts[n]) for n in places]
    left = [0] * (len(sizes) + 1)
    for n in range(len(sizes) - 1, -1, -1):
        left[n] = left[n + 1] + sizes[n]
    found: list[tuple[int, ...]] = []
    stack: list[tuple[int, int, tuple[int, ...]]] = [(0, abs(wanted), ())]
    for _ in range(_STEPS):
        if not stack or len(found) == _SOLUTIONS:
            break
        n, rest, taken = stack.pop()
        if not rest and len(taken) > 1:
            found.append(tuple(sorted(places[place] for place in taken)))
        elif rest and n < len(sizes) and len(taken) < MOST_ITEMS and rest <= left[n]:
            stack.append((n + 1, rest, taken))
            if sizes[n] <= rest:
                stack.append((n + 1, rest - sizes[n], (*taken, n)))
    return found
