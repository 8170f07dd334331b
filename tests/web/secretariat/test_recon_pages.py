"""Do the pages of the reconciliation do the whole work without JavaScript, at a fixed cost?"""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from offset.gateways.bank_files import BankFileReader
from offset.giving import booking, pledges
from offset.people.access import Role
from offset.treasury import payout_lines, payouts
from offset.treasury.screen import State
from tests.builders import treasury as build
from tests.builders.giving import deliver
from tests.fakes_giving import FakeProcessor
from tests.web.conftest import assembled, services_with, settings_with
from tests.web.secretariat.test_pages import AFTER, Desk, desk, furnished

__all__ = ["desk", "furnished"]
MOST_STATEMENTS = 15


def taken(desk: Desk, *lines: tuple[str, str], opening: str = "10000.00", name: str = "S") -> None:
    told = build.a_statement(
        *(build.a_line(amount, text, on=AFTER.date()) for amount, text in lines),
        opening=opening,
        reference=name,
        on=AFTER.date(),
    )
    desk.database.run(build.take_in, told, actor=desk.house.clerk, at=AFTER)


def a_pledge(desk: Desk, amount: str, name: str = "Jean Petit") -> pledges.Promised:
    return desk.database.run(
        pledges.promise,
        at=AFTER,
        amount=build.eur(amount),
        language="en",
        email="jean@demo.example",
        name=name,
        account=pledges.Account("4 per 1000", build.IBAN),
    )


def a_payout(desk: Desk, number: int, amount: str) -> None:
    facts = build.a_payout([], created=AFTER, number=number, amount=amount)
    desk.database.run(payouts.on_payout, facts, AFTER)


@pytest.mark.parametrize("count", [3, 600])
def test_the_first_page_asks_at_most_fifteen_statements(desk: Desk, count: int) -> None:
    a_payout(desk, 1, "30.00")
    desk.database.run(build.a_payment, desk.house, at=AFTER)
    taken(desk, ("30.00", "STRIPE"), *((f"{n % 90 + 1}.00", f"gift {n}") for n in range(count)))
    desk.get("/reconciliation")
    told: list[str] = []

    def note(_c: object, _k: object, sql: str, *_rest: object) -> None:
        if not sql.startswith(("BEGIN", "PRAGMA", "SELECT 1")):
            told.append(sql)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    page = desk.get("/reconciliation")
    event.remove(desk.database.engine, "before_cursor_execute", note)
    assert len(told) <= MOST_STATEMENTS, [sql[:90] for sql in told]
    assert "Certain" in page


def test_the_row_says_why_and_what_would_be_booked(desk: Desk) -> None:
    reference = a_pledge(desk, "40.00").reference
    taken(desk, ("40.00", reference))
    page = desk.get("/reconciliation")
    assert "Why certain:" in page
    assert "Proposed entry" in page
    panel = page.split("Proposed entry")[-1]
    assert panel.index("Assets:Bank:B1") < panel.index("Liabilities:Fund:Pool:EUR")
    for column in ("Payout of the processor", "Bank line", "Entries in the books"):
        assert column in page
    for key in ("J", "K", "M", "S", "N", "?"):
        assert f"<kbd>{key}</kbd>" in page


def test_whoever_comes_second_is_told_who_was_first(desk: Desk) -> None:
    taken(desk, ("5.00", "who"))
    line = desk.row("who").line_id
    path = f"/reconciliation/lines/{line}/match"
    desk.post(path, at="/reconciliation", choice="unidentified:")
    desk.sit(Role.TREASURER)
    told = desk.post(path, 409, choice="unidentified:")
    assert "This line has already been matched." in told
    assert "clerk matched it on" in told
    assert "Money from somebody unknown" in told


def test_certain_lines_are_confirmed_by_one_button_or_by_ticks(desk: Desk) -> None:
    for number, amount in enumerate(("30.00", "40.00", "50.00"), start=1):
        a_payout(desk, number, amount)
    taken(desk, ("30.00", "STRIPE a"), ("40.00", "STRIPE b"), ("50.00", "STRIPE c"), ("5.00", "w"))
    page = desk.get("/reconciliation")
    assert "Confirm all 3 certain on this page" in page
    ticked = [desk.row("STRIPE a").line_id, desk.row("w").line_id]
    told = desk.post("/reconciliation/ticked", 200, act="certain", line=ticked)
    assert "1 line was matched. 1 line stays open" in told
    assert desk.row("w").state is State.TO_CHECK
    told = desk.post("/reconciliation/ticked", 422, act="certain")
    assert "Tick a line first." in told
    named = re.findall(r'name="certain"\s+value="([0-9a-f-]{36})"', desk.get("/reconciliation"))
    assert len(named) == 2
    desk.post("/reconciliation/ticked", at="/reconciliation", act="page", certain=named)
    assert desk.screen().count(State.MATCHED) == 3


def test_several_lines_are_matched_with_one_thing(desk: Desk) -> None:
    a_payout(desk, 1, "70.00")
    taken(desk, ("30.00", "part one"), ("40.00", "part two"), ("1.00", "other"))
    (payout_id,) = _payouts(desk)
    ticked = [desk.row("part one").line_id, desk.row("part two").line_id]
    joined = {"act": "together", "choice": f"payout:{payout_id}"}
    told = desk.post(
        "/reconciliation/ticked", 409, **joined, line=[*ticked, desk.row("other").line_id]
    )
    assert "The amounts differ" in told
    told = desk.post("/reconciliation/ticked", 422, act="together", choice="x", line=ticked)
    assert "State the parts" in told
    desk.post("/reconciliation/ticked", at="/reconciliation", **joined, line=ticked)
    assert {desk.row(text).state for text in ("part one", "part two")} == {State.MATCHED}
    assert len({desk.row(text).matches[0].id for text in ("part one", "part two")}) == 1


def _payouts(desk: Desk) -> list[Any]:
    with desk.database.reading() as session:
        return [one.id for one in payout_lines.payout_lines(session)]


def test_one_line_is_matched_with_several_pledges(desk: Desk) -> None:
    told = [a_pledge(desk, amount).reference for amount in ("40.00", "60.00")]
    taken(desk, ("100.00", " ".join(told)))
    line = desk.row(told[0]).line_id
    page = desk.get(f"/reconciliation?open={line}")
    assert "2 together make the amount" in page
    form = page.split(f"/lines/{line}/together")[1]
    choice = re.search(r'name="choice"\s+value="([^"]+)"', form)
    assert choice is not None
    path = f"/reconciliation/lines/{line}/together"
    wrong = desk.post(path, 422, choice="x:y")
    assert "State the parts" in wrong
    desk.post(path, at="/reconciliation", choice=choice[1])
    assert desk.row(told[0]).in_parts
    assert "Split" in desk.get("/reconciliation?show=split")


def test_a_gift_is_named_by_its_reference(desk: Desk) -> None:
    reference = a_pledge(desk, "40.00").reference
    taken(desk, ("25.00", "first part"))
    line = desk.row("first part").line_id
    path = f"/reconciliation/lines/{line}/match"
    told = desk.post(path, 404, choice="unidentified:", reference="DON-NOBODY")
    assert "There is no such contribution." in told
    desk.post(
        path, at="/reconciliation", choice="unidentified:", reference=f" {reference.lower()} "
    )
    assert desk.row("first part").matches[0].kind == "gift"


def test_filters_stay_through_the_work_and_bad_ones_filter_nothing(desk: Desk) -> None:
    taken(desk, ("5.00", "aaa"), ("6.00", "bbb"), ("-8.50", "FRAIS"))
    page = desk.get("/reconciliation?show=todo&text=aaa&amount=5&since=2026-01-01")
    assert "aaa" in page
    assert "bbb" not in page
    line = desk.row("aaa").line_id
    answer = desk.client.get("/secretariat/reconciliation?text=aaa")
    assert "text=aaa" in answer.get_data(as_text=True)
    where = f"/reconciliation/lines/{line}/note?text=aaa&show=todo"
    desk.post(where, at="/reconciliation?text=aaa&show=todo&work=note", text="Ask.")
    for odd in ("show=x", "kind=x", "since=x", "until=2026-13-01", "amount=x", "after=x", "open=x"):
        assert "bbb" in desk.get(f"/reconciliation?{odd}")
    assert "Nothing here." in desk.get("/reconciliation?text=nothing")
    assert "FRAIS" in desk.get("/reconciliation?kind=bank_fee")
    assert "aaa" not in desk.get("/reconciliation?kind=bank_fee")


def test_money_of_an_unknown_giver_is_explained_and_taken_back(desk: Desk) -> None:
    pledged = a_pledge(desk, "60.00", "Awa Diallo")
    taken(desk, ("60.00", "for the soils"), ("600.00", "large"))
    for text in ("for the soils", "large"):
        line = desk.row(text).line_id
        desk.post(
            f"/reconciliation/lines/{line}/match",
            at=f"/reconciliation?open={line}",
            choice="unidentified:",
        )
    listed = desk.get("/unidentified")
    assert "for the soils" in listed
    assert "large" not in desk.get("/unidentified?text=soils")
    assert "large" in desk.get("/unidentified?amount=600")
    assert "Nothing here." in desk.get("/unidentified?show=answered")
    entry = desk.row("for the soils").matches[0].entry_id
    one = f"/unidentified/{entry}"
    page = desk.get(one)
    assert pledged.reference in page
    assert "Awa Diallo" in desk.get(f"{one}?q=diallo")
    assert "Nobody was found." in desk.get(f"{one}?q=zzz")
    target = {"target": str(pledged.pledge_id)}
    told = desk.post(f"{one}/identify", 422, **target, reason="x", amount="60.01")
    assert "is not explained yet" in told
    assert "Choose the gift" in desk.post(f"{one}/identify", 422, target="x", reason="x")
    assert "Fill this in" in desk.post(f"{one}/identify", 422, **target, reason=" ")
    desk.post(f"{one}/identify", at=one, **target, reason="She wrote to us.")
    page = desk.get(one)
    assert "She wrote to us." in page
    answer = re.search(r"\?undo=([0-9a-f-]{36})", page)
    assert answer is not None
    undo = f"{one}/answers/{answer[1]}/undo"
    at = f"{one}?undo={answer[1]}"
    assert "Fill this in" in desk.post(f"{undo}?undo={answer[1]}", 422, reason="")
    desk.post(undo, at=at, reason="Somebody else.")
    assert "Somebody else." in desk.get(one)
    desk.post(f"{one}/note", at=one, text="Call her.")
    assert "Fill this in" in desk.post(f"{one}/note", 422, text=" ")
    assert "Call her." in desk.get("/unidentified")


def test_a_large_sum_goes_back_by_two(desk: Desk) -> None:
    taken(desk, ("600.00", "large"))
    line = desk.row("large").line_id
    desk.post(f"/reconciliation/lines/{line}/match", at="/reconciliation", choice="unidentified:")
    one = f"/unidentified/{desk.row('large').matches[0].entry_id}"
    told = desk.post(f"{one}/send-back", 422, reason="x", amount="nonsense")
    assert "is not an amount" in told
    desk.post(f"{one}/send-back", at=one, reason="The bank asks for it.")
    page = desk.get(one)
    assert "Waits for a second person" in page
    assert "/approve" not in page
    assert "The bank asks for it." in desk.get("/unidentified")
    desk.sit(Role.APPROVER)
    page = desk.get(one)
    approve = re.search(r"/answers/([0-9a-f-]{36})/approve", page)
    assert approve is not None
    base = f"{one}/answers/{approve[1]}"
    assert "Fill this in" in desk.post(f"{base}/refuse", 422, reason="")
    desk.post(f"{base}/approve", at=one)
    assert "already decided" in desk.post(f"{base}/approve", 409)
    assert "Ordered, not seen on a statement yet" in desk.get(one)
    taken(desk, ("-600.00", "RETOUR"), opening="10600.00", name="S-2")
    desk.sit(Role.CLERK)
    assert "RETOUR" in desk.get(one)
    back = desk.row("RETOUR").line_id
    desk.post(f"{base}/match", 422, choice="x")
    desk.post(f"{base}/match", at=one, choice=str(back))
    assert "The bank has sent it" in desk.get(one)
    assert not desk.screen().bank.gap


def test_notices_are_read_again_and_explained(desk: Desk) -> None:
    processor = FakeProcessor(AFTER)
    sent = processor.stranger(2_000)
    deliver(desk.database, processor, sent, at=AFTER)
    movement = build.a_movement(88, "7.00", category="climate_order_purchase", on=AFTER)
    desk.database.run(booking.book, movement, at=AFTER)
    services = replace(
        services_with(settings_with(), desk.database, desk.clock),
        events=processor,
        statements=BankFileReader(),
    )
    app = assembled(services)
    desk.app = app
    desk.sit(Role.CLERK, email="notices@desk.example")
    page = desk.get("/notices")
    assert sent.event_id in page
    assert "it names no gift of ours" in page
    assert "climate_order_purchase" in page
    told = desk.post(f"/notices/{sent.event_id}/again", 200)
    assert "is as before" in told
    assert "There is no such notice." in desk.post("/notices/evt_none/again", 404)
    opened = f"/notices?open={sent.event_id}"
    assert "Fill this in" in desk.post(f"/notices/{sent.event_id}/note", 422, text=" ")
    desk.post(f"/notices/{sent.event_id}/note", at=opened, text="Ours, a test.", explains="y")
    assert "No notice waits." in desk.get("/notices")


def test_who_may_only_look_gets_no_buttons(desk: Desk) -> None:
    taken(desk, ("5.00", "who"))
    desk.sit(Role.AUDITOR)
    for path in ("/reconciliation", "/unidentified", "/notices"):
        page = desk.get(path)
        assert 'method="post"' not in page.split("<main")[1]
    desk.post("/reconciliation/ticked", 403, act="page")
