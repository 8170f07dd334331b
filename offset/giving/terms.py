"""Which rates, shares and wordings held when? Each version becomes a sealed fact, once."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from offset.giving import wording
from offset.ledger import checkpoints
from offset.people import settings

_SEALED: Final = (("rate", "rate"), ("share_bp", "share"))


def seal(session: Session, *, at: datetime) -> int:
    """Seal every version of the rate and the share, and the standing wording; return how many.

    Sealing again changes nothing, so the job may come at any time.
    """
    count = 0
    for name, kind in _SEALED:
        for row in settings.history(session, name):
            content = {"version": row.version, "value": row.value}
            checkpoints.seal_fact(session, kind=kind, fact_id=row.id, content=content, at=at)
            count += 1
    return count + wording.publish(session, at=at)
