"""How soon does the site answer, how much memory does it take, and does a backup get in the way?

``offset serve`` is started cold on an empty installation, left alone, then asked by many at once.
Memory is that of the whole process group. A generated year is then copied away while somebody
goes on writing: the longest that a write waited is told beside the time of the copy.
"""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from offset.clock import SystemClock
from offset.database import migrate, moving
from offset.database.session import Database
from offset.gateways import backup
from offset.people import settings
from offset.people.access import SYSTEM
from tests import servers
from tests.models import load_models
from tests.walks.newcomer import free_port, wait_for

FULL = bool(os.environ.get("FULL"))
GIFTS = 20_000 if FULL else 2_000
REQUESTS = 2_000 if FULL else 400
AT_ONCE = 16
MOST_MEMORY = 512
PATHS = ("/", "/?leg=CDG-JNB", "/projects", "/ledger", "/how-it-works", "/sign-in")


def serving() -> None:
    """Time a cold start and a backup; weigh the processes at rest and under load."""
    with tempfile.TemporaryDirectory() as name:
        _started(Path(name))
    with tempfile.TemporaryDirectory() as name:
        _copied(Path(name))


def _started(folder: Path) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "OFFSET_DATA_DIR": str(folder),
        "OFFSET_SECRET_KEY": uuid.uuid4().hex,
        "OFFSET_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "OFFSET_MAIL_URL": f"file:{folder / 'mail'}",
        "OFFSET_MAIL_FROM": "contributions@give.example",
        "STRIPE_SECRET_KEY": "sk_test_0123456789",
        "STRIPE_WEBHOOK_SECRET": "whsec_0123456789",
        "PORT": str(port),
    }
    offset = [sys.executable, "-m", "offset"]
    subprocess.run(
        [*offset, "init", "--mode", "rehearsal"], env=environment, check=True, capture_output=True
    )
    with (folder / "log").open("wb") as log:
        before = time.monotonic()
        site = subprocess.Popen(
            [*offset, "serve"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(port)
            spent = time.monotonic() - before
            print(f"cold start {spent:5.2f} s (at most 3), {_worked(site.pid):.2f} s of processor")
            print(f"memory at rest    {_megabytes(site.pid):5.0f} MB (at most {MOST_MEMORY})")
            began = time.monotonic()
            with ThreadPoolExecutor(AT_ONCE) as crowd:
                list(crowd.map(lambda n: _ask(port, PATHS[n % len(PATHS)]), range(REQUESTS)))
            spent = time.monotonic() - began
            print(
                f"memory under load {_megabytes(site.pid):5.0f} MB (at most {MOST_MEMORY}),"
                f" {REQUESTS} pages by {AT_ONCE} at once, {REQUESTS / spent:.0f} a second"
            )
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(site.pid, signal.SIGTERM)
            site.wait(timeout=30)


def _ask(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()


def _megabytes(leader: int) -> float:
    """Weigh every process of a group: pages that are theirs, and their part of shared ones."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, ValueError):
                if os.getpgid(int(entry.name)) == leader:
                    told = (entry / "smaps_rollup").read_text()
                    [line] = [one for one in told.splitlines() if one.startswith("Pss:")]
                    total += int(line.split()[1])
    return total / 1_024


def _worked(leader: int) -> float:
    """Add up the seconds of processor that a group of processes has used."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if os.getpgid(int(entry.name)) == leader:
                    told = (entry / "stat").read_text().rpartition(")")[2].split()
                    ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _copied(folder: Path) -> None:
    """Copy a generated year away and bring it back, as a file and on a server."""
    load_models()
    year = Path(os.environ.get("OFFSET_BENCH_YEAR") or folder / "year")
    if not (year / "year.db").exists():
        subprocess.run(
            [sys.executable, "-m", "offset", "sandbox", "year"]
            + ["--gifts", str(GIFTS), "--out", str(year)],
            check=False,
            capture_output=True,
        )
    shutil.copy(year / "year.db", folder / "offset.db")
    source = f"sqlite:///{folder / 'offset.db'}"
    migrate.upgrade(source)
    _timed("SQLite", source, f"sqlite:///{folder / 'back.db'}", folder)
    try:
        with servers.postgres() as server:
            here, there = (_database(server, name) for name in ("year", "back"))
            migrate.upgrade(here)
            moving.move(source, here)
            _timed("PostgreSQL", here, there, folder)
    except LookupError as missing:
        print(f"not on PostgreSQL: {missing}")


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.partition('?')[0].rsplit('/', 1)[0]}/{name}"


def _timed(engine: str, url: str, back: str, folder: Path) -> None:
    stop, waits = threading.Event(), [0.0]
    writer = threading.Thread(target=_write, args=(url, stop, waits))
    writer.start()
    archive = folder / f"{engine}.tar.gz"
    before = time.monotonic()
    made = backup.back_up(url, folder / "files", archive, at=SystemClock().now())
    spent = time.monotonic() - before
    stop.set()
    writer.join()
    print(
        f"{engine}: backup of {GIFTS} gifts, {sum(made.counts.values())} rows: {spent:5.2f} s"
        f" (20,000 at most 30), {archive.stat().st_size / 1e6:.1f} MB;"
        f" a write meanwhile waited {max(waits):.3f} s at most, {len(waits) - 1} writes"
    )
    before = time.monotonic()
    _, report = backup.restore(archive, back, folder / f"{engine}-back" / "files")
    print(
        f"{engine}: restore and verify {time.monotonic() - before:5.2f} s"
        f" (20,000 at most 120), {report.entries} entries, {len(report.faults)} faults"
    )


def _write(url: str, stop: threading.Event, waits: list[float]) -> None:
    """Write as a donor's page does, again and again, and note how long each one took."""
    database = Database(url)
    try:
        while not stop.is_set():
            before = time.monotonic()
            database.run(
                settings.write,
                "refund_days",
                30,
                actor=SYSTEM,
                at=SystemClock().now(),
                reason="bench",
            )
            waits.append(time.monotonic() - before)
            stop.wait(0.02)
    finally:
        database.dispose()
