import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from offset.web.language import direction, install, language, page, page_in


def routes(app: Flask) -> None:
    def home() -> str:
        return f"{language()} {page('/x')} {url_for('other')} {page_in('en')} {page_in('fr')}"

    def other() -> str:
        return f"{language()} {direction()} {page_in('es')}"

    app.add_url_rule("/", "home", home)
    app.add_url_rule("/other", "other", other)


@pytest.fixture
def client() -> FlaskClient:
    """A client of two pages that know nothing but languages."""
    app = Flask("languages")
    routes(app)
    install(app)
    return app.test_client()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "en /x /other /?lang=en /fr/"),
        ("/fr/", "fr /fr/x /fr/other /?lang=en /fr/"),
        ("/fr", "fr /fr/x /fr/other /?lang=en /fr/"),
        ("/es/?leg=CDG-JNB", "es /es/x /es/other /?leg=CDG-JNB /fr/?leg=CDG-JNB"),
        ("/es/other", "es ltr /es/other"),
        ("/other?a=1", "en ltr /es/other?a=1"),
    ],
)
def test_the_prefix_is_the_language(client: FlaskClient, path: str, said: str) -> None:
    assert client.get(path).get_data(as_text=True) == said


@pytest.mark.parametrize("path", ["/french", "/de/other", "/fr/fr/other"])
def test_other_words_are_no_prefix(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "place"),
    [("fr-FR,fr;q=0.9,en;q=0.5", "/fr/"), ("es", "/es/"), ("pt,es;q=0.5", "/es/")],
)
def test_the_bare_front_page_speaks_the_browsers_language(
    client: FlaskClient, wanted: str, place: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (302, place)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("wanted", ["en-GB,fr;q=0.3", "de", "", "xx-invalid;q=abc"])
def test_english_is_what_remains(client: FlaskClient, wanted: str) -> None:
    assert client.get("/", headers={"Accept-Language": wanted}).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/?lang=en", {}),
        ("/?leg=CDG-JNB", {}),
        ("/other", {}),
        ("/", {"Referer": "http://localhost/fr/"}),
        ("/", {"Sec-Fetch-Site": "same-origin"}),
    ],
)
def test_an_explicit_choice_wins(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers={"Accept-Language": "fr", **headers})
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).startswith("en")
