"""What does the reconciliation show: what the bank says, what the books say, and why they match?"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from offset.database.types import Id
from offset.ledger import balances, chart
from offset.ledger.models import Account, Posting
from offset.money import Money
from offset.treasury import sides, statements, suggestions
from offset.treasury.matching import Kind
from offset.treasury.models import (
    BankAccount,
    BankLine,
    BankStatement,
    LineNote,
    Match,
    MatchItem,
    Unmatch,
)
from offset.treasury.open_items import open_bookings
from offset.treasury.queries import (
    StatementView,
    imported,
    matched_by_line,
)
from offset.treasury.screen_rows import (
    EVERYTHING,
    OLD_DAYS,
    PAGE,
    TO_DO,
    Row,
    Section,
    Show,
    State,
    View,
    key_of,
    kind_of,
    line_row,
    named_by,
    place_of,
    subject_of,
    waiting_rows,
)
from offset.treasury.sides import Sides
from offset.treasury.unidentified_models import LineSuggestion

__all__ = ["EVERYTHING", "TO_DO", "Identity", "Row", "Screen", "Show", "State", "View"]

_OF_LINES: Final = frozenset(Show) - {Show.WAITING}
_OPEN: Final = _OF_LINES - {Show.MATCHED}
_DONE: Final = frozenset({Show.ALL, Show.MATCHED, Show.SPLIT, Show.NOTED})
_WAITS: Final = frozenset({Show.ALL, Show.WAITING, Show.OLD})


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Book − unmatched + unbooked = stated; what is missing to it is the gap."""

    book: Money
    unmatched: Money
    unbooked: Money
    stated: Money
    stated_on: date | None

    @property
    def gap(self) -> Money:
        """What nothing explains; 0.00 when all is well."""
        return self.book - self.unmatched + self.unbooked - self.stated


@dataclass(frozen=True)
class Screen:
    """The reconciliation of one bank account."""

    account: str
    number: str
    currency: str
    statement: StatementView | None
    bank: Identity
    payouts: Identity
    rows: tuple[Row, ...]
    # Everything of a kind, whatever the page shows; the key after which the next page begins.
    counts: dict[Show, int] = field(default_factory=dict)
    following: str = ""
    # What waits for a line, to choose from; and how many lines nobody has looked at yet.
    waiting: tuple[Row, ...] = ()
    unseen: int = 0

    def count(self, *states: State) -> int:
        """Count the rows of the page in some states."""
        return sum(row.state in states for row in self.rows)


def screen(session: Session, code: str, *, on: date, view: View = EVERYTHING) -> Screen:
    """Return a page of the reconciliation of a bank account as it stands.

    Open lines come first, those that are certain before others, then what waits for its line,
    then what is matched. The statements asked do not depend on how much is open.

    Raises
    ------
    NotFound
        ``bank_account_unknown``.
    """
    account = statements.account_by_code(session, code)
    last = imported(session, account_id=account.id, limit=1)
    statement = last[0] if last else None
    totals = _totals(session, account, on)
    page = _Page(session, account, on, view)
    known = sides.read(session, account, named=page.named())
    waiting = sorted(waiting_rows(known, on), key=lambda row: (row.on, str(subject_of(row))))
    rows, following = page.cut(known, waiting)
    bank, transit = chart.bank(account.code), chart.payouts_in_transit(account.currency)
    book = _books(session, bank, transit)
    return Screen(
        account=account.code,
        number=account.number,
        currency=account.currency,
        statement=statement,
        bank=Identity(
            book=Money(book.get(bank, 0), account.currency),
            unmatched=_sum((b.amount for b in known.bookings.values()), account.currency),
            unbooked=Money(totals["unbooked"], account.currency),
            stated=statement.closing if statement else Money(account.opening, account.currency),
            stated_on=statement.closed_on if statement else account.opened_on,
        ),
        payouts=_in_transit(
            Money(book.get(transit, 0), account.currency),
            (known.payouts[one].amount for one in known.open_payouts),
        ),
        rows=rows,
        counts=_counts(totals, waiting),
        following=following,
        waiting=tuple(waiting),
        unseen=totals["unseen"],
    )


def line(
    session: Session, line_id: uuid.UUID, *, on: date, account: str | None = None
) -> Row | None:
    """Return the row of one line, open or not, wherever it stands; of one account if named."""
    matched = matched_by_line()
    found = session.execute(
        _lines(matched).where(BankLine.id == line_id),
    ).first()
    if found is None:
        return None
    own = session.get_one(BankAccount, found[0].account_id)
    if account not in {None, own.code}:
        return None
    held, notes = sides.matches_of(session, [line_id]), sides.notes_of(session, [line_id])
    named = [one.subject_id for one in held[line_id]]
    if found.candidate_id is not None:
        named.append(found.candidate_id)
    known = sides.read(session, own, named=named)
    return line_row(found, known, held[line_id], notes[line_id], on)


def open_lines_of(session: Session, amount: Money, *, on: date) -> tuple[Row, ...]:
    """Return the open lines that state exactly an amount, on any account of its currency."""
    matched = matched_by_line()
    found = session.execute(
        _lines(matched)
        .where(
            BankLine.currency == amount.currency,
            BankLine.amount - func.coalesce(matched.c.total, 0) == amount.minor,
        )
        .order_by(BankLine.booked_on, BankLine.id)
        .limit(PAGE)
    ).all()
    nothing = Sides({}, {}, {}, frozenset(), {})
    return tuple(line_row(one, nothing, [], [], on) for one in found)


def bank_identity(session: Session, account: BankAccount) -> Identity:
    """Hold the books of a bank account against its newest statement."""
    last = session.scalar(
        select(BankStatement)
        .where(BankStatement.account_id == account.id)
        .order_by(BankStatement.position.desc())
        .limit(1)
    )
    currency = account.currency
    matched = matched_by_line()
    unbooked = session.scalar(
        select(func.coalesce(func.sum(BankLine.amount - func.coalesce(matched.c.total, 0)), 0))
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .where(BankLine.account_id == account.id)
    )
    return Identity(
        book=balances.balance(session, chart.bank(account.code)),
        unmatched=_sum((b.amount for b in open_bookings(session, account)), currency),
        unbooked=Money(int(unbooked or 0), currency),
        stated=Money(last.closing if last else account.opening, currency),
        stated_on=last.closed_on if last else account.opened_on,
    )


def payout_identity(session: Session, currency: str) -> Identity:
    """Hold what the books call in transit against the payouts that have not arrived."""
    book = balances.balance(session, chart.payouts_in_transit(currency))
    return _in_transit(book, (sides.under_way(session, currency),))


def _in_transit(book: Money, on_the_way: Iterable[Money]) -> Identity:
    nothing = Money(0, book.currency)
    return Identity(
        book=book,
        unmatched=nothing,
        unbooked=nothing,
        stated=_sum(on_the_way, book.currency),
        stated_on=None,
    )


def _books(session: Session, *codes: str) -> dict[str, int]:
    """Sum what the books have on some accounts, in one statement."""
    rows = session.execute(
        select(Account.code, func.sum(Posting.amount))
        .join(Posting, Posting.account_id == Account.id)
        .where(Account.code.in_(codes))
        .group_by(Account.code)
    )
    return {code: int(total) for code, total in rows}


def _totals(session: Session, account: BankAccount, on: date) -> dict[str, int]:
    """Count the lines of an account by what has become of them, in one statement."""
    matched = matched_by_line()
    rest = BankLine.amount - func.coalesce(matched.c.total, 0)
    state = func.coalesce(LineSuggestion.state, suggestions.TO_CHECK)

    def counted(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    wanted = {
        "unbooked": func.coalesce(func.sum(rest), 0),
        "todo": counted(rest != 0),
        "matched": counted(rest == 0),
        "old": counted(rest != 0, BankLine.booked_on < _old(on)),
        "unseen": counted(rest != 0, LineSuggestion.line_id.is_(None)),
        "noted": counted(_noted()),
        "split": counted(_split()),
        **{one: counted(rest != 0, state == one) for one in _STATES},
    }
    row = session.execute(
        select(*(column.label(name) for name, column in wanted.items()))
        .select_from(BankLine)
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .outerjoin(LineSuggestion, LineSuggestion.line_id == BankLine.id)
        .where(BankLine.account_id == account.id)
    ).one()
    return {name: int(value) for name, value in row._mapping.items()}  # noqa: SLF001 - its public way to names


_STATES: Final = (suggestions.CERTAIN, suggestions.TO_CHECK, suggestions.SUGGESTED)


def _old(on: date) -> date:
    return date.fromordinal(on.toordinal() - OLD_DAYS)


def _counts(totals: dict[str, int], waiting: Sequence[Row]) -> dict[Show, int]:
    late = sum(row.age > OLD_DAYS for row in waiting)
    counts = {Show(name): count for name, count in totals.items() if name in set(Show)}
    counts[Show.WAITING] = len(waiting)
    counts[Show.OLD] += late
    counts[Show.ALL] = counts[Show.TODO] + counts[Show.MATCHED] + len(waiting)
    return counts


def _noted() -> ColumnElement[bool]:
    return exists(select(LineNote.id).where(LineNote.line_id == BankLine.id))


def _split() -> ColumnElement[bool]:
    """Say whether a line carries several matches, or one that explains only a part."""
    holding = (
        select(func.count())
        .select_from(MatchItem)
        .outerjoin(Unmatch, Unmatch.match_id == MatchItem.match_id)
        .where(MatchItem.line_id == BankLine.id, Unmatch.match_id.is_(None))
        .correlate(BankLine)
        .scalar_subquery()
    )
    part = (
        select(MatchItem.id)
        .outerjoin(Unmatch, Unmatch.match_id == MatchItem.match_id)
        .where(
            MatchItem.line_id == BankLine.id,
            Unmatch.match_id.is_(None),
            MatchItem.amount != BankLine.amount,
        )
        .correlate(BankLine)
    )
    return or_(holding > 1, exists(part))


_RANK: Final = case(
    (LineSuggestion.state == suggestions.CERTAIN, 0),
    (LineSuggestion.state == suggestions.SUGGESTED, 2),
    else_=1,
)


def _lines(matched: Any) -> Select[Any]:
    """Select lines with what is left of each and what was kept about it."""
    return (
        select(
            BankLine,
            (BankLine.amount - func.coalesce(matched.c.total, 0)).label("rest"),
            LineSuggestion.told,
            LineSuggestion.candidate_id,
            _RANK.label("rank"),
        )
        .outerjoin(matched, matched.c.line_id == BankLine.id)
        .outerjoin(LineSuggestion, LineSuggestion.line_id == BankLine.id)
    )


class _Page:
    """The rows of one page: open lines, what waits, matched lines, in this order."""

    def __init__(self, session: Session, account: BankAccount, on: date, view: View) -> None:
        self._on, self._view = on, view
        self._after = place_of(view.after)
        matched = matched_by_line()
        self._rest = BankLine.amount - func.coalesce(matched.c.total, 0)
        asked = _lines(matched).where(BankLine.account_id == account.id, *self._conditions())
        self._open: Sequence[Any] = ()
        self._done: Sequence[Any] = ()
        if view.show in _OPEN and self._after[0] == Section.OPEN:
            self._open = session.execute(self._open_part(asked)).all()
        if view.show in _DONE and len(self._open) <= view.limit:
            self._done = session.execute(self._done_part(asked)).all()
        ids = [row[0].id for row in (*self._open, *self._done)]
        self._held, self._notes = sides.matches_of(session, ids), sides.notes_of(session, ids)

    def named(self) -> Iterator[uuid.UUID | None]:
        """Name the payouts and payments that the lines of the page are, or probably are."""
        for held in self._held.values():
            yield from (match.subject_id for match in held)
        yield from (row.candidate_id for row in self._open)

    def cut(self, known: Sides, waiting: Sequence[Row]) -> tuple[tuple[Row, ...], str]:
        """Return the rows of this page, and the key of the last where more follow."""
        keyed = [
            (key_of(Section.OPEN, one.rank, one[0].booked_on, one[0].id), self._row(one, known))
            for one in self._open
        ]
        linked = {row.best.candidate_id for _, row in keyed if row.best is not None}
        if self._view.show in _WAITS:
            keyed += [
                (key, row)
                for row in waiting
                if subject_of(row) not in linked and self._wanted(row)
                if place_of(key := key_of(Section.WAITING, 0, row.on, subject_of(row)))
                > self._after
            ]
        keyed += [
            (key_of(Section.DONE, 0, one[0].booked_on, one[0].id), self._row(one, known))
            for one in self._done
        ]
        page = keyed[: self._view.limit]
        following = page[-1][0] if len(keyed) > len(page) else ""
        return tuple(row for _, row in page), following

    def _row(self, one: Any, known: Sides) -> Row:
        key = one[0].id
        return line_row(one, known, self._held[key], self._notes[key], self._on)

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        view = self._view
        if view.since is not None:
            yield BankLine.booked_on >= view.since
        if view.until is not None:
            yield BankLine.booked_on <= view.until
        if view.amount is not None:
            size = abs(view.amount)
            yield or_(func.abs(BankLine.amount) == size, func.abs(self._rest) == size)
        if view.text:
            yield or_(*(column.icontains(view.text, autoescape=True) for column in _READABLE))
        yield from self._chosen()

    def _chosen(self) -> Iterator[ColumnElement[bool]]:
        match self._view.show:
            case Show.CERTAIN | Show.SUGGESTED:
                yield LineSuggestion.state == self._view.show.value
            case Show.TO_CHECK:
                yield func.coalesce(LineSuggestion.state, suggestions.TO_CHECK) == "to_check"
            case Show.OLD:
                yield BankLine.booked_on < _old(self._on)
            case Show.NOTED:
                yield _noted()
            case Show.SPLIT:
                yield _split()

    def _open_part(self, asked: Select[Any]) -> Select[Any]:
        asked = asked.where(self._rest != 0)
        if self._view.kind is not None:
            asked = asked.where(LineSuggestion.kind == self._view.kind.value)
        section, rank, day, key = self._after
        if key is not None and section == Section.OPEN:
            later = and_(BankLine.booked_on == day, BankLine.id > literal(key, Id))
            behind = and_(literal(rank) == _RANK, or_(BankLine.booked_on > day, later))
            asked = asked.where(or_(literal(rank) < _RANK, behind))
        return asked.order_by(_RANK, BankLine.booked_on, BankLine.id).limit(self._view.limit + 1)

    def _done_part(self, asked: Select[Any]) -> Select[Any]:
        asked = asked.where(self._rest == 0)
        if self._view.kind is not None:
            asked = asked.where(_matched_as(self._view.kind))
        section, _, day, key = self._after
        if key is not None and section == Section.DONE:
            later = and_(BankLine.booked_on == day, BankLine.id < literal(key, Id))
            asked = asked.where(or_(BankLine.booked_on < day, later))
        asked = asked.order_by(BankLine.booked_on.desc(), BankLine.id.desc())
        return asked.limit(self._view.limit + 1)

    def _wanted(self, row: Row) -> bool:
        """Say whether something that waits is asked for."""
        view = self._view
        kept = view.show is not Show.OLD or row.age > OLD_DAYS
        kept &= view.since is None or row.on >= view.since
        kept &= view.until is None or row.on <= view.until
        kept &= view.kind is None or kind_of(row) is view.kind
        if view.amount is not None:
            kept &= abs(view.amount) in {abs(one.minor) for one in (row.stated, row.booked) if one}
        return kept and view.text.casefold() in named_by(row).casefold()


_READABLE: Final = (
    BankLine.text,
    BankLine.counterparty,
    BankLine.end_to_end_id,
    BankLine.bank_reference,
    BankLine.creditor_reference,
)


def _matched_as(kind: Kind) -> ColumnElement[bool]:
    return exists(
        select(MatchItem.id)
        .join(Match, Match.id == MatchItem.match_id)
        .outerjoin(Unmatch, Unmatch.match_id == Match.id)
        .where(MatchItem.line_id == BankLine.id, Match.kind == kind, Unmatch.match_id.is_(None))
        .correlate(BankLine)
    )


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, start=Money(0, currency))
