"""How does a test bring money to a project by hand, past every verb? Straight into the books."""

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.giving.models import AllocationRow, Donation, DonationStatus, Overflow
from offset.ledger import chart, entries, journal
from offset.ledger.journal import Posted
from offset.money import Money


def a_donation_row(session: Session, *, at: datetime) -> uuid.UUID:
    """A settled gift's row without a settlement; only what other rows refer to."""
    donation_id = uuid7(at)
    session.add(
        Donation(
            id=donation_id,
            reference=f"R-{donation_id}",
            token=f"t-{donation_id}",
            created_at=at,
            status=DonationStatus.CREATED,
            changed_at=at,
            language="en",
            currency="EUR",
            amount=10_000,
            overflow=Overflow.POOL,
            share_bp=500,
            share_version=0,
            rate_version=0,
            wording_version=1,
            sentences={},
        )
    )
    session.flush()
    return donation_id


def fill_pool(session: Session, minor: int, *, at: datetime, on: date) -> None:
    """Book a gift that came by bank, so that the pool holds something."""
    chart.open_account(session, chart.bank(), at=at, currency="EUR")
    line = entries.BankLine(str(uuid7(at)), on, chart.bank())
    journal.post(session, entries.bank_gift(line, amount=Money(minor, "EUR")), at=at)


def allocate(
    session: Session,
    *,
    at: datetime,
    on: date,
    project_id: uuid.UUID,
    account: str,
    minor: int,
    decision_id: uuid.UUID | None,
    admission_id: uuid.UUID | None,
    row_minor: int | None = None,
) -> Posted:
    """Post an allocation and its row, asking nobody; only the database may refuse."""
    donation_id = a_donation_row(session, at=at)

    def write_row(entry_id: uuid.UUID) -> None:
        session.add(
            AllocationRow(
                id=uuid7(at),
                entry_id=entry_id,
                donation_id=donation_id,
                project_id=project_id,
                amount=minor if row_minor is None else row_minor,
                decision_id=decision_id,
                admission_id=admission_id,
                created_at=at,
            )
        )
        session.flush()

    draft = entries.allocation(
        epoch="by-hand",
        donation_id=str(donation_id),
        on=on,
        shares={account: Money(minor, "EUR")},
    )
    return journal.post(session, draft, at=at, before_postings=write_row)


def order_payment(session: Session, *, at: datetime, on: date, account: str, minor: int) -> Posted:
    """Order money out of a project's account, asking nobody."""
    draft = entries.disbursement_ordered(
        disbursement_id=str(uuid7(at)), on=on, project=account, amount=Money(minor, "EUR")
    )
    return journal.post(session, draft, at=at)
