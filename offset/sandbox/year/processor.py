"""What would the card processor say of the invented year? Its lists, read through the same port.

Nothing is announced by events: the catch-up finds every movement, as it would after a month in
which no notice arrived. What lies after ``now`` has not happened yet.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    DisputeFacts,
    Facts,
    Moved,
    Notice,
    PayoutFacts,
    RefundFacts,
    SubscriptionFacts,
)
from offset.money import Money
from offset.sandbox.year.plan import CURRENCIES, Fate, Gift, Payout, Year

_DISPUTE_FEE = 2_000


class YearProcessor:
    """The processor's side of the year; the port is ``EventReader``."""

    def __init__(self, year: Year, *, mails: bool = True) -> None:
        self.year = year
        self.mails = mails
        self.now = datetime.min.replace(tzinfo=UTC)
        self.pledges: dict[int, uuid.UUID] = {}
        self._moves: list[tuple[BalanceTransaction, int | None]] = []
        self._by_id: dict[str, BalanceTransaction] = {}
        self._payouts: dict[str, PayoutFacts] = {}
        self._charges = {f"ch_{self._id(gift.number)}": gift for gift in year.gifts}
        self._intents = {f"pi_{self._id(gift.number)}": gift for gift in year.gifts}
        self._disputes = {
            f"du_{self._id(gift.number)}": gift
            for gift in year.gifts
            if gift.fate in {Fate.WON, Fate.LOST}
        }
        self._write()

    # The port

    def read(self, raw: bytes, signature: str, *, at: datetime) -> Notice:
        """Refuse: this processor sends no notices."""
        raise NotImplementedError

    def again(self, payload: Mapping[str, object]) -> Notice:
        """Refuse: this processor sends no notices."""
        raise NotImplementedError

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        """List nothing: every notice was lost."""
        del since
        return iter(())

    def charge_of(self, payment_intent_id: str) -> ChargeFacts | None:
        """Read the charge of a payment."""
        gift = self._intents.get(payment_intent_id)
        return None if gift is None else self._charge(gift)

    def reread(self, object_id: str) -> Facts | None:
        """Read a payout, a dispute or a charge as it stands now."""
        if object_id in self._payouts:
            return self._payouts[object_id]
        if object_id in self._disputes:
            return self._dispute(self._disputes[object_id])
        gift = self._charges.get(object_id)
        return None if gift is None else self._charge(gift)

    def movements_since(self, since: datetime) -> Iterator[Moved]:
        """List movements with their sources, oldest first."""
        for told, number in self._moves:
            if since <= told.created <= self.now:
                yield Moved(movement=told, source=self._source(told, number))

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        """List payouts with their items, oldest first."""
        for told in self._payouts.values():
            if since <= told.created <= self.now:
                yield told

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        """List no monthly gifts: the year has none."""
        return iter(())

    # What the oracle asks

    def amount_of(self, payout: Payout) -> Money | None:
        """Return what a planned payout came to; None where there was nothing to send."""
        told = self._payouts.get(f"po_{self._id(payout.number)}")
        return None if told is None else told.amount

    def payout_id(self, payout: Payout) -> str:
        """Name a payout as the processor does."""
        return f"po_{self._id(payout.number)}"

    def held(self) -> dict[str, Money]:
        """Return what the processor holds at the end of the year."""
        sums = dict.fromkeys(CURRENCIES, 0)
        for told, _ in self._moves:
            sums[told.net.currency] += told.net.minor
        return {code: Money(minor, code) for code, minor in sums.items()}

    def paid_out(self) -> tuple[PayoutFacts, ...]:
        """Return every payout with its items, as the reports list them."""
        return tuple(self._payouts.values())

    # What happened

    def _id(self, number: int) -> str:
        return f"Y{self.year.seed}x{number:06d}"

    def _write(self) -> None:
        """Write down every movement in time, and let payouts sweep what stands there."""
        for gift in self.year.gifts:
            self._of_gift(gift)
        for place, (at, amount) in enumerate(self.year.fees):
            self._move(f"fee{place}", "fee", amount, None, at, None)
        self._moves.sort(key=lambda one: (one[0].created, one[0].id))
        standing: dict[str, list[BalanceTransaction]] = {code: [] for code in CURRENCIES}
        waiting = [told for told, _ in self._moves]
        done = 0
        for payout in sorted(self.year.payouts, key=lambda one: one.at):
            while done < len(waiting) and waiting[done].created < payout.at:
                standing[waiting[done].net.currency].append(waiting[done])
                done += 1
            self._pay_out(payout, standing)
        self._moves.sort(key=lambda one: (one[0].created, one[0].id))
        self._by_id = {told.id: told for told, _ in self._moves}

    def _of_gift(self, gift: Gift) -> None:
        name = self._id(gift.number)
        self._move(name, "charge", gift.amount, gift.fee, gift.at + timedelta(minutes=3), gift)
        match gift.fate:
            case Fate.REFUNDED:
                self._move(f"{name}r", "refund", -gift.back, None, gift.fate_at, gift)
            case Fate.RETURNED:
                fee = Money(350, gift.amount.currency)
                self._move(f"{name}b", "charge_failure", -gift.amount, fee, gift.fate_at, gift)
            case Fate.WON | Fate.LOST:
                fee = Money(_DISPUTE_FEE, gift.amount.currency)
                self._move(f"{name}d", "dispute", -gift.amount, fee, gift.fate_at, gift)
        if gift.fate is Fate.WON:
            back = Money(-_DISPUTE_FEE, gift.amount.currency)
            self._move(f"{name}w", "dispute_reversal", gift.amount, back, gift.closed_at, gift)

    def _move(  # noqa: PLR0917 - the columns of one row
        self,
        name: str,
        category: str,
        amount: Money,
        fee: Money | None,
        at: datetime,
        gift: Gift | None,
    ) -> BalanceTransaction:
        taken = fee or Money(0, amount.currency)
        sources = {"refund": "re", "dispute": "du", "dispute_reversal": "du"}
        source = None
        if gift is not None:
            source = f"{sources.get(category, 'ch')}_{self._id(gift.number)}"
        told = BalanceTransaction(
            id=f"txn_{self.year.seed}{name}",
            reporting_category=category,
            type="payment_failure_refund" if category == "charge_failure" else category,
            amount=amount,
            fee=taken,
            net=amount - taken,
            created=at,
            available_on=at + timedelta(days=2),
            source_id=source,
            exchange_rate=None,
        )
        self._moves.append((told, None if gift is None else gift.number))
        return told

    def _pay_out(self, payout: Payout, standing: dict[str, list[BalanceTransaction]]) -> None:
        items = standing[payout.currency]
        total = sum(item.net.minor for item in items)
        if total <= 0:
            return
        payout_id = self.payout_id(payout)
        amount = Money(total, payout.currency)
        name = f"p{payout.number:05d}"
        own = self._move(name, "payout", -amount, None, payout.at, None)
        own = BalanceTransaction(
            **{slot: getattr(own, slot) for slot in _SLOTS if slot != "source_id"},
            source_id=payout_id,
        )
        self._moves[-1] = (own, None)
        self._payouts[payout_id] = PayoutFacts(
            payout_id=payout_id,
            status="paid",
            amount=amount,
            created=payout.at,
            arrival=payout.at + timedelta(days=2),
            itemised=True,
            descriptor="STRIPE",
            trace_id=None,
            movement=own,
            items=tuple(items),
        )
        standing[payout.currency] = []

    # What it says of each

    def _source(self, told: BalanceTransaction, number: int | None) -> Facts | None:
        if told.source_id is not None and told.source_id in self._payouts:
            return self._payouts[told.source_id]
        if number is None:
            return None
        gift = self.year.gifts[number]
        if told.reporting_category == "refund":
            return self._refund(gift, told)
        if told.reporting_category in {"dispute", "dispute_reversal"}:
            return self._dispute(gift)
        return self._charge(gift)

    def _charge(self, gift: Gift) -> ChargeFacts:
        pledge = self.pledges.get(gift.number)
        name = self._id(gift.number)
        returned = gift.fate is Fate.RETURNED and gift.fate_at <= self.now
        return ChargeFacts(
            charge_id=f"ch_{name}",
            payment_intent_id=f"pi_{name}",
            donation_id=None if pledge is None else str(pledge),
            status="failed" if returned else "succeeded",
            presented=gift.amount,
            movement=self._found(name),
            method=gift.method,
            email=gift.email if self.mails else None,
            name=gift.name,
            returned=self._found(f"{name}b") if returned else None,
        )

    def _refund(self, gift: Gift, told: BalanceTransaction) -> RefundFacts:
        name = self._id(gift.number)
        return RefundFacts(
            refund_id=f"re_{name}",
            charge_id=f"ch_{name}",
            payment_intent_id=f"pi_{name}",
            status="succeeded",
            presented=gift.back,
            movements=(told,),
        )

    def _dispute(self, gift: Gift) -> DisputeFacts:
        name = self._id(gift.number)
        ended = gift.closed_at <= self.now
        moved = [self._found(f"{name}d")]
        if ended and gift.fate is Fate.WON:
            moved.append(self._found(f"{name}w"))
        return DisputeFacts(
            dispute_id=f"du_{name}",
            charge_id=f"ch_{name}",
            payment_intent_id=f"pi_{name}",
            status=gift.fate.value if ended else "needs_response",
            presented=gift.amount,
            movements=tuple(one for one in moved if one is not None),
            evidence_due=gift.fate_at + timedelta(days=7),
        )

    def _found(self, name: str) -> BalanceTransaction | None:
        return self._by_id.get(f"txn_{self.year.seed}{name}")


_SLOTS = (
    *("id", "reporting_category", "type", "amount", "fee", "net", "created", "available_on"),
    *("source_id", "exchange_rate"),
)
