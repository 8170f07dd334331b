"""What runs by itself? Each job of the schedule, and the one verb behind it."""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from offset.cli.backups import drill_once, run_once
from offset.errors import Conflict, OffsetError
from offset.giving import (
    allocation_news,
    allocations,
    annual,
    balance_check,
    disputes,
    donations,
    guarded,
    news,
    papers,
    pledges,
    processor_events,
    receipts,
    refund_rows,
    refunds,
    terms,
    withdrawals,
)
from offset.giving import catch_up as catching_up
from offset.ledger import checkpoints, rates
from offset.people import installation, outbox, schedule
from offset.people import jobs as runs
from offset.people.access import SYSTEM
from offset.people.installation import Mode
from offset.projects import (
    assessments,
    followers,
    funding,
    organisation_people,
    reminders,
    renewals,
)
from offset.reports import month_papers
from offset.treasury import payouts, reconciliation, suggestions, worklist
from offset.web import ready
from offset.web.board import heading, sentence
from offset.web.wiring import Services

Job = Callable[[Services, datetime], str]
_PLEDGES: Final = 500
# Drawing takes a moment each; the next run goes on, and a stop need not wait for all.
_DOCUMENTS: Final = 10
_log = logging.getLogger(__name__)


def _outbox(services: Services, at: datetime) -> str:
    sent = outbox.deliver(
        services.database, services.mailer, at=at, attach=papers.attacher(services.documents)
    )
    return f"{sent} mails sent"


def _allocation(services: Services, at: datetime) -> str:
    """Take back what withdrawn projects hold first, so that it goes on in the same run."""
    back = withdrawals.take_back_pending(services.database, at=at)
    given = allocations.allocate_pending(services.database, at=at)
    return f"{given} gifts allocated" + (f", parts of {back} taken back" if back else "")


def _receipts(services: Services, at: datetime) -> str:
    issued = receipts.issue_pending(services.database, at=at)
    printed = papers.render_pending(services.database, services.documents, at=at, limit=_DOCUMENTS)
    return f"{issued} receipts brought up to date, {printed} printed"


def _annual_receipts(services: Services, at: datetime) -> str:
    return f"{annual.issue_due(services.database, at=at)} receipts of the year issued"


def catch_up(services: Services, at: datetime, *, since: datetime | None = None) -> str:
    """Read the processor's lists, book what is missing, and hold our balance against its own."""
    found = catching_up.catch_up(
        services.database,
        services.events,
        since=since,
        at=at,
        livemode=services.settings.stripe_is_live,
        payouts=catching_up.PayoutDesk(payouts.on_payout, payouts.unfinished),
    )
    balance_check.read(services.database, services.balances, services.events, at=at)
    return (
        f"{found.events} events and {found.movements} movements were missing,"
        f" {found.waiting} wait, {found.reread} read again"
    )


def _unmatched(services: Services, at: datetime) -> str:
    done = processor_events.retry_unmatched(
        services.database, services.events, at=at, on_payout=payouts.on_payout
    )
    return f"{done} events matched"


def _returns(services: Services, at: datetime) -> str:
    """Ask for approved refunds, source what went back, tell donors and the secretariat."""
    asked = refund_rows.send_approved(services.database, services.refunds, at=at)
    sourced = refunds.source_pending(services.database, at=at)
    services.database.run(refund_rows.tell_donors, at=at)
    services.database.run(disputes.remind, at=at)
    return f"{asked} refunds asked for, {sourced} returns sourced"


def _terms(services: Services, at: datetime) -> str:
    return f"{services.database.run(terms.seal, at=at)} terms sealed"


def _matching(services: Services, at: datetime) -> str:
    """Match what has become certain since the import, such as a payout heard of late."""
    done = services.database.run(reconciliation.match_certain, actor=SYSTEM, at=at)
    services.database.run(suggestions.refresh_stale, at=at)
    return f"{done} certain lines matched"


def _checkpoints(services: Services, at: datetime) -> str:
    taken = services.database.run(checkpoints.take, at=at)
    return "nothing new" if taken is None else f"{taken.size} facts sealed"


def _guard(services: Services, at: datetime) -> str:
    return "small gifts wait" if services.database.run(guarded.watch, at=at) else "nothing unusual"


def _pledges(services: Services, at: datetime) -> str:
    reminded, expired = pledges.look_after(services.database, at=at)
    return f"{reminded} pledges recalled, {expired} expired"


def _expiry(services: Services, at: datetime) -> str:
    decisions = services.database.run(assessments.expire_due, at=at)
    services.database.run(organisation_people.forget_old, at=at)
    services.database.run(renewals.remind, at=at)
    with services.database.reading() as session:
        old = donations.forgotten(session, at=at, limit=_PLEDGES)
    gone = sum(services.database.run(donations.expire, one, at=at) for one in old)
    services.database.run(funding.refresh, at=at)
    return f"{decisions} decisions and {gone} pledges expired"


def _followers(services: Services, at: datetime) -> str:
    forgotten = services.database.run(followers.forget, at=at)
    told = followers.tell(services.database, at=at)
    return f"{told} followers told, {forgotten} unconfirmed addresses forgotten"


def _rates(services: Services, at: datetime) -> str:
    """Take in the central bank's rates that came with this release, for display only."""
    stored = services.database.run(rates.keep, rates.read(rates.shipped().splitlines()), at=at)
    return f"{stored} rates of the day stored"


def _backup(services: Services, _at: datetime) -> str:
    return run_once(services.settings, services.database)


def _reminders(services: Services, at: datetime) -> str:
    return f"{reminders.remind(services.database, at=at)} reminders of reports written"


def _news(services: Services, at: datetime) -> str:
    moved = allocation_news.tell_pending(services.database, at=at)
    told = news.tell_pending(services.database, at=at)
    return f"{told + moved} mails to donors written"


def _month_papers(services: Services, at: datetime) -> str:
    """Print what the statements of closed months lack, where the drawing library was missing."""
    printed = month_papers.print_pending(
        services.database, services.documents, sentence, at=at, heading=heading
    )
    return f"{printed} files of closed months printed"


def _digest(services: Services, at: datetime) -> str:
    with services.database.reading() as session:
        mode = installation.mode(session) or Mode.REHEARSAL
        reds = sorted(ready.red(ready.look(services, session, mode, at=at)))
    return f"{services.database.run(worklist.send_digests, at=at, reds=reds)} work lists sent"


def _drill(services: Services, _at: datetime) -> str:
    """Try the newest archive, unless it is closed and its key is, as it should be, elsewhere."""
    if services.settings.backup_recipient and services.settings.backup_identity is None:
        return "the secret key is not on this machine: offset backups drill --identity FILE"
    return drill_once(services.settings, services.database, services.settings.backup_identity)


JOBS: Final[Mapping[str, Job]] = {
    "outbox": _outbox,
    "allocation": _allocation,
    "receipts": _receipts,
    "annual_receipts": _annual_receipts,
    "guard": _guard,
    "unmatched": _unmatched,
    "returns": _returns,
    "terms": _terms,
    "catch_up": catch_up,
    "matching": _matching,
    "checkpoints": _checkpoints,
    "expiry": _expiry,
    "rates": _rates,
    "pledges": _pledges,
    "followers": _followers,
    "reminders": _reminders,
    "news": _news,
    "month_papers": _month_papers,
    "digest": _digest,
    "backup": _backup,
    "drill": _drill,
}


# The row of the timer itself, beside the rows of the jobs.
SCHEDULER: Final = "scheduler"


def run_due(services: Services) -> Iterator[str]:
    """Run whatever is due, one after the other, and say of each what came of it.

    A job that fails is written down as failed and does not stop the next.

    Raises
    ------
    Conflict
        ``job_running``: another process is at it, here or on another machine.
    """
    _begin(services, SCHEDULER)
    outcome = "failed"
    try:
        with services.database.reading() as session:
            due = schedule.due(session, services.clock.now())
        for name in due:
            yield _run(services, name)
        outcome = "done"
    finally:
        services.database.run(
            runs.finish, name=SCHEDULER, at=services.clock.now(), outcome=outcome, detail=""
        )


def holder() -> str:
    """Name this process: its machine, its number, and when the machine started it."""
    return f"{socket.gethostname()}:{os.getpid()}:{_born(os.getpid())}"


def is_dead(other: str) -> bool:
    """Say whether a process of this machine is gone; of other machines nothing is known."""
    host, _, rest = other.partition(":")
    number, _, born = rest.partition(":")
    if host != socket.gethostname() or not number.isdecimal():
        return False
    return _born(int(number)) != born


def _born(number: int) -> str:
    """Read when a process began, so that a number given out again is not mistaken for it."""
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]


def _begin(services: Services, name: str) -> None:
    services.database.run(
        runs.begin, name=name, at=services.clock.now(), holder=holder(), dead=is_dead
    )


def _run(services: Services, name: str) -> str:
    try:
        _begin(services, name)
    except Conflict as fault:
        return f"{name}: left alone, {fault}"
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
