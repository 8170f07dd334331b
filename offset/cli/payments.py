"""Which commands read the payment processor's lists and book what is missing?"""

import os
from datetime import UTC, datetime

import click

from offset.app import build_services
from offset.cli.doctor import register_webhook
from offset.cli.jobs import catch_up
from offset.config import read_settings
from offset.giving import balance_check

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.group()
def payments() -> None:
    """Hold the books against the payment processor."""


@payments.command("catch-up")
@click.option("--since", type=_DAY, help="Read from this day (UTC) on instead of from the cursor.")
def payments_catch_up(since: datetime | None) -> None:
    """Book whatever no event told us, then compare our balance with the processor's."""
    services = build_services(read_settings(os.environ))
    begin = None if since is None else since.replace(tzinfo=UTC)
    try:
        click.echo(catch_up(services, services.clock.now(), since=begin))
        with services.database.reading() as session:
            for one in balance_check.compared(session):
                word = "explained" if not one.unexplained else f"UNEXPLAINED {one.unexplained}"
                click.echo(
                    f"{one.currency}: processor {one.available + one.pending},"
                    f" books {one.booked}, {word}"
                )
    finally:
        services.database.dispose()


payments.add_command(register_webhook)
