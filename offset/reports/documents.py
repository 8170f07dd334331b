"""How does somebody open a document behind a figure: a bank's own file, a movement, a decision?"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.giving.models import StripeBalanceTransaction
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.projects.models import Decision, DecisionCondition
from offset.reports.listings import amount, told
from offset.treasury.models import BankFile, BankLine, BankStatement

BLOCK: Final = 1 << 20
_SUFFIXES: Final = {"camt": "xml", "mt940": "sta", "csv": "csv", "xlsx": "xlsx"}


@dataclass(frozen=True, slots=True)
class FileOf:
    """A bank's file: how it is named when it leaves, and how long it is."""

    id: uuid.UUID
    name: str
    size: int


def suffix(form: str) -> str:
    """Name a bank's file by what it is; what we do not know is just data."""
    return next((end for start, end in _SUFFIXES.items() if form.startswith(start)), "dat")


def open_bank_file(
    session: Session, *, actor: Actor, at: datetime, statement_id: uuid.UUID
) -> FileOf:
    """Open the file a statement came in; the trail says who did.

    Raises
    ------
    Forbidden
        Without the right to see banks' files.
    NotFound
        ``statement_unknown``.
    """
    require(actor, Right.SEE_BANK_FILES)
    found = session.execute(
        select(BankFile.id, BankFile.sha256, BankFile.form, func.length(BankFile.data))
        .join(BankStatement, BankStatement.file_id == BankFile.id)
        .where(BankStatement.id == statement_id)
    ).first()
    if found is None:
        raise NotFound("statement_unknown")
    file_id, sha256, form, size = found
    audit.record(
        session,
        at=at,
        actor=actor,
        action="bank_file.opened",
        object_type="bank_file",
        object_id=file_id,
        details={"statement": str(statement_id)},
    )
    return FileOf(file_id, f"{sha256[:16]}.{suffix(form or '')}", int(size))


def blocks(session: Session, file_id: uuid.UUID, size: int) -> Iterator[bytes]:
    """Read a bank's file block by block, as it was received."""
    for start in range(0, size, BLOCK):
        part = func.substr(BankFile.data, start + 1, BLOCK, type_=LargeBinary())
        yield bytes(session.scalar(select(part).where(BankFile.id == file_id)) or b"")


def facts(session: Session, kind: str, thing_id: str) -> dict[str, str]:
    """Read what a document says, by the names of its columns; nobody who gives is named."""
    reader = {"movement": _movement, "decision": _decision, "line": _line}.get(kind)
    return reader(session, thing_id) if reader else {}


def _movement(session: Session, thing_id: str) -> dict[str, str]:
    row = session.get(StripeBalanceTransaction, thing_id)
    if row is None:
        return {}
    return {
        "category": row.reporting_category,
        "type": row.type,
        "created_at": told(row.created_at),
        "available_on": told(row.available_on),
        "amount": f"{amount(row.amount, row.currency)} {row.currency}",
        "fee": f"{amount(row.fee, row.currency)} {row.currency}",
        "net": f"{amount(row.net, row.currency)} {row.currency}",
        "source_id": row.source_id or "",
        "exchange_rate": row.exchange_rate or "",
    }


def _decision(session: Session, thing_id: str) -> dict[str, str]:
    row = session.get(Decision, uuid.UUID(thing_id))
    if row is None:
        return {}
    conditions = session.scalars(
        select(DecisionCondition).where(DecisionCondition.decision_id == row.id)
    ).all()
    open_ = sum(one.closed_on is None for one in conditions)
    return {
        "decided_on": str(row.decided_on),
        "expires_on": told(row.expires_on),
        "reviews": str(row.reviews),
        "recusals": str(row.recusals),
        "conditions": str(len(conditions)),
        "conditions_open": str(open_),
        "summary": row.summary,
    }


def _line(session: Session, thing_id: str) -> dict[str, str]:
    row = session.get(BankLine, uuid.UUID(thing_id))
    if row is None:
        return {}
    return {
        "booked_on": str(row.booked_on),
        "value_on": str(row.value_on),
        "bank_reference": row.bank_reference or "",
        "end_to_end_id": row.end_to_end_id or "",
    }
