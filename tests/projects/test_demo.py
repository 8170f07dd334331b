"""Do the demonstration's twelve projects come about through the real verbs, with their figures?"""

import json
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from offset.database.session import Database
from offset.errors import NotFound
from offset.gateways.files import DiskFiles
from offset.people import phrases
from offset.projects import queries
from offset.projects.models import ProjectStatus
from offset.projects.queries import ProjectPage
from offset.sandbox import demo_projects

TOLD: list[dict[str, Any]] = json.loads(
    (files("offset.sandbox") / "demo_data" / "projects.json").read_text("utf-8")
)["projects"]
PUBLIC = {one["slug"] for one in TOLD if one["status"] in {"open", "funded"}}


def page_of(database: Database, slug: str, at: datetime) -> ProjectPage:
    with database.reading() as session:
        return queries.page(session, slug, on=at.date())


@pytest.mark.postgres  # the embedded one is told by every demonstration that the walks start
def test_the_demonstration_tells_its_whole_past(
    server: Database, at: datetime, tmp_path: Path
) -> None:
    database = server
    made = demo_projects.load_projects(database, start=at, files=DiskFiles(tmp_path))
    assert len(made) == 12
    with database.reading() as session:
        cards = queries.cards(session, on=at.date())
        fundable = queries.fundable(session, at.date())
        counts = queries.horizon_counts(session)
    assert {card.slug for card in cards} == PUBLIC
    assert {one.slug for one in fundable} == PUBLIC
    assert (counts.gain, counts.no_change, counts.loss, counts.not_yet) == (2, 1, 0, 5)
    assert (counts.applications, counts.decided, counts.positive) == (11, 9, 8)
    figures(database, at)
    outcomes(database, at)
    the_dunes(database, made["miracle-dunes"], at)
    statements(database, at)
    photos = [p for told in page_of(database, "sahel-parkland", at).updates for p in told.photos]
    assert [(photo.width, photo.height) for photo in photos] == [(1600, 1000)] * 2


def figures(database: Database, at: datetime) -> None:
    for told in TOLD:
        if told["slug"] in PUBLIC:
            found, wanted = page_of(database, told["slug"], at).projection, told["expected"]
            assert found is not None
            for name in ("p05", "p33", "p95"):
                assert round(getattr(found, name), 4) == wanted[name], told["slug"]
            assert round(found.p_gain, 3) == wanted["prob_positive"]
            # published with four digits after a rounding of its own
            assert found.central == pytest.approx(wanted["rate_tC_ha_yr"], abs=5.1e-5)


def outcomes(database: Database, at: datetime) -> None:
    for told in TOLD:
        if "measured" in told:
            claim, wanted = page_of(database, told["slug"], at).claim, told["measured"]["expected"]
            assert claim is not None
            assert claim.verdict.value == wanted["verdict"]
            assert claim.synthetic
            assert round(claim.change, 4) == pytest.approx(wanted["change"], abs=1e-4)
            assert (round(claim.low, 4), round(claim.high, 4)) == (wanted["low"], wanted["high"])
            assert claim.overlap == "within"
            assert claim.difference_percent is None


def the_dunes(database: Database, project_id: Any, at: datetime) -> None:
    with pytest.raises(NotFound):
        page_of(database, "miracle-dunes", at)
    with database.reading() as session:
        gate = queries.gate(session, project_id, at.date())
    assert not gate.open
    assert "not_positive" in gate.reasons
    assert not gate.may_pay


def statements(database: Database, at: datetime) -> None:
    seen: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda _c, _k, sql, *_r: seen.append(sql)
    )
    page = page_of(database, "bearn-cover-crops", at)
    assert page.status is ProjectStatus.OPEN
    # what the engine sends to begin is not a question; two more read the runs and the payments
    assert len([sql for sql in seen if sql.startswith("SELECT")]) == 10
    assert [family.family.value for family in page.families] == [
        "food_income",
        "water_resilience",
        "soil_carbon",
    ]


@pytest.mark.parametrize("told", TOLD, ids=[one["slug"] for one in TOLD])
def test_no_public_text_of_the_demonstration_says_what_may_not_be_said(
    told: dict[str, Any],
) -> None:
    said = told["answers"]["project"]
    texts = [(f"{said['title']}\n{said['summary']}\n{said['story']}", "en")]
    texts += [(f"{one['title']}\n{one['body']}", one["language"]) for one in told["updates"]]
    assert [phrases.scan(text, language) for text, language in texts] == [()] * len(texts)
