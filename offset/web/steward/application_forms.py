"""What does somebody type into an application besides the answers to its questions?"""

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.projects.application_models import OrganisationRole, PaperKind
from offset.web import labels
from offset.web.fields import Filled, Form

ROLES: Final[dict[str, LazyString]] = {
    OrganisationRole.LEAD.value: _("Answers for the organisation: everything, and its people"),
    OrganisationRole.WRITER.value: _("Writes: drafts and updates, hands nothing in"),
    OrganisationRole.READER.value: _("Reads only"),
}
PAPER_KINDS: Final[dict[str, LazyString]] = {
    PaperKind.TENURE.value: _("Land: titles, leases, rights of use"),
    PaperKind.CONSENT.value: _("Consent and decisions of the people"),
    PaperKind.MONITORING.value: _("Monitoring plan"),
    PaperKind.SOIL.value: _("Soil analyses and maps"),
    PaperKind.REGISTRATION.value: _("Registration of the organisation"),
    PaperKind.BUDGET.value: _("Budget and agreements with co-funders"),
    PaperKind.OTHER.value: _("Something else"),
}


class Paper(Form):
    """A document that belongs to the application."""

    file = FileField(
        _("Document"),
        description=_("PDF only, at most 20 MB, without password, scripts or files inside."),
        render_kw={"accept": ".pdf,application/pdf"},
    )
    kind = SelectField(
        _("What does it show?"),
        choices=labels.options(PAPER_KINDS.items()),
        default=PaperKind.OTHER.value,
    )


class Outline(Form):
    """A piece of land: corners one a line, or GeoJSON, written or as a file."""

    name = StringField(_("Name of the land"), [Optional()])
    outline = TextAreaField(
        _("Corners or GeoJSON"),
        [Optional()],
        description=_(
            "One corner a line as a telephone shows it, latitude first: 13.5123, 2.1098."
            " Or paste a GeoJSON Polygon, MultiPolygon, Feature or FeatureCollection."
        ),
        render_kw={"rows": 8, "spellcheck": "false", "autocomplete": "off"},
    )
    file = FileField(
        _("Or a GeoJSON file"),
        [Optional()],
        description=_("At most 4 MB and 20,000 corners, in degrees (WGS 84)."),
        render_kw={"accept": ".geojson,.json,application/geo+json,application/json"},
    )


class Criterion(Form):
    """What is said about one criterion, besides its rows of evidence."""

    answer = TextAreaField(_("Your answer"), render_kw={"rows": 6})
    without = TextAreaField(
        _("If no document shows it, why not"),
        [Optional()],
        description=_("Such as: shown on a visit, or not written down yet."),
        render_kw={"rows": 2},
    )


class Invite(Form):
    """A colleague who is asked to join the organisation."""

    email = StringField(
        _("E-mail address"), [Filled()], render_kw={"type": "email", "autocomplete": "off"}
    )
    role = SelectField(
        _("What may this person do?"),
        choices=labels.options(ROLES.items()),
        default=OrganisationRole.WRITER.value,
    )


class ChangeRole(Form):
    """Another role for somebody of the organisation."""

    role = SelectField(_("What may this person do?"), choices=labels.options(ROLES.items()))


class Join(Form):
    """Whoever holds the link of an invitation says their name."""

    name = StringField(_("Your name"), [Optional()], render_kw={"autocomplete": "name"})


class Answered(Form):
    """An answer to the secretariat, perhaps with a document."""

    answer = TextAreaField(_("Your answer"), [Filled()], render_kw={"rows": 8})
    file = FileField(
        _("A document, if it helps"),
        [Optional()],
        description=_("PDF only, at most 20 MB, without password, scripts or files inside."),
        render_kw={"accept": ".pdf,application/pdf"},
    )
