"""How do the rooms of the web come together into one application?"""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from flask import Flask

from offset.web import (
    compression,
    crawlers,
    demo_mail,
    errors,
    health,
    language,
    mail_arrived,
    metrics,
    observing,
    own_places,
    pages,
    recused,
    second_factor,
    security,
    sign_in,
    static_files,
    templating,
    unwritable,
    webhooks,
    welcome,
    wiring,
)

ROOMS: Final = ("public", "donor", "steward", "committee", "secretariat")


def register(
    app: Flask,
    services: wiring.Services,
    *,
    receiver: webhooks.Receiver,
    checks: Mapping[str, health.Check] | None = None,
    listing: crawlers.Listing | None = None,
) -> None:
    """Install everything the doors need on an application made with ``static_folder=None``.

    Parameters
    ----------
    receiver
        Takes the processor's notices: raw body and signature.
    checks
        What ``/readyz`` asks, by name.
    listing
        The pages of the site map that are not fixed: projects.

    Raises
    ------
    LookupError
        When a route declares no policy.
    """
    wiring.install(app, services)
    language.install(app)
    compression.install(app)
    observing.install(app)
    security.install(app, services.settings)
    unwritable.install(app)
    recused.install(app)
    static_files.install(app)
    templating.install(app, services.settings)
    errors.install(app)
    health.install(app, checks or {})
    crawlers.install(app, listing)
    webhooks.install(app, receiver)
    for blueprint in (
        static_files.blueprint,
        health.blueprint,
        metrics.blueprint,
        crawlers.blueprint,
        webhooks.blueprint,
        sign_in.blueprint,
        own_places.blueprint,
        mail_arrived.blueprint,
        welcome.blueprint,
        second_factor.blueprint,
        pages.blueprint,
    ):
        app.register_blueprint(blueprint)
    if services.settings.demonstration:
        app.register_blueprint(demo_mail.blueprint)
    for room in ROOMS:
        # By name: a room imports this package's modules, so it cannot be imported above.
        app.register_blueprint(import_module(f"offset.web.{room}").blueprint)
    security.protect_forms(app, webhooks.stripe)
    security.seal(app)
