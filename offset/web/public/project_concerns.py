"""How does anybody raise a concern about a project, and follow what came of it?"""

from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField

from offset.clock import utc_day
from offset.errors import InvalidInput, OffsetError
from offset.projects import concerns, queries
from offset.projects.queries import ProjectPage
from offset.web import labels
from offset.web.errors import blame
from offset.web.fields import Form
from offset.web.language import language
from offset.web.public import blueprint
from offset.web.security import by_link, limited, public
from offset.web.wiring import now, services

_PER_HOUR: Final = "6 per hour"
_PER_DAY: Final = "20 per day"


class ConcernForm(Form):
    """A concern: its words; a name and an address only for whoever wants to give them."""

    text = TextAreaField(
        _("Your concern"),
        description=_("In any language. Say what you saw or heard, where and when, if you can."),
        render_kw={"rows": 9, "maxlength": concerns.LONGEST, "required": True},
    )
    name = StringField(
        _("Your name"),
        description=_("Only if you want to. The project does not learn it."),
        render_kw={"maxlength": 120, "autocomplete": "name"},
    )
    email = StringField(
        _("Your e-mail address"),
        description=_("Only if you want a mail when there is an answer."),
        render_kw={"maxlength": 254, "autocomplete": "email", "inputmode": "email"},
    )
    website = StringField(
        _("Leave this field empty"), render_kw={"tabindex": "-1", "autocomplete": "off"}
    )


class MessageForm(Form):
    """Something more about one's own concern."""

    text = TextAreaField(
        _("Add something"),
        render_kw={"rows": 5, "maxlength": concerns.LONGEST, "required": True},
    )


@blueprint.get("/projects/<slug>/concern")
@public
def concern_form(slug: str) -> ResponseReturnValue:
    """Show the form of a concern, and what happens to it."""
    return _form(slug, ConcernForm())


@blueprint.post("/projects/<slug>/concern")
@public
@limited(_PER_HOUR, _PER_DAY)
def raise_concern(slug: str) -> ResponseReturnValue:
    """Take a concern; its reference and its link are shown this once."""
    form = ConcernForm()
    try:
        if form.validate():
            if form.website.data:
                raise InvalidInput("field_not_empty", field="website")
            raised = services().database.run(
                concerns.raise_concern,
                at=now(),
                slug=slug,
                text=form.text.data or "",
                language=language(),
                name=form.name.data or "",
                email=form.email.data or "",
            )
            answer = render_template(
                "public/concern_raised.html",
                p=_page(slug),
                raised=raised,
                mailed=bool((form.email.data or "").strip()),
                link=f"/concerns/{raised.secret}",
            )
            return answer, 201, {"Cache-Control": "no-store"}
    except OffsetError as fault:
        blame(form, fault)
    return _form(slug, form, status=422)


@blueprint.get("/concerns/<secret>")
@by_link
def concern(secret: str) -> ResponseReturnValue:
    """Show one's own concern and the answer, once two people have given it."""
    return _followed(secret, MessageForm())


@blueprint.post("/concerns/<secret>")
@by_link
@limited(_PER_HOUR, _PER_DAY)
def add_message(secret: str) -> ResponseReturnValue:
    """Add something to one's own concern."""
    form = MessageForm()
    try:
        if form.validate():
            services().database.run(
                concerns.add_message, at=now(), secret=secret, text=form.text.data or ""
            )
            return _followed(secret, MessageForm(formdata=None))
    except OffsetError as fault:
        blame(form, fault)
    return _followed(secret, form, status=422)


def _form(slug: str, form: ConcernForm, *, status: int = 200) -> ResponseReturnValue:
    return render_template("public/concern.html", p=_page(slug), form=form), status


def _page(slug: str) -> ProjectPage:
    with services().database.reading() as session:
        return queries.page(session, slug, on=utc_day(now()))


def _followed(secret: str, form: MessageForm, *, status: int = 200) -> ResponseReturnValue:
    with services().database.reading() as session:
        told = concerns.followed(session, secret)
    return render_template(
        "public/concern_followed.html",
        told=told,
        form=form,
        action=f"/concerns/{secret}",
        label=labels.label,
        labels=labels,
    ), status
