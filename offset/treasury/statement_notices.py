"""What do a bank's notifications tell of lines whose sum alone stands on the statement?"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Refused
from offset.money import Money
from offset.treasury.models import BankAccount, BankNotice
from offset.treasury.ports import Statement, StatementLine
from offset.treasury.statement_lines import chunks, columns, insert_all


def cut_apart(session: Session, statement: Statement, account: BankAccount) -> Statement:
    """Cut lines of which only the sum is stated, where a notification told their parts."""
    references = sorted({one.bank_reference for one in statement.lines if one.bank_reference})
    told: defaultdict[str, list[BankNotice]] = defaultdict(list)
    for part in chunks(references):
        for notice in session.scalars(
            select(BankNotice)
            .where(BankNotice.account_id == account.id, BankNotice.bank_reference.in_(part))
            .order_by(BankNotice.file_id, BankNotice.number)
        ):
            told[notice.bank_reference].append(notice)
    if not told:
        return statement
    lines = tuple(
        cut
        for line in statement.lines
        for cut in _cut(line, told.get(line.bank_reference or "", []))
    )
    return replace(statement, lines=lines)


def _cut(line: StatementLine, notices: Sequence[BankNotice]) -> Iterator[StatementLine]:
    if len(notices) <= 1 or sum(one.amount for one in notices) != line.amount.minor:
        yield line
        return
    for number, one in enumerate(notices, start=1):
        yield replace(
            line,
            amount=Money(one.amount, one.currency),
            bank_reference=f"{line.bank_reference}/{number}",
            end_to_end_id=one.end_to_end_id,
            creditor_reference=one.creditor_reference,
            text=one.text,
            counterparty=one.counterparty,
            counterparty_iban=one.counterparty_iban,
        )


def unknown(
    session: Session, statement: Statement, account: BankAccount, earlier: Sequence[Statement]
) -> Statement:
    """Return a notification with those of its parts that no other told; ``earlier`` in its file.

    Raises
    ------
    Refused
        ``statement_overlap``: all of them are known; ``statement_notice_unnamed``: none of them
        could be found on a statement.
    """
    if not any(line.bank_reference for line in statement.lines):
        raise Refused("statement_notice_unnamed", field="file", statement=statement.reference)
    names = {_whole(line.bank_reference) for line in statement.lines if line.bank_reference}
    known: set[str] = {_whole(line.bank_reference) for one in earlier for line in one.lines}
    for part in chunks(sorted(names)):
        known.update(
            session.scalars(
                select(BankNotice.bank_reference).where(
                    BankNotice.account_id == account.id, BankNotice.bank_reference.in_(part)
                )
            )
        )
    fresh = tuple(
        line
        for line in statement.lines
        if line.bank_reference and _whole(line.bank_reference) not in known
    )
    if not fresh:
        raise Refused(
            "statement_overlap",
            field="file",
            statement=statement.reference,
            lines=len(statement.lines),
        )
    return replace(statement, lines=fresh)


def _whole(reference: str | None) -> str:
    """Return the reference of the entry that a part of a batch belongs to."""
    return re.sub(r"/\d+$", "", reference or "")


def store(
    session: Session,
    statement: Statement,
    account_id: uuid.UUID,
    file_id: uuid.UUID,
    at: datetime,
) -> None:
    """Keep the parts of a notification, numbered through its file."""
    first = session.scalar(
        select(BankNotice.number)
        .where(BankNotice.file_id == file_id)
        .order_by(BankNotice.number.desc())
        .limit(1)
    )
    rows = (
        {
            "id": uuid7(at),
            "file_id": file_id,
            "account_id": account_id,
            "number": number,
            "bank_reference": _whole(line.bank_reference),
            "booked_on": line.booked_on,
            **columns(line),
        }
        for number, line in enumerate(statement.lines, start=(first or 0) + 1)
    )
    insert_all(session, BankNotice, rows)
