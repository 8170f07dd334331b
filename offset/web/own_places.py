"""Where is a person signed in, which devices are known, and how does each of them end?"""

import uuid
from typing import Final

from flask import Blueprint, redirect, render_template, session
from flask.typing import ResponseReturnValue

from offset.people import devices, logins
from offset.web.fields import Form
from offset.web.language import page
from offset.web.security import LOGGED_IN, current_actor, device_secret, signed_in, visitor
from offset.web.wiring import now, services

blueprint: Final = Blueprint("own_places", __name__)
_PAGE: Final = "/account/devices"


@blueprint.get(_PAGE)
@signed_in
def places() -> ResponseReturnValue:
    """List the browsers that are signed in, and the devices that stay so."""
    person = visitor()
    user_id = person.id if person else uuid.UUID(int=0)
    with services().database.reading() as reading:
        known = devices.listing(reading, user_id=user_id, at=now(), secret=device_secret())
        found = logins.listing(reading, user_id=user_id, at=now(), secret=session[LOGGED_IN])
    return render_template(
        "sign_in/devices.html", devices=known, logins=found, form=Form(formdata=None)
    )


@blueprint.post(f"{_PAGE}/<uuid:device_id>/end")
@signed_in
def end_device(device_id: uuid.UUID) -> ResponseReturnValue:
    """Trust one device no longer."""
    person = visitor()
    if person is not None and Form().validate_on_submit():
        services().database.run(devices.end, user_id=person.id, device_id=device_id, at=now())
    return redirect(page(_PAGE), code=303)


@blueprint.post("/account/sign-ins/<uuid:login_id>/end")
@signed_in
def end_login(login_id: uuid.UUID) -> ResponseReturnValue:
    """Sign one browser out."""
    person = visitor()
    if person is not None and Form().validate_on_submit():
        services().database.run(
            logins.end, actor=current_actor(), user_id=person.id, login_id=login_id, at=now()
        )
    return redirect(page(_PAGE), code=303)


@blueprint.post("/account/sign-ins/end-others")
@signed_in
def end_others() -> ResponseReturnValue:
    """Sign every other browser out."""
    if Form().validate_on_submit():
        services().database.run(
            logins.end_others, actor=current_actor(), secret=session[LOGGED_IN], at=now()
        )
    return redirect(page(_PAGE), code=303)
