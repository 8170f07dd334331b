"""What is told in public of a project that rests or has ended, and where did its money go?

A page that was public once is never absent: it says what happened, when, and what became of the
money.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import NotFound
from offset.ledger import balances
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people.access import Actor, Right
from offset.projects import admissions, public_words, spending
from offset.projects.life_models import ProjectNotice
from offset.projects.models import Organisation, Project, ProjectEvent, ProjectStatus
from offset.projects.organisations import own_project
from offset.projects.spending import Use

_LONGEST: Final = 1_000
_STEPS: Final = ("admit", "hold", "resume", "stop", "complete", "withdraw", "remove")


@dataclass(frozen=True)
class Step:
    """Something that changed where a project stands, with what was said of it in public.

    ``name`` is ``admit``, ``hold``, ``resume``, ``stop``, ``complete``, ``withdraw`` (by its own
    people) or ``remove`` (by the secretariat).
    """

    name: str
    on: date
    told: str | None
    language: str | None


@dataclass(frozen=True)
class MoneyTrail:
    """Where the money of a project went: four parts that add up to what was allocated.

    ``allocated`` counts everything that ever came, before anything went back. ``returned`` went
    back to the funds it came from. ``under_way`` is ordered and not yet paid, ``unpaid`` still
    stands with the project.
    """

    allocated: Money
    paid: Money
    returned: Money
    under_way: Money
    unpaid: Money


@dataclass(frozen=True)
class Tombstone:
    """What the page of a project says that is paused, completed or withdrawn."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    summary: str
    language: str
    organisation: str
    status: ProjectStatus
    since: date | None
    steps: tuple[Step, ...]
    money: MoneyTrail
    use: Use


def change(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    step: str,
    reason: str,
    told: str,
    language: str,
) -> None:
    """Pause, resume, complete, withdraw or remove a project, with what the page says of it.

    ``reason`` stays in the audit trail; ``told`` is public.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``reason_missing``, ``step_unknown``, ``answer_missing``, ``too_long`` or
        ``language_unknown``.
    Refused
        ``phrases_found``.
    """
    words = public_words.checked(told, language, field="told", longest=_LONGEST, lines=True)
    admissions.change_status(
        session, actor=actor, at=at, project_id=project_id, step=step, reason=reason
    )
    session.add(
        ProjectNotice(
            id=uuid7(at),
            project_id=project_id,
            step=step,
            told=words,
            language=language,
            at=at,
            written_by=actor.user_id,
        )
    )
    session.flush()


def withdraw(
    session: Session, *, actor: Actor, at: datetime, project_id: uuid.UUID, reason: str
) -> None:
    """Withdraw one's own project for good; its page says why in the same words.

    Raises
    ------
    Forbidden, NotFound, StateRefused
    InvalidInput
        ``reason_missing`` or ``too_long``.
    Refused
        ``phrases_found``.
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    words = public_words.checked(
        reason,
        project.language,
        field="reason",
        longest=_LONGEST,
        missing="reason_missing",
        lines=True,
    )
    change(
        session,
        actor=actor,
        at=at,
        project_id=project_id,
        step="withdraw",
        reason=words,
        told=words,
        language=project.language,
    )


def read(session: Session, slug: str) -> Tombstone:
    """Return what is told of a project that once was public.

    Raises
    ------
    NotFound
        ``project_unknown``: there is none, or it never was admitted.
    """
    found = session.execute(
        select(Project, Organisation.name)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(Project.slug == slug, Project.code.is_not(None))
    ).first()
    if found is None:
        raise NotFound("project_unknown", slug=slug)
    project, organisation = found
    steps = history(session, project.id)
    return Tombstone(
        project_id=project.id,
        code=project.code or "",
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        language=project.language,
        organisation=organisation,
        status=project.status,
        since=steps[-1].on if steps else None,
        steps=steps,
        money=trail(session, project),
        use=spending.use(session, project.id),
    )


def history(session: Session, project_id: uuid.UUID) -> tuple[Step, ...]:
    """Return what changed where a project stands, in order, with what was said in public."""
    events = session.scalars(
        select(ProjectEvent)
        .where(
            ProjectEvent.project_id == project_id,
            ProjectEvent.machine == "project",
            ProjectEvent.step.in_(_STEPS),
        )
        .order_by(ProjectEvent.at, ProjectEvent.id)
    ).all()
    notices = {
        (row.step, row.at): row
        for row in session.scalars(
            select(ProjectNotice).where(ProjectNotice.project_id == project_id)
        )
    }
    told = []
    for event in events:
        notice = notices.get((event.step, event.at))
        told.append(
            Step(
                event.step,
                utc_day(event.at),
                notice.told if notice else None,
                notice.language if notice else None,
            )
        )
    return tuple(told)


def trail(session: Session, project: Project) -> MoneyTrail:
    """Return where the money of a project went, from the books alone."""
    totals = balances.project_totals(session, [project.id], project.currency)[project.id]
    returned = _returned(session, project)
    currency = project.currency
    standing = totals.allocated.minor
    return MoneyTrail(
        allocated=Money(standing + returned, currency),
        paid=totals.paid,
        returned=Money(returned, currency),
        under_way=Money(max(0, totals.ordered.minor - totals.paid.minor), currency),
        unpaid=Money(max(0, standing - max(totals.ordered.minor, totals.paid.minor)), currency),
    )


def _returned(session: Session, project: Project) -> int:
    """Sum what left a project's account for a fund again: withdrawn, refunded or disputed."""
    original = aliased(Entry)
    kind = func.coalesce(original.kind, Entry.kind)
    total = session.scalar(
        select(func.sum(Posting.amount))
        .join(Account, Account.id == Posting.account_id)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(original, original.id == Entry.reverses_id)
        .where(
            Account.project_id == project.id,
            Account.currency == project.currency,
            kind.in_(("deallocation", "source_refund")),
        )
    )
    return int(total or 0)
