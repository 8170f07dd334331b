"""How is this installation set? One frozen value, read once, all faults told together."""

import importlib.util
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from offset.errors import ConfigurationError

STRIPE_API: Final = "https://api.stripe.com"
_LIVE: Final = ("sk_live_", "rk_live_")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRET_LENGTH: Final = 32
_MAX_PORT: Final = 65_535
_MAX_PROXY_HOPS: Final = 8
_MAX_THREADS: Final = 64
_MAX_WORKERS: Final = 32
_MOST_DIGITS: Final = 9
# what Stripe calls a secret: its kind, and more without a space
_STRIPE_KEY: Final = re.compile(r"[sr]k_(?:test|live)_[!-~]+")
_STRIPE_SECRET: Final = re.compile(r"whsec_[!-~]+")
_HOST: Final = re.compile(r"[A-Za-z0-9.:_%-]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the environment decides; nothing else reads the environment."""

    database_url: str
    owner_database_url: str
    data_dir: Path
    secret_key: str
    public_url: str
    mail_url: str
    mail_from: str
    proxy_hops: int
    password_sign_in: bool
    second_factor: str
    stripe_api_base: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    host: str
    port: int
    stripe_port: int
    metrics_token: str = ""
    threads: int = 8
    workers: int = 1
    limits_url: str = "memory://"
    backup_dir: Path
    backup_recipient: str = ""
    backup_identity: Path | None = None
    backup_command: str = ""
    backup_keep: str = "7,5,12"
    demonstration: bool = False
    inbox_url: str = ""
    inbox_address: str = ""

    @property
    def secure(self) -> bool:
        """Whether people reach this installation over TLS."""
        return self.public_url.startswith("https://")

    @property
    def stripe_is_live(self) -> bool:
        """Whether cards are charged for real."""
        return self.stripe_secret_key.startswith(_LIVE)

    @property
    def stripe_is_stand_in(self) -> bool:
        """Whether card data goes to another place than Stripe's own."""
        return self.stripe_api_base != STRIPE_API


class _Reader:
    """Reads names from a mapping and collects every fault instead of stopping at the first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []

    def text(self, name: str, default: str | None = None, *, missing: str = "is missing") -> str:
        value = self.environment.get(name, "").strip() or default
        if value is None:
            self.faults.append(f"{name} {missing}")
            return ""
        return value

    def whole(self, name: str, default: int, highest: int, *, lowest: int = 0) -> int:
        value = self.text(name, str(default))
        few = value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS
        if not (few and lowest <= int(value) <= highest):
            rule = f"must be a whole number from {lowest} to {highest}"
            self.faults.append(f"{name} {rule}, not {value!r}")
            return default
        return int(value)

    def switch(self, name: str) -> bool:
        value = self.text(name, "off").lower()
        if value not in {"on", "off"}:
            self.faults.append(f"{name} must be on or off, not {value!r}")
        return value == "on"

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in allowed:
            self.faults.append(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def check(self, name: str, value: str, good: Callable[[str], bool], rule: str) -> None:
        if value and not good(value):
            self.faults.append(f"{name} {rule}")


def read_settings(
    environment: Mapping[str, str], *, demonstration: bool = False, notices: bool = True
) -> Settings:
    """Read the environment into Settings; without ``notices``, before our address is registered.

    Raises
    ------
    ConfigurationError
        With one line a fault, each naming its setting.
    """
    read = _Reader(environment)
    data_dir = Path(read.text("OFFSET_DATA_DIR", "./var"))
    database_url = read.text("OFFSET_DATABASE_URL", f"sqlite:///{data_dir / 'offset.db'}")
    identity = read.text("OFFSET_BACKUP_IDENTITY", "")
    settings = Settings(
        database_url=database_url,
        owner_database_url=read.text("OFFSET_OWNER_DATABASE_URL", database_url),
        data_dir=data_dir,
        secret_key=read.text("OFFSET_SECRET_KEY"),
        public_url=read.text("OFFSET_PUBLIC_URL").rstrip("/"),
        mail_url=read.text("OFFSET_MAIL_URL"),
        mail_from=read.text("OFFSET_MAIL_FROM"),
        proxy_hops=read.whole("OFFSET_PROXY_HOPS", 0, _MAX_PROXY_HOPS),
        password_sign_in=read.switch("OFFSET_PASSWORD_SIGN_IN"),
        second_factor=read.choice("OFFSET_SECOND_FACTOR", "required", ("required", "offered")),
        stripe_api_base=read.text("STRIPE_API_BASE", STRIPE_API).rstrip("/"),
        stripe_secret_key=read.text("STRIPE_SECRET_KEY"),
        stripe_webhook_secret=read.text(
            "STRIPE_WEBHOOK_SECRET",
            kept_secret(data_dir) or (None if notices else ""),
            missing="is missing: run offset payments register-webhook, which keeps it, or set it",
        ),
        host=read.text("OFFSET_HOST", "127.0.0.1"),
        port=read.whole("PORT", 8000, _MAX_PORT, lowest=1),
        stripe_port=read.whole("STRIPE_PORT", 8420, _MAX_PORT, lowest=1),
        metrics_token=read.text("OFFSET_METRICS_TOKEN", ""),
        threads=read.whole("OFFSET_THREADS", 8, _MAX_THREADS, lowest=1),
        workers=read.whole("OFFSET_WORKERS", 1, _MAX_WORKERS, lowest=1),
        limits_url=read.text("OFFSET_LIMITS_URL", "memory://"),
        backup_dir=Path(read.text("OFFSET_BACKUP_DIR", str(data_dir / "backups"))),
        backup_recipient=read.text("OFFSET_BACKUP_RECIPIENT", ""),
        backup_identity=Path(identity) if identity else None,
        backup_command=read.text("OFFSET_BACKUP_COMMAND", ""),
        backup_keep=read.text("OFFSET_BACKUP_KEEP", "7,5,12"),
        demonstration=demonstration,
        inbox_url=read.text("OFFSET_INBOX_URL", ""),
        inbox_address=read.text("OFFSET_INBOX_ADDRESS", ""),
    )
    _check(settings, read)
    if read.faults:
        raise ConfigurationError(tuple(read.faults))
    return settings


def webhook_secret_file(data_dir: Path) -> Path:
    """Return where the secret of a registered webhook is kept."""
    return data_dir / "webhook-secret"


def kept_secret(data_dir: Path) -> str | None:
    """Read the secret that came when our address was registered; None where none did."""
    try:
        return webhook_secret_file(data_dir).read_text(encoding="ascii").strip() or None
    except OSError:
        return None


def database_url(environment: Mapping[str, str], *, owner: bool) -> str:
    """Read only what a database command needs, so that it runs before the rest is set."""
    data_dir = environment.get("OFFSET_DATA_DIR", "./var")
    url = environment.get("OFFSET_DATABASE_URL") or f"sqlite:///{data_dir}/offset.db"
    return (environment.get("OFFSET_OWNER_DATABASE_URL") or url) if owner else url


def _check(settings: Settings, read: _Reader) -> None:
    _check_databases(settings, read)
    read.check(
        "OFFSET_SECRET_KEY",
        settings.secret_key,
        lambda key: len(key) >= _SECRET_LENGTH,
        f"must have at least {_SECRET_LENGTH} characters",
    )
    for name, url in (
        ("OFFSET_PUBLIC_URL", settings.public_url),
        ("STRIPE_API_BASE", settings.stripe_api_base),
    ):
        read.check(name, url, is_web_address, "must be a web address such as https://example.org")
    if is_web_address(settings.public_url):
        read.check(
            "OFFSET_PUBLIC_URL",
            settings.public_url,
            _is_bare,
            "must be scheme and host alone, such as https://example.org: no path, name or question",
        )
    read.check(
        "OFFSET_MAIL_URL",
        settings.mail_url,
        lambda url: url.startswith(("smtp://", "smtps://", "file:")),
        "must start with smtp://, smtps:// or file:",
    )
    if settings.mail_url.startswith("smtp"):
        read.check(
            "OFFSET_MAIL_URL",
            settings.mail_url,
            has_host,
            "must name a server, such as smtp://user:password@mail.example.org:587",
        )
    else:
        read.check(
            "OFFSET_MAIL_URL",
            settings.mail_url,
            lambda url: not url.startswith("file:") or bool(url.removeprefix("file:").strip("/")),
            "must name a folder, such as file:./var/mail",
        )
    read.check(
        "OFFSET_MAIL_FROM",
        settings.mail_from,
        _is_address,
        "must be a mail address such as gifts@example.org or Soil Fund <gifts@example.org>",
    )
    _check_archives(settings, read)
    _check_serving(settings, read)
    _check_inbox(settings, read)
    _check_stripe(settings, read)
    _check_demonstration(settings, read)


def _check_databases(settings: Settings, read: _Reader) -> None:
    """Both connections name one database of one engine."""
    ours, owner = settings.database_url, settings.owner_database_url
    wrong = {
        name: rule
        for name, url in (
            ("OFFSET_DATABASE_URL", ours),
            *((("OFFSET_OWNER_DATABASE_URL", owner),) if owner != ours else ()),
        )
        if (rule := _no_database(url))
    }
    read.faults += [f"{name} {rule}" for name, rule in wrong.items()]
    if not wrong and _place(ours) != _place(owner):
        read.faults.append(
            "OFFSET_OWNER_DATABASE_URL must name the same database as OFFSET_DATABASE_URL"
        )


def _no_database(url: str) -> str | None:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        return "must start with sqlite:/// or postgresql://"
    if url.startswith("sqlite"):
        named = url.removeprefix("sqlite:///").strip("/")
        # a database in memory ends with the process; what follows a mark is no part of a name
        whole = named and ":memory:" not in named and "?" not in named
        return None if whole else "must name a file, such as sqlite:///var/offset.db"
    named = _parts(url).path.strip("/")
    if not named or _port_is_wrong(url):
        return "must name a database, such as postgresql://host/offset"
    return None


def _place(url: str) -> str:
    """Name the database of an address; two roles may reach a server by different hosts."""
    return url if url.startswith("sqlite") else f"postgresql:{_parts(url).path}"


def _check_archives(settings: Settings, read: _Reader) -> None:
    read.check(
        "OFFSET_BACKUP_RECIPIENT",
        settings.backup_recipient,
        lambda key: key.startswith(("age1", "ssh-ed25519 ", "ssh-rsa ")),
        "must be a public key: age1… or ssh-ed25519 …",
    )
    read.check(
        "OFFSET_BACKUP_KEEP",
        settings.backup_keep,
        lambda told: keep_of(told) is not None,
        "must be days,weeks,months such as 7,5,12, the days at least 1",
    )
    if settings.backup_identity is not None and not settings.backup_identity.is_file():
        read.faults.append(f"OFFSET_BACKUP_IDENTITY names no file: {settings.backup_identity}")
    try:
        shlex.split(settings.backup_command)
    except ValueError as fault:
        read.faults.append(f"OFFSET_BACKUP_COMMAND is no command: {str(fault).lower()}")


def keep_of(told: str) -> tuple[int, int, int] | None:
    """Read how many days, weeks and months of archives are kept; None where it says no such."""
    parts = [part.strip() for part in told.split(",")]
    few = [part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS for part in parts]
    if few != [True] * 3 or not int(parts[0]):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def _check_serving(settings: Settings, read: _Reader) -> None:
    """Hold what several processes need against what is set: memory is not shared."""
    read.check(
        "OFFSET_HOST",
        settings.host,
        lambda host: _HOST.fullmatch(host) is not None,
        "must be an address of this machine, such as 127.0.0.1",
    )
    read.check(
        "OFFSET_LIMITS_URL",
        settings.limits_url,
        lambda url: url.startswith(("memory://", "redis://", "rediss://")),
        "must start with memory://, redis:// or rediss://",
    )
    if settings.workers > 1 and settings.limits_url.startswith("memory"):
        read.faults.append(
            "OFFSET_LIMITS_URL must name a Redis when OFFSET_WORKERS is more than 1:"
            " each process would count its own visitors"
        )
    if settings.limits_url.startswith("redis") and importlib.util.find_spec("redis") is None:
        read.faults.append("OFFSET_LIMITS_URL needs the package redis: pip install redis")
    read.check(
        "OFFSET_METRICS_TOKEN",
        settings.metrics_token,
        lambda token: len(token) >= _SECRET_LENGTH,
        f"must have at least {_SECRET_LENGTH} characters",
    )


def _check_stripe(settings: Settings, read: _Reader) -> None:
    key = settings.stripe_secret_key
    read.check(
        "STRIPE_SECRET_KEY",
        key,
        lambda value: _STRIPE_KEY.fullmatch(value) is not None,
        "is not a Stripe secret key",
    )
    if settings.stripe_is_stand_in and settings.stripe_is_live:
        read.faults.append(f"STRIPE_API_BASE must be {STRIPE_API} when STRIPE_SECRET_KEY is live")
    read.check(
        "STRIPE_WEBHOOK_SECRET",
        settings.stripe_webhook_secret,
        lambda value: _STRIPE_SECRET.fullmatch(value) is not None,
        "must start with whsec_ and go on without a space",
    )


def _check_inbox(settings: Settings, read: _Reader) -> None:
    read.check(
        "OFFSET_INBOX_URL",
        settings.inbox_url,
        lambda url: url.startswith("maildir:/") or (url.startswith("imaps://") and has_host(url)),
        "must start with imaps:// and a server, or with maildir:/",
    )
    read.check(
        "OFFSET_INBOX_ADDRESS",
        settings.inbox_address,
        lambda text: text.count("*") == 1 and text.count("@") == 1,
        "must be an address with one * where a project's secret word goes: updates+*@example.org",
    )
    if bool(settings.inbox_url) != bool(settings.inbox_address):
        read.faults.append("OFFSET_INBOX_URL and OFFSET_INBOX_ADDRESS are set together or not")


def _check_demonstration(settings: Settings, read: _Reader) -> None:
    """Refuse the demonstration's comforts on an address that others can reach."""
    if settings.host in _LOOPBACK:
        return
    if settings.password_sign_in:
        read.faults.append("OFFSET_PASSWORD_SIGN_IN may be on only when OFFSET_HOST is loopback")
    if settings.second_factor != "required":
        read.faults.append("OFFSET_SECOND_FACTOR must be required unless OFFSET_HOST is loopback")
    if settings.stripe_is_stand_in and is_loopback(settings.stripe_api_base):
        read.faults.append("STRIPE_API_BASE is a stand-in; OFFSET_HOST must then be loopback")


def misfits(settings: Settings, mode: str) -> tuple[str, ...]:
    """Say which settings do not fit what the database was made for: demo, rehearsal or live."""
    said = []
    if mode == "live":
        if not settings.stripe_is_live:
            said.append("STRIPE_SECRET_KEY is a test key, but this database is live")
        if settings.stripe_is_stand_in:
            said.append(f"STRIPE_API_BASE must be {STRIPE_API}: this database is live")
        if not settings.secure:
            said.append("OFFSET_PUBLIC_URL must start with https://: this database is live")
    elif settings.stripe_is_live:
        said.append(f"STRIPE_SECRET_KEY is live, but this database was made for: {mode}")
    if mode != "demo":
        said += [f"{name} is for demonstrations only" for name in _comforts(settings)]
    return tuple(said)


def _comforts(settings: Settings) -> tuple[str, ...]:
    found = {
        "OFFSET_PASSWORD_SIGN_IN=on": settings.password_sign_in,
        "OFFSET_SECOND_FACTOR=offered": settings.second_factor != "required",
        "OFFSET_DEMONSTRATION=on": settings.demonstration,
    }
    return tuple(name for name, on in found.items() if on)


def is_web_address(url: str) -> bool:
    """Say whether a text is an absolute http or https address."""
    written = not any(letter.isspace() for letter in url)
    return written and _parts(url).scheme in {"http", "https"} and has_host(url)


def _is_bare(url: str) -> bool:
    """Say whether an address is scheme, host and port alone."""
    parts = _parts(url)
    return not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)


def _parts(url: str) -> SplitResult:
    """Take an address apart; one that cannot be read has none."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _port_is_wrong(url: str) -> bool:
    try:
        return urlsplit(url).port == 0
    except ValueError:
        return True


def has_host(url: str) -> bool:
    """Say whether an address names a host, and a port that is one if it names any."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_address(told: str) -> bool:
    _, address = parseaddr(told)
    before, at, domain = address.rpartition("@")
    whole = bool(before and at and "." in domain.strip(".")) or domain == "localhost"
    return whole and not any(letter in told for letter in "\r\n,;") and " " not in address


def is_loopback(url: str) -> bool:
    """Say whether a web address points at this machine."""
    return (_parts(url).hostname or "") in _LOOPBACK
