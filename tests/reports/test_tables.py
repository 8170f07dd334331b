"""Are the tables what docs/exports.md promises, and can no cell be taken for a formula?"""

import csv
import io
import re
from datetime import date
from itertools import repeat
from pathlib import Path

import hypothesis
import openpyxl
import pytest
from hypothesis import strategies as st

from offset.database.session import Database
from offset.ledger import entries, journal
from offset.reports import exports, tables, workbook
from offset.reports.rows import dashed, decimal_of
from tests.reports.conftest import YEAR
from tests.reports.year import B1, POOL, eur, instant

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exports.md"
WICKED = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1", "－1")


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_the_page_lists_every_column_in_order() -> None:
    page = PAGE.read_text()
    for table in tables.TABLES:
        [block] = re.findall(rf"### `{table.name}`\n\n(.*?)\n\n", page + "\n\n", flags=re.DOTALL)
        told = re.findall(r"^\| `(\w+)` \| (.*) \|$", block, flags=re.MULTILINE)
        assert told == [(column.name, column.meaning) for column in table.columns]


def test_the_page_names_every_kind() -> None:
    page = PAGE.read_text()
    for kind in exports.KINDS.values():
        assert f"| `{kind.name}` | {kind.what}" in page


def test_every_line_of_every_entry_is_a_row(told: Database, tmp_path: Path) -> None:
    [path] = exports.export(told, "csv", YEAR, tmp_path)
    rows = read(path)
    gift = [row for row in rows if row["idem_key"] == "stripe:txn_2"]
    assert [(r["line"], r["account"], r["currency"], r["amount"]) for r in gift] == [
        ("1", "Assets:Stripe:JPY", "JPY", "11968"),
        ("2", "Expenses:Fees:Stripe:JPY", "JPY", "377"),
        ("3", "Liabilities:Fund:Pool:JPY", "JPY", "-11368"),
        ("4", "Income:FeePart:JPY", "JPY", "-377"),
        ("5", "Income:Share:JPY", "JPY", "-600"),
    ]
    assert gift[0]["recorded_at"] == "2026-01-10T09:00:00.000Z"
    [undone] = {row["reverses_id"] for row in rows if row["kind"] == "reversal"}
    assert undone in {row["entry_id"] for row in rows}
    assert path.read_bytes().endswith(b"\r\n")


@pytest.mark.parametrize(
    "text", [one for one in WICKED if "\0" not in one]
)  # the books take no key with a NUL
def test_a_planted_cell_comes_out_quoted(told: Database, tmp_path: Path, text: str) -> None:
    on = date(2026, 3, 20)
    draft = entries.opening(reference=text, on=on, account=B1, amount=eur(1))
    told.run(journal.post, draft, at=instant(on))
    [plain] = exports.export(told, "csv", YEAR, tmp_path / "x.csv")
    assert f"'{text}" in {row["source_id"] for row in read(plain)}
    [book] = exports.export(told, "xlsx", YEAR, tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(book)["entries"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    # XML has no NUL, and reads a carriage return as the end of a line
    kept = text.replace("\0", "").replace("\r", "\n")
    assert f"'{kept}" in {cell.value for cell in cells}


@hypothesis.given(st.text(max_size=20))
def test_no_safe_text_starts_a_formula(text: str) -> None:
    made = tables.safe(text)
    assert made.removeprefix("'") == text.removeprefix("'") or made == f"'{text}"
    assert not made or made[0] not in "=+-@\t\r\n\0＝＋－＠"


def test_a_workbook_says_the_same_as_the_csv(told: Database, tmp_path: Path) -> None:
    for name, plain in (("xlsx", "csv"), ("trial-balance-xlsx", "trial-balance")):
        [book] = exports.export(told, name, YEAR, tmp_path / "x.xlsx")
        [table] = exports.export(told, plain, YEAR, tmp_path / "x.csv")
        sheet = openpyxl.load_workbook(book).worksheets[0]
        head, *rows = sheet.iter_rows(values_only=True)
        expected = read(table)
        assert list(head) == list(expected[0])
        assert len(rows) == len(expected)
        for row, other in zip(rows, expected, strict=True):
            for value, text in zip(row, other.values(), strict=True):
                same = value == float(text) if isinstance(value, int | float) else value == text
                assert same or (value is None and not text)
        assert sheet.freeze_panes == "A2"


def test_a_full_sheet_is_followed_by_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    path = tmp_path / "x.xlsx"
    rows = (("a & <b>", str(n)) for n in range(7))
    with path.open("wb") as out:
        workbook.write(out, "lines", ("text", "number"), (False, True), rows)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["lines", "lines 2", "lines 3"]
    assert [sheet.max_row for sheet in book] == [4, 4, 2]
    assert [cell.value for cell in book["lines 3"][2]] == ["a & <b>", 6]


def test_a_sheet_of_many_rows_and_one_of_none(tmp_path: Path) -> None:
    for count in (0, 501, 1000):
        path = tmp_path / f"{count}.xlsx"
        with path.open("wb") as out:
            workbook.write(out, "t", ("text",), (False,), iter(repeat(("x",), count)))
        assert openpyxl.load_workbook(path)["t"].max_row == count + 1


def test_a_trial_balance_balances_and_goes_on_from_the_year_before(
    told: Database, tmp_path: Path
) -> None:
    [path] = exports.export(told, "trial-balance", YEAR, tmp_path)
    rows = read(path)
    for currency in ("EUR", "USD", "JPY"):
        mine = [row for row in rows if row["currency"] == currency]
        for column in ("opening", "closing"):
            assert sum(int(row[column].replace(".", "")) for row in mine) == 0
        moved = {sum(int(row[c].replace(".", "")) for row in mine) for c in ("debit", "credit")}
        assert len(moved) == 1
    [bank] = [row for row in rows if row["account"] == B1]
    assert bank["opening"] == "1000.00"
    assert POOL in {row["account"] for row in rows}


def test_the_accounts_tell_their_days(told: Database, tmp_path: Path) -> None:
    [path] = exports.export(told, "accounts", YEAR, tmp_path)
    [bank] = [row for row in read(path) if row["account"] == "Assets:Bank:B2"]
    assert (bank["type"], bank["opened_on"], bank["closed_on"]) == ("A", "2025-12-01", "")


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [
        ("EUR", 0, "0.00"),
        ("EUR", -5, "-0.05"),
        ("EUR", 123_456, "1234.56"),
        ("EUR", -123_456, "-1234.56"),
        ("JPY", -7, "-7"),
        ("TND", -1_001, "-1.001"),
    ],
)
def test_amounts_keep_their_decimals(currency: str, minor: int, text: str) -> None:
    assert decimal_of(currency)(minor) == text


def test_an_id_is_written_as_people_know_it() -> None:
    assert dashed(bytes(range(16))) == "00010203-0405-0607-0809-0a0b0c0d0e0f"
