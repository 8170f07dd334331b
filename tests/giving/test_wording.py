"""Are the approved sentences complete, unchanged and free of what may never be written?"""

import importlib.resources
import string
from datetime import datetime

import pytest
from sqlalchemy import select

from offset.database.session import Database
from offset.errors import InvalidInput
from offset.giving import terms, wording
from offset.giving.models import Wording
from offset.ledger.models import SealedFact
from offset.people import settings
from offset.people.access import Role
from offset.people.phrases import scan
from tests.builders.projects import an_actor


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_sentence_passes_the_phrases_and_none_is_missing(language: str) -> None:
    told, english = wording.load(language), wording.load("en")
    assert told.texts.keys() == english.texts.keys()
    assert told.approver == "to be confirmed"
    for key, text in told.texts.items():
        assert scan(text, language) == (), key
        assert _holes(text) == _holes(english.texts[key]), key
    needed = {*wording.BESIDE_THE_BUTTON, *wording.ON_THE_RECEIPT, *wording.IN_THE_MAIL}
    assert needed <= told.texts.keys()


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_no_sentence_of_the_receipt_speaks_of_tonnes(language: str) -> None:
    for key in wording.ON_THE_RECEIPT:
        words = wording.load(language).texts[key].casefold()
        assert not any(unit in words for unit in ("tonne", "tonelada", "co2", " kg", "carbon"))


def test_the_receipt_says_sixty_euros_as_it_must() -> None:
    told = wording.load("en")
    lead = told.fill("contributed", amount="60.00 EUR")
    split = told.fill("split", projects="55.85 EUR", fee="1.15 EUR", share="3.00 EUR")
    assert f"{lead} {split}" == (
        "You contributed 60.00 EUR. 55.85 EUR of it goes to soil projects assessed by the STC; "
        "1.15 EUR was the card fee; 3.00 EUR the secretariat's share."
    )


@pytest.mark.parametrize(("key", "values"), [("nothing", {}), ("contributed", {})])
def test_a_missing_sentence_or_value_is_named(key: str, values: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="wording_unknown"):
        wording.load("en").fill(key, **values)


@pytest.mark.parametrize(("language", "version"), [("de", 1), ("en", 99)])
def test_an_unknown_version_or_language_is_refused(language: str, version: int) -> None:
    with pytest.raises(InvalidInput, match="wording_unknown"):
        wording.load(language, version)


def test_an_edited_file_is_found_out() -> None:
    file = importlib.resources.files(wording) / "v1.en.toml"
    document = file.read_text(encoding="utf-8")
    assert wording.read(document) == wording.load("en", 1)
    with pytest.raises(InvalidInput, match="wording_changed"):
        wording.read(document.replace("does not change", "lowers"))


def test_terms_become_sealed_facts_once(database: Database, at: datetime) -> None:
    admin = database.run(an_actor, Role.ADMINISTRATOR, at=at)
    for name, value in (("share_bp", 400), ("rate", {"EUR": 6000})):
        database.run(settings.change, name, value, actor=admin, at=at, reason="New year.")
    database.run(terms.seal, at=at)
    database.run(terms.seal, at=at)
    with database.reading() as session:
        kinds = sorted(session.scalars(select(SealedFact.kind)))
        published = session.scalars(select(Wording.language)).all()
    assert kinds == ["rate", "share", "wording", "wording", "wording"]
    assert sorted(published) == sorted(wording.LANGUAGES)


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
