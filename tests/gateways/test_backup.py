"""Does an archive come back whole, on both engines, and is a bad one refused without a trace?"""

import contextlib
import io
import itertools
import json
import sqlite3
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from offset.database import copies
from offset.database.session import Database
from offset.errors import ConfigurationError, InvalidInput, Refused
from offset.gateways import backup, postgres_tools
from offset.gateways.files import DiskFiles
from offset.ledger import chart, checkpoints, journal
from tests import servers
from tests.builders.ledger import a_gift

Places = Callable[[], str]
_numbers = itertools.count()


@pytest.fixture
def url(database: Database) -> str:
    """The owner's address of a database with a gift, a checkpoint and one gift after it."""
    found = database.engine.url.render_as_string(hide_password=False)
    return found if found.startswith("sqlite") else servers.as_owner(found)


@pytest.fixture
def told(database: Database, at: datetime) -> Database:
    database.run(journal.post, a_gift(1), at=at)
    database.run(checkpoints.take, at=at)
    return database


@pytest.fixture
def files(tmp_path: Path) -> Path:
    kept = DiskFiles(tmp_path / "data" / "files")
    kept.put(b"%PDF-1.7 a receipt", suffix="pdf")
    kept.put(b"RIFF a photo", suffix="webp")
    (kept.root / "tmpabc123").write_bytes(b"half a fi")
    return kept.root


@pytest.fixture
def elsewhere(url: str, tmp_path: Path) -> Iterator[str]:
    """An empty place on the same engine."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/elsewhere/offset.db"
        return
    name = f"elsewhere_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{url.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file() and one.suffix
    }


def test_everything_comes_back_and_the_books_verify(  # noqa: PLR0917 - pytest hands fixtures over
    told: Database, url: str, files: Path, elsewhere: str, tmp_path: Path, at: datetime
) -> None:
    archive = tmp_path / "backup.tar.gz"
    written = files.parent / "texts" / "terms.en.md"
    written.parent.mkdir()
    written.write_text("# Ours")
    made = backup.back_up(url, files, archive, at=at)
    assert archive.stat().st_mode & 0o077 == 0
    restored, report = backup.restore(archive, elsewhere, tmp_path / "elsewhere" / "files")
    assert restored == made
    assert (report.entries, report.faults) == (1, ())
    assert (restored.checkpoint, restored.root) == (1, report.root.hex() if report.root else "")
    assert contents(tmp_path / "elsewhere" / "files") == contents(files)
    assert (tmp_path / "elsewhere" / "texts" / "terms.en.md").read_text() == "# Ours"
    assert copies.counts(elsewhere) == copies.counts(url)
    assert restored.counts["posting"] == 5
    with told.reading() as session:
        assert checkpoints.recent(session, 1)[0].root.hex() == made.root
    with pytest.raises(Refused, match="restore_not_empty"):
        backup.restore(archive, elsewhere, tmp_path / "third")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_backup_is_one_moment_while_gifts_go_on(  # noqa: PLR0917 - same
    told: Database, url: str, files: Path, elsewhere: str, tmp_path: Path, at: datetime
) -> None:
    stop, acknowledged = threading.Event(), [1]

    def give() -> None:
        for number in itertools.count(2):
            if stop.is_set():
                return
            told.run(journal.post, a_gift(number), at=at)
            acknowledged.append(number)

    giver = threading.Thread(target=give)
    giver.start()
    try:
        while len(acknowledged) < 5:
            pass
        before = len(acknowledged)
        made = backup.back_up(url, files, tmp_path / "backup.tar.gz", at=at)
        after = len(acknowledged) + 1
    finally:
        stop.set()
        giver.join()
    assert before <= made.counts["entry"] <= after
    assert made.counts["entry"] == made.counts["entry_seal"]
    assert made.counts["posting"] == 5 * made.counts["entry"]
    _, report = backup.restore(tmp_path / "backup.tar.gz", elsewhere, tmp_path / "other")
    assert report.entries == made.counts["entry"]


@pytest.fixture
def archive(embedded: Database, files: Path, tmp_path: Path, at: datetime) -> Path:
    embedded.run(journal.post, a_gift(1), at=at)
    embedded.run(checkpoints.take, at=at)
    place = tmp_path / "good.tar.gz"
    backup.back_up(str(embedded.engine.url), files, place, at=at)
    return place


def refused(archive: Path, tmp_path: Path) -> str:
    """Restore a bad archive; nothing of it may stay."""
    place = tmp_path / "bad"
    with pytest.raises((InvalidInput, Refused)) as fault:
        backup.restore(archive, f"sqlite:///{place}/offset.db", place / "files")
    assert not place.exists() or list(place.iterdir()) == []
    assert not (tmp_path / "escaped").exists()
    return str(fault.value)


def changed(archive: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Path:
    """Write an archive anew with other members."""
    with tarfile.open(archive) as old:
        members = {
            one.name: found.read() for one in old if (found := old.extractfile(one)) is not None
        }
    path = archive.parent / "changed.tar.gz"
    with tarfile.open(path, "w:gz") as new:
        for name, data in change(members).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            new.addfile(entry, io.BytesIO(data))
    return path


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9, 0.999])
def test_an_archive_that_was_cut_off_is_refused(archive: Path, tmp_path: Path, part: float) -> None:
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * part)])
    assert "archive_broken" in refused(archive, tmp_path)


def test_an_archive_without_its_end_is_refused(archive: Path, tmp_path: Path) -> None:
    cut = changed(archive, lambda members: dict(list(members.items())[:-1]))
    assert "no manifest" in refused(cut, tmp_path)


@pytest.mark.parametrize(
    "name", ["../escaped", "/escaped", "files/../../escaped", "files\\..\\x", "other.txt"]
)
def test_a_member_that_would_leave_the_folder_is_refused(
    archive: Path, tmp_path: Path, name: str
) -> None:
    bad = changed(archive, lambda members: {name: b"x", **members})
    assert "archive_broken" in refused(bad, tmp_path)


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "link.tar.gz"
    with tarfile.open(path, "w:gz") as new:
        entry = tarfile.TarInfo("files/link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        new.addfile(entry)
    assert "archive_broken" in refused(path, tmp_path)


def test_a_changed_member_is_refused(archive: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        name = next(one for one in members if one.endswith(".pdf"))
        return members | {name: b"another receipt"}

    assert "hashes differ" in refused(changed(archive, change), tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("revision", "0001", "restore_revision"),
        ("engine", "postgresql", "restore_engine"),
        ("root", "00" * 32, "restore_differs (what=the checkpoint)"),
        ("format", 2, "archive_broken"),
        ("surprise", 1, "archive_broken"),
    ],
)
def test_a_manifest_that_says_otherwise_is_refused(
    archive: Path, tmp_path: Path, key: str, value: object, code: str
) -> None:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        told = json.loads(members.pop("manifest.json")) | {key: value}
        return members | {"manifest.json": json.dumps(told).encode()}

    assert code in refused(changed(archive, change), tmp_path)


def test_counts_that_differ_are_refused_by_table(archive: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        told = json.loads(members.pop("manifest.json"))
        told["counts"]["posting"] += 1
        return members | {"manifest.json": json.dumps(told).encode()}

    assert "counts of posting" in refused(changed(archive, change), tmp_path)


@pytest.mark.postgres
def test_books_that_do_not_verify_leave_the_server_empty(
    server: Database, files: Path, tmp_path: Path, at: datetime
) -> None:
    url = servers.as_owner(server.engine.url.render_as_string(hide_password=False))
    server.run(journal.post, a_gift(1), at=at)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE posting SET amount = amount + 1 WHERE line = 1")
    archive = tmp_path / "tampered.tar.gz"
    backup.back_up(url, files, archive, at=at)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE tampered")
    place = f"{url.rsplit('/', 1)[0]}/tampered"
    try:
        with pytest.raises(Refused, match="restore_differs"):
            backup.restore(archive, place, tmp_path / "none" / "files")
        assert copies.is_empty(place)
        assert not (tmp_path / "none" / "files").exists()
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE tampered WITH (FORCE)")


def test_a_backup_never_writes_over_another(archive: Path, files: Path, at: datetime) -> None:
    before = archive.read_bytes()
    with pytest.raises(Refused, match="backup_exists"):
        backup.back_up("sqlite:///nowhere.db", files, archive, at=at)
    assert archive.read_bytes() == before


def test_a_failed_backup_leaves_nothing(tmp_path: Path, at: datetime) -> None:
    with pytest.raises(Refused, match="backup_nothing_there"):
        backup.back_up(f"sqlite:///{tmp_path}/none.db", tmp_path / "files", tmp_path / "x", at=at)
    with pytest.raises(InvalidInput, match="backup_place_missing"):
        backup.back_up("sqlite:///x.db", tmp_path, tmp_path / "none" / "x", at=at)
    assert list(tmp_path.iterdir()) == []


def test_books_without_a_checkpoint_come_back(
    embedded: Database, tmp_path: Path, at: datetime
) -> None:
    embedded.run(chart.open_account, chart.pool("EUR"), at=at, currency="EUR")
    made = backup.back_up(str(embedded.engine.url), tmp_path / "none", tmp_path / "b", at=at)
    assert (made.checkpoint, made.root) == (None, None)
    (tmp_path / "files").mkdir()
    backup.restore(tmp_path / "b", f"sqlite:///{tmp_path}/two.db", tmp_path / "files")
    assert copies.counts(f"sqlite:///{tmp_path}/two.db") == made.counts


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="pg_dump 99 or newer is missing"):
        postgres_tools.find("pg_dump", at_least=99)


def test_a_program_is_found_on_path_first_and_must_be_new_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder, version in ((tmp_path, 14), (tmp_path / "17" / "bin", 17)):
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.1'\n")
        program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert postgres_tools.find("pg_dump", at_least=14) == tmp_path / "pg_dump"
    newer = postgres_tools.find("pg_dump", at_least=15, system=tmp_path)
    assert newer == tmp_path / "17" / "bin" / "pg_dump"


def test_a_program_that_fails_is_told_and_never_shown_the_password(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "got $* with $PGPASSWORD" >&2\nexit 3\n')
    program.chmod(0o700)
    with pytest.raises(Refused) as fault:
        postgres_tools.run(program, "postgresql+psycopg://ada:s%40cret@db/books", "--x")
    assert fault.value.code == "backup_program_failed"
    said = "got --dbname postgresql://ada@db/books --x with s@cret"
    assert fault.value.parameters["said"] == said
    with contextlib.suppress(Refused):
        postgres_tools.run(program, "postgresql://db/books")


def test_a_copy_ends_though_somebody_writes_all_the_time(tmp_path: Path) -> None:
    """Twenty megabytes: a copy in steps would begin anew with every write between two of them."""
    source, stop, waits = tmp_path / "busy.db", threading.Event(), [0.0]
    with closing(sqlite3.connect(source, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE gift (id INTEGER PRIMARY KEY, told BLOB)")
        made.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
            " INSERT INTO gift (told) SELECT zeroblob(2000) FROM n"
        )

    def write() -> None:
        with closing(sqlite3.connect(source, isolation_level=None)) as giver:
            while not stop.is_set():
                before = time.monotonic()
                giver.execute("INSERT INTO gift (told) VALUES (x'00')")
                waits.append(time.monotonic() - before)
                stop.wait(0.002)

    writer = threading.Thread(target=write)
    copier = threading.Thread(
        target=copies.copy_file, args=(source, tmp_path / "copy.db"), daemon=True
    )
    writer.start()
    copier.start()
    copier.join(timeout=20)
    stop.set()
    writer.join()
    assert not copier.is_alive(), "it began anew with every write"
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM gift").fetchone()[0] >= 10_000
