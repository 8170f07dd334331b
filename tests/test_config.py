"""Does a wrong environment stop the start, naming every fault at once?"""

from pathlib import Path

import pytest

from offset.config import STRIPE_API, Settings, is_loopback, misfits, read_settings
from offset.errors import ConfigurationError

GOOD = {
    "OFFSET_SECRET_KEY": "k" * 32,
    "OFFSET_PUBLIC_URL": "https://example.org/",
    "OFFSET_MAIL_URL": "smtp://localhost",
    "OFFSET_MAIL_FROM": "desk@example.org",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


def test_defaults() -> None:
    settings = read_settings(GOOD)
    assert settings.database_url == "sqlite:///var/offset.db"
    assert settings.owner_database_url == settings.database_url
    assert settings.data_dir == Path("var")
    assert settings.public_url == "https://example.org"
    assert settings.secure
    assert not settings.stripe_is_stand_in
    assert settings.stripe_api_base == STRIPE_API
    assert (settings.port, settings.stripe_port, settings.proxy_hops) == (8000, 8420, 0)
    assert (settings.password_sign_in, settings.second_factor) == (False, "required")


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings({"PORT": "x", "OFFSET_PROXY_HOPS": "99", "OFFSET_PASSWORD_SIGN_IN": "yes"})
    told = str(refused.value)
    for name in (
        "OFFSET_SECRET_KEY",
        "OFFSET_PUBLIC_URL",
        "OFFSET_MAIL_URL",
        "OFFSET_MAIL_FROM",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "PORT",
        "OFFSET_PROXY_HOPS",
        "OFFSET_PASSWORD_SIGN_IN",
    ):
        assert name in told
    assert len(refused.value.faults) == len(told.splitlines()) == 9


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFSET_SECRET_KEY", "short"),
        ("OFFSET_PUBLIC_URL", "example.org"),
        ("OFFSET_DATABASE_URL", "mysql://x"),
        ("OFFSET_MAIL_URL", "imap://x"),
        ("STRIPE_SECRET_KEY", "pk_test_1"),
        ("STRIPE_WEBHOOK_SECRET", "secret"),
        ("STRIPE_API_BASE", "nowhere"),
        ("OFFSET_SECOND_FACTOR", "never"),
        ("OFFSET_PUBLIC_URL", "https://example.org:99999"),
        ("OFFSET_DATABASE_URL", "sqlite:///"),
        ("OFFSET_DATABASE_URL", "postgresql://host"),
        ("OFFSET_OWNER_DATABASE_URL", "postgresql://host/offset"),
        ("OFFSET_OWNER_DATABASE_URL", "sqlite:////elsewhere/offset.db"),
        ("OFFSET_MAIL_URL", "smtp://"),
        ("OFFSET_MAIL_FROM", "nobody"),
        ("OFFSET_MAIL_FROM", "a@example.org, b@example.org"),
        ("PORT", "0"),
        ("OFFSET_THREADS", "0"),
        ("OFFSET_WORKERS", "4"),
        ("OFFSET_BACKUP_RECIPIENT", "AGE-SECRET-KEY-1"),
        ("OFFSET_BACKUP_KEEP", "0,5,12"),
        ("OFFSET_BACKUP_IDENTITY", "/nowhere/key"),
        ("OFFSET_BACKUP_COMMAND", '"unclosed'),
        ("OFFSET_PUBLIC_URL", "https://["),
        ("OFFSET_PUBLIC_URL", "https://exa mple.org"),
        ("OFFSET_PUBLIC_URL", "https://example.org/gifts"),
        ("OFFSET_PUBLIC_URL", "https://me:secret@example.org"),
        ("STRIPE_API_BASE", "http://["),
        ("OFFSET_DATABASE_URL", "postgresql://["),
        ("OFFSET_DATABASE_URL", "postgresql://host:port/offset"),
        ("OFFSET_DATABASE_URL", "sqlite:///:memory:"),
        ("OFFSET_MAIL_URL", "file:"),
        ("OFFSET_HOST", "my machine"),
        ("STRIPE_SECRET_KEY", "sk_test_"),
        ("STRIPE_SECRET_KEY", "sk_test_1 2"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_"),
        ("OFFSET_PROXY_HOPS", "1" * 5_000),
        ("OFFSET_BACKUP_KEEP", "1" * 5_000 + ",1,1"),
        ("OFFSET_INBOX_URL", "imaps://"),
    ],
)
def test_each_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read_settings(GOOD | {name: value})


def test_live_key_goes_to_stripe_only() -> None:
    live = GOOD | {"STRIPE_SECRET_KEY": "sk_live_1"}
    assert isinstance(read_settings(live), Settings)
    with pytest.raises(ConfigurationError, match="STRIPE_API_BASE"):
        read_settings(live | {"STRIPE_API_BASE": "http://127.0.0.1:8420"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFSET_PASSWORD_SIGN_IN", "on"),
        ("OFFSET_SECOND_FACTOR", "offered"),
        ("STRIPE_API_BASE", "http://127.0.0.1:8420"),
    ],
)
def test_comforts_of_the_demonstration_stay_on_loopback(name: str, value: str) -> None:
    read_settings(GOOD | {name: value})
    with pytest.raises(ConfigurationError, match=name):
        read_settings(GOOD | {name: value, "OFFSET_HOST": "0.0.0.0"})  # noqa: S104 - that is the point


def test_loopback_is_told_from_elsewhere() -> None:
    assert is_loopback("http://127.0.0.1:8420")
    assert not is_loopback("https://api.stripe.com")


LIVE = {"STRIPE_SECRET_KEY": "sk_live_1"}


@pytest.mark.parametrize(
    ("mode", "changes", "told"),
    [
        ("rehearsal", LIVE, "STRIPE_SECRET_KEY is live, but this database was made for: rehearsal"),
        ("demo", {"STRIPE_SECRET_KEY": "rk_live_1"}, "STRIPE_SECRET_KEY is live"),
        ("live", {}, "STRIPE_SECRET_KEY is a test key"),
        ("live", {"STRIPE_API_BASE": "http://127.0.0.1:8420"}, "STRIPE_API_BASE must be https"),
        ("live", LIVE | {"OFFSET_PUBLIC_URL": "http://example.org"}, "OFFSET_PUBLIC_URL must"),
        ("rehearsal", {"OFFSET_PASSWORD_SIGN_IN": "on"}, "OFFSET_PASSWORD_SIGN_IN=on is for"),
        ("live", LIVE | {"OFFSET_SECOND_FACTOR": "offered"}, "OFFSET_SECOND_FACTOR=offered is"),
    ],
)
def test_a_database_and_settings_that_do_not_fit_are_told(
    mode: str, changes: dict[str, str], told: str
) -> None:
    assert any(said.startswith(told) for said in misfits(read_settings(GOOD | changes), mode))


def test_live_takes_a_live_key_and_a_rehearsal_a_test_key() -> None:
    assert misfits(read_settings(GOOD | LIVE), "live") == ()
    assert misfits(read_settings(GOOD), "rehearsal") == ()
    stand_in = {"STRIPE_API_BASE": "http://127.0.0.1:8420"}
    assert misfits(read_settings(GOOD | stand_in), "rehearsal") == ()


def test_a_webhook_without_a_secret_refuses_to_start() -> None:
    with pytest.raises(ConfigurationError, match="STRIPE_WEBHOOK_SECRET is missing"):
        read_settings(GOOD | {"STRIPE_WEBHOOK_SECRET": ""})
