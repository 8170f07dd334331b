"""Do full books go down and up again through the revisions, with every proof as it was?

Five gifts a test run; a year with gifts, payouts, statements, projects and closed months in the
soak profile.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from offset.database import migrate, moving
from offset.database.session import Database
from offset.ledger import checkpoints, journal
from offset.ledger.models import CheckpointLeaf
from offset.ledger.verify import Report, verify
from tests.builders.ledger import a_gift
from tests.cli.terminal import offset

# The first release whose books have the guards of today.
OLDEST = "0013"
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
_numbers = itertools.count()
pytestmark = pytest.mark.slow


@pytest.fixture
def books(tmp_path: Path, sqlite_template: Path, at: datetime) -> str:
    """A file with books, seen by its owner."""
    if SOAK:
        told = offset(
            "sandbox", "year", "--gifts", "300", "--out", str(tmp_path), data_dir=tmp_path
        )
        assert told.returncode == 0, told.stdout
        return f"sqlite:///{tmp_path / 'year.db'}"
    shutil.copy(sqlite_template, tmp_path / "year.db")
    url = f"sqlite:///{tmp_path / 'year.db'}"
    database = Database(url)
    for number in range(5):
        database.run(journal.post, a_gift(number), at=at + timedelta(milliseconds=number))
    database.run(checkpoints.take, at=at + timedelta(seconds=1))
    database.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, books: str) -> Iterator[str]:
    """The same books on each engine."""
    if request.param == "sqlite":
        yield books
        return
    server = str(request.getfixturevalue("postgres_server"))
    template = str(request.getfixturevalue("untold_template"))
    name = f"books_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    place = make_url(server.partition("?")[0]).set(database=name)
    there = place.render_as_string(hide_password=False)
    moving.move(books, there)
    yield there
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def stand(url: str) -> tuple[Report, dict[object, object]]:
    """What the verifier says, and the proof of every fact."""
    database = Database(url, owner=True)
    try:
        with database.reading() as session:
            facts = session.execute(select(CheckpointLeaf.kind, CheckpointLeaf.fact_id)).all()
            proofs = {fact: checkpoints.inclusion(session, *fact) for fact in map(tuple, facts)}
        return verify(database), proofs
    finally:
        database.dispose()


def test_full_books_go_down_and_up_again_with_every_proof(url: str) -> None:
    before, proofs = stand(url)
    assert before.faults == ()
    assert before.entries >= 5
    assert len(proofs) >= before.entries
    migrate.check(url)
    migrate.downgrade(url, OLDEST)
    migrate.upgrade(url)
    migrate.check(url)
    assert stand(url) == (before, proofs)
