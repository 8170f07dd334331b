"""What does a member of the committee type besides the grades?"""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from offset.projects.models import DecisionOutcome
from offset.web import labels
from offset.web.fields import Filled, Form
from offset.web.language import LANGUAGES

COMPUTED: Final = "computed"


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


class Press(Form):
    """A form that is one button."""


class Question(Form):
    """A question to the applicant; the secretariat sends all of them at once."""

    criterion = SelectField(_("About"), choices=[])
    text = TextAreaField(_("Your question"), [Filled()], render_kw={"rows": 3})

    def about(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Offer the criteria of the dossier."""
        self.criterion.choices = labels.options([("", gettext("The whole application")), *pairs])


class Profile(Form):
    """What a member knows well, and every house that pays or lodges them."""

    expertise = SelectMultipleField(
        _("What you know well"),
        choices=labels.options(labels.EXPERTISE.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_("The secretariat asks those first who know the matter."),
    )
    affiliations = TextAreaField(
        _("Other institutions you belong to"),
        description=_("One a line. An application of theirs, or with them, is never given to you."),
        render_kw={"rows": 4},
    )


class Grades(Form):
    """A review as a whole; the grades themselves come with the criteria of its version."""

    summary = TextAreaField(_("Summary of your review"), render_kw={"rows": 5})


class Verdict(Form):
    """The committee's decision as the rapporteur records it."""

    outcome = RadioField(
        _("Outcome"),
        [Filled()],
        choices=labels.options(
            [
                (COMPUTED, _("As the agreed grades say")),
                *((one.value, labels.OUTCOMES[one.value]) for one in DecisionOutcome),
            ]
        ),
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
