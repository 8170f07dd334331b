"""What is a row of the reconciliation, how far has it come, and where does it stand?"""

import enum
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from offset.money import Money
from offset.treasury import suggestions
from offset.treasury.combining import Together
from offset.treasury.matching import Kind, Proposal
from offset.treasury.open_items import Booking
from offset.treasury.payout_lines import PayoutLine
from offset.treasury.queries import PaymentLine
from offset.treasury.sides import MatchView, NoteView, Sides

PAGE: Final = 50
OLD_DAYS: Final = 7


class State(enum.StrEnum):
    """How far a row of the reconciliation has come."""

    CERTAIN = "certain"
    SUGGESTED = "suggested"
    TO_CHECK = "to_check"
    WAITING = "waiting"
    IN_TRANSIT = "in_transit"
    MATCHED = "matched"


TO_DO: Final = frozenset({State.CERTAIN, State.SUGGESTED, State.TO_CHECK})


class Show(enum.StrEnum):
    """Which rows are asked for."""

    ALL = "all"
    TODO = "todo"
    CERTAIN = "certain"
    SUGGESTED = "suggested"
    TO_CHECK = "to_check"
    WAITING = "waiting"
    OLD = "old"
    NOTED = "noted"
    SPLIT = "split"
    MATCHED = "matched"


@dataclass(frozen=True, kw_only=True)
class View:
    """What a person asked to see, and after which row the page begins."""

    show: Show = Show.ALL
    kind: Kind | None = None
    since: date | None = None
    until: date | None = None
    amount: int | None = None
    text: str = ""
    after: str = ""
    limit: int = PAGE


EVERYTHING: Final = View()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: what the bank or the processor says, and what the books say."""

    key: str
    state: State
    on: date
    age: int
    line_id: uuid.UUID | None = None
    text: str = ""
    counterparty: str = ""
    stated: Money | None = None
    booked: Money | None = None
    rest: Money | None = None
    proposals: tuple[Proposal, ...] = ()
    together: tuple[Together, ...] = ()
    payout: PayoutLine | None = None
    payment: PaymentLine | None = None
    booking: Booking | None = None
    matches: tuple[MatchView, ...] = ()
    notes: tuple[NoteView, ...] = ()

    @property
    def difference(self) -> Money | None:
        """How far the two sides are apart; None where one side is not there yet."""
        if self.stated is None or self.booked is None:
            return None
        return self.stated - self.booked

    @property
    def best(self) -> Proposal | None:
        """What the line probably is."""
        return self.proposals[0] if self.proposals else None

    @property
    def in_parts(self) -> bool:
        """Whether the line was split: several matches explain it, or one explains a part."""
        return len(self.matches) > 1 or bool(self.matches and self.rest)


class Section(enum.IntEnum):
    """Which of the three parts of the list a key stands in."""

    OPEN = 0
    WAITING = 1
    DONE = 2


Place = tuple[int, int, date, uuid.UUID | None]
START: Final[Place] = (Section.OPEN, -1, date.min, None)


def key_of(section: Section, rank: int, day: date, key: uuid.UUID) -> str:
    """Write where a row stands in the whole list, for the address of the next page."""
    return f"{section.value}.{rank}.{day.isoformat()}.{key}"


def place_of(told: str) -> Place:
    """Read a key of an address; what cannot be read is the beginning."""
    try:
        section, rank, day, key = told.split(".")
        return Section(int(section)), int(rank), date.fromisoformat(day), uuid.UUID(key)
    except ValueError:
        return START


def line_row(
    found: Any,
    known: Sides,
    held: Sequence[MatchView],
    notes: Sequence[NoteView],
    on: date,
) -> Row:
    """Show a line: what is left of it and what it probably is, or what it was."""
    line = found[0]
    rest = Money(int(found.rest), line.currency)
    told = suggestions.read(line.id, found.told) if rest else suggestions.NOTHING
    proposals = tuple(one for one in told.proposals if known.waits(one))
    best = proposals[0] if proposals else None
    subject = best.candidate_id if best else None
    if not rest and held:
        subject = held[0].subject_id
    booked = (
        known.booked(best, rest)
        if rest
        else sum((m.amount for m in held), start=Money(0, line.currency))
    )
    return Row(
        key=f"line-{line.id}",
        state=_state(best, told) if rest else State.MATCHED,
        on=line.booked_on,
        age=(on - line.booked_on).days,
        line_id=line.id,
        text=line.text or line.end_to_end_id or "",
        counterparty=line.counterparty or "",
        stated=rest or Money(line.amount, line.currency),
        booked=booked,
        rest=rest,
        proposals=proposals,
        together=told.together,
        payout=known.payout(subject),
        payment=known.payment(subject),
        booking=known.booking(subject),
        matches=tuple(held),
        notes=tuple(notes),
    )


def _state(best: Proposal | None, told: suggestions.Suggested) -> State:
    if best is not None and best.certain:
        return State.CERTAIN
    likely = told.together or (best is not None and best.score)
    return State.SUGGESTED if likely else State.TO_CHECK


def waiting_rows(known: Sides, on: date) -> Iterator[Row]:
    """Show what waits for its line: payouts, payments, bookings; the oldest of each first."""
    for one in known.payouts.values():
        if one.id in known.open_payouts:
            yield Row(
                key=f"payout-{one.id}",
                state=State.IN_TRANSIT,
                on=one.arrival_on,
                age=(on - one.arrival_on).days,
                stated=one.amount,
                booked=one.booked if one.itemised else None,
                payout=one,
            )
    for key, since in known.due.items():
        yield Row(
            key=f"payment-{key}",
            state=State.WAITING,
            on=since,
            age=(on - since).days,
            booked=-known.payments[key].amount,
            payment=known.payments[key],
        )
    for booking in known.bookings.values():
        yield Row(
            key=f"entry-{booking.entry_id}",
            state=State.WAITING,
            on=booking.on,
            age=(on - booking.on).days,
            booked=booking.amount,
            booking=booking,
        )


def subject_of(row: Row) -> uuid.UUID:
    """Name what waits."""
    return uuid.UUID(row.key.partition("-")[2])


def kind_of(row: Row) -> Kind:
    """Return what a line would be that something waits for."""
    if row.payout is not None:
        return Kind.PAYOUT
    return Kind.DISBURSEMENT if row.payment is not None else Kind.ENTRY


def named_by(row: Row) -> str:
    """Return the words by which something that waits is looked for."""
    if row.payout is not None:
        return row.payout.payout_id
    if row.payment is not None:
        return f"{row.payment.number} {row.payment.holder} {row.payment.project_title}"
    return row.booking.kind if row.booking is not None else ""
