from datetime import timedelta
from typing import Any

import pytest
import stripe

from offset.sandbox.stripe.control import ControlRefused
from offset.sandbox.stripe.disputes import STEPS
from tests.builders.stripe import Account
from tests.fakes import FrozenClock
from tests.sandbox.test_billing import kinds, movements

RETURNED_IBAN = "DE08370400440532013003"
DISPUTED_IBAN = "DE35370400440532013002"


def a_debit(account: Account, **more: Any) -> str:
    session = account.opened("30.00 EUR").session_id
    account.control.pay_sepa(session, **more)
    return session


# --- refunds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["insufficient_funds", "processing"])
def test_a_refund_may_wait_until_it_is_paid(account: Account, reason: str) -> None:
    session = account.paid("25.00 EUR")
    account.control.faults(refund_pending=1, pending_reason=reason)
    refund = account.control.refund(session=session, amount=500)
    assert (refund["status"], refund["pending_reason"]) == ("pending", reason)
    assert refund["balance_transaction"] is None
    assert account.charge(session).amount_refunded == 500
    settled = account.control.settle_refund(refund["id"])
    assert (settled["status"], settled["pending_reason"]) == ("succeeded", None)
    assert kinds(account)[-1] == "refund.updated"
    assert movements(account)[-1] == ("refund", "refund", -500, 0)
    with pytest.raises(ControlRefused, match="succeeded"):
        account.control.settle_refund(refund["id"])


def test_a_waiting_refund_is_paid_as_days_pass(account: Account) -> None:
    session = account.paid("25.00 EUR")
    account.control.faults(refund_pending=1, pending_reason="processing")
    refund = account.control.refund(session=session)
    account.control.advance_clock(days=4)
    assert account.client.v1.refunds.retrieve(refund["id"]).status == "pending"
    account.control.advance_clock(days=1)
    assert account.client.v1.refunds.retrieve(refund["id"]).status == "succeeded"


@pytest.mark.parametrize("end", ["fail_refund", "cancel_refund"])
def test_a_waiting_refund_may_end_unpaid(account: Account, end: str) -> None:
    session = account.paid("25.00 EUR")
    account.control.faults(refund_pending=1)
    refund = account.control.refund(session=session)
    ended = getattr(account.control, end)(refund["id"])
    assert ended["status"] == ("failed" if end == "fail_refund" else "canceled")
    assert ended["failure_balance_transaction"] is None
    assert [m[0] for m in movements(account)] == ["charge"]
    assert account.charge(session).amount_refunded == 0
    assert account.control.advance_clock(days=9) == 0


def test_our_code_cancels_a_waiting_refund(account: Account) -> None:
    account.control.faults(refund_pending=1)
    refund = account.control.refund(session=account.paid())
    assert account.client.v1.refunds.cancel(refund["id"]).status == "canceled"


def test_a_card_refund_waits_for_the_balance_and_a_debit_refund_fails(account: Account) -> None:
    card = account.paid("25.00 EUR")
    debit = a_debit(account)
    account.control.clear_sepa(debit)
    account.control.payout()
    account.control.faults(strict_balance=True)
    waiting = account.control.refund(session=card)
    assert (waiting["status"], waiting["pending_reason"]) == ("pending", "insufficient_funds")
    failed = account.control.refund(session=debit)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "insufficient_funds")
    assert kinds(account)[-1] == "refund.failed"
    assert account.charge(debit).amount_refunded == 0
    account.control.advance_clock(days=2)
    assert account.client.v1.refunds.retrieve(waiting["id"]).status == "pending"
    account.paid("100.00 EUR")
    account.control.advance_clock(days=1)
    assert account.client.v1.refunds.retrieve(waiting["id"]).status == "succeeded"


@pytest.mark.parametrize("fails", [True, False])
def test_a_refund_of_a_debit_under_way_follows_the_debit(account: Account, *, fails: bool) -> None:
    session = a_debit(account)
    refund = account.control.refund(session=session)
    assert (refund["status"], refund["pending_reason"]) == ("pending", "charge_pending")
    account.control.clear_sepa(session, fails=fails)
    found = account.client.v1.refunds.retrieve(refund["id"])
    assert found.status == ("canceled" if fails else "succeeded")
    assert len(movements(account)) == (0 if fails else 2)


def test_an_old_account_gets_its_fee_back(account: Account) -> None:
    session = account.paid("25.00 EUR")
    account.control.faults(fee_returned=1)
    account.control.refund(session=session, amount=1250)
    assert movements(account)[-1] == ("refund", "refund", -1250, -31)
    (newest, *_) = account.client.v1.balance_transactions.list().data
    assert newest.net == -1250 + 31
    assert newest.fee_details[0].amount == -31


def test_a_charge_lists_its_refunds_on_request(account: Account) -> None:
    session = account.paid("25.00 EUR")
    account.control.refund(session=session, amount=500)
    charge = account.charge(session)
    assert "refunds" not in charge.to_dict()
    whole = account.client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert whole.refunds is not None
    assert [refund.amount for refund in whole.refunds.data] == [500]


# --- debits -----------------------------------------------------------------------------------


def test_a_donor_can_be_told_of_a_debit_before_it(account: Account, clock: FrozenClock) -> None:
    session = a_debit(account)
    (charge,) = account.client.v1.charges.list().data
    assert charge.payment_method_details is not None
    told = charge.payment_method_details.sepa_debit
    assert told is not None
    assert told["expected_debit_date"] == f"{clock.now() + timedelta(days=6):%Y-%m-%d}"
    mandate = account.client.v1.mandates.retrieve(str(told.mandate))
    assert (mandate.type, mandate.status) == ("single_use", "active")
    assert mandate.payment_method_details.sepa_debit is not None
    assert mandate.payment_method_details.sepa_debit.reference
    assert account.client.v1.checkout.sessions.retrieve(session).payment_status == "unpaid"


def test_a_debit_arrives_as_days_pass(account: Account) -> None:
    session = a_debit(account)
    account.control.advance_clock(days=5)
    assert movements(account) == []
    account.control.advance_clock(days=1)
    assert movements(account) == [("payment", "charge", 3000, 35)]
    assert account.client.v1.checkout.sessions.retrieve(session).payment_status == "paid"


def test_a_debit_may_come_back_days_later(account: Account) -> None:
    session = a_debit(account, iban=RETURNED_IBAN)
    account.control.advance_clock(days=17)
    assert [m[1] for m in movements(account)] == ["charge"]
    account.control.advance_clock(days=1)
    assert movements(account)[-1] == ("payment_failure_refund", "charge_failure", -3000, 0)
    assert account.charge(session).status == "failed"


def test_a_debit_may_be_disputed_at_once(account: Account) -> None:
    session = a_debit(account, iban=DISPUTED_IBAN)
    account.control.clear_sepa(session)
    (dispute,) = account.client.v1.disputes.list().data
    assert (dispute.reason, dispute.status) == ("debit_not_authorized", "needs_response")
    assert dispute.payment_method_details is None


# --- disputes ---------------------------------------------------------------------------------


def test_an_inquiry_moves_no_money(account: Account) -> None:
    session = account.paid("40.00 EUR")
    inquiry = account.control.dispute(session=session, status="warning_needs_response")
    assert inquiry["is_charge_refundable"]
    account.control.decide_dispute(inquiry["id"], "warning_under_review")
    closed = account.control.decide_dispute(inquiry["id"], "warning_closed")
    assert closed["status"] == "warning_closed"
    assert kinds(account)[-3:] == [
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
    ]
    assert [m[1] for m in movements(account)] == ["charge"]
    account.control.refund(session=session)


def test_an_inquiry_may_become_a_dispute(account: Account) -> None:
    session = account.paid("40.00 EUR")
    inquiry = account.control.dispute(session=session, status="warning_needs_response", amount=1500)
    account.control.decide_dispute(inquiry["id"], "needs_response")
    assert kinds(account)[-1] == "charge.dispute.funds_withdrawn"
    assert movements(account)[-1] == ("adjustment", "dispute", -1500, 2000)


def test_a_prevented_dispute_moves_no_money(account: Account) -> None:
    prevented = account.control.dispute(session=account.paid(), status="prevented")
    assert prevented["status"] == "prevented"
    assert kinds(account)[-1] == "charge.dispute.closed"
    assert len(movements(account)) == 1


def test_evidence_sends_a_dispute_to_review(account: Account) -> None:
    dispute = account.control.dispute(session=account.paid())
    update = account.client.v1.disputes.update
    draft = update(dispute["id"], {"evidence": {"uncategorized_text": "a gift"}, "submit": False})
    assert (draft.status, draft.evidence_details.submission_count) == ("needs_response", 0)
    sent = update(dispute["id"], {"metadata": {"who": "treasurer"}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.uncategorized_text == "a gift"
    with pytest.raises(stripe.InvalidRequestError, match="under_review"):
        update(dispute["id"], {})
    assert account.control.decide_dispute(dispute["id"], "won")["status"] == "won"


def test_a_dispute_nobody_answers_is_lost(account: Account) -> None:
    dispute = account.control.dispute(session=account.paid())
    assert dispute["evidence_details"]["due_by"] - dispute["created"] == 7 * 86_400
    account.control.advance_clock(days=7)
    lost = account.client.v1.disputes.retrieve(dispute["id"])
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


def test_an_inquiry_nobody_answers_is_closed(account: Account) -> None:
    inquiry = account.control.dispute(session=account.paid(), status="warning_needs_response")
    account.control.advance_clock(days=7)
    assert account.client.v1.disputes.retrieve(inquiry["id"]).status == "warning_closed"


def test_an_appeal_may_be_won(account: Account) -> None:
    dispute = account.control.dispute(session=account.paid("40.00 EUR"))
    for state in ("lost", "appeal_needs_response", "appeal_under_review"):
        account.control.decide_dispute(dispute["id"], state)
    account.control.decide_dispute(dispute["id"], "won", fee_back=True)
    assert movements(account)[-1] == ("adjustment", "dispute_reversal", 4000, -2000)
    (newest, *_) = account.client.v1.balance_transactions.list().data
    assert newest.net == 6000


def test_every_state_of_the_package_is_in_the_table() -> None:
    from offset.sandbox.stripe import contract  # noqa: PLC0415 - beside what it proves

    (kind,) = contract.options(contract.fields(stripe.Dispute)["status"])
    assert set(STEPS) - {""} == set(kind.__args__)
    assert {state for steps in STEPS.values() for state in steps} <= set(STEPS)


@pytest.mark.parametrize(
    "wish", [{"amount": 2501}, {"amount": 0}, {"status": "won"}, {"status": "maybe"}]
)
def test_a_dispute_begins_with_sense(account: Account, wish: dict[str, Any]) -> None:
    session = account.paid("25.00 EUR")
    with pytest.raises(ControlRefused):
        account.control.dispute(session=session, **wish)
