"""Is this notice really from Stripe, and what has become of the object it speaks of?

A notice only wakes us up. Its signature is checked on the raw bytes, then the object is read again
through the API, because notices come late, twice and in any order.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, cast

import stripe

from offset.errors import Forbidden, InvalidInput, NotFound
from offset.gateways.stripe_client import Body, instant, understood
from offset.gateways.stripe_facts import (
    BY_PREFIX,
    PAGE,
    READERS,
    itemised,
    latest_charge,
    moved,
    read_subscription,
)
from offset.giving.ports import ChargeFacts, Facts, Moved, Notice, PayoutFacts, SubscriptionFacts

T = TypeVar("T", stripe.Event, stripe.BalanceTransaction, stripe.Payout)

TOLERANCE_SECONDS: Final = 300
_LONGEST_MOMENT: Final = 12
_log = logging.getLogger(__name__)


class StripeEvents:
    """The notices of one Stripe account, behind the port ``EventReader``.

    Several secrets may be given, so that a secret can be changed without losing a notice; one
    more may be kept where a registration leaves it while the site runs.
    """

    def __init__(
        self,
        client: stripe.StripeClient,
        secrets: Sequence[str],
        kept: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._client = client
        self._secrets = tuple(secret for secret in secrets if secret)
        self._kept = kept

    # --- one notice -----------------------------------------------------------------------------

    def read(self, raw: bytes, signature: str, *, at: datetime) -> Notice:
        """Verify on the raw bytes, then read the object again.

        Raises
        ------
        Forbidden
            ``secret_missing``, ``signature_wrong`` or ``signature_stale``.
        InvalidInput
            ``event_unreadable``.
        TryLater
            ``processor_unreachable``.
        """
        kept = self._kept()
        verify(raw, signature, (*self._secrets, *([kept] if kept else [])), at=at)
        return self._noticed(_event(raw))

    def _noticed(self, event: Body) -> Notice:
        return _announced(event, self._facts(event["type"], event["data"]["object"]))

    def _facts(self, kind: str, subject: Body) -> Facts | None:
        read = READERS.get(kind)
        if read is None:
            return None
        try:
            with understood():
                return read(self._client, subject)
        except NotFound:
            # A notice of the other mode (test or live), or of an object that is gone.
            _log.warning("stripe: the object of a notice %s cannot be read", kind)
            return None

    # --- the catch-up ---------------------------------------------------------------------------

    def charge_of(self, payment_intent_id: str) -> ChargeFacts | None:
        """Read the latest charge of a payment, or None before there is one.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        try:
            with understood():
                return latest_charge(self._client, payment_intent_id)
        except NotFound:
            return None

    def announced_since(self, since: datetime) -> Iterator[Notice]:
        """List recent events, oldest first, without their objects; Stripe keeps 30 days.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        for event in _oldest_first(self._client.v1.events.list, since):
            yield _announced(event.to_dict(for_json=True), None)

    def again(self, payload: Mapping[str, object]) -> Notice:
        """Read the object of a stored or listed event again.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        return self._noticed(payload)

    def reread(self, object_id: str) -> Facts | None:
        """Read an object by its id; None when it is of no kind we use, or gone.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        read = next((BY_PREFIX[one] for one in BY_PREFIX if object_id.startswith(one)), None)
        try:
            with understood():
                return None if read is None else read(self._client, {"id": object_id})
        except NotFound:
            return None

    def movements_since(self, since: datetime) -> Iterator[Moved]:
        """List balance transactions with their sources, oldest first.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        for movement in _oldest_first(
            self._client.v1.balance_transactions.list, since, expand=["data.source"]
        ):
            yield moved(movement.to_dict(for_json=True))

    def payouts_since(self, since: datetime) -> Iterator[PayoutFacts]:
        """Read payouts with their items, oldest first.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        for payout in _oldest_first(
            self._client.v1.payouts.list,
            since,
            expand=["data.balance_transaction", "data.failure_balance_transaction"],
        ):
            with understood():
                found = itemised(self._client, payout.to_dict())
            yield found

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        """List the monthly gifts that are not over, each with the month that waits.

        Raises
        ------
        TryLater
            ``processor_unreachable``.
        """
        # Without a status Stripe leaves out the canceled ones.
        wish: Body = {"limit": PAGE, "expand": ["data.latest_invoice"]}
        with understood():
            page = self._client.v1.subscriptions.list(cast("Any", wish))
        while page.data:
            for subscription in page.data:
                yield read_subscription(subscription.to_dict())
            if not page.has_more:
                return
            with understood():
                page = self._client.v1.subscriptions.list(
                    cast("Any", {**wish, "starting_after": page.data[-1].id})
                )


# --- paging -----------------------------------------------------------------------------------


def _oldest_first(
    ask: Callable[[Any], stripe.ListObject[T]], since: datetime, **more: Any
) -> Iterator[T]:
    """Page a list from an instant on, oldest first, holding one page at a time.

    Stripe lists newest first, so the oldest page is found by halving the span of time; from there
    ``ending_before`` walks towards the newest, also past what arrives meanwhile.
    """
    wish = {"limit": PAGE, **more}
    start = int(since.timestamp())
    with understood():
        page = _oldest_page(ask, wish, start)
    while page:
        yield from reversed(page)
        with understood():
            page = ask({**wish, "created": {"gte": start}, "ending_before": page[0].id}).data


def _oldest_page(ask: Callable[[Any], stripe.ListObject[T]], wish: Body, start: int) -> list[T]:
    found = ask({**wish, "created": {"gte": start}})
    end = found.data[0].created + 1 if found.data else start
    while found.has_more and end - start > 1:
        middle = (start + end) // 2
        older = ask({**wish, "created": {"gte": start, "lt": middle}})
        if older.data:
            found, end = older, middle
        else:
            start = middle
    # More than a page within one second: all of that second is one page.
    return list(found.auto_paging_iter()) if found.has_more else found.data


def _announced(event: Body, facts: Facts | None) -> Notice:
    return Notice(
        event_id=event["id"],
        kind=event["type"],
        api_version=event.get("api_version"),
        livemode=event["livemode"],
        created=instant(event["created"]),
        payload=event,
        facts=facts,
    )


# --- signatures -------------------------------------------------------------------------------


def verify(raw: bytes, signature: str, secrets: Sequence[str], *, at: datetime) -> None:
    """Check that one of our secrets signed these very bytes, and not long before or after ``at``.

    Raises
    ------
    Forbidden
        ``secret_missing``, ``signature_wrong`` or ``signature_stale``.
    """
    if not secrets:
        raise Forbidden("secret_missing")
    moment, given = _parts(signature)
    signed = moment.encode() + b"." + raw
    expected = [hmac.new(s.encode(), signed, hashlib.sha256).hexdigest() for s in secrets]
    if not any(hmac.compare_digest(one, other) for one in expected for other in given):
        raise Forbidden("signature_wrong")
    if abs(int(at.timestamp()) - int(moment)) > TOLERANCE_SECONDS:
        raise Forbidden("signature_stale")


def _parts(signature: str) -> tuple[str, list[str]]:
    """Read ``t=…,v1=…,v1=…``; other schemes are passed over."""
    pairs = [part.strip().partition("=") for part in signature.split(",")]
    moments = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    good = len(moments) == 1 and moments[0].isascii() and moments[0].isdecimal()
    if not good or not given or len(moments[0]) > _LONGEST_MOMENT:
        raise Forbidden("signature_wrong")
    return moments[0], given


def _event(raw: bytes) -> Body:
    """Read signed bytes as an event.

    Raises
    ------
    InvalidInput
        ``event_unreadable``.
    """
    try:
        found = json.loads(raw)
        subject = found["data"]["object"]
        good = (
            found["object"] == "event"
            and isinstance(found["id"], str)
            and isinstance(found["type"], str)
            and isinstance(found["livemode"], bool)
            and isinstance(found["created"], int)
            and isinstance(subject, dict)
            and (found["type"] not in READERS or isinstance(subject["id"], str))
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        good = False
    if not good:
        raise InvalidInput("event_unreadable")
    event: Body = found
    return event
