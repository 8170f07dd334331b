import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

import offset.gateways
from offset.gateways import stripe_client
from offset.sandbox.stripe import api
from offset.sandbox.stripe.control import Control
from offset.sandbox.stripe.desk import ApiFault
from offset.sandbox.stripe.panel_rows import BUTTONS, wish
from offset.sandbox.stripe.server import SECRET_KEY
from tests.builders.monthly import a_monthly_gift
from tests.builders.stripe import Account, Inbox, a_request, an_account, an_inbox
from tests.fakes import FrozenClock
from tests.sandbox.test_api import SESSION, ask
from tests.sandbox.test_courier import PAYMENT


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with an_inbox() as found:
        yield found


# --- faults of the API ------------------------------------------------------------------------


def test_a_fault_may_be_meant_for_one_path(account: Account) -> None:
    account.control.faults(api_429=-1, api_path="refunds")
    assert ask(account, "balance").status_code == 200
    assert ask(account, "refunds").status_code == 429
    account.control.faults(api_path="/v1/balance")
    assert ask(account, "balance").status_code == 429
    assert ask(account, "refunds").status_code == 200


def test_a_fault_may_come_after_some_calls(account: Account) -> None:
    account.control.faults(api_500=1, api_skip=2)
    assert [ask(account, "balance").status_code for _ in range(4)] == [200, 200, 500, 200]


def test_nobody_may_answer_at_all(account: Account) -> None:
    account.control.faults(api_down=1)
    with pytest.raises(ConnectionResetError):
        ask(account, "checkout/sessions", SESSION, key="k")
    assert ask(account, "checkout/sessions").get_json()["data"] == []
    assert "Idempotent-Replayed" not in ask(account, "checkout/sessions", SESSION, key="k").headers


def test_events_are_listed_for_thirty_days(account: Account, clock: FrozenClock) -> None:
    account.paid()
    events = account.client.v1.events
    clock.advance(days=30)
    assert len(events.list().data) == len(PAYMENT)
    since: stripe.params.EventListParams = {"created": {"gte": 1}}
    clock.advance(seconds=1)
    assert events.list(since).data == []
    account.control.faults(event_days=0)
    assert len(events.list(since).data) == len(PAYMENT)


def test_a_fault_may_come_when_the_act_is_done(account: Account) -> None:
    account.control.faults(api_500_after=1)
    assert ask(account, "checkout/sessions", SESSION, key="k").status_code == 500
    again = ask(account, "checkout/sessions", SESSION, key="k")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (500, "true")
    assert len(ask(account, "checkout/sessions").get_json()["data"]) == 1


def test_an_answer_given_before_may_be_lost_as_well(account: Account) -> None:
    ask(account, "checkout/sessions", SESSION, key="k")
    account.control.faults(api_reset=1)
    with pytest.raises(ConnectionResetError):
        ask(account, "checkout/sessions", SESSION, key="k")
    assert ask(account, "checkout/sessions", SESSION, key="k").status_code == 200


# --- what clients ask -------------------------------------------------------------------------


def test_every_request_is_counted_and_a_faulty_one_is_kept(account: Account) -> None:
    account.asks_nonsense = True
    account.paid()
    ask(account, "charges/ch_none")
    ask(account, "refunds", {"colour": "red"})
    ask(account, "coupons")
    calls = account.control.calls()
    assert calls["POST /v1/checkout/sessions"] == 1
    assert calls["GET /v1/charges/*"] == 1
    assert calls["GET /v1/coupons"] == 1
    (breach,) = account.control.breaches()
    assert "colour" in breach


def test_everything_our_gateways_call_is_offered() -> None:
    folder = Path(offset.gateways.__file__).parent
    called = {
        chain
        for path in folder.glob("stripe_*.py")
        for chain in _chains(ast.parse(path.read_text()))
    }
    assert len(called) > 5
    for chain in sorted(called):
        api.route(*_address(chain))  # raises for an address nobody answers
    with pytest.raises(ApiFault):
        api.route("POST", "coupons")


def _chains(tree: ast.AST) -> set[str]:
    """The chains after ``client.v1``, such as ``checkout.sessions.create``."""
    found = set()
    for node in ast.walk(tree):
        text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        _, started, chain = text.partition("client.v1.")
        if started and chain.rpartition(".")[2] in _VERBS:
            found.add(chain)
    return found


_VERBS = {
    "create": "POST",
    "update": "POST",
    "retrieve": "GET",
    "list": "GET",
    "expire": "POST",
    "cancel": "POST",
    "close": "POST",
    "pay": "POST",
    "void_invoice": "POST",
}


def _address(chain: str) -> tuple[str, str]:
    *place, verb = chain.split(".")
    path = "/".join(place)
    if path == "balance":
        return "GET", path
    if verb in ("create", "list"):
        return _VERBS[verb], path
    if verb in ("retrieve", "update"):
        return _VERBS[verb], f"{path}/x"
    if chain == "subscriptions.cancel":
        return "DELETE", f"{path}/x"
    return _VERBS[verb], f"{path}/x/{verb.removesuffix('_invoice')}"


# --- faults of notices ------------------------------------------------------------------------


def test_notices_may_be_shuffled_by_the_seed(
    tmp_path: Path, clock: FrozenClock, inbox: Inbox
) -> None:
    orders = []
    with an_account(tmp_path, clock, webhook_url=inbox.url) as told:
        for seed in ("a", "a", "b"):
            told.control.reset(seed=seed)
            told.control.faults(shuffle=True)
            for _ in range(3):
                told.paid()
            told.control.deliver()
            orders.append(
                [(json.loads(raw)["id"], json.loads(raw)["type"]) for raw, _ in inbox.got]
            )
            inbox.got.clear()
    assert orders[0] == orders[1]
    assert [kind for _, kind in orders[0]] != [kind for _, kind in orders[2]]
    assert sorted(kind for _, kind in orders[0]) == sorted(PAYMENT * 3)


def test_collected_notices_are_shuffled_too(account: Account, clock: FrozenClock) -> None:
    account.control.faults(shuffle=True)
    for _ in range(3):
        account.paid()
    kinds = [json.loads(parcel.raw)["type"] for parcel in account.control.collect(clock.now())]
    assert kinds != PAYMENT * 3
    assert sorted(kinds) == sorted(PAYMENT * 3)


# --- the panel --------------------------------------------------------------------------------


def test_each_button_stands_where_it_can_be_pressed(account: Account) -> None:
    account.opened()
    session = account.opened().session_id
    account.control.pay_sepa(session)
    account.control.refund(session=account.paid())
    account.control.dispute(session=account.paid())
    account.control.faults(refund_pending=1)
    account.control.refund(session=account.paid())
    account.control.top_up(500)
    account.control.payout(arrives=False)
    account.control.pause(a_monthly_gift(account))
    account.control.faults(renewal_declined=1)
    account.control.renew(a_monthly_gift(account))
    pressed: list[str] = []
    for name, offered in BUTTONS.items():
        plural = f"{name.removeprefix('checkout.')}s"
        for button in offered:
            body = next((one for one in account.control.state()[plural] if button.when(one)), None)
            if body is not None:
                told: dict[str, Any] = {**wish(body, button)}
                account.control._ask(button.act, **told)  # noqa: SLF001 - as a form would
                pressed.append(f"{name} {button.label}")
    assert len(set(pressed)) > 25


def test_a_faulty_request_is_shown_on_the_panel(account: Account) -> None:
    account.asks_nonsense = True
    ask(account, "refunds", {"colour": "red"})
    with account.app.test_client() as client:
        text = client.get("/control").get_data(as_text=True)
    assert "1 requests were such as Stripe would not understand" in text


# --- a crash ----------------------------------------------------------------------------------


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "offset.sandbox.stripe", "--state", str(folder / "s.db")]
    return subprocess.Popen(
        [*command, "--port", str(port)], cwd=Path(__file__).parents[2], env=dict(os.environ)
    )


def _ready(control: Control) -> None:
    for _ in range(200):
        try:
            control.state()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the stand-in did not start")


@pytest.mark.slow
def test_a_killed_stand_in_forgets_no_act(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    control = Control.over_http(f"http://127.0.0.1:{port}")
    transport = stripe_client.transport()
    client = stripe_client.connect(SECRET_KEY, f"http://127.0.0.1:{port}", http_client=transport)
    told: list[str] = []
    for _ in range(2):
        process = _start(tmp_path, port)
        try:
            _ready(control)
            told.append(_paid(client, control))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=20)
    process = _start(tmp_path, port)
    try:
        _ready(control)
        kept = client.v1.checkout.sessions.list().data
        assert [session.id for session in kept] == told[::-1]
        assert {session.payment_status for session in kept} == {"paid"}
        assert len(client.v1.balance_transactions.list().data) == 2
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
        transport.close()


def _paid(client: stripe.StripeClient, control: Control) -> str:
    from offset.gateways.stripe_checkout import StripeCheckout  # noqa: PLC0415 - one use

    session = StripeCheckout(client).open(a_request()).session_id
    assert control.pay(session) == "paid"
    return session
