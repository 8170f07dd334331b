"""Does every method have a page that says what its own constants say?"""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from calculators.flight.methods import METHOD_IDS
from calculators.flight.methods.papers import paper, papers
from calculators.flight.validation import report
from offset.people import phrases
from offset.web.public import method_words, texts


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_list_names_every_method_once(client: FlaskClient) -> None:
    page = client.get("/methods").get_data(as_text=True)
    linked = re.findall(r'<h3><a href="/methods/([^"]+)"', page)
    assert sorted(linked) == sorted(METHOD_IDS)
    assert "needs the model of the aircraft" in page


@pytest.mark.parametrize("method", METHOD_IDS)
def test_a_page_holds_formula_factors_sources_and_oddities(
    client: FlaskClient, method: str
) -> None:
    told = paper(method)
    answer = client.get(f"/methods/{method}")
    page = words(answer.get_data(as_text=True))
    assert answer.status_code == 200
    for line in told.formula:
        assert " ".join(line.formula.split()) in page
    for factor in told.factors[:40]:
        assert str(factor.value) in page
    for source in told.sources:
        assert " ".join(source.title.split()) in page
    for oddity in told.oddities:
        assert oddity.text in page
    assert told.info.licence in page


def test_there_is_no_page_of_another_method(client: FlaskClient) -> None:
    assert client.get("/methods/guess").status_code == 404


def test_everything_a_paper_says_has_words_in_other_languages() -> None:
    meanings = {str(text) for text in method_words.MEANINGS}
    for told in papers():
        assert {line.meaning for line in told.formula} <= meanings
        assert {one.code for one in told.oddities} <= set(method_words.ODDITIES)
        assert {factor.name for factor in told.factors} <= set(method_words.FACTORS)
        assert told.info.id in texts.SCOPES
        assert told.info.id in texts.METHODS
        assert told.info.boundary in method_words.BOUNDARIES
        assert texts.family(told.info.id) in texts.FAMILIES


def test_the_words_say_what_the_papers_say() -> None:
    for told in papers():
        for oddity in told.oddities:
            assert str(method_words.ODDITIES[oddity.code]) % {} == oddity.text


@pytest.mark.parametrize("prefix", ["", "/fr", "/es"])
def test_no_forbidden_claim_and_nothing_inline(client: FlaskClient, prefix: str) -> None:
    for path in ("/methods", "/methods/tim-3", "/methods/desnz-2025-wtt", "/validation"):
        page = client.get(f"{prefix}{path}").get_data(as_text=True)
        assert phrases.scan(words(page)) == ()
        assert "style=" not in page


def test_the_site_map_names_every_method(client: FlaskClient) -> None:
    told = client.get("/sitemap.xml").get_data(as_text=True)
    assert all(f"/methods/{method}<" in told for method in METHOD_IDS)
    assert "/why" not in told


def test_the_validation_page_shows_every_value(client: FlaskClient) -> None:
    told = report()
    page = client.get("/validation").get_data(as_text=True)
    body = page[page.index('id="g-') :]
    assert len(re.findall(r"<tr>", body)) == len(told.checks) + len(told.groups)
    assert f"{len(told.checks)} published values" in words(page)
    for verdict in ("exact", "outside"):
        assert f"{told.count(verdict)} {method_words.VERDICTS[verdict]}" in words(page)
    for statement in told.statements:
        assert " ".join(statement.text.split()) in words(page)
    assert '<desc id="strip-desc">' in page


def test_the_words_of_the_report_are_complete() -> None:
    told = report()
    assert {one.code for one in told.statements} == set(method_words.STATEMENTS)
    for code, text in told.reasons.items():
        assert str(method_words.NO_LIMIT[code]) == text
