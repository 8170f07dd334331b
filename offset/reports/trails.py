"""How is one thing followed to everything it belongs to, from the gift to the project's report?

Gift → movement at the processor → payout → bank line → statement → allocation → decision →
payment → report. A trail costs a fixed number of statements, however much hangs on it.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from offset.errors import NotFound
from offset.giving.models import (
    AllocationRow,
    AnnualReceipt,
    BankPledge,
    Dispute,
    Donation,
    Receipt,
    RecurringGift,
    Refund,
    StripeBalanceTransaction,
)
from offset.ledger.models import Entry
from offset.projects.models import Admission, Decision, Project
from offset.reports import trail_entries, trail_promises
from offset.reports import trail_steps as steps
from offset.reports.trail_steps import Step
from offset.treasury.models import (
    BankLine,
    BankStatement,
    Disbursement,
    PayoutItem,
    StripePayout,
)

# The order in which the way of money is told.
KINDS: Final = (
    "pledge",
    "monthly",
    "gift",
    "receipt",
    "annual",
    "movement",
    "payout",
    "line",
    "statement",
    "refund",
    "dispute",
    "allocation",
    "decision",
    "admission",
    "project",
    "payment",
    "arrival",
    "report",
    "outcome",
    "entry",
)


@dataclass(frozen=True, slots=True)
class Trail:
    """A thing and everything on its way, in the order of the way."""

    focus: Step
    steps: tuple[Step, ...]

    def of(self, kind: str) -> tuple[Step, ...]:
        """Return the steps of one kind."""
        return tuple(one for one in self.steps if one.kind == kind)


@dataclass(slots=True)
class _Way:
    """What was found so far, each thing once."""

    session: Session
    found: dict[tuple[str, str, str], Step]

    def add(self, told: Sequence[Step]) -> list[Step]:
        """Keep steps that are new and return all of them."""
        for one in told:
            # A gift may give to one project in several parts: each is a step of its own.
            self.found.setdefault((one.kind, one.id, f"{one.name} {one.amount}"), one)
        return list(told)

    def ids(self, kind: str) -> list[uuid.UUID]:
        """Return the ids of what was found of a kind."""
        return steps.ids(list(self.found.values()), kind)


def trail(session: Session, kind: str, thing_id: str) -> Trail:
    """Follow a thing to everything it belongs to.

    Raises
    ------
    NotFound
        ``thing_unknown``.
    """
    reader = _READERS.get(kind)
    focus = reader(session, thing_id) if reader else []
    if not focus:
        raise NotFound("thing_unknown")
    way = _Way(session, {})
    way.add(focus)
    _back(way)
    _money(way)
    _projects(way)
    _books(way)
    told = sorted(
        way.found.values(),
        key=lambda one: (KINDS.index(one.kind), one.on or date.min, one.id, one.name),
    )
    return Trail(_sum(focus), tuple(told))


def of_entries(session: Session, entry_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Step]]:
    """Read for many entries the documents each rests on, in a fixed number of statements.

    Movements, bank lines with their statements, allocations, decisions and payments; what an
    entry does not touch is not there.
    """
    caused = {
        entry_id: (kind, source)
        for entry_id, kind, source in trail_entries.causes(session, entry_ids)
    }
    found: dict[uuid.UUID, list[Step]] = {one: [] for one in entry_ids}
    moved = steps.movements(session, StripeBalanceTransaction.entry_id.in_(entry_ids))
    seen = steps.lines(session, steps.of_entries(entry_ids))
    given = steps.allocations(session, AllocationRow.entry_id.in_(entry_ids))
    ordered = _payments_behind(session, entry_ids, caused)
    for one in (*moved, *given):
        if one.entry_id in found:
            found[one.entry_id].append(one)
    for one in seen:
        if one.entry_id in found:
            found[one.entry_id].append(one)
    papers = {one.id: one for one in _statements_of(session, seen)}
    decided = {one.id: one for one in _decisions_of(session, [*given, *ordered.values()])}
    for entry_id, told in found.items():
        payment = ordered.get(entry_id)
        if payment is not None:
            told.append(payment)
        linked = [one for step in told for one in step.leads]
        told.extend(papers[one] for one in dict.fromkeys(linked) if one in papers)
        told.extend(decided[one] for one in dict.fromkeys(linked) if one in decided)
    return found


def _payments_behind(
    session: Session,
    entry_ids: Sequence[uuid.UUID],
    caused: Mapping[uuid.UUID, tuple[str, str]],
) -> dict[uuid.UUID, Step]:
    named = {
        entry_id: source
        for entry_id, (kind, source) in caused.items()
        if kind == "disbursement" and _uuid(source)
    }
    wanted = [uuid.UUID(one) for one in named.values()]
    told = {one.id: one for one in steps.payments(session, Disbursement.id.in_(wanted))}
    return {
        entry_id: told[named[entry_id]]
        for entry_id in entry_ids
        if entry_id in named and named[entry_id] in told
    }


def _statements_of(session: Session, lines: Sequence[Step]) -> list[Step]:
    return steps.statements(session, BankStatement.id.in_(steps.leads(lines)))


def _decisions_of(session: Session, told: Sequence[Step]) -> list[Step]:
    return steps.decisions(session, Decision.id.in_(steps.leads(told)))


def _back(way: _Way) -> None:
    """Go from whatever was asked for back to the gifts, payouts, payments and entries behind it."""
    session = way.session
    linked = steps.leads(way.found.values())
    way.add(steps.payouts(session, StripePayout.id.in_(linked)))
    way.add(steps.projects(session, Project.id.in_(linked)))
    way.add(steps.lines(session, BankLine.statement_id.in_(way.ids("statement"))))
    way.add(steps.movements(session, PayoutItem.payout_id.in_(way.ids("payout"))))
    booked = [one.entry_id for one in way.found.values() if one.entry_id]
    sources: dict[str, list[str]] = {}
    for _, kind, source in trail_entries.causes(session, booked):
        sources.setdefault(kind, []).append(source)
    way.add(steps.gifts(session, Donation.id.in_([*linked, *_uuids(sources.get("donation"))])))
    way.add(
        steps.payments(
            session, Disbursement.id.in_([*linked, *_uuids(sources.get("disbursement"))])
        )
    )
    moved = sources.get("stripe_balance_txn", [])
    way.add(steps.movements(session, StripeBalanceTransaction.id.in_(moved)))
    way.add(steps.refunds(session, Refund.processor_id.in_(sources.get("refund", []))))
    way.add(steps.lines(session, BankLine.id.in_(_uuids(sources.get("bank_line")))))
    way.add(steps.gifts(session, Donation.id.in_(steps.leads(way.found.values()))))


def _money(way: _Way) -> None:
    """Go from gifts over the processor and the bank to the statements."""
    session = way.session
    given = way.ids("gift")
    way.add(steps.receipts(session, Receipt.donation_id.in_(given)))
    way.add(steps.refunds(session, Refund.donation_id.in_(given)))
    way.add(steps.disputes(session, Dispute.donation_id.in_(given)))
    way.add(steps.movements(session, StripeBalanceTransaction.donation_id.in_(given)))
    moved = [one for one in way.found.values() if one.kind == "movement"]
    sent = steps.payout_of_movement(session, [one.id for one in moved])
    way.add(steps.payouts(session, StripePayout.id.in_([*steps.leads(moved), *sent])))
    if given:
        way.add(steps.allocations(session, AllocationRow.donation_id.in_(given)))


def _projects(way: _Way) -> None:
    """Go from what was allocated to the decisions, the payments and what projects told."""
    session = way.session
    given = [one for one in way.found.values() if one.kind == "allocation"]
    since = min((one.on for one in given if one.on), default=None)
    here = way.ids("project") or steps.leads(given)
    if not way.ids("payment") and here:
        told = steps.payments(session, Disbursement.project_id.in_(here))
        way.add([one for one in told if since is None or (one.on is not None and one.on >= since)])
    paid = [one for one in way.found.values() if one.kind in {"payment", "allocation", "admission"}]
    linked = steps.leads([*paid, *(one for one in way.found.values() if one.kind == "decision")])
    way.add(steps.decisions(session, Decision.id.in_(linked)))
    way.add(steps.admissions(session, Admission.id.in_(linked)))
    named = way.add(steps.projects(session, Project.id.in_([*linked, *here])))
    way.add(steps.arrivals(session, way.ids("payment")))
    way.add(steps.reports(session, steps.ids(named, "project"), since))


def _books(way: _Way) -> None:
    """Add the bank lines of payouts and payments, the statements, and every entry."""
    session = way.session
    subjects = [*way.ids("payout"), *way.ids("payment")]
    way.add(steps.lines(session, steps.of_subject(subjects)))
    booked = {one.entry_id for one in way.found.values() if one.entry_id}
    booked |= set(
        trail_entries.booked_for(
            session,
            [
                *(("donation", str(one)) for one in way.ids("gift")),
                *(("disbursement", str(one)) for one in way.ids("payment")),
            ],
        )
    )
    if booked:
        booked |= set(trail_entries.explained_with(session, sorted(booked)))
    way.add(steps.lines(session, steps.of_entries(booked)))
    read = [one for one in way.found.values() if one.kind == "line"]
    way.add(_statements_of(session, read))
    booked |= {one.entry_id for one in read if one.entry_id}
    way.add(trail_entries.entries(session, Entry.id.in_(booked)))


def _sum(focus: Sequence[Step]) -> Step:
    """Stand for several parts of one thing: the first, with the sum of all."""
    first = focus[0]
    amounts = [one.amount for one in focus if one.amount]
    if len(amounts) < 2:  # noqa: PLR2004 - one part is its own sum
        return first
    return replace(first, amount=sum(amounts[1:], start=amounts[0]))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _uuids(texts: Sequence[str] | None) -> list[uuid.UUID]:
    return [found for one in texts or () if (found := _uuid(one)) is not None]


def _by_id(
    read: Callable[..., list[Step]], column: Callable[[uuid.UUID], object]
) -> Callable[[Session, str], list[Step]]:
    """Read one thing by its id; a text that is no id finds nothing."""

    def reader(session: Session, thing_id: str) -> list[Step]:
        key = _uuid(thing_id)
        return [] if key is None else read(session, column(key))

    return reader


_READERS: Final[Mapping[str, Callable[[Session, str], list[Step]]]] = {
    "pledge": _by_id(trail_promises.pledges, lambda key: BankPledge.id == key),
    "monthly": _by_id(trail_promises.monthly, lambda key: RecurringGift.id == key),
    "gift": _by_id(steps.gifts, lambda key: Donation.id == key),
    "receipt": _by_id(steps.receipts, lambda key: Receipt.id == key),
    "annual": _by_id(steps.annual_receipts, lambda key: AnnualReceipt.id == key),
    "movement": lambda session, key: steps.movements(session, StripeBalanceTransaction.id == key),
    "payout": _by_id(steps.payouts, lambda key: StripePayout.id == key),
    "line": _by_id(steps.lines, lambda key: BankLine.id == key),
    "statement": _by_id(steps.statements, lambda key: BankStatement.id == key),
    "allocation": _by_id(steps.allocations, lambda key: AllocationRow.entry_id == key),
    "decision": _by_id(steps.decisions, lambda key: Decision.id == key),
    "admission": _by_id(steps.admissions, lambda key: Admission.id == key),
    "project": _by_id(steps.projects, lambda key: Project.id == key),
    "payment": _by_id(steps.payments, lambda key: Disbursement.id == key),
    "refund": _by_id(steps.refunds, lambda key: Refund.id == key),
    "dispute": lambda session, key: steps.disputes(session, Dispute.dispute_id == key),
    "entry": _by_id(trail_entries.entries, lambda key: Entry.id == key),
}
FOLLOWED: Final = frozenset(_READERS)
