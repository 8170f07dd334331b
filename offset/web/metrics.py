"""What does a machine that watches the house read? ``/metrics``, for whoever has the token."""

import hmac
from typing import Final

from flask import Blueprint, Response, abort, request

from offset.reports.gauges import Gauge, gauges
from offset.web.security import by_link
from offset.web.wiring import now, services

blueprint: Final = Blueprint("metrics", __name__)
_KIND: Final = "text/plain; version=0.0.4; charset=utf-8"


@blueprint.get("/metrics")
@by_link
def show() -> Response:
    """Answer every gauge in Prometheus' text format; without the token there is no such page."""
    token = services().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    with services().database.reading() as session:
        found = gauges(session, at=now())
    return Response(written(found), content_type=_KIND)


def written(found: tuple[Gauge, ...]) -> str:
    """Write gauges, those of one name together, as the format asks."""
    by_name: dict[str, list[Gauge]] = {}
    for gauge in found:
        by_name.setdefault(gauge.name, []).append(gauge)
    lines = []
    for name, several in by_name.items():
        lines += [f"# HELP {name} {several[0].what}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels(one)} {one.value}" for one in several]
    return "\n".join((*lines, ""))


def _labels(gauge: Gauge) -> str:
    if not gauge.labels:
        return ""
    return "{" + ",".join(f'{name}="{value}"' for name, value in gauge.labels) + "}"
