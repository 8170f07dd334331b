import re
from typing import Any

import pytest
import stripe
from werkzeug.test import TestResponse

from offset.sandbox.stripe import contract
from offset.sandbox.stripe.server import SECRET_KEY
from tests.builders.stripe import Account
from tests.fakes import FrozenClock

BEARER = {"Authorization": f"Bearer {SECRET_KEY}"}
SESSION = {
    "mode": "payment",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "2500",
    "line_items[0][price_data][product_data][name]": "Gift",
    "success_url": "http://127.0.0.1:9/paid",
}


def ask(
    account: Account,
    path: str,
    wish: dict[str, str] | None = None,
    *,
    key: str | None = None,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    told = {**BEARER, **({"Idempotency-Key": key} if key else {}), **(headers or {})}
    with account.app.test_client() as client:
        if wish is None:
            return client.get(f"/v1/{path}", headers=told)
        return client.post(f"/v1/{path}", data=wish, headers=told)


def error(answer: TestResponse) -> dict[str, Any]:
    found = answer.get_json()["error"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer sk_test_other"}])
def test_nobody_comes_in_without_the_key(account: Account, given: dict[str, str]) -> None:
    with account.app.test_client() as client:
        answer = client.get("/v1/balance", headers=given)
    assert answer.status_code == 401
    assert answer.headers["Request-Id"].startswith("req_")


def test_every_answer_names_its_request_and_version(account: Account) -> None:
    first, second = ask(account, "balance"), ask(account, "balance")
    assert first.headers["Request-Id"] != second.headers["Request-Id"]
    assert first.headers["Stripe-Version"] == "2026-10-28.endive"


def test_a_session_opens_with_what_was_asked(account: Account) -> None:
    more = {
        "client_reference_id": "D-1",
        "customer_email": "ada@example.org",
        "locale": "fr",
        "submit_type": "donate",
    }
    body = ask(account, "checkout/sessions", {**SESSION, **more}).get_json()
    assert re.fullmatch(r"cs_test_\w{24}", body["id"])
    assert body["url"] == f"http://localhost/c/pay/{body['id']}"
    assert (body["amount_total"], body["currency"]) == (2500, "eur")
    assert (body["status"], body["payment_status"]) == ("open", "unpaid")
    assert (body["client_reference_id"], body["locale"]) == ("D-1", "fr")
    assert body["expires_at"] - body["created"] == 86_400
    assert body["livemode"] is False
    assert contract.check_answer(body) == ()


ITEM = "line_items[0][price_data]"
GONE = "payment_method_types_no_longer_supported"
LATER = "stand_in_not_offered"


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({f"{ITEM}[unit_amount]": "49"}, "unit_amount", "amount_too_small"),
        ({f"{ITEM}[unit_amount]": "100000000"}, "unit_amount", "amount_too_large"),
        ({f"{ITEM}[unit_amount]": "many"}, "unit_amount", None),
        ({f"{ITEM}[currency]": "xyz"}, "currency", "currency_not_supported"),
        ({f"{ITEM}[recurring][interval]": "month"}, "recurring", None),
        ({"line_items[0][quantity]": "0"}, "unit_amount", "amount_too_small"),
        ({"line_items[0][curency]": "eur"}, "curency", "parameter_unknown"),
        ({"mode": "donation"}, "mode", None),
        ({"mode": "setup"}, "mode", LATER),
        ({"mode": "subscription"}, f"{ITEM}[recurring]", None),
        ({"subscription_data[description]": "x"}, "subscription_data", None),
        ({"customer": "cus_1", "customer_email": "a@example.org"}, "customer_email", None),
        ({"custom_text[terms_of_service_acceptance][message]": "x"}, "custom_text", LATER),
        ({"customer_creation": "later"}, "customer_creation", None),
        ({"submit_type": "subscribe"}, "submit_type", None),
        ({"expires_at": "5"}, "expires_at", None),
        ({"payment_method_types[0]": "card"}, "payment_method_types", GONE),
        ({"discounts[0][coupon]": "x"}, "discounts", LATER),
        ({"payment_intent_data[capture_method]": "manual"}, "capture_method", LATER),
        ({"ui_mode": "elements"}, "ui_mode", LATER),
        ({"expand[0]": "nothing"}, "expand", None),
    ],
)
def test_a_faulty_session_is_refused_with_its_parameter(
    account: Account, change: dict[str, str], param: str, code: str | None
) -> None:
    account.asks_nonsense = True
    answer = ask(account, "checkout/sessions", {**SESSION, **change})
    assert answer.status_code == 400
    found = error(answer)
    assert found["type"] == "invalid_request_error"
    assert param in found["param"]
    assert found.get("code") == code
    assert ask(account, "checkout/sessions").get_json()["data"] == []


def test_a_name_that_cannot_be_meant_is_refused(account: Account) -> None:
    answer = ask(account, "checkout/sessions", {**SESSION, "metadata[a": "b"})
    assert answer.status_code == 400
    assert "metadata[a" in error(answer)["message"]


@pytest.mark.parametrize("name", ["mode", "line_items", "success_url"])
def test_what_a_session_needs_is_asked_for(account: Account, name: str) -> None:
    account.asks_nonsense = True
    wish = {key: value for key, value in SESSION.items() if not key.startswith(name)}
    found = error(ask(account, "checkout/sessions", wish))
    assert (found["param"], found["code"]) == (name, "parameter_missing")


def test_the_smallest_amount_depends_on_the_currency(account: Account) -> None:
    small = {**SESSION, "line_items[0][price_data][unit_amount]": "30"}
    pounds = {**small, "line_items[0][price_data][currency]": "gbp"}
    assert ask(account, "checkout/sessions", small).status_code == 400
    assert ask(account, "checkout/sessions", pounds).status_code == 200


def test_the_same_key_gives_the_same_answer_once_more(account: Account) -> None:
    first = ask(account, "checkout/sessions", SESSION, key="k")
    again = ask(account, "checkout/sessions", SESSION, key="k")
    assert again.get_data() == first.get_data()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(ask(account, "checkout/sessions").get_json()["data"]) == 1


def test_the_same_key_with_other_values_is_a_mistake(account: Account) -> None:
    ask(account, "checkout/sessions", SESSION, key="k")
    for path, wish in (("checkout/sessions", {**SESSION, "locale": "fr"}), ("refunds", SESSION)):
        answer = ask(account, path, wish, key="k")
        assert answer.status_code == 400
        assert error(answer)["type"] == "idempotency_error"


def test_a_refused_request_leaves_its_key_free(account: Account) -> None:
    account.asks_nonsense = True
    assert ask(account, "checkout/sessions", {"mode": "payment"}, key="k").status_code == 400
    assert ask(account, "checkout/sessions", SESSION, key="k").status_code == 200


def test_a_key_is_forgotten_after_a_day(account: Account, clock: FrozenClock) -> None:
    first = ask(account, "checkout/sessions", SESSION, key="k").get_json()
    clock.advance(hours=24, seconds=1)
    assert ask(account, "checkout/sessions", SESSION, key="k").get_json()["id"] != first["id"]


def test_a_key_has_at_most_255_characters(account: Account) -> None:
    assert ask(account, "checkout/sessions", SESSION, key="k" * 255).status_code == 200
    assert ask(account, "checkout/sessions", SESSION, key="k" * 256).status_code == 400


def test_a_fault_on_their_side_is_kept_under_its_key(account: Account) -> None:
    account.control.faults(api_500=1)
    first = ask(account, "checkout/sessions", SESSION, key="k")
    again = ask(account, "checkout/sessions", SESSION, key="k")
    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Stripe-Should-Retry"] == "false"
    assert ask(account, "checkout/sessions", SESSION, key="l").status_code == 200


def test_too_many_requests_leave_the_key_free(account: Account) -> None:
    account.control.faults(api_429=1)
    assert ask(account, "checkout/sessions", SESSION, key="k").status_code == 429
    assert ask(account, "checkout/sessions", SESSION, key="k").status_code == 200


def test_a_lost_answer_is_still_an_act(account: Account) -> None:
    account.control.faults(api_reset=1)
    with pytest.raises(ConnectionResetError):
        ask(account, "checkout/sessions", SESSION, key="k")
    again = ask(account, "checkout/sessions", SESSION, key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(ask(account, "checkout/sessions").get_json()["data"]) == 1


def test_a_late_answer_comes_late(account: Account) -> None:
    account.control.faults(api_timeout=1, api_timeout_seconds=0)
    assert ask(account, "balance").status_code == 200
    assert account.control.state()["settings"]["api_timeout"] == 0


def test_unknown_addresses_and_objects_are_not_found(account: Account) -> None:
    assert ask(account, "coupons").status_code == 404
    assert ask(account, "charges", {}).status_code == 404
    answer = ask(account, "charges/ch_none")
    assert answer.status_code == 404
    assert error(answer)["code"] == "resource_missing"


def test_an_id_of_another_kind_is_not_found(account: Account) -> None:
    session = account.paid()
    assert ask(account, f"charges/{session}").status_code == 404


def test_expand_reaches_into_objects_and_lists(account: Account) -> None:
    session = account.paid("25.00 EUR")
    found = account.client.v1.checkout.sessions.retrieve(
        session, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    )
    intent = found.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.latest_charge.balance_transaction, stripe.BalanceTransaction)
    assert intent.latest_charge.balance_transaction.fee == 63
    assert found.line_items is not None
    assert [item.amount_total for item in found.line_items.data] == [2500]
    items = account.client.v1.checkout.sessions.line_items.list(session)
    assert [item.description for item in items.data] == ["Contribution to soil projects"]
    movements = account.client.v1.balance_transactions.list({"expand": ["data.source"]})
    assert [getattr(m.source, "object", None) for m in movements.data] == ["charge"]


def test_expand_has_limits(account: Account) -> None:
    session = account.paid()
    for path in ("a.b.c.d.e", "payment_intent.nothing", "currency"):
        with pytest.raises(stripe.InvalidRequestError):
            account.client.v1.checkout.sessions.retrieve(session, {"expand": [path]})


def test_lists_page_in_both_directions(account: Account) -> None:
    made = [account.opened().session_id for _ in range(7)]
    listing = account.client.v1.checkout.sessions
    newest_first = [s.id for s in listing.list({"limit": 3}).auto_paging_iter()]
    assert newest_first == made[::-1]
    page = listing.list({"limit": 3, "ending_before": made[2]})
    assert [s.id for s in page.data] == made[5:2:-1]
    assert page.has_more
    assert not listing.list({"limit": 3, "ending_before": made[3]}).has_more
    assert not listing.list({"limit": 7}).has_more


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("charges?limit=0", "limit"),
        ("charges?limit=101", "limit"),
        ("charges?starting_after=ch_none", "starting_after"),
        ("charges?transfer_group=1", "transfer_group"),
        ("charges?colour=red", "colour"),
    ],
)
def test_a_faulty_list_is_refused(account: Account, path: str, param: str) -> None:
    account.asks_nonsense = True
    answer = ask(account, path)
    assert answer.status_code == 400
    assert error(answer)["param"] == param


def test_lists_filter(account: Account, clock: FrozenClock) -> None:
    first = account.paid()
    clock.advance(hours=1)
    middle = int(clock.now().timestamp())
    second = account.paid()
    api = account.client.v1
    intents = [api.checkout.sessions.retrieve(s).payment_intent for s in (first, second)]
    charges = api.charges.list({"payment_intent": str(intents[0])}).data
    assert [c.payment_intent for c in charges] == [intents[0]]
    assert [s.id for s in api.checkout.sessions.list({"created": {"gte": middle}}).data] == [second]
    assert [s.id for s in api.checkout.sessions.list({"created": {"lt": middle}}).data] == [first]
    assert [s.id for s in api.checkout.sessions.list({"created": middle}).data] == [second]
    movement = api.balance_transactions.list({"source": charges[0].id, "type": "charge"}).data
    assert [m.source for m in movement] == [charges[0].id]
    assert api.balance_transactions.list({"type": "refund"}).data == []


def test_events_filter_by_type_and_by_delivery(account: Account, clock: FrozenClock) -> None:
    account.paid()
    events = account.client.v1.events
    wanted = ["charge.succeeded", "payout.paid"]
    assert [e.type for e in events.list({"types": wanted}).data] == ["charge.succeeded"]
    assert [e.type for e in events.list({"type": wanted[0]}).data] == ["charge.succeeded"]
    assert len(events.list({"delivery_success": False}).data) == 4
    account.control.collect(clock.now())
    assert events.list({"delivery_success": False}).data == []
    assert len(events.list({"delivery_success": True}).data) == 4
    assert events.list().data[0].pending_webhooks == 0


def test_the_balance_moves_from_pending_to_available(account: Account, clock: FrozenClock) -> None:
    account.paid("25.00 EUR")
    account.paid("10.00 GBP")
    balance = account.client.v1.balance.retrieve()
    assert {m.currency: m.amount for m in balance.pending} == {"eur": 2437, "gbp": 960}
    assert [m.amount for m in balance.available] == [0]
    clock.advance(days=2)
    balance = account.client.v1.balance.retrieve()
    assert {m.currency: m.amount for m in balance.available} == {"eur": 2437, "gbp": 960}
    movement = account.client.v1.balance_transactions.list().data[0]
    assert movement.status == "available"


def test_an_object_that_breaks_the_contract_is_never_answered(account: Account) -> None:
    session = account.paid()
    stand_in = account.app.extensions["stand_in"]
    charge = account.charge(session).id
    with stand_in.store.transaction() as shelf:
        body = shelf.get(charge)
        shelf.save({**body, "amount": "2500"})
    with pytest.raises(stripe.APIError, match="amount"):
        account.client.v1.charges.retrieve(charge)
    told = f"GET /v1/charges/{charge}: amount: Invalid int: '2500'"
    assert set(account.control.complaints()) == {told}
    account.control.reset()
