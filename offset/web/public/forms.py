"""Which forms do public pages post? The check page before somebody leaves to pay."""

from typing import Any, Final

from flask_babel import lazy_gettext as _l  # the name that extraction looks for
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older

from offset.giving.models import Overflow
from offset.money import OFFERED
from offset.web.fields import Filled, MoneyField

EVERYWHERE: Final = ""


class ContributionForm(FlaskForm):
    """The last page of ours: amount and currency as shown, where it goes, what if it is full."""

    amount = MoneyField(
        _l("Amount"),
        [Filled(_l("Enter an amount."))],
        currency=lambda form: form.currency.data if form.currency.data in OFFERED else OFFERED[0],
    )
    currency = HiddenField(default=OFFERED[0])
    project = SelectField(_l("Where it goes"), default=EVERYWHERE)
    overflow = RadioField(
        _l("If this project needs less than that"),
        choices=[
            SelectChoice(Overflow.POOL.value, _l("the rest goes where it is needed most")),
            SelectChoice(Overflow.WAIT.value, _l("the rest waits for this project")),
        ],
        default=Overflow.POOL.value,
    )
    ref = HiddenField()

    def __init__(self, projects: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.project.choices = [
            SelectChoice(EVERYWHERE, _l("Where it is needed most")),
            *(SelectChoice(slug, title) for slug, title in projects),
        ]
