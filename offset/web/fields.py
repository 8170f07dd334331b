"""Which fields do our forms need beyond the usual ones, and how do they read what people type?"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from flask_babel import gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import NumberRange, StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from offset.errors import InvalidInput
from offset.money import Money, parse_money

# Larger than any number a form asks for, and still one that a float can hold.
_MOST: Final = 10**15


class Form(FlaskForm):
    """A form that is posted with its token; several may stand on one page."""

    def hidden_tag(self, *fields: str) -> Markup:
        """Write the hidden fields without ids, which would be doubled by a second form."""
        chosen = [self[name] for name in fields] if fields else list(self)
        return Markup("").join(
            field(id=False) for field in chosen if isinstance(field.widget, HiddenInput)
        )


class PlainForm(Form):
    """A form that is sent by GET: no token, no cookie, and empty fields are no fault."""

    class Meta:
        """Switch the token off: a GET form changes nothing."""

        csrf = False


class MoneyField(StringField):
    """An amount as people write it, kept as typed when it cannot be read.

    Parameters
    ----------
    currency
        An ISO code, or a function of the form that returns one.
    """

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        currency: str | Callable[[Any], str] = "EUR",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **kwargs)
        self.currency = currency
        self.money: Money | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the amount in the currency of the form."""
        from offset.web.errors import sentence_of  # noqa: PLC0415 - errors needs no field

        self.money = None
        text = (self.data or "").strip()
        if not text:
            return
        currency = self.currency if isinstance(self.currency, str) else self.currency(form)
        try:
            self.money = parse_money(text, currency, field=self.name)
        except InvalidInput as fault:
            raise ValidationError(sentence_of(fault)) from fault


class Between(NumberRange):
    """Asks for a whole number between two; one of a hundred digits is just too large."""

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse a number outside.

        Raises
        ------
        ValidationError
            With the sentence of the range.
        """
        kept = field.data
        try:
            if isinstance(kept, int) and abs(kept) > _MOST:
                field.data = _MOST if kept > 0 else -_MOST
            super().__call__(form, field)
        finally:
            field.data = kept


class Filled:
    """Asks for a value and says so in one sentence; spaces alone are no value."""

    field_flags: ClassVar = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        """Refuse an empty field; what was typed and cannot be read has its own sentence already.

        Raises
        ------
        StopValidation
            When nothing was typed or chosen, or nothing that can be read.
        """
        if field.data.strip() if isinstance(field.data, str) else field.data:
            return
        if field.errors and any(str(typed).strip() for typed in field.raw_data or ()):
            raise StopValidation
        field.errors[:] = []
        raise StopValidation(self.message or gettext("Fill this in."))
