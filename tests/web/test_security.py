from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, redirect
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.people import signin
from offset.people.access import Right, Role
from offset.web.security import (
    accepts,
    by_link,
    content_security_policy,
    current_actor,
    limited,
    own_path,
    policies,
    policy,
    public,
    signed_in,
)
from tests.fakes import FrozenClock
from tests.web.conftest import Absent, build, settings_with, token_of


def some_routes() -> Blueprint:
    """Routes with every kind of policy, named after it."""
    routes = Blueprint("some", __name__)

    @routes.get("/open")
    @public
    def everybody() -> str:
        return "open"

    @routes.get("/linked")
    @by_link
    def linked() -> str:
        return "linked"

    @routes.get("/mine")
    @signed_in
    def mine() -> str:
        return str(current_actor().user_id)

    @routes.route("/desk", methods=["GET", "POST"])
    @policy(Right.MATCH)
    def desk() -> str:
        return "desk"

    @routes.post("/often")
    @public
    @limited("2 per minute")
    @limited("1 per minute", field="email")
    def often() -> str:
        return "done"

    @routes.post("/large")
    @public
    @accepts(3_000_000)
    def large() -> str:
        return "taken"

    return routes


@pytest.fixture
def app(embedded: Database, clock: FrozenClock) -> Flask:
    return build(
        settings_with(), embedded, clock, before=lambda app: app.register_blueprint(some_routes())
    )


def test_a_route_without_a_policy_stops_the_start(clock: FrozenClock) -> None:
    def bare(app: Flask) -> None:
        app.add_url_rule("/bare", "bare", lambda: "bare")

    with pytest.raises(LookupError, match="bare"):
        build(settings_with(), Absent(), clock, before=bare)


def test_flasks_own_static_route_stops_the_start() -> None:
    with pytest.raises(LookupError, match="static"):
        policies(Flask("offset"))


def test_a_public_page_asks_nobody_and_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/open")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "X-Robots-Tag" not in answer.headers


def test_a_page_by_link_is_neither_stored_nor_listed(client: FlaskClient) -> None:
    answer = client.get("/linked")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_stranger_is_sent_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/fr/mine?a=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/fr/sign-in?next=%2Ffr%2Fmine%3Fa%3D1"


def test_a_stranger_who_posts_is_refused(client: FlaskClient) -> None:
    assert client.post("/desk").status_code == 403


def test_rights_come_from_the_database_at_each_request(
    client: FlaskClient, sign_in: Callable[..., None], embedded: Database
) -> None:
    sign_in(Role.CLERK)
    assert client.get("/desk").status_code == 200
    assert client.get("/mine").headers["Cache-Control"] == "no-store"
    with embedded.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE role_grant SET revoked_at = granted_at")
    refused = client.get("/desk")
    assert refused.status_code == 403
    assert "Your roles do not include this" in refused.get_data(as_text=True)


def test_a_signed_in_person_without_the_right_is_refused(
    client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.STEWARD)
    assert client.get("/desk").status_code == 403


def test_staff_rooms_stay_closed_without_a_second_factor_where_it_is_required(
    embedded: Database, clock: FrozenClock, client: FlaskClient, sign_in: Callable[..., None]
) -> None:
    sign_in(Role.CLERK)
    with client.session_transaction() as session:
        secret = session["_user_id"]
    strict = build(
        settings_with(OFFSET_SECOND_FACTOR="required"),
        embedded,
        clock,
        before=lambda app: app.register_blueprint(some_routes()),
    ).test_client()
    with strict.session_transaction() as session:
        session["_user_id"] = secret
    assert strict.get("/mine").status_code == 200
    turned = strict.get("/desk")
    assert turned.status_code == 302
    assert "/account/second-factor?next=%2Fdesk" in turned.headers["Location"]


def test_an_ended_sign_in_is_ended_at_once(
    client: FlaskClient, sign_in: Callable[..., None], embedded: Database, clock: FrozenClock
) -> None:
    sign_in()
    assert client.get("/mine").status_code == 200
    with client.session_transaction() as session:
        secret = session["_user_id"]
    embedded.run(signin.end, secret=secret, at=clock.now())
    assert client.get("/mine").status_code == 302


def test_use_keeps_a_browser_signed_in(
    client: FlaskClient, sign_in: Callable[..., None], clock: FrozenClock
) -> None:
    sign_in()
    for _hours in range(3):
        clock.advance(hours=11)
        assert client.get("/mine").status_code == 200
    clock.advance(hours=13)
    assert client.get("/mine").status_code == 302


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    assert client.post("/large").status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
    ],
)
def test_a_form_of_another_site_is_refused(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    token = token_of(client, "/sign-in")
    answer = client.post("/large", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == status


def test_attempts_are_counted_by_address_and_by_field(client: FlaskClient) -> None:
    token = token_of(client, "/sign-in")

    def post(email: str) -> int:
        return client.post("/often", data={"csrf_token": token, "email": email}).status_code

    assert post("a@b.example") == 200
    assert post(" A@B.example ") == 429, "the field has had its one"
    assert post("c@d.example") == 200
    assert post("e@f.example") == 429, "the address has had its two"


def test_a_body_is_bounded_before_it_is_read(client: FlaskClient) -> None:
    token = token_of(client, "/sign-in")
    words = "x" * 400_000
    small = {"csrf_token": token, "a": words, "b": words}
    large = {**small, "c": words, "d": words}
    assert client.post("/large", data=large).status_code == 200
    assert client.post("/often", data={**large, "email": "e@f.example"}).status_code == 413


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/open", "/nothing-here", "/healthz", "/static/none.css", "/desk"]
)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"X-Request-ID": "trace-12345"})
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["X-Request-ID"] == "trace-12345"
    told = dict(
        (line.split(" ", 1) + [""])[:2]
        for line in answer.headers["Content-Security-Policy"].split("; ")
    )
    assert told["default-src"] == "'none'"
    assert told["script-src"] == told["style-src"] == "'self'"
    assert told["object-src"] == told["base-uri"] == told["frame-ancestors"] == "'none'"
    assert told["form-action"] == "'self' http://127.0.0.1:8420"


def test_a_request_id_that_could_forge_a_log_line_is_replaced(client: FlaskClient) -> None:
    given = client.get("/open", headers={"X-Request-ID": "short"}).headers["X-Request-ID"]
    assert given != "short"
    assert len(given) == 32


def test_stripes_own_pages_take_the_form_without_a_stand_in() -> None:
    told = content_security_policy(settings_with(STRIPE_API_BASE=""))
    assert "form-action 'self' https://checkout.stripe.com https://billing.stripe.com;" in told


def test_over_tls_the_cookie_is_host_bound_and_the_site_says_so(
    embedded: Database, clock: FrozenClock
) -> None:
    settings = settings_with(OFFSET_PUBLIC_URL="https://give.example")
    client = build(settings, embedded, clock).test_client()
    answer = client.get("/sign-in", base_url="https://give.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-offset=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    "path", ["/", "/fr/gift/abc-_9", "/secretariat?state=to-do&page=2", "/projects/zai~1"]
)
def test_own_paths_lead_back(path: str) -> None:
    assert own_path(path, "/nowhere") == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nSet-Cookie: x",
        "/%2f/evil\\",
        "javascript:alert(1)",
        "relative",
        " /x",
    ],
)
def test_other_places_do_not(path: str) -> None:
    assert own_path(path, "/nowhere") == "/nowhere"


def test_a_redirect_of_a_view_keeps_its_headers(clock: FrozenClock) -> None:
    def away(app: Flask) -> None:
        view = public(lambda: redirect("/elsewhere"))
        app.add_url_rule("/away", "away", view)

    answer = build(settings_with(), Absent(), clock, before=away).test_client().get("/away")
    assert answer.status_code == 302
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
