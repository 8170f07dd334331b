"""Do the invariants of the allocation rule hold for any sums, weights, caps and orders?"""

import uuid
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from offset.giving.apportionment import award, pooled, split

IDS = [uuid.UUID(int=n) for n in range(1, 7)]
weights = some.dictionaries(some.sampled_from(IDS), some.integers(1, 50), min_size=1)
totals = some.integers(0, 5_000)


@some.composite
def portfolios(draw: some.DrawFn) -> tuple[dict[uuid.UUID, int], dict[uuid.UUID, int | None]]:
    chosen = draw(weights)
    caps = {one: draw(some.none() | some.integers(0, 900)) for one in chosen}
    return chosen, caps


def one_by_one(
    total: int, weighted: dict[uuid.UUID, int], caps: dict[uuid.UUID, int | None]
) -> dict[uuid.UUID, int]:
    """Award every unit singly, as the rule is told to a child."""
    held = dict.fromkeys(weighted, 0)
    for _ in range(total):
        room = [p for p in weighted if (cap := caps[p]) is None or held[p] < cap]
        if not room:
            break
        held[min(room, key=lambda p: (Fraction(2 * held[p] + 1, weighted[p]), p))] += 1
    return held


@given(portfolios(), some.integers(0, 400))
def test_the_fast_award_is_the_slow_one(
    portfolio: tuple[dict[uuid.UUID, int], dict[uuid.UUID, int | None]], total: int
) -> None:
    assert award(total, *portfolio) == one_by_one(total, *portfolio)


@given(portfolios(), totals, totals)
def test_parts_and_leftover_are_the_amount_within_caps_and_never_negative(
    portfolio: tuple[dict[uuid.UUID, int], dict[uuid.UUID, int | None]], before: int, amount: int
) -> None:
    weighted, caps = portfolio
    for cut, held in (
        (pooled(before, amount, weighted, caps), award(before + amount, weighted, caps)),
        (one_shot := split(amount, weighted, caps), dict(one_shot.parts)),
    ):
        assert sum(cut.parts.values()) + cut.leftover == amount
        assert all(part >= 0 for part in cut.parts.values())
        assert all((cap := caps[p]) is None or held[p] <= cap for p in weighted)
        if cut.leftover:
            assert all(held[p] == caps[p] for p in weighted)


@given(portfolios(), totals, some.randoms(use_true_random=False))
def test_the_order_of_projects_changes_nothing(
    portfolio: tuple[dict[uuid.UUID, int], dict[uuid.UUID, int | None]], total: int, random: object
) -> None:
    weighted, caps = portfolio
    shuffled = list(weighted)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out a Random
    other = {p: weighted[p] for p in shuffled}
    assert award(total, other, caps) == award(total, weighted, caps)
    assert split(total, other, caps).parts == split(total, weighted, caps).parts


@given(portfolios(), some.lists(some.integers(0, 700), max_size=6), some.data())
def test_the_order_and_the_cut_of_gifts_change_nothing(
    portfolio: tuple[dict[uuid.UUID, int], dict[uuid.UUID, int | None]],
    gifts: list[int],
    data: some.DataObject,
) -> None:
    weighted, caps = portfolio

    def after(amounts: list[int]) -> dict[uuid.UUID, int]:
        held, before = dict.fromkeys(weighted, 0), 0
        for amount in amounts:
            for project, part in pooled(before, amount, weighted, caps).parts.items():
                held[project] += part
            before += amount
        return held

    assert after(data.draw(some.permutations(gifts))) == after(gifts) == after([sum(gifts)])


@given(portfolios(), totals)
def test_a_split_lies_within_a_unit_of_the_water_level(
    portfolio: tuple[dict[uuid.UUID, int], dict[uuid.UUID, int | None]], total: int
) -> None:
    weighted, caps = portfolio
    parts = split(total, weighted, caps).parts
    level = _water_level(total, weighted, caps)
    for project, weight in weighted.items():
        cap = caps[project]
        ideal = level * weight if cap is None else min(Fraction(cap), level * weight)
        assert abs(parts[project] - ideal) < 1


def _water_level(
    total: int, weighted: dict[uuid.UUID, int], caps: dict[uuid.UUID, int | None]
) -> Fraction:
    """Pour until the caps and the level hold the total, one cap after the other."""
    rest, width = Fraction(total), sum(weighted.values())
    bounded = [(Fraction(cap, weighted[p]), p) for p, cap in caps.items() if cap is not None]
    for height, project in sorted(bounded):
        if width == 0 or rest / width < height:
            break
        rest -= height * weighted[project]
        width -= weighted[project]
    highest = max((height for height, _ in bounded), default=Fraction(0))
    return rest / width if width else highest
