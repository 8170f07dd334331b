"""What does the public page of one project show?"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from offset.errors import NotFound
from offset.ledger.balances import ProjectTotals, totals_by_project
from offset.money import Money
from offset.projects import faces, markdown, milestones
from offset.projects.application_models import RegistrationReason
from offset.projects.committee_models import DecisionRoll
from offset.projects.milestones import MilestoneView
from offset.projects.models import (
    POSITIVE,
    Application,
    CriteriaSet,
    Decision,
    Organisation,
    OrganisationKind,
    Project,
    ProjectStatus,
    ProjectUpdate,
    UpdateStatus,
)
from offset.projects.public_models import Concern, ConcernStatus
from offset.projects.queries.assessed import (
    AdmissionView,
    AssessmentView,
    admission_of,
    assessment_of,
)
from offset.projects.queries.families import FamilyView, families_of
from offset.projects.queries.gates import (
    Standing,
    gate_of,
    latest_decision_id,
    overdue,
    standing_statement,
    target_of,
)
from offset.projects.queries.life import Happened, Spending, happened, spending
from offset.projects.queries.lists import position_of
from offset.projects.queries.soils import (
    Claim,
    OutcomeView,
    ProjectionView,
    claim,
    outcomes_of,
    projections_of,
)
from offset.projects.queries.stories import UpdateView, updates_page

_UPDATES_ON_PAGE: Final = 10
_FOUR_PER_MILLE: Final = 0.004


@dataclass(frozen=True)
class Buy:
    """What an amount pays for, by the project's own budget; never a mass of carbon."""

    amount: Money
    what: str


@dataclass(frozen=True)
class Promise:
    """What the application said and the page repeats, beside what has a place of its own."""

    detail: str
    land_before: str
    baseline_practice: str
    outside_inputs: str
    maintenance: str
    reversal_risks: str
    registered_elsewhere: bool | None
    registered_where: str
    leakage: str
    monitoring: str
    planned_cores: int | None
    depth_cm: int | None
    laboratory: str
    laboratory_method: str
    tenure_share_pct: float | None
    open_disputes: int | None
    grievance_channel: str
    people_trained: int | None
    decision_meetings: str
    farmers_share_pct: float | None
    in_kind: str
    partners: tuple[str, ...]


@dataclass(frozen=True)
class Concerns:
    """How many concerns were raised, and how many of them are closed; never what they say."""

    open: int
    closed: int

    @property
    def raised(self) -> int:
        """All of them."""
        return self.open + self.closed


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
    modality: str
    scope: str
    goals: tuple[int, ...]
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
    promise: Promise
    registration_reason: str
    assessment: AssessmentView | None
    admission: AdmissionView | None
    families: tuple[FamilyView, ...]
    projection: ProjectionView | None
    superseded_projections: tuple[ProjectionView, ...]
    claim: Claim | None
    outcomes: tuple[OutcomeView, ...]
    updates: tuple[UpdateView, ...]
    more_updates: str | None
    all_updates: int
    happened: Happened
    milestones: tuple[MilestoneView, ...]
    spending: Spending
    application_hash: str | None
    submitted_on: date | None
    concerns: Concerns

    @property
    def needed(self) -> Money:
        """What is still missing to the target."""
        return Money(max(0, self.target.minor - self.totals.allocated.minor), self.target.currency)

    @property
    def four_per_mille(self) -> float | None:
        """Four per mille of this soil's stock a year [tC/ha/yr]: context, never a mark to pass."""
        if self.projection is None or self.projection.stock_tc_ha is None:
            return None
        return round(self.projection.stock_tc_ha * _FOUR_PER_MILLE, 3)


def page(session: Session, slug: str, *, on: date, known_at: datetime | None = None) -> ProjectPage:
    """Return the public page of a project, in ten statements whatever it has gathered.

    With ``known_at`` the money is what the books knew then; everything else is as it is now.

    Raises
    ------
    NotFound
        ``project_unknown``: there is none, or it never was admitted.
    """
    head = session.execute(_head(slug, on)).first()
    if head is None:
        raise NotFound("project_unknown", slug=slug)
    project, organisation, application = head.Project, head.Organisation, head.Application
    standing = Standing(
        project, head.Decision, head.Admission, head[3] if head.Decision is not None else 0
    )
    verdict = gate_of(standing, on)
    projections = projections_of(session, project.id)
    outcomes = outcomes_of(session, project.id)
    told = updates_page(session, project.id, limit=_UPDATES_ON_PAGE)
    said = _Said(application.document)
    totals = totals_by_project(session, {project.id: project.currency}, known_at=known_at)
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
        modality=said.text("project", "modality"),
        scope=said.text("project", "scope"),
        goals=faces.ordered(faces.goals(application.document)),
        status=project.status,
        accepts_gifts=verdict.open,
        closed_because=verdict.reasons,
        report_due_on=project.report_due_on,
        report_overdue=overdue(project.report_due_on, on),
        target=target_of(project),
        totals=totals[project.id],
        cost_per_ha=said.money("cost_per_ha_minor"),
        buys=said.buys(),
        co_funders=tuple(said.get("money", "co_funders") or ()),
        maintenance_promise=said.text("practice", "maintenance_promise"),
        reversal_risks=said.text("carbon", "reversal_risks"),
        monitoring=said.text("monitoring", "design"),
        promise=said.promise(),
        registration_reason=said.reason(head.RegistrationReason),
        assessment=assessment_of(session, head.shown, head.CriteriaSet, head.DecisionRoll, on),
        admission=admission_of(standing.admission),
        families=families_of(session, project.id),
        projection=next((one for one in projections if not one.superseded), None),
        superseded_projections=tuple(one for one in projections if one.superseded),
        claim=claim(outcomes, projections),
        outcomes=outcomes,
        updates=told.updates,
        more_updates=told.next_key,
        all_updates=head.all_updates,
        happened=happened(session, project.id, application.id),
        milestones=milestones.listed(session, project.id, on=on),
        spending=spending(session, project.id, project.currency),
        application_hash=application.content_hash,
        submitted_on=application.submitted_at.date() if application.submitted_at else None,
        concerns=Concerns(head.concerns_open, head.concerns_closed),
    )


def _head(slug: str, on: date) -> Select[Any]:
    """Select the project with all of which there is one: its decision, its counts."""

    def concerns(*wanted: ColumnElement[bool]) -> ScalarSelect[int]:
        return (
            select(func.count())
            .select_from(Concern)
            .where(Concern.project_id == Project.id, *wanted)
            .correlate(Project)
            .scalar_subquery()
        )

    published = (
        select(func.count())
        .select_from(ProjectUpdate)
        .where(
            ProjectUpdate.project_id == Project.id, ProjectUpdate.status == UpdateStatus.PUBLISHED
        )
        .correlate(Project)
        .scalar_subquery()
    )
    # a renewal that was refused is not public: the page goes on showing the positive decision
    shown = aliased(Decision, name="shown")
    found: Select[Any] = (
        standing_statement(on, Project.slug == slug, Project.code.is_not(None))
        .add_columns(
            Organisation,
            Application,
            shown,
            CriteriaSet,
            DecisionRoll,
            RegistrationReason,
            published.label("all_updates"),
            concerns(Concern.status != ConcernStatus.CLOSED).label("concerns_open"),
            concerns(Concern.status == ConcernStatus.CLOSED).label("concerns_closed"),
        )
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Application, Application.id == Project.application_id)
        .outerjoin(shown, shown.id == latest_decision_id(on, Decision.outcome.in_(POSITIVE)))
        .outerjoin(CriteriaSet, CriteriaSet.id == shown.criteria_set_id)
        .outerjoin(DecisionRoll, DecisionRoll.decision_id == shown.id)
        .outerjoin(RegistrationReason, RegistrationReason.application_id == Application.id)
    )
    return found


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

    def reason(self, told: RegistrationReason | None) -> str:
        """Say why it was admitted although its carbon is registered elsewhere."""
        return told.reason if told and self.get("carbon", "registered_elsewhere") else ""

    def buys(self) -> tuple[Buy, ...]:
        currency = self.get("money", "currency")
        return tuple(
            Buy(Money(row["amount_minor"], currency), row["what"])
            for row in self.get("money", "buys") or ()
        )

    def promise(self) -> Promise:
        return Promise(
            detail=self.text("practice", "detail"),
            land_before=self.text("land", "land_before"),
            baseline_practice=self.text("land", "baseline_practice"),
            outside_inputs=self.text("practice", "outside_inputs"),
            maintenance=self.text("practice", "maintenance_promise"),
            reversal_risks=self.text("carbon", "reversal_risks"),
            registered_elsewhere=self.get("carbon", "registered_elsewhere"),
            registered_where=self.text("carbon", "registered_where"),
            leakage=self.text("carbon", "leakage"),
            monitoring=self.text("monitoring", "design"),
            planned_cores=self.get("monitoring", "cores"),
            depth_cm=self.get("monitoring", "depth_cm"),
            laboratory=self.text("monitoring", "laboratory"),
            laboratory_method=self.text("monitoring", "laboratory_method"),
            tenure_share_pct=self.get("safeguards", "tenure_share_pct"),
            open_disputes=self.get("safeguards", "open_disputes"),
            grievance_channel=self.text("safeguards", "grievance_channel"),
            people_trained=self.get("people", "people_trained"),
            decision_meetings=self.text("people", "decision_meetings"),
            farmers_share_pct=self.get("money", "farmers_share_pct"),
            in_kind=self.text("money", "in_kind"),
            partners=tuple(self.get("money", "partners") or ()),
        )
