"""How do bank details of a project come in? Proposed there, called back here, then checked.

A proposal pays nobody: somebody of the secretariat calls a number that was known before, writes
down whom they spoke with, and only then is the account entered, for a second person to check.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.people import audit, users
from offset.people.access import Actor, Right, person, require, require_other
from offset.projects.models import Project
from offset.projects.organisations import is_member, own_project
from offset.treasury import payees
from offset.treasury.locks import hold
from offset.treasury.models import Scheme
from offset.treasury.payee_models import AccountCall, AccountProposal, CallOutcome
from offset.treasury.payees import AccountNumber

_LONGEST: Final = 500


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call-back: what came of it, with whom one spoke, on which number."""

    outcome: CallOutcome
    spoke_with: str
    number_called: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A proposal as the desk reads it."""

    id: uuid.UUID
    project_id: uuid.UUID
    project_code: str
    project_title: str
    holder: str
    number: str
    bic: str | None
    country: str
    reason: str
    proposed_at: datetime
    proposed_by: str


def propose(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    holder: str,
    account: AccountNumber,
    reason: str,
) -> uuid.UUID:
    """Propose bank details for one's own project; no helper speaks for its bank account.

    Raises
    ------
    Forbidden, NotFound
        ``project_unknown`` for a project of others.
    InvalidInput
        ``holder_missing``, ``reason_missing``, ``too_long``.
    Refused
        ``proposal_waiting``: one waits to be called back already.
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    if not is_member(session, actor.user_id, project.organisation_id):
        raise NotFound("project_unknown")
    name, why = " ".join(holder.split()), reason.strip()
    if not name:
        raise InvalidInput("holder_missing", field="holder")
    if not why:
        raise InvalidInput("reason_missing", field="reason")
    for field, text in (("holder", name), ("reason", why)):
        if len(text) > _LONGEST:
            raise InvalidInput("too_long", field=field, longest=_LONGEST)
    hold(session, f"payee {project_id}")
    if waiting(session, project_id=project_id):
        raise Refused("proposal_waiting")
    row = AccountProposal(
        id=uuid7(at),
        project_id=project_id,
        holder=name,
        scheme=account.scheme.value,
        number=account.number,
        bic=account.bic,
        country=account.country,
        reason=why,
        proposed_at=at,
        proposed_by=person(actor),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="account.proposed",
        object_type="account_proposal",
        object_id=row.id,
        details={"project": str(project_id)},
    )
    return row.id


def call_back(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    proposal_id: uuid.UUID,
    call: Call,
    explanation: str = "",
) -> uuid.UUID | None:
    """Write down the call-back; what was confirmed is entered for a second person to check.

    Raises
    ------
    Forbidden
        Without the right to prepare payments; ``same_person`` who proposed it; ``own_project``.
    NotFound
        ``proposal_unknown``.
    Conflict
        ``proposal_called`` already.
    InvalidInput
        ``spoke_with_missing``, ``number_called_missing``, ``too_long``; what ``payees.enter`` says.
    Refused
        What ``payees.enter`` refuses.
    """
    require(actor, Right.PREPARE_DISBURSEMENT)
    called_by = person(actor)
    told = _tidy(call)
    hold(session, f"proposal {proposal_id}")
    row = session.get(AccountProposal, proposal_id)
    if row is None:
        raise NotFound("proposal_unknown")
    if session.get(AccountCall, proposal_id) is not None:
        raise Conflict("proposal_called")
    require_other(actor, Right.PREPARE_DISBURSEMENT, row.proposed_by)
    payees.not_ones_own(session, session.get_one(Project, row.project_id), called_by)
    beneficiary_id = None
    if told.outcome is CallOutcome.CONFIRMED:
        beneficiary_id = payees.enter(
            session,
            actor=actor,
            at=at,
            project_id=row.project_id,
            holder=row.holder,
            account=_account(row),
            reason=row.reason,
            explanation=explanation,
        )
    session.add(
        AccountCall(
            proposal_id=proposal_id,
            outcome=told.outcome,
            spoke_with=told.spoke_with,
            number_called=told.number_called,
            note=told.note,
            beneficiary_id=beneficiary_id,
            called_at=at,
            called_by=called_by,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"account.{told.outcome.value}",
        object_type="account_proposal",
        object_id=proposal_id,
        details={"project": str(row.project_id)},
    )
    return beneficiary_id


def waiting(session: Session, *, project_id: uuid.UUID | None = None) -> tuple[Proposed, ...]:
    """List the proposals that nobody has called back, the oldest first."""
    wanted = (
        select(AccountProposal, Project.code, Project.title)
        .join(Project, Project.id == AccountProposal.project_id)
        .outerjoin(AccountCall, AccountCall.proposal_id == AccountProposal.id)
        .where(AccountCall.proposal_id.is_(None))
        .order_by(AccountProposal.id)
    )
    if project_id is not None:
        wanted = wanted.where(AccountProposal.project_id == project_id)
    rows = session.execute(wanted).all()
    names = users.names(session, {row.proposed_by for row, _code, _title in rows})
    return tuple(
        Proposed(
            id=row.id,
            project_id=row.project_id,
            project_code=code or "",
            project_title=title,
            holder=row.holder,
            number=row.number,
            bic=row.bic,
            country=row.country,
            reason=row.reason,
            proposed_at=row.proposed_at,
            proposed_by=names.get(row.proposed_by, ""),
        )
        for row, code, title in rows
    )


def _tidy(call: Call) -> Call:
    told = Call(
        outcome=call.outcome,
        spoke_with=" ".join(call.spoke_with.split()),
        number_called=" ".join(call.number_called.split()),
        note=call.note.strip(),
    )
    if not told.spoke_with:
        raise InvalidInput("spoke_with_missing", field="spoke_with")
    if not told.number_called:
        raise InvalidInput("number_called_missing", field="number_called")
    for field in ("spoke_with", "number_called", "note"):
        if len(getattr(told, field)) > _LONGEST:
            raise InvalidInput("too_long", field=field, longest=_LONGEST)
    return told


def _account(row: AccountProposal) -> AccountNumber:
    """Read the number once more: it goes by the same checks as one that the desk types."""
    if row.scheme == Scheme.IBAN.value:
        return payees.read_account(number=row.number, bic=row.bic or "")
    return payees.read_account(number=row.number, bic=row.bic or "", country=row.country)
