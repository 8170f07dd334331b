"""How does a person sign in and out in the browser? By a mailed link or by its six digits."""

import logging
from typing import Final

from flask import Blueprint, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField

from offset.errors import NotFound, OffsetError
from offset.people import codes, contributors, signin
from offset.people.access import Right, may
from offset.web.browser_names import browser_name
from offset.web.errors import blame
from offset.web.fields import Filled, Form
from offset.web.language import language, page
from offset.web.security import (
    FRESH,
    by_link,
    current_actor,
    limited,
    own_path,
    proved_within,
    public,
    remember_device,
    sign_in_browser,
    sign_out_browser,
    signed_in,
    visitor,
)
from offset.web.wiring import now, services

_log = logging.getLogger(__name__)
blueprint: Final = Blueprint("sign_in", __name__)
_ROOMS: Final = (
    (Right.SEE_DESK, "/secretariat"),
    (Right.SEE_COMMITTEE, "/committee"),
    (Right.APPLY, "/steward"),
)
_ASKED: Final = "sign_in"  # where a browser keeps which address it asked a code for


class LinkForm(Form):
    """Asks where to send the link."""

    email = EmailField(
        _l("E-mail address"),
        [Filled()],
        id="link-email",
        render_kw={"autocomplete": "email", "maxlength": 254},
    )
    next = HiddenField()


class PasswordForm(Form):
    """Asks for an address and a password, where an installation allows them."""

    email = EmailField(
        _l("E-mail address"), [Filled()], render_kw={"autocomplete": "username", "maxlength": 254}
    )
    password = PasswordField(
        _l("Password"), [Filled()], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class CodeForm(Form):
    """Asks for the six digits of the mail."""

    email = EmailField(
        _l("E-mail address"),
        [Filled()],
        id="code-email",
        render_kw={"autocomplete": "email", "maxlength": 254},
    )
    code = StringField(
        _l("Six digits from the mail"),
        [Filled()],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 12},
    )
    remember = BooleanField(
        _l("Stay signed in on this phone or computer for 90 days"),
        description=_l("Not on one that others use as well."),
    )
    next = HiddenField()


class RememberForm(Form):
    """The button that uses a link up."""

    remember = BooleanField(
        _l("Stay signed in on this phone or computer for 90 days"),
        description=_l("Not on one that others use as well."),
    )


@blueprint.get("/sign-in")
@by_link
def form() -> ResponseReturnValue:
    """Show the ways to sign in."""
    if visitor() is not None:
        return redirect(_home(request.args.get("next", "")))
    wanted = own_path(request.args.get("next", ""), "")
    return _page(LinkForm(data={"next": wanted}), PasswordForm(data={"next": wanted}), 200)


@blueprint.post("/sign-in")
@by_link
@limited("10 per 5 minutes", field="email")
@limited("60 per 5 minutes")
def ask() -> ResponseReturnValue:
    """Mail a link and a code; the answer is the same for known and unknown addresses."""
    asked = LinkForm()
    if not asked.validate_on_submit():
        return _page(asked, PasswordForm(formdata=None), 422)
    _send(asked.email.data or "", own_path(asked.next.data or "", ""))
    return render_template("sign_in/sent.html", minutes=signin.LINK_LIFE.seconds // 60)


@blueprint.get("/sign-in/code")
@by_link
def code_form() -> ResponseReturnValue:
    """Ask for the code of the mail."""
    asked = session.get(_ASKED, {})
    wanted = own_path(asked.get("next", "") or request.args.get("next", ""), "")
    told = CodeForm(
        data={"email": asked.get("email", ""), "next": wanted, "remember": _in_the_field(wanted)}
    )
    return _code_page(told, 200)


@blueprint.post("/sign-in/code")
@by_link
@limited("10 per 5 minutes", field="email")
@limited("60 per 5 minutes")
def use_code() -> ResponseReturnValue:
    """Sign in with the code of a mail; an unknown address reads like a wrong code."""
    asked = CodeForm()
    if not asked.validate_on_submit():
        return _code_page(asked, 422)
    secret = services().database.run(
        signin.use_code, email=asked.email.data or "", code=asked.code.data or "", at=now()
    )
    if secret is None:
        _log.warning("sign-in by code refused (%s)", g.request_id)
        asked.code.data = ""
        asked.code.errors = [
            _("This code is not right, or too old. Ask for a new mail if need be.")
        ]
        return _code_page(asked, 422)
    _let_in(secret, remember=bool(asked.remember.data))
    return redirect(_home(asked.next.data or ""), code=303)


@blueprint.get("/sign-in/again")
@signed_in
def again() -> ResponseReturnValue:
    """Ask somebody who is signed in to show once more who they are."""
    wanted = own_path(request.args.get("next", ""), "")
    if proved_within(FRESH):
        return redirect(_home(wanted))
    return _again_page(wanted, 200)


@blueprint.post("/sign-in/again")
@signed_in
@limited("10 per 5 minutes")
def send_again() -> ResponseReturnValue:
    """Mail a code to the address of whoever is signed in."""
    wanted = own_path(request.form.get("next", ""), "")
    person = visitor()
    if not Form().validate_on_submit() or person is None:
        return _again_page(wanted, 422)
    _send(person.email, wanted)
    return redirect(page("/sign-in/code"), code=303)


@blueprint.post("/sign-in/password")
@by_link
@limited("10 per 5 minutes", field="email")
@limited("60 per 5 minutes")
def password() -> ResponseReturnValue:
    """Sign in with a password, where the installation allows it."""
    if not services().settings.password_sign_in:
        raise NotFound("page_absent")
    asked = PasswordForm()
    if not asked.validate_on_submit():
        return _page(LinkForm(formdata=None), asked, 422)
    try:
        secret = services().database.run(
            signin.use_password,
            email=asked.email.data or "",
            password=asked.password.data or "",
            at=now(),
        )
    except OffsetError as fault:
        _log.warning("sign-in by password refused (%s)", g.request_id)
        blame(asked, fault)
        return _page(LinkForm(formdata=None), asked, 422)
    sign_in_browser(secret)
    return redirect(_home(asked.next.data or ""), code=303)


@blueprint.get("/sign-in/<secret>")
@by_link
def confirm(secret: str) -> ResponseReturnValue:
    """Show one button: programs that open links in mails use nothing up."""
    wanted = own_path(request.args.get("next", ""), "")
    asked = RememberForm(data={"remember": _in_the_field(wanted)})
    return render_template("sign_in/confirm.html", form=asked, secret=secret, wanted=wanted)


@blueprint.post("/sign-in/<secret>")
@by_link
@limited("60 per 5 minutes")
def use(secret: str) -> ResponseReturnValue:
    """Sign in with a mailed link, once."""
    try:
        browser = services().database.run(signin.use_link, secret=secret, at=now())
    except OffsetError as fault:
        asked = LinkForm(formdata=None)
        blame(asked, fault)
        return _page(asked, PasswordForm(formdata=None), 422)
    _let_in(browser, remember="remember" in request.form)
    return redirect(_home(request.form.get("next", "")), code=303)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End this browser's sign-in."""
    sign_out_browser()
    return redirect(page("/"), code=303)


def _send(email: str, wanted: str) -> None:
    """Send the mail, if the address is known; this browser remembers which one it asked for."""
    services().database.run(
        contributors.ask_for_link,
        email=email,
        language=language(),
        next_path=wanted,
        public_url=services().settings.public_url,
        at=now(),
    )
    session[_ASKED] = {"email": signin.tidy(email)[:254], "next": wanted}


def _let_in(secret: str, *, remember: bool) -> None:
    sign_in_browser(secret)
    if remember:
        remember_device(browser_name())


def _in_the_field(wanted: str) -> bool:
    """Propose to stay signed in to whoever is on the way to the stewards' room."""
    return "/steward" in wanted


def _code_page(asked: CodeForm, status: int) -> tuple[str, int]:
    return render_template(
        "sign_in/code.html", form=asked, minutes=codes.LIFE.seconds // 60
    ), status


def _again_page(wanted: str, status: int) -> tuple[str, int]:
    person = visitor()
    return render_template(
        "sign_in/again.html",
        form=Form(formdata=None),
        wanted=wanted,
        email=person.email if person else "",
        password=PasswordForm(formdata=None, data={"next": wanted})
        if services().settings.password_sign_in
        else None,
    ), status


def _home(wanted: str) -> str:
    """Return where a person goes after signing in: where they wanted, or their room."""
    path = own_path(wanted, "")
    if path:
        return path
    actor = current_actor()
    return page(next((room for right, room in _ROOMS if may(actor, right)), "/account"))


def _page(link: LinkForm, password_form: PasswordForm, status: int) -> tuple[str, int]:
    with_password = services().settings.password_sign_in
    title = _("Sign in")
    page_text = render_template(
        "sign_in/form.html",
        title=title,
        link=link,
        password=password_form if with_password else None,
    )
    return page_text, status
