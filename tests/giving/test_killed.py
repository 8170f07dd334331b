"""Does the site lose or double anything when its process is killed while the processor calls?"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from offset.clock import SystemClock
from offset.database.session import Database
from offset.gateways.stripe_balance import StripeBalance
from offset.giving import balance_check, catch_up, receipts
from offset.giving.models import Donation, Receipt
from offset.ledger import verify
from offset.sandbox.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.builders.giving import PAYOUTS
from tests.builders.stripe import Account, a_live_account
from tests.giving.test_with_stand_in import opened

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
GIFTS = 60 if SOAK else 8
KILLS = {"sqlite": 8, "postgresql": 8} if SOAK else {"sqlite": 2, "postgresql": 1}


@contextlib.contextmanager
def a_site(
    database: Database, folder: Path, account: Account, port: int
) -> Iterator[subprocess.Popen[str]]:
    """The site in a process of its own, serving; it is killed at the end, never stopped."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.giving.web_process"],
        env={
            **os.environ,
            "PORT": str(port),
            "OFFSET_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "OFFSET_DATA_DIR": str(folder),
            "OFFSET_SECRET_KEY": "x" * 40,
            "OFFSET_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "OFFSET_MAIL_URL": f"file:{folder / 'mail'}",
            "OFFSET_MAIL_FROM": "desk@example.org",
            "STRIPE_API_BASE": account.url,
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def settled(database: Database) -> int:
    with database.reading() as session:
        found = session.scalar(
            select(func.count()).select_from(Donation).where(Donation.settled_at.is_not(None))
        )
    return int(found or 0)


@pytest.mark.slow
def test_a_web_process_killed_under_webhooks_loses_and_doubles_nothing(
    database: Database, tmp_path: Path
) -> None:
    """Real processes, real signals: the stand-in calls, the site dies, comes back, dies again."""
    clock, port = SystemClock(), free_port()
    url = f"http://127.0.0.1:{port}/webhooks/stripe"
    with a_live_account(tmp_path / "stand-in", clock, webhook_url=url) as account:
        account.control.hold()
        for number in range(GIFTS):
            _, page = opened(database, account, f"{10 + number}.00 EUR", clock.now())
            assert account.control.pay(page, email="ada@example.org") == "paid"
        account.control.release()
        kills = KILLS[database.name]
        for round_ in range(1, kills + 1):
            with a_site(database, tmp_path, account, port):
                # What waits for another try goes at once, while we look on.
                threading.Thread(
                    target=account.control.deliver, kwargs={"whenever": True}, daemon=True
                ).start()
                _until(database, round_ * GIFTS // (kills + 2))
        account.control.faults(drop=-1)
        catch_up.catch_up(database, account.events, at=clock.now(), payouts=PAYOUTS)
        receipts.issue_pending(database, at=clock.now(), limit=GIFTS)
        told = balance_check.read(
            database, StripeBalance(account.client), account.events, at=clock.now()
        )
        assert settled(database) == GIFTS
        assert [one.difference.minor for one in told] == [0]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == GIFTS
    assert verify.verify(database).faults == ()


def _until(database: Database, wanted: int) -> None:
    """Wait until some gifts have settled, or long enough."""
    end = time.monotonic() + timedelta(seconds=6).total_seconds()
    while settled(database) < wanted and time.monotonic() < end:
        time.sleep(0.01)
