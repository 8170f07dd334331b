"""Can a clerk map a bank's table, try it, import it, and write a rule with a preview?"""

from dataclasses import replace
from datetime import timedelta

from offset.ledger import balances, chart
from offset.people.access import Role
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_statement
from tests.gateways.test_stripe_report import ITEMS as MOVEMENTS
from tests.gateways.test_stripe_report import PAYOUTS
from tests.web.secretariat.test_pages import Desk, desk, furnished, upload

__all__ = ["desk", "furnished"]

TABLE = (
    b"Date;Text;Amount;Balance\n"
    b"14/11/2026;VIR don;20,00;10 020,00\n"
    b"14/11/2026;INTERETS;1,30;10 021,30\n"
)
MAPPING = {
    "booked_on": "Date",
    "text": "Text",
    "amount": "Amount",
    "balance": "Balance",
    "sign": "signed",
    "decimal": ",",
    "date_form": "DD/MM/YYYY",
    "encoding": "utf-8",
    "delimiter": "semicolon",
    "out_words": "D",
}
PAGE = "/statements/mapping/B1"


def test_a_table_is_looked_at_tried_and_saved(desk: Desk) -> None:
    desk.sit(Role.CLERK)
    told = desk.post(PAGE, 200, at=PAGE, act="look", file=upload(TABLE, "b.csv"))
    assert "Date | Text | Amount | Balance" in told
    told = desk.post(PAGE, 200, at=PAGE, act="try", file=upload(TABLE, "b.csv"), **MAPPING)
    assert "VIR don" in told
    wrong = {**MAPPING, "amount": ""}
    desk.post(PAGE, 422, at=PAGE, act="save", **wrong)
    desk.post(PAGE, at=PAGE, act="save", **MAPPING)
    assert 'value="Amount"' in desk.get(PAGE)


def test_a_rule_is_shown_written_and_stopped(desk: Desk) -> None:
    desk.sit(Role.CLERK)
    rule = {
        "name": "Interest",
        "books": "interest",
        "words": "interets",
        "currency": "EUR",
        "ceiling": "5.00",
        "reason": "each quarter",
    }
    told = desk.post("/rules", 200, at="/rules", act="preview", **rule)
    assert "It would have taken 0 lines" in told
    desk.post("/rules", 422, at="/rules", act="write", **{**rule, "words": "a"})
    desk.post("/rules", at="/rules", act="write", **rule)
    assert "Interest" in desk.get("/rules")


REPORT = "/statements/payouts"
ITEMS = MOVEMENTS.encode()


def test_the_processors_reports_are_checked_then_booked_once(desk: Desk) -> None:
    desk.sit(Role.CLERK)
    assert REPORT in desk.get("/statements")

    def send(act: str, status: int = 200, *, report: str = PAYOUTS) -> str:
        files = {"items": upload(ITEMS, "i.csv"), "payouts": upload(report.encode(), "p.csv")}
        return desk.post(REPORT, status, at=REPORT, act=act, **files)

    assert "Checked, nothing booked yet" in send("check")
    assert "po_1" not in desk.get("/payouts")
    assert "3 movements booked" in send("import")
    assert "po_1" in desk.get("/payouts")
    assert "0 movements booked" in send("import")
    assert "the payout is" in send("import", 422, report=PAYOUTS.replace("-16.47", "-16.48"))
    told = desk.post(REPORT, 422, at=REPORT, act="import", items=upload(ITEMS, "i.csv"))
    assert "two of them belong together" in told


def test_who_only_looks_reads_no_report(desk: Desk) -> None:
    desk.sit(Role.AUDITOR)
    desk.get(REPORT, 403)
    desk.post(REPORT, 403, act="import")


def test_what_the_bank_announces_stands_apart_and_a_report_of_stripe_is_told_its_page(
    desk: Desk,
) -> None:
    desk.sit(Role.CLERK)
    on = desk.clock.now().date()
    ahead = a_line("75.00", "VIR announced", on=on + timedelta(days=2))
    with desk.database.reading() as session:
        held = balances.balance(session, chart.bank("B1"))
    told = a_statement(opening=str(held.decimal()), on=on)
    told = replace(told, pending=(ahead,))
    assert "VIR announced" not in desk.get("/statements")
    desk.database.run(build.take_in, told, actor=desk.house.clerk, at=desk.clock.now())
    page = desk.get("/statements")
    assert "Announced by the bank, not booked" in page
    assert "VIR announced" in page
    # The next statement announces it no more: it was booked, or never will be.
    later = a_statement(opening=str(held.decimal()), on=on, reference="S-later")
    desk.database.run(build.take_in, later, actor=desk.house.clerk, at=desk.clock.now())
    assert "VIR announced" not in desk.get("/statements")
    for report in (ITEMS, PAYOUTS.encode()):
        sent = {"act": "check", "file": upload(report, "r.csv")}
        refused = desk.post("/statements", 422, at="/statements", **sent)
        assert "a report of Stripe, not of a bank" in refused
