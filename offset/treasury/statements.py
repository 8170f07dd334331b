"""May this bank file enter the books, and what would it add? Whole or not at all."""

import hashlib
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from offset.clock import utc_day
from offset.database.types import uuid7
from offset.errors import Conflict, NotFound, Refused
from offset.ledger import chart, entries, journal
from offset.money import Money
from offset.people import audit
from offset.people.access import SYSTEM, Actor, Right, require
from offset.treasury import statement_lines, statement_notices
from offset.treasury.locks import hold
from offset.treasury.models import (
    BankAccount,
    BankFile,
    BankLine,
    BankStatement,
    PendingLine,
)
from offset.treasury.ports import Statement
from offset.treasury.statement_lines import Before, columns, insert_all

_SHOWN: Final = 4
_NAME: Final = 120
_FORM: Final = 40
# A bank may date a statement some days ahead, over a long weekend; not more.
_AHEAD: Final = timedelta(days=5)
# The shortest national number by which one of our IBANs is recognised.
_NATIONAL: Final = 7


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One statement of a file after every check, before anything is written."""

    account_id: uuid.UUID
    account_code: str
    position: int
    statement: Statement
    fingerprints: tuple[tuple[str, int], ...]
    # What a person should look at before importing; nothing of it refuses the file.
    warnings: tuple[str, ...] = ()

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
    notices: int = 0


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
    reason: str = "",
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
        details={
            "code": code,
            "account": chart.bank(code),
            **({"reason": reason} if reason else {}),
        },
    )
    return account_id


def plan(
    session: Session,
    data: bytes,
    statements: Sequence[Statement],
    *,
    today: date | None = None,
) -> tuple[Planned, ...]:
    """Check a file that was read against the books and say what it would add.

    Statements of one file are taken in the order of their days, however they stand in it. With
    ``today`` a statement of days to come is refused.

    Raises
    ------
    Refused
        ``statement_known``: these bytes were imported before.
        ``statement_wrong_account``: an account that is not ours.
        ``statement_currency``: amounts in another currency than the account's.
        ``statement_unbalanced``: opening and lines do not make the closing.
        ``statement_dates``: days that cannot be in this order; ``statement_ahead``: of days to
        come; ``statement_too_early``: of days before the last one that was imported.
        ``statement_overlap``: lines that were imported before.
        ``statement_gap``: the opening is not the closing of the statement before.
    """
    earlier = session.scalar(select(BankFile).where(BankFile.sha256 == _digest(data)))
    if earlier is not None:
        raise Refused("statement_known", field="file", imported_at=earlier.imported_at)
    planned: list[Planned] = []
    for statement in _in_time(statements):
        account = _account(session, statement)
        _check_currency(statement, account)
        if statement.notice:
            planned.append(
                _noticed(session, statement, account, _of(account, planned, notice=True))
            )
            continue
        _check_sums(statement, account)
        _check_days(statement, today)
        cut = statement_notices.cut_apart(session, statement, account)
        planned.append(_planned(session, cut, account, planned))
    return tuple(planned)


def _in_time(statements: Sequence[Statement]) -> list[Statement]:
    """Put statements in the order of their days; of one day, as the bank numbered them all.

    Where it left a number out, those of the day stay as they stand in the file.
    """

    def place(one: Statement) -> tuple[str, date, date]:
        return one.account, one.closed_on, one.opened_on

    unnumbered = {place(one) for one in statements if one.sequence is None}

    def key(one: Statement) -> tuple[date, date, int]:
        number = 0 if place(one) in unnumbered else one.sequence or 0
        return one.closed_on, one.opened_on, number

    return sorted(statements, key=key)


def _planned(
    session: Session, statement: Statement, account: BankAccount, planned: Sequence[Planned]
) -> Planned:
    before = _before(session, account, planned)
    prints = statement_lines.fingerprints(statement, account, _of(account, planned))
    prints = statement_lines.check_new(session, statement, account, prints, before)
    _check_chain(statement, account, before)
    jump = (
        before.sequence is not None
        and statement.sequence is not None
        and statement.sequence > before.sequence + 1
        and statement.closed_on.year == before.since.year
    )
    return Planned(
        account_id=account.id,
        account_code=account.code,
        position=before.position + 1,
        statement=statement,
        fingerprints=tuple(prints),
        warnings=("sequence_jump",) if jump else (),
    )


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
    planned = plan(session, data, statements, today=utc_day(at))
    file_id = uuid7(at)
    session.add(
        BankFile(
            id=file_id,
            sha256=_digest(data),
            name=name.strip()[-_NAME:] or "statement.xml",
            form=next((one.form[:_FORM] for one in statements if one.form), None),
            data=data,
            imported_at=at,
            imported_by=actor.user_id,
        )
    )
    try:
        session.flush()
        for one in planned:
            if one.statement.notice:
                statement_notices.store(session, one.statement, one.account_id, file_id, at)
            else:
                _store(session, one, file_id, at)
    except IntegrityError:
        raise Conflict("statement_conflict", field="file") from None
    booked = [one for one in planned if not one.statement.notice]
    lines = sum(len(one.statement.lines) for one in booked)
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
    return Imported(
        file_id=file_id,
        statements=len(booked),
        lines=lines,
        notices=sum(len(one.statement.lines) for one in planned) - lines,
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sum(statement: Statement, wanted: Callable[[int], bool]) -> Money:
    minor = sum(line.amount.minor for line in statement.lines if wanted(line.amount.minor))
    return Money(minor, statement.opening.currency)


def _account(session: Session, statement: Statement) -> BankAccount:
    ours = session.scalars(select(BankAccount).order_by(BankAccount.code)).all()
    found = [one for one in ours if one.number == statement.account]
    found = found or [one for one in ours if _same_number(one.number, statement.account)]
    if len(found) != 1:
        raise Refused(
            "statement_wrong_account", field="file", account=f"…{statement.account[-_SHOWN:]}"
        )
    return found[0]


def _same_number(iban: str, told: str) -> bool:
    """Say whether a national number, as MT940 writes it, is the one inside our IBAN."""
    bank, slash, number = told.rpartition("/")
    digits = re.sub(r"\D", "", number).lstrip("0")
    if len(digits) < _NATIONAL or not iban[4:].endswith(digits):
        return False
    return not slash or not bank.isdigit() or iban[4:].startswith(bank)


def _check_currency(statement: Statement, account: BankAccount) -> None:
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


def _check_sums(statement: Statement, account: BankAccount) -> None:
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


def _check_days(statement: Statement, today: date | None) -> None:
    """Refuse a statement that is to come, closes before it opens, or books after it closes."""
    if today is not None and statement.closed_on > today + _AHEAD:
        raise Refused(
            "statement_ahead",
            field="file",
            statement=statement.reference,
            closed_on=statement.closed_on,
        )
    booked = max((line.booked_on for line in statement.lines), default=statement.closed_on)
    for earlier, later in (
        (statement.opened_on, statement.closed_on),
        (booked, statement.closed_on),
    ):
        if earlier > later:
            raise Refused(
                "statement_dates",
                field="file",
                statement=statement.reference,
                earlier=later,
                later=earlier,
            )


def _noticed(
    session: Session, statement: Statement, account: BankAccount, earlier: Sequence[Statement]
) -> Planned:
    """Plan a notification: its parts are kept once, whatever file tells them again."""
    return Planned(
        account_id=account.id,
        account_code=account.code,
        position=0,
        statement=statement_notices.unknown(session, statement, account, earlier),
        fingerprints=(),
    )


def _of(
    account: BankAccount, planned: Sequence[Planned], *, notice: bool = False
) -> list[Statement]:
    """Return the statements of an account that stand before in the file, or its notifications."""
    return [
        one.statement
        for one in planned
        if one.account_id == account.id and one.statement.notice is notice
    ]


def _before(session: Session, account: BankAccount, planned: Sequence[Planned]) -> Before:
    found = Before(account.opening, 0, account.opened_on, None)
    last = session.scalar(
        select(BankStatement)
        .where(BankStatement.account_id == account.id)
        .order_by(BankStatement.position.desc())
        .limit(1)
    )
    if last is not None:
        found = Before(last.closing, last.position, last.closed_on, last.sequence)
    for one in planned:
        if one.account_id == account.id and not one.statement.notice:
            told = one.statement
            found = Before(told.closing.minor, one.position, told.closed_on, told.sequence)
    return found


def _check_chain(statement: Statement, account: BankAccount, before: Before) -> None:
    """Hold the opening against what the account held before."""
    if statement.closed_on < before.since:
        raise Refused(
            "statement_too_early",
            field="file",
            statement=statement.reference,
            closed_on=statement.closed_on,
            since=before.since,
        )
    if statement.opening.minor != before.expected:
        raise Refused(
            "statement_gap",
            field="file",
            statement=statement.reference,
            expected=Money(before.expected, account.currency),
            opening=statement.opening,
            since=before.since,
        )


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
    rows = (
        {
            "id": uuid7(at),
            "statement_id": statement_id,
            "account_id": one.account_id,
            "number": number,
            "fingerprint": print_,
            "occurrence": occurrence,
            "booked_on": line.booked_on,
            "value_on": line.value_on,
            "bank_reference": line.bank_reference,
            "reversal": line.reversal,
            **columns(line),
        }
        for number, (line, (print_, occurrence)) in enumerate(
            zip(statement.lines, one.fingerprints, strict=True), start=1
        )
    )
    insert_all(session, BankLine, rows)
    pending = (
        {
            "id": uuid7(at),
            "statement_id": statement_id,
            "number": number,
            "amount": line.amount.minor,
            "currency": line.amount.currency,
            "expected_on": line.booked_on,
            "text": line.text,
            "counterparty": line.counterparty,
        }
        for number, line in enumerate(statement.pending, start=1)
    )
    insert_all(session, PendingLine, pending)


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
