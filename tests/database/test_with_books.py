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
from sqlalchemy.orm import Session

from offset.database import migrate, moving
from offset.database.session import Database
from offset.errors import Refused
from offset.giving import booking
from offset.ledger import chart, checkpoints, journal
from offset.ledger.models import CheckpointLeaf
from offset.ledger.verify import Report, verify
from offset.people.access import Role
from offset.treasury import manual_entries
from offset.treasury.manual_entries import Wanted
from offset.treasury.models import ManualEntry, ManualEntryDecision, ManualRecipe
from tests.builders.ledger import a_gift
from tests.builders.projects import an_actor
from tests.builders.treasury import a_movement, eur
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
    database.run(by_hand, at=at)
    database.run(checkpoints.take, at=at + timedelta(seconds=1))
    database.dispose()
    return url


def by_hand(session: Session, *, at: datetime) -> None:
    """Book a movement out of suspense by two people, and refuse another entry by hand."""
    clerk, approver = (an_actor(session, role, at=at) for role in (Role.CLERK, Role.APPROVER))
    odd = a_movement(1, "-7.00", category="climate_order_purchase", on=at)
    wanted = Wanted(
        recipe=ManualRecipe.SUSPENSE_EXPLAINED,
        on=at.date(),
        reason="an order of ours",
        amount=eur("7.00"),
        target=chart.reserve("EUR"),
        explains_id=booking.book(session, odd, at=at).entry_id,
    )
    told = {"actor": approver, "at": at}
    first = manual_entries.prepare(session, actor=clerk, at=at, wanted=wanted)
    entry_id = manual_entries.approve(session, manual_entry_id=first, **told)
    undo = Wanted(recipe=ManualRecipe.REVERSAL, on=at.date(), reason="?", reverses_id=entry_id)
    second = manual_entries.prepare(session, actor=clerk, at=at, wanted=undo)
    manual_entries.refuse(session, manual_entry_id=second, reason="it is right", **told)


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


def recipes(url: str) -> list[str]:
    """The entries by hand that somebody decided on, by their recipe."""
    database = Database(url, owner=True)
    try:
        with database.reading() as session:
            return sorted(
                session.scalars(
                    select(ManualEntry.recipe).join(
                        ManualEntryDecision, ManualEntryDecision.manual_entry_id == ManualEntry.id
                    )
                )
            )
    finally:
        database.dispose()


def test_full_books_go_down_and_up_again_with_every_proof(url: str) -> None:
    before, proofs = stand(url)
    assert before.faults == ()
    assert before.entries >= 5
    assert len(proofs) >= before.entries
    migrate.check(url)
    if not SOAK:
        # what the last release would not hold is not thrown away without a word
        with pytest.raises(Refused, match=r"downgrade_loses.*manual_entry\.explains_id"):
            migrate.downgrade(url, "0028", careful=True)
        assert recipes(url) == ["reversal", "suspense_explained"]
    migrate.downgrade(url, OLDEST)
    migrate.upgrade(url)
    migrate.check(url)
    assert stand(url) == (before, proofs)
    assert recipes(url) == ([] if SOAK else ["reversal"])
