"""Does a table of a bank become the same lines, whatever way the bank writes it?"""

import io
import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from offset.errors import InvalidInput
from offset.gateways.bank_files import BankFileReader
from offset.money import Money
from offset.treasury.ports import Layout, Sheet, Sign, Statement

LAYOUT = Layout(
    columns={
        "booked_on": ("Date",),
        "amount": ("Montant",),
        "text": ("Libellé", "Détail"),
        "balance": ("Solde",),
    }
)
HEAD = "Date;Libellé;Détail;Montant;Solde\n"
ROWS = "01/10/2026;VIR;don;50,00;1 050,00\n02/10/2026;FRAIS;;-8,50;1 041,50\n"


def a_sheet(layout: Layout = LAYOUT, closing: str = "") -> Sheet:
    return Sheet(
        account="B",
        currency="EUR",
        layout=layout,
        before=Money(100_000, "EUR"),
        closing=Money(int(closing), "EUR") if closing else None,
    )


def read(text: str | bytes, layout: Layout = LAYOUT, closing: str = "") -> Statement:
    data = text if isinstance(text, bytes) else text.encode()
    (told,) = BankFileReader().read(data, a_sheet(layout, closing))
    return told


def refusal(text: str | bytes, layout: Layout = LAYOUT, closing: str = "") -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(text, layout, closing)
    return caught.value


def test_a_table_with_balances_checks_itself() -> None:
    told = read("Compte;FR76\n\n" + HEAD + ROWS)
    assert (told.opening, told.closing) == (Money(100_000, "EUR"), Money(104_150, "EUR"))
    assert [line.amount.minor for line in told.lines] == [5_000, -850]
    assert told.lines[0].text == "VIR don"
    assert (told.opened_on, told.closed_on, told.form) == (
        date(2026, 10, 1),
        date(2026, 10, 2),
        "csv",
    )


def test_the_newest_first_is_the_same_statement() -> None:
    first, second = ROWS.splitlines(keepends=True)
    assert read(HEAD + second + first).lines == read(HEAD + ROWS).lines
    day = "01/10/2026;b;;1,00;1 002,00\n01/10/2026;a;;1,00;1 001,00\n"
    assert [line.text for line in read(HEAD + day).lines] == ["a", "b"]


def test_two_columns_words_and_reversed_signs() -> None:
    two = Layout(
        columns={"booked_on": ("D",), "money_out": ("Out",), "money_in": ("In",)},
        sign=Sign.TWO_COLUMNS,
        decimal=".",
        date_form="YYYY-MM-DD",
        delimiter=",",
    )
    told = read("D,Out,In\n2026-10-01,8.50,\n2026-10-01,,20.00\n", two, "101150")
    assert [line.amount.minor for line in told.lines] == [-850, 2_000]
    word = Layout(columns={"booked_on": ("D",), "amount": ("A",), "side": ("S",)}, sign=Sign.WORD)
    told = read("D;A;S\n01/10/2026;8,50;D\n01/10/2026;20,00;C\n", word, "101150")
    assert [line.amount.minor for line in told.lines] == [-850, 2_000]
    turned = Layout(columns={"booked_on": ("D",), "amount": ("A",)}, sign=Sign.REVERSED)
    assert read("D;A\n01/10/2026;8,50\n", turned, "99150").lines[0].amount.minor == -850


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1 234,56", 123_456),
        ("1.234,56", 123_456),
        ("1'234,56", 123_456),
        ("-8,5", -850),
        ("8,50-", -850),
        ("(8,50)", -850),
        ("−8,50", -850),
        ("8,50 €", 850),
        ("EUR 8,50", 850),
        ("8.50", 850),
        ("+8", 800),
        ("1.234", 123_400),
        ("-€8,50", -850),
        ("€ -8,50", -850),
        ("- 8,50 €", -850),
        ("1\u202f234,5", 123_450),
        ("1’234.50", 123_450),
    ],
)
def test_amounts_as_banks_write_them(written: str, minor: int) -> None:
    layout = Layout(columns={"booked_on": ("D",), "amount": ("A",)})
    told = read(f"D;A\n01/10/2026;{written}\n", layout, str(100_000 + minor))
    assert told.lines[0].amount.minor == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD, "statement_no_rows"),
        (HEAD + "01/10/2026;x;;+-1,00;1,00\n", "statement_amount"),
        (HEAD + "01/10/2026;x;;1,-;1,00\n", "statement_amount"),
        (HEAD + "01/10/2026;x;;12 34,00;1,00\n", "statement_amount"),
        (HEAD + "01/10/2026;x;;$1,00;1,00\n", "statement_amount"),
        (HEAD.replace("Détail", "Montant;Détail"), "statement_heading_twice"),
        ("Datum;Betrag\n1;2\n", "statement_heading"),
        (HEAD + "32/10/2026;x;;1,00;1,00\n", "statement_date"),
        (HEAD + "10/13/2026;x;;1,00;1,00\n", "statement_date"),
        (HEAD + "01/10/2026;x;;1,005;1,00\n", "statement_amount_precise"),
        (HEAD + "01/10/2026;x;;eins;1,00\n", "statement_amount"),
        (HEAD + ";x;;1,00;1,00\n" + ROWS, "statement_date"),
        (HEAD + '01/10/2026;"x;;1,00;1,00\n', "statement_table"),
        ((HEAD + ROWS).encode("windows-1252"), "statement_encoding"),
        ((HEAD + ROWS + "\0").encode(), "statement_encoding"),
        ("D;" * 300, "statement_too_many_lines"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused(text: str | bytes, code: str) -> None:
    assert refusal(text).code == code


def test_a_fault_names_the_row_that_people_see() -> None:
    fault = refusal(f"Compte;FR76\n\n{HEAD}{ROWS}03/10/2026;x;;one;1,00\n")
    assert fault.parameters["where"] == 6


@pytest.mark.parametrize(
    ("form", "written"),
    [("DD.MM.YYYY", "01.10.26"), ("DD/MM/YYYY", "1/10/26"), ("YYYY-MM-DD", "20261001")],
)
def test_short_days(form: str, written: str) -> None:
    layout = Layout(columns={"booked_on": ("D",), "amount": ("A",)}, date_form=form)
    assert read(f"D;A\n{written};1,00\n", layout, "100100").closed_on == date(2026, 10, 1)


def test_a_closing_that_is_not_the_tables_own_is_refused() -> None:
    assert refusal(HEAD + ROWS, closing="104151").code == "statement_closing_differs"
    assert read(HEAD + ROWS, closing="104150").closing == Money(104_150, "EUR")


def test_the_sign_of_a_currency_in_its_own_column() -> None:
    layout = Layout(columns={"booked_on": ("D",), "amount": ("A",), "currency": ("C",)})
    assert read("D;A;C\n01/10/2026;1,00;€\n", layout, "100100").lines[0].amount == Money(100, "EUR")


def test_a_total_below_is_left_alone() -> None:
    assert len(read(HEAD + ROWS + ";Total;;41,50;\n").lines) == 2


def test_a_table_without_balances_needs_the_closing_that_a_person_read() -> None:
    layout = replace(LAYOUT, columns={"booked_on": ("Date",), "amount": ("Montant",)})
    fault = refusal(HEAD + ROWS, layout)
    assert (fault.code, fault.field) == ("statement_closing_missing", "closing")
    assert read(HEAD + ROWS, layout, "104150").closing == Money(104_150, "EUR")


def test_other_letters_are_read_when_they_are_said() -> None:
    layout = replace(LAYOUT, encoding="windows-1252")
    assert read((HEAD + ROWS).encode("windows-1252"), layout).lines[0].text == "VIR don"
    sixteen = replace(LAYOUT, encoding="utf-16")
    assert len(read((HEAD + ROWS).encode("utf-16"), sixteen).lines) == 2
    assert len(read(("\ufeff" + HEAD + ROWS).encode()).lines) == 2


def a_workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TITLES = ("Date", "Libellé", "Détail", "Montant", "Solde")


def test_a_workbook_is_read_like_a_table() -> None:
    data = a_workbook(
        ("Compte", "FR76"),
        TITLES,
        (date(2026, 10, 1), "VIR", "don", 50, 1050.1),
        (date(2026, 10, 2), "FRAIS", None, -8.5, 1041.6),
    )
    told = read(data)
    assert told.form == "xlsx"
    assert [(line.booked_on.day, line.amount.minor) for line in told.lines] == [
        (1, 5_000),
        (2, -850),
    ]
    assert told.closing == Money(104_160, "EUR")


def test_the_sheet_that_people_see_first_is_read_with_its_own_calendar() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for title, amount in (("hidden", 99), ("shown", 50)):
        sheet = book.create_sheet(title)
        sheet.append(TITLES)
        sheet.append((date(2026, 10, 1), "VIR", "don", amount, 1000 + amount))
        sheet.sheet_state = "visible" if title == "shown" else "hidden"
    del book["Sheet"]
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    (line,) = read(out.getvalue()).lines
    assert (line.booked_on, line.amount.minor) == (date(2026, 10, 1), 5_000)


def test_a_formula_is_no_value() -> None:
    data = a_workbook(TITLES, (date(2026, 10, 1), "x", "", "=1+1", 1))
    assert refusal(data).code == "statement_formula"


def changed(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return out.getvalue()


def test_hostile_workbooks_are_refused() -> None:
    good = a_workbook(TITLES, (date(2026, 10, 1), "x", "", 1, 1))
    sheet = "xl/worksheets/sheet1.xml"
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    assert refusal(changed(good, sheet, bomb)).code == "statement_hostile"
    assert refusal(changed(good, sheet, b"<worksheet><row>")).code == "statement_table"
    assert refusal(b"PK\x03\x04 nothing more").code == "statement_table"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}", b"")
    assert refusal(many.getvalue()).code == "statement_hostile"
    assert refusal(good[:-40]).code == "statement_table"
    large = BankFileReader()
    with pytest.raises(InvalidInput, match="statement_too_large"):
        large.read(good + b" " * 20_000_000, a_sheet())


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x89PNG", b"\x1f\x8b.."])
def test_what_no_bank_gives_is_refused(data: bytes) -> None:
    assert refusal(data).code == "statement_kind_unknown"


def test_without_a_mapping_a_table_asks_for_one() -> None:
    with pytest.raises(InvalidInput, match="statement_needs_mapping"):
        BankFileReader().read((HEAD + ROWS).encode())
    assert BankFileReader().headings((HEAD + ROWS).encode())[0][0] == "Date"
    with pytest.raises(InvalidInput, match="statement_not_a_table"):
        BankFileReader().headings(b"<Document/>")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"columns": {"booked_on": ("D",)}}, "amount"),
        ({"columns": {"amount": ("A",)}}, "booked_on"),
        ({"columns": {"booked_on": ("D",), "amount": ("A",), "x": ("X",)}}, "columns"),
        ({"sign": Sign.WORD}, "side"),
        ({"decimal": "x"}, "decimal"),
        ({"date_form": "x"}, "date_form"),
        ({"encoding": "x"}, "encoding"),
        ({"delimiter": "x"}, "delimiter"),
    ],
)
def test_a_mapping_that_cannot_be(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(LAYOUT, **change)  # type: ignore[arg-type]  # each row is one field of it
    assert caught.value.field == field
    assert Layout.read(LAYOUT.document()) == LAYOUT
