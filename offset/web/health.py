"""Is the process alive, and is everything behind it ready?"""

from collections.abc import Callable, Mapping
from typing import Final, cast

from flask import Blueprint, Flask, Response, current_app, jsonify

from offset.web.security import public
from offset.web.wiring import Services, services

blueprint: Final = Blueprint("health", __name__)

Check = Callable[[Services], str | None]
"""Looks at one thing and returns what is wrong with it, or None."""
_NAME: Final = "offset_checks"


def install(app: Flask, checks: Mapping[str, Check]) -> None:
    """Say what must be in order before visitors are let in."""
    app.extensions[_NAME] = dict(checks)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """Say that the process answers; nothing else is asked."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Say whether the database, its schema and the jobs are in order."""
    checks = cast("Mapping[str, Check]", current_app.extensions[_NAME])
    faults = {name: fault for name, check in checks.items() if (fault := _ask(check))}
    status = "ready" if not faults else "not ready"
    return jsonify(status=status, faults=faults), 503 if faults else 200


def _ask(check: Check) -> str | None:
    try:
        return check(services())
    except Exception:
        current_app.logger.exception("a readiness check failed")
        return "unreachable"
