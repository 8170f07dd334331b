"""Does the cut by weight and cap reproduce the published examples?"""

import uuid

import pytest

from offset.giving.apportionment import award, pooled, split

A, B, C = (uuid.UUID(int=n) for n in (1, 2, 3))
WEIGHTS = {A: 6, B: 6, C: 2}
OPEN = {A: None, B: None, C: None}
MA01, KE02, FR03 = A, B, C
PORTFOLIO = {MA01: 3, KE02: 2, FR03: 1}
CAPS = {MA01: 1500, KE02: None, FR03: 200}


@pytest.mark.parametrize(("total", "expected"), [(10, [4, 4, 2]), (11, [5, 5, 1]), (14, [6, 6, 2])])
def test_largest_remainders_show_the_alabama_paradox(total: int, expected: list[int]) -> None:
    assert list(split(total, WEIGHTS, OPEN).parts.values()) == expected


@pytest.mark.parametrize(("total", "expected"), [(10, [5, 4, 1]), (11, [5, 5, 1]), (14, [6, 6, 2])])
def test_webster_never_takes_a_cent_back(total: int, expected: list[int]) -> None:
    assert list(award(total, WEIGHTS, OPEN).values()) == expected


@pytest.mark.parametrize(
    ("total", "expected"),
    [(1000, [500, 333, 167]), (2500, [1380, 920, 200]), (5000, [1500, 3300, 200])],
)
def test_caps_send_the_rest_to_the_others(total: int, expected: list[int]) -> None:
    assert list(award(total, PORTFOLIO, CAPS).values()) == expected


def test_what_no_cap_can_take_is_left_over() -> None:
    caps = {A: 3, B: 2, C: 0}
    assert pooled(4, 10, WEIGHTS, caps).leftover == 9
    assert split(10, WEIGHTS, caps).leftover == 5
    assert split(10, {}, {}).leftover == 10
    assert pooled(0, 10, {}, {}).leftover == 10


def test_a_split_gives_the_odd_unit_to_the_smaller_id_on_a_tie() -> None:
    assert dict(split(1, {B: 1, A: 1}, OPEN).parts) == {A: 1, B: 0}


@pytest.mark.parametrize(
    ("total", "weight", "cap"), [(-1, 1, None), (1, 0, None), (1, -1, None), (1, 1, -1)]
)
def test_sums_weights_and_caps_make_sense(total: int, weight: int, cap: int | None) -> None:
    with pytest.raises(ValueError, match=r"never negative|non-negative"):
        split(total, {A: weight}, {A: cap})
    with pytest.raises(ValueError, match=r"never negative|non-negative"):
        pooled(0, total, {A: weight}, {A: cap})
