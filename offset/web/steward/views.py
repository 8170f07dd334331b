"""Which pages does a steward use? Apply block by block, hand in, tell from the field."""

import hashlib
import uuid
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.people.access import Right
from offset.projects import applications, assessments, rooms, updates
from offset.projects.models import OrganisationKind
from offset.projects.questions import BLOCKS
from offset.web import labels
from offset.web.errors import blame, sentence_of
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward import questions
from offset.web.steward.forms import Answer, Begin, Press, Update, Upload
from offset.web.wiring import now, services

blueprint: Final = Blueprint("steward", __name__, url_prefix="/steward")
_NEW: Final = "new"
_UPLOAD_BYTES: Final = 21_000_000
_SUFFIXES: Final = {"application/pdf": ".pdf", "text/csv": ".csv"}


@blueprint.get("")
@policy(Right.APPLY)
def home() -> ResponseReturnValue:
    """Show the steward's projects and what waits to be done."""
    with services().database.reading() as session:
        projects = rooms.own_projects(session, current_actor())
        known = rooms.organisations(session, current_actor())
    return render_template(
        "steward/home.html",
        projects=projects,
        organisations=known,
        today=now().date(),
        labels=labels,
    )


@blueprint.route("/apply", methods=["GET", "POST"])
@policy(Right.APPLY)
@limited("20 per hour")
def begin() -> ResponseReturnValue:
    """Open a draft for an organisation."""
    form = Begin()
    with services().database.reading() as session:
        known = rooms.organisations(session, current_actor())
    form.organisation.choices = [(str(one.id), one.name) for one in known] + [(_NEW, "…")]
    status = 200
    if request.method == "POST":
        if form.validate():
            try:
                made = _begin(form)
                return redirect(page(f"/steward/projects/{made.project_id}"), code=303)
            except OffsetError as fault:
                blame(form, fault)
        status = 422
    return render_template("steward/begin.html", form=form, known=known, new=_NEW), status


@blueprint.get("/projects/<uuid:project_id>")
@policy(Right.APPLY)
def project(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show one project: what is left to answer, its files, its updates, what was decided."""
    return _project_page(project_id)


@blueprint.route("/projects/<uuid:project_id>/<block>", methods=["GET", "POST"])
@policy(Right.APPLY)
def block(project_id: uuid.UUID, block: str) -> ResponseReturnValue:
    """Answer one block of the application; it is saved by itself."""
    if block not in BLOCKS:
        raise NotFound("page_absent")
    seen = _seen(project_id)
    document = seen.document.get(block, {})
    typed = request.form if request.method == "POST" else None
    form = questions.form_of(block, {**seen.document.get("money", {}), **document}, typed)
    status = 200
    if typed is not None:
        currency = typed.get("currency") or seen.document.get("money", {}).get("currency", "EUR")
        try:
            if form.validate():
                services().database.run(
                    applications.save,
                    actor=current_actor(),
                    at=now(),
                    project_id=project_id,
                    answers={block: questions.answers(block, typed, currency)},
                )
                return redirect(_after(project_id, block), code=303)
        except OffsetError as fault:
            _blame_question(form, fault)
        status = 422
    shown = questions.shown(block, form, {**seen.document.get("money", {}), **document}, typed)
    return render_template(
        "steward/block.html",
        seen=seen,
        block=block,
        blocks=BLOCKS,
        titles=questions.BLOCK_TITLES,
        row_labels=questions.ROW_LABELS,
        form=form,
        questions=shown,
    ), status


@blueprint.post("/projects/<uuid:project_id>/submit")
@policy(Right.APPLY)
def submit(project_id: uuid.UUID) -> ResponseReturnValue:
    """Hand the application in."""
    form = Press()
    if form.validate():
        try:
            services().database.run(
                applications.submit, actor=current_actor(), at=now(), project_id=project_id
            )
            return redirect(page(f"/steward/projects/{project_id}"), code=303)
        except OffsetError as fault:
            return _project_page(project_id, fault=sentence_of(fault), status=422)
    return _project_page(project_id, status=422)


@blueprint.post("/projects/<uuid:project_id>/version")
@policy(Right.APPLY)
def version(project_id: uuid.UUID) -> ResponseReturnValue:
    """Open the next version of the application."""
    if Press().validate():
        services().database.run(
            applications.begin_version, actor=current_actor(), at=now(), project_id=project_id
        )
    return redirect(page(f"/steward/projects/{project_id}"), code=303)


@blueprint.post("/projects/<uuid:project_id>/files")
@policy(Right.APPLY)
@accepts(_UPLOAD_BYTES)
def attach(project_id: uuid.UUID) -> ResponseReturnValue:
    """Keep a file with the application."""
    form = Upload()
    if not form.validate():
        return _project_page(project_id, status=422)
    try:
        data, media_type = _read_upload(form.file.data)
        key = services().files.put(data, suffix=_SUFFIXES[media_type])
        services().database.run(
            applications.attach,
            actor=current_actor(),
            at=now(),
            project_id=project_id,
            name=form.file.data.filename or "file",
            media_type=media_type,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            file_key=key,
        )
    except OffsetError as fault:
        return _project_page(project_id, fault=sentence_of(fault), status=422)
    return redirect(page(f"/steward/projects/{project_id}") + "#files", code=303)


@blueprint.get("/files/<uuid:attachment_id>")
@policy(Right.APPLY)
def file(attachment_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a file of one's own application out again."""
    with services().database.reading() as session:
        found = rooms.attachment(session, current_actor(), attachment_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


@blueprint.route("/projects/<uuid:project_id>/updates/new", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@accepts(_UPLOAD_BYTES)
def update(project_id: uuid.UUID) -> ResponseReturnValue:
    """Tell from the field, with a photo; the secretariat reads it before it is public."""
    seen = _seen(project_id)
    form = Update(data={"language": seen.document.get("project", {}).get("language", "en")})
    status = 200
    if request.method == "POST":
        if form.validate():
            try:
                _tell(project_id, form)
                return redirect(page(f"/steward/projects/{project_id}") + "#updates", code=303)
            except OffsetError as fault:
                blame(form, fault)
        status = 422
    return render_template("steward/update.html", form=form, seen=seen), status


@blueprint.post("/updates/<uuid:update_id>/submit")
@policy(Right.POST_UPDATE)
def submit_update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a draft of an update in."""
    if Press().validate():
        services().database.run(
            updates.submit, actor=current_actor(), at=now(), update_id=update_id
        )
    return redirect(page("/steward"), code=303)


@blueprint.post("/recommendations/<uuid:recommendation_id>")
@policy(Right.APPLY)
def answer(recommendation_id: uuid.UUID) -> ResponseReturnValue:
    """Answer a recommendation of the committee."""
    form = Answer()
    if form.validate():
        services().database.run(
            assessments.answer_recommendation,
            actor=current_actor(),
            at=now(),
            recommendation_id=recommendation_id,
            answer=form.answer.data or "",
        )
    return redirect(page("/steward"), code=303)


def _begin(form: Begin) -> applications.Begun:
    told: dict[str, Any] = {
        "actor": current_actor(),
        "at": now(),
        "title": form.title.data or "",
        "language": form.language.data or "en",
    }
    chosen = form.organisation.data or _NEW
    if chosen != _NEW:
        return services().database.run(applications.begin, organisation_id=_id(chosen), **told)
    return services().database.run(
        applications.begin_with_organisation,
        name=form.name.data or "",
        kind=OrganisationKind(form.kind.data),
        **told,
    )


def _tell(project_id: uuid.UUID, form: Update) -> None:
    upload = form.photo.data
    services().database.run(
        updates.tell,
        actor=current_actor(),
        at=now(),
        project_id=project_id,
        title=form.title.data or "",
        body=form.body.data or "",
        language=form.language.data or "en",
        photo=services().files.keep_photo(upload.read()) if upload else None,
        alt=form.alt.data or "",
        consent=bool(form.consent.data),
    )


def _seen(project_id: uuid.UUID) -> rooms.StewardProject:
    with services().database.reading() as session:
        return rooms.steward_project(session, current_actor(), project_id)


def _project_page(
    project_id: uuid.UUID, *, fault: str | None = None, status: int = 200
) -> ResponseReturnValue:
    seen = _seen(project_id)
    return render_template(
        "steward/project.html",
        seen=seen,
        blocks=BLOCKS,
        titles=questions.BLOCK_TITLES,
        left={name: sum(m.startswith(f"{name}.") for m in seen.missing) for name in BLOCKS},
        upload=Upload(formdata=None),
        press=Press(formdata=None),
        reply=Answer(formdata=None),
        labels=labels,
        fault=fault,
    ), status


def _after(project_id: uuid.UUID, done: str) -> str:
    """Return the next block, or the project after the last one."""
    if "stay" in request.form:
        return page(f"/steward/projects/{project_id}/{done}")
    place = BLOCKS.index(done) + 1
    last = place == len(BLOCKS)
    return page(f"/steward/projects/{project_id}" + ("" if last else f"/{BLOCKS[place]}"))


def _blame_question(form: Any, fault: OffsetError) -> None:
    """Put a refusal at the question it names; its field is ``block.question``."""
    name = (fault.field or "").partition(".")[2]
    if name in form:
        form[name].errors = [*form[name].errors, sentence_of(fault)]
    else:
        blame(form, fault)


def _read_upload(upload: FileStorage | None) -> tuple[bytes, str]:
    """Read a file and tell its type from its first bytes, not from its name."""
    data = upload.read() if upload else b""
    if not data:
        raise InvalidInput("file_missing", field="file")
    if data.startswith(b"%PDF-"):
        return data, "application/pdf"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("file_type_refused", field="file") from None
    if "\0" in text or text.lstrip()[:1] in {"<", "{"}:
        raise InvalidInput("file_type_refused", field="file")
    return data, "text/csv"


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("organisation_unknown", field="organisation") from None
