"""The bytes that are hashed are the ones the ruling names, and no others."""

import hashlib
import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from offset.ledger import leaves
from offset.ledger.leaves import EntryFact

FACT = EntryFact(
    id=uuid.UUID("01930000-0000-7000-8000-000000000001"),
    kind="charge",
    idem_key="stripe:txn_1",
    effective_on=date(2026, 11, 14),
    recorded_at=datetime(2026, 11, 15, 10, 0, 0, 123_999, tzinfo=UTC),
    reverses_id=None,
    source_type="stripe_balance_txn",
    source_id="txn_1",
    postings=[
        (1, "Assets:Stripe:EUR", "EUR", 6_000),
        (2, "Liabilities:Fund:Pool:EUR", "EUR", -6_000),
    ],
)
SALT = bytes(range(16))


def test_the_canonical_form_is_sorted_unspaced_json() -> None:
    assert leaves.entry_content(FACT, SALT) == (
        '{"effective_on":"2026-11-14","id":"01930000-0000-7000-8000-000000000001",'
        '"idem":"stripe:txn_1","kind":"charge","postings":[[1,"Assets:Stripe:EUR","EUR",6000],'
        '[2,"Liabilities:Fund:Pool:EUR","EUR",-6000]],"recorded_at":"2026-11-15T10:00:00.123Z",'
        '"reverses":null,"salt":"000102030405060708090a0b0c0d0e0f","source_id":"txn_1",'
        '"source_type":"stripe_balance_txn","v":1}'
    )


def test_a_leaf_is_the_hash_of_a_zero_byte_and_the_content() -> None:
    assert leaves.leaf("né") == hashlib.sha256(b"\x00n\xc3\xa9").digest()


def test_the_zone_of_an_instant_does_not_matter() -> None:
    paris = replace(FACT, recorded_at=FACT.recorded_at.astimezone(timezone(timedelta(hours=1))))
    assert leaves.entry_content(paris, SALT) == leaves.entry_content(FACT, SALT)


def test_a_reversal_names_what_it_reverses() -> None:
    content = leaves.entry_content(replace(FACT, reverses_id=FACT.id), SALT)
    assert json.loads(content)["reverses"] == str(FACT.id)
    assert leaves.key_hash(replace(FACT, reverses_id=FACT.id)) != leaves.key_hash(FACT)


def test_a_key_stands_for_what_was_asked_not_for_when() -> None:
    later = replace(FACT, id=uuid.uuid4(), recorded_at=FACT.recorded_at + timedelta(days=1))
    assert leaves.key_hash(later) == leaves.key_hash(FACT)
    assert leaves.key_hash(replace(FACT, kind="payment")) != leaves.key_hash(FACT)


def test_a_fact_outside_the_journal_is_hashed_alike() -> None:
    content = leaves.fact_content("rate", FACT.id, {"EUR": 5_000}, FACT.recorded_at, SALT)
    assert json.loads(content) == {
        "content": {"EUR": 5_000},
        "id": str(FACT.id),
        "kind": "rate",
        "recorded_at": "2026-11-15T10:00:00.123Z",
        "salt": SALT.hex(),
        "v": 1,
    }


def test_a_salt_has_128_bits_and_is_new_each_time() -> None:
    assert len(leaves.new_salt()) == 16
    assert leaves.new_salt() != leaves.new_salt()
