"""Does the desk say why small gifts wait, end it, and show who issues receipts under which law?"""

import re
from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Flask

from offset.database.session import Database
from offset.giving import annual, guarded, receipts
from offset.giving.models import ReceiptChoice
from offset.people import settings
from offset.people.access import Role
from tests.builders.giving import an_open_gift, deliver
from tests.builders.receipts import FRENCH
from tests.fakes import FrozenClock
from tests.fakes_giving import FakeProcessor
from tests.giving.test_guarded import happen
from tests.web.secretariat.test_pages import Desk


@pytest.fixture
def desk(app: Flask, embedded: Database, clock: FrozenClock) -> Desk:
    found = Desk(app, embedded, clock, cast("Any", None))
    found.sit(Role.CLERK)
    return found


NAMED = {
    "legal_name": "Secretariat",
    "country": "France",
    "regime": "NONE",
    "reason": "The receiver is known.",
}


def test_the_desk_says_why_small_gifts_wait_and_ends_it(desk: Desk) -> None:
    assert "contributions of every size are taken" in desk.get("/guard")
    at = desk.clock.now()
    desk.database.run(happen, 14, 2, at=at, made=at)
    desk.database.run(guarded.watch, at=at)
    desk.clock.set(at + timedelta(minutes=1))
    assert "Small contributions wait since" in desk.get("")
    told = desk.get("/guard")
    assert "14 cards were refused and 2 paid within 30 minutes" in told
    assert "Contributions below 20" in told
    desk.post("/guard/end", 422, reason=" ")
    desk.post("/guard/end", at="/guard", reason="A test of ours.")
    told = desk.get("/guard")
    assert "contributions of every size are taken" in told
    assert "A test of ours." in told
    assert "Small contributions wait since" not in desk.get("")
    assert "there is nothing to end" in desk.post("/guard/end", 422, reason="again")


def test_who_may_not_end_it_sees_no_button(desk: Desk) -> None:
    at = desk.clock.now()
    desk.database.run(happen, 14, 2, at=at, made=at)
    desk.database.run(guarded.watch, at=at)
    desk.sit(Role.AUDITOR)
    told = desk.get("/guard")
    assert "small contributions wait" in told
    assert "/secretariat/guard/end" not in told
    desk.post("/guard/end", 403, reason="mine")


def test_the_issuer_is_plain_until_somebody_who_may_sets_another(desk: Desk) -> None:
    told = desk.get("/issuer")
    assert "none: a plain receipt for a payment" in told
    assert "It says that it is no tax receipt" in told
    assert "article 222 bis" in told
    assert "As installed; nobody has changed it." in told
    assert "Set the issuer from now on" not in told
    desk.post("/issuer", 403, **NAMED)
    desk.sit(Role.ADMINISTRATOR)
    desk.post("/issuer", 422, **{**NAMED, "reason": ""})
    lacking = desk.post("/issuer", 422, **{**NAMED, "regime": "FR_200"})
    assert "also needs: address, siren / rna, object, article" in lacking
    desk.post("/issuer", 422, **{**NAMED, "regime": "XX"})
    desk.post("/issuer", at="/issuer", **NAMED)
    french = {**FRENCH, "reason": "The rescrit came."}
    desk.post("/issuer", at="/issuer", **french)
    told = desk.get("/issuer")
    for words in ("The receiver is known.", "The rescrit came.", "FR_200"):
        assert words in told, words
    with desk.database.reading() as session:
        held = settings.current(session, "issuer")
    assert held.version == 2
    assert held.value["regime"] == "FR_200"


@pytest.mark.parametrize("year", ["2019", "abc", "99999999999", "", "-1", "²"])
def test_a_year_that_is_none_is_this_one(desk: Desk, year: str) -> None:
    assert f"No receipt was issued in {desk.clock.now().year}." in desk.get(f"/issuer?year={year}")


def test_a_receipt_of_the_year_is_counted_and_sent_again(desk: Desk) -> None:
    at = desk.clock.now()
    processor = FakeProcessor(at)
    given = an_open_gift(desk.database, processor, at=at)
    desk.database.run(receipts.choose, given.pledge.token, ReceiptChoice.ANNUAL, at=at)
    for sent in processor.pay(given.session_id):
        deliver(desk.database, processor, sent, at=at)
    desk.clock.set(at + timedelta(days=50))
    annual.issue_due(desk.database, at=desk.clock.now())
    desk.sit(Role.TREASURER)
    told = desk.get("/issuer")
    assert re.search(r"<td class=\"r\" data-label=\"Receipts\">\s*1\s*</td>", told)
    (path,) = re.findall(r'action="/secretariat(/receipts/annual/[^"]+/send-again)"', told)
    desk.post(path, at="/issuer")
    assert "The receipt is being sent again." in desk.get("/issuer?sent=again")
    with desk.database.reading() as session:
        (line,) = annual.lines(session)
    assert line.covers_year == at.year
    desk.sit(Role.AUDITOR)
    desk.post(path, 403)
