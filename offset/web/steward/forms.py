"""What does a steward type besides the application itself?"""

from typing import Final

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.projects.models import OrganisationKind
from offset.web import labels
from offset.web.fields import Filled, Form
from offset.web.language import LANGUAGES as SPOKEN

LANGUAGES: Final = labels.options(SPOKEN.items())


class Begin(Form):
    """A new application: for an organisation one knows, or for a new one."""

    title = StringField(_("Title of the project"), [Filled()])
    language = SelectField(_("Language of the application"), choices=LANGUAGES)
    organisation = SelectField(_("Organisation"), validate_choice=False)
    name = StringField(_("Name of the new organisation"), [Optional()])
    kind = SelectField(
        _("Kind of organisation"),
        choices=labels.options(
            (kind.value, labels.ORGANISATION_KINDS[kind.value]) for kind in OrganisationKind
        ),
    )


class Upload(Form):
    """A file that belongs to the application."""

    file = FileField(
        _("File"),
        description=_("PDF or CSV, at most 20 MB."),
        render_kw={"accept": ".pdf,.csv,application/pdf,text/csv"},
    )


class Press(Form):
    """A button that changes something; the token is all it carries."""


class Reason(Form):
    """Why something ends."""

    reason = TextAreaField(_("Why"), [Filled()], render_kw={"rows": 3})


class Update(Form):
    """An update from the field: title, text, language, and one photo with its words.

    ``kept`` carries a photo that arrived with a form that had something else to correct.
    """

    title = StringField(_("Title"), [Filled()])
    body = TextAreaField(
        _("Text"),
        [Filled()],
        description=_("Three short paragraphs. No surnames of people. Markdown works."),
        render_kw={"rows": 10},
    )
    language = SelectField(_("Language"), choices=LANGUAGES)
    photo = FileField(
        _("Photo"),
        [Optional()],
        description=_("JPEG, PNG or WebP, at most 20 MB. Place and camera data are removed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    kept = HiddenField()
    drop = BooleanField(_("Leave the photo out"))
    alt = StringField(
        _("What is on the photo"),
        [Optional()],
        description=_("For people who do not see it. Needed with a photo."),
    )
    consent = BooleanField(
        _("Everybody on the photo agreed, and no child's face can be recognised")
    )


class Answer(Form):
    """The project's answer to a recommendation."""

    answer = TextAreaField(_("Your answer; it will be public"), [Filled()], render_kw={"rows": 3})
