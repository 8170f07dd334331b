"""What do the books store? Accounts, journal entries, postings, seals, checkpoints, periods.

Every table is append-only; the triggers of the ledger's migration and, on SQLite, the authorizer
hold that. Rows are written by Core statements only, never through relationships: an entry and
its seal point at each other through a constraint that is checked at commit.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from offset.database.base import Base
from offset.database.types import Code, Document


class Floor(StrEnum):
    """Whether an account may be spent below zero."""

    NONE = "none"
    NON_NEGATIVE_CREDIT = "non_negative_credit"


class PeriodStatus(StrEnum):
    """The life of a month of the books; it only moves down this list."""

    OPEN = "open"
    CLOSING = "closing"
    LOCKED = "locked"


def _kept(*constraints: Any, updatable: frozenset[str] = frozenset()) -> tuple[Any, ...]:
    """Say once what every ledger table is: strict, clustered by its key, append-only."""
    info = {"append_only": True, "updatable": updatable}
    return (*constraints, {"sqlite_strict": True, "sqlite_with_rowid": False, "info": info})


class Currency(Base):
    """A currency the books can hold, with its number of decimals.

    Amounts are whole minor units, so the decimals only matter when a figure is printed.
    """

    __tablename__ = "currency"
    __table_args__ = _kept(CheckConstraint("exponent BETWEEN 0 AND 4", name="exponent_plausible"))

    code: Mapped[str] = mapped_column(primary_key=True)
    exponent: Mapped[int]


class Account(Base):
    """A place where money stands, in one currency, named as the chart of accounts names it.

    Accounts that belong to a fund or a project can never be spent below zero.
    """

    __tablename__ = "account"
    __table_args__ = _kept(
        UniqueConstraint("code"),
        UniqueConstraint("id", "currency"),
        CheckConstraint(
            "type = COALESCE(CASE substr(code, 1, 3) WHEN 'Ass' THEN 'A' WHEN 'Lia' THEN 'L'"
            " WHEN 'Equ' THEN 'E' WHEN 'Inc' THEN 'I' WHEN 'Exp' THEN 'X' END, '')",
            name="type_of_code",
        ),
        CheckConstraint(
            "floor = CASE WHEN substr(code, 1, 17) = 'Liabilities:Fund:'"
            " OR substr(code, 1, 20) = 'Liabilities:Project:'"
            " THEN 'non_negative_credit' ELSE 'none' END",
            name="floor_of_code",
        ),
        CheckConstraint(
            "(substr(code, 1, 20) = 'Liabilities:Project:') = (project_id IS NOT NULL)",
            name="project_of_code",
        ),
        Index("ix_account_project_id", "project_id"),
        updatable=frozenset({"closed_on"}),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    currency: Mapped[str] = mapped_column(ForeignKey("currency.code"))
    fund_id: Mapped[uuid.UUID | None]
    project_id: Mapped[uuid.UUID | None]
    floor: Mapped[str]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class EntrySeal(Base):
    """The seal of a journal entry: the hash of everything it says, with a random salt.

    Writing the seal is the moment the database checks the entry; after it nothing can be added.
    """

    __tablename__ = "entry_seal"
    __table_args__ = _kept()

    entry_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    canon_version: Mapped[int]


class Entry(Base):
    """A journal entry: one event of the books, with its date, its cause and its postings.

    It cannot be changed; a mistake is corrected by a reversal and a new entry.
    """

    __tablename__ = "entry"
    __table_args__ = _kept(
        UniqueConstraint("idem_key"),
        UniqueConstraint("reverses_id"),
        CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_entry"
        ),
        Index("ix_entry_effective_on", "effective_on", "id"),
        Index("ix_entry_source_id", "source_id", "source_type"),
        Index("ix_entry_kind", "kind", "effective_on", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("entry_seal.entry_id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    idem_key: Mapped[str]
    idem_hash: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    memo: Mapped[str | None]
    reverses_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("entry.id"))
    source_type: Mapped[str]
    source_id: Mapped[str]


class Posting(Base):
    """One line of a journal entry: an amount on an account.

    Positive is debit, negative is credit, in the minor units of the account's currency.
    """

    __tablename__ = "posting"
    __table_args__ = _kept(
        ForeignKeyConstraint(
            ["account_id", "currency"],
            ["account.id", "account.currency"],
            name="fk_posting_account_id_account",
        ),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("line >= 1", name="line_counted_from_one"),
        # Covers balance sums: the amount is read from the index alone.
        Index("ix_posting_account_id", "account_id", "entry_id", "amount"),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[uuid.UUID]
    currency: Mapped[str]
    amount: Mapped[int]


class SealedFact(Base):
    """A fact outside the journal that must be provably older than what follows from it.

    A decision, projection, outcome, policy, rate, share, wording or criteria set, without
    personal data, so that the proof survives anybody's erasure.
    """

    __tablename__ = "sealed_fact"
    __table_args__ = _kept()

    kind: Mapped[str] = mapped_column(primary_key=True)
    fact_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    content: Mapped[Any] = mapped_column(Document)
    recorded_at: Mapped[datetime]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    canon_version: Mapped[int]


class Checkpoint(Base):
    """The root over every sealed fact at one moment, chained to the root before it.

    Once a root is published, nobody can rewrite what it covers without being found out.
    """

    __tablename__ = "checkpoint"
    __table_args__ = _kept()

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    prev_root: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    anchor: Mapped[str | None]
    # The roots of the complete subtrees, left to right: the next checkpoint needs no old leaf.
    frontier: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointLeaf(Base):
    """The place of a sealed fact in the tree: positions are consecutive and never reused.

    The position fixes which checkpoint first covers the fact.
    """

    __tablename__ = "checkpoint_leaf"
    __table_args__ = _kept(UniqueConstraint("kind", "fact_id"))

    pos: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    fact_id: Mapped[uuid.UUID]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Period(Base):
    """A month of the books: open for entries, being closed, or locked for good.

    A locked month refuses every entry dated in it; corrections go into the open month.
    """

    __tablename__ = "period"
    __table_args__ = _kept(
        CheckConstraint("status IN ('open', 'closing', 'locked')", name="status_known"),
        updatable=frozenset({"status"}),
    )

    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date]
    status: Mapped[str] = mapped_column(Code)


class PeriodClosing(Base):
    """One closing of a month: the n-th, since a month that was reopened is closed again.

    It keeps what was checked before the month was locked, and who closed it; both are unknown
    for months that were closed before closings were recorded.
    """

    __tablename__ = "period_closing"
    __table_args__ = _kept(CheckConstraint("n >= 1", name="counted_from_one"))

    starts_on: Mapped[date] = mapped_column(ForeignKey("period.starts_on"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # No entry dated after the month has a smaller id: see `periods.tail_from`.
    tail_from: Mapped[uuid.UUID]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]
    checklist: Mapped[Any | None] = mapped_column(Document)


class PeriodBalance(Base):
    """What stood on an account at the end of a locked month, as the n-th closing found it.

    It is derived from the postings; the database compares it with them when the month is locked,
    and `offset ledger verify` does so again.
    """

    __tablename__ = "period_balance"
    __table_args__ = _kept(
        ForeignKeyConstraint(
            ["starts_on", "n"],
            ["period_closing.starts_on", "period_closing.n"],
            name="fk_period_balance_closing",
        ),
    )

    starts_on: Mapped[date] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    balance: Mapped[int]


class PeriodReopening(Base):
    """Somebody's request to open a locked month again, with the reason.

    It undoes one closing, and nothing happens until another person approves it.
    """

    __tablename__ = "period_reopening"
    __table_args__ = _kept(
        UniqueConstraint("id", "starts_on", "n", "asked_by"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
        ForeignKeyConstraint(
            ["starts_on", "n"],
            ["period_closing.starts_on", "period_closing.n"],
            name="fk_period_reopening_closing",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    n: Mapped[int]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class PeriodReopeningApproval(Base):
    """The second person's word: with it, and only with it, the month may be opened again.

    A closing is undone once; the month is then closed anew, under the next number.
    """

    __tablename__ = "period_reopening_approval"
    __table_args__ = _kept(
        UniqueConstraint("starts_on", "n"),
        CheckConstraint("approved_by <> asked_by", name="two_people"),
        ForeignKeyConstraint(
            ["reopening_id", "starts_on", "n", "asked_by"],
            [
                "period_reopening.id",
                "period_reopening.starts_on",
                "period_reopening.n",
                "period_reopening.asked_by",
            ],
            name="fk_period_reopening_approval_reopening",
        ),
    )

    reopening_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    n: Mapped[int]
    asked_by: Mapped[uuid.UUID]
    approved_at: Mapped[datetime]
    approved_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class FxRate(Base):
    """What one euro was worth in another currency on a day, as a central bank published it.

    For display only: no entry of the books is ever made with it.
    """

    __tablename__ = "fx_rate"
    __table_args__ = _kept(
        CheckConstraint("CAST(rate AS DECIMAL) > 0", name="positive"),
        CheckConstraint("source <> ''", name="source_named"),
    )

    currency: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    # decimal text, as published
    rate: Mapped[str]
    source: Mapped[str]
    imported_at: Mapped[datetime]


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


ACCOUNT: Final = _table(Account)
ENTRY: Final = _table(Entry)
POSTING: Final = _table(Posting)
ENTRY_SEAL: Final = _table(EntrySeal)
SEALED_FACT: Final = _table(SealedFact)
CHECKPOINT: Final = _table(Checkpoint)
CHECKPOINT_LEAF: Final = _table(CheckpointLeaf)
PERIOD: Final = _table(Period)
PERIOD_CLOSING: Final = _table(PeriodClosing)
PERIOD_REOPENING: Final = _table(PeriodReopening)
PERIOD_REOPENING_APPROVAL: Final = _table(PeriodReopeningApproval)
FX_RATE: Final = _table(FxRate)
PERIOD_BALANCE: Final = _table(PeriodBalance)
