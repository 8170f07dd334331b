"""How is a giver forgotten while every cent stays proved?

Names and addresses stand in three places: the contributor's row, what the processor sent us, and
mails in the outbox. Donations, entries and the frozen facts of receipts name nobody. The kept
original of a receipt's PDF keeps the name, since the law of its issuer asks for it; it is behind
a right, and the receipt's link serves another printing that names nobody.
"""

from datetime import datetime

from sqlalchemy import Text, cast, select, update
from sqlalchemy.orm import Session

from offset.giving.models import ProcessorEvent
from offset.people import contributors
from offset.people.models import OutboxMessage


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
    # What was sent is sent; what was not is given up, and neither tells to whom.
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.recipient == address)
        .values(recipient=None, parameters={"erased": True})
    )
    session.flush()
    return rows + len(events)
