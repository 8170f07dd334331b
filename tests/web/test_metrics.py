"""Are the gauges for the holder of the token alone, and is a request one line of the log?"""

import logging
import re
from datetime import datetime, timedelta

import pytest

from offset.database.session import Database
from offset.ledger import checkpoints, journal
from offset.people import backups, jobs, outbox
from offset.people.backups import BackupKind
from offset.reports.gauges import gauges
from tests.builders.ledger import a_gift
from tests.fakes import FrozenClock
from tests.web.conftest import build, settings_with

TOKEN = "t" * 40


def figures(database: Database, at: datetime) -> dict[tuple[str, ...], int]:
    with database.reading() as session:
        return {
            (one.name, *(value for _, value in one.labels)): one.value
            for one in gauges(session, at=at)
        }


def test_only_the_token_opens_the_page(embedded: Database, clock: FrozenClock) -> None:
    closed = build(settings_with(), embedded, clock).test_client()
    assert closed.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    client = build(settings_with(OFFSET_METRICS_TOKEN=TOKEN), embedded, clock).test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    for line in answer.text.splitlines():
        assert re.fullmatch(
            r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w-]+"(,\w+="[\w-]+")*\})? -?\d+', line
        ), line


def test_gauges_tell_what_stands(database: Database, at: datetime) -> None:
    before = figures(database, at)
    assert before["offset_backup_age_seconds", "backup"] == -1
    assert before["offset_webhook_last_seconds",] == -1
    assert before["offset_accepting",] == 1
    database.run(journal.post, a_gift(1), at=at)
    database.run(
        outbox.enqueue, at=at, template="receipt", to="a@b.example", language="en",
        parameters={}, key="k",
    )  # fmt: skip
    database.run(jobs.begin, name="outbox", at=at)
    database.run(jobs.finish, name="outbox", at=at, outcome="failed", detail="x")
    database.run(
        backups.note, kind=BackupKind.BACKUP, at=at, archive="a.tar.gz", size=1, row_count=1,
        checkpoint=None, root=None,
    )  # fmt: skip
    later = at + timedelta(seconds=90)
    found = figures(database, later)
    assert found["offset_ledger_sum_minor", "EUR"] == 0
    assert found["offset_unallocated_minor", "EUR"] > 0
    assert found["offset_unsealed_facts",] == 1
    assert found["offset_outbox_waiting",] == 1
    assert found["offset_outbox_oldest_seconds",] == 90
    assert (found["offset_job_age_seconds", "outbox"], found["offset_job_failed", "outbox"]) == (
        90,
        1,
    )
    assert found["offset_backup_age_seconds", "backup"] == 90
    database.run(checkpoints.take, at=later)
    assert figures(database, later)["offset_unsealed_facts",] == 0
    assert figures(database, later)["offset_checkpoint_age_seconds",] == 0


def test_a_request_is_one_line_that_names_the_page_and_nobody(
    embedded: Database, clock: FrozenClock, caplog: pytest.LogCaptureFixture
) -> None:
    client = build(settings_with(), embedded, clock).test_client()
    with caplog.at_level(logging.INFO, logger="offset.web.request"):
        answer = client.get("/gifts/Jx3vW8k2Zq1LmN0pRsTuVwXyZ012345a?email=a@b.example")
        client.get("/healthz")
    [record] = [one for one in caplog.records if one.name == "offset.web.request"]
    told = vars(record)
    assert (told["method"], told["status"]) == ("GET", answer.status_code)
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert "Jx3v" not in str(told)
    assert "b.example" not in str(told)
