"""How does the site run? gunicorn with threads, set by the environment."""

import gc
import logging
import os
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from offset import logs
from offset.app import assemble, build_services, refuse_unfit
from offset.config import Settings, read_settings
from offset.errors import ConfigurationError
from offset.gateways.surroundings import unusable


class Lines(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """The server's own events, through the same lines as everybody else's."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and format to the root of this process."""
        super().setup(cfg)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True


class Site(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """The site inside gunicorn: one process with threads, unless a Redis counts the limits."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set the address and the threads."""
        chosen: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "worker_class": "gthread",
            "workers": self.settings.workers,
            "threads": self.settings.threads,
            "timeout": 60,
            "graceful_timeout": 5,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "logger_class": Lines,
            "forwarded_allow_ips": "127.0.0.1",
            # The site is built once, before the workers: they share its memory, and a fault of the
            # build ends the start instead of a worker after another.
            "preload_app": True,
            "post_fork": self._begin_anew,
            "proc_name": "offset",
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the site; what it is made of is no garbage, and stays shared with the workers."""
        gc.disable()
        try:
            services = build_services(self.settings)
            self._database = services.database
            return assemble(services)
        finally:
            gc.freeze()
            gc.enable()

    def _begin_anew(self, _server: object, _worker: object) -> None:
        """Let a worker open connections of its own: those of before it began are its parent's."""
        self._database.forget_connections()


@click.command()
def serve() -> None:
    """Serve the site."""
    demonstration = os.environ.get("OFFSET_DEMONSTRATION") == "on"
    settings = read_settings(os.environ, demonstration=demonstration)
    refuse_unfit(settings)
    taken = unusable(settings.host, settings.port)
    if taken:
        raise ConfigurationError((taken,))
    # A demonstration runs in somebody's terminal: a line a request would bury what it says.
    logs.install(levels={"offset.web.request": logging.WARNING} if demonstration else None)
    Site(settings).run()
