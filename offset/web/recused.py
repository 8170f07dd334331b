"""Does an address lead a member of the committee to a project from which they stepped aside?

Asked before any view of an address that carries an id, so that a new page is shut as well. Whoever
runs a project reaches it in the stewards' room, which asks for membership itself.
"""

import contextlib
import uuid
from typing import Final

from flask import Flask, request

from offset.errors import NotFound
from offset.people.access import Right, may
from offset.projects import recusals
from offset.web.security import current_actor
from offset.web.wiring import services

_OWN_ROOM: Final = "steward"
# an id with its hyphens, or without
_LONG: Final = frozenset({32, 36})


def install(app: Flask) -> None:
    """Ask before each request."""
    app.before_request(refuse)


def refuse() -> None:
    """Answer as if there were nothing.

    Raises
    ------
    NotFound
        ``assessment_unknown``.
    """
    ids = _ids()
    if not ids or request.blueprint == _OWN_ROOM:
        return
    actor = current_actor()
    if not may(actor, Right.SEE_COMMITTEE):
        return
    with services().database.reading() as session:
        if recusals.touches(session, actor.user_id, ids):
            raise NotFound("assessment_unknown")


def _ids() -> list[uuid.UUID]:
    """Return every id that the address holds: in its path, as a word of it, or behind its mark."""
    said = [*(request.view_args or {}).values(), *request.args.values()]
    found = []
    for value in said:
        if isinstance(value, uuid.UUID):
            found.append(value)
        elif isinstance(value, str) and len(value) in _LONG:
            with contextlib.suppress(ValueError):
                found.append(uuid.UUID(value))
    return found
