"""Which facts does an application have beside its answers? People, sites, overlaps, questions."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document


class OrganisationRole(enum.StrEnum):
    """What somebody does inside an organisation: answers for it, writes for it, or reads."""

    LEAD = "lead"
    WRITER = "writer"
    READER = "reader"


class SiteWay(enum.StrEnum):
    """How the outline of a site came to us."""

    TYPED = "typed"
    UPLOADED = "uploaded"


class PaperKind(enum.StrEnum):
    """What a document is there to show."""

    TENURE = "tenure"
    CONSENT = "consent"
    MONITORING = "monitoring"
    SOIL = "soil"
    REGISTRATION = "registration"
    BUDGET = "budget"
    OTHER = "other"


class OrganisationInvitation(Base):
    """A colleague asked by mail to join an organisation; the link in the mail is its proof.

    The address is kept only while the invitation is open: afterwards the person's own row has it.
    """

    __tablename__ = "organisation_invitation"
    __table_args__ = (
        Index("ix_organisation_invitation_organisation_id", "organisation_id"),
        CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)"
            " AND NOT (accepted_at IS NOT NULL AND withdrawn_at IS NOT NULL)",
            name="ended_once",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str | None]
    role: Mapped[OrganisationRole] = mapped_column(enumeration(OrganisationRole))
    secret_hash: Mapped[str] = mapped_column(unique=True)
    invited_at: Mapped[datetime]
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_at: Mapped[datetime | None]


class ApplicationSite(Base):
    """A piece of land of an application: its outline, and its area on the ellipsoid.

    The outline is private: people of the project, the secretariat and the committee see it.
    Handing the application in freezes it with everything else.
    """

    __tablename__ = "application_site"
    __table_args__ = (
        Index("ix_application_site_application_id", "application_id"),
        CheckConstraint("area_ha > 0", name="area_positive"),
        CheckConstraint("west <= east AND south <= north", name="box_in_order"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    position: Mapped[int]
    name: Mapped[str]
    way: Mapped[SiteWay] = mapped_column(enumeration(SiteWay))
    outline: Mapped[Any] = mapped_column(Document)
    area_ha: Mapped[float]
    vertices: Mapped[int]
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    sha256: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class OverlapCheck(Base):
    """The test of an application's sites against those of other projects, on the day it came in."""

    __tablename__ = "overlap_check"
    __table_args__ = ({"info": {"append_only": True}},)

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("application.id"), primary_key=True
    )
    checked_at: Mapped[datetime]
    compared: Mapped[int]


class SiteOverlap(Base):
    """Land that two projects of ours name alike: how much, and which share of the site."""

    __tablename__ = "site_overlap"
    __table_args__ = (
        Index("ix_site_overlap_application_id", "application_id"),
        Index("ix_site_overlap_other_application_id", "other_application_id"),
        UniqueConstraint("site_id", "other_site_id", name="uq_site_overlap_site_id_other_site_id"),
        CheckConstraint("area_ha > 0", name="area_positive"),
        {"info": {"append_only": True}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application_site.id"))
    other_application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    other_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application_site.id"))
    area_ha: Mapped[float]
    share: Mapped[float]
    found_at: Mapped[datetime]


class InformationRequest(Base):
    """What the secretariat asks about an application that was handed in, and the one answer."""

    __tablename__ = "information_request"
    __table_args__ = (
        Index("ix_information_request_assessment_id", "assessment_id"),
        CheckConstraint(
            "(answered_at IS NULL) = (answer IS NULL)"
            " AND (paper_key IS NULL) = (paper_sha256 IS NULL)"
            " AND (paper_key IS NULL OR answer IS NOT NULL)",
            name="answered_whole",
        ),
        {
            "info": {
                "append_only": True,
                "updatable": {
                    "answered_at",
                    "answered_by",
                    "answer",
                    "paper_name",
                    "paper_key",
                    "paper_sha256",
                    "paper_size",
                    "paper_pages",
                },
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    assessment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assessment.id"))
    question: Mapped[str]
    due_on: Mapped[date]
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answer: Mapped[str | None]
    paper_name: Mapped[str | None]
    paper_key: Mapped[str | None]
    paper_sha256: Mapped[str | None]
    paper_size: Mapped[int | None]
    paper_pages: Mapped[int | None]


class RegistrationReason(Base):
    """Why a project may be admitted although carbon of its land is registered or sold elsewhere.

    Public, beside the applicant's own answer. Without it the database refuses the admission.
    """

    __tablename__ = "registration_reason"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_written"),
        {"info": {"append_only": True}},
    )

    application_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("application.id"), primary_key=True
    )
    reason: Mapped[str]
    language: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
