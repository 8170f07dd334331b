"""How does a steward let another organisation help, end it, and see what was done?"""

import uuid
from itertools import groupby

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from offset.errors import NotFound, OffsetError
from offset.people.access import Right
from offset.projects import consents, rooms
from offset.projects.field_models import HelperScope
from offset.web.errors import blame
from offset.web.language import page
from offset.web.security import current_actor, fresh, limited, policy
from offset.web.steward.forms import Consent, Press
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services

SCOPES = {
    HelperScope.UPDATES: _l("send updates and photos"),
    HelperScope.APPLICATIONS: _l("fill in and hand in applications"),
    HelperScope.ALL: _l("send updates, fill in and hand in applications"),
}
ACTIONS = {
    "draft.begun": _l("began an update"),
    "draft.saved": _l("changed an update"),
    "photo.received": _l("sent a photo"),
    "photo.described": _l("described a photo"),
    "update.handed_in": _l("handed an update in"),
    "sheet.committed": _l("filled in a spreadsheet"),
}


@blueprint.get("/helpers")
@policy(Right.APPLY)
def helper_list() -> ResponseReturnValue:
    """Show who may act for one's organisations, and what they did."""
    actor = current_actor()
    with services().database.reading() as session:
        own = rooms.organisations(session, actor)
        given = {one.id: consents.given(session, actor, one.id) for one in own}
        acts = {one.id: _in_short(consents.acts(session, one.id)) for one in own}
    return render_template(
        "steward/helpers.html",
        own=own,
        given=given,
        acts=acts,
        today=now().date(),
        scopes=SCOPES,
        actions=ACTIONS,
        press=Press(formdata=None),
    )


@blueprint.route("/helpers/<uuid:organisation_id>/new", methods=["GET", "POST"])
@policy(Right.APPLY)
@fresh
@limited("20 per hour")
def give_consent(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Let a named organisation act for one's own, until a day."""
    with services().database.reading() as session:
        own = {one.id: one for one in rooms.organisations(session, current_actor())}
    if organisation_id not in own:
        raise NotFound("organisation_unknown")
    form = Consent()
    if request.method == "POST" and form.validate() and form.ends_on.data:
        try:
            services().database.run(
                consents.consent,
                actor=current_actor(),
                at=now(),
                organisation_id=organisation_id,
                helper=form.helper.data or "",
                scope=HelperScope(form.scope.data),
                ends_on=form.ends_on.data,
                words=form.words.data or "",
            )
            flash(_("The consent is recorded. You can end it at any time."))
            return redirect(page("/steward/helpers"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return render_template(
        "steward/consent.html", form=form, organisation=own[organisation_id]
    ), 422 if request.method == "POST" else 200


@blueprint.post("/helpers/<uuid:consent_id>/revoke")
@policy(Right.APPLY)
def revoke_consent(consent_id: uuid.UUID) -> ResponseReturnValue:
    """End a consent at once."""
    if Press().validate():
        services().database.run(
            consents.revoke, actor=current_actor(), at=now(), consent_id=consent_id
        )
    return redirect(page("/steward/helpers"), code=303)


def _in_short(acts: tuple[consents.Act, ...]) -> tuple[tuple[consents.Act, int], ...]:
    """Put the same act of the same person on the same day on one line, with its count."""
    short = []
    for _key, run in groupby(acts, lambda act: (act.person, act.action, act.at.date())):
        same = list(run)
        short.append((same[0], len(same)))
    return tuple(short)
