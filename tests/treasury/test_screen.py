"""Does the screen cost the same whatever is open, page by key, and tell every state apart?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput
from offset.giving import pledges
from offset.ledger import queries
from offset.money import Money
from offset.people.access import SYSTEM
from offset.treasury import (
    certainties,
    payouts,
    proposed,
    reconciliation,
    screen,
    suggestions,
)
from offset.treasury.matching import Kind
from offset.treasury.models import BankLine, Match
from offset.treasury.reconciliation import Part
from offset.treasury.screen import Show, State, View
from offset.treasury.unidentified_models import LineSuggestion
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement, eur
from tests.once_built import once_built

DAY = date(2026, 11, 15)
MOST_STATEMENTS = 13  # two more are the sign-in and the list of accounts: fifteen for a page


def taken(database: Database, house: House, *lines: tuple[str, str], at: datetime) -> None:
    told = a_statement(
        *(a_line(amount, text, on=at.date()) for amount, text in lines), on=at.date()
    )
    database.run(build.take_in, told, actor=house.clerk, at=at)


def seen(database: Database, view: View = screen.EVERYTHING) -> screen.Screen:
    suggestions.keep_fresh(database, at=datetime(2026, 11, 15, 12, tzinfo=UTC), code="B1")
    with database.reading() as session:
        return screen.screen(session, "B1", on=DAY, view=view)


def counted(database: Database, view: View = screen.EVERYTHING) -> int:
    told: list[str] = []

    def note(_c: object, _k: object, sql: str, *_rest: object) -> None:
        told.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        screen.screen(session, "B1", on=DAY, view=view)
    event.remove(database.engine, "before_cursor_execute", note)
    return sum(not sql.startswith(("BEGIN", "PRAGMA", "SELECT 1")) for sql in told)


def test_a_page_asks_as_much_of_three_thousand_lines_as_of_three(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(build.a_payment, house, at=at)
    embedded.run(payouts.on_payout, build.a_payout([], created=at, amount="30.00"), at)
    lines = [(f"{n % 900 + 1}.00", f"gift {n}") for n in range(3_000)]
    taken(embedded, house, ("30.00", "STRIPE"), ("-8.50", "FRAIS"), *lines, at=at)
    first = seen(embedded)
    assert (len(first.rows), first.counts[Show.TODO]) == (50, 3_002)
    assert first.rows[0].state is State.CERTAIN
    assert first.bank.gap == eur("0.00")
    assert counted(embedded) <= MOST_STATEMENTS
    assert counted(embedded, View(after=first.following)) <= MOST_STATEMENTS
    second = seen(embedded, View(after=first.following))
    assert not {row.key for row in first.rows} & {row.key for row in second.rows}
    found = seen(embedded, View(text="gift 2999"))
    assert [row.text for row in found.rows] == ["gift 2999"]


def test_every_row_stands_on_exactly_one_page(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    for number in range(1, 4):
        facts = build.a_payout([], created=at, number=number, amount=f"{number}1.00")
        embedded.run(payouts.on_payout, facts, at)
    taken(embedded, house, *((f"{n}.00", f"gift {n}") for n in range(1, 8)), at=at)
    for row in seen(embedded).rows[:3]:
        assert row.line_id is not None
        embedded.run(
            reconciliation.confirm,
            actor=house.clerk,
            at=at,
            line_id=row.line_id,
            parts=[Part(kind=Kind.UNIDENTIFIED)],
        )
    everything = [row.key for row in seen(embedded).rows]
    paged, after = [], ""
    for _ in range(20):
        told = seen(embedded, View(limit=2, after=after))
        paged += [row.key for row in told.rows]
        after = told.following
        if not after:
            break
    assert paged == everything
    assert len(set(paged)) == len(paged) == 4 + 3 + 3
    # A key that cannot be read begins at the beginning.
    for odd in ("x", "9.1.2.3", "0.0.2026-01-01.x", "....."):
        assert [row.key for row in seen(embedded, View(after=odd)).rows] == everything


def test_filters_find_by_state_kind_day_amount_text_and_what_a_person_did(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    embedded.run(payouts.on_payout, build.a_payout([], created=at, amount="30.00"), at)
    taken(
        embedded,
        house,
        ("30.00", "STRIPE"),
        ("-8.50", "FRAIS"),
        ("5.00", "who_is this"),
        ("6.00", "two parts"),
        at=at,
    )

    def texts(**asked: object) -> list[str]:
        return [row.text for row in seen(embedded, View(**asked)).rows]  # type: ignore[arg-type]  # names of View

    lines = {row.text: row for row in seen(embedded).rows}
    noted, parts = lines["who_is this"].line_id, lines["two parts"].line_id
    assert noted is not None
    assert parts is not None
    embedded.run(reconciliation.note, actor=house.clerk, at=at, line_id=noted, text="Ask Jean.")
    embedded.run(
        reconciliation.confirm,
        actor=house.clerk,
        at=at,
        line_id=parts,
        parts=[Part(kind=Kind.UNIDENTIFIED, amount=eur("2.00"))],
    )
    assert texts(show=Show.CERTAIN) == ["STRIPE"]
    assert texts(show=Show.SUGGESTED) == ["FRAIS"]
    assert texts(show=Show.TO_CHECK) == ["who_is this", "two parts"]
    assert texts(show=Show.NOTED) == ["who_is this"]
    assert texts(show=Show.SPLIT) == ["two parts"]
    assert texts(show=Show.OLD) == []
    assert texts(kind=Kind.BANK_FEE) == ["FRAIS"]
    assert texts(kind=Kind.PAYOUT, show=Show.TODO) == ["STRIPE"]
    assert texts(amount=850) == ["FRAIS"]
    assert texts(amount=400) == ["two parts"]
    assert texts(text="o_i") == ["who_is this"]
    lines_only = {"show": Show.TODO}
    assert texts(since=DAY + timedelta(days=1), **lines_only) == []
    assert texts(until=DAY - timedelta(days=1), **lines_only) == []
    assert texts(since=DAY + timedelta(days=1)) == [""]
    assert len(texts(since=DAY, until=DAY, **lines_only)) == 4
    assert texts(show=Show.WAITING, text="po_T0001") == [""]
    assert texts(show=Show.WAITING, kind=Kind.ENTRY) == []
    (row,) = seen(embedded, View(show=Show.SPLIT)).rows
    assert (row.in_parts, row.rest, row.stated) == (True, eur("4.00"), eur("4.00"))
    assert seen(embedded).counts[Show.NOTED] == 1


def test_several_are_shown_together_and_matched_as_one(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    account = pledges.Account("4 per 1000", build.IBAN)
    told = [
        embedded.run(
            pledges.promise,
            at=at,
            amount=eur(amount),
            language="en",
            email="giver@demo.example",
            account=account,
        ).reference
        for amount in ("40.00", "60.00")
    ]
    taken(embedded, house, ("100.00", " ".join(told)), at=at)
    (row,) = seen(embedded).rows
    assert row.state is State.SUGGESTED
    (one,) = row.together
    assert {sum_ for _, _, sum_ in one.parts} == {eur("40.00"), eur("60.00")}
    parts = [Part(kind=kind, subject_id=key, amount=sum_) for kind, key, sum_ in one.parts]
    embedded.run(
        reconciliation.confirm_together,
        actor=house.clerk,
        at=at,
        line_ids=one.line_ids,
        parts=parts,
    )
    (done,) = seen(embedded).rows
    assert (done.state, len(done.matches), done.in_parts) == (State.MATCHED, 2, True)


def test_what_was_taken_meanwhile_is_proposed_no_more(embedded: Database, at: datetime) -> None:
    house = once_built(embedded, build.a_house, at=at)
    facts = build.a_payout([], created=at, amount="30.00")
    payout = embedded.run(payouts.on_payout, facts, at)
    taken(embedded, house, ("30.00", "STRIPE"), ("30.00", "virement"), at=at)
    rows = {row.text: row for row in seen(embedded).rows}
    assert rows["virement"].best is not None
    line = rows["virement"].line_id
    assert line is not None
    part = Part(kind=Kind.PAYOUT, subject_id=payout)
    embedded.run(reconciliation.confirm, actor=house.clerk, at=at, line_id=line, parts=[part])
    # Nobody has written the suggestions anew: what they name is no longer to be had.
    with embedded.reading() as session:
        told = screen.screen(session, "B1", on=DAY)
    (row,) = [row for row in told.rows if row.text == "STRIPE"]
    assert (row.state, row.proposals) == (State.TO_CHECK, ())


def test_many_open_lines_wait_for_the_job(
    embedded: Database, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "WHOLE", 1)
    monkeypatch.setattr(suggestions, "NEW", 1)
    house = once_built(embedded, build.a_house, at=at)
    taken(embedded, house, ("-8.50", "FRAIS"), at=at)
    assert seen(embedded).rows[0].state is State.SUGGESTED
    embedded.run(
        build.take_in,
        a_statement(
            a_line("-1.00", "FRAIS 1", on=at.date()),
            a_line("-2.00", "FRAIS 2", on=at.date()),
            opening="-8.50",
            reference="S-2",
            on=at.date(),
        ),
        actor=house.clerk,
        at=at,
    )
    told = seen(embedded)
    assert told.unseen == 2
    assert {row.state for row in told.rows} == {State.SUGGESTED, State.TO_CHECK}
    # After an import of fewer than very many, the page looks at the new lines itself.
    monkeypatch.setattr(suggestions, "NEW", 3)
    assert seen(embedded).unseen == 0
    third = a_line("-3.00", "FRAIS 3", on=at.date())
    more = a_statement(third, opening="-11.50", reference="S-3", on=at.date())
    embedded.run(build.take_in, more, actor=house.clerk, at=at)
    assert seen(embedded).unseen == 1
    assert embedded.run(suggestions.refresh_stale, at=at) == 1
    assert embedded.run(suggestions.refresh_stale, at=at) == 0
    assert seen(embedded).unseen == 0
    with embedded.reading() as session:
        assert len(session.scalars(select(LineSuggestion)).all()) == 4


def test_certain_lines_are_confirmed_at_once_each_as_an_act_of_its_own(
    database: Database, at: datetime
) -> None:
    house = once_built(database, build.a_house, at=at)
    for number, amount in ((1, "30.00"), (2, "40.00")):
        facts = build.a_payout([], created=at, number=number, amount=amount)
        database.run(payouts.on_payout, facts, at)
    taken(database, house, ("30.00", "STRIPE"), ("40.00", "STRIPE"), ("5.00", "who"), at=at)
    ids = [row.line_id for row in seen(database).rows if row.line_id is not None]
    done = database.run(certainties.confirm, actor=house.clerk, at=at, line_ids=ids)
    assert (done.done, [code for _, code in done.left]) == (2, ["doubt"])
    with database.reading() as session:
        made = session.scalars(select(Match)).all()
        assert {(m.made_by, m.automatic) for m in made} == {(house.clerk.user_id, False)}
        assert len(made) == 2
    again = database.run(certainties.confirm, actor=house.clerk, at=at, line_ids=ids[:1])
    assert (again.done, again.left) == (0, ((ids[0], "line_matched"),))
    with pytest.raises(InvalidInput, match="nothing_ticked"):
        database.run(certainties.confirm, actor=house.clerk, at=at, line_ids=[])
    with pytest.raises(InvalidInput, match="too_many_ticked"):
        database.run(certainties.confirm, actor=house.clerk, at=at, line_ids=ids * 100)
    with pytest.raises(Forbidden):
        database.run(certainties.confirm, actor=house.approver, at=at, line_ids=ids)


@pytest.mark.parametrize(
    ("kind", "amount", "accounts"),
    [
        (Kind.PAYOUT, "30.00", ["Assets:Bank:B1", "Assets:InTransit:Payouts:EUR"]),
        (Kind.DISBURSEMENT, "-30.00", ["Assets:InTransit:Disbursements:EUR", "Assets:Bank:B1"]),
        (Kind.DISBURSEMENT, "30.00", None),
        (
            Kind.DISBURSEMENT_RETURN,
            "30.00",
            ["Assets:Bank:B1", "Assets:InTransit:Disbursements:EUR"],
        ),
        (Kind.DISBURSEMENT_RETURN, "-30.00", None),
        (Kind.UNIDENTIFIED, "30.00", ["Assets:Bank:B1", "Liabilities:Unidentified:EUR"]),
        (Kind.UNIDENTIFIED, "-30.00", None),
        (Kind.BANK_FEE, "30.00", None),
        (Kind.GIFT, "-30.00", None),
        (Kind.GIFT, "30.00", None),
        (Kind.ENTRY, "30.00", None),
    ],
)
def test_the_entry_that_a_match_would_make_is_shown_before(
    embedded: Database, at: datetime, kind: Kind, amount: str, accounts: list[str] | None
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    taken(embedded, house, (amount, "x"), at=at)
    with embedded.reading() as session:
        line = session.scalars(select(BankLine.id)).one()
        told = proposed.proposed(
            session,
            line_id=line,
            on=DAY,
            account="B1",
            kind=kind,
            subject_id=None if kind is Kind.ENTRY else line,
            amount=eur(amount),
        )
    found = None if told is None else {one.account for one in told.lines}
    assert found == (None if accounts is None else set(accounts))
    if told is not None:
        assert sum((one.amount for one in told.lines), start=Money(0, "EUR")) == eur("0.00")


def test_the_entry_shown_for_a_gift_is_the_one_that_is_booked(
    embedded: Database, at: datetime
) -> None:
    house = once_built(embedded, build.a_house, at=at)
    told = embedded.run(
        pledges.promise,
        at=at,
        amount=eur("40.00"),
        language="en",
        email="giver@demo.example",
        account=pledges.Account("4 per 1000", build.IBAN),
    )
    taken(embedded, house, ("40.00", told.reference), at=at)
    (row,) = seen(embedded).rows
    assert row.line_id is not None
    assert row.best is not None
    with embedded.reading() as session:
        before = proposed.proposed(
            session,
            line_id=row.line_id,
            on=DAY,
            account="B1",
            kind=row.best.kind,
            subject_id=row.best.candidate_id,
            amount=eur("40.00"),
        )
    embedded.run(reconciliation.match_certain, actor=SYSTEM, at=at)
    (row,) = seen(embedded).rows
    with embedded.reading() as session:
        booked = queries.entry(session, row.matches[0].entry_id)
    assert before is not None
    assert {(one.account, one.amount) for one in before.lines} == {
        (one.account, one.amount) for one in booked.lines
    }
