"""Which figures tell a machine that the house is well? Gauges, by name, for whoever watches.

No figure names a person. ``docs/runbook`` has a page for each alarm that is drawn from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving.models import GuardedPeriod, InboxState, ProcessorEvent
from offset.ledger import balances
from offset.ledger.models import Checkpoint, EntrySeal, SealedFact
from offset.people import backups, installation, jobs, outbox
from offset.people.backups import BackupKind
from offset.people.schedule import JOBS
from offset.treasury import notices
from offset.treasury.models import BankLine
from offset.treasury.queries import matched_by_line

_NEVER: Final = -1
_FIRST: Final = "EUR"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure: its name, what it means, what it is of, and how much; −1 is never."""

    name: str
    what: str
    value: int
    labels: tuple[tuple[str, str], ...] = field(default=())


def gauges(session: Session, *, at: datetime) -> tuple[Gauge, ...]:
    """Read every gauge; the number of statements does not grow with the books."""
    return (
        *_books(session),
        *_checkpoints(session, at),
        *_bank(session, utc_day(at)),
        *_events(session, at),
        *_mails(session, at),
        *_jobs(session, at),
        *_copies(session, at),
        *_standing(session, at),
    )


# what an account's code begins with → the gauge of its balance, as money we hold or owe
_WATCHED: Final = {
    "Liabilities:Fund:Pool": ("offset_unallocated_minor", "gifts that no project has yet", -1),
    "Liabilities:Unidentified": ("offset_unidentified_minor", "money of unknown givers", -1),
    "Liabilities:Refunds": ("offset_refunds_owed_minor", "refunds promised and not sent", -1),
    "Assets:InTransit:Payouts": ("offset_payouts_in_transit_minor", "payouts under way", 1),
    "Assets:InTransit:Disbursements": (
        "offset_disbursements_in_transit_minor",
        "payments to projects under way",
        -1,
    ),
    "Assets:Receivable:Disputes": ("offset_disputed_minor", "money held back by disputes", 1),
}


def _books(session: Session) -> Iterator[Gauge]:
    # Before the first gift too: an alarm on a figure that is not there never rings.
    sums = {_FIRST: 0}
    named = ("offset_suspense_minor", *(name for name, _, _ in _WATCHED.values()))
    held = {(name, _FIRST): 0 for name in named}
    for line in balances.trial_balance(session):
        currency = line.balance.currency
        sums[currency] = sums.get(currency, 0) + line.balance.minor
        for start, (name, _, sign) in _WATCHED.items():
            if line.code.startswith(start):
                key = (name, currency)
                held[key] = held.get(key, 0) + sign * line.balance.minor
        if line.code.startswith("Equity:Suspense"):
            key = ("offset_suspense_minor", currency)
            held[key] = held.get(key, 0) + abs(line.balance.minor)
    told = {name: what for name, what, _ in _WATCHED.values()}
    told["offset_suspense_minor"] = "movements that no rule explains"
    for currency, total in sorted(sums.items()):
        of = (("currency", currency),)
        yield Gauge("offset_ledger_sum_minor", "all postings of a currency; always 0", total, of)
    for (name, currency), amount in sorted(held.items()):
        yield Gauge(name, told[name], amount, (("currency", currency),))


def _checkpoints(session: Session, at: datetime) -> Iterator[Gauge]:
    made, size = session.execute(
        select(Checkpoint.made_at, Checkpoint.size).order_by(Checkpoint.n.desc()).limit(1)
    ).first() or (None, 0)
    entries, facts = session.execute(
        select(
            select(func.count()).select_from(EntrySeal).scalar_subquery(),
            select(func.count()).select_from(SealedFact).scalar_subquery(),
        )
    ).one()
    yield Gauge("offset_checkpoint_age_seconds", "since the last checkpoint", _age(made, at))
    yield Gauge(
        "offset_unsealed_facts", "facts that no checkpoint holds yet", entries + facts - size
    )


def _bank(session: Session, today: date) -> Iterator[Gauge]:
    matched = matched_by_line()
    count, oldest = session.execute(
        select(func.count(), func.min(BankLine.booked_on))
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(BankLine.amount != func.coalesce(matched.c.total, 0))
    ).one()
    days = (today - oldest).days if oldest else 0
    yield Gauge("offset_bank_lines_open", "bank lines that nothing explains", count)
    yield Gauge("offset_bank_line_oldest_days", "age of the oldest of them", days)


def _events(session: Session, at: datetime) -> Iterator[Gauge]:
    rows = session.execute(
        select(ProcessorEvent.state, func.count(), func.min(ProcessorEvent.received_at))
        .where(*notices.waits())
        .group_by(ProcessorEvent.state)
    )
    waiting = {state: (count, oldest) for state, count, oldest in rows}
    last = session.scalar(select(func.max(ProcessorEvent.received_at)))
    for state in (InboxState.UNMATCHED, InboxState.ALARM):
        count, oldest = waiting.get(state, (0, None))
        of = (("state", state.value),)
        yield Gauge("offset_processor_events", "the processor's notices that wait", count, of)
        age = _age(oldest, at) if oldest else 0
        yield Gauge("offset_processor_event_oldest_seconds", "age of the oldest of them", age, of)
    yield Gauge("offset_webhook_last_seconds", "since the last notice came", _age(last, at))


def _mails(session: Session, at: datetime) -> Iterator[Gauge]:
    stand = outbox.standing(session)
    age = _age(stand.oldest, at) if stand.oldest else 0
    yield Gauge("offset_outbox_waiting", "mails not sent yet", stand.waiting)
    yield Gauge("offset_outbox_oldest_seconds", "age of the oldest of them", age)
    yield Gauge("offset_mails_given_up", "mails that every try failed for", stand.given_up)


def _jobs(session: Session, at: datetime) -> Iterator[Gauge]:
    runs = {run.name: run for run in jobs.last_runs(session)}
    for name, every in JOBS.items():
        run, of = runs.get(name), (("job", name),)
        began = run.started_at if run else None
        failed = int(run is not None and run.outcome == "failed")
        yield Gauge("offset_job_age_seconds", "since a job last began", _age(began, at), of)
        interval = int(every.total_seconds())
        yield Gauge("offset_job_interval_seconds", "how often it should", interval, of)
        yield Gauge("offset_job_failed", "whether its last run failed", failed, of)


def _copies(session: Session, at: datetime) -> Iterator[Gauge]:
    for kind in BackupKind:
        run = backups.last(session, kind)
        age = _age(run.made_at if run else None, at)
        of = (("kind", kind.value),)
        yield Gauge("offset_backup_age_seconds", "since the last archive or drill", age, of)


def _standing(session: Session, at: datetime) -> Iterator[Gauge]:
    guarded = session.scalar(select(func.count()).where(GuardedPeriod.until > at)) or 0
    accepting = int(installation.accepting(session))
    yield Gauge(
        "offset_guarded", "whether small gifts wait: cards are being tried", int(guarded > 0)
    )
    yield Gauge("offset_accepting", "whether contributions are accepted", accepting)


def _age(then: datetime | None, at: datetime) -> int:
    return _NEVER if then is None else int((at - then).total_seconds())
