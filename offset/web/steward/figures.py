"""How does a steward report milestones, figures, the use of money and losses? One form a page.

Nothing here needs a script, and each page saves itself.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, cast

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from offset.errors import InvalidInput, NotFound, OffsetError
from offset.money import Money
from offset.people.access import Right
from offset.projects import (
    activity,
    forms_of_work,
    indicators,
    milestones,
    reported,
    reversals,
    running,
    spending,
    updates,
)
from offset.projects.activity import Done, Labour
from offset.projects.forms_of_work import Price
from offset.projects.life_models import FigureKind, MilestoneStepKind, ProjectForm
from offset.projects.models import Evidence
from offset.projects.reported import ReportView
from offset.projects.running import Running
from offset.web import labels
from offset.web.errors import blame
from offset.web.fields import Form, MoneyField
from offset.web.language import page
from offset.web.losses import Loss
from offset.web.security import current_actor, limited, policy
from offset.web.steward import figure_forms as forms
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services

_NEW: Final = ""
Tell = Callable[[], dict[str, Any]]


@blueprint.get("/projects/<uuid:project_id>/figures")
@policy(Right.POST_UPDATE)
def figures(project_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is awaited, planned, reached, done, spent and lost, with a link to each form."""
    seen = _seen(project_id)
    return render_template("steward/figures.html", seen=seen, labels=labels)


@blueprint.route("/projects/<uuid:project_id>/figures/milestone", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def new_milestone(project_id: uuid.UUID) -> ResponseReturnValue:
    """Plan a milestone."""
    seen = _seen(project_id)
    form = forms.NewMilestone(data={"language": seen.language})
    return _answer(
        seen,
        form,
        _("A milestone"),
        milestones.plan,
        lambda: {
            "project_id": project_id,
            "title": form.title.data or "",
            "language": form.language.data or "",
            "planned_on": form.planned_on.data,
        },
    )


@blueprint.route(
    "/projects/<uuid:project_id>/figures/milestones/<uuid:milestone_id>", methods=["GET", "POST"]
)
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def milestone(project_id: uuid.UUID, milestone_id: uuid.UUID) -> ResponseReturnValue:
    """Say what became of a milestone."""
    seen = _seen(project_id)
    one = next((row for row in seen.milestones if row.id == milestone_id), None)
    if one is None:
        raise NotFound("milestone_unknown")
    form = forms.MilestoneChange()
    step = MilestoneStepKind(form.step.data or MilestoneStepKind.DONE)
    verb, tell = _change_of(step, form)
    return _answer(seen, form, one.title, verb, lambda: {"milestone_id": milestone_id, **tell()})


@blueprint.route("/projects/<uuid:project_id>/figures/plan", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def plan(project_id: uuid.UUID) -> ResponseReturnValue:
    """Plan a year."""
    seen = _seen(project_id)
    form = forms.PlanYear()
    form.currency_code = seen.currency
    return _answer(
        seen,
        form,
        _("The plan of a year"),
        activity.plan,
        lambda: {
            "project_id": project_id,
            "year": form.year.count or 0,
            "hectares": form.hectares.number or 0.0,
            "people": form.people.count or 0,
            "money": form.money.money or Money(0, seen.currency),
            "reason": form.reason.data,
        },
    )


@blueprint.route("/projects/<uuid:project_id>/figures/activity", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def year_done(project_id: uuid.UUID) -> ResponseReturnValue:
    """Report the figures of a year."""
    seen = _seen(project_id)
    form = forms.YearDone()
    form.currency_code = seen.currency
    _offer_corrections(form, _reports(project_id, FigureKind.ACTIVITY))
    return _answer(
        seen,
        form,
        _("The figures of a year"),
        activity.report,
        lambda: {
            "project_id": project_id,
            **_period(form),
            "done": Done(
                form.hectares.number or 0.0,
                form.people.count or 0,
                form.women.count,
                form.youth.count,
            ),
            "labour": _labour(form),
        },
    )


@blueprint.route("/projects/<uuid:project_id>/figures/spending", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def spent(project_id: uuid.UUID) -> ResponseReturnValue:
    """Report the use of money by budget line."""
    seen = _seen(project_id)
    lines = tuple(line for line in seen.use.lines if not line.retired)
    form = forms.spending_form(lines, seen.currency)
    _offer_corrections(form, _reports(project_id, FigureKind.SPENDING))

    def tell() -> dict[str, Any]:
        fields = [cast("MoneyField", form[f"line_{place}"]) for place in range(len(lines))]
        typed = {line.id: one.money for line, one in zip(lines, fields, strict=True)}
        return {
            "project_id": project_id,
            **_period(form),
            "amounts": {line_id: amount for line_id, amount in typed.items() if amount},
            "above_reason": form.above_reason.data,
        }

    return _answer(seen, form, _("Use of the money"), spending.report, tell)


@blueprint.route("/projects/<uuid:project_id>/figures/loss", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("30 per hour")
def loss(project_id: uuid.UUID) -> ResponseReturnValue:
    """Tell of soil carbon that is being lost again; public at once."""
    seen = _seen(project_id)
    form = Loss(data={"language": seen.language})
    return _answer(
        seen,
        form,
        _("A loss of soil carbon"),
        reversals.report,
        lambda: {"project_id": project_id, **form.typed()},
    )


@blueprint.route(
    "/projects/<uuid:project_id>/figures/indicators/<uuid:indicator_id>", methods=["GET", "POST"]
)
@policy(Right.POST_UPDATE)
@limited("60 per hour")
def indicator(project_id: uuid.UUID, indicator_id: uuid.UUID) -> ResponseReturnValue:
    """Report a value of an indicator; earlier ones stay."""
    seen = _seen(project_id)
    every = {one.id: one for family in seen.families for one in family.indicators}
    if indicator_id not in every:
        raise NotFound("indicator_unknown")
    one = every[indicator_id]
    form = forms.Value(data={"evidence": one.evidence.value, "source": one.source})
    return _answer(
        seen,
        form,
        f"{one.name} [{one.unit}]",
        indicators.report,
        lambda: {
            "indicator_id": indicator_id,
            "value": form.value.number if form.value.number is not None else float("nan"),
            "observed_on": form.observed_on.data,
            "evidence": Evidence(form.evidence.data),
            "source": form.source.data or "",
        },
    )


@blueprint.route("/projects/<uuid:project_id>/figures/way", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("30 per hour")
def way_of_working(project_id: uuid.UUID) -> ResponseReturnValue:
    """Say how the project works."""
    seen = _seen(project_id)
    form = forms.Way(data={"form": seen.form.form.value})
    return _answer(
        seen,
        form,
        _("How the project works"),
        forms_of_work.choose,
        lambda: {"project_id": project_id, "form": ProjectForm(form.form.data)},
    )


@blueprint.route("/projects/<uuid:project_id>/figures/co-funder", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("30 per hour")
def co_funder(project_id: uuid.UUID) -> ResponseReturnValue:
    """Say who else gives to the project."""
    seen = _seen(project_id)
    form = forms.CoFunder()
    form.currency_code = seen.currency
    return _answer(
        seen,
        form,
        _("Somebody else who gives"),
        forms_of_work.co_fund,
        lambda: {
            "project_id": project_id,
            "funder": form.funder.data or "",
            "purpose": form.purpose.data or "",
            "amount": form.amount.money,
            "since_on": form.since_on.data,
        },
    )


@blueprint.route("/projects/<uuid:project_id>/figures/price", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("30 per hour")
def low_price(project_id: uuid.UUID) -> ResponseReturnValue:
    """Say which product is sold below its price."""
    seen = _seen(project_id)
    form = forms.LowPrice()
    return _answer(
        seen,
        form,
        _("A product below its price"),
        forms_of_work.support_price,
        lambda: {
            "project_id": project_id,
            "price": Price(
                form.product.data or "",
                form.place.data or "",
                _day(form.from_on.data),
                _day(form.until_on.data),
                form.off_all_pct.count or 0,
                form.off_low_income_pct.count or 0,
                form.households.count,
            ),
        },
    )


@blueprint.route("/updates/<uuid:update_id>/correct", methods=["GET", "POST"])
@policy(Right.POST_UPDATE)
@limited("30 per hour")
def correct(update_id: uuid.UUID) -> ResponseReturnValue:
    """Begin a new version of a published update."""
    with services().database.reading() as session:
        project_id, title = running.own_update(session, current_actor(), update_id)
    form = forms.Correct()
    if request.method == "POST" and form.validate():
        try:
            made = services().database.run(
                updates.begin_correction,
                actor=current_actor(),
                at=now(),
                update_id=update_id,
                reason=form.reason.data or "",
            )
            return redirect(page(f"/steward/updates/{made}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _form_page(
        form,
        _("Correct this update"),
        title,
        f"/steward/projects/{project_id}",
    )


def _answer(
    seen: Running, form: Form, title: str, verb: Callable[..., object], tell: Tell
) -> ResponseReturnValue:
    """Take a form with its verb, or show it."""
    back = f"/steward/projects/{seen.project_id}/figures"
    if request.method == "POST" and form.validate():
        try:
            services().database.run(verb, actor=current_actor(), at=now(), **tell())
            return redirect(page(back), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _form_page(form, title, seen.title, back)


def _form_page(form: Form, title: str, line: str, back: str) -> ResponseReturnValue:
    return render_template(
        "steward/figures_form.html", form=form, title=title, line=line, back=back
    ), 422 if request.method == "POST" else 200


def _seen(project_id: uuid.UUID) -> Running:
    with services().database.reading() as session:
        return running.own(session, current_actor(), project_id, on=now().date())


def _reports(project_id: uuid.UUID, kind: FigureKind) -> Sequence[ReportView]:
    with services().database.reading() as session:
        return reported.own(session, current_actor(), project_id, kind)


def _offer_corrections(form: forms.Period, reports: Sequence[ReportView]) -> None:
    """Offer what stands to be corrected; what was sent back is handed in anew."""
    replaced = {one.supersedes_id for one in reports if one.state != "returned"}
    form.corrects.choices = labels.options(
        [
            (_NEW, _("a new report")),
            *(
                (
                    str(one.id),
                    _(
                        "a correction of %(since)s to %(until)s",
                        since=one.from_on.isoformat(),
                        until=one.until_on.isoformat(),
                    ),
                )
                for one in reports
                if one.state != "returned" and one.id not in replaced
            ),
        ]
    )


def _period(form: forms.Period) -> dict[str, Any]:
    return {
        "from_on": form.from_on.data,
        "until_on": form.until_on.data,
        "evidence": form.evidence.data or "",
        "supersedes_id": _id(form.corrects.data),
        "reason": form.reason.data,
    }


def _labour(form: forms.YearDone) -> Labour | None:
    if form.labour_hours.count is None and form.visitor_days.count is None:
        return None
    return Labour(
        form.labour_hours.count or 0,
        form.visitor_days.count or 0,
        form.hour_value.money,
        form.labour_source.data,
    )


def _change_of(
    step: MilestoneStepKind, form: forms.MilestoneChange
) -> tuple[Callable[..., object], Tell]:
    """Return the verb for what became of a milestone, and what it is told."""
    note = form.note.data or ""
    told: dict[MilestoneStepKind, tuple[Callable[..., object], Tell]] = {
        MilestoneStepKind.DONE: (
            milestones.done,
            lambda: {"done_on": _day(form.on.data), "evidence": note},
        ),
        MilestoneStepKind.MOVED: (
            milestones.move,
            lambda: {"planned_on": _day(form.on.data), "reason": note},
        ),
        MilestoneStepKind.DROPPED: (milestones.drop, lambda: {"reason": note}),
        MilestoneStepKind.REOPENED: (milestones.reopen, lambda: {"reason": note}),
    }
    return told[step]


def _day(day: date | None) -> date:
    if day is None:
        raise InvalidInput("day_missing", field="on")
    return day


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise NotFound("report_unknown", field="corrects") from None
