"""Is a month seen in eight steps, explained in writing, closed once, and its statement kept?"""

import hashlib
import io
import uuid
from datetime import UTC, date, datetime, timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import canonical
from offset.errors import Forbidden, InvalidInput, LedgerRefused, NotFound, Refused
from offset.ledger import balances, chart, entries, journal
from offset.people.access import SYSTEM, Actor, Role
from offset.people.models import AuditEvent
from offset.reports import month_papers
from offset.treasury import cash, month, month_statement, month_steps, payouts, periods
from offset.treasury.month_models import MonthPaper, MonthStatement
from offset.treasury.month_steps import StepState
from offset.web.board import heading, sentence
from tests.bench import month as bench
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement, eur
from tests.models import load_models
from tests.once_built import once_built

load_models()
OCTOBER = date(2026, 10, 1)
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
END = datetime(2026, 10, 31, 9, tzinfo=UTC)
LATER = date(2026, 11, 9)


def seen(database: Database, on: date = LATER) -> month.Look:
    with database.reading() as session:
        return month.look(session, OCTOBER, on=on)


def step(database: Database, key: str, on: date = LATER) -> month_steps.Step:
    found = month_steps.steps(seen(database, on), locked=False)
    assert found[0].key == "payouts"
    assert len(found) == 8
    return next(one for one in found if one.key == key)


def stated(database: Database, house: House, *lines: object) -> None:
    told = a_statement(*lines, on=END.date())  # type: ignore[arg-type]  # lines of the builder
    database.run(build.take_in, told, actor=house.clerk, at=END)


def in_the_way(database: Database) -> list[str]:
    with database.reading() as session:
        return [one.code for one in periods.obstacles(session, OCTOBER)]


def close(database: Database, actor: Actor, at: datetime = END) -> None:
    database.run(periods.close, actor=actor, at=at, starts_on=OCTOBER)


def explained(database: Database, actor: Actor, item: str, text: str = "A giver we ask") -> None:
    database.run(periods.explain, actor=actor, at=END, starts_on=OCTOBER, item=item, text=text)


def test_a_line_explained_in_writing_closes_the_month(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    stated(embedded, house, a_line("20.00", "nobody knows", on=END.date()))
    (item,) = seen(embedded).of("line")
    assert (item.amount, item.open, item.age) == (eur("20.00"), True, 9)
    assert step(embedded, "lines").state is StepState.TODO
    assert in_the_way(embedded) == ["lines_open"]
    with pytest.raises(Refused, match="period_unexplained"):
        close(embedded, house.treasurer)
    explained(embedded, house.clerk, item.key)
    (item,) = seen(embedded).of("line")
    assert item.words is not None
    assert (item.words.text, item.open) == ("A giver we ask", False)
    assert item.words.by
    assert step(embedded, "lines").state is StepState.DONE
    close(embedded, house.treasurer)
    with embedded.reading() as session:
        (told,) = month_statement.statements(session, OCTOBER)
    assert told.facts["explained"] == 1
    assert told.facts["items"][0]["text"] == "A giver we ask"
    assert told.sha256 == hashlib.sha256(canonical(told.facts).encode()).hexdigest()


def test_words_hold_only_for_the_amount_they_were_written_about(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    stated(embedded, house)
    post = entries.unidentified_gift(
        entries.BankLine(id=str(uuid.uuid4()), on=START.date(), account=chart.bank("B1")),
        amount=eur("7.00"),
    )
    embedded.run(journal.post, post, at=START)
    key = f"account:{chart.unidentified('EUR')}"
    explained(embedded, house.clerk, key)
    (item,) = [one for one in seen(embedded).items if one.key == key]
    assert item.words is not None
    more = entries.unidentified_gift(
        entries.BankLine(id=str(uuid.uuid4()), on=END.date(), account=chart.bank("B1")),
        amount=eur("3.00"),
    )
    embedded.run(journal.post, more, at=END)
    (item,) = [one for one in seen(embedded).items if one.key == key]
    assert item.words is None
    # First in, first out: the oldest part is what the age counts from.
    assert (item.since, item.age, item.limit) == (START.date(), 30, 30)


@pytest.mark.parametrize(
    ("item", "text", "fault", "code"),
    [
        ("line:nothing", "Because", NotFound, "month_item_unknown"),
        ("", "Because", NotFound, "month_item_unknown"),
        ("payouts", "  ", InvalidInput, "explanation_missing"),
        ("payouts", "x" * 2001, InvalidInput, "explanation_too_long"),
    ],
)
def test_an_explanation_speaks_of_something(
    embedded: Database, item: str, text: str, fault: type[Exception], code: str
) -> None:
    house = once_built(embedded, build.a_house, at=START)
    with pytest.raises(fault, match=code):
        explained(embedded, house.clerk, item, text)


def test_who_may_explain_and_until_when(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    nobody = Actor(None, frozenset({Role.CLERK}))
    for actor in (house.approver, SYSTEM):
        with pytest.raises(Forbidden):
            explained(embedded, actor, "payouts")
    stated(embedded, house, a_line("20.00", "nobody knows", on=END.date()))
    (item,) = seen(embedded).of("line")
    with pytest.raises(Forbidden):
        explained(embedded, nobody, item.key)
    explained(embedded, house.clerk, item.key)
    close(embedded, house.treasurer)
    with pytest.raises(LedgerRefused, match="period_closed_already"):
        explained(embedded, house.clerk, item.key)
    with pytest.raises(LedgerRefused, match="period_missing"):
        embedded.run(
            periods.explain,
            actor=house.clerk,
            at=END,
            starts_on=date(1999, 1, 1),
            item="x",
            text="y",
        )


def test_a_month_closes_once_and_not_before_its_last_day(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START)
    stated(embedded, house)
    with pytest.raises(Refused, match="period_not_over"):
        close(embedded, house.treasurer, END - timedelta(days=1))
    close(embedded, house.treasurer)
    with pytest.raises(LedgerRefused, match="period_closed_already"):
        close(embedded, house.treasurer)
    with pytest.raises(LedgerRefused, match="period_missing"):
        embedded.run(periods.close, actor=house.treasurer, at=END, starts_on=date(1999, 1, 1))
    with embedded.reading() as session:
        assert len(month_statement.statements(session, OCTOBER)) == 1


def test_a_payout_nobody_listed_and_money_too_long_under_way(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START, gift="100.00")
    stated(embedded, house)
    facts = build.a_payout([], created=START, amount="5.00", itemised=False)
    embedded.run(payouts.on_payout, facts, START)
    assert step(embedded, "payouts").state is StepState.TODO
    embedded.run(build.a_payment, house, at=START, amount="95.00")
    found = seen(embedded)
    transit = [one for one in found.of("clearing") if "Disbursements" in one.name]
    assert [(one.age, one.open) for one in transit] == [(30, True)]
    assert {"aged", "payouts_unread"} <= set(in_the_way(embedded))
    for one in found.items:
        explained(embedded, house.clerk, one.key)
    assert in_the_way(embedded) == []
    assert step(embedded, "payouts").state is StepState.DONE
    assert step(embedded, "clearing").state is not StepState.TODO


def test_the_cash_line_is_the_ledgers(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START, gift="100.00", opening="50.00")
    with embedded.reading() as session:
        (before,) = cash.lines(session, on=END.date())
        assert before.in_bank == balances.balance(session, chart.bank("B1"))
        assert before.reserve == balances.held(session, chart.reserve("EUR"))
        assert before.owed.minor > 5_000
        # What the banks hold is all that could leave.
        assert before.payable == eur("50.00")
    embedded.run(build.a_payment, house, at=START, amount="90.00", approved=False)
    with embedded.reading() as session:
        (after,) = cash.lines(session, on=END.date())
    assert after.payable < eur("10.00")
    assert after.owed == before.owed


class Printer:
    """Draws what it is given as plain bytes."""

    def render(self, template: str, language: str, facts: object) -> bytes:
        return f"{template} {language} {canonical(facts)}".encode()

    def missing(self) -> str | None:
        return None


def test_the_statement_is_printed_kept_and_found_by_its_hash(database: Database) -> None:
    house = once_built(database, build.a_house, at=START, gift="100.00", opening="10.00")
    told = a_statement(opening="10.00", on=END.date())
    database.run(build.take_in, told, actor=house.clerk, at=END)
    close(database, house.treasurer)
    told = {"at": END, "heading": heading}
    assert month_papers.print_pending(database, Printer(), sentence, **told) == 4
    assert month_papers.print_pending(database, Printer(), sentence, **told) == 0
    with database.reading() as session:
        (kept,) = month_statement.statements(session, OCTOBER)
        assert [(one.form, one.language) for one in kept.papers] == [
            ("pdf", "en"),
            ("pdf", "es"),
            ("pdf", "fr"),
            ("xlsx", "en"),
        ]
        for line in kept.papers:
            paper = month_statement.paper(session, line.sha256)
            assert hashlib.sha256(paper.data).hexdigest() == line.sha256
        with ZipFile(io.BytesIO(month_statement.paper(session, kept.papers[-1].sha256).data)) as it:
            sheet, french, _spanish = (
                it.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2, 3)
            )
            assert "Mois 2026-10" in it.read("xl/workbook.xml").decode()
        assert "Trial balance" not in french
        assert "Banque\N{NO-BREAK SPACE}: écart" in french
        assert kept.facts["closed_by"]
        assert kept.facts["closed_by"] in sheet
        assert kept.sha256 in sheet
        with pytest.raises(NotFound, match="month_paper_unknown"):
            month_statement.paper(session, "0" * 64)
        notes = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "period.closed")
        ).all()
    assert notes == [{"statement": kept.sha256}]
    assert "1 gift brought" in sentence("en", kept.facts)
    assert "1 don" in sentence("fr", kept.facts)
    assert "1 donación" in sentence("es", kept.facts)
    for table in (MonthStatement, MonthPaper):
        with pytest.raises(DatabaseError):
            database.run(_rewrite, update(table).values(sha256="0" * 64))
        with pytest.raises(DatabaseError):
            database.run(_rewrite, delete(table))


def _rewrite(session: Session, statement: object) -> None:
    session.execute(statement)  # type: ignore[call-overload]  # an update or a delete


def test_a_month_of_any_size_is_seen_with_the_same_statements(embedded: Database) -> None:
    house = once_built(embedded, build.a_house, at=START, gift="100.00")
    lines = [a_line(f"{n}.00", f"open {n}", on=END.date()) for n in range(1, 40)]
    few = _statements(embedded)
    stated(embedded, house, *lines)
    many = _statements(embedded)
    assert few <= many <= 9
    with embedded.reading() as session:
        assert len(month.look(session, OCTOBER, on=LATER, lines=5).of("line")) == 5
        assert month.look(session, OCTOBER, on=LATER, lines=5).unexplained_lines == 39


def _statements(database: Database) -> int:
    told: list[str] = []
    with database.reading() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *all_: told.append(all_[2]))
        month.look(session, OCTOBER, on=LATER)
        return len([one for one in told if one.lstrip().upper().startswith(("SELECT", "WITH"))])


def test_a_month_of_twice_the_gifts_closes_in_the_same_memory() -> None:
    _, few = bench.closed(2_000)
    _, many = bench.closed(4_000)
    assert many < few * 1.3
