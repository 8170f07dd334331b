"""Does a terminal say how far a month is, explain what is open, and close month by month?"""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from offset.cli.main import cli
from offset.database.session import Database
from offset.errors import OffsetError
from offset.ledger.verify import verify
from offset.people import users
from offset.people.access import SYSTEM, Role
from tests.builders import treasury as build
from tests.builders.treasury import a_line, a_statement
from tests.cli.terminal import at_desk

# The drawing library leaves its own colour profile open.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")
START = datetime(2026, 9, 1, 9, tzinfo=UTC)
IMPORTED = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    house = database.run(build.a_house, at=START)
    for name, role in (("clerk", Role.CLERK), ("treasurer", Role.TREASURER)):
        database.run(
            users.invite,
            actor=SYSTEM,
            at=START,
            email=f"{name}@desk.example",
            name=name.title(),
            roles=frozenset({role}),
        )
    for on, line in ((date(2026, 9, 30), None), (date(2026, 10, 31), "20.00")):
        lines = [a_line(line, "nobody knows", on=on)] if line else []
        database.run(build.take_in, a_statement(*lines, on=on), actor=house.clerk, at=IMPORTED)
        database.run(build.a_gift, on.month, "9.00", at=datetime(2026, on.month, 20, tzinfo=UTC))
    yield database
    database.dispose()


@pytest.fixture
def offset(database: Database, tmp_path: Path) -> CliRunner:
    del database
    return CliRunner(env=at_desk(tmp_path))


def said(offset: CliRunner, *words: str, refused: str = "") -> str:
    found = offset.invoke(cli, ["month", *words])
    if refused:
        fault = found.exception
        code = fault.code if isinstance(fault, OffsetError) else found.output
        assert refused in code, (found.output, fault)
        return code
    assert found.exit_code == 0, (found.output, found.exception)
    return found.output


def test_months_close_one_after_the_other(offset: CliRunner) -> None:
    treasurer = ("--by", "treasurer@desk.example")
    first = said(offset, "status")
    assert first.startswith("2026-09: open")
    assert "8. lock: todo" in first
    assert said(offset, "close", "2026-10", *treasurer, refused="period_unexplained")
    assert said(offset, "close", "--by", "clerk@desk.example", refused="right_missing")
    assert said(offset, "close", "--by", "nobody@desk.example", refused="person_unknown")
    assert said(offset, "status", "2026-13", refused="2026-10")
    assert said(offset, "status", "1999-01", refused="period_missing")
    closed = said(offset, "close", *treasurer, "--language", "fr")
    assert "2026-09: closed" in closed
    assert "En septembre 2026" in closed
    assert said(offset, "close", "2026-09", *treasurer, refused="period_closed_already")
    waits = said(offset, "status")
    assert waits.startswith("2026-10: open")
    assert "in the way: lines_open 1" in waits
    assert said(offset, "close", *treasurer, refused="period_unexplained")
    item = re.search(r"(line:\S+)", waits)
    assert item is not None
    said(offset, "explain", "2026-10", item[1], "A giver we ask", "--by", "clerk@desk.example")
    assert "explained by Clerk" in said(offset, "status")
    closed = said(offset, "close", *treasurer)
    assert "2026-10: closed" in closed
    assert len(re.findall(r"(?:pdf|xlsx) \w\w [0-9a-f]{64}", closed)) in {1, 4}
    assert "1 open item of it in writing" in said(offset, "status", "2026-10")
    assert said(offset, "status", refused="period_missing")


def test_a_close_that_is_killed_is_whole_or_given_again(
    offset: CliRunner, database: Database
) -> None:
    by = ("--by", "treasurer@desk.example")
    for delay in (0.05, 0.3):
        child = os.fork()
        if not child:
            try:
                said(offset, "close", "2026-09", *by)
            finally:
                os._exit(0)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert verify(database).faults == ()
        if not said(offset, "status", "2026-09").startswith("2026-09: open"):
            break
    else:
        assert "2026-09: closed" in said(offset, "close", "2026-09", *by)
    assert said(offset, "close", "2026-09", *by, refused="period_closed_already")
