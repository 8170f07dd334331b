"""How does the secretariat read what projects tell: updates, figures, where they stand?"""

import uuid

from flask import render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people.access import Right
from offset.projects import (
    deadlines,
    figures,
    moderation,
    photos,
    reported,
    reversals,
    rooms,
    tombstones,
)
from offset.web import labels
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.losses import Loss
from offset.web.secretariat.life_forms import Accept, Ask, Decline, Figures, Standing, TakeDown
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import current_actor, policy
from offset.web.wiring import services


@blueprint.get("/updates")
@policy(Right.MODERATE)
def update_list() -> ResponseReturnValue:
    """List the updates and the figures that wait to be read."""
    with services().database.reading() as session:
        actor = current_actor()
        waiting = rooms.awaiting_moderation(session, actor)
        reports = figures.waiting(session, actor)
    return render_template(
        "secretariat/updates.html", waiting=waiting, reports=reports, labels=labels
    )


@blueprint.get("/updates/<uuid:update_id>")
@policy(Right.MODERATE)
def update(update_id: uuid.UUID) -> ResponseReturnValue:
    """Show an update as it would stand in public, with everything that is marked in it."""
    return _page(update_id)


@blueprint.post("/updates/<uuid:update_id>/publish")
@policy(Right.MODERATE)
def publish(update_id: uuid.UUID) -> ResponseReturnValue:
    """Publish an update on the project's page."""
    form = Accept()
    try:
        if form.validate():
            act(
                moderation.publish,
                update_id=update_id,
                accepted_reason=form.accepted_reason.data or None,
            )
            return back("/updates")
    except OffsetError as fault:
        blame(form, fault)
    return _page(update_id, accept=form, status=422)


@blueprint.post("/updates/<uuid:update_id>/return")
@policy(Right.MODERATE)
def give_back(update_id: uuid.UUID) -> ResponseReturnValue:
    """Send an update back to its writer with a question."""
    form = Ask()
    try:
        if form.validate():
            act(moderation.give_back, update_id=update_id, note=form.note.data or "")
            return back("/updates")
    except OffsetError as fault:
        blame(form, fault)
    return _page(update_id, ask=form, status=422)


@blueprint.post("/updates/<uuid:update_id>/reject")
@policy(Right.MODERATE)
def reject(update_id: uuid.UUID) -> ResponseReturnValue:
    """Turn an update down for good."""
    form = Decline()
    try:
        if form.validate():
            act(moderation.reject, update_id=update_id, note=form.why.data or "")
            return back("/updates")
    except OffsetError as fault:
        blame(form, fault)
    return _page(update_id, decline=form, status=422)


@blueprint.post("/updates/<uuid:update_id>/photos/<uuid:photo_id>/take-down")
@policy(Right.MODERATE)
def take_photo_down(update_id: uuid.UUID, photo_id: uuid.UUID) -> ResponseReturnValue:
    """Take a published photo down for good, with its files; its hash stays."""
    form = TakeDown()
    try:
        if form.validate():
            told = {"photo_id": photo_id, "reason": form.reason.data or ""}
            for key in act(photos.take_down, **told):
                services().files.drop(key)
            return back(f"/updates/{update_id}")
    except OffsetError as fault:
        blame(form, fault)
    return _page(update_id, down=form, status=422)


@blueprint.get("/figures/<uuid:report_id>")
@policy(Right.MODERATE)
def figure_report(report_id: uuid.UUID) -> ResponseReturnValue:
    """Show the figures that a project reports."""
    return _figures(report_id)


@blueprint.post("/figures/<uuid:report_id>/accept")
@policy(Right.MODERATE)
def accept_figures(report_id: uuid.UUID) -> ResponseReturnValue:
    """Accept figures; they are public from then on."""
    form = Form()
    try:
        if form.validate():
            act(figures.check, report_id=report_id, accept=True)
            return back("/updates#figures")
    except OffsetError as fault:
        blame(form, fault)
    return _figures(report_id, pressed=form, status=422)


@blueprint.post("/figures/<uuid:report_id>/return")
@policy(Right.MODERATE)
def return_figures(report_id: uuid.UUID) -> ResponseReturnValue:
    """Send figures back with what should change."""
    form = Figures()
    try:
        if form.validate():
            act(figures.check, report_id=report_id, accept=False, reason=form.reason.data or "")
            return back("/updates#figures")
    except OffsetError as fault:
        blame(form, fault)
    return _figures(report_id, form=form, status=422)


@blueprint.route("/standing/<slug>", methods=["GET", "POST"])
@policy(Right.ADMIT)
def standing(slug: str) -> ResponseReturnValue:
    """Pause a project, let it go on, complete or remove it, with what its page says of it."""
    with services().database.reading() as session:
        seen = tombstones.read(session, slug)
        due = deadlines.awaited(session, seen.project_id, on=today())
    form = Standing(data={"language": seen.language})
    status = 200
    if form.is_submitted():
        status = 422
        try:
            if form.validate():
                act(
                    tombstones.change,
                    project_id=seen.project_id,
                    step=form.step.data,
                    reason=form.reason.data or "",
                    told=form.told.data or "",
                    language=form.language.data,
                )
                return back(f"/standing/{slug}")
        except OffsetError as fault:
            blame(form, fault)
    return render_template(
        "secretariat/standing.html", seen=seen, due=due, form=form, labels=labels
    ), status


@blueprint.route("/standing/<slug>/loss", methods=["GET", "POST"])
@policy(Right.MODERATE)
def loss(slug: str) -> ResponseReturnValue:
    """Tell of soil carbon that is being lost again at a project; public at once."""
    with services().database.reading() as session:
        seen = tombstones.read(session, slug)
        told = reversals.listed(session, seen.project_id)
    form = Loss(data={"language": seen.language})
    status = 200
    if form.is_submitted():
        status = 422
        try:
            if form.validate():
                act(reversals.report, project_id=seen.project_id, **form.typed())
                return back(f"/standing/{slug}/loss")
        except OffsetError as fault:
            blame(form, fault)
    return render_template(
        "secretariat/loss.html", seen=seen, told=told, form=form, labels=labels
    ), status


def _page(
    update_id: uuid.UUID,
    *,
    accept: Accept | None = None,
    ask: Ask | None = None,
    decline: Decline | None = None,
    down: TakeDown | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = moderation.text(session, current_actor(), update_id)
    return render_template(
        "secretariat/update.html",
        seen=seen,
        accept=accept or Accept(formdata=None),
        ask=ask or Ask(formdata=None),
        decline=decline or Decline(formdata=None),
        down=down or TakeDown(formdata=None),
        labels=labels,
    ), status


def _figures(
    report_id: uuid.UUID,
    *,
    form: Figures | None = None,
    pressed: Form | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = reported.one(session, current_actor(), report_id)
    return render_template(
        "secretariat/figures.html",
        seen=seen,
        form=form or Figures(formdata=None),
        pressed=pressed or Form(formdata=None),
        labels=labels,
    ), status
