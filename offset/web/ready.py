"""What is missing before the first donor comes? Lines that turn green by themselves.

``offset doctor`` and the page run the same checks. A required line that is red keeps
contributions closed. What cannot be asked from here is said as such and is never green by default.
"""

import enum
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from offset.clock import utc_day
from offset.config import is_loopback
from offset.database.session import Reading
from offset.errors import OffsetError, Refused
from offset.giving import epochs
from offset.giving.account_ports import AccountFacts
from offset.ledger import balances, chart
from offset.people import backups, mail_probe, readiness, schedule, settings
from offset.people.backups import BackupKind
from offset.people.installation import Mode
from offset.projects import criteria
from offset.treasury import queries as treasury
from offset.web.language import LANGUAGES
from offset.web.pages import OWN, written_by_owner
from offset.web.wiring import Services

_log = logging.getLogger(__name__)
_ENOUGH_DAYS: Final = 14
_ENOUGH_BYTES: Final = 1 << 30
_SKEW: Final = timedelta(seconds=60)
_BACKUP: Final = timedelta(hours=24)
_DRILL: Final = timedelta(days=100)
_PROBE: Final = timedelta(days=90)
_LEAST: Final = 500
_REDIS_PORT: Final = 6379
# Settings that somebody must have said, not only left as they came.
_TO_SAY: Final = ("rate", "share_bp", "refund_days")
_PLACEHOLDER: Final = re.compile(r"^\[|^$")


class State(enum.StrEnum):
    """What a line says: in order, missing, or not to be asked from here."""

    GREEN = "green"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Line:
    """One thing that must be right: its key, how it stands, and what was found, in plain words."""

    key: str
    state: State
    required: bool
    found: str = ""

    @property
    def blocks(self) -> bool:
        """Whether contributions stay closed because of it."""
        return self.required and self.state is not State.GREEN


@dataclass(frozen=True)
class Scene:
    """Everything a check may look at; the processor is asked once."""

    services: Services
    session: Reading
    mode: Mode
    at: datetime

    @cached_property
    def account(self) -> AccountFacts | None:
        """What the processor says of our account; nothing where it cannot be reached."""
        try:
            return self.services.account.facts()
        except OffsetError:
            return None

    @property
    def local(self) -> bool:
        """Whether this is a trial on one machine, which nobody outside can reach."""
        return self.mode is not Mode.LIVE and is_loopback(self.services.settings.public_url)


Found = tuple[State, str]
Check = Callable[[Scene], Found]


def _said(*, good: bool, found: object = "") -> Found:
    return (State.GREEN if good else State.RED), str(found)


def _address(scene: Scene) -> Found:
    url = scene.services.settings.public_url
    return _said(good=scene.services.surroundings.answers(f"{url}/healthz"), found=url)


def _certificate(scene: Scene) -> Found:
    parts = urlsplit(scene.services.settings.public_url)
    if scene.local:
        return State.GREEN, "127.0.0.1"
    until = scene.services.surroundings.certificate_until(parts.hostname or "", parts.port or 443)
    good = until is not None and until > scene.at + timedelta(days=_ENOUGH_DAYS)
    return _said(good=good, found=until.date().isoformat() if until else "–")


def _clock(scene: Scene) -> Found:
    if scene.account is None or scene.account.said_at is None:
        return State.UNKNOWN, ""
    skew = abs(scene.services.clock.now() - scene.account.said_at)
    return _said(good=skew < _SKEW, found=f"{skew.total_seconds():.0f} s")


def _disk(scene: Scene) -> Found:
    free, whole = scene.services.surroundings.free(scene.services.settings.data_dir)
    return _said(good=free > _ENOUGH_BYTES, found=f"{free / 1e9:.1f} / {whole / 1e9:.1f} GB")


def _workers(scene: Scene) -> Found:
    told = scene.services.settings
    kind = told.limits_url.partition(":")[0]
    found = f"{told.workers} × {told.threads}, {kind}"
    if kind == "memory":
        return State.GREEN, found
    parts = urlsplit(told.limits_url)
    counts = scene.services.surroundings.listens(parts.hostname or "", parts.port or _REDIS_PORT)
    return _said(good=counts, found=found)


def _mail(scene: Scene) -> Found:
    sent, came = mail_probe.last(scene.session)
    if came is not None and came.arrived_at is not None:
        good = came.arrived_at > scene.at - _PROBE
        return _said(good=good, found=came.arrived_at.date().isoformat())
    return State.RED, "" if sent is None else sent.sent_at.date().isoformat()


def _record(name: str, mark: str) -> Check:
    def check(scene: Scene) -> Found:
        domain = parseaddr(scene.services.settings.mail_from)[1].rpartition("@")[2]
        told = scene.services.surroundings.texts(f"{name}{domain}")
        if told is None or scene.local:
            return State.UNKNOWN, domain
        right = [one for one in told if one.lower().replace(" ", "").startswith(mark)]
        return _said(good=bool(right), found=right[0] if right else domain)

    return check


def _pango(scene: Scene) -> Found:
    missing = scene.services.documents.missing()
    return _said(good=missing is None, found=missing or "")


def _account(scene: Scene) -> Found:
    told = scene.account
    if told is None:
        return State.RED, ""
    good = told.takes_payments and told.pays_out and told.live == (scene.mode is Mode.LIVE)
    return _said(good=good, found=told.account_id)


def _version(scene: Scene) -> Found:
    told = scene.account
    if told is None:
        return State.RED, ""
    return _said(good=told.api_version == told.wanted_version, found=told.api_version)


def _payouts(scene: Scene) -> Found:
    return _said(good=scene.account is not None and scene.account.automatic_payouts)


def _descriptor(scene: Scene) -> Found:
    told = scene.account.descriptor if scene.account else ""
    return _said(good=bool(told.strip()), found=told)


def _methods(scene: Scene) -> Found:
    told = scene.account.methods if scene.account else frozenset()
    return _said(good="card" in told, found=", ".join(sorted(told)))


def webhook_url(scene: Scene) -> str:
    """Return where the processor's notices must go."""
    return f"{scene.services.settings.public_url}/webhooks/stripe"


def _webhook(scene: Scene) -> Found:
    told = scene.account
    ours = [one for one in told.endpoints if one.url == webhook_url(scene)] if told else []
    if told is None or not ours:
        return State.RED, ""
    lacks = ours[0].lacks(told.wanted_kinds)
    right = ours[0].api_version in (None, told.wanted_version)
    found = ", ".join(sorted(lacks)) or (ours[0].api_version or "")
    return _said(good=ours[0].enabled and not lacks and right, found=found)


def _minimum(scene: Scene) -> Found:
    limits = settings.current(scene.session, "amount_limits").value
    smallest = min(
        [limits["minimum"]]
        + [
            one["minimum"]
            for one in limits.values()
            if isinstance(one, Mapping) and "minimum" in one
        ]
    )
    return _said(good=smallest >= _LEAST, found=f"{smallest / 100:.2f}")


def _attested(name: str) -> Check:
    def check(scene: Scene) -> Found:
        told = settings.current(scene.session, "attested").value.get(name)
        return _said(good=bool(told), found=told or "")

    return check


def _issuer(scene: Scene) -> Found:
    told = settings.current(scene.session, "issuer").value
    missing = [name for name in ("legal_name", "country") if _PLACEHOLDER.match(told[name])]
    return _said(good=not missing, found=", ".join(missing) or told["legal_name"])


def _text(name: str) -> Check:
    def check(scene: Scene) -> Found:
        folder = scene.services.settings.data_dir
        missing = [code for code in LANGUAGES if not written_by_owner(folder, name, code)]
        return _said(good=not missing, found=", ".join(f"{name}.{code}.md" for code in missing))

    return check


def _figures(scene: Scene) -> Found:
    told = settings.several(scene.session, *_TO_SAY)
    missing = [name for name in _TO_SAY if not told[name].version]
    return _said(good=not missing, found=", ".join(missing))


def _reserve(scene: Scene) -> Found:
    held = balances.held(scene.session, chart.reserve("EUR"))
    return _said(good=held.minor > 0, found=held)


def _policy(scene: Scene) -> Found:
    found = epochs.standing_policy(scene.session)
    return _said(good=found is not None, found=found.version if found else "")


def _criteria(scene: Scene) -> Found:
    try:
        found = criteria.current(scene.session, utc_day(scene.at))
    except Refused:
        return State.RED, ""
    return State.GREEN, str(found.version)


def _bank(scene: Scene) -> Found:
    found = treasury.accounts(scene.session)
    return _said(
        good=bool(found), found=", ".join(f"{one.code} → {chart.bank(one.code)}" for one in found)
    )


def _people(scene: Scene) -> Found:
    lacking = readiness.lacking_pairs(scene.session)
    return _said(good=not lacking, found=", ".join(f"{a.value} + {b.value}" for a, b in lacking))


def _phones(scene: Scene) -> Found:
    names = readiness.without_second_factor(scene.session)
    return _said(good=not names and readiness.staff(scene.session) > 0, found=", ".join(names))


def _jobs(scene: Scene) -> Found:
    missed = schedule.missed(scene.session, scene.at)
    return _said(good=not missed, found=", ".join(missed))


def _young(kind: BackupKind, age: timedelta) -> Check:
    def check(scene: Scene) -> Found:
        last = backups.last(scene.session, kind)
        good = last is not None and last.made_at > scene.at - age
        return _said(good=good, found=last.archive if last else "")

    return check


# One line a thing, in the order somebody would do them: key, whether it is required, the check.
CHECKS: Final[tuple[tuple[str, bool, Check], ...]] = (
    ("people", True, _people),
    ("second_factors", True, _phones),
    ("address", True, _address),
    ("certificate", True, _certificate),
    ("clock", True, _clock),
    ("disk", True, _disk),
    ("workers", True, _workers),
    ("jobs", True, _jobs),
    ("mail", True, _mail),
    ("spf", False, _record("", "v=spf1")),
    ("dmarc", False, _record("_dmarc.", "v=dmarc1")),
    ("dkim", False, _attested("dkim")),
    ("pango", True, _pango),
    ("account", True, _account),
    ("api_version", True, _version),
    ("payouts", True, _payouts),
    ("descriptor", True, _descriptor),
    ("methods", True, _methods),
    ("webhook", True, _webhook),
    ("minimum", True, _minimum),
    ("radar", True, _attested("radar")),
    ("issuer", True, _issuer),
    *((name, True, _text(name)) for name in OWN),
    ("figures", True, _figures),
    ("reserve", True, _reserve),
    ("policy", True, _policy),
    ("criteria", True, _criteria),
    ("bank", True, _bank),
    ("backup", True, _young(BackupKind.BACKUP, _BACKUP)),
    ("drill", True, _young(BackupKind.DRILL, _DRILL)),
)


def look(services: Services, session: Reading, mode: Mode, *, at: datetime) -> tuple[Line, ...]:
    """Run every check; one that breaks is red and does not stop the others."""
    scene = Scene(services, session, mode, at)
    return tuple(_line(scene, *one) for one in CHECKS)


def red(lines: tuple[Line, ...]) -> frozenset[str]:
    """Name the lines that keep contributions closed."""
    return frozenset(line.key for line in lines if line.blocks)


def _line(scene: Scene, key: str, required: bool, check: Check) -> Line:  # noqa: FBT001 - a column of the table
    try:
        state, found = check(scene)
    except OffsetError as fault:
        state, found = State.RED, fault.code
    except Exception as fault:  # noqa: BLE001 - whatever breaks is a line, not the end of the list
        _log.exception("the check %s of the ready list broke", key)
        state, found = State.RED, type(fault).__name__
    return Line(key, state, required, found)
