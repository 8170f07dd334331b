"""Are several things found that make one, exactly, and never more than a person can look at?"""

import uuid
from datetime import date, timedelta

from offset.money import Money
from offset.treasury.combining import many_to_one, one_to_many, subsets
from offset.treasury.matching import (
    Candidate,
    Kind,
    Line,
    Reason,
    Why,
    disbursement_candidate,
    gift_candidate,
    payout_candidate,
)

DAY = date(2026, 10, 8)


def an_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def a_line(number: int, minor: int, text: str = "", *, days: int = 0, payer: str = "") -> Line:
    return Line(
        id=an_id(number),
        amount=Money(minor, "EUR"),
        booked_on=DAY + timedelta(days=days),
        text=text,
        payer=payer,
    )


def a_gift(number: int, minor: int, reference: str = "") -> Candidate:
    return gift_candidate(
        an_id(number), Money(minor, "EUR"), DAY, reference=reference or f"R{number}"
    )


def test_one_transfer_for_two_pledges_that_it_names() -> None:
    line = a_line(1, 7_500, "DON-AAAA and DON-BBBB")
    named = [a_gift(11, 5_000, "DON-AAAA"), a_gift(12, 2_500, "DON-BBBB")]
    found = one_to_many([line], [*named, a_gift(13, 7_500), a_gift(14, 2_500)])
    (told,) = found[line.id]
    assert {part[1] for part in told.parts} == {an_id(11), an_id(12)}
    assert told.reasons[0] == Reason(Why.SAME_SUM, "2")
    assert Reason(Why.REFERENCE, "DON-AAAA") in told.reasons


def test_two_solutions_are_both_shown() -> None:
    line = a_line(1, 300)
    found = one_to_many(
        [line], [a_gift(n, minor) for n, minor in ((11, 100), (12, 200), (13, 200))]
    )
    told = found[line.id]
    assert [{part[1] for part in one.parts} for one in told] == [
        {an_id(11), an_id(12)},
        {an_id(11), an_id(13)},
    ] or len(told) == 2


def test_sums_that_do_not_agree_are_nothing() -> None:
    assert one_to_many([a_line(1, 301)], [a_gift(11, 100), a_gift(12, 200)]) == {}
    assert one_to_many([a_line(1, 300, days=90)], [a_gift(11, 100), a_gift(12, 200)]) == {}


def test_money_out_for_two_payments() -> None:
    payments = [
        disbursement_candidate(an_id(n), Money(minor, "EUR"), DAY, number=f"DISB-2026-{n:04d}")
        for n, minor in ((21, 40_000), (22, 60_000))
    ]
    line = a_line(1, -100_000, "REMISE 2 VIREMENTS")
    assert len(one_to_many([line], payments)[line.id][0].parts) == 2


def test_two_lines_of_one_payer_for_one_payout() -> None:
    payout = payout_candidate(an_id(31), Money(30_000, "EUR"), DAY, names=("STRIPE",))
    lines = [
        a_line(1, 10_000, payer="Stripe"),
        a_line(2, 20_000, payer="STRIPE", days=1),
        a_line(3, 20_000, payer="Somebody else"),
    ]
    (told,) = many_to_one(lines, [payout, a_gift(32, 30_000)])[an_id(31)]
    assert told.line_ids == (an_id(1), an_id(2))
    assert told.parts == ((Kind.PAYOUT, an_id(31), Money(30_000, "EUR")),)
    assert Reason(Why.SAME_PAYER) in told.reasons
    assert many_to_one(lines[1:], [payout]) == {}


def test_subsets_are_exact_bounded_and_the_same_each_time() -> None:
    assert subsets([5, 3, 2], 5) == [(1, 2)]
    assert subsets([-5, -3, -2], -5) == [(1, 2)]
    assert subsets([1, 1, 1, 1, 1, 1, 1], 7) == []
    assert len(subsets([1] * 25, 6)) == 2
    many = [2**n for n in range(25)]
    assert subsets(many, 3) == subsets(many, 3) == [(0, 1)]
    assert subsets([], 5) == []
