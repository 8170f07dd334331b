"""Who is told by mail what became of a gift: its donor, or the people of the secretariat?"""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.money import Money
from offset.people import outbox
from offset.people.access import Role
from offset.people.contributors import Contributor
from offset.people.models import RoleGrant, User


def to_donor(
    session: Session,
    contributor_id: uuid.UUID | None,
    *,
    at: datetime,
    template: str,
    language: str,
    parameters: Mapping[str, object],
    key: str,
) -> bool:
    """Write to a donor who left an address; say whether there was one."""
    if contributor_id is None:
        return False
    email = session.scalar(select(Contributor.email).where(Contributor.id == contributor_id))
    if not email:
        return False
    outbox.enqueue(
        session,
        at=at,
        template=template,
        to=email,
        language=language,
        parameters=parameters,
        key=key,
    )
    return True


def to_secretariat(
    session: Session,
    *,
    at: datetime,
    template: str,
    parameters: Mapping[str, object],
    key: str,
) -> int:
    """Write to every clerk and treasurer, each in their language; return how many there are."""
    people = session.execute(
        select(User.id, User.email, User.language)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role.in_((Role.CLERK, Role.TREASURER)), RoleGrant.revoked_at.is_(None))
        .distinct()
        .order_by(User.id)
    ).all()
    for user_id, email, language in people:
        if email:
            outbox.enqueue(
                session,
                at=at,
                template=template,
                to=email,
                language=language,
                parameters=parameters,
                key=f"{key}:{user_id}",
            )
    return len(people)


def told(amount: Money) -> dict[str, object]:
    """Write an amount as mails are given it."""
    return {"minor": amount.minor, "currency": amount.currency}
