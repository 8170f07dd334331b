"""Do the desk's pages of payees, orders and deputies do the work and keep to their rights?"""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from offset.people.access import Role
from offset.treasury import proposals
from offset.treasury.payees import read_account
from tests.builders import treasury as build
from tests.web.secretariat.test_pages import Desk, desk, furnished

__all__ = ["desk", "furnished"]
LIST = Path(__file__).parents[2] / "data" / "sanctions" / "eu-export.xml"
FILE: dict[str, Any] = {
    "legal_name": "Association green-bridges",
    "register": "RNA",
    "number": "W1",
    "town": "Montpellier",
    "country": "FR",
    "evidence": "Extract of 3 March",
    "governors": "Otto Invented, President, 1990\nGrace Hopeful, Treasurer",
}


def organisation(desk: Desk) -> str:
    found = re.search(r"/secretariat(/organisations/[0-9a-f-]{36})", desk.get("/organisations"))
    assert found is not None
    return found[1]


def test_an_organisation_becomes_known_and_a_likeness_is_decided(desk: Desk) -> None:
    desk.clock.advance(days=60)
    desk.sit(Role.CLERK)
    path = organisation(desk)
    told = desk.post("/organisations/list", 422, file=(io.BytesIO(b"<html/>"), "x.xml"))
    assert "consolidated list" in told
    assert "Choose a file first" in desk.post("/organisations/list", 422)
    upload = (io.BytesIO(LIST.read_bytes()), "list.xml")
    desk.post("/organisations/list", at="/organisations", file=upload)
    assert "10 November 2026" in desk.get("/organisations")
    wrong = desk.post(f"{path}/file", 422, **{**FILE, "governors": "Otto Invented"})
    assert "Say which office Otto Invented holds" in wrong
    desk.post(f"{path}/file", at=f"{path}/file", **FILE)
    page = desk.get(path)
    assert "Otto Invented" in page
    assert "a likeness waits for a decision" in page
    assert "Grace Hopeful" in desk.get(f"{path}/file")
    hit = re.search(r"/hits/[0-9a-f-]{36}", page)
    assert hit is not None
    assert "Fill this in" in desk.post(f"{path}{hit[0]}", 422, outcome="cleared", reason="")
    desk.post(f"{path}{hit[0]}", at=path, outcome="cleared", reason="Born in 1990.")
    assert "Born in 1990." in desk.get(path)
    desk.post(f"{path}/compare", at=path)
    desk.sit(Role.APPROVER)
    for shown in (path, "/organisations"):
        page = desk.get(shown)
        for hidden in ("Otto", "Grace", "Born in 1990."):
            assert hidden not in page
    desk.get(f"{path}/file", 403)


def test_the_approver_lands_on_what_waits_and_opening_decides_nothing(desk: Desk) -> None:
    at = desk.clock.now()
    payment = desk.database.run(build.a_payment, desk.house, at=at, approved=False)
    desk.sit(Role.APPROVER)
    assert desk.client.get("/secretariat").headers["Location"].endswith("/secretariat/approvals")
    answer = desk.client.get("/secretariat/approvals")
    assert answer.headers["Location"].endswith(f"/approvals/{payment}")
    path = f"/approvals/{payment}"
    for _ in range(2):
        assert "Payment to approve" in desk.get(path)
    assert "Fill this in" in desk.post(f"{path}/refuse", 422, reason=" ")
    desk.clock.advance(hours=1)
    assert desk.client.get(f"/secretariat{path}").headers["Location"].startswith("/sign-in/again")
    assert "sign-in of the last minutes" in desk.post(f"{path}/approve", 403)
    desk.sit(Role.APPROVER)
    desk.post(f"{path}/approve", at=path)
    assert "Nothing waits for you" in desk.get("/approvals")
    assert "Decided by" in desk.get(path)
    desk.sit(Role.CLERK)
    desk.get(path, 403)


def test_the_bank_gets_a_file_and_abroad_a_sheet(desk: Desk) -> None:
    at = desk.clock.now()
    payment = desk.database.run(build.a_payment, desk.house, at=at)
    desk.sit(Role.CLERK)
    assert "SEPA file" in desk.get("/bank-orders")
    order = f"/disbursements/{payment}/order"
    told = {"account": "B1", "currency": "KES", "rate": "x", "agreed_with": "Desk"}
    told["agreed_on"] = at.date().isoformat()
    assert "is not a rate" not in desk.post(order, 422, **told)
    desk.post("/bank-orders", at="/bank-orders", account="B1")
    assert "is made" in desk.post("/bank-orders", 422, account="B1")
    file = re.search(r"/bank-orders/[0-9a-f-]{36}\.xml", desk.get("/bank-orders"))
    assert file is not None
    assert "DISB-2026-0001" in desk.post(file[0], 200)
    assert "s file B1-20261010" in desk.get(f"/disbursements/{payment}")


def test_proposed_details_are_called_back(desk: Desk) -> None:
    at = desk.clock.now()
    desk.database.run(build.a_payee, desk.house, at=at)
    proposal = desk.database.run(
        proposals.propose,
        actor=desk.house.way.cast.steward,
        at=at,
        project_id=desk.house.way.project_id,
        holder="Association green-bridges",
        account=read_account(number="DE89370400440532013000"),
        reason="Another bank",
    )
    desk.sit(Role.CLERK)
    assert "to call back" in desk.get("/disbursements")
    path = f"/proposals/{proposal}"
    call = {"outcome": "confirmed", "spoke_with": "Grace", "number_called": ""}
    assert "Fill this in" in desk.post(path, 422, **call)
    desk.post(path, at=path, **{**call, "number_called": "+33 1"})
    assert "No account waits" not in desk.get("/disbursements")
    assert desk.client.get(f"/secretariat{path}").status_code == 303


def test_days_away_warn_and_a_deputy_is_appointed_by_somebody_else(desk: Desk) -> None:
    desk.sit(Role.CLERK)
    page = desk.get("/away")
    (own,) = re.findall(r'<option[^>]*value="([0-9a-f-]{36})"', page)
    on = (desk.clock.now() + timedelta(days=3)).date().isoformat()
    days = {"starts_on": on, "ends_on": on}
    assert "Your roles do not include this" in desk.post("/away", 422, person="x", **days)
    desk.post("/away", at="/away", person=own, **days)
    assert "A second person will be missing" in desk.get("/away")
    assert "A second person will be missing" in desk.get("/overview")
    back = re.search(r"/away/[0-9a-f-]{36}/take-back", desk.get("/away"))
    assert back is not None
    desk.post("/deputies", 403)
    desk.sit(Role.ADMINISTRATOR)
    other = re.findall(r'value="([0-9a-f-]{36})"', desk.get("/away"))
    people = [one for one in dict.fromkeys(other) if one != own]
    told = {"deputy_starts_on": on, "deputy_ends_on": on, "reason": "Holidays", "absent": own}
    refused = desk.post("/deputies", 422, deputy=own, **told)
    assert "Nobody is their own deputy" in refused
    chosen = next(one for one in people if one == str(desk.house.treasurer.user_id))
    desk.post("/deputies", at="/away", deputy=chosen, **told)
    assert "acts for" in desk.get("/away")
    ending = re.search(r"/deputies/[0-9a-f-]{36}/end", desk.get("/away"))
    assert ending is not None
    desk.post(ending[0], at="/away")
    assert "ended" in desk.get("/away")
    desk.sit(Role.CLERK)
    desk.post(back[0], at="/away")


@pytest.mark.parametrize("path", ["/organisations", "/bank-orders", "/away"])
def test_auditors_read_and_change_nothing(desk: Desk, path: str) -> None:
    desk.database.run(build.a_payment, desk.house, at=desk.clock.now())
    desk.sit(Role.AUDITOR)
    desk.get(path)
    if path != "/away":
        desk.post(f"{path}/list" if path == "/organisations" else path, 403)
