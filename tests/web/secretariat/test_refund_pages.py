"""Is money given back by the people who may, and can nobody miss a dispute?"""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.giving import balance_check, disputes, kept_refunds, refund_rows, refunds
from offset.giving.models import ProcessorBalance, RefundState
from offset.people.access import Role
from tests.builders.giving import Given, a_donation, deliver
from tests.builders.projects import admitted, an_actor
from tests.builders.treasury import House
from tests.fakes import FrozenClock
from tests.fakes_giving import FakeProcessor
from tests.fakes_refunds import FakeRefunds
from tests.once_built import once_built
from tests.web.conftest import assembled, services_with, settings_with
from tests.web.secretariat.test_pages import Desk


@pytest.fixture
def processor(clock: FrozenClock) -> FakeProcessor:
    return FakeProcessor(clock.now())


@pytest.fixture
def gateway(processor: FakeProcessor) -> FakeRefunds:
    return FakeRefunds(processor)


@pytest.fixture
def desk(
    sqlite_template: Path, tmp_path: Path, clock: FrozenClock, gateway: FakeRefunds
) -> Iterator[Desk]:
    path = tmp_path / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    way = once_built(database, admitted, at=clock.now())
    services = replace(services_with(settings_with(), database, clock), refunds=gateway)
    app = assembled(services)
    house = House(way, way.cast.clerk, way.cast.treasurer, way.cast.clerk)
    found = Desk(app, database, clock, house)
    found.sit(Role.CLERK)
    yield found
    database.dispose()


def gift(desk: Desk, processor: FakeProcessor, amount: str = "60.00 EUR") -> Given:
    return a_donation(desk.database, processor, at=desk.clock.now(), amount=amount)


def only(desk: Desk) -> refund_rows.RefundLine:
    with desk.database.reading() as session:
        (line,) = refund_rows.lines(session)
    return line


def test_a_small_refund_is_sent_by_the_form_on_the_gifts_page(
    desk: Desk, processor: FakeProcessor
) -> None:
    given = gift(desk, processor)
    assert "Nothing has been given back yet." in desk.get("/refunds")
    assert f"/secretariat/gifts/{given.id}/refund" in desk.get(f"/gifts/{given.id}")
    path = f"/gifts/{given.id}/refund"
    assert "€60.00 of this gift may go back" in desk.get(path)
    desk.post(path, at=path, amount="20,50", reason="Asked by mail.")
    line = only(desk)
    assert (line.state, line.amount.minor) == (RefundState.SUCCEEDED, 2050)
    assert "sent to the donor" in desk.get(f"/refunds/{line.id}")
    assert "€39.50 of this gift may go back" in desk.get(path)


@pytest.mark.parametrize(
    ("amount", "reason", "told"),
    [
        ("70", "Asked.", "Only €60.00 of this gift can go back."),
        ("ten", "Asked.", "is not an amount"),
        ("10", "", "This field"),
    ],
)
def test_a_wrong_form_is_told_and_nothing_goes_back(
    desk: Desk, processor: FakeProcessor, amount: str, reason: str, told: str
) -> None:
    given = gift(desk, processor)
    path = f"/gifts/{given.id}/refund"
    page = desk.post(path, 422, at=path, amount=amount, reason=reason)
    assert told in page or "There is something to correct" in page
    with desk.database.reading() as session:
        assert refund_rows.lines(session) == ()


def test_a_large_refund_waits_for_another_person(desk: Desk, processor: FakeProcessor) -> None:
    given = gift(desk, processor, "800.00 EUR")
    desk.sit(Role.CLERK, Role.TREASURER)
    path = f"/gifts/{given.id}/refund"
    desk.post(path, at=path, amount="800", reason="Paid twice.")
    line = only(desk)
    page = f"/refunds/{line.id}"
    assert "somebody else decides on it" in desk.get(page)
    assert "1" in desk.get("")
    desk.post(f"{page}/approve", 422)
    desk.sit(Role.CLERK)
    assert "It waits for somebody who may approve refunds." in desk.get(page)
    desk.post(f"{page}/approve", 403)
    desk.sit(Role.TREASURER)
    assert "Approve €800.00" in desk.get(page)
    desk.post(f"{page}/approve", at=page)
    assert only(desk).state is RefundState.SUCCEEDED


def test_a_large_refund_may_be_refused_with_the_reason(
    desk: Desk, processor: FakeProcessor
) -> None:
    given = gift(desk, processor, "800.00 EUR")
    path = f"/gifts/{given.id}/refund"
    desk.post(path, at=path, amount="800", reason="Paid twice.")
    page = f"/refunds/{only(desk).id}"
    desk.sit(Role.APPROVER)
    desk.post(f"{page}/refuse", 422, reason="")
    desk.post(f"{page}/refuse", at=page, reason="Call first.")
    assert "Call first." in desk.get("/refunds")
    desk.post(f"{page}/refuse", 422, reason="Again.")


def test_when_the_processor_is_away_the_job_asks_again(
    desk: Desk, processor: FakeProcessor, gateway: FakeRefunds
) -> None:
    given = gift(desk, processor)
    gateway.mood = "away"
    path = f"/gifts/{given.id}/refund"
    desk.post(path, at=path, amount="10", reason="Asked.")
    assert "it is asked again by itself" in desk.get(f"/refunds/{only(desk).id}")
    gateway.mood = ""
    assert refund_rows.send_approved(desk.database, gateway, at=desk.clock.now()) == 1


def test_a_refund_made_elsewhere_is_accepted_by_a_person(
    desk: Desk, processor: FakeProcessor
) -> None:
    given = gift(desk, processor)
    sent = processor.refund(given.charge_id, 1000)
    deliver(desk.database, processor, sent, at=desk.clock.now())
    page = f"/refunds/{only(desk).id}"
    assert "external refund, to accept" in desk.get("/refunds")
    assert "It waits for somebody who may approve refunds." in desk.get(page)
    desk.sit(Role.TREASURER)
    desk.post(f"{page}/accept", at=page, reason="Seen in the dashboard.")
    assert "external refund, accepted" in desk.get(page)


def failed(desk: Desk, processor: FakeProcessor, amount: str) -> str:
    """A refund of a whole gift that was sourced and came back; return its page."""
    now, given = desk.clock.now(), gift(desk, processor, amount)
    minor = int(amount.split(".", maxsplit=1)[0]) * 100
    deliver(desk.database, processor, processor.refund(given.charge_id, minor), at=now)
    cause = f"re_{given.charge_id}_1"
    approver = desk.database.run(an_actor, Role.APPROVER, at=now)
    desk.database.run(refunds.source, cause, actor=approver, at=now)
    deliver(desk.database, processor, processor.refund_fails(cause), at=now)
    return f"/refunds/{only(desk).id}"


def test_a_failed_refund_is_kept_at_the_donors_word(desk: Desk, processor: FakeProcessor) -> None:
    page = failed(desk, processor, "60.00 EUR")
    assert "the donor is still owed" in desk.get(page)
    assert "Refunds that failed: the donor is owed" in desk.get("/tasks")
    assert "error-summary" in desk.post(f"{page}/keep", 422, at=page, reason=" ")
    desk.post(f"{page}/keep", at=page, reason="She wrote on 3 May.")
    told = desk.get(page)
    assert "it is a contribution again." in told
    assert f'action="/secretariat{page}/keep"' not in told
    assert "Refunds that failed" not in desk.get("/tasks")
    again = desk.post(f"{page}/keep", 422, reason="Once more.")
    assert "Nothing of this refund is owed any more" in again


def test_a_large_one_is_kept_by_two(desk: Desk, processor: FakeProcessor) -> None:
    page = failed(desk, processor, "800.00 EUR")
    desk.post(f"{page}/keep", at=page, reason="She wrote on 3 May.")
    assert "It waits for somebody who may approve refunds." in desk.get(page)
    with desk.database.reading() as session:
        (one,) = kept_refunds.of_refund(session, only(desk).id)
    word = f"{page}/keep/{one.id}"
    desk.post(f"{word}/approve", 403)
    desk.sit(Role.APPROVER)
    desk.post(f"{page}/keep", 403, reason="Mine.")
    assert "error-summary" in desk.post(f"{word}/refuse", 422, at=page, reason="")
    assert "Book €800.00 as a contribution again" in desk.get(page)
    desk.post(f"{word}/approve", at=page)
    assert "it is a contribution again." in desk.get(page)
    assert "already decided" in desk.post(f"{word}/approve", 409)
    desk.post(f"{page}/keep/{uuid.uuid4()}/approve", 404)


def test_a_debit_asks_for_a_written_confirmation(desk: Desk, processor: FakeProcessor) -> None:
    given = gift(desk, processor)
    with desk.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE donation SET method = 'sepa_debit'")
    path = f"/gifts/{given.id}/refund"
    assert "written confirmation" in desk.get(path)
    assert "Wait until 8 weeks have passed" in desk.post(path, 422, amount="10", reason="Asked.")
    desk.post(path, at=path, amount="10", reason="Asked.", confirmation="Bank X, 3 May")
    assert only(desk).state is RefundState.PREPARED
    assert "Bank X, 3 May" in desk.get(f"/refunds/{only(desk).id}")


def test_a_dispute_stands_on_the_first_page_and_on_a_list_by_its_deadline(
    desk: Desk, processor: FakeProcessor
) -> None:
    assert "No payment has been disputed." in desk.get("/disputes")
    first, second = gift(desk, processor), gift(desk, processor, "40.00 EUR")
    now = desk.clock.now()
    deliver(desk.database, processor, processor.dispute(first.charge_id), at=now)
    lost = processor.dispute(second.charge_id)
    deliver(desk.database, processor, lost, at=now)
    deliver(desk.database, processor, processor.decide(lost.subject, "lost"), at=now)
    page = desk.get("/disputes")
    assert page.index(first.pledge.reference) < page.index(second.pledge.reference)
    assert "to answer" in page
    home = desk.get("")
    assert "Disputes to answer" in home
    with desk.database.reading() as session:
        line = disputes.lines(session)[0]
    assert not line.late(now)
    assert line.late(now + timedelta(days=4))


def test_a_difference_with_the_processor_is_red_unless_it_is_explained(desk: Desk) -> None:
    def keep(pending: int, explained: list[list[object]]) -> None:
        desk.database.run(
            lambda session: session.merge(
                ProcessorBalance(
                    currency="EUR",
                    available=0,
                    pending=pending,
                    booked=0,
                    explained=explained,
                    read_at=desk.clock.now(),
                )
            )
        )

    keep(0, [])
    assert "they agree" in desk.get("")
    keep(500, [["txn_1", "charge", 500]])
    assert "1 movement is awaited and explains the difference" in desk.get("")
    keep(700, [["txn_1", "charge", 500]])
    assert "unexplained: somebody must look" in desk.get("")
    with desk.database.reading() as session:
        assert balance_check.compared(session)[0].unexplained.minor == 200
