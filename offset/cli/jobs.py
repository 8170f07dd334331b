"""What runs by itself? Each job of the schedule, and the one verb behind it."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from offset.errors import OffsetError
from offset.giving import jobs as giving
from offset.ledger import checkpoints
from offset.people import jobs as runs
from offset.people import outbox, schedule
from offset.projects import assessments
from offset.treasury import payouts
from offset.web.wiring import Services

Job = Callable[[Services, datetime], str]
_CATCH_UP: Final = timedelta(days=3)
_log = logging.getLogger(__name__)


def _outbox(services: Services, at: datetime) -> str:
    return f"{outbox.deliver(services.database, services.mailer, at=at)} mails sent"


def _catch_up(services: Services, at: datetime) -> str:
    return giving.catch_up(
        services.database,
        services.events,
        since=at - _CATCH_UP,
        at=at,
        livemode="_live_" in services.settings.stripe_secret_key,
        on_payout=payouts.on_payout,
    )


def _unmatched(services: Services, at: datetime) -> str:
    return giving.retry_unmatched(
        services.database, services.events, at=at, on_payout=payouts.on_payout
    )


def _checkpoints(services: Services, at: datetime) -> str:
    taken = services.database.run(checkpoints.take, at=at)
    return "nothing new" if taken is None else f"{taken.size} facts sealed"


def _expiry(services: Services, at: datetime) -> str:
    decisions = services.database.run(assessments.expire_due, at=at)
    pledges = giving.expire_pledges(services.database, at=at)
    return f"{decisions} decisions expired, {pledges}"


JOBS: Final[Mapping[str, Job]] = {
    "outbox": _outbox,
    "allocation": lambda services, at: giving.allocate_pending(services.database, at=at),
    "receipts": lambda services, at: giving.issue_receipts(
        services.database, at=at, documents=services.documents
    ),
    "unmatched": _unmatched,
    "returns": lambda services, at: giving.source_returns(services.database, at=at),
    "terms": lambda services, at: giving.seal_terms(services.database, at=at),
    "catch_up": _catch_up,
    "checkpoints": _checkpoints,
    "expiry": _expiry,
}


def run_due(services: Services) -> Iterator[str]:
    """Run whatever is due, one after the other, and say of each what came of it.

    A job that fails is written down as failed and does not stop the next.
    """
    with services.database.reading() as session:
        due = schedule.due(session, services.clock.now())
    for name in due:
        yield _run(services, name)


def _run(services: Services, name: str) -> str:
    services.database.run(runs.begin, name=name, at=services.clock.now())
    try:
        outcome, detail = "done", JOBS[name](services, services.clock.now())
    except Exception as fault:  # noqa: BLE001 - a broken job must not stop the ones after it
        _log.exception("job %s failed", name)
        outcome = "failed"
        detail = fault.code if isinstance(fault, OffsetError) else type(fault).__name__
    services.database.run(
        runs.finish, name=name, at=services.clock.now(), outcome=outcome, detail=detail
    )
    return f"{name}: {outcome} {detail}"
