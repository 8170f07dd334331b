"""What is a donor told of a direct debit: before it is taken, when it fails, when it goes back?"""

from datetime import datetime

from sqlalchemy.orm import Session

from offset.giving import letters, receipt_facts
from offset.giving.models import Donation
from offset.giving.ports import ChargeFacts
from offset.money import Money
from offset.people import settings


def announce(session: Session, gift: Donation, facts: ChargeFacts, *, at: datetime) -> None:
    """Tell a donor once, before the money is taken, how much, when, and under which mandate."""
    letters.to_donor(
        session,
        gift.contributor_id,
        at=at,
        template="debit_notice",
        language=gift.language,
        parameters={
            "amount": letters.told(Money(gift.amount, gift.currency)),
            "day": None if facts.debit_on is None else facts.debit_on.isoformat(),
            "mandate": facts.mandate_id,
            "creditor": settings.current(session, "debits").value["creditor_id"],
            "gift_path": f"/gift/{gift.token}",
            "manage_path": receipt_facts.manage_path(gift),
            "reference": gift.reference,
        },
        key=f"debit_notice:{gift.id}",
    )


def tell(session: Session, gift: Donation, template: str, *, at: datetime) -> None:
    """Tell a donor once that the bank did not pay, or took the money back, and why."""
    letters.to_donor(
        session,
        gift.contributor_id,
        at=at,
        template=template,
        language=gift.language,
        parameters={
            "amount": letters.told(Money(gift.amount, gift.currency)),
            "reason": gift.failure_code or "",
            "gift_path": f"/gift/{gift.token}",
            "reference": gift.reference,
        },
        key=f"{template}:{gift.id}",
    )
