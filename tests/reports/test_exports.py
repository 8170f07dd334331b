"""Is every export accepted by the outside, whole or absent, and free of anybody's name?"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pytest

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound, Refused
from offset.ledger import chart, entries, journal
from offset.ledger.queries import public_totals
from offset.reports import exports
from offset.reports.fec_check import check_file
from offset.reports.rows import Books, Close, Span, snapshot
from tests.builders.ledger import a_gift
from tests.reports import outside
from tests.reports.conftest import YEAR
from tests.reports.year import B1, B2, eur, instant, lock

BOTH = Span(date(2025, 1, 1), date(2026, 12, 31))
TEXTS = [kind for kind in exports.KINDS if "xlsx" not in kind]


def test_bean_check_accepts_each_year(told: Database, tmp_path: Path) -> None:
    first, second = exports.export(told, "beancount", BOTH, tmp_path / "books")
    assert (first.name, second.name) == ("2025.beancount", "2026.beancount")
    assert outside.bean_check(first) == ""
    assert outside.bean_check(second) == ""
    text = second.read_text()
    # carried in, asserted after the close, asserted at the end
    assert '2025-12-31 * "opening" "Balances brought forward"' in text
    assert "2026-02-01 balance Assets:Stripe:JPY  11968 JPY" in text
    assert "2027-01-01 balance Assets:Bank:B1" in text


def test_bean_check_refuses_a_file_that_lost_a_posting(told: Database, tmp_path: Path) -> None:
    [path] = exports.export(told, "beancount", YEAR, tmp_path / "2026.beancount")
    text = path.read_text()
    path.write_text(text.replace("  Assets:Stripe:EUR  58.85 EUR\n", "", 1))
    assert "does not balance" in outside.bean_check(path)
    path.write_text(re.sub(r"\n2026-01-10 \* \"charge\"(\n  .*)+", "", text, count=1))
    assert "Balance failed" in outside.bean_check(path)


def test_hledger_accepts_each_year_and_agrees_with_the_books(
    told: Database, tmp_path: Path
) -> None:
    for path in exports.export(told, "hledger", BOTH, tmp_path / "books"):
        assert outside.hledger(path) == ""
    told_by = outside.hledger(path, "balance", "--flat", "--no-total", "Assets:Stripe:JPY")
    assert told_by.split() == ["11968", "JPY", "Assets:Stripe:JPY"]
    text = path.read_text()
    path.write_text(text.replace("11968 JPY\n", "11967 JPY\n"))
    assert outside.hledger(path) != ""


def test_iati_is_valid_and_says_that_its_identifier_is_missing(
    told: Database, tmp_path: Path
) -> None:
    [path] = exports.export(told, "iati", BOTH, tmp_path)
    assert path.name == "iati-2025-01-01-2026-12-31.xml"
    assert outside.iati(path) == []
    text = path.read_text()
    assert "<!-- ORGANISATION-IDENTIFIER-NOT-SET: set" in text
    assert '<value currency="JPY" value-date="2026-01-10">12345</value>' in text
    path.write_text(text.replace("<title>", "<titel>").replace("</title>", "</titel>"))
    assert outside.iati(path) != []


def test_the_gifts_of_iati_are_the_public_total(told: Database, tmp_path: Path) -> None:
    [path] = exports.export(told, "iati", BOTH, tmp_path)
    values = re.findall(
        r'code="1"/><transaction-date[^>]*/><value currency="JPY"[^>]*>(-?\d+)<', path.read_text()
    )
    with told.reading() as session:
        assert sum(map(int, values)) == public_totals(session)["JPY"].received.minor


@pytest.mark.postgres
def test_both_engines_write_the_same_bytes(
    told: Database, told_server: Database, tmp_path: Path
) -> None:
    """Only ids differ, since they are drawn anew, and with them the order within one instant."""
    for database in (told, told_server):
        lock(database, date(2026, 3, 31))
    identity = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[A-Z]{2}\d{6}\b")
    for kind in TEXTS:
        written = []
        for database in (told, told_server):
            [path] = exports.export(database, kind, YEAR, tmp_path / f"{kind}-{database.name}")
            written.append(sorted(identity.sub(b"ID", path.read_bytes()).splitlines()))
        assert written[0] == written[1], kind
    for path in exports.export(told_server, "beancount", YEAR, tmp_path / "x.beancount"):
        assert outside.bean_check(path) == ""


def test_nobody_is_named(told: Database, tmp_path: Path) -> None:
    lock(told, date(2026, 3, 31))
    for kind in exports.KINDS:
        for path in exports.export(told, kind, YEAR, tmp_path):
            assert b"Lovelace" not in path.read_bytes(), kind


def test_a_locked_year_gives_a_sound_fec(told: Database, tmp_path: Path) -> None:
    lock(told, date(2026, 3, 31))
    paths = exports.export(told, "fec", YEAR, tmp_path)
    assert [path.name for path in paths] == ["123456789FEC20261231.txt"]
    assert list(check_file(paths[0])) == []


def test_an_unknown_kind_and_a_missing_folder_are_refused(told: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="export_unknown"):
        exports.export(told, "pdf", YEAR, tmp_path / "x")
    with pytest.raises(InvalidInput, match="export_place_missing"):
        exports.export(told, "csv", YEAR, tmp_path / "none" / "x")


def test_a_reversed_and_an_empty_period_are_refused(told: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="export_period_reversed"):
        Span(date(2026, 2, 1), date(2026, 1, 1))
    with pytest.raises(InvalidInput, match="export_empty"):
        exports.export(told, "csv", Span(date(2020, 1, 1), date(2020, 1, 2)), tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_all_days_there_are_make_an_export(told: Database, tmp_path: Path) -> None:
    always = Span(date.min, date.max)
    assert always.eve == date.min
    assert exports.export(told, "beancount", always, tmp_path / "books")


def test_a_year_without_entries_gives_no_file(told: Database, tmp_path: Path) -> None:
    wide = Span(date(2024, 1, 1), date(2026, 12, 31))
    written = exports.export(told, "hledger", wide, tmp_path / "books")
    assert [path.name for path in written] == ["2025.journal", "2026.journal"]


def test_a_failed_export_leaves_no_file_and_the_old_one_stands(
    told: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [old] = exports.export(told, "csv", YEAR, tmp_path / "kept.csv")
    before = old.read_bytes()
    monkeypatch.setattr(exports, "KINDS", {"csv": breaking(exports.KINDS["csv"].write)})
    with pytest.raises(RuntimeError):
        exports.export(told, "csv", YEAR, old)
    assert old.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.suffix in {".part", ".csv"}] == [
        "kept.csv"
    ]


def breaking(write: Callable[[Books, BinaryIO], None]) -> exports.Kind:
    def stop(books: Books, out: BinaryIO) -> None:
        write(books, out)
        raise RuntimeError("the disk is full")

    return exports.Kind("csv", "breaks at its end", "csv", stop)


def test_the_second_year_failing_takes_the_first_with_it(told: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="export_month_open"):
        exports.export(told, "fec", BOTH, tmp_path / "years")
    assert not (tmp_path / "years").exists()


def test_an_export_is_one_moment(told: Database) -> None:
    with snapshot(told) as session:
        books = Books(session, YEAR)
        before = books.standing(YEAR.until)
        told.run(journal.post, a_gift(99, on=date(2026, 3, 12)), at=instant(date(2026, 3, 12)))
        assert books.standing(YEAR.until) == before
        assert "stripe:txn_99" not in {one.idem_key for one in books.records()}
    with snapshot(told) as session:
        assert Books(session, YEAR).standing(YEAR.until) != before


def test_closes_stand_among_the_entries(told: Database) -> None:
    with snapshot(told) as session:
        story = list(Books(session, BOTH).story())
    days = [str(one.ends_on) if isinstance(one, Close) else one.day for one in story]
    assert days == sorted(days)
    assert [one.ends_on for one in story if isinstance(one, Close)] == [
        date(2025, 12, 31),
        date(2026, 1, 31),
    ]


def test_a_month_that_ends_the_stream_is_still_asserted(told: Database, tmp_path: Path) -> None:
    january = Span(date(2026, 1, 1), date(2026, 1, 31))
    [path] = exports.export(told, "hledger", january, tmp_path / "january.journal")
    assert path.read_text().count("2026-01-31 * balances at the close") == 1
    assert outside.hledger(path) == ""


def test_odd_words_and_closed_accounts_are_accepted(told: Database, tmp_path: Path) -> None:
    on = date(2026, 3, 20)
    odd = 'a "quoted" \\ key; [2026-01-01], b|c'
    draft = entries.opening(reference=odd, on=on, account=B1, amount=eur(1))
    told.run(journal.post, draft, at=instant(on))
    told.run(chart.close_account, B2, on=on)
    [beans] = exports.export(told, "beancount", YEAR, tmp_path / "x.beancount")
    assert outside.bean_check(beans) == ""
    assert "  closed: 2026-03-20\n" in beans.read_text()
    [ledger] = exports.export(told, "hledger", YEAR, tmp_path / "x.journal")
    assert outside.hledger(ledger) == ""
    [accounts] = exports.export(told, "accounts", YEAR, tmp_path / "x.csv")
    assert "A,EUR,2025-12-01,2026-03-20" in accounts.read_text()
