"""What is new, for programs that read feeds? Atom and JSON Feed, for one project and for all."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from offset.clock import utc_day
from offset.errors import NotFound
from offset.projects import queries
from offset.projects.models import ProjectStatus
from offset.projects.queries import Told
from offset.web.language import language, page
from offset.web.public import blueprint
from offset.web.security import public
from offset.web.wiring import now, services

_ENTRIES: Final = 50
_SECONDS: Final = 300
_ATOM: Final = "application/atom+xml; charset=utf-8"
_JSON: Final = "application/feed+json; charset=utf-8"


@blueprint.get("/updates.atom")
@public
def all_updates_atom() -> ResponseReturnValue:
    """Hand out the newest updates of all projects as Atom (RFC 4287)."""
    return _atom(_all(), gettext("Updates of all soil projects"), "/updates.atom", "/projects")


@blueprint.get("/updates.json")
@public
def all_updates_json() -> ResponseReturnValue:
    """Hand out the newest updates of all projects as JSON Feed 1.1."""
    return _json(_all(), gettext("Updates of all soil projects"), "/updates.json", "/projects")


@blueprint.get("/projects/<slug>/updates.atom")
@public
def project_updates_atom(slug: str) -> ResponseReturnValue:
    """Hand out the newest updates of one project as Atom (RFC 4287)."""
    told, title = _one(slug)
    return _atom(told, title, f"/projects/{slug}/updates.atom", f"/projects/{slug}")


@blueprint.get("/projects/<slug>/updates.json")
@public
def project_updates_json(slug: str) -> ResponseReturnValue:
    """Hand out the newest updates of one project as JSON Feed 1.1."""
    told, title = _one(slug)
    return _json(told, title, f"/projects/{slug}/updates.json", f"/projects/{slug}")


def _all() -> tuple[Told, ...]:
    with services().database.reading() as session:
        return queries.latest(session, limit=_ENTRIES)


def _one(slug: str) -> tuple[tuple[Told, ...], str]:
    """Read the updates of one project that the public may see.

    Raises
    ------
    NotFound
        ``project_unknown``, also for a project that was withdrawn.
    """
    with services().database.reading() as session:
        found = queries.page(session, slug, on=utc_day(now()))
        if found.status is ProjectStatus.WITHDRAWN:
            raise NotFound("project_unknown", slug=slug)
        told = queries.latest(session, project_id=found.project_id, limit=_ENTRIES)
    return told, gettext("Updates of %(project)s", project=found.title)


def _atom(told: Sequence[Told], title: str, path: str, about: str) -> Response:
    body = render_template(
        "public/updates.atom",
        told=told,
        title=title,
        address=_address(path),
        about=_address(about),
        changed=_changed(told),
        tag=_tag,
        absolute=_absolute,
        update_address=_update_address,
        picture=_picture,
    )
    return _conditional(Response(body, content_type=_ATOM), told)


def _json(told: Sequence[Told], title: str, path: str, about: str) -> Response:
    answer = jsonify(
        version="https://jsonfeed.org/version/1.1",
        title=title,
        home_page_url=_address(about),
        feed_url=_address(path),
        language=language(),
        items=[_item(one) for one in told],
    )
    answer.content_type = _JSON
    return _conditional(answer, told)


def _item(one: Told) -> dict[str, object]:
    update = one.update
    item: dict[str, object] = {
        "id": _tag(one),
        "url": _update_address(one),
        "title": f"{one.project_title}: {update.title}",
        "content_html": _absolute(update.html)
        + "".join(
            f'<p><img src="{_picture(photo.key_medium)}" alt="{_quoted(photo.alt)}"></p>'
            for photo in update.photos
        ),
        "language": update.language,
        "date_published": update.published_at.isoformat(),
        "tags": [update.kind.value],
    }
    if update.photos:
        item["image"] = _picture(update.photos[0].key_large)
    return item


def _conditional(answer: Response, told: Sequence[Told]) -> Response:
    """Answer 304 to whoever has this already."""
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    if told:
        answer.last_modified = _changed(told)
    answer.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    # Reads the validators of the request; nothing else of the answer changes.
    answer.make_conditional(request)
    return answer


def _changed(told: Sequence[Told]) -> datetime:
    """Return when anything last changed; an empty feed has no moment of its own."""
    return max((one.update.published_at for one in told), default=_epoch())


def _epoch() -> datetime:
    return datetime.fromtimestamp(0, tz=now().tzinfo)


def _address(path: str) -> str:
    return f"{services().settings.public_url}{page(path)}"


def _update_address(one: Told) -> str:
    return _address(f"/projects/{one.slug}/updates/{one.update.id}")


def _picture(key: str) -> str:
    return f"{services().settings.public_url}/photos/{key}"


def _tag(one: Told) -> str:
    """Return an id that stays whatever the address becomes (RFC 4151)."""
    host = services().settings.public_url.partition("://")[2].partition(":")[0].partition("/")[0]
    return f"tag:{host},2026:update:{one.update.id}"


def _absolute(html: str) -> str:
    """Let what points into this site point there from anywhere."""
    root = services().settings.public_url
    return html.replace('href="/', f'href="{root}/').replace('src="/', f'src="{root}/')


def _quoted(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    )
