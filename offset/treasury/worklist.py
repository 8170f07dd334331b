"""What needs a person today? Everything that waits at the desk, for each who may do it.

Each kind of work is one statement. Who prepared something does not see it among what waits for a
second person. The page shows it at any time; a mail tells it once a day, to whoever has any and did
not say stop.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.people import access, outbox
from offset.people.access import Actor, Right, Role
from offset.people.models import RoleGrant, User
from offset.treasury import work_of_money as of_money
from offset.treasury import work_of_payees as of_payees
from offset.treasury import work_of_projects as of_projects
from offset.treasury.month_models import DigestChoice
from offset.treasury.work import Kind, Work

_PAYEES: Final = "/secretariat/disbursements"
_PROJECTS: Final = "/secretariat/projects"
SHOWN: Final = 20
_IN_MAIL: Final = 5


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


# In the order of the page: what has a day of its own first, then what holds money up.
KINDS: Final = (
    Kind("disputes", Right.PREPARE_REFUND, "/secretariat/disputes", of_money.disputes),
    Kind("lines", Right.MATCH, "/secretariat/reconciliation?show=old", of_money.lines),
    Kind("unexplained", Right.MATCH, "/secretariat/notices", of_money.unexplained),
    Kind("apart", Right.MATCH, "/secretariat/unidentified", of_money.apart),
    Kind("months", Right.CLOSE_PERIOD, "/secretariat/periods", of_money.months),
    Kind("reopenings", Right.REOPEN_PERIOD, "/secretariat/periods", of_money.reopenings),
    Kind("payments", Right.APPROVE_DISBURSEMENT, "/secretariat/disbursements", of_money.payments),
    Kind("unsent", Right.PREPARE_DISBURSEMENT, "/secretariat/bank-orders", of_money.unsent),
    Kind("proposals", Right.PREPARE_DISBURSEMENT, _PAYEES, of_payees.proposals),
    Kind("payees", Right.APPROVE_DISBURSEMENT, _PAYEES, of_payees.payees),
    Kind("hits", Right.KNOW_PAYEES, "/secretariat/organisations", of_payees.hits),
    Kind("files", Right.KNOW_PAYEES, "/secretariat/organisations", of_payees.files),
    Kind("refunds", Right.APPROVE_REFUND, "/secretariat/refunds", of_money.refunds),
    Kind("owed", Right.PREPARE_REFUND, "/secretariat/refunds", of_money.owed),
    Kind("returns", Right.APPROVE_REFUND, "/secretariat/unidentified", of_money.returns),
    Kind("entries", Right.APPROVE_MANUAL_ENTRY, "/secretariat/entries", of_money.entries),
    Kind("runs", Right.APPROVE_ALLOCATION, "/secretariat/allocation", of_money.runs),
    Kind("renewals", Right.PREPARE_REFUND, "/secretariat/gifts", of_money.renewals),
    Kind("concerns", Right.HANDLE_CONCERN, "/secretariat/concerns", of_projects.concerns),
    Kind("applications", Right.CHECK_ELIGIBILITY, _PROJECTS, of_projects.applications),
    Kind("admissions", Right.ADMIT, _PROJECTS, of_projects.admissions),
    Kind("expiring", Right.ADMIT, _PROJECTS, of_projects.expiring),
    Kind("reports", Right.MODERATE, _PROJECTS, of_projects.reports),
    Kind("figures", Right.MODERATE, "/secretariat/updates", of_projects.figures),
    Kind("measurements", Right.MODERATE, "/secretariat/measurements", of_projects.measurements),
    Kind("updates", Right.MODERATE, "/secretariat/updates", of_projects.updates),
)
