"""Do the pages of the books show, prepare, close and hand out what the ledger holds?"""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from offset.giving import booking
from offset.ledger import periods as months
from offset.people.access import Role
from offset.people.models import AuditEvent
from offset.treasury import manual_entries, suspense
from tests.builders import treasury as build
from tests.builders.treasury import a_statement
from tests.web.secretariat.test_pages import (  # noqa: F401 - fixtures
    AFTER,
    Desk,
    desk,
    furnished,
)

pytestmark = pytest.mark.usefixtures("desk")
DRAW = {"on": "2026-10-09", "source": "Assets:Bank:B1", "amount": "40.00", "reason": "quarter"}


def asked(desk: Desk, path: str) -> int:  # noqa: F811 - a fixture by its name
    """Count the statements a page asks."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_rest: Any) -> None:
        seen.append(sql)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    desk.get(path)
    event.remove(desk.database.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_trial_balance_of_a_day(desk: Desk) -> None:  # noqa: F811 - a fixture by its name
    page = desk.get("/trial-balance")
    assert "Assets:Bank:B1" in page
    debit, credit = re.findall(
        r'<td class="r" data-label="(?:Debit|Credit)"><span[^>]*>([\d,.]+)<', page
    )[-2:]
    assert debit == credit != "0.00"
    assert "Assets:Bank:B1" not in desk.get("/trial-balance?as_of=2026-09-01")
    assert "Assets:Bank:B1" not in desk.get("/trial-balance?known=2026-09-01")
    desk.get("/trial-balance?known=soon", 422)


def test_the_funds_of_some_days(desk: Desk) -> None:  # noqa: F811 - a fixture by its name
    desk.database.run(build.a_gift, 2, "100.00", "1.00", at=AFTER.replace(day=3))
    row = " ".join(re.sub(r"<[^>]+>", " ", desk.get("/funds")).split())
    assert "€94.00" in row  # 100.00 less fee and share waits
    before = desk.get("/funds?since=2026-10-01&until=2026-10-02")
    assert "€94.00" not in before
    desk.get("/funds?since=soon", 422)


def test_a_statement_of_an_account(desk: Desk) -> None:  # noqa: F811 - a fixture by its name
    desk.database.run(build.a_gift, 2, "100.00", "1.00", at=AFTER.replace(day=3))
    pool = "/accounts/Liabilities:Fund:Pool:EUR"
    whole = desk.get(f"{pool}?since=2026-10-01")
    assert whole.count("/secretariat/journal/") > 2
    part = desk.get(f"{pool}?since=2026-10-03&until=2026-10-04")
    assert "at the end of" in part
    assert part.count('<th scope="row">') == 1
    desk.get(f"{pool}?since=soon", 422)
    assert asked(desk, pool) <= 12


def test_an_entry_by_hand_goes_from_one_to_another(
    desk: Desk,  # noqa: F811 - a fixture by its name
) -> None:
    new = "/entries/new/share_drawn"
    assert "Assets:Bank:B1" in desk.get(new)
    seen = desk.post(new, 200, at=new, **DRAW)
    assert "Equity:Operating:EUR" in seen
    assert "Another person must approve it" in seen
    too_much = desk.post(new, 422, at=new, **{**DRAW, "amount": "4000.00"})
    assert "is there to be paid" in too_much
    desk.post(new, at=new, act="prepare", **DRAW)
    with desk.database.reading() as session:
        (one,) = manual_entries.listed(session)
    path = f"/entries/{one.id}"
    assert "waits for a second person" in desk.get("/entries")
    assert "You prepared it" in desk.get(path)
    desk.post(f"{path}/approve", 403, at=path)
    desk.sit(Role.APPROVER)
    assert "Book this entry" in desk.get(path)
    assert "reason" in desk.post(f"{path}/refuse", 422, at=path, reason="")
    desk.post(f"{path}/approve", at=path)
    assert "booked" in desk.get(path)
    with desk.database.reading() as session:
        entry_id = manual_entries.shown(session, one.id).entry_id
    assert f"/secretariat{path}" in desk.get(f"/journal/{entry_id}")
    told = desk.post(f"{path}/approve", 409, at=path)
    assert "booked or refused already" in told
    desk.get("/entries/new/share_drawn", 403)
    desk.sit(Role.CLERK)
    reverse = f"/entries/new/reversal?entry={entry_id}"
    assert reverse in desk.get(f"/journal/{entry_id}")
    assert f'value="{entry_id}"' in desk.get(reverse)


def test_an_entry_by_hand_is_refused_or_out_of_date(
    desk: Desk,  # noqa: F811 - a fixture by its name
) -> None:
    new = "/entries/new/share_drawn"
    for _ in range(2):
        desk.post(new, at=new, act="prepare", **{**DRAW, "amount": "60.00"})
    with desk.database.reading() as session:
        later, earlier = manual_entries.listed(session)
    desk.sit(Role.APPROVER)
    desk.post(f"/entries/{earlier.id}/approve", at=f"/entries/{earlier.id}")
    assert "cannot be booked now" in desk.get(f"/entries/{later.id}")
    path = f"/entries/{later.id}"
    desk.post(f"{path}/refuse", at=path, reason="spent already")
    assert "spent already" in desk.get(path)
    again = desk.post(f"{path}/refuse", 422, at=path, reason="once more")
    assert "booked or refused already" in again
    desk.get("/entries/new/magic", 403)
    desk.sit(Role.CLERK)
    desk.get("/entries/new/magic", 404)
    reverse = "/entries/new/reversal"
    told = desk.post(reverse, 422, at=reverse, on="2026-10-09", entry="x", reason="y")
    assert "error-summary" in told
    assert "error-summary" in desk.post(reverse, 422, at=reverse, entry="x", reason="y")


def test_a_movement_in_suspense_is_booked_where_it_belongs(
    desk: Desk,  # noqa: F811 - a fixture by its name
) -> None:
    new = "/entries/new/suspense_explained"
    assert "nothing stands in suspense" in desk.get(new)
    for number, amount in ((88, "-7.00"), (89, "3.00")):
        told = build.a_movement(number, amount, category="climate_order_purchase", on=AFTER)
        desk.database.run(booking.book, told, at=AFTER)
    with desk.database.reading() as session:
        first, second = suspense.unexplained(session, on=AFTER.date())
    asked = f"{new}?movement={second.entry_id}"
    assert asked in desk.get("/notices")
    page = desk.get(asked)
    assert 'value="3.00"' in page
    assert f'<option selected value="{second.entry_id}">' in page
    fields = {
        "on": "2026-10-10", "movement": str(first.entry_id), "amount": "7.00",
        "target": "Expenses:Fees:Stripe:EUR", "reason": "an order of ours",
    }  # fmt: skip
    seen = desk.post(new, 200, at=new, **fields)
    assert "Another person must approve it" in seen
    assert seen.count("Equity:Suspense:EUR") == 1
    for lie, sentence in (
        ({"amount": "7.01"}, "has no place yet"),
        ({"amount": "seven"}, "is not an amount"),
        ({"target": "Assets:Stripe:EUR"}, "does not work with the account"),
        ({"movement": "x"}, "No such movement stands in suspense"),
        ({"on": "2026-10-09"}, "not booked elsewhere before that day"),
        ({"reason": ""}, "error-summary"),
    ):
        assert sentence in desk.post(new, 422, at=new, **{**fields, **lie})
    desk.post(new, at=new, act="prepare", **fields)
    again = desk.post(new, 422, at=new, act="prepare", **fields)
    assert "waits for a second person already" in again
    page = desk.get("/notices")
    assert "waits for a second person" in page
    assert f"{new}?movement={first.entry_id}" not in page
    with desk.database.reading() as session:
        (one,) = manual_entries.listed(session)
    assert f"/secretariat/entries/{one.id}" in desk.get(f"/journal/{first.entry_id}")
    desk.sit(Role.APPROVER)
    path = f"/entries/{one.id}"
    assert f"/secretariat/journal/{first.entry_id}" in desk.get(path)
    desk.post(f"{path}/approve", at=path)
    assert str(first.entry_id) not in desk.get("/notices")


def test_a_month_is_closed_and_opened_again(
    desk: Desk,  # noqa: F811 - a fixture by its name
) -> None:
    month = "/periods/2026-10"
    assert "The month is not over yet." in desk.get(month)
    told = a_statement(on=date(2026, 10, 31), opening="10000.00")
    desk.clock.set(AFTER.replace(month=11, day=3))
    desk.sit(Role.TREASURER)
    assert "do not reach the end of the month: B1" in desk.get(month)
    early = desk.post(f"{month}/reopen", 409, at=month, reason="it was never closed")
    assert "error-summary" in early
    button = f'action="/secretariat{month}/close"'
    assert button not in desk.get(month)
    desk.post(f"{month}/close", 409, at=month)
    clerk = desk.house.clerk
    desk.database.run(build.take_in, told, actor=clerk, at=desk.clock.now())
    assert button in desk.get(month)
    desk.post(f"{month}/close", at=month)
    assert "Closing 1" in desk.get(month)
    assert "reason" in desk.post(f"{month}/reopen", 422, at=month, reason="")
    desk.post(f"{month}/reopen", at=month, reason="a fee was missed")
    assert "You asked; somebody else approves." in desk.get("/periods")
    with desk.database.reading() as session:
        (asked_for,) = months.reopenings(session)
    path = f"/reopenings/{asked_for.id}/approve"
    assert "you did the step before" in desk.post(path, 409, at="/periods")
    desk.sit(Role.APPROVER)
    desk.post(path, at="/periods")
    assert "opened by approver" in desk.get(month)
    desk.get("/periods/2020-01", 404)
    desk.get("/periods/never", 404)


def test_the_books_leave_as_a_file_and_on_the_trail(
    desk: Desk,  # noqa: F811 - a fixture by its name
) -> None:
    days = {"since": "2026-10-01", "until": "2026-10-31"}
    menu = desk.get("/exports")
    assert 'action="/secretariat/exports"' in menu
    assert "beancount: a Beancount file a year" in menu
    assert "error-summary" in desk.post("/exports", 422, at="/exports", kind="csv", since="soon")
    table = desk.post("/exports", 200, at="/exports", kind="csv", **days)
    assert table.startswith("entry_id,effective_on")
    told = desk.post("/exports", 200, at="/exports", kind="beancount", **days)
    assert "Assets:Bank:B1" in told
    with desk.database.reading() as session:
        found = session.scalars(
            select(AuditEvent.object_id).where(AuditEvent.action == "books.exported")
        ).all()
    assert list(found) == ["csv", "beancount"]
    both = {"since": "2025-10-01", "until": "2026-10-31"}
    assert "one file a year" in desk.post("/exports", 422, at="/exports", kind="fec", **both)
    assert "no such export" in desk.post("/exports", 422, at="/exports", kind="magic", **days)
    turned = {"since": "2026-10-31", "until": "2026-10-01"}
    assert "is after the last one" in desk.post(
        "/exports", 422, at="/exports", kind="csv", **turned
    )
