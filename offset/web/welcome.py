"""Where does somebody say yes to an invitation? Behind its link, with one press."""

from typing import Final

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from offset.people import invitations
from offset.web.fields import Form
from offset.web.language import page
from offset.web.role_words import ROLES
from offset.web.security import by_link, limited, sign_in_browser
from offset.web.wiring import now, services

blueprint: Final = Blueprint("welcome", __name__)


class Press(Form):
    """One button: opening the link alone changes nothing."""


@blueprint.get("/welcome/<secret>")
@by_link
def show(secret: str) -> ResponseReturnValue:
    """Say who asks and for which roles, and show the button."""
    with services().database.reading() as session:
        found = invitations.found(session, secret, at=now())
    return render_template(
        "sign_in/welcome.html", found=found, roles=ROLES, secret=secret, form=Press()
    )


@blueprint.post("/welcome/<secret>")
@by_link
@limited("30 per hour")
def accept(secret: str) -> ResponseReturnValue:
    """Say yes: the roles are given, this browser is signed in, and the phone is set up next."""
    if not Press().validate():
        return redirect(page(f"/welcome/{secret}"), code=303)
    sign_in_browser(services().database.run(invitations.accept, secret, at=now()))
    return redirect(page("/account/second-factor"), code=303)
