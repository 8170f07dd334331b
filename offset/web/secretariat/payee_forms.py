"""What does the secretariat type about whom it pays? Shapes only; truth is the verbs' business."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.web import labels
from offset.web.fields import Filled, Form


class SanctionsUpload(Form):
    """An edition of the list of sanctions."""

    file = FileField(_("The EU consolidated list, XML or CSV"))


class OrganisationForm(Form):
    """The file of an organisation."""

    legal_name = StringField(_("Name in the register"), [Filled()])
    other_names = TextAreaField(
        _("Other names"),
        description=_("One a line: short names, former names, names in other alphabets."),
        render_kw={"rows": 2},
    )
    register = StringField(_("Register"), [Filled()])
    number = StringField(_("Number in the register"), [Filled()])
    registered_on = DateField(_("Registered on"), [Optional()])
    street = StringField(_("Street"))
    postcode = StringField(_("Postcode"))
    town = StringField(_("Town"), [Filled()])
    country = StringField(
        _("Country"),
        [Filled()],
        description=_("Two letters, such as FR."),
        render_kw={"maxlength": 2},
    )
    evidence = StringField(
        _("Where the extract of the register is kept"),
        [Filled()],
        description=_("And of which day it is."),
    )
    governors = TextAreaField(
        _("Who governs it"),
        [Filled()],
        description=_(
            "One person a line: name, office, year of birth if known. For few eyes: it appears"
            " neither in the books nor in the audit trail."
        ),
        render_kw={"rows": 5, "autocomplete": "off", "spellcheck": "false"},
    )


class HitForm(Form):
    """A person's word on a likeness."""

    outcome = SelectField(
        _("What did you find?"),
        choices=labels.options(
            [
                ("cleared", _("Somebody else than the one listed")),
                ("confirmed", _("The one listed: nothing may be paid")),
            ]
        ),
    )
    reason = TextAreaField(
        _("How do you know?"),
        [Filled()],
        description=_("For instance: another year of birth in the register, another country."),
        render_kw={"rows": 3},
    )


class CallForm(Form):
    """A call-back about proposed bank details."""

    outcome = SelectField(
        _("What was said?"),
        choices=labels.options(
            [
                ("confirmed", _("They confirm this account")),
                ("denied", _("They know nothing of it, or I could not tell")),
            ]
        ),
    )
    spoke_with = StringField(_("With whom did you speak?"), [Filled()])
    number_called = StringField(
        _("Which number did you call?"),
        [Filled()],
        description=_("One that we knew before; never one from the message that asks for it."),
    )
    note = StringField(_("Note"))
    explanation = StringField(
        _("If the holder is not the organisation: why?"),
    )


class FileForm(Form):
    """From which of our accounts the file of the day pays."""

    account = SelectField(_("From our account"), validate_choice=False)


class OrderForm(Form):
    """The rate of a payment abroad, and with whom it was agreed."""

    account = SelectField(_("From our account"), validate_choice=False)
    currency = StringField(
        _("Currency that arrives"),
        [Filled()],
        description=_("Three letters, such as KES."),
        render_kw={"maxlength": 3},
    )
    rate = StringField(
        _("Rate agreed: how much of it for 1 EUR"), [Filled()], render_kw={"inputmode": "decimal"}
    )
    agreed_on = DateField(_("Agreed on"), [Filled()])
    agreed_with = StringField(
        _("Agreed with"), [Filled()], description=_("Bank and person at the other end.")
    )


class AwayForm(Form):
    """Days on which somebody is away."""

    person = SelectField(_("Who"), validate_choice=False)
    starts_on = DateField(_("First day"), [Filled()])
    ends_on = DateField(_("Last day"), [Filled()])


class DeputyForm(Form):
    """Who acts for whom, between which days."""

    absent = SelectField(_("Who is away"), validate_choice=False)
    deputy = SelectField(_("Who acts for them"), validate_choice=False)
    deputy_starts_on = DateField(_("First day"), [Filled()])
    deputy_ends_on = DateField(_("Last day"), [Filled()])
    reason = StringField(_("Reason"), [Filled()])
