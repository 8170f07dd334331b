"""Does a steward see the money on its way, confirm it, and does the secretariat read that?"""

from offset.people.access import Role
from tests.builders import projects as build
from tests.builders import treasury
from tests.web.rooms import House, Visitor

WORD = {"received_on": "2026-11-15", "amount": "809 801", "currency": "xof", "note": "Fees: 900."}


def test_what_arrived_is_confirmed_corrected_and_read_at_the_desk(
    house: House, steward: Visitor
) -> None:
    money = house.database.run(treasury.a_house, at=house.at())
    payment = house.database.run(treasury.a_payment, money, at=house.at())
    path = f"/steward/projects/{money.way.project_id}/payments"
    page = steward.get(path)
    assert "€1,900.00" in page.plain
    assert "ordered at the bank" in page.plain
    wrong = steward.post(f"{path}/{payment}", {**WORD, "currency": "francs"}, expect=422)
    assert "three letters" in wrong.plain
    assert wrong.controls()["note"] == "Fees: 900."
    steward.post(f"{path}/{payment}", WORD)
    steward.post(f"{path}/{payment}", {**WORD, "amount": "809901"})
    assert "809 901 XOF" in steward.get(path).plain
    desk = house.visit(house.people.clerk).get(f"/secretariat/disbursements/{payment}")
    assert "What the project says arrived" in desk.plain
    assert "Fees: 900." in desk.plain
    stranger = house.visit(
        house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    )
    stranger.get(path, 404)
    stranger.post(f"{path}/{payment}", WORD, expect=404)
