import pytest

from offset.sandbox.stripe.control import ControlRefused
from offset.sandbox.stripe.panel import ACTS, ERRANDS
from tests.builders.monthly import a_monthly_gift
from tests.builders.stripe import Account


def test_a_person_finds_everything_on_one_page(account: Account) -> None:
    session = account.paid(donation_id="D-7")
    account.control.dispute(session=session)
    account.control.refund(session=account.paid())
    with account.app.test_client() as client:
        answer = client.get("/", follow_redirects=True)
    text = answer.get_data(as_text=True)
    assert "no real payment is made" in text
    for found in (session, "D-7", "charge.dispute.created", "needs_response"):
        assert found in text
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]


def test_a_person_reads_the_state_of_a_monthly_gift(account: Account) -> None:
    account.control.pause(a_monthly_gift(account))
    account.control.cancel(a_monthly_gift(account))
    with account.app.test_client() as client:
        text = client.get("/control").get_data(as_text=True)
    for found in ("1000 eur / month", "active, paused", "active, ends with its period"):
        assert found in text


def test_acts_find_a_payment_by_any_of_its_names(account: Account) -> None:
    session = account.opened().session_id
    account.control.pay_sepa(session)
    (charge,) = account.client.v1.charges.list().data
    assert account.control.clear_sepa(charge=charge.id)["status"] == "succeeded"
    with account.app.test_client() as client:
        wish = {"payment_intent": charge.payment_intent, "amount": 100}
        answer = client.post("/control/refund", json=wish)
        assert answer.get_json()["amount"] == 100
        assert client.post("/control/top_up", json={}).status_code == 400
        stop = {"at": "1800000000"}
        assert client.post("/control/clock", json=stop).get_json()["at"] == 1_800_000_000


def test_a_person_pulls_a_lever_and_reads_what_happened(account: Account) -> None:
    account.paid()
    with account.app.test_client() as client:
        done = client.post("/control/payout", data={"currency": ""})
        assert done.status_code == 303
        assert "payout: done po_" in client.get(done.location).get_data(as_text=True)
        refused = client.post("/control/payout", data={})
        assert "The balance to pay out is 0 eur." in client.get(refused.location).get_data(
            as_text=True
        )


def test_a_person_sets_every_fault_at_once(account: Account) -> None:
    with account.app.test_client() as client:
        client.post("/control/faults", data={"drop": "2", "delay": "5", "hold": "true"})
    settings = account.control.state()["settings"]
    assert (settings["drop"], settings["delay"], settings["hold"]) == (2, 5, True)


@pytest.mark.parametrize(
    ("act", "wish"),
    [
        ("pay", {}),
        ("pay", {"session": "cs_none"}),
        ("pay", {"session": 4}),
        ("faults", {"colour": 1}),
        ("faults", {"drop": "many"}),
        ("refund", {"charge": "ch_none", "amount": "x"}),
        ("clock", {"at": "yesterday"}),
        ("clock", {"advance": "x"}),
        ("dance", {}),
    ],
)
def test_a_faulty_wish_is_refused_with_a_reason(account: Account, act: str, wish: dict) -> None:  # type: ignore[type-arg] # anything
    with account.app.test_client() as client:
        answer = client.post(f"/control/{act}", json=wish)
    assert answer.status_code in {400, 404}
    assert answer.get_json()["error"]["message"]


def test_nothing_can_be_charged_back_before_it_was_charged(account: Account) -> None:
    session = account.opened().session_id
    with pytest.raises(ControlRefused):
        account.control.dispute(session=session)
    account.control.pay(session, card="4000002500003155", recognised=False)
    with pytest.raises(ControlRefused, match="Nothing was charged"):
        account.control.dispute(session=session)


def test_a_stopped_clock_can_be_moved(account: Account) -> None:
    account.control.stop_clock(account.app.extensions["stand_in"].clock.now())
    before = account.control.state()["at"]
    account.control.advance_clock(100)
    assert account.control.state()["at"] == before + 100


def test_every_lever_has_its_method(account: Account) -> None:
    named = {"clear_sepa", "pay", "pay_sepa", "expire", "refund", "fail_refund", "dispute"}
    assert named <= set(ACTS)
    offered = set(dir(account.control)) | {"clock"}
    assert set(ACTS) | set(ERRANDS) <= offered
