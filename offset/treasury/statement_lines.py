"""Which line of a statement is which, so that none is stored twice and none is lost?"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from offset.database.types import canonical
from offset.errors import Refused
from offset.treasury.models import BankAccount, BankLine, BankStatement
from offset.treasury.ports import Statement, StatementLine

# How many rows go to the database in one statement, and how many values stand in one question.
_ROWS: Final = 2_000
_ASKED: Final = 900
# Some equal gifts between two statements of one day happen; a whole page of them does not.
_REPEATS_A_DAY: Final = 10


@dataclass(frozen=True)
class Before:
    """What an account held before a statement."""

    expected: int
    position: int
    since: date
    sequence: int | None


def fingerprints(
    statement: Statement, account: BankAccount, earlier: Sequence[Statement]
) -> list[tuple[str, int]]:
    """Name every line; two genuine bookings of the same words get occurrence 1 and 2.

    ``earlier`` are the statements of the account that stand before this one in the file.
    """
    seen = Counter(_words(line, account) for one in earlier for line in one.lines)
    prints = []
    for line in statement.lines:
        words = _words(line, account)
        seen[words] += 1
        prints.append((_print(words, seen[words]), seen[words]))
    return prints


def _print(words: str, occurrence: int) -> str:
    return hashlib.sha256(canonical([words, occurrence]).encode()).hexdigest()


def _words(line: StatementLine, account: BankAccount) -> str:
    told: list[str | int] = [account.number, line.booked_on.isoformat(), line.amount.minor]
    if line.bank_reference:
        return canonical([*told, "reference", line.bank_reference])
    text = " ".join(f"{line.end_to_end_id or ''} {line.text}".upper().split())
    return canonical([*told, "text", text, line.counterparty_iban or ""])


def check_new(
    session: Session,
    statement: Statement,
    account: BankAccount,
    prints: list[tuple[str, int]],
    before: Before,
) -> list[tuple[str, int]]:
    """Refuse what was imported before, and return the fingerprints to store.

    The bank may write two statements a day: where one goes on exactly from the other, and a line
    has no reference of the bank, equal words on the day between them are a second booking. A page
    of a long statement has the name of the first: it goes on from it, moves money and repeats
    nothing.
    """
    same = session.scalar(
        select(BankStatement.id).where(
            BankStatement.account_id == account.id,
            BankStatement.reference == statement.reference,
            BankStatement.closed_on == statement.closed_on,
        )
    )
    # What was imported is dated by the end of its statement: what is dated later is new.
    known = _known(
        session,
        [
            print_
            for line, (print_, _) in zip(statement.lines, prints, strict=True)
            if line.booked_on <= before.since
        ],
    )
    follows = statement.opening.minor == before.expected
    if follows and not known and statement.opening != statement.closing:
        same = None
    goes_on = same is None and follows and len(known) <= _REPEATS_A_DAY
    told: list[tuple[str, int]] = []
    overlapping = 0
    for line, (print_, occurrence) in zip(statement.lines, prints, strict=True):
        if print_ not in known:
            told.append((print_, occurrence))
        elif goes_on and not line.bank_reference and line.booked_on == before.since:
            told.append(_next(session, _words(line, account), occurrence, told))
        else:
            overlapping += 1
    if overlapping or same is not None:
        raise Refused(
            "statement_overlap",
            field="file",
            statement=statement.reference,
            lines=overlapping or len(known),
        )
    return told


def _next(
    session: Session, words: str, occurrence: int, told: Sequence[tuple[str, int]]
) -> tuple[str, int]:
    taken = {print_ for print_, _ in told}
    while True:
        occurrence += 1
        print_ = _print(words, occurrence)
        if print_ not in taken and not _known(session, [print_]):
            return print_, occurrence


def _known(session: Session, prints: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(prints):
        found.update(
            session.scalars(select(BankLine.fingerprint).where(BankLine.fingerprint.in_(part)))
        )
    return found


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut values into as many as one question may name."""
    for start in range(0, len(values), _ASKED):
        yield values[start : start + _ASKED]


def columns(line: StatementLine) -> dict[str, object]:
    """Return the columns that a line and a part of a notification share."""
    return {
        "amount": line.amount.minor,
        "currency": line.amount.currency,
        "end_to_end_id": line.end_to_end_id,
        "creditor_reference": line.creditor_reference,
        "text": line.text,
        "counterparty": line.counterparty,
        "counterparty_iban": line.counterparty_iban,
    }


def insert_all(session: Session, table: Any, rows: Iterator[Mapping[str, object]]) -> None:
    """Write rows in portions, so that a long statement needs no more memory than a short one."""
    portion: list[Mapping[str, object]] = []
    for row in rows:
        portion.append(row)
        if len(portion) == _ROWS:
            session.execute(insert(table.__table__), portion)
            portion = []
    if portion:
        session.execute(insert(table.__table__), portion)
