"""Is there no banned phrase and no mass of carbon anywhere in public, in three languages?

Every public address is opened as the demonstration's projects fill it: pages, feeds, downloads.
Which addresses there are is read from the routes, so that a new one is crawled or named here.
"""

import re
from datetime import datetime
from typing import Final

from flask.testing import FlaskClient

from offset.database.session import Database
from offset.people import phrases
from offset.projects import queries
from offset.sandbox import demo_projects
from offset.web.security import policies

_SHOWN: Final = ("bearn-cover-crops", "laikipia-grazing", "sahel-parkland")
# A sum of carbon with a mass unit and no area behind it. Estimates of flights are pages of their
# own and are not about projects.
_MASS: Final = re.compile(
    r"\d[\d.,\u202f\u00a0 ]*\s?(?:t|kt|Mt|kg|tonnes?|tons?|toneladas?)\s?(?:of |de |d’)?"
    r"(?:CO2|CO₂|(?:carbon|carbone|carbono|tCO2|C)\b)"
    r"(?!\s?/|\s+(?:per|par|por|et par)\s+(?:hectare|hectárea))",
)
_CROWD: Final = (
    "/projects",
    "/projects?q=maize&sort=title",
    "/projects?from=CDG&to=JNB",
    "/projects?country=XX",
    "/projects.csv",
    "/projects.json",
    "/projects.geojson",
    "/updates.atom",
    "/updates.json",
    "/data/",
    "/follow",
)
_OF_A_PROJECT: Final = (
    "",
    "?known=2026-11-01",
    ".csv",
    ".json",
    ".geojson",
    "/updates",
    "/years",
    "/updates.atom",
    "/updates.json",
    "/concern",
    "/follow",
)


def addresses(database: Database, language: str) -> list[str]:
    """All of them in English; in another language one project, as the others say nothing else."""
    with database.reading() as session:
        told = queries.latest(session, limit=20 if language == "en" else 3)
    shown = _SHOWN if language == "en" else _SHOWN[1:2]
    found = [*_CROWD]
    found += [f"/projects/{slug}{end}" for slug in shown for end in _OF_A_PROJECT]
    found += [f"/projects/{one.slug}/updates/{one.update.id}" for one in told]
    return found


def seen(html: str) -> str:
    """Everything a reader or a machine reads: texts, and the attributes that hold words."""
    spoken = re.findall(r'(?:alt|title|aria-label|content|placeholder)="([^"]*)"', html)
    plain = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join((plain, *spoken))


def test_no_banned_phrase_and_no_mass_of_carbon_about_projects(
    client: FlaskClient, embedded: Database, at: datetime
) -> None:
    demo_projects.load_projects(embedded, start=at)
    for prefix, language in (("", "en"), ("/fr", "fr"), ("/es", "es")):
        for path in addresses(embedded, language):
            answer = client.get(f"{prefix}{path}")
            assert answer.status_code == 200, path
            told = seen(answer.get_data(as_text=True))
            assert phrases.scan(told, language=language) == (), (prefix, path)
            assert _MASS.findall(told) == [], (prefix, path)


def test_a_mass_of_carbon_would_be_found() -> None:
    for told in ("removes 7,836 t CO2", "12 tonnes of carbon", "12 tonnes de carbone", "5 kt CO₂"):
        assert _MASS.search(told), told
    for told in (
        "0.4 tonnes of carbon per hectare and year",
        "0.4 tC/ha/yr",
        "tC/ha",
        "30 cm",
        "12 t/ha of maize",
        "+1.9 tC/ha",
    ):
        assert not _MASS.search(told), told


def test_every_public_address_about_projects_is_crawled(client: FlaskClient) -> None:
    told = policies(client.application)
    rules = {
        rule.rule
        for rule in client.application.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.rule.startswith(("/projects", "/updates", "/data", "/follow"))
        and not (told[rule.endpoint].signed_in or told[rule.endpoint].private)
    }
    crawled = {path.partition("?")[0] for path in _CROWD}
    crawled |= {f"/projects/<slug>{end.partition('?')[0]}" for end in _OF_A_PROJECT}
    crawled.add("/projects/<slug>/updates/<uuid:update_id>")
    assert rules <= crawled
