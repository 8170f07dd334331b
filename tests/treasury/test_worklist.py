"""Does the work list name what waits, for each who may do it, and does its mail come once a day?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from offset.database.session import Database
from offset.people.access import Actor, Role
from offset.people.models import OutboxMessage
from offset.projects.models import Project
from offset.treasury import (
    organisation_files,
    payees,
    proposals,
    receipts_apart,
    reconciliation,
    sanctions,
    unidentified,
    worklist,
)
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine
from offset.treasury.payee_models import HitOutcome, SanctionsHit
from offset.treasury.payee_ports import Listed
from offset.treasury.receipts_apart import Search
from offset.treasury.reconciliation import Part
from tests.builders import projects
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement
from tests.once_built import once_built

START = datetime(2026, 10, 1, 9, tzinfo=UTC)
END = datetime(2026, 10, 31, 9, tzinfo=UTC)


def waiting(database: Database, actor: Actor, at: datetime = END) -> dict[str, int]:
    with database.reading() as session:
        found = worklist.everything(session, at=at).of(actor)
    return {pile.kind: pile.total for pile in found}


def a_busy_house(database: Database) -> House:
    house = once_built(database, build.a_house, at=START, gift="100.00")
    database.run(build.a_payment, house, at=END, amount="40.00", approved=False)
    told = a_statement(a_line("20.00", "M. LEROUX gift", on=date(2026, 10, 20)), on=END.date())
    database.run(build.take_in, told, actor=house.clerk, at=END)
    return house


def digests(database: Database) -> list[Any]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(OutboxMessage.parameters).where(OutboxMessage.template == "work_digest")
            )
        )


def test_each_sees_what_is_theirs(embedded: Database) -> None:
    house = a_busy_house(embedded)
    clerk, approver = waiting(embedded, house.clerk), waiting(embedded, house.approver)
    assert clerk["lines"] == 1
    # The clerk prepared the payment: it waits for somebody else.
    assert "payments" not in clerk
    assert approver["payments"] == 1
    assert "lines" not in approver
    both = Actor(house.clerk.user_id, frozenset({Role.CLERK, Role.TREASURER}))
    assert "payments" not in waiting(embedded, both)
    assert waiting(embedded, Actor(None, frozenset({Role.STEWARD}))) == {}
    assert "months" in waiting(embedded, house.treasurer, END + timedelta(days=12))
    assert "months" not in waiting(embedded, house.treasurer, END)


def test_a_line_is_on_the_list_after_seven_days(embedded: Database) -> None:
    house = a_busy_house(embedded)
    eve = datetime(2026, 10, 27, 9, tzinfo=UTC)
    assert "lines" not in waiting(embedded, house.clerk, eve)
    assert waiting(embedded, house.clerk, eve + timedelta(days=1))["lines"] == 1
    with embedded.reading() as session:
        (pile,) = [
            one
            for one in worklist.everything(session, at=END).of(house.clerk)
            if one.kind == "lines"
        ]
    (line,) = pile.shown
    assert (line.age(END.date()), line.days_left(END.date())) == (11, None)
    assert line.path.startswith("/secretariat/reconciliation")


def test_the_mail_comes_once_a_day_to_whoever_has_work(embedded: Database) -> None:
    house = a_busy_house(embedded)
    sent = embedded.run(worklist.send_digests, at=END)
    told = digests(embedded)
    assert sent == len(told) > 0
    # The bank's text may name a giver: it stays on the page.
    assert not any("LEROUX" in str(one) for one in told)
    assert embedded.run(worklist.send_digests, at=END + timedelta(hours=2)) == 0
    embedded.run(worklist.choose_digest, actor=house.approver, at=END, wanted=False)
    with embedded.reading() as session:
        assert not worklist.wants_digest(session, house.approver.user_id)
        assert worklist.wants_digest(session, house.clerk.user_id)
    assert embedded.run(worklist.send_digests, at=END + timedelta(days=1)) == sent - 1
    embedded.run(worklist.choose_digest, actor=house.approver, at=END, wanted=True)
    assert embedded.run(worklist.send_digests, at=END + timedelta(days=2)) >= sent


def test_an_empty_list_is_not_sent(embedded: Database) -> None:
    embedded.run(projects.a_cast, at=START)
    assert embedded.run(worklist.send_digests, at=START) == 0
    assert embedded.run(worklist.send_digests, at=START, reds=["backup"]) > 0
    assert all([pile["kind"] for pile in one["piles"]] == ["ready"] for one in digests(embedded))


def test_whom_we_pay_and_what_left_by_whom_is_on_the_list(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START, gift="100.00")
    clerk, treasurer = house.clerk, house.treasurer
    assert "files" in waiting(embedded, clerk, START), "a funded project without a file"
    embedded.run(build.a_payment, house, at=START, amount="60.00")
    assert waiting(embedded, clerk, START)["unsent"] == 1
    assert "files" not in waiting(embedded, clerk, START)
    with embedded.reading() as session:
        organisation_id = session.get_one(Project, house.way.project_id).organisation_id
    near = datetime(2028, 9, 1, 9, tzinfo=UTC)
    with embedded.reading() as session:
        (pile,) = [
            one for one in worklist.everything(session, at=near).of(clerk) if one.kind == "files"
        ]
    assert [(one.name, one.due) for one in pile.works] == [
        ("Association green-bridges", date(2028, 10, 1))
    ]
    # A likeness of the last comparison waits for a word, and then no longer.
    listed = Listed(ref="EU.2", kind="person", names=("Grace Hopeful",), born="")
    embedded.run(build.a_list, house, listed, at=END)
    told: dict[str, Any] = {"actor": clerk, "at": END, "organisation_id": organisation_id}
    embedded.run(organisation_files.screen_again, **told)
    assert waiting(embedded, clerk)["hits"] == 1
    with embedded.reading() as session:
        hit = session.scalars(select(SanctionsHit.id)).one()
    word: dict[str, Any] = {
        "hit_id": hit,
        "outcome": HitOutcome.CLEARED,
        "reason": "Older.",
    }
    embedded.run(sanctions.decide, actor=clerk, at=END, **word)
    assert "hits" not in waiting(embedded, clerk)
    # What the project proposes for its account waits for a call.
    embedded.run(
        proposals.propose,
        actor=house.way.cast.steward,
        at=END,
        project_id=house.way.project_id,
        holder="Association green-bridges",
        account=payees.read_account(number="DE89370400440532013000"),
        reason="Our bank was sold.",
    )
    assert waiting(embedded, clerk)["proposals"] == 1
    # Money of unknown givers: after a week, and what goes back waits for a second person.
    line = a_statement(a_line("500.00", "M. LEROUX", on=date(2026, 10, 20)), on=END.date())
    embedded.run(build.take_in, line, actor=clerk, at=END)
    with embedded.reading() as session:
        line_id = session.scalars(select(BankLine.id)).one()
    part = Part(kind=Kind.UNIDENTIFIED)
    matching: dict[str, Any] = {"actor": clerk, "at": END, "line_id": line_id, "parts": [part]}
    embedded.run(reconciliation.confirm, **matching)
    assert waiting(embedded, clerk)["apart"] == 1
    assert "apart" not in waiting(embedded, clerk, datetime(2026, 10, 27, 9, tzinfo=UTC))
    with embedded.reading() as session:
        (receipt,) = receipts_apart.listed(session, Search(), on=END.date()).receipts
    back: dict[str, Any] = {"entry_id": receipt.entry_id, "reason": "Not meant for us."}
    embedded.run(unidentified.send_back, actor=treasurer, at=END, **back)
    assert "returns" not in waiting(embedded, treasurer)
    assert waiting(embedded, house.approver)["returns"] == 1
    assert "apart" not in waiting(embedded, clerk)


def test_a_positive_decision_waits_for_its_admission(embedded: Database) -> None:
    way = embedded.run(lambda session: projects.decided(session, at=START))
    assert waiting(embedded, way.cast.clerk, START)["admissions"] == 1
    late = START + timedelta(days=5 * 366)
    assert "admissions" not in waiting(embedded, way.cast.clerk, late)
    house = once_built(embedded, build.a_house, at=START, slug="other")
    assert waiting(embedded, house.clerk, START)["admissions"] == 1
