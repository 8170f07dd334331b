"""Do the commands of the books take them out and bring them back, one line a fault?"""

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import psycopg
import pyrage
import pytest
from click.testing import CliRunner

from offset.cli.main import cli
from offset.database.session import Database
from offset.errors import OffsetError
from offset.ledger import journal
from tests import servers
from tests.builders.ledger import a_gift
from tests.cli.terminal import offset


@pytest.fixture
def data_dir(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    (folder / "files" / "ab").mkdir(parents=True)
    (folder / "files" / "ab" / f"ab{'0' * 62}.pdf").write_bytes(b"%PDF a receipt")
    shutil.copy(sqlite_template, folder / "offset.db")
    monkeypatch.setenv("OFFSET_DATA_DIR", str(folder))
    monkeypatch.delenv("OFFSET_DATABASE_URL", raising=False)
    monkeypatch.delenv("OFFSET_OWNER_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def told_books(data_dir: Path, at: datetime) -> Path:
    """One gift in the books."""
    database = Database(f"sqlite:///{data_dir / 'offset.db'}")
    database.run(journal.post, a_gift(), at=at)
    database.dispose()
    return data_dir


def run(*words: str) -> str:
    """Run a command in this process; a refusal of the domain is raised."""
    done = CliRunner().invoke(cli, words, catch_exceptions=True)
    if isinstance(done.exception, OffsetError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_kinds_are_listed() -> None:
    told = run("export", "--list")
    assert [line.split()[0] for line in told.splitlines()][:3] == ["beancount", "hledger", "iati"]


def test_empty_books_give_no_file(data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "books.csv"
    told = offset(
        "export", "csv", "--from", "2026-01-01", "--to", "2026-12-31", "--out", str(out),
        data_dir=data_dir,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.startswith("refused: export_empty")
    assert not out.exists()


def test_books_are_exported(told_books: Path, tmp_path: Path) -> None:
    told = run(
        "export", "csv", "--from", "2026-01-01", "--to", "2026-12-31", "--out", str(tmp_path)
    )
    assert told == f"{tmp_path / 'csv-2026-01-01-2026-12-31.csv'}\n"
    assert (tmp_path / "csv-2026-01-01-2026-12-31.csv").read_text().startswith("entry_id,")
    assert told_books.is_dir()


def test_a_backup_comes_back_in_another_place(
    told_books: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "backup.tar.gz"
    assert " 1 files, checkpoint none" in run("backup", str(archive))
    with pytest.raises(OffsetError, match="restore_not_empty"):
        run("restore", str(archive))
    monkeypatch.setenv("OFFSET_DATA_DIR", str(tmp_path / "other"))
    told = run("restore", str(archive))
    assert "1 entries, 1 files, 0 faults, checkpoint none" in told
    kept = {one.name for one in (tmp_path / "other").rglob("*") if one.is_file()}
    assert kept == {"offset.db", f"ab{'0' * 62}.pdf"}
    assert run("ledger", "verify") == "1 entries, 0 faults\n"
    assert told_books.is_dir()


def test_with_a_key_an_archive_is_closed_under_the_name_that_was_asked_for(
    told_books: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    archive = tmp_path / "backup.tar.gz"
    monkeypatch.setenv("OFFSET_BACKUP_RECIPIENT", "age1none")
    with pytest.raises(OffsetError, match="OFFSET_BACKUP_RECIPIENT"):
        run("backup", str(archive))
    assert not archive.exists()
    monkeypatch.setenv("OFFSET_BACKUP_RECIPIENT", str(key.to_public()))
    assert str(archive) in run("backup", str(archive))
    assert archive.read_bytes().startswith(b"age-encryption.org/")
    assert [one.name for one in tmp_path.iterdir() if "backup" in one.name] == [archive.name]
    monkeypatch.setenv("OFFSET_DATA_DIR", str(tmp_path / "other"))
    with pytest.raises(OffsetError, match="identity_missing"):
        run("restore", str(archive))
    assert "0 faults" in run("restore", str(archive), "--identity", str(tmp_path / "key"))
    assert told_books.is_dir()


def test_a_fault_of_the_books_ends_with_one(told_books: Path) -> None:
    with sqlite3.connect(told_books / "offset.db") as raw:
        raw.execute("DROP TRIGGER posting_no_update")
        raw.execute("UPDATE posting SET amount = amount + 1 WHERE line = 1")
    raw.close()
    done = CliRunner().invoke(cli, ["ledger", "verify"])
    assert done.exit_code == 1
    assert "unbalanced by 1" in done.output
    assert "1 entries, " in done.output


@pytest.mark.postgres
def test_a_restore_gives_the_application_its_rights(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: datetime
) -> None:
    server.run(journal.post, a_gift(), at=at)
    application = server.engine.url.render_as_string(hide_password=False)
    owner = servers.as_owner(application)
    monkeypatch.setenv("OFFSET_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OFFSET_DATABASE_URL", application)
    monkeypatch.setenv("OFFSET_OWNER_DATABASE_URL", owner)
    assert "checkpoint none" in run("backup", str(tmp_path / "b"))
    name = f"restored_{os.getpid()}"
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        for setting, url in (("", application), ("OWNER_", owner)):
            place = f"{url.rsplit('/', 1)[0]}/{name}"
            monkeypatch.setenv(f"OFFSET_{setting}DATABASE_URL", place)
        assert "1 entries, 0 files, 0 faults" in run("restore", str(tmp_path / "b"))
        assert run("ledger", "verify") == "1 entries, 0 faults\n"
    finally:
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
