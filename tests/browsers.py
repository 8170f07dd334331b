"""Which browser do the tests drive? The system's Chromium; nothing is downloaded."""

import os

CHROMIUM = os.environ.get("OFFSET_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
