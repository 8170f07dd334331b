"""What does a browser call itself, so that its owner knows it again in a list?"""

import re
from typing import Final

from flask import request

_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("KAIOS", "KaiOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS: Final = (
    (r"Opera Mini|OPR/|Opera", "Opera"),
    (r"Edg", "Edge"),
    (r"Firefox", "Firefox"),
    (r"SamsungBrowser", "Samsung Internet"),
    (r"UCBrowser", "UC Browser"),
    (r"Chrom", "Chrome"),
    (r"Safari", "Safari"),
)


def browser_name() -> str:
    """Name the browser of this request by its program and its system, and nothing else."""
    agent = request.headers.get("User-Agent", "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    browser = next((name for mark, name in _BROWSERS if re.search(mark, agent)), "")
    return ", ".join(part for part in (browser, system) if part) or "?"
