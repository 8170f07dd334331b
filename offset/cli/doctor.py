"""What is missing before the first donor comes? The ready list, in a terminal."""

import os
import sys

import click

from offset.app import build_services, refuse_unfit
from offset.config import read_settings
from offset.people import installation
from offset.people.installation import Mode
from offset.web import ready, registered
from offset.web.ready_words import WORDS

_MARKS = {ready.State.GREEN: "ok", ready.State.RED: "MISSING", ready.State.UNKNOWN: "?"}


@click.command()
def doctor() -> None:
    """Run every check of the ready list; exit 1 while a required line is missing."""
    settings = read_settings(os.environ, notices=False)
    refuse_unfit(settings)
    services = build_services(settings)
    try:
        with services.database.reading() as session:
            mode = installation.mode(session) or Mode.REHEARSAL
            lines = ready.look(services, session, mode, at=services.clock.now())
    finally:
        services.database.dispose()
    # What stands comes first, so that what is missing is still on the screen at the end.
    for line in sorted(lines, key=lambda one: (one.blocks, one.state is not ready.State.GREEN)):
        words = WORDS[line.key]
        need = "" if line.required else " (recommended)"
        click.echo(f"{_MARKS[line.state]:<8}{words.what}{need}: {line.found or '-'}")
        if line.state is not ready.State.GREEN:
            click.echo(f"{'':<8}{words.why}\n{'':<8}{words.how}")
    done = sum(line.state is ready.State.GREEN for line in lines)
    red = ready.red(lines)
    click.echo(f"{done} of {len(lines)} lines are green; {len(red)} required ones are missing")
    if red:
        click.echo(f"see also {settings.public_url}/secretariat/ready")
        sys.exit(1)


@click.command("register-webhook")
def register_webhook() -> None:
    """Tell the processor our address and keep the secret of its notices."""
    settings = read_settings(os.environ, notices=False)
    services = build_services(settings)
    try:
        registered.register(services)
    finally:
        services.database.dispose()
    click.echo(f"registered {settings.public_url}/webhooks/stripe; its secret is kept")
