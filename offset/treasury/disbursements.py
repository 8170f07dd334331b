"""How does money leave for a project? One person prepares, another approves, the bank pays."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.giving.models import AllocationRow, Donation, DonationStatus
from offset.ledger import balances, chart, entries, journal
from offset.money import Money
from offset.people import audit, deputies, settings
from offset.people.access import Actor, Right, person, require
from offset.projects import queries as projects
from offset.projects.models import Project
from offset.projects.queries import Gate
from offset.treasury import organisation_files, payees
from offset.treasury.locks import hold
from offset.treasury.models import Disbursement, DisbursementDecision, PaymentOutcome
from offset.treasury.payee_models import ScreeningUse

_LONGEST_PURPOSE: Final = 200
_FROZEN: Final = frozenset({"on_hold", "withdrawn"})


@dataclass(frozen=True)
class Due:
    """What a project holds, and whether it may be paid out today, and why.

    ``why`` is ``minimum`` when it reached the smallest payment, ``period_end`` when it stood
    below that as the last month ended, ``accumulating`` when it still waits, ``frozen`` when the
    gate is shut.
    """

    project_id: uuid.UUID
    code: str
    free: Money
    why: str

    @property
    def due(self) -> bool:
        """Whether it may be paid out today."""
        return self.why in {"minimum", "period_end"}


@dataclass(frozen=True)
class Allowance:
    """What may be paid to a project now: what it holds, less what other payments wait for.

    What disputed gifts gave to the project is held back until their disputes have ended.
    """

    held: Money
    waiting: Money
    disputed: Money

    @property
    def free(self) -> Money:
        """What a further payment may take."""
        left = self.held - self.waiting - self.disputed
        return left if left.minor > 0 else Money(0, left.currency)


def prepare(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    project_id: uuid.UUID,
    amount: Money,
    purpose: str,
) -> uuid.UUID:
    """Prepare a payment to a project's checked account; nothing is booked yet.

    Raises
    ------
    Forbidden
        Without the right to prepare payments; ``own_project``.
    NotFound
        ``project_unknown``.
    InvalidInput
        ``amount_not_positive``, ``purpose_missing``, ``amount_below_minimum``.
    Refused
        ``gate_closed``, ``payee_missing``, ``amount_above_balance``; what
        ``organisation_files.require_known`` refuses.
    """
    require(actor, Right.PREPARE_DISBURSEMENT)
    prepared_by = person(actor)
    project = _project(session, project_id)
    payees.not_ones_own(session, project, prepared_by)
    told = " ".join(purpose.split())[:_LONGEST_PURPOSE]
    if not told:
        raise InvalidInput("purpose_missing", field="purpose")
    if amount.minor <= 0:
        raise InvalidInput("amount_not_positive", field="amount")
    balances.lock(session, [_account(project, amount.currency)])
    _check_minimum(session, project, amount, at)
    _open_gate(session, project, utc_day(at))
    payee = payees.current(session, project_id)
    if payee is None:
        raise Refused("payee_missing")
    screening = organisation_files.require_known(session, project, at=at)
    _check_balance(session, project, amount)
    payment = Disbursement(
        id=uuid7(at),
        number=_number(session, utc_day(at)),
        project_id=project_id,
        beneficiary_id=payee.id,
        amount=amount.minor,
        currency=amount.currency,
        purpose=told,
        prepared_at=at,
        prepared_by=prepared_by,
    )
    session.add(payment)
    session.flush()
    organisation_files.note_use(session, screening, ScreeningUse.PREPARED, payment.id, at=at)
    deputies.note_act(
        session, actor=actor, at=at, right=Right.PREPARE_DISBURSEMENT, object_id=payment.id
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="disbursement.prepared",
        object_type="disbursement",
        object_id=payment.id,
        details={"number": payment.number, "amount": str(amount), "project": project.code},
    )
    return payment.id


def approve(
    session: Session, *, actor: Actor, at: datetime, disbursement_id: uuid.UUID
) -> uuid.UUID:
    """Approve a payment as the second person: everything is checked again, then R22 is booked.

    Raises
    ------
    Forbidden
        Without the right to approve payments; ``same_person``; ``own_project``.
    NotFound
        ``payment_unknown``.
    Conflict
        ``payment_decided`` already.
    Refused
        ``gate_closed``; ``payee_changed`` since it was prepared; ``amount_above_balance``; what
        ``organisation_files.require_known`` refuses, with the list of today.
    """
    payment, approved_by = _to_decide(session, actor, disbursement_id)
    project = _project(session, payment.project_id)
    amount = Money(payment.amount, payment.currency)
    account = _account(project, amount.currency)
    balances.lock(session, [account])
    gate = _open_gate(session, project, utc_day(at))
    payee = payees.current(session, project.id)
    if payee is None or payee.id != payment.beneficiary_id:
        raise Refused("payee_changed")
    screening = organisation_files.require_known(session, project, at=at)
    organisation_files.note_use(session, screening, ScreeningUse.APPROVED, payment.id, at=at)
    held = balances.held(session, account) - _disputed(session, project.id, amount.currency)
    if held < amount:
        raise Refused("amount_above_balance", field="amount", available=held)

    def decide(entry_id: uuid.UUID) -> None:
        """Write the yes before the postings: a guard on them looks for it."""
        _decide(
            session,
            payment,
            DisbursementDecision(
                disbursement_id=payment.id,
                project_id=payment.project_id,
                prepared_by=payment.prepared_by,
                outcome=PaymentOutcome.APPROVED,
                reason="",
                entry_id=entry_id,
                decision_id=gate.decision_id,
                admission_id=gate.admission_id,
                decided_at=at,
                approved_by=approved_by,
            ),
            actor=actor,
        )

    posted = journal.post(
        session,
        entries.disbursement_ordered(
            disbursement_id=str(payment.id), on=utc_day(at), project=account, amount=amount
        ),
        at=at,
        actor_id=actor.user_id,
        before_postings=decide,
    )
    return posted.entry_id


def refuse(
    session: Session, *, actor: Actor, at: datetime, disbursement_id: uuid.UUID, reason: str
) -> None:
    """Refuse a payment as the second person, with the reason; the money stays with the project.

    Raises
    ------
    Forbidden
        Without the right to approve payments; ``same_person``.
    NotFound
        ``payment_unknown``.
    Conflict
        ``payment_decided`` already.
    InvalidInput
        ``reason_missing``.
    """
    payment, refused_by = _to_decide(session, actor, disbursement_id)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    _decide(
        session,
        payment,
        DisbursementDecision(
            disbursement_id=payment.id,
            project_id=payment.project_id,
            prepared_by=payment.prepared_by,
            outcome=PaymentOutcome.REFUSED,
            reason=reason.strip(),
            entry_id=None,
            decision_id=None,
            admission_id=None,
            decided_at=at,
            approved_by=refused_by,
        ),
        actor=actor,
    )


def allowance(session: Session, project: Project, currency: str) -> Allowance:
    """Return what may be paid to an admitted project now."""
    waiting = session.scalar(
        select(func.coalesce(func.sum(Disbursement.amount), 0))
        .outerjoin(DisbursementDecision, DisbursementDecision.disbursement_id == Disbursement.id)
        .where(
            Disbursement.project_id == project.id,
            Disbursement.currency == currency,
            DisbursementDecision.disbursement_id.is_(None),
        )
    )
    held = balances.held(session, _account(project, currency))
    return Allowance(
        held=held,
        waiting=Money(int(waiting or 0), currency),
        disputed=_disputed(session, project.id, currency),
    )


def _disputed(session: Session, project_id: uuid.UUID, currency: str) -> Money:
    """Sum what gifts whose payment is in dispute have at a project."""
    found = session.scalar(
        select(func.coalesce(func.sum(AllocationRow.amount), 0))
        .join(Donation, Donation.id == AllocationRow.donation_id)
        .where(
            AllocationRow.project_id == project_id,
            Donation.status == DonationStatus.DISPUTED,
            Donation.settled_currency == currency,
        )
    )
    return Money(int(found or 0), currency)


def payable(session: Session, at: datetime) -> tuple[Due, ...]:
    """Return every project that holds money, by code, and whether that may be paid out today.

    Small balances accumulate until they reach the smallest payment or the month ends.
    """
    on = utc_day(at)
    found = session.scalars(select(Project).where(Project.code.is_not(None)).order_by(Project.code))
    return tuple(
        Due(project.id, project.code or "", free, _why(session, project, free, on))
        for project in found
        if (free := allowance(session, project, project.currency).free).minor > 0
    )


def _why(session: Session, project: Project, free: Money, on: date) -> str:
    if not may_pay(projects.gate(session, project.id, on)):
        return "frozen"
    if free >= _lowest(session, free.currency):
        return "minimum"
    return "period_end" if _stood(session, project, free.currency, on) else "accumulating"


def _to_decide(
    session: Session, actor: Actor, disbursement_id: uuid.UUID
) -> tuple[Disbursement, uuid.UUID]:
    require(actor, Right.APPROVE_DISBURSEMENT)
    decider = person(actor)
    hold(session, f"disbursement {disbursement_id}")
    payment = session.get(Disbursement, disbursement_id)
    if payment is None:
        raise NotFound("payment_unknown")
    if session.get(DisbursementDecision, disbursement_id) is not None:
        raise Conflict("payment_decided", number=payment.number)
    deputies.require_second(
        session,
        actor=actor,
        right=Right.APPROVE_DISBURSEMENT,
        first=payment.prepared_by,
        object_id=payment.id,
    )
    payees.not_ones_own(session, _project(session, payment.project_id), decider)
    return payment, decider


def _decide(
    session: Session, payment: Disbursement, decision: DisbursementDecision, *, actor: Actor
) -> None:
    session.add(decision)
    session.flush()
    audit.record(
        session,
        at=decision.decided_at,
        actor=actor,
        action=f"disbursement.{decision.outcome.value}",
        object_type="disbursement",
        object_id=payment.id,
        details={"number": payment.number, "reason": decision.reason},
    )


def _project(session: Session, project_id: uuid.UUID) -> Project:
    project = session.get(Project, project_id)
    if project is None or project.code is None:
        raise NotFound("project_unknown")
    return project


def _account(project: Project, currency: str) -> str:
    return chart.project(project.code or "", currency)


def _check_minimum(session: Session, project: Project, amount: Money, at: datetime) -> None:
    """Refuse a small payment, unless it empties what stood there when the last month ended."""
    lowest = _lowest(session, amount.currency)
    if amount >= lowest:
        return
    whole = allowance(session, project, amount.currency).free == amount
    if not (whole and _stood(session, project, amount.currency, utc_day(at))):
        raise InvalidInput("amount_below_minimum", field="amount", minimum=lowest)


def _lowest(session: Session, currency: str) -> Money:
    held = settings.current(session, "minimum_disbursement").value
    return Money(held.get(currency, 0), currency)


def _stood(session: Session, project: Project, currency: str, on: date) -> bool:
    """Say whether a project's account held anything as the month before this one ended."""
    last = on.replace(day=1) - timedelta(days=1)
    return balances.balance(session, _account(project, currency), as_of=last).minor < 0


def _check_balance(session: Session, project: Project, amount: Money) -> None:
    free = allowance(session, project, amount.currency).free
    if free < amount:
        raise Refused("amount_above_balance", field="amount", available=free)


def _open_gate(session: Session, project: Project, on: date) -> Gate:
    """Hold the assessment, the admission and the state of the project against a payment."""
    gate = projects.gate(session, project.id, on)
    if not may_pay(gate):
        raise Refused("gate_closed", project=project.code, reasons=gate.reasons)
    return gate


def may_pay(gate: Gate) -> bool:
    """Say whether money may go out: a paused or withdrawn project is not paid either."""
    return gate.may_pay and not _FROZEN & set(gate.reasons)


def _number(session: Session, on: date) -> str:
    """Return the next end-to-end id of the year: ``DISB-2026-0042``."""
    prefix = f"DISB-{on.year}-"
    hold(session, prefix)
    used = session.scalar(
        select(func.count()).select_from(Disbursement).where(Disbursement.number.startswith(prefix))
    )
    return f"{prefix}{(used or 0) + 1:04d}"
