"""What does the secretariat type about the files of banks? Shapes only; verbs know the truth."""

from typing import Final

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from offset.errors import InvalidInput
from offset.money import Money
from offset.treasury.ports import COLUMNS, DATE_FORMS, ENCODINGS, Layout, Sign
from offset.web import labels
from offset.web.fields import Filled, Form, MoneyField

_DELIMITERS: Final = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
_ACCEPTED: Final = ".xml,.sta,.mt940,.940,.txt,.csv,.xlsx"


class Upload(Form):
    """A bank's file, to check or to import."""

    file = FileField(
        _("Statement file"),
        description=_(
            "CAMT.053, CAMT.054, MT940, CSV or XLSX, as your bank's portal gives it."
            " At most 100 MB."
        ),
        render_kw={"accept": _ACCEPTED},
    )
    account = SelectField(
        _("Account of a table"),
        description=_("Only for CSV and XLSX, which do not name it."),
        validate_choice=False,
    )
    closing = StringField(
        _("Closing balance"),
        description=_("Only for a table without a column of balances."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    kept = HiddenField()
    name = HiddenField()


class Report(Form):
    """The processor's two reports of past payouts."""

    items = FileField(
        _("Payout reconciliation report"),
        description=_("Itemised, as CSV: each movement with the payout it belongs to."),
        render_kw={"accept": ".csv"},
    )
    payouts = FileField(
        _("Payouts report"),
        description=_("Itemised, as CSV: each payout with its amount."),
        render_kw={"accept": ".csv"},
    )


class Mapping(Form):
    """Which column of a bank's table holds what."""

    file = FileField(
        _("A table of this bank"),
        description=_("To look at its first rows and to try the mapping; it is not imported."),
        render_kw={"accept": ".csv,.txt,.xlsx"},
    )
    kept = HiddenField()
    booked_on = StringField(_("Day of booking"), [Filled()])
    value_on = StringField(_("Value date"))
    sign = SelectField(
        _("How money out is told"),
        choices=labels.options(
            [
                (Sign.SIGNED.value, _("One column; a minus is money out")),
                (Sign.REVERSED.value, _("One column; a minus is money in")),
                (Sign.TWO_COLUMNS.value, _("Two columns, out and in")),
                (Sign.WORD.value, _("One column without sign, and a word beside it")),
            ]
        ),
    )
    amount = StringField(_("Amount"))
    money_out = StringField(_("Money out"))
    money_in = StringField(_("Money in"))
    side = StringField(_("Column of the word"))
    out_words = StringField(
        _("Words for money out"), description=_("Separated by commas: D, DEBIT, S")
    )
    text = StringField(
        _("Text"), description=_("Several headings, separated by a plus sign, are joined.")
    )
    counterparty = StringField(_("Name of the other side"))
    counterparty_iban = StringField(_("Account of the other side"))
    bank_reference = StringField(_("Reference of the bank"))
    end_to_end_id = StringField(_("End-to-end reference"))
    currency = StringField(_("Currency"))
    balance = StringField(
        _("Balance after the line"),
        description=_("With it the import checks every sum by itself."),
    )
    decimal = SelectField(
        _("Decimal mark"), choices=labels.options([(",", _("Comma")), (".", _("Point"))])
    )
    date_form = SelectField(
        _("Form of days"), choices=labels.options([(one, one) for one in DATE_FORMS])
    )
    encoding = SelectField(_("Encoding"), choices=labels.options([(one, one) for one in ENCODINGS]))
    delimiter = SelectField(
        _("Between columns"),
        choices=labels.options(
            [
                ("semicolon", _("Semicolon")),
                ("comma", _("Comma")),
                ("tab", _("Tab")),
                ("bar", _("Vertical bar")),
            ]
        ),
    )

    def layout(self) -> Layout:
        """Read the mapping.

        Raises
        ------
        InvalidInput
            ``mapping_…`` with the field.
        """
        return Layout(
            columns={
                name: tuple(
                    one.strip() for one in (self[name].data or "").split("+") if one.strip()
                )
                for name in COLUMNS
            },
            sign=Sign(self.sign.data),
            decimal=self.decimal.data or "",
            date_form=self.date_form.data or "",
            encoding=self.encoding.data or "",
            delimiter=_DELIMITERS.get(self.delimiter.data or "", ""),
            out_words=tuple(
                one.strip() for one in (self.out_words.data or "").split(",") if one.strip()
            ),
        )

    def show(self, layout: Layout) -> None:
        """Fill the form with a mapping."""
        for name in COLUMNS:
            self[name].data = " + ".join(layout.columns.get(name, ()))
        names = {mark: name for name, mark in _DELIMITERS.items()}
        self.sign.data = layout.sign.value
        self.out_words.data = ", ".join(layout.out_words)
        for name in ("decimal", "date_form", "encoding"):
            self[name].data = getattr(layout, name)
        self.delimiter.data = names[layout.delimiter]


class RuleForm(Form):
    """A rule for lines of the bank."""

    name = StringField(_("Name of the rule"), [Filled()])
    books = SelectField(
        _("What such a line is"),
        choices=labels.options(
            [("bank_fee", _("A charge of the bank")), ("interest", _("Interest of the bank"))]
        ),
    )
    words = TextAreaField(
        _("Words to look for"),
        [Filled()],
        description=_("One a line; capital letters do not matter."),
        render_kw={"rows": 3},
    )
    currency = SelectField(_("Currency"), validate_choice=False)
    ceiling = MoneyField(
        _("Up to"),
        [Filled()],
        currency=lambda form: form.currency.data or "EUR",
        description=_("Above this amount the rule says nothing."),
    )
    reason = StringField(_("Reason"), [Filled()])
    rule_id = HiddenField()

    def told(self) -> list[str]:
        """Return the words, one a line."""
        return (self.words.data or "").splitlines()

    def most(self) -> Money:
        """Return the ceiling.

        Raises
        ------
        InvalidInput
            ``rule_ceiling``.
        """
        if self.ceiling.money is None:
            raise InvalidInput("amount_unreadable", field="ceiling", text=self.ceiling.data or "")
        return self.ceiling.money
