"""Which rows of the reconciliation does an address ask for, and how is it written again?"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from flask import request

from offset.errors import InvalidInput
from offset.money import parse_money
from offset.treasury.matching import Kind
from offset.treasury.screen import Show, View

_KEPT: Final = ("show", "account", "kind", "since", "until", "amount", "text", "after")
_LONGEST: Final = 100


def view_of(currency: str) -> View:
    """Read the filters of the address; what cannot be read filters nothing."""
    asked = request.args
    return View(
        show=_member(Show, asked.get("show", "")) or Show.ALL,
        kind=_member(Kind, asked.get("kind", "")),
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
        amount=amount_of(asked.get("amount", ""), currency),
        text=asked.get("text", "").strip()[:_LONGEST],
        after=asked.get("after", ""),
    )


def query(**changes: Any) -> str:
    """Write the address of the screen again as it was filtered, with some things changed."""
    told: Mapping[str, Any] = {
        **{name: request.args.get(name, "")[:_LONGEST] for name in _KEPT},
        **changes,
    }
    return urlencode({name: value for name, value in told.items() if value})


def filtered(view: View) -> bool:
    """Say whether anything but the state is asked for."""
    return any((view.kind, view.since, view.until, view.amount is not None, view.text))


def id_of(text: str) -> uuid.UUID | None:
    """Read an id of the address or of a form; anything else is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _member(kind: Any, text: str) -> Any:
    return kind(text) if text in set(kind) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def amount_of(text: str, currency: str) -> int | None:
    """Read an amount of the address, without its sign; anything else is none."""
    try:
        return parse_money(text.strip().lstrip("-−"), currency).minor if text.strip() else None
    except InvalidInput:
        return None
