"""What happens in a month of gifts, and what goes wrong on the way to us? One seed, one month.

The same seed tells the same month twice: once with every event at once and in order, once with
events shuffled, twice, late or never, and with an API that fails. Whoever is people's (refunds,
accepting what was refunded at the processor) acts as soon as our books let them.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from offset.database.session import Database
from offset.errors import TryLater
from offset.gateways.stripe_balance import StripeBalance
from offset.gateways.stripe_refunds import StripeRefunds
from offset.giving import (
    allocations,
    balance_check,
    catch_up,
    disputes,
    donations,
    processor_events,
    receipts,
    recurring,
    refund_rows,
    refunds,
)
from offset.giving.donations import Pledge
from offset.giving.models import (
    Donation,
    DonationStatus,
    Receipt,
    RecurringGift,
    Refund,
    RefundState,
)
from offset.giving.ports import (
    EventReader,
    Facts,
    Moved,
    Notice,
    PayoutFacts,
    RefundRequest,
    SubscriptionFacts,
)
from offset.money import Money
from offset.people.access import Actor, Role
from offset.people.models import OutboxMessage
from offset.sandbox.stripe.portal_pages import FAILS_LATER
from offset.treasury import payouts
from tests.builders.giving import PAYOUTS, a_pledge, books
from tests.builders.projects import Way, admitted, an_actor
from tests.builders.stripe import DECLINED, PAID, Account
from tests.fakes import FrozenClock

T = TypeVar("T")
DAYS = 28
# What can happen to a gift, and how often among a hundred.
KINDS: Mapping[str, int] = {
    "card": 30,
    "declined_then_paid": 6,
    "abandoned": 4,
    "sepa": 8,
    "sepa_fails": 3,
    "sepa_returned": 4,
    "refunded": 6,
    "refunded_in_parts": 4,
    "refunded_there": 4,
    "refund_fails": 3,
    "dispute_open": 3,
    "dispute_won": 4,
    "dispute_lost": 5,
    "dispute_lost_in_part": 3,
    "dollars": 6,
    "dollars_refunded": 3,
    "monthly": 4,
    "monthly_changed": 2,
    "monthly_fails": 3,
    "monthly_ended": 2,
}


@dataclass(frozen=True)
class Trouble:
    """How much goes wrong; in hundredths of the events, calls or days.

    ``api`` is a day on which the processor answers 429 and 500, hangs up, or says nothing at all.
    ``silent``: it does not even list its events.
    """

    drop: int = 0
    twice: int = 0
    late: int = 0
    unreachable: int = 0
    api: int = 0
    shuffle: bool = False
    silent: bool = False


CALM = Trouble()
STORM = Trouble(drop=20, twice=20, late=30, unreachable=4, api=60, shuffle=True)
# No event ever comes, and none is listed: what moved money and what is still open is all there is.
SILENCE = Trouble(drop=100, api=30, silent=True)
# What is sent to the processor by whoever insists succeeds within so many tries.
_PATIENCE = 40


@dataclass
class Gift:
    """One gift of the month: what shall become of it, and what the processor calls it."""

    kind: str
    day: int
    minor: int
    session_id: str = ""
    donation_id: uuid.UUID | None = None
    dispute_id: str = ""


class Shaky:
    """A reader of events and a gateway of refunds that cannot always be reached."""

    def __init__(
        self, account: Account, chance: random.Random, hundredths: int, *, silent: bool = False
    ) -> None:
        self._events: EventReader = account.events
        self._refunds = StripeRefunds(account.client)
        self._chance = chance
        self._hundredths = hundredths
        self._silent = silent

    def _reach(self) -> None:
        if self._chance.randrange(100) < self._hundredths:
            raise TryLater("processor_unreachable")

    def read(self, raw: bytes, signature: str, *, at: datetime) -> Notice:
        self._reach()
        return self._events.read(raw, signature, at=at)

    def charge_of(self, payment_intent_id: str) -> Any:
        self._reach()
        return self._events.charge_of(payment_intent_id)

    def again(self, payload: Mapping[str, object]) -> Notice:
        self._reach()
        return self._events.again(payload)

    def reread(self, object_id: str) -> Facts | None:
        self._reach()
        return self._events.reread(object_id)

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        if not self._silent:
            yield from self._paged(self._events.announced_since(since))

    def movements_since(self, since: datetime) -> Iterator[Moved]:
        yield from self._paged(self._events.movements_since(since))

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        yield from self._paged(self._events.payouts_since(since))

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        yield from self._paged(self._events.subscriptions())

    def _paged(self, found: Iterator[T]) -> Iterator[T]:
        """Every tenth asks again: a list may break off anywhere."""
        for number, one in enumerate(found):
            if number % 10 == 0:
                self._reach()
            yield one

    def refund(self, request: RefundRequest) -> Any:
        """Half of the failures come after the processor has acted: the answer is lost."""
        self._reach()
        made = self._refunds.refund(request)
        self._reach()
        return made

    def find(self, request: RefundRequest) -> Any:
        self._reach()
        return self._refunds.find(request)


@dataclass
class Month:
    """A month of one world: its database, its account, its people and its post."""

    database: Database
    account: Account
    clock: FrozenClock
    seed: int
    size: int
    trouble: Trouble = CALM
    gifts: list[Gift] = field(default_factory=list)
    mail: list[tuple[int, str]] = field(default_factory=list)  # day it is brought, event
    errands: list[tuple[str, Callable[[], bool]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start = self.clock.now()
        self.story = random.Random(f"story {self.seed}")  # noqa: S311 - a story, no secret
        self.luck = random.Random(f"luck {self.seed}")  # noqa: S311 - same
        self.shaky = self._reader(self.trouble.unreachable)
        self.way: Way = self.database.run(lambda session: admitted(session, at=self.start))
        self.clerk: Actor = self.database.run(an_actor, Role.CLERK, at=self.start)
        self.approver: Actor = self.database.run(an_actor, Role.APPROVER, at=self.start)
        self.account.control.faults(conversions={"usd": ["eur", "0.9"]})
        self.gifts = [self._a_gift(number) for number in range(self.size)]

    def _reader(self, hundredths: int) -> Shaky:
        return Shaky(self.account, self.luck, hundredths, silent=self.trouble.silent)

    # --- the story ------------------------------------------------------------------------------

    def _a_gift(self, number: int) -> Gift:
        """In a small month every kind has its turn, from where the seed before left off."""
        kind = self.story.choices(list(KINDS), list(KINDS.values()))[0]
        if self.size < len(KINDS):
            kind = list(KINDS)[(self.seed * self.size + number) % len(KINDS)]
        return Gift(kind, self.story.randrange(1, 15), self.story.randrange(500, 30_000))

    def live(self) -> None:
        """Let every day pass, then let everything come to rest."""
        for day in range(1, DAYS + 1):
            self._dawn(day)
            for gift in self.gifts:
                self._happens(gift, day)
            # The last payout leaves when nothing is left to send back: none in the days before it.
            if day in {7, 14}:
                self._payout(fails=day == 14)
            self._post(day)
            self._jobs(always=False)
        self.rest()

    def rest(self) -> None:
        """What was lost is found by the catch-up, people do what waits, the last payout leaves."""
        self._dawn(DAYS + 1)
        self._jobs(always=True)
        # The weather clears: nobody's API fails for ever.
        self.trouble = replace(self.trouble, api=0)
        self.shaky = self._reader(0)
        self.account.control.faults(api_429=0, api_500=0, api_timeout=0, api_reset=0, api_skip=0)
        for extra in (1, 2):
            self._dawn(DAYS + extra)
            self._jobs(always=True)
            self._accept()
            self._jobs(always=True)
        # Only now, so that both worlds have nothing left to send back.
        self._payout(fails=False)
        self._jobs(always=True)
        self.account.control.collect(self.clock.now())

    def _dawn(self, day: int) -> None:
        self.today = day
        self.clock.set(self.start + timedelta(days=day))
        if self.luck.randrange(100) < self.trouble.api:
            # The client tries a broken connection three times by itself; more than that is felt.
            self.account.control.faults(
                api_429=self.luck.randrange(3),
                api_500=self.luck.randrange(5),
                api_timeout=self.luck.randrange(6),
                api_reset=self.luck.randrange(4),
                api_skip=self.luck.randrange(6),
            )

    def _happens(self, gift: Gift, day: int) -> None:
        age = day - gift.day
        act = getattr(self, f"_{gift.kind}")
        if age >= 0:
            act(gift, age)

    def _open(self, gift: Gift, currency: str = "EUR") -> None:
        directed = self.story_of(gift).random() < 0.4
        pledged = a_pledge(
            self.database,
            at=self.clock.now(),
            amount=f"{gift.minor // 100}.{gift.minor % 100:02} {currency}",
            project_id=self.way.project_id if directed else None,
        )
        self._to_page(gift, pledged)

    def _to_page(self, gift: Gift, pledged: Pledge) -> None:
        """Open the payment page; whoever sees none tries again."""
        gift.donation_id = pledged.donation_id
        gift.session_id = self._insist(
            lambda: (
                donations.to_checkout(
                    self.database,
                    self.account.checkout,
                    pledged,
                    title="Contribution",
                    success_url="http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}",
                    cancel_url="http://127.0.0.1:9/cancelled",
                    at=self.clock.now(),
                ).session_id
            )
        )

    @staticmethod
    def _insist(act: Callable[[], T]) -> T:
        for _ in range(_PATIENCE):
            try:
                return act()
            except TryLater:
                continue
        return act()

    def story_of(self, gift: Gift) -> random.Random:
        return random.Random(f"{self.seed} {self.gifts.index(gift)}")  # noqa: S311 - a story

    def _pay(self, gift: Gift, card: str = PAID) -> None:
        self.account.control.pay(
            gift.session_id, card=card, email=f"donor{self.gifts.index(gift)}@example.org"
        )

    def _card(self, gift: Gift, age: int, currency: str = "EUR") -> None:
        if age == 0:
            self._open(gift, currency)
            self._pay(gift)

    def _declined_then_paid(self, gift: Gift, age: int) -> None:
        if age == 0:
            self._open(gift)
            self._pay(gift, DECLINED)
            self._pay(gift)

    def _abandoned(self, gift: Gift, age: int) -> None:
        if age == 0:
            self._open(gift)
            self._pay(gift, DECLINED)
        if age == 1:
            self.account.control.expire(gift.session_id)

    def _sepa(self, gift: Gift, age: int, *, fails: bool = False) -> None:
        if age == 0:
            self._open(gift)
            self.account.control.pay_sepa(gift.session_id, email="debit@example.org")
        if age == 4:
            self.account.control.clear_sepa(gift.session_id, fails=fails)

    def _sepa_fails(self, gift: Gift, age: int) -> None:
        self._sepa(gift, age, fails=True)

    def _sepa_returned(self, gift: Gift, age: int) -> None:
        self._sepa(gift, age)
        if age == 9:
            self.account.control.return_debit(gift.session_id)

    def _refunded(self, gift: Gift, age: int) -> None:
        self._card(gift, age)
        if age == 3:
            self._ask(gift, gift.minor)

    def _refunded_in_parts(self, gift: Gift, age: int) -> None:
        self._card(gift, age)
        if age in {2, 6}:
            self._ask(gift, gift.minor // 4)

    def _refunded_there(self, gift: Gift, age: int) -> None:
        self._card(gift, age)
        if age == 5:
            self.account.control.refund(session=gift.session_id, amount=gift.minor // 3)

    def _refund_fails(self, gift: Gift, age: int) -> None:
        self._card(gift, age)
        if age == 2:
            made = self.account.control.refund(session=gift.session_id, amount=gift.minor // 2)
            gift.dispute_id = made["id"]
        if age == 6:
            self.account.control.fail_refund(gift.dispute_id)

    def _dispute_open(self, gift: Gift, age: int, *, part: int = 1) -> None:
        self._card(gift, age)
        if age == 4:
            amount = gift.minor // part
            made = self.account.control.dispute(session=gift.session_id, amount=amount)
            gift.dispute_id = made["id"]

    def _dispute_won(self, gift: Gift, age: int) -> None:
        self._dispute_open(gift, age)
        if age == 11:
            self.account.control.decide_dispute(gift.dispute_id, "won")

    def _dispute_lost(self, gift: Gift, age: int, *, part: int = 1) -> None:
        self._dispute_open(gift, age, part=part)
        if age == 11:
            self.account.control.decide_dispute(gift.dispute_id, "lost")

    def _dispute_lost_in_part(self, gift: Gift, age: int) -> None:
        self._dispute_lost(gift, age, part=2)

    def _dollars(self, gift: Gift, age: int) -> None:
        self._card(gift, age, "USD")

    def _dollars_refunded(self, gift: Gift, age: int) -> None:
        self._dollars(gift, age)
        if age == 3:
            self._ask(gift, gift.minor // 2)

    def _monthly(self, gift: Gift, age: int) -> None:
        self._promise(gift, age)
        if age in {5, 10}:
            self.account.control.renew(gift.session_id)

    def _promise(self, gift: Gift, age: int) -> None:
        if age == 0:
            amount = Money(1_000, "EUR")
            at = self.clock.now()
            pledged = self.database.run(recurring.begin, at=at, amount=amount, language="en")
            self._to_page(gift, pledged)
            self._pay(gift)

    def _monthly_changed(self, gift: Gift, age: int) -> None:
        """Another amount from the second month on, then a rest."""
        self._promise(gift, age)
        if age == 3:
            self.account.control.change_amount(gift.session_id, 1_500)
        if age == 5:
            self.account.control.renew(gift.session_id)
        if age == 8:
            self.account.control.pause(gift.session_id)

    def _monthly_fails(self, gift: Gift, age: int) -> None:
        """The card is refused in the second month and nobody mends it."""
        self._promise(gift, age)
        if age == 4:
            self.account.control.use_card(gift.session_id, FAILS_LATER)
        if age == 5:
            self.account.control.renew(gift.session_id)

    def _monthly_ended(self, gift: Gift, age: int) -> None:
        self._promise(gift, age)
        if age == 5:
            self.account.control.renew(gift.session_id)
        if age == 9:
            self.account.control.cancel(gift.session_id, now=True)

    def _payout(self, *, fails: bool) -> None:
        told = self._insist(StripeBalance(self.account.client).balances).get("EUR")
        if told is None or (told.available + told.pending).minor <= 0:
            return
        sent = self.account.control.payout("eur")
        if fails:
            self.account.control.fail_payout(sent["id"])

    # --- people ---------------------------------------------------------------------------------

    def _ask(self, gift: Gift, minor: int) -> None:
        """Ask for a refund as soon as our books know the gift; two people where it needs them."""

        def ask() -> bool:
            assert gift.donation_id is not None
            with self.database.reading() as session:
                row = session.get_one(Donation, gift.donation_id)
                if row.settled_at is None:
                    return False
                amount = Money(minor, row.currency)
            refund_id = self.database.run(
                refund_rows.prepare,
                actor=self.clerk,
                at=self.clock.now(),
                donation_id=gift.donation_id,
                amount=amount,
                reason="The donor asked.",
            )
            with self.database.reading() as session:
                waits = session.get_one(Refund, refund_id).state is RefundState.PREPARED
            if waits:
                self.database.run(
                    refund_rows.approve,
                    actor=self.approver,
                    at=self.clock.now(),
                    refund_id=refund_id,
                )
            return True

        self.errands.append((gift.kind, ask))

    def _accept(self) -> None:
        with self.database.reading() as session:
            waits = session.scalars(
                select(Refund.id).where(Refund.external, Refund.decided_by.is_(None))
            ).all()
        for one in waits:
            self.database.run(
                refund_rows.accept,
                actor=self.approver,
                at=self.clock.now(),
                refund_id=one,
                reason="Seen in the dashboard.",
            )

    # --- the post -------------------------------------------------------------------------------

    def _post(self, day: int) -> None:
        """Bring today's events, and those of earlier days that were held up."""
        fresh = [one.event_id for one in self.account.control.collect(self.clock.now())]
        for event in fresh:
            self._fate(day, event)
        due = [event for when, event in self.mail if when <= day]
        self.mail = [one for one in self.mail if one[0] > day]
        if self.trouble.shuffle:
            self.luck.shuffle(due)
        for start in range(0, len(due), 20):
            for parcel in self.account.control.collect(self.clock.now(), due[start : start + 20]):
                self._deliver(parcel.event_id, parcel.raw, parcel.signature, day)

    def _fate(self, day: int, event: str) -> None:
        dice = self.luck.randrange(100)
        if dice < self.trouble.drop:
            return
        late = self.luck.randrange(1, 4) if self.luck.randrange(100) < self.trouble.late else 0
        self.mail.append((day + late, event))
        if self.luck.randrange(100) < self.trouble.twice:
            self.mail.append((day + self.luck.randrange(3), event))

    def _deliver(self, event: str, raw: bytes, signature: str, day: int) -> None:
        try:
            processor_events.receive(
                self.database,
                self.shaky,
                raw,
                signature,
                at=self.clock.now(),
                on_payout=payouts.on_payout,
            )
        except TryLater:
            # The processor sends again what was not answered.
            self.mail.append((day + 1, event))

    def _jobs(self, *, always: bool) -> None:
        """Run what runs by itself; a job that fails runs again the next time."""
        if always or (self.trouble.drop and self.luck.random() < 0.1):
            self._try(self._catch_up)
        self.errands = [(kind, errand) for kind, errand in self.errands if not errand()]
        at = self.clock.now()
        self._try(lambda: refund_rows.send_approved(self.database, self.shaky, at=at))
        self._try(
            lambda: processor_events.retry_unmatched(
                self.database, self.shaky, at=at, on_payout=payouts.on_payout
            )
        )
        refunds.source_pending(self.database, at=at)
        allocations.allocate_pending(self.database, at=at)
        receipts.issue_pending(self.database, at=at)
        self.database.run(refund_rows.tell_donors, at=at)
        self.database.run(disputes.remind, at=at)

    def _catch_up(self) -> None:
        catch_up.catch_up(self.database, self.shaky, at=self.clock.now(), payouts=PAYOUTS)

    @staticmethod
    def _try(act: Callable[[], object]) -> None:
        try:
            act()
        except TryLater:
            return

    # --- what came of it ------------------------------------------------------------------------

    def books(self) -> dict[str, int]:
        return books(self.database)

    def outcomes(self) -> list[tuple[str, str, int | None, int, int, bool]]:
        """For each gift: kind, state, what settled, went back and was sourced; has it a receipt?"""
        with self.database.reading() as session:
            standing = set(
                session.scalars(select(Receipt.donation_id).where(Receipt.cancelled_at.is_(None)))
            )
            rows = {one.id: one for one in session.scalars(select(Donation))}
            return [
                (
                    gift.kind,
                    row.status.value,
                    row.gross,
                    row.refunded,
                    row.sourced,
                    row.id in standing,
                )
                for gift in self.gifts
                for row in [rows[gift.donation_id]]  # type: ignore[index] # every gift was pledged
            ]

    def promises(self) -> list[tuple[str, str, int, str]]:
        """For each monthly gift: kind, state, amount, and what its donor was told of it."""
        with self.database.reading() as session:
            found = []
            for gift in self.gifts:
                row = session.get_one(Donation, gift.donation_id)
                if row.recurring_gift_id is not None:
                    kept = session.get_one(RecurringGift, row.recurring_gift_id)
                    told = sorted(
                        one.template
                        for one in session.scalars(select(OutboxMessage))
                        if one.template.startswith("monthly_")
                        and one.parameters["reference"] == kept.reference
                    )
                    found.append((gift.kind, kept.status.value, kept.amount, " ".join(told)))
            return found

    def receipts_owed(self) -> list[str]:
        """Name the gifts whose receipt is not what it should be; none at rest."""
        with self.database.reading() as session:
            standing = set(
                session.scalars(select(Receipt.donation_id).where(Receipt.cancelled_at.is_(None)))
            )
            wrong = []
            for row in session.scalars(select(Donation)):
                whole = row.status in {DonationStatus.REFUNDED, DonationStatus.LOST}
                due = row.gross is not None and row.refunded < row.gross and not whole
                if due is not (row.id in standing):
                    wrong.append(f"{row.status.value} {row.gross} {row.refunded}")
            return wrong

    def compared(self) -> tuple[balance_check.Compared, ...]:
        return balance_check.read(
            self.database,
            StripeBalance(self.account.client),
            self.account.events,
            at=self.clock.now(),
        )
