"""What about those we pay waits for a person: accounts, call-backs, files, likenesses?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.projects.models import Organisation, Project
from offset.treasury import organisation_files
from offset.treasury.models import Beneficiary, BeneficiaryCheck
from offset.treasury.payee_models import (
    AccountCall,
    AccountProposal,
    HitDecision,
    OrganisationFile,
    SanctionsHit,
    Screening,
    ScreeningHit,
)
from offset.treasury.work import Work, rows
from offset.treasury.work_of_projects import REPORTING

RENEW_DAYS: Final = 60


def payees(session: Session, _at: datetime) -> Iterable[Work]:
    """Accounts of payees that wait for a second person."""
    checked = exists().where(BeneficiaryCheck.beneficiary_id == Beneficiary.id)
    wanted = select(Beneficiary).where(~checked).order_by(Beneficiary.entered_at)
    for (row,) in rows(session, wanted):
        yield Work(
            name=row.holder,
            since=utc_day(row.entered_at),
            path=f"/secretariat/payees/{row.id}",
            own=row.entered_by,
        )


def proposals(session: Session, _at: datetime) -> Iterable[Work]:
    """Bank details that a project proposed and nobody called back; no holder is named."""
    called = exists().where(AccountCall.proposal_id == AccountProposal.id)
    wanted = (
        select(AccountProposal, Project.code, Project.title)
        .join(Project, Project.id == AccountProposal.project_id)
        .where(~called)
        .order_by(AccountProposal.proposed_at, AccountProposal.id)
    )
    for row, code, title in rows(session, wanted):
        yield Work(
            name=f"{code or ''} {title}".strip(),
            since=utc_day(row.proposed_at),
            path="/secretariat/disbursements",
            own=row.proposed_by,
        )


def hits(session: Session, _at: datetime) -> Iterable[Work]:
    """Likenesses to a sanctions list, of the last comparison, on which nobody has said a word."""
    later = aliased(Screening)
    last = ~exists().where(
        later.organisation_id == Screening.organisation_id, later.id > Screening.id
    )
    decided = exists().where(HitDecision.hit_id == SanctionsHit.id)
    wanted = (
        select(SanctionsHit.found_at, Organisation.id, Organisation.name)
        .join(ScreeningHit, ScreeningHit.hit_id == SanctionsHit.id)
        .join(Screening, Screening.id == ScreeningHit.screening_id)
        .join(Organisation, Organisation.id == SanctionsHit.organisation_id)
        .where(last, ~decided)
        .order_by(SanctionsHit.found_at, SanctionsHit.id)
    )
    for found_at, organisation_id, name in rows(session, wanted):
        path = f"/secretariat/organisations/{organisation_id}"
        yield Work(name=name, since=utc_day(found_at), path=path)


def files(session: Session, at: datetime) -> Iterable[Work]:
    """Files of organisations with a project that is funded, which end soon, ended, or lack."""
    soon = utc_day(at) + timedelta(days=RENEW_DAYS)
    later = aliased(OrganisationFile)
    newer = exists().where(
        later.organisation_id == OrganisationFile.organisation_id, later.id > OrganisationFile.id
    )
    funded = exists().where(
        Project.organisation_id == Organisation.id, Project.status.in_(REPORTING)
    )
    wanted = (
        select(Organisation.id, Organisation.name, OrganisationFile)
        .outerjoin(OrganisationFile, (OrganisationFile.organisation_id == Organisation.id) & ~newer)
        .where(funded)
        .order_by(OrganisationFile.entered_at, Organisation.name)
    )
    for organisation_id, name, file in rows(session, wanted):
        until = organisation_files.holds_until(file) if file else None
        if until is None or until <= soon:
            path = f"/secretariat/organisations/{organisation_id}"
            yield Work(name=name, since=None, due=until, path=path)
