"""How is a giver forgotten while every cent stays proved?

Names and addresses stand in two places: the contributor's row and what the processor sent us.
Donations, entries and the frozen facts of receipts name nobody. A receipt's printed PDF keeps
the name, since a receipt is kept as long as the law of its issuer asks.
"""

from datetime import datetime

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from offset.giving.models import ProcessorEvent
from offset.people import contributors


def erase(session: Session, email: str, *, at: datetime) -> int:
    """Empty a giver's rows and every stored event that holds the address; return how many."""
    address = email.strip().casefold()
    rows = contributors.erase(session, address, at=at)
    events = session.scalars(
        select(ProcessorEvent).where(
            cast(ProcessorEvent.payload, Text).icontains(address, autoescape=True)
        )
    ).all()
    for event in events:
        event.payload = {"id": event.event_id, "type": event.kind, "erased": True}
    session.flush()
    return rows + len(events)
