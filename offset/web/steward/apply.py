"""How does a steward apply? Begin, answer block by block, attach files, hand in, begin anew."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import applications, rooms
from offset.projects.models import OrganisationKind
from offset.projects.questions import BLOCKS
from offset.web import answers, labels
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import current_actor, limited, policy
from offset.web.steward import questions
from offset.web.steward.forms import Begin, Press
from offset.web.steward.room import blueprint
from offset.web.steward.steps import around
from offset.web.steward.views import project_page, seen_project
from offset.web.wiring import now, services

_NEW: Final = "new"


@blueprint.route("/apply", methods=["GET", "POST"])
@policy(Right.APPLY)
@limited("20 per hour")
def begin() -> ResponseReturnValue:
    """Open a draft for an organisation."""
    form = Begin()
    with services().database.reading() as session:
        known = rooms.organisations(session, current_actor())
    form.organisation.choices = labels.options(
        [
            *((str(one.id), one.name) for one in known),
            (_NEW, gettext("A new organisation, named below")),
        ]
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                made = _begin(form)
                return redirect(page(f"/steward/projects/{made.project_id}"), code=303)
            except OffsetError as fault:
                blame(form, fault)
    return render_template("steward/begin.html", form=form, known=known, new=_NEW), status


@blueprint.route("/projects/<uuid:project_id>/<block>", methods=["GET", "POST"])
@policy(Right.APPLY)
def block(project_id: uuid.UUID, block: str) -> ResponseReturnValue:
    """Answer one block of the application; it is saved by itself."""
    if block not in BLOCKS:
        raise NotFound("page_absent")
    seen = seen_project(project_id)
    if request.method == "GET":
        return _block_page(seen, block)
    typed = request.form
    told = questions.read(block, typed, _currency(seen, typed))
    form = questions.form_of(block, {}, _currency(seen, typed), typed)
    if form.validate() and not told.faults:
        try:
            services().database.run(
                applications.save,
                actor=current_actor(),
                at=now(),
                project_id=project_id,
                answers={block: told.answers},
            )
            return redirect(_after(project_id, block), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _block_page(seen, block, form=form, typed=typed, faults=told.faults)


@blueprint.post("/projects/<uuid:project_id>/submit")
@policy(Right.APPLY)
def submit(project_id: uuid.UUID) -> ResponseReturnValue:
    """Hand the application in."""
    return _press(applications.submit, project_id)


@blueprint.post("/projects/<uuid:project_id>/version")
@policy(Right.APPLY)
def version(project_id: uuid.UUID) -> ResponseReturnValue:
    """Open the next version of the application."""
    return _press(applications.begin_version, project_id)


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


def _block_page(
    seen: rooms.StewardProject,
    block: str,
    *,
    form: Form | None = None,
    typed: MultiDict[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """Draw a block: the form, or the answers as they were handed in."""
    kept = seen.document.get(block, {})
    currency = _currency(seen, {})
    drawn = form or questions.form_of(block, kept, currency, None)
    for name, sentence in (faults or {}).items():
        if name in drawn:
            drawn[name].errors = [*drawn[name].errors, sentence]
    shown = questions.shown(block, drawn, kept, currency=currency, typed=typed, faults=faults or {})
    return render_template(
        "steward/block.html",
        seen=seen,
        block=block,
        around=around(block),
        column_labels=answers.COLUMN_LABELS,
        column_choices=answers.COLUMN_CHOICES,
        form=drawn,
        open=seen.editable or typed is not None,
        questions=shown,
        cell=questions.cell,
        cell_faults=questions.cell_faults(shown),
        told=answers.told(seen.document, only=block),
        left=answers.left(seen.missing).get(block, ()),
    ), 200 if form is None else 422


def _currency(seen: rooms.StewardProject, typed: Mapping[str, str]) -> str:
    return typed.get("currency") or answers.currency_of(seen.document)


def _press(verb: Callable[..., object], project_id: uuid.UUID) -> ResponseReturnValue:
    """Take a form that is one button; a refusal is told on the page it came from."""
    form = Press()
    if form.validate():
        try:
            services().database.run(verb, actor=current_actor(), at=now(), project_id=project_id)
            return redirect(page(f"/steward/projects/{project_id}"), code=303)
        except OffsetError as fault:
            if fault.code == "application_incomplete":
                form.form_errors.append(gettext("Some answers are still missing; see below."))
            else:
                blame(form, fault)
    return project_page(project_id, faulty=form, status=422)


def _after(project_id: uuid.UUID, done: str) -> str:
    """Return the next block, or the project after the last one."""
    if "stay" in request.form:
        return page(f"/steward/projects/{project_id}/{done}")
    after = around(done).after
    return page(f"/steward/projects/{project_id}" + (f"/{after[0]}" if after else ""))


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound("organisation_unknown", field="organisation") from None
