"""How does a steward tell from the field? Text, one photo at a time, handed in to be read."""

import uuid
from dataclasses import asdict
from typing import Any, Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from offset.errors import OffsetError
from offset.people import phrases
from offset.people.access import Right
from offset.people.phrases import Hit
from offset.projects import rooms, updates
from offset.projects.ports import StoredPhoto
from offset.web import labels
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward.apply import UPLOAD_BYTES
from offset.web.steward.forms import Update
from offset.web.steward.room import blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services

_KEPT: Final = "photo of an update"


@blueprint.route("/projects/<uuid:project_id>/updates/new", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@accepts(UPLOAD_BYTES)
@limited("60 per hour")
def update(project_id: uuid.UUID) -> ResponseReturnValue:
    """Tell from the field, with a photo; the secretariat reads it before it is public."""
    seen = seen_project(project_id)
    form = Update(data={"language": seen.document.get("project", {}).get("language", "en")})
    found: tuple[Hit, ...] = ()
    if request.method == "POST":
        # validating first: it would forget what is wrong with the photo
        valid = form.validate()
        photo = _photo(form)
        found = _refused_words(form)
        if valid and not form.photo.errors and not found:
            try:
                services().database.run(
                    updates.tell,
                    actor=current_actor(),
                    at=now(),
                    project_id=project_id,
                    photo=photo,
                    **_typed(form),
                )
                return redirect(page(f"/steward/projects/{project_id}") + "#updates", code=303)
            except OffsetError as fault:
                blame(form, fault)
    return _page(form, seen.line.title, project_id, found)


@blueprint.route("/updates/<uuid:update_id>", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@accepts(UPLOAD_BYTES)
@limited("60 per hour")
def mend(update_id: uuid.UUID) -> ResponseReturnValue:
    """Mend an update that came back and hand it in again; one that was taken is only shown."""
    with services().database.reading() as session:
        seen = rooms.own_update(session, current_actor(), update_id)
    project_id = seen.line.project_id
    form = Update(data={"title": seen.line.title, "body": seen.body, "language": seen.language})
    found: tuple[Hit, ...] = ()
    if request.method == "POST":
        # validating first: it would forget what is wrong with the photo
        valid = form.validate()
        photo = _photo(form)
        found = _refused_words(form)
        if valid and not form.photo.errors and not found:
            try:
                services().database.run(
                    updates.tell_again,
                    actor=current_actor(),
                    at=now(),
                    update_id=update_id,
                    photo=photo,
                    **_typed(form),
                )
                return redirect(page(f"/steward/projects/{project_id}") + "#updates", code=303)
            except OffsetError as fault:
                blame(form, fault)
    return _page(form, seen.line.project, project_id, found, seen)


def _typed(form: Update) -> dict[str, Any]:
    return {
        "title": form.title.data or "",
        "body": form.body.data or "",
        "language": form.language.data or "en",
        "alt": form.alt.data or "",
        "consent": bool(form.consent.data),
    }


def _photo(form: Update) -> StoredPhoto | None:
    """Return the photo that came now or with an earlier try, and carry it on in the form."""
    if form.drop.data:
        form.kept.data = ""
        return None
    if form.photo.data:
        try:
            photo = services().files.keep_photo(form.photo.data.read())
        except OffsetError as fault:
            blame(form, fault)
            return None
        form.kept.data = _signed().dumps(asdict(photo))
        return photo
    try:
        return StoredPhoto(**_signed().loads(form.kept.data or ""))
    except BadSignature:
        form.kept.data = ""
        return None


def _signed() -> URLSafeSerializer:
    return URLSafeSerializer(services().settings.secret_key, salt=_KEPT)


def _refused_words(form: Update) -> tuple[Hit, ...]:
    """Return the words that the secretariat will ask about, unless the writer insists on them."""
    if "anyway" in request.form:
        return ()
    text = "\n".join(field.data or "" for field in (form.title, form.body, form.alt))
    return phrases.scan(text, form.language.data)


def _page(
    form: Update,
    title: str,
    project_id: uuid.UUID,
    found: tuple[Hit, ...],
    seen: rooms.OwnUpdate | None = None,
) -> ResponseReturnValue:
    """Draw the form of an update."""
    return render_template(
        "steward/update.html",
        form=form,
        title=title,
        project_id=project_id,
        found=found,
        seen=seen,
        labels=labels,
    ), 422 if request.method == "POST" else 200
