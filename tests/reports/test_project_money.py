"""Do the runs and payments of a project's page come to what the ledger says, then and now?"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.ledger import balances, chart, entries, journal
from offset.ledger.entries import BankLine, Line
from offset.money import Money
from offset.reports import project_money
from offset.reports.project_money import Trail
from tests import servers
from tests.builders import money as books
from tests.builders.projects import Way, a_project
from tests.ledger.places import ungated

ACCOUNT = chart.project("P0001", "EUR")
DAY = timedelta(days=1)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def booked(session: Session, way: Way, at: datetime) -> None:
    """Two gifts; one payment that left, one that came back, one called off, one on its way."""
    books.fill_pool(session, 50_000, at=at, on=at.date())
    for minor in (20_000, 5_000):
        books.allocate(
            session,
            at=at,
            on=at.date(),
            project_id=way.project_id,
            account=ACCOUNT,
            minor=minor,
            decision_id=way.decision_id,
            admission_id=way.admission_id,
        )
    left, back, off, waiting = (ordered(session, at, n, 1_000 * (n + 1)) for n in range(4))
    moved(session, at + DAY, left, 1_000)
    moved(session, at + DAY, back, 2_000)
    moved(session, at + 2 * DAY, back, 2_000, returned=True)
    undone(session, at + 2 * DAY, back, 2_000)
    undone(session, at + DAY, off, 3_000)
    assert waiting


def ordered(session: Session, at: datetime, number: int, minor: int) -> tuple[uuid.UUID, str]:
    of = str(uuid.UUID(int=number + 1))
    draft = entries.disbursement_ordered(
        disbursement_id=of, on=at.date(), project=ACCOUNT, amount=eur(minor)
    )
    return journal.post(session, draft, at=at + timedelta(minutes=number)).entry_id, of


def moved(
    session: Session,
    at: datetime,
    payment: tuple[uuid.UUID, str],
    minor: int,
    *,
    returned: bool = False,
) -> None:
    line = BankLine(f"{payment[1]}:{returned}", at.date(), chart.bank())
    write = entries.disbursement_returned if returned else entries.disbursement_sent
    draft = write(line, disbursement_id=payment[1], amount=eur(minor))
    journal.post(session, draft, at=at)


def undone(session: Session, at: datetime, payment: tuple[uuid.UUID, str], minor: int) -> None:
    lines = (
        Line(ACCOUNT, eur(minor)),
        Line(chart.disbursements_in_transit("EUR"), eur(-minor)),
    )
    draft = entries.reversal(
        entry_id=payment[0],
        on=at.date(),
        source_type="disbursement",
        source_id=payment[1],
        lines=lines,
        reason="It did not reach them.",
    )
    journal.post(session, draft, at=at)


def agreed(database: Database, way: Way, known_at: datetime | None) -> Trail:
    """Read the trail; its sums are those of the ledger, known at the same moment."""
    with database.reading() as session:
        told = project_money.trail(session, way.project_id, "EUR", known_at=known_at)
        totals = balances.totals_by_project(session, {way.project_id: "EUR"}, known_at=known_at)[
            way.project_id
        ]
    standing = [one for one in told.payments if one.returned_on is None]
    assert sum((one.amount.minor for one in told.runs), 0) == totals.allocated.minor
    assert sum(one.amount.minor for one in standing) == totals.ordered.minor
    assert sum(one.amount.minor for one in standing if one.sent_on) == totals.paid.minor
    return told


def states(told: Trail) -> dict[int, str]:
    return {
        one.amount.minor: "back" if one.returned_on else "left" if one.sent_on else "waits"
        for one in told.payments
    }


def test_runs_and_payments_sum_to_the_ledger_now_and_at_every_earlier_moment(
    database: Database, at: datetime
) -> None:
    address = database.engine.url.render_as_string(hide_password=False)
    # payments by hand: what two people must have decided is not asked here
    ungated(
        servers.as_owner(address) if database.name == "postgresql" else address,
        only="posting_two_people treasury_posting",
    )
    way = a_project(database, at=at)
    database.run(booked, way, at)
    every = {1_000: "waits", 2_000: "waits", 3_000: "waits", 4_000: "waits"}
    evening = at + timedelta(hours=5)
    assert agreed(database, way, at - DAY) == Trail((), ())
    assert states(agreed(database, way, evening)) == every
    # called off the next day: no payment; two have left
    next_day = {1_000: "left", 2_000: "left", 4_000: "waits"}
    assert states(agreed(database, way, evening + DAY)) == next_day
    assert states(agreed(database, way, None)) == {**next_day, 2_000: "back"}
    (run,) = agreed(database, way, None).runs
    assert (run.amount, run.gifts, run.back) == (eur(25_000), 2, False)
