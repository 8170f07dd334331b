"""Which command does a timer call each minute?"""

import os
import sys

import click

from offset import logs
from offset.app import build_services, refuse_unfit
from offset.cli import jobs as job_table
from offset.config import read_settings
from offset.errors import Conflict


@click.group()
def jobs() -> None:
    """Run what runs by itself."""


@jobs.command("run")
def jobs_run() -> None:
    """Run whatever is due; call it each minute from cron or a timer."""
    settings = read_settings(os.environ)
    refuse_unfit(settings)
    # a fault of a job names nobody in the journal of the machine
    logs.install()
    services = build_services(settings)
    try:
        for line in job_table.run_due(services):
            click.echo(line)
    except Conflict as fault:
        # sysexits.h: try again later; the unit of the timer counts it as a success
        click.echo(f"refused: {fault}", err=True)
        sys.exit(75)
    finally:
        services.database.dispose()
