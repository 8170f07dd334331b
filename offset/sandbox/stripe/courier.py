"""Who brings the notices to the webhook, signed, again and again until it answers?"""

import hashlib
import hmac
import http.client
import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import stripe

from offset.clock import Clock
from offset.config import is_loopback
from offset.sandbox.stripe import desk as desks
from offset.sandbox.stripe.store import Delivery, Shelf, Store

_WAITS: Final = (1, 2, 5, 10, 30, 60, 300)  # seconds; a real account tries for three days
_PATIENCE: Final = 20.0
_IDLE: Final = 0.2
_BATCH: Final = 50
_STALE: Final = 3600
_GOOD: Final = range(200, 300)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parcel:
    """An event as it travels: the raw bytes and the ``Stripe-Signature`` header."""

    event_id: str
    raw: bytes
    signature: str


def sign(raw: bytes, secret: str, at: datetime) -> str:
    """Sign bytes the way Stripe does: ``t=…,v1=HMAC-SHA256(secret, "t.bytes")``."""
    moment = desks.seconds(at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Courier:
    """Sends due deliveries to the webhook, in a thread of its own or when asked."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._one_at_a_time = threading.Lock()

    # the thread

    def start(self) -> None:
        """Start delivering in the background."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._work, name="stand-in courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the delivery under way."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def hurry(self) -> None:
        """Look at once whether something is due."""
        self._wake.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            if not self._round():
                self._wake.wait(_IDLE)

    def _round(self) -> bool:
        """Deliver what is due; the background outlives every fault of one round."""
        try:
            return bool(self.deliver_due())
        except Exception:  # noqa: BLE001 - one bad round must not end all deliveries
            _log.exception("the stand-in could not deliver")
            return False

    # the work

    def deliver_due(self, *, whenever: bool = False) -> list[Delivery]:
        """Deliver everything that is due now, or everything that will ever be."""
        with self._one_at_a_time:
            with self._store.transaction() as shelf:
                if shelf.setting("paused", default=False) or not shelf.setting("webhook_url"):
                    return []
                due = None if whenever else desks.milliseconds(self._clock.now())
                batch = shelf.deliveries("due", due=due, limit=_BATCH)
                batch = _ordered(shelf, batch)
            return [self._attempt(one) for one in batch]

    def redeliver(self, events: Sequence[str]) -> list[Delivery]:
        """Send chosen events now, in the order given, whatever happened to them before."""
        with self._one_at_a_time:
            with self._store.transaction() as shelf:
                now = desks.milliseconds(self._clock.now())
                numbers = [shelf.post(event, "held", due=now) for event in events]
                batch = {one.number: one for one in shelf.deliveries("held")}
            return [self._attempt(batch[number]) for number in numbers]

    def collect(self, at: datetime) -> list[Parcel]:
        """Hand over what waits, signed at a moment, instead of sending it: history in process."""
        with self._one_at_a_time, self._store.transaction() as shelf:
            batch = _ordered(shelf, shelf.deliveries("due"))
            for one in batch:
                shelf.update_delivery(
                    one.number, "delivered", due=one.due, tries=one.tries + 1, answer="collected"
                )
            return [self._pack(shelf, one, at) for one in batch]

    def parcel(self, event: str, at: datetime) -> Parcel:
        """Pack and sign one event without sending it."""
        with self._store.transaction() as shelf:
            return self._pack(shelf, Delivery(0, event, "due", 0, 0, "", None), at)

    def _pack(self, shelf: Shelf, one: Delivery, at: datetime) -> Parcel:
        event = shelf.get(one.event, "event")
        if event is None:
            raise desks.missing("event", one.event)
        event["pending_webhooks"] = shelf.undelivered(one.event)
        if one.disguise == "version":
            event["api_version"] = "2019-12-03"
        if one.disguise == "livemode":
            event["livemode"] = True
        raw = json.dumps(event, indent=2).encode()
        secret = shelf.setting("webhook_secret", default="")
        if one.disguise == "forged":
            secret = "whsec_forged"  # noqa: S105 - the wrong one, on purpose
        moment = (
            at
            if one.disguise != "stale"
            else datetime.fromtimestamp(at.timestamp() - _STALE, at.tzinfo)
        )
        return Parcel(one.event, raw, sign(raw, secret, moment))

    def _attempt(self, one: Delivery) -> Delivery:
        now = self._clock.now()
        with self._store.transaction() as shelf:
            url = shelf.setting("webhook_url", default="")
            parcel = self._pack(shelf, one, now)
        good, answer = _post(url, parcel) if url else (False, "no webhook address is set")
        tries = one.tries + 1
        state = "delivered" if good else ("due" if tries <= len(_WAITS) else "failed")
        wait = 0 if good else _WAITS[min(tries, len(_WAITS)) - 1]
        due = desks.milliseconds(now) + 1000 * wait
        with self._store.transaction() as shelf:
            shelf.update_delivery(one.number, state, due=due, tries=tries, answer=answer)
        return Delivery(one.number, one.event, state, due, tries, one.disguise, answer)


def _ordered(shelf: Shelf, batch: list[Delivery]) -> list[Delivery]:
    """Order a batch as the panel wishes: as it came, backwards, or shuffled by the seed."""
    if shelf.setting("shuffle", default=False):
        seed = shelf.setting("seed", default="")
        return sorted(
            batch, key=lambda one: hashlib.sha256(f"{seed}:{one.number}".encode()).digest()
        )
    return batch[::-1] if shelf.setting("reorder", default=False) else batch


def _post(url: str, parcel: Parcel) -> tuple[bool, str]:
    """Send one parcel; the stand-in never speaks to anything off this machine."""
    parts = urlsplit(url)
    if not is_loopback(url):
        return False, "refused: the webhook is not on this machine"
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=_PATIENCE
    )
    try:
        connection.request(
            "POST",
            parts.path or "/",
            body=parcel.raw,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": parcel.signature,
                "User-Agent": f"Stripe stand-in ({stripe.api_version})",
            },
        )
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as fault:
        return False, f"{type(fault).__name__}: {fault}"
    finally:
        connection.close()
    return answer.status in _GOOD, str(answer.status)
