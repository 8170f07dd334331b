"""Does the house move to a server with equal counts, sums and roots, or not at all?"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from offset.database import copies
from offset.database.session import Database
from offset.database.types import uuid7
from offset.ledger import checkpoints, journal
from offset.ledger.models import SealedFact
from offset.ledger.verify import verify
from offset.people import backups, settings, users
from offset.people.access import SYSTEM, Actor, Role
from offset.people.backups import BackupKind
from tests import servers
from tests.builders.ledger import a_gift
from tests.cli.terminal import offset
from tests.cli.test_commands import COMPLETE


@pytest.fixture
def house(embedded: Database, at: datetime) -> Database:
    """Books with entries, a reversal, facts with words in them, people and a checkpoint."""
    ada = Actor(
        embedded.run(
            users.invite, actor=SYSTEM, at=at, email="ada@example.org", name="Ada Łovelace",
            roles=frozenset({Role.ADMINISTRATOR}),
        ),
        frozenset({Role.ADMINISTRATOR}),
    )  # fmt: skip
    embedded.run(settings.change, "share_bp", 400, actor=ada, at=at, reason="Board — 3 May")
    for number in range(1, 6):
        embedded.run(journal.post, a_gift(number), at=at + timedelta(milliseconds=number))
    embedded.run(
        checkpoints.seal_fact,
        kind="rate",
        fact_id=uuid7(at),
        content={"é": 1, "A": [2, None]},
        at=at,
    )
    embedded.run(checkpoints.take, at=at)
    return embedded


def place(database: Database) -> Path:
    return copies.file_of(str(database.engine.url)).parent


@pytest.mark.postgres
def test_a_house_moves_whole(house: Database, moving_target: str) -> None:
    told = offset(
        "move", "--to", moving_target, "--role", servers.APPLICATION, data_dir=place(house)
    )
    assert told.returncode == 0, told.stderr
    there = Database(servers.as_application(moving_target))
    try:
        before, after = verify(house), verify(there)
        assert (after.faults, after.entries, after.root) == ((), 5, before.root)
        with house.reading() as ours, there.reading() as theirs:
            facts = select(SealedFact.fact_id, SealedFact.content, SealedFact.hash)
            assert ours.execute(facts).all() == theirs.execute(facts).all()
            assert settings.current(theirs, "share_bp").value == 400
        # the guards are back, and the house goes on
        there.run(journal.post, a_gift(9), at=datetime.fromisoformat("2026-11-15T12:00:00Z"))
        with pytest.raises(DBAPIError, match=r"no_update|permission denied"):
            there.run(lambda session: session.execute(update(SealedFact).values(kind="x")))
    finally:
        there.dispose()
    again = offset("move", "--to", moving_target, data_dir=place(house))
    assert (again.returncode, "restore_not_empty" in again.stderr) == (1, True)


@pytest.mark.postgres
def test_books_with_a_fault_do_not_move(house: Database, moving_target: str) -> None:
    from tests.ledger.raw import as_owner  # noqa: PLC0415 - the owner's hand, for this test

    as_owner(house, ["DROP TRIGGER posting_no_update", "UPDATE posting SET amount = amount + 1"])
    told = offset("move", "--to", moving_target, data_dir=place(house))
    assert (told.returncode, "move_differs" in told.stderr) == (1, True)
    assert copies.is_empty(moving_target)


def test_a_house_moves_from_a_file_to_a_server_only(tmp_path: Path) -> None:
    told = offset("move", "--to", f"sqlite:///{tmp_path}/b.db", data_dir=tmp_path)
    assert (told.returncode, "move_only_to_server" in told.stderr) == (1, True)
    told = offset("move", "--to", "postgresql://127.0.0.1:1/x", data_dir=tmp_path)
    assert (told.returncode, "backup_nothing_there" in told.stderr) == (1, True)


def test_archives_are_made_listed_and_tried(tmp_path: Path) -> None:
    assert offset("init", "--mode", "rehearsal", data_dir=tmp_path, **COMPLETE).returncode == 0
    none = offset("backups", "drill", data_dir=tmp_path, **COMPLETE)
    assert (none.returncode, "backup_none" in none.stderr) == (1, True)
    made = offset("backups", "run", data_dir=tmp_path, **COMPLETE)
    assert made.returncode == 0, made.stderr
    listed = offset("backups", "list", data_dir=tmp_path, **COMPLETE)
    assert listed.stdout.startswith("offset-")
    tried = offset("backups", "drill", data_dir=tmp_path, **COMPLETE)
    assert "came back whole" in tried.stdout, tried.stderr
    database = Database(f"sqlite:///{tmp_path / 'offset.db'}")
    try:
        with database.reading() as session:
            runs = [backups.last(session, kind) for kind in BackupKind]
    finally:
        database.dispose()
    assert all(run is not None and run.archive == listed.stdout.split()[0] for run in runs)
