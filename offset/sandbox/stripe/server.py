"""How is the stand-in started, and who keeps it on this machine?"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from flask import Flask, abort, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from offset.clock import Clock, SystemClock
from offset.config import is_loopback
from offset.sandbox.stripe import api, pages, panel, portal_pages
from offset.sandbox.stripe.courier import Courier
from offset.sandbox.stripe.desk import Desk, present
from offset.sandbox.stripe.store import Store

SECRET_KEY: Final = "sk_test_stand_in"  # noqa: S105 - of no real account
WEBHOOK_SECRET: Final = "whsec_stand_in"  # noqa: S105 - of no real account
_FORBIDDEN: Final = 403
_POLL: Final = 0.05
_JSON_LIMIT: Final = 1_000_000


class StandIn:
    """One stand-in account: its file, its time, its courier."""

    def __init__(self, store: Store, clock: Clock, secret_key: str, seed: str) -> None:
        self.store = store
        self.clock = clock
        self.secret_key = secret_key
        self.seed = seed
        self.courier = Courier(store, clock)

    @contextlib.contextmanager
    def act(self, *, created: int | None = None) -> Iterator[Desk]:
        """Open a desk for one act, dated now or at ``created`` seconds; then wake the courier."""
        with self.store.transaction() as shelf:
            at, sent = present(shelf, self.clock)
            yield Desk(
                shelf=shelf,
                at=at if created is None else created,
                sent=sent,
                seed=shelf.setting("seed", default=self.seed),
            )
        self.courier.hurry()


def create_stand_in(
    state_path: Path,
    *,
    clock: Clock,
    webhook_url: str = "",
    webhook_secret: str = WEBHOOK_SECRET,
    secret_key: str = SECRET_KEY,
    seed: str = "stand-in",
) -> Flask:
    """Build the stand-in on its state file; nothing runs in the background yet.

    Raises
    ------
    ValueError
        When the webhook is not on this machine, or the key is not a test key.
    """
    if webhook_url and not is_loopback(webhook_url):
        raise ValueError("the stand-in sends notices to this machine only")
    if not secret_key.startswith("sk_test_"):
        raise ValueError("the stand-in takes test keys only")
    stand_in = StandIn(Store(state_path), clock, secret_key, seed)
    with stand_in.store.transaction() as shelf:
        shelf.set("webhook_secret", webhook_secret)
        if webhook_url:
            shelf.set("webhook_url", webhook_url)
    app = Flask(__name__, static_url_path="/stand-in")
    app.config["MAX_CONTENT_LENGTH"] = _JSON_LIMIT
    # A broken connection on order of the fault panel must reach the server as what it is.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.extensions["stand_in"] = stand_in
    app.before_request(_this_machine_only)
    app.register_blueprint(api.blueprint())
    app.register_blueprint(pages.blueprint())
    app.register_blueprint(portal_pages.blueprint())
    app.register_blueprint(panel.blueprint())
    return app


def stand_in_of(app: Flask) -> StandIn:
    """Return the stand-in behind an app."""
    found: StandIn = app.extensions["stand_in"]
    return found


def _this_machine_only() -> None:
    """Refuse whoever is not on this machine, and names that only pretend to be (rebinding)."""
    if not is_loopback(request.host_url) or request.remote_addr not in {"127.0.0.1", "::1"}:
        abort(_FORBIDDEN)


class _Quiet(WSGIRequestHandler):
    """A handler that writes no addresses of payment pages into a log, and can hang up."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def connection_dropped(
        self,
        error: BaseException,  # noqa: ARG002 - the server passes it
        environ: Any = None,  # noqa: ARG002 - same
    ) -> None:
        """Hang up for good, as the fault panel asked; the handler alone would wait on."""
        self.close_connection = True


def _listen(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Open the port ourselves: werkzeug would end the process when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen()
        return make_server(
            host,
            door.getsockname()[1],
            app,
            threaded=True,
            request_handler=_Quiet,
            fd=door.fileno(),
        )


class Running:
    """A stand-in that serves and delivers until it is stopped; use it with ``with``."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        if not is_loopback(f"http://{f'[{host}]' if ':' in host else host}"):
            raise ValueError(f"the Stripe stand-in serves this machine only, not {host}")
        self.app = app
        self.stand_in = stand_in_of(app)
        self._server = _listen(app, host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_POLL,),
            name="stand-in server",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        self.stand_in.courier.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stand_in.courier.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self) -> None:
        """Block while the server runs."""
        self._thread.join()


def serve(host: str, port: int, *, state_path: Path, **wishes: Any) -> None:
    """Serve until interrupted; ``wishes`` are those of :func:`create_stand_in`.

    Raises
    ------
    ValueError
        Off loopback.
    OSError
        When the port is taken.
    """
    app = create_stand_in(state_path, clock=wishes.pop("clock", None) or SystemClock(), **wishes)
    with Running(app, host, port) as running:
        running.wait()
