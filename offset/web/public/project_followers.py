"""How does a reader follow projects by e-mail, and leave again with one press?"""

from typing import Final

from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import StringField

from offset.clock import utc_day
from offset.errors import InvalidInput, OffsetError
from offset.projects import followers, queries
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import language, page
from offset.web.public import blueprint
from offset.web.security import by_link, limited, public, without_token
from offset.web.wiring import now, services

_PER_HOUR: Final = "10 per hour"


class FollowForm(Form):
    """An address that wants news."""

    email = StringField(
        _("Your e-mail address"),
        description=_("We send a mail with a button first; without it nothing else is sent."),
        render_kw={
            "maxlength": 254,
            "autocomplete": "email",
            "inputmode": "email",
            "required": True,
        },
    )
    website = StringField(
        _("Leave this field empty"), render_kw={"tabindex": "-1", "autocomplete": "off"}
    )


class PressForm(Form):
    """A button; its token is all it carries."""


@blueprint.get("/follow")
@public
def follow_all_form() -> ResponseReturnValue:
    """Show the form to follow all projects."""
    return _form(None, FollowForm())


@blueprint.post("/follow")
@public
@limited(_PER_HOUR)
@limited("3 per hour", field="email")
def follow_all() -> ResponseReturnValue:
    """Send the mail with the button for all projects."""
    return _ask(None)


@blueprint.get("/projects/<slug>/follow")
@public
def follow_form(slug: str) -> ResponseReturnValue:
    """Show the form to follow one project."""
    return _form(slug, FollowForm())


@blueprint.post("/projects/<slug>/follow")
@public
@limited(_PER_HOUR)
@limited("3 per hour", field="email")
def follow(slug: str) -> ResponseReturnValue:
    """Send the mail with the button for one project."""
    return _ask(slug)


@blueprint.get("/follow/<secret>")
@by_link
def following(secret: str) -> ResponseReturnValue:
    """Show what a mail's link is about, with its buttons; opening it changes nothing."""
    with services().database.reading() as session:
        told = followers.following(session, secret)
    return render_template(
        "public/following.html", told=told, form=PressForm(), action=f"/follow/{secret}"
    )


@blueprint.post("/follow/<secret>")
@by_link
def confirm(secret: str) -> ResponseReturnValue:
    """Begin to follow: the button was pressed."""
    if PressForm().validate():
        services().database.run(followers.confirm, at=now(), secret=secret)
    return redirect(page(f"/follow/{secret}"), code=303)


@blueprint.get("/follow/<secret>/leave")
@by_link
def leaving(secret: str) -> ResponseReturnValue:
    """Show the button to leave; mail programs and scanners open links."""
    return redirect(page(f"/follow/{secret}"), code=303)


@blueprint.post("/follow/<secret>/leave")
@by_link
@without_token
def leave(secret: str) -> Response:
    """Delete the address: pressed on the page, or in the mail program (RFC 8058)."""
    services().database.run(followers.leave, secret=secret)
    return Response(render_template("public/left.html"))


def _ask(slug: str | None) -> ResponseReturnValue:
    form = FollowForm()
    try:
        if form.validate():
            if form.website.data:
                raise InvalidInput("field_not_empty", field="website")
            services().database.run(
                followers.ask,
                at=now(),
                email=form.email.data or "",
                language=language(),
                slug=slug,
            )
            return render_template(
                "public/follow_asked.html",
                back=f"/projects/{slug}" if slug else "/projects",
                days=followers.UNCONFIRMED.days,
            )
    except OffsetError as fault:
        blame(form, fault)
    return _form(slug, form, status=422)


def _form(slug: str | None, form: FollowForm, *, status: int = 200) -> ResponseReturnValue:
    found = None
    if slug is not None:
        with services().database.reading() as session:
            found = queries.page(session, slug, on=utc_day(now()))
    return render_template(
        "public/follow.html",
        p=found,
        form=form,
        action=f"/projects/{slug}/follow" if slug else "/follow",
    ), status
