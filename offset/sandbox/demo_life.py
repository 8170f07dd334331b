"""What did the demonstration's projects reach, do and lose since they were admitted?

Everything is told through the verbs that stewards and the secretariat use, dated before the start.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.money import Money
from offset.people.access import Actor, Role
from offset.projects import activity, figures, forms_of_work, milestones, reversals, spending
from offset.projects.activity import Done, Labour
from offset.projects.forms_of_work import Price
from offset.projects.life_models import ProjectForm, ReversalCause
from offset.projects.models import OrganisationMember, Project, ProjectStatus

_SHARE_DONE: Final = 0.2
_SPENT_TENTHS: Final = 6
# what is planned, when against the start, and what became of it
_PLANS: Final = (
    ("First meeting of everybody who works the land", -330, "done", "List of those who came."),
    ("Plots marked and baseline cores taken", -200, "moved", "The rains came late."),
    ("Half of the land under the new practice", 150, "", ""),
    ("All of the land under the new practice", 480, "", ""),
)
_REVERSALS: Final[Mapping[str, tuple[int, float, ReversalCause, str]]] = {
    "laikipia-grazing": (
        -52,
        38.0,
        ReversalCause.GRAZING,
        (
            "Herds from outside stayed for five weeks after the spring failed. The grass is gone on"
            " these plots; they rest until it has come back."
        ),
    ),
}


@dataclass(frozen=True)
class Teller:
    """Who tells of a project, when, and what the demonstration's file says of it."""

    session: Session
    project_id: uuid.UUID
    steward: Actor
    clerk: Actor
    start: datetime

    def before(self, days: float) -> datetime:
        """Return an instant before the start of the demonstration."""
        return self.start - timedelta(days=days)


def grow(teller: Teller, told: Mapping[str, Any]) -> None:
    """Tell what an admitted project planned, reached, did and lost."""
    slug = str(told["slug"])
    _plan(teller)
    _forms(teller, slug)
    _year(teller, slug)
    if slug in _REVERSALS:
        days, area, cause, words = _REVERSALS[slug]
        reversals.report(
            teller.session,
            actor=teller.steward,
            at=teller.before(-days - 2),
            project_id=teller.project_id,
            happened_on=utc_day(teller.before(-days)),
            area_ha=area,
            cause=cause,
            told=words,
            language="en",
        )


def _plan(teller: Teller) -> None:
    session, steward = teller.session, teller.steward
    for title, days, became, note in _PLANS:
        milestone_id = milestones.plan(
            session,
            actor=steward,
            at=teller.before(390),
            project_id=teller.project_id,
            title=title,
            language="en",
            planned_on=utc_day(teller.before(-days)),
        )
        if became == "moved":
            milestones.move(
                session,
                actor=steward,
                at=teller.before(210),
                milestone_id=milestone_id,
                planned_on=utc_day(teller.before(120)),
                reason=note,
            )
        if became:
            milestones.done(
                session,
                actor=steward,
                at=teller.before(100 if became == "moved" else 320),
                milestone_id=milestone_id,
                done_on=utc_day(teller.before(118 if became == "moved" else 331)),
                evidence="Map and list at the office." if became == "moved" else note,
            )


def _forms(teller: Teller, slug: str) -> None:
    """Tell of hours given freely at the camp, and of produce sold below its price."""
    wanted = {
        "altiplano-camp": ProjectForm.RESTORATION_CAMP,
        "highlands-compost": ProjectForm.PRICE_SUPPORT,
    }
    if slug not in wanted:
        return
    at, project_id = teller.before(380), teller.project_id
    told: dict[str, Any] = {"actor": teller.steward, "at": at, "project_id": project_id}
    forms_of_work.choose(teller.session, form=wanted[slug], **told)
    forms_of_work.co_fund(
        teller.session,
        funder="Foundation of the Two Rivers (fictional)",
        amount=Money(120_000, "EUR"),
        purpose="tools and seed"
        if slug == "altiplano-camp"
        else "the difference between price and cost on the market",
        since_on=utc_day(at),
        **told,
    )
    if slug == "highlands-compost":
        forms_of_work.support_price(
            teller.session,
            price=Price(
                product="Beans and leaf vegetables",
                place="Wednesday market of the district",
                from_on=utc_day(teller.before(140)),
                until_on=utc_day(teller.before(80)),
                off_all_pct=20,
                off_low_income_pct=50,
                households=85,
            ),
            **told,
        )


def _year(teller: Teller, slug: str) -> None:
    """Report the figures of the year against the plan; the secretariat takes them."""
    session, project_id = teller.session, teller.project_id
    project = session.get_one(Project, project_id)
    until = utc_day(teller.before(45))
    area = project.area_ha or 0.0
    for year, share in ((until.year, _SHARE_DONE), (until.year + 1, 2 * _SHARE_DONE)):
        activity.plan(
            session,
            actor=teller.steward,
            at=teller.before(388),
            project_id=project_id,
            year=year,
            hectares=round(area * share, 1),
            people=60,
            money=Money(round((project.target_minor or 0) * share), project.currency),
        )
    camp = slug == "altiplano-camp"
    report_id = activity.report(
        session,
        actor=teller.steward,
        at=teller.before(42),
        project_id=project_id,
        from_on=date(until.year, 1, 1),
        until_on=until,
        done=Done(hectares=round(area * _SHARE_DONE * 0.85, 1), people=54, women=29, youth=11),
        evidence="Lists of attendance and field walks, kept by the organisation.",
        labour=Labour(
            hours=1_840,
            visitor_days=230,
            hour_value=Money(1_150, project.currency),
            source="wage of farm work in the province (demo assumption)",
        )
        if camp
        else None,
    )
    figures.check(
        session, actor=teller.clerk, at=teller.before(40), report_id=report_id, accept=True
    )


def spend(session: Session, *, clerk: Actor, start: datetime) -> int:
    """Report what paid projects spent, line by line, less than what was paid; return how many."""
    done = 0
    running = (ProjectStatus.OPEN, ProjectStatus.FUNDED)
    for project in session.scalars(
        select(Project).where(Project.status.in_(running)).order_by(Project.code)
    ).all():
        there = spending.paid(session, project)
        steward = _steward_of(session, project)
        lines = spending.use(session, project.id).lines
        if there.minor <= 0 or steward is None or not lines:
            continue
        total = there.minor * _SPENT_TENTHS // 10
        planned = sum(line.planned.minor for line in lines) or 1
        amounts = {
            line.id: Money(total * line.planned.minor // planned, project.currency)
            for line in lines
        }
        until = utc_day(start - timedelta(days=12))
        report_id = spending.report(
            session,
            actor=steward,
            at=start - timedelta(days=10),
            project_id=project.id,
            from_on=max(date(until.year, 1, 1), until - timedelta(days=20)),
            until_on=until,
            amounts={line_id: one for line_id, one in amounts.items() if one.minor > 0},
            evidence="Invoices and pay lists, copies at the office.",
        )
        figures.check(
            session, actor=clerk, at=start - timedelta(days=8), report_id=report_id, accept=True
        )
        done += 1
    return done


def _steward_of(session: Session, project: Project) -> Actor | None:
    user_id = session.scalars(
        select(OrganisationMember.user_id)
        .where(OrganisationMember.organisation_id == project.organisation_id)
        .order_by(OrganisationMember.added_at)
        .limit(1)
    ).first()
    return Actor(user_id, frozenset({Role.STEWARD})) if user_id is not None else None
