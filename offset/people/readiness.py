"""Are there people enough for every act that takes two, and has each of them a second factor?"""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.people.access import RIGHTS, STAFF, TWO_PEOPLE, Right, Role
from offset.people.models import RoleGrant, SecondFactor, User


def lacking_pairs(
    session: Session, *, without: uuid.UUID | None = None
) -> tuple[tuple[Right, Right], ...]:
    """Name the acts for which no two different people are here, one for each part.

    With ``without``, as it would be if that person were not here.
    """
    people: dict[Role, set[object]] = {}
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.user_id)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.revoked_at.is_(None), User.disabled_at.is_(None))
    )
    for role, user_id in rows:
        if user_id == without:
            continue
        people.setdefault(role, set()).add(user_id)

    def holders(right: Right) -> set[object]:
        return {one for role in RIGHTS[right] for one in people.get(role, ())}

    return tuple(
        (first, second)
        for first, second in TWO_PEOPLE
        if not (holders(first) and holders(second) and len(holders(first) | holders(second)) > 1)
    )


def without_second_factor(session: Session) -> tuple[str, ...]:
    """Name the members of staff and committee whose phone is not set up."""
    confirmed = select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))
    return tuple(
        name or ""
        for name in session.scalars(
            select(User.name)
            .where(User.disabled_at.is_(None), User.id.not_in(confirmed))
            .where(
                User.id.in_(
                    select(RoleGrant.user_id).where(
                        RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(STAFF)
                    )
                )
            )
            .order_by(User.name)
        )
    )


def staff(session: Session) -> int:
    """Count the people who hold a role of staff or committee."""
    return (
        session.scalar(
            select(func.count(RoleGrant.user_id.distinct()))
            .join(User, User.id == RoleGrant.user_id)
            .where(RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(STAFF))
            .where(User.disabled_at.is_(None))
        )
        or 0
    )
