"""Is an archive kept before tables change, and is going back refused where it would lose rows?"""

import os
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from offset.database import migrate
from offset.database.session import Database
from offset.ledger import journal
from offset.ledger.verify import verify
from tests.builders.ledger import a_gift
from tests.cli.terminal import offset
from tests.cli.test_commands import COMPLETE

ENTRYPOINT = Path(__file__).resolve().parents[2] / "docs/serving/entrypoint.sh"


def test_an_upgrade_keeps_an_archive_first_and_the_books_stand(
    tmp_path: Path, at: datetime
) -> None:
    url = f"sqlite:///{tmp_path / 'offset.db'}"
    migrate.upgrade(url, "0013")
    database = Database(url)
    database.run(journal.post, a_gift(1), at=at)
    database.dispose()
    told = offset("db", "upgrade", data_dir=tmp_path)
    assert told.returncode == 0, told.stderr
    [kept] = (tmp_path / "backups").iterdir()
    assert kept.name in told.stdout
    database = Database(url)
    try:
        report = verify(database)
    finally:
        database.dispose()
    assert (report.faults, report.entries) == ((), 1)
    again = offset("db", "upgrade", data_dir=tmp_path)
    assert (again.returncode, again.stdout) == (0, ""), "nothing to do, nothing to keep"


def test_an_upgrade_whose_archive_fails_does_not_begin(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path / 'offset.db'}", "0013")
    (tmp_path / "backups").write_text("a file where the folder should be")
    told = offset("db", "upgrade", data_dir=tmp_path)
    assert (told.returncode, told.stderr) == (1, f"file exists: {tmp_path / 'backups'}\n")
    database = Database(f"sqlite:///{tmp_path / 'offset.db'}")
    try:
        assert migrate.present(database) == "0013"
    finally:
        database.dispose()


def test_going_back_is_refused_where_rows_or_values_would_be_lost(tmp_path: Path) -> None:
    assert offset("init", "--mode", "rehearsal", data_dir=tmp_path, **COMPLETE).returncode == 0
    told = offset("db", "downgrade", "0022", data_dir=tmp_path)
    assert told.returncode == 1
    assert "downgrade_loses" in told.stderr
    assert "installation" in told.stderr
    database = Database(f"sqlite:///{tmp_path / 'offset.db'}")
    try:
        assert migrate.present(database) == migrate.head()
    finally:
        database.dispose()
    assert offset("db", "downgrade", "0022", "--lose-data", data_dir=tmp_path).returncode == 0


@pytest.fixture
def container(tmp_path: Path) -> dict[str, str]:
    """A place where ``offset`` only writes down what it was asked."""
    program = tmp_path / "bin" / "offset"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> {tmp_path}/asked\n'
        f'[ "$*" != "db wait" ] || [ -e {tmp_path}/up ] || {{ touch {tmp_path}/up; exit 1; }}\n'
        f'[ "$*" != "db upgrade" ] || [ ! -e {tmp_path}/broken ]\n'
    )
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return {"PATH": path, "OFFSET_WAIT_SECONDS": "0", "OFFSET_WAIT_TRIES": "3"}


def enter(container: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ENTRYPOINT), *words],
        env=container, capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip


def test_a_container_waits_brings_the_tables_up_and_serves(
    container: dict[str, str], tmp_path: Path
) -> None:
    assert enter(container).returncode == 0
    assert (tmp_path / "asked").read_text().splitlines() == [
        "db wait", "db wait", "db upgrade", "serve",
    ]  # fmt: skip


def test_a_container_whose_upgrade_fails_does_not_serve(
    container: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "broken").touch()
    assert enter(container, "serve").returncode != 0
    assert "serve" not in (tmp_path / "asked").read_text().splitlines()


def test_a_container_runs_any_command_and_gives_up_on_a_database_that_never_answers(
    container: dict[str, str], tmp_path: Path
) -> None:
    enter(container, "ledger", "verify")
    assert (tmp_path / "asked").read_text().splitlines()[-1] == "ledger verify"
    silent = container | {"OFFSET_WAIT_TRIES": "1"}
    (tmp_path / "up").unlink()
    told = enter(silent, "serve")
    assert (told.returncode, "does not answer" in told.stderr) == (1, True)
