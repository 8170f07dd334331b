"""Which bytes of a fact are hashed, so that anybody can compute the same hash again?

A leaf is SHA-256(0x00 ‖ C), C being canonical JSON: sorted keys, no spaces, UTF-8. The salt, 128
random bits, keeps a leaf from being guessed. Who acted and memos stay outside: they may hold
personal data, and erasing them must not break a proof. docs/ledger-proof.md has test vectors.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from offset.database.types import canonical, written

VERSION: Final = 1
_SALT_BYTES: Final = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryFact:
    """What a journal entry says, as far as its hash covers it.

    ``postings`` are (line, account code, currency, amount) in the order of their lines.
    """

    id: uuid.UUID
    kind: str
    idem_key: str
    effective_on: date
    recorded_at: datetime
    reverses_id: uuid.UUID | None
    source_type: str
    source_id: str
    postings: Sequence[tuple[int, str, str, int]]


def new_salt() -> bytes:
    """Draw a salt of 128 bits."""
    return secrets.token_bytes(_SALT_BYTES)


def entry_content(fact: EntryFact, salt: bytes) -> str:
    """Write a journal entry as the canonical JSON that its hash covers."""
    return canonical(
        {
            "v": VERSION,
            "id": str(fact.id),
            "kind": fact.kind,
            "idem": fact.idem_key,
            "effective_on": fact.effective_on.isoformat(),
            "recorded_at": written(fact.recorded_at),
            "reverses": None if fact.reverses_id is None else str(fact.reverses_id),
            "source_type": fact.source_type,
            "source_id": fact.source_id,
            "postings": [list(posting) for posting in fact.postings],
            "salt": salt.hex(),
        }
    )


def key_hash(fact: EntryFact) -> bytes:
    """Hash what an entry was asked to say: a key used twice must stand for the same content."""
    return hashlib.sha256(
        canonical(
            {
                "kind": fact.kind,
                "effective_on": fact.effective_on.isoformat(),
                "reverses": None if fact.reverses_id is None else str(fact.reverses_id),
                "source_type": fact.source_type,
                "source_id": fact.source_id,
                "postings": [list(posting) for posting in fact.postings],
            }
        ).encode()
    ).digest()


def fact_content(
    kind: str,
    fact_id: uuid.UUID,
    content: Mapping[str, Any],
    recorded_at: datetime,
    salt: bytes,
) -> str:
    """Write a fact outside the journal as the canonical JSON that its hash covers."""
    return canonical(
        {
            "v": VERSION,
            "id": str(fact_id),
            "kind": kind,
            "recorded_at": written(recorded_at),
            "content": dict(content),
            "salt": salt.hex(),
        }
    )


def leaf(content: str) -> bytes:
    """Hash canonical content as a leaf of the tree (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + content.encode()).digest()
