"""Somebody with every right rewrites a copy of the books: verify and an old receipt both tell."""

from datetime import date, datetime

from offset.database.session import Database
from offset.database.types import canonical
from offset.ledger import checkpoints, evidence, journal, leaves
from offset.ledger.merkle import Frontier
from offset.ledger.verify import verify
from tests.builders.ledger import a_gift
from tests.ledger.raw import literal, tamper


def test_a_rewritten_entry_is_caught_twice(own_database: Database, at: datetime) -> None:
    """The amount, its seal, its leaf and the root are all rewritten alike, triggers off."""
    posted = own_database.run(journal.post, a_gift(1, on=date(2026, 11, 14)), at=at)
    own_database.run(checkpoints.take, at=at)
    with own_database.reading() as session:
        receipt = evidence.document(session, "entry", posted.entry_id)
        published = {one.n: one.root for one in checkpoints.recent(session, 5)}
    assert receipt is not None
    assert verify(own_database, published=published).clean
    forged = dict(receipt["content"])
    forged["postings"] = [
        [line, code, currency, amount + {1: -100, 3: 100}.get(line, 0)]
        for line, code, currency, amount in forged["postings"]
    ]
    leaf = leaves.leaf(canonical(forged))
    tree = Frontier()
    tree.append(leaf)
    said = {name: literal(own_database, value) for name, value in _rewritten(leaf, tree).items()}
    entry = literal(own_database, posted.entry_id)
    tamper(
        own_database,
        f"UPDATE posting SET amount = amount - 100 WHERE entry_id = {entry} AND line = 1",  # noqa: S608 - words of this test
        f"UPDATE posting SET amount = amount + 100 WHERE entry_id = {entry} AND line = 3",  # noqa: S608 - same
        f"UPDATE entry_seal SET hash = {said['leaf']}",  # noqa: S608 - same
        f"UPDATE checkpoint_leaf SET hash = {said['leaf']}",  # noqa: S608 - same
        f"UPDATE checkpoint SET root = {said['root']}, frontier = {said['frontier']}",  # noqa: S608 - same
    )
    # The copy is consistent in itself but for the key's hash; the root that left it is not.
    faults = verify(own_database, published=published).faults
    assert "checkpoint 1: another root was published" in faults
    assert f"entry {posted.entry_id}: content does not match its key" in faults
    with own_database.reading() as session:
        now = evidence.document(session, "entry", posted.entry_id)
    assert now is not None
    # The receipt printed before proves itself with the published root, and not with the copy's.
    assert leaves.leaf(canonical(receipt["content"])).hex() == receipt["leaf"]
    assert receipt["root"] == published[1].hex()
    assert now["leaf"] != receipt["leaf"]
    assert now["root"] != receipt["root"]


def _rewritten(leaf: bytes, tree: Frontier) -> dict[str, bytes]:
    return {"leaf": leaf, "root": tree.root(), "frontier": tree.written()}
