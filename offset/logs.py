"""What does the installation say while it runs? One line of JSON an event, without personal data.

Whatever a message or a fault carries, addresses, card-like numbers, keys and link tokens are taken
out before the line is written: a log outlives an erasure. A line never contains a line break.
"""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Final

# What Python's own record carries; everything else on it was given by the caller.
_OWN: Final = frozenset(
    vars(logging.LogRecord("", 0, "", 0, "", (), None)) | {"message": 0, "asctime": 0}
)
_LONGEST: Final = 8_000
_TAKEN_OUT: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[address]"),
    (re.compile(r"\b(?:sk|rk|whsec)_[A-Za-z0-9_]{6,}"), "[key]"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), "[secret]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), "[iban]"),
    (re.compile(r"\b\d(?:[ -]?\d){12,18}\b"), "[number]"),
    # links to gifts, receipts and sign-in carry 24 bytes or more in their path
    (re.compile(r"(?<=/)[A-Za-z0-9_-]{32,}(?=[/?#\s\"']|$)"), "[token]"),
)


class Lines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write instant, level, place, message and whatever the caller added by name."""
        whole = int(record.created)
        instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        told: dict[str, Any] = {
            "at": f"{instant}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": clean(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _OWN:
                told[name] = value if isinstance(value, int | float | None) else clean(str(value))
        if record.exc_info and record.exc_info[1] is not None:
            told["fault"] = clean("".join(traceback.format_exception(record.exc_info[1])))
        return json.dumps(told, ensure_ascii=True, sort_keys=False)


# Libraries that tell each step; what goes wrong in them is still told.
_TALKATIVE: Final = ("alembic", "stripe", "weasyprint", "fontTools")


def clean(text: str) -> str:
    """Take out what could name a person, open a door or charge a card."""
    for pattern, instead in _TAKEN_OUT:
        text = pattern.sub(instead, text)
    return text[:_LONGEST]


def install(stream: IO[str] | None = None, levels: Mapping[str, int] | None = None) -> None:
    """Send every logger of this process to one stream, as lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name, level in {**dict.fromkeys(_TALKATIVE, logging.WARNING), **(levels or {})}.items():
        logging.getLogger(name).setLevel(level)


@contextmanager
def hushed() -> Iterator[None]:
    """Let our own loggers tell only what is critical, until the block ends."""
    ours = logging.getLogger("offset")
    before = ours.level
    ours.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        ours.setLevel(before)
