"""What does the secretariat type for the committee? Calls, questions, criteria, letters."""

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from offset.web.fields import Between, Filled, Form


class Announce(Form):
    """A call for applications; it opens and closes with its days, by UTC."""

    name = StringField(_("Name of the call"), [Filled()])
    opens_on = DateField(_("First day"), [Filled()])
    closes_on = DateField(_("Last day"), [Filled()])


class Extend(Form):
    """A later last day of a call."""

    closes_on = DateField(_("New last day"), [Filled()])


class SendQuestions(Form):
    """The one letter with all questions."""

    due_on = DateField(
        _("Answers by"), [Optional()], description=_("Without a day: three weeks from today.")
    )


class Release(Form):
    """Why a seat is taken back."""

    reason = StringField(_("Reason"), [Filled()])


class Thank(Form):
    """The year of the letters."""

    year = IntegerField(_("Year"), [Filled(), Between(min=2000, max=2200)])


class Version(Form):
    """What is new of a version of the criteria besides the criteria themselves."""

    version = StringField(_("Name of the new version"), [Filled()])
    valid_from = DateField(_("Holds from"), [Filled()])
    carbon_minimum = IntegerField(
        _("Least grade of the soil-carbon criterion for a positive outcome"),
        [Between(min=0, max=2)],
    )
    quorum = IntegerField(_("Reviews at least"), [Between(min=2, max=9)])


class Whole(Form):
    """A version of the criteria as one document."""

    document = TextAreaField(_("The document, as JSON"), [Filled()], render_kw={"rows": 12})
    valid_from = DateField(_("Holds from"), [Filled()])
