"""What is sealed gets a place, a root, and a proof that anybody can check."""

import threading
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import LedgerRefused
from offset.ledger import checkpoints, journal
from offset.ledger.checkpoints import CheckpointView
from offset.ledger.journal import Posted
from offset.ledger.merkle import extends, includes
from offset.ledger.models import CheckpointLeaf, SealedFact
from tests.builders.ledger import a_gift


def seal(
    database: Database,
    at: datetime,
    *,
    kind: str = "rate",
    fact_id: uuid.UUID | None = None,
    content: Mapping[str, Any] | None = None,
) -> bytes:
    return database.run(
        checkpoints.seal_fact,
        kind=kind,
        fact_id=fact_id or uuid7(at),
        content=content or {"EUR": 5_000},
        at=at,
    )


def holds(database: Database, kind: str, fact_id: uuid.UUID) -> CheckpointView:
    """The fact's proof verifies against its checkpoint, and a changed one does not."""
    with database.reading() as session:
        proof = checkpoints.inclusion(session, kind, fact_id)
    assert proof is not None
    size, root = proof.checkpoint.size, proof.checkpoint.root
    assert includes(proof.leaf, proof.pos, size, proof.path, root)
    other = bytes([proof.leaf[0] ^ 1]) + proof.leaf[1:]
    assert not includes(other, proof.pos, size, proof.path, root)
    return proof.checkpoint


def test_a_checkpoint_covers_entries_and_facts(database: Database, at: datetime) -> None:
    posted = [database.run(journal.post, a_gift(n), at=at) for n in range(3)]
    fact_id = uuid7(at)
    leaf = seal(database, at, fact_id=fact_id)
    with database.reading() as session:
        assert checkpoints.inclusion(session, "rate", fact_id) is None
    taken = database.run(checkpoints.take, at=at)
    assert taken is not None
    assert (taken.n, taken.size, taken.prev_root, taken.made_at) == (1, 4, None, at)
    for one in posted:
        assert holds(database, "entry", one.entry_id) == taken
    assert holds(database, "rate", fact_id) == taken
    with database.reading() as session:
        proof = checkpoints.inclusion(session, "rate", fact_id)
        assert proof is not None
        assert proof.leaf == leaf
        assert checkpoints.inclusion(session, "rate", posted[0].entry_id) is None


def test_without_anything_new_there_is_no_checkpoint(database: Database, at: datetime) -> None:
    assert database.run(checkpoints.take, at=at) is None
    database.run(journal.post, a_gift(), at=at)
    assert database.run(checkpoints.take, at=at) is not None
    assert database.run(checkpoints.take, at=at) is None
    with database.reading() as session:
        assert len(checkpoints.recent(session, 10)) == 1


def test_checkpoints_only_grow_and_proofs_never_change(database: Database, at: datetime) -> None:
    posted: list[Posted] = []
    taken: list[CheckpointView] = []
    for n, size in enumerate((1, 2, 4, 1, 5)):
        gifts = [a_gift(10 * n + gift) for gift in range(size)]
        posted += [database.run(journal.post, gift, at=at) for gift in gifts]
        made = database.run(checkpoints.take, at=at + timedelta(hours=n))
        assert made is not None
        taken.append(made)
    with database.reading() as session:
        assert checkpoints.recent(session, 2) == (taken[4], taken[3])
        before = [checkpoints.inclusion(session, "entry", one.entry_id) for one in posted]
        for earlier in taken:
            for later in taken:
                proof = checkpoints.growth(session, earlier.n, later.n)
                if earlier.n > later.n:
                    assert proof is None
                    continue
                assert proof is not None
                assert extends(earlier.size, earlier.root, later.size, later.root, proof.path)
        assert checkpoints.growth(session, 1, 9) is None
    assert [one.prev_root for one in taken[1:]] == [one.root for one in taken[:-1]]
    for one in posted:
        holds(database, "entry", one.entry_id)
    database.run(journal.post, a_gift(99), at=at)
    database.run(checkpoints.take, at=at)
    with database.reading() as session:
        after = [checkpoints.inclusion(session, "entry", one.entry_id) for one in posted]
    assert after == before


def test_an_entry_that_commits_late_is_not_forgotten(database: Database, at: datetime) -> None:
    """Its id is older than what the last checkpoint covers; a cursor would pass over it."""
    database.run(journal.post, a_gift(1), at=at)
    database.run(checkpoints.take, at=at)
    late = database.run(journal.post, a_gift(2), at=at - timedelta(days=1))
    made = database.run(checkpoints.take, at=at)
    assert made is not None
    assert made.size == 2
    assert holds(database, "entry", late.entry_id) == made


def test_a_fact_is_sealed_once(database: Database, at: datetime) -> None:
    fact_id = uuid7(at)
    first = seal(database, at, fact_id=fact_id, content={"rate": 5, "cur": "EUR"})
    again = seal(
        database, at + timedelta(days=1), fact_id=fact_id, content={"cur": "EUR", "rate": 5}
    )
    assert again == first
    with pytest.raises(LedgerRefused, match="fact_changed"):
        seal(database, at, fact_id=fact_id, content={"rate": 6, "cur": "EUR"})
    other_kind = seal(
        database, at, kind="share", fact_id=fact_id, content={"rate": 5, "cur": "EUR"}
    )
    assert other_kind != first
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SealedFact)) == 2


def test_a_kind_of_fact_is_one_of_the_known(embedded: Database, at: datetime) -> None:
    with pytest.raises(LedgerRefused, match="fact_kind_unknown"):
        seal(embedded, at, kind="rumour")


@pytest.mark.postgres
def test_two_checkpointers_take_turns(server: Database, at: datetime) -> None:
    for n in range(5):
        server.run(journal.post, a_gift(n), at=at)
    waiting = threading.Thread(target=lambda: server.run(checkpoints.take, at=at))

    def slow(session: Session) -> None:
        checkpoints.take(session, at=at)
        waiting.start()
        waiting.join(timeout=0.3)
        assert waiting.is_alive()

    server.run(slow)
    waiting.join()
    with server.reading() as session:
        assert [one.n for one in checkpoints.recent(session, 9)] == [1]
        assert session.scalar(select(func.count()).select_from(CheckpointLeaf)) == 5


@pytest.mark.postgres
def test_twins_seal_a_fact_once(server: Database, at: datetime) -> None:
    fact_id = uuid7(at)
    found: list[bytes] = []
    twin = threading.Thread(target=lambda: found.append(seal(server, at, fact_id=fact_id)))

    def slow(session: Session) -> None:
        found.append(
            checkpoints.seal_fact(
                session, kind="rate", fact_id=fact_id, content={"EUR": 5_000}, at=at
            )
        )
        twin.start()
        twin.join(timeout=0.3)
        assert twin.is_alive()

    server.run(slow)
    twin.join()
    assert len(set(found)) == 1
