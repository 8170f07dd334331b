"""What does giving ask of a payment processor? Protocols and small facts, no vendor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from offset.money import Money


@dataclass(frozen=True, kw_only=True)
class CheckoutRequest:
    """What a hosted payment page needs to know about one donation.

    With ``recurring_id`` the same amount is taken every month until somebody says stop.
    """

    donation_id: str
    attempt: int
    amount: Money
    title: str
    language: str
    success_url: str
    cancel_url: str
    email: str | None = None
    recurring_id: str | None = None


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
    subscription_id: str | None = None
    customer_id: str | None = None
    recurring_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class InvoiceFacts:
    """What one month of a monthly gift asks for; ``recurring_id`` is ours, told when it began.

    ``first`` marks the invoice that the payment page itself paid.
    """

    invoice_id: str
    status: str  # draft, open, paid, void, uncollectible
    amount: Money
    first: bool
    subscription_id: str | None
    recurring_id: str | None
    customer_id: str | None
    payment_intent_id: str | None
    attempts: int
    next_attempt: datetime | None
    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class SubscriptionFacts:
    """What the processor says about a monthly gift right now.

    ``unpaid_invoice_id`` is the month that waits for its money, where the reading tells it.
    """

    subscription_id: str
    recurring_id: str | None
    customer_id: str | None
    status: str  # incomplete, active, past_due, unpaid, paused, canceled, incomplete_expired
    paused: bool
    amount: Money
    started: datetime
    next_at: datetime | None
    ends_at: datetime | None
    ended: datetime | None
    end_reason: str | None
    unpaid_invoice_id: str | None = None


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
    """A charge with the movement it caused; ``movement`` is None while the processor owes it.

    ``donation_id`` is the mark we gave it; a report of the processor may hold our reference there.
    ``returned`` is the movement by which a bank took an arrived debit back.
    """

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
    # The month it pays, where it pays one: such a charge carries no mark of ours itself.
    invoice: InvoiceFacts | None = None
    # A debit's mandate by the reference on the donor's bank statement, and which edition of the
    # processor's mandate text was agreed to.
    mandate_id: str | None = None
    mandate_text: str | None = None
    debit_on: date | None = None
    returned: BalanceTransaction | None = None


@dataclass(frozen=True, kw_only=True)
class RefundFacts:
    """A refund with its movements (the refund itself, and its failure if it failed).

    ``ours`` is the id we gave it; a refund made at the processor itself has none.
    """

    refund_id: str
    charge_id: str | None
    payment_intent_id: str | None
    status: str  # pending, requires_action, succeeded, failed, canceled
    presented: Money
    movements: tuple[BalanceTransaction, ...]
    ours: str | None = None
    pending_reason: str | None = None
    failure_reason: str | None = None


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

    ``items`` leaves out the payout's own movement, which is ``movement``; ``returned`` is the one
    by which a payout that failed or was cancelled came back. ``charges`` are those of its items
    of which whoever told of the payout also named the payment, as the processor's report does.
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
    returned: BalanceTransaction | None = None
    charges: tuple[ChargeFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A movement of our balance with what caused it, as far as the processor can say."""

    movement: BalanceTransaction
    source: "Facts | None"


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """What the processor says it holds for us in one currency."""

    available: Money
    pending: Money


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """What the processor shall give back of one charge."""

    refund_id: str
    charge_id: str
    amount: Money


Facts = (
    CheckoutState
    | ChargeFacts
    | InvoiceFacts
    | SubscriptionFacts
    | RefundFacts
    | DisputeFacts
    | PayoutFacts
)


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

    def manage(self, customer_id: str, *, return_url: str, language: str) -> str:
        """Open the processor's own page to change, pause or stop monthly gifts; its address.

        Raises
        ------
        NotFound
            ``processor_object_unknown``.
        TryLater
            ``processor_unreachable``.
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

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        """List recent events, oldest first, without reading their objects again."""
        ...

    def again(self, payload: Mapping[str, object]) -> Notice:
        """Read the object again that a stored or listed event speaks of.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        ...

    def reread(self, object_id: str) -> Facts | None:
        """Read a charge, refund, dispute, payout or payment page by its id.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        ...

    def movements_since(self, since: datetime) -> Iterator[Moved]:
        """List balance transactions with their sources, oldest first, for the catch-up."""
        ...

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        """Read payouts with their items, oldest first, for the catch-up."""
        ...

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        """List the monthly gifts that are not over, for the catch-up."""
        ...


class RefundGateway(Protocol):
    """Whoever gives money back through the processor."""

    def refund(self, request: RefundRequest) -> RefundFacts:
        """Give a charge back, whole or in part; the idempotency key is ``refund-<id>``.

        Raises
        ------
        TryLater
            ``processor_unreachable``: ask again with the same id.
        InvalidInput
            ``processor_refused``: nothing goes back.
        """
        ...

    def find(self, request: RefundRequest) -> RefundFacts | None:
        """Find a refund that was asked for before, when its key may be forgotten.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        ...


class BalanceReader(Protocol):
    """Whoever can say what the processor holds for us."""

    def balances(self) -> Mapping[str, AccountBalance]:
        """Read our balance, one row a currency.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
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

    def missing(self) -> str | None:
        """Name what the system lacks to draw documents; None when nothing is missing."""
        ...
