"""What does giving ask of a payment processor? Protocols and small facts, no vendor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from offset.money import Money


@dataclass(frozen=True, kw_only=True)
class CheckoutRequest:
    """What a hosted payment page needs to know about one donation."""

    donation_id: str
    attempt: int
    amount: Money
    title: str
    language: str
    success_url: str
    cancel_url: str
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckoutOpened:
    """A hosted payment page that is waiting for the donor."""

    session_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class CheckoutState:
    """What the processor says about a hosted payment page right now."""

    session_id: str
    donation_id: str | None
    status: str  # open, complete, expired
    payment_status: str  # paid, unpaid, no_payment_required
    payment_intent_id: str | None
    amount: Money
    email: str | None
    name: str | None


@dataclass(frozen=True, kw_only=True)
class BalanceTransaction:
    """One movement of our balance at the processor, exactly as it states it.

    ``amount``, ``fee`` and ``net`` are in the settlement currency; ``net = amount − fee``.
    """

    id: str
    reporting_category: str
    type: str
    amount: Money
    fee: Money
    net: Money
    created: datetime
    available_on: datetime
    source_id: str | None
    exchange_rate: str | None
    payout_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChargeFacts:
    """A charge with the movement it caused; ``movement`` is None while the processor owes it."""

    charge_id: str
    payment_intent_id: str | None
    donation_id: str | None
    status: str  # succeeded, pending, failed
    presented: Money
    movement: BalanceTransaction | None
    method: str | None
    failure_code: str | None = None
    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefundFacts:
    """A refund with its movements (the refund itself, and its failure if it failed)."""

    refund_id: str
    charge_id: str | None
    payment_intent_id: str | None
    status: str
    presented: Money
    movements: tuple[BalanceTransaction, ...]


@dataclass(frozen=True, kw_only=True)
class DisputeFacts:
    """A dispute with its movements."""

    dispute_id: str
    charge_id: str
    payment_intent_id: str | None
    status: str
    presented: Money
    movements: tuple[BalanceTransaction, ...]
    evidence_due: datetime | None


@dataclass(frozen=True, kw_only=True)
class PayoutFacts:
    """A payout and, once the processor has itemised it, the movements it is made of.

    ``items`` leaves out the payout's own movement, which is ``movement``.
    """

    payout_id: str
    status: str  # pending, in_transit, paid, failed, canceled
    amount: Money
    created: datetime
    arrival: datetime
    itemised: bool
    descriptor: str | None
    trace_id: str | None
    movement: BalanceTransaction | None
    items: tuple[BalanceTransaction, ...]


Facts = CheckoutState | ChargeFacts | RefundFacts | DisputeFacts | PayoutFacts


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A processor's event after its signature was checked: a wake-up, never the truth.

    ``facts`` is the object read again from the processor, or None for kinds we do not use.
    """

    event_id: str
    kind: str
    api_version: str | None
    livemode: bool
    created: datetime
    payload: Mapping[str, object] = field(repr=False)
    facts: Facts | None = None


class CheckoutGateway(Protocol):
    """Whoever opens hosted payment pages."""

    def open(self, request: CheckoutRequest) -> CheckoutOpened:
        """Open a page; the idempotency key is ``donation-<id>-checkout-<attempt>``.

        Raises
        ------
        TryLater
            ``processor_unreachable``: nothing was charged.
        """
        ...

    def state(self, session_id: str) -> CheckoutState:
        """Read the present state of a page.

        Raises
        ------
        NotFound, TryLater
        """
        ...


class EventReader(Protocol):
    """Whoever can tell a true event from a forged one and read its object again."""

    def read(self, raw: bytes, signature: str, *, at: datetime) -> Notice:
        """Verify on the raw bytes, then re-read the object the event speaks of.

        Raises
        ------
        Forbidden
            ``signature_wrong``, ``signature_stale`` or ``secret_missing``.
        InvalidInput
            ``event_unreadable``: signed, but no event.
        TryLater
            ``processor_unreachable``.
        """
        ...

    def charge_of(self, payment_intent_id: str) -> ChargeFacts | None:
        """Read the latest charge of a payment, or None before there is one."""
        ...

    def notices_since(self, since: datetime) -> Iterator[Notice]:
        """Read recent events again, oldest first, for the catch-up."""
        ...

    def movements_since(self, since: datetime) -> Iterator[BalanceTransaction]:
        """Read balance transactions, oldest first, for the catch-up."""
        ...

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        """Read payouts with their items, oldest first, for the catch-up."""
        ...


class DocumentRenderer(Protocol):
    """Whoever turns facts into a printed document."""

    def render(self, template: str, language: str, facts: Mapping[str, object]) -> bytes:
        """Render a document; the same facts give the same bytes.

        Raises
        ------
        Refused
            ``pdf_unavailable``: the system lacks the drawing library; pages still work.
        """
        ...
