"""How does a steward answer what the secretariat still wants to know?"""

import uuid

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import information
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward.application_forms import Answered
from offset.web.steward.papers import UPLOAD_BYTES, kept
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services


@blueprint.get("/requests/<uuid:request_id>")
@policy(Right.APPLY)
def request_page(request_id: uuid.UUID) -> ResponseReturnValue:
    """Show a question of the secretariat with its answer, or the form for one."""
    return _page(request_id, Answered(formdata=None))


@blueprint.post("/requests/<uuid:request_id>")
@policy(Right.APPLY)
@accepts(UPLOAD_BYTES)
@limited("60 per hour")
def answer_request(request_id: uuid.UUID) -> ResponseReturnValue:
    """Answer a question of the secretariat, perhaps with a document."""
    with services().database.reading() as session:
        # Whoever may not answer leaves nothing on the disk.
        project, _asked = information.own(session, current_actor(), request_id)
        project_id = project.id
    form = Answered()
    if form.validate():
        try:
            upload = form.file.data
            sent = isinstance(upload, FileStorage) and bool(upload.filename)
            services().database.run(
                information.answer,
                actor=current_actor(),
                at=now(),
                request_id=request_id,
                text=form.answer.data or "",
                paper=kept(upload) if sent else None,
            )
            return redirect(page(f"/steward/projects/{project_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(request_id, form, status=422)


@blueprint.get("/requests/<uuid:request_id>/paper")
@policy(Right.APPLY)
def question_paper(request_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the document that came with an answer."""
    with services().database.reading() as session:
        _project, told = information.own(session, current_actor(), request_id)
    if told.paper is None:
        raise NotFound("file_unknown")
    answer = Response(services().files.get(told.paper.key), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=told.paper.name)
    return answer


def _page(request_id: uuid.UUID, form: Answered, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        project, told = information.own(session, current_actor(), request_id)
        title, project_id = project.title, project.id
    return render_template(
        "steward/request.html",
        title=title,
        project_id=project_id,
        asked=told,
        form=form,
    ), status
