"""What do we not know? Soils nobody measured, money that waits, what was corrected, how we decide.

Everything here is read from the same rows as the pages it links to. What cannot be told as it was
known on an earlier day says so instead of giving today's figure.
"""

import statistics
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from calculators.flight import validation
from offset.clock import utc_day
from offset.giving.models import Donation
from offset.ledger import checkpoints, history, queries
from offset.ledger.balances import TrialLine
from offset.ledger.checkpoints import CheckpointView
from offset.ledger.history import Flow
from offset.ledger.models import Entry
from offset.ledger.queries import MOVED_KINDS, Totals
from offset.money import Money
from offset.projects.models import (
    Application,
    Decision,
    DecisionOutcome,
    Outcome,
    Project,
    ProjectEvent,
    ProjectStatus,
    Verdict,
)
from offset.projects.queries import overdue

NOT_MEASURED: Final = "not_measured"
_REASONS: Final = 20
_PROJECT: Final = "Liabilities:Project:"
# Read from columns that keep no history: told as of now, or not at all.
ONLY_NOW: Final = ("waiting", "overdue")


@dataclass(frozen=True, slots=True)
class Measured:
    """A project that was ever admitted, and what its newest soil measurement says."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    language: str
    status: ProjectStatus
    report_due_on: date | None
    verdict: Verdict | None
    sampled_on: date | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Gifts of one currency that no project has yet: how much, of how many, since when."""

    amount: Money
    gifts: int
    oldest_on: date


@dataclass(frozen=True, slots=True)
class Correction:
    """Why entries were reversed, how often, and the last day."""

    reason: str
    count: int
    last_on: date


@dataclass(frozen=True, slots=True)
class Decisions:
    """How the committee decided: counts, recusals, and days from the application to the word."""

    applications: int
    withdrawn: int
    outcomes: Mapping[DecisionOutcome, int]
    recusals: int
    median_days: int | None

    @property
    def undecided(self) -> int:
        """Applications that have no decision yet and were not withdrawn."""
        return max(0, self.applications - self.withdrawn - sum(self.outcomes.values()))


@dataclass(frozen=True, slots=True)
class OwnError:
    """How far our calculator is from published values: rows compared, and the largest distance."""

    dataset: str
    compared: int
    exact: int
    within: int
    outside: int
    largest: float

    @property
    def rest(self) -> int:
        """Rows without a limit or without a comparison."""
        return self.compared - self.exact - self.within - self.outside


@dataclass(frozen=True, slots=True)
class Unknowns:
    """Everything the page of what we do not know tells, with the day it holds for."""

    on: date
    known_at: datetime | None
    never_measured: tuple[Measured, ...]
    by_verdict: Mapping[str, Mapping[str, Money]]
    overdue: tuple[Measured, ...] | None
    waiting: tuple[Waiting, ...] | None
    totals: Mapping[str, Totals]
    corrections: tuple[Correction, ...]
    corrected: int
    decisions: Decisions
    error: OwnError
    checkpoint: CheckpointView | None


def unknowns(session: Session, *, on: date, known_at: datetime | None = None) -> Unknowns:
    """Read everything in at most twelve statements, now or as it was known at a moment."""
    projects = _projects(session, known_at)
    standing = history.trial(session, known_at=known_at)
    moved = history.flows(session, MOVED_KINDS, known_at=known_at)
    public = [one for one in projects if one.status != ProjectStatus.WITHDRAWN]
    corrections, corrected = _corrections(session, known_at)
    recent = checkpoints.recent(session, 1)
    now = known_at is None
    return Unknowns(
        on=on,
        known_at=known_at,
        never_measured=tuple(one for one in public if one.verdict is None),
        by_verdict=_by_verdict(projects, _allocated(standing, moved)),
        overdue=tuple(one for one in public if overdue(one.report_due_on, on)) if now else None,
        waiting=_waiting(session) if now else None,
        totals=queries.totals_of(standing, moved),
        corrections=corrections,
        corrected=corrected,
        decisions=_decisions(session, known_at),
        error=own_error(),
        checkpoint=recent[0] if recent and now else None,
    )


def own_error() -> OwnError:
    """Sum up the comparison of our calculator with every published value at hand."""
    told = validation.report()
    return OwnError(
        dataset=told.dataset,
        compared=len(told.checks),
        exact=told.count("exact"),
        within=told.count("within"),
        outside=told.count("outside"),
        largest=max(group.largest_difference or 0.0 for group in told.groups),
    )


def document(told: Unknowns) -> dict[str, Any]:
    """Write all of it for a program; what cannot be told for the day is null."""
    return {
        "on": told.on.isoformat(),
        "known_at": told.known_at.isoformat() if told.known_at else None,
        "only_now": list(ONLY_NOW),
        "never_measured": [one.slug for one in told.never_measured],
        "allocated_by_verdict": {
            verdict: {code: amount.decimal() for code, amount in sums.items()}
            for verdict, sums in told.by_verdict.items()
        },
        "overdue_reports": None
        if told.overdue is None
        else {one.slug: str(one.report_due_on) for one in told.overdue},
        "waiting": None
        if told.waiting is None
        else [
            {
                "currency": one.amount.currency,
                "amount": one.amount.decimal(),
                "gifts": one.gifts,
                "oldest_on": one.oldest_on.isoformat(),
            }
            for one in told.waiting
        ],
        "money": {
            code: {
                "at_payment_service": one.at_stripe.decimal(),
                "unidentified": one.unidentified.decimal(),
                "suspense": one.suspense.decimal(),
                "reserve": one.reserve.decimal(),
                "covered": one.covered,
            }
            for code, one in told.totals.items()
        },
        "corrections": {
            "count": told.corrected,
            "reasons": [
                {"reason": one.reason, "count": one.count, "last_on": one.last_on.isoformat()}
                for one in told.corrections
            ],
        },
        "decisions": {
            "applications": told.decisions.applications,
            "withdrawn": told.decisions.withdrawn,
            "undecided": told.decisions.undecided,
            **{outcome.value: count for outcome, count in told.decisions.outcomes.items()},
            "recusals": told.decisions.recusals,
            "median_days": told.decisions.median_days,
        },
        "calculator": {
            "dataset": told.error.dataset,
            "compared": told.error.compared,
            "exact": told.error.exact,
            "within_limit": told.error.within,
            "outside_limit": told.error.outside,
            "without_limit": told.error.rest,
            "largest_difference": round(told.error.largest, 4),
        },
    }


def _projects(session: Session, known_at: datetime | None) -> tuple[Measured, ...]:
    """Read every project that was ever admitted, with its newest outcome, in one statement."""
    wanted = (
        select()
        .add_columns(
            Project.id,
            Project.code,
            Project.slug,
            Project.title,
            Project.language,
            Project.status,
            Project.report_due_on,
            Outcome.verdict,
            Outcome.sampled_on,
        )
        .outerjoin(Outcome, Outcome.id == _newest_outcome(known_at))
        .where(Project.code.is_not(None))
        .order_by(Project.title)
    )
    return tuple(Measured(*row) for row in session.execute(wanted))


def _newest_outcome(known_at: datetime | None) -> ScalarSelect[Any]:
    """Select a project's newest outcome that no other replaces, as it was known."""
    mine, newer = aliased(Outcome), aliased(Outcome)
    replaced = select(newer.id).where(newer.supersedes_id == mine.id)
    wanted = select(mine.id).where(mine.project_id == Project.id)
    if known_at is not None:
        replaced = replaced.where(newer.published_at <= known_at)
        wanted = wanted.where(mine.published_at <= known_at)
    return (
        wanted.where(~replaced.exists())
        .order_by(mine.sampled_on.desc(), mine.published_at.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def _allocated(standing: tuple[TrialLine, ...], moved: tuple[Flow, ...]) -> dict[str, Money]:
    """Sum what was allocated to each project account: what it holds and what was ordered."""
    found = {line.code: -line.balance for line in standing if line.code.startswith(_PROJECT)}
    for flow in moved:
        if flow.account in found:
            found[flow.account] += flow.amount
    return found


def _by_verdict(
    projects: tuple[Measured, ...], allocated: Mapping[str, Money]
) -> dict[str, dict[str, Money]]:
    """Sum the allocated money by what its soil says, and by currency."""
    verdicts = {one.code: one.verdict.value if one.verdict else NOT_MEASURED for one in projects}
    sums: dict[str, dict[str, Money]] = {
        name: {} for name in (*(one.value for one in Verdict), NOT_MEASURED)
    }
    for code, amount in sorted(allocated.items()):
        here = sums[verdicts.get(code.split(":")[2], NOT_MEASURED)]
        here[amount.currency] = here.get(amount.currency, Money(0, amount.currency)) + amount
    return sums


def _waiting(session: Session) -> tuple[Waiting, ...]:
    wanted = (
        select()
        .add_columns(
            Donation.settled_currency,
            func.sum(Donation.unallocated),
            func.count(),
            func.min(Donation.settled_at),
        )
        .where(Donation.unallocated > 0, Donation.settled_at.is_not(None))
        .group_by(Donation.settled_currency)
        .order_by(Donation.settled_currency)
    )
    return tuple(
        Waiting(Money(int(total), currency), int(count), utc_day(oldest))
        for currency, total, count, oldest in session.execute(wanted)
    )


def _corrections(session: Session, known_at: datetime | None) -> tuple[tuple[Correction, ...], int]:
    count, last = func.count(), func.max(Entry.effective_on)
    wanted = (
        select()
        .add_columns(Entry.memo, count, last, func.sum(count).over())
        .where(Entry.kind == "reversal")
        .group_by(Entry.memo)
        .order_by(count.desc(), last.desc(), Entry.memo)
        .limit(_REASONS)
    )
    if known_at is not None:
        wanted = wanted.where(Entry.recorded_at <= known_at)
    rows = session.execute(wanted).all()
    found = tuple(Correction(memo or "", int(times), last) for memo, times, last, _ in rows)
    return found, int(rows[0][3]) if rows else 0


def _decisions(session: Session, known_at: datetime | None) -> Decisions:
    submitted = select(func.count()).where(Application.submitted_at.is_not(None))
    withdrawn = select(func.count()).where(ProjectEvent.step == "withdraw")
    decided = select(
        Decision.outcome, Decision.recusals, Decision.decided_on, Application.submitted_at
    ).join(Application, Application.id == Decision.application_id)
    if known_at is not None:
        submitted = submitted.where(Application.submitted_at <= known_at)
        withdrawn = withdrawn.where(ProjectEvent.at <= known_at)
        decided = decided.where(Decision.recorded_at <= known_at)
    counts = session.execute(select(submitted.scalar_subquery(), withdrawn.scalar_subquery())).one()
    rows = session.execute(decided).all()
    outcomes = dict.fromkeys(DecisionOutcome, 0)
    for outcome, *_ in rows:
        outcomes[outcome] += 1
    days = [(on - utc_day(since)).days for _, _, on, since in rows if since is not None]
    return Decisions(
        applications=int(counts[0]),
        withdrawn=int(counts[1]),
        outcomes=outcomes,
        recusals=sum(recusals for _, recusals, _, _ in rows),
        median_days=round(statistics.median(days)) if days else None,
    )
