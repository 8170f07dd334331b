"""Which commands make people, help them in again, and forget them?"""

import os

import click

from offset.app import load_models
from offset.clock import SystemClock
from offset.config import database_url
from offset.database.session import Database
from offset.giving import forgetting
from offset.people import second_factor, users
from offset.people.access import SYSTEM, Role


@click.group()
def people() -> None:
    """Who is who."""
    load_models()


@people.command("invite")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, type=click.Choice([r.value for r in Role][:-1]))
@click.option("--language", default="en", type=click.Choice(["en", "fr", "es"]))
def people_invite(email: str, name: str, roles: tuple[str, ...], language: str) -> None:
    """Make a person with roles; they sign in by a link sent to the address."""
    database = Database(database_url(os.environ, owner=False))
    try:
        database.run(
            users.invite,
            actor=SYSTEM,
            at=SystemClock().now(),
            email=email,
            name=name,
            roles=frozenset(Role(role) for role in roles),
            language=language,
        )
    finally:
        database.dispose()
    click.echo(f"{email} may sign in at /sign-in")


@people.command("lost-phone")
@click.argument("email")
def people_lost_phone(email: str) -> None:
    """Take a person's second factor away; they set it up anew at the next sign-in."""
    database = Database(database_url(os.environ, owner=False))
    try:
        database.run(second_factor.forget, email=email, at=SystemClock().now())
    finally:
        database.dispose()
    click.echo(f"{email} is signed out everywhere and sets up a phone at the next sign-in")


@people.command("forget")
@click.argument("email")
def people_forget(email: str) -> None:
    """Empty a person's name and address everywhere; acts and money keep only the id."""
    database = Database(database_url(os.environ, owner=False))
    try:
        done = database.run(forgetting.forget, actor=SYSTEM, at=SystemClock().now(), email=email)
    finally:
        database.dispose()
    click.echo(
        "forgotten, with the account" if done.had_account else f"forgotten: {done.rows} rows"
    )
