"""Which answers travel compressed? Texts of some length, for browsers that take gzip.

A form token changes with every second, so a compressed page does not let it be guessed.
"""

import gzip
from typing import Final

from flask import Flask, Response, request

_TEXTS: Final = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/feed+json",
    "application/atom+xml",
    "application/xml",
    "image/svg+xml",
)
_SHORTEST: Final = 600
_LEVEL: Final = 6


def install(app: Flask) -> None:
    """Compress after every other function has had its say about the answer."""
    # Functions that run after a request run in reverse: the first one named here comes last.
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if not _worth_it(answer):
        return answer
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        answer.set_data(gzip.compress(answer.get_data(), _LEVEL, mtime=0))
        answer.content_encoding = "gzip"
    return answer


def _worth_it(answer: Response) -> bool:
    if answer.direct_passthrough or answer.is_streamed or answer.content_encoding:
        return False
    if not (answer.content_type or "").startswith(_TEXTS):
        return False
    return (answer.content_length or 0) >= _SHORTEST or len(answer.get_data()) >= _SHORTEST
