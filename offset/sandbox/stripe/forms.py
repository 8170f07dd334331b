"""What did a client mean by ``line_items[0][price_data][currency]=eur``?"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

_DEEPEST = 8
_KEY = re.compile(r"[^\[\]]+(?:\[[^\[\]]*\])*", re.ASCII)
_STEP = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decode(body: str) -> dict[str, Any]:
    """Read a bracketed form body into nested dictionaries; arrays keep their indices as keys.

    Raises
    ------
    ValueError
        When a name is malformed, too deep, or used both as a value and as a group.
    """
    return nest(parse_qsl(body, keep_blank_values=True))


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nest pairs of names and values; ``a[]`` counts up.

    Raises
    ------
    ValueError
        As in :func:`decode`.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        if not _KEY.fullmatch(name):
            raise ValueError(name)
        *groups, last = _STEP.findall(name)
        if len(groups) >= _DEEPEST:
            raise ValueError(name)
        place = root
        for step in groups:
            place = _group(place, step or str(len(place)), name)
        if place.setdefault(last or str(len(place)), value) is not value:
            raise ValueError(name)  # given twice, or a group as well
    return root


def _group(place: dict[str, Any], step: str, name: str) -> dict[str, Any]:
    found = place.setdefault(step, {})
    if isinstance(found, dict):
        return found
    raise ValueError(name)
