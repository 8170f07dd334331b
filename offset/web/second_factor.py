"""Where does a person show the code of their phone, and set it up the first time?"""

import base64
from typing import Final
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from offset.people import second_factor
from offset.people.second_factor import Shown
from offset.people.signin import Person
from offset.web.fields import Filled, Form
from offset.web.language import page
from offset.web.security import LOGGED_IN, limited, own_path, signed_in, visitor
from offset.web.wiring import now, services

blueprint: Final = Blueprint("second_factor", __name__)
_ISSUER: Final = "4 per 1000"


class CodeForm(Form):
    """Asks for the six digits."""

    code = StringField(
        _l("Six digits from your phone"),
        [Filled()],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 9},
    )
    next = HiddenField()


@blueprint.get("/account/second-factor")
@signed_in
def form() -> ResponseReturnValue:
    """Ask for a code, or show the key to a phone the first time."""
    return _page(CodeForm(data={"next": own_path(request.args.get("next", ""), "")}), 200)


@blueprint.post("/account/second-factor")
@signed_in
@limited("20 per 5 minutes")
def check() -> ResponseReturnValue:
    """Take a code."""
    asked = CodeForm()
    if not asked.validate_on_submit():
        return _page(asked, 422)
    shown = services().database.run(
        second_factor.show,
        user_id=_person().id,
        browser=session[LOGGED_IN],
        code=asked.code.data or "",
        at=now(),
    )
    if shown is Shown.RIGHT:
        return redirect(own_path(asked.next.data or "", page("/account")), code=303)
    told = {
        Shown.WRONG: _("This code is not right, or has been used. Wait for the next one."),
        Shown.TOO_OFTEN: _("Too many wrong codes. Try again in five minutes."),
    }
    asked.code.errors = [told[shown]]
    return _page(asked, 422)


def _person() -> Person:
    person = visitor()
    if person is None:  # the policy of both routes keeps strangers out
        raise LookupError("nobody is signed in")
    return person


def _page(asked: CodeForm, status: int) -> tuple[str, int]:
    person = _person()
    with services().database.reading() as reading:
        state = second_factor.state_of(reading, user_id=person.id, browser=session[LOGGED_IN])
    key = None
    if not state.confirmed:
        shared = services().database.run(second_factor.begin, user_id=person.id, at=now())
        key = base64.b32encode(shared).decode()
    asked.code.data = ""
    return render_template(
        "sign_in/second_factor.html",
        form=asked,
        state=state,
        key=key,
        link=f"otpauth://totp/{quote(_ISSUER)}:{quote(person.email)}"
        f"?secret={key}&issuer={quote(_ISSUER)}",
    ), status
