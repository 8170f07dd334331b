"""What must a setting be before it holds? One rule a name; amounts are counted in minor units."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from offset.errors import InvalidInput
from offset.money import OFFERED
from offset.people import issuers

Check = Callable[[Any], None]

_MOST: Final = 1_000_000_000
BASES: Final = ("half", "fuel", "fuel_and_non_co2")
_ACCOUNT: Final = re.compile(r"\d{3,12}")
_SIREN: Final = re.compile(r"\d{9}|")
_CREDITOR: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{3,31}|")


def whole(what: str, low: int, high: int) -> Check:
    """Ask for a whole number between two others, both included."""

    def check(value: Any) -> None:
        good = isinstance(value, int) and not isinstance(value, bool)
        if not good or not low <= value <= high:
            raise InvalidInput("setting_between", field=what, what=what, low=low, high=high)

    return check


def amount(what: str, low: int = 1, high: int = _MOST) -> Check:
    """Ask for an amount in minor units between two others, both included."""

    def check(value: Any) -> None:
        good = isinstance(value, int) and not isinstance(value, bool)
        if not good or not low <= value <= high:
            raise InvalidInput("setting_amount", field=what, what=what)

    return check


def amounts(what: str, low: int = 1, high: int = _MOST) -> Check:
    """Ask for an amount in each of some currencies that are offered."""
    one = amount(what, low, high)

    def check(value: Any) -> None:
        _mapping(what, value)
        if not value or set(value) - set(OFFERED):
            raise InvalidInput("setting_currencies", what=what, offered=", ".join(OFFERED))
        for each in value.values():
            one(each)

    return check


def limits(value: Any) -> None:
    """Ask for a lowest and a highest amount in the right order; a currency may have its own."""
    _mapping("limits", value)
    general = {name: one for name, one in value.items() if name not in OFFERED}
    _keys("limits", general, {"minimum", "maximum"})
    own = [value[name] for name in OFFERED if name in value]
    for one in own:
        _mapping("limits", one)
        if set(one) - {"minimum", "maximum"}:
            raise InvalidInput("setting_shape", what="limits")
    for one in (general, *({**general, **each} for each in own)):
        amount("minimum")(one["minimum"])
        amount("maximum")(one["maximum"])
        if one["minimum"] > one["maximum"]:
            raise InvalidInput("setting_order", field="minimum")


def _rows(rules: Mapping[str, Check]) -> Check:
    def check(value: Any) -> None:
        _mapping("setting", value)
        _keys("setting", value, set(rules))
        for name, rule in rules.items():
            rule(value[name])

    return check


def _monthly(value: Any) -> None:
    _mapping("monthly_amounts", value)
    if not value or set(value) - set(OFFERED):
        raise InvalidInput("setting_currencies", what="monthly_amounts", offered=", ".join(OFFERED))
    for row in value.values():
        _rising("monthly_amounts", row, amount("monthly_amounts"))


def _pledges(value: Any) -> None:
    _mapping("bank_pledges", value)
    _keys("bank_pledges", value, {"days", "reminders"})
    whole("days", 1, 365)(value["days"])
    one = whole("reminders", 1, value["days"] - 1)
    _rising("reminders", value["reminders"], one, may_be_empty=True)


def _payment_days(value: Any) -> None:
    _mapping("payment_days", value)
    _keys("payment_days", value, {"days"})
    _rising("days", value["days"], whole("days", 1, 31), may_be_empty=True)


def _rising(what: str, row: Any, one: Check, *, may_be_empty: bool = False) -> None:
    if not isinstance(row, list | tuple) or not (row or may_be_empty):
        raise InvalidInput("setting_shape", field=what, what=what)
    for each in row:
        one(each)
    if list(row) != sorted(set(row)):
        raise InvalidInput("setting_rising", field=what)


def _preselected(value: Any) -> None:
    if value not in BASES:
        raise InvalidInput("setting_choice", what="preselected_amount", choices=", ".join(BASES))


def _text(what: str, shape: re.Pattern[str]) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise InvalidInput("setting_shape", field=what, what=what)

    return check


def _fec(value: Any) -> None:
    _mapping("fec", value)
    _keys("fec", value, {"siren", "accounts", "rates"})
    _text("siren", _SIREN)(value["siren"])
    _mapping("accounts", value["accounts"])
    _mapping("rates", value["rates"])
    for row in value["accounts"].values():
        pair = isinstance(row, list | tuple) and len(row) == len(("number", "label"))
        if not pair or not _ACCOUNT.fullmatch(str(row[0])) or not str(row[1]).strip():
            raise InvalidInput("setting_shape", field="accounts", what="accounts")


def _words(value: Any) -> None:
    _mapping("setting", value)
    if not all(isinstance(one, str) for one in value.values()):
        raise InvalidInput("setting_shape", what="setting")


def _mapping(what: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise InvalidInput("setting_shape", what=what)


def _keys(what: str, value: Mapping[str, Any], wanted: set[str]) -> None:
    if set(value) != wanted:
        raise InvalidInput("setting_shape", what=what)


CHECKS: Final[Mapping[str, Check]] = {
    "rate": amounts("rate", 1, 10_000_000),
    "share_bp": whole("share_bp", 0, 2_000),
    "amount_limits": limits,
    "organisation_limits": limits,
    "monthly_amounts": _monthly,
    "bank_pledges": _pledges,
    "guard": _rows(
        {
            "window": whole("window", 1, 1_440),
            "least": whole("least", 1, 10_000),
            "percent": whole("percent", 1, 100),
            "minutes": whole("minutes", 1, 10_080),
            "minimum": amount("minimum", 0),
        }
    ),
    "attested": _words,
    "debits": _rows({"creditor_id": _text("creditor_id", _CREDITOR)}),
    "preselected_amount": _preselected,
    "card_fee_estimate": _rows(
        {"basis_points": whole("basis_points", 0, 1_000), "fixed": amount("fixed", 0, 1_000)}
    ),
    "refund_days": whole("refund_days", 0, 365),
    "issuer": issuers.check,
    "assessment_months": whole("assessment_months", 1, 120),
    "two_people_from": amounts("two_people_from", 0),
    "minimum_disbursement": amounts("minimum_disbursement", 0),
    "payment_days": _payment_days,
    "fec": _fec,
    "iati": _words,
}
