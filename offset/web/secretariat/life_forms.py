"""What does the secretariat type about running projects?"""

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField

from offset.web import labels
from offset.web.fields import Filled, Form
from offset.web.language import LANGUAGES


class Accept(Form):
    """An update may be published; what a rule marked needs a reason."""

    accepted_reason = StringField(
        _("Why it may stand in spite of what is marked"),
        description=_("Needed only where something is marked above."),
        render_kw={"maxlength": 500},
    )


class Ask(Form):
    """An update goes back to its writer, who mends it and hands it in again."""

    note = TextAreaField(
        _("What should change?"),
        [Filled()],
        description=_("Its writer reads it."),
        render_kw={"rows": 2, "maxlength": 1000},
    )


class Decline(Form):
    """An update is turned down for good."""

    why = TextAreaField(
        _("Why is it turned down?"),
        [Filled()],
        description=_("Its writer reads it, and may write another one."),
        render_kw={"rows": 2, "maxlength": 1000},
    )


class TakeDown(Form):
    """A published photo is taken down for good."""

    reason = TextAreaField(
        _("Why is it taken down?"),
        [Filled()],
        description=_("It stays in the audit trail. Name no person."),
        render_kw={"rows": 2, "maxlength": 500},
    )


class Figures(Form):
    """Figures go back to those who reported them."""

    reason = TextAreaField(
        _("What should change?"), [Filled()], render_kw={"rows": 2, "maxlength": 1000}
    )


class Standing(Form):
    """A project is paused, goes on, is completed or removed; the page says what is written."""

    step = SelectField(
        _("What happens"),
        choices=labels.options(
            [
                ("hold", _("Pause: no new money until it goes on")),
                ("resume", _("Go on after a pause")),
                ("complete", _("Complete: the project has ended as planned")),
                ("remove", _("Remove: the project ends here, unpaid money goes on to others")),
            ]
        ),
    )
    told = TextAreaField(
        _("What the project's page says"),
        [Filled()],
        description=_("Public from now on, with today's date. Name no person."),
        render_kw={"rows": 3, "maxlength": 1000},
    )
    language = SelectField(_("Language"), choices=labels.options(LANGUAGES.items()))
    reason = TextAreaField(
        _("Reason"),
        [Filled()],
        description=_("It stays in the audit trail."),
        render_kw={"rows": 2, "maxlength": 1000},
    )
