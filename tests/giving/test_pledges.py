"""Is a pledge by transfer paid in parts, told what is missing, and remembered and expired?"""

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.errors import InvalidInput, Refused
from offset.giving import directives, organisations, pledge_papers, pledges
from offset.giving.directives import Directive
from offset.giving.models import (
    BankPledge,
    BankPledgeStatus,
    Donation,
    DonationStatus,
    DonorOrganisation,
)
from offset.giving.organisations import Organisation
from offset.giving.references import is_reference
from offset.ledger import verify
from offset.people.access import SYSTEM
from offset.people.models import OutboxMessage
from offset.treasury import reconciliation
from offset.treasury.matching import Kind
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.giving import books, money
from tests.once_built import once_built
from tests.treasury.test_reconciliation import match, receive, rows

ACCOUNT = pledges.Account("4 per 1000", "FR7630006000011234567890189", "AGRIFRPP")
FIRM = Organisation(legal_name="Reisen GmbH", registration="HRB 1", email="bills@reisen.example")


def promised(
    database: Database,
    *,
    at: datetime,
    amount: str = "500.00 EUR",
    organisation: Organisation | None = None,
    form_key: str | None = None,
) -> pledges.Promised:
    return database.run(
        pledges.promise,
        at=at,
        amount=money(amount),
        language="fr",
        account=ACCOUNT,
        email="ada@example.org",
        organisation=organisation,
        form_key=form_key,
    )


def row(database: Database) -> BankPledge:
    with database.reading() as session:
        found = session.scalars(select(BankPledge)).one()
        session.expunge(found)
        return found


def told(database: Database, template: str) -> list[dict[str, object]]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(OutboxMessage.parameters)
                .where(OutboxMessage.template == template)
                .order_by(OutboxMessage.id)
            )
        )


def test_an_organisation_pays_its_pledge_in_two_parts(database: Database, at: datetime) -> None:
    house = once_built(database, build.a_house, at=at)
    made = promised(database, at=at, organisation=FIRM)
    assert is_reference(made.reference)
    spaced = f"{made.reference[:8]} {made.reference[8:]}".lower()
    receive(database, house, ("300.00", f"Invoice 7 {made.reference}"), at=at)
    assert database.run(reconciliation.match_certain, actor=SYSTEM, at=at) == 1
    assert (row(database).status, row(database).received) == (
        BankPledgeStatus.PARTLY_PAID,
        30_000,
    )
    next_day = at + timedelta(days=1)
    receive(database, house, ("200.00", spaced), at=next_day, opening="300.00")
    assert database.run(reconciliation.match_certain, actor=SYSTEM, at=next_day) == 1
    assert (row(database).status, row(database).received) == (BankPledgeStatus.PAID, 50_000)
    with database.reading() as session:
        parts = session.scalars(
            select(Donation)
            .where(Donation.bank_pledge_id == made.pledge_id)
            .order_by(Donation.gross.desc())
        ).all()
        assert [(one.status, one.gross, one.share, one.method) for one in parts] == [
            (DonationStatus.SUCCEEDED, 30_000, 1_500, "bank_transfer"),
            (DonationStatus.SUCCEEDED, 20_000, 1_000, "bank_transfer"),
        ]
        assert len({one.entry_id for one in parts}) == 2
        assert all(one.receipt_due and one.contributor_id for one in parts)
        paper = pledge_papers.of_pledge(session, made.token)
        assert session.scalars(select(DonorOrganisation.legal_name)).one() == "Reisen GmbH"
    assert (paper.open.minor, paper.code, len(paper.parts)) == (0, None, 2)
    assert books(database)["Income:Share:EUR"] <= -2_500
    missing = [(one["open"], one["above"]) for one in told(database, "pledge_part")]
    assert missing == [(eur(20_000), eur(0)), (eur(0), eur(0))]
    assert not [one for one in verify.verify(database).faults if "trigger" not in one]


def eur(minor: int) -> dict[str, object]:
    return {"minor": minor, "currency": "EUR"}


def test_what_comes_too_much_is_told(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    made = promised(embedded, at=at, amount="50.00 EUR")
    (line,) = receive(embedded, house, ("60.00", made.reference), at=at)
    proposals = next(one for one in rows(embedded) if one.line_id == line).proposals
    assert (proposals[0].kind, proposals[0].candidate_id) == (Kind.GIFT, made.pledge_id)
    match(embedded, house.clerk, line, Part(kind=Kind.GIFT, subject_id=made.pledge_id), at=at)
    assert (row(embedded).status, row(embedded).received) == (BankPledgeStatus.PAID, 6_000)
    assert [one["above"] for one in told(embedded, "pledge_part")] == [eur(1_000)]


def test_a_pledge_of_another_currency_takes_no_line(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    made = promised(embedded, at=at, amount="50.00 CHF")
    (line,) = receive(embedded, house, ("50.00", made.reference), at=at)
    with pytest.raises(Refused, match="pledge_currency"):
        match(embedded, house.clerk, line, Part(kind=Kind.GIFT, subject_id=made.pledge_id), at=at)
    assert embedded.run(reconciliation.match_certain, actor=SYSTEM, at=at) == 0
    assert row(embedded).received == 0


def test_it_is_recalled_twice_then_expires_and_still_takes_money(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    made = promised(embedded, at=at)
    assert pledges.look_after(embedded, at=at + timedelta(days=13)) == (0, 0)
    for day in (14, 40):
        assert pledges.look_after(embedded, at=at + timedelta(days=day)) == (1, 0)
        assert pledges.look_after(embedded, at=at + timedelta(days=day)) == (0, 0)
    assert len(told(embedded, "pledge_reminder")) == 2
    assert pledges.look_after(embedded, at=at + timedelta(days=61)) == (0, 1)
    assert row(embedded).status is BankPledgeStatus.EXPIRED
    (line,) = receive(embedded, house, ("500.00", made.reference), at=at)
    match(embedded, house.clerk, line, Part(kind=Kind.GIFT, subject_id=made.pledge_id), at=at)
    assert row(embedded).status is BankPledgeStatus.PAID
    assert pledges.look_after(embedded, at=at + timedelta(days=90)) == (0, 0)


def test_the_same_form_twice_is_one_pledge(database: Database, at: datetime) -> None:
    made = promised(database, at=at, form_key="one")
    assert database.run(pledges.sent_before, "one") == made
    assert database.run(pledges.sent_before, "two") is None
    assert database.run(pledges.sent_before, None) is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"legal_name": "  "}, "organisation_unnamed"),
        ({"registration": ""}, "organisation_unregistered"),
        ({"email": "a@b"}, "email_unreadable"),
        ({"email": "a@b.example,c@d.example"}, "email_unreadable"),
    ],
)
def test_an_organisation_says_who_it_is(changed: dict[str, str], code: str) -> None:
    told = {
        "legal_name": "Reisen GmbH",
        "registration": "HRB 1",
        "email": "bills@reisen.example",
        **changed,
    }
    with pytest.raises(InvalidInput) as fault:
        organisations.checked(Organisation(**told))
    assert fault.value.code == code


def test_a_part_goes_where_the_pledge_said(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    word = Directive(project_id=house.way.project_id)
    made = embedded.run(
        pledges.promise,
        at=at,
        amount=money("50.00 EUR"),
        language="en",
        account=ACCOUNT,
        email="ada@example.org",
        directive=word,
    )
    (line,) = receive(embedded, house, ("50.00", made.reference), at=at)
    match(embedded, house.clerk, line, Part(kind=Kind.GIFT, subject_id=made.pledge_id), at=at)
    with embedded.reading() as session:
        gift = session.scalars(
            select(Donation).where(Donation.bank_pledge_id == made.pledge_id)
        ).one()
        assert directives.weights_of(gift) == {house.way.project_id: 100}


@pytest.mark.parametrize("pair", list(itertools.product(BankPledgeStatus, repeat=2)))
def test_a_pledge_moves_forward_only(pair: tuple[BankPledgeStatus, BankPledgeStatus]) -> None:
    before, to = pair
    never = to is BankPledgeStatus.OPEN or before is BankPledgeStatus.PAID or before is to
    assert (pair in pledges.STEPS) is not never


def test_what_was_promised_is_never_changed(embedded: Database, at: datetime) -> None:
    promised(embedded, at=at)
    for name, value in (("amount", 1), ("terms", {}), ("account", {})):
        with pytest.raises(Exception, match="bank_pledge_no_update"):
            embedded.run(rewrite, name, value)


def rewrite(session: Session, name: str, value: object) -> None:
    setattr(session.scalars(select(BankPledge)).one(), name, value)
    session.flush()
