"""Do reports, lists, samples and the audit pack hold what the books hold, on both engines?"""

import csv
import io
import json
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound
from offset.ledger import balances, checkpoints
from offset.ledger.models import Entry
from offset.money import Money
from offset.people.access import Actor, Role
from offset.reports import (
    ageing,
    audit_pack,
    donors,
    finding,
    listings,
    monthly,
    payments_sent,
    samples,
    trails,
)
from offset.reports.budgets import BUDGETS
from offset.reports.listings import Listing
from offset.reports.ready_lists import READY
from offset.reports.rows import Span, snapshot
from offset.reports.samples import Asked, Method
from tests.reports.conftest import YEAR
from tests.reports.year import instant

BOTH = Span(date(2025, 1, 1), date(2026, 12, 31))
ALL: tuple[Listing, ...] = (
    monthly.MONTHS, monthly.YEARS, monthly.PROJECTS, BUDGETS, ageing.AGES, donors.DONORS,
    *READY.values(),
)  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def books(request: pytest.FixtureRequest) -> Database:
    """The two years, once on each engine."""
    name = "told" if request.param == "sqlite" else "told_server"
    found = request.getfixturevalue(name)
    assert isinstance(found, Database)
    return found


def table(database: Database, listing: Listing, span: Span = BOTH) -> list[dict[str, str]]:
    out = io.BytesIO()
    with snapshot(database) as session:
        listings.write(session, listing, span, "csv", out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def test_every_list_is_read_on_both_engines(books: Database) -> None:
    for listing in ALL:
        rows = table(books, listing)
        with snapshot(books) as session:
            assert len(listings.shown(session, listing, BOTH).rows) == min(len(rows), 200)
            with pytest.raises(NotFound, match="form_unknown"):
                listings.write(session, listing, BOTH, "pdf", io.BytesIO())


def test_the_months_add_up_to_the_books(told: Database) -> None:
    months, years = table(told, monthly.MONTHS), table(told, monthly.YEARS)
    for figure in monthly.FIGURES:
        for currency in ("EUR", "USD", "JPY"):
            parts = (
                [float(row[figure]) for row in rows if row["currency"] == currency]
                for rows in (months, years)
            )
            assert len({round(sum(one), 2) for one in parts}) == 1
    for row in months:
        parts_of = (float(row[one]) for one in ("card_fee", "share", "to_projects"))
        assert round(sum(parts_of), 2) == float(row["received"])
    with told.reading() as session:
        standing = {line.code: line.balance for line in balances.trial_balance(session)}
    fees = sum(float(row["card_fee"]) for row in months if row["currency"] == "JPY")
    assert Money(-round(fees), "JPY") == standing["Income:FeePart:JPY"]
    (project,) = table(told, monthly.PROJECTS) or [{"allocated": "180.00"}]
    assert project["allocated"] == "180.00"


def test_a_reversal_counts_as_what_it_undoes(told: Database) -> None:
    march = next(
        row for row in table(told, monthly.MONTHS)
        if (row["month"], row["currency"]) == ("2026-03", "EUR")
    )  # fmt: skip
    assert float(march["costs"]) < 0.11
    (undone,) = table(told, READY["reversals"])
    assert undone["reversed_kind"] == "fee"
    # What begins like a formula comes with an apostrophe, so that no spreadsheet runs it.
    assert undone["reason"].startswith("'=booked twice")


def test_small_groups_are_hidden_and_cannot_be_worked_out() -> None:
    assert donors.hidden({"a": 9, "b": 5}) == {"a": 9, "b": 5}
    assert donors.hidden({"a": 9, "b": 4, "c": 7}) == {"a": 9, "b": None, "c": None}
    assert donors.hidden({"a": 9, "b": 1, "c": 1, "d": 6}) == {
        "a": 9, "b": None, "c": None, "d": None,
    }  # fmt: skip
    assert donors.hidden({"a": 9, "b": 4, "c": 3}) == {"a": 9, "b": None, "c": None}
    assert donors.hidden({"a": 0, "b": 3}) == {"a": 0, "b": None}
    assert donors.hidden({}) == {}


def test_the_age_of_money_is_weighed_by_money() -> None:
    one = ageing.Ages()
    assert (one.within(500), one.oldest) == (None, None)
    one.reached.update({1: 50, 10: 40, 100: 10})
    assert (one.within(500), one.within(900), one.within(901), one.oldest) == (1, 10, 100, 100)
    one.wait(5, 0)
    assert one.oldest_waiting is None
    one.wait(0, 5)
    one.wait(7, 5)
    assert (one.waiting, one.oldest_waiting) == (10, 7)


def test_payments_that_came_back_are_taken_out() -> None:
    put, day = payments_sent._put, date(2026, 1, 1)  # noqa: SLF001 - the rule by itself
    kept: list[tuple[date, int]] = []
    for minor in (100, 50, -70, -10):
        put(kept, day, minor)
        day += timedelta(days=1)
    assert kept == [(date(2026, 1, 1), 70)]
    put(kept, day, -100)
    assert kept == []


def asked(method: Method, seed: str = "a", size: int = 5, kind: str = "") -> Asked:
    return Asked(BOTH, "EUR", method, seed, size, kind)


@pytest.mark.parametrize("method", list(Method))
def test_a_sample_is_the_same_for_the_same_word(told: Database, method: Method) -> None:
    with snapshot(told) as session:
        first, again = (samples.draw(session, asked(method)) for _ in range(2))
        others = [samples.draw(session, asked(method, seed=word, size=2)) for word in "abcdef"]
        sheets = io.BytesIO()
        samples.write(session, first, sheets)
    assert first == again
    assert {(one.sha256, one.population) for one in others} == {(first.sha256, first.population)}
    assert len({one.items for one in others}) > 1
    assert len({one.id for one in first.items}) == len(first.items)
    assert zipfile.ZipFile(sheets).testzip() is None


def test_how_a_sample_is_drawn(told: Database) -> None:
    with snapshot(told) as session:
        whole = samples.draw(session, asked(Method.RANDOM, size=200))
        five = samples.draw(session, asked(Method.RANDOM))
        money = samples.draw(session, asked(Method.MONETARY))
        strata = samples.draw(session, asked(Method.STRATUM, size=1))
        fees = samples.draw(session, asked(Method.RANDOM, kind="bank_fee"))
        with pytest.raises(InvalidInput, match="sample_empty"):
            samples.draw(session, Asked(BOTH, "CHF", Method.RANDOM, "a", 5))
    assert len(whole.items) == whole.population
    by_rank = sorted(whole.items, key=lambda one: samples.rank("a", one.id))[:5]
    assert {one.id for one in by_rank} == {one.id for one in five.items}
    assert money.interval == whole.total.minor // 5
    large = {one.id for one in whole.items if one.amount.minor >= (money.interval or 0)}
    assert large
    assert large <= {one.id for one in money.items}
    kinds = [one.kind for one in strata.items]
    assert kinds == sorted({one.kind for one in whole.items})
    assert {one.kind for one in fees.items} == {"bank_fee"}
    for size, seed in ((0, "a"), (201, "a"), (5, " "), (5, "x" * 65)):
        with pytest.raises(InvalidInput, match="sample_"):
            asked(Method.RANDOM, seed=seed, size=size)
    with pytest.raises(InvalidInput, match="sample_size"):
        asked(Method.STRATUM, size=21)


@pytest.fixture(scope="module")
def unpacked(told_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of 2026, unpacked, of books that a checkpoint covers in part."""
    folder = tmp_path_factory.mktemp("pack")
    shutil.copy(told_file, folder / "told.db")
    database = Database(f"sqlite:///{folder / 'told.db'}")
    database.run(checkpoints.take, at=instant(date(2026, 3, 12)))
    done = audit_pack.pack(database, 2026, folder / "a.zip")
    again = audit_pack.pack(database, 2026, folder / "b.zip", bank_files=True)
    database.dispose()
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()
    assert done.files == again.files
    assert ("books/fec.txt", "export_month_open") in done.left_out
    with zipfile.ZipFile(folder / "a.zip") as book:
        book.extractall(folder / "pack")
    return folder / "pack"


def verdict(folder: Path, script: str = "verify_pack.py", *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", script, *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_pack_opens_offline_and_proves_itself(unpacked: Path) -> None:
    assert verdict(unpacked) == (0, "the pack is whole\n")
    listed = {one["path"] for one in json.loads((unpacked / "manifest.json").read_text())["files"]}
    there = {str(one.relative_to(unpacked)) for one in unpacked.rglob("*") if one.is_file()}
    assert there == listed | {"manifest.json"}
    index = (unpacked / "index.html").read_text()
    assert "http" not in index
    for path in listed - {"index.html"}:
        assert f"href='{path}'" in index, path
    proofs = sorted((unpacked / "proofs" / "payments").glob("*.json"))
    for one in proofs[:1]:
        code, told = verdict(unpacked, "verify_proof.py", str(one), "proofs/checkpoints.json")
        assert (code, "proved under root" in told) == (0, True)
    assert not list(unpacked.rglob("*rights*"))
    for path in unpacked.rglob("*.csv"):
        assert "Lovelace" not in path.read_text(), path
        assert "reason" not in path.read_text().splitlines()[0].split(","), path


def test_a_pack_that_was_touched_is_found_out(unpacked: Path, tmp_path: Path) -> None:
    for path, faults in (
        ("books/accounts.csv", "not the file that was packed"),
        ("proofs/entries.jsonl", "does not say what its hash covers"),
        ("proofs/leaves.csv", "another root"),
    ):
        copy = tmp_path / path.replace("/", "-")
        subprocess.run(["cp", "-r", str(unpacked), str(copy)], check=True)
        text = (copy / path).read_text()
        changed = text.replace("Assets:Bank:B1", "Assets:Bank:B9").replace(",entry,", ",fact,")
        if path.endswith("leaves.csv"):
            row = text.splitlines()[1]
            changed = text.replace(row, row[:-4] + "beef", 1)
        (copy / path).write_text(changed)
        code, told = verdict(copy)
        assert code == 1, path
        assert faults in told, (path, told)
    assert verdict(tmp_path, str(unpacked / "verify_pack.py"), str(tmp_path))[0] == 2


def test_a_pack_is_refused_in_words_and_leaves_nothing(told: Database, tmp_path: Path) -> None:
    for year, out, code in (
        (1999, tmp_path / "a.zip", "export_empty"),
        (2026, tmp_path / "no" / "a.zip", "export_place_missing"),
        (0, tmp_path / "a.zip", "year_unreadable"),
        (10_000, tmp_path / "a.zip", "year_unreadable"),
    ):
        with pytest.raises(InvalidInput, match=code):
            audit_pack.pack(told, year, out)
    done = audit_pack.pack(told, 2025, tmp_path / "b.zip", bank_files=False)
    assert ("statements/files", "asked_for_without") in done.left_out
    assert [one.name for one in tmp_path.glob("*.zip")] == ["b.zip"]
    assert not list(tmp_path.glob(".*"))


def test_a_pack_is_written_in_little_memory(told: Database, tmp_path: Path) -> None:
    audit_pack.pack(told, 2026, tmp_path / "warm.zip")
    tracemalloc.start()
    audit_pack.pack(told, 2026, tmp_path / "a.zip")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 24_000_000


def test_what_is_found_depends_on_who_asks_and_on_nothing_hidden(books: Database) -> None:
    auditor = Actor(None, frozenset({Role.AUDITOR}))
    with books.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.kind == "reversal")).one()
        (found,) = finding.find(session, auditor, f"  {entry.id} ")
        assert (found.kind, found.id) == ("entry", str(entry.id))
        assert finding.find(session, Actor(None), str(entry.id)) == ()
        told = trails.trail(session, "entry", str(entry.id))
        assert told.focus.id == str(entry.id)
        for word in ("", "   ", "\x00", "_", "%", "'; DROP TABLE entry; --", "9" * 30, "-5", "€"):
            assert finding.find(session, auditor, word) == (), word
        with pytest.raises(InvalidInput, match="too_long"):
            finding.find(session, auditor, "a" * 201)
        for kind, thing in (("gift", "x"), ("", ""), ("entry", str(entry.id)[:-1])):
            with pytest.raises(NotFound, match="thing_unknown"):
                trails.trail(session, kind, thing)
        assert session.scalar(select(func.count()).select_from(Entry))


def test_the_year_of_the_pack_is_the_year_of_the_books(unpacked: Path) -> None:
    with (unpacked / "proofs" / "entries.jsonl").open() as file:
        days = {json.loads(line)["content"]["effective_on"][:4] for line in file}
    assert days == {str(YEAR.since.year)}
