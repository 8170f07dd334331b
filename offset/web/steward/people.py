"""Who are the people of an organisation, and how do they come and go?"""

import uuid
from collections.abc import Callable

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from offset.errors import OffsetError
from offset.people import signin
from offset.people.access import Right
from offset.projects import organisation_people
from offset.projects.application_models import OrganisationRole
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import language, page
from offset.web.security import by_link, current_actor, fresh, limited, policy
from offset.web.steward.application_forms import ROLES, ChangeRole, Invite, Join
from offset.web.steward.forms import Press
from offset.web.steward.room import blueprint
from offset.web.wiring import now, services


@blueprint.get("/organisations/<uuid:organisation_id>")
@policy(Right.APPLY)
def organisation(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Show the people of an organisation and open invitations."""
    return _page(organisation_id, Invite(formdata=None))


@blueprint.post("/organisations/<uuid:organisation_id>/invitations")
@policy(Right.APPLY)
@fresh
@limited("30 per hour")
def invite(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Ask a colleague in by mail."""
    form = Invite()
    return _taken(
        organisation_id,
        form,
        lambda: services().database.run(
            organisation_people.invite,
            actor=current_actor(),
            at=now(),
            organisation_id=organisation_id,
            email=form.email.data or "",
            role=OrganisationRole(form.role.data),
            language=language(),
        ),
    )


@blueprint.post("/organisations/<uuid:organisation_id>/invitations/<uuid:invitation_id>/withdraw")
@policy(Right.APPLY)
def withdraw_invitation(
    organisation_id: uuid.UUID, invitation_id: uuid.UUID
) -> ResponseReturnValue:
    """Take an invitation back."""
    return _taken(
        organisation_id,
        Press(),
        lambda: services().database.run(
            organisation_people.withdraw_invitation,
            actor=current_actor(),
            at=now(),
            organisation_id=organisation_id,
            invitation_id=invitation_id,
        ),
    )


@blueprint.post("/organisations/<uuid:organisation_id>/people/<uuid:user_id>/role")
@policy(Right.APPLY)
@fresh
def change_role(organisation_id: uuid.UUID, user_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody another role."""
    form = ChangeRole()
    return _taken(
        organisation_id,
        form,
        lambda: services().database.run(
            organisation_people.change_role,
            actor=current_actor(),
            at=now(),
            organisation_id=organisation_id,
            user_id=user_id,
            role=OrganisationRole(form.role.data),
        ),
    )


@blueprint.post("/organisations/<uuid:organisation_id>/people/<uuid:user_id>/leave")
@policy(Right.APPLY)
def leave(organisation_id: uuid.UUID, user_id: uuid.UUID) -> ResponseReturnValue:
    """Leave an organisation, or let somebody go."""
    own = user_id == current_actor().user_id
    return _taken(
        organisation_id,
        Press(),
        lambda: services().database.run(
            organisation_people.leave,
            actor=current_actor(),
            at=now(),
            organisation_id=organisation_id,
            user_id=user_id,
        ),
        after="/steward" if own else None,
    )


@blueprint.route("/join/<secret>", methods=["GET", "POST"])
@by_link
@limited("30 per hour")
def join(secret: str) -> ResponseReturnValue:
    """Join an organisation by the link of an invitation; a sign-in link follows by mail."""
    form = Join()
    with services().database.reading() as session:
        told = organisation_people.invited(session, secret=secret, at=now())
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                address = services().database.run(
                    organisation_people.accept,
                    at=now(),
                    secret=secret,
                    name=form.name.data or "",
                    language=language(),
                )
                services().database.run(
                    signin.ask_for_link,
                    email=address,
                    language=language(),
                    next_path=page("/steward"),
                    public_url=services().settings.public_url,
                    at=now(),
                )
                return render_template("steward/join.html", told=told, joined=True, form=form)
            except OffsetError as fault:
                blame(form, fault)
    return render_template(
        "steward/join.html", told=told, roles=ROLES, joined=False, form=form
    ), status


def _taken(
    organisation_id: uuid.UUID,
    form: Form,
    verb: Callable[[], object],
    *,
    after: str | None = None,
) -> ResponseReturnValue:
    """Run a verb for a form; a refusal is told on the page of the organisation."""
    if form.validate():
        try:
            verb()
            return redirect(page(after or f"/steward/organisations/{organisation_id}"), code=303)
        except OffsetError as fault:
            blame(form, fault)
    return _page(organisation_id, form, status=422)


def _page(organisation_id: uuid.UUID, form: Form, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        seen = organisation_people.people(session, current_actor(), organisation_id, at=now())
    return render_template(
        "steward/organisation.html",
        seen=seen,
        me=current_actor().user_id,
        leads=seen.own_role is OrganisationRole.LEAD,
        roles=ROLES,
        form=form if isinstance(form, Invite) else Invite(formdata=None),
        change=ChangeRole(formdata=None),
        faulty=form if form.errors else None,
        press=Press(formdata=None),
    ), status
