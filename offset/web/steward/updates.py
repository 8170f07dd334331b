"""How does a steward tell from the field? Words, then one photo at a time, then handed in.

Each page saves itself. A form carries a key and a photo is known by its bytes, so whatever a bad
line makes a telephone send twice is there once.
"""

import hashlib
import uuid
from typing import Any

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.people.access import Right
from offset.projects import drafts
from offset.projects.drafts import Draft, PhotoPart
from offset.web import labels
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward.forms import Describe, Photograph, Press, Words
from offset.web.steward.room import UPLOAD_BYTES, blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services


@blueprint.route("/projects/<uuid:project_id>/updates/new", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def update(project_id: uuid.UUID) -> ResponseReturnValue:
    """Begin an update with its words; the same form posted again is the same update."""
    seen = seen_project(project_id)
    language = seen.document.get("project", {}).get("language", "en")
    form = Words(data={"language": language, "key": uuid.uuid4().hex})
    if request.method == "POST" and form.validate():
        try:
            update_id = services().database.run(
                drafts.begin,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                key=form.key.data or "",
                **_words(form),
            )
            return redirect(page(f"/steward/updates/{update_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _form_page(
        "words",
        form,
        title=_("Post an update"),
        line=seen.line.title,
        back=f"/steward/projects/{project_id}",
    )


@blueprint.get("/updates/<uuid:update_id>")
@policy(Right.POST_UPDATE)
def mend(update_id: uuid.UUID) -> ResponseReturnValue:
    """Show what an update has and what is left; one that was taken is only shown."""
    return _list_page(_draft(update_id))


@blueprint.route("/updates/<uuid:update_id>/words", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def reword(update_id: uuid.UUID) -> ResponseReturnValue:
    """Change the words of an update."""
    found = _draft(update_id)
    form = Words(
        data={
            "title": found.title,
            "body": found.body if found.written else "",
            "language": found.language,
            "key": uuid.uuid4().hex,
        }
    )
    if request.method == "POST" and form.validate():
        try:
            services().database.run(
                drafts.reword,
                actor=current_actor(),
                at=now(),
                update_id=update_id,
                **_words(form),
            )
            return redirect(page(f"/steward/updates/{update_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _form_page(
        "words",
        form,
        title=_("The words"),
        line=found.project,
        back=f"/steward/updates/{update_id}",
    )


@blueprint.route("/updates/<uuid:update_id>/photos/new", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@accepts(UPLOAD_BYTES)
@limited("120 per hour")
def add_photo(update_id: uuid.UUID) -> ResponseReturnValue:
    """Take one photo in; it is kept even when its words are still missing."""
    found = _draft(update_id)
    form = Photograph()
    if request.method == "POST" and form.validate():
        try:
            arrival_id = _arrived(update_id, form)
        except OffsetError as fault:
            blame(form, fault)
        else:
            return _described(found, arrival_id, form)
    return _form_page(
        "photo",
        form,
        title=_("Add a photo"),
        line=found.title,
        back=f"/steward/updates/{update_id}",
    )


@blueprint.route("/updates/<uuid:update_id>/photos/<uuid:arrival_id>", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("120 per hour")
def describe(update_id: uuid.UUID, arrival_id: uuid.UUID) -> ResponseReturnValue:
    """Give a photo that has arrived its words and the consent of those in it."""
    found, part = _photo(update_id, arrival_id)
    form = Describe(
        data={"alt": part.alt, "consent": part.complete, "no_child_faces": part.complete}
    )
    if request.method == "POST" and form.validate():
        answer = _described(found, arrival_id, form)
        if not form.errors:
            return answer
    return _photo_page(found, part, form)


@blueprint.post("/updates/<uuid:update_id>/photos/<uuid:arrival_id>/drop")
@policy(Right.POST_UPDATE)
def drop(update_id: uuid.UUID, arrival_id: uuid.UUID) -> ResponseReturnValue:
    """Leave a photo out."""
    if Press().validate():
        services().database.run(
            drafts.drop_photo, actor=current_actor(), at=now(), arrival_id=arrival_id
        )
    return redirect(page(f"/steward/updates/{update_id}"), code=303)


@blueprint.get("/updates/<uuid:update_id>/photos/<uuid:arrival_id>/picture")
@policy(Right.POST_UPDATE)
def picture(update_id: uuid.UUID, arrival_id: uuid.UUID) -> ResponseReturnValue:
    """Show a photo small; only on request, since it weighs more than the page."""
    _found, part = _photo(update_id, arrival_id)
    return Response(services().files.get(part.key_small), mimetype="image/webp")


@blueprint.post("/updates/<uuid:update_id>/hand-in")
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def hand_in(update_id: uuid.UUID) -> ResponseReturnValue:
    """Hand an update in; words that the secretariat would ask about are told first."""
    form = Press()
    found = _draft(update_id)
    hits = drafts.hits(found) if found.editable and "anyway" not in request.form else ()
    if form.validate() and not hits:
        try:
            project_id = services().database.run(
                drafts.hand_in, actor=current_actor(), at=now(), update_id=update_id
            )
            flash(_("The update is handed in. The secretariat reads it before it is public."))
            return redirect(page(f"/steward/projects/{project_id}") + "#updates", code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _list_page(found, form=form, hits=hits, status=422)


def _words(form: Words) -> dict[str, Any]:
    return {
        "title": form.title.data or "",
        "body": form.body.data or "",
        "language": form.language.data or "en",
    }


def _arrived(update_id: uuid.UUID, form: Photograph) -> uuid.UUID:
    """Keep the file that came, unless the same bytes came before."""
    data = form.photo.data.read() if form.photo.data else b""
    if not data:
        raise InvalidInput("photo_missing", field="photo")
    sha256 = hashlib.sha256(data).hexdigest()
    with services().database.reading() as session:
        known = drafts.known_photo(session, current_actor(), update_id, sha256)
    if known is not None:
        return known
    photo = services().files.keep_photo(data)
    return services().database.run(
        drafts.receive_photo,
        actor=current_actor(),
        at=now(),
        update_id=update_id,
        photo=photo,
        sha256=sha256,
    )


def _described(
    found: Draft, arrival_id: uuid.UUID, form: Photograph | Describe
) -> ResponseReturnValue:
    """Give a photo its words, or lead to the page that asks for them."""
    try:
        services().database.run(
            drafts.describe_photo,
            actor=current_actor(),
            at=now(),
            arrival_id=arrival_id,
            alt=form.alt.data or "",
            consent=bool(form.consent.data),
            no_child_faces=bool(form.no_child_faces.data),
        )
    except OffsetError as fault:
        blame(form, fault)
        return redirect(page(f"/steward/updates/{found.id}/photos/{arrival_id}"), code=303)
    return redirect(page(f"/steward/updates/{found.id}"), code=303)


def _draft(update_id: uuid.UUID) -> Draft:
    with services().database.reading() as session:
        return drafts.draft(session, current_actor(), update_id)


def _photo(update_id: uuid.UUID, arrival_id: uuid.UUID) -> tuple[Draft, PhotoPart]:
    with services().database.reading() as session:
        found, part = drafts.photo(session, current_actor(), arrival_id)
    if found.id != update_id:
        raise NotFound("photo_unknown")
    return found, part


def _list_page(
    found: Draft, *, form: Form | None = None, hits: object = (), status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "steward/update.html",
        seen=found,
        form=form or Press(formdata=None),
        hits=hits,
        most=drafts.MOST_PHOTOS,
        labels=labels,
    ), status


def _form_page(kind: str, form: Form, *, title: str, line: str, back: str) -> ResponseReturnValue:
    return render_template(
        "steward/update_form.html", kind=kind, form=form, title=title, line=line, back=back
    ), 422 if request.method == "POST" else 200


def _photo_page(found: Draft, part: PhotoPart, form: Describe) -> ResponseReturnValue:
    return render_template(
        "steward/photo.html", seen=found, part=part, form=form, press=Press(formdata=None)
    ), 422 if request.method == "POST" else 200
