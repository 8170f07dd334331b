"""What no template may hold: the content policy would block it, or a reader would miss it."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from offset.web.language import LANGUAGES
from offset.web.templating import template_root
from tests.web.conftest import templates

NEVER = {
    "a style attribute": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "a handler in an attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "a script of its own": re.compile(r"<script(?![^>]*(?:\bsrc=|application/ld\+json))"),
    "a file of another site": re.compile(r"(?:src|action)=[\"']https?:"),
    "a positive tabindex": re.compile(r"tabindex=[\"'][1-9]"),
    "markup that is trusted unseen": re.compile(r"\{%-?\s*autoescape\s+false"),
}
# Documents are drawn, not served: their SVG and style stay inside the printer.
SERVED = [path for path in templates() if path.parent.name not in {"pdf", "email"}]


@pytest.mark.parametrize("what", NEVER)
def test_no_template_holds(what: str) -> None:
    found = [
        f"{path.relative_to(template_root())}: {hit.group(0)!r}"
        for path in SERVED
        for hit in NEVER[what].finditer(path.read_text())
    ]
    assert found == []


def test_every_posted_form_carries_its_token() -> None:
    form = re.compile(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", re.DOTALL | re.IGNORECASE)
    token = re.compile(r"hidden_tag\(|csrf_token\(\)|csrf_token\b[^>]*>")
    bare = [
        (path.name, found[:80])
        for path in SERVED
        for found in form.findall(path.read_text())
        if not token.search(found)
    ]
    assert bare == []


def test_images_have_a_text_in_their_place() -> None:
    bare = [
        (path.name, image)
        for path in SERVED
        for image in re.findall(r"<img\b[^>]*>", path.read_text(), re.DOTALL)
        if "alt=" not in image
    ]
    assert bare == []


def test_a_page_names_its_other_languages_and_its_own_address(client: FlaskClient) -> None:
    text = client.get("/fr/terms?utm=1").get_data(as_text=True)
    assert '<html lang="fr" dir="ltr">' in text
    assert '<link rel="canonical" href="http://localhost/fr/terms">' in text
    assert 'hreflang="x-default" href="http://localhost/terms"' in text
    for name in LANGUAGES.values():
        assert f">{name}</a>" in text


def test_the_navigation_names_no_room_that_is_absent(client: FlaskClient) -> None:
    text = client.get("/terms").get_data(as_text=True)
    paths = set(re.findall(r'href="(/[^"#?]*)', text))
    for path in sorted(paths):
        assert client.get(path).status_code in {200, 302}, path


def test_the_five_words_are_the_same_wherever_they_stand() -> None:
    from offset.giving.queries import STEPS  # noqa: PLC0415 - beside its counterpart
    from offset.web.donor import words  # noqa: PLC0415 - same

    assert tuple(words.STEPS) == STEPS


def test_every_language_has_its_fixed_texts() -> None:
    folder = template_root() / "pages"
    names = {path.name.split(".")[0] for path in folder.glob("*.md")}
    wanted = {Path(f"{name}.{code}.md").name for name in names for code in LANGUAGES}
    assert {path.name for path in folder.glob("*.md")} == wanted
