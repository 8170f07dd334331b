"""Do the commands of the books take them out and bring them back, one line a fault?"""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from offset.cli.main import cli
from offset.database.session import Database
from offset.errors import OffsetError
from offset.ledger import journal
from tests.builders.ledger import a_gift
from tests.cli.test_commands import offset


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
