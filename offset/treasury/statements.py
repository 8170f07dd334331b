"""May this bank file enter the books, and what would it add? Whole or not at all."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from offset.database.types import canonical, uuid7
from offset.errors import Conflict, NotFound, Refused
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.treasury.locks import hold
from offset.treasury.models import BankAccount, BankFile, BankLine, BankStatement
from offset.treasury.ports import Statement, StatementLine

_SHOWN: Final = 4
_NAME: Final = 120


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One statement of a file after every check, before anything is written."""

    account_id: uuid.UUID
    account_code: str
    position: int
    statement: Statement
    fingerprints: tuple[tuple[str, int], ...]

    @property
    def money_in(self) -> Money:
        """What the lines add."""
        return _sum(self.statement, lambda minor: minor > 0)

    @property
    def money_out(self) -> Money:
        """What the lines take away, as a negative amount."""
        return _sum(self.statement, lambda minor: minor < 0)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import added."""

    file_id: uuid.UUID
    statements: int
    lines: int


def register_account(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    code: str,
    number: str,
    holder: str,
    opened_on: date,
    opening: Money,
) -> uuid.UUID:
    """Begin the books of one of our bank accounts with what it held on that day.

    Raises
    ------
    Forbidden
        Without the right to post by hand; the installation itself may.
    Conflict
        ``bank_account_known``.
    """
    if actor is not SYSTEM:
        require(actor, Right.POST_MANUAL_ENTRY)
    tidy = "".join(number.split()).upper()
    known = select(BankAccount.id).where((BankAccount.code == code) | (BankAccount.number == tidy))
    if session.scalar(known) is not None:
        raise Conflict("bank_account_known", code=code)
    account_id = uuid7(at)
    entry_id = None
    chart.open_account(session, chart.bank(code), at=at, currency=opening.currency)
    if opening:
        draft = entries.opening(
            reference=f"bank-{code}", on=opened_on, account=chart.bank(code), amount=opening
        )
        entry_id = journal.post(session, draft, at=at, actor_id=actor.user_id).entry_id
    session.add(
        BankAccount(
            id=account_id,
            code=code,
            number=tidy,
            holder=holder.strip(),
            currency=opening.currency,
            opened_on=opened_on,
            opening=opening.minor,
            opening_entry_id=entry_id,
            recorded_at=at,
            recorded_by=actor.user_id,
        )
    )
    session.flush()
    audit.record(
        session,
        at=at,
        actor=actor,
        action="bank_account.registered",
        object_type="bank_account",
        object_id=account_id,
        details={"code": code, "account": chart.bank(code)},
    )
    return account_id


def plan(session: Session, data: bytes, statements: Sequence[Statement]) -> tuple[Planned, ...]:
    """Check a file that was read against the books and say what it would add.

    Raises
    ------
    Refused
        ``statement_known``: these bytes were imported before.
        ``statement_wrong_account``: an account that is not ours.
        ``statement_currency``: amounts in another currency than the account's.
        ``statement_unbalanced``: opening and lines do not make the closing.
        ``statement_overlap``: lines that were imported before.
        ``statement_gap``: the opening is not the closing of the statement before.
    """
    earlier = session.scalar(select(BankFile).where(BankFile.sha256 == _digest(data)))
    if earlier is not None:
        raise Refused("statement_known", field="file", imported_at=earlier.imported_at)
    planned: list[Planned] = []
    for statement in statements:
        account = _account(session, statement)
        _check_sums(statement, account)
        prints = _fingerprints(statement, account, planned)
        _check_new(session, statement, account, [print_ for print_, _ in prints])
        position = _check_chain(session, statement, account, planned)
        planned.append(
            Planned(
                account_id=account.id,
                account_code=account.code,
                position=position,
                statement=statement,
                fingerprints=tuple(prints),
            )
        )
    return tuple(planned)


def take_in(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    data: bytes,
    name: str,
    statements: Sequence[Statement],
) -> Imported:
    """Store a file with its statements and lines, after every check of ``plan``.

    Raises
    ------
    Forbidden
        Without the right to import statements.
    Refused
        As ``plan``.
    Conflict
        ``statement_conflict``: somebody imported at the same moment.
    """
    if actor is not SYSTEM:
        require(actor, Right.IMPORT_STATEMENT)
    hold(session, "bank statements")
    planned = plan(session, data, statements)
    file_id = uuid7(at)
    session.add(
        BankFile(
            id=file_id,
            sha256=_digest(data),
            name=name.strip()[-_NAME:] or "statement.xml",
            data=data,
            imported_at=at,
            imported_by=actor.user_id,
        )
    )
    try:
        session.flush()
        for one in planned:
            _store(session, one, file_id, at)
    except IntegrityError:
        raise Conflict("statement_conflict", field="file") from None
    lines = sum(len(one.statement.lines) for one in planned)
    audit.record(
        session,
        at=at,
        actor=actor,
        action="statement.imported",
        object_type="bank_file",
        object_id=file_id,
        details={
            "statements": [one.statement.reference for one in planned],
            "lines": lines,
            "sha256": _digest(data),
        },
    )
    return Imported(file_id=file_id, statements=len(planned), lines=lines)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sum(statement: Statement, wanted: Callable[[int], bool]) -> Money:
    minor = sum(line.amount.minor for line in statement.lines if wanted(line.amount.minor))
    return Money(minor, statement.opening.currency)


def _account(session: Session, statement: Statement) -> BankAccount:
    found = session.scalar(select(BankAccount).where(BankAccount.number == statement.account))
    if found is None:
        raise Refused(
            "statement_wrong_account", field="file", account=f"…{statement.account[-_SHOWN:]}"
        )
    return found


def _check_sums(statement: Statement, account: BankAccount) -> None:
    told = {statement.opening.currency, statement.closing.currency}
    told.update(line.amount.currency for line in statement.lines)
    if told != {account.currency}:
        raise Refused(
            "statement_currency",
            field="file",
            statement=statement.reference,
            currency=account.currency,
            found=", ".join(sorted(told - {account.currency})),
        )
    moved = sum(line.amount.minor for line in statement.lines)
    reached = Money(statement.opening.minor + moved, account.currency)
    if reached != statement.closing:
        raise Refused(
            "statement_unbalanced",
            field="file",
            statement=statement.reference,
            opening=statement.opening,
            lines=Money(moved, account.currency),
            closing=statement.closing,
            difference=statement.closing - reached,
        )


def _fingerprints(
    statement: Statement, account: BankAccount, planned: Sequence[Planned]
) -> list[tuple[str, int]]:
    """Name every line; two genuine bookings of the same words get occurrence 1 and 2."""
    seen = Counter(
        _words(line, account)
        for one in planned
        if one.account_id == account.id
        for line in one.statement.lines
    )
    prints = []
    for line in statement.lines:
        words = _words(line, account)
        seen[words] += 1
        named = canonical([words, seen[words]]).encode()
        prints.append((hashlib.sha256(named).hexdigest(), seen[words]))
    return prints


def _words(line: StatementLine, account: BankAccount) -> str:
    told: list[str | int] = [account.number, line.booked_on.isoformat(), line.amount.minor]
    if line.bank_reference:
        return canonical([*told, "reference", line.bank_reference])
    text = " ".join(f"{line.end_to_end_id or ''} {line.text}".upper().split())
    return canonical([*told, "text", text, line.counterparty_iban or ""])


def _check_new(
    session: Session, statement: Statement, account: BankAccount, prints: Sequence[str]
) -> None:
    known = 0
    for start in range(0, len(prints), 500):
        chunk = prints[start : start + 500]
        found = session.scalars(select(BankLine.id).where(BankLine.fingerprint.in_(chunk)))
        known += len(found.all())
    same = session.scalar(
        select(BankStatement.id).where(
            BankStatement.account_id == account.id,
            BankStatement.reference == statement.reference,
            BankStatement.closed_on == statement.closed_on,
        )
    )
    if known or same is not None:
        raise Refused("statement_overlap", field="file", statement=statement.reference, lines=known)


def _check_chain(
    session: Session, statement: Statement, account: BankAccount, planned: Sequence[Planned]
) -> int:
    """Hold the opening against what the account held before, and return the next position."""
    expected, position, since = account.opening, 0, account.opened_on
    last = session.scalar(
        select(BankStatement)
        .where(BankStatement.account_id == account.id)
        .order_by(BankStatement.position.desc())
        .limit(1)
    )
    if last is not None:
        expected, position, since = last.closing, last.position, last.closed_on
    for one in planned:
        if one.account_id == account.id:
            expected = one.statement.closing.minor
            position, since = one.position, one.statement.closed_on
    if statement.opening.minor != expected or statement.closed_on < since:
        raise Refused(
            "statement_gap",
            field="file",
            statement=statement.reference,
            expected=Money(expected, account.currency),
            opening=statement.opening,
            since=since,
        )
    return position + 1


def _store(session: Session, one: Planned, file_id: uuid.UUID, at: datetime) -> None:
    statement = one.statement
    statement_id = uuid7(at)
    session.add(
        BankStatement(
            id=statement_id,
            file_id=file_id,
            account_id=one.account_id,
            position=one.position,
            reference=statement.reference,
            sequence=statement.sequence,
            opened_on=statement.opened_on,
            closed_on=statement.closed_on,
            opening=statement.opening.minor,
            closing=statement.closing.minor,
            currency=statement.closing.currency,
        )
    )
    session.flush()
    for number, (line, (print_, occurrence)) in enumerate(
        zip(statement.lines, one.fingerprints, strict=True), start=1
    ):
        session.add(
            BankLine(
                id=uuid7(at),
                statement_id=statement_id,
                account_id=one.account_id,
                number=number,
                fingerprint=print_,
                occurrence=occurrence,
                amount=line.amount.minor,
                currency=line.amount.currency,
                booked_on=line.booked_on,
                value_on=line.value_on,
                bank_reference=line.bank_reference,
                end_to_end_id=line.end_to_end_id,
                creditor_reference=line.creditor_reference,
                text=line.text,
                counterparty=line.counterparty,
                counterparty_iban=line.counterparty_iban,
                reversal=line.reversal,
            )
        )
    session.flush()


def account_by_code(session: Session, code: str) -> BankAccount:
    """Return one of our bank accounts.

    Raises
    ------
    NotFound
        ``bank_account_unknown``.
    """
    found = session.scalar(select(BankAccount).where(BankAccount.code == code))
    if found is None:
        raise NotFound("bank_account_unknown", code=code)
    return found
