"""Which figures may the secretariat change, and which version held when? Settings as versions."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from offset.database.types import uuid7
from offset.errors import Conflict, InvalidInput
from offset.people import audit
from offset.people.access import Actor, Right, require
from offset.people.models import Setting
from offset.people.setting_checks import CHECKS

# What holds before anybody has set anything; the migration writes nothing, so that a new
# installation and its first version cannot differ.
DEFAULTS: Final[Mapping[str, Any]] = {
    # whether contributions are accepted; only two people turn it on (installation.py)
    "accepting": {"open": False},
    # minor units a tonne of CO2e, by currency; a suggestion, not a price (claims page)
    "rate": {"EUR": 5000, "USD": 5500, "GBP": 4500, "CHF": 5000},
    "share_bp": 500,
    # a currency may have its own: {…, "CHF": {"minimum": 1000}}
    "amount_limits": {"minimum": 500, "maximum": 1_000_000},
    "organisation_limits": {"minimum": 10_000, "maximum": 10_000_000},
    "monthly_amounts": {
        "EUR": [500, 1000, 2000],
        "USD": [500, 1000, 2000],
        "GBP": [500, 1000, 2000],
        "CHF": [500, 1000, 2000],
    },
    # a promise by bank transfer: how long it is waited for, and on which days it is recalled
    "bank_pledges": {"days": 60, "reminders": [14, 40]},
    # when so many cards are refused that somebody tries stolen ones: the share of refused ones
    # from the least number on in a window, how long small gifts then wait, and what is small
    "guard": {"window": 30, "least": 12, "percent": 60, "minutes": 60, "minimum": 2_000},
    # what no program can see from here and a person looked at: name → who and what, in words
    "attested": {},
    # who asks for direct debits, as the mandate names it; empty where the processor's own is used
    "debits": {"creditor_id": ""},
    "preselected_amount": "fuel",
    # for display before paying only; what is booked is what the processor states
    "card_fee_estimate": {"basis_points": 150, "fixed": 25},
    "refund_days": 30,
    "issuer": {
        "legal_name": "[legal name of the receiver]",
        "country": "[country]",
        "address": "",
        "regime": "NONE",
    },
    "assessment_months": 36,
    "two_people_from": {"EUR": 50_000},
    "minimum_disbursement": {"EUR": 2_500},
    # days of the month on which the bank carries out payments to projects; none: any open day
    "payment_days": {"days": []},
    # who the receiver is in the registers that exports name; empty until somebody knows
    "fec": {"siren": "", "accounts": {}, "rates": {}},
    "iati": {"identifier": "", "name": "", "type": "", "sector": "31130"},
}

# Changed by verbs of their own alone, which ask more than one person.
_RESERVED: Final = frozenset({"accepting"})


@dataclass(frozen=True)
class Current:
    """A setting as it holds now; version 0 is the default that nobody has changed."""

    name: str
    version: int
    value: Any


def current(session: Session, name: str) -> Current:
    """Read the version of a setting that holds.

    Raises
    ------
    InvalidInput
        ``setting_unknown``.
    """
    return several(session, name)[name]


def several(session: Session, *names: str) -> dict[str, Current]:
    """Read several settings in one statement.

    Raises
    ------
    InvalidInput
        ``setting_unknown``.
    """
    for name in names:
        _known(name)
    found = {name: Current(name, 0, DEFAULTS[name]) for name in names}
    rows = session.execute(
        select(Setting.name, Setting.version, Setting.value)
        .where(Setting.name.in_(names))
        .order_by(Setting.name, Setting.version)
    )
    for name, version, value in rows:
        found[name] = Current(name, version, value)
    return found


def latest(session: Session, *names: str) -> dict[str, Setting]:
    """Read the last version of each setting that somebody changed, in one statement."""
    rows = session.scalars(
        select(Setting).where(Setting.name.in_(names)).order_by(Setting.name, Setting.version)
    )
    return {row.name: row for row in rows}


def history(session: Session, name: str) -> tuple[Setting, ...]:
    """Read every version of a setting, oldest first."""
    return tuple(
        session.scalars(select(Setting).where(Setting.name == name).order_by(Setting.version))
    )


def change(
    session: Session,
    name: str,
    value: Any,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    seen: int | None = None,
) -> Current:
    """Write the next version of a setting; ``seen`` is the version that whoever changes it read.

    Raises
    ------
    Forbidden
        Without the right to change settings.
    InvalidInput
        ``setting_unknown``, ``setting_reserved``, ``reason_missing``, and what the setting's own
        check says.
    Conflict
        ``setting_changed``: somebody else changed it in between.
    """
    require(actor, Right.CHANGE_SETTINGS)
    if name in _RESERVED:
        raise InvalidInput("setting_reserved", name=name)
    if seen is not None and current(session, name).version != seen:
        raise Conflict("setting_changed")
    return write(session, name, value, actor=actor, at=at, reason=reason)


def write(
    session: Session, name: str, value: Any, *, actor: Actor, at: datetime, reason: str
) -> Current:
    """Write the next version of a setting; whoever calls has asked for the right to.

    Raises
    ------
    InvalidInput
        ``setting_unknown``, ``reason_missing``, and what the setting's own check says.
    """
    _known(name)
    if name in CHECKS:
        CHECKS[name](value)
    if not reason.strip():
        raise InvalidInput("reason_missing", field="reason")
    version = current(session, name).version + 1
    row_id: uuid.UUID = uuid7(at)
    session.add(
        Setting(
            id=row_id,
            name=name,
            version=version,
            value=value,
            set_at=at,
            set_by=actor.user_id,
            reason=reason.strip(),
        )
    )
    audit.record(
        session,
        at=at,
        actor=actor,
        action="setting.changed",
        object_type="setting",
        object_id=name,
        details={"version": version},
    )
    return Current(name, version, value)


def _known(name: str) -> None:
    if name not in DEFAULTS:
        raise InvalidInput("setting_unknown", name=name)
