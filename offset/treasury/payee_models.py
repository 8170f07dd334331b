"""What do we know of the organisations we pay, and of the lists they are held against?"""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base, enumeration
from offset.database.types import Document

_EVIDENCE = {"info": {"append_only": True}}


class ScreeningCause(enum.StrEnum):
    """Why an organisation was held against a list."""

    FILE = "file"  # its file was entered or renewed
    LIST = "list"  # a newer list came
    ACCOUNT = "account"  # an account with another holder was entered
    BY_HAND = "by_hand"


class HitSubject(enum.StrEnum):
    """Whose name is like one on the list."""

    ORGANISATION = "organisation"
    PERSON = "person"
    HOLDER = "holder"


class HitOutcome(enum.StrEnum):
    """What a person found about a name that is like one on the list."""

    CLEARED = "cleared"
    CONFIRMED = "confirmed"


class ScreeningUse(enum.StrEnum):
    """What a screening allowed."""

    ADMISSION = "admission"
    ACCOUNT = "account"
    PREPARED = "prepared"
    APPROVED = "approved"


class CallOutcome(enum.StrEnum):
    """What a call-back about bank details came to."""

    CONFIRMED = "confirmed"
    DENIED = "denied"


class OrganisationFile(Base):
    """What a register says of an organisation that we pay; a renewal is a new row.

    It holds for 24 months. The people who govern it stand beside it, for few eyes.
    """

    __tablename__ = "organisation_file"
    __table_args__ = (
        Index("ix_organisation_file_organisation_id", "organisation_id"),
        CheckConstraint("legal_name <> ''", name="legal_name_told"),
        CheckConstraint("number <> ''", name="number_told"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    legal_name: Mapped[str]
    other_names: Mapped[Any] = mapped_column(Document)
    register: Mapped[str]
    number: Mapped[str]
    registered_on: Mapped[date | None]
    street: Mapped[str]
    postcode: Mapped[str]
    town: Mapped[str]
    country: Mapped[str]
    evidence: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class GoverningPerson(Base):
    """Somebody who governs an organisation that we pay: personal data, shown to few.

    Not append-only: a name may be taken away when the law says so; the file keeps its row.
    """

    __tablename__ = "governing_person"
    __table_args__ = (Index("ix_governing_person_file_id", "file_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation_file.id"))
    name: Mapped[str]
    office: Mapped[str]
    born: Mapped[str]


class SanctionsList(Base):
    """One edition of the EU consolidated list as somebody uploaded it: its date, hash and names."""

    __tablename__ = "sanctions_list"
    __table_args__ = (
        CheckConstraint("entities > 0", name="entities_some"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    published_on: Mapped[date]
    sha256: Mapped[str] = mapped_column(unique=True)
    file_name: Mapped[str]
    form: Mapped[str]
    entities: Mapped[int]
    names_count: Mapped[int]
    # half a megabyte that only a comparison reads
    names: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class Screening(Base):
    """One comparison of an organisation, its people and its account holders with one list."""

    __tablename__ = "screening"
    __table_args__ = (
        Index("ix_screening_organisation_id", "organisation_id"),
        Index("ix_screening_file_id", "file_id"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation_file.id"))
    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanctions_list.id"))
    cause: Mapped[ScreeningCause] = mapped_column(enumeration(ScreeningCause))
    names_compared: Mapped[int]
    screened_at: Mapped[datetime]
    screened_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))


class SanctionsHit(Base):
    """A name of ours that is like one on the list; the same pair is one hit for ever.

    The name of a person is not repeated here: the hit points to the row for few eyes.
    """

    __tablename__ = "sanctions_hit"
    __table_args__ = (
        Index("ix_sanctions_hit_organisation_id", "organisation_id"),
        CheckConstraint("score BETWEEN 1 AND 100", name="score_percent"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    fingerprint: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[HitSubject] = mapped_column(enumeration(HitSubject))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("governing_person.id"))
    our_name: Mapped[str]
    listed_ref: Mapped[str]
    listed_name: Mapped[str]
    listed_kind: Mapped[str]
    listed_born: Mapped[str]
    score: Mapped[int]
    why: Mapped[str]
    found_at: Mapped[datetime]


class ScreeningHit(Base):
    """A hit that a screening found; one that no longer arises stands in older screenings only."""

    __tablename__ = "screening_hit"
    __table_args__ = (Index("ix_screening_hit_hit_id", "hit_id"), _EVIDENCE)

    screening_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening.id"), primary_key=True)
    hit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanctions_hit.id"), primary_key=True)


class HitDecision(Base):
    """A person's word on a hit, with the reason; the newest holds, another person changes it."""

    __tablename__ = "hit_decision"
    __table_args__ = (
        Index("ix_hit_decision_hit_id", "hit_id"),
        CheckConstraint("reason <> ''", name="reason_told"),
        _EVIDENCE,
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanctions_hit.id"))
    outcome: Mapped[HitOutcome] = mapped_column(enumeration(HitOutcome))
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class ScreeningUsed(Base):
    """Which screening allowed an admission, an account or a step of a payment."""

    __tablename__ = "screening_used"
    __table_args__ = (Index("ix_screening_used_object_id", "object_id"), _EVIDENCE)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    screening_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening.id"))
    used_for: Mapped[ScreeningUse] = mapped_column(enumeration(ScreeningUse))
    object_id: Mapped[uuid.UUID]
    used_at: Mapped[datetime]


class HolderExplained(Base):
    """Why an account is held under another name than the organisation's own."""

    __tablename__ = "holder_explained"
    __table_args__ = (CheckConstraint("words <> ''", name="words_told"), _EVIDENCE)

    beneficiary_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("beneficiary.id"), primary_key=True
    )
    words: Mapped[str]


class AccountProposal(Base):
    """Bank details as a project proposes them: no payment goes there by this alone."""

    __tablename__ = "account_proposal"
    __table_args__ = (Index("ix_account_proposal_project_id", "project_id"), _EVIDENCE)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    project_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("project.id"))
    holder: Mapped[str]
    scheme: Mapped[str]
    number: Mapped[str]
    bic: Mapped[str | None]
    country: Mapped[str]
    reason: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class AccountCall(Base):
    """The secretariat's call-back about proposed bank details: with whom, on which number."""

    __tablename__ = "account_call"
    __table_args__ = (
        CheckConstraint("spoke_with <> '' AND number_called <> ''", name="call_told"),
        CheckConstraint(
            "(outcome = 'confirmed') = (beneficiary_id IS NOT NULL)", name="confirmed_is_entered"
        ),
        _EVIDENCE,
    )

    proposal_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account_proposal.id"), primary_key=True
    )
    outcome: Mapped[CallOutcome] = mapped_column(enumeration(CallOutcome))
    spoke_with: Mapped[str]
    number_called: Mapped[str]
    note: Mapped[str]
    beneficiary_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("beneficiary.id"), unique=True
    )
    called_at: Mapped[datetime]
    called_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
