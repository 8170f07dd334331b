"""What does the secretariat type? Shapes only; truth is the verbs' business."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from offset.web import labels
from offset.web.fields import Filled, Form, MoneyField, PlainForm


class Press(Form):
    """A button that changes something; the token is all it carries."""


class Choice(Form):
    """What a bank line is: a kind, and the payout or payment it is."""

    choice = SelectField(_("What is it?"), validate_choice=False)
    reference = StringField(_("or the reference of a gift"))


class Split(Form):
    """Up to six parts of one bank line; one without an amount takes the rest."""

    choice1 = SelectField(_("First part"), validate_choice=False)
    amount1 = MoneyField(_("Amount"))
    choice2 = SelectField(_("Second part"), validate_choice=False)
    amount2 = MoneyField(_("Amount"))
    choice3 = SelectField(_("Third part"), validate_choice=False)
    amount3 = MoneyField(_("Amount"))
    choice4 = SelectField(_("Fourth part"), validate_choice=False)
    amount4 = MoneyField(_("Amount"))
    choice5 = SelectField(_("Fifth part"), validate_choice=False)
    amount5 = MoneyField(_("Amount"))
    choice6 = SelectField(_("Sixth part"), validate_choice=False)
    amount6 = MoneyField(_("Amount"))

    def parts(self) -> list[tuple[Any, Any]]:
        """Return what each part is, with its amount."""
        return [(self[f"choice{n}"], self[f"amount{n}"]) for n in range(1, 7)]


class Identify(Form):
    """Which gift money of an unknown giver is, and how that was found out."""

    target = HiddenField()
    amount = StringField(
        _("Amount"),
        description=_("Empty for all of it."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    reason = StringField(
        _("How was it found out?"),
        [Filled()],
        description=_("For instance: the giver wrote on 3 May, letter in folder 12."),
    )


class SendBack(Form):
    """Money of an unknown giver that goes back, and why."""

    amount = StringField(
        _("Amount"),
        description=_("Empty for all of it."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    reason = TextAreaField(_("Reason"), [Filled()], render_kw={"rows": 2})


class Finding(Form):
    """What was found out about a notice, and whether that settles it."""

    text = TextAreaField(_("What was found out"), [Filled()], render_kw={"rows": 2})
    explains = BooleanField(_("This explains it: take it off the list"))


class Note(Form):
    """A note for a colleague."""

    text = TextAreaField(_("Note"), [Filled()], render_kw={"rows": 2})


class Reason(Form):
    """Why something is undone or refused."""

    reason = TextAreaField(_("Reason"), [Filled()], render_kw={"rows": 3})


class Back(Form):
    """What goes back to a donor, and why; the amount is in the donor's currency."""

    amount = StringField(_("Amount"), [Filled()], render_kw={"inputmode": "decimal"})
    reason = TextAreaField(
        _("Reason"),
        [Filled()],
        description=_("It stays in the audit trail; the donor does not read it."),
        render_kw={"rows": 2},
    )
    confirmation = TextAreaField(
        _("Written confirmation"),
        description=_("Who wrote that the debit will not be returned, when, and where it is kept."),
        render_kw={"rows": 2},
    )


class Refuse(Form):
    """A refusal with its reason."""

    reason = TextAreaField(
        _("Refuse, with the reason"),
        [Filled()],
        description=_("Whoever prepared it reads it; it stays in the audit trail."),
        render_kw={"rows": 4},
    )


class Prepare(Form):
    """A payment to a project."""

    project = SelectField(_("Project"), validate_choice=False)
    amount = MoneyField(_("Amount in EUR"), [Filled()])
    purpose = StringField(
        _("What it is for"), [Filled()], description=_("The payee reads it on the bank statement.")
    )


class Payee(Form):
    """A project's bank account, or a change of it."""

    project = SelectField(_("Project"), validate_choice=False)
    holder = StringField(_("Holder of the account"), [Filled()])
    number = StringField(
        _("IBAN, or account number where there is none"),
        [Filled()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    bic = StringField(_("BIC of the bank"), description=_("Needed where there is no IBAN."))
    country = StringField(
        _("Country of the bank"),
        description=_("Two letters, needed where there is no IBAN."),
        render_kw={"maxlength": 2},
    )
    reason = StringField(_("Why it changes"), description=_("Needed for a change."))
    explanation = StringField(
        _("If the holder is not the organisation: why?"),
        description=_("Needed where the name differs from those in the organisation's file."),
    )


class Checked(Form):
    """The second person's answer about a payee's account."""

    outcome = SelectField(
        _("What did you find?"),
        choices=labels.options(
            [
                ("verified", _("It is the payee's account")),
                ("refused", _("It is not, or I cannot tell")),
            ]
        ),
    )
    note = StringField(
        _("Whom did you call back, and on which number?"),
        [Filled()],
        description=_("A number that we had before; never one from the message that asks for it."),
    )


class Search(PlainForm):
    """Which entries of the journal to show."""

    kind = SelectField(_("Kind"), validate_choice=False)
    account = StringField(_("Account"))
    since = DateField(_("From"), [Optional()])
    until = DateField(_("To"), [Optional()])


class Days(PlainForm):
    """The days of a statement or a report, both included."""

    since = DateField(_("From"), [Optional()])
    until = DateField(_("To"), [Optional()])


class AsOf(PlainForm):
    """The day a balance stands for, and the day on which it was known."""

    as_of = DateField(_("Balance of day"), [Optional()])
    known = DateField(_("As known on"), [Optional()])


class ByHand(Form):
    """An entry by hand: the recipe's own fields; what a recipe does not ask is not shown."""

    on = DateField(_("Day"))
    amount = MoneyField(_("Amount"), currency=lambda form: form.currency_code)
    source = SelectField(_("From"), validate_choice=False)
    movement = SelectField(_("Movement in suspense"), validate_choice=False)
    target = SelectField(_("To"), validate_choice=False)
    entry = StringField(_("Id of the entry"))
    reason = TextAreaField(
        _("Reason"),
        [Filled()],
        description=_(
            "It stays in the books, and the reason of a reversal is public: name nobody."
        ),
        render_kw={"rows": 2},
    )
    currency_code = "EUR"


class Export(Form):
    """Which days of the books to take out, and for which program."""

    kind = SelectField(_("Kind"), validate_choice=False)
    since = DateField(_("From"))
    until = DateField(_("To"))


class Gifts(PlainForm):
    """Which gifts to show."""

    text = StringField(_("Reference, name or address"))
    status = SelectField(_("State"), validate_choice=False)


class Weights(Form):
    """Why the weights change; one whole number a project stands beside it in the form."""

    reason = StringField(_("Reason"), [Filled()])


class Seat(Form):
    """A seat in an assessment."""

    user_id = SelectField(_("Person"), validate_choice=False)
    seat = SelectField(
        _("Seat"),
        choices=labels.options([("reviewer", _("Reviewer")), ("rapporteur", _("Rapporteur"))]),
    )


class Eligible(Form):
    """The check of eligibility before the reviews."""

    carbon_is_primary_aim = BooleanField(_("More carbon in the soil is a main aim of the project"))
    scope_fits = BooleanField(_("Scope and way of working fit the Initiative"))


class Admit(Form):
    """The secretariat's own decision that a project may receive money."""

    ceiling = MoneyField(_("Ceiling in EUR"), [Filled()])
    reason = StringField(_("Reason"), [Filled()])


class Close(Form):
    """The evidence that closes a condition."""

    evidence = StringField(_("Evidence"), [Filled()])
