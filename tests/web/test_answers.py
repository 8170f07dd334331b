"""Does an application read as people write: words for codes, money, dates, tables?"""

from collections.abc import Iterator

import pytest
from flask import Flask

from offset.projects.questions import QUESTIONS, missing
from offset.web import answers
from tests.builders import projects as build


@pytest.fixture
def request_in(app: Flask) -> Iterator[Flask]:
    with app.test_request_context("/"):
        yield app


def test_every_question_has_words_and_every_choice_a_label(request_in: Flask) -> None:
    assert request_in.name == "offset"
    for question in QUESTIONS:
        label, _hint = answers.words(question)
        assert label
        for code, text in answers.choices(question):
            assert text, code
            assert "_" not in text, code


def test_countries_are_those_of_the_standard(request_in: Flask) -> None:
    assert request_in.name == "offset"
    [question] = [q for q in QUESTIONS if q.name == "country"]
    codes = {code for code, _name in answers.choices(question)}
    assert {"FR", "NE", "CI", "XK"} <= codes
    assert not {"EU", "ZZ", "UN", "AC"} & codes
    names = [name for _code, name in answers.choices(question)]
    assert names.index("Åland Islands") < names.index("Belgium")


def test_answers_are_written_out(request_in: Flask) -> None:
    assert request_in.name == "offset"
    document = build.answers(
        money={"co_funders": ["Region", "Bank"], "buys": [{"amount_minor": 3000, "what": "rye"}]},
        land={"latitude": 43.30512},
    )
    said = {
        (block.name, one.label): one for block in answers.told(document) for one in block.answers
    }
    assert said["land", "Area, hectares"].text == "850"
    assert said["land", "Latitude of the region's centre"].text == "43.30512"
    assert said["land", "The land was not forest before"].text == "Yes"
    assert said["project", "Country"].text == "France"
    assert said["practice", "Start"].text == "1 October 2021"
    assert said["practice", "Main practice"].text == "Cover crops"
    assert said["money", "Amount asked for"].text == "€51,000.00"
    assert said["money", "Co-funders"].text == "Region, Bank"
    assert said["money", "What an amount does"].rows == (("€30.00", "rye"),)
    indicators = said["benefits", "Indicators"]
    assert indicators.columns[0] == "Family"
    assert indicators.rows[0][:5] == ("Food and income", "Maize yield", "t/ha", "9", "9.5")
    [only] = answers.told(document, only="monitoring")
    assert only.title == "How you will measure"


def test_a_missing_cell_is_a_dash(request_in: Flask) -> None:
    assert request_in.name == "offset"
    row = {
        "family": "soil_carbon",
        "name": "Cover",
        "unit": "%",
        "baseline": None,
        "target": 95.0,
        "evidence": "asserted",
        "source": "survey",
    }
    [block] = answers.told({"benefits": {"indicators": [row]}})
    assert block.answers[0].rows == (
        ("Soil carbon", "Cover", "%", "–", "95", "asserted", "survey"),
    )


def test_what_is_left_is_told_by_block_in_words(request_in: Flask) -> None:
    assert request_in.name == "offset"
    document = build.answers()
    document["benefits"]["indicators"].pop()
    del document["land"]["soil"]
    assert answers.left(missing(document)) == {
        "land": ("Kind of soil",),
        "benefits": ("Indicators: Soil carbon",),
    }
    assert answers.left(()) == {}
