"""How does a steward, or a laboratory in its name, plan samplings and hand a table in?"""

import uuid
from datetime import date
from typing import Any, Final

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from calculators.soil.layer_rows import ALWAYS, PLACE, UNITS
from offset.clock import utc_day
from offset.errors import InvalidInput, NotFound, OffsetError
from offset.people.access import Right
from offset.projects import layer_uploads, sampled, sampling_rounds
from offset.projects.layer_checks import Report
from offset.projects.layer_files import MOST_BYTES
from offset.projects.layer_uploads import Wording
from offset.projects.measurement_models import Design
from offset.projects.sampled import RoundView
from offset.projects.sampling_rounds import Part
from offset.web import labels, soil_words
from offset.web.errors import blame, status_of
from offset.web.fields import Filled, Form
from offset.web.language import page
from offset.web.security import accepts, current_actor, limited, policy
from offset.web.steward.forms import Press, Reason
from offset.web.steward.room import blueprint
from offset.web.steward.views import seen_project
from offset.web.wiring import now, services

SHOWN: Final = 100
"""Faults on one page: it must stay small enough for a slow line."""
_NONE: Final = ""


class PlanForm(Form):
    """A sampling as it is planned; strata are typed a line each."""

    planned_on = DateField(_("Day on which sampling begins"), [Filled()])
    depth_cm = IntegerField(_("Depth to compare [cm]"), default=30)
    baseline_id = SelectField(
        _("Compared with"),
        validate_choice=False,
        description=_("A later round goes back to the strata of its baseline."),
    )
    design = SelectField(
        _("Where cores are taken"), choices=labels.options(soil_words.DESIGNS.items())
    )
    strata = TextAreaField(
        _("Strata: name; hectares; cores"),
        [Optional()],
        description=_("One a line, such as: North field; 120; 15. Needed for a baseline."),
        render_kw={"rows": 4},
    )
    note = StringField(_("Note"), [Optional()])


class CheckForm(Form):
    """A laboratory's table, who made it and how."""

    file = FileField(
        _("Table of layers"),
        description=_("CSV or XLSX, at most 20 MB, one row a layer."),
        render_kw={"accept": ".csv,.xlsx,text/csv"},
    )
    laboratory = StringField(_("Laboratory"), [Filled()])
    laboratory_method = StringField(
        _("Method of the laboratory"),
        [Filled()],
        description=_("Such as: dry combustion, ISO 10694"),
    )


class CommitForm(Form):
    """Exactly the file that was checked, and why it takes the place of another."""

    sha256 = HiddenField()
    reason = StringField(_("Why this file takes the place of the one before"), [Optional()])


@blueprint.route("/projects/<uuid:project_id>/soil", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def soil(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show what was planned and measured; plan another sampling."""
    form = PlanForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                made = services().database.run(
                    sampling_rounds.plan,
                    actor=current_actor(),
                    at=now(),
                    project_id=project_id,
                    **_planned(form),
                )
                return redirect(page(f"/steward/soil/{made}"), code=303)
            except OffsetError as fault:
                if status_of(fault) in {403, 404}:
                    raise
                blame(form, fault)
    return _project_page(project_id, form), status


@blueprint.get("/soil/<uuid:round_id>")
@policy(Right.POST_UPDATE)
def sampling(round_id: uuid.UUID) -> ResponseReturnValue:
    """Show one round: its plan, its table, and the file that waits to be committed."""
    return _round_page(round_id)


@blueprint.post("/soil/<uuid:round_id>/check")
@policy(Right.POST_UPDATE)
@accepts(MOST_BYTES + 100_000)
@limited("60 per hour")
def check(round_id: uuid.UUID) -> ResponseReturnValue:
    """Check a table and keep nothing of it but, without fault, the file that may be committed."""
    form = CheckForm()
    report: Report | None = None
    try:
        if form.validate():
            data, name = _sent(form)
            with services().database.reading() as session:
                report = layer_uploads.check(
                    session, actor=current_actor(), at=now(), round_id=round_id, data=data
                )
            if report.clean:
                services().database.run(
                    layer_uploads.keep_checked,
                    actor=current_actor(),
                    at=now(),
                    round_id=round_id,
                    report=report,
                    file_key=services().files.put(data, suffix=report.kind),
                    name=name,
                    wording=Wording(form.laboratory.data or "", form.laboratory_method.data or ""),
                )
    except OffsetError as fault:
        if status_of(fault) in {403, 404}:
            raise
        blame(form, fault)
    clean = report is not None and report.clean and not form.errors
    return _round_page(round_id, form=form, report=report, status=200 if clean else 422)


@blueprint.post("/soil/<uuid:round_id>/commit")
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def commit(round_id: uuid.UUID) -> ResponseReturnValue:
    """Commit exactly the file that was checked."""
    form = CommitForm()
    try:
        if form.validate():
            services().database.run(
                layer_uploads.commit,
                actor=current_actor(),
                at=now(),
                round_id=round_id,
                sha256=form.sha256.data or "",
                data=_kept(round_id, form.sha256.data or ""),
                reason=form.reason.data or "",
            )
            return redirect(page(f"/steward/soil/{round_id}"), code=303)
    except OffsetError as fault:
        if status_of(fault) in {403, 404} and fault.code != "draft_unknown":
            raise
        blame(form, fault)
    return _round_page(round_id, committing=form, status=422)


@blueprint.post("/soil/<uuid:round_id>/call-off")
@policy(Right.POST_UPDATE)
def call_off(round_id: uuid.UUID) -> ResponseReturnValue:
    """Call a planned round off, with the reason."""
    form = Reason()
    try:
        if form.validate():
            services().database.run(
                sampling_rounds.call_off,
                actor=current_actor(),
                at=now(),
                round_id=round_id,
                reason=form.reason.data or "",
            )
            return redirect(page(f"/steward/soil/{round_id}"), code=303)
    except OffsetError as fault:
        if status_of(fault) in {403, 404}:
            raise
        blame(form, fault)
    return _round_page(round_id, ending=form, status=422)


@blueprint.get("/soil/files/<uuid:file_id>")
@policy(Right.POST_UPDATE)
def soil_file(file_id: uuid.UUID) -> ResponseReturnValue:
    """Hand a committed table out again, byte for byte."""
    with services().database.reading() as session:
        found = sampled.file_of(session, current_actor(), file_id)
    answer = Response(services().files.get(found.key), mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _planned(form: PlanForm) -> dict[str, Any]:
    """Read the form as the verb takes it.

    Raises
    ------
    InvalidInput
        ``strata_missing`` for a line that cannot be read, ``round_unknown``.
    """
    baseline = form.baseline_id.data or _NONE
    try:
        baseline_id = uuid.UUID(baseline) if baseline else None
    except ValueError:
        raise InvalidInput("round_unknown", field="baseline_id") from None
    return {
        "planned_on": form.planned_on.data or date.min,
        "depth_cm": form.depth_cm.data or 0,
        "design": Design(form.design.data),
        "strata": _parts(form.strata.data or ""),
        "baseline_id": baseline_id,
        "note": form.note.data or "",
    }


def _parts(text: str) -> tuple[Part, ...]:
    parts = []
    for line in text.splitlines():
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(";")]
        try:
            name, area, cores = cells
            parts.append(Part(name, float(area.replace(",", ".")), int(cores)))
        except ValueError:
            raise InvalidInput("stratum_unfit", field="strata", fewest=2) from None
    return tuple(parts)


def _sent(form: CheckForm) -> tuple[bytes, str]:
    upload = form.file.data
    if not upload:
        raise InvalidInput("file_missing", field="file")
    return upload.read(), upload.filename or "layers"


def _kept(round_id: uuid.UUID, sha256: str) -> bytes:
    """Return the bytes of the file that was checked for a round.

    Raises
    ------
    NotFound
        ``draft_unknown``.
    """
    with services().database.reading() as session:
        sampled.round_of(session, current_actor(), round_id, on=utc_day(now()))
        draft = sampled.draft_of(session, round_id)
        if draft is None or draft.sha256 != sha256:
            raise NotFound("draft_unknown")
        key = draft.key
    return services().files.get(key)


def _project_page(project_id: uuid.UUID, form: PlanForm) -> str:
    seen = seen_project(project_id)
    with services().database.reading() as session:
        found = sampled.rounds(session, current_actor(), project_id, on=utc_day(now()))
        handed = sampled.own_measurements(session, current_actor(), project_id)
        said = sampled.verdicts(session, project_id)
    form.baseline_id.choices = labels.options(
        [
            (_NONE, _("nothing: this is a baseline")),
            *(
                (str(one.id), _("round %(number)s", number=one.number))
                for one in found
                if one.baseline_id is None and one.state != sampled.CALLED_OFF
            ),
        ]
    )
    return render_template(
        "steward/soil.html",
        line=seen.line,
        rounds=found,
        measurements=handed,
        verdicts=said,
        numbers={one.id: one.number for one in found},
        form=form,
        words=soil_words,
        labels=labels,
    )


def _round_page(
    round_id: uuid.UUID,
    *,
    form: CheckForm | None = None,
    report: Report | None = None,
    committing: CommitForm | None = None,
    ending: Reason | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = sampled.round_of(session, current_actor(), round_id, on=utc_day(now()))
        draft = sampled.draft_of(session, round_id)
    line = seen_project(seen.project_id).line
    return render_template(
        "steward/soil_round.html",
        line=line,
        seen=seen,
        draft=draft,
        form=form or CheckForm(formdata=None, data=_laboratory(seen)),
        report=report,
        shown=SHOWN,
        committing=committing
        or CommitForm(formdata=None, data={"sha256": draft.sha256 if draft else ""}),
        ending=ending or Reason(formdata=None),
        faulty=next((one for one in (form, committing, ending) if one and one.errors), None),
        press=Press(formdata=None),
        words=soil_words,
        required=(*ALWAYS[1:], "taken_on"),
        units=UNITS,
        places=PLACE,
    ), status


def _laboratory(seen: RoundView) -> dict[str, str]:
    held = seen.file
    return (
        {"laboratory": held.laboratory, "laboratory_method": held.laboratory_method} if held else {}
    )
