"""What does the log say of a request? One line: which page, which answer, how long; never who."""

import logging
import time
from typing import Final

from flask import Flask, Response, g, request

_log = logging.getLogger("offset.web.request")
_QUIET: Final = frozenset({"static_files.serve", "health.alive", "metrics.show"})


def install(app: Flask) -> None:
    """Note when a request begins and what became of it."""
    app.before_request(_begin)
    app.after_request(_tell)


def _begin() -> None:
    g.began = time.perf_counter()


def _tell(answer: Response) -> Response:
    """Name the page by its endpoint: an address may carry the token of a gift."""
    if request.endpoint not in _QUIET:
        told = {
            "request_id": g.get("request_id", "-"),
            "method": request.method,
            "endpoint": request.endpoint or "-",
            "status": answer.status_code,
            "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        }
        _log.info("request", extra=told)
    return answer
