"""Which facts does a paper state that thanks for a gift and claims nothing?

It is drawn anew from the gift's own wording whenever somebody asks, so it names projects as they
stand today: money allocated to them, never tonnes. A gift that went back has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.errors import NotFound, Refused
from offset.giving import receipt_facts, wording
from offset.giving.models import AllocationRow, Donation
from offset.money import Money
from offset.people import settings
from offset.projects.models import Project

TEMPLATE: Final = "certificate"


@dataclass(frozen=True)
class Certificate:
    """A thank-you, as its page and its paper show it."""

    token: str
    reference: str
    language: str
    paid_on: date
    amount: Money
    name: str | None
    issuer: str
    projects: tuple[str, ...]
    sentences: Mapping[str, str]
    wording_version: int

    def facts(self, *, with_name: bool, with_amount: bool) -> dict[str, Any]:
        """Write it down for the printer, with what its donor wants on it."""
        return {
            "reference": self.reference,
            "paid_on": self.paid_on.isoformat(),
            "amount": receipt_facts.minor(self.amount) if with_amount else None,
            "name": self.name if with_name else None,
            "issuer": {"legal_name": self.issuer},
            "projects": list(self.projects),
            "sentences": dict(self.sentences),
            "gift_path": f"/gift/{self.token}",
        }


def of_gift(session: Session, token: str) -> Certificate:
    """Read what the certificate of a gift states.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    Refused
        ``gift_not_settled``; ``gift_went_back``: nothing is left to thank for.
    """
    gift = session.scalars(select(Donation).where(Donation.token == token)).first()
    if gift is None:
        raise NotFound("gift_unknown")
    left = receipt_facts.kept(gift)
    if not left.minor:
        raise Refused("gift_went_back")
    told = wording.load(gift.language, max(gift.wording_version, _FIRST))
    # As given while nothing went back; what is left of it in our currency afterwards.
    whole = Money(gift.amount, gift.currency)
    return Certificate(
        token=gift.token,
        reference=gift.reference,
        language=gift.language,
        paid_on=receipt_facts.paid_on(gift),
        amount=left if gift.refunded else whole,
        name=receipt_facts.giver_of(session, gift).name,
        issuer=settings.current(session, "issuer").value["legal_name"],
        projects=_projects(session, gift),
        sentences=told.some(wording.ON_THE_CERTIFICATE),
        wording_version=told.version,
    )


# The first wording that has the sentences of a certificate.
_FIRST: Final = 2


def _projects(session: Session, gift: Donation) -> tuple[str, ...]:
    """Name the projects that hold a part of a gift, the largest part first."""
    part = func.sum(AllocationRow.amount)
    return tuple(
        session.scalars(
            select(Project.title)
            .join(AllocationRow, AllocationRow.project_id == Project.id)
            .where(AllocationRow.donation_id == gift.id)
            .group_by(Project.id, Project.title)
            .having(part > 0)
            .order_by(part.desc(), Project.title)
        )
    )
