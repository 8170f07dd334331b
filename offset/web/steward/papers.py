"""How does a steward add documents? One PDF a time, read before it is kept."""

import hashlib
import uuid

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right
from offset.projects import attachments
from offset.projects.application_models import PaperKind
from offset.projects.information import AnswerPaper
from offset.projects.rooms import StewardProject
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward.application_forms import PAPER_KINDS, Paper
from offset.web.steward.forms import Press
from offset.web.steward.room import blueprint
from offset.web.steward.steps import around
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services

UPLOAD_BYTES = 21_000_000


@blueprint.get("/projects/<uuid:project_id>/papers")
@policy(Right.APPLY)
def papers(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show the documents of an application."""
    return _page(seen_project(project_id), Paper(formdata=None))


@blueprint.post("/projects/<uuid:project_id>/files")
@policy(Right.APPLY)
@accepts(UPLOAD_BYTES)
@limited("60 per hour")
def attach(project_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a document with the application."""
    # Whoever may not write here leaves nothing on the disk.
    seen = seen_project(project_id)
    form = Paper()
    if form.validate():
        try:
            paper = kept(form.file.data)
            services().database.run(
                attachments.attach,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                name=paper.name,
                media_type=attachments.MEDIA_TYPE,
                size=paper.size,
                sha256=paper.sha256,
                file_key=paper.key,
                pages=paper.pages,
                kind=PaperKind(form.kind.data),
            )
            return redirect(page(f"/steward/projects/{project_id}/papers"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(seen, form, status=422)


@blueprint.post("/projects/<uuid:project_id>/files/<uuid:attachment_id>/remove")
@policy(Right.APPLY)
def detach(project_id: uuid.UUID, attachment_id: uuid.UUID) -> ResponseReturnValue:
    """Take a document off the list."""
    seen = seen_project(project_id)
    form = Press()
    if form.validate():
        try:
            services().database.run(
                attachments.detach,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                attachment_id=attachment_id,
            )
            return redirect(page(f"/steward/projects/{project_id}/papers"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(seen, form, status=422)


def kept(upload: FileStorage | None) -> AnswerPaper:
    """Read an uploaded document, and keep it when it is a plain PDF.

    Raises
    ------
    InvalidInput
        ``file_missing``, or whatever the reader refuses.
    """
    data = upload.read(attachments.MOST_BYTES + 1) if upload else b""
    if not data or upload is None:
        raise InvalidInput("file_missing", field="file")
    facts = services().papers.read(data)
    return AnswerPaper(
        name=upload.filename or "",
        key=services().files.put(data, suffix="pdf"),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        pages=facts.pages,
    )


def _page(seen: StewardProject, form: Form, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        held = attachments.of_application(session, seen.application_id)
    return render_template(
        "steward/papers.html",
        seen=seen,
        around=around("papers"),
        papers=held,
        kinds=PAPER_KINDS,
        form=form if isinstance(form, Paper) else Paper(formdata=None),
        faulty=form if form.errors else None,
        press=Press(formdata=None),
    ), status
