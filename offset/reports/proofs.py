"""What can somebody carry away who wants to check our books without us?

Documents that prove themselves: checkpoints with what each covers, growth from one to another, and
a proof packed so small that a square code on paper holds it whole. ``verify_proof.py`` beside this
file checks each of them with nothing but Python.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from offset.database.types import canonical, written
from offset.errors import InvalidInput
from offset.ledger import checkpoints
from offset.ledger.checkpoints import CheckpointView
from offset.reports.verify_proof import MARK, NO_PROOF

VERIFIER: Final = Path(__file__).with_name("verify_proof.py")
_IN_THE_PACKED: Final = ("content", "pos", "size", "checkpoint")


def checkpoint_document(view: CheckpointView, covered: Mapping[str, int]) -> dict[str, Any]:
    """Write one checkpoint: number, size, root, time, and how many facts of each kind are new."""
    return {
        "n": view.n,
        "size": view.size,
        "root": view.root.hex(),
        "previous_root": view.prev_root.hex() if view.prev_root else None,
        "made_at": written(view.made_at),
        "covers": dict(covered),
    }


def growth_document(session: Session, earlier: int, later: int) -> dict[str, Any] | None:
    """Write the proof that a checkpoint only added to another; None where one is missing."""
    found = checkpoints.growth(session, earlier, later)
    if found is None:
        return None
    return {
        "earlier": _root(found.earlier),
        "later": _root(found.later),
        "path": [one.hex() for one in found.path],
    }


def roots_of(text: str) -> dict[int, bytes]:
    """Read the roots of a list of checkpoints that somebody kept, by their numbers.

    Raises
    ------
    InvalidInput
        ``checkpoints_unreadable``: the text is no such list.
    """
    try:
        listed = json.loads(text)["checkpoints"]
        return {int(one["n"]): bytes.fromhex(one["root"]) for one in listed}
    except NO_PROOF as fault:
        raise InvalidInput("checkpoints_unreadable", field="published") from fault


def packed(proof: Mapping[str, Any]) -> str:
    """Pack a proof for a square code: content compressed, root and path as they are.

    A receipt's own facts are left out: they may be read on the paper beside the code.
    """
    told = zlib.compress(canonical({name: proof[name] for name in _IN_THE_PACKED}).encode(), 9)
    hashes = b"".join(bytes.fromhex(one) for one in (proof["root"], *proof["path"]))
    raw = len(told).to_bytes(2, "big") + told + hashes
    return MARK + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _root(view: CheckpointView) -> dict[str, Any]:
    return {"n": view.n, "size": view.size, "root": view.root.hex()}
