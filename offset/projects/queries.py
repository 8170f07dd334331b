"""What may be read about projects? The money gate, the public lists and the public page."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from offset.errors import NotFound
from offset.ledger import balances
from offset.ledger.balances import ProjectTotals
from offset.money import Money
from offset.projects import markdown, places
from offset.projects.models import (
    POSITIVE,
    Admission,
    Application,
    CriteriaSet,
    Decision,
    DecisionCondition,
    DecisionOutcome,
    Evidence,
    Family,
    Indicator,
    IndicatorValue,
    Organisation,
    OrganisationKind,
    Outcome,
    Photo,
    Project,
    Projection,
    ProjectStatus,
    ProjectUpdate,
    Recommendation,
    Safeguard,
    UpdateKind,
    UpdateStatus,
    Verdict,
)

GRACE_DAYS: Final = 30
"""How long after its date a report may still come before new money stops."""

LISTED: Final = frozenset({ProjectStatus.OPEN, ProjectStatus.FUNDED})
_UPDATES_ON_PAGE: Final = 10


@dataclass(frozen=True)
class Gate:
    """Whether money may go to a project on a day, and if not, why not, in fixed words.

    Reasons: ``project_unknown``, ``not_assessed``, ``not_positive``, ``expired``, ``safeguards``,
    ``conditions_open``, ``not_admitted``, ``on_hold``, ``withdrawn``, ``completed``,
    ``not_open``, ``report_overdue``. The last five stop new allocations only.
    """

    open: bool
    reasons: tuple[str, ...]
    decision_id: uuid.UUID | None = None
    admission_id: uuid.UUID | None = None
    ceiling: Money | None = None

    @property
    def may_pay(self) -> bool:
        """Whether money already allocated may go out: the assessment and admission hold."""
        return not set(self.reasons) - _ALLOCATION_ONLY


_ALLOCATION_ONLY: Final = frozenset(
    {"on_hold", "withdrawn", "completed", "not_open", "report_overdue"}
)


@dataclass(frozen=True)
class Fundable:
    """A project that may receive money today, with the two decisions that allow it."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    target: Money
    ceiling: Money
    decision_id: uuid.UUID
    admission_id: uuid.UUID
    country: str | None = None
    practice: str | None = None


@dataclass(frozen=True)
class ProjectionView:
    """The published expectation of a soil [tC/ha/yr], with everything needed to repeat it."""

    id: uuid.UUID
    method: str
    method_version: str
    table_version: str
    policy: str
    policy_version: str
    inputs: Mapping[str, Any]
    years: int
    depth_cm: int
    stock_tc_ha: float | None
    central: float
    p05: float
    p33: float
    p95: float
    p_gain: float
    draws: int
    seed: int
    generator: str
    buffer_pct: float
    buffer_reason: str
    published_at: datetime
    superseded: bool
    reason: str | None

    @property
    def includes_zero(self) -> bool:
        """Whether the 90 % range holds zero, which the page must say."""
        return self.p05 <= 0 <= self.p95


@dataclass(frozen=True)
class OutcomeView:
    """A measured change [tC/ha] with its 95 % interval and verdict."""

    id: uuid.UUID
    method: str
    method_version: str
    baseline_on: date
    sampled_on: date
    years: float
    depth_cm: int
    cores: int
    baseline_tc_ha: float
    change: float
    low: float
    high: float
    conservative: float
    verdict: Verdict
    laboratory: str
    laboratory_method: str
    synthetic: bool
    published_at: datetime
    projection_id: uuid.UUID | None
    superseded: bool
    reason: str | None


@dataclass(frozen=True)
class Claim:
    """The facts of the one sentence about a project's soil; the page finds the words.

    ``overlap`` says where the measured interval lies against the projected range for the same
    years: ``below``, ``within`` or ``above``, and None without a projection.
    ``difference_percent`` is there only where the two stand apart.
    """

    verdict: Verdict
    change: float
    low: float
    high: float
    years: float
    sampled_on: date
    projected: float | None
    projected_low: float | None
    projected_high: float | None
    overlap: str | None
    difference_percent: float | None
    synthetic: bool


@dataclass(frozen=True)
class IndicatorView:
    """An indicator with its latest value."""

    id: uuid.UUID
    name: str
    language: str
    unit: str
    baseline: float | None
    target: float | None
    latest: float | None
    observed_on: date | None
    evidence: Evidence
    source: str


@dataclass(frozen=True)
class FamilyView:
    """One family of outcomes and its indicators; the three come in fixed order."""

    family: Family
    indicators: tuple[IndicatorView, ...]


@dataclass(frozen=True)
class PhotoView:
    """A picture in three sizes with its words."""

    key_large: str
    key_medium: str
    key_small: str
    width: int
    height: int
    alt: str
    language: str
    taken_on: date | None
    credit: str | None


@dataclass(frozen=True)
class UpdateView:
    """A published update."""

    id: uuid.UUID
    kind: UpdateKind
    title: str
    html: str
    language: str
    published_at: datetime
    photos: tuple[PhotoView, ...]


@dataclass(frozen=True)
class ConditionView:
    """A condition of a decision, open or closed."""

    id: uuid.UUID
    criterion: str | None
    text: str
    closed_on: date | None
    evidence: str | None


@dataclass(frozen=True)
class RecommendationView:
    """Advice of the committee and the project's answer."""

    id: uuid.UUID
    text: str
    answer: str | None
    answered_on: date | None


@dataclass(frozen=True)
class CriterionName:
    """A criterion as the page lists it; scores are never public."""

    id: str
    name: str
    kind: str
    step: int


@dataclass(frozen=True)
class AssessmentView:
    """What is public of a positive decision of the committee."""

    decision_id: uuid.UUID
    outcome: DecisionOutcome
    safeguards: Safeguard
    decided_on: date
    expires_on: date | None
    expired: bool
    criteria_version: str
    criteria: tuple[CriterionName, ...]
    reviews: int
    recusals: int
    summary: str
    language: str
    conditions: tuple[ConditionView, ...]
    recommendations: tuple[RecommendationView, ...]


@dataclass(frozen=True)
class AdmissionView:
    """The secretariat's funding decision."""

    id: uuid.UUID
    ceiling: Money
    admitted_on: date


@dataclass(frozen=True)
class Card:
    """A project as a list shows it."""

    project_id: uuid.UUID
    code: str
    slug: str
    title: str
    summary: str
    language: str
    organisation: str
    country: str | None
    region: str | None
    position: tuple[float, float] | None
    practice: str | None
    area_ha: float | None
    status: ProjectStatus
    accepts_gifts: bool
    report_overdue: bool
    target: Money
    totals: ProjectTotals
    outcome: DecisionOutcome | None
    decided_on: date | None
    criteria_version: str | None
    p05: float | None
    p33: float | None
    p95: float | None
    p_gain: float | None
    verdict: Verdict | None


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


@dataclass(frozen=True)
class HorizonCounts:
    """Figures of the landing page: what the committee decided, what the soils said."""

    applications: int
    decided: int
    positive: int
    gain: int
    no_change: int
    loss: int
    not_yet: int


@dataclass(frozen=True)
class NearProject:
    """A listed project and its distance from a route [km]."""

    slug: str
    title: str
    language: str
    country: str | None
    position: tuple[float, float]
    distance_km: int


@dataclass(frozen=True)
class _Standing:
    """A project with its last decision, the admission under it and its open conditions."""

    project: Project
    decision: Decision | None
    admission: Admission | None
    open_conditions: int


def gate(session: Session, project_id: uuid.UUID, on: date) -> Gate:
    """Say whether money may go to a project on a day; allocation and payment both ask."""
    found = _standings(session, on, Project.id == project_id)
    if not found:
        return Gate(open=False, reasons=("project_unknown",))
    return _gate(found[0], on)


def fundable(session: Session, on: date) -> tuple[Fundable, ...]:
    """Return every project that may receive money on a day, by code."""
    found: list[Fundable] = []
    for one in _standings(session, on, Project.status.in_(LISTED)):
        project, decision, admission = one.project, one.decision, one.admission
        if decision is None or admission is None or not _gate(one, on).open:
            continue
        found.append(
            Fundable(
                project_id=project.id,
                code=project.code or "",
                slug=project.slug,
                title=project.title,
                target=_target(project),
                ceiling=Money(admission.ceiling_minor, admission.currency),
                decision_id=decision.id,
                admission_id=admission.id,
                country=project.country,
                practice=project.practice,
            )
        )
    return tuple(sorted(found, key=lambda one: one.code))


def cards(
    session: Session,
    *,
    on: date,
    statuses: Collection[ProjectStatus] = LISTED,
    country: str | None = None,
    practice: str | None = None,
) -> tuple[Card, ...]:
    """Return the projects of the public list, by title."""
    wanted: list[ColumnElement[bool]] = [
        Project.status.in_(statuses),
        Project.code.is_not(None),
    ]
    if country:
        wanted.append(Project.country == country)
    if practice:
        wanted.append(Project.practice == practice)
    found = _standings(session, on, *wanted)
    ids = [one.project.id for one in found]
    totals = _totals(session, [one.project for one in found])
    names = {
        row.id: row.name
        for row in session.execute(
            select(Project.id, Organisation.name)
            .join(Organisation, Organisation.id == Project.organisation_id)
            .where(Project.id.in_(ids))
        )
    }
    versions = {
        row.id: row.version for row in session.execute(select(CriteriaSet.id, CriteriaSet.version))
    }
    projections = {
        row.project_id: row
        for row in session.scalars(
            select(Projection).where(Projection.project_id.in_(ids), _not_replaced(Projection))
        )
    }
    verdicts = _verdicts(session, ids)
    made = [
        _card(
            one,
            on=on,
            organisation=names[one.project.id],
            totals=totals[one.project.id],
            versions=versions,
            projection=projections.get(one.project.id),
            verdict=verdicts.get(one.project.id),
        )
        for one in found
    ]
    return tuple(sorted(made, key=lambda card: card.title.casefold()))


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
    standing = _standings(session, on, Project.id == project.id)[0]
    verdict = _gate(standing, on)
    assessment = _assessment(session, standing, on)
    projections = _projections(session, project.id)
    outcomes = _outcomes(session, project.id)
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
        position=_position(project),
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
        target=_target(project),
        totals=_totals(session, [project])[project.id],
        cost_per_ha=said.money("cost_per_ha_minor"),
        buys=said.buys(),
        co_funders=tuple(said.get("money", "co_funders") or ()),
        maintenance_promise=said.text("practice", "maintenance_promise"),
        reversal_risks=said.text("carbon", "reversal_risks"),
        monitoring=said.text("monitoring", "design"),
        assessment=assessment,
        admission=_admission(standing.admission),
        families=_families(session, project.id),
        projection=current,
        superseded_projections=tuple(one for one in projections if one.superseded),
        claim=claim(outcomes, projections),
        outcomes=outcomes,
        updates=updates(session, project.id, limit=_UPDATES_ON_PAGE),
    )


def updates(session: Session, project_id: uuid.UUID, *, limit: int) -> tuple[UpdateView, ...]:
    """Return the latest published updates with their pictures, newest first."""
    latest = (
        select(ProjectUpdate.id)
        .where(
            ProjectUpdate.project_id == project_id, ProjectUpdate.status == UpdateStatus.PUBLISHED
        )
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc())
        .limit(limit)
    )
    rows = session.execute(
        select(ProjectUpdate, Photo)
        .outerjoin(Photo, Photo.update_id == ProjectUpdate.id)
        .where(ProjectUpdate.id.in_(latest.scalar_subquery()))
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc(), Photo.position)
    )
    told: dict[uuid.UUID, tuple[ProjectUpdate, list[PhotoView]]] = {}
    for update, photo in rows:
        pictures = told.setdefault(update.id, (update, []))[1]
        if photo is not None:
            pictures.append(photo_view(photo))
    return tuple(
        UpdateView(
            id=update.id,
            kind=update.kind,
            title=update.title,
            html=update.html,
            language=update.language,
            published_at=update.published_at or update.saved_at,
            photos=tuple(pictures),
        )
        for update, pictures in told.values()
    )


def claim(outcomes: Sequence[OutcomeView], projections: Sequence[ProjectionView]) -> Claim | None:
    """Return the facts of the claim sentence from the newest standing outcome, if there is one."""
    standing = [one for one in outcomes if not one.superseded]
    if not standing:
        return None
    latest = max(standing, key=lambda one: (one.sampled_on, one.published_at))
    expected = next((one for one in projections if one.id == latest.projection_id), None)
    projected = low = high = difference = None
    overlap: str | None = None
    if expected is not None:
        years = min(latest.years, expected.years)
        projected = round(expected.p33 * years, 4)
        low, high = round(expected.p05 * years, 4), round(expected.p95 * years, 4)
        overlap = _overlap(latest, low, high)
        middle = expected.central * years
        if overlap != "within" and middle:
            difference = round((latest.change - middle) / abs(middle) * 100, 1)
    return Claim(
        verdict=latest.verdict,
        change=latest.change,
        low=latest.low,
        high=latest.high,
        years=latest.years,
        sampled_on=latest.sampled_on,
        projected=projected,
        projected_low=low,
        projected_high=high,
        overlap=overlap,
        difference_percent=difference,
        synthetic=latest.synthetic,
    )


def horizon_counts(session: Session) -> HorizonCounts:
    """Count applications, positive decisions and soil verdicts for the landing page."""
    handed_in = session.scalar(
        select(func.count()).select_from(Application).where(Application.submitted_at.is_not(None))
    )
    decided, positive = session.execute(
        select(
            func.count(), func.sum(case((Decision.outcome.in_(POSITIVE), 1), else_=0))
        ).select_from(Decision)
    ).one()
    public = select(Project.id).where(
        Project.code.is_not(None), Project.status != ProjectStatus.WITHDRAWN
    )
    ids = session.scalars(public).all()
    verdicts = list(_verdicts(session, ids).values())
    return HorizonCounts(
        applications=handed_in or 0,
        decided=decided,
        positive=int(positive or 0),
        gain=verdicts.count(Verdict.GAIN),
        no_change=verdicts.count(Verdict.NO_CHANGE),
        loss=verdicts.count(Verdict.LOSS),
        not_yet=len(ids) - len(verdicts),
    )


def near_route(
    session: Session, route: Sequence[places.Point], *, limit: int = 3
) -> tuple[NearProject, ...]:
    """Return the listed projects nearest to a sampled route, measured from rounded positions."""
    rows = session.scalars(
        select(Project).where(Project.status.in_(LISTED), Project.latitude.is_not(None))
    )
    found = []
    for project in rows:
        position = _position(project)
        if position is None or not route:
            continue
        found.append(
            NearProject(
                slug=project.slug,
                title=project.title,
                language=project.language,
                country=project.country,
                position=position,
                distance_km=round(places.from_route_km(position, route)),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.distance_km, one.slug))[:limit])


def overdue(due_on: date | None, on: date) -> bool:
    """Say whether a report is so late that new money stops."""
    return due_on is not None and on > due_on + timedelta(days=GRACE_DAYS)


def photo_view(photo: Photo) -> PhotoView:
    """Return a picture as pages show it."""
    return PhotoView(
        key_large=photo.key_large,
        key_medium=photo.key_medium,
        key_small=photo.key_small,
        width=photo.width,
        height=photo.height,
        alt=photo.alt,
        language=photo.language,
        taken_on=photo.taken_on,
        credit=photo.credit,
    )


def latest_decision_id(on: date) -> ScalarSelect[uuid.UUID]:
    """Return the id of a project's last decision by a day, correlated to the project's row."""
    return (
        select(Decision.id)
        .where(Decision.project_id == Project.id, Decision.decided_on <= on)
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def _standings(session: Session, on: date, *wanted: ColumnElement[bool]) -> tuple[_Standing, ...]:
    last_admission = (
        select(Admission.id)
        .where(Admission.decision_id == Decision.id, Admission.admitted_on <= on)
        .order_by(Admission.admitted_on.desc(), Admission.recorded_at.desc(), Admission.id.desc())
        .limit(1)
        .correlate(Decision)
        .scalar_subquery()
    )
    open_conditions = (
        select(func.count())
        .select_from(DecisionCondition)
        .where(
            DecisionCondition.decision_id == Decision.id,
            (DecisionCondition.closed_on.is_(None)) | (DecisionCondition.closed_on > on),
        )
        .correlate(Decision)
        .scalar_subquery()
    )
    statement: Select[Any] = (
        select(Project, Decision, Admission, open_conditions)
        .outerjoin(Decision, Decision.id == latest_decision_id(on))
        .outerjoin(Admission, Admission.id == last_admission)
        .where(*wanted)
    )
    return tuple(
        _Standing(project, decision, admission, count if decision is not None else 0)
        for project, decision, admission, count in session.execute(statement)
    )


def _gate(one: _Standing, on: date) -> Gate:
    reasons = [*_assessed(one, on), *_ready(one.project, on)]
    decision, admission = one.decision, one.admission
    return Gate(
        open=not reasons,
        reasons=tuple(reasons),
        decision_id=decision.id if decision else None,
        admission_id=admission.id if admission else None,
        ceiling=Money(admission.ceiling_minor, admission.currency) if admission else None,
    )


def _assessed(one: _Standing, on: date) -> list[str]:
    """Name what the committee's decision and the secretariat's admission lack."""
    decision = one.decision
    if decision is None:
        return ["not_assessed"]
    if decision.outcome not in POSITIVE:
        return ["not_positive"]
    reasons = []
    if decision.expires_on is None or on > decision.expires_on:
        reasons.append("expired")
    if decision.safeguards not in {Safeguard.MET, Safeguard.MET_WITH_CONDITIONS}:
        reasons.append("safeguards")
    if one.open_conditions:
        reasons.append("conditions_open")
    if one.admission is None or one.admission.admitted_by == decision.decided_by:
        reasons.append("not_admitted")
    return reasons


def _ready(project: Project, on: date) -> list[str]:
    """Name what keeps new money from a project in its present state."""
    reasons = []
    if project.status not in LISTED:
        final = {ProjectStatus.ON_HOLD, ProjectStatus.WITHDRAWN, ProjectStatus.COMPLETED}
        reasons.append(project.status.value if project.status in final else "not_open")
    if overdue(project.report_due_on, on):
        reasons.append("report_overdue")
    return reasons


def _not_replaced(table: type[Projection] | type[Outcome]) -> ColumnElement[bool]:
    newer = aliased(table)
    return ~select(newer.id).where(newer.supersedes_id == table.id).exists()


def _verdicts(session: Session, project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Verdict]:
    rows = session.execute(
        select(Outcome.project_id, Outcome.verdict)
        .where(Outcome.project_id.in_(project_ids), _not_replaced(Outcome))
        .order_by(Outcome.sampled_on, Outcome.published_at)
    )
    return {row.project_id: row.verdict for row in rows}


def _totals(session: Session, projects: Collection[Project]) -> dict[uuid.UUID, ProjectTotals]:
    found: dict[uuid.UUID, ProjectTotals] = {}
    for currency in sorted({project.currency for project in projects}):
        ids = [project.id for project in projects if project.currency == currency]
        found.update(balances.project_totals(session, ids, currency))
    return found


def _card(
    one: _Standing,
    *,
    on: date,
    organisation: str,
    totals: ProjectTotals,
    versions: Mapping[uuid.UUID, str],
    projection: Projection | None,
    verdict: Verdict | None,
) -> Card:
    project, decision = one.project, one.decision
    shown = decision if decision is not None and decision.outcome in POSITIVE else None
    return Card(
        project_id=project.id,
        code=project.code or "",
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        language=project.language,
        organisation=organisation,
        country=project.country,
        region=project.region,
        position=_position(project),
        practice=project.practice,
        area_ha=project.area_ha,
        status=project.status,
        accepts_gifts=_gate(one, on).open,
        report_overdue=overdue(project.report_due_on, on),
        target=_target(project),
        totals=totals,
        outcome=shown.outcome if shown else None,
        decided_on=shown.decided_on if shown else None,
        criteria_version=versions[shown.criteria_set_id] if shown else None,
        p05=projection.p05 if projection else None,
        p33=projection.p33 if projection else None,
        p95=projection.p95 if projection else None,
        p_gain=projection.p_gain if projection else None,
        verdict=verdict,
    )


def _assessment(session: Session, standing: _Standing, on: date) -> AssessmentView | None:
    """Return the last positive decision; a negative one is never public."""
    decision = standing.decision
    if decision is not None and decision.outcome not in POSITIVE:
        decision = _last_positive(session, standing.project.id, on)
    if decision is None:
        return None
    rows = session.execute(
        select(CriteriaSet, DecisionCondition)
        .outerjoin(DecisionCondition, DecisionCondition.decision_id == decision.id)
        .where(CriteriaSet.id == decision.criteria_set_id)
        .order_by(DecisionCondition.id)
    ).all()
    advice = session.scalars(
        select(Recommendation)
        .where(Recommendation.decision_id == decision.id)
        .order_by(Recommendation.position)
    )
    used = rows[0].CriteriaSet
    return AssessmentView(
        decision_id=decision.id,
        outcome=decision.outcome,
        safeguards=decision.safeguards,
        decided_on=decision.decided_on,
        expires_on=decision.expires_on,
        expired=decision.expires_on is not None and on > decision.expires_on,
        criteria_version=used.version,
        criteria=tuple(
            CriterionName(row["id"], row["name"], row["type"], row["step"])
            for row in used.document["criteria"]
        ),
        reviews=decision.reviews,
        recusals=decision.recusals,
        summary=decision.summary,
        language=decision.language,
        conditions=tuple(
            ConditionView(one.id, one.criterion, one.text, one.closed_on, one.evidence)
            for _, one in rows
            if one is not None
        ),
        recommendations=tuple(
            RecommendationView(one.id, one.text, one.answer, one.answered_on) for one in advice
        ),
    )


def _last_positive(session: Session, project_id: uuid.UUID, on: date) -> Decision | None:
    return session.scalars(
        select(Decision)
        .where(
            Decision.project_id == project_id,
            Decision.outcome.in_(POSITIVE),
            Decision.decided_on <= on,
        )
        .order_by(Decision.decided_on.desc(), Decision.recorded_at.desc(), Decision.id.desc())
        .limit(1)
    ).first()


def _admission(row: Admission | None) -> AdmissionView | None:
    if row is None:
        return None
    return AdmissionView(row.id, Money(row.ceiling_minor, row.currency), row.admitted_on)


def _projections(session: Session, project_id: uuid.UUID) -> tuple[ProjectionView, ...]:
    rows = session.scalars(
        select(Projection)
        .where(Projection.project_id == project_id)
        .order_by(Projection.published_at.desc(), Projection.id.desc())
    ).all()
    replaced = {row.supersedes_id for row in rows}
    return tuple(
        ProjectionView(
            id=row.id,
            method=row.method,
            method_version=row.method_version,
            table_version=row.table_version,
            policy=row.policy,
            policy_version=row.policy_version,
            inputs=row.inputs,
            years=row.years,
            depth_cm=row.depth_cm,
            stock_tc_ha=row.stock_tc_ha,
            central=row.central,
            p05=row.p05,
            p33=row.p33,
            p95=row.p95,
            p_gain=row.p_gain,
            draws=row.draws,
            seed=row.seed,
            generator=row.generator,
            buffer_pct=row.buffer_pct,
            buffer_reason=row.buffer_reason,
            published_at=row.published_at,
            superseded=row.id in replaced,
            reason=row.reason,
        )
        for row in rows
    )


def _outcomes(session: Session, project_id: uuid.UUID) -> tuple[OutcomeView, ...]:
    rows = session.scalars(
        select(Outcome)
        .where(Outcome.project_id == project_id)
        .order_by(Outcome.sampled_on.desc(), Outcome.published_at.desc())
    ).all()
    replaced = {row.supersedes_id for row in rows}
    return tuple(
        OutcomeView(
            id=row.id,
            method=row.method,
            method_version=row.method_version,
            baseline_on=row.baseline_on,
            sampled_on=row.sampled_on,
            years=row.years,
            depth_cm=row.depth_cm,
            cores=row.cores,
            baseline_tc_ha=row.baseline_tc_ha,
            change=row.change,
            low=row.low,
            high=row.high,
            conservative=row.conservative,
            verdict=row.verdict,
            laboratory=row.laboratory,
            laboratory_method=row.laboratory_method,
            synthetic=bool(row.synthetic),
            published_at=row.published_at,
            projection_id=row.projection_id,
            superseded=row.id in replaced,
            reason=row.reason,
        )
        for row in rows
    )


def _overlap(measured: OutcomeView, low: float, high: float) -> str:
    if measured.high < low:
        return "below"
    return "above" if measured.low > high else "within"


def _families(session: Session, project_id: uuid.UUID) -> tuple[FamilyView, ...]:
    latest = (
        select(IndicatorValue.id)
        .where(IndicatorValue.indicator_id == Indicator.id)
        .order_by(IndicatorValue.observed_on.desc(), IndicatorValue.id.desc())
        .limit(1)
        .correlate(Indicator)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Indicator, IndicatorValue)
        .outerjoin(IndicatorValue, IndicatorValue.id == latest)
        .where(Indicator.project_id == project_id, Indicator.retired_at.is_(None))
        .order_by(Indicator.position)
    ).all()
    return tuple(
        FamilyView(
            family,
            tuple(_indicator(one, value) for one, value in rows if one.family is family),
        )
        for family in Family
    )


def _indicator(one: Indicator, value: IndicatorValue | None) -> IndicatorView:
    return IndicatorView(
        id=one.id,
        name=one.name,
        language=one.language,
        unit=one.unit,
        baseline=one.baseline,
        target=one.target,
        latest=value.value if value else None,
        observed_on=value.observed_on if value else None,
        evidence=value.evidence if value else one.evidence,
        source=value.source if value else one.source,
    )


def _target(project: Project) -> Money:
    return Money(project.target_minor or 0, project.currency)


def _position(project: Project) -> places.Point | None:
    if project.latitude is None or project.longitude is None:
        return None
    return places.rounded((project.latitude, project.longitude))


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
