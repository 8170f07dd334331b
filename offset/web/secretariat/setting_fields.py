"""Which fields does each setting have, how are they shown, and how is what was typed read?

A setting is one value; its fields are places in it. Amounts are typed in major units, shares in
per cent; the rule that judges the whole stands in ``people/setting_checks.py``.
"""

import copy
import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older
from wtforms.validators import Length

from offset.errors import InvalidInput
from offset.money import OFFERED, Money, parse_money
from offset.people.setting_checks import BASES
from offset.web.fields import Filled, Form
from offset.web.ready_words import WORDS as READY
from offset.web.secretariat.issuer_form import IssuerForm
from offset.web.secretariat.words import REGIMES
from offset.web.templating import locale, number, write_amount


class Kind(enum.Enum):
    """How a field is typed."""

    AMOUNT = "amount"
    AMOUNTS = "amounts"
    WHOLE = "whole"
    WHOLES = "wholes"
    PERCENT = "percent"
    CHOICE = "choice"
    TEXT = "text"
    ACCOUNTS = "accounts"
    RATES = "rates"


@dataclass(frozen=True)
class Field:
    """One field: where in the value it stands, what it is called, how it is typed."""

    path: tuple[str, ...]
    label: Any
    kind: Kind
    currency: str = "EUR"
    optional: bool = False
    hint: Any = ""

    @property
    def name(self) -> str:
        """The name in the form."""
        return "_".join(self.path) or "value"


@dataclass(frozen=True)
class Page:
    """One setting: its name in words, what it is for, its fields or where it is changed."""

    title: Any
    about: Any
    fields: tuple[Field, ...] = ()
    elsewhere: str = ""


def _each(kind: Kind, *, optional: bool = False) -> tuple[Field, ...]:
    return tuple(Field((one,), one, kind, one, optional=optional) for one in OFFERED)


_LIMITS: Final = (
    Field(("minimum",), _("Lowest amount"), Kind.AMOUNT),
    Field(("maximum",), _("Highest amount"), Kind.AMOUNT),
    *(
        Field(
            (one, "minimum"), _("Lowest amount in %(currency)s", currency=one), Kind.AMOUNT, one,
            optional=True, hint=_("Empty: as for every currency."),
        )
        for one in OFFERED
    ),
)  # fmt: skip
PAGES: Final[Mapping[str, Page]] = {
    "accepting": Page(
        _("Accept contributions"),
        _("Two people turn it on, on the ready list; either turns it off."),
        elsewhere="/secretariat/ready",
    ),
    "rate": Page(
        _("Rate"),
        _("What is suggested for a tonne of CO2e. It is no price of stored carbon."),
        _each(Kind.AMOUNT),
    ),
    "share_bp": Page(
        _("Secretariat's share"),
        _("What of each contribution the secretariat keeps for its work: 0 to 20 %."),
        (Field((), _("Share in per cent"), Kind.PERCENT),),
    ),
    "amount_limits": Page(
        _("Limits of a contribution"), _("The lowest and the highest amount taken."), _LIMITS
    ),
    "organisation_limits": Page(
        _("Limits for organisations"),
        _("The lowest and the highest amount of a contribution by an organisation."),
        _LIMITS,
    ),
    "monthly_amounts": Page(
        _("Monthly amounts"),
        _("What is suggested to whoever gives each month, smallest first."),
        tuple(
            Field((one,), one, Kind.AMOUNTS, one, hint=_("With semicolons: 5; 10; 20"))
            for one in OFFERED
        ),
    ),
    "bank_pledges": Page(
        _("Promises by bank transfer"),
        _("How long a promised transfer is waited for, and on which days it is recalled."),
        (
            Field(("days",), _("Days until it ends"), Kind.WHOLE),
            Field(
                ("reminders",), _("Days of the reminders"), Kind.WHOLES, optional=True,
                hint=_("With semicolons: 14; 40. Empty: none."),
            ),
        ),
    ),
    "guard": Page(
        _("Cards being tried"),
        _("When small contributions wait because somebody tries stolen cards."),
        (
            Field(("window",), _("Window in minutes"), Kind.WHOLE),
            Field(("least",), _("Least number of cards in it"), Kind.WHOLE),
            Field(("percent",), _("Refused ones in per cent"), Kind.WHOLE),
            Field(("minutes",), _("How long small ones wait, in minutes"), Kind.WHOLE),
            Field(("minimum",), _("What is small: below this amount"), Kind.AMOUNT),
        ),
    ),
    "attested": Page(
        _("What a person looked at"),
        _("Said on the ready list, since no program can see it from here."),
        elsewhere="/secretariat/ready",
    ),
    "debits": Page(
        _("Direct debits"),
        _("Who asks for them, as the mandate names it."),
        (
            Field(
                ("creditor_id",), _("Creditor identifier"), Kind.TEXT, optional=True,
                hint=_("Empty where the processor's own is used."),
            ),
        ),
    ),
    "preselected_amount": Page(
        _("Amount chosen beforehand"),
        _("Which of the suggested amounts is chosen until the giver chooses another."),
        (Field((), _("Suggestion"), Kind.CHOICE),),
    ),
    "card_fee_estimate": Page(
        _("Card fee, as shown before paying"),
        _("For display only; what is booked is what the processor states."),
        (
            Field(("basis_points",), _("Part in per cent"), Kind.PERCENT),
            Field(("fixed",), _("Fixed part"), Kind.AMOUNT),
        ),
    ),
    "refund_days": Page(
        _("Days to ask for money back"),
        _("Contributions made before keep the days that held then."),
        (Field((), _("Days"), Kind.WHOLE),),
    ),
    "issuer": Page(
        _("Receiver and issuer of receipts"),
        _("Who receives, and under which law receipts are given."),
        elsewhere="/secretariat/issuer",
    ),
    "assessment_months": Page(
        _("Months of an assessment"),
        _("How long a positive decision of the committee holds."),
        (Field((), _("Months"), Kind.WHOLE),),
    ),
    "two_people_from": Page(
        _("Two people from this amount"),
        _("Refunds and entries by hand from it on take a second person."),
        (
            Field(("EUR",), "EUR", Kind.AMOUNT, "EUR"),
            *(
                Field((one,), one, Kind.AMOUNT, one, optional=True,
                      hint=_("Empty: the strictest rule holds."))
                for one in OFFERED if one != "EUR"
            ),
        ),
    ),
    "minimum_disbursement": Page(
        _("Smallest payment to a project"),
        _("Less waits, unless it is all that has stood over a month's end."),
        (
            Field(("EUR",), "EUR", Kind.AMOUNT, "EUR"),
            *(
                Field((one,), one, Kind.AMOUNT, one, optional=True, hint=_("Empty: any amount."))
                for one in OFFERED if one != "EUR"
            ),
        ),
    ),
    "payment_days": Page(
        _("Days on which projects are paid"),
        _("Days of the month on which the bank carries out payments; the next open day counts."),
        (
            Field(
                ("days",), _("Days of the month"), Kind.WHOLES, optional=True,
                hint=_("With semicolons: 5; 20. Empty: any day."),
            ),
        ),
    ),
    "fec": Page(
        _("French export (FEC)"),
        _("The number of the books' owner, account numbers of the accountant, yearly rates."),
        (
            Field(("siren",), "SIREN", Kind.TEXT, optional=True, hint=_("Nine digits.")),
            Field(
                ("accounts",), _("Account numbers"), Kind.ACCOUNTS, optional=True,
                hint=_("One a line: Assets:Bank:<acct> = 512900 Banque du fonds"),
            ),
            Field(
                ("rates",), _("Rates of exchange"), Kind.RATES, optional=True,
                hint=_("One a line: USD 2025-01-01 1.0834, what one euro is worth"),
            ),
        ),
    ),
    "iati": Page(
        _("Export for the aid register (IATI)"),
        _("Who the receiver is there; empty until somebody knows."),
        (
            Field(("identifier",), _("Identifier"), Kind.TEXT, optional=True),
            Field(("name",), _("Name"), Kind.TEXT, optional=True),
            Field(("type",), _("Kind of organisation, as a code"), Kind.TEXT, optional=True),
            Field(("sector",), _("Sector, as a code"), Kind.TEXT, optional=True),
        ),
    ),
}  # fmt: skip
CHOICES: Final = {
    "half": _("half of the fuel's amount"),
    "fuel": _("the fuel's amount"),
    "fuel_and_non_co2": _("fuel and central non-CO2"),
}
_LINE: Final = re.compile(r"(\S+)\s*=\s*(\d+)\s+(\S.*)")
_LONGEST: Final = 20_000


def form_for(name: str) -> type[Form]:
    """Make the form of a setting: its fields, why it is changed, and the version that was read."""
    members: dict[str, Any] = {one.name: _control(one) for one in PAGES[name].fields}
    members["reason"] = TextAreaField(
        _("Reason"),
        [Filled(), Length(max=500)],
        description=_("Such as the board's decision and its date."),
        render_kw={"rows": 2},
    )
    members["seen"] = HiddenField()
    return type("SettingForm", (Form,), members)


def _control(one: Field) -> Any:
    rules = [Length(max=_LONGEST)] if one.optional else [Filled(), Length(max=_LONGEST)]
    told: dict[str, Any] = {"description": one.hint}
    if one.kind is Kind.CHOICE:
        return SelectField(one.label, choices=[SelectChoice(code, CHOICES[code]) for code in BASES])
    if one.kind in {Kind.ACCOUNTS, Kind.RATES}:
        return TextAreaField(one.label, rules, render_kw={"rows": 6}, **told)
    keys = {"inputmode": "decimal"} if one.kind is not Kind.TEXT else {}
    return StringField(one.label, rules, render_kw={**keys, "autocomplete": "off"}, **told)


def typed(name: str, value: Any) -> dict[str, str]:
    """Write a value as its fields show it."""
    return {one.name: _shown(one, _at(value, one.path)) for one in PAGES[name].fields}


def rows(name: str, value: Any) -> list[tuple[Any, str]]:
    """Write a value as labels with what stands at each, empty ones left out."""
    if not PAGES[name].fields:
        return _elsewhere(value)
    told = [(one.label, _written(one, _at(value, one.path))) for one in PAGES[name].fields]
    return [(label, text) for label, text in told if text]


def _elsewhere(value: Any) -> list[tuple[Any, str]]:
    """Write what another page changes, by the names it has there."""
    if "open" in value:
        return [(_("Open"), gettext("yes") if value["open"] else gettext("no"))]
    names = {key: gettext(line.what) for key, line in READY.items()}
    names |= {one.name: one.label.text for one in IssuerForm(formdata=None)}
    return [
        (names.get(key, key), str(REGIMES[text] if key == "regime" else text))
        for key, text in value.items()
        if text
    ]


def read(name: str, held: Any, data: Mapping[str, Any]) -> Any:
    """Read what was typed into the next value; what has no field stays as it is.

    Raises
    ------
    InvalidInput
        At the field that cannot be read.
    """
    value = copy.deepcopy(held)
    for one in PAGES[name].fields:
        text = str(data.get(one.name) or "").strip()
        told = None if one.optional and not text else _read(one, text)
        value = _put(value, one, told)
    return value


def _put(value: Any, one: Field, told: Any) -> Any:
    if not one.path:
        return told
    *way, last = one.path
    place = value
    for step in way:
        place = place.setdefault(step, {})
    if told is None:
        told = _EMPTY.get(one.kind)
    if told is None:
        place.pop(last, None)
    else:
        place[last] = told
    if way and not place:
        value.pop(way[0], None)
    return value


# What an empty field means where the setting keeps its place all the same.
_EMPTY: Final[Mapping[Kind, Any]] = {
    Kind.TEXT: "",
    Kind.WHOLES: [],
    Kind.ACCOUNTS: {},
    Kind.RATES: {},
}


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _shown(one: Field, value: Any) -> str:
    if value is None:
        return ""
    show = _SHOW.get(one.kind)
    return show(one, value) if show else str(value)


def _written(one: Field, value: Any) -> str:
    """Write a value for a reader, with the marks of the language; a form shows what is typed."""
    write = _WRITE.get(one.kind)
    return write(one, value) if write and value is not None else _shown(one, value)


def _read(one: Field, text: str) -> Any:
    try:
        return _READ[one.kind](one, text)
    except InvalidInput as fault:
        told = {name: value for name, value in fault.parameters.items() if name != "field"}
        raise InvalidInput(fault.code, field=one.name, **told) from fault


def _minor(one: Field, text: str) -> int:
    return parse_money(text, one.currency).minor


def _whole(_one: Field, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:  # noqa: PLR2004 - a billion
        raise InvalidInput("setting_whole", text=text[:40])
    return int(text)


def _several(each: Callable[[Field, str], int]) -> Callable[[Field, str], list[int]]:
    return lambda one, text: [each(one, part.strip()) for part in text.split(";") if part.strip()]


def _choice(_one: Field, text: str) -> str:
    return text


def _accounts(_one: Field, text: str) -> dict[str, list[str]]:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None:
            raise InvalidInput("setting_line", line=line[:60])
        found[match[1]] = [match[2], match[3]]
    return found


def _rates(_one: Field, text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        parts = line.split()
        try:
            currency, day, rate = parts
            good = Decimal(rate).is_finite() and Decimal(rate) > 0 and len(currency) == 3  # noqa: PLR2004 - ISO
            found.setdefault(currency.upper(), {})[date.fromisoformat(day).isoformat()] = rate
        except (ValueError, InvalidOperation):
            good = False
        if not good:
            raise InvalidInput("setting_line", line=line[:60])
    return found


def _percent(_one: Field, text: str) -> int:
    return parse_money(text.removesuffix("%").strip(), "EUR").minor


_READ: Final[Mapping[Kind, Callable[[Field, str], Any]]] = {
    Kind.AMOUNT: _minor,
    Kind.AMOUNTS: _several(_minor),
    Kind.WHOLE: _whole,
    Kind.WHOLES: _several(_whole),
    Kind.PERCENT: _percent,
    Kind.CHOICE: _choice,
    Kind.TEXT: _choice,
    Kind.ACCOUNTS: _accounts,
    Kind.RATES: _rates,
}
_WRITE: Final[Mapping[Kind, Callable[[Field, Any], str]]] = {
    Kind.AMOUNT: lambda one, held: write_amount(Money(held, one.currency), locale()),
    Kind.AMOUNTS: lambda one, held: "; ".join(
        write_amount(Money(x, one.currency), locale()) for x in held
    ),
    Kind.PERCENT: lambda _one, held: f"{number(Decimal(held) / 100, 2)}\N{NO-BREAK SPACE}%",
    Kind.CHOICE: lambda _one, held: str(CHOICES.get(held, held)),
}
_SHOW: Final[Mapping[Kind, Callable[[Field, Any], str]]] = {
    Kind.AMOUNT: lambda one, held: Money(held, one.currency).decimal(),
    Kind.AMOUNTS: lambda one, held: "; ".join(Money(x, one.currency).decimal() for x in held),
    Kind.WHOLES: lambda _one, held: "; ".join(str(x) for x in held),
    Kind.PERCENT: lambda _one, held: Money(held, "EUR").decimal(),
    Kind.ACCOUNTS: lambda _one, held: "\n".join(
        f"{place} = {number} {label}" for place, (number, label) in sorted(held.items())
    ),
    Kind.RATES: lambda _one, held: "\n".join(
        f"{currency} {day} {rate}"
        for currency, days in sorted(held.items())
        for day, rate in sorted(days.items())
    ),
}
