"""How is a sum cut among projects by weight, within each project's cap, to the last cent?

Two rules, both exact, both independent of the order in which projects are named:

``pooled``
    Money that arrives over time. Units are awarded one by one to the project with the smallest
    (2x + 1) / w, x being what it holds already (Webster's divisors). One more cent never takes a
    cent from anybody, so gifts may be cut and ordered in any way.
``split``
    One sum, cut once, by largest remainders.

A project at its cap is skipped; what no cap can take is left over. A cap of None is no cap.
"""

import heapq
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

Weights = Mapping[uuid.UUID, int]
Caps = Mapping[uuid.UUID, int | None]

_HALF: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Cut:
    """What each project gets of a sum, and what no project could take."""

    parts: Mapping[uuid.UUID, int]
    leftover: int


def pooled(before: int, amount: int, weights: Weights, caps: Caps) -> Cut:
    """Cut the next ``amount`` of a pool that has awarded ``before`` units already.

    Raises
    ------
    ValueError
        When a sum or cap is negative or a weight is not positive.
    """
    _check(before, weights, caps)
    _check(amount, weights, caps)
    old = award(before, weights, caps)
    new = award(before + amount, weights, caps)
    parts = {project: new[project] - old[project] for project in weights}
    return Cut(parts, amount - sum(parts.values()))


def award(total: int, weights: Weights, caps: Caps) -> dict[uuid.UUID, int]:
    """Return what each project holds after ``total`` units were awarded one by one.

    The water level that surely holds no more than ``total`` units gives the start; at most
    2n + 1 single awards follow, n being the number of projects.
    """
    held = _up_to(_level(max(0, total - len(weights)), weights, caps), weights, caps)
    left = total - sum(held.values())
    queue = [
        (Fraction(2 * held[project] + 1, weight), project)
        for project, weight in weights.items()
        if _room(caps[project], held[project])
    ]
    heapq.heapify(queue)
    while left and queue:
        _, project = queue[0]
        held[project] += 1
        left -= 1
        if _room(caps[project], held[project]):
            after = Fraction(2 * held[project] + 1, weights[project])
            heapq.heapreplace(queue, (after, project))
        else:
            heapq.heappop(queue)
    return held


def split(total: int, weights: Weights, caps: Caps) -> Cut:
    """Cut one sum by weight with largest remainders; ties go to the smaller project id.

    Projects whose cap lies at or under their share are filled together, and the rest is cut
    again among the others.

    Raises
    ------
    ValueError
        When a sum or cap is negative or a weight is not positive.
    """
    _check(total, weights, caps)
    parts, rest, open_weights = _saturate(total, weights, caps)
    whole = sum(open_weights.values())
    if not whole:
        return Cut(parts, rest)
    parts |= {project: rest * weight // whole for project, weight in open_weights.items()}
    by_remainder = sorted(open_weights, key=lambda p: (-(rest * open_weights[p] % whole), p))
    for project in by_remainder[: total - sum(parts.values())]:
        parts[project] += 1
    return Cut(parts, 0)


def _saturate(
    total: int, weights: Weights, caps: Caps
) -> tuple[dict[uuid.UUID, int], int, dict[uuid.UUID, int]]:
    """Fill every project whose cap is no more than its share of what remains."""
    parts: dict[uuid.UUID, int] = {}
    rest = total
    waiting = dict(weights)
    while True:
        whole = sum(waiting.values())
        full = {
            project: cap
            for project, weight in waiting.items()
            if (cap := caps[project]) is not None and cap * whole <= rest * weight
        }
        if not full:
            return parts, rest, waiting
        parts |= full
        rest -= sum(full.values())
        for project in full:
            del waiting[project]


def _level(total: int, weights: Weights, caps: Caps) -> Fraction | None:
    """Return L such that caps and L × weights hold ``total``; None when every cap is full."""
    _, rest, waiting = _saturate(total, weights, caps)
    return Fraction(rest, sum(waiting.values())) if waiting else None


def _up_to(level: Fraction | None, weights: Weights, caps: Caps) -> dict[uuid.UUID, int]:
    """Return how many units lie strictly under the level for each project, within its cap."""
    held: dict[uuid.UUID, int] = {}
    for project, weight in weights.items():
        cap = caps[project]
        if level is None:
            # The level is unbounded only when every project has a cap and all are full.
            held[project] = cap or 0
            continue
        units = -((_HALF - level * weight) // 1)
        held[project] = units if cap is None else min(cap, units)
    return held


def _room(cap: int | None, held: int) -> bool:
    return cap is None or held < cap


def _check(total: int, weights: Weights, caps: Caps) -> None:
    if total < 0 or any(weight <= 0 for weight in weights.values()):
        raise ValueError("a cut needs a non-negative sum and positive weights")
    if any(cap is not None and cap < 0 for cap in caps.values()):
        raise ValueError("a cap is never negative")
