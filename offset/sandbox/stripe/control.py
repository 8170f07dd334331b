"""How do tests and the demonstration tell the stand-in what shall happen?

The same client speaks HTTP to a running stand-in or calls one in this process.
"""

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask

from offset.sandbox.stripe.courier import Parcel
from offset.sandbox.stripe.objects import Body

_GOOD: Final = 200
_PATIENCE: Final = 60.0

Transport = Callable[[str, str, Mapping[str, Any] | None], tuple[int, Any]]


class ControlRefused(Exception):
    """The stand-in would not do that; the message says why."""


class Control:
    """The levers of one stand-in.

    Every act that makes objects takes ``created``: the instant they are dated, for histories.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    def over_http(cls, url: str) -> "Control":
        """Speak to a running stand-in at ``http://127.0.0.1:8420``."""
        return cls(_over_http(url))

    @classmethod
    def of(cls, app: Flask) -> "Control":
        """Speak to a stand-in in this process."""
        return cls(_in_process(app))

    def _ask(self, act: str, *, created: datetime | None = None, **wish: Any) -> Body:
        told = {name: value for name, value in wish.items() if value is not None}
        if created is not None:
            told["created"] = created.isoformat()
        return self._send("POST", f"/control/{act}", told)

    def _send(self, method: str, path: str, wish: Mapping[str, Any] | None) -> Body:
        status, body = self._transport(method, path, wish)
        if status != _GOOD:
            raise ControlRefused(body["error"]["message"])
        found: Body = body
        return found

    # what donors and banks do

    def pay(
        self,
        session: str,
        *,
        card: str = "4242424242424242",
        email: str | None = None,
        name: str | None = None,
        recognised: bool = True,
        created: datetime | None = None,
    ) -> str:
        """Pay by card; return ``paid``, ``failed`` (3-D Secure) or the sentence of the refusal."""
        answer = self._ask(
            "pay",
            session=session,
            card=card,
            email=email,
            name=name,
            recognised=recognised,
            created=created,
        )
        return str(answer["outcome"])

    def pay_sepa(
        self,
        session: str,
        *,
        iban: str | None = None,
        email: str | None = None,
        name: str | None = None,
        created: datetime | None = None,
    ) -> None:
        """Complete the form with a SEPA debit; the money is not there yet."""
        self._ask("pay_sepa", session=session, iban=iban, email=email, name=name, created=created)

    def clear_sepa(
        self,
        session: str | None = None,
        *,
        subscription: str | None = None,
        charge: str | None = None,
        fails: bool | None = None,
        created: datetime | None = None,
    ) -> Body:
        """Let a SEPA debit arrive, or fail; return its charge."""
        return self._ask(
            "clear_sepa",
            session=session,
            subscription=subscription,
            charge=charge,
            fails=fails,
            created=created,
        )

    def return_debit(self, session: str, *, created: datetime | None = None) -> Body:
        """Let a bank return a SEPA debit that had arrived; return its charge."""
        return self._ask("return_debit", session=session, created=created)

    def expire(self, session: str, *, created: datetime | None = None) -> Body:
        """Expire an open Checkout Session."""
        return self._ask("expire", session=session, created=created)

    def refund(
        self,
        *,
        session: str | None = None,
        charge: str | None = None,
        amount: int | None = None,
        created: datetime | None = None,
    ) -> Body:
        """Refund outside our platform, as from Stripe's own dashboard; return the refund."""
        return self._ask("refund", session=session, charge=charge, amount=amount, created=created)

    def fail_refund(
        self, refund: str, *, reason: str | None = None, created: datetime | None = None
    ) -> Body:
        """Let a refund come back, or fail before it was paid."""
        return self._ask("fail_refund", refund=refund, reason=reason, created=created)

    def settle_refund(self, refund: str, *, created: datetime | None = None) -> Body:
        """Pay a pending refund (fault ``refund_pending``) now."""
        return self._ask("settle_refund", refund=refund, created=created)

    def cancel_refund(self, refund: str, *, created: datetime | None = None) -> Body:
        """Take a pending refund back."""
        return self._ask("cancel_refund", refund=refund, created=created)

    def dispute(
        self,
        *,
        session: str | None = None,
        charge: str | None = None,
        amount: int | None = None,
        reason: str | None = None,
        status: str | None = None,
        created: datetime | None = None,
    ) -> Body:
        """Open a dispute, an inquiry (``warning_needs_response``) or a ``prevented`` one."""
        return self._ask(
            "dispute",
            session=session,
            charge=charge,
            amount=amount,
            reason=reason,
            status=status,
            created=created,
        )

    def decide_dispute(
        self,
        dispute: str,
        outcome: str,
        *,
        fee_back: bool = False,
        created: datetime | None = None,
    ) -> Body:
        """Move a dispute one step: ``under_review``, ``won``, ``lost``, ``warning_closed``, …"""
        return self._ask(
            "decide_dispute",
            dispute=dispute,
            outcome=outcome,
            fee_back=fee_back,
            created=created,
        )

    def payout(
        self,
        currency: str = "eur",
        *,
        amount: int | None = None,
        only_available: bool = False,
        arrives: bool = True,
        negative: bool = False,
        created: datetime | None = None,
    ) -> Body:
        """Pay out everything no payout has taken; return the payout.

        Without ``arrives`` it stays in transit, not itemised, until :meth:`arrive_payout`. With
        an ``amount`` it is one that a person ordered, never itemised. ``negative`` lets Stripe
        take from our bank what the balance lacks.
        """
        return self._ask(
            "payout",
            currency=currency,
            amount=amount,
            only_available=only_available,
            arrives=arrives,
            negative=negative,
            created=created,
        )

    def arrive_payout(self, payout: str, *, created: datetime | None = None) -> Body:
        """Let a payout in transit reach the bank and be itemised."""
        return self._ask("arrive_payout", payout=payout, created=created)

    def fail_payout(self, payout: str, *, created: datetime | None = None) -> Body:
        """Let our bank send a payout back."""
        return self._ask("fail_payout", payout=payout, created=created)

    def cancel_payout(self, payout: str, *, created: datetime | None = None) -> Body:
        """Take a payout in transit back."""
        return self._ask("cancel_payout", payout=payout, created=created)

    def top_up(
        self, amount: int, currency: str = "eur", *, created: datetime | None = None
    ) -> Body:
        """Bring money from our bank into the balance; return the top-up."""
        return self._ask("top_up", amount=amount, currency=currency, created=created)

    def reverse_topup(self, topup: str, *, created: datetime | None = None) -> Body:
        """Let our bank take a top-up back."""
        return self._ask("reverse_topup", topup=topup, created=created)

    def fee(
        self,
        amount: int,
        currency: str = "eur",
        *,
        kind: str = "stripe_fee",
        created: datetime | None = None,
    ) -> Body:
        """Take a fee that belongs to no payment (``stripe_fee``, ``tax_fee``, …)."""
        return self._ask("fee", amount=amount, currency=currency, type=kind, created=created)

    def movement(
        self,
        category: str,
        amount: int,
        currency: str = "eur",
        *,
        kind: str = "adjustment",
        fee: int = 0,
        created: datetime | None = None,
    ) -> Body:
        """Write a balance transaction of any reporting category, known or not."""
        return self._ask(
            "movement",
            category=category,
            amount=amount,
            currency=currency,
            type=kind,
            fee=fee,
            created=created,
        )

    def settle_late(self, *, created: datetime | None = None) -> Body:
        """Write the balance transactions that the fault ``late_movement`` held back."""
        return self._ask("settle_late", created=created)

    # monthly gifts: named by their subscription or by the Checkout Session they began with

    def renew(self, gift: str, *, created: datetime | None = None) -> Body:
        """End the present period now, and bill the next; return the subscription."""
        return self._ask("renew", **_gift(gift), created=created)

    def retry(self, gift: str, *, created: datetime | None = None) -> Body:
        """Try the latest invoice again, if it is open; return it."""
        return self._ask("retry", **_gift(gift), created=created)

    def use_card(
        self,
        gift: str,
        card: str = "4242424242424242",
        *,
        expires: tuple[int, int] = (12, 2034),
        created: datetime | None = None,
    ) -> Body:
        """Take another card (month and year of its end); return the subscription."""
        month, year = expires
        return self._ask(
            "use_card",
            **_gift(gift),
            card=card,
            exp_month=month,
            exp_year=year,
            created=created,
        )

    def change_amount(self, gift: str, amount: int, *, created: datetime | None = None) -> Body:
        """Ask another amount from the next period on; return the subscription."""
        return self._ask("change_amount", **_gift(gift), amount=amount, created=created)

    def pause(
        self, gift: str, *, resumes_at: datetime | None = None, created: datetime | None = None
    ) -> Body:
        """Collect nothing for now; return the subscription."""
        day = None if resumes_at is None else resumes_at.isoformat()
        return self._ask("pause", **_gift(gift), resumes_at=day, created=created)

    def resume(self, gift: str, *, created: datetime | None = None) -> Body:
        """Collect again, and forget a planned end; return the subscription."""
        return self._ask("resume", **_gift(gift), created=created)

    def cancel(self, gift: str, *, now: bool = False, created: datetime | None = None) -> Body:
        """End at the end of the paid period, or now; return the subscription."""
        return self._ask("cancel", **_gift(gift), now=now, created=created)

    # notices

    def webhook(self, url: str, secret: str | None = None) -> None:
        """Set where notices go; an empty address sends none."""
        self._ask("webhook", url=url, secret=secret)

    def hold(self) -> None:
        """Hold every new notice until :meth:`release`."""
        self.faults(hold=True)

    def release(self) -> list[str]:
        """Let held notices go; return their events."""
        found: list[str] = self._ask("release")["released"]
        return found

    def faults(self, **faults: int | bool | str | Mapping[str, Sequence[str]]) -> Body:
        """Set faults: counts (``drop=2``, −1 for always), switches, seconds, days."""
        return self._send("POST", "/control/faults", faults)

    def deliver(self, *, whenever: bool = False) -> list[Body]:
        """Send what is due now, or all that will ever be due; return the attempts."""
        found: list[Body] = self._ask("deliver", whenever=whenever)["deliveries"]
        return found

    def redeliver(self, events: Sequence[str]) -> list[Body]:
        """Send chosen events now, in this order; return the attempts."""
        found: list[Body] = self._ask("redeliver", events=list(events))["deliveries"]
        return found

    def collect(self, at: datetime, events: Sequence[str] = ()) -> list[Parcel]:
        """Take the waiting notices (or chosen events) signed at ``at`` instead of sending them."""
        answer = self._ask("collect", at=at.isoformat(), events=list(events))
        return [Parcel(p["event"], p["raw"].encode(), p["signature"]) for p in answer["parcels"]]

    # time and state

    def stop_clock(self, at: datetime) -> None:
        """Jump to an instant and stop there; objects are dated then, nothing happens by itself."""
        self._ask("clock", at=at.isoformat())

    def advance_clock(self, seconds: int = 0, *, days: int = 0) -> int:
        """Let time pass: renewals, retries, debits, payouts, closing pages, each at its moment.

        Returns how many things happened.
        """
        return int(self._ask("clock", advance=seconds + 86_400 * days)["happened"])

    def advance_clock_to(self, at: datetime) -> int:
        """Let time pass until an instant; return how many things happened."""
        return int(self._ask("clock", to=at.isoformat())["happened"])

    def run_clock(self) -> None:
        """Let the stand-in follow real time again."""
        self._ask("clock")

    def reset(self, *, seed: str | None = None) -> None:
        """Forget everything but the webhook; the same seed gives the same ids again."""
        self._ask("reset", seed=seed)

    def state(self) -> Body:
        """Return settings, complaints, objects, and events with their deliveries."""
        return self._send("GET", "/control/state", None)

    def _short_state(self) -> Body:
        return self._send("GET", "/control/state?limit=0", None)

    def events(self) -> list[Body]:
        """Return every event, oldest first."""
        found: list[Body] = self.state()["events"]
        return found[::-1]

    def complaints(self) -> list[str]:
        """Return every breach of the contract by the stand-in; a test expects none."""
        found: list[str] = self._short_state()["complaints"]
        return found

    def breaches(self) -> list[str]:
        """Return every request Stripe would not understand; a test of our code expects none."""
        found: list[str] = self._short_state()["breaches"]
        return found

    def calls(self) -> dict[str, int]:
        """Return how often each address of the API was asked: ``GET /v1/charges/*`` → 3."""
        found: dict[str, int] = {}
        for call in self._short_state()["calls"]:
            found[call["what"]] = found.get(call["what"], 0) + call["count"]
        return found


def _gift(name: str) -> dict[str, str]:
    """Say whether a monthly gift is named by its subscription or by its session."""
    return {"subscription" if name.startswith("sub_") else "session": name}


def _over_http(url: str) -> Transport:
    parts = urlsplit(url)

    def send(method: str, path: str, wish: Mapping[str, Any] | None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
        try:
            body = None if wish is None else json.dumps(wish)
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    return send


def _in_process(app: Flask) -> Transport:
    def send(method: str, path: str, wish: Mapping[str, Any] | None) -> tuple[int, Any]:
        with app.test_client() as client:
            answer = client.open(path, method=method, json=wish)
            return answer.status_code, answer.get_json()

    return send
