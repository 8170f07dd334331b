"""Who is away, who acts for them, and for which act will a second person be missing?"""

import uuid

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from offset.errors import OffsetError
from offset.people import deputies
from offset.people.access import Right, may
from offset.web.errors import blame
from offset.web.secretariat.payee_forms import AwayForm, DeputyForm
from offset.web.secretariat.room import act, back, blueprint, press, today
from offset.web.secretariat.words import Labels
from offset.web.security import current_actor, fresh, policy
from offset.web.wiring import services

ACTS: Labels = {
    Right.PREPARE_ALLOCATION: _("An allocation run"),
    Right.PREPARE_DISBURSEMENT: _("A payment to a project"),
    Right.PREPARE_REFUND: _("A refund"),
    Right.PREPARE_MANUAL_ENTRY: _("An entry by hand"),
    Right.ASK_REOPENING: _("Opening a month again"),
    Right.OPEN_SITE: _("Opening the site"),
}


@blueprint.get("/away")
@policy(Right.SEE_DESK)
def away() -> ResponseReturnValue:
    """List days away, deputies, and the acts that will lack a second person."""
    return _page()


@blueprint.post("/away")
@policy(Right.SEE_DESK)
def note_away() -> ResponseReturnValue:
    """Note the days on which somebody is away."""
    form = AwayForm()
    try:
        if form.validate() and form.starts_on.data and form.ends_on.data:
            act(
                deputies.note_absence,
                user_id=_id(form.person.data),
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
            )
            return back("/away")
    except OffsetError as fault:
        blame(form, fault)
    return _page(form=form, status=422)


@blueprint.post("/away/<uuid:absence_id>/take-back")
@policy(Right.SEE_DESK)
def take_back_away(absence_id: uuid.UUID) -> ResponseReturnValue:
    """Say that somebody is here after all."""
    return press(
        deputies.take_back_absence,
        "/away",
        lambda told, status: _page(told=told, status=status),
        absence_id=absence_id,
    )


@blueprint.post("/deputies")
@policy(Right.MANAGE_PEOPLE)
@fresh
def appoint_deputy() -> ResponseReturnValue:
    """Let one person act for another between two days."""
    form = DeputyForm()
    try:
        if form.validate() and form.deputy_starts_on.data and form.deputy_ends_on.data:
            act(
                deputies.appoint,
                absent_id=_id(form.absent.data),
                deputy_id=_id(form.deputy.data),
                starts_on=form.deputy_starts_on.data,
                ends_on=form.deputy_ends_on.data,
                reason=form.reason.data or "",
            )
            return back("/away")
    except OffsetError as fault:
        blame(form, fault)
    return _page(deputy=form, status=422)


@blueprint.post("/deputies/<uuid:grant_id>/end")
@policy(Right.SEE_DESK)
def end_deputy(grant_id: uuid.UUID) -> ResponseReturnValue:
    """End a deputy's days early."""
    return press(
        deputies.end,
        "/away",
        lambda told, status: _page(told=told, status=status),
        grant_id=grant_id,
    )


def _page(
    *,
    form: AwayForm | None = None,
    deputy: DeputyForm | None = None,
    told: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    form, deputy, actor = form or AwayForm(), deputy or DeputyForm(), current_actor()
    manages = may(actor, Right.MANAGE_PEOPLE)
    with services().database.reading() as session:
        lacks = deputies.lacking_ahead(session, on=today())
        absent = deputies.absences(session, on=today())
        standing = deputies.listed(session, on=today())
        people = [(str(key), name) for key, name in deputies.desk(session)]
    form.person.choices = [one for one in people if manages or one[0] == str(actor.user_id)]
    deputy.absent.choices = deputy.deputy.choices = people
    return render_template(
        "secretariat/away.html",
        lacks=lacks,
        absent=absent,
        standing=standing,
        form=form,
        deputy=deputy,
        manages=manages,
        me=actor.user_id,
        acts=ACTS,
        told=told,
    ), status


def _id(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return uuid.UUID(int=0)  # nobody; the verb says so
