"""What does giving do by itself, minute by minute? The verbs that ``offset jobs run`` calls.

Each may run at any time and any number of times; what is done already is left alone.
"""

from datetime import datetime

from offset.database.session import Database
from offset.giving import allocations, donations, processor_events, receipts, refunds, terms
from offset.giving.ports import DocumentRenderer, EventReader
from offset.giving.processor_events import PayoutHandler


def allocate_pending(database: Database, *, at: datetime, limit: int = 200) -> str:
    """Allocate settled gifts whose own allocation failed or had to wait."""
    return f"{allocations.allocate_pending(database, at=at, limit=limit)} gifts allocated"


def retry_unmatched(
    database: Database, reader: EventReader, *, at: datetime, on_payout: PayoutHandler | None
) -> str:
    """Try again the events that came too early.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    done = processor_events.retry_unmatched(database, reader, at=at, on_payout=on_payout)
    return f"{done} events matched"


def catch_up(
    database: Database,
    reader: EventReader,
    *,
    since: datetime,
    at: datetime,
    livemode: bool,
    on_payout: PayoutHandler | None,
) -> str:
    """Book whatever no event told us of.

    Raises
    ------
    TryLater
        ``processor_unreachable``.
    """
    missing = processor_events.catch_up(
        database, reader, since=since, at=at, livemode=livemode, on_payout=on_payout
    )
    return f"{missing} missing facts booked"


def expire_pledges(database: Database, *, at: datetime, limit: int = 500) -> str:
    """Give up pledges whose payment page nobody finished."""
    with database.reading() as session:
        old = donations.forgotten(session, at=at, limit=limit)
    gone = sum(database.run(donations.expire, one, at=at) for one in old)
    return f"{gone} pledges expired"


def issue_receipts(
    database: Database, *, at: datetime, documents: DocumentRenderer | None, limit: int = 200
) -> str:
    """Issue, replace and cancel receipts, then render the PDFs that are missing."""
    issued = receipts.issue_pending(database, at=at, limit=limit)
    printed = 0
    if documents is not None:
        printed = receipts.render_pending(database, documents, at=at, limit=limit)
    return f"{issued} receipts brought up to date, {printed} printed"


def source_returns(database: Database, *, at: datetime) -> str:
    """Find the sources of returned debits and lost disputes."""
    return f"{refunds.source_pending(database, at=at)} returns sourced"


def seal_terms(database: Database, *, at: datetime) -> str:
    """Seal rates, shares and wordings."""
    return f"{database.run(terms.seal, at=at)} terms sealed"
