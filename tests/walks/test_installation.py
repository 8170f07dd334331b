"""From a wheel to an open house, a gift, a close, a lost disk and back: on both engines.

Takes some minutes (mails leave twice a minute at most), so ``make soak`` walks it.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from offset.clock import SystemClock
from tests.walks import newcomer, opening
from tests.walks.newcomer import Browser, Installation

pytestmark = [
    pytest.mark.walk,
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("HYPOTHESIS_PROFILE") != "soak", reason="walked by make soak: minutes"
    ),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Installation, str]]:
    if request.param == "sqlite":
        with newcomer.an_installation(tmp_path) as found:
            yield found, ""
        return
    server = str(request.getfixturevalue("postgres_server"))
    url = f"{server.partition('?')[0].rsplit('/', 1)[0]}/installation_{os.getpid()}"
    create(url, server)
    with newcomer.an_installation(tmp_path, url) as found:
        found.server = server
        yield found, url
    forget(url, server)


def create(url: str, server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {url.rpartition('/')[2]}")


def forget(url: str, server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


def prepared(house: Installation) -> None:
    """What serving.md says: init, webhook, two administrators."""
    refused = house.command("serve", expect=1)
    assert "offset payments register-webhook" in refused
    house.command("init", "--mode", "rehearsal")
    house.command("payments", "register-webhook")
    for name in ("ada", "ben"):
        house.command(
            "people", "invite", f"{name}@give.example", "--name", name.title(),
            "--role", "administrator",
        )  # fmt: skip
    assert "required ones are missing" in house.command("doctor", expect=1)
    assert "live" in house.command("init", "--mode", "live", expect=1)


def proof_of(browser: Browser, gift: str) -> dict[str, object]:
    """The proof of the entry that settled a gift."""
    [entry, *_] = re.findall(r"/secretariat/journal/([0-9a-f-]{36})", browser.get(gift).text)
    found = json.loads(browser.get(f"/ledger/entries/{entry}/proof.json").data)
    assert isinstance(found, dict)
    return found


def test_a_newcomer_opens_the_house_and_survives_the_loss_of_its_disk(
    house: tuple[Installation, str], tmp_path: Path
) -> None:
    here, url = house
    prepared(here)
    here.kill(here.serve())
    here.serve()
    half = here.start("-m", "offset", "jobs", "run")
    time.sleep(1.5)
    here.kill(half)
    clerks = opening.open_for_business(here)
    gift = opening.money_arrives(clerks)
    here.kill(here.running[-1])
    here.serve()
    tom = clerks["tom"]
    month = (SystemClock().now().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    tom.fill(f"/secretariat/periods/{month}", f"/periods/{month}/close")
    assert "closed" in tom.get(f"/secretariat/periods/{month}").plain
    here.command("jobs", "run")
    before = proof_of(tom, gift)
    archive = tmp_path / "kept.tar.gz"
    here.command("backup", str(archive))
    here.kill(here.running[-1])
    assert "restore_not_empty" in here.command("restore", str(archive), expect=1)
    shutil.rmtree(here.folder / "var")
    if url:
        forget(url, here.server)
        create(url, here.server)
    assert "0 faults" in here.command("restore", str(archive))
    here.command("payments", "register-webhook")
    here.serve()
    after = proof_of(tom, gift)
    assert after == before
    assert "0 faults" in here.command("ledger", "verify")
    assert opening.missing(clerks["ada"]) <= {"backup", "drill", "jobs"}
