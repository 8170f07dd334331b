"""Who belongs to the house, who was asked to, and who changes what they may do?"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people import devices, invitations, logins, members, readiness, recovery, users
from offset.people.access import Right
from offset.web.errors import blame, sentence_of, status_of
from offset.web.fields import Form
from offset.web.role_words import ROLES, two_people_act
from offset.web.role_words import names as role_names
from offset.web.secretariat.forms import Press
from offset.web.secretariat.people_forms import InviteForm, ReasonForm, RolesForm
from offset.web.secretariat.room import act, back, blueprint
from offset.web.security import current_actor, fresh, policy
from offset.web.wiring import now, services


@blueprint.get("/people")
@policy(Right.MANAGE_PEOPLE)
@fresh
def people() -> ResponseReturnValue:
    """List the people with their roles and phones, and the invitations that wait."""
    return _list(InviteForm())


@blueprint.post("/people")
@policy(Right.MANAGE_PEOPLE)
@fresh
def invite() -> ResponseReturnValue:
    """Ask somebody to join."""
    form = InviteForm()
    try:
        if form.validate():
            act(
                invitations.send,
                email=form.email.data or "",
                name=form.name.data or "",
                roles=form.roles.roles,
                language=form.language.data or "en",
            )
            return back("/people#waiting")
    except OffsetError as fault:
        blame(form, fault)
    return _list(form, status=422)


@blueprint.post("/people/invitations/<uuid:invitation_id>/send-again")
@policy(Right.MANAGE_PEOPLE)
@fresh
def invite_again(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Send an invitation once more, with a new link."""
    return _answered(invitations.send_again, invitation_id)


@blueprint.post("/people/invitations/<uuid:invitation_id>/withdraw")
@policy(Right.MANAGE_PEOPLE)
@fresh
def withdraw(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Take an invitation back."""
    return _answered(invitations.withdraw, invitation_id)


@blueprint.get("/people/<uuid:user_id>")
@policy(Right.MANAGE_PEOPLE)
@fresh
def person(user_id: uuid.UUID) -> ResponseReturnValue:
    """Show one person: roles, phone, where they are signed in, what was changed and by whom."""
    return _person(user_id)


@blueprint.post("/people/<uuid:user_id>/roles")
@policy(Right.MANAGE_PEOPLE)
@fresh
def set_roles(user_id: uuid.UUID) -> ResponseReturnValue:
    """Give a person exactly the roles that are ticked."""
    form = RolesForm()
    return _changed(user_id, form, users.set_roles, lambda: {"roles": form.roles.roles})


@blueprint.post("/people/<uuid:user_id>/disable")
@policy(Right.MANAGE_PEOPLE)
@fresh
def close_account(user_id: uuid.UUID) -> ResponseReturnValue:
    """Close a person's account."""
    form = ReasonForm()
    return _changed(user_id, form, users.disable, lambda: {"reason": form.reason.data or ""})


@blueprint.post("/people/<uuid:user_id>/enable")
@policy(Right.MANAGE_PEOPLE)
@fresh
def open_account(user_id: uuid.UUID) -> ResponseReturnValue:
    """Open a closed account again."""
    form = ReasonForm()
    return _changed(user_id, form, users.enable, lambda: {"reason": form.reason.data or ""})


@blueprint.post("/people/<uuid:user_id>/lost-phone")
@policy(Right.MANAGE_PEOPLE)
@fresh
def lost_phone(user_id: uuid.UUID) -> ResponseReturnValue:
    """Take the second factor of a lost phone away."""
    form = ReasonForm()
    return _changed(user_id, form, recovery.lost_phone, lambda: {"reason": form.reason.data or ""})


@blueprint.post("/people/<uuid:user_id>/sign-ins/<uuid:login_id>/end")
@policy(Right.MANAGE_PEOPLE)
@fresh
def end_login(user_id: uuid.UUID, login_id: uuid.UUID) -> ResponseReturnValue:
    """Sign one browser of a person out."""
    return _changed(user_id, Press(), logins.end, lambda: {"login_id": login_id})


@blueprint.post("/people/<uuid:user_id>/devices/<uuid:device_id>/end")
@policy(Right.MANAGE_PEOPLE)
@fresh
def end_device(user_id: uuid.UUID, device_id: uuid.UUID) -> ResponseReturnValue:
    """Trust one device of a person no longer."""
    return _changed(user_id, Press(), devices.end_for, lambda: {"device_id": device_id})


def _answered(verb: Callable[..., object], invitation_id: uuid.UUID) -> ResponseReturnValue:
    if not Press().validate():
        return _list(InviteForm(formdata=None), status=422)
    try:
        act(verb, invitation_id=invitation_id)
    except OffsetError as fault:
        told = sentence_of(fault)
        return _list(InviteForm(formdata=None), told=told, status=status_of(fault))
    return back("/people#waiting")


def _changed(
    user_id: uuid.UUID, form: Form, verb: Callable[..., object], told: Callable[[], dict[str, Any]]
) -> ResponseReturnValue:
    """Run a verb on a person; a refusal is told on their page."""
    if not form.validate():
        first = next((one for each in form.errors.values() for one in each), "")
        return _person(user_id, told=str(first), status=422)
    try:
        act(verb, user_id=user_id, **told())
    except OffsetError as fault:
        return _person(user_id, told=sentence_of(fault), status=status_of(fault))
    return back(f"/people/{user_id}?done=1")


def _list(form: InviteForm, *, told: str = "", status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = members.listing(session)
        asked = invitations.waiting(session, at=now())
        lacking = readiness.lacking_pairs(session)
    body = render_template(
        "secretariat/people.html",
        form=form,
        members=found,
        waiting=asked,
        lacking=[two_people_act(pair) for pair in lacking],
        role_names=role_names,
        press=Press(formdata=None),
        told=told,
    )
    return body, status


def _person(user_id: uuid.UUID, *, told: str = "", status: int = 200) -> ResponseReturnValue:
    at = now()
    with services().database.reading() as session:
        seen = members.page(session, user_id)
        browsers = logins.listing(session, user_id=user_id, at=at)
        known = devices.listing(session, user_id=user_id, at=at)
        before = readiness.lacking_pairs(session)
        without = readiness.lacking_pairs(session, without=user_id)
    body = render_template(
        "secretariat/person.html",
        seen=seen,
        browsers=browsers,
        devices=known,
        own=current_actor().user_id == user_id,
        needed=[two_people_act(pair) for pair in without if pair not in before],
        roles=ROLES,
        form=RolesForm(formdata=None, data={"roles": [role.value for role in seen.member.roles]}),
        why_phone=_reason("phone"),
        why_account=_reason("account"),
        press=Press(formdata=None),
        told=told,
        done=request.args.get("done") == "1",
    )
    return body, status


def _reason(name: str) -> ReasonForm:
    """Make an empty form whose field has an id of its own: two of them stand on one page."""
    form = ReasonForm(formdata=None)
    form.reason.id = f"reason-{name}"
    return form
