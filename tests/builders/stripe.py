"""What do tests of payments start from? A stand-in that serves, and requests to open pages."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import stripe
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from offset.clock import Clock
from offset.gateways import stripe_client
from offset.gateways.stripe_checkout import StripeCheckout
from offset.gateways.stripe_events import StripeEvents
from offset.giving.ports import CheckoutOpened, CheckoutRequest
from offset.money import Money
from offset.sandbox.stripe.control import Control
from offset.sandbox.stripe.server import SECRET_KEY, WEBHOOK_SECRET, Running, create_stand_in
from offset.sandbox.stripe.transport import InProcess

PAID = "4242424242424242"
ASKS_BANK = "4000002500003155"
DECLINED = "4000000000000002"


@dataclass
class Account:
    """A stand-in account and everything that speaks to it."""

    app: Flask
    url: str
    control: Control
    client: stripe.StripeClient
    checkout: StripeCheckout
    events: StripeEvents
    asks_nonsense: bool = False  # a test that sends what Stripe would not understand says so

    def opened(self, amount: str = "25.00 EUR", **more: object) -> CheckoutOpened:
        return self.checkout.open(a_request(amount, **more))

    def paid(self, amount: str = "25.00 EUR", **more: object) -> str:
        """Open a page and pay by card; return the Checkout Session's id."""
        session = self.opened(amount, **more).session_id
        assert self.control.pay(session) == "paid"
        return session

    def charge(self, session: str) -> stripe.Charge:
        """The charge of a paid session, its balance transaction expanded."""
        intent = self.client.v1.checkout.sessions.retrieve(session).payment_intent
        found = self.client.v1.payment_intents.retrieve(
            str(intent), {"expand": ["latest_charge.balance_transaction"]}
        )
        assert isinstance(found.latest_charge, stripe.Charge)
        return found.latest_charge


def a_request(amount: str = "25.00 EUR", **more: object) -> CheckoutRequest:
    decimal, currency = amount.split()
    values: dict[str, object] = {
        "donation_id": str(uuid4()),
        "attempt": 1,
        "amount": Money(int(re.sub(r"\D", "", decimal)), currency),
        "title": "Contribution to soil projects",
        "language": "en",
        "success_url": "http://127.0.0.1:9/paid?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/cancelled",
    }
    return CheckoutRequest(**{**values, **more})  # type: ignore[arg-type] # named by the test


@contextlib.contextmanager
def an_account(folder: Path, clock: Clock, *, webhook_url: str = "") -> Iterator[Account]:
    """A stand-in in this process; a breach of the contract fails the test."""
    app = create_stand_in(folder / "stripe.db", clock=clock, webhook_url=webhook_url)
    account = _account(app, "http://127.0.0.1:8420", Control.of(app), InProcess(app))
    yield account
    _kept(account)


@contextlib.contextmanager
def a_live_account(folder: Path, clock: Clock, *, webhook_url: str = "") -> Iterator[Account]:
    """A stand-in on a free port, spoken to over HTTP; a breach of the contract fails the test."""
    app = create_stand_in(folder / "stripe.db", clock=clock, webhook_url=webhook_url)
    transport = stripe_client.transport()
    with Running(app, "127.0.0.1", 0) as running:
        try:
            account = _account(app, running.url, Control.over_http(running.url), transport)
            yield account
            _kept(account)
        finally:
            transport.close()


def _kept(account: Account) -> None:
    """The contract was kept by both sides: what we sent, and what was answered."""
    assert account.control.complaints() == []
    assert account.asks_nonsense or account.control.breaches() == []


def _account(app: Flask, url: str, control: Control, transport: stripe.HTTPClient) -> Account:
    client = stripe_client.connect(SECRET_KEY, url, http_client=transport)
    return Account(
        app=app,
        url=url,
        control=control,
        client=client,
        checkout=StripeCheckout(client),
        events=StripeEvents(client, [WEBHOOK_SECRET]),
    )


@dataclass
class Inbox:
    """A webhook that keeps what it is sent and answers as told."""

    url: str
    got: list[tuple[bytes, str]]
    answers: list[int]

    @property
    def kinds(self) -> list[str]:
        return [json.loads(raw)["type"] for raw, _ in self.got]


@contextlib.contextmanager
def an_inbox(*answers: int) -> Iterator[Inbox]:
    """Serve a webhook on a free port; it answers the given statuses in turn, then 200."""
    inbox = Inbox("", [], list(answers))

    def receive(environ: dict[str, Any], start: Any) -> list[bytes]:
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        inbox.got.append((raw, environ["HTTP_STRIPE_SIGNATURE"]))
        status = inbox.answers.pop(0) if inbox.answers else 200
        start(f"{status} Told", [("Content-Length", "0")])
        return [b""]

    server = make_server("127.0.0.1", 0, receive, request_handler=Silent)
    inbox.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass
