"""What stands between a month and its closing? Its counts, its open ends, and who explained them.

Everything is counted by the database; only what a person must look at is read row by row, so a
month of any size is seen with the same few statements.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.ledger import balances
from offset.ledger import periods as ledger
from offset.ledger.balances import TrialLine
from offset.ledger.models import Account, Entry, Posting
from offset.money import Money
from offset.people.models import User
from offset.treasury import month_counts
from offset.treasury.models import (
    BankAccount,
    BankFile,
    BankLine,
    BankStatement,
    MatchItem,
    Unmatch,
)
from offset.treasury.month_counts import Counts
from offset.treasury.month_models import MonthExplanation
from offset.treasury.queries import matched_by_line

SUSPENSE: Final = "Equity:Suspense:"
UNIDENTIFIED: Final = "Liabilities:Unidentified:"
# How many days money may stand on an account between two places before somebody says why.
PATIENCE: Final[Mapping[str, int]] = {
    "Assets:InTransit:Payouts:": 7,
    "Assets:InTransit:Disbursements:": 10,
    "Assets:Receivable:": 75,
    "Liabilities:Refunds:": 14,
    UNIDENTIFIED: 30,
    SUSPENSE: 0,
}
# How many lines without explanation a page shows; a closing reads all that were explained.
SHOWN: Final = 50
_ALL: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What somebody wrote about an item that stays open."""

    text: str
    amount: Money
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is open at the month's end, since when, and what was written about it.

    ``code`` is ``line``, ``clearing``, ``suspense`` or ``payouts``; ``limit`` is how many days it
    may stand before it must be explained.
    """

    key: str
    code: str
    name: str
    amount: Money
    since: date | None
    age: int
    limit: int
    words: Explanation | None

    @property
    def line_id(self) -> uuid.UUID | None:
        """Return the bank line that it is, if it is one."""
        return uuid.UUID(self.key.removeprefix("line:")) if self.code == "line" else None

    @property
    def due(self) -> bool:
        """Say whether it must be explained before the month is closed."""
        return self.age > self.limit

    @property
    def open(self) -> bool:
        """Say whether it must be explained and is not."""
        return self.due and self.words is None


@dataclass(frozen=True, kw_only=True)
class BankStanding:
    """One of our bank accounts: how far its statements reach, and whether it agrees."""

    code: str
    currency: str
    reached: date | None
    complete: bool
    statements: int
    lines: int
    matched: int
    open: int
    oldest: date | None
    book: Money
    unmatched: Money
    unbooked: Money
    stated: Money
    imported_at: datetime | None
    imported_by: str

    @property
    def gap(self) -> Money:
        """What nothing explains; 0.00 when all is well."""
        return self.book - self.unmatched + self.unbooked - self.stated


@dataclass(frozen=True, kw_only=True)
class Look:
    """A month as it was found: banks, counts, open items and the trial balance at its end."""

    starts_on: date
    ends_on: date
    on: date
    banks: tuple[BankStanding, ...]
    counts: Counts
    items: tuple[Item, ...]
    open_lines: int
    trial: tuple[TrialLine, ...]

    @property
    def unbalanced(self) -> dict[str, Money]:
        """Return by currency what the trial balance does not come to zero by."""
        sums: dict[str, Money] = {}
        for line in self.trial:
            currency = line.balance.currency
            sums[currency] = sums.get(currency, Money(0, currency)) + line.balance
        return {currency: total for currency, total in sums.items() if total}

    @property
    def unexplained_lines(self) -> int:
        """Count the lines that nobody explained, by a match or in writing."""
        told = sum(one.code == "line" and one.words is not None for one in self.items)
        return self.open_lines - told

    def of(self, *codes: str) -> tuple[Item, ...]:
        """Return the items of some kinds."""
        return tuple(one for one in self.items if one.code in codes)


def look(session: Session, starts_on: date, *, on: date, lines: int = _ALL) -> Look:
    """Read a month as it stands on a day: at most nine statements, whatever is open."""
    _, ends_on = ledger.month_of(starts_on)
    trial = balances.trial_balance(session, as_of=ends_on)
    banks = _banks(session, starts_on, ends_on)
    counts = month_counts.count(session, starts_on, ends_on)
    words = _explanations(session, starts_on)
    open_lines = sum(one.open for one in banks)
    items = (
        *_line_items(session, ends_on, on, words, lines if open_lines else 0),
        *_clearing(session, ends_on, trial, words),
        *_unread(counts, on, words),
    )
    return Look(
        starts_on=starts_on,
        ends_on=ends_on,
        on=on,
        banks=banks,
        counts=counts,
        items=items,
        open_lines=open_lines,
        trial=trial,
    )


def _banks(session: Session, starts_on: date, ends_on: date) -> tuple[BankStanding, ...]:
    """Hold every bank account against what its statements say at the month's end.

    Both sides end there: entries and lines of later days, and matches that join an earlier one to
    a later one, belong to the months after.
    """
    lines, booked = _lines_by_account(session, starts_on, ends_on), _booked(session, ends_on)
    found = []
    for row in session.execute(_accounts(starts_on, ends_on)):
        currency = row.currency
        told = lines.get(row.id)
        book, unmatched = booked.get(f"Assets:Bank:{row.code}", (0, 0))
        stated = row.opening + (int(told.moved) if told else 0)
        reached = row.closed_on
        found.append(
            BankStanding(
                code=row.code,
                currency=currency,
                reached=reached,
                complete=row.opened_on > ends_on or (reached is not None and reached >= ends_on),
                statements=int(row.statements),
                lines=int(told.lines) if told else 0,
                matched=int(told.matched) if told else 0,
                open=int(told.open) if told else 0,
                oldest=told.oldest if told else None,
                book=Money(book, currency),
                unmatched=Money(unmatched, currency),
                unbooked=Money(int(told.rest) if told else 0, currency),
                stated=Money(int(stated), currency),
                imported_at=row.imported_at,
                imported_by=row.name or "",
            )
        )
    return tuple(found)


def _accounts(starts_on: date, ends_on: date) -> Any:
    """Select the bank accounts with their newest statement and who imported it."""
    newest = (
        select(
            BankStatement.account_id.label("account_id"),
            func.max(BankStatement.position).label("position"),
            func.sum(case((BankStatement.closed_on.between(starts_on, ends_on), 1), else_=0)).label(
                "statements"
            ),
        )
        .group_by(BankStatement.account_id)
        .subquery()
    )
    return (
        select(
            BankAccount.id,
            BankAccount.code,
            BankAccount.currency,
            BankAccount.opened_on,
            BankAccount.opening,
            func.coalesce(newest.c.statements, 0).label("statements"),
            BankStatement.closed_on,
            BankFile.imported_at,
            User.name,
        )
        .outerjoin(newest, newest.c.account_id == BankAccount.id)
        .outerjoin(
            BankStatement,
            (BankStatement.account_id == BankAccount.id)
            & (BankStatement.position == newest.c.position),
        )
        .outerjoin(BankFile, BankFile.id == BankStatement.file_id)
        .outerjoin(User, User.id == BankFile.imported_by)
        .order_by(BankAccount.code)
    )


def _lines_by_account(
    session: Session, starts_on: date, ends_on: date
) -> dict[uuid.UUID, Row[Any]]:
    matched = matched_by_line()
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    here = BankLine.booked_on.between(starts_on, ends_on)
    over = BankLine.booked_on <= ends_on
    waits = and_(rest != 0, over)
    within = _matched_within(ends_on)
    left = BankLine.amount - func.coalesce(within.c.total, 0)
    rows = session.execute(
        select(
            BankLine.account_id,
            func.sum(case((here, 1), else_=0)).label("lines"),
            func.sum(case((and_(here, rest == 0), 1), else_=0)).label("matched"),
            func.sum(case((waits, 1), else_=0)).label("open"),
            func.min(case((waits, BankLine.booked_on))).label("oldest"),
            func.sum(case((over, left), else_=0)).label("rest"),
            func.sum(case((over, BankLine.amount), else_=0)).label("moved"),
        )
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .outerjoin(within, within.c.line_id == BankLine.id)
        .group_by(BankLine.account_id)
    )
    return {row.account_id: row for row in rows}


def _matched_within(ends_on: date) -> Subquery:
    """Sum what entries of a day or before it explain of each line: line_id, total."""
    return (
        select(MatchItem.line_id.label("line_id"), func.sum(MatchItem.amount).label("total"))
        .join(Entry, Entry.id == MatchItem.entry_id)
        .outerjoin(Unmatch, Unmatch.match_id == MatchItem.match_id)
        .where(Unmatch.match_id.is_(None), Entry.effective_on <= ends_on)
        .group_by(MatchItem.line_id)
        .subquery()
    )


def _booked(session: Session, ends_on: date) -> dict[str, tuple[int, int]]:
    """Sum each bank account in the books of a day, and what of it no line until then explains."""
    explained = (
        select(
            MatchItem.entry_id.label("entry_id"),
            BankAccount.code.label("code"),
            func.sum(MatchItem.amount).label("total"),
        )
        .join(BankLine, BankLine.id == MatchItem.line_id)
        .join(BankAccount, BankAccount.id == BankLine.account_id)
        .outerjoin(Unmatch, Unmatch.match_id == MatchItem.match_id)
        .where(Unmatch.match_id.is_(None), BankLine.booked_on <= ends_on)
        .group_by(MatchItem.entry_id, BankAccount.code)
        .subquery()
    )
    posted = (
        select(
            Posting.entry_id.label("entry_id"),
            Account.code.label("code"),
            func.sum(Posting.amount).label("total"),
        )
        .join(Account, Account.id == Posting.account_id)
        .where(Account.code.startswith("Assets:Bank:"))
        .group_by(Posting.entry_id, Account.code)
        .subquery()
    )
    reversing = aliased(Entry)
    opening = select(BankAccount.opening_entry_id).where(BankAccount.opening_entry_id.is_not(None))
    counted = and_(Entry.reverses_id.is_(None), reversing.id.is_(None), Entry.id.not_in(opening))
    rest = posted.c.total - func.coalesce(explained.c.total, 0)
    rows = session.execute(
        select(posted.c.code, func.sum(posted.c.total), func.sum(case((counted, rest), else_=0)))
        .join(Entry, Entry.id == posted.c.entry_id)
        .outerjoin(
            reversing,
            (reversing.reverses_id == Entry.id) & (reversing.effective_on <= ends_on),
        )
        .outerjoin(
            explained,
            (explained.c.entry_id == posted.c.entry_id)
            & (posted.c.code == "Assets:Bank:" + explained.c.code),
        )
        .where(Entry.effective_on <= ends_on)
        .group_by(posted.c.code)
    )
    return {code: (int(total), int(left)) for code, total, left in rows}


def _explanations(session: Session, starts_on: date) -> dict[str, Explanation]:
    """Read the last word about each item of a month."""
    rows = session.execute(
        select(MonthExplanation, User.name)
        .join(User, User.id == MonthExplanation.written_by)
        .where(MonthExplanation.starts_on == starts_on)
        .order_by(MonthExplanation.written_at, MonthExplanation.id)
    )
    return {
        one.item: Explanation(
            text=one.text, amount=Money(one.amount, one.currency), at=one.written_at, by=name or ""
        )
        for one, name in rows
    }


def _line_items(
    session: Session,
    ends_on: date,
    on: date,
    words: Mapping[str, Explanation],
    limit: int,
) -> tuple[Item, ...]:
    """Read the lines without explanation, the oldest first."""
    if not limit:
        return ()
    matched: Subquery = matched_by_line()
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    rows = session.execute(
        select(BankLine.id, BankLine.booked_on, BankLine.text, BankLine.currency, rest)
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(rest != 0, BankLine.booked_on <= ends_on)
        .order_by(BankLine.booked_on, BankLine.number, BankLine.id)
        .limit(limit)
    )
    found = []
    for line_id, booked_on, text, currency, left in rows:
        amount = Money(int(left), currency)
        key = f"line:{line_id}"
        found.append(
            Item(
                key=key,
                code="line",
                name=text,
                amount=amount,
                since=booked_on,
                age=(on - booked_on).days,
                limit=-1,
                words=_holding(words, key, amount),
            )
        )
    return tuple(found)


def _clearing(
    session: Session,
    ends_on: date,
    trial: Sequence[TrialLine],
    words: Mapping[str, Explanation],
) -> tuple[Item, ...]:
    """Age what stands on the accounts between two places at the month's end."""
    standing = {
        line.code: line.balance
        for line in trial
        if line.balance and line.code.startswith(tuple(PATIENCE))
    }
    if not standing:
        return ()
    since = _oldest(session, ends_on)
    found = []
    for code, amount in standing.items():
        key, began = f"account:{code}", since.get(code)
        suspense = code.startswith(SUSPENSE)
        found.append(
            Item(
                key=key,
                code="suspense" if suspense else "clearing",
                name=code,
                amount=amount,
                since=began,
                age=(ends_on - began).days if began else 0,
                limit=-1 if suspense else patience(code),
                words=_holding(words, key, amount),
            )
        )
    return tuple(found)


def patience(code: str) -> int:
    """Return how many days money may stand on an account before somebody says why."""
    return next(days for start, days in PATIENCE.items() if code.startswith(start))


def _oldest(session: Session, ends_on: date) -> dict[str, date]:
    """Find since when each balance between two places has stood, first in, first out.

    Going back in time, what came in on a day counts until the balance is made up.
    """
    standing = (
        select(Account.id, Account.code, func.sum(Posting.amount).label("total"))
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(or_(*(Account.code.startswith(start) for start in PATIENCE)))
        .where(Entry.effective_on <= ends_on)
        .group_by(Account.id, Account.code)
        .having(func.sum(Posting.amount) != 0)
        .subquery()
    )
    came = case(
        (and_(standing.c.total > 0, Posting.amount > 0), Posting.amount),
        (and_(standing.c.total < 0, Posting.amount < 0), -Posting.amount),
        else_=0,
    )
    days = (
        select(
            standing.c.code,
            func.abs(standing.c.total).label("total"),
            Entry.effective_on.label("day"),
            func.sum(came).label("came"),
        )
        .join(Posting, Posting.account_id == standing.c.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.effective_on <= ends_on)
        .group_by(standing.c.code, standing.c.total, Entry.effective_on)
        .subquery()
    )
    later = (
        func.sum(days.c.came).over(partition_by=days.c.code, order_by=days.c.day.desc())
        - days.c.came
    )
    ranked = select(days, later.label("later")).subquery()
    rows = session.execute(
        select(ranked.c.code, func.min(ranked.c.day).label("day"))
        .where(ranked.c.came > 0, ranked.c.later < ranked.c.total)
        .group_by(ranked.c.code)
    )
    return {row.code: row.day for row in rows}


def _unread(counts: Counts, on: date, words: Mapping[str, Explanation]) -> tuple[Item, ...]:
    """Name the payouts whose movements the processor has not listed."""
    missing = counts.payouts - counts.payouts_read
    if not missing or counts.payouts_oldest is None:
        return ()
    # What was written holds while their number stands; it is kept where others have an amount.
    amount, since = Money(missing, "EUR"), utc_day(counts.payouts_oldest)
    return (
        Item(
            key="payouts",
            code="payouts",
            name=str(missing),
            amount=amount,
            since=since,
            age=(on - since).days,
            limit=-1,
            words=_holding(words, "payouts", amount),
        ),
    )


def _holding(words: Mapping[str, Explanation], key: str, amount: Money) -> Explanation | None:
    """Return what was written about an item, if it has still the amount it had then."""
    told = words.get(key)
    return told if told is not None and told.amount == amount else None
