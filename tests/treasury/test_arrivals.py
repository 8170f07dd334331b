"""Can those who run a project, and nobody else, say that a payment arrived?"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from offset.clock import utc_day
from offset.database.session import Database
from offset.errors import InvalidInput, NotFound, OffsetError, StateRefused
from offset.people.access import Actor, Right, Role
from offset.treasury import arrivals
from tests.builders import projects
from tests.builders import treasury as build
from tests.builders.treasury import House
from tests.once_built import once_built


def said(house: House, payment: Any, at: datetime, **changed: Any) -> dict[str, Any]:
    return {
        "actor": house.way.cast.steward,
        "at": at,
        "disbursement_id": payment,
        "received_on": utc_day(at),
        "amount": "809 801",
        "currency": "xof",
        "note": "",
        **changed,
    }


def test_the_newest_word_holds_and_the_first_stays_readable(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    payment = database.run(build.a_payment, house, at=at)
    database.run(arrivals.confirm, **said(house, payment, at))
    database.run(arrivals.confirm, **said(house, payment, at))
    later = at + timedelta(days=1)
    database.run(arrivals.confirm, **said(house, payment, later, amount="809801.5", note="Fees."))
    with database.reading() as session:
        told = arrivals.history(session, payment)
        newest = arrivals.newest(session, [payment])[payment]
        money = arrivals.of_project(session, house.way.cast.steward, house.way.project_id)
    assert [one.amount for one in told] == ["809\u202f801", "809\u202f801.5"], "pressed twice, once"
    assert (newest.currency, newest.note) == ("XOF", "Fees.")
    assert money.payments[0].arrival == newest
    assert money.totals is not None
    assert money.totals.ordered == build.eur("1234.56")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": "0"}, "local_amount_unreadable"),
        ({"amount": "-5"}, "local_amount_unreadable"),
        ({"amount": "1e9"}, "local_amount_unreadable"),
        ({"amount": "plenty"}, "local_amount_unreadable"),
        ({"amount": "1.2345"}, "local_amount_unreadable"),
        ({"currency": "francs"}, "local_currency_unknown"),
        ({"currency": ""}, "local_currency_unknown"),
        ({"received_on": timedelta(days=-1)}, "received_on_unusable"),
        ({"received_on": timedelta(days=3)}, "received_on_unusable"),
        ({"note": "x" * 501}, "too_long"),
    ],
)
def test_what_cannot_be_is_refused(
    embedded: Database, at: datetime, changed: dict[str, Any], code: str
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    payment = embedded.run(build.a_payment, house, at=at)
    if "received_on" in changed:
        changed = {"received_on": utc_day(at) + changed["received_on"]}
    with pytest.raises(InvalidInput) as refused:
        embedded.run(arrivals.confirm, **said(house, payment, at, **changed))
    assert refused.value.code == code
    with embedded.reading() as session:
        assert arrivals.history(session, payment) == ()


def test_a_payment_that_was_not_ordered_cannot_have_arrived(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    payment = embedded.run(build.a_payment, house, at=at, approved=False)
    with pytest.raises(StateRefused, match="nothing_sent"):
        embedded.run(arrivals.confirm, **said(house, payment, at))


def test_others_may_not_say_it(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    payment = embedded.run(build.a_payment, house, at=at)
    stranger = embedded.run(projects.an_actor, Role.STEWARD, at=at, name="stranger")
    project = house.way.organisation_id
    helper = Actor(stranger.user_id, stranger.roles, frozenset({(project, Right.APPLY)}))
    for actor in (stranger, helper, house.clerk):
        with pytest.raises(OffsetError):
            embedded.run(arrivals.confirm, **said(house, payment, at, actor=actor))
    with embedded.reading() as session, pytest.raises(NotFound):
        arrivals.of_project(session, stranger, house.way.project_id)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("196787", (196787, 0)),
        ("196 787", (196787, 0)),
        ("1,234,567.50", (123456750, 2)),
        ("12,5", (125, 1)),
        ("1,234", (1234, 0)),
        ("300.125", (300125, 3)),
    ],
)
def test_amounts_of_any_money_are_read(text: str, read: tuple[int, int]) -> None:
    assert arrivals.read_amount(text) == read
