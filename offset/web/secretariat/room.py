"""Where do the pages of the secretariat hang?"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from offset.clock import utc_day
from offset.errors import OffsetError
from offset.web.errors import sentence_of, status_of
from offset.web.language import page
from offset.web.secretariat.forms import Press
from offset.web.security import current_actor
from offset.web.wiring import now, services

R = TypeVar("R")

blueprint: Final = Blueprint("secretariat", __name__, url_prefix="/secretariat")


def today() -> date:
    """Return the date of the books."""
    return utc_day(now())


def back(path: str) -> ResponseReturnValue:
    """Send the browser to a page of this room after a form that was taken."""
    return redirect(page(f"/secretariat{path}"), code=303)


def act(verb: Callable[..., R], **told: Any) -> R:
    """Run one verb as the person who is signed in, now."""
    return services().database.run(verb, actor=current_actor(), at=now(), **told)


def press(
    verb: Callable[..., object],
    after: str,
    again: Callable[[str, int], ResponseReturnValue],
    **told: Any,
) -> ResponseReturnValue:
    """Take a form that is one button; a refusal is told on the page it came from."""
    if not Press().validate():
        return again("", 422)
    try:
        act(verb, **told)
    except OffsetError as fault:
        return again(sentence_of(fault), status_of(fault))
    return back(after)
