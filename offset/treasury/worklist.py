"""What needs a person today? Everything that waits at the desk, for each who may do it.

Each kind of work is one statement. Who prepared something does not see it among what waits for a
second person. The page shows it at any time; a mail tells it once a day, to whoever has any and did
not say stop.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.giving.disputes import CLOSED, NEEDS_ANSWER
from offset.giving.models import (
    AllocationEpoch,
    AllocationPolicy,
    Dispute,
    Donation,
    RecurringGift,
    RecurringStatus,
    Refund,
    RefundState,
)
from offset.ledger.models import (
    Period,
    PeriodReopening,
    PeriodReopeningApproval,
    PeriodStatus,
)
from offset.money import Money
from offset.people import access, outbox
from offset.people.access import Actor, Right, Role
from offset.people.models import RoleGrant, User
from offset.projects.life_models import ReportDue
from offset.projects.models import (
    Assessment,
    AssessmentStatus,
    Decision,
    Measurement,
    MeasurementStatus,
    Project,
    ProjectStatus,
    ProjectUpdate,
    UpdateStatus,
)
from offset.projects.public_models import Concern, ConcernStatus
from offset.treasury.models import (
    BankAccount,
    BankLine,
    Beneficiary,
    BeneficiaryCheck,
    Disbursement,
    DisbursementDecision,
    ManualEntry,
    ManualEntryDecision,
)
from offset.treasury.month_models import DigestChoice
from offset.treasury.queries import matched_by_line

UNMATCHED_DAYS: Final = 7
EXPIRING_DAYS: Final = 90
MONTH_LATE_DAYS: Final = 10
SHOWN: Final = 20
_IN_MAIL: Final = 5
_EVERY: Final = 2_000
_REPORTING: Final = (ProjectStatus.OPEN, ProjectStatus.FUNDED, ProjectStatus.ON_HOLD)


@dataclass(frozen=True, kw_only=True)
class Work:
    """One thing that waits: what, since when, until when, and where it is done.

    ``own`` is whoever prepared it and may not be the second person.
    """

    name: str
    since: date | None
    path: str
    due: date | None = None
    amount: Money | None = None
    own: uuid.UUID | None = None

    def age(self, on: date) -> int:
        """Return for how many days it has waited."""
        return 0 if self.since is None else max((on - self.since).days, 0)

    def days_left(self, on: date) -> int | None:
        """Return how many days are left; below zero it is late."""
        return None if self.due is None else (self.due - on).days


@dataclass(frozen=True, kw_only=True)
class Pile:
    """Everything of one kind that waits, the most pressing first."""

    kind: str
    path: str
    works: tuple[Work, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.works)

    @property
    def shown(self) -> tuple[Work, ...]:
        """Return those that a page lists."""
        return self.works[:SHOWN]


@dataclass(frozen=True)
class Kind:
    """A kind of work: who may do it, where its list is, and how it is found."""

    key: str
    right: Right
    path: str
    find: Callable[[Session, datetime], Iterable[Work]]


@dataclass(frozen=True)
class Everything:
    """All that waits, whoever it is for, as it was read once."""

    piles: Mapping[str, tuple[Work, ...]] = field(default_factory=dict)

    def of(self, actor: Actor, reds: Collection[str] = ()) -> tuple[Pile, ...]:
        """Return what somebody may do, without what they prepared themselves."""
        piles = [
            Pile(kind=kind.key, path=kind.path, works=works)
            for kind in KINDS
            if access.may(actor, kind.right)
            and (works := tuple(one for one in self.piles[kind.key] if _free(one, actor)))
        ]
        if reds and access.may(actor, Right.SEE_READY):
            ready = tuple(Work(name=red, since=None, path="/secretariat/ready") for red in reds)
            piles.append(Pile(kind="ready", path="/secretariat/ready", works=ready))
        return tuple(piles)


def everything(session: Session, *, at: datetime) -> Everything:
    """Read all that waits, one statement a kind."""
    return Everything({kind.key: tuple(kind.find(session, at)) for kind in KINDS})


def wants_digest(session: Session, user_id: uuid.UUID | None) -> bool:
    """Say whether somebody gets the list by mail."""
    row = session.get(DigestChoice, user_id) if user_id else None
    return row is None or row.wanted


def choose_digest(session: Session, *, actor: Actor, at: datetime, wanted: bool) -> None:
    """Stop the daily mail to oneself, or let it come again.

    Raises
    ------
    Forbidden
        Without the right to see the desk.
    """
    access.require(actor, Right.SEE_DESK)
    row = session.get(DigestChoice, actor.user_id)
    if row is None:
        session.add(DigestChoice(user_id=actor.user_id, wanted=wanted, changed_at=at))
    else:
        row.wanted, row.changed_at = wanted, at
    session.flush()


def send_digests(session: Session, *, at: datetime, reds: Sequence[str] = ()) -> int:
    """Write the day's list to everybody of the desk who has any work; return how many mails.

    The same day writes to nobody twice, and an empty list is not sent.
    """
    found, on = everything(session, at=at), utc_day(at)
    sent = 0
    for user_id, email, language, roles in _desk(session):
        piles = found.of(Actor(user_id, roles), reds)
        key = f"digest:{user_id}:{on.isoformat()}"
        if not piles or outbox.known(session, key):
            continue
        outbox.enqueue(
            session,
            at=at,
            template="work_digest",
            to=email,
            language=language,
            parameters={
                "total": sum(pile.total for pile in piles),
                "piles": [_told(pile, on) for pile in piles],
                "path": "/secretariat/tasks",
            },
            key=key,
        )
        sent += 1
    return sent


def _told(pile: Pile, on: date) -> dict[str, object]:
    return {
        "kind": pile.kind,
        "total": pile.total,
        "path": pile.path,
        "works": [
            {
                "name": one.name,
                "age": one.age(on) if one.since else None,
                "due": one.due.isoformat() if one.due else None,
                "path": one.path,
                "amount": None
                if one.amount is None
                else {"minor": one.amount.minor, "currency": one.amount.currency},
            }
            for one in pile.works[:_IN_MAIL]
        ],
    }


def _desk(session: Session) -> list[tuple[uuid.UUID, str, str, frozenset[Role]]]:
    """Read who works at the desk and wants the mail, with every role each holds."""
    rows = session.execute(
        select(User.id, User.email, User.language, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .outerjoin(DigestChoice, DigestChoice.user_id == User.id)
        .where(RoleGrant.revoked_at.is_(None), User.disabled_at.is_(None))
        .where(User.email.is_not(None), func.coalesce(DigestChoice.wanted, True))
        .order_by(User.id)
    )
    people: dict[uuid.UUID, tuple[str, str, frozenset[Role]]] = {}
    for user_id, email, language, role in rows:
        held = people[user_id][2] if user_id in people else frozenset()
        people[user_id] = (email or "", language, held | {role})
    return [
        (user_id, email, language, roles)
        for user_id, (email, language, roles) in people.items()
        if access.may(Actor(user_id, roles), Right.SEE_DESK)
    ]


def _free(one: Work, actor: Actor) -> bool:
    return one.own is None or one.own != actor.user_id


def _rows(session: Session, wanted: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    return session.execute(wanted.limit(_EVERY)).all()


def _disputes(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(Dispute)
        .where(Dispute.status.in_(NEEDS_ANSWER), Dispute.status.not_in(CLOSED))
        .order_by(Dispute.evidence_due.is_(None), Dispute.evidence_due, Dispute.dispute_id)
    )
    for (row,) in _rows(session, wanted):
        yield Work(
            name=row.dispute_id,
            since=utc_day(row.opened_at),
            due=utc_day(row.evidence_due) if row.evidence_due else None,
            path="/secretariat/disputes",
            amount=Money(row.amount, row.currency),
        )


def _lines(session: Session, at: datetime) -> Iterable[Work]:
    matched = matched_by_line()
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    wanted = (
        select(BankAccount.code, BankLine.booked_on, BankLine.currency, rest)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(rest != 0, BankLine.booked_on < utc_day(at) - timedelta(days=UNMATCHED_DAYS))
        .order_by(BankLine.booked_on, BankLine.id)
    )
    # The bank's text may name a giver, and the list goes out by mail: the account names the line.
    for code, booked_on, currency, left in _rows(session, wanted):
        yield Work(
            name=code,
            since=booked_on,
            path="/secretariat/reconciliation?show=old",
            amount=Money(int(left), currency),
        )


def _months(session: Session, at: datetime) -> Iterable[Work]:
    late = utc_day(at) - timedelta(days=MONTH_LATE_DAYS)
    wanted = (
        select(Period.starts_on, Period.ends_on)
        .where(Period.status != PeriodStatus.LOCKED.value, Period.ends_on < late)
        .order_by(Period.starts_on)
    )
    for starts_on, ends_on in _rows(session, wanted):
        month = f"{starts_on:%Y-%m}"
        yield Work(name=month, since=ends_on, path=f"/secretariat/periods/{month}")


def _renewals(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(RecurringGift)
        .where(RecurringGift.status == RecurringStatus.PAST_DUE)
        .order_by(RecurringGift.changed_at, RecurringGift.id)
    )
    for (row,) in _rows(session, wanted):
        yield Work(
            name=row.reference,
            since=utc_day(row.changed_at),
            path=f"/secretariat/gifts?text={row.reference}",
            amount=Money(row.amount, row.currency),
        )


def _reports(session: Session, at: datetime) -> Iterable[Work]:
    on = utc_day(at)
    wanted = (
        select(ReportDue.due_on, ReportDue.kind, Project.code, Project.title)
        .join(Project, Project.id == ReportDue.project_id)
        .where(ReportDue.met_at.is_(None), ReportDue.due_on < on)
        .where(Project.status.in_(_REPORTING))
        .order_by(ReportDue.due_on, Project.code)
    )
    for due_on, _kind, code, title in _rows(session, wanted):
        name = f"{code or ''} {title}".strip()
        yield Work(name=name, since=due_on, due=due_on, path="/secretariat/projects")


def _applications(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(Assessment.id, Assessment.changed_at, Project.title)
        .join(Project, Project.id == Assessment.project_id)
        .where(Assessment.status.in_((AssessmentStatus.SUBMITTED, AssessmentStatus.ELIGIBILITY)))
        .order_by(Assessment.changed_at, Assessment.id)
    )
    for assessment_id, changed_at, title in _rows(session, wanted):
        path = f"/secretariat/projects/{assessment_id}"
        yield Work(name=title, since=utc_day(changed_at), path=path)


def _expiring(session: Session, at: datetime) -> Iterable[Work]:
    on = utc_day(at)
    newer = exists().where(
        Assessment.project_id == Project.id,
        Assessment.status.in_((AssessmentStatus.SUBMITTED, AssessmentStatus.ELIGIBILITY)),
    )
    wanted = (
        select(Decision.expires_on, Decision.assessment_id, Project.code, Project.title)
        .join(Project, Project.id == Decision.project_id)
        .where(Decision.expires_on.between(on, on + timedelta(days=EXPIRING_DAYS)))
        .where(Project.status.in_(_REPORTING), ~newer)
        .order_by(Decision.expires_on, Decision.id)
    )
    for expires_on, assessment_id, code, title in _rows(session, wanted):
        yield Work(
            name=f"{code or ''} {title}".strip(),
            since=None,
            due=expires_on,
            path=f"/secretariat/projects/{assessment_id}",
        )


def _payments(session: Session, _at: datetime) -> Iterable[Work]:
    decided = exists().where(DisbursementDecision.disbursement_id == Disbursement.id)
    wanted = select(Disbursement).where(~decided).order_by(Disbursement.prepared_at)
    for (row,) in _rows(session, wanted):
        yield Work(
            name=row.number,
            since=utc_day(row.prepared_at),
            path=f"/secretariat/disbursements/{row.id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by,
        )


def _payees(session: Session, _at: datetime) -> Iterable[Work]:
    checked = exists().where(BeneficiaryCheck.beneficiary_id == Beneficiary.id)
    wanted = select(Beneficiary).where(~checked).order_by(Beneficiary.entered_at)
    for (row,) in _rows(session, wanted):
        yield Work(
            name=row.holder,
            since=utc_day(row.entered_at),
            path=f"/secretariat/payees/{row.id}",
            own=row.entered_by,
        )


def _refunds(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(Refund, Donation.reference)
        .join(Donation, Donation.id == Refund.donation_id)
        .where(
            Refund.decided_by.is_(None),
            Refund.state.in_((RefundState.PREPARED, RefundState.EXTERNAL)),
        )
        .order_by(Refund.prepared_at, Refund.id)
    )
    for row, reference in _rows(session, wanted):
        yield Work(
            name=reference,
            since=utc_day(row.prepared_at),
            path=f"/secretariat/refunds/{row.id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by if row.two_people else None,
        )


def _concerns(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(Concern.id, Concern.reference, Concern.received_at, Concern.proposed_by)
        .where(Concern.status != ConcernStatus.CLOSED)
        .order_by(Concern.received_at, Concern.id)
    )
    for concern_id, reference, received_at, proposed_by in _rows(session, wanted):
        yield Work(
            name=reference,
            since=utc_day(received_at),
            path=f"/secretariat/concerns/{concern_id}",
            own=proposed_by,
        )


def _measurements(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(Measurement.id, Measurement.submitted_at, Project.title)
        .join(Project, Project.id == Measurement.project_id)
        .where(Measurement.status == MeasurementStatus.SUBMITTED)
        .order_by(Measurement.submitted_at, Measurement.id)
    )
    for measurement_id, submitted_at, title in _rows(session, wanted):
        path = f"/secretariat/measurements/{measurement_id}"
        yield Work(name=title, since=utc_day(submitted_at), path=path)


def _updates(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(ProjectUpdate.id, ProjectUpdate.submitted_at, ProjectUpdate.title)
        .where(ProjectUpdate.status == UpdateStatus.SUBMITTED)
        .order_by(ProjectUpdate.submitted_at, ProjectUpdate.id)
    )
    for update_id, submitted_at, title in _rows(session, wanted):
        since = utc_day(submitted_at) if submitted_at else None
        yield Work(name=title, since=since, path=f"/secretariat/updates/{update_id}")


def _runs(session: Session, _at: datetime) -> Iterable[Work]:
    wanted = (
        select(AllocationEpoch)
        .where(AllocationEpoch.opened_at.is_(None), AllocationEpoch.closed_at.is_(None))
        .order_by(AllocationEpoch.proposed_at)
    )
    for (row,) in _rows(session, wanted):
        yield Work(
            name=f"{row.tag or 'pool'} {row.currency}",
            since=utc_day(row.proposed_at),
            path="/secretariat/allocation",
            own=row.proposed_by,
        )
    policies = (
        select(AllocationPolicy)
        .where(AllocationPolicy.approved_by.is_(None))
        .where(AllocationPolicy.version > _standing_version())
        .order_by(AllocationPolicy.version)
    )
    for (row,) in _rows(session, policies):
        yield Work(
            name=f"v{row.version}: {row.reason}",
            since=utc_day(row.proposed_at),
            path="/secretariat/allocation",
            own=row.proposed_by,
        )


def _standing_version() -> ColumnElement[int]:
    return (
        select(func.coalesce(func.max(AllocationPolicy.version), 0))
        .where(AllocationPolicy.approved_by.is_not(None))
        .correlate(None)
        .scalar_subquery()
    )


def _entries(session: Session, _at: datetime) -> Iterable[Work]:
    decided = exists().where(ManualEntryDecision.manual_entry_id == ManualEntry.id)
    wanted = select(ManualEntry).where(~decided).order_by(ManualEntry.prepared_at)
    for (row,) in _rows(session, wanted):
        yield Work(
            name=row.reason,
            since=utc_day(row.prepared_at),
            path=f"/secretariat/entries/{row.id}",
            amount=Money(row.amount, row.currency),
            own=row.prepared_by if row.two_people else None,
        )


def _reopenings(session: Session, _at: datetime) -> Iterable[Work]:
    answered = exists().where(PeriodReopeningApproval.reopening_id == PeriodReopening.id)
    locked = exists().where(
        Period.starts_on == PeriodReopening.starts_on, Period.status == PeriodStatus.LOCKED.value
    )
    wanted = select(PeriodReopening).where(~answered, locked).order_by(PeriodReopening.asked_at)
    for (row,) in _rows(session, wanted):
        yield Work(
            name=f"{row.starts_on:%Y-%m}: {row.reason}",
            since=utc_day(row.asked_at),
            path="/secretariat/periods",
            own=row.asked_by,
        )


# In the order of the page: what has a day of its own first, then what holds money up.
KINDS: Final = (
    Kind("disputes", Right.PREPARE_REFUND, "/secretariat/disputes", _disputes),
    Kind("lines", Right.MATCH, "/secretariat/reconciliation?show=old", _lines),
    Kind("months", Right.CLOSE_PERIOD, "/secretariat/periods", _months),
    Kind("reopenings", Right.REOPEN_PERIOD, "/secretariat/periods", _reopenings),
    Kind("payments", Right.APPROVE_DISBURSEMENT, "/secretariat/disbursements", _payments),
    Kind("payees", Right.APPROVE_DISBURSEMENT, "/secretariat/disbursements", _payees),
    Kind("refunds", Right.APPROVE_REFUND, "/secretariat/refunds", _refunds),
    Kind("entries", Right.APPROVE_MANUAL_ENTRY, "/secretariat/entries", _entries),
    Kind("runs", Right.APPROVE_ALLOCATION, "/secretariat/allocation", _runs),
    Kind("renewals", Right.PREPARE_REFUND, "/secretariat/gifts", _renewals),
    Kind("concerns", Right.HANDLE_CONCERN, "/secretariat/concerns", _concerns),
    Kind("applications", Right.CHECK_ELIGIBILITY, "/secretariat/projects", _applications),
    Kind("expiring", Right.ADMIT, "/secretariat/projects", _expiring),
    Kind("reports", Right.MODERATE, "/secretariat/projects", _reports),
    Kind("measurements", Right.MODERATE, "/secretariat/measurements", _measurements),
    Kind("updates", Right.MODERATE, "/secretariat/updates", _updates),
)
