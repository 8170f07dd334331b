"""Does matching find what is the same, say why, and leave every doubt to a person?"""

import itertools
import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offset.money import Money
from offset.treasury import matching
from offset.treasury.matching import (
    Candidate,
    Kind,
    Line,
    Proposal,
    Reason,
    Why,
    disbursement_candidate,
    entry_candidate,
    gift_candidate,
    payout_candidate,
    propose,
    return_candidate,
)

DAY = date(2026, 10, 8)
CEILING = Money(2_000, "EUR")


def an_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def a_line(
    number: int = 1,
    minor: int = 11_240,
    *,
    day: date = DAY,
    text: str = "",
    end_to_end: str | None = None,
    currency: str = "EUR",
) -> Line:
    return Line(
        id=an_id(number),
        amount=Money(minor, currency),
        booked_on=day,
        text=text,
        end_to_end_id=end_to_end,
    )


def a_payout(number: int = 101, minor: int = 11_240, *, day: date = DAY) -> Candidate:
    return payout_candidate(
        an_id(number), Money(minor, "EUR"), day, names=("po_SYN1", None, "STRIPE")
    )


def best(line: Line, *candidates: Candidate) -> Proposal:
    return propose([line], candidates, fee_ceiling=CEILING)[line.id][0]


def test_a_payout_with_its_words_on_its_day_is_certain_and_says_why() -> None:
    found = best(a_line(text="Virement STRIPE"), a_payout())
    assert (found.kind, found.candidate_id, found.score) == (Kind.PAYOUT, an_id(101), 100)
    assert found.certain
    assert found.reasons == (
        Reason(Why.SAME_AMOUNT),
        Reason(Why.REFERENCE, "STRIPE"),
        Reason(Why.SAME_DAY),
        Reason(Why.ONLY_CANDIDATE),
    )


def test_without_a_word_it_is_only_suggested() -> None:
    found = best(a_line(text="virement"), a_payout())
    assert (found.score, found.certain) == (75, False)


@pytest.mark.parametrize(
    ("days", "score"), [(-3, None), (-2, 96), (0, 100), (1, 98), (7, 86), (8, None)]
)
def test_the_window_of_a_payout_is_two_days_before_to_seven_after(
    days: int, score: int | None
) -> None:
    found = best(a_line(text="STRIPE", day=DAY + timedelta(days=days)), a_payout())
    assert (found.score if found.candidate_id else None) == score
    if days > 0 and score:
        assert Reason(Why.DAYS_APART, str(days)) in found.reasons


def test_one_cent_or_another_currency_is_no_candidate() -> None:
    assert best(a_line(minor=11_241, text="STRIPE"), a_payout()).kind is Kind.UNIDENTIFIED
    assert best(a_line(currency="USD", text="STRIPE"), a_payout()).kind is Kind.UNIDENTIFIED


def test_two_payouts_of_one_amount_are_left_to_a_person() -> None:
    proposals = propose(
        [a_line(text="STRIPE")],
        [a_payout(101), a_payout(102, day=DAY + timedelta(days=1))],
        fee_ceiling=CEILING,
    )[an_id(1)]
    assert [p.candidate_id for p in proposals] == [an_id(101), an_id(102)]
    assert not any(p.certain for p in proposals)
    assert not any(Reason(Why.ONLY_CANDIDATE) in p.reasons for p in proposals)


def test_two_lines_for_one_payout_are_left_to_a_person() -> None:
    found = propose(
        [a_line(1, text="STRIPE"), a_line(2, text="STRIPE")], [a_payout()], fee_ceiling=CEILING
    )
    assert not found[an_id(1)][0].certain
    assert not found[an_id(2)][0].certain


def test_a_lead_of_twenty_points_makes_certain_in_spite_of_a_rival() -> None:
    named = payout_candidate(an_id(102), Money(11_240, "EUR"), DAY, names=("po_OTHER",))
    found = propose([a_line(text="STRIPE")], [a_payout(), named], fee_ceiling=CEILING)[an_id(1)]
    assert [(p.candidate_id, p.certain) for p in found] == [
        (an_id(101), True),
        (an_id(102), False),
    ]


def test_a_payment_is_found_by_its_end_to_end_id() -> None:
    payment = disbursement_candidate(
        an_id(7), Money(123_456, "EUR"), DAY - timedelta(days=12), number="DISB-2026-0042"
    )
    line = a_line(minor=-123_456, end_to_end="DISB-2026-0042", text="Decaissement")
    found = best(line, payment)
    assert (found.kind, found.certain, found.score) == (Kind.DISBURSEMENT, True, 85)


def test_a_returned_payment_is_money_in_with_the_same_id() -> None:
    back = return_candidate(an_id(7), Money(123_456, "EUR"), DAY, number="DISB-2026-0042")
    found = best(a_line(minor=123_456, text="RETOUR DISB 2026 0042"), back)
    assert (found.kind, found.certain) == (Kind.DISBURSEMENT_RETURN, True)


def test_an_announced_gift_is_found_by_its_reference() -> None:
    gift = gift_candidate(an_id(9), Money(5_000, "EUR"), DAY, reference="DON-5T6YQ2")
    found = best(a_line(minor=5_000, text="don 5t6 yq2 sols vivants"), gift)
    assert (found.kind, found.candidate_id, found.certain) == (Kind.GIFT, an_id(9), True)


def test_a_booking_without_a_line_is_suggested_by_amount_and_day_alone() -> None:
    booked = entry_candidate(an_id(8), Money(-185_000, "EUR"), DAY - timedelta(days=7))
    found = best(a_line(minor=-185_000), booked)
    assert (found.kind, found.score, found.certain) == (Kind.ENTRY, 61, False)


@pytest.mark.parametrize(
    ("text", "minor", "score"),
    [
        ("FRAIS TENUE DE COMPTE", -850, 50),
        ("frais tenue de compte", -2_000, 50),
        ("FRAIS TENUE DE COMPTE", -2_001, 0),
        ("Fraisier du Marais", -850, 0),
    ],
)
def test_the_rule_for_charges_needs_the_word_and_a_small_amount(
    text: str, minor: int, score: int
) -> None:
    found = best(a_line(minor=minor, text=text))
    assert (found.kind, found.score, found.certain) == (Kind.BANK_FEE, score, False)
    assert found.reasons[0].why is (Why.FEE_RULE if score else Why.NO_CANDIDATE)


def test_a_charge_in_another_currency_than_the_ceiling_is_for_a_person() -> None:
    assert best(a_line(minor=-850, text="FRAIS", currency="USD")).score == 0


def test_unknown_money_in_is_unidentified() -> None:
    found = best(a_line(minor=2_000, text="don 4 pour mille"))
    assert (found.kind, found.candidate_id, found.score) == (Kind.UNIDENTIFIED, None, 0)


def test_the_same_input_gives_the_same_answer_in_any_order() -> None:
    lines = [a_line(n, text="STRIPE") for n in (1, 2)]
    candidates = [a_payout(101), a_payout(102), a_payout(103)]
    answers = {
        str(sorted(propose(list(some), list(others), fee_ceiling=CEILING).items()))
        for some in itertools.permutations(lines)
        for others in itertools.permutations(candidates)
    }
    assert len(answers) == 1


@given(
    lines=st.lists(st.tuples(st.integers(1, 3), st.integers(-3, 9), st.booleans()), max_size=6),
    payouts=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), max_size=6),
)
def test_nothing_is_certain_for_two(
    lines: list[tuple[int, int, bool]], payouts: list[tuple[int, int]]
) -> None:
    found = propose(
        [
            a_line(n, minor, day=DAY + timedelta(days=shift), text="STRIPE" if said else "x")
            for n, (minor, shift, said) in enumerate(lines, start=1)
        ],
        [
            a_payout(100 + n, minor, day=DAY + timedelta(days=shift))
            for n, (minor, shift) in enumerate(payouts, start=1)
        ],
        fee_ceiling=CEILING,
    )
    certain = [p.candidate_id for one in found.values() for p in one if p.certain]
    assert len(certain) == len(set(certain))
    for proposals in found.values():
        assert sum(p.certain for p in proposals) <= 1
        assert not any(p.certain for p in proposals[1:])


def test_the_points_add_up_as_the_page_says() -> None:
    assert matching.AMOUNT_POINTS + matching.REFERENCE_POINTS == matching.CERTAIN_FROM
