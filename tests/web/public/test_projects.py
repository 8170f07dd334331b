"""Do project pages show the books, in a number of statements that does not grow?"""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from offset.database.session import Database
from offset.ledger import chart
from offset.money import Money, parse_money
from offset.people import phrases
from offset.projects import assessments
from offset.projects.models import Verdict
from offset.projects.queries import Claim
from offset.sandbox import demo_projects
from offset.web.public import claims
from tests.builders import money as books
from tests.builders.giving import Given
from tests.builders.projects import Way
from tests.web.public.conftest import PICTURE, statements
from tests.web.public.test_estimate import plain, text_of


def a_claim(verdict: Verdict, change: float, low: float, high: float, **more: object) -> Claim:
    values: dict[str, object] = {
        "verdict": verdict,
        "change": change,
        "low": low,
        "high": high,
        "years": 5.0,
        "sampled_on": datetime(2026, 9, 1).date(),  # noqa: DTZ001 - only its date is used
        "projected": 1.7,
        "projected_low": 0.9,
        "projected_high": 2.9,
        "overlap": "within",
        "difference_percent": None,
        "synthetic": True,
        **more,
    }
    return Claim(**values)  # type: ignore[arg-type] # the builder's keywords are those of Claim


@pytest.mark.parametrize("postings", [10, 500])
def test_a_page_asks_twelve_times_at_most_whatever_the_postings(
    client: FlaskClient, embedded: Database, project: Way, at: datetime, postings: int
) -> None:
    def fill(session: Session) -> None:
        books.fill_pool(session, 100_000, at=at, on=at.date())
        for _ in range(postings // 2):
            books.allocate(
                session,
                at=at,
                on=at.date(),
                project_id=project.project_id,
                account=chart.project("P0001", "EUR"),
                minor=100,
                decision_id=project.decision_id,
                admission_id=project.admission_id,
            )

    embedded.run(fill)
    with statements(embedded) as asked:
        html = text_of(client, f"/projects/{project.slug}")
    assert f"Allocated, not yet paid</span><b>€{postings / 2:.2f}" in html
    assert len(asked) <= 12, "\n\n".join(asked)


def test_the_same_cents_stand_on_page_list_and_ledger(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    give("60.00 EUR", project)
    for path in (f"/projects/{project.slug}", "/projects", "/ledger"):
        assert "€55.85" in text_of(client, path), path


def test_a_page_names_the_assessment_and_its_criteria(client: FlaskClient, project: Way) -> None:
    told = plain(text_of(client, f"/projects/{project.slug}"))
    for words in (
        "Formative assessment",
        "criteria version",
        "Human rights",
        "Soil organic carbon",
        "2 reviewers",
        "Admitted by the secretariat",
        "Storage can be reversed",
        "Position rounded to 10 km",
    ):
        assert words in told, words
    assert phrases.scan(told) == ()


def test_the_three_families_come_in_their_order(client: FlaskClient, project: Way) -> None:
    html = text_of(client, f"/projects/{project.slug}")
    places = [html.index(f"<h3>{name}") for name in ("Food and income", "Water and", "Soil carbon")]
    assert places == sorted(places)


def test_the_demonstration_s_pages_hold_charts_with_tables(
    client: FlaskClient, embedded: Database, at: datetime
) -> None:
    demo_projects.load_projects(embedded, start=at)
    html = text_of(client, "/projects/bearn-cover-crops")
    assert 'class="chart num"' in html
    assert "<desc id=" in html
    assert "Show the data as a table" in html
    assert "Gain measured after 5 years" in html
    laikipia = text_of(client, "/projects/laikipia-grazing")
    assert "No change detected after 5 years" in laikipia
    dunes = client.get("/projects/miracle-dunes")
    assert dunes.status_code == 404
    told = text_of(client, "/projects")
    assert told.count('class="card"') == 8
    for slug in ("bearn-cover-crops", "highlands-compost", "casamance-mangrove"):
        page = plain(text_of(client, f"/projects/{slug}"))
        assert phrases.scan(page) == (), slug
        assert not re.search(r"\d\s?(t|tonnes)\s?CO", page)


def test_projects_are_filtered_and_sorted_by_the_address(
    client: FlaskClient, embedded: Database, at: datetime
) -> None:
    demo_projects.load_projects(embedded, start=at)
    assert text_of(client, "/projects?country=FR").count('class="card"') == 1
    assert text_of(client, "/projects?status=open").count('class="card"') == 8
    assert text_of(client, "/projects?country=FR&status=funded").count('class="card"') == 0
    by_title = text_of(client, "/projects?sort=title")
    titles = re.findall(r"<h3><a[^>]*>([^<]+)", by_title)
    assert titles == sorted(titles, key=str.casefold)


def test_a_picture_is_served_for_ever_by_its_content(client: FlaskClient) -> None:
    answer = client.get(f"/photos/{PICTURE}")
    assert answer.status_code == 200
    assert answer.content_type == "image/webp"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(f"/photos/{'b' * 64}.webp").status_code == 404


def test_a_withdrawn_project_keeps_its_books(
    client: FlaskClient,
    embedded: Database,
    project: Way,
    give: Callable[..., Given],
    at: datetime,
) -> None:
    give("60.00 EUR", project)
    embedded.run(
        assessments.change_status,
        actor=project.cast.steward,
        at=at,
        project_id=project.project_id,
        step="withdraw",
        reason="The association dissolved.",
    )
    told = plain(text_of(client, f"/projects/{project.slug}", 410))
    assert "was withdrawn" in told
    assert "€55.85" in told
    assert project.slug not in text_of(client, "/projects")
    assert "€55.85" in text_of(client, f"/ledger?project={project.slug}")


def test_no_project_of_that_name(client: FlaskClient) -> None:
    assert client.get("/projects/nowhere").status_code == 404
    assert client.get("/photos/../secret.webp").status_code == 404
    assert client.get("/photos/x.png").status_code == 404


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (
            a_claim(Verdict.GAIN, 2.0, 0.6, 3.4),
            (
                "Gain measured after 5 years: +2.0 tC/ha (95 % 0.6 to 3.4)"
                " at equivalent soil mass, within the projected range."
            ),
        ),
        (
            a_claim(Verdict.NO_CHANGE, -0.19, -0.96, 0.59),
            (
                "No change detected after 5 years (−0.2 tC/ha, 95 % −1.0 to 0.6,"
                " at equivalent soil mass), within the projected range."
            ),
        ),
        (
            a_claim(Verdict.LOSS, -1.2, -2.0, -0.4, overlap="below", difference_percent=-140.0),
            (
                "Loss measured after 5 years: −1.2 tC/ha (95 % −2.0 to −0.4)"
                " at equivalent soil mass, below the projected range, 140 % less than projected."
            ),
        ),
        (
            a_claim(Verdict.GAIN, 5.0, 4.0, 6.0, overlap=None, projected=None),
            "Gain measured after 5 years: +5.0 tC/ha (95 % 4.0 to 6.0) at equivalent soil mass.",
        ),
    ],
)
def test_the_claim_follows_verdict_and_overlap(
    client: FlaskClient, claim: Claim, words: str
) -> None:
    with client.application.test_request_context("/"):
        assert claims.headline(claim, None) == words


def test_a_chance_is_never_certain(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        assert claims.chance(1.0) == "above 99 %"
        assert claims.chance(0.0) == "below 1 %"
        assert claims.chance(0.868) == "87 %"
        assert claims.signed(-0.04, 1) == "0.0"


def test_a_project_nobody_projected_says_so(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        assert claims.headline(None, None) == "Neither projected nor measured yet."
        assert claims.context(None, None) == ""


def test_needed_is_what_is_missing_to_the_target(
    client: FlaskClient, project: Way, give: Callable[..., Given]
) -> None:
    def missing() -> Money:
        html = text_of(client, f"/projects/{project.slug}")
        found = re.search(r"Still to fund</span><b>([^<]+)", html)
        assert found is not None
        return parse_money(found.group(1), "EUR")

    before = missing()
    give("60.00 EUR", project)
    assert before - missing() == Money(5585, "EUR")
