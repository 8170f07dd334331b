"""Which accounts there are."""

import uuid
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from offset.database.session import Database
from offset.errors import LedgerRefused
from offset.ledger import chart, journal
from offset.ledger.models import Account, Currency, Floor
from offset.money import EXPONENTS
from tests.builders.ledger import a_gift


@pytest.mark.parametrize(
    "code",
    [
        chart.stripe("EUR"),
        chart.bank(),
        chart.bank("B2"),
        chart.payouts_in_transit("EUR"),
        chart.disbursements_in_transit("EUR"),
        chart.disputes("EUR"),
        chart.pool("EUR"),
        chart.restricted("Sahel", "EUR"),
        chart.project("P0001", "EUR"),
        chart.refunds("EUR"),
        chart.unidentified("EUR"),
        chart.reserve("EUR"),
        chart.fx("EUR"),
        chart.suspense("EUR"),
        chart.operating("O1"),
        chart.opening("EUR"),
        chart.fee_part("EUR"),
        chart.share("EUR"),
        chart.stripe_fees("EUR"),
        chart.dispute_fees("EUR"),
        chart.bank_fees("EUR"),
        chart.interest("EUR"),
    ],
)
def test_every_code_we_build_is_in_the_chart_once(code: str) -> None:
    assert sum(place.reads(code) for place in chart.PLACES) == 1
    assert chart.place(code).reads(code)


@pytest.mark.parametrize(
    "code",
    [
        "Assets:Cellar:EUR",
        "Assets:Stripe",
        "Assets:Stripe:EUR:More",
        "assets:Stripe:EUR",
        "Liabilities:Project:p0001:EUR",
        "Liabilities:Fund:Pool:EUR\n",
        "",
    ],
)
def test_a_code_outside_the_chart_is_refused(code: str) -> None:
    with pytest.raises(LedgerRefused, match="account_unknown"):
        chart.place(code)


def test_only_funds_and_projects_have_a_floor() -> None:
    guarded = {place.pattern for place in chart.PLACES if place.floor is not Floor.NONE}
    assert guarded == {
        "Liabilities:Fund:Pool:<cur>",
        "Liabilities:Fund:Restricted:<tag>:<cur>",
        "Liabilities:Project:<project>:<cur>",
    }


def test_a_code_says_its_currency() -> None:
    assert chart.currency_of("Assets:Stripe:EUR") == "EUR"
    assert chart.currency_of("Assets:Bank:B1") is None


def test_every_currency_of_money_is_in_the_books(database: Database) -> None:
    with database.reading() as session:
        stored = {one.code: one.exponent for one in session.scalars(select(Currency))}
    assert stored == dict(EXPONENTS)


def test_an_account_is_opened_once(database: Database, at: datetime) -> None:
    project_id = uuid.uuid4()
    code = chart.project("P0001", "EUR")
    first = database.run(chart.open_account, code, at=at, currency="EUR", project_id=project_id)
    again = database.run(chart.open_account, code, at=at, currency="EUR", project_id=project_id)
    assert first == again
    with database.reading() as session:
        account = session.get_one(Account, first)
        assert account.name == "Allocated to a project (P0001, EUR)"
        assert (account.type, account.floor) == ("L", "non_negative_credit")
        assert account.opened_on == date(2026, 11, 15)
        assert account.project_id == project_id


def test_an_account_cannot_change_its_currency(database: Database, at: datetime) -> None:
    database.run(chart.open_account, "Assets:Bank:B1", at=at, currency="EUR")
    with pytest.raises(LedgerRefused, match="currency_mixed"):
        database.run(chart.open_account, "Assets:Bank:B1", at=at, currency="USD")


def test_an_account_holds_the_currency_its_code_names(database: Database, at: datetime) -> None:
    with pytest.raises(LedgerRefused, match="account_unknown"):
        database.run(chart.open_account, "Assets:Stripe:EUR", at=at, currency="USD")


def test_an_empty_account_is_closed_once_and_for_good(database: Database, at: datetime) -> None:
    database.run(chart.open_account, "Assets:Bank:B1", at=at, currency="EUR")
    database.run(chart.close_account, "Assets:Bank:B1", on=date(2026, 11, 15))
    with pytest.raises(LedgerRefused, match="account_closed"):
        database.run(chart.close_account, "Assets:Bank:B1", on=date(2026, 11, 16))


def test_an_account_with_money_on_it_stays_open(database: Database, at: datetime) -> None:
    database.run(journal.post, a_gift(), at=at)
    with pytest.raises(LedgerRefused, match="account_not_empty"):
        database.run(chart.close_account, "Assets:Stripe:EUR", on=date(2026, 11, 15))


def test_an_account_that_is_not_open_cannot_be_closed(embedded: Database) -> None:
    with pytest.raises(LedgerRefused, match="account_unknown"):
        embedded.run(chart.close_account, "Assets:Bank:B9", on=date(2026, 11, 15))
    with embedded.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0
