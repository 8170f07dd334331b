"""What came in, what it cost and where it went: by month, by year and by project?

Every figure is a sum over postings. A reversal counts in the month in which it was booked, with
the kind of the entry that it undoes, so that the columns of all months add up to the books.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from offset.giving.models import Donation
from offset.ledger.balances import ORDERED
from offset.ledger.models import Account, Entry, Posting
from offset.projects.models import Project
from offset.reports import payments_sent
from offset.reports.listings import NUMBER, Column, Listing, Row, amount, day_of, month_of
from offset.reports.rows import Span

_GIFT: Final = frozenset(
    {"charge", "payment", "bank_gift", "identified", "charge_failure", "payment_failure_refund"}
)
_FUND: Final = "Liabilities:Fund:"
_PROJECT: Final = "Liabilities:Project:"
_FEE: Final = "Income:FeePart:"
_SHARE: Final = "Income:Share:"
_SOURCES: Final = (_FUND, _PROJECT, _SHARE, "Equity:RefundReserve:")
_ALLOCATED: Final = frozenset({"allocation", "deallocation"})
# The columns of a line, in the order of the way of money.
FIGURES: Final = (
    "received",
    "card_fee",
    "share",
    "to_projects",
    "given_back",
    "allocated",
    "ordered",
    "paid",
    "costs",
)


@dataclass(slots=True)
class Line:
    """What moved in a month or a year, in one currency, in minor units."""

    gifts: int = 0
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIGURES, 0))


def lines(session: Session, span: Span, *, yearly: bool = False) -> dict[tuple[str, str], Line]:
    """Sum the books by month and currency, or by year, in two statements."""
    cut = 4 if yearly else 7
    found: dict[tuple[str, str], Line] = {}
    for month, kind, code, currency, minor in _moved(session, span):
        line = found.setdefault((month[:cut], currency), Line())
        for figure in _figures(kind, code):
            line.sums[figure] += _SIGN[figure] * int(minor)
    month = func.substr(day_of(session, Donation.settled_at), 1, cut)
    counted = session.execute(
        select(month, Donation.settled_currency, func.count())
        .where(
            day_of(session, Donation.settled_at) >= str(span.since),
            day_of(session, Donation.settled_at) <= str(span.until),
        )
        .group_by(month, Donation.settled_currency)
    )
    for name, currency, count in counted:
        found.setdefault((name, currency or ""), Line()).gifts += int(count)
    return dict(sorted(found.items()))


def projects(session: Session, span: Span) -> Iterator[Row]:
    """Sum what each project was given, what was ordered and what was paid, and what it holds."""
    sent = payments_sent.sums(session, span)
    given = func.coalesce(func.sum(Posting.amount).filter(_kind().in_(_ALLOCATED)), 0)
    ordered = func.coalesce(func.sum(Posting.amount).filter(_kind().in_(ORDERED)), 0)
    back = func.coalesce(func.sum(Posting.amount).filter(_kind() == "source_refund"), 0)
    rows = session.execute(
        select(
            Project.id, Project.code, Project.title, Account.currency, Account.code,
            given, ordered, back,
        )
        .join(Account, Account.project_id == Project.id)
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(_UNDONE, _UNDONE.id == Entry.reverses_id)
        .where(Entry.effective_on.between(span.since, span.until))
        .group_by(Project.id, Project.code, Project.title, Account.currency, Account.code)
        .order_by(Project.code, Account.currency)
    )  # fmt: skip
    for project_id, code, title, currency, account, allocated, asked, taken in rows:
        out = sent.get((project_id, currency), 0)
        yield (
            str(project_id), code or "", title, currency, amount(-int(allocated), currency),
            amount(int(taken), currency), amount(int(asked), currency), amount(out, currency),
            account,
        )  # fmt: skip


_UNDONE: Final = aliased(Entry)


def _kind() -> Any:
    """Name the kind of an entry; a reversal bears the kind of what it undoes."""
    return func.coalesce(_UNDONE.kind, Entry.kind)


def _moved(session: Session, span: Span) -> Iterator[Any]:
    month = month_of(Entry.effective_on)
    yield from session.execute(
        select(month, _kind(), Account.code, Account.currency, func.sum(Posting.amount))
        .select_from(Entry)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(_UNDONE, _UNDONE.id == Entry.reverses_id)
        .where(Entry.effective_on.between(span.since, span.until))
        .group_by(month, _kind(), Account.code, Account.currency)
    )


# Which way an account moves when a figure grows.
_SIGN: Final = dict.fromkeys(FIGURES, -1) | dict.fromkeys(
    ("given_back", "ordered", "paid", "costs"), 1
)


def _figures(kind: str, code: str) -> Iterator[str]:
    """Name the figures that a posting of a kind on an account belongs to."""
    if kind in _GIFT:
        for figure, start in (("card_fee", _FEE), ("share", _SHARE), ("to_projects", _FUND)):
            if code.startswith(start):
                yield figure
                yield "received"
    yield from (
        figure
        for figure, kinds, starts in _RULES
        if (not kinds or kind in kinds) and code.startswith(starts)
    )


_RULES: Final[tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]] = (
    ("given_back", frozenset({"source_refund", "refund_kept"}), _SOURCES),
    ("allocated", _ALLOCATED, (_PROJECT,)),
    ("ordered", frozenset(ORDERED), (_PROJECT,)),
    ("paid", payments_sent.SENT, (payments_sent.TRANSIT,)),
    ("costs", frozenset(), ("Expenses:",)),
)


def _rows(*, yearly: bool) -> Any:
    def rows(session: Session, span: Span) -> Iterator[Row]:
        for (month, currency), line in lines(session, span, yearly=yearly).items():
            sums = (amount(line.sums[one], currency) for one in FIGURES)
            yield month, currency, str(line.gifts), *sums

    return rows


_MONEY: Final = tuple(Column(one, NUMBER) for one in FIGURES)
MONTHS: Final = Listing(
    "months",
    (Column("month", "month"), Column("currency"), Column("gifts", NUMBER), *_MONEY),
    _rows(yearly=False),
)
YEARS: Final = Listing(
    "years",
    (Column("year", "year"), Column("currency"), Column("gifts", NUMBER), *_MONEY),
    _rows(yearly=True),
)
PROJECTS: Final = Listing(
    "projects",
    (
        Column("project_id", "project"),
        Column("project"),
        Column("title"),
        Column("currency"),
        Column("allocated", NUMBER),
        Column("given_back", NUMBER),
        Column("ordered", NUMBER),
        Column("paid", NUMBER),
        Column("account", "account"),
    ),
    projects,
)
