import typing
from typing import Any

import pytest
import stripe
from stripe.params import (
    BalanceTransactionListParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
)
from stripe.params.checkout import SessionCreateParams

from offset.gateways.stripe_facts import READERS
from offset.sandbox.stripe import contract
from offset.sandbox.stripe.objects import blank, part

# The example objects of docs.stripe.com/api, cut to what the API answers today.
PAYOUT = {
    "id": "po_1OaFDbEcg9tTZuTgNYmX0PKB",
    "object": "payout",
    "amount": 1100,
    "arrival_date": 1680652800,
    "automatic": False,
    "balance_transaction": "txn_1OaFDcEcg9tTZuTgYMR25tSe",
    "created": 1680648691,
    "currency": "usd",
    "description": None,
    "destination": "ba_1MtIhL2eZvKYlo2CAElKwKu2",
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "livemode": False,
    "metadata": {},
    "method": "standard",
    "original_payout": None,
    "reconciliation_status": "not_applicable",
    "reversed_by": None,
    "source_type": "card",
    "statement_descriptor": None,
    "status": "pending",
    "type": "bank_account",
}
REFUND = {
    "id": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
    "object": "refund",
    "amount": 1000,
    "balance_transaction": "txn_1Nispe2eZvKYlo2CYezqFhEx",
    "charge": "ch_1NirD82eZvKYlo2CIvbtLWuY",
    "created": 1692942318,
    "currency": "usd",
    "destination_details": {
        "card": {
            "reference": "123456789012",
            "reference_status": "available",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    },
    "metadata": {},
    "payment_intent": "pi_1GszsK2eZvKYlo2CfhZyoZLp",
    "reason": None,
    "receipt_number": None,
    "source_transfer_reversal": None,
    "status": "succeeded",
    "transfer_reversal": None,
}
MOVEMENT = {
    "id": "txn_1MiN3gLkdIwHu7ixxapQrznl",
    "object": "balance_transaction",
    "amount": -400,
    "available_on": 1678043844,
    "balance_type": "payments",
    "created": 1678043844,
    "currency": "usd",
    "description": None,
    "exchange_rate": None,
    "fee": 0,
    "fee_details": [],
    "net": -400,
    "reporting_category": "transfer",
    "source": "tr_1MiN3gLkdIwHu7ixNCZvFdgA",
    "status": "available",
    "type": "transfer",
}


def a_wish(**more: Any) -> dict[str, Any]:
    price = {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "Gift"}}
    items = [{"quantity": 1, "price_data": price}]
    return {"mode": "payment", "line_items": items, "success_url": "http://127.0.0.1/", **more}


def told(faults: tuple[contract.Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.param, fault.code) for fault in faults]


def test_a_good_request_passes() -> None:
    good = a_wish(
        submit_type="donate",
        locale="fr",
        metadata={"donation": "1"},
        expand=["payment_intent"],
        payment_intent_data={"metadata": {"donation": "1"}},
    )
    assert contract.check_request(SessionCreateParams, good) == ()


@pytest.mark.parametrize(
    ("parameters", "wish", "param", "code"),
    [
        (PaymentIntentCreateParams, {"curency": "eur"}, "curency", "unknown"),
        (PaymentIntentCreateParams, {"amount": "100"}, "amount", "mistyped"),
        (PaymentIntentCreateParams, {"amount": True}, "amount", "mistyped"),
        (PaymentIntentCreateParams, {"capture_method": "later"}, "capture_method", "enum"),
        (
            PaymentIntentCreateParams,
            {"automatic_payment_methods": {"enable": True, "enabled": True}},
            "automatic_payment_methods[enable]",
            "unknown",
        ),
        (SessionCreateParams, a_wish(mode="donation"), "mode", "enum"),
        (SessionCreateParams, a_wish(submit_type=1), "submit_type", "enum"),
        (
            SessionCreateParams,
            {"line_items": [{"price_data": {"currency": "eur", "amount": 100}}]},
            "line_items[0][price_data][amount]",
            "unknown",
        ),
        (
            SessionCreateParams,
            {"line_items": [{"price_data": {"unit_amount": 100}}]},
            "line_items[0][price_data][currency]",
            "missing",
        ),
        (
            SessionCreateParams,
            {"line_items": [{"quantity": "1"}]},
            "line_items[0][quantity]",
            "mistyped",
        ),
        (SessionCreateParams, {"line_items": {"quantity": 1}}, "line_items", "mistyped"),
        (SessionCreateParams, {"metadata": "x"}, "metadata", "mistyped"),
        (
            SessionCreateParams,
            {"payment_method_types": ["card"]},
            "payment_method_types",
            "unknown",
        ),
        (RefundCreateParams, {"reason": "because"}, "reason", "enum"),
        (BalanceTransactionListParams, {"created": {"since": 1}}, "created[since]", "unknown"),
        (BalanceTransactionListParams, {"created": "yesterday"}, "created", "mistyped"),
    ],
)
def test_a_faulty_request_is_caught(
    parameters: type, wish: dict[str, Any], param: str, code: str
) -> None:
    assert (param, code) in told(contract.check_request(parameters, wish))


@pytest.mark.parametrize("good", [PAYOUT, REFUND, MOVEMENT], ids=lambda body: body["object"])
def test_the_documented_objects_pass(good: dict[str, Any]) -> None:
    assert contract.check_answer(good) == ()


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"payd": True}, "payd", "unknown"),
        ({"amount": "1100"}, "amount", "mistyped"),
        ({"amount": None}, "amount", "mistyped"),
        ({"automatic": 1}, "automatic", "mistyped"),
        ({"type": "cheque"}, "type", "enum"),
        ({"trace_id": {"status": "ok", "number": "1"}}, "trace_id[number]", "unknown"),
        ({"metadata": {"a": 1}}, "metadata[a]", "mistyped"),
        ({"destination": 4}, "destination", "mistyped"),
    ],
)
def test_a_faulty_answer_is_caught(change: dict[str, Any], param: str, code: str) -> None:
    assert told(contract.check_answer({**PAYOUT, **change})) == [(param, code)]


def test_a_promised_field_may_not_be_missing_but_a_nullable_one_may() -> None:
    without = {name: value for name, value in PAYOUT.items() if name not in ("amount", "trace_id")}
    assert told(contract.check_answer(without)) == [("amount", "missing")]


def test_an_expanded_object_is_checked_as_what_it_says_it_is() -> None:
    nested = {**PAYOUT, "balance_transaction": {**MOVEMENT, "net": "-400"}}
    assert told(contract.check_answer(nested)) == [("balance_transaction[net]", "mistyped")]


def test_a_list_is_checked_item_by_item() -> None:
    charge = blank("charge", id="ch_1", amount=1)
    charge["refunds"] = {
        "object": "list",
        "data": [REFUND, {**REFUND, "status": 1}],
        "has_more": False,
        "url": "/v1/refunds",
    }
    assert told(contract.check_answer(charge)) == [("refunds[data][1][status]", "mistyped")]
    del charge["refunds"]["has_more"]
    assert told(contract.check_answer(charge)) == [("refunds[has_more]", "missing")]


def test_an_object_nobody_knows_is_caught() -> None:
    assert told(contract.check_answer({"object": "cheque"})) == [("object", "unknown")]


def test_a_name_the_package_hides_does_not_make_a_field_required() -> None:
    assert contract.may_be_absent(contract.fields(stripe.Charge)["source"])


def test_form_words_become_the_declared_types() -> None:
    decoded = {
        "line_items": {"0": {"quantity": "2", "price_data": {"currency": "978"}}},
        "expires_at": "12",
        "automatic_tax": {"enabled": "true"},
        "metadata": {"n": "1"},
        "expand": {"0": "payment_intent"},
    }
    assert contract.coerce(SessionCreateParams, decoded) == {
        "line_items": [{"quantity": 2, "price_data": {"currency": "978"}}],
        "expires_at": 12,
        "automatic_tax": {"enabled": True},
        "metadata": {"n": "1"},
        "expand": ["payment_intent"],
    }


def test_words_that_do_not_fit_stay_words_and_are_caught() -> None:
    wish = contract.coerce(SessionCreateParams, {"expires_at": "soon"})
    assert told(contract.check_request(SessionCreateParams, wish)) == [("expires_at", "mistyped")]


def test_a_span_of_time_is_read_whole_or_in_parts() -> None:
    read = contract.coerce
    assert read(BalanceTransactionListParams, {"created": "5"}) == {"created": 5}
    assert read(BalanceTransactionListParams, {"created": {"gte": "5"}}) == {"created": {"gte": 5}}


@pytest.mark.parametrize(
    "kind",
    [
        "checkout.session",
        "payment_intent",
        "charge",
        "refund",
        "balance_transaction",
        "payout",
        "dispute",
        "payment_method",
        "customer",
    ],
)
def test_a_blank_object_keeps_the_contract(kind: str) -> None:
    assert contract.check_answer(blank(kind, id="x")) == ()


def test_a_blank_object_takes_no_field_the_package_does_not_know() -> None:
    with pytest.raises(TypeError, match="payd"):
        blank("charge", payd=True)


def test_a_part_is_built_from_the_annotations() -> None:
    fee = part("balance_transaction", "fee_details", amount=5)
    assert fee == {
        "amount": 5,
        "application": None,
        "currency": "",
        "description": None,
        "type": "",
    }


def test_every_notice_we_read_is_one_that_stripe_sends() -> None:
    (kind,) = contract.options(contract.fields(stripe.Event)["type"])
    assert set(READERS) <= set(typing.get_args(kind))
