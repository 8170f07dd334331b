"""What does a steward type besides the application itself?"""

from typing import Final

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from offset.projects.field_models import HelperScope
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


class Press(Form):
    """A button that changes something; the token is all it carries."""


class Reason(Form):
    """Why something ends."""

    reason = TextAreaField(_("Why"), [Filled()], render_kw={"rows": 3})


class Words(Form):
    """The words of an update. Its key makes the same form posted twice one update."""

    title = StringField(_("Title"), [Filled()], render_kw={"maxlength": 160})
    body = TextAreaField(
        _("Text"),
        [Filled()],
        description=_("Three short paragraphs. No surnames of people. Markdown works."),
        render_kw={"rows": 10},
    )
    language = SelectField(_("Language"), choices=LANGUAGES)
    key = HiddenField()


class Describe(Form):
    """What is on a photo, and the consent of those in it."""

    alt = StringField(
        _("What is on the photo"),
        description=_("For people who do not see it."),
        render_kw={"maxlength": 300},
    )
    consent = BooleanField(_("Everybody on the photo agreed to be shown"))
    no_child_faces = BooleanField(_("No child's face can be recognised"))


class Photograph(Describe):
    """One photo with its words; a photo whose words are missing is kept all the same."""

    photo = FileField(
        _("Photo"),
        description=_("JPEG, PNG or WebP, at most 20 MB. Place and camera data are removed."),
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )


class Received(Form):
    """What a payment came to in the project's own money."""

    received_on = DateField(_("Day on which it arrived"), [Filled()])
    amount = StringField(
        _("Amount in your money, as the bank credited it"),
        [Filled()],
        render_kw={"inputmode": "decimal", "autocomplete": "off", "maxlength": 24},
    )
    currency = StringField(
        _("Which money"),
        [Filled()],
        description=_("Three letters, such as XOF, KES or MXN."),
        render_kw={"maxlength": 3, "autocomplete": "off"},
    )
    note = TextAreaField(
        _("Anything to say about it"),
        [Optional()],
        description=_("Bank fees, a delay. The secretariat reads it; it is not public."),
        render_kw={"rows": 2, "maxlength": 500},
    )


class Consent(Form):
    """An organisation's own word that another may act for it."""

    helper = StringField(
        _("Name of the organisation that helps you"),
        [Filled()],
        description=_("As it is registered here."),
        render_kw={"maxlength": 200},
    )
    scope = SelectField(
        _("What it may do"),
        choices=labels.options(
            [
                (HelperScope.UPDATES.value, _("send updates and photos")),
                (HelperScope.APPLICATIONS.value, _("fill in and hand in applications")),
                (HelperScope.ALL.value, _("both")),
            ]
        ),
    )
    ends_on = DateField(_("Until which day"), [Filled()])
    words = TextAreaField(
        _("Your consent in your own words"),
        [Filled()],
        description=_("Who decided it, and where it is written down."),
        render_kw={"rows": 3, "maxlength": 2000},
    )


class Sheet(Form):
    """A spreadsheet that was filled in offline."""

    file = FileField(
        _("The spreadsheet you filled in"),
        description=_("XLSX, at most 20 MB, without formulas."),
        render_kw={
            "accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        },
    )


class Answer(Form):
    """The project's answer to a recommendation."""

    answer = TextAreaField(_("Your answer; it will be public"), [Filled()], render_kw={"rows": 3})
