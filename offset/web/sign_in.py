"""How does a person sign in and out in the browser? By a mailed link, confirmed with a button."""

import logging
from typing import Final

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField

from offset.errors import NotFound, OffsetError
from offset.people import contributors, signin
from offset.people.access import Right, may
from offset.web.errors import blame
from offset.web.fields import Filled, Form
from offset.web.language import language, page
from offset.web.security import (
    by_link,
    current_actor,
    limited,
    own_path,
    public,
    sign_in_browser,
    sign_out_browser,
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
    """Mail a link; the answer is the same for known and unknown addresses."""
    asked = LinkForm()
    if not asked.validate_on_submit():
        return _page(asked, PasswordForm(formdata=None), 422)
    services().database.run(
        contributors.ask_for_link,
        email=asked.email.data or "",
        language=language(),
        next_path=own_path(asked.next.data or "", ""),
        public_url=services().settings.public_url,
        at=now(),
    )
    return render_template("sign_in/sent.html", minutes=signin.LINK_LIFE.seconds // 60)


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
    return render_template("sign_in/confirm.html", form=Form(), secret=secret, wanted=wanted)


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
    sign_in_browser(browser)
    return redirect(_home(request.form.get("next", "")), code=303)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End this browser's sign-in."""
    sign_out_browser()
    return redirect(page("/"), code=303)


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
