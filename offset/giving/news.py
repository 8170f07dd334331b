"""Who hears by mail what became of their money? Those whose money is at a project, once an event.

Events are found in what other rooms wrote: an update or a measurement that was published, a
payment that left the bank, a reversal, a report that stays away. Each is told to every donor with
money there, in the language of the gift, unless the address said stop. Receipts ask nobody.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.database.session import Database
from offset.database.types import uuid7
from offset.giving.letters import told as written
from offset.giving.models import AllocationRow, Contributor, Donation
from offset.giving.news_models import News
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people import mail_choices, outbox
from offset.people.mail_choices import MailChoice
from offset.projects.deadlines import CADENCES
from offset.projects.life_models import DueNotice, ReportDue, Reversal, UpdateCorrection
from offset.projects.models import Outcome, Project, ProjectUpdate, UpdateStatus
from offset.projects.public_models import Follower
from offset.projects.queries import GRACE_DAYS

WINDOW: Final = timedelta(days=14)
"""What is older when it is found is no news any more."""
_AT_ONCE: Final = 200
_ALSO_FOLLOWED: Final = frozenset({"update", "correction", "measurement"})


@dataclass(frozen=True)
class _Event:
    """Something that happened at a project, with what the mail says of it."""

    kind: str
    subject_id: uuid.UUID
    project_id: uuid.UUID
    at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)


def tell_pending(database: Database, *, at: datetime) -> int:
    """Find what is new and write its mails, a few hundred a transaction; return how many."""
    database.run(find, at=at)
    mails = 0
    while (wrote := database.run(tell_some, at=at)) is not None:
        mails += wrote
    return mails


def find(session: Session, *, at: datetime) -> int:
    """Write down the events that are not written down yet, and return how many there were."""
    since = at - WINDOW
    found = [
        *_updates(session, since, at),
        *_outcomes(session, since, at),
        *_payments(session, since, at),
        *_reversals(session, since, at),
        *_overdue(session, since, at),
    ]
    known = {
        (row.kind, row.subject_id)
        for row in session.execute(
            select(News.kind, News.subject_id).where(News.happened_at >= since)
        )
    }
    fresh = [one for one in found if (one.kind, one.subject_id) not in known]
    for one in sorted(fresh, key=lambda event: (event.at, event.subject_id)):
        session.add(
            News(
                id=uuid7(at),
                kind=one.kind,
                subject_id=one.subject_id,
                project_id=one.project_id,
                said=dict(one.said),
                happened_at=one.at,
                found_at=at,
            )
        )
    session.flush()
    return len(fresh)


def tell_some(session: Session, *, at: datetime, limit: int = _AT_ONCE) -> int | None:
    """Write the next mails of the oldest event; None when nothing is left to tell."""
    news = session.scalars(
        select(News).where(News.told_at.is_(None)).order_by(News.happened_at, News.id).limit(1)
    ).first()
    if news is None:
        return None
    project = session.get_one(Project, news.project_id)
    donors = _donors(session, news, limit)
    wrote = _write(session, news, project, donors, at=at)
    news.mails += wrote
    if len(donors) < limit:
        news.told_at = at
    else:
        news.after = donors[-1]
    session.flush()
    return wrote


def _donors(session: Session, news: News, limit: int) -> Sequence[uuid.UUID]:
    """Return the next contributors with money at the project since before the event."""
    wanted = (
        select(Donation.contributor_id)
        .join(AllocationRow, AllocationRow.donation_id == Donation.id)
        .where(
            AllocationRow.project_id == news.project_id,
            AllocationRow.created_at <= news.happened_at,
            Donation.contributor_id.is_not(None),
        )
        .group_by(Donation.contributor_id)
        .having(func.sum(AllocationRow.amount) > 0)
        .order_by(Donation.contributor_id)
        .limit(limit)
    )
    if news.after is not None:
        wanted = wanted.where(Donation.contributor_id > news.after)
    return [one for one in session.scalars(wanted) if one is not None]


def _write(
    session: Session,
    news: News,
    project: Project,
    donors: Sequence[uuid.UUID],
    *,
    at: datetime,
) -> int:
    gifts = _latest_gifts(session, donors, news.project_id)
    addresses = {email for email, _ in gifts.values()}
    silent = mail_choices.stopped(session, addresses) | _followers(session, news, addresses)
    wrote = 0
    for email, gift in gifts.values():
        if email in silent:
            continue
        choice = mail_choices.kept(session, email, at=at)
        # An address that gave twice has one mail.
        key = f"news:{news.id}:{choice.id}"
        if outbox.known(session, key):
            continue
        outbox.enqueue(
            session,
            at=at,
            template="project_news",
            to=email,
            language=gift.language,
            parameters=_parameters(news, project, choice, gift),
            key=key,
        )
        wrote += 1
    return wrote


def _parameters(
    news: News, project: Project, choice: MailChoice, gift: Donation
) -> Mapping[str, object]:
    return {
        **news.said,
        "kind": news.kind,
        "project": project.title,
        "path": _path(news, project),
        "gift_path": f"/gift/{gift.token}",
        "leave_path": f"/news/{choice.token}",
        "unsubscribe_path": f"/news/{choice.token}/stop",
    }


def _path(news: News, project: Project) -> str:
    page = f"/projects/{project.slug}"
    if news.kind in {"update", "correction"}:
        return f"{page}/updates/{news.subject_id}"
    return page


def _latest_gifts(
    session: Session, donors: Sequence[uuid.UUID], project_id: uuid.UUID
) -> dict[uuid.UUID, tuple[str, Donation]]:
    """Return each contributor's address with the latest gift of theirs that reached a project."""
    rows = session.execute(
        select(Contributor.id, Contributor.email, Donation)
        .join(Donation, Donation.contributor_id == Contributor.id)
        .join(AllocationRow, AllocationRow.donation_id == Donation.id)
        .where(
            Contributor.id.in_(donors),
            Contributor.email.is_not(None),
            AllocationRow.project_id == project_id,
        )
        .order_by(Contributor.id, Donation.created_at)
    )
    return {contributor_id: (email, gift) for contributor_id, email, gift in rows if email}


def _followers(session: Session, news: News, emails: Iterable[str]) -> frozenset[str]:
    """Return those who asked for the project's news anyway: they get them once."""
    if news.kind not in _ALSO_FOLLOWED:
        return frozenset()
    return frozenset(
        session.scalars(
            select(Follower.email).where(
                Follower.email.in_(list(emails)),
                Follower.confirmed_at.is_not(None),
                or_(Follower.project_id.is_(None), Follower.project_id == news.project_id),
            )
        )
    )


def _updates(session: Session, since: datetime, until: datetime) -> list[_Event]:
    rows = session.execute(
        select(ProjectUpdate, UpdateCorrection.corrects_id)
        .outerjoin(UpdateCorrection, UpdateCorrection.update_id == ProjectUpdate.id)
        .where(
            ProjectUpdate.status == UpdateStatus.PUBLISHED,
            ProjectUpdate.published_at >= since,
            ProjectUpdate.published_at <= until,
        )
    )
    return [
        _Event(
            "update" if corrects is None else "correction",
            row.id,
            row.project_id,
            row.published_at or row.saved_at,
            {"title": row.title},
        )
        for row, corrects in rows
    ]


def _outcomes(session: Session, since: datetime, until: datetime) -> list[_Event]:
    rows = session.scalars(
        select(Outcome).where(Outcome.published_at >= since, Outcome.published_at <= until)
    )
    return [
        _Event(
            "measurement", row.id, row.project_id, row.published_at, {"verdict": row.verdict.value}
        )
        for row in rows
    ]


def _payments(session: Session, since: datetime, until: datetime) -> list[_Event]:
    """Read the payments to projects that our bank made, from the books."""
    order, owed = aliased(Entry), aliased(Posting)
    rows = session.execute(
        select(Entry.id, Entry.recorded_at, Account.project_id, Account.currency, owed.amount)
        .join(
            order,
            (order.source_type == Entry.source_type)
            & (order.source_id == Entry.source_id)
            & (order.kind == "disbursement_order"),
        )
        .join(owed, owed.entry_id == order.id)
        .join(Account, Account.id == owed.account_id)
        .where(
            Entry.kind == "disbursement_sent",
            Entry.recorded_at >= since,
            Entry.recorded_at <= until,
            Account.project_id.is_not(None),
            order.reverses_id.is_(None),
        )
    )
    return [
        _Event(
            "payment", entry_id, project_id, at, {"amount": written(Money(int(amount), currency))}
        )
        for entry_id, at, project_id, currency, amount in rows
        if project_id is not None
    ]


def _reversals(session: Session, since: datetime, until: datetime) -> list[_Event]:
    rows = session.scalars(
        select(Reversal).where(Reversal.reported_at >= since, Reversal.reported_at <= until)
    )
    return [
        _Event(
            "reversal",
            row.id,
            row.project_id,
            row.reported_at,
            {"hectares": row.area_ha, "on": row.happened_on.isoformat()},
        )
        for row in rows
    ]


def _overdue(session: Session, since: datetime, until: datetime) -> list[_Event]:
    stopping = [kind for kind, cadence in CADENCES.items() if cadence.stops_money]
    rows = session.execute(
        select(ReportDue, DueNotice.at)
        .join(DueNotice, DueNotice.due_id == ReportDue.id)
        .where(
            DueNotice.days == GRACE_DAYS,
            DueNotice.at >= since,
            DueNotice.at <= until,
            ReportDue.kind.in_(stopping),
        )
    )
    return [
        _Event("overdue", row.id, row.project_id, at, {"due_on": row.due_on.isoformat()})
        for row, at in rows
    ]
