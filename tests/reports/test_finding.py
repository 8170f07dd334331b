"""Does one box find whatever somebody holds in hand, and nothing for whoever may not see it?"""

from datetime import UTC, datetime

import pytest

from offset.database.session import Database
from offset.giving import pledges
from offset.people.access import Actor, Role
from offset.reports import finding, trails
from offset.treasury.ports import StatementLine
from tests.builders import treasury as build
from tests.builders.treasury import a_statement

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
CLERK = Actor(None, frozenset({Role.CLERK}))
AUDITOR = Actor(None, frozenset({Role.AUDITOR}))
GIVER = "DE89370400440532013000"


@pytest.fixture
def promised(embedded: Database) -> pledges.Promised:
    house = embedded.run(build.a_house, at=AT)
    line = StatementLine(
        amount=build.eur("12.50"),
        booked_on=AT.date(),
        value_on=AT.date(),
        text="don",
        counterparty="GARCIA HELENE",
        counterparty_iban=GIVER,
    )
    told = a_statement(line, on=AT.date())
    embedded.run(build.take_in, told, actor=house.clerk, at=AT)
    return embedded.run(
        pledges.promise,
        at=AT,
        amount=build.eur("50.00"),
        language="fr",
        account=pledges.Account("4 per 1000", build.IBAN),
        email="helene@example.org",
        name="Hélène García",
    )


def kinds(database: Database, word: str, actor: Actor = CLERK) -> set[str]:
    with database.reading() as session:
        return {one.kind for one in finding.find(session, actor, word)}


def test_a_promise_is_found_before_any_money_came(
    embedded: Database, promised: pledges.Promised
) -> None:
    lower = promised.reference.lower().replace("-", " ")
    for word in (
        promised.reference,
        lower,
        promised.reference[:8],
        str(promised.pledge_id),
        promised.token,
        f"https://give.example/fr/pledges/{promised.token}?from=mail",
    ):
        assert kinds(embedded, word) == {"pledge"}, word
    with embedded.reading() as session:
        told = trails.trail(session, "pledge", str(promised.pledge_id))
    assert (told.focus.name, told.focus.note) == (promised.reference, "open")


@pytest.mark.parametrize("word", ["García Hélène", "garcia helene", "HELENE GARCIA", "GARCÍA"])
@pytest.mark.usefixtures("promised")
def test_a_name_is_found_in_any_order_and_without_its_accents(
    embedded: Database, word: str
) -> None:
    assert kinds(embedded, word) == {"donor", "line"}
    assert kinds(embedded, word, AUDITOR) == set()


@pytest.mark.parametrize("word", ["12,50 €", "€12.50", "-12,50", "\N{MINUS SIGN}12.50 EUR"])
@pytest.mark.usefixtures("promised")
def test_an_amount_is_found_however_it_is_written(embedded: Database, word: str) -> None:
    assert kinds(embedded, word) == {"line"}


@pytest.mark.usefixtures("promised")
def test_account_numbers_and_what_matches_everything(embedded: Database) -> None:
    assert kinds(embedded, "DE89 3704 0044 0532 0130 00") == {"line"}
    assert kinds(embedded, GIVER, AUDITOR) == set()
    assert kinds(embedded, build.IBAN) == kinds(embedded, "b1") == {"account"}
    for word in ("%%%", "___", "\\\\\\", "%@%", "gar%ia", "12.50 USD", "http://", "9" * 64):
        assert kinds(embedded, word) == set(), word
