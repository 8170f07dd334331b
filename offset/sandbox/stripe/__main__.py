"""How is the stand-in started on its own? ``python -m offset.sandbox.stripe --state FILE``."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from offset.sandbox.stripe import server


def main() -> int:
    """Serve until a signal comes."""
    reader = argparse.ArgumentParser(prog="offset.sandbox.stripe")
    reader.add_argument("--state", type=Path, required=True)
    reader.add_argument("--host", default="127.0.0.1")
    reader.add_argument("--port", type=int, default=8420)
    reader.add_argument("--webhook-url", default="")
    reader.add_argument("--webhook-secret", default=server.WEBHOOK_SECRET)
    reader.add_argument("--secret-key", default=server.SECRET_KEY)
    asked = reader.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.serve(
            asked.host,
            asked.port,
            state_path=asked.state,
            webhook_url=asked.webhook_url,
            webhook_secret=asked.webhook_secret,
            secret_key=asked.secret_key,
        )
    except (OSError, ValueError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _leave(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
