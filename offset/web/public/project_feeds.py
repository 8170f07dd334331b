"""What is new, for programs that read feeds? Atom and JSON Feed, for one project and for all.

New is what a project wrote and what was measured in its soil.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import escape

from offset.clock import utc_day
from offset.errors import NotFound
from offset.projects import queries
from offset.projects.models import ProjectStatus
from offset.projects.queries import MeasuredNews, Told
from offset.web.language import language, page
from offset.web.public import blueprint, claims
from offset.web.security import public
from offset.web.templating import locale, write_day
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


@dataclass(frozen=True)
class Item:
    """One thing that happened: an update that a project wrote, or an outcome that was measured."""

    tag: str
    address: str
    title: str
    html: str
    language: str
    published_at: datetime
    changed_at: datetime
    term: str
    image: str = ""


def _all() -> tuple[Item, ...]:
    with services().database.reading() as session:
        told = queries.latest(session, limit=_ENTRIES)
        soils = queries.measured(session, limit=_ENTRIES)
    return _newest(told, soils)


def _one(slug: str) -> tuple[tuple[Item, ...], str]:
    """Read the updates and outcomes of one project that the public may see.

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
        soils = queries.measured(session, project_id=found.project_id, limit=_ENTRIES)
    return _newest(told, soils), gettext("Updates of %(project)s", project=found.title)


def _newest(told: Sequence[Told], soils: Sequence[MeasuredNews]) -> tuple[Item, ...]:
    """Put what projects wrote and what was measured in one row, newest first."""
    items = [*map(_written, told), *map(_measured, soils)]
    items.sort(key=lambda one: (one.published_at, one.tag), reverse=True)
    return tuple(items[:_ENTRIES])


def _written(one: Told) -> Item:
    update = one.update
    pictures = "".join(
        f'<p><img src="{_picture(photo.key_medium)}" alt="{escape(photo.alt)}"></p>'
        for photo in update.photos
    )
    return Item(
        tag=_tag("update", update.id),
        address=_address(f"/projects/{one.slug}/updates/{update.id}"),
        title=f"{one.project_title}: {update.title}",
        html=_absolute(update.html) + pictures,
        language=update.language,
        published_at=update.published_at,
        changed_at=update.published_at,
        term=update.kind.value,
        image=_picture(update.photos[0].key_large) if update.photos else "",
    )


def _measured(one: MeasuredNews) -> Item:
    """Write an outcome as the project's page says it, whatever it says."""
    outcome = one.outcome
    expected = (one.projection,) if one.projection else ()
    claim = queries.claim_of(outcome, expected)
    said = [
        claims.headline(claim, one.projection),
        claims.context(claim, one.projection),
        gettext(
            "Sampled %(day)s to %(depth)s cm, %(cores)s cores; analysed by %(laboratory)s.",
            day=write_day(outcome.sampled_on, locale()),
            depth=outcome.depth_cm,
            cores=outcome.cores,
            laboratory=outcome.laboratory,
        ),
        gettext("This is an invented sample of the demonstration.") if outcome.synthetic else "",
        gettext("Another outcome has taken the place of this one.") if outcome.superseded else "",
        gettext("Why it takes the place of an earlier one: %(reason)s", reason=outcome.reason)
        if outcome.reason
        else "",
    ]
    return Item(
        tag=_tag("outcome", outcome.id),
        address=_address(f"/projects/{one.slug}") + "#outcomes-heading",
        title=gettext("%(project)s: the soil was measured", project=one.project_title),
        html="".join(f"<p>{escape(text)}</p>" for text in said if text),
        language=language(),
        published_at=outcome.published_at,
        changed_at=one.changed_at,
        term="measurement",
    )


def _atom(told: Sequence[Item], title: str, path: str, about: str) -> Response:
    body = render_template(
        "public/updates.atom",
        told=told,
        title=title,
        address=_address(path),
        about=_address(about),
        changed=_changed(told),
    )
    return _conditional(Response(body, content_type=_ATOM), told)


def _json(told: Sequence[Item], title: str, path: str, about: str) -> Response:
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


def _item(one: Item) -> dict[str, object]:
    item: dict[str, object] = {
        "id": one.tag,
        "url": one.address,
        "title": one.title,
        "content_html": one.html,
        "language": one.language,
        "date_published": one.published_at.isoformat(),
        "tags": [one.term],
    }
    if one.changed_at != one.published_at:
        item["date_modified"] = one.changed_at.isoformat()
    if one.image:
        item["image"] = one.image
    return item


def _conditional(answer: Response, told: Sequence[Item]) -> Response:
    """Answer 304 to whoever has this already."""
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    if told:
        answer.last_modified = _changed(told)
    answer.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    # Reads the validators of the request; nothing else of the answer changes.
    answer.make_conditional(request)
    return answer


def _changed(told: Sequence[Item]) -> datetime:
    """Return when anything last changed; an empty feed has no moment of its own."""
    return max((one.changed_at for one in told), default=_epoch())


def _epoch() -> datetime:
    return datetime.fromtimestamp(0, tz=now().tzinfo)


def _address(path: str) -> str:
    return f"{services().settings.public_url}{page(path)}"


def _picture(key: str) -> str:
    return f"{services().settings.public_url}/photos/{key}"


def _tag(kind: str, id_: uuid.UUID) -> str:
    """Return an id that stays whatever the address becomes (RFC 4151)."""
    host = services().settings.public_url.partition("://")[2].partition(":")[0].partition("/")[0]
    return f"tag:{host},2026:{kind}:{id_}"


def _absolute(html: str) -> str:
    """Let what points into this site point there from anywhere."""
    root = services().settings.public_url
    return html.replace('href="/', f'href="{root}/').replace('src="/', f'src="{root}/')
