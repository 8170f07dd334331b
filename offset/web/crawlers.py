"""What do machines that read the web find here: robots, site map, contact for finders of faults?"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final, cast

from flask import Blueprint, Flask, Response, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from calculators.flight.methods import METHOD_IDS
from calculators.soil.practices import practices
from offset.web.language import LANGUAGES, page, prefix_of
from offset.web.security import policies, public
from offset.web.static_files import static_url
from offset.web.wiring import now, services

blueprint: Final = Blueprint("crawlers", __name__)

Listing = Callable[[], Iterable[tuple[str, date | None]]]
"""Pages that are not fixed: (path, day of the last change)."""
_NAME: Final = "offset_listing"
_CLOSED: Final = (
    "/account",
    "/api",
    "/c/",
    "/committee",
    "/contribute",
    "/demo",
    "/gift/",
    "/pledge/",
    "/receipts/",
    "/secretariat",
    "/sign-in",
    "/steward",
)
_UNLISTED: Final = frozenset(
    {"/calibration", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml", "/unknown", "/why"}
)
_FILES: Final = (
    ".json",
    ".py",
    ".txt",
    ".xml",
    ".ico",
    ".atom",
    ".csv",
    ".svg",
    ".png",
    ".geojson",
    ".xlsx",
)
_DAY_SECONDS: Final = 86_400
_CONTACT_DAYS: Final = 365


def install(app: Flask, listing: Listing | None) -> None:
    """Say which pages beside the fixed ones belong on the site map."""
    app.extensions[_NAME] = listing or (lambda: ())


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Keep crawlers out of private rooms, in every language."""
    closed = [f"Disallow: {prefix_of(code)}{path}" for code in LANGUAGES for path in _CLOSED]
    sitemap = f"Sitemap: {services().settings.public_url}/sitemap.xml"
    return _text("\n".join(("User-agent: *", *closed, "", sitemap, "")))


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """List the public pages in their languages."""
    listing = cast("Listing", current_app.extensions[_NAME])
    body = render_template(
        "sitemap.xml",
        pages=[
            *((path, None) for path in _fixed_pages()),
            *((f"/methods/{method}", None) for method in METHOD_IDS),
            *((f"/practices/{one.id}", None) for one in practices()),
            *listing(),
        ],
        prefix_of=prefix_of,
    )
    return Response(body, content_type="application/xml; charset=utf-8")


def _fixed_pages() -> list[str]:
    """Return the addresses of public pages that need no argument."""
    told = policies(current_app)
    return sorted(
        {
            rule.rule
            for rule in current_app.url_map.iter_rules()
            if not rule.arguments
            and "GET" in (rule.methods or ())
            and not (told[rule.endpoint].signed_in or told[rule.endpoint].private)
            and rule.rule not in _UNLISTED
            and not rule.rule.startswith(("/.well-known", *_CLOSED))
            and not rule.rule.endswith(_FILES)
        }
    )


@blueprint.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """Tell finders of faults where to write (RFC 9116)."""
    settings = services().settings
    until = now() + timedelta(days=_CONTACT_DAYS)
    return _text(
        f"Contact: mailto:{settings.mail_from.rpartition('<')[2].rstrip('>')}\n"
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}\n"
        f"Preferred-Languages: {', '.join(LANGUAGES)}\n"
        f"Canonical: {settings.public_url}/.well-known/security.txt\n"
    )


@blueprint.get("/.well-known/change-password")
@public
def change_password() -> ResponseReturnValue:
    """Send password managers to the account."""
    return redirect(page("/account"))


@blueprint.get("/favicon.ico")
@public
def favicon() -> ResponseReturnValue:
    """Answer browsers that ask for an icon by its old name."""
    return redirect(static_url("mark.svg"), code=301)


def _text(body: str) -> Response:
    answer = Response(body, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={_DAY_SECONDS}"
    return answer
