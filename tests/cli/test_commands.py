"""Does each command do its one thing, and tell a fault in one line?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from offset.cli import jobs
from offset.clock import SystemClock
from offset.database.session import Database
from offset.people import jobs as runs
from offset.people.models import User

ROOT = Path(__file__).resolve().parents[2]


def offset(*words: str, data_dir: Path, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OFFSET_", "STRIPE_"))}
    return subprocess.run(
        [sys.executable, "-m", "offset", *words],
        env={**clean, "OFFSET_DATA_DIR": str(data_dir), **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    assert offset("db", "upgrade", data_dir=tmp_path).returncode == 0
    return tmp_path


def test_tables_match_the_models(tables: Path) -> None:
    assert offset("db", "check", data_dir=tables).returncode == 0


def test_empty_books_verify(tables: Path) -> None:
    told = offset("ledger", "verify", data_dir=tables)
    assert (told.returncode, told.stdout) == (0, "0 entries, 0 faults\n")


def test_the_first_administrator_is_invited(tables: Path) -> None:
    told = offset(
        "people", "invite", "ada@example.org", "--name", "Ada", "--role", "administrator",
        data_dir=tables,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    database = Database(f"sqlite:///{tables / 'offset.db'}")
    try:
        with database.reading() as session:
            assert session.query(User).one().email == "ada@example.org"
    finally:
        database.dispose()


def test_a_missing_setting_stops_the_start_by_name(tmp_path: Path) -> None:
    for command in (("serve",), ("init", "--mode", "live")):
        told = offset(*command, data_dir=tmp_path)
        assert told.returncode == 1
        assert "OFFSET_SECRET_KEY is missing" in told.stderr
        assert "Traceback" not in told.stderr


def test_old_tables_are_not_served(tables: Path) -> None:
    assert offset("db", "downgrade", "0004", data_dir=tables).returncode == 0
    told = offset(
        "serve",
        data_dir=tables,
        **COMPLETE,
    )
    assert told.returncode == 1
    assert "run offset db upgrade" in told.stderr


COMPLETE = {
    "OFFSET_SECRET_KEY": "k" * 40,
    "OFFSET_PUBLIC_URL": "http://127.0.0.1",
    "OFFSET_MAIL_URL": "file:mail",
    "OFFSET_MAIL_FROM": "desk@example.org",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


def test_a_database_is_told_once_what_it_is_for(tmp_path: Path) -> None:
    told = offset("init", "--mode", "live", data_dir=tmp_path, **COMPLETE)
    assert told.returncode == 1
    assert "STRIPE_SECRET_KEY is a test key, but this database is live" in told.stderr
    assert not list(tmp_path.iterdir())
    offset("db", "upgrade", data_dir=tmp_path)
    told = offset("serve", data_dir=tmp_path, **COMPLETE)
    assert (told.returncode, "run offset init --mode" in told.stderr) == (1, True)
    told = offset("init", "--mode", "rehearsal", data_dir=tmp_path, **COMPLETE)
    assert told.returncode == 0, told.stderr
    live = COMPLETE | {"STRIPE_SECRET_KEY": "sk_live_1", "OFFSET_PUBLIC_URL": "https://a.example"}
    for command in (("serve",), ("jobs", "run")):
        told = offset(*command, data_dir=tmp_path, **live)
        assert told.returncode == 1
        assert "STRIPE_SECRET_KEY is live, but this database was made for" in told.stderr
    told = offset("init", "--mode", "live", data_dir=tmp_path, **live)
    assert told.returncode == 1
    assert "installation_mode" in told.stderr


def test_a_second_scheduler_is_refused(tmp_path: Path) -> None:
    offset("init", "--mode", "rehearsal", data_dir=tmp_path, **COMPLETE)
    database = Database(f"sqlite:///{tmp_path / 'offset.db'}")
    try:
        now = SystemClock().now()
        database.run(runs.begin, name=jobs.SCHEDULER, at=now, holder=jobs.holder())
        told = offset("jobs", "run", data_dir=tmp_path, **COMPLETE)
        assert (told.returncode, told.stdout) == (75, "")
        assert "job_running" in told.stderr
        # a process that died leaves its row behind, and the next one takes it over
        with database.engine.begin() as connection:
            gone = jobs.holder().rpartition(":")[0] + ":1"
            connection.execute(text("UPDATE job_run SET holder = :gone"), {"gone": gone})
        told = offset("jobs", "run", data_dir=tmp_path, **COMPLETE)
    finally:
        database.dispose()
    assert "outbox: done" in told.stdout, told.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    import socket  # noqa: PLC0415 - only here

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = offset("demo", data_dir=tmp_path, PORT=port)
    assert told.returncode == 1
    assert told.stderr == f"port {port} is in use; choose another by PORT=\n"


def test_an_unknown_command_is_told(tmp_path: Path) -> None:
    told = offset("fly", data_dir=tmp_path)
    assert told.returncode == 2
    assert "No such command" in told.stderr
