import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from offset.sandbox.stripe.server import Running, create_stand_in, serve
from tests.builders.stripe import Account
from tests.fakes import FrozenClock


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])  # noqa: S104 - must be refused
def test_it_serves_this_machine_only(tmp_path: Path, clock: FrozenClock, host: str) -> None:
    with pytest.raises(ValueError, match="this machine"):
        serve(host, 0, state_path=tmp_path / "s.db", clock=clock)


@pytest.mark.parametrize(
    ("name", "value"),
    [("webhook_url", "https://example.org/webhooks/stripe"), ("secret_key", "sk_live_1")],
)
def test_it_refuses_foreign_webhooks_and_live_keys(
    tmp_path: Path, clock: FrozenClock, name: str, value: str
) -> None:
    with pytest.raises(ValueError, match="the stand-in"):
        create_stand_in(tmp_path / "s.db", clock=clock, **{name: value})


def test_a_name_that_only_leads_here_is_refused(account: Account) -> None:
    with account.app.test_client() as client:
        assert client.get("/control", base_url="http://evil.example").status_code == 403
        far = {"REMOTE_ADDR": "192.0.2.7"}
        assert client.get("/control", environ_base=far).status_code == 403


def test_a_page_of_another_origin_moves_no_lever(account: Account) -> None:
    with account.app.test_client() as client:
        answer = client.post("/control/payout", headers={"Origin": "http://127.0.0.1:9"})
    assert answer.status_code == 403


def test_a_taken_port_is_an_error(tmp_path: Path, clock: FrozenClock) -> None:
    app = create_stand_in(tmp_path / "s.db", clock=clock)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Running(app, "127.0.0.1", taken.getsockname()[1])


@pytest.mark.slow
def test_a_process_of_its_own_starts_and_stops(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "offset.sandbox.stripe", "--state", str(tmp_path / "s.db")]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONWARNINGS": "default"},
        stderr=subprocess.PIPE,
    )
    try:
        assert _answers(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        _, said = process.communicate()
    assert said == b""


def _answers(port: int) -> bool:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/control", timeout=5) as answer:
                return b"no real payment" in answer.read()
        except OSError:
            time.sleep(0.1)
    return False
