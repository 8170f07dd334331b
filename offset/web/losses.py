"""What is asked about soil carbon that is being lost again, of a project and at the desk?"""

import math
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from offset.projects.life_models import ReversalCause
from offset.web import labels
from offset.web.fields import Filled, Form
from offset.web.language import LANGUAGES


class NumberField(StringField):
    """A number as people write it, with a point or a comma; ``whole`` takes no decimals."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, whole: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault(
            "render_kw",
            {
                "inputmode": "numeric" if whole else "decimal",
                "autocomplete": "off",
                "maxlength": 20,
            },
        )
        super().__init__(label, validators, **kwargs)
        self.whole = whole
        self.number: float | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the number.

        Raises
        ------
        ValidationError
            For what is none.
        """
        del form
        self.number = None
        text = "".join((self.data or "").split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
        if not text:
            return
        try:
            found = float(text.replace(",", "."))
        except ValueError:
            found = math.nan
        if not math.isfinite(found) or (self.whole and found != int(found)):
            raise ValidationError(gettext("This is not a figure that can be used."))
        self.number = found

    @property
    def count(self) -> int | None:
        """The number without decimals."""
        return None if self.number is None else int(self.number)


class Loss(Form):
    """Soil carbon that is being lost again."""

    happened_on = DateField(_("When did it happen, or begin?"), [Filled()])
    area_ha = NumberField(_("On how many hectares?"), [Filled()])
    cause = SelectField(
        _("Why?"),
        choices=labels.options(
            (cause.value, labels.REVERSAL_CAUSES[cause.value]) for cause in ReversalCause
        ),
    )
    told = TextAreaField(
        _("What happened, and what you do about it"),
        [Filled()],
        description=_("Public at once. Name no person."),
        render_kw={"rows": 3, "maxlength": 1000},
    )
    language = SelectField(_("Language"), choices=labels.options(LANGUAGES.items()))

    def typed(self) -> dict[str, Any]:
        """Return what was typed, as the verb takes it."""
        return {
            "happened_on": self.happened_on.data,
            "area_ha": self.area_ha.number or 0.0,
            "cause": ReversalCause(self.cause.data),
            "told": self.told.data or "",
            "language": self.language.data or "",
        }
