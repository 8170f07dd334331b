"""Does a line of the log say enough, and nothing of anybody?"""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from offset import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = io.StringIO()
    logs.install(found)
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_event_is_one_line_with_what_the_caller_added(stream: io.StringIO) -> None:
    extra = {"request_id": "abc", "ms": 1.5, "status": 200, "who": None}
    logging.getLogger("offset.x").info("two\r\nlines \x1b[31mred", extra=extra)
    [line] = stream.getvalue().splitlines()
    told = json.loads(line)
    assert told["event"] == "two\r\nlines \x1b[31mred"
    assert "\x1b" not in line
    assert (told["level"], told["logger"], told["request_id"]) == ("info", "offset.x", "abc")
    assert (told["ms"], told["status"], told["who"]) == (1.5, 200, None)


@pytest.mark.parametrize(
    ("secret", "instead"),
    [
        ("ada.lovelace+fly@mail.example.org", "[address]"),
        ("4242 4242 4242 4242", "[number]"),
        ("4242424242424242", "[number]"),
        ("sk_live_51Habcdefgh", "[key]"),
        ("whsec_0123456789abcdef", "[key]"),
        ("FR76 3000 6000 0112 3456 7890 189", "[iban]"),
        ("DE89370400440532013000", "[iban]"),
        ("postgresql://offset:pa55word@db/offset", "postgresql://[secret]@db/offset"),
        ("/gifts/Jx3vW8k2Zq1LmN0pRsTuVwXyZ012345a", "/gifts/[token]"),
    ],
)
def test_what_names_a_person_or_opens_a_door_is_taken_out(
    stream: io.StringIO, secret: str, instead: str
) -> None:
    try:
        raise ValueError(f"broke on {secret}")  # noqa: TRY301 - the fault is what is looked at
    except ValueError:
        logging.getLogger("offset").exception("at %s", secret, extra={"more": secret})
    line = stream.getvalue()
    assert secret not in line
    told = json.loads(line)
    assert told["event"] == f"at {instead}"
    assert told["more"] == instead
    assert f"broke on {instead}" in told["fault"]


@pytest.mark.parametrize(
    "text",
    ["txn_1PabcDEF 60.00 EUR", "2026-11-21T10:00:00Z", "entry 0190f3d2-7c1e", "GET 200 12.5"],
)
def test_what_harms_nobody_stays(text: str) -> None:
    assert logs.clean(text) == text
