"""Do the pages of good practices say what the data set holds, and nothing else?"""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from calculators.soil import practices
from offset.people import phrases
from offset.web import labels
from offset.web.public import practice_words
from tests.builders.projects import Way

PLACE = "climate=warm_temperate_moist&soil=high_activity_clay_soils"


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def listed(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/practices?{query}").get_data(as_text=True)
    return re.findall(r'<h3><a href="/practices/([^"?]+)', page)


def test_the_list_names_every_practice_once(client: FlaskClient) -> None:
    assert listed(client) == [one.id for one in practices.practices()]
    assert "10 practices" in words(client.get("/practices").get_data(as_text=True))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("soil=organic_or_wet", ["mangrove_restoration"]),
        ("system=coast", ["mangrove_restoration"]),
        ("system=perennial_cropland", ["orchard_restoration", "biochar"]),
        ("climate=polar_dry", ["biochar"]),
        ("system=coast&climate=boreal_dry", []),
    ],
)
def test_climate_soil_and_system_narrow_the_list(
    client: FlaskClient, query: str, expected: list[str]
) -> None:
    assert listed(client, query) == expected


def test_an_unknown_word_is_no_filter(client: FlaskClient) -> None:
    assert len(listed(client, "climate=moon&soil='&system=%00")) == len(practices.practices())


def test_no_practice_is_said_with_a_way_out(client: FlaskClient) -> None:
    page = words(client.get("/practices?system=coast&climate=boreal_dry").get_data(as_text=True))
    assert "No practice of this data set fits these filters." in page
    assert "Show all 10 practices" in page


def test_a_place_shows_what_each_practice_brings_there(client: FlaskClient) -> None:
    page = words(client.get(f"/practices?{PLACE}").get_data(as_text=True))
    # 0.189 with two chances in three, 0.04 to 0.45: as the demonstration's project on this land
    assert "0.19 tC/ha/yr or more with two chances in three; 9 in 10: 0.04 to 0.45" in page
    assert "counted once, by the tonne spread" in page
    assert "Trees on grassland" in page
    one_system = client.get(f"/practices?{PLACE}&system=grassland").get_data(as_text=True)
    assert "Trees on grassland" in one_system
    assert "Trees on annual crops" not in one_system


@pytest.mark.parametrize("one", practices.practices(), ids=lambda one: one.id)
def test_a_page_holds_rates_cautions_and_sources(
    client: FlaskClient, one: practices.Practice
) -> None:
    answer = client.get(f"/practices/{one.id}")
    page = words(answer.get_data(as_text=True))
    assert answer.status_code == 200
    for rate in one.rates:
        told = f"{rate.value}" if rate.value is not None else f"{rate.low} to {rate.high}"
        assert f"{told} tC/ha/yr" in page
        if rate.comparisons:
            assert f"{rate.comparisons} comparisons" in page
        if not rate.verified:
            assert "not read in the original" in page
    for code in one.cautions:
        assert str(practice_words.CAUTIONS[code]) in page
    for source in one.sources:
        assert source.title in page
        assert source.url in unescape(answer.get_data(as_text=True))
    assert "0.2 to 0.6 tC/ha/yr" in page


def test_a_place_without_a_default_borrows_none(client: FlaskClient) -> None:
    page = client.get("/practices/cover_crops?climate=polar_dry&soil=sandy_soils")
    assert "none is borrowed from another zone" in words(page.get_data(as_text=True))


def test_a_place_shows_every_factor_with_its_range(client: FlaskClient) -> None:
    page = words(
        client.get("/practices/agroforestry?climate=tropical_dry&soil=sandy_soils").get_data(
            as_text=True
        )
    )
    assert "Trees planted on: Cropland 1.25 1.22 to 1.28 Cardinael et al. 2018" in page
    assert "Land use: Annual crops 0.92 0.82 to 1.02" in page
    assert "Stock under native vegetation: Sandy soils 9.00 tC/ha 8.32 to 9.68" in page


def test_there_is_no_page_of_another_practice(client: FlaskClient) -> None:
    assert client.get("/practices/other").status_code == 404


def test_every_code_has_its_words() -> None:
    assert {code: str(text) for code, text in practice_words.CAUTIONS.items()} == dict(
        practices.CAUTIONS
    )
    assert set(practice_words.SYSTEMS) == set(practices.SYSTEMS)
    for one in practices.practices():
        assert one.id in labels.PRACTICES
        assert one.id in practice_words.WHAT
        assert one.id in practice_words.WHERE
        assert {rate.of for rate in one.rates} <= set(practice_words.RATES)
    assert practices.background().of in practice_words.RATES
    assert set(practices.climates()) == set(labels.CLIMATES)


@pytest.mark.parametrize("prefix", ["", "/fr", "/es"])
def test_no_forbidden_claim_and_nothing_inline(client: FlaskClient, prefix: str) -> None:
    for path in ("/practices", "/practices/agroforestry", "/practices/biochar"):
        page = client.get(f"{prefix}{path}?{PLACE}").get_data(as_text=True)
        assert phrases.scan(words(page)) == ()
        assert "style=" not in page


def test_a_project_leads_to_its_practice_in_its_own_place(
    client: FlaskClient, project: Way
) -> None:
    page = client.get(f"/projects/{project.slug}").get_data(as_text=True)
    (link,) = re.findall(r'href="(/practices/[^"]+)"', page)
    assert client.get(unescape(link)).status_code == 200
    assert re.fullmatch(r"/practices/[a-z_]+\?climate=[a-z_]+&amp;soil=[a-z_]+", link)


def test_the_site_map_names_every_practice(client: FlaskClient) -> None:
    told = client.get("/sitemap.xml").get_data(as_text=True)
    assert all(f"/practices/{one.id}<" in told for one in practices.practices())
    assert "/practices<" in told
