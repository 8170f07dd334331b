"""What does a donor fill in about receipts? Shapes only; truth is the verbs' business."""

from typing import Final

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older

from offset.giving.models import ReceiptChoice
from offset.web.fields import Filled, Form

CHOICES: Final = (
    SelectChoice(ReceiptChoice.EACH.value, _l("a receipt for this contribution")),
    SelectChoice(ReceiptChoice.ANNUAL.value, _l("one receipt a year, in January")),
    SelectChoice(ReceiptChoice.NONE.value, _l("no receipt")),
)


class ReceiptChoiceForm(Form):
    """Which receipt a donor wants."""

    receipts = RadioField(_l("Which receipt would you like?"), choices=CHOICES)


class AddressForm(Form):
    """What a tax receipt needs of whoever gave."""

    name = StringField(
        _l("First and last name"), [Filled()], render_kw={"autocomplete": "name", "maxlength": 200}
    )
    address = TextAreaField(
        _l("Address: street, postcode, town, country"),
        [Filled()],
        render_kw={"autocomplete": "street-address", "rows": 3, "maxlength": 200},
    )
