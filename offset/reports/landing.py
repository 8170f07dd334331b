"""What do the first pages show of money, projects and soils, in three statements?

The landing page is the most read of all; it asks the database for nothing twice.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import ScalarSelect, Select, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from offset.ledger.balances import totals_by_project
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.projects.models import (
    POSITIVE,
    Application,
    Decision,
    Outcome,
    Project,
    Projection,
    ProjectStatus,
    Verdict,
)
from offset.projects.queries import LISTED, Listed
from offset.projects.queries.portfolio import latest_outcome
from offset.projects.queries.portfolio import listed as as_listed

BOOKS: Final = "EUR"
# Kinds whose credits are gifts coming in or going back; allocations and payments are neither.
_INCOMING: Final = ("charge", "payment", "bank_gift", "identified", "source_refund", "refund_kept")
_HELD: Final = ("Liabilities:Fund:%", "Income:FeePart:%", "Income:Share:%")


@dataclass(frozen=True)
class Horizons:
    """The four figures of the profile: received, allocated, assessed, measured."""

    received: Money
    allocated: Money
    allocated_projects: int
    applications: int
    positive: int
    gain: int
    no_change: int
    loss: int
    pending: int


@dataclass(frozen=True)
class Named:
    """A project as the books name it: also one that was completed, paused or withdrawn."""

    project_id: uuid.UUID
    slug: str
    title: str
    language: str


def named(session: Session) -> tuple[Named, ...]:
    """Read the names of all projects that ever were admitted, in one statement."""
    rows = session.execute(
        select(Project.id, Project.slug, Project.title, Project.language)
        .where(Project.code.is_not(None))
        .order_by(Project.title)
    )
    return tuple(Named(*row) for row in rows)


def horizons(session: Session, *, on: date) -> Horizons:
    """Read the four horizons in one statement."""
    row = session.execute(_figures(), {"since": on.replace(day=1)}).one()
    received, allocated, projects, applications, positive, gain, no_change, loss, all_soils = (
        int(value or 0) for value in row
    )
    return Horizons(
        received=Money(received, BOOKS),
        allocated=Money(allocated, BOOKS),
        allocated_projects=projects,
        applications=applications,
        positive=positive,
        gain=gain,
        no_change=no_change,
        loss=loss,
        pending=max(0, all_soils - gain - no_change - loss),
    )


def listed(session: Session) -> tuple[Listed, ...]:
    """Read the listed projects in two statements, the least funded first."""
    rows = session.execute(_projects()).all()
    totals = totals_by_project(session, {project.id: project.currency for project, _, _ in rows})
    # A project whose projection was corrected twice at once would show twice: the last row wins.
    found = {
        project.id: as_listed(project, outcome, projection, totals)
        for project, outcome, projection in rows
    }
    return tuple(
        sorted(found.values(), key=lambda one: (one.status != "open", -one.missing, one.slug))
    )


# Building these statements takes longer than running them: each is built once.
@cache
def _figures() -> Select[Any]:
    return select(
        _received(),
        *_last_run(),
        select(func.count())
        .select_from(Application)
        .where(Application.submitted_at.is_not(None))
        .scalar_subquery(),
        select(func.count())
        .select_from(Decision)
        .where(Decision.outcome.in_(POSITIVE))
        .scalar_subquery(),
        *(_verdicts(verdict) for verdict in (Verdict.GAIN, Verdict.NO_CHANGE, Verdict.LOSS)),
        select(func.count())
        .select_from(Project)
        .where(Project.code.is_not(None), Project.status != ProjectStatus.WITHDRAWN)
        .scalar_subquery(),
    )


@cache
def _projects() -> Select[Project, Outcome, Projection]:
    newer = aliased(Projection)
    return (
        select(Project, Outcome, Projection)
        .select_from(Project)
        .outerjoin(Outcome, Outcome.id == latest_outcome())
        .outerjoin(
            Projection,
            (Projection.project_id == Project.id)
            & ~select(newer.id).where(newer.supersedes_id == Projection.id).exists(),
        )
        .where(Project.status.in_(LISTED), Project.code.is_not(None))
        .order_by(Project.code)
    )


def _received() -> ScalarSelect[Any]:
    """Sum what came in since a day, refunds taken off; a reversal counts like what it undoes."""
    original = aliased(Entry)
    kind = func.coalesce(original.kind, Entry.kind)
    return (
        select(func.coalesce(func.sum(-Posting.amount), 0))
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(original, original.id == Entry.reverses_id)
        .where(
            Entry.effective_on >= bindparam("since", type_=Entry.effective_on.type),
            kind.in_(_INCOMING),
            Account.currency == BOOKS,
            Account.code.like(_HELD[0]) | Account.code.like(_HELD[1]) | Account.code.like(_HELD[2]),
        )
        .scalar_subquery()
    )


def _last_run() -> tuple[ScalarSelect[Any], ScalarSelect[Any]]:
    """Sum what went to projects on the last day on which anything did, and count them."""
    last = select(func.max(Entry.effective_on)).where(Entry.kind == "allocation").scalar_subquery()
    amount, projects = (
        select(what)
        .select_from(Posting)
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Account, Account.id == Posting.account_id)
        .where(
            Entry.kind == "allocation",
            Entry.effective_on == last,
            Account.currency == BOOKS,
            Account.project_id.is_not(None),
        )
        .scalar_subquery()
        for what in (
            func.coalesce(func.sum(-Posting.amount), 0),
            func.count(func.distinct(Account.project_id)),
        )
    )
    return amount, projects


def _verdicts(verdict: Verdict) -> ScalarSelect[Any]:
    """Count public projects whose newest outcome says this."""
    return (
        select(func.coalesce(func.sum(case((Outcome.verdict == verdict, 1), else_=0)), 0))
        .select_from(Project)
        .join(Outcome, Outcome.id == latest_outcome())
        .where(Project.code.is_not(None), Project.status != ProjectStatus.WITHDRAWN)
        .scalar_subquery()
    )
