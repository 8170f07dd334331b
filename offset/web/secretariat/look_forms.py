"""What do people type to find things, to draw a sample, and to help a giver? Shapes only."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.web.fields import Filled, Form, PlainForm


class SampleOf(PlainForm):
    """What a sample is drawn of, and how."""

    since = DateField(_("From"), [Optional()])
    until = DateField(_("To"), [Optional()])
    currency = SelectField(_("Currency"), validate_choice=False)
    kind = SelectField(_("Kind of entry"), validate_choice=False)
    method = SelectField(_("Method"), validate_choice=False)
    size = IntegerField(_("How many"), [Optional()], render_kw={"min": 1, "max": 200})
    seed = StringField(
        _("Seed"),
        description=_("Any word. The same word draws the same entries again."),
        render_kw={"maxlength": 64},
    )


class Why(PlainForm):
    """Why somebody looks at a person."""

    why = StringField(
        _("Why you look"),
        description=_("It stays in the audit trail. Name nobody."),
        render_kw={"maxlength": 200},
    )


class Correction(Form):
    """What is printed of a giver, and where mails go."""

    name = StringField(_("Name on the receipt"), render_kw={"maxlength": 200})
    address = TextAreaField(_("Address on the receipt"), render_kw={"rows": 3})
    email = StringField(_("E-mail"), render_kw={"type": "email", "maxlength": 254})
    reason = StringField(_("Reason"), [Filled()], render_kw={"maxlength": 200})


class Resend(Form):
    """Where a mail that was given up goes instead."""

    email = StringField(_("E-mail"), [Filled()], render_kw={"type": "email", "maxlength": 254})


class Forget(Form):
    """Whom to forget, typed twice: it cannot be undone."""

    email = StringField(_("E-mail"), [Filled()], render_kw={"type": "email", "maxlength": 254})
    again = StringField(
        _("The same address again"), [Filled()], render_kw={"type": "email", "maxlength": 254}
    )
