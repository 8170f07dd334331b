"""How does a gift settle that came by bank transfer instead of by card?"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from offset.clock import utc_day
from offset.errors import Refused
from offset.giving import directives, donations, pledges, shares
from offset.giving.models import BankPledge, Contributor, Donation, DonationStatus
from offset.giving.references import references_in, slips_in
from offset.ledger import entries, journal
from offset.money import Money
from offset.treasury.matching import Candidate, Kind, Line, gift_candidate
from offset.treasury.models import BankLine, Match, MatchItem, Unmatch

T = TypeVar("T")
# How many values stand in one question, and how long a pledge is looked for by its amount alone.
_ASKED: Final = 900
_WAITED: Final = 120


def expected(session: Session, lines: Collection[Line]) -> tuple[Candidate, ...]:
    """Return the unpaid gifts and the pledges that some of these lines may be.

    By their reference, whole or with one slip; by the account that paid before; by amount and
    name where a pledge waits. A pledge may be paid in parts, so each line is expected with its
    own amount; a line that names several is for :func:`named_together`.
    """
    # Money that the bank gives back, whatever its words, is nobody's gift.
    come = [line for line in lines if line.amount.minor > 0 and not line.reversal]
    named = {line.id: references_in(_words(line)) for line in come}
    known = _named(session, {one for told in named.values() for one in told})
    whole = {key: [one for one in told if one in known] for key, told in named.items()}
    # What only looks like a reference, by chance, hides no slip.
    slips = {line.id: slips_in(_words(line)) for line in come if not whole[line.id]}
    known |= _named(session, {one for told in slips.values() for one in told})
    found = _Found(frozenset(key for key, told in whole.items() if len(told) > 1))
    for line in come:
        told = whole[line.id]
        for reference in told or slips[line.id]:
            if reference in known:
                found.see_named(known[reference], line, whole=bool(told))
    nameless = [line for line in come if not whole[line.id]]
    _by_payer(session, nameless, found)
    _by_amount(session, nameless, found)
    return found.candidates()


def named_together(session: Session, lines: Collection[Line]) -> tuple[Candidate, ...]:
    """Return the gifts and pledges that lines name, each with what is still missing of it."""
    named = {
        reference
        for line in lines
        if not line.reversal
        for reference in references_in(_words(line))
    }
    return tuple(
        gift_candidate(one.id, one.missing, one.on, reference=one.reference)
        for one in _named(session, named).values()
        if one.missing.minor > 0
    )


def _words(line: Line) -> str:
    """Return where a payer may have written a reference: the text, or the field for one."""
    return f"{line.end_to_end_id or ''} / {line.text}"


@dataclass(frozen=True)
class _Waiting:
    """A gift or a pledge that money may be for."""

    id: uuid.UUID
    reference: str
    missing: Money
    on: date
    in_parts: bool
    name: str = ""


class _Found:
    """What lines say about gifts and pledges, gathered a gift and an amount."""

    def __init__(self, several: frozenset[uuid.UUID]) -> None:
        self._several = several
        self._waiting: dict[uuid.UUID, _Waiting] = {}
        self._lines: defaultdict[uuid.UUID, dict[uuid.UUID, Line]] = defaultdict(dict)
        self._near: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        self._payers: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
        # What lines ask of each by its reference; a mere equal amount asks nothing.
        self.asked: defaultdict[uuid.UUID, int] = defaultdict(int)

    def see(self, one: _Waiting, line: Line, *, whole: bool = True, payer: str = "") -> None:
        """Note that a line may be for this gift, and why."""
        if line.amount.currency != one.missing.currency:
            return
        self._waiting[one.id] = one
        self._lines[one.id][line.id] = line
        if payer:
            self._payers[one.id].add(payer)
        elif not whole:
            self._near[one.id].add(line.id)

    def see_named(self, one: _Waiting, line: Line, *, whole: bool) -> None:
        """Note that a line names this gift by its reference, whole or with a slip.

        One that names several is each of them only where its amount is just what is missing.
        """
        if line.id in self._several and line.amount != one.missing:
            return
        self.see(one, line, whole=whole)
        self.asked[one.id] += line.amount.minor

    def candidates(self) -> tuple[Candidate, ...]:
        """Return a candidate for each gift and amount, in a fixed order."""
        return tuple(
            candidate
            for key in sorted(self._waiting, key=str)
            for candidate in self._of(self._waiting[key])
        )

    def _of(self, one: _Waiting) -> Iterator[Candidate]:
        lines = self._lines[one.id].values()
        days: defaultdict[Money, set[date]] = defaultdict(set)
        for line in lines if one.in_parts else ():
            # A part may come long after the promise: it is expected when it comes.
            days[line.amount].add(line.booked_on)
        for amount, told in sorted((days or {one.missing: {one.on}}).items(), key=str):
            first, *others = sorted(told)
            yield gift_candidate(
                one.id,
                amount,
                first,
                also_on=tuple(others),
                several=self._several,
                reference=one.reference,
                near=frozenset(self._near[one.id]),
                payers=frozenset(self._payers[one.id]),
                names=(one.name,) if one.name else (),
                # More than was promised, or twice: a person asks before it is a gift.
                doubtful=one.in_parts and max(self.asked[one.id], amount.minor) > one.missing.minor,
            )


def _named(session: Session, references: Collection[str]) -> dict[str, _Waiting]:
    found: dict[str, _Waiting] = {}
    for part in _portions(sorted(references)):
        for gift in session.scalars(
            select(Donation).where(Donation.reference.in_(part), Donation.settled_at.is_(None))
        ):
            amount = Money(gift.amount, gift.currency)
            on = utc_day(gift.created_at)
            found[gift.reference] = _Waiting(gift.id, gift.reference, amount, on, in_parts=False)
        for pledge in pledges.named(session, part):
            found[pledge.reference] = _pledged(pledge)
    return found


def _pledged(pledge: BankPledge, name: str | None = None) -> _Waiting:
    return _Waiting(
        pledge.id,
        pledge.reference,
        Money(max(pledge.amount - pledge.received, 0), pledge.currency),
        utc_day(pledge.created_at),
        in_parts=True,
        name=name or "",
    )


def _by_payer(session: Session, lines: Collection[Line], found: _Found) -> None:
    """Find the pledges that the same account paid before, and others of the same giver."""
    by_iban: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.payer_iban:
            by_iban[line.payer_iban].append(line)
    for part in _portions(sorted(by_iban)):
        # The giver behind an account is the one whose pledge it paid; their newer pledges wait.
        giver, other = aliased(Contributor), aliased(Contributor)
        paid, waits = aliased(BankPledge), aliased(BankPledge)
        rows = session.execute(
            select(BankLine.counterparty_iban, waits)
            .join(MatchItem, MatchItem.line_id == BankLine.id)
            .join(Match, Match.id == MatchItem.match_id)
            .outerjoin(Unmatch, Unmatch.match_id == Match.id)
            .join(paid, paid.id == Match.subject_id)
            .outerjoin(giver, giver.id == paid.contributor_id)
            .outerjoin(other, other.email == giver.email)
            .join(
                waits,
                (waits.id == paid.id)
                | ((waits.contributor_id == other.id) & waits.status.in_(pledges.WAITING)),
            )
            .where(
                BankLine.counterparty_iban.in_(part),
                Match.kind == Kind.GIFT,
                Unmatch.match_id.is_(None),
            )
            .distinct()
        )
        for iban, pledge in rows:
            for line in by_iban[iban or ""]:
                found.see(_pledged(pledge), line, payer=line.payer_iban)


def _by_amount(session: Session, lines: Collection[Line], found: _Found) -> None:
    """Find pledges that wait for exactly the amount of a line that names none."""
    by_amount: defaultdict[Money, list[Line]] = defaultdict(list)
    for line in lines:
        by_amount[line.amount].append(line)
    missing = BankPledge.amount - BankPledge.received
    for part in _portions(sorted({amount.minor for amount in by_amount})):
        rows = session.execute(
            select(BankPledge, Contributor.name)
            .outerjoin(Contributor, Contributor.id == BankPledge.contributor_id)
            .where(BankPledge.status.in_(pledges.WAITING), missing.in_(part))
        )
        for pledge, name in rows:
            one = _pledged(pledge, name)
            for line in by_amount.get(one.missing, ()) if one.id not in found.asked else ():
                if -1 <= (line.booked_on - one.on).days <= _WAITED:
                    found.see(one, line)


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _ASKED):
        yield values[start : start + _ASKED]


def settle(
    session: Session,
    donation_id: uuid.UUID,
    *,
    line: entries.BankLine,
    amount: Money,
    at: datetime,
    actor_id: uuid.UUID | None,
) -> uuid.UUID:
    """Book a transfer as the gift it names (R16); no card fee, the share as it was stated.

    ``donation_id`` may be that of a pledge: then the line is one of its parts, a gift of its own.

    Raises
    ------
    NotFound
        ``gift_unknown``.
    Refused
        ``gift_settled`` already; ``match_amount_differs``; ``pledge_currency``.
    """
    gift = pledges.part(session, donation_id, amount=amount, line_id=line.id, at=at)
    if gift is None:
        gift = _announced(session, donation_id, amount)
    share = shares.share_of(amount.minor, amount.minor, gift.share_bp)
    draft = entries.bank_gift(
        line,
        amount=amount,
        share=Money(share, amount.currency),
        fund=directives.fund_of(gift, amount.currency),
    )
    posted = journal.post(session, draft, at=at, actor_id=actor_id)
    gift.settled_at = at
    gift.settled_currency = amount.currency
    gift.gross, gift.fee, gift.net = amount.minor, 0, amount.minor
    gift.share = share
    gift.method = "bank_transfer"
    gift.entry_id = posted.entry_id
    gift.unallocated = amount.minor - share
    gift.receipt_due = True
    donations.advance(session, gift, DonationStatus.SUCCEEDED, at=at, cause=f"bank:{line.id}")
    session.flush()
    return posted.entry_id


def _announced(session: Session, donation_id: uuid.UUID, amount: Money) -> Donation:
    """Return the one gift that a transfer names, if it is that amount and not there yet."""
    gift = donations.locked(session, donation_id)
    if gift.settled_at is not None:
        raise Refused("gift_settled", field="kind", reference=gift.reference)
    wanted = Money(gift.amount, gift.currency)
    if amount != wanted:
        raise Refused("match_amount_differs", field="kind", wanted=wanted)
    return gift
