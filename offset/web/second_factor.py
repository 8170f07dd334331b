"""Where does a person show the code of their phone, and set it up the first time?"""

import base64
from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from offset.errors import Forbidden
from offset.people import recovery, second_factor
from offset.people.second_factor import Shown, State
from offset.people.signin import Person
from offset.web.fields import Filled, Form
from offset.web.language import page
from offset.web.security import LOGGED_IN, fresh, limited, own_path, signed_in, visitor
from offset.web.wiring import now, services

blueprint: Final = Blueprint("second_factor", __name__)
_ISSUER: Final = "4 per 1000"


class CodeForm(Form):
    """Asks for the six digits."""

    code = StringField(
        _l("Six digits from your phone"),
        [Filled()],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 24},
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
    first = not _state().confirmed
    shown = _show(asked.code.data or "")
    if shown is Shown.RIGHT:
        wanted = own_path(asked.next.data or "", page("/account"))
        if first:
            codes = page("/account/second-factor/codes")
            return redirect(f"{codes}?{urlencode({'next': wanted})}", code=303)
        return redirect(wanted, code=303)
    told = {
        Shown.WRONG: _("This code is not right, or has been used. Wait for the next one."),
        Shown.TOO_OFTEN: _("Too many wrong codes. Try again in five minutes."),
    }
    asked.code.errors = [told[shown]]
    return _page(asked, 422)


@blueprint.get("/account/second-factor/codes")
@signed_in
@fresh
def codes() -> ResponseReturnValue:
    """Say what recovery codes are for and how many are left."""
    if not _state().passed:
        return redirect(page("/account/second-factor"))
    return _codes_page(())


@blueprint.post("/account/second-factor/codes")
@signed_in
@fresh
@limited("10 per hour")
def make_codes() -> ResponseReturnValue:
    """Make new codes and show them once."""
    if not _state().passed:
        raise Forbidden("second_factor_missing")
    if not Form().validate_on_submit():
        return _codes_page((), 422)
    return _codes_page(services().database.run(recovery.make, user_id=_person().id, at=now()))


@blueprint.post("/account/second-factor/another-phone")
@signed_in
@fresh
def another_phone() -> ResponseReturnValue:
    """Let a browser that showed a code set up another phone."""
    if Form().validate_on_submit():
        services().database.run(
            recovery.renew, user_id=_person().id, browser=session[LOGGED_IN], at=now()
        )
    return redirect(page("/account/second-factor"), code=303)


def _show(code: str) -> Shown:
    """Hold what was typed against the phone, or against the codes on paper."""
    told = {"user_id": _person().id, "browser": session[LOGGED_IN], "code": code, "at": now()}
    if recovery.looks_like_one(code):
        right = services().database.run(recovery.use, **told)
        return Shown.RIGHT if right else Shown.WRONG
    return services().database.run(second_factor.show, **told)


def _state() -> State:
    with services().database.reading() as reading:
        return second_factor.state_of(reading, user_id=_person().id, browser=session[LOGGED_IN])


def _codes_page(made: tuple[str, ...], status: int = 200) -> tuple[str, int]:
    with services().database.reading() as reading:
        left = recovery.left(reading, user_id=_person().id)
    body = render_template(
        "sign_in/recovery_codes.html",
        made=made,
        left=left,
        wanted=own_path(request.values.get("next", ""), page("/account")),
        form=Form(formdata=None),
    )
    return body, status


def _person() -> Person:
    person = visitor()
    if person is None:  # the policy of both routes keeps strangers out
        raise LookupError("nobody is signed in")
    return person


def _page(asked: CodeForm, status: int) -> tuple[str, int]:
    person = _person()
    state = _state()
    key = None
    if not state.confirmed:
        shared = services().database.run(second_factor.begin, user_id=person.id, at=now())
        key = base64.b32encode(shared).decode()
    asked.code.data = ""
    return render_template(
        "sign_in/second_factor.html",
        form=asked,
        state=state,
        press=Form(formdata=None),
        key=key,
        link=f"otpauth://totp/{quote(_ISSUER)}:{quote(person.email)}"
        f"?secret={key}&issuer={quote(_ISSUER)}",
    ), status
