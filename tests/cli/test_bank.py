"""Do ``offset bank import`` and ``offset bank payouts`` add what they say, once, or nothing?"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from offset.cli.main import cli, told
from offset.database.session import Database
from offset.errors import Conflict, OffsetError
from offset.money import Money
from offset.people.access import SYSTEM
from offset.treasury import mappings, payout_lines
from offset.treasury.models import BankLine, BankNotice
from offset.treasury.ports import Layout
from tests.builders import treasury as build
from tests.builders.giving import books
from tests.cli.terminal import at_desk
from tests.gateways.test_stripe_report import ITEMS, PAYOUTS

SAMPLES = Path(__file__).parent.parent / "data" / "bank"
AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
TABLE = b"Date;Libelle;Montant\n02/10/2026;VIR don;20,00\n03/10/2026;FRAIS;-1,50\n"


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def offset(database: Database, tmp_path: Path) -> CliRunner:
    del database
    return CliRunner(env=at_desk(tmp_path))


def said(offset: CliRunner, *words: object, code: int = 0) -> str:
    found = offset.invoke(cli, ["bank", *map(str, words)])
    assert found.exit_code == code, (found.output, found.exception)
    return told(found.exception) if isinstance(found.exception, OffsetError) else found.output


def lines(database: Database) -> int:
    with database.reading() as session:
        return session.query(BankLine).count()


def test_a_statement_is_looked_at_then_imported_and_never_twice(
    database: Database, offset: CliRunner
) -> None:
    database.run(build.a_bank_account, at=AT, opening="10000.00")
    month = SAMPLES / "camt053-v8-month.xml"
    looked = said(offset, "import", month, "--dry-run")
    assert "5 lines, 10000.00 EUR 182.40 -1243.06 8939.34 EUR, 0 announced" in looked
    assert looked.endswith("nothing was imported\n")
    assert lines(database) == 0
    assert "imported 1 statements, 5 lines" in said(offset, "import", month)
    again = said(offset, "import", month, code=1)
    assert "imported on" in again
    assert lines(database) == 5


def test_a_table_needs_its_account_and_its_mapping(
    database: Database, offset: CliRunner, tmp_path: Path
) -> None:
    database.run(build.a_bank_account, at=AT, opening="100.00")
    table = tmp_path / "b.csv"
    table.write_bytes(TABLE)
    for words, reason in (
        ((), "statement_needs_mapping: "),
        (("--account", "B1"), "statement_needs_mapping: "),
        (("--account", "B9"), "bank_account_unknown: "),
    ):
        assert reason in said(offset, "import", table, *words, code=1)
    layout = Layout(columns={"booked_on": ("Date",), "amount": ("Montant",), "text": ("Libelle",)})
    database.run(mappings.save, actor=SYSTEM, at=AT, account="B1", layout=layout)
    wrong = said(offset, "import", table, "--account", "B1", "--closing", "118.51", code=1)
    assert "118.5" in wrong
    assert lines(database) == 0
    done = said(offset, "import", table, "--account", "B1", "--closing", "118.50")
    assert "imported 1 statements, 2 lines" in done
    overdrawn = tmp_path / "c.csv"
    overdrawn.write_bytes(b"Date;Libelle;Montant\n04/10/2026;LOYER;-200,00\n")
    done = said(offset, "import", overdrawn, "--account", "B1", "--closing", "-81.50")
    assert "imported 1 statements, 1 lines" in done


def test_a_notice_is_counted_and_books_nothing(
    database: Database, offset: CliRunner, tmp_path: Path
) -> None:
    database.run(build.a_bank_account, at=AT)
    batch = (SAMPLES / "camt053-v8-batch.xml").read_text()
    start, end = batch.index("<Ntry>"), batch.rindex("</Ntry>") + len("</Ntry>")
    notice = tmp_path / "notice.xml"
    notice.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">'
        "<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N</MsgId></GrpHdr><Ntfctn><Id>N-1</Id>"
        "<CreDtTm>2026-10-08T06:00:00Z</CreDtTm>"
        f"<Acct><Id><IBAN>{build.IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{batch[start:end]}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
    done = said(offset, "import", notice)
    assert "B1 N-1:" in done
    assert "notices" in done
    assert "imported 0 statements, 0 lines" in done
    with database.reading() as session:
        assert session.query(BankNotice).count() > 1
    assert lines(database) == 0


def test_a_report_of_past_payouts_is_booked_once(
    database: Database, offset: CliRunner, tmp_path: Path
) -> None:
    items, report = tmp_path / "items.csv", tmp_path / "payouts.csv"
    items.write_text(ITEMS)
    report.write_text(PAYOUTS)
    looked = said(offset, "payouts", items, report, "--dry-run")
    assert "po_1: 16.47 EUR, 3 movements" in looked
    assert books(database) == {}
    assert "1 payouts, 3 movements booked" in said(offset, "payouts", items, report)
    held = books(database)
    assert held["Assets:InTransit:Payouts:EUR"] == 1_647
    assert "Assets:Stripe:EUR" not in held
    assert "1 payouts, 0 movements booked" in said(offset, "payouts", items, report)
    assert books(database) == held
    with database.reading() as session:
        (line,) = payout_lines.payout_lines(session)
    assert (line.amount, line.expected) == (Money(1_647, "EUR"), Money(1_647, "EUR"))
    report.write_text(PAYOUTS.replace("-16.47", "-16.48"))
    assert "16.48" in said(offset, "payouts", items, report, code=1)


def test_a_refusal_is_a_sentence_with_its_code_even_where_words_are_missing() -> None:
    assert told(Conflict("match_undone")).startswith("match_undone: This")
    assert "statement_gap" in told(Conflict("statement_gap"))
    assert "nobody_knows_this" in told(Conflict("nobody_knows_this"))
