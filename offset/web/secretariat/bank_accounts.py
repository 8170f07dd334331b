"""Which bank accounts are ours, and how does the next one enter the books?"""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import Length

from offset.errors import OffsetError
from offset.money import OFFERED, Money, parse_money
from offset.people.access import Right
from offset.treasury import own_accounts, queries
from offset.web.errors import blame
from offset.web.fields import Filled, Form
from offset.web.secretariat.room import act, back, blueprint, today
from offset.web.security import fresh, policy
from offset.web.wiring import services


class AccountForm(Form):
    """One of our own accounts, and what it held when its books begin here."""

    number = StringField(
        _("IBAN, or account number"),
        [Filled(), Length(max=40)],
        description=_("Spaces do not matter. Bank files name the account by it."),
        render_kw={"autocomplete": "off"},
    )
    holder = StringField(_("Holder, as the bank writes it"), [Filled(), Length(max=140)])
    currency = SelectField(_("Currency"), choices=[SelectChoice(one, one) for one in OFFERED])
    opened_on = DateField(
        _("Day on which its books begin here"),
        [Filled()],
        description=_("The first statement to import opens on the day after, or on this day."),
    )
    opening = StringField(
        _("Balance at the end of that day"),
        [Filled(), Length(max=30)],
        description=_("As the bank's statement says; 0 for a new account."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    reason = TextAreaField(
        _("Reason"),
        [Filled(), Length(max=300)],
        description=_("Such as the bank's contract and its date."),
        render_kw={"rows": 2},
    )

    def balance(self) -> Money:
        """Read the opening balance; an overdraft has a minus.

        Raises
        ------
        InvalidInput
            ``amount_unreadable``.
        """
        text = (self.opening.data or "").strip().replace("\N{MINUS SIGN}", "-")
        size = parse_money(text.removeprefix("-"), self.currency.data or "", field="opening")
        return -size if text.startswith("-") else size


@blueprint.get("/bank-accounts")
@policy(Right.SEE_DESK)
def bank_accounts() -> ResponseReturnValue:
    """List our accounts."""
    with services().database.reading() as session:
        found = queries.accounts(session)
    return render_template("secretariat/bank_accounts.html", accounts=found, form=None)


@blueprint.get("/bank-accounts/new")
@policy(Right.POST_MANUAL_ENTRY)
@fresh
def bank_account_form() -> ResponseReturnValue:
    """Ask for the next account."""
    return _form(AccountForm(formdata=None, data={"opened_on": today()}), 200)


@blueprint.post("/bank-accounts/new")
@policy(Right.POST_MANUAL_ENTRY)
@fresh
def bank_account_add() -> ResponseReturnValue:
    """Begin the books of an account."""
    form = AccountForm()
    try:
        if form.validate() and form.opened_on.data:
            act(
                own_accounts.register,
                number=form.number.data or "",
                holder=form.holder.data or "",
                opened_on=form.opened_on.data,
                opening=form.balance(),
                reason=form.reason.data or "",
            )
            return back("/bank-accounts")
    except OffsetError as fault:
        blame(form, fault)
    return _form(form, 422)


def _form(form: AccountForm, status: int) -> ResponseReturnValue:
    with services().database.reading() as session:
        found = queries.accounts(session)
    body = render_template("secretariat/bank_accounts.html", accounts=found, form=form)
    return body, status
