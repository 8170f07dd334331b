"""What does a member of the committee type besides the grades?"""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, TextAreaField

from offset.projects.models import DecisionOutcome
from offset.web import labels
from offset.web.fields import Filled, Form
from offset.web.language import LANGUAGES


class _FilledIfTied(Filled):
    """Asks for words only from somebody who is tied."""

    field_flags: ClassVar = {}

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse an interest without words."""
        if form.tied.data == "yes":
            super().__call__(form, field)


class Declaration(Form):
    """Whether somebody is tied to a project; asked before anything of it is shown."""

    tied = RadioField(
        _("Are you tied to this project, its organisation, partners or funders?"),
        [Filled()],
        choices=labels.options(
            [("no", _("No, nothing ties me to it")), ("yes", _("Yes, and I step aside"))]
        ),
    )
    interest = TextAreaField(
        _("What ties you to it"),
        [_FilledIfTied()],
        description=_("Only if you step aside. It stays inside the committee’s file."),
        render_kw={"rows": 3},
    )


class StepAside(Form):
    """A tie that somebody found after having declared none."""

    interest = TextAreaField(_("What ties you to it"), [Filled()], render_kw={"rows": 3})


class Grades(Form):
    """A review as a whole; the grades themselves come with the criteria of its version."""

    summary = TextAreaField(_("Summary of your review"), render_kw={"rows": 5})


class Verdict(Form):
    """The committee's decision as the rapporteur records it."""

    outcome = RadioField(
        _("Outcome"),
        [Filled()],
        choices=labels.options((one.value, labels.OUTCOMES[one.value]) for one in DecisionOutcome),
    )
    summary = TextAreaField(
        _("Summary"),
        [Filled()],
        description=_("Public once the outcome is positive."),
        render_kw={"rows": 5},
    )
    language = SelectField(
        _("Language of the summary"),
        choices=labels.options(LANGUAGES.items()),
    )
    recommendations = TextAreaField(
        _("Recommendations"), description=_("One a line."), render_kw={"rows": 4}
    )
    conditions = TextAreaField(
        _("Conditions before money"),
        description=_("One a line; begin with the criterion it secures, such as “1.2: …”."),
        render_kw={"rows": 4},
    )
