"""Does a backup, a restore, an upgrade or a move that is killed leave something that goes on?

A child of the test does the work and kills itself, as ``kill -9`` would, at a chosen touch of a
file, four times as often in the soak profile. What it left must be whole or
nothing, and the same command, given again, must end well.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from offset.clock import SystemClock
from offset.database import copies, migrate
from offset.database.session import Database
from offset.gateways import backup, backup_keeping, sealed_archives
from offset.gateways.backup_keeping import Plan
from offset.gateways.files import DiskFiles
from offset.ledger import checkpoints, journal
from offset.ledger.verify import verify
from tests.builders.ledger import a_gift
from tests.cli.terminal import offset
from tests.cli.test_commands import COMPLETE

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
_TOUCHES = ("open", "os.", "shutil.", "sqlite3.", "tempfile.", "subprocess.")
pytestmark = pytest.mark.slow


def killed(act: Callable[[], object], touch: int) -> bool:
    """Do something in a child that kills itself at a touch; False when it was done before."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    seen = [0]

    def count(event: str, _arguments: object) -> None:
        seen[0] += event.startswith(_TOUCHES)
        # a kill is an event too: at one touch only
        if seen[0] == touch:
            seen[0] += 1
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    try:
        act()
    finally:
        os._exit(0)


def touches(step: int) -> Iterator[int]:
    """The touches at which to kill, until one comes after the end; four times as many at length."""
    return iter(range(1, 10_000, max(1, step // 4) if SOAK else step))


def books(database: Database, at: datetime) -> str:
    for number in range(3):
        database.run(journal.post, a_gift(number), at=at + timedelta(milliseconds=number))
    database.run(checkpoints.take, at=at + timedelta(seconds=1))
    url = str(database.engine.url)
    database.dispose()
    return url


def root_of(url: str) -> bytes | None:
    database = Database(url, owner=True)
    try:
        report = verify(database)
    finally:
        database.dispose()
    assert report.faults == ()
    return report.root


@pytest.fixture
def files(tmp_path: Path) -> Path:
    kept = DiskFiles(tmp_path / "data" / "files")
    kept.put(b"%PDF-1.7 a receipt", suffix="pdf")
    return kept.root


def test_a_killed_backup_leaves_whole_archives_and_nothing_open(
    embedded: Database, files: Path, tmp_path: Path, at: datetime
) -> None:
    url = books(embedded, at)
    identity = x25519.Identity.generate()
    key = tmp_path / "key"
    key.write_text(str(identity))
    plan = Plan(folder=tmp_path / "backups", recipient=str(identity.to_public()))
    now = SystemClock().now()
    ended = False
    for number, touch in enumerate(touches(9)):
        when = now + timedelta(minutes=number)
        ended = not killed(lambda when=when: backup_keeping.make(plan, url, files, at=when), touch)
        for archive in backup_keeping.archives(plan.folder):
            place = tmp_path / "unpacked"
            place.mkdir()
            opened = archive
            if archive.suffix == ".age":
                opened = sealed_archives.open_(archive, key, place / "opened.tar.gz")
            backup.unpack(opened, place / "in")
            shutil.rmtree(place)
        if ended:
            break
    assert ended
    backup_keeping.make(plan, url, files, at=now + timedelta(days=2))
    assert {path.suffix for path in plan.folder.iterdir()} == {".age"}


def test_a_killed_restore_serves_nothing_and_is_given_again(
    embedded: Database, files: Path, tmp_path: Path, at: datetime
) -> None:
    url = books(embedded, at)
    archive = tmp_path / "kept.tar.gz"
    backup.back_up(url, files, archive, at=at)
    root = root_of(url)
    stopped = 0
    for touch in touches(7):
        place = tmp_path / f"place{touch}"
        place.mkdir()
        there, back = f"sqlite:///{place / 'offset.db'}", place / "files"
        if not killed(lambda there=there, back=back: backup.restore(archive, there, back), touch):
            break
        if backup.is_half_restored(place):
            stopped += 1
            told = offset("serve", data_dir=place, **COMPLETE)
            assert "a restore was stopped" in told.stderr
            told = offset("init", "--mode", "rehearsal", data_dir=place, **COMPLETE)
            assert (told.returncode, "a restore was stopped" in told.stderr) == (1, True)
        if backup.is_half_restored(place) or copies.is_empty(there):
            backup.restore(archive, there, back)
        assert root_of(there) == root
        assert sorted(path.name for path in place.iterdir()) == ["files", "offset.db"]
        assert len([path for path in back.rglob("*") if path.is_file()]) == 1
    assert stopped > 2


def test_a_killed_upgrade_stands_at_one_release_and_is_given_again(
    tmp_path: Path, at: datetime
) -> None:
    before = tmp_path / "before.db"
    migrate.upgrade(f"sqlite:///{before}", "0013")
    books(Database(f"sqlite:///{before}"), at)
    for touch in touches(60):
        url = f"sqlite:///{tmp_path / 'offset.db'}"
        for left in tmp_path.glob("offset.db*"):
            left.unlink()
        shutil.copy(before, tmp_path / "offset.db")
        ended = not killed(lambda url=url: migrate.upgrade(url), touch)
        database = Database(url)
        stands = migrate.present(database)
        database.dispose()
        assert stands in {"0013", migrate.head()}
        migrate.upgrade(url)
        assert root_of(url) is not None
        if ended:
            break


@pytest.mark.postgres
def test_a_killed_move_leaves_the_file_and_is_given_again(
    embedded: Database, moving_target: str, tmp_path: Path, at: datetime
) -> None:
    url = books(embedded, at)
    root = root_of(url)

    def move() -> None:
        assert offset("move", "--to", moving_target, data_dir=tmp_path).returncode == 0

    for delay in (0.05, 0.5, 1.0, 1.5) if not SOAK else [n / 10 for n in range(1, 40)]:
        child = os.fork()
        if not child:
            try:
                move()
            finally:
                os._exit(0)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert root_of(url) == root
        if not copies.is_untouched(moving_target, migrate.head()):
            break
        if not SOAK:
            continue
    if copies.is_untouched(moving_target, migrate.head()):
        move()
    assert root_of(moving_target) == root
