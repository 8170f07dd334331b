"""How fast is a page beside a bare Flask page, served the same way in the same minute?

Prints requests per second and the ratio to the bare page; nothing here is a gate. ``FULL=1`` runs
ten times as long.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.walks.conftest import start_demo, stop_demo

_CLIENTS = 4
_ROUNDS = 3
_SECONDS = 10.0 if os.environ.get("FULL") else 1.5
_BARE = """
from flask import Flask
application = Flask("bare")
@application.get("/")
def page():
    return "ok"
"""


@dataclass(frozen=True)
class Target:
    """One page of one server."""

    name: str
    port: int
    path: str


def requests_per_second(target: Target, seconds: float) -> float:
    """Ask for a page from a few clients with kept-alive connections and count the answers."""
    counted = [0] * _CLIENTS
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=10)
        while time.perf_counter() < until:
            connection.request("GET", target.path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise SystemExit(f"{target.path} answered {answer.status}")
            counted[number] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(n,)) for n in range(_CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counted) / (time.perf_counter() - began)


def pages() -> None:
    """Compare the site's pages with a bare one."""
    with tempfile.TemporaryDirectory() as folder:
        process, site = start_demo(Path(folder) / "demo")
        port = int(site.url.rsplit(":", 1)[1])
        bare_port = port + 1 if port < 65_000 else port - 1
        (Path(folder) / "bare.py").write_text(_BARE)
        bare = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{bare_port}", "-k", "gthread"]
            + ["-w", "1", "--threads", "8", "--chdir", folder, "--log-level", "error", "bare"],
        )
        try:
            time.sleep(1.5)
            targets = (
                Target("bare Flask page", bare_port, "/"),
                Target("/healthz", port, "/healthz"),
                Target("estimate CDG-JNB return", port, "/?leg=CDG-JNB&leg=JNB-CDG"),
                Target("why two methods differ", port, "/why?leg=CDG-JNB&leg=JNB-CDG"),
                Target("all checks", port, "/validation"),
                Target("how it was computed", port, "/how?leg=CDG-JNB&leg=JNB-CDG"),
                Target("project page", port, "/projects/laikipia-grazing"),
                Target("public ledger", port, "/ledger"),
            )
            _table(targets)
        finally:
            bare.terminate()
            bare.wait(timeout=20)
            stop_demo(process)


def _table(targets: tuple[Target, ...]) -> None:
    for target in targets:
        requests_per_second(target, 0.3)
    rounds = [[requests_per_second(t, _SECONDS) for t in targets] for _ in range(_ROUNDS)]
    middle = [median(column) for column in zip(*rounds, strict=True)]
    print(f"{'page':<28}{'requests/s':>12}{'of bare':>10}")
    for target, rate in zip(targets, middle, strict=True):
        print(f"{target.name:<28}{rate:>12.0f}{rate / middle[0]:>10.2f}")
