"""What does a steward type about milestones, figures, money and losses? Shapes only."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.projects.life_models import MilestoneStepKind, ProjectForm
from offset.projects.models import Evidence
from offset.projects.spending import LineView
from offset.web import labels
from offset.web.fields import Filled, Form, MoneyField
from offset.web.language import LANGUAGES
from offset.web.losses import NumberField

_LANGUAGES = labels.options(LANGUAGES.items())
_SHORT = {"maxlength": 200}
_LONG = {"rows": 3, "maxlength": 1000}
_NOTE = {"rows": 2, "maxlength": 500}


class NewMilestone(Form):
    """What is to be reached, and by which day."""

    title = StringField(_("What is to be reached"), [Filled()], render_kw=_SHORT)
    language = SelectField(_("Language"), choices=_LANGUAGES)
    planned_on = DateField(_("By which day"), [Filled()])


class MilestoneChange(Form):
    """What became of a milestone."""

    step = SelectField(
        _("What happened"),
        choices=labels.options(
            [
                (MilestoneStepKind.DONE.value, _("It is done")),
                (MilestoneStepKind.MOVED.value, _("It gets another date")),
                (MilestoneStepKind.DROPPED.value, _("It is given up")),
                (MilestoneStepKind.REOPENED.value, _("It is open again")),
            ]
        ),
    )
    on = DateField(
        _("Day"),
        [Optional()],
        description=_("The day on which it was done, or the new date."),
    )
    note = TextAreaField(
        _("What shows it, or why"),
        [Filled()],
        description=_("Public at once. Name no person."),
        render_kw=_NOTE,
    )


class PlanYear(Form):
    """What is planned for a year."""

    year = NumberField(_("Year"), [Filled()], whole=True)
    hectares = NumberField(_("Hectares to be treated"), [Filled()])
    people = NumberField(_("People to be reached or at work"), [Filled()], whole=True)
    money = MoneyField(_("Money to be spent"), [Filled()], currency=lambda form: form.currency_code)
    reason = TextAreaField(
        _("Why the plan changes"),
        description=_("Needed only where the year has a plan already. Public."),
        render_kw=_NOTE,
    )
    currency_code = "EUR"


class Period(Form):
    """The days of a report, and the report it corrects, if it corrects one."""

    corrects = SelectField(_("New, or a correction"), validate_choice=False)
    from_on = DateField(_("From"), [Filled()])
    until_on = DateField(_("To"), [Filled()], description=_("Both days in the same year."))
    evidence = TextAreaField(
        _("What shows it"),
        [Filled()],
        description=_("Lists, papers, who counted. Public once accepted. Name no person."),
        render_kw=_NOTE,
    )
    reason = TextAreaField(
        _("Why it is corrected"),
        description=_("Needed only for a correction. Public."),
        render_kw=_NOTE,
    )


class YearDone(Period):
    """What was done in a year, and the hours that were given freely."""

    hectares = NumberField(_("Hectares treated"), [Filled()])
    people = NumberField(_("People reached or at work"), [Filled()], whole=True)
    women = NumberField(_("of them women"), [Optional()], whole=True)
    youth = NumberField(_("of them young people"), [Optional()], whole=True)
    labour_hours = NumberField(_("Hours given freely"), [Optional()], whole=True)
    visitor_days = NumberField(_("Days of visitors"), [Optional()], whole=True)
    hour_value = MoneyField(
        _("What an hour would have cost"),
        [Optional()],
        currency=lambda form: form.currency_code,
        description=_("It stands beside the hours and is added to no money."),
    )
    labour_source = StringField(
        _("Where that figure comes from"), [Optional()], render_kw={"maxlength": 500}
    )
    currency_code = "EUR"


class Spending(Period):
    """What was spent, line by line; the lines are added when the form is made."""

    above_reason = TextAreaField(
        _("Why more was spent than was paid to the project"),
        description=_("Needed only where that is so. Public."),
        render_kw=_NOTE,
    )
    currency_code = "EUR"


def spending_form(lines: tuple[LineView, ...], currency: str, **given: Any) -> Spending:
    """Make the form of spending with one field a budget line."""
    fields = {
        f"line_{place}": MoneyField(
            line.label or _("The whole budget"), currency=lambda form: form.currency_code
        )
        for place, line in enumerate(lines)
    }
    made: Spending = type("SpendingOf", (Spending,), {**fields, "currency_code": currency})(**given)
    return made


class Value(Form):
    """A new value of an indicator."""

    value = NumberField(_("Value"), [Filled()])
    observed_on = DateField(_("Day on which it was counted or measured"), [Filled()])
    evidence = SelectField(
        _("What it rests on"),
        choices=labels.options((kind.value, labels.EVIDENCE[kind.value]) for kind in Evidence),
    )
    source = StringField(_("Source"), [Filled()], render_kw=_SHORT)


class Way(Form):
    """How the project works."""

    form = SelectField(
        _("How the project works"),
        choices=labels.options(
            (form.value, labels.PROJECT_FORMS[form.value]) for form in ProjectForm
        ),
    )


class CoFunder(Form):
    """Somebody else who gives to the project."""

    funder = StringField(_("Who gives"), [Filled()], render_kw=_SHORT)
    purpose = StringField(_("For what"), [Filled()], render_kw=_SHORT)
    amount = MoneyField(
        _("How much, if it may be told"),
        [Optional()],
        currency=lambda form: form.currency_code,
        description=_("It stands apart and never enters our books."),
    )
    since_on = DateField(_("Since"), [Filled()])
    currency_code = "EUR"


class LowPrice(Form):
    """A product sold below its price."""

    product = StringField(_("Product"), [Filled()], render_kw=_SHORT)
    place = StringField(_("Where it is sold"), [Filled()], render_kw=_SHORT)
    from_on = DateField(_("From"), [Filled()])
    until_on = DateField(_("To"), [Filled()])
    off_all_pct = NumberField(_("Per cent off for everybody"), [Filled()], whole=True)
    off_low_income_pct = NumberField(
        _("Per cent off for people of low income"), [Filled()], whole=True
    )
    households = NumberField(_("Households reached"), [Optional()], whole=True)


class Correct(Form):
    """Why a published update is corrected."""

    reason = TextAreaField(
        _("What was wrong?"),
        [Filled()],
        description=_("The page says it beside the earlier version, which stays."),
        render_kw={"rows": 2, "maxlength": 300},
    )
