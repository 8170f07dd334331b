"""Has the money reached the project? Its own word, with the day and the amount in local money.

The books say what left our bank; only the people there can say what came in, after the fees and
the exchange of the banks between.
"""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, StateRefused
from offset.ledger import balances
from offset.ledger.balances import ProjectTotals
from offset.people import audit, users
from offset.people.access import Actor, Right
from offset.projects.models import OrganisationMember, Project
from offset.projects.organisations import is_member, own_project
from offset.treasury import queries
from offset.treasury.arrival_models import PaymentArrival
from offset.treasury.models import Disbursement
from offset.treasury.queries import PaymentLine, PaymentState

_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_AMOUNT: Final = re.compile(r"(\d{1,13})(?:\.(\d{1,3}))?", re.ASCII)
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f'\u2019]")
_LONGEST_NOTE: Final = 500
# A bank's clock may be a day ahead of ours.
_AHEAD: Final = timedelta(days=1)
_ON_ITS_WAY: Final = frozenset({PaymentState.APPROVED, PaymentState.SENT})


@dataclass(frozen=True)
class Arrival:
    """What a project said of one payment, the newest word of it."""

    received_on: date
    amount: str
    currency: str
    note: str
    confirmed_at: datetime
    confirmed_by: str


@dataclass(frozen=True)
class PaymentSeen:
    """A payment as the project sees it: what we ordered or sent, and what arrived."""

    line: PaymentLine
    arrival: Arrival | None

    @property
    def to_confirm(self) -> bool:
        """Whether we sent it and nobody has said that it came."""
        return self.line.state is PaymentState.SENT and self.arrival is None


@dataclass(frozen=True)
class ProjectMoney:
    """The money of a project: allocated, ordered and sent by the ledger, and each payment."""

    totals: ProjectTotals | None
    payments: tuple[PaymentSeen, ...]


def confirm(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    disbursement_id: uuid.UUID,
    received_on: date,
    amount: str,
    currency: str,
    note: str = "",
) -> None:
    """Say that a payment arrived; a second word corrects the first, which stays readable.

    Only members of the project's own organisation may: no helper speaks for its bank account.

    Raises
    ------
    Forbidden, NotFound
        ``payment_unknown``, also for a payment of others.
    InvalidInput
        ``received_on_unusable``, ``local_amount_unreadable``, ``local_currency_unknown`` or
        ``too_long``.
    StateRefused
        ``nothing_sent``.
    """
    line = _own(session, actor, disbursement_id)
    if line.state not in _ON_ITS_WAY:
        raise StateRefused("nothing_sent", state=line.state.value)
    earliest = utc_day(line.prepared_at)
    if not earliest <= received_on <= utc_day(at) + _AHEAD:
        raise InvalidInput("received_on_unusable", field="received_on", earliest=earliest)
    minor, decimals = read_amount(amount)
    code = currency.strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise InvalidInput("local_currency_unknown", field="currency")
    said = note.replace("\r\n", "\n").strip()
    if len(said) > _LONGEST_NOTE:
        raise InvalidInput("too_long", field="note", longest=_LONGEST_NOTE)
    if _said_already(session, disbursement_id, (received_on, minor, decimals, code, said)):
        return
    session.add(
        PaymentArrival(
            id=uuid7(at),
            disbursement_id=disbursement_id,
            received_on=received_on,
            local_minor=minor,
            local_decimals=decimals,
            local_currency=code,
            note=said,
            confirmed_at=at,
            confirmed_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="payment.arrived",
        object_type="disbursement",
        object_id=disbursement_id,
        details={"received_on": received_on.isoformat(), "currency": code},
    )


def read_amount(text: str) -> tuple[int, int]:
    """Read an amount of any money as whole units of its last decimal, and how many decimals.

    Raises
    ------
    InvalidInput
        ``local_amount_unreadable``.
    """
    told = _BLANKS.sub("", text)
    if told.count(",") == 1 and "." not in told:
        head, _, tail = told.partition(",")
        # 1,234 is a thousand and more; 12,50 is twelve and a half
        told = head + tail if len(tail) == 3 else f"{head}.{tail}"  # noqa: PLR2004 - a group of three
    told = told.replace(",", "")
    found = _AMOUNT.fullmatch(told)
    if found is None or not int(found[1] + (found[2] or "")):
        raise InvalidInput("local_amount_unreadable", field="amount", text=text[:40])
    decimals = found[2] or ""
    return int(found[1] + decimals), len(decimals)


def of_project(session: Session, actor: Actor, project_id: uuid.UUID) -> ProjectMoney:
    """Read what was allocated, ordered and sent, and what arrived, for those who run a project.

    Raises
    ------
    Forbidden, NotFound
    """
    project = own_project(session, actor, project_id, Right.APPLY)
    totals = None
    if project.code is not None:
        totals = balances.project_totals(session, [project.id], project.currency)[project.id]
    ids = session.scalars(
        select(Disbursement.id).where(Disbursement.project_id == project_id)
    ).all()
    shown = [
        line
        for line in queries.payments(session, ids=ids)
        if line.state is not PaymentState.REFUSED
    ]
    arrived = newest(session, [line.id for line in shown])
    return ProjectMoney(totals, tuple(PaymentSeen(line, arrived.get(line.id)) for line in shown))


def to_confirm(session: Session, actor: Actor) -> tuple[PaymentLine, ...]:
    """List the payments that were sent to a steward's own projects and not yet confirmed."""
    ids = session.scalars(
        select(Disbursement.id)
        .join(Project, Project.id == Disbursement.project_id)
        .join(OrganisationMember, OrganisationMember.organisation_id == Project.organisation_id)
        .where(OrganisationMember.user_id == actor.user_id)
    ).all()
    sent = queries.payments(session, ids=ids, state=PaymentState.SENT) if ids else ()
    arrived = newest(session, [line.id for line in sent])
    return tuple(line for line in sent if line.id not in arrived)


def newest(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Arrival]:
    """Return the newest word on each payment; for the secretariat's lists as well."""
    if not ids:
        return {}
    rows = session.scalars(
        select(PaymentArrival)
        .where(PaymentArrival.disbursement_id.in_(ids))
        .order_by(PaymentArrival.id)
    ).all()
    names = users.names(session, {row.confirmed_by for row in rows})
    return {row.disbursement_id: _arrival(row, names) for row in rows}


def history(session: Session, disbursement_id: uuid.UUID) -> tuple[Arrival, ...]:
    """Return every word on one payment, the first one first."""
    rows = session.scalars(
        select(PaymentArrival)
        .where(PaymentArrival.disbursement_id == disbursement_id)
        .order_by(PaymentArrival.id)
    ).all()
    names = users.names(session, {row.confirmed_by for row in rows})
    return tuple(_arrival(row, names) for row in rows)


def _arrival(row: PaymentArrival, names: Mapping[uuid.UUID, str]) -> Arrival:
    digits = str(row.local_minor).rjust(row.local_decimals + 1, "0")
    whole = digits[: len(digits) - row.local_decimals]
    rest = digits[len(whole) :]
    return Arrival(
        received_on=row.received_on,
        amount=f"{int(whole):,}".replace(",", "\u202f") + (f".{rest}" if rest else ""),
        currency=row.local_currency,
        note=row.note,
        confirmed_at=row.confirmed_at,
        confirmed_by=names.get(row.confirmed_by, ""),
    )


def _own(session: Session, actor: Actor, disbursement_id: uuid.UUID) -> PaymentLine:
    row = session.get(Disbursement, disbursement_id)
    if row is None:
        raise NotFound("payment_unknown")
    try:
        project = own_project(session, actor, row.project_id, Right.APPLY)
    except NotFound:
        raise NotFound("payment_unknown") from None
    if not is_member(session, actor.user_id, project.organisation_id):
        raise NotFound("payment_unknown")
    return queries.payment(session, disbursement_id)


def _said_already(
    session: Session, disbursement_id: uuid.UUID, said: tuple[date, int, int, str, str]
) -> bool:
    last = session.scalars(
        select(PaymentArrival)
        .where(PaymentArrival.disbursement_id == disbursement_id)
        .order_by(PaymentArrival.id.desc())
        .limit(1)
    ).first()
    return last is not None and said == (
        last.received_on,
        last.local_minor,
        last.local_decimals,
        last.local_currency,
        last.note,
    )
