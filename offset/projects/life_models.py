"""Which facts about a running project are kept: dates, figures, photos' proofs, what went wrong?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document

_KEPT = {"info": {"append_only": True}}


class MilestoneStepKind(enum.StrEnum):
    """What became of a milestone: another date, done, taken back, or given up."""

    MOVED = "moved"
    DONE = "done"
    REOPENED = "reopened"
    DROPPED = "dropped"


class Moderated(enum.StrEnum):
    """What the secretariat said of an update."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    REJECTED = "rejected"


class FigureKind(enum.StrEnum):
    """Which figures a report carries: what was done in a year, or what was spent."""

    ACTIVITY = "activity"
    SPENDING = "spending"


class FigureOutcome(enum.StrEnum):
    """Whether the secretariat took the figures of a report or sent them back."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


class DueKind(enum.StrEnum):
    """Which report is awaited."""

    NARRATIVE = "narrative"
    ACTIVITY = "activity"
    MEASUREMENT = "measurement"


class ReversalCause(enum.StrEnum):
    """Why carbon that the soil held is being lost again."""

    FIRE = "fire"
    DROUGHT = "drought"
    FLOOD = "flood"
    PESTS = "pests"
    PLOUGHING = "ploughing"
    GRAZING = "grazing"
    CLEARING = "clearing"
    LAND_LOST = "land_lost"
    OTHER = "other"


class ProjectForm(enum.StrEnum):
    """How a project works: paid field work, work given by volunteers, or support of prices."""

    FIELD = "field"
    RESTORATION_CAMP = "restoration_camp"
    PRICE_SUPPORT = "price_support"


class Milestone(Base):
    """Something a project plans to reach by a day, in public. What it says never changes."""

    __tablename__ = "milestone"
    __table_args__ = (Index("ix_milestone_project_id", "project_id", "planned_on"), _KEPT)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    title: Mapped[str]
    language: Mapped[str]
    planned_on: Mapped[date]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class MilestoneStep(Base):
    """What became of a milestone, on which day, and what shows it. The last step holds."""

    __tablename__ = "milestone_step"
    __table_args__ = (
        CheckConstraint("note <> ''", name="note_written"),
        Index("ix_milestone_step_milestone_id", "milestone_id"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    milestone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("milestone.id"))
    kind: Mapped[MilestoneStepKind] = mapped_column(enumeration(MilestoneStepKind))
    on_day: Mapped[date]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class UpdateModeration(Base):
    """What the secretariat said of an update, why, and which marks it saw when it said so."""

    __tablename__ = "update_moderation"
    __table_args__ = (
        CheckConstraint("outcome = 'accepted' OR reason <> ''", name="refusal_has_reason"),
        Index("ix_update_moderation_update_id", "update_id"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"))
    outcome: Mapped[Moderated] = mapped_column(enumeration(Moderated))
    reason: Mapped[str]
    marks: Mapped[Any] = mapped_column(Document)
    moderated_at: Mapped[datetime]
    moderated_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class UpdateCorrection(Base):
    """A new version of a published update; the old one stays, marked as corrected."""

    __tablename__ = "update_correction"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_written"),
        CheckConstraint("corrects_id <> update_id", name="another_update"),
        Index("ix_update_correction_corrects_id", "corrects_id"),
        _KEPT,
    )

    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"), primary_key=True)
    corrects_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"))
    reason: Mapped[str]
    begun_at: Mapped[datetime]
    begun_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class PhotoRecord(Base):
    """What was confirmed about a photo, and by which it is known again: its file and its look."""

    __tablename__ = "photo_record"
    __table_args__ = (
        CheckConstraint("no_child_faces = 1", name="no_child_faces"),
        UniqueConstraint("update_id", "sha256", name="uq_photo_record_update_id_sha256"),
        Index("ix_photo_record_sha256", "sha256"),
        Index("ix_photo_record_project_id", "project_id"),
    )

    photo_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"))
    sha256: Mapped[str]
    look: Mapped[str]
    no_child_faces: Mapped[int]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class PhotoWithdrawal(Base):
    """A photo that was taken down because somebody in it no longer agrees; only its hash stays.

    The pictures are gone from the page and from the disk; by the hash the same file is known
    again and refused.
    """

    __tablename__ = "photo_withdrawal"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_written"),
        Index("ix_photo_withdrawal_sha256", "sha256"),
        _KEPT,
    )

    # the photo's own number, which is no row any more
    photo_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    update_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project_update.id"))
    sha256: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class BudgetLine(Base):
    """One line of an admitted budget: what the money is for, and how much of it."""

    __tablename__ = "budget_line"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        UniqueConstraint(
            "project_id",
            "application_id",
            "position",
            name="uq_budget_line_project_id_application_id_position",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    position: Mapped[int]
    label: Mapped[str]
    language: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    retired_at: Mapped[datetime | None]


class ActivityPlan(Base):
    """What a project plans for one year: hectares, people, money. A change is a new row."""

    __tablename__ = "activity_plan"
    __table_args__ = (
        CheckConstraint(
            "hectares >= 0 AND people >= 0 AND money_minor >= 0", name="nothing_negative"
        ),
        CheckConstraint("(supersedes_id IS NULL) = (reason IS NULL)", name="reason_of_correction"),
        UniqueConstraint("supersedes_id", name="uq_activity_plan_supersedes_id"),
        Index(
            "uq_activity_plan_first",
            "project_id",
            "year",
            unique=True,
            postgresql_where=text("supersedes_id IS NULL"),
            sqlite_where=text("supersedes_id IS NULL"),
        ),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    year: Mapped[int]
    hectares: Mapped[float]
    people: Mapped[int]
    money_minor: Mapped[int]
    currency: Mapped[str]
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("activity_plan.id"))
    reason: Mapped[str | None]
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class FigureReport(Base):
    """Figures a project reports for some time: what was done, or what was spent by budget line.

    Hours given freely are counted as hours; what they would have cost stands beside them and is
    added to no money.
    """

    __tablename__ = "figure_report"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="days_in_order"),
        CheckConstraint(
            "(kind = 'activity') = (hectares IS NOT NULL)"
            " AND (kind = 'activity') = (people IS NOT NULL)",
            name="activity_has_figures",
        ),
        CheckConstraint(
            "COALESCE(hectares, 0) >= 0 AND COALESCE(people, 0) >= 0"
            " AND COALESCE(women, 0) >= 0 AND COALESCE(youth, 0) >= 0"
            " AND COALESCE(labour_hours, 0) >= 0 AND COALESCE(visitor_days, 0) >= 0"
            " AND COALESCE(labour_hour_minor, 0) >= 0",
            name="nothing_negative",
        ),
        CheckConstraint(
            "COALESCE(women, 0) <= COALESCE(people, 0) AND COALESCE(youth, 0)"
            " <= COALESCE(people, 0)",
            name="parts_of_people",
        ),
        CheckConstraint(
            "(labour_hour_minor IS NULL) = (labour_source IS NULL)", name="value_has_source"
        ),
        CheckConstraint("(supersedes_id IS NULL) = (reason IS NULL)", name="reason_of_correction"),
        Index("ix_figure_report_supersedes_id", "supersedes_id"),
        Index("ix_figure_report_project_id", "project_id", "until_on"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[FigureKind] = mapped_column(enumeration(FigureKind))
    from_on: Mapped[date]
    until_on: Mapped[date]
    currency: Mapped[str]
    hectares: Mapped[float | None]
    people: Mapped[int | None]
    women: Mapped[int | None]
    youth: Mapped[int | None]
    labour_hours: Mapped[int | None]
    visitor_days: Mapped[int | None]
    labour_hour_minor: Mapped[int | None]
    labour_source: Mapped[str | None]
    evidence: Mapped[str]
    # why more was spent than had been paid to the project by then
    above_reason: Mapped[str | None]
    language: Mapped[str]
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("figure_report.id"))
    reason: Mapped[str | None]
    handed_in_at: Mapped[datetime]
    handed_in_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class SpendingLine(Base):
    """How much of one budget line a report says was spent."""

    __tablename__ = "spending_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"), _KEPT)

    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("figure_report.id"), primary_key=True)
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("budget_line.id"), primary_key=True)
    amount_minor: Mapped[int]


class FigureCheck(Base):
    """The secretariat's answer to a report of figures; only what it accepted is public."""

    __tablename__ = "figure_check"
    __table_args__ = (
        CheckConstraint("outcome = 'accepted' OR reason <> ''", name="return_has_reason"),
        _KEPT,
    )

    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("figure_report.id"), primary_key=True)
    outcome: Mapped[FigureOutcome] = mapped_column(enumeration(FigureOutcome))
    reason: Mapped[str]
    checked_at: Mapped[datetime]
    checked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class ReportDue(Base):
    """A report that is awaited by a day, and when it was accepted."""

    __tablename__ = "report_due"
    __table_args__ = (
        UniqueConstraint("project_id", "kind", "due_on", name="uq_report_due_project_id_kind"),
        CheckConstraint("(met_at IS NULL) = (met_by_id IS NULL)", name="met_whole"),
        Index("ix_report_due_open", "met_at", "due_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[DueKind] = mapped_column(enumeration(DueKind))
    due_on: Mapped[date]
    opened_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    # the update, the report, the outcome or the table of a baseline that was accepted
    met_by_id: Mapped[uuid.UUID | None]


class DueNotice(Base):
    """One of the four moments around a due date that was acted on: days before or after it."""

    __tablename__ = "due_notice"
    __table_args__ = (_KEPT,)

    due_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("report_due.id"), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Reversal(Base):
    """Soil carbon that is being lost again: where, how much land, why. Public at once."""

    __tablename__ = "reversal"
    __table_args__ = (
        CheckConstraint("area_ha > 0", name="area_positive"),
        CheckConstraint("(supersedes_id IS NULL) = (reason IS NULL)", name="reason_of_correction"),
        UniqueConstraint("supersedes_id", name="uq_reversal_supersedes_id"),
        Index("ix_reversal_project_id", "project_id", "happened_on"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    happened_on: Mapped[date]
    area_ha: Mapped[float]
    cause: Mapped[ReversalCause] = mapped_column(enumeration(ReversalCause))
    told: Mapped[str]
    language: Mapped[str]
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reversal.id"))
    reason: Mapped[str | None]
    reported_at: Mapped[datetime]
    reported_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class FormOfProject(Base):
    """How a project works, where that is not paid work in the field."""

    __tablename__ = "form_of_project"

    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"), primary_key=True)
    form: Mapped[ProjectForm] = mapped_column(enumeration(ProjectForm))
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class CoFunding(Base):
    """What somebody else gives to the same project. It never enters our books."""

    __tablename__ = "co_funding"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_co_funding_project_id", "project_id"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    funder: Mapped[str]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    purpose: Mapped[str]
    since_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class PriceSupport(Base):
    """A product sold below its price for some time: by how much for everybody, and for the poor."""

    __tablename__ = "price_support"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="days_in_order"),
        CheckConstraint(
            "off_all_pct BETWEEN 0 AND 100 AND off_low_income_pct BETWEEN 0 AND 100"
            " AND off_low_income_pct >= off_all_pct AND off_low_income_pct > 0",
            name="discount_plausible",
        ),
        CheckConstraint("households >= 0", name="households_not_negative"),
        Index("ix_price_support_project_id", "project_id"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    product: Mapped[str]
    place: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    off_all_pct: Mapped[int]
    off_low_income_pct: Mapped[int]
    households: Mapped[int | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class ProjectNotice(Base):
    """What is said in public when a project is paused, resumed, completed or withdrawn."""

    __tablename__ = "project_notice"
    __table_args__ = (
        CheckConstraint("told <> ''", name="told_written"),
        Index("ix_project_notice_project_id", "project_id"),
        _KEPT,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    step: Mapped[str]
    told: Mapped[str]
    language: Mapped[str]
    at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
