"""What does the public page of one project show?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.ledger.balances import ProjectTotals
from offset.money import Money
from offset.projects import markdown
from offset.projects.models import (
    Application,
    Organisation,
    OrganisationKind,
    Project,
    ProjectStatus,
)
from offset.projects.queries.assessed import (
    AdmissionView,
    AssessmentView,
    admission_of,
    assessment_of,
)
from offset.projects.queries.families import FamilyView, families_of
from offset.projects.queries.gates import gate_of, overdue, standings, target_of
from offset.projects.queries.lists import position_of, totals_of
from offset.projects.queries.soils import (
    Claim,
    OutcomeView,
    ProjectionView,
    claim,
    outcomes_of,
    projections_of,
)
from offset.projects.queries.stories import UpdateView, updates

_UPDATES_ON_PAGE: Final = 10


@dataclass(frozen=True)
class Buy:
    """What an amount pays for, by the project's own budget; never a mass of carbon."""

    amount: Money
    what: str


@dataclass(frozen=True)
class ProjectPage:
    """Everything the public page of one project shows."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    summary: str
    story_html: str
    language: str
    organisation: str
    organisation_kind: OrganisationKind
    country: str | None
    region: str | None
    position: tuple[float, float] | None
    practice: str | None
    practice_detail: str
    area_ha: float | None
    households: int | None
    soil: str | None
    climate: str | None
    land_before: str
    starts_on: date | None
    years: int
    status: ProjectStatus
    accepts_gifts: bool
    closed_because: tuple[str, ...]
    report_due_on: date | None
    report_overdue: bool
    target: Money
    totals: ProjectTotals
    cost_per_ha: Money | None
    buys: tuple[Buy, ...]
    co_funders: tuple[str, ...]
    maintenance_promise: str
    reversal_risks: str
    monitoring: str
    assessment: AssessmentView | None
    admission: AdmissionView | None
    families: tuple[FamilyView, ...]
    projection: ProjectionView | None
    superseded_projections: tuple[ProjectionView, ...]
    claim: Claim | None
    outcomes: tuple[OutcomeView, ...]
    updates: tuple[UpdateView, ...]

    @property
    def needed(self) -> Money:
        """What is still missing to the target."""
        return Money(max(0, self.target.minor - self.totals.allocated.minor), self.target.currency)


def page(session: Session, slug: str, *, on: date) -> ProjectPage:
    """Return the public page of a project, in nine or ten statements whatever it has gathered.

    Raises
    ------
    NotFound
        ``project_unknown``: there is none, or it never was admitted.
    """
    head = session.execute(
        select(Project, Organisation, Application)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Application, Application.id == Project.application_id)
        .where(Project.slug == slug, Project.code.is_not(None))
    ).first()
    if head is None:
        raise NotFound("project_unknown", slug=slug)
    project, organisation, application = head
    standing = standings(session, on, Project.id == project.id)[0]
    verdict = gate_of(standing, on)
    assessment = assessment_of(session, standing, on)
    projections = projections_of(session, project.id)
    outcomes = outcomes_of(session, project.id)
    current = next((one for one in projections if not one.superseded), None)
    said = _Said(application.document)
    return ProjectPage(
        project_id=project.id,
        code=project.code or "",
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        story_html=markdown.rendered(said.text("project", "story")),
        language=project.language,
        organisation=organisation.name,
        organisation_kind=organisation.kind,
        country=project.country,
        region=project.region,
        position=position_of(project),
        practice=project.practice,
        practice_detail=said.text("practice", "detail"),
        area_ha=project.area_ha,
        households=said.get("safeguards", "households"),
        soil=said.get("land", "soil"),
        climate=said.get("land", "climate"),
        land_before=said.text("land", "land_before"),
        starts_on=project.starts_on,
        years=int(said.get("practice", "years") or 0),
        status=project.status,
        accepts_gifts=verdict.open,
        closed_because=verdict.reasons,
        report_due_on=project.report_due_on,
        report_overdue=overdue(project.report_due_on, on),
        target=target_of(project),
        totals=totals_of(session, [project])[project.id],
        cost_per_ha=said.money("cost_per_ha_minor"),
        buys=said.buys(),
        co_funders=tuple(said.get("money", "co_funders") or ()),
        maintenance_promise=said.text("practice", "maintenance_promise"),
        reversal_risks=said.text("carbon", "reversal_risks"),
        monitoring=said.text("monitoring", "design"),
        assessment=assessment,
        admission=admission_of(standing.admission),
        families=families_of(session, project.id),
        projection=current,
        superseded_projections=tuple(one for one in projections if one.superseded),
        claim=claim(outcomes, projections),
        outcomes=outcomes,
        updates=updates(session, project.id, limit=_UPDATES_ON_PAGE),
    )


@dataclass(frozen=True)
class _Said:
    """What an application answered, with nothing where it gave no answer."""

    document: Mapping[str, Mapping[str, Any]]

    def get(self, block: str, name: str) -> Any:
        return self.document.get(block, {}).get(name)

    def text(self, block: str, name: str) -> str:
        return str(self.get(block, name) or "")

    def money(self, name: str) -> Money | None:
        minor, currency = self.get("money", name), self.get("money", "currency")
        return Money(minor, currency) if minor and currency else None

    def buys(self) -> tuple[Buy, ...]:
        currency = self.get("money", "currency")
        return tuple(
            Buy(Money(row["amount_minor"], currency), row["what"])
            for row in self.get("money", "buys") or ()
        )
