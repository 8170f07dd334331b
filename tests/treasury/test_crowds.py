"""Is a gift found among hundreds of the same amount, by its words and not by its day?"""

import gc
import uuid
from datetime import date, timedelta

import pytest

from offset.money import Money
from offset.treasury.matching import (
    Candidate,
    Kind,
    Line,
    Proposal,
    Reason,
    Rule,
    Why,
    by_rule,
    gift_candidate,
    payout_candidate,
    propose,
    rule_word,
    same_name,
)

DAY = date(2026, 10, 8)
CEILING = Money(2_000, "EUR")
TEN = Money(1_000, "EUR")
MANY = 90


def an_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def a_line(
    number: int = 1,
    minor: int = 1_000,
    *,
    day: date = DAY,
    text: str = "",
    payer: str = "",
    payer_iban: str = "",
) -> Line:
    return Line(
        id=an_id(number),
        amount=Money(minor, "EUR"),
        booked_on=day,
        text=text,
        payer=payer,
        payer_iban=payer_iban,
    )


def a_reference(number: int) -> str:
    return f"DON-AAAA{number:03d}"


def standing_orders(*, slips: dict[int, int] | None = None) -> list[Candidate]:
    """Write ninety promises of 10.00; ``slips`` says whose reference stands misspelt in a line."""
    return [
        gift_candidate(
            an_id(1_000 + n),
            TEN,
            DAY - timedelta(days=n % 50),
            reference=a_reference(n),
            near=frozenset({an_id(slips[n])} if slips and n in slips else ()),
        )
        for n in range(MANY)
    ]


def proposals(line: Line, candidates: list[Candidate]) -> tuple[Proposal, ...]:
    return propose([line], candidates, fee_ceiling=CEILING)[line.id]


def test_the_named_one_of_ninety_is_certain_however_far_its_day() -> None:
    found = proposals(a_line(text="VIR don aaaa 049 merci"), standing_orders())
    assert [(one.candidate_id, one.score, one.certain) for one in found] == [
        (an_id(1_049), 85, True)
    ]
    assert Reason(Why.REFERENCE, a_reference(49)) in found[0].reasons
    near = proposals(a_line(text="DON-AAAA001"), standing_orders())
    assert (near[0].candidate_id, near[0].certain) == (an_id(1_001), True)


def test_ninety_of_which_only_the_amount_agrees_are_nobody() -> None:
    (found,) = proposals(a_line(text="don"), standing_orders())
    assert (found.kind, found.candidate_id) == (Kind.UNIDENTIFIED, None)


def test_a_slip_of_the_pen_is_found_among_ninety() -> None:
    found = proposals(a_line(7, text="DON-AAAB060"), standing_orders(slips={60: 7, 61: 8}))
    assert [(one.candidate_id, one.certain) for one in found] == [(an_id(1_060), False)]
    assert Reason(Why.NEAR_REFERENCE, a_reference(60)) in found[0].reasons


def test_a_word_that_all_of_a_crowd_carry_tells_nobody_apart() -> None:
    crowd = [
        payout_candidate(an_id(2_000 + n), TEN, DAY + timedelta(days=n % 3), names=("STRIPE", None))
        for n in range(MANY)
    ]
    found = proposals(a_line(text="STRIPE"), crowd)
    assert len(found) > 1
    assert not any(one.certain for one in found)
    # The processor's name beside a gift that is named does not push the gift aside.
    mixed = proposals(a_line(text="STRIPE DON-AAAA001"), [*crowd, *standing_orders()])
    assert {one.kind for one in mixed} == {Kind.PAYOUT, Kind.GIFT}
    assert an_id(1_001) in {one.candidate_id for one in mixed}


def test_a_crowd_is_asked_the_same_in_any_order() -> None:
    crowd = standing_orders(slips={3: 1})
    line = a_line(text="DON-AAAA033")
    assert proposals(line, crowd) == proposals(line, list(reversed(crowd)))


def test_the_collector_stays_as_it_was() -> None:
    gc.disable()
    try:
        proposals(a_line(), [])
        assert not gc.isenabled()
    finally:
        gc.enable()
    proposals(a_line(), [])
    assert gc.isenabled()


def test_more_than_was_promised_is_never_certain() -> None:
    promised = gift_candidate(an_id(9), TEN, DAY, reference=a_reference(1), doubtful=True)
    (found,) = proposals(a_line(text=a_reference(1)), [promised])
    assert (found.score, found.certain) == (90, False)
    assert Reason(Why.ABOVE_PLEDGE) in found.reasons


def test_a_known_account_and_a_name_weigh_less_than_a_reference() -> None:
    iban = "FR7630004000031234567890143"
    promised = gift_candidate(
        an_id(9),
        TEN,
        DAY,
        reference=a_reference(1),
        near=frozenset({an_id(1)}),
        payers=frozenset({iban}),
        names=("Lucie Bernard",),
    )
    (found,) = proposals(a_line(payer="BERNARD LUCIE", payer_iban=iban), [promised])
    # 15 + 12 + 10 is held at the 25 of a whole reference.
    assert (found.score, found.certain) == (100, False)
    assert {reason.why for reason in found.reasons} >= {
        Why.NEAR_REFERENCE,
        Why.PAYER_KNOWN,
        Why.PAYER_NAMED,
    }
    (stranger,) = proposals(a_line(2, payer="Paul Roux"), [promised])
    assert (stranger.score, stranger.certain) == (75, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Lucie Bernard", "M OU MME BERNARD LUCIE", True),
        ("Lucie Bernard", "Lucie Roux", False),
        ("Coopérative", "COOPÉRATIVE", True),
        ("", "", False),
        ("X", "X", False),
    ],
)
def test_two_words_make_a_name(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert same_name(one, other) is same


def a_rule(
    number: int = 1,
    *words: str,
    name: str = "Charges",
    ceiling: int = 1_500,
    money_in: bool = False,
) -> Rule:
    return Rule(
        id=an_id(number),
        name=name,
        words=words or ("Frais de tenue",),
        ceiling=Money(ceiling, "EUR"),
        money_in=money_in,
    )


def test_a_rule_answers_with_its_name_and_its_words() -> None:
    line = a_line(minor=-850, text="FRAIS DE TENUE, octobre")
    found = by_rule(line, [a_rule(4)], CEILING)
    assert (found.kind, found.score, found.rule_id) == (Kind.BANK_FEE, 50, an_id(4))
    assert found.reasons == (Reason(Why.RULE, "Charges"), Reason(Why.REFERENCE, "Frais de tenue"))
    assert not found.certain


def test_the_first_rule_by_name_answers_and_the_built_in_one_comes_last() -> None:
    line = a_line(minor=-850, text="Frais de tenue")
    rules = [a_rule(5, "tenue", name="B"), a_rule(4, "tenue", name="A"), a_rule(6, "x", name="0")]
    assert propose([line], [], fee_ceiling=CEILING, rules=rules)[line.id][0].rule_id == an_id(4)
    built_in = by_rule(line, [a_rule(6, "other words")], CEILING)
    assert (built_in.rule_id, built_in.reasons[0].why) == (None, Why.FEE_RULE)


@pytest.mark.parametrize(
    ("minor", "text", "payer", "word"),
    [
        (-1_500, "frais  DE\ttenue", "", "Frais de tenue"),
        (-1_501, "Frais de tenue", "", ""),
        (1_500, "Frais de tenue", "", ""),
        (-850, "Frais de tenues", "", ""),
        (-850, "Frais", "de tenue", "Frais de tenue"),
        (-850, "COTISATION carte", "", "cotisation"),
        (-850, "!!", "", ""),
    ],
)
def test_a_rule_takes_whole_words_on_its_side_up_to_its_ceiling(
    minor: int, text: str, payer: str, word: str
) -> None:
    rule = a_rule(1, "--", "Frais de tenue", "cotisation")
    assert rule_word(rule, a_line(minor=minor, text=text, payer=payer)) == word


def test_a_rule_for_interest_takes_money_in_and_another_currency_never() -> None:
    interest = a_rule(1, "interets", name="Interest", money_in=True)
    assert rule_word(interest, a_line(minor=12, text="INTERETS 2026")) == "interets"
    assert rule_word(interest, a_line(minor=-12, text="INTERETS 2026")) == ""
    dollars = Line(id=an_id(1), amount=Money(12, "USD"), booked_on=DAY, text="INTERETS")
    assert rule_word(interest, dollars) == ""
    (found,) = propose([a_line(minor=12, text="INTERETS")], [], fee_ceiling=CEILING).values()
    assert found[0].kind is Kind.UNIDENTIFIED
