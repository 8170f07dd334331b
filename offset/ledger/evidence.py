"""What does somebody get who wants to check a fact without us? A document that proves itself.

docs/ledger-proof.md explains it, with the few lines of standard Python that verify it.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from offset.database.types import written
from offset.ledger import checkpoints, leaves, queries
from offset.ledger.models import SealedFact


def document(session: Session, kind: str, fact_id: uuid.UUID) -> Mapping[str, Any] | None:
    """Write the proof of an entry or another sealed fact; None before a checkpoint covers it.

    The document of a fact never changes.
    """
    proof = checkpoints.inclusion(session, kind, fact_id)
    if proof is None:
        return None
    return {
        "content": json.loads(_content(session, kind, fact_id)),
        "leaf": proof.leaf.hex(),
        "pos": proof.pos,
        "size": proof.checkpoint.size,
        "path": [sibling.hex() for sibling in proof.path],
        "root": proof.checkpoint.root.hex(),
        "checkpoint": proof.checkpoint.n,
        "made_at": written(proof.checkpoint.made_at),
    }


def _content(session: Session, kind: str, fact_id: uuid.UUID) -> str:
    if kind != checkpoints.ENTRY_KIND:
        fact = session.get_one(SealedFact, (kind, fact_id))
        return leaves.fact_content(kind, fact_id, fact.content, fact.recorded_at, fact.salt)
    seen = queries.entry(session, fact_id)
    return leaves.entry_content(
        leaves.EntryFact(
            id=seen.id,
            kind=seen.kind,
            idem_key=seen.idem_key,
            effective_on=seen.effective_on,
            recorded_at=seen.recorded_at,
            reverses_id=seen.reverses_id,
            source_type=seen.source_type,
            source_id=seen.source_id,
            postings=[
                (line.line, line.account, line.amount.currency, line.amount.minor)
                for line in seen.lines
            ],
        ),
        seen.salt,
    )
