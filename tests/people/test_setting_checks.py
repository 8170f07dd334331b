"""Is every setting judged before it holds, and does each default pass its own check?"""

from datetime import datetime
from typing import Any

import pytest

from offset.database.session import Database
from offset.errors import Conflict, InvalidInput
from offset.people import settings
from offset.people.access import Role
from offset.people.setting_checks import CHECKS
from offset.people.settings import DEFAULTS
from tests.people.test_invitations import person

LIMITS = {"minimum": 500, "maximum": 1_000_000}


def test_every_name_has_a_check_and_every_default_passes() -> None:
    assert set(CHECKS) == set(DEFAULTS) - {"accepting"}
    for name, check in CHECKS.items():
        check(DEFAULTS[name])


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("share_bp", -1, "setting_between"),
        ("share_bp", 2_001, "setting_between"),
        ("share_bp", True, "setting_between"),
        ("share_bp", "500", "setting_between"),
        ("share_bp", 5.5, "setting_between"),
        ("rate", {}, "setting_currencies"),
        ("rate", {"XXX": 5}, "setting_currencies"),
        ("rate", {"EUR": 0}, "setting_amount"),
        ("rate", {"EUR": -5}, "setting_amount"),
        ("rate", [5], "setting_shape"),
        ("amount_limits", {"minimum": 600, "maximum": 500}, "setting_order"),
        ("amount_limits", {"minimum": 500}, "setting_shape"),
        ("amount_limits", {**LIMITS, "CHF": {"minimum": 2_000_000}}, "setting_order"),
        ("amount_limits", {**LIMITS, "CHF": {"least": 1}}, "setting_shape"),
        ("amount_limits", {**LIMITS, "CHF": 5}, "setting_shape"),
        ("amount_limits", {**LIMITS, "minimum": 0}, "setting_amount"),
        ("monthly_amounts", {"EUR": []}, "setting_shape"),
        ("monthly_amounts", {"EUR": [500, 500]}, "setting_rising"),
        ("monthly_amounts", {"XXX": [500]}, "setting_currencies"),
        ("bank_pledges", {"days": 60, "reminders": [60]}, "setting_between"),
        ("bank_pledges", {"days": 0, "reminders": []}, "setting_between"),
        ("guard", {**DEFAULTS["guard"], "percent": 101}, "setting_between"),
        ("guard", {"window": 5}, "setting_shape"),
        ("preselected_amount", "all", "setting_choice"),
        ("refund_days", 366, "setting_between"),
        ("debits", {"creditor_id": "x"}, "setting_shape"),
        ("two_people_from", {"EUR": -1}, "setting_amount"),
        ("fec", {"siren": "12", "accounts": {}, "rates": {}}, "setting_shape"),
        ("fec", {"siren": "", "accounts": {"a": ["x", "y"]}, "rates": {}}, "setting_shape"),
        ("iati", {"identifier": 5}, "setting_shape"),
        ("attested", "yes", "setting_shape"),
    ],
)
def test_what_cannot_hold(name: str, value: Any, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        CHECKS[name](value)


def test_a_currency_may_have_a_limit_of_its_own() -> None:
    CHECKS["amount_limits"]({**LIMITS, "CHF": {"minimum": 1_000}})


def test_whoever_read_an_older_version_is_told(embedded: Database, at: datetime) -> None:
    ada = person(embedded, at, "ada", Role.ADMINISTRATOR)
    told = {"actor": ada, "at": at, "reason": "Board"}
    embedded.run(settings.change, "share_bp", 400, seen=0, **told)
    with pytest.raises(Conflict, match="setting_changed"):
        embedded.run(settings.change, "share_bp", 300, seen=0, **told)
