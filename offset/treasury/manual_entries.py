"""How does a person book what nothing else causes? By a recipe, with a reason, mostly by two."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput, NotFound, Refused
from offset.ledger import balances, chart, entries, journal, queries
from offset.ledger.entries import Draft, Line
from offset.ledger.queries import EntryView
from offset.money import Money
from offset.people import audit, deputies, settings
from offset.people.access import Actor, Right, may, person, require
from offset.people.models import User
from offset.treasury import suspense
from offset.treasury.free_money import POOL, RESTRICTED, free_of_gifts, undrawn_share, within
from offset.treasury.locks import hold
from offset.treasury.matching import Kind
from offset.treasury.models import (
    BankAccount,
    ManualEntry,
    ManualEntryDecision,
    ManualRecipe,
    PaymentOutcome,
)
from offset.treasury.open_items import active_items

_SHARE: Final = "Income:Share:"
# What has no gift, payment or bank line behind it that would still say the old thing.
REVERSIBLE: Final = frozenset(
    {"share_drawn", "reserve_endowed", "fund_move", "explained", "opening"}
)
_OWN_CAUSES: Final = frozenset({"manual_entry", "endowment", "opening"})
MANUAL_LINE: Final = "manual:"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person fills in; ``source`` and ``target`` are accounts' codes where a recipe asks.

    ``explains_id`` is the entry by which a movement of an unknown kind went into suspense.
    """

    recipe: ManualRecipe
    on: date
    reason: str
    amount: Money | None = None
    source: str = ""
    target: str = ""
    reverses_id: uuid.UUID | None = None
    explains_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Preview:
    """The postings an entry would have, and whether a second person must agree."""

    lines: tuple[Line, ...]
    amount: Money
    two_people: bool


@dataclass(frozen=True)
class Offer:
    """The accounts a recipe works with, each with its currency."""

    sources: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ManualView:
    """A prepared entry as the desk shows it."""

    id: uuid.UUID
    recipe: ManualRecipe
    on: date
    amount: Money
    source: str
    target: str
    reverses_id: uuid.UUID | None
    explains_id: uuid.UUID | None
    reason: str
    two_people: bool
    prepared_at: datetime
    prepared_by: uuid.UUID
    prepared_by_name: str
    outcome: PaymentOutcome | None
    answer: str
    decided_by_name: str | None
    entry_id: uuid.UUID | None

    @property
    def wanted(self) -> Wanted:
        """What was filled in."""
        return Wanted(
            recipe=self.recipe,
            on=self.on,
            reason=self.reason,
            amount=self.amount,
            source=self.source,
            target=self.target,
            reverses_id=self.reverses_id,
            explains_id=self.explains_id,
        )


def preview(session: Session, wanted: Wanted) -> Preview:
    """Show the postings of an entry before anybody prepares it; nothing is written.

    Raises
    ------
    InvalidInput
        ``reason_missing``, ``amount_not_positive``, ``account_not_offered``,
        ``explained_too_early``.
    NotFound
        ``entry_unknown``, ``movement_not_in_suspense``.
    Refused
        ``amount_above_balance``, ``reversal_elsewhere``, ``already_reversed``,
        ``entry_matched``, ``movement_explained``, ``explained_above_rest``.
    """
    if not wanted.reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    draft = _draft(session, wanted, uuid.UUID(int=0))
    first = draft.lines[0].amount.currency
    size = sum(
        line.amount.minor
        for line in draft.lines
        if line.amount.minor > 0 and line.amount.currency == first
    )
    amount = Money(size, first)
    return Preview(draft.lines, amount, _needs_two(session, wanted.recipe, amount))


def prepare(session: Session, *, actor: Actor, at: datetime, wanted: Wanted) -> uuid.UUID:
    """Prepare an entry for approval; nothing is booked yet.

    Raises
    ------
    Forbidden
        Without the right to prepare entries; ``person_needed``.
    InvalidInput, NotFound, Refused
        As ``preview``; ``explained_waits`` where another prepared entry explains the movement.
    """
    require(actor, Right.PREPARE_MANUAL_ENTRY)
    prepared_by = person(actor)
    seen = preview(session, wanted)
    suspense.require_unprepared(session, wanted.explains_id, seen.amount)
    row = ManualEntry(
        id=uuid7(at),
        recipe=wanted.recipe,
        effective_on=wanted.on,
        amount=seen.amount.minor,
        currency=seen.amount.currency,
        source=wanted.source,
        target=wanted.target,
        reverses_id=wanted.reverses_id,
        explains_id=wanted.explains_id,
        reason=wanted.reason.strip(),
        two_people=seen.two_people,
        prepared_at=at,
        prepared_by=prepared_by,
    )
    session.add(row)
    session.flush()
    right = Right.PREPARE_MANUAL_ENTRY
    deputies.note_act(session, actor=actor, at=at, right=right, object_id=row.id)
    _trail(session, actor, at, "prepared", row)
    return row.id


def approve(
    session: Session, *, actor: Actor, at: datetime, manual_entry_id: uuid.UUID
) -> uuid.UUID:
    """Book a prepared entry; from the settable amount on, only as the second person.

    Raises
    ------
    Forbidden
        Without the right; ``same_person`` where two are needed.
    NotFound
        ``manual_entry_unknown``.
    Conflict
        ``manual_entry_decided`` already.
    Refused
        What has changed since: as ``preview``.
    LedgerRefused
        What the books say.
    """
    hold(session, f"manual {manual_entry_id}")
    row = _waiting(session, manual_entry_id)
    decided_by = person(actor)
    wanted = _wanted(row)
    now_two = _needs_two(session, row.recipe, Money(row.amount, row.currency))
    _require_decider(session, actor, row, two_people=row.two_people or now_two)
    draft = _draft(session, wanted, row.id)
    own = chart.operating(row.currency)
    if any(line.account == own for line in draft.lines):
        chart.open_account(session, own, at=at, currency=row.currency)
    posted = journal.post(session, draft, at=at, actor_id=actor.user_id)
    _decide(
        session,
        row,
        outcome=PaymentOutcome.APPROVED,
        reason="",
        entry_id=posted.entry_id,
        at=at,
        decided_by=decided_by,
    )
    if row.explains_id is not None:
        suspense.close_notices(session, row.explains_id, by=decided_by, at=at, text=row.reason)
    _trail(session, actor, at, "approved", row)
    return posted.entry_id


def refuse(
    session: Session, *, actor: Actor, at: datetime, manual_entry_id: uuid.UUID, reason: str
) -> None:
    """Refuse a prepared entry with the reason, or take back one's own.

    Raises
    ------
    Forbidden
        Without the right.
    NotFound
        ``manual_entry_unknown``.
    Conflict
        ``manual_entry_decided`` already.
    InvalidInput
        ``reason_missing``.
    """
    hold(session, f"manual {manual_entry_id}")
    row = _waiting(session, manual_entry_id)
    decided_by = person(actor)
    _require_decider(session, actor, row, two_people=row.two_people)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    _decide(
        session,
        row,
        outcome=PaymentOutcome.REFUSED,
        reason=reason.strip(),
        entry_id=None,
        at=at,
        decided_by=decided_by,
    )
    _trail(session, actor, at, "refused", row)


def offers(session: Session) -> Mapping[ManualRecipe, Offer]:
    """Read which accounts each recipe works with; the places of a movement are its own."""
    banks = [
        (chart.bank(code), currency)
        for code, currency in session.execute(
            select(BankAccount.code, BankAccount.currency).order_by(BankAccount.code)
        )
    ]
    codes = [(code, chart.currency_of(code) or "") for code, _ in queries.account_names(session)]
    funds = tuple(one for one in codes if one[0].startswith((POOL, RESTRICTED)))
    shares = tuple(one for one in codes if one[0].startswith(_SHARE))
    return {
        ManualRecipe.SHARE_DRAWN: Offer(tuple(banks), ()),
        ManualRecipe.RESERVE_ENDOWED: Offer((*shares, *banks), ()),
        ManualRecipe.FUND_MOVED: Offer(funds, funds),
        ManualRecipe.REVERSAL: Offer((), ()),
        ManualRecipe.SUSPENSE_EXPLAINED: Offer((), ()),
    }


def listed(session: Session, *, limit: int = 50) -> tuple[ManualView, ...]:
    """Read the prepared entries, newest first, with the word on each."""
    return _views(session, limit=limit)


def shown(session: Session, manual_entry_id: uuid.UUID) -> ManualView:
    """Read one prepared entry.

    Raises
    ------
    NotFound
        ``manual_entry_unknown``.
    """
    found = _views(session, only=manual_entry_id, limit=1)
    if not found:
        raise NotFound("manual_entry_unknown")
    return found[0]


def may_reverse(seen: EntryView) -> bool:
    """Say whether an entry is undone by hand: nothing of its own stands behind it."""
    by_hand = seen.source_id.startswith(MANUAL_LINE) or seen.source_type in _OWN_CAUSES
    return seen.kind in REVERSIBLE and by_hand and seen.reversed_by_id is None


def _draft(session: Session, wanted: Wanted, manual_entry_id: uuid.UUID) -> Draft:
    if wanted.recipe is not ManualRecipe.REVERSAL and not (
        wanted.amount and wanted.amount.minor > 0
    ):
        raise InvalidInput("amount_not_positive", field="amount")
    return _RECIPES[wanted.recipe](session, wanted, str(manual_entry_id))


def _share_drawn(session: Session, wanted: Wanted, told: str) -> Draft:
    amount = _amount(wanted)
    bank = _bank(session, wanted.source, amount.currency)
    if bank is None:
        raise InvalidInput("account_not_offered", field="source", account=wanted.source)
    balances.lock(session, [chart.share(amount.currency)])
    within(amount, undrawn_share(session, amount.currency))
    line = entries.BankLine(f"{MANUAL_LINE}{told}", wanted.on, chart.bank(bank.code))
    return entries.share_drawn(line, acct=amount.currency, amount=amount)


def _bank(session: Session, code: str, currency: str) -> BankAccount | None:
    """Find one of our bank accounts by its place in the chart."""
    return session.scalar(
        select(BankAccount).where(
            BankAccount.code == code.removeprefix("Assets:Bank:"), BankAccount.currency == currency
        )
    )


def _reserve_endowed(session: Session, wanted: Wanted, told: str) -> Draft:
    amount = _amount(wanted)
    source = chart.share(amount.currency)
    bank = _bank(session, wanted.source, amount.currency)
    if bank is not None:
        # Our own money, sent to the account: the line of the bank is matched with this entry.
        return entries.reserve_endowed(
            endowment_id=told, on=wanted.on, source=chart.bank(bank.code), amount=amount
        )
    if wanted.source != source:
        raise InvalidInput("account_not_offered", field="source", account=wanted.source)
    balances.lock(session, [source])
    within(amount, undrawn_share(session, amount.currency))
    return entries.reserve_endowed(endowment_id=told, on=wanted.on, source=source, amount=amount)


def _fund_moved(session: Session, wanted: Wanted, told: str) -> Draft:
    amount = _amount(wanted)
    for field, code in (("source", wanted.source), ("target", wanted.target)):
        is_fund = code.startswith((POOL, RESTRICTED))
        if not is_fund or chart.currency_of(code) != amount.currency:
            raise InvalidInput("account_not_offered", field=field, account=code)
    if wanted.source == wanted.target:
        raise InvalidInput("account_not_offered", field="target", account=wanted.target)
    balances.lock(session, [wanted.source])
    within(amount, free_of_gifts(session, wanted.source, amount.currency))
    return entries.fund_moved(
        move_id=told, on=wanted.on, source=wanted.source, target=wanted.target, amount=amount
    )


def _reversal(session: Session, wanted: Wanted, _told: str) -> Draft:
    if wanted.reverses_id is None:
        raise NotFound("entry_unknown", entry="")
    undone = queries.entry(session, wanted.reverses_id)
    if undone.reversed_by_id is not None:
        raise Refused("already_reversed", field="entry")
    if not may_reverse(undone):
        raise Refused("reversal_elsewhere", field="entry", kind=undone.kind)
    if active_items(session, kind=Kind.ENTRY, subject_id=undone.id):
        # The line of the bank would stand for something that is not booked any more.
        raise Refused("entry_matched", field="entry")
    return entries.reversal(
        entry_id=undone.id,
        on=wanted.on,
        source_type=undone.source_type,
        source_id=undone.source_id,
        lines=[Line(line.account, line.amount) for line in undone.lines],
        reason=wanted.reason,
    )


def _suspense_explained(session: Session, wanted: Wanted, told: str) -> Draft:
    return suspense.draft(
        session,
        entry_id=wanted.explains_id,
        told=told,
        on=wanted.on,
        amount=_amount(wanted),
        target=wanted.target,
    )


_RECIPES: Final[Mapping[ManualRecipe, Callable[[Session, Wanted, str], Draft]]] = {
    ManualRecipe.SHARE_DRAWN: _share_drawn,
    ManualRecipe.RESERVE_ENDOWED: _reserve_endowed,
    ManualRecipe.FUND_MOVED: _fund_moved,
    ManualRecipe.REVERSAL: _reversal,
    ManualRecipe.SUSPENSE_EXPLAINED: _suspense_explained,
}
# Whatever the amount: the secretariat's own money, and money of which nobody knew what it was.
_ALWAYS_TWO: Final = frozenset({ManualRecipe.SHARE_DRAWN, ManualRecipe.SUSPENSE_EXPLAINED})


def _amount(wanted: Wanted) -> Money:
    if wanted.amount is None:
        raise InvalidInput("amount_not_positive", field="amount")
    return wanted.amount


def _needs_two(session: Session, recipe: ManualRecipe, amount: Money) -> bool:
    if recipe in _ALWAYS_TWO:
        return True
    limits = settings.current(session, "two_people_from").value
    # A currency without a limit of its own is never booked by one person.
    return bool(amount.minor >= limits.get(amount.currency, 0))


def _require_decider(session: Session, actor: Actor, row: ManualEntry, *, two_people: bool) -> None:
    """Let a second person decide; below the limit also the one who prepared it and may book."""
    alone = actor.user_id == row.prepared_by
    if two_people:
        deputies.require_second(
            session,
            actor=actor,
            right=Right.APPROVE_MANUAL_ENTRY,
            first=row.prepared_by,
            object_id=row.id,
        )
    if alone and may(actor, Right.POST_MANUAL_ENTRY):
        return
    require(actor, Right.APPROVE_MANUAL_ENTRY)


def _waiting(session: Session, manual_entry_id: uuid.UUID) -> ManualEntry:
    row = session.get(ManualEntry, manual_entry_id)
    if row is None:
        raise NotFound("manual_entry_unknown")
    if session.get(ManualEntryDecision, manual_entry_id) is not None:
        raise Conflict("manual_entry_decided")
    return row


def _wanted(row: ManualEntry) -> Wanted:
    return Wanted(
        recipe=row.recipe,
        on=row.effective_on,
        reason=row.reason,
        amount=Money(row.amount, row.currency),
        source=row.source,
        target=row.target,
        reverses_id=row.reverses_id,
        explains_id=row.explains_id,
    )


def _decide(
    session: Session,
    row: ManualEntry,
    *,
    outcome: PaymentOutcome,
    reason: str,
    entry_id: uuid.UUID | None,
    at: datetime,
    decided_by: uuid.UUID,
) -> None:
    session.add(
        ManualEntryDecision(
            manual_entry_id=row.id,
            prepared_by=row.prepared_by,
            two_people=row.two_people,
            outcome=outcome,
            reason=reason,
            entry_id=entry_id,
            decided_at=at,
            decided_by=decided_by,
        )
    )
    session.flush()


def _trail(session: Session, actor: Actor, at: datetime, what: str, row: ManualEntry) -> None:
    audit.record(
        session,
        at=at,
        actor=actor,
        action=f"manual_entry.{what}",
        object_type="manual_entry",
        object_id=row.id,
        details={"recipe": row.recipe.value, "amount": str(Money(row.amount, row.currency))},
    )


def _views(
    session: Session, *, limit: int, only: uuid.UUID | None = None
) -> tuple[ManualView, ...]:
    decider = select(User.id, User.name).subquery()
    wanted = (
        select(ManualEntry, User.name, ManualEntryDecision, decider.c.name)
        .join(User, User.id == ManualEntry.prepared_by)
        .outerjoin(ManualEntryDecision, ManualEntryDecision.manual_entry_id == ManualEntry.id)
        .outerjoin(decider, decider.c.id == ManualEntryDecision.decided_by)
        .order_by(ManualEntry.prepared_at.desc(), ManualEntry.id.desc())
        .limit(limit)
    )
    if only is not None:
        wanted = wanted.where(ManualEntry.id == only)
    return tuple(
        ManualView(
            id=row.id,
            recipe=row.recipe,
            on=row.effective_on,
            amount=Money(row.amount, row.currency),
            source=row.source,
            target=row.target,
            reverses_id=row.reverses_id,
            explains_id=row.explains_id,
            reason=row.reason,
            two_people=row.two_people,
            prepared_at=row.prepared_at,
            prepared_by=row.prepared_by,
            prepared_by_name=name or "",
            outcome=word.outcome if word else None,
            answer=word.reason if word else "",
            decided_by_name=other,
            entry_id=word.entry_id if word else None,
        )
        for row, name, word, other in session.execute(wanted)
    )
