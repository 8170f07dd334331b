"""Does every sentence speak French and Spanish, with its placeholders and without false claims?"""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from offset.people import phrases

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
METHODS = [
    ("offset/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
# A narrow no-break space before ; ? and !, a wide one before : and % and inside « »,
# so that no line of a page, a mail or a paper begins with a mark.
LOOSE_MARK = re.compile(
    "[ \N{NO-BREAK SPACE}](?=[;?!])"
    "|[ \N{NARROW NO-BREAK SPACE}](?=:(?![\\w/]))"
    "|«(?!\N{NO-BREAK SPACE})|(?<!\N{NO-BREAK SPACE})»"
    "|(?<=[\\w)])[ \N{NARROW NO-BREAK SPACE}](?=%%|%(?![(\\w]))"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def _written() -> set[str]:
    """Every sentence of code and templates, the singular where there are two."""
    found = set()
    for _name, _line, message, _comments, _context in extract_from_dir(
        ROOT, METHODS, keywords=KEYWORDS
    ):
        found.add(message[0] if isinstance(message, tuple) else message)
    return {text for text in found if text}


def _catalogue(language: str) -> Catalog:
    path = ROOT / "offset" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as text:
        return read_po(text, locale=language)


@pytest.fixture(scope="module")
def written() -> set[str]:
    found = _written()
    assert len(found) > 1_000  # an extraction that finds nothing would find no fault
    return found


@pytest.mark.parametrize("language", ["fr", "es"])
def test_catalogue_is_complete(language: str, written: set[str]) -> None:
    catalogue = _catalogue(language)
    missing = []
    for text in written:
        message = catalogue.get(text)
        told = message.string if message else ""
        told = told if isinstance(told, tuple) else (told,)
        if message is None or message.fuzzy or not all(told):
            missing.append(text)
    assert missing == []


@pytest.mark.parametrize("language", ["fr", "es"])
def test_placeholders_are_kept(language: str) -> None:
    for message in _catalogue(language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for text in told:
            assert set(PLACEHOLDER.findall(text)) <= wanted | set(PLACEHOLDER.findall(ids[0])), text
        assert set(PLACEHOLDER.findall(told[-1])) == wanted, told[-1]


def test_no_french_mark_can_begin_a_line() -> None:
    texts = [page.read_text() for page in sorted((ROOT / "templates" / "pages").glob("*.fr.md"))]
    assert texts
    for message in _catalogue("fr"):
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        texts += told if message.id else ()
    found = {text: LOOSE_MARK.findall(text) for text in texts}
    assert {text: marks for text, marks in found.items() if marks} == {}


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_no_sentence_claims_what_the_law_forbids(language: str, written: set[str]) -> None:
    texts = written
    if language != "en":
        texts = {
            text
            for message in _catalogue(language)
            if message.id
            for text in (message.string if isinstance(message.string, tuple) else (message.string,))
        }
    hits = {text: phrases.scan(text, language) for text in texts}
    assert {text: found for text, found in hits.items() if found} == {}
