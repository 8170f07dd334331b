"""How is the table of one bank read, since when, and who said so?"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.treasury import statements
from offset.treasury.locks import hold
from offset.treasury.models import BankMapping, BankStatement
from offset.treasury.ports import Layout, Sheet


def save(session: Session, *, actor: Actor, at: datetime, account: str, layout: Layout) -> int:
    """Keep how the tables of an account are read; return the version.

    The same mapping again is no new version.

    Raises
    ------
    Forbidden
        Without the right to import statements; the installation itself may.
    NotFound
        ``bank_account_unknown``.
    """
    if actor is not SYSTEM:
        require(actor, Right.IMPORT_STATEMENT)
    account_id = statements.account_by_code(session, account).id
    hold(session, f"bank mapping {account_id}")
    last = _last(session, account_id)
    if last is not None and Layout.read(last.layout) == layout:
        return last.version
    version = 1 if last is None else last.version + 1
    session.add(
        BankMapping(
            id=uuid7(at),
            account_id=account_id,
            version=version,
            layout=layout.document(),
            saved_at=at,
            saved_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="bank_mapping.saved",
        object_type="bank_account",
        object_id=account_id,
        details={"version": version},
    )
    return version


def saved(session: Session, account: str) -> Layout | None:
    """Return how the tables of an account are read, or None before anybody said so.

    Raises
    ------
    NotFound
        ``bank_account_unknown``.
    """
    last = _last(session, statements.account_by_code(session, account).id)
    return None if last is None else Layout.read(last.layout)


def sheet(
    session: Session, account: str, *, closing: Money | None = None, layout: Layout | None = None
) -> Sheet | None:
    """Return what a reader needs for a table of an account; None without a mapping.

    Raises
    ------
    NotFound
        ``bank_account_unknown``.
    """
    row = statements.account_by_code(session, account)
    layout = layout or saved(session, account)
    if layout is None:
        return None
    before = session.scalar(
        select(BankStatement.closing)
        .where(BankStatement.account_id == row.id)
        .order_by(BankStatement.position.desc())
        .limit(1)
    )
    return Sheet(
        account=row.number,
        currency=row.currency,
        layout=layout,
        before=Money(row.opening if before is None else before, row.currency),
        closing=closing,
    )


def _last(session: Session, account_id: uuid.UUID) -> BankMapping | None:
    return session.scalar(
        select(BankMapping)
        .where(BankMapping.account_id == account_id)
        .order_by(BankMapping.version.desc())
        .limit(1)
    )
