"""Does the public see how often our ranges held, and how few values that rests on?"""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from calculators.soil import calibration as arithmetic
from calculators.soil.stock_change import Stratum
from offset.database.session import Database
from offset.people import phrases
from offset.projects import calibration, layer_files, measurements, outcomes
from offset.projects.calibration import Scored
from offset.web.public import calibration as page
from tests.builders import projects as build
from tests.builders import soil
from tests.builders.projects import Way
from tests.web.public.conftest import statements
from tests.web.public.test_estimate import plain

GAIN = Stratum(850, ((44, 45), (45, 46.2), (43, 44.3), (46, 47.1)))
LOSS = Stratum(850, ((46, 44), (46.5, 45), (45.5, 43), (48.2, 46)))
MUCH = Stratum(850, ((44, 61), (45, 63.5), (43, 60.5), (46, 64.2)))


def measured(
    session: Session, at: datetime, stratum: Stratum, slug: str, *, cast: Any, sealed: datetime
) -> Way:
    """A project with a projection sealed on a day, and one published measurement."""
    way = build.admitted(session, at=at, slug=slug, cast=cast)
    soil.projected(session, way, at=sealed)
    measurement_id = measurements.submit(
        session,
        actor=way.cast.steward,
        at=at,
        project_id=way.project_id,
        baseline_on=date(2021, 11, 1),
        sampled_on=date(2026, 11, 1),
        depth_cm=30,
        strata=[stratum],
        laboratory="Laboratory of the plain",
        laboratory_method="dry combustion",
    )
    outcomes.publish_measurement(
        session, actor=way.cast.clerk, at=at, measurement_id=measurement_id
    )
    return way


@pytest.fixture
def told(embedded: Database, at: datetime) -> None:
    """One value inside its range, one above, one below, one promised late, one not yet there."""
    before = at - timedelta(days=100)

    def fill(session: Session) -> None:
        people = build.a_cast(session, at=at)
        for slug, stratum in (("inside", GAIN), ("above", MUCH), ("below", LOSS)):
            measured(session, at, stratum, slug, cast=people, sealed=before)
        measured(session, at, GAIN, "late", cast=people, sealed=at)
        build.admitted(session, at=at, slug="not-yet", cast=people)

    embedded.run(fill)


def text(client: FlaskClient, path: str = "/promises-scored") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return plain(answer.get_data(as_text=True))


def test_values_are_counted_by_method_and_climate_with_an_exact_interval(
    told: None, client: FlaskClient, embedded: Database
) -> None:
    assert told is None
    with embedded.reading() as session, statements(embedded) as asked:
        found = calibration.scored(session)
    assert len(asked) == 2
    assert (found.whole.score.inside, found.whole.score.count) == (1, 3)
    assert (found.whole.below, found.whole.above) == (1, 1)
    assert (found.late, found.without, found.not_measured, found.projects) == (1, 0, 1, 3)
    assert [one.key for one in found.by_method] == ["ipcc2019-tier1"]
    assert [one.key for one in found.by_climate] == ["warm_temperate_moist"]
    assert (found.whole.score.low, found.whole.score.high) == (
        pytest.approx(0.008404, abs=1e-6),
        pytest.approx(0.905701, abs=1e-6),
    )
    seen = text(client)
    assert "1 of 3 measured values lie inside the range we had published" in seen
    assert "These are 3 values. That is very few" in seen
    assert "anywhere from 1 to 91 in a hundred" in seen
    assert "1 measured value is left out: its projection was sealed after the cores" in seen
    assert "The soil of 1 project is not yet measured." in seen
    assert "loss detected" in seen
    assert phrases.scan(seen, "en") == ()
    # one set of books for all of it: making projects is what takes time
    the_drawing_has_words_that_state_each_result(client)
    programs_get_the_same(client)
    a_withdrawn_project_still_counts(embedded, client)


def the_drawing_has_words_that_state_each_result(client: FlaskClient) -> None:
    seen = client.get("/promises-scored").get_data(as_text=True)
    description = seen.split('id="promise-desc">')[1].split("</desc>")[0]
    assert description.count("tC/ha") == 3
    assert "below the range" in description
    assert seen.count("<circle") >= 3


def programs_get_the_same(client: FlaskClient) -> None:
    found = client.get("/promises-scored.json").get_json()
    assert found["all"]["inside"] == 1
    assert found["promised_share"] == 0.9
    assert {one["place"] for one in found["values"]} == {"below", "within", "above"}
    assert "tonnes" not in str(found)
    moved = client.get("/calibration")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/promises-scored")


def test_without_a_value_the_page_says_that_nobody_knows(client: FlaskClient) -> None:
    assert "Nobody knows how good our ranges are." in text(client)


@pytest.mark.parametrize(
    ("inside", "count", "said"),
    [
        (20, 40, "our ranges are too narrow"),
        (400, 400, "wider than they claim"),
        (36, 40, "does not contradict nine in ten"),
    ],
)
def test_many_values_judge(inside: int, count: int, said: str, app: Any) -> None:
    whole = calibration.Group("", arithmetic.score(inside, count), 0, 0)
    found = Scored((), whole, (), (), 0, 0, 0, 0)
    with app.test_request_context("/"):
        assert said in page.verdict(found)
        assert "very few" not in page.few(whole.score)


def a_withdrawn_project_still_counts(embedded: Database, client: FlaskClient) -> None:
    def withdraw(session: Session) -> None:
        session.execute(sql("UPDATE project SET status = 'withdrawn' WHERE slug = 'below'"))

    embedded.run(withdraw)
    assert "1 of 3 measured values" in text(client)


def test_the_empty_tables_are_read_by_our_own_reader(client: FlaskClient) -> None:
    names = None
    for path in ("/soil-file.csv", "/soil-file.xlsx"):
        answer = client.get(path)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        table = layer_files.opened(answer.data)
        assert list(table.rows) == []
        names = names or table.headings
        assert table.headings == names
    assert names is not None
    filled = io.StringIO()
    writer = csv.DictWriter(filled, names)
    writer.writeheader()
    assert {"taken_on", "density_basis", "soc_percent"} <= set(names)


def test_an_outcome_without_a_promise_is_counted_apart(embedded: Database, at: datetime) -> None:
    def fill(session: Session) -> None:
        way = build.admitted(session, at=at, slug="bare")
        measurement_id = measurements.submit(
            session,
            actor=way.cast.steward,
            at=at,
            project_id=way.project_id,
            baseline_on=date(2021, 11, 1),
            sampled_on=date(2026, 11, 1),
            depth_cm=30,
            strata=[GAIN],
            laboratory="Laboratory",
            laboratory_method="dry combustion",
        )
        outcomes.publish_measurement(
            session, actor=way.cast.clerk, at=at, measurement_id=measurement_id
        )

    embedded.run(fill)
    with embedded.reading() as session:
        found = calibration.scored(session)
    assert (found.without, found.late, found.whole.score.count) == (1, 0, 0)
