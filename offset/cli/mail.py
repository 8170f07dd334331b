"""``offset mail``: which mails have stewards sent, and what became of them?"""

import os

import click

from offset.app import build_services
from offset.config import read_settings
from offset.gateways import mailbox
from offset.projects import drafts_by_mail


@click.group()
def mail() -> None:
    """Mails that come in."""


@mail.command()
def fetch() -> None:
    """Make drafts of what stewards mailed; call it every few minutes from cron or a timer."""
    services = build_services(read_settings(os.environ))
    settings = services.settings
    try:
        if not settings.inbox_url:
            raise click.ClickException("OFFSET_INBOX_URL is not set: no mails are taken in")
        counted = drafts_by_mail.fetch(
            services.database,
            services.files,
            mailbox.inbox_of(settings.inbox_url),
            mailbox.read,
            pattern=settings.inbox_address,
            public_url=settings.public_url,
            at=services.clock.now(),
        )
        told = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
        click.echo(told or "nothing new")
    finally:
        services.database.dispose()
