"""What did the demonstration's steward begin in the field? A draft, an address, a helper, money.

An update is half written, a project has its secret mail address, a neighbour may send updates in
its name, and one payment is confirmed as arrived.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.people.access import Actor
from offset.projects import consents, drafts, drafts_by_mail
from offset.projects.field_models import HelperScope
from offset.projects.models import Organisation, Project
from offset.treasury import arrivals

_OWN: Final = "sahel-parkland"
_NEIGHBOUR: Final = "laikipia-grazing"
_WORDS: Final = (
    "Read out at the meeting of the cooperative and agreed by show of hands: the trust may send"
    " our updates and photos, since nobody here has a computer."
)


def load(session: Session, *, steward: Actor, at: datetime) -> None:
    """Begin an update, open a mail address, let a neighbour help, confirm what arrived."""
    project = session.scalars(select(Project).where(Project.slug == _OWN)).one()
    before = at - timedelta(days=20)
    drafts_by_mail.renew_address(session, actor=steward, at=before, project_id=project.id)
    consents.consent(
        session,
        actor=steward,
        at=before,
        organisation_id=project.organisation_id,
        helper=_name_of(session, _NEIGHBOUR),
        scope=HelperScope.UPDATES,
        ends_on=utc_day(at + timedelta(days=300)),
        words=_WORDS,
    )
    drafts.begin(
        session,
        actor=steward,
        at=at - timedelta(hours=5),
        project_id=project.id,
        key="demonstration",
        title="The half-moons after the last rain",
        body="Water stood in most of the new half-moons for two days. We still have to count",
        language="en",
    )
    for payment in arrivals.to_confirm(session, steward)[:1]:
        _confirm(session, steward, payment.id, str(payment.amount), at=at - timedelta(days=2))


def _confirm(
    session: Session, steward: Actor, payment_id: uuid.UUID, amount: str, *, at: datetime
) -> None:
    number, currency = amount.split()
    arrivals.confirm(
        session,
        actor=steward,
        at=at,
        disbursement_id=payment_id,
        received_on=utc_day(at),
        amount=number.replace(",", ""),
        currency=currency,
        note="In full.",
    )


def _name_of(session: Session, slug: str) -> str:
    return session.scalars(
        select(Organisation.name)
        .join(Project, Project.organisation_id == Organisation.id)
        .where(Project.slug == slug)
    ).one()
