"""What happens when the payment processor calls? Its notice is verified, stored, then used."""

import logging
from collections.abc import Callable
from typing import Final, cast

from flask import Blueprint, Flask, current_app, g, request

from offset.errors import Forbidden, InvalidInput, TryLater
from offset.web.security import accepts, public

blueprint: Final = Blueprint("webhooks", __name__)
_log = logging.getLogger("offset.web.webhooks")

Receiver = Callable[[bytes, str], object]
"""Takes the raw body and its signature, stores the event and its effect; twice is once."""
_NAME: Final = "offset_receiver"
_LARGEST: Final = 1_000_000


def install(app: Flask, receiver: Receiver) -> None:
    """Say who takes the notices of the processor."""
    app.extensions[_NAME] = receiver


@blueprint.post("/webhooks/stripe")
@public
@accepts(_LARGEST)
def stripe() -> tuple[str, int]:
    """Take one notice; a bad one changes nothing and is logged without its content."""
    receive = cast("Receiver", current_app.extensions[_NAME])
    raw = request.get_data(cache=False)
    try:
        receive(raw, request.headers.get("Stripe-Signature", ""))
    except (Forbidden, InvalidInput) as fault:
        _log.warning("webhook refused: %s, %d bytes (%s)", fault.code, len(raw), g.request_id)
        return "refused", 400
    except TryLater as fault:
        _log.warning("webhook put off: %s (%s)", fault.code, g.request_id)
        return "later", 503
    return "", 200
