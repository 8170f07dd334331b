"""Is the file of the demonstration's bank one that the reader accepts, to the cent?"""

from datetime import UTC, date, datetime

from offset.gateways.camt053 import Camt053Reader
from offset.money import Money
from offset.sandbox.demo_bank import write_statement
from offset.treasury.ports import StatementLine


def a_line(minor: int, **told: str) -> StatementLine:
    day = date(2026, 11, 14)
    return StatementLine(
        amount=Money(minor, "EUR"),
        booked_on=day,
        value_on=day,
        text=told.get("text", "x"),
        end_to_end_id=told.get("end_to_end_id"),
        bank_reference=told.get("bank_reference"),
        counterparty=told.get("counterparty"),
    )


def test_what_is_written_is_read_again() -> None:
    lines = (
        a_line(11_240, end_to_end_id="po_1", counterparty="STRIPE & Co", bank_reference="B-1"),
        a_line(-850, text="FRAIS <1>"),
    )
    data = write_statement(
        account="FR7630006000011234567890189",
        sequence=7,
        opening=Money(-100, "EUR"),
        closing=Money(10_290, "EUR"),
        lines=lines,
        at=datetime(2026, 11, 15, 8, tzinfo=UTC),
    )
    (read,) = Camt053Reader().read(data)
    assert (read.reference, read.sequence) == ("DEMO-2026-007", 7)
    assert (read.opening, read.closing) == (Money(-100, "EUR"), Money(10_290, "EUR"))
    assert [(line.amount, line.text, line.end_to_end_id) for line in read.lines] == [
        (Money(11_240, "EUR"), "x", "po_1"),
        (Money(-850, "EUR"), "FRAIS <1>", None),
    ]
    assert (read.lines[0].counterparty, read.lines[0].bank_reference) == ("STRIPE & Co", "B-1")
    assert read.lines[1].bank_reference == "DEMO-7-2"
