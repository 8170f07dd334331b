"""Whose bank account is paid for a project, who entered it, and who checked it?"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, Forbidden, InvalidInput, NotFound, Refused
from offset.people import audit, deputies
from offset.people.access import Actor, Right, person, require
from offset.projects.models import OrganisationMember, Project
from offset.treasury import organisation_files, sanctions
from offset.treasury.locks import hold
from offset.treasury.models import Beneficiary, BeneficiaryCheck, CheckOutcome, Scheme
from offset.treasury.payee_models import HolderExplained, ScreeningCause, ScreeningUse

_NUMBER: Final = re.compile(r"[A-Z0-9]{4,34}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_LONGEST: Final = 140  # what a credit transfer carries as a name


@dataclass(frozen=True, kw_only=True)
class AccountNumber:
    """A payee's account after every check of its form."""

    scheme: Scheme
    number: str
    bic: str | None
    bank: str | None
    country: str


def read_account(*, number: str, bic: str = "", country: str = "") -> AccountNumber:
    """Check an account number: an IBAN by its check digits, another one by its bank's BIC.

    Raises
    ------
    InvalidInput
        ``iban_wrong``, ``bic_wrong``, ``bic_missing``, ``account_number_wrong`` or
        ``country_missing``.
    """
    tidy = re.sub(r"[\s.\-/]", "", number).upper()
    if re.match(r"[A-Z]{2}[0-9]{2}", tidy):
        return _by_iban(tidy, bic)
    if not _NUMBER.fullmatch(tidy):
        raise InvalidInput("account_number_wrong", field="number")
    if not bic.strip():
        raise InvalidInput("bic_missing", field="bic")
    if not _COUNTRY.fullmatch(country.strip().upper()):
        raise InvalidInput("country_missing", field="country")
    return AccountNumber(
        scheme=Scheme.OTHER,
        number=tidy,
        bic=_bic(bic),
        bank=None,
        country=country.strip().upper(),
    )


def enter(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    holder: str,
    account: AccountNumber,
    reason: str = "",
    explanation: str = "",
) -> uuid.UUID:
    """Enter a project's bank account, or a change of it; a second person must check it.

    The holder is the organisation, by any name of its file, or the ``explanation`` says why not;
    then the holder too is held against the list of sanctions.

    Raises
    ------
    Forbidden
        Without the right to prepare payments; ``own_project``.
    NotFound
        ``project_unknown``.
    InvalidInput
        ``holder_missing``; ``reason_missing`` for a change; ``holder_unexplained``.
    Refused
        ``payee_waiting``: an account of this project waits to be checked already. What
        ``organisation_files.require_file`` refuses.
    """
    require(actor, Right.PREPARE_DISBURSEMENT)
    entered_by = person(actor)
    name = " ".join(holder.split())[:_LONGEST]
    if not name:
        raise InvalidInput("holder_missing", field="holder")
    hold(session, f"payee {project_id}")
    project = session.get(Project, project_id)
    if project is None:
        raise NotFound("project_unknown")
    not_ones_own(session, project, entered_by)
    file = organisation_files.require_file(session, project, at=at)
    earlier = current(session, project_id)
    if waiting(session, project_id) is not None:
        raise Refused("payee_waiting")
    if earlier is not None and not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    own = organisation_files.explained(file, name)
    if not own and not explanation.strip():
        raise InvalidInput("holder_unexplained", field="explanation", name=file.legal_name)
    row = Beneficiary(
        id=uuid7(at),
        project_id=project_id,
        holder=name,
        scheme=account.scheme,
        number=account.number,
        bic=account.bic,
        bank=account.bank,
        country=account.country,
        reason=reason.strip() or "First account.",
        entered_at=at,
        entered_by=entered_by,
    )
    session.add(row)
    session.flush()
    if not own:
        session.add(HolderExplained(beneficiary_id=row.id, words=explanation.strip()[:1_000]))
        session.flush()
        sanctions.screen(session, file, ScreeningCause.ACCOUNT, actor=actor, at=at)
    deputies.note_act(
        session, actor=actor, at=at, right=Right.PREPARE_DISBURSEMENT, object_id=row.id
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="payee.entered" if earlier is None else "payee.changed",
        object_type="beneficiary",
        object_id=row.id,
        details={"project": str(project_id)},
    )
    return row.id


def check(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    beneficiary_id: uuid.UUID,
    outcome: CheckOutcome,
    note: str,
) -> None:
    """Say, as the second person, whether a payee's account is the payee's.

    Raises
    ------
    Forbidden
        Without the right to approve payments; ``same_person``; ``own_project``.
    NotFound
        ``payee_unknown``.
    Conflict
        ``payee_checked`` already.
    InvalidInput
        ``note_missing``: whom one called back, on which number, or why it is refused.
    Refused
        For a yes, what ``organisation_files.require_known`` refuses.
    """
    require(actor, Right.APPROVE_DISBURSEMENT)
    checked_by = person(actor)
    if not note.strip():
        raise InvalidInput("note_missing", field="note")
    hold(session, f"payee check {beneficiary_id}")
    payee = session.get(Beneficiary, beneficiary_id)
    if payee is None:
        raise NotFound("payee_unknown")
    if session.get(BeneficiaryCheck, beneficiary_id) is not None:
        raise Conflict("payee_checked")
    deputies.require_second(
        session,
        actor=actor,
        right=Right.APPROVE_DISBURSEMENT,
        first=payee.entered_by,
        object_id=payee.id,
    )
    project = session.get_one(Project, payee.project_id)
    not_ones_own(session, project, checked_by)
    if outcome is CheckOutcome.VERIFIED:
        screening = organisation_files.require_known(session, project, at=at)
        organisation_files.note_use(session, screening, ScreeningUse.ACCOUNT, payee.id, at=at)
    session.add(
        BeneficiaryCheck(
            beneficiary_id=beneficiary_id,
            entered_by=payee.entered_by,
            outcome=outcome,
            note=note.strip(),
            checked_at=at,
            checked_by=checked_by,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"payee.{outcome.value}",
        object_type="beneficiary",
        object_id=beneficiary_id,
        details={"project": str(payee.project_id)},
    )


def not_ones_own(session: Session, project: Project, user_id: uuid.UUID) -> None:
    """Refuse whoever belongs to the organisation that would be paid.

    Raises
    ------
    Forbidden
        ``own_project``.
    """
    if session.get(OrganisationMember, (project.organisation_id, user_id)) is not None:
        raise Forbidden("own_project")


def current(session: Session, project_id: uuid.UUID) -> Beneficiary | None:
    """Return the account that a project is paid on: the newest one that was verified."""
    return session.scalar(
        select(Beneficiary)
        .join(BeneficiaryCheck, BeneficiaryCheck.beneficiary_id == Beneficiary.id)
        .where(
            Beneficiary.project_id == project_id,
            BeneficiaryCheck.outcome == CheckOutcome.VERIFIED,
        )
        .order_by(BeneficiaryCheck.checked_at.desc(), Beneficiary.id.desc())
        .limit(1)
    )


def waiting(session: Session, project_id: uuid.UUID) -> Beneficiary | None:
    """Return the account of a project that waits for the second person, if there is one."""
    return session.scalar(
        select(Beneficiary)
        .outerjoin(BeneficiaryCheck, BeneficiaryCheck.beneficiary_id == Beneficiary.id)
        .where(Beneficiary.project_id == project_id, BeneficiaryCheck.beneficiary_id.is_(None))
        .limit(1)
    )


def _by_iban(number: str, bic: str) -> AccountNumber:
    try:
        iban = IBAN(number)
    except SchwiftyException:
        raise InvalidInput("iban_wrong", field="number") from None
    told = _bic(bic) if bic.strip() else None
    known = iban.bic
    return AccountNumber(
        scheme=Scheme.IBAN,
        number=str(iban),
        bic=told or (str(known) if known else None),
        bank=iban.bank_short_name or iban.bank_name,
        country=iban.country_code,
    )


def _bic(text: str) -> str:
    try:
        return str(BIC(re.sub(r"\s", "", text).upper()))
    except SchwiftyException:
        raise InvalidInput("bic_wrong", field="bic") from None
