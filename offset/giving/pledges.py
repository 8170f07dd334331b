"""How is a gift promised that comes by bank transfer, in one part or several?

The promise has a reference that survives a slip of the pen; each line of the bank that names it
is a gift of its own, with its own entry and receipt. What is missing, or came too much, is told.
"""

import os
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import Refused
from offset.giving import donations, letters, organisations, terms
from offset.giving.directives import Directive
from offset.giving.models import BankPledge, BankPledgeStatus, Donation
from offset.giving.organisations import Organisation
from offset.giving.references import new_reference
from offset.money import Money
from offset.people import audit, contributors, settings
from offset.people.access import SYSTEM

_S: Final = BankPledgeStatus
# Every step a pledge can make; money that arrives counts, whatever we thought before.
STEPS: Final[frozenset[tuple[BankPledgeStatus, BankPledgeStatus]]] = frozenset(
    {
        (_S.OPEN, _S.PARTLY_PAID),
        (_S.OPEN, _S.PAID),
        (_S.OPEN, _S.EXPIRED),
        (_S.PARTLY_PAID, _S.PAID),
        (_S.PARTLY_PAID, _S.EXPIRED),
        (_S.EXPIRED, _S.PARTLY_PAID),
        (_S.EXPIRED, _S.PAID),
    }
)
WAITING: Final = (_S.OPEN, _S.PARTLY_PAID)


@dataclass(frozen=True, slots=True)
class Account:
    """Where a transfer shall go: ours, as it is told on the page and the letter."""

    holder: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Promised:
    """A pledge that was written down; the token is the link to its page."""

    pledge_id: uuid.UUID
    token: str
    reference: str


def promise(
    session: Session,
    *,
    at: datetime,
    amount: Money,
    language: str,
    account: Account,
    email: str,
    name: str = "",
    organisation: Organisation | None = None,
    directive: Directive | None = None,
    estimate_id: uuid.UUID | None = None,
    ref: str | None = None,
    sentences: Mapping[str, str] | None = None,
    form_key: str | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> Promised:
    """Write down a pledge by bank transfer and mail its donor how to send it.

    Whoever sends a ``form_key`` asks :func:`sent_before` first.

    Raises
    ------
    InvalidInput
        ``email_unreadable``, ``organisation_unnamed``, ``organisation_unregistered``, and as
        ``donations.pledge``.
    Refused
        As ``donations.pledge``.
    """
    giver = None if organisation is None else organisations.checked(organisation)
    mail = organisations.address(email) if giver is None else giver.email
    frozen = donations.promised(
        session,
        at=at,
        amount=amount,
        language=language,
        directive=directive or Directive(),
        estimate_id=estimate_id,
        ref=ref,
        sentences=sentences,
        limits="amount_limits" if giver is None else "organisation_limits",
        tried_cards=False,
    )
    days = settings.current(session, "bank_pledges").value["days"]
    contributor_id = contributors.keep(
        session, at=at, email=mail, name=name if giver is None else giver.legal_name
    )
    row = BankPledge(
        id=uuid7(at),
        reference=new_reference(random),
        token=secrets.token_urlsafe(24),
        created_at=at,
        status=BankPledgeStatus.OPEN,
        changed_at=at,
        currency=amount.currency,
        amount=amount.minor,
        received=0,
        expires_on=utc_day(at) + timedelta(days=days),
        reminders=0,
        language=language,
        terms=frozen.document(),
        contributor_id=contributor_id,
        account={"holder": account.holder, "iban": account.iban, "bic": account.bic},
        form_key=form_key,
    )
    session.add(row)
    session.flush()
    if giver is not None:
        organisations.keep(
            session, giver, at=at, bank_pledge_id=row.id, contributor_id=contributor_id
        )
    _trail(session, row, "pledge.made", at=at, amount=amount.minor, currency=amount.currency)
    _write(session, row, "pledge", "made", at=at)
    return Promised(row.id, row.token, row.reference)


def sent_before(session: Session, form_key: str | None) -> Promised | None:
    """Return the pledge that this very form already made."""
    if form_key is None:
        return None
    donations.one_at_a_time(session, form_key)
    known = session.scalars(select(BankPledge).where(BankPledge.form_key == form_key)).first()
    return None if known is None else Promised(known.id, known.token, known.reference)


def named(session: Session, references: Collection[str]) -> tuple[BankPledge, ...]:
    """Return the pledges that carry one of these references, whatever their state."""
    return tuple(
        session.scalars(
            select(BankPledge)
            .where(BankPledge.reference.in_(references))
            .order_by(BankPledge.reference)
        )
    )


def part(
    session: Session, pledge_id: uuid.UUID, *, amount: Money, line_id: str, at: datetime
) -> Donation | None:
    """Write the gift that a bank line is for a pledge, unsettled; None when there is no pledge.

    Raises
    ------
    Refused
        ``pledge_currency``.
    """
    row = _locked(session, pledge_id)
    if row is None:
        return None
    if amount.currency != row.currency:
        raise Refused("pledge_currency", field="kind", currency=row.currency)
    gift = donations.write(
        session,
        terms.frozen(row.terms),
        at=at,
        amount=amount,
        cause=f"bank:{line_id}",
        contributor_id=row.contributor_id,
        bank_pledge_id=row.id,
    )
    row.received += amount.minor
    whole = row.received >= row.amount
    _advance(
        session,
        row,
        BankPledgeStatus.PAID if whole else BankPledgeStatus.PARTLY_PAID,
        at=at,
        cause=f"bank:{line_id}",
    )
    row.changed_at = at
    _write(session, row, "pledge_part", str(gift.id), at=at, arrived=letters.told(amount))
    return gift


def part_undone(session: Session, pledge_id: uuid.UUID, *, amount: Money, at: datetime) -> None:
    """Take a part back that a bank line was mistaken for; the pledge waits for it again.

    What it received is then the sum of the parts that were not given back whole.
    """
    row = _locked(session, pledge_id)
    if row is None:
        raise LookupError("a part belongs to a pledge")
    stands = session.scalar(
        select(func.coalesce(func.sum(Donation.gross), 0)).where(
            Donation.bank_pledge_id == pledge_id,
            Donation.settled_at.is_not(None),
            Donation.refunded < Donation.gross,
        )
    )
    row.received = int(stands or 0)
    waits = BankPledgeStatus.PARTLY_PAID if row.received else BankPledgeStatus.OPEN
    row.status = BankPledgeStatus.PAID if row.received >= row.amount else waits
    row.changed_at = at
    session.flush()
    _trail(session, row, "pledge.part_undone", at=at, amount=amount.minor)


def look_after(database: Database, *, at: datetime, limit: int = 500) -> tuple[int, int]:
    """Remind of pledges and expire old ones, one transaction each; return how many of both."""
    with database.reading() as session:
        setting = settings.current(session, "bank_pledges").value
        waiting = session.execute(
            select(BankPledge.id, BankPledge.created_at, BankPledge.reminders)
            .where(BankPledge.status.in_(WAITING), BankPledge.expires_on >= utc_day(at))
            .order_by(BankPledge.created_at)
            .limit(limit)
        ).all()
        old = session.scalars(
            select(BankPledge.id)
            .where(BankPledge.status.in_(WAITING), BankPledge.expires_on < utc_day(at))
            .order_by(BankPledge.expires_on)
            .limit(limit)
        ).all()
    days = sorted(setting["reminders"])
    due = [
        pledge_id
        for pledge_id, made, sent in waiting
        if sent < len(days) and made + timedelta(days=days[sent]) <= at
    ]
    reminded = sum(database.run(_remind, one, at=at) for one in due)
    expired = sum(database.run(_expire, one, at=at) for one in old)
    return reminded, expired


def _remind(session: Session, pledge_id: uuid.UUID, *, at: datetime) -> bool:
    row = _locked(session, pledge_id)
    if row is None or row.status not in WAITING:
        return False
    row.reminders += 1
    _write(session, row, "pledge_reminder", str(row.reminders), at=at)
    return True


def _expire(session: Session, pledge_id: uuid.UUID, *, at: datetime) -> bool:
    row = _locked(session, pledge_id)
    return row is not None and _advance(
        session, row, BankPledgeStatus.EXPIRED, at=at, cause="never arrived"
    )


def _locked(session: Session, pledge_id: uuid.UUID) -> BankPledge | None:
    return session.scalars(
        select(BankPledge)
        .where(BankPledge.id == pledge_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _advance(
    session: Session, row: BankPledge, to: BankPledgeStatus, *, at: datetime, cause: str
) -> bool:
    if (row.status, to) not in STEPS:
        return False
    _trail(session, row, f"pledge.{to.value}", at=at, cause=cause, before=row.status.value)
    row.status = to
    row.changed_at = at
    session.flush()
    return True


def _write(
    session: Session, row: BankPledge, template: str, part_key: str, *, at: datetime, **more: object
) -> None:
    missing = row.amount - row.received
    letters.to_donor(
        session,
        row.contributor_id,
        at=at,
        template=template,
        language=row.language,
        parameters={
            "amount": letters.told(Money(row.amount, row.currency)),
            "received": letters.told(Money(row.received, row.currency)),
            "open": letters.told(Money(max(missing, 0), row.currency)),
            "above": letters.told(Money(max(-missing, 0), row.currency)),
            "account": row.account,
            "expires_on": row.expires_on.isoformat(),
            "pledge_path": f"/pledge/{row.token}",
            "reference": row.reference,
            **more,
        },
        key=f"{template}:{row.id}:{part_key}",
    )


def _trail(
    session: Session, row: BankPledge, action: str, *, at: datetime, **details: object
) -> None:
    audit.record(
        session,
        at=at,
        actor=SYSTEM,
        action=action,
        object_type="bank_pledge",
        object_id=row.id,
        details=details,
    )
