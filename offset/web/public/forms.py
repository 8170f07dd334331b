"""Which forms do public pages post? The check page before somebody leaves to pay."""

from typing import Any, Final

from flask_babel import lazy_gettext as _l  # the name that extraction looks for
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older

from offset.giving.directives import MOST
from offset.giving.models import Overflow, ReceiptChoice
from offset.money import OFFERED
from offset.web.fields import Filled, MoneyField

EVERYWHERE: Final = ""
THEME: Final = "theme:"
"""What stands before a theme's tag, so that no project's slug is taken for one."""
NEXT: Final = "project:"


ONCE: Final = "once"
MONTHLY: Final = "monthly"
ORGANISATION: Final = "organisation"
CARD: Final = "card"
TRANSFER: Final = "transfer"


class PartForm(Form):
    """One line of a contribution that is shared: a project and its part in per cent."""

    project = SelectField(_l("Project"), default="")
    percent = StringField(_l("Per cent"), default="")


class ContributionForm(FlaskForm):
    """The last page of ours: amount and currency as shown, where it goes, what if it is full."""

    amount = MoneyField(
        _l("Amount"),
        [Filled(_l("Enter an amount."))],
        currency=lambda form: form.currency.data if form.currency.data in OFFERED else OFFERED[0],
    )
    currency = HiddenField(default=OFFERED[0])
    project = SelectField(_l("Where it goes"), default=EVERYWHERE)
    parts = FieldList(FormField(PartForm), min_entries=MOST, max_entries=MOST)
    receipts = SelectField(
        _l("Your receipt"),
        default=ReceiptChoice.EACH.value,
        choices=[
            SelectChoice(ReceiptChoice.EACH.value, _l("a receipt for this contribution")),
            SelectChoice(ReceiptChoice.ANNUAL.value, _l("one receipt a year, in January")),
            SelectChoice(ReceiptChoice.NONE.value, _l("no receipt")),
        ],
    )
    overflow = SelectField(
        _l("If what you chose needs less than that"), default=Overflow.POOL.value
    )
    ref = HiddenField()
    # What makes the same form, sent twice, one contribution.
    form_key = HiddenField()
    frequency = HiddenField(default=ONCE)
    giver = HiddenField(default="")
    cover = BooleanField(_l("Cover the card fee"))
    way = RadioField(
        _l("How you pay"),
        choices=[
            SelectChoice(
                CARD, _l("By card, wallet or bank debit (SEPA), on the page of our payment service")
            ),
            SelectChoice(TRANSFER, _l("By bank transfer: we show you account and reference")),
        ],
        default=CARD,
    )
    email = StringField(
        _l("E-mail"),
        render_kw={"type": "email", "autocomplete": "email", "maxlength": 254},
    )
    legal_name = StringField(
        _l("Legal name"), render_kw={"autocomplete": "organization", "maxlength": 200}
    )
    registration = StringField(
        _l("Registration number"), render_kw={"autocomplete": "off", "maxlength": 64}
    )
    purchase_order = StringField(
        _l("Your order reference, if any"), render_kw={"autocomplete": "off", "maxlength": 64}
    )

    @property
    def card_only(self) -> Any:
        """The one way to pay where there is no transfer."""
        return list(self.way.choices or ())[:1]

    def __init__(
        self,
        projects: tuple[tuple[str, str], ...],
        themes: tuple[tuple[str, str], ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        named = [SelectChoice(slug, title) for slug, title in projects]
        self.project.choices = [
            SelectChoice(EVERYWHERE, _l("Where it is needed most")),
            *named,
            *(SelectChoice(f"{THEME}{tag}", label) for tag, label in themes),
        ]
        self.overflow.choices = [
            SelectChoice(Overflow.POOL.value, _l("the rest goes where it is needed most")),
            SelectChoice(Overflow.WAIT.value, _l("the rest waits for this project")),
            *(
                SelectChoice(f"{NEXT}{slug}", _l("then to: %(title)s", title=title))
                for slug, title in projects
            ),
            *(
                SelectChoice(f"{THEME}{tag}", _l("then to: %(title)s", title=label))
                for tag, label in themes
            ),
        ]
        for part in self.parts:
            part.form.project.choices = [SelectChoice("", _l("no project")), *named]
