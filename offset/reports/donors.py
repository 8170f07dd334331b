"""What may be said of givers without naming one? Counts, from which nobody can be picked out.

A cell of fewer than five givers is hidden. Where the hidden cells of a table stand for fewer than
five givers together, or only one is hidden, the next smallest goes too: otherwise the total would
give it away. Givers are counted, not gifts: seven gifts of one person are one person.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Text, case, cast, func, literal, select
from sqlalchemy.orm import Session

from offset.giving.models import Contributor, Donation
from offset.reports.listings import Column, Listing, Row, day_of
from offset.reports.rows import Span

SMALLEST: Final = 5
HIDDEN: Final = "<5"
# Upper ends of the bands of a gift's amount, in whole units of its own currency.
_BANDS: Final = ((20, "under 20"), (50, "20-49"), (100, "50-99"), (500, "100-499"))
_LARGEST_BAND: Final = "500 and more"


@dataclass(frozen=True, slots=True)
class Cell:
    """How many givers fall under a word; None is hidden."""

    table: str
    word: str
    givers: int | None


def hidden(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Hide small cells, and the next smallest where the total would give them away."""
    small = {word for word, count in counts.items() if 0 < count < SMALLEST}
    rest = sorted((count, word) for word, count in counts.items() if count >= SMALLEST)
    while small and rest and (len(small) == 1 or sum(counts[one] for one in small) < SMALLEST):
        small.add(rest.pop(0)[1])
    return {word: None if word in small else count for word, count in counts.items()}


def statistics(session: Session, span: Span) -> tuple[Cell, ...]:
    """Count the givers of some days by kind, amount, currency, way to pay, language and month.

    A giver is an address; who gave none counts once a gift. Seven statements.
    """
    told: list[Cell] = []
    for table, word in _tables(session):
        counts = _counted(session, span, word)
        told += [Cell(table, one, count) for one, count in hidden(counts).items()]
    known = hidden(_returning(session, span))
    told += [Cell("giver", one, count) for one, count in known.items()]
    return tuple(told)


def _tables(session: Session) -> tuple[tuple[str, Any], ...]:
    unit = Donation.amount / literal(100)
    bands = [(unit < top, literal(name)) for top, name in _BANDS]
    return (
        ("total", literal("all")),
        ("amount", case(*bands, else_=literal(_LARGEST_BAND))),
        ("currency", Donation.currency),
        ("way", func.coalesce(Donation.method, literal("other"))),
        ("language", Donation.language),
        (
            "kind",
            case(
                (Donation.recurring_gift_id.is_not(None), literal("monthly")),
                (Donation.bank_pledge_id.is_not(None), literal("transfer")),
                else_=literal("single"),
            ),
        ),
        ("month", func.substr(day_of(session, Donation.settled_at), 1, 7)),
    )


def _giver() -> Any:
    """Name a giver: by the address, else by the row, else by the gift."""
    return func.coalesce(Contributor.email, cast(Contributor.id, Text()), cast(Donation.id, Text()))


def _in(session: Session, span: Span) -> Any:
    day = day_of(session, Donation.settled_at)
    return day.between(str(span.since), str(span.until))


def _counted(session: Session, span: Span, word: Any) -> dict[str, int]:
    rows = session.execute(
        select(word, func.count(_giver().distinct()))
        .select_from(Donation)
        .outerjoin(Contributor, Contributor.id == Donation.contributor_id)
        .where(_in(session, span))
        .group_by(word)
    )
    return dict(sorted((str(name), int(count)) for name, count in rows))


def _returning(session: Session, span: Span) -> dict[str, int]:
    """Count who gave for the first time and who came back, by address."""
    day = day_of(session, Donation.settled_at)
    each = (
        select(func.min(day).label("first"), func.max(day).label("last"))
        .select_from(Donation)
        .join(Contributor, Contributor.id == Donation.contributor_id)
        .where(Contributor.email.is_not(None), day <= str(span.until))
        .group_by(Contributor.email)
        .subquery()
    )
    began = each.c.first >= str(span.since)
    rows = session.execute(
        select(case((began, literal("new")), else_=literal("came back")), func.count())
        .where(each.c.last >= str(span.since))
        .group_by(began)
    )
    counts: Counter[str] = Counter()
    for name, count in rows:
        counts[name] += int(count)
    return dict(sorted(counts.items()))


def _rows(session: Session, span: Span) -> Iterator[Row]:
    for one in statistics(session, span):
        yield one.table, one.word, HIDDEN if one.givers is None else str(one.givers)


# The count is text, since a hidden one is no number.
DONORS: Final = Listing(
    "donors", (Column("table", "code"), Column("group"), Column("givers")), _rows
)
