"""What does ``offset demo`` start? The stand-in, the site and the jobs, on loopback, as one."""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Final

import click

from offset.app import build_services, load_models
from offset.cli import jobs
from offset.clock import SystemClock
from offset.config import Settings, read_settings
from offset.database import migrate
from offset.database.session import Database
from offset.errors import ConfigurationError, OffsetError
from offset.people import installation
from offset.people.installation import Mode
from offset.sandbox import demo as demo_data
from offset.sandbox.stripe.control import Control
from offset.web.wiring import Services

_HOST: Final = "127.0.0.1"
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 8
_JOBS_EVERY_SECONDS: Final = 20
# What runs before a child: it asks the kernel to end it when we are gone, even by kill -9.
_LEASH: Final = """
import ctypes, os, runpy, signal, sys
libc = ctypes.CDLL(None)
if hasattr(libc, "prctl"):
    libc.prctl(1, signal.SIGTERM)
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
# sqlite leaves -wal and -shm beside the file
_OURS: Final = ("offset.db*", "stripe-stand-in.db*", "demo.env", "mail", "files", "backups")


@click.command()
@click.option("--reset", is_flag=True, help="Throw the demo data away first.")
def demo(*, reset: bool) -> None:
    """Start the site with demo data and the Stripe stand-in."""
    data_dir = Path(os.environ.get("OFFSET_DATA_DIR", "./var")).resolve()
    if reset:
        _forget(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    environment = _environment(data_dir)
    settings = read_settings(environment, demonstration=True)
    for name, port in (("PORT", settings.port), ("STRIPE_PORT", settings.stripe_port)):
        _refuse_taken(name, port)
    migrate.upgrade(settings.owner_database_url)
    load_models()
    _prepare(settings)
    _run(settings, environment, data_dir)


def _prepare(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        database.run(installation.prepare, Mode.DEMO, at=SystemClock().now())
    finally:
        database.dispose()


def _forget(data_dir: Path) -> None:
    if os.environ.get("OFFSET_DATABASE_URL", "sqlite").startswith("postgresql"):
        raise ConfigurationError(("OFFSET_DATABASE_URL names a server; reset that yourself",))
    for pattern in _OURS:
        for found in data_dir.glob(pattern):
            if found.is_dir():
                for inner in sorted(found.rglob("*"), reverse=True):
                    inner.rmdir() if inner.is_dir() else inner.unlink()
                found.rmdir()
            else:
                found.unlink()


def _environment(data_dir: Path) -> dict[str, str]:
    """Honour what is set, remember what was generated before, generate the rest."""
    kept_file = data_dir / "demo.env"
    kept = dict(
        line.split("=", 1)
        for line in (kept_file.read_text().splitlines() if kept_file.exists() else ())
        if "=" in line
    )
    port = os.environ.get("PORT", "8000")
    stripe_port = os.environ.get("STRIPE_PORT", "8420")
    generated = {
        "OFFSET_SECRET_KEY": secrets.token_urlsafe(48),
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
    } | {name: value for name, value in kept.items() if "SECRET" in name}
    chosen = generated | {
        "OFFSET_DATA_DIR": str(data_dir),
        "OFFSET_PUBLIC_URL": f"http://{_HOST}:{port}",
        "OFFSET_MAIL_URL": f"file:{data_dir / 'mail'}",
        "OFFSET_MAIL_FROM": "demo@demo.example",
        "OFFSET_PASSWORD_SIGN_IN": "on",
        "OFFSET_SECOND_FACTOR": "offered",
        "STRIPE_API_BASE": f"http://{_HOST}:{stripe_port}",
        "PORT": port,
        "STRIPE_PORT": stripe_port,
    }
    chosen |= {name: os.environ[name] for name in chosen if os.environ.get(name)}
    kept_file.touch(mode=0o600)
    kept_file.write_text("".join(f"{name}={value}\n" for name, value in sorted(chosen.items())))
    return {**os.environ, **chosen, "OFFSET_DEMONSTRATION": "on", "OFFSET_HOST": _HOST}


def _refuse_taken(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            raise ConfigurationError(
                (f"port {port} is in use; choose another by {name}=",)
            ) from None


def _run(settings: Settings, environment: Mapping[str, str], data_dir: Path) -> None:
    stop = threading.Event()

    def asked_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, asked_to_stop)
    signal.signal(signal.SIGTERM, asked_to_stop)
    stand_in = [sys.executable, "-m", "offset.sandbox.stripe"]
    stand_in += [
        "--state",
        str(data_dir / "stripe-stand-in.db"),
        "--port",
        str(settings.stripe_port),
    ]
    stand_in += ["--webhook-secret", settings.stripe_webhook_secret]
    stand_in += ["--secret-key", settings.stripe_secret_key]
    with _child(stand_in, environment, settings.stripe_port, stop):
        services = build_services(settings)
        try:
            if demo_data.is_empty(services.database):
                click.echo("loading the demo data …")
                demo_data.load(_world(services), now=services.clock.now())
            site = [sys.executable, "-m", "offset", "serve"]
            with _child(site, environment, settings.port, stop):
                _control(services).webhook(
                    f"http://{_HOST}:{settings.port}/webhooks/stripe",
                    settings.stripe_webhook_secret,
                )
                _announce(settings)
                _run_jobs(services, stop)
                while not stop.wait(_JOBS_EVERY_SECONDS):
                    _run_jobs(services, stop)
        finally:
            services.database.dispose()


def _control(services: Services) -> Control:
    return Control.over_http(services.settings.stripe_api_base)


def _world(services: Services) -> demo_data.World:
    return demo_data.World(
        database=services.database,
        checkout=services.checkout,
        events=services.events,
        statements=services.statements,
        control=_control(services),
        public_url=services.settings.public_url,
        data_dir=services.settings.data_dir,
        files=services.files,
    )


def _run_jobs(services: Services, stop: threading.Event) -> None:
    try:
        for _line in jobs.run_due(services):
            if stop.is_set():
                return
    except OffsetError as fault:
        click.echo(f"jobs: {fault}", err=True)


def _announce(settings: Settings) -> None:
    click.echo(f"ready: http://{_HOST}:{settings.port}")
    click.echo(f"Stripe stand-in: http://{_HOST}:{settings.stripe_port}")
    click.echo(f"mails: http://{_HOST}:{settings.port}/demo/mail")
    click.echo(f"the next bank statement: http://{_HOST}:{settings.port}/demo/statement")
    click.echo("demo accounts, all with the password " + demo_data.PASSWORD + ":")
    for account in demo_data.ACCOUNTS:
        click.echo(f"  {account.email}  {account.what}")
    sys.stdout.flush()


@contextlib.contextmanager
def _child(
    command: list[str], environment: Mapping[str, str], port: int, stop: threading.Event
) -> Iterator[None]:
    """Run a process until the block ends, and wait until it answers.

    Raises
    ------
    ConfigurationError
        When it ends by itself or does not answer in time.
    """
    # Our own interpreter and our own modules: nothing of it comes from outside.
    with (
        subprocess.Popen(  # noqa: S603 - see above
            [sys.executable, "-c", _LEASH, *command[1:]],
            env=dict(environment),
            start_new_session=True,
        ) as process
    ):
        try:
            _wait_until_it_answers(process, port, stop)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], port: int, stop: threading.Event
) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and not stop.is_set():
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(_HOST, port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.05)
    if not stop.is_set():
        raise ConfigurationError((f"nothing answers on port {port}",))
