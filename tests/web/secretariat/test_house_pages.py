"""Do the pages of people, settings, bank accounts and the trail do what they say, and no more?"""

import csv
import io
import re
from pathlib import Path

import pytest

from offset.database.session import Database
from offset.giving.models import DonationStatus
from offset.people import audit, jobs, settings, users
from offset.people.access import SYSTEM, Actor, Role
from offset.people.models import OutboxMessage, User
from offset.people.schedule import JOBS
from offset.people.settings import DEFAULTS
from offset.treasury import queries as treasury
from offset.web.secretariat import run_words
from offset.web.secretariat.setting_fields import PAGES, read, typed
from offset.web.secretariat.words import GIFT_STATUSES
from tests.fakes import FrozenClock
from tests.web.rooms import House, Visitor, a_house

IBAN = "FR76 3000 6000 0112 3456 7890 189"


@pytest.fixture
def house(embedded: Database, clock: FrozenClock, tmp_path: Path) -> House:
    return a_house(embedded, clock, tmp_path)


def person(house: House, name: str, *roles: Role) -> Actor:
    held = frozenset(roles)
    made = house.database.run(
        users.invite, actor=SYSTEM, at=house.at(), email=f"{name}@example.org", name=name,
        roles=held,
    )  # fmt: skip
    return Actor(made, held)


@pytest.fixture
def ada(house: House) -> Visitor:
    return house.visit(person(house, "ada", Role.ADMINISTRATOR))


def test_somebody_is_invited_joins_and_is_seen(house: House, ada: Visitor) -> None:
    told = {"name": "Cleo <b>", "email": "cleo@example.org", "language": "fr"}
    clash = ada.post("/secretariat/people", {**told, "roles": ["clerk", "stc_member"]}, expect=422)
    assert "may not score projects and move their money" in clash.plain
    assert clash.text.count("checked") == 2, "what was ticked stays ticked"
    ada.post("/secretariat/people", {**told, "roles": ["clerk"]})
    page = ada.get("/secretariat/people")
    assert "Cleo <b>" in page.plain
    assert "<b>" not in page.text.split("Cleo", 1)[1][:20]
    with house.database.reading() as session:
        row = session.query(OutboxMessage).filter_by(template="invitation").one()
        assert row.language == "fr"
        path = str(row.parameters["path"])
    stranger = Visitor(house.app.test_client())
    assert "Imports statements" in stranger.get(path).plain
    with house.database.reading() as session:
        assert session.query(User).filter_by(email="cleo@example.org").count() == 0
    joined = stranger.post(path)
    assert joined.place.endswith("/account/second-factor")
    assert stranger.get("/secretariat/statements").status == 200
    stranger.get(path, expect=404)
    stranger.get("/secretariat/people", expect=403)


def test_an_invitation_is_sent_again_and_withdrawn(house: House, ada: Visitor) -> None:
    ada.post(
        "/secretariat/people",
        {"name": "Cleo", "email": "cleo@example.org", "language": "en", "roles": ["clerk"]},
    )
    page = ada.get("/secretariat/people").text
    [again] = set(re.findall(r"/secretariat/people/invitations/\S+/send-again", page))
    ada.post(again)
    ada.post(again.replace("send-again", "withdraw"))
    ada.post(again, expect=404)
    with house.database.reading() as session:
        assert session.query(OutboxMessage).filter_by(template="invitation").count() == 2


def test_a_person_is_changed_by_another_and_told(house: House, ada: Visitor) -> None:
    ben = person(house, "ben", Role.CLERK)
    mine = f"/secretariat/people/{ben.user_id}"
    browser = house.visit(ben)
    assert browser.get("/secretariat/statements").status == 200
    ada.post(f"{mine}/roles", {"roles": ["stc_member"]})
    browser.get("/secretariat/statements", expect=403)
    refused = ada.post(f"{mine}/roles", {"roles": ["stc_member", "treasurer"]}, expect=409)
    assert "may not score projects" in refused.plain
    page = ada.get(mine)
    [login] = set(re.findall(rf"{mine}/sign-ins/\S+/end", page.text))
    ada.post(login)
    assert browser.get("/account", expect=302)
    ada.post(f"{mine}/disable", {"reason": " "}, expect=422)
    ada.post(f"{mine}/disable", {"reason": "left"})
    assert "account closed" in ada.get(mine).plain
    ada.post(f"{mine}/lost-phone", {"reason": "called back"})
    with house.database.reading() as session:
        acts = [line.action for line in audit.trail(session, object_id=str(ben.user_id))]
    assert {"person.disabled", "second_factor.forgotten", "login.ended", "role.revoked"} <= set(
        acts
    )


def test_nobody_changes_themselves(house: House) -> None:
    ada = person(house, "ada", Role.ADMINISTRATOR)
    visitor = house.visit(ada)
    mine = f"/secretariat/people/{ada.user_id}"
    page = visitor.get(mine)
    assert f"{mine}/roles" not in page.text
    assert f"{mine}/disable" not in page.text
    for what, told in (
        ("roles", {"roles": ["treasurer"]}), ("disable", {"reason": "x"}),
        ("lost-phone", {"reason": "x"}),
    ):  # fmt: skip
        assert visitor.post(f"{mine}/{what}", told, expect=409).plain
    with house.database.reading() as session:
        assert ada.user_id is not None
        assert users.roles_of(session, ada.user_id) == {Role.ADMINISTRATOR}


def test_rights_ask_for_a_fresh_sign_in(ada: Visitor, clock: FrozenClock) -> None:
    clock.advance(minutes=16)
    turned = ada.get("/secretariat/people", expect=302)
    assert "/sign-in/again" in turned.place
    assert "/sign-in/again" in ada.get("/secretariat/settings/rate/change", expect=302).place
    assert ada.get("/secretariat/settings").status == 200


def test_every_setting_has_a_page_and_reads_back_what_it_shows(house: House, ada: Visitor) -> None:
    assert set(PAGES) == set(DEFAULTS)
    assert "50.00" in ada.get("/secretariat/settings").plain
    for name, told in PAGES.items():
        assert ada.get(f"/secretariat/settings/{name}").status == 200
        if not told.fields:
            ada.get(f"/secretariat/settings/{name}/change", expect=404)
            continue
        assert read(name, DEFAULTS[name], typed(name, DEFAULTS[name])) == DEFAULTS[name]
        page = ada.get(f"/secretariat/settings/{name}/change")
        ada.post(f"/secretariat/settings/{name}/change", {**page.controls(), "reason": "Board"})
    with house.database.reading() as session:
        for name, told in PAGES.items():
            if told.fields:
                held = settings.current(session, name)
                assert (held.version, held.value) == (1, DEFAULTS[name])


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("share_bp", {"value": "20.01"}, "from 0 to 2000"),
        ("share_bp", {"value": "five"}, "is not an amount"),
        ("rate", {"EUR": "0"}, "not possible"),
        ("rate", {"EUR": ""}, "Fill this in"),
        ("rate", {"reason": " "}, "Fill this in"),
        ("amount_limits", {"minimum": "20", "maximum": "10"}, "not above the highest"),
        ("refund_days", {"value": "-1"}, "no whole number"),
        ("refund_days", {"value": "400"}, "from 0 to 365"),
        ("monthly_amounts", {"EUR": "10; 5"}, "larger than the one before"),
        ("fec", {"accounts": "nonsense"}, "cannot be read"),
        ("fec", {"rates": "USD 2025-02-30 1.1"}, "cannot be read"),
        ("preselected_amount", {"value": "everything"}, "Not a valid choice"),
        ("share_bp", {"value": "4", "seen": "7"}, "meanwhile"),
        ("share_bp", {"value": "4", "seen": "x"}, "meanwhile"),
    ],
)
def test_what_cannot_hold_is_told_and_kept_as_typed(
    house: House, ada: Visitor, name: str, changed: dict[str, str], words: str
) -> None:
    path = f"/secretariat/settings/{name}/change"
    told = {**ada.get(path).controls(), "reason": "Board", **changed}
    page = ada.post(path, told, expect=422)
    assert words in page.plain
    with house.database.reading() as session:
        assert settings.current(session, name).version == 0


def test_a_setting_shows_who_changed_it_and_why(house: House, ada: Visitor) -> None:
    path = "/secretariat/settings/share_bp"
    told = {**ada.get(f"{path}/change").controls(), "value": "4,5", "reason": "Board of May"}
    ada.post(f"{path}/change", told)
    page = ada.get(path)
    assert "4.50 %" in page.plain
    assert "ada: Board of May" in page.plain
    for name in ("issuer", "accepting", "attested"):  # changed elsewhere, told in words here too
        assert "{" not in ada.get(f"/secretariat/settings/{name}").plain
    assert "Legal name" in ada.get("/secretariat/settings/issuer").plain
    auditor = house.visit(person(house, "otto", Role.AUDITOR))
    assert f"{path}/change" not in auditor.get(path).text
    auditor.get(f"{path}/change", expect=403)


def test_a_bank_account_begins_its_books(house: House) -> None:
    tom = house.visit(person(house, "tom", Role.TREASURER))
    path = "/secretariat/bank-accounts/new"
    told = {
        "number": IBAN, "holder": "Soil House", "currency": "EUR", "opened_on": "2026-10-31",
        "opening": "1,250.50", "reason": "Contract of October",
    }  # fmt: skip
    for changed, words in (
        ({"number": IBAN[:-1] + "8"}, "a digit is wrong or missing"),
        ({"number": "x"}, "cannot be right"),
        ({"holder": " "}, "Fill this in"),
        ({"opened_on": "2027-01-01"}, "still to come"),
        ({"opening": "much"}, "is not an amount"),
        ({"currency": "XXX"}, "Not a valid choice"),
        ({"reason": ""}, "Fill this in"),
    ):
        assert words in tom.post(path, {**told, **changed}, expect=422).plain
    tom.post(path, told)
    tom.post(path, {**told, "number": "GB33BUKB20201555555555", "opening": "-3"})
    assert "already here" in tom.post(path, told, expect=422).plain
    with house.database.reading() as session:
        assert [one.code for one in treasury.accounts(session)] == ["B1", "B2"]
    assert "Assets:Bank:B2" in tom.get("/secretariat/bank-accounts").plain
    clerk = house.visit(person(house, "cleo", Role.CLERK))
    assert "A treasurer adds one" in clerk.get("/secretariat/bank-accounts").plain
    clerk.get(path, expect=403)


def test_the_trail_is_searched_and_taken_out(house: House, ada: Visitor) -> None:
    ben = person(house, "ben", Role.CLERK)
    ada.post(f"/secretariat/people/{ben.user_id}/disable", {"reason": '=1+1, "left"'})
    for asked, found in (
        ("actor=ada", True), ("actor=system", False), ("actor=otto", False),
        ("action=person", True), ("action=role.revoked", False), (f"id={ben.user_id}", True),
        ("since=2027-01-01", False), ("until=2020-01-01", False), ("type=user", True),
        ("actor=%25", False), (f"actor={ben.user_id}", False),
    ):  # fmt: skip
        page = ada.get(f"/secretariat/audit?{asked}")
        assert ("person disabled" in page.plain) is found, asked
    assert ada.get("/secretariat/audit?since=nonsense", expect=422)
    answer = ada.get("/secretariat/audit.csv?action=person.disabled")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode())))
    assert [(row["actor"], row["action"]) for row in rows] == [("ada", "person.disabled")]
    assert rows[0]["details"].startswith("reason=")
    with house.database.reading() as session:
        assert audit.trail(session, object_type="export")[0].action == "audit.exported"


def test_the_file_of_the_trail_has_every_line_once(house: House, ada: Visitor) -> None:
    def many(session: object) -> None:
        for number in range(2_105):
            audit.record(
                session, at=house.at(), actor=SYSTEM, action="tried.this",  # type: ignore[arg-type]  # a session
                object_type="thing", object_id=str(number),
            )  # fmt: skip

    house.database.run(many)
    rows = ada.get("/secretariat/audit.csv?type=thing").data.decode().splitlines()
    assert len(rows) == 2_106
    assert len(set(rows)) == 2_106


def test_ones_own_browsers_end_from_ones_own_page(house: House) -> None:
    cleo = person(house, "cleo", Role.CLERK)
    here, there = house.visit(cleo), house.visit(cleo)
    page = here.get("/account/devices")
    assert page.plain.count("signed in ") >= 2
    [end] = set(re.findall(r"/account/sign-ins/\S+/end\b", page.text))
    here.post(end)
    there.get("/account/devices", expect=302)
    third = house.visit(cleo)
    here.post("/account/sign-ins/end-others")
    third.get("/account/devices", expect=302)
    assert here.get("/account/devices").status == 200
    other = house.visit(person(house, "tom", Role.TREASURER))
    other.post(end, expect=404)


def test_every_job_has_a_name_at_the_desk(house: House, ada: Visitor) -> None:
    assert set(run_words.JOBS) == {*JOBS, "scheduler"}
    house.database.run(jobs.begin, name="annual_receipts", at=house.at())
    told = ada.get("/secretariat/overview").plain
    assert "Receipts of the year" in told
    assert "annual receipts" not in told


def test_every_state_of_a_gift_has_a_name_at_the_desk() -> None:
    assert set(GIFT_STATUSES) == set(DonationStatus)
