"""What does an administrator type of whoever issues receipts? Shapes only; the verb checks."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import Length

from offset.people.issuers import Regime
from offset.web.fields import Filled, Form
from offset.web.secretariat.words import REGIMES


class IssuerForm(Form):
    """The legal receiver, and what its law asks to be printed."""

    regime = SelectField(
        _("Law of the receipts"),
        choices=[SelectChoice(one.value, REGIMES[one.value]) for one in Regime],
    )
    legal_name = StringField(_("Legal name"), [Filled(), Length(max=200)])
    country = StringField(_("Country"), [Filled(), Length(max=100)])
    address = StringField(_("Address"), [Length(max=300)])
    siren = StringField(_("SIREN"), [Length(max=20)], description=_("France: nine digits."))
    rna = StringField(_("RNA"), [Length(max=20)], description=_("France: W and nine digits."))
    object = TextAreaField(
        _("Object of the organisation"),
        [Length(max=500)],
        description=_("France: as its statutes say it."),
        render_kw={"rows": 2},
    )
    article = StringField(
        _("Article of the tax code"),
        [Length(max=40)],
        description=_("France: 200, 238 bis, or 200 et 238 bis."),
    )
    signatory = StringField(_("Who signs"), [Length(max=200)])
    signatory_role = StringField(_("Office of who signs"), [Length(max=200)])
    ein = StringField(_("EIN"), [Length(max=20)], description=_("United States: 12-3456789."))
    reason = TextAreaField(_("Reason"), [Filled(), Length(max=500)], render_kw={"rows": 2})
