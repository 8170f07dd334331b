"""Which processor do tests of giving talk to? One in memory that implements both ports.

It keeps pages, charges, refunds, disputes and movements, lets a test act on them, and lists the
events it would have sent. Fees: 1.5 % half up and 0.25, as a European card costs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from offset.errors import Forbidden, InvalidInput, NotFound, TryLater
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    CheckoutOpened,
    CheckoutRequest,
    CheckoutState,
    DisputeFacts,
    Facts,
    Moved,
    Notice,
    PayoutFacts,
    RefundFacts,
    SubscriptionFacts,
)
from offset.money import Money

SIGNED = "signed"


@dataclass
class Sent:
    """An event as it would be delivered: its raw bytes name it."""

    event_id: str
    kind: str
    subject: str
    made_at: datetime
    livemode: bool = False

    @property
    def raw(self) -> bytes:
        return self.event_id.encode()


@dataclass
class FakeProcessor:
    """A payment processor that charges nobody."""

    at: datetime
    settles_in: str = "EUR"
    down: bool = False
    rate: int = 100
    sent: list[Sent] = field(default_factory=list)
    movements: dict[str, BalanceTransaction] = field(default_factory=dict)
    things: dict[str, Facts] = field(default_factory=dict)
    requests: dict[tuple[str, int], CheckoutRequest] = field(default_factory=dict)
    read_count: int = 0

    # The port of the payment page

    def open(self, request: CheckoutRequest) -> CheckoutOpened:
        self._reach()
        key = (request.donation_id, request.attempt)
        self.requests[key] = request
        session_id = f"cs_{request.donation_id}_{request.attempt}"
        self.things.setdefault(
            session_id,
            CheckoutState(
                session_id=session_id,
                donation_id=request.donation_id,
                status="open",
                payment_status="unpaid",
                payment_intent_id=None,
                amount=request.amount,
                email=None,
                name=None,
            ),
        )
        expires = self.at + timedelta(hours=24)
        return CheckoutOpened(
            session_id=session_id, url=f"https://pay.example/{session_id}", expires_at=expires
        )

    def state(self, session_id: str) -> CheckoutState:
        self._reach()
        found = self.things.get(session_id)
        if not isinstance(found, CheckoutState):
            raise NotFound("session_unknown")
        return found

    def manage(self, customer_id: str, *, return_url: str, language: str) -> str:
        self._reach()
        return f"https://pay.example/portal/{customer_id}?{language}&{return_url}"

    # The port of events

    def read(self, raw: bytes, signature: str, *, at: datetime) -> Notice:
        del at
        if signature != SIGNED:
            raise Forbidden("signature_wrong")
        self._reach()
        for sent in self.sent:
            if sent.raw == raw:
                return self._notice(sent)
        raise InvalidInput("event_unreadable")

    def charge_of(self, payment_intent_id: str) -> ChargeFacts | None:
        self._reach()
        charges = [one for one in self.things.values() if isinstance(one, ChargeFacts)]
        return next((one for one in charges if one.payment_intent_id == payment_intent_id), None)

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        self._reach()
        for one in self.sent:
            if one.made_at >= since:
                yield replace(self._notice(one), facts=None)

    def again(self, payload: Mapping[str, object]) -> Notice:
        self._reach()
        return self._notice(next(one for one in self.sent if one.event_id == payload["id"]))

    def reread(self, object_id: str) -> Facts | None:
        self._reach()
        self.read_count += 1
        return self.things.get(object_id)

    def movements_since(self, since: datetime) -> Iterator[Moved]:
        for one in self.movements.values():
            if one.created >= since:
                yield Moved(movement=one, source=self.things.get(one.source_id or ""))

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        yield from (
            one
            for one in self.things.values()
            if isinstance(one, PayoutFacts) and one.created >= since
        )

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        for one in self.things.values():
            if isinstance(one, SubscriptionFacts) and one.ended is None:
                yield one

    # What donors, banks and the processor itself do

    def pay(self, session_id: str, **more: Any) -> list[Sent]:
        """A card pays: charge, movement, and two events."""
        page = self.submit(session_id, email=more.pop("email", "ada@example.org"))
        return [self.clear(session_id, **more), page]

    def submit(self, session_id: str, *, email: str | None = "ada@example.org") -> Sent:
        """The form is completed; whether the money is certain is another question."""
        page = self.state(session_id)
        number = session_id.removeprefix("cs_")
        self.things[session_id] = replace(
            page,
            status="complete",
            payment_intent_id=f"pi_{number}",
            email=email,
            name="Ada Lovelace" if email else None,
        )
        self.things[f"ch_{number}"] = ChargeFacts(
            charge_id=f"ch_{number}",
            payment_intent_id=f"pi_{number}",
            donation_id=page.donation_id,
            status="pending",
            presented=page.amount,
            movement=None,
            method="sepa_debit",
        )
        return self.tell("checkout.session.completed", session_id)

    def clear(self, session_id: str, *, presented: Money | None = None, owed: bool = False) -> Sent:
        """The money becomes certain; ``owed`` leaves the movement for later."""
        page = self.state(session_id)
        charge_id = f"ch_{session_id.removeprefix('cs_')}"
        charge = self._charge(charge_id)
        paid = presented or page.amount
        settled = Money(paid.minor * self.rate // 100, self.settles_in)
        fee = Money((settled.minor * 150 + 5_000) // 10_000 + 25, self.settles_in)
        movement = self.move("charge", settled, fee, charge_id)
        self.things[charge_id] = replace(
            charge,
            status="succeeded",
            presented=paid,
            movement=None if owed else movement,
            method="card",
        )
        self.things[session_id] = replace(page, payment_status="paid")
        return self.tell("charge.succeeded", charge_id)

    def stranger(self, minor: int) -> Sent:
        """Somebody pays who never pledged."""
        charge_id = f"ch_stranger_{len(self.movements)}"
        amount = Money(minor, self.settles_in)
        fee = Money((minor * 150 + 5_000) // 10_000 + 25, self.settles_in)
        self.things[charge_id] = ChargeFacts(
            charge_id=charge_id,
            payment_intent_id=None,
            donation_id=None,
            status="succeeded",
            presented=amount,
            movement=self.move("charge", amount, fee, charge_id),
            method="card",
        )
        return self.tell("charge.succeeded", charge_id)

    def second_page(self, session_id: str) -> str:
        """The same gift opens a second page beside the first."""
        page = self.state(session_id)
        second = f"{session_id}_again"
        self.things[second] = replace(
            page, session_id=second, status="open", payment_intent_id=None
        )
        return second

    def fail(self, session_id: str) -> Sent:
        charge_id = f"ch_{session_id.removeprefix('cs_')}"
        self.things[charge_id] = replace(self._charge(charge_id), status="failed")
        return self.tell("checkout.session.async_payment_failed", session_id)

    def forget(self, session_id: str) -> Sent:
        self.things[session_id] = replace(self.state(session_id), status="expired")
        return self.tell("checkout.session.expired", session_id)

    def refund(self, charge_id: str, minor: int, *, number: int = 1) -> Sent:
        charge = self._charge(charge_id)
        refund_id = f"re_{charge_id}_{number}"
        none = Money(0, self.settles_in)
        movement = self.move("refund", Money(-minor, self.settles_in), none, refund_id)
        self.things[refund_id] = RefundFacts(
            refund_id=refund_id,
            charge_id=charge_id,
            payment_intent_id=charge.payment_intent_id,
            status="succeeded",
            presented=Money(minor, self.settles_in),
            movements=(movement,),
        )
        return self.tell("refund.created", refund_id)

    def refund_fails(self, refund_id: str) -> Sent:
        refund = self.things[refund_id]
        assert isinstance(refund, RefundFacts)
        back = self.move(
            "refund_failure", -refund.movements[0].amount, Money(0, self.settles_in), refund_id
        )
        self.things[refund_id] = replace(
            refund, status="failed", movements=(*refund.movements, back)
        )
        return self.tell("refund.failed", refund_id)

    def dispute(self, charge_id: str) -> Sent:
        charge = self._charge(charge_id)
        assert charge.movement is not None
        amount = charge.movement.amount
        dispute_id = f"du_{charge_id}"
        taken = self.move("dispute", -amount, Money(2_000, amount.currency), dispute_id)
        self.things[dispute_id] = DisputeFacts(
            dispute_id=dispute_id,
            charge_id=charge_id,
            payment_intent_id=charge.payment_intent_id,
            status="needs_response",
            presented=charge.presented,
            movements=(taken,),
            evidence_due=self.at + timedelta(days=7),
        )
        return self.tell("charge.dispute.created", dispute_id)

    def decide(self, dispute_id: str, status: str) -> Sent:
        dispute = self.things[dispute_id]
        assert isinstance(dispute, DisputeFacts)
        movements = dispute.movements
        if status == "won":
            taken = movements[0]
            back = self.move("dispute_reversal", -taken.amount, -taken.fee, dispute_id)
            movements = (*movements, back)
        self.things[dispute_id] = replace(dispute, status=status, movements=movements)
        return self.tell("charge.dispute.closed", dispute_id)

    def pay_out(self, *, number: int = 1) -> Sent:
        """Everything that was not paid out goes to the bank."""
        paid: set[str] = set()
        for one in self.things.values():
            if isinstance(one, PayoutFacts):
                paid |= {item.id for item in one.items}
                paid |= {one.movement.id} if one.movement else set()
        items = tuple(one for one in self.movements.values() if one.id not in paid)
        total = sum(one.net.minor for one in items)
        payout_id = f"po_{number}"
        none = Money(0, self.settles_in)
        own = self.move("payout", Money(-total, self.settles_in), none, payout_id)
        self.things[payout_id] = PayoutFacts(
            payout_id=payout_id,
            status="paid",
            amount=Money(total, self.settles_in),
            created=self.at,
            arrival=self.at + timedelta(days=2),
            itemised=True,
            descriptor="STRIPE",
            trace_id=None,
            movement=own,
            items=items,
        )
        return self.tell("payout.reconciliation_completed", payout_id)

    def move(
        self, category: str, amount: Money, fee: Money, source_id: str | None
    ) -> BalanceTransaction:
        number = len(self.movements) + 1
        told = BalanceTransaction(
            id=f"txn_{number:04d}",
            reporting_category=category,
            type=category,
            amount=amount,
            fee=fee,
            net=amount - fee,
            created=self.at,
            available_on=self.at + timedelta(days=2),
            source_id=source_id,
            exchange_rate=None if self.rate == 100 else str(self.rate),
        )
        self.movements[told.id] = told
        return told

    def tell(self, kind: str, subject: str) -> Sent:
        sent = Sent(f"evt_{len(self.sent) + 1:04d}", kind, subject, self.at)
        self.sent.append(sent)
        return sent

    def balance(self) -> int:
        """What stands on our balance, available and pending."""
        return sum(one.net.minor for one in self.movements.values())

    def payload(self, subject: str) -> dict[str, object]:
        """What else an event carries of its object."""
        del subject
        return {}

    def _charge(self, charge_id: str) -> ChargeFacts:
        found = self.things[charge_id]
        assert isinstance(found, ChargeFacts)
        return found

    def _notice(self, sent: Sent) -> Notice:
        self.read_count += 1
        return Notice(
            event_id=sent.event_id,
            kind=sent.kind,
            api_version="2026-10-28.endive",
            livemode=sent.livemode,
            created=sent.made_at,
            payload={"id": sent.event_id, "type": sent.kind, **self.payload(sent.subject)},
            facts=self.things.get(sent.subject),
        )

    def _reach(self) -> None:
        if self.down:
            raise TryLater("processor_unreachable")
