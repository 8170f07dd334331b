"""What does the web process of a test do until somebody kills it? It serves the site as it is."""

import os
import sys

from werkzeug.serving import make_server

from offset.app import create_app
from offset.config import read_settings
from tests.builders.stripe import Silent


def main() -> None:
    """Serve on a port of the machine's choice and tell which."""
    app = create_app(read_settings(os.environ))
    with make_server(
        "127.0.0.1", int(os.environ["PORT"]), app, threaded=True, request_handler=Silent
    ) as server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
