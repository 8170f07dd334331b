"""Is the FEC of a year numbered, valued and named as the law asks, and are broken ones caught?"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.errors import InvalidInput, Refused
from offset.ledger import chart, entries, journal
from offset.ledger.entries import Movement
from offset.money import Money
from offset.people import audit, settings
from offset.reports import exports, fec, fec_check
from offset.reports.rows import Span, snapshot
from tests.reports.conftest import YEAR
from tests.reports.year import ADMIN, RATES, instant, lock

LINE = "BQ\tBanque\tBQ000001\t20260110\t512100\tBanque\tB1\tCompte B1\tbank:1\t20260110\tDon"
GOOD = (
    "\t".join(fec_check.COLUMNS) + "\r\n",
    f"{LINE}\t60,00\t0,00\t\t\t20260201\t\t\r\n",
    LINE.replace("512100\tBanque\tB1\tCompte B1", "467100\tDons\t\t")
    + "\t0,00\t60,00\t\t\t20260201\t\t\r\n",
    f"{LINE}\t1,5\t0,00\t\t\t20260201\t1,80\tUSD\r\n".replace("BQ000001", "BQ000002"),
    f"{LINE}\t0,00\t1,5\t\t\t20260201\t-1,80\tUSD\r\n".replace("BQ000001", "BQ000002"),
)


def rows_of(path: Path) -> list[dict[str, str]]:
    head, *lines = path.read_bytes().decode("iso8859-15").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


@pytest.fixture
def rows(told: Database, tmp_path: Path) -> list[dict[str, str]]:
    lock(told, date(2026, 3, 31))
    [path] = exports.export(told, "fec", YEAR, tmp_path)
    assert list(fec_check.check_file(path)) == []
    return rows_of(path)


def test_columns_of_the_law_are_those_of_the_checker() -> None:
    assert fec.COLUMNS == fec_check.COLUMNS
    assert len(fec.COLUMNS) == 18


def test_numbers_run_from_one_in_each_journal(rows: list[dict[str, str]]) -> None:
    for code in ("AN", "ST", "BQ", "OD"):
        found = list(dict.fromkeys(r["EcritureNum"] for r in rows if r["JournalCode"] == code))
        assert found == [f"{code}{n:06}" for n in range(1, len(found) + 1)]
        assert found


def test_opening_balances_come_first_and_carry_the_result_as_one_line(
    rows: list[dict[str, str]],
) -> None:
    opening = [row for row in rows if row["JournalCode"] == "AN"]
    assert rows[: len(opening)] == opening
    assert not any(row["CompteNum"].startswith(("6", "7")) for row in opening)
    [result] = [row for row in opening if row["CompteNum"] == "110000"]
    # the share of 5.00 USD at 1.10; the part that fees took cancels with the fees
    assert (result["Debit"], result["Credit"]) == ("0,00", "4,55")
    [dollars] = [row for row in opening if row["Idevise"] == "USD" and row["Debit"] != "0,00"]
    # 88.18, and the cent that rounding left of the entry
    assert (dollars["Debit"], dollars["Montantdevise"]) == ("88,19", "97,00")


def test_another_currency_is_valued_at_the_rate_of_its_day(rows: list[dict[str, str]]) -> None:
    yen = [row for row in rows if row["Idevise"] == "JPY" and row["PieceRef"] == "stripe:txn_2"]
    assert [(row["Debit"], row["Credit"], row["Montantdevise"]) for row in yen] == [
        ("74,80", "0,00", "11968"),
        ("2,36", "0,00", "377"),
        ("0,00", "71,05", "-11368"),
        ("0,00", "2,36", "-377"),
        ("0,00", "3,75", "-600"),
    ]


def test_a_conversion_is_valued_by_itself(rows: list[dict[str, str]]) -> None:
    sold = [row for row in rows if row["PieceRef"] == "fx:c1" and row["Idevise"] == "USD"]
    assert [row["Debit"] + row["Credit"] for row in sold] == ["270,010,00", "0,00270,01"]


def test_less_than_half_a_cent_takes_no_number(told: Database, tmp_path: Path) -> None:
    """1 JPY is 0.1 cent at 1,000 for 1 EUR: the line stays away, and no gap is left."""
    value = {"siren": "", "accounts": {}, "rates": RATES | {"JPY": {"2025-01-01": "1000"}}}
    at = instant(date(2026, 3, 12))
    told.run(settings.change, "fec", value, actor=ADMIN, at=at, reason="A test")
    for number in (1, 2):
        draft = entries.unknown_kind(
            Movement(f"txn_tiny{number}", at.date(), "charge"), net=Money(number * number, "JPY")
        )
        told.run(journal.post, draft, at=at)
    told.run(
        journal.post,
        entries.unknown_kind(Movement("txn_more", at.date(), "charge"), net=Money(50, "JPY")),
        at=at,
    )
    lock(told, date(2026, 3, 31))
    [path] = exports.export(told, "fec", YEAR, tmp_path)
    assert list(fec_check.check_file(path)) == []
    assert b"tiny" not in path.read_bytes()
    assert b"stripe:txn_more" in path.read_bytes()


def test_a_locked_month_gives_the_day_of_validation(rows: list[dict[str, str]]) -> None:
    assert {row["ValidDate"] for row in rows if row["EcritureDate"] == "20260110"} == {"20260131"}


def test_the_act_of_closing_dates_the_validation(told: Database, tmp_path: Path) -> None:
    told.run(
        audit.record,
        at=instant(date(2026, 2, 5)),
        actor=ADMIN,
        action="period.closed",
        object_type="period",
        object_id="2026-01-01",
    )
    january = Span(date(2026, 1, 1), date(2026, 1, 31))
    [path] = exports.export(told, "fec", january, tmp_path)
    found = {row["ValidDate"] for row in rows_of(path) if row["JournalCode"] != "AN"}
    assert found == {"20260205"}


def test_an_open_month_is_refused_by_name(told: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused) as fault:
        exports.export(told, "fec", YEAR, tmp_path / "x")
    assert fault.value.parameters["month"] == date(2026, 2, 1)
    assert not (tmp_path / "x").exists()
    january = Span(date(2026, 1, 1), date(2026, 1, 31))
    [path] = exports.export(told, "fec", january, tmp_path)
    assert path.name == "123456789FEC20260131.txt"
    assert list(fec_check.check_file(path)) == []


def test_only_a_fiscal_year_is_a_fec(told: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="export_not_a_fiscal_year"):
        exports.export(told, "fec", Span(date(2026, 1, 2), date(2026, 12, 31)), tmp_path / "x")


@pytest.mark.parametrize("rates", [{}, {"USD": RATES["USD"], "JPY": {"2026-02-01": "160"}}])
def test_a_missing_rate_is_refused(
    told: Database, tmp_path: Path, rates: dict[str, dict[str, str]]
) -> None:
    lock(told, date(2026, 3, 31))
    value = {"siren": "", "accounts": {}, "rates": rates}
    at = instant(date(2026, 1, 1))
    told.run(settings.change, "fec", value, actor=ADMIN, at=at, reason="A test")
    with pytest.raises(InvalidInput, match="export_rate_missing"):
        exports.export(told, "fec", YEAR, tmp_path / "x")
    assert list(tmp_path.glob("*.part")) == []


def test_the_accountant_changes_a_number_by_a_setting(told: Database, tmp_path: Path) -> None:
    lock(told, date(2026, 3, 31))
    accounts = {"Assets:Bank:<acct>": ["512900", "Banque du fonds"]}
    value = {"siren": "", "accounts": accounts, "rates": RATES}
    at = instant(date(2026, 1, 1))
    told.run(settings.change, "fec", value, actor=ADMIN, at=at, reason="The accountant's")
    [path] = exports.export(told, "fec", YEAR, tmp_path)
    assert path.name == "000000000FEC20261231.txt"
    banks = [row for row in rows_of(path) if row["CompteNum"].startswith("512")]
    assert {(r["CompteNum"], r["CompteLib"], r["CompAuxNum"]) for r in banks} == {
        ("512900", "Banque du fonds", "B1")
    }
    with snapshot(told) as session:
        assert "512900\tBanque du fonds\tAssets:Bank:<acct>" in fec.description(session)


def test_every_kind_of_account_has_a_number_of_the_french_chart() -> None:
    assert set(fec.ACCOUNTS) == {place.pattern for place in chart.PLACES}
    numbers = [number for number, _label in fec.ACCOUNTS.values()]
    assert all(re.fullmatch(r"[1-8]\d{5}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def faults(*lines: str, closing: str = "") -> str:
    return "\n".join(fec_check.check(lines, closing=closing))


def test_the_checker_takes_a_sound_file_with_tabs_or_bars() -> None:
    assert faults(*GOOD, closing="20261231") == ""
    assert faults(*(line.replace("\t", "|") for line in GOOD)) == ""


def cell(name: str, text: str, *, line: int = 1) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        cells = lines[line].rstrip("\r\n").split("\t")
        cells[fec_check.COLUMNS.index(name)] = text
        lines[line] = "\t".join(cells) + "\r\n"

    return change


def replaced(old: str, new: str, *, line: int = 1) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        assert old in lines[line]
        lines[line] = lines[line].replace(old, new)

    return change


def reordered(lines: list[str]) -> None:
    lines[1:3], lines[3:5] = lines[3:5], lines[1:3]


def without_lines(lines: list[str]) -> None:
    del lines[1:]


def opening_last(lines: list[str]) -> None:
    for line in (3, 4):
        lines[line] = lines[line].replace("BQ\t", "AN\t").replace("BQ000002", "AN000001")


BROKEN: dict[str, Callable[[list[str]], None]] = {
    "is not the 18 names": replaced("Debit", "Debits", line=0),
    "line 1: does not end with CR LF": replaced("\r\n", "\n", line=0),
    "line 2: does not end with CR LF": replaced("\r\n", "\n"),
    "has 17 fields, 18 are due": replaced("Banque\tBQ", "BQ"),
    "CompteLib is empty": cell("CompteLib", ""),
    "EcritureLib holds a separator": cell("EcritureLib", 'un "don"'),
    "EcritureDate '2026-01-10' is not a date": cell("EcritureDate", "2026-01-10"),
    "PieceDate '20260230' is not a date": cell("PieceDate", "20260230"),
    "CompAuxNum and CompAuxLib go together": cell("CompAuxLib", ""),
    "EcritureLet and DateLet go together": cell("EcritureLet", "A"),
    "Montantdevise and Idevise go together": cell("Montantdevise", "", line=3),
    "is not a currency": cell("Idevise", "dollar", line=3),
    "ValidDate is before EcritureDate": cell("ValidDate", "20260101"),
    "does not begin with three digits": cell("CompteNum", "51"),
    "CompteNum 512100 has two names": cell("CompteLib", "Caisse", line=3),
    "is in another fiscal year than 2026": cell("EcritureDate", "20270110", line=3),
    "entry BQ000001 has two dates": cell("EcritureDate", "20260111", line=2),
    "of journal BQ does not follow 1": replaced("BQ000002", "BQ000003", line=3),
    "of journal BQ does not follow 0": reordered,
    "does not end with a number": replaced("BQ000001", "BQ", line=1),
    "is before 20260110": cell("EcritureDate", "20260109", line=3),
    "Debit '60.00' is not digits": cell("Debit", "60.00"),
    "Credit '6 0' is not digits": cell("Credit", "6 0", line=2),
    "exactly one of Debit and Credit": cell("Credit", "60,00"),
    "entry BQ000001 from line 2 on does not balance": cell("Debit", "60,01"),
    "debits and credits differ by 100 of": cell("Debit", "60,01"),
    "entry BQ000002 from line 4 on does not balance": cell("Credit", "1,6", line=4),
    "opening balances come first": opening_last,
    "the file holds no entry": without_lines,
}


@pytest.mark.parametrize("said", BROKEN)
def test_the_checker_names_what_is_broken(said: str) -> None:
    lines = list(GOOD)
    BROKEN[said](lines)
    assert said in faults(*lines)


def test_the_year_is_that_of_the_files_name() -> None:
    assert "another fiscal year than 2025" in faults(*GOOD, closing="20251231")
    assert "is not the 18 names" in faults()


def test_a_file_with_another_name_is_told(tmp_path: Path) -> None:
    path = tmp_path / "books.txt"
    path.write_bytes("".join(GOOD).encode("iso8859-15"))
    assert list(fec_check.check_file(path)) == [
        "books.txt: a FEC is named SIREN, FEC, closing date: 123456789FEC20261231.txt"
    ]
    path = path.rename(tmp_path / "123456789FEC20261331.txt")
    assert "a FEC is named" in "\n".join(fec_check.check_file(path))
