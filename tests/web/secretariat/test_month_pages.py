"""Is the month one page with few statements, and is it explained, closed and handed out there?"""

import hashlib
import re
from datetime import UTC, datetime

from sqlalchemy import event

from offset.people.access import Role
from offset.treasury import month_statement
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_statement
from tests.web.secretariat.test_pages import (  # noqa: F401 - fixtures
    Desk,
    desk,
    furnished,
)

OCTOBER = datetime(2026, 10, 1).date()  # noqa: DTZ001 - a day has no zone
END = datetime(2026, 11, 2, 9, tzinfo=UTC)
MONTH = "/periods/2026-10"
MOST_STATEMENTS = 15


def stated(desk: Desk, *lines: object) -> None:  # noqa: F811 - the fixture's value
    told = a_statement(*lines, opening="10000.00", on=END.date().replace(month=10, day=31))  # type: ignore[arg-type]  # lines of the builder
    desk.clock.set(END)
    desk.database.run(build.take_in, told, actor=desk.house.clerk, at=END)
    desk.sit(Role.CLERK)


def statements_of(desk: Desk, path: str) -> list[str]:  # noqa: F811 - the fixture's value
    told: list[str] = []

    def note(*all_: object) -> None:
        told.append(str(all_[2]))

    with desk.database.reading() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    desk.get(path)
    event.remove(engine, "before_cursor_execute", note)
    return [one for one in told if one.split()[0] not in {"PRAGMA", "BEGIN", "COMMIT", "ROLLBACK"}]


def test_the_month_page_asks_few_statements_whatever_is_open(desk: Desk) -> None:  # noqa: F811 - a fixture
    day = END.date().replace(month=10, day=20)
    stated(desk, *[a_line(f"{n}.00", f"open {n}", on=day) for n in range(1, 80)])
    desk.sit(Role.TREASURER)
    desk.get(MONTH)
    for path in ("", MONTH):
        told = statements_of(desk, path)
        assert len(told) <= MOST_STATEMENTS, "\n".join(told)
    page = desk.get(MONTH)
    assert page.count('name="item"') == 50
    assert "29 more bank lines wait" in page


def test_the_month_is_the_treasurers_home_until_it_is_closed(desk: Desk) -> None:  # noqa: F811 - a fixture
    stated(desk)
    desk.sit(Role.TREASURER)
    assert "Month 2026-10" in desk.get("")
    assert "Eight steps to the lock" in desk.get("")
    desk.sit(Role.CLERK)
    assert "Where the money stands" in desk.get("")
    desk.sit(Role.TREASURER)
    desk.post(f"{MONTH}/close", at=MONTH)
    assert "Where the money stands" in desk.get("")
    assert "Reconciliation statement" in desk.get(MONTH)


def test_a_line_is_explained_in_a_form_and_the_month_closes(desk: Desk) -> None:  # noqa: F811 - a fixture
    stated(desk, a_line("20.00", "nobody knows", on=END.date().replace(month=10, day=20)))
    page = desk.get(MONTH)
    item = re.search(r'name="item" value="(line:[^"]+)"', page)
    assert item is not None
    assert "The statements of this account" not in page
    empty = desk.post(f"{MONTH}/explain", 422, item=item[1], text=" ")
    assert "error-summary" in empty
    gone = desk.post(f"{MONTH}/explain", 404, item="line:none", text="Because")
    assert "This is not open at the month" in gone
    desk.post(f"{MONTH}/explain", at=MONTH, item=item[1], text="A giver we ask <b>now</b>")
    page = desk.get(MONTH)
    assert "A giver we ask &lt;b&gt;now&lt;/b&gt;" in page
    desk.post(f"{MONTH}/close", 403)
    desk.sit(Role.TREASURER)
    desk.post(f"{MONTH}/close", at=MONTH)
    again = desk.post(f"{MONTH}/close", 409)
    assert "closed already" in again
    closed = desk.get(MONTH)
    for sentence in ("In October 2026", "En octobre 2026", "En octubre 2026"):
        assert sentence in closed
    papers = re.findall(r"/secretariat/periods/papers/([0-9a-f]{64})", closed)
    # The language of the page and the workbook at once; the job prints the other languages.
    assert len(papers) == 2
    for sha256 in papers:
        answer = desk.client.get(f"/secretariat/periods/papers/{sha256}")
        assert hashlib.sha256(answer.data).hexdigest() == sha256
        assert "attachment" in answer.headers["Content-Disposition"]
    desk.get(f"/periods/papers/{'0' * 64}", 404)
    desk.post(f"{MONTH}/explain", 409, item=item[1], text="Too late")
    with desk.database.reading() as session:
        (kept,) = month_statement.statements(session, OCTOBER)
    assert kept.facts["explained"] == 1


def test_the_work_list_and_its_mail_are_a_page(desk: Desk) -> None:  # noqa: F811 - a fixture
    stated(desk, a_line("20.00", "nobody knows", on=END.date().replace(month=10, day=20)))
    page = desk.get("/tasks")
    assert "Bank lines without explanation" in page
    assert "waits for 13 days" in page
    desk.post("/tasks/digest", at="/tasks", wanted="no")
    assert "You stopped the daily mail" in desk.get("/tasks")
    desk.post("/tasks/digest", 422, wanted="perhaps")
    desk.post("/tasks/digest", at="/tasks", wanted="yes")
    assert "Stop the daily mail" in desk.get("/tasks")
    desk.sit(Role.AUDITOR)
    assert "Nothing waits" in desk.get("/tasks") or "ready list" in desk.get("/tasks")


def test_the_month_leads_to_the_oldest_that_is_open(desk: Desk) -> None:  # noqa: F811 - a fixture
    answer = desk.client.get("/secretariat/month")
    assert answer.headers["Location"].endswith(MONTH)
    desk.get("/periods/2026-13", 404)
    desk.get("/periods/1999-01", 404)
