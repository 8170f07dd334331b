"""What do the books show? Entries, an account with its running balance, the public totals."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, exists, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from offset.errors import InvalidInput, NotFound
from offset.ledger import balances, chart, history
from offset.ledger.models import Account, Entry, EntrySeal, Posting
from offset.money import OFFERED, Money

LARGEST_PAGE: Final = 500
_KEY: Final = r"(\d{4}-\d\d-\d\d)~([0-9a-f-]{36})(?:~(\d{1,4}))?"


@dataclass(frozen=True, slots=True)
class PostingView:
    """One line of an entry as a reader sees it; positive is debit."""

    line: int
    account: str
    account_name: str
    project_id: uuid.UUID | None
    amount: Money


@dataclass(frozen=True, slots=True)
class EntryView:
    """A journal entry with its lines and what proves it."""

    id: uuid.UUID
    kind: str
    idem_key: str
    effective_on: date
    recorded_at: datetime
    actor_id: uuid.UUID | None
    memo: str | None
    reverses_id: uuid.UUID | None
    reversed_by_id: uuid.UUID | None
    source_type: str
    source_id: str
    hash: bytes
    salt: bytes
    lines: tuple[PostingView, ...]

    @property
    def key(self) -> str:
        """The place of the entry in a list: where the next page starts."""
        return f"{self.effective_on.isoformat()}~{self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Which entries a reader wants; None is any."""

    kind: str | None = None
    account: str | None = None
    project_id: uuid.UUID | None = None
    since: date | None = None
    until: date | None = None
    source_type: str | None = None
    source_id: str | None = None
    # a fund without its currency: "Pool", or "Restricted:" and a tag
    fund: str | None = None
    currency: str | None = None
    corrections: bool = False
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries; ``next_key`` is None on the last one."""

    entries: tuple[EntryView, ...]
    next_key: str | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One posting of an account with the balance after it; positive is debit."""

    entry_id: uuid.UUID
    line: int
    kind: str
    effective_on: date
    source_type: str
    source_id: str
    memo: str | None
    amount: Money
    balance: Money

    @property
    def key(self) -> str:
        """The place of the posting in the list: where the next page starts."""
        return f"{self.effective_on.isoformat()}~{self.entry_id}~{self.line}"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page of an account, newest first, with what stood before its days and at their end."""

    code: str
    name: str
    opening: Money | None
    balance: Money
    lines: tuple[AccountLine, ...]
    next_key: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """The books of one currency in the words of the public page.

    ``received`` is net of refunds: it equals fee part + share + allocated + unallocated.
    """

    received: Money
    fee_part: Money
    share: Money
    allocated: Money
    unallocated: Money
    ordered: Money
    paid: Money
    at_stripe: Money
    in_transit: Money
    in_bank: Money
    unidentified: Money
    reserve: Money
    suspense: Money
    assets: Money
    liabilities: Money

    @property
    def covered(self) -> bool:
        """Whether what the fund has covers what it owes."""
        return self.assets >= self.liabilities


def entry(session: Session, entry_id: uuid.UUID) -> EntryView:
    """Read one entry.

    Raises
    ------
    NotFound
        ``entry_unknown``.
    """
    found = _views(session, session.execute(_entries().where(Entry.id == entry_id)).all())
    if not found:
        raise NotFound("entry_unknown", entry=entry_id)
    return found[0]


def entries_of(session: Session, source_type: str, source_id: str) -> tuple[EntryView, ...]:
    """Read every entry with one cause, oldest first."""
    wanted = _entries().where(Entry.source_id == source_id, Entry.source_type == source_type)
    return _views(session, session.execute(wanted.order_by(Entry.effective_on, Entry.id)).all())


def entries(
    session: Session, filters: Filters, after_key: str | None = None, limit: int = 50
) -> Page:
    """Read the journal, newest first, a page at a time.

    Raises
    ------
    InvalidInput
        ``page_unreadable``: the key is none of ours.
    """
    limit = min(max(limit, 1), LARGEST_PAGE)
    wanted = _filtered(_entries(filters.known_at), filters)
    if after_key is not None:
        place = tuple_(Entry.effective_on, Entry.id)
        wanted = wanted.where(place < _read_key(after_key, parts=2))
    wanted = wanted.order_by(Entry.effective_on.desc(), Entry.id.desc()).limit(limit + 1)
    rows = session.execute(wanted).all()
    found = _views(session, rows[:limit])
    return Page(found, found[-1].key if len(rows) > limit else None)


def account_postings(
    session: Session,
    code: str,
    *,
    since: date | None = None,
    until: date | None = None,
    after_key: str | None = None,
    limit: int = 50,
) -> AccountPage:
    """Read an account over some days, newest first, each posting with the balance after it.

    Balances come from the last closing and what is dated after it, so that a page costs the same
    whatever stood before.

    Raises
    ------
    NotFound
        ``account_unknown``.
    InvalidInput
        ``page_unreadable``.
    """
    account = session.execute(
        select(Account.id, Account.name, Account.currency).where(Account.code == code)
    ).first()
    if account is None:
        return _unopened(code, since)
    limit = min(max(limit, 1), LARGEST_PAGE)
    place = tuple_(Entry.effective_on, Entry.id, Posting.line)
    base = (
        select()
        .join_from(Posting, Entry, Entry.id == Posting.entry_id)
        .where(Posting.account_id == account.id)
    )
    wanted, running, now = base, None, balances.balance(session, code, as_of=until)
    if after_key is not None:
        key = _read_key(after_key, parts=3)
        wanted = wanted.where(place < key)
        passed = base.where(Entry.effective_on == key[0], place >= key)
        running = balances.balance(session, code, as_of=key[0]).minor - _sum(session, passed)
    elif until is not None:
        wanted = wanted.where(Entry.effective_on <= until)
    if since is not None:
        since = max(since, history.EARLIEST)
        first = history.first_dated(since)
        wanted = wanted.where(Entry.effective_on >= since, Posting.entry_id >= first)
    rows = session.execute(
        wanted.add_columns(
            Posting.entry_id,
            Posting.line,
            Posting.amount,
            Entry.kind,
            Entry.effective_on,
            Entry.source_type,
            Entry.source_id,
            Entry.memo,
        )
        .order_by(Entry.effective_on.desc(), Entry.id.desc(), Posting.line.desc())
        .limit(limit + 1)
    ).all()
    lines = _running(rows[:limit], now.minor if running is None else running, account.currency)
    opening = None
    if since is not None:
        opening = balances.balance(session, code, as_of=since - timedelta(days=1))
    return AccountPage(
        code, account.name, opening, now, lines, lines[-1].key if len(rows) > limit else None
    )


def _unopened(code: str, since: date | None) -> AccountPage:
    """Show a standing account that was never needed: lists name it in each currency."""
    currency = chart.currency_of(code)
    kinds = (one for one in chart.PLACES if one.pattern.count("<") == 1 and one.reads(code))
    known = next(kinds, None)
    if known is None or currency not in OFFERED:
        raise NotFound("account_unknown", account=code)
    nothing = Money(0, currency)
    return AccountPage(
        code, known.name, nothing if since is not None else None, nothing, (), next_key=None
    )


def _running(rows: Sequence[Any], running: int, currency: str) -> tuple[AccountLine, ...]:
    """Write postings, newest first, each with the balance after it."""
    lines = []
    for row in rows:
        lines.append(
            AccountLine(
                row.entry_id,
                row.line,
                row.kind,
                row.effective_on,
                row.source_type,
                row.source_id,
                row.memo,
                Money(row.amount, currency),
                Money(running, currency),
            )
        )
        running -= row.amount
    return tuple(lines)


def account_names(session: Session) -> tuple[tuple[str, str], ...]:
    """Read the code and the name of every account, in one statement."""
    rows = session.execute(select(Account.code, Account.name).order_by(Account.code))
    return tuple((code, name) for code, name in rows)


def fund_names(session: Session) -> tuple[tuple[str, str], ...]:
    """Read the funds and their currencies, as filters name them, in one statement."""
    rows = session.execute(
        select(Account.code, Account.currency)
        .where(Account.code.startswith(_FUND))
        .order_by(Account.code)
    )
    return tuple((code.removeprefix(_FUND).rpartition(":")[0], currency) for code, currency in rows)


def public_totals(
    session: Session, *, as_of: date | None = None, known_at: datetime | None = None
) -> Mapping[str, Totals]:
    """Sum the books for the public page, by currency in which anything moved.

    Dated up to ``as_of``, recorded up to ``known_at``.
    """
    standing = history.trial(session, as_of=as_of, known_at=known_at)
    moved = history.flows(session, MOVED_KINDS, as_of=as_of, known_at=known_at)
    return totals_of(standing, moved)


def totals_of(
    standing: Sequence[balances.TrialLine], moved: Sequence[history.Flow]
) -> Mapping[str, Totals]:
    """Sum a trial balance, and what was ordered and paid, in the words of the public page."""
    sums: dict[str, list[tuple[str, str, int]]] = {}
    for line in standing:
        if line.balance:
            part = (line.code, "", line.balance.minor)
            sums.setdefault(line.balance.currency, []).append(part)
    for flow in moved:
        told = (flow.account, flow.kind, flow.amount.minor)
        sums.setdefault(flow.amount.currency, []).append(told)
    return {currency: _totals(currency, parts) for currency, parts in sorted(sums.items())}


_FUND: Final = "Liabilities:Fund:"
_SENT: Final = frozenset({"disbursement_sent", "disbursement_returned"})
_ORDERED: Final = frozenset(balances.ORDERED)
MOVED_KINDS: Final = _ORDERED | _SENT


def _totals(currency: str, parts: Sequence[tuple[str, str, int]]) -> Totals:
    def debit(*starts: str, kinds: frozenset[str] | None = None) -> Money:
        """Sum what stands on accounts whose code starts so, in some kinds of entry or all."""
        return Money(
            sum(
                amount
                for code, kind, amount in parts
                if code.startswith(starts) and (kind in kinds if kinds else not kind)
            ),
            currency,
        )

    ordered = debit("Liabilities:Project:", kinds=_ORDERED)
    allocated = ordered - debit("Liabilities:Project:")
    unallocated = -debit("Liabilities:Fund:")
    fee_part, share = -debit("Income:FeePart:"), -debit("Income:Share:")
    return Totals(
        received=fee_part + share + allocated + unallocated,
        fee_part=fee_part,
        share=share,
        allocated=allocated,
        unallocated=unallocated,
        ordered=ordered,
        paid=debit("Assets:InTransit:Disbursements:", kinds=_SENT),
        at_stripe=debit("Assets:Stripe:"),
        in_transit=debit("Assets:InTransit:"),
        in_bank=debit("Assets:Bank:"),
        unidentified=-debit("Liabilities:Unidentified:"),
        reserve=-debit("Equity:RefundReserve:"),
        suspense=debit("Equity:Suspense:"),
        assets=debit("Assets:"),
        liabilities=-debit("Liabilities:"),
    )


def _entries(known_at: datetime | None = None) -> Select[Any, Any, Any, Any]:
    undoing = aliased(Entry)
    undone = undoing.reverses_id == Entry.id
    if known_at is not None:
        undone = and_(undone, undoing.recorded_at <= known_at)
    return (
        select(Entry, EntrySeal.hash, EntrySeal.salt, undoing.id)
        .join(EntrySeal, EntrySeal.entry_id == Entry.id)
        .outerjoin(undoing, undone)
    )


def _filtered(wanted: Select[Any, Any, Any, Any], filters: Filters) -> Select[Any, Any, Any, Any]:
    exact = (
        (Entry.kind, "reversal" if filters.corrections else None),
        (Entry.kind, filters.kind),
        (Entry.source_type, filters.source_type),
        (Entry.source_id, filters.source_id),
    )
    for column, value in exact:
        if value is not None:
            wanted = wanted.where(column == value)
    if filters.since is not None:
        wanted = wanted.where(Entry.effective_on >= filters.since)
    if filters.until is not None:
        wanted = wanted.where(Entry.effective_on <= filters.until)
    if filters.known_at is not None:
        wanted = wanted.where(Entry.recorded_at <= filters.known_at)
    wanted = _of_places(wanted, filters)
    # From the account to its entries, not the other way: a project has few entries among many.
    postings = select(Posting.entry_id).join(Account, Account.id == Posting.account_id)
    if filters.account is not None:
        wanted = wanted.where(Entry.id.in_(postings.where(Account.code == filters.account)))
    if filters.project_id is not None:
        wanted = wanted.where(
            Entry.id.in_(postings.where(Account.project_id == filters.project_id))
        )
    return wanted


def _of_places(wanted: Select[Any, Any, Any, Any], filters: Filters) -> Select[Any, Any, Any, Any]:
    """Narrow to entries on a fund or in a currency.

    Each entry is asked for its postings, newest first, until the page is full: a fund or a currency
    stands in many entries.
    """
    here = exists().where(Posting.entry_id == Entry.id)
    if filters.currency is not None:
        wanted = wanted.where(here.where(Posting.currency == filters.currency))
    if filters.fund is not None:
        of_fund = select(Account.id).where(Account.code.startswith(f"{_FUND}{filters.fund}:"))
        wanted = wanted.where(here.where(Posting.account_id.in_(of_fund)))
    return wanted


def _views(session: Session, rows: Sequence[Any]) -> tuple[EntryView, ...]:
    lines = _lines(session, [row[0].id for row in rows])
    return tuple(
        EntryView(
            entry.id,
            entry.kind,
            entry.idem_key,
            entry.effective_on,
            entry.recorded_at,
            entry.actor_id,
            entry.memo,
            entry.reverses_id,
            undoing,
            entry.source_type,
            entry.source_id,
            leaf,
            salt,
            tuple(lines[entry.id]),
        )
        for entry, leaf, salt, undoing in rows
    )


def _lines(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[PostingView]]:
    found: dict[uuid.UUID, list[PostingView]] = {entry_id: [] for entry_id in ids}
    if not found:
        return found
    rows = session.execute(
        select(
            Posting.entry_id,
            Posting.line,
            Account.code,
            Account.name,
            Account.project_id,
            Posting.amount,
            Posting.currency,
        )
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.entry_id.in_(found))
        .order_by(Posting.entry_id, Posting.line)
    )
    for entry_id, line, code, name, project_id, amount, currency in rows:
        found[entry_id].append(PostingView(line, code, name, project_id, Money(amount, currency)))
    return found


def _sum(session: Session, wanted: Select[Any]) -> int:
    return int(session.scalar(wanted.add_columns(func.coalesce(func.sum(Posting.amount), 0))) or 0)


def _read_key(key: str, *, parts: int) -> tuple[Any, ...]:
    words = re.fullmatch(_KEY, key)
    found = [word for word in words.groups() if word] if words else []
    try:
        if len(found) == parts:
            return date.fromisoformat(found[0]), uuid.UUID(found[1]), *map(int, found[2:])
    except ValueError:
        pass  # a day or an id that only looks like one is refused like any other text
    raise InvalidInput("page_unreadable", field="after", key=key[:80])
