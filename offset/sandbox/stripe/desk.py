"""What does every act of the stand-in need at hand: the shelf, the time, the names, the news?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import stripe

from offset.clock import Clock
from offset.sandbox.stripe import contract
from offset.sandbox.stripe.objects import Body, blank, make_id
from offset.sandbox.stripe.store import Shelf

_ANY_NUMBER: Final = -1


class ApiFault(Exception):
    """What the API answers instead of an object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.blamed = False  # a request that Stripe itself would not understand
        told = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.error = {name: value for name, value in told.items() if value is not None}


def not_offered(param: str) -> ApiFault:
    """Say loudly that Stripe could do this and the stand-in cannot: nothing is ignored silently."""
    return ApiFault(
        400,
        f"The stand-in does not offer '{param}' yet; Stripe does.",
        code="stand_in_not_offered",
        param=param,
    )


def missing(kind: str, object_id: str) -> ApiFault:
    """Say that there is no such object."""
    return ApiFault(
        404, f"No such {kind.replace('.', ' ')}: '{object_id}'", code="resource_missing", param="id"
    )


@dataclass(kw_only=True)
class Desk:
    """One act in progress: everything it touches is kept together or not at all."""

    shelf: Shelf
    at: int  # the stand-in's time, seconds
    sent: int  # real time, milliseconds: when notices are due
    seed: str
    request_id: str | None = None
    idempotency_key: str | None = None
    asked: str | None = None  # the request's method and pattern
    aimed: bool = False  # whether the panel's faults are meant for this call
    kept: ApiFault | None = None  # a refusal whose traces stay, such as a declined card
    disturbance: Callable[[], None] | None = None  # what the fault panel does to the answer

    def find(self, kind: str, object_id: str) -> Body:
        """Return an object.

        Raises
        ------
        ApiFault
            404 ``resource_missing``.
        """
        body = self.shelf.get(object_id, kind)
        if body is None:
            raise missing(kind, object_id)
        return body

    def new_id(self, kind: str) -> str:
        """Name the next object of a kind."""
        return make_id(kind, self.shelf.next_number(kind), self.seed)

    def make(self, kind: str, private: Mapping[str, Any] | None = None, **values: Any) -> Body:
        """Build an object and put it on the shelf."""
        body = blank(kind, id=self.new_id(kind), **values)
        if "created" in body:
            body["created"] = self.at
        self.shelf.add(body, created=self.at, **(private or {}))
        return body

    def tell(self, kind: str, body: Body, *, before: Body | None = None) -> None:
        """Record an event about an object's present state and put it on its way."""
        data: Body = {"object": body}
        if before is not None:
            data["previous_attributes"] = {
                name: value for name, value in before.items() if body.get(name) != value
            }
        event = self.make(
            "event",
            type=kind,
            api_version=stripe.api_version,
            data=data,
            livemode=False,
            request={"id": self.request_id, "idempotency_key": self.idempotency_key},
        )
        for told in (event, body):
            for fault in contract.check_answer(told):
                self.shelf.complain(f"{kind} {told['object']}: {fault}")
        self._send_off(event["id"])

    def _send_off(self, event: str) -> None:
        """Queue a new event for the webhook, as the fault panel wishes."""
        if self.spend("drop"):
            self.shelf.post(event, "dropped", due=self.sent)
            return
        state = "held" if self.shelf.setting("hold", default=False) else "due"
        due = self.sent + 1000 * int(self.shelf.setting("delay", default=0))
        disguise = next(
            (d for d in ("forged", "stale", "version", "livemode") if self.spend(d)), ""
        )
        self.shelf.post(event, state, due=due, disguise=disguise)
        if self.spend("duplicate"):
            self.shelf.post(event, state, due=due)

    def spend(self, fault: str) -> bool:
        """Use up one of the panel's ordered faults; −1 stands for every time."""
        left = int(self.shelf.setting(fault, default=0))
        if left > 0:
            self.shelf.set(fault, left - 1)
        return left != 0


def present(shelf: Shelf, clock: Clock) -> tuple[int, int]:
    """Return the stand-in's time in seconds and the real time in milliseconds."""
    real = clock.now()
    stopped = shelf.setting("clock_at")
    at = stopped if stopped is not None else seconds(real) + shelf.setting("clock_ahead", default=0)
    return int(at), milliseconds(real)


def seconds(at: datetime) -> int:
    """Return an instant as Stripe writes it."""
    return milliseconds(at) // 1000


def milliseconds(at: datetime) -> int:
    """Return an instant in whole milliseconds since 1970."""
    return round(at.timestamp() * 1000)
