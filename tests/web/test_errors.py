import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from wtforms import StringField

from offset import errors
from offset.errors import (
    ConfigurationError,
    Conflict,
    Forbidden,
    InvalidInput,
    LedgerRefused,
    NotFound,
    OffsetError,
    Refused,
    StateRefused,
    TryLater,
)
from offset.ledger import guards
from offset.money import Money
from offset.web.errors import blame, sentence_of, status_of
from offset.web.fields import Form
from offset.web.security import public
from offset.web.sentences import SENTENCES
from tests.fakes import FrozenClock
from tests.web.conftest import Absent, build, settings_with, token_of

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, OffsetError)
}


def raised_codes() -> Iterator[tuple[str, frozenset[str], str]]:
    """Every code that the source writes out, with the values it gives and where."""
    for path in sorted((ROOT / "offset").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in KINDS or not node.args:
                continue
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                told = frozenset(word.arg or "**" for word in node.keywords)
                yield code.value, told, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_code_that_is_raised_has_a_sentence() -> None:
    found = list(raised_codes())
    assert len(found) > 100
    assert [place for code, _, place in found if code not in SENTENCES] == []


def test_every_raise_gives_the_values_its_sentence_asks_for() -> None:
    lacking = [
        (place, name)
        for code, told, place in raised_codes()
        for name in re.findall(r"%\((\w+)\)s", SENTENCES.get(code, ""))
        if name not in told and "**" not in told
    ]
    assert lacking == []


def test_every_guard_of_the_books_has_a_sentence() -> None:
    assert set(guards.CONSTRAINTS.values()) <= set(SENTENCES)


def test_sentences_are_sentences() -> None:
    for code, sentence in SENTENCES.items():
        assert sentence.endswith((".", "?")), code
        assert sentence[0].isupper() or sentence[0] in "“%", code
        sentence % dict.fromkeys(re.findall(r"%\((\w+)\)s", sentence), "x")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (InvalidInput("a"), 422),
        (NotFound("a"), 404),
        (Forbidden("a"), 403),
        (Refused("a"), 409),
        (StateRefused("a"), 409),
        (LedgerRefused("a"), 409),
        (Conflict("a"), 409),
        (TryLater("a"), 503),
        (NotFound("project_withdrawn"), 410),
        (ConfigurationError(("a",)), 500),
    ],
)
def test_each_kind_has_its_status(fault: OffsetError, status: int) -> None:
    assert status_of(fault) == status


def test_values_are_written_for_people(app: Flask) -> None:
    with app.test_request_context("/fr/x", environ_overrides={"offset.language": "fr"}):
        assert "12,50\xa0€" in sentence_of(
            InvalidInput("amount_too_small", limit=Money(1250, "EUR"))
        )
        day = sentence_of(Refused("decision_expired", expires_on=date(2027, 10, 12)))
        assert "12 octobre 2027" in day
        at = datetime(2027, 10, 12, 10, 12, tzinfo=UTC)
        assert "10:12 UTC" in sentence_of(Refused("statement_known", imported_at=at))
        assert "a, b" in sentence_of(Refused("phrases_found", phrases=("a", "b")))


def test_an_unknown_code_and_a_lacking_value_still_give_a_sentence(app: Flask) -> None:
    with app.test_request_context("/"):
        assert "brand_new" in sentence_of(Refused("brand_new"))
        assert "amount_too_small" in sentence_of(InvalidInput("amount_too_small"))


class Two(Form):
    one = StringField()
    two = StringField()


def test_a_fault_stands_at_its_field_or_on_top(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"one": "kept"}):
        form = Two()
        blame(form, InvalidInput("amount_missing", field="one"))
        blame(form, Refused("same_person"))
        blame(form, InvalidInput("amount_zero", field="elsewhere"))
        assert list(form.one.errors) == ["State the amount."]
        assert form.one.data == "kept"
        assert len(form.form_errors) == 2


RAISED: dict[str, Callable[[], Any]] = {
    "422": lambda: (_ for _ in ()).throw(InvalidInput("amount_missing")),
    "404": lambda: (_ for _ in ()).throw(NotFound("project_unknown")),
    "403": lambda: (_ for _ in ()).throw(Forbidden("right_missing")),
    "409": lambda: (_ for _ in ()).throw(Conflict("already_approved")),
    "503": lambda: (_ for _ in ()).throw(TryLater("database_busy")),
    "410": lambda: (_ for _ in ()).throw(NotFound("project_withdrawn")),
    "500": lambda: 1 // 0,
    "400": lambda: abort(400),
    "413": lambda: abort(413),
    "415": lambda: abort(415),
    "429": lambda: abort(429),
    "418": lambda: abort(418),
    "502": lambda: abort(502),
    "ended": lambda: abort(app_response()),
}


def app_response() -> Any:
    from flask import Response  # noqa: PLC0415 - one line of this file

    return Response("ready made", 451)


@pytest.fixture
def broken(clock: FrozenClock) -> FlaskClient:
    """A client of an application whose pages fail and whose database must not be asked."""

    def routes(app: Flask) -> None:
        for name, view in RAISED.items():
            app.add_url_rule(f"/{name}", name, public(view))
            app.add_url_rule(f"/api/{name}", f"api-{name}", public(view))

    return build(settings_with(), Absent(), clock, before=routes).test_client()


@pytest.mark.parametrize("name", sorted(set(RAISED) - {"ended", "418", "502"}))
@pytest.mark.parametrize("prefix", ["", "/fr", "/es"])
def test_error_pages_need_no_database_and_no_sign_in(
    broken: FlaskClient, name: str, prefix: str
) -> None:
    with broken.session_transaction() as session:
        session["_user_id"] = "a secret that nobody looks up"
    answer = broken.get(f"{prefix}/{name}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == int(name)
    assert f'lang="{prefix[1:] or "en"}"' in text
    assert text.count("<h1>") == 1
    assert "Traceback" not in text
    assert "style=" not in text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_fault_of_ours_shows_the_number_of_the_request_and_nothing_else(
    broken: FlaskClient,
) -> None:
    answer = broken.get("/500", headers={"X-Request-ID": "find-me-in-the-log"})
    text = answer.get_data(as_text=True)
    assert "find-me-in-the-log" in text
    assert "ZeroDivisionError" not in text


@pytest.mark.parametrize(("name", "status"), [("418", 418), ("502", 502)])
def test_other_statuses_borrow_the_nearest_page(
    broken: FlaskClient, name: str, status: int
) -> None:
    assert broken.get(f"/{name}").status_code == status


def test_a_ready_made_answer_passes(broken: FlaskClient) -> None:
    assert broken.get("/ended").get_data() == b"ready made"


def test_a_busy_database_says_when_to_come_back(broken: FlaskClient) -> None:
    assert broken.get("/503").headers["Retry-After"] == "60"


def test_programs_get_a_problem_document(broken: FlaskClient) -> None:
    answer = broken.get("/api/422")
    assert answer.content_type == "application/problem+json"
    told = answer.get_json()
    assert told["status"] == 422
    assert told["code"] == "amount_missing"
    assert told["detail"] == "State the amount."
    assert broken.get("/api/500").get_json()["title"] == "Internal Server Error"


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_an_expired_form_keeps_what_was_typed(client: FlaskClient) -> None:
    client.get("/sign-in")
    answer = client.post(
        "/sign-in",
        data={"csrf_token": "old", "email": 'a"b@c.example', "next": "", "password": "secret"},
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Your entries are kept" in text
    assert 'value="a&#34;b@c.example"' in text
    assert "secret" not in text
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    again = client.post("/sign-in", data={"csrf_token": token, "email": "a@c.example", "next": ""})
    assert again.status_code == 200


def test_an_expired_upload_asks_for_the_file_again(client: FlaskClient) -> None:
    token_of(client, "/sign-in")
    data = {"csrf_token": "old", "file": (__import__("io").BytesIO(b"x"), "x.txt")}
    answer = client.post("/sign-in", data=data, content_type="multipart/form-data")
    assert "Your entries are kept" not in answer.get_data(as_text=True)
