import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import stripe

from offset.clock import SystemClock
from offset.errors import Forbidden
from offset.gateways.stripe_events import verify
from offset.sandbox.stripe.control import Control, ControlRefused
from offset.sandbox.stripe.courier import sign
from offset.sandbox.stripe.server import WEBHOOK_SECRET
from tests.builders.stripe import Account, Inbox, a_live_account, an_account, an_inbox
from tests.fakes import FrozenClock

PAYMENT = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with an_inbox() as found:
        yield found


@pytest.fixture
def told(tmp_path: Path, clock: FrozenClock, inbox: Inbox) -> Iterator[Account]:
    """A stand-in with a webhook, whose courier works only when asked."""
    with an_account(tmp_path, clock, webhook_url=inbox.url) as found:
        yield found


def states(account: Account) -> list[str]:
    return [d["state"] for event in account.control.events() for d in event["deliveries"]]


def until(good: Callable[[], bool]) -> None:
    """Wait for the background, at most ten seconds."""
    for _ in range(500):
        if good():
            return
        time.sleep(0.02)
    pytest.fail("it never happened")


def test_a_signature_is_the_one_the_package_checks() -> None:
    raw = b'{"id": "evt_1", "object": "event"}'
    header = sign(raw, "whsec_1", SystemClock().now())
    event = stripe.Webhook.construct_event(raw, header, "whsec_1")
    assert event.id == "evt_1"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(raw + b" ", header, "whsec_1")


def test_notices_arrive_in_order_and_signed(
    told: Account, inbox: Inbox, clock: FrozenClock
) -> None:
    told.paid()
    told.control.deliver()
    assert inbox.kinds == PAYMENT
    for raw, signature in inbox.got:
        verify(raw, signature, [WEBHOOK_SECRET], at=clock.now())
    assert states(told) == ["delivered"] * 4
    assert told.control.deliver() == []


def test_the_background_delivers_by_itself(tmp_path: Path, inbox: Inbox) -> None:
    with a_live_account(tmp_path, SystemClock(), webhook_url=inbox.url) as live:
        live.paid()
        until(lambda: inbox.kinds == PAYMENT)


def test_a_webhook_that_fails_is_tried_again_later(
    told: Account, inbox: Inbox, clock: FrozenClock
) -> None:
    inbox.answers[:] = [500, 404]
    told.paid()
    first = told.control.deliver()
    assert [d["answer"] for d in first] == ["500", "404", "200", "200"]
    assert told.control.deliver() == []
    clock.advance(seconds=1)
    assert [d["answer"] for d in told.control.deliver()] == ["200", "200"]
    assert sorted(inbox.kinds) == sorted([*PAYMENT, *PAYMENT[:2]])


def test_a_webhook_that_never_answers_is_given_up(
    told: Account, inbox: Inbox, clock: FrozenClock
) -> None:
    inbox.answers[:] = [500] * 100
    told.opened()
    told.control.advance_clock(86_400)
    for _ in range(8):
        told.control.deliver(whenever=True)
    assert states(told) == ["failed"]
    assert told.control.deliver(whenever=True) == []
    assert len(inbox.got) == 8
    assert clock.now() == FrozenClock(clock.at).now()


def test_nobody_at_the_webhook_is_a_failed_attempt(told: Account) -> None:
    told.control.webhook("http://127.0.0.1:9/nobody")
    told.paid()
    (attempt, *_) = told.control.deliver()
    assert attempt["state"] == "due"
    assert "Refused" in str(attempt["answer"])


def test_held_notices_wait_for_their_release(told: Account, inbox: Inbox) -> None:
    told.control.hold()
    told.paid()
    assert told.control.deliver(whenever=True) == []
    assert len(told.control.release()) == 4
    told.paid()
    told.control.deliver()
    assert inbox.kinds == PAYMENT * 2


def test_a_pause_stops_the_courier_alone(told: Account, inbox: Inbox) -> None:
    told.control.faults(paused=True)
    told.paid()
    assert told.control.deliver() == []
    told.control.faults(paused=False)
    told.control.deliver()
    assert inbox.kinds == PAYMENT


def test_notices_may_be_lost_doubled_late_or_backwards(
    told: Account, inbox: Inbox, clock: FrozenClock
) -> None:
    told.control.faults(drop=1)
    told.paid()
    told.control.deliver()
    assert inbox.kinds == PAYMENT[1:]
    told.control.faults(duplicate=-1, reorder=True)
    inbox.got.clear()
    told.paid()
    told.control.deliver()
    assert inbox.kinds == [kind for kind in PAYMENT[::-1] for _ in range(2)]
    told.control.faults(duplicate=0, reorder=False, delay=60)
    inbox.got.clear()
    told.paid()
    assert told.control.deliver() == []
    clock.advance(seconds=60)
    told.control.deliver()
    assert inbox.kinds == PAYMENT


@pytest.mark.parametrize(
    ("fault", "code"), [("forged", "signature_wrong"), ("stale", "signature_stale")]
)
def test_notices_may_be_forged_or_stale(
    told: Account, inbox: Inbox, clock: FrozenClock, fault: str, code: str
) -> None:
    told.control.faults(**{fault: 1})
    told.paid()
    told.control.deliver()
    (bad, *good) = inbox.got
    with pytest.raises(Forbidden, match=code):
        verify(*bad, [WEBHOOK_SECRET], at=clock.now())
    for raw, signature in good:
        verify(raw, signature, [WEBHOOK_SECRET], at=clock.now())


def test_notices_may_come_from_elsewhere(told: Account, inbox: Inbox) -> None:
    told.control.faults(version=1)
    told.paid()
    told.control.faults(livemode=1)
    told.paid()
    told.control.deliver()
    events = [json.loads(raw) for raw, _ in inbox.got]
    assert [e["api_version"] == stripe.api_version for e in events] == [False] + [True] * 7
    assert [e["livemode"] for e in events] == [False] * 4 + [True] + [False] * 3


def test_chosen_notices_are_sent_again_in_any_order(told: Account, inbox: Inbox) -> None:
    told.control.faults(drop=-1)
    told.paid()
    ids = [event["id"] for event in told.control.events()]
    sent = told.control.redeliver([ids[3], ids[1], ids[3]])
    assert [d["state"] for d in sent] == ["delivered"] * 3
    assert inbox.kinds == [PAYMENT[3], PAYMENT[1], PAYMENT[3]]


def test_history_is_collected_instead_of_sent(
    told: Account, inbox: Inbox, clock: FrozenClock
) -> None:
    told.paid()
    past = clock.now() - timedelta(days=200)
    parcels = told.control.collect(past)
    assert [json.loads(p.raw)["type"] for p in parcels] == PAYMENT
    for parcel in parcels:
        verify(parcel.raw, parcel.signature, [WEBHOOK_SECRET], at=past)
    assert told.control.deliver() == []
    assert inbox.got == []
    (again,) = told.control.collect(past, [parcels[1].event_id])
    assert again == parcels[1]


def test_notices_never_leave_this_machine(told: Account) -> None:
    with pytest.raises(ControlRefused, match="this machine"):
        told.control.webhook("http://example.org/webhooks/stripe")
    with told.app.extensions["stand_in"].store.transaction() as shelf:
        shelf.set("webhook_url", "http://192.0.2.1/webhooks/stripe")
    told.paid()
    assert all("refused" in str(d["answer"]) for d in told.control.deliver())


def test_a_new_secret_signs_from_then_on(told: Account, inbox: Inbox, clock: FrozenClock) -> None:
    told.control.webhook(inbox.url, "whsec_new")
    told.paid()
    told.control.deliver()
    verify(*inbox.got[0], [WEBHOOK_SECRET, "whsec_new"], at=clock.now())
    with pytest.raises(Forbidden):
        verify(*inbox.got[0], [WEBHOOK_SECRET], at=clock.now())


def test_what_waits_survives_the_process(tmp_path: Path, clock: FrozenClock, inbox: Inbox) -> None:
    with an_account(tmp_path, clock, webhook_url=inbox.url) as first:
        session = first.paid()
    with an_account(tmp_path, clock) as second:
        assert second.checkout.state(session).status == "complete"
        second.control.deliver()
    assert inbox.kinds == PAYMENT


def test_control_works_the_same_over_http(live: Account, inbox: Inbox) -> None:
    control = Control.over_http(live.url)
    control.faults(paused=True)
    control.webhook(inbox.url)
    assert control.pay(live.opened().session_id) == "paid"
    assert control.payout()["amount"] == 2437
    control.faults(paused=False)
    until(lambda: len(inbox.got) == 7)
    with pytest.raises(ControlRefused, match="no act"):
        control._ask("dance")  # noqa: SLF001 - what a wrong client would send
