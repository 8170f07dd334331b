"""Which facts about projects, their assessment and what came of them are kept?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document
from offset.projects import (
    committee_models,  # noqa: F401 - its tables are of this metadata
    field_models,  # noqa: F401 - its tables are of this metadata
    life_models,  # noqa: F401 - its tables are of this metadata
    measurement_models,  # noqa: F401 - its tables are of this metadata
    public_models,  # noqa: F401 - its tables are of this metadata
)
from offset.projects.application_models import OrganisationRole


class OrganisationKind(enum.StrEnum):
    """The Initiative's own seven kinds of partner."""

    COUNTRY = "country"
    INTERNATIONAL = "international"
    FOUNDATION = "foundation"
    NGO = "ngo"
    RESEARCH = "research"
    FARMERS = "farmers"
    ENTERPRISE = "enterprise"


class ProjectStatus(enum.StrEnum):
    """Where a project stands; "report overdue" is computed from its due date, never stored."""

    DRAFT = "draft"
    IN_ASSESSMENT = "in_assessment"
    OPEN = "open"
    FUNDED = "funded"
    COMPLETED = "completed"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"


class AssessmentStatus(enum.StrEnum):
    """Where an application stands on its way to a decision."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBILITY = "eligibility"
    IN_REVIEW = "in_review"
    CONSENSUS = "consensus"
    DECIDED = "decided"
    EXPIRED = "expired"


class DecisionOutcome(enum.StrEnum):
    """What the committee decided; only the first two may be followed by money."""

    POSITIVE = "positive"
    POSITIVE_WITH_RECOMMENDATIONS = "positive_with_recommendations"
    REVISE = "revise"
    NOT_ALIGNED = "not_aligned"


class Safeguard(enum.StrEnum):
    """How a safeguard is kept, from best to worst."""

    MET = "met"
    MET_WITH_CONDITIONS = "met_with_conditions"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    NOT_MET = "not_met"


class Evidence(enum.StrEnum):
    """What a statement rests on, from best to weakest."""

    MEASURED = "measured"
    MODELLED = "modelled"
    LITERATURE = "literature"
    ASSERTED = "asserted"


class Seat(enum.StrEnum):
    """What somebody does in one assessment."""

    REVIEWER = "reviewer"
    RAPPORTEUR = "rapporteur"


class Family(enum.StrEnum):
    """The three families of outcomes, in the order every page shows them."""

    FOOD_INCOME = "food_income"
    WATER_RESILIENCE = "water_resilience"
    SOIL_CARBON = "soil_carbon"


class UpdateKind(enum.StrEnum):
    """What a project tells of."""

    FIELD = "field"
    MEASUREMENT = "measurement"
    PAYMENT = "payment"


class UpdateStatus(enum.StrEnum):
    """Where an update stands on its way to the public page."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"


class MeasurementStatus(enum.StrEnum):
    """Where a measurement stands on its way to a published outcome."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"


class Verdict(enum.StrEnum):
    """What the interval of a measured change says; all three are publishable."""

    GAIN = "gain"
    LOSS = "loss"
    NO_CHANGE = "no_change"


POSITIVE: Final = frozenset(
    {DecisionOutcome.POSITIVE, DecisionOutcome.POSITIVE_WITH_RECOMMENDATIONS}
)
_POSITIVE_SQL: Final = "outcome IN ('positive', 'positive_with_recommendations')"


class Organisation(Base):
    """A cooperative, association or institute that runs projects and answers for them."""

    __tablename__ = "organisation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(enumeration(OrganisationKind))
    country: Mapped[str | None]
    registration: Mapped[str | None]
    created_at: Mapped[datetime]


class OrganisationMember(Base):
    """A steward of an organisation: may act for its projects and for no others."""

    __tablename__ = "organisation_member"
    __table_args__ = (Index("ix_organisation_member_user_id", "user_id"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    role: Mapped[OrganisationRole] = mapped_column(
        enumeration(OrganisationRole), server_default=OrganisationRole.LEAD.value
    )


class Project(Base):
    """A soil project with its organisation, its place and what it asks for.

    What the page says is copied from the application: from each saved draft until the first
    admission, from then on only from an admitted version.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("target_minor IS NULL OR target_minor > 0", name="target_positive"),
        CheckConstraint(
            "code IS NOT NULL OR status IN ('draft', 'in_assessment', 'withdrawn')",
            name="code_once_admitted",
        ),
        Index("ix_project_organisation_id", "organisation_id"),
        Index("ix_project_status", "status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    slug: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[ProjectStatus] = mapped_column(enumeration(ProjectStatus))
    application_id: Mapped[uuid.UUID | None]
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    practice: Mapped[str | None]
    country: Mapped[str | None]
    region: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    area_ha: Mapped[float | None]
    currency: Mapped[str]
    target_minor: Mapped[int | None]
    starts_on: Mapped[date | None]
    report_due_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Application(Base):
    """One version of what a project holder asks and promises; submitting freezes it."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("project_id", "version", name="uq_application_project_id_version"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    version: Mapped[int]
    document: Mapped[Any] = mapped_column(Document)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    saved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    content_hash: Mapped[str | None]
    # two answers that the database itself reads when a project is admitted
    modality: Mapped[str | None]
    registered_elsewhere: Mapped[int | None]


class Attachment(Base):
    """A file handed in with an application, known by the hash of its bytes."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_application_id", "application_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    file_key: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str | None]
    pages: Mapped[int | None]


class CriteriaSet(Base):
    """One version of the committee's criteria, scale and rules. An edit is a new version."""

    __tablename__ = "criteria_set"
    __table_args__ = ({"info": {"append_only": True}},)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(unique=True)
    valid_from: Mapped[date]
    document: Mapped[Any] = mapped_column(Document)
    approved_at: Mapped[datetime]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Assessment(Base):
    """The way of one application version to a decision, under one version of the criteria."""

    __tablename__ = "assessment"
    __table_args__ = (
        Index("ix_assessment_project_id", "project_id"),
        Index("ix_assessment_status", "status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    criteria_set_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("criteria_set.id"))
    status: Mapped[AssessmentStatus] = mapped_column(enumeration(AssessmentStatus))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Assignment(Base):
    """Somebody's seat in one assessment: asked, then declared free of interest, or removed."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_assessment_id", "assessment_id"),
        Index("ix_assignment_user_id", "user_id"),
        CheckConstraint(
            "declared_interest IS NULL OR removed_at IS NOT NULL", name="interest_removes"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    seat: Mapped[Seat] = mapped_column(enumeration(Seat))
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    declared_at: Mapped[datetime | None]
    declared_interest: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    removal: Mapped[str | None]


class Review(Base):
    """One reviewer's reading of an application; once submitted it never changes."""

    __tablename__ = "review"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"), unique=True)
    summary: Mapped[str] = mapped_column(default="")
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]


class ReviewScore(Base):
    """A reviewer's grade for one criterion, what it rests on, and why."""

    __tablename__ = "review_score"

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[str]
    evidence: Mapped[Evidence | None] = mapped_column(enumeration(Evidence))
    reason: Mapped[str] = mapped_column(default="")


class ConsensusScore(Base):
    """The grade on which rapporteur and reviewers agreed, frozen by the decision."""

    __tablename__ = "consensus_score"

    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[str]
    evidence: Mapped[Evidence | None] = mapped_column(enumeration(Evidence))
    reason: Mapped[str] = mapped_column(default="")


class Decision(Base):
    """What the committee decided about one application version, frozen on its day.

    The columns that the money gate reads repeat what the scores say, so that the database can
    hold the committee's rules without reading a document.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("id", "project_id", name="uq_decision_id_project_id"),
        CheckConstraint(
            f"NOT ({_POSITIVE_SQL}) OR safeguards IN ('met', 'met_with_conditions')",
            name="positive_needs_safeguards",
        ),
        CheckConstraint(
            f"NOT ({_POSITIVE_SQL}) OR (carbon_grade >= 1 AND carbon_evidence <> 'asserted')",
            name="positive_needs_carbon",
        ),
        CheckConstraint(
            f"NOT ({_POSITIVE_SQL}) OR COALESCE(expires_on > decided_on, 1 = 0)",
            name="positive_expires",
        ),
        CheckConstraint(f"NOT ({_POSITIVE_SQL}) OR reviews >= 2", name="positive_needs_reviews"),
        Index("ix_decision_project_id", "project_id", "decided_on"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"), unique=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    criteria_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criteria_set.id"))
    outcome: Mapped[DecisionOutcome] = mapped_column(enumeration(DecisionOutcome))
    safeguards: Mapped[Safeguard] = mapped_column(enumeration(Safeguard))
    carbon_grade: Mapped[int]
    carbon_evidence: Mapped[Evidence] = mapped_column(enumeration(Evidence))
    scores: Mapped[Any] = mapped_column(Document)
    summary: Mapped[str]
    language: Mapped[str]
    reviews: Mapped[int]
    recusals: Mapped[int]
    decided_on: Mapped[date]
    expires_on: Mapped[date | None]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]


class DecisionCondition(Base):
    """Something that must be done before money moves; closed once, with evidence."""

    __tablename__ = "decision_condition"
    __table_args__ = (
        CheckConstraint(
            "(closed_on IS NULL) = (closed_by IS NULL)"
            " AND (closed_on IS NULL) = (evidence IS NULL)",
            name="closed_whole",
        ),
        Index("ix_decision_condition_decision_id", "decision_id"),
        {"info": {"append_only": True, "updatable": {"closed_on", "closed_by", "evidence"}}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"))
    criterion: Mapped[str | None]
    text: Mapped[str]
    closed_on: Mapped[date | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    evidence: Mapped[str | None]


class Recommendation(Base):
    """Advice that came with a decision, and the project's answer once it has given one."""

    __tablename__ = "recommendation"
    __table_args__ = (
        UniqueConstraint("decision_id", "position", name="uq_recommendation_decision_id_position"),
        {"info": {"append_only": True, "updatable": {"answer", "answered_on", "answered_by"}}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("decision.id"))
    position: Mapped[int]
    text: Mapped[str]
    answer: Mapped[str | None]
    answered_on: Mapped[date | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Admission(Base):
    """The secretariat's own decision that a project may receive money, up to a ceiling.

    It is recorded by somebody else than the person who recorded the committee's decision.
    """

    __tablename__ = "admission"
    __table_args__ = (
        UniqueConstraint("id", "project_id", name="uq_admission_id_project_id"),
        ForeignKeyConstraint(
            ["decision_id", "project_id"],
            ["decision.id", "decision.project_id"],
            name="fk_admission_decision",
        ),
        CheckConstraint("ceiling_minor > 0", name="ceiling_positive"),
        Index("ix_admission_project_id", "project_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    decision_id: Mapped[uuid.UUID]
    ceiling_minor: Mapped[int]
    currency: Mapped[str]
    admitted_on: Mapped[date]
    admitted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    recorded_at: Mapped[datetime]


class ProjectEvent(Base):
    """One step of a project or of its assessment: from where to where, by whom, when, why."""

    __tablename__ = "project_event"
    __table_args__ = (
        Index("ix_project_event_project_id", "project_id", "at"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    assessment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("assessment.id"))
    machine: Mapped[str]
    step: Mapped[str]
    origin: Mapped[str | None]
    target: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str | None]


class ProjectUpdate(Base):
    """What a steward tells from the field: Markdown as written, and the page made from it."""

    __tablename__ = "project_update"
    __table_args__ = (
        Index("ix_project_update_project_id", "project_id", "published_at"),
        Index("ix_project_update_status", "status"),
        CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)", name="published_has_date"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[UpdateKind] = mapped_column(enumeration(UpdateKind))
    status: Mapped[UpdateStatus] = mapped_column(enumeration(UpdateStatus))
    language: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    html: Mapped[str]
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[datetime | None]
    moderated_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str | None]
    published_at: Mapped[datetime | None]


class Photo(Base):
    """A picture in three sizes without its metadata, with words for those who do not see it."""

    __tablename__ = "photo"
    __table_args__ = (
        Index("ix_photo_update_id", "update_id"),
        CheckConstraint("alt <> ''", name="alt_written"),
        CheckConstraint("consent = 1", name="consent_given"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"))
    position: Mapped[int]
    key_large: Mapped[str]
    key_medium: Mapped[str]
    key_small: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[str]
    language: Mapped[str]
    consent: Mapped[int]
    taken_on: Mapped[date | None]
    credit: Mapped[str | None]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Indicator(Base):
    """One thing a project promised to watch: unit, starting point, target."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint(
            "project_id", "family", "position", name="uq_indicator_project_id_family_position"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    family: Mapped[Family] = mapped_column(enumeration(Family))
    position: Mapped[int]
    name: Mapped[str]
    language: Mapped[str]
    unit: Mapped[str]
    baseline: Mapped[float | None]
    target: Mapped[float | None]
    evidence: Mapped[Evidence] = mapped_column(enumeration(Evidence))
    source: Mapped[str]
    retired_at: Mapped[datetime | None]


class IndicatorValue(Base):
    """A value reported for an indicator on a day, with what it rests on. Never edited."""

    __tablename__ = "indicator_value"
    __table_args__ = (
        Index("ix_indicator_value_indicator_id", "indicator_id", "observed_on"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    indicator_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("indicator.id"))
    value: Mapped[float]
    observed_on: Mapped[date]
    evidence: Mapped[Evidence] = mapped_column(enumeration(Evidence))
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class Projection(Base):
    """What a project may expect of its soil, computed from stored inputs and a dated table.

    Once published it never changes; a correction names the one it replaces.
    """

    __tablename__ = "projection"
    __table_args__ = (
        UniqueConstraint("supersedes_id", name="uq_projection_supersedes_id"),
        CheckConstraint("(supersedes_id IS NULL) = (reason IS NULL)", name="reason_of_correction"),
        Index("ix_projection_project_id", "project_id", "published_at"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    method: Mapped[str]
    method_version: Mapped[str]
    table_version: Mapped[str]
    policy: Mapped[str]
    policy_version: Mapped[str]
    inputs: Mapped[Any] = mapped_column(Document)
    years: Mapped[int]
    depth_cm: Mapped[int]
    stock_tc_ha: Mapped[float | None]
    central: Mapped[float]
    mean: Mapped[float]
    sd: Mapped[float]
    p05: Mapped[float]
    p33: Mapped[float]
    p50: Mapped[float]
    p95: Mapped[float]
    p_gain: Mapped[float]
    draws: Mapped[int]
    seed: Mapped[int]
    generator: Mapped[str]
    buffer_pct: Mapped[float]
    buffer_reason: Mapped[str]
    plausibility: Mapped[str]
    evidence: Mapped[str | None]
    published_at: Mapped[datetime]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("projection.id"))
    reason: Mapped[str | None]


class Measurement(Base):
    """Soil cores as a project handed them in; precise positions never enter."""

    __tablename__ = "measurement"
    __table_args__ = (Index("ix_measurement_project_id", "project_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    status: Mapped[MeasurementStatus] = mapped_column(enumeration(MeasurementStatus))
    baseline_on: Mapped[date]
    sampled_on: Mapped[date]
    depth_cm: Mapped[int]
    strata: Mapped[Any] = mapped_column(Document)
    laboratory: Mapped[str]
    laboratory_method: Mapped[str]
    note: Mapped[str]
    synthetic: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answer: Mapped[str | None]


class Outcome(Base):
    """A measured change of soil carbon at equivalent soil mass, with its interval and verdict.

    Published once; a correction is a new row that names the old one, and both stay readable.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        UniqueConstraint("supersedes_id", name="uq_outcome_supersedes_id"),
        CheckConstraint("(supersedes_id IS NULL) = (reason IS NULL)", name="reason_of_correction"),
        CheckConstraint(
            "(verdict = 'gain') = (low > 0) AND (verdict = 'loss') = (high < 0)",
            name="verdict_follows_interval",
        ),
        Index("ix_outcome_project_id", "project_id", "sampled_on"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    measurement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("measurement.id"))
    projection_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("projection.id"))
    method: Mapped[str]
    method_version: Mapped[str]
    policy: Mapped[str]
    policy_version: Mapped[str]
    baseline_on: Mapped[date]
    sampled_on: Mapped[date]
    years: Mapped[float]
    depth_cm: Mapped[int]
    cores: Mapped[int]
    strata: Mapped[int]
    baseline_tc_ha: Mapped[float]
    change: Mapped[float]
    standard_error: Mapped[float]
    degrees: Mapped[int]
    low: Mapped[float]
    high: Mapped[float]
    conservative: Mapped[float]
    verdict: Mapped[Verdict] = mapped_column(enumeration(Verdict))
    laboratory: Mapped[str]
    laboratory_method: Mapped[str]
    synthetic: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("outcome.id"))
    reason: Mapped[str | None]
