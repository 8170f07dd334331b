"""What did laboratories measure, and may it be published as it stands? Read, asked, published."""

import uuid
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.errors import InvalidInput, OffsetError
from offset.people.access import Right
from offset.projects import measurements, outcomes, sampled
from offset.projects.models import MeasurementStatus
from offset.projects.sampled import StandingOutcome
from offset.web import labels, soil_words
from offset.web.errors import blame, status_of
from offset.web.fields import Filled, Form
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import current_actor, policy
from offset.web.templating import locale, write_day
from offset.web.wiring import services

_NOTHING = ""


class Publish(Form):
    """Publish a result; one that corrects an earlier result names it and says why."""

    supersedes_id = SelectField(_("It takes the place of"), validate_choice=False)
    reason = StringField(_("Why it takes its place"), [Optional()])


class Ask(Form):
    """Send a measurement back with a question."""

    answer = TextAreaField(_("What is not clear"), [Filled()], render_kw={"rows": 3})


@blueprint.get("/measurements")
@policy(Right.SEE_DESK)
def measurement_list() -> ResponseReturnValue:
    """List what was handed in, what waits first."""
    with services().database.reading() as session:
        found = sampled.waiting(session, current_actor())
    return render_template(
        "secretariat/measurements.html", found=found, words=soil_words, labels=labels
    )


@blueprint.get("/measurements/<uuid:measurement_id>")
@policy(Right.SEE_DESK)
def measurement(measurement_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a measurement says, what it rests on, and what it would replace."""
    return _page(measurement_id)


@blueprint.post("/measurements/<uuid:measurement_id>/publish")
@policy(Right.MODERATE)
def publish_measurement(measurement_id: uuid.UUID) -> ResponseReturnValue:
    """Publish what was measured: a gain, a loss, or that no change was detected."""
    form = Publish()
    try:
        if form.validate():
            act(
                outcomes.publish_measurement,
                measurement_id=measurement_id,
                supersedes_id=_chosen(form),
                reason=form.reason.data or None,
            )
            return back("/measurements")
    except OffsetError as fault:
        if status_of(fault) in {403, 404}:
            raise
        blame(form, fault)
    return _page(measurement_id, publishing=form, status=422)


@blueprint.post("/measurements/<uuid:measurement_id>/ask")
@policy(Right.MODERATE)
def return_measurement(measurement_id: uuid.UUID) -> ResponseReturnValue:
    """Send a measurement back to the project with a question."""
    form = Ask()
    try:
        if form.validate():
            act(
                measurements.give_back,
                measurement_id=measurement_id,
                answer=form.answer.data or "",
            )
            return back("/measurements")
    except OffsetError as fault:
        if status_of(fault) in {403, 404}:
            raise
        blame(form, fault)
    return _page(measurement_id, asking=form, status=422)


@blueprint.get("/measurements/files/<uuid:file_id>")
@policy(Right.SEE_DESK)
def measurement_file(file_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a laboratory's table out, byte for byte."""
    with services().database.reading() as session:
        found = sampled.file_of(session, current_actor(), file_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _chosen(form: Publish) -> uuid.UUID | None:
    told = form.supersedes_id.data or _NOTHING
    try:
        return uuid.UUID(told) if told else None
    except ValueError:
        raise InvalidInput("outcome_unknown", field="supersedes_id") from None


def _page(
    measurement_id: uuid.UUID,
    *,
    publishing: Publish | None = None,
    asking: Ask | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = sampled.handed_in(session, current_actor(), measurement_id)
        standing = sampled.standing(session, seen.project_id)
        replaced = outcomes.standing_of(session, measurement_id)
    form = publishing or Publish(
        formdata=None, data={"supersedes_id": str(replaced) if replaced else _NOTHING}
    )
    form.supersedes_id.choices = labels.options(
        [(_NOTHING, _("nothing: a first result")), *_standing(standing)]
    )
    return render_template(
        "secretariat/measurement.html",
        seen=seen,
        change=measurements.compare(measurements.read_strata(seen.strata)),
        rows=sampled.depth_rows(seen.profile) if seen.profile else (),
        publishing=form,
        asking=asking or Ask(formdata=None),
        waits=seen.status is MeasurementStatus.SUBMITTED,
        own=seen.submitted_by == current_actor().user_id,
        replaced=replaced,
        words=soil_words,
        labels=labels,
    ), status


def _standing(found: tuple[StandingOutcome, ...]) -> list[tuple[str, Any]]:
    return [
        (
            str(one.id),
            f"{write_day(one.sampled_on, locale())}, {soil_words.VERDICTS[one.verdict.value]}",
        )
        for one in found
    ]
