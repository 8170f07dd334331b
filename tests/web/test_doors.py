"""Health, robots, site map, fixed texts, the webhook, compression and the demonstration's mails."""

import gzip
import logging
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, TryLater
from offset.gateways.mailer import FolderCarrier
from offset.people import phrases
from offset.web.pages import NAMES, text_of
from tests.fakes import FrozenClock
from tests.web.conftest import Absent, Receiver, build, settings_with

LANGUAGES = ("en", "fr", "es")
SITE_MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_process_is_alive_without_a_database(unreachable: FlaskClient) -> None:
    answer = unreachable.get("/healthz")
    assert answer.get_json() == {"status": "alive"}
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_readiness_names_what_is_wrong(clock: FrozenClock) -> None:
    checks = {
        "fine": lambda _services: None,
        "late": lambda _services: "missed: outbox",
        "gone": lambda services: services.database.anything,
    }
    client = build(settings_with(), Absent(), clock, checks=checks).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["faults"] == {"late": "missed: outbox", "gone": "unreachable"}


def test_readiness_is_plain_when_all_is_well(clock: FrozenClock) -> None:
    client = build(
        settings_with(), Absent(), clock, checks={"fine": lambda _services: None}
    ).test_client()
    assert client.get("/readyz").status_code == 200


def test_robots_stay_out_of_private_rooms_in_every_language(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").get_data(as_text=True).splitlines()
    for room in ("/account", "/steward", "/committee", "/secretariat", "/gift/", "/api"):
        for prefix in ("", "/fr", "/es"):
            assert f"Disallow: {prefix}{room}" in lines
    assert "Sitemap: http://localhost/sitemap.xml" in lines


def test_the_site_map_lists_public_pages_in_their_languages(
    embedded: Database, clock: FrozenClock
) -> None:
    listing = lambda: [("/projects/zai-pits", clock.now().date())]  # noqa: E731 - one line
    client = build(settings_with(), embedded, clock, listing=listing).test_client()
    root = ET.fromstring(client.get("/sitemap.xml").data)  # noqa: S314 - our own page
    found = [each.text for each in root.iter(f"{SITE_MAP}loc")]
    assert "http://localhost/terms" in found
    assert "http://localhost/fr/terms" in found
    assert "http://localhost/es/projects/zai-pits" in found
    assert [each.text for each in root.iter(f"{SITE_MAP}lastmod")] == ["2026-11-15"] * 3
    private = ("/account", "/sign-in", "/secretariat", "/steward", "/committee", "/healthz")
    assert not [one for one in found if one and any(room in one for room in private)]


def test_finders_of_faults_know_where_to_write(client: FlaskClient) -> None:
    text = client.get("/.well-known/security.txt").get_data(as_text=True)
    assert "Contact: mailto:platform@demo.example\n" in text
    assert "Expires: 2027-11-15T10:00:00Z" in text


@pytest.mark.parametrize(
    ("path", "place"),
    [("/.well-known/change-password", "/account"), ("/favicon.ico", "/static/mark.")],
)
def test_old_names_lead_on(client: FlaskClient, path: str, place: str) -> None:
    assert client.get(path).headers["Location"].startswith(place)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_fixed_text_exists_in_every_language(
    unreachable: FlaskClient, name: str, code: str
) -> None:
    prefix = "" if code == "en" else f"/{code}"
    answer = unreachable.get(f"{prefix}/{name}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert f"<h1>{text_of(name, code).title}</h1>" in page
    assert f'<html lang="{code}" dir="ltr">' in page
    for other in LANGUAGES:
        shown = "" if other == "en" else f"/{other}"
        assert f'hreflang="{other}" href="http://localhost{shown}/{name}"' in page
    assert phrases.scan(str(text_of(name, code).body), language=code) == ()


@pytest.mark.parametrize("name", ["terms", "privacy", "legal"])
def test_legal_texts_are_marked_as_unconfirmed(name: str) -> None:
    marks = {"en": "To be confirmed", "fr": "À confirmer", "es": "Por confirmar"}
    for code in LANGUAGES:
        assert marks[code] in text_of(name, code).body


def test_a_notice_of_the_processor_reaches_its_receiver(
    client: FlaskClient, receiver: Receiver
) -> None:
    answer = client.post("/webhooks/stripe", data=b"{}", headers={"Stripe-Signature": "t=1"})
    assert answer.status_code == 200
    assert receiver.taken == [(b"{}", "t=1")]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Forbidden("signature_wrong"), 400),
        (InvalidInput("event_unreadable"), 400),
        (TryLater("processor_unreachable"), 503),
        (RuntimeError("broken"), 500),
    ],
)
def test_a_bad_notice_is_refused_and_logged_without_its_content(
    client: FlaskClient,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    status: int,
) -> None:
    receiver.fault = fault
    with caplog.at_level(logging.INFO, logger="offset.web"):
        answer = client.post("/webhooks/stripe", data=b"card 4242", headers={"Origin": "null"})
    assert answer.status_code == status
    assert caplog.records
    assert "4242" not in caplog.text


def test_a_notice_is_bounded(client: FlaskClient, receiver: Receiver) -> None:
    assert client.post("/webhooks/stripe", data=b"x" * 1_000_001).status_code == 413
    assert receiver.taken == []


def test_a_long_page_travels_compressed(unreachable: FlaskClient) -> None:
    packed = unreachable.get("/terms", headers={"Accept-Encoding": "gzip"})
    plain = unreachable.get("/terms")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 2 < len(plain.data)
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_short_answer_travels_as_it_is(unreachable: FlaskClient) -> None:
    answer = unreachable.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


@pytest.fixture
def demonstration(tmp_path: Path, clock: FrozenClock) -> Flask:
    settings = replace(settings_with(OFFSET_MAIL_URL=f"file:{tmp_path}"), demonstration=True)
    return build(settings, Absent(), clock)


def kept_mail(folder: Path, subject: str) -> None:
    message = EmailMessage()
    message["Subject"], message["To"], message["Date"] = subject, "a@b.c", "today"
    message["Message-ID"] = f"<{subject.encode().hex()}@x>"
    message.set_content("Open http://localhost/sign-in/abc <now>")
    FolderCarrier(folder).carry(message)


def test_the_demonstration_shows_its_mails(demonstration: Flask, tmp_path: Path) -> None:
    client = demonstration.test_client()
    assert "No mail yet." in client.get("/demo/mail").get_data(as_text=True)
    kept_mail(tmp_path, "Hello")
    listing = client.get("/demo/mail").get_data(as_text=True)
    path = f"/demo/mail/{b'Hello'.hex()}"
    assert f'href="{path}"' in listing
    mail = client.get(path).get_data(as_text=True)
    assert '<a href="http://localhost/sign-in/abc"' in mail
    assert "&lt;now&gt;" in mail


@pytest.mark.parametrize("name", ["none", "..%2f..%2fsecret", "a.b"])
def test_other_files_are_no_mail(demonstration: Flask, name: str) -> None:
    assert demonstration.test_client().get(f"/demo/mail/{name}").status_code == 404


def test_only_this_machine_reads_the_mails(demonstration: Flask) -> None:
    client = demonstration.test_client()
    answer = client.get("/demo/mail", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 404


def test_outside_the_demonstration_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/demo/mail").status_code == 404


def test_the_demonstrations_bank_hands_out_its_next_statement(
    tmp_path: Path, clock: FrozenClock
) -> None:
    settings = replace(settings_with(), demonstration=True, data_dir=tmp_path)
    client = build(settings, Absent(), clock).test_client()
    assert client.get("/demo/statement").status_code == 404
    (tmp_path / "demo-statement.xml").write_text("<Document/>")
    answer = client.get("/demo/statement")
    assert answer.data == b"<Document/>"
    assert answer.headers["Content-Disposition"] == "attachment; filename=demo-statement.xml"


def test_every_address_of_the_site_map_answers(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").data)  # noqa: S314 - our own page
    found = [
        str(each.text).removeprefix("http://localhost") for each in root.iter(f"{SITE_MAP}loc")
    ]
    assert len(found) > 20
    told = {path: client.get(path).status_code for path in found}
    assert {path: status for path, status in told.items() if status != 200} == {}
