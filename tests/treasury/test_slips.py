"""Is a gift found in spite of a slip of the pen, and is every doubt left to a person?"""

import random
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.giving import pledges
from offset.giving.references import is_reference, new_reference, references_in, slips_in
from offset.money import Money
from offset.sandbox.year import slips
from offset.treasury import reconciliation, statements
from offset.treasury.matching import Kind, Proposal, Why, same_name
from offset.treasury.models import Match
from offset.treasury.ports import StatementLine
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.treasury import House, a_statement

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
DAY = AT.date()
IBAN = "FR7630004000031234567890143"


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - slips of the pen, no secrets


@pytest.mark.parametrize("way", [slips.one_wrong, slips.swapped, slips.lost])
def test_every_slip_leads_back_to_the_reference(way: object) -> None:
    dice = dice_of(7)
    for _ in range(60):
        reference = new_reference(dice.randbytes)
        written = way(reference, dice)  # type: ignore[operator]  # one of three functions
        assert reference in slips_in(f"VIR {written}") or reference in references_in(written)


def test_what_is_whole_is_no_slip_and_what_is_far_off_none_at_all() -> None:
    reference = new_reference(dice_of(1).randbytes)
    assert references_in(reference.lower().replace("-", " ")) == (reference,)
    assert reference not in slips_in(reference)
    assert slips_in("virement sans reference") == frozenset()
    assert reference in slips_in(f"x {reference.removeprefix('DON-')} y")
    assert all(is_reference(one) for one in slips_in("DON-2345678"))
    assert reference in slips_in(f"D0N {reference[4:]}")
    assert reference in slips_in(f"DON-{reference[4]}{reference[4:]}")
    assert reference in slips_in(f"merci {reference[4:8]} {reference[8:]} Jean")


@pytest.mark.parametrize("before", ["don ", "Don pour ", "Donation: ", "DON DON "])
def test_the_french_word_for_a_gift_before_a_reference_hides_nothing(before: str) -> None:
    dice = dice_of(11)
    for _ in range(20):
        reference = new_reference(dice.randbytes)
        assert reference in references_in(before + reference)
        wrong = slips.one_wrong(reference, dice)
        assert reference in slips_in(before + wrong) or reference in references_in(before + wrong)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in reference)
    assert reference in references_in(wide)
    assert reference in references_in(reference.replace("-", "_"))


@pytest.fixture
def house(embedded: Database) -> House:
    return embedded.run(build.a_house, at=AT - timedelta(days=20))


def a_pledge(
    database: Database,
    amount: str = "50.00",
    *,
    name: str = "Lucie Bernard",
    email: str = "lucie@example.org",
) -> pledges.Promised:
    return database.run(
        pledges.promise,
        at=AT - timedelta(days=10),
        amount=build.eur(amount),
        language="fr",
        account=pledges.Account("4 per 1000", build.IBAN),
        email=email,
        name=name,
    )


def receive(
    database: Database,
    house: House,
    *told: tuple[str, str, str, str],
    opening: str = "0.00",
    on: date = DAY,
) -> None:
    lines = [
        StatementLine(
            amount=build.eur(amount),
            booked_on=on,
            value_on=on,
            text=text,
            counterparty=payer or None,
            counterparty_iban=iban or None,
        )
        for amount, text, payer, iban in told
    ]
    statement = a_statement(*lines, opening=opening, reference=f"S-{on}-{opening}", on=on)
    database.run(build.take_in, statement, actor=house.clerk, at=AT + timedelta(days=5))


def proposals(database: Database) -> list[tuple[Proposal, ...]]:
    with database.reading() as session:
        account = statements.account_by_code(session, "B1")
        return list(reconciliation.proposals_of(session, account).values())


def whys(one: Proposal) -> set[Why]:
    return {reason.why for reason in one.reasons}


def test_one_wrong_letter_is_proposed_and_never_certain(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded)
    wrong = slips.one_wrong(pledge.reference, dice_of(3))
    receive(embedded, house, ("50.00", wrong, "", ""))
    ((best, *_),) = proposals(embedded)
    assert (best.kind, best.candidate_id, best.certain) == (Kind.GIFT, pledge.pledge_id, False)
    assert Why.NEAR_REFERENCE in whys(best)


def test_a_name_and_an_amount_are_proposed(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded, "50.37")
    a_pledge(embedded, "50.37", name="Paul Roux", email="paul@example.org")
    receive(embedded, house, ("50.37", "don", "M OU MME BERNARD LUCIE", ""))
    ((best, *_),) = proposals(embedded)
    assert (best.candidate_id, best.certain) == (pledge.pledge_id, False)
    assert Why.PAYER_NAMED in whys(best)
    assert "Bernard" not in str(best.reasons)


@pytest.mark.parametrize(
    ("ours", "banks"),
    [
        ("Hélène García-Núñez", "GARCIA NUNEZ HELENE"),
        ("Jürgen Müller", "MUELLER JUERGEN"),
        ("Jürgen Müller", "MULLER, JURGEN"),
        ("Łukasz Sørensen", "SORENSEN LUKASZ"),
        ("Anne O’Brien", "MME OBRIEN ANNE"),
    ],
)
def test_a_name_is_known_as_banks_write_it(ours: str, banks: str) -> None:
    assert same_name(ours, banks)
    assert not same_name(ours, "DUPONT ANNE MARIE")


def test_a_reference_may_stand_in_the_field_for_one(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded)
    line = build.a_line("50.00", "merci", on=DAY, end_to_end=pledge.reference)
    embedded.run(build.take_in, a_statement(line, on=DAY), actor=house.clerk, at=AT)
    ((best, *_),) = proposals(embedded)
    assert (best.candidate_id, best.certain) == (pledge.pledge_id, True)


def test_what_the_bank_gives_back_is_nobodys_gift(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded)
    line = replace(build.a_line("50.00", pledge.reference, on=DAY), reversal=True)
    embedded.run(build.take_in, a_statement(line, on=DAY), actor=house.clerk, at=AT)
    ((best, *_),) = proposals(embedded)
    assert best.kind is Kind.UNIDENTIFIED


def test_a_later_line_of_the_same_amount_hides_no_reference(
    embedded: Database, house: House
) -> None:
    pledge = a_pledge(embedded)
    wrong = slips.swapped(a_pledge(embedded).reference, dice_of(3))
    receive(
        embedded,
        house,
        ("50.00", pledge.reference, "", ""),
        ("50.00", wrong, "", ""),
        on=DAY - timedelta(days=9),
    )
    receive(embedded, house, ("50.00", "don", "BERNARD LUCIE", ""), opening="100.00")
    (whole, *_), (near, *_), _ = proposals(embedded)
    assert (whole.candidate_id, whole.certain) == (pledge.pledge_id, True)
    assert Why.NEAR_REFERENCE in whys(near)


def test_two_pledges_of_one_amount_and_no_word_are_nobodys(
    embedded: Database, house: House
) -> None:
    a_pledge(embedded)
    a_pledge(embedded, email="paul@example.org")
    receive(embedded, house, ("50.00", "don", "", ""))
    ((best, *_),) = proposals(embedded)
    assert best.kind is Kind.UNIDENTIFIED


def test_an_account_that_paid_before_is_known(embedded: Database, house: House) -> None:
    first = a_pledge(embedded)
    receive(embedded, house, ("50.00", first.reference, "x", IBAN))
    assert embedded.run(reconciliation.match_certain, actor=house.clerk, at=AT) == 1
    second = a_pledge(embedded, "75.00")
    receive(
        embedded, house, ("75.00", "merci", "x", IBAN), opening="50.00", on=DAY + timedelta(days=1)
    )
    ((best, *rest),) = proposals(embedded)
    assert (best.candidate_id, best.certain) == (second.pledge_id, False)
    assert Why.PAYER_KNOWN in whys(best)
    assert {one.candidate_id for one in rest} == {first.pledge_id}


def test_the_same_gift_twice_is_for_a_person(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded)
    receive(
        embedded, house, ("50.00", pledge.reference, "", ""), ("50.00", pledge.reference, "", "")
    )
    for best, *_ in proposals(embedded):
        assert (best.candidate_id, best.certain) == (pledge.pledge_id, False)
        assert Why.ABOVE_PLEDGE in whys(best)


def test_two_parts_of_one_promise_are_both_certain(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded)
    receive(
        embedded, house, ("20.00", pledge.reference, "", ""), ("30.00", pledge.reference, "", "")
    )
    assert embedded.run(reconciliation.match_certain, actor=house.clerk, at=AT) == 2


def test_one_transfer_for_two_promises_is_confirmed_together(
    embedded: Database, house: House
) -> None:
    one, two = a_pledge(embedded, "50.00"), a_pledge(embedded, "25.00")
    receive(embedded, house, ("75.00", f"{one.reference} {two.reference}", "", ""))
    with embedded.reading() as session:
        account = statements.account_by_code(session, "B1")
        ((line_id, (together,)),) = reconciliation.combinations_of(session, account).items()
    parts = [Part(kind=kind, subject_id=key, amount=amount) for kind, key, amount in together.parts]
    made = embedded.run(
        reconciliation.confirm_together, actor=house.clerk, at=AT, line_ids=[line_id], parts=parts
    )
    assert len(made) == 2
    with embedded.reading() as session:
        assert {row.received for row in pledges.named(session, [one.reference, two.reference])} == {
            5_000,
            2_500,
        }


def test_a_line_that_names_two_promises_is_certain_for_neither(
    embedded: Database, house: House
) -> None:
    one, two = a_pledge(embedded, "50.00"), a_pledge(embedded, "50.00")
    wrong = slips.swapped(two.reference, dice_of(3))
    receive(
        embedded,
        house,
        ("50.00", f"{one.reference} {two.reference}", "", ""),
        ("50.00", wrong, "", ""),
    )
    both, (near, *_) = proposals(embedded)
    assert {told.candidate_id for told in both} == {one.pledge_id, two.pledge_id}
    assert not any(told.certain for told in (*both, near))
    assert embedded.run(reconciliation.match_certain, actor=house.clerk, at=AT) == 0


def test_undoing_a_part_lets_the_promise_wait_again(embedded: Database, house: House) -> None:
    pledge = a_pledge(embedded)
    receive(embedded, house, ("20.00", pledge.reference, "", ""))
    embedded.run(reconciliation.match_certain, actor=house.clerk, at=AT)
    match_id = a_match(embedded)
    embedded.run(reconciliation.undo, actor=house.clerk, at=AT, match_id=match_id, reason="x")
    with embedded.reading() as session:
        (row,) = pledges.named(session, [pledge.reference])
        assert (row.received, row.status.value) == (0, "open")
    assert embedded.run(reconciliation.match_certain, actor=house.clerk, at=AT) == 1


def a_match(database: Database) -> uuid.UUID:
    with database.reading() as session:
        return session.scalars(select(Match.id).order_by(Match.id.desc())).first() or uuid.uuid4()


def test_money_of_another_currency_is_not_for_a_promise(embedded: Database, house: House) -> None:
    pledge = embedded.run(
        pledges.promise,
        at=AT,
        amount=Money(5_000, "CHF"),
        language="fr",
        account=pledges.Account("4 per 1000", build.IBAN),
        email="x@example.org",
    )
    receive(embedded, house, ("50.00", pledge.reference, "", ""))
    ((best, *_),) = proposals(embedded)
    assert best.kind is Kind.UNIDENTIFIED
