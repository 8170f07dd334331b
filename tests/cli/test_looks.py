"""Do the commands explain an id, pack a year and forget a person, one line a fault?"""

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from offset.cli.main import cli
from offset.database.session import Database
from offset.errors import OffsetError
from offset.ledger.models import Entry
from offset.people import contributors
from offset.people.contributors import Contributor
from tests.cli.test_books import data_dir, run, told_books  # noqa: F401 - fixtures


def opened(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'offset.db'}")


def test_an_entry_is_explained_in_a_terminal(told_books: Path) -> None:  # noqa: F811 - a fixture by its name
    database = opened(told_books)
    with database.reading() as session:
        entry_id = session.scalars(select(Entry.id)).one()
    database.dispose()
    told = run("explain", str(entry_id))
    assert re.match(rf"entry  \d{{4}}-\d\d-\d\d  charge  .*{entry_id}", told)
    assert "account  Assets:Stripe:EUR" in run("explain", "Assets:Stripe:EUR")
    for word in ("DON-AAAAAAAA", "' OR 1=1", "%"):
        done = CliRunner().invoke(cli, ["explain", word])
        assert done.exit_code == 1
        assert "nothing is called" in done.output
    with pytest.raises(OffsetError, match="too_long"):
        run("explain", "x" * 201)


@pytest.mark.usefixtures("told_books")
def test_a_year_is_packed(tmp_path: Path) -> None:
    out = tmp_path / "2026.zip"
    told = run("audit", "pack", "--year", "2026", "--out", str(out))
    assert f"{out}: " in told
    assert "not in it: books/fec.txt" in told
    with zipfile.ZipFile(out) as book:
        assert {"index.html", "manifest.json", "verify_proof.py"} <= set(book.namelist())
    with pytest.raises(OffsetError, match="export_empty"):
        run("audit", "pack", "--year", "2019", "--out", str(tmp_path / "none.zip"))
    assert not (tmp_path / "none.zip").exists()


def test_a_giver_is_forgotten_by_address(data_dir: Path) -> None:  # noqa: F811 - a fixture by its name
    database = opened(data_dir)
    database.run(
        contributors.keep, at=datetime(2026, 1, 1, tzinfo=UTC), email="a@b.example", name="Ada"
    )
    assert run("people", "forget", "a@b.example") == "forgotten: 1 rows\n"
    with database.reading() as session:
        assert session.scalars(select(Contributor.email)).all() == [None]
    database.dispose()
    with pytest.raises(OffsetError, match="person_unknown"):
        run("people", "forget", "a@b.example")
