"""What does a steward type besides the application itself?"""

from typing import Final

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from offset.projects.models import OrganisationKind
from offset.web import labels
from offset.web.fields import Filled, Form

_LANGUAGES: Final = [("en", "English"), ("fr", "Français"), ("es", "Español")]


class Begin(Form):
    """A new application: for an organisation one knows, or for a new one."""

    organisation = SelectField(_("Organisation"), validate_choice=False)
    name = StringField(_("Name of a new organisation"))
    kind = SelectField(
        _("Kind of organisation"),
        choices=[(kind.value, labels.ORGANISATION_KINDS[kind.value]) for kind in OrganisationKind],
    )
    title = StringField(_("Title of the project"), [Filled()])
    language = SelectField(_("Language of the application"), choices=_LANGUAGES)


class Upload(Form):
    """A file that belongs to the application."""

    file = FileField(_("File"), description=_("PDF or CSV, at most 20 MB."))


class Press(Form):
    """A button that changes something; the token is all it carries."""


class Update(Form):
    """An update from the field: title, text, language, and one photo with its words."""

    title = StringField(_("Title"), [Filled()])
    body = TextAreaField(
        _("Text"),
        [Filled()],
        description=_("Three short paragraphs. No surnames of people. Markdown works."),
        render_kw={"rows": 10},
    )
    language = SelectField(_("Language"), choices=_LANGUAGES)
    photo = FileField(
        _("Photo"),
        description=_("JPEG, PNG or WebP, at most 15 MB. Place and camera data are removed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    alt = StringField(_("What is on the photo"), description=_("For people who do not see it."))
    consent = BooleanField(
        _("Everybody on the photo agreed, and no child's face can be recognised")
    )
    then = HiddenField()


class Answer(Form):
    """The project's answer to a recommendation."""

    answer = TextAreaField(_("Your answer"), [Filled()], render_kw={"rows": 3})
