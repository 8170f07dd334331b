"""The application's own connection plants no leaf, no shapeless seal, no account of its own."""

import uuid
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.database.types import uuid7
from offset.ledger import checkpoints, journal
from offset.ledger.models import Account
from tests.builders.ledger import a_gift
from tests.ledger.raw import Value, insert, refused

STRIPE, POOL = "Assets:Stripe:EUR", "Liabilities:Fund:Pool:EUR"
HASH, SALT = b"\1" * 32, b"\2" * 16


def entry(database: Database, entry_id: uuid.UUID, at: datetime) -> str:
    """Write an entry that no other rule refuses."""
    values: dict[str, Value] = {"id": entry_id, "kind": "opening", "effective_on": at.date()}
    values |= {"recorded_at": at, "reverses_id": None, "idem_key": f"unfit:{entry_id}"}
    values |= {"idem_hash": b"\0", "source_type": "test", "source_id": "unfit"}
    return insert(database, "entry", "INSERT", **values)


def said(database: Database, table: str, **row: Value) -> str:
    """What the database answers to a row of ours: the code of a guard, or "nothing" against it."""
    return refused(database, insert(database, table, "INSERT", **row))


@pytest.mark.parametrize("kind", ["entry", "rate"])
def test_a_leaf_is_the_hash_of_what_was_sealed(database: Database, at: datetime, kind: str) -> None:
    posted = database.run(journal.post, a_gift(1), at=at)
    fact_id = uuid7(at)
    sealed = database.run(
        checkpoints.seal_fact, kind="rate", fact_id=fact_id, content={"EUR": 1}, at=at
    )
    hashes = {"entry": (posted.entry_id, posted.leaf_hash), "rate": (fact_id, sealed)}
    known, leaf = hashes[kind]
    other = hashes["rate" if kind == "entry" else "entry"][1]
    row: dict[str, Value] = {"pos": 0, "kind": kind}
    assert (
        said(database, "checkpoint_leaf", **row, fact_id=uuid7(at), hash=leaf) == "leaf_not_sealed"
    )
    assert said(database, "checkpoint_leaf", **row, fact_id=known, hash=HASH) == "leaf_not_sealed"
    assert said(database, "checkpoint_leaf", **row, fact_id=known, hash=other) == "leaf_not_sealed"
    assert said(database, "checkpoint_leaf", **row, fact_id=known, hash=leaf) == "nothing"


@pytest.mark.parametrize(
    "changed", [{"hash": HASH[1:]}, {"salt": SALT + b"\0"}, {"canon_version": 7}]
)
def test_a_seal_has_its_form(database: Database, at: datetime, changed: dict[str, Any]) -> None:
    database.run(journal.post, a_gift(1), at=at)
    form: dict[str, Value] = {"hash": HASH, "salt": SALT, "canon_version": 1, **changed}
    entry_id = uuid7(at)
    with database.reading() as session:
        accounts = dict(session.execute(select(Account.code, Account.id)).all())
    whole = [entry(database, entry_id, at)]
    for number, (code, amount) in enumerate(((STRIPE, 100), (POOL, -100)), start=1):
        line: dict[str, Value] = {"entry_id": entry_id, "line": number, "amount": amount}
        line |= {"account_id": accounts[code], "currency": "EUR"}
        whole.append(insert(database, "posting", "INSERT", **line))
    whole.append(insert(database, "entry_seal", "INSERT", entry_id=entry_id, **form))
    assert refused(database, *whole) == "seal_unfit"
    fact: dict[str, Value] = {
        "kind": "rate",
        "fact_id": uuid.uuid4(),
        "content": '{"EUR":1}',
        "recorded_at": at,
    }
    assert said(database, "sealed_fact", **fact, **form) == "seal_unfit"


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ("Liabilities:fund:Evil:EUR", "EUR"),
        ("Liabilities:FUND:Evil:EUR", "EUR"),
        ("Liabilities:PROJECT:Evil:EUR", "EUR"),
        ("LiaX:Fund:Evil:EUR", "EUR"),
        ("Assets:Evil:EUR", "USD"),
        ("Assets:Evil\n:EUR", "EUR"),
        ("Assets::EUR", "EUR"),
        ("Assets:", "EUR"),
        ("Assets", "EUR"),
    ],
)
def test_an_account_beside_the_chart_is_not_opened(
    database: Database, at: datetime, code: str, currency: str
) -> None:
    database.run(journal.post, a_gift(1), at=at)
    row: dict[str, Value] = {"name": "Evil", "floor": "none", "opened_on": at.date()}
    kind = code[0]
    planted = said(
        database, "account", id=uuid7(at), code=code, currency=currency, type=kind, **row
    )
    assert planted == "account_unnamed"
    good: dict[str, Value] = {
        "id": uuid7(at),
        "code": "Assets:Bank:B9",
        "currency": "EUR",
        "type": "A",
    }
    assert said(database, "account", **good, **row) == "nothing"
