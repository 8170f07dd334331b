"""Is a rule, or the mapping of a table, kept with who and why, and is each version its own?"""

import uuid
from datetime import UTC, date, datetime

import pytest

from offset.database.session import Database
from offset.errors import Forbidden, InvalidInput, NotFound, Refused
from offset.ledger import balances, chart
from offset.money import Money
from offset.people.access import SYSTEM
from offset.people.audit import trail
from offset.treasury import bank_rules, mappings, reconciliation
from offset.treasury.matching import Kind
from offset.treasury.ports import Layout, Sign
from offset.treasury.reconciliation import Part
from tests.builders import treasury as build
from tests.builders.treasury import House, a_line, a_statement, eur

AT = datetime(2026, 11, 15, 10, tzinfo=UTC)
DAY = date(2026, 11, 15)
TABLE = Layout(columns={"booked_on": ("Date",), "amount": ("Montant",), "text": ("Libelle",)})


@pytest.fixture
def house(embedded: Database) -> House:
    return embedded.run(build.a_house, at=AT)


def write(database: Database, house: House, **changes: object) -> uuid.UUID:
    told: dict[str, object] = {
        "name": " Interest ",
        "books": "interest",
        "words": ["Interets  crediteurs", "", "Interets  crediteurs"],
        "ceiling": eur("5.00"),
        "reason": " The bank pays it each quarter ",
        "actor": house.clerk,
    }
    return database.run(bank_rules.write, at=AT, **{**told, **changes})


def test_a_rule_is_kept_tidy_and_each_change_is_a_version(embedded: Database, house: House) -> None:
    rule_id = write(embedded, house)
    with embedded.reading() as session:
        (told,) = bank_rules.listed(session)
    assert (told.rule_id, told.version, told.name) == (rule_id, 1, "Interest")
    assert (told.words, told.ceiling) == (("Interets crediteurs",), eur("5.00"))
    assert told.reason == "The bank pays it each quarter"
    assert write(embedded, house, rule_id=rule_id, ceiling=eur("9.00")) == rule_id
    with embedded.reading() as session:
        (told,) = bank_rules.listed(session)
        assert (told.version, told.ceiling) == (2, eur("9.00"))
        assert [one.ceiling for one in bank_rules.history(session, rule_id)] == [500, 900]
        assert bank_rules.for_matching(session, "USD") == ()
        (asked,) = bank_rules.for_matching(session, "EUR")
        assert (asked.money_in, asked.words) == (True, ("Interets crediteurs",))
        assert [one.action for one in trail(session)].count("bank_rule.written") == 2


NO_RULES: dict[str, list[dict[str, object]]] = {
    "rule_name_missing": [{"name": " "}],
    "rule_books_unknown": [{"books": "wages"}],
    "rule_words": [
        {"words": []},
        {"words": ["ab"]},
        {"words": ["fine words", "- -!"]},
        {"words": [f"word {n}" for n in range(21)]},
    ],
    "rule_ceiling": [{"ceiling": eur("0.00")}, {"ceiling": eur("500.01")}],
    "reason_missing": [{"reason": " "}],
}


def test_what_is_no_rule_is_refused(embedded: Database, house: House) -> None:
    for code, cases in NO_RULES.items():
        for changes in cases:
            with pytest.raises(InvalidInput, match=code):
                write(embedded, house, **changes)
    with embedded.reading() as session:
        assert bank_rules.listed(session) == ()


def test_only_who_matches_writes_rules_and_an_unknown_one_is_told(
    embedded: Database, house: House
) -> None:
    with pytest.raises(Forbidden):
        write(embedded, house, actor=house.approver)
    with pytest.raises(NotFound, match="rule_unknown"):
        write(embedded, house, rule_id=uuid.uuid4())
    stop = {"actor": house.clerk, "at": AT, "reason": "The bank is another"}
    with pytest.raises(NotFound, match="rule_unknown"):
        embedded.run(bank_rules.stop, rule_id=uuid.uuid4(), **stop)
    rule_id = write(embedded, house)
    with pytest.raises(InvalidInput, match="reason_missing"):
        embedded.run(bank_rules.stop, rule_id=rule_id, **{**stop, "reason": " "})
    with pytest.raises(Forbidden):
        embedded.run(bank_rules.stop, rule_id=rule_id, **{**stop, "actor": house.approver})
    embedded.run(bank_rules.stop, rule_id=rule_id, **stop)
    with pytest.raises(Refused, match="rule_stopped"):
        embedded.run(bank_rules.stop, rule_id=rule_id, **stop)
    with embedded.reading() as session:
        assert bank_rules.listed(session) == ()
        assert [one.active for one in bank_rules.history(session, rule_id)] == [True, False]


def test_a_preview_shows_what_a_rule_would_have_taken_and_books_nothing(
    embedded: Database, house: House
) -> None:
    lines = (
        a_line("1.20", "INTERETS CREDITEURS T3", on=DAY),
        a_line("5.01", "INTERETS CREDITEURS T4", on=DAY),
        a_line("-1.20", "INTERETS DEBITEURS", on=DAY),
        a_line("3.00", "don", on=DAY),
    )
    embedded.run(build.take_in, a_statement(*lines, on=DAY), actor=house.clerk, at=AT)
    with embedded.reading() as session:
        (found,) = bank_rules.preview(
            session, books="interest", words=["interets"], ceiling=eur("5.00")
        )
        assert (found.amount, found.words) == (eur("1.20"), "interets")
        (found,) = bank_rules.preview(
            session, books="bank_fee", words=["interets"], ceiling=eur("5.00")
        )
        assert found.amount == eur("-1.20")
        with pytest.raises(InvalidInput, match="rule_words"):
            bank_rules.preview(session, books="interest", words=["x"], ceiling=eur("5.00"))
        dollars = Money(500, "USD")
        assert not bank_rules.preview(session, books="interest", words=["don"], ceiling=dollars)
        assert balances.balance(session, chart.bank("B1")) == eur("0.00")


def test_a_preview_ends_at_a_pageful(embedded: Database, house: House) -> None:
    lines = [a_line("-1.00", f"frais {n}", on=DAY) for n in range(230)]
    embedded.run(build.take_in, a_statement(*lines, on=DAY), actor=house.clerk, at=AT)
    with embedded.reading() as session:
        told = bank_rules.preview(session, books="bank_fee", words=["frais"], ceiling=eur("1.00"))
    assert len(told) == 200


def test_a_rule_books_interest_and_only_while_it_holds_and_takes_the_line(
    embedded: Database, house: House
) -> None:
    rule_id = write(embedded, house)
    lines = (
        a_line("1.20", "INTERETS CREDITEURS", on=DAY),
        a_line("1.30", "INTERETS CREDITEURS", on=DAY),
        a_line("7.00", "INTERETS CREDITEURS", on=DAY),
    )
    embedded.run(build.take_in, a_statement(*lines, on=DAY), actor=house.clerk, at=AT)
    with embedded.reading() as session:
        account = reconciliation.statements.account_by_code(session, "B1")
        told = reconciliation.proposals_of(session, account)
        (version,) = (one.id for one in bank_rules.rules(session))
    small, second, large = sorted(told, key=lambda one: abs(eur_of(embedded, one)))
    assert told[small][0].rule_id == version
    assert told[large][0].kind is Kind.UNIDENTIFIED

    def confirm(line: uuid.UUID, rule: uuid.UUID | None) -> None:
        part = Part(kind=Kind.BANK_FEE, rule_id=rule)
        embedded.run(reconciliation.confirm, actor=house.clerk, at=AT, line_id=line, parts=[part])

    with pytest.raises(Refused, match="match_wrong_side"):
        confirm(small, None)
    for line, rule in ((large, version), (small, uuid.uuid4())):
        with pytest.raises(Refused, match="rule_does_not_take"):
            confirm(line, rule)
    confirm(small, version)
    with embedded.reading() as session:
        assert balances.held(session, "Income:Interest:EUR") == eur("1.20")
        assert balances.balance(session, chart.bank("B1")) == eur("1.20")
    embedded.run(bank_rules.stop, actor=house.clerk, at=AT, rule_id=rule_id, reason="Over")
    with pytest.raises(Refused, match="rule_does_not_take"):
        confirm(second, version)


def eur_of(database: Database, line_id: uuid.UUID) -> int:
    with database.reading() as session:
        return session.get_one(reconciliation.BankLine, line_id).amount


def test_a_mapping_is_kept_by_version_and_the_same_again_is_none(
    embedded: Database, house: House
) -> None:
    save = {"actor": house.clerk, "at": AT, "account": "B1"}
    with embedded.reading() as session:
        assert mappings.saved(session, "B1") is None
        assert mappings.sheet(session, "B1") is None
    assert embedded.run(mappings.save, layout=TABLE, **save) == 1
    assert embedded.run(mappings.save, layout=TABLE, **save) == 1
    words = Layout(
        columns={**TABLE.columns, "side": ("Sens",)}, sign=Sign.WORD, out_words=("Debit",)
    )
    assert embedded.run(mappings.save, layout=words, **{**save, "actor": SYSTEM}) == 2
    with embedded.reading() as session:
        assert mappings.saved(session, "B1") == words
        told = mappings.sheet(session, "B1", closing=eur("7.00"), layout=TABLE)
        assert told is not None
        assert (told.layout, told.before, told.closing) == (TABLE, eur("0.00"), eur("7.00"))
        assert [one.action for one in trail(session)].count("bank_mapping.saved") == 2


def test_a_table_goes_on_from_the_last_statement(embedded: Database, house: House) -> None:
    embedded.run(
        build.take_in, a_statement(a_line("8.00", on=DAY), on=DAY), actor=house.clerk, at=AT
    )
    embedded.run(mappings.save, actor=house.clerk, at=AT, account="B1", layout=TABLE)
    with embedded.reading() as session:
        told = mappings.sheet(session, "B1")
    assert told is not None
    assert (told.account, told.currency, told.before) == (build.IBAN, "EUR", eur("8.00"))


def test_a_mapping_of_an_account_that_is_not_ours_or_by_a_reader(
    embedded: Database, house: House
) -> None:
    save = {"at": AT, "layout": TABLE}
    with pytest.raises(NotFound, match="bank_account_unknown"):
        embedded.run(mappings.save, actor=house.clerk, account="B9", **save)
    with pytest.raises(Forbidden):
        embedded.run(mappings.save, actor=house.approver, account="B1", **save)
