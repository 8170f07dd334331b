"""Does every sample of a bank enter the books, or is a secretary told why it does not?"""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from offset.database.session import Database
from offset.errors import OffsetError
from offset.gateways.bank_files import BankFileReader
from offset.gateways.stripe_report import StripeReportReader
from offset.ledger import balances, chart
from offset.money import Money
from offset.people.access import SYSTEM
from offset.treasury import payout_lines, payouts, reconciliation, statements
from offset.treasury.matching import Kind
from offset.treasury.models import BankFile, BankLine, Match
from offset.treasury.ports import Statement
from offset.web.sentences import SENTENCES

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
# What the samples hold that is whole: their sums agree, so that they must enter.
WHOLE = {
    "SYNTHETIC-camt053.v8-month.xml",
    "genkgo-camt053.v2.multi.statement.xml",
    "wolph-jejik-rabobank-iban.sta",
    "wolph-mBank-mt940.sta",
}


def begin(database: Database, told: tuple[Statement, ...]) -> None:
    """Open every account of a file, with what it held before the file."""
    first: dict[str, Statement] = {}
    for one in sorted(told, key=lambda each: (each.closed_on, each.opened_on)):
        first.setdefault(one.account, one)
    for number, one in enumerate(first.values(), start=1):
        database.run(
            statements.register_account,
            actor=SYSTEM,
            at=min(AT, datetime.combine(one.opened_on, AT.time(), UTC)),
            code=f"B{number}",
            number=one.account,
            holder="4 per 1000",
            opened_on=one.opened_on,
            opening=one.opening,
        )


def said(database: Database, path: Path) -> str:
    """Import a file as the desk does; return "taken" or the sentence of the refusal."""
    reader = BankFileReader()
    try:
        told = reader.read(path.read_bytes())
        begin(database, told)
        at = max(AT, *(datetime.combine(one.closed_on, AT.time(), UTC) for one in told))
        take(database, path, told, at)
    except OffsetError as fault:
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(BankFile)) == 0
        return SENTENCES[fault.code] % fault.parameters
    return "taken"


def samples() -> list[Path]:
    folder = os.environ.get("OFFSET_BANK_SAMPLES")
    if not folder:
        return []
    return sorted(
        one for one in Path(folder).rglob("*") if one.suffix in {".xml", ".sta"} and one.is_file()
    )


@pytest.mark.parametrize("path", samples() or [None], ids=lambda one: one.name if one else "none")
def test_each_sample_of_another_project_through_the_whole_import(
    embedded: Database, path: Path | None
) -> None:
    if path is None:
        pytest.skip("OFFSET_BANK_SAMPLES names no folder of third-party samples")
    told = said(embedded, path)
    assert (told == "taken") or path.name not in WHOLE, told
    assert told == "taken" or told.endswith("."), told
    if told == "taken":
        # The same file again is told to be known.
        with pytest.raises(OffsetError, match="statement_known"):
            take(embedded, path, BankFileReader().read(path.read_bytes()), AT)


def take(database: Database, path: Path, told: tuple[Statement, ...], at: datetime) -> None:
    database.run(
        reconciliation.import_statement,
        actor=SYSTEM,
        at=at,
        data=path.read_bytes(),
        name=path.name,
        read=told,
    )


def test_the_processors_report_gives_the_payout_that_the_month_brings(embedded: Database) -> None:
    folder = os.environ.get("OFFSET_BANK_SAMPLES")
    if not folder:
        pytest.skip("OFFSET_BANK_SAMPLES names no folder of third-party samples")
    month = Path(folder) / "camt053" / "SYNTHETIC-camt053.v8-month.xml"
    statement = BankFileReader().read(month.read_bytes())
    begin(embedded, statement)
    stripe = Path(folder) / "stripe"
    told = StripeReportReader().read(
        (stripe / "SYNTHETIC-payout_reconciliation.itemized.csv").read_bytes(),
        (stripe / "SYNTHETIC-payouts.itemized.csv").read_bytes(),
    )
    for booked in (7, 0):
        found = embedded.run(payouts.from_report, told, actor=SYSTEM, at=AT)
        assert (found.payouts, found.booked) == (1, booked)
    take(embedded, month, statement, AT)
    with embedded.reading() as session:
        (line,) = payout_lines.payout_lines(session)
        assert (line.amount, line.expected) == (Money(11_240, "EUR"), Money(11_240, "EUR"))
        assert [one.kind for one in session.scalars(select(Match))] == [Kind.PAYOUT]
        assert session.scalar(select(func.count()).select_from(BankLine)) == 5
        assert not balances.balance(session, chart.payouts_in_transit("EUR"))
