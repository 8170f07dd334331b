"""What do people fear about projects, and who answers? One proposes, another closes."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import SelectField, TextAreaField

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import concerns
from offset.projects.public_models import ConcernFinding
from offset.web import labels
from offset.web.errors import blame
from offset.web.fields import Filled, Form
from offset.web.secretariat.forms import Press
from offset.web.secretariat.room import act, back, blueprint, press
from offset.web.security import current_actor, policy
from offset.web.wiring import services


class NoteForm(Form):
    """What was found out, for colleagues."""

    text = TextAreaField(_("Note for colleagues"), [Filled()], render_kw={"rows": 3})


class HoldForm(Form):
    """Why the project is paused while the concern is looked into."""

    why = TextAreaField(_("Why it is paused"), [Filled()], render_kw={"rows": 2})


class AnswerForm(Form):
    """What came of it, and what whoever raised it is told."""

    finding = SelectField(
        _("What came of it"), choices=labels.options(labels.CONCERN_FINDINGS.items())
    )
    answer = TextAreaField(
        _("Answer"),
        [Filled()],
        description=_("Only whoever raised the concern reads it, through their link."),
        render_kw={"rows": 6},
    )


class ReturnForm(Form):
    """Why a proposed answer is not enough."""

    reason = TextAreaField(_("What is missing"), [Filled()], render_kw={"rows": 2})


@blueprint.get("/concerns")
@policy(Right.HANDLE_CONCERN)
def concern_list() -> ResponseReturnValue:
    """List the concerns that wait, oldest first, then those that are closed."""
    with services().database.reading() as session:
        waiting = concerns.lines(session, current_actor())
        closed = concerns.lines(session, current_actor(), closed=True)
    return render_template(
        "secretariat/concerns.html", waiting=waiting, closed=closed, labels=labels
    )


@blueprint.get("/concerns/<uuid:concern_id>")
@policy(Right.HANDLE_CONCERN)
def concern(concern_id: uuid.UUID) -> ResponseReturnValue:
    """Show one concern with its history and what may be done."""
    return _page(concern_id)


@blueprint.post("/concerns/<uuid:concern_id>/note")
@policy(Right.HANDLE_CONCERN)
def concern_note(concern_id: uuid.UUID) -> ResponseReturnValue:
    """Write a note for colleagues."""
    form = NoteForm()
    return _take(concern_id, "note", form, concerns.note, lambda: {"text": form.text.data})


@blueprint.post("/concerns/<uuid:concern_id>/hold")
@policy(Right.HANDLE_CONCERN)
def concern_hold(concern_id: uuid.UUID) -> ResponseReturnValue:
    """Pause the project while the concern is looked into."""
    form = HoldForm()
    return _take(concern_id, "hold", form, concerns.hold, lambda: {"reason": form.why.data})


@blueprint.post("/concerns/<uuid:concern_id>/propose")
@policy(Right.HANDLE_CONCERN)
def concern_propose(concern_id: uuid.UUID) -> ResponseReturnValue:
    """Propose the answer; somebody else closes."""
    form = AnswerForm()
    return _take(
        concern_id,
        "propose",
        form,
        concerns.propose,
        lambda: {"finding": ConcernFinding(form.finding.data), "answer": form.answer.data},
    )


@blueprint.post("/concerns/<uuid:concern_id>/return")
@policy(Right.HANDLE_CONCERN)
def concern_return(concern_id: uuid.UUID) -> ResponseReturnValue:
    """Open a concern again whose proposed answer is not enough."""
    form = ReturnForm()
    return _take(concern_id, "back", form, concerns.send_back, lambda: {"reason": form.reason.data})


@blueprint.post("/concerns/<uuid:concern_id>/close")
@policy(Right.HANDLE_CONCERN)
def concern_close(concern_id: uuid.UUID) -> ResponseReturnValue:
    """Close a concern as the second person."""
    return press(
        concerns.close,
        f"/concerns/{concern_id}",
        lambda told, status: _page(concern_id, told=told, status=status),
        concern_id=concern_id,
    )


def _take(
    concern_id: uuid.UUID,
    name: str,
    form: Form,
    verb: Callable[..., object],
    values: Callable[[], dict[str, Any]],
) -> ResponseReturnValue:
    """Take one form of the page; what is refused comes back with everything in it."""
    try:
        if form.validate():
            act(verb, concern_id=concern_id, **values())
            return back(f"/concerns/{concern_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(concern_id, forms={name: form}, status=422)


def _page(
    concern_id: uuid.UUID,
    *,
    forms: dict[str, Form] | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = concerns.file(session, current_actor(), concern_id)
    empty: dict[str, Form] = {
        "note": NoteForm(formdata=None),
        "hold": HoldForm(formdata=None),
        "propose": AnswerForm(formdata=None),
        "back": ReturnForm(formdata=None),
    }
    return render_template(
        "secretariat/concern.html",
        seen=seen,
        forms={**empty, **(forms or {})},
        press=Press(formdata=None),
        told=told,
        labels=labels,
    ), status
