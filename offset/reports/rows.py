"""How do the books leave as a stream: entry by entry, in order, without filling the memory?

Every export reads one snapshot. Values come from the engine as plain text and whole numbers; the
journal of a year never stands in memory, only its accounts and the balances at each close.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, cast, func, select, type_coerce
from sqlalchemy.orm import Session, aliased

from offset.database.session import Database
from offset.errors import InvalidInput
from offset.ledger.models import Account, Entry, Period, PeriodBalance, PeriodStatus, Posting
from offset.money import exponent

BATCH: Final = 5_000
_DAY: Final = timedelta(days=1)
# after every day, as texts compare
_NEVER: Final = "9999-12-31"
_INSTANT: Final = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'


@dataclass(frozen=True, slots=True)
class Span:
    """The days of an export, both included."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.since > self.until:
            raise InvalidInput(
                "export_period_reversed", field="from", since=self.since, until=self.until
            )

    @property
    def eve(self) -> date:
        """The day before the first one: what stood then is carried in."""
        return max(self.since, date.min + _DAY) - _DAY

    def years(self) -> "tuple[Span, ...]":
        """Cut the span at each new year."""
        return tuple(
            Span(max(self.since, date(year, 1, 1)), min(self.until, date(year, 12, 31)))
            for year in range(self.since.year, self.until.year + 1)
        )


@dataclass(frozen=True, slots=True)
class Place:
    """An account as exports name it, with the way its amounts are written."""

    code: str
    name: str
    type: str
    currency: str
    opened_on: date
    closed_on: date | None
    decimal: Callable[[int], str]


@dataclass(slots=True)
class Record:
    """One entry on its way out; amounts stand beside their accounts, debit positive."""

    id: str
    day: str
    recorded_at: str
    kind: str
    idem_key: str
    source_type: str
    source_id: str
    reverses_id: str
    lines: list[tuple[Place, int]]


@dataclass(frozen=True, slots=True)
class Close:
    """A month that was locked, with every balance that stood at its end."""

    ends_on: date
    balances: tuple[tuple[Place, int], ...]


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """Read the books as they stand at this moment, however long the reading takes."""
    with database.reading() as session:
        if database.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


class Books:
    """The books of one span, read from one snapshot.

    Parameters
    ----------
    session
        A session of ``snapshot``.
    span
        The days that are wanted.
    """

    def __init__(self, session: Session, span: Span) -> None:
        self.session = session
        self.span = span
        self._server = session.get_bind().dialect.name == "postgresql"
        self._places = self._read_places()

    @property
    def places(self) -> tuple[Place, ...]:
        """Every account that was ever opened, in the order of codes."""
        return tuple(self._places.values())

    def records(self, only: ColumnElement[bool] | None = None) -> Iterator[Record]:
        """Stream the entries of the span by day and, within a day, as they were recorded."""
        places = self._places
        written: Callable[[Any], str] = str if self._server else dashed
        last: Any = None
        record: Record | None = None
        for rows in self.partitions(self._statement(only)):
            for key, day, recorded, kind, idem, source, source_id, undone, account, amount in rows:
                if key != last:
                    if record is not None:
                        yield record
                    last = key
                    record = Record(
                        written(key), day, recorded, kind, idem, source, source_id,
                        written(undone) if undone else "", [(places[account], amount)],
                    )  # fmt: skip
                else:
                    record.lines.append((places[account], amount))  # type: ignore[union-attr]  # the first row makes one
        if record is not None:
            yield record

    def story(self) -> Iterator[Record | Close]:
        """Stream the entries with each close after the last entry of its month."""
        closes = self.closes()
        close = next(closes, None)
        due = str(close.ends_on) if close else _NEVER
        for record in self.records():
            while close is not None and record.day > due:
                yield close
                close = next(closes, None)
                due = str(close.ends_on) if close else _NEVER
            yield record
        if close is not None:
            yield close
        yield from closes

    def partitions(self, statement: Select[Any]) -> Iterator[Sequence[Any]]:
        """Read a statement through a cursor on the server, a batch at a time."""
        result = self.session.connection().execute(
            statement, execution_options={"stream_results": True, "yield_per": BATCH}
        )
        with result:
            yield from result.partitions()

    def standing(self, day: date) -> tuple[tuple[Place, int], ...]:
        """Sum every account up to the end of a day, debit positive; empty ones are left out."""
        rows = self.session.execute(
            select(self._id(Posting.account_id), func.sum(Posting.amount))
            .join(Entry, Entry.id == Posting.entry_id)
            .where(Entry.effective_on <= day)
            .group_by(Posting.account_id)
        )
        found = [(self._places[key], int(total)) for key, total in rows if total]
        return tuple(sorted(found, key=lambda one: one[0].code))

    def moved(self) -> Mapping[str, tuple[int, int]]:
        """Sum debits and credits of each account within the span, by its code."""
        up = func.sum(Posting.amount).filter(Posting.amount > 0)
        down = func.sum(Posting.amount).filter(Posting.amount < 0)
        rows = self.session.execute(
            select(self._id(Posting.account_id), func.coalesce(up, 0), func.coalesce(down, 0))
            .join(Entry, Entry.id == Posting.entry_id)
            .where(Entry.effective_on.between(self.span.since, self.span.until))
            .group_by(Posting.account_id)
        )
        return {self._places[key].code: (int(more), -int(less)) for key, more, less in rows}

    def closes(self) -> Iterator[Close]:
        """Read each close within the span with the balances it wrote down."""
        months = self.session.execute(
            select(Period.starts_on, Period.ends_on)
            .where(
                Period.status == PeriodStatus.LOCKED.value,
                Period.ends_on.between(self.span.since, self.span.until),
            )
            .order_by(Period.starts_on)
        ).all()
        last = aliased(PeriodBalance)
        for starts_on, ends_on in months:
            rows = self.session.execute(
                select(self._id(PeriodBalance.account_id), PeriodBalance.balance).where(
                    PeriodBalance.starts_on == starts_on,
                    # a month that was reopened is closed again: the last word holds
                    PeriodBalance.n
                    == select(func.max(last.n))
                    .where(last.starts_on == starts_on)
                    .scalar_subquery(),
                )
            )
            found = [(self._places[key], int(balance)) for key, balance in rows]
            yield Close(ends_on, tuple(sorted(found, key=lambda one: one[0].code)))

    def _statement(self, only: ColumnElement[bool] | None) -> Select[Any]:
        wanted = (
            select(
                self._id(Entry.id),
                self._text(Entry.effective_on, "YYYY-MM-DD"),
                self._text(func.timezone("UTC", Entry.recorded_at), _INSTANT)
                if self._server
                else type_coerce(Entry.recorded_at, Text()),
                Entry.kind,
                Entry.idem_key,
                Entry.source_type,
                Entry.source_id,
                self._id(Entry.reverses_id),
                self._id(Posting.account_id),
                Posting.amount,
            )
            .join(Posting, Posting.entry_id == Entry.id)
            .where(Entry.effective_on.between(self.span.since, self.span.until))
            .order_by(Entry.effective_on, Entry.id, Posting.line)
        )
        return wanted if only is None else wanted.where(only)

    def _text(self, column: Any, pattern: str) -> Any:
        return func.to_char(column, pattern) if self._server else type_coerce(column, Text())

    def _id(self, column: Any) -> Any:
        """Read an id as the engine keeps it: making a UUID of each would cost more than the row."""
        return cast(column, Text()) if self._server else type_coerce(column, Text())

    def _read_places(self) -> dict[Any, Place]:
        rows = self.session.execute(
            select(
                self._id(Account.id),
                Account.code,
                Account.name,
                Account.type,
                Account.currency,
                Account.opened_on,
                Account.closed_on,
            ).order_by(Account.code)
        )
        return {
            key: Place(code, name, kind, currency, opened, closed, decimal_of(currency))
            for key, code, name, kind, currency, opened, closed in rows
        }


def dashed(key: bytes) -> str:
    """Write the 16 bytes of an id as people know it."""
    text = key.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def decimal_of(currency: str) -> Callable[[int], str]:
    """Give the fast way to write a currency's minor units with a decimal point."""
    places = exponent(currency)
    if not places:
        return str
    unit = 10**places

    def decimal(minor: int) -> str:
        if minor >= 0:
            return f"{minor // unit}.{minor % unit:0{places}}"
        return f"-{-minor // unit}.{-minor % unit:0{places}}"

    return decimal
