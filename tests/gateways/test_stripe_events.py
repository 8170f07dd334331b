import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offset.errors import Forbidden, InvalidInput, TryLater
from offset.gateways.stripe_events import StripeEvents, verify
from offset.giving.ports import (
    BalanceTransaction,
    ChargeFacts,
    CheckoutState,
    DisputeFacts,
    EventReader,
    Notice,
    PayoutFacts,
    RefundFacts,
)
from offset.money import Money
from offset.sandbox.stripe.courier import sign
from offset.sandbox.stripe.server import WEBHOOK_SECRET
from tests.builders.stripe import ASKS_BANK, DECLINED, Account, a_live_account, an_account
from tests.fakes import FrozenClock

RAW = b'{"id": "evt_1"}'


@pytest.fixture
def account(tmp_path: Path, clock: FrozenClock) -> Iterator[Account]:
    with an_account(tmp_path, clock) as found:
        yield found


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def noticed(account: Account, at: datetime) -> dict[str, Notice]:
    """Read every waiting notice; the last of a kind stays."""
    reader: EventReader = account.events
    parcels = account.control.collect(at)
    notices = [reader.read(p.raw, p.signature, at=at) for p in parcels]
    return {notice.kind: notice for notice in notices}


def facts(account: Account, at: datetime, kind: str) -> object:
    return noticed(account, at)[kind].facts


# --- signatures -------------------------------------------------------------------------------


def test_a_true_signature_passes(at: datetime) -> None:
    verify(RAW, sign(RAW, "whsec_1", at), ["whsec_1"], at=at)


def test_every_secret_of_a_rotation_is_good(at: datetime) -> None:
    for secret in ("whsec_old", "whsec_new"):
        verify(RAW, sign(RAW, secret, at), ["whsec_old", "whsec_new"], at=at)


def test_one_good_signature_among_several_is_enough(at: datetime) -> None:
    moment, good = sign(RAW, "whsec_1", at).split(",")
    verify(RAW, f"{moment},v1={'0' * 64},v0=x,{good}", ["whsec_1"], at=at)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.replace("v1=", "v0="),
        lambda header: header.replace("t=", "t=1"),
        lambda header: header.split(",")[1],
        lambda header: header.split(",")[0],
        lambda header: f"{header},t=1",
        lambda header: header[:-1] + ("0" if header[-1] != "0" else "1"),
        lambda header: header.replace("t=", "t=٤"),
        lambda header: header.replace("v1=", "v1=é"),
        lambda header: f"t={'9' * 40},{header.split(',')[1]}",
        lambda _: "",
        lambda _: "t=,v1=",
    ],
)
def test_a_wrong_signature_is_refused(at: datetime, change: object) -> None:
    header = change(sign(RAW, "whsec_1", at))  # type: ignore[operator] # one of the above
    with pytest.raises(Forbidden, match="signature_wrong"):
        verify(RAW, header, ["whsec_1"], at=at)


@pytest.mark.parametrize("raw", [RAW + b" ", RAW[:-1], b"", b"\xff"])
def test_one_changed_byte_is_refused(at: datetime, raw: bytes) -> None:
    with pytest.raises(Forbidden, match="signature_wrong"):
        verify(raw, sign(RAW, "whsec_1", at), ["whsec_1"], at=at)


def test_another_secret_is_refused(at: datetime) -> None:
    with pytest.raises(Forbidden, match="signature_wrong"):
        verify(RAW, sign(RAW, "whsec_2", at), ["whsec_1"], at=at)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_nothing_is_believed(
    account: Account, at: datetime, secrets: list[str]
) -> None:
    reader = StripeEvents(account.client, secrets)
    with pytest.raises(Forbidden, match="secret_missing"):
        reader.read(RAW, sign(RAW, "", at), at=at)


@pytest.mark.parametrize(("late", "good"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_a_signature_is_good_for_five_minutes(at: datetime, late: int, *, good: bool) -> None:
    header, then = sign(RAW, "whsec_1", at), at + timedelta(seconds=late)
    if good:
        verify(RAW, header, ["whsec_1"], at=then)
    else:
        with pytest.raises(Forbidden, match="signature_stale"):
            verify(RAW, header, ["whsec_1"], at=then)


EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "charge.succeeded",
    "created": 1,
    "livemode": False,
    "data": {"object": {"id": "ch_1"}},
}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        *(
            json.dumps({**EVENT, **change}).encode()
            for change in (
                {"object": "charge"},
                {"id": 1},
                {"type": None},
                {"created": "now"},
                {"livemode": "no"},
                {"data": {}},
                {"data": {"object": "ch_1"}},
                {"data": {"object": {}}},
            )
        ),
    ],
)
def test_signed_but_no_event_is_unreadable(account: Account, at: datetime, raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="event_unreadable"):
        account.events.read(raw, sign(raw, WEBHOOK_SECRET, at), at=at)


# --- facts ------------------------------------------------------------------------------------


def test_a_card_gift_is_told_from_every_side(account: Account, at: datetime) -> None:
    session = account.paid("25.00 EUR", donation_id="D-1")
    notices = noticed(account, at)
    first = notices["checkout.session.completed"]
    assert isinstance(first.facts, CheckoutState)
    assert (first.facts.session_id, first.facts.donation_id) == (session, "D-1")
    assert (first.livemode, first.api_version, first.created) == (False, "2026-10-28.endive", at)
    assert first.payload["id"] == first.event_id
    charge = notices["charge.succeeded"].facts
    assert isinstance(charge, ChargeFacts)
    assert notices["payment_intent.succeeded"].facts == charge
    assert (charge.donation_id, charge.status, charge.method) == ("D-1", "succeeded", "card")
    assert charge.presented == eur(2500)
    assert charge.movement == BalanceTransaction(
        id=charge.movement.id if charge.movement else "",
        reporting_category="charge",
        type="charge",
        amount=eur(2500),
        fee=eur(63),
        net=eur(2437),
        created=at,
        available_on=at + timedelta(days=2),
        source_id=charge.charge_id,
        exchange_rate=None,
    )
    assert notices["payment_intent.created"].facts is None


def test_a_notice_tells_the_present_state_not_that_of_its_payload(
    account: Account, at: datetime
) -> None:
    session = account.opened().session_id
    account.control.pay_sepa(session)
    parcels = {json.loads(p.raw)["type"]: p for p in account.control.collect(at)}
    stale = parcels["checkout.session.completed"]
    account.control.clear_sepa(session)
    found = account.events.read(stale.raw, stale.signature, at=at).facts
    assert isinstance(found, CheckoutState)
    assert found.payment_status == "paid"


def test_a_declined_card_is_a_failed_charge(account: Account, at: datetime) -> None:
    account.control.pay(account.opened().session_id, card=DECLINED, email="ada@example.org")
    found = facts(account, at, "charge.failed")
    assert isinstance(found, ChargeFacts)
    assert (found.status, found.failure_code, found.movement) == ("failed", "generic_decline", None)
    assert found.email == "ada@example.org"


def test_a_payment_without_a_charge_has_no_facts(account: Account, at: datetime) -> None:
    account.control.pay(account.opened().session_id, card=ASKS_BANK, recognised=False)
    assert facts(account, at, "payment_intent.payment_failed") is None


def test_a_sepa_debit_is_received_only_when_it_arrives(account: Account, at: datetime) -> None:
    session = account.opened("30.00 EUR").session_id
    account.control.pay_sepa(session, name="Ada")
    notices = noticed(account, at)
    state, pending = notices["checkout.session.completed"].facts, notices["charge.pending"].facts
    assert isinstance(state, CheckoutState)
    assert isinstance(pending, ChargeFacts)
    assert (state.status, state.payment_status) == ("complete", "unpaid")
    assert (pending.status, pending.movement, pending.method) == ("pending", None, "sepa_debit")
    account.control.clear_sepa(session)
    notices = noticed(account, at)
    arrived = notices["charge.succeeded"].facts
    assert isinstance(arrived, ChargeFacts)
    assert arrived.movement is not None
    assert (arrived.movement.type, arrived.movement.net) == ("payment", eur(2965))
    assert notices["checkout.session.async_payment_succeeded"].facts is not None


def test_a_sepa_debit_that_fails_says_so(account: Account, at: datetime) -> None:
    session = account.opened().session_id
    account.control.pay_sepa(session)
    account.control.clear_sepa(session, fails=True)
    notices = noticed(account, at)
    assert isinstance(notices["checkout.session.async_payment_failed"].facts, CheckoutState)
    failed = notices["payment_intent.payment_failed"].facts
    assert isinstance(failed, ChargeFacts)
    assert (failed.status, failed.failure_code) == ("failed", "insufficient_funds")


def test_an_expired_page_says_so(account: Account, at: datetime) -> None:
    account.control.expire(account.opened().session_id)
    found = facts(account, at, "checkout.session.expired")
    assert isinstance(found, CheckoutState)
    assert found.status == "expired"


def test_a_late_movement_is_told_when_it_is_there(account: Account, at: datetime) -> None:
    account.control.faults(late_movement=1)
    session = account.paid()
    found = facts(account, at, "charge.succeeded")
    assert isinstance(found, ChargeFacts)
    assert (found.status, found.movement) == ("succeeded", None)
    account.control.settle_late()
    found = facts(account, at, "charge.updated")
    assert isinstance(found, ChargeFacts)
    assert found.movement is not None
    intent = account.checkout.state(session).payment_intent_id or ""
    assert account.events.charge_of(intent) == found


def test_no_charge_of_an_unknown_payment(account: Account) -> None:
    assert account.events.charge_of("pi_none") is None


def test_a_refund_carries_its_movement_and_its_failure(account: Account, at: datetime) -> None:
    session = account.paid("25.00 EUR")
    account.control.refund(session=session, amount=300)
    refund = account.control.refund(session=session, amount=500)
    notices = noticed(account, at)
    found = notices["refund.created"].facts
    assert isinstance(found, RefundFacts)
    assert (found.refund_id, found.status, found.presented) == (refund["id"], "succeeded", eur(500))
    assert [(m.reporting_category, m.net) for m in found.movements] == [("refund", eur(-500))]
    assert notices["charge.refunded"].facts == found
    assert found.charge_id == account.charge(session).id
    account.control.fail_refund(refund["id"])
    failed = facts(account, at, "refund.failed")
    assert isinstance(failed, RefundFacts)
    assert failed.status == "failed"
    assert [(m.reporting_category, m.net) for m in failed.movements] == [
        ("refund", eur(-500)),
        ("refund_failure", eur(500)),
    ]


def test_a_dispute_carries_its_movements_and_its_deadline(account: Account, at: datetime) -> None:
    session = account.paid("40.00 EUR")
    dispute = account.control.dispute(session=session)
    found = facts(account, at, "charge.dispute.funds_withdrawn")
    assert isinstance(found, DisputeFacts)
    assert (found.dispute_id, found.status) == (dispute["id"], "needs_response")
    assert found.evidence_due == at + timedelta(days=7)
    assert [(m.reporting_category, m.amount, m.fee) for m in found.movements] == [
        ("dispute", eur(-4000), eur(2000))
    ]
    account.control.decide_dispute(dispute["id"], "won")
    won = facts(account, at, "charge.dispute.closed")
    assert isinstance(won, DisputeFacts)
    assert (won.status, won.movements[-1].reporting_category) == ("won", "dispute_reversal")


def test_a_payout_is_itemised_without_its_own_movement(account: Account, at: datetime) -> None:
    account.paid("25.00 EUR")
    account.paid("10.00 EUR")
    payout = account.control.payout()
    found = facts(account, at, "payout.reconciliation_completed")
    assert isinstance(found, PayoutFacts)
    assert (found.payout_id, found.status, found.amount) == (payout["id"], "paid", eur(3397))
    assert found.itemised
    assert sum(item.net.minor for item in found.items) == 3397
    assert {item.payout_id for item in found.items} == {payout["id"]}
    assert found.movement is not None
    assert found.movement.id not in {item.id for item in found.items}
    assert (found.movement.type, found.movement.net) == ("payout", eur(-3397))
    assert found.descriptor == "STRIPE"
    assert found.trace_id
    assert found.arrival == datetime(2026, 11, 17, tzinfo=UTC)


def test_a_payout_in_transit_is_not_itemised_yet(account: Account, at: datetime) -> None:
    account.paid("25.00 EUR")
    payout = account.control.payout(arrives=False)
    found = facts(account, at, "payout.created")
    assert isinstance(found, PayoutFacts)
    assert (found.status, found.itemised, found.items) == ("in_transit", False, ())
    assert found.trace_id is None
    account.control.arrive_payout(payout["id"])
    found = facts(account, at, "payout.paid")
    assert isinstance(found, PayoutFacts)
    assert (found.status, found.itemised, len(found.items)) == ("paid", True, 1)


def test_a_failed_payout_says_so(account: Account, at: datetime) -> None:
    account.paid()
    account.control.fail_payout(account.control.payout()["id"])
    found = facts(account, at, "payout.failed")
    assert isinstance(found, PayoutFacts)
    assert found.status == "failed"


def test_a_foreign_currency_keeps_both_amounts_and_the_rate(account: Account, at: datetime) -> None:
    account.control.faults(conversions={"usd": ["eur", "0.92"]})
    account.paid("25.00 USD")
    found = facts(account, at, "charge.succeeded")
    assert isinstance(found, ChargeFacts)
    assert found.movement is not None
    assert (found.presented, found.movement.amount) == (Money(2500, "USD"), eur(2300))
    assert found.movement.exchange_rate == "0.92"


def test_a_live_notice_is_passed_on_as_live(account: Account, at: datetime) -> None:
    account.control.faults(livemode=1)
    account.opened()
    account.control.advance_clock(86_400)
    (notice,) = noticed(account, at).values()
    assert notice.livemode


def test_an_object_that_is_not_there_leaves_no_facts(account: Account, at: datetime) -> None:
    raw = json.dumps(EVENT).encode()
    notice = account.events.read(raw, sign(raw, WEBHOOK_SECRET, at), at=at)
    assert (notice.event_id, notice.facts) == ("evt_1", None)


def test_a_kind_we_do_not_use_is_never_asked_about(account: Account, at: datetime) -> None:
    account.control.faults(api_500=-1)
    raw = json.dumps({**EVENT, "type": "customer.created", "data": {"object": {}}}).encode()
    assert account.events.read(raw, sign(raw, WEBHOOK_SECRET, at), at=at).facts is None


@pytest.mark.slow
def test_a_processor_out_of_reach_is_try_later(account: Account, at: datetime) -> None:
    account.paid()
    parcel = account.control.collect(at)[-1]
    account.control.faults(api_500=-1)
    with pytest.raises(TryLater, match="processor_unreachable"):
        account.events.read(parcel.raw, parcel.signature, at=at)


# --- one read a notice --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reads"),
    [
        ("checkout.session.completed", 1),
        ("charge.succeeded", 1),
        ("payment_intent.succeeded", 1),
        ("refund.created", 1),
        ("charge.refunded", 1),
        ("charge.dispute.created", 1),
        ("payout.reconciliation_completed", 2),
        ("payment_intent.created", 0),
    ],
)
def test_a_notice_costs_one_read(account: Account, at: datetime, kind: str, reads: int) -> None:
    account.control.refund(session=account.paid("50.00 EUR"))
    account.paid("90.00 EUR")
    account.control.dispute(session=account.paid("10.00 EUR"))
    account.control.payout()
    (parcel, *_) = [p for p in account.control.collect(at) if json.loads(p.raw)["type"] == kind]
    before = asked(account)
    account.events.read(parcel.raw, parcel.signature, at=at)
    assert asked(account) - before == reads


def asked(account: Account) -> int:
    """How many requests the stand-in has numbered so far, this one not counted."""
    with account.app.extensions["stand_in"].store.transaction() as shelf:
        rows = shelf._rows("SELECT number FROM counter WHERE name = 'request'")  # noqa: SLF001 - a look behind the stage
    return int(rows[0][0]) if rows else 0


# --- the catch-up -------------------------------------------------------------------------------


def test_nothing_happened_nothing_to_catch_up(account: Account, at: datetime) -> None:
    events = account.events
    assert list(events.announced_since(at)) == []
    assert list(events.movements_since(at)) == []
    assert list(events.payouts_since(at)) == []


def test_movements_come_oldest_first_over_many_pages(
    account: Account, clock: FrozenClock, at: datetime
) -> None:
    """Two hundred and thirty movements: some in one second, some days apart."""
    charge = account.charge(account.paid("1000.00 EUR")).id
    for step in range(229):
        if step % 3 == 0:
            clock.advance(hours=step % 11)
        account.control.refund(charge=charge, amount=1)
    everything = [one.movement for one in account.events.movements_since(at)]
    assert len(everything) == 230
    assert [m.created for m in everything] == sorted(m.created for m in everything)
    assert len({m.id for m in everything}) == 230
    middle = everything[115].created
    later = [one.movement for one in account.events.movements_since(middle)]
    assert later == [m for m in everything if m.created >= middle]


def test_more_than_a_page_within_one_second_is_not_lost(account: Account, at: datetime) -> None:
    charge = account.charge(account.paid("1000.00 EUR")).id
    for _ in range(120):
        account.control.refund(charge=charge, amount=1)
    assert len(list(account.events.movements_since(at))) == 121


def test_notices_are_read_again_with_the_present_facts(
    account: Account, clock: FrozenClock, at: datetime
) -> None:
    session = account.paid("25.00 EUR")
    clock.advance(days=1)
    account.control.refund(session=session)
    told = [account.events.again(n.payload) for n in account.events.announced_since(at)]
    assert [n.kind for n in told] == [e["type"] for e in account.control.events()]
    assert {n.event_id: n for n in told} == {
        n.event_id: n for n in noticed_all(account, clock.now())
    }
    assert [n.kind for n in account.events.announced_since(clock.now())] == [
        "refund.created",
        "charge.refunded",
    ]


def noticed_all(account: Account, at: datetime) -> list[Notice]:
    """Read the same events as the webhook would have brought them."""
    parcels = account.control.collect(at, [e["id"] for e in account.control.events()])
    return [account.events.read(p.raw, p.signature, at=at) for p in parcels]


def test_payouts_are_caught_up_with_their_items(
    account: Account, clock: FrozenClock, at: datetime
) -> None:
    account.paid("25.00 EUR")
    first = account.control.payout()
    clock.advance(days=1)
    account.paid("10.00 GBP")
    second = account.control.payout("gbp")
    found = list(account.events.payouts_since(at))
    assert [p.payout_id for p in found] == [first["id"], second["id"]]
    assert [[i.net for i in p.items] for p in found] == [[eur(2437)], [Money(960, "GBP")]]
    assert [p.movement.net if p.movement else None for p in found] == [
        eur(-2437),
        Money(-960, "GBP"),
    ]


def test_a_whole_gift_over_http(tmp_path: Path, clock: FrozenClock, at: datetime) -> None:
    with a_live_account(tmp_path, clock) as live:
        session = live.opened("25.00 EUR", donation_id="D-1").session_id
        live.control.pay(session, card=DECLINED)
        live.control.pay(session, card=ASKS_BANK)
        live.control.refund(session=session, amount=500)
        live.control.dispute(session=live.paid("40.00 EUR"))
        live.paid("90.00 EUR")
        live.control.payout()
        notices = noticed(live, at)
        charge = notices["charge.succeeded"].facts
        payout = notices["payout.reconciliation_completed"].facts
    assert isinstance(charge, ChargeFacts)
    assert isinstance(payout, PayoutFacts)
    assert sum(item.net.minor for item in payout.items) == payout.amount.minor
    assert payout.amount == eur(2500 - 63 - 500 + 4000 - 85 - 6000 + 9000 - 160)
