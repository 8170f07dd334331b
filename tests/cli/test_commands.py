"""Does each command do its one thing, and tell a fault in one line?"""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from offset.cli import jobs
from offset.clock import SystemClock
from offset.database.session import Database
from offset.people import jobs as runs
from offset.people import signin
from offset.people.models import User
from tests.cli.terminal import offset

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tables(untold_file: Path, tmp_path: Path) -> Path:
    """A place with tables that nobody has told what they are for."""
    shutil.copy(untold_file, tmp_path / "offset.db")
    return tmp_path


def test_a_fault_leaves_the_process_as_one_line_and_a_code(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "offset", "init", "--mode", "live"],
        env={"OFFSET_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
        cwd=ROOT,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (1, "")
    assert "OFFSET_SECRET_KEY is missing" in told.stderr.splitlines()


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


def test_a_database_is_told_once_what_it_is_for(untold_file: Path, tmp_path: Path) -> None:
    told = offset("init", "--mode", "live", data_dir=tmp_path, **COMPLETE)
    assert told.returncode == 1
    assert "STRIPE_SECRET_KEY is a test key, but this database is live" in told.stderr
    assert not list(tmp_path.iterdir())
    shutil.copy(untold_file, tmp_path / "offset.db")
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


def test_a_second_scheduler_is_refused(tables: Path) -> None:
    tmp_path = tables
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
        offset("people", "invite", "ada@give.example", "--name", "Ada", data_dir=tmp_path)
        database.run(
            signin.ask_for_link, email="ada@give.example", language="en", next_path="/",
            public_url="http://127.0.0.1", at=now,
        )  # fmt: skip
        nobody = COMPLETE | {"OFFSET_MAIL_URL": "smtp://127.0.0.1:1"}
        told = offset("jobs", "run", data_dir=tmp_path, **nobody)
    finally:
        database.dispose()
    assert "outbox: done" in told.stdout, told.stderr
    lines = [json.loads(line) for line in told.stderr.splitlines()]
    assert [line for line in lines if line["event"].startswith("the mail server said: Conn")]
    assert "give.example" not in told.stderr


def test_serving_names_what_only_the_machine_can_say(tables: Path) -> None:
    assert offset("init", "--mode", "rehearsal", data_dir=tables, **COMPLETE).returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        nowhere = "postgresql://127.0.0.1:1/offset"
        for name, value, said in (
            ("PORT", port, f"PORT {port} is in use on 127.0.0.1"),
            ("OFFSET_HOST", "192.0.2.1", "OFFSET_HOST is no address of this machine: 192.0.2.1"),
            ("OFFSET_DATABASE_URL", nowhere, "OFFSET_DATABASE_URL: the database does not answer"),
            ("OFFSET_BACKUP_RECIPIENT", "age1none", "OFFSET_BACKUP_RECIPIENT must be a public key"),
            ("OFFSET_BACKUP_COMMAND", "no-such -x", "OFFSET_BACKUP_COMMAND names no program"),
        ):
            told = offset("serve", data_dir=tables, **COMPLETE | {name: value})
            assert told.returncode == 1
            assert told.stderr.startswith(said)
            assert len(told.stderr.splitlines()) == 1


def test_commands_before_the_first_say_what_comes_first(tmp_path: Path) -> None:
    for words in (("serve",), ("doctor",), ("jobs", "run"), ("ledger", "verify")):
        told = offset(*words, data_dir=tmp_path, **COMPLETE)
        assert told.returncode == 1
        assert told.stderr.endswith("run offset init --mode rehearsal|live\n"), told.stderr
    there = tmp_path / "no" / "folder"
    told = offset("serve", data_dir=there, **COMPLETE)
    assert told.stderr.splitlines()[0].startswith("OFFSET_DATA_DIR cannot be written")
    (tmp_path / "file").touch()
    told = offset("init", "--mode", "rehearsal", data_dir=tmp_path / "file" / "var", **COMPLETE)
    assert told.stderr.startswith("OFFSET_DATA_DIR cannot be made")


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
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
