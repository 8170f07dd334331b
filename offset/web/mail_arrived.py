"""Did the mail on trial arrive? One press of whoever received it says so."""

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from offset.people import mail_probe
from offset.web.fields import Form
from offset.web.security import by_link, limited
from offset.web.wiring import now, services

blueprint: Final = Blueprint("mail_arrived", __name__)


class Press(Form):
    """One button: opening the link alone changes nothing."""


@blueprint.get("/mail-arrived/<secret>")
@by_link
def show(secret: str) -> ResponseReturnValue:
    """Show the button."""
    return render_template("sign_in/mail_arrived.html", secret=secret, form=Press(), done=False)


@blueprint.post("/mail-arrived/<secret>")
@by_link
@limited("30 per hour")
def take(secret: str) -> ResponseReturnValue:
    """Note that the mail arrived."""
    form = Press()
    if form.validate():
        services().database.run(mail_probe.arrived, secret, at=now())
    return render_template("sign_in/mail_arrived.html", secret=secret, form=form, done=True)
