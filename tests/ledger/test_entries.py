"""Every recipe of the accountant's page, to the cent."""

import inspect
import uuid
from dataclasses import dataclass
from datetime import date

import pytest

from offset.errors import InvalidInput
from offset.ledger import chart, entries
from offset.ledger.entries import Draft, Line
from offset.money import Money
from tests.builders.ledger import ON, a_bank_line, a_gift, a_movement, an_entry, eur

POOL, PROJECT = chart.pool("EUR"), chart.project("P0001", "EUR")
SAHEL = chart.restricted("Sahel", "EUR")
USD = Money(1_100, "USD")
FIRST = uuid.UUID("01930000-0000-7000-8000-000000000001")


@dataclass(frozen=True)
class Row:
    """A recipe with example amounts, and the lines that the accountant expects."""

    name: str
    draft: Draft
    key: str
    kind: str
    source: tuple[str, str]
    lines: dict[str, int]


ROWS = (
    Row(
        "gift_settled",
        a_gift(),
        "stripe:txn_1",
        "charge",
        ("stripe_balance_txn", "txn_1"),
        {
            "Assets:Stripe:EUR": 5_885,
            "Expenses:Fees:Stripe:EUR": 115,
            "Liabilities:Fund:Pool:EUR": -5_585,
            "Income:FeePart:EUR": -115,
            "Income:Share:EUR": -300,
        },
    ),
    Row(
        "gift_settled",
        a_gift(fee="0.00", share="0.00", fund=SAHEL),
        "stripe:txn_1",
        "charge",
        ("stripe_balance_txn", "txn_1"),
        {"Assets:Stripe:EUR": 6_000, SAHEL: -6_000},
    ),
    Row(
        "gift_unknown",
        entries.gift_unknown(a_movement(), gross=eur("60.00"), fee=eur("1.15")),
        "stripe:txn_1",
        "charge",
        ("stripe_balance_txn", "txn_1"),
        {
            "Assets:Stripe:EUR": 5_885,
            "Expenses:Fees:Stripe:EUR": 115,
            "Liabilities:Unidentified:EUR": -5_885,
            "Income:FeePart:EUR": -115,
        },
    ),
    Row(
        "fee_charged",
        entries.fee_charged(a_movement(kind="fee"), amount=eur("0.70")),
        "stripe:txn_1",
        "fee",
        ("stripe_balance_txn", "txn_1"),
        {"Expenses:Fees:Stripe:EUR": 70, "Assets:Stripe:EUR": -70},
    ),
    Row(
        "refund_sourced",
        entries.refund_sourced(
            cause_id="re_1",
            on=ON,
            sources={
                chart.share("EUR"): eur("3.00"),
                POOL: eur("20.00"),
                PROJECT: eur("30.00"),
                chart.reserve("EUR"): eur("7.00"),
            },
        ),
        "source:re_1",
        "source_refund",
        ("refund", "re_1"),
        {
            "Income:Share:EUR": 300,
            POOL: 2_000,
            PROJECT: 3_000,
            "Equity:RefundReserve:EUR": 700,
            "Liabilities:Refunds:EUR": -6_000,
        },
    ),
    Row(
        "refund_paid",
        entries.refund_paid(a_movement(kind="refund"), amount=eur("5.00"), fee=eur("0.10")),
        "stripe:txn_1",
        "refund",
        ("stripe_balance_txn", "txn_1"),
        {
            "Liabilities:Refunds:EUR": 500,
            "Expenses:Fees:Stripe:EUR": 10,
            "Assets:Stripe:EUR": -510,
        },
    ),
    Row(
        "refund_paid",
        entries.refund_paid(a_movement(kind="refund"), amount=eur("5.00"), fee=-eur("0.10")),
        "stripe:txn_1",
        "refund",
        ("stripe_balance_txn", "txn_1"),
        {
            "Liabilities:Refunds:EUR": 500,
            "Expenses:Fees:Stripe:EUR": -10,
            "Assets:Stripe:EUR": -490,
        },
    ),
    Row(
        "refund_kept",
        entries.refund_kept(
            keeping_id="k1",
            donation_id="d1",
            on=ON,
            places={chart.share("EUR"): eur("0.25"), POOL: eur("4.75")},
        ),
        "kept:k1",
        "refund_kept",
        ("donation", "d1"),
        {"Liabilities:Refunds:EUR": 500, "Income:Share:EUR": -25, POOL: -475},
    ),
    Row(
        "refund_failed",
        entries.refund_failed(
            a_movement(kind="refund_failure"), amount=eur("5.00"), fee=eur("0.10")
        ),
        "stripe:txn_1",
        "refund_failure",
        ("stripe_balance_txn", "txn_1"),
        {
            "Assets:Stripe:EUR": 490,
            "Expenses:Fees:Stripe:EUR": 10,
            "Liabilities:Refunds:EUR": -500,
        },
    ),
    Row(
        "debit_returned",
        entries.debit_returned(
            a_movement(kind="charge_failure"), amount=eur("30.00"), fee=eur("3.50")
        ),
        "stripe:txn_1",
        "charge_failure",
        ("stripe_balance_txn", "txn_1"),
        {
            "Liabilities:Refunds:EUR": 3_000,
            "Expenses:Fees:Stripe:EUR": 350,
            "Assets:Stripe:EUR": -3_350,
        },
    ),
    Row(
        "dispute_opened",
        entries.dispute_opened(a_movement(kind="dispute"), amount=eur("40.00"), fee=eur("20.00")),
        "stripe:txn_1",
        "dispute",
        ("stripe_balance_txn", "txn_1"),
        {
            "Assets:Receivable:Disputes:EUR": 4_000,
            "Expenses:Fees:Disputes:EUR": 2_000,
            "Assets:Stripe:EUR": -6_000,
        },
    ),
    Row(
        "dispute_won",
        entries.dispute_won(
            a_movement(kind="dispute_reversal"), amount=eur("40.00"), fee_returned=eur("20.00")
        ),
        "stripe:txn_1",
        "dispute_reversal",
        ("stripe_balance_txn", "txn_1"),
        {
            "Assets:Stripe:EUR": 6_000,
            "Assets:Receivable:Disputes:EUR": -4_000,
            "Expenses:Fees:Disputes:EUR": -2_000,
        },
    ),
    Row(
        "dispute_lost",
        entries.dispute_lost(cause_id="du_1", on=ON, sources={POOL: eur("40.00")}),
        "source:du_1",
        "source_refund",
        ("dispute", "du_1"),
        {POOL: 4_000, "Assets:Receivable:Disputes:EUR": -4_000},
    ),
    Row(
        "payout_sent",
        entries.payout_sent(a_movement(kind="payout"), amount=eur("37.77"), fee=eur("0.00")),
        "stripe:txn_1",
        "payout",
        ("stripe_balance_txn", "txn_1"),
        {"Assets:InTransit:Payouts:EUR": 3_777, "Assets:Stripe:EUR": -3_777},
    ),
    Row(
        "payout_failed",
        entries.payout_failed(a_movement(kind="payout_reversal"), amount=eur("37.77")),
        "stripe:txn_1",
        "payout_reversal",
        ("stripe_balance_txn", "txn_1"),
        {"Assets:Stripe:EUR": 3_777, "Assets:InTransit:Payouts:EUR": -3_777},
    ),
    Row(
        "payout_arrived",
        entries.payout_arrived(a_bank_line(), amount=eur("37.77")),
        "bank:line-1:1",
        "payout",
        ("bank_line", "line-1"),
        {"Assets:Bank:B1": 3_777, "Assets:InTransit:Payouts:EUR": -3_777},
    ),
    Row(
        "topped_up",
        entries.topped_up(a_movement(kind="topup"), amount=eur("100.00")),
        "stripe:txn_1",
        "topup",
        ("stripe_balance_txn", "txn_1"),
        {"Assets:Stripe:EUR": 10_000, "Assets:InTransit:Payouts:EUR": -10_000},
    ),
    Row(
        "top_up_sent",
        entries.top_up_sent(a_bank_line(), amount=eur("100.00")),
        "bank:line-1:1",
        "topup",
        ("bank_line", "line-1"),
        {"Assets:InTransit:Payouts:EUR": 10_000, "Assets:Bank:B1": -10_000},
    ),
    Row(
        "unknown_kind",
        entries.unknown_kind(a_movement(kind="climate_order"), net=-eur("9.00")),
        "stripe:txn_1",
        "climate_order",
        ("stripe_balance_txn", "txn_1"),
        {"Equity:Suspense:EUR": 900, "Assets:Stripe:EUR": -900},
    ),
    Row(
        "suspense_explained",
        entries.suspense_explained(
            explanation_id="m2", on=ON, target=chart.stripe_fees("EUR"), amount=-eur("9.00")
        ),
        "explained:m2",
        "explained",
        ("manual_entry", "m2"),
        {"Equity:Suspense:EUR": -900, "Expenses:Fees:Stripe:EUR": 900},
    ),
    Row(
        "bank_gift",
        entries.bank_gift(a_bank_line(), amount=eur("100.00"), share=eur("5.00"), fund=SAHEL),
        "bank:line-1:1",
        "bank_gift",
        ("bank_line", "line-1"),
        {"Assets:Bank:B1": 10_000, SAHEL: -9_500, "Income:Share:EUR": -500},
    ),
    Row(
        "bank_gift",
        entries.bank_gift(a_bank_line(), amount=eur("100.00")),
        "bank:line-1:1",
        "bank_gift",
        ("bank_line", "line-1"),
        {"Assets:Bank:B1": 10_000, POOL: -10_000},
    ),
    Row(
        "unidentified_gift",
        entries.unidentified_gift(a_bank_line(), amount=eur("12.00")),
        "bank:line-1:1",
        "unidentified",
        ("bank_line", "line-1"),
        {"Assets:Bank:B1": 1_200, "Liabilities:Unidentified:EUR": -1_200},
    ),
    Row(
        "identified",
        entries.identified(receipt_id="line-1", on=ON, amount=eur("12.00"), share=eur("0.60")),
        "identified:line-1",
        "identified",
        ("bank_line", "line-1"),
        {"Liabilities:Unidentified:EUR": 1_200, POOL: -1_140, "Income:Share:EUR": -60},
    ),
    Row(
        "identified",
        entries.identified(receipt_id="line-1", on=ON, amount=eur("12.00"), fund=SAHEL),
        "identified:line-1",
        "identified",
        ("bank_line", "line-1"),
        {"Liabilities:Unidentified:EUR": 1_200, SAHEL: -1_200},
    ),
    Row(
        "unidentified_sent_back",
        entries.unidentified_sent_back(receipt_id="line-1", on=ON, amount=eur("12.00")),
        "sent_back:line-1",
        "unidentified",
        ("bank_line", "line-1"),
        {"Liabilities:Unidentified:EUR": 1_200, "Assets:InTransit:Disbursements:EUR": -1_200},
    ),
    Row(
        "allocation",
        entries.allocation(
            epoch="e1",
            donation_id="d1",
            on=ON,
            shares={PROJECT: eur("40.00"), chart.project("P0002", "EUR"): eur("15.85")},
        ),
        "alloc:e1:d1",
        "allocation",
        ("donation", "d1"),
        {POOL: 5_585, PROJECT: -4_000, "Liabilities:Project:P0002:EUR": -1_585},
    ),
    Row(
        "deallocation",
        entries.deallocation(
            project=PROJECT, donation_id="d1", on=ON, amount=eur("40.00"), fund=SAHEL
        ),
        "withdraw:Liabilities:Project:P0001:EUR:d1",
        "deallocation",
        ("donation", "d1"),
        {PROJECT: 4_000, SAHEL: -4_000},
    ),
    Row(
        "paid_back",
        entries.paid_back(a_bank_line(), amount=eur("8.00")),
        "bank:line-1:1",
        "deallocation",
        ("bank_line", "line-1"),
        {"Assets:Bank:B1": 800, POOL: -800},
    ),
    Row(
        "disbursement_ordered",
        entries.disbursement_ordered(
            disbursement_id="x1", on=ON, project=PROJECT, amount=eur("25.00")
        ),
        "disb:x1:ordered",
        "disbursement_order",
        ("disbursement", "x1"),
        {PROJECT: 2_500, "Assets:InTransit:Disbursements:EUR": -2_500},
    ),
    Row(
        "disbursement_sent",
        entries.disbursement_sent(a_bank_line(), disbursement_id="x1", amount=eur("25.00")),
        "bank:line-1:1",
        "disbursement_sent",
        ("disbursement", "x1"),
        {"Assets:InTransit:Disbursements:EUR": 2_500, "Assets:Bank:B1": -2_500},
    ),
    Row(
        "disbursement_returned",
        entries.disbursement_returned(a_bank_line(), disbursement_id="x1", amount=eur("25.00")),
        "bank:line-1:1",
        "disbursement_returned",
        ("disbursement", "x1"),
        {"Assets:Bank:B1": 2_500, "Assets:InTransit:Disbursements:EUR": -2_500},
    ),
    Row(
        "disbursement_restored",
        entries.disbursement_restored(
            match_id="m1", disbursement_id="p1", on=ON, project=PROJECT, amount=eur("9.00")
        ),
        "disb:p1:restored:m1",
        "disbursement_restored",
        ("disbursement", "p1"),
        {PROJECT: 900, "Assets:InTransit:Disbursements:EUR": -900},
    ),
    Row(
        "bank_fee",
        entries.bank_fee(a_bank_line(), amount=eur("4.20")),
        "bank:line-1:1",
        "bank_fee",
        ("bank_line", "line-1"),
        {"Expenses:Fees:Bank:EUR": 420, "Assets:Bank:B1": -420},
    ),
    Row(
        "bank_interest",
        entries.bank_interest(a_bank_line(), amount=eur("1.30")),
        "bank:line-1:1",
        "bank_interest",
        ("bank_line", "line-1"),
        {"Assets:Bank:B1": 130, "Income:Interest:EUR": -130},
    ),
    Row(
        "fx",
        entries.fx(
            conversion_id="c1",
            on=ON,
            source="Assets:Bank:B2",
            sold=USD,
            target="Assets:Bank:B1",
            bought=eur("10.00"),
        ),
        "fx:c1",
        "fx",
        ("conversion", "c1"),
        {
            "Assets:Bank:B1": 1_000,
            "Equity:FX:Clearing:EUR": -1_000,
            "Equity:FX:Clearing:USD": 1_100,
            "Assets:Bank:B2": -1_100,
        },
    ),
    Row(
        "fund_move",
        entries.fund_move(
            conversion_id="c1",
            on=ON,
            source=chart.pool("USD"),
            sold=USD,
            target=POOL,
            bought=eur("10.00"),
        ),
        "fund_move:c1",
        "fund_move",
        ("conversion", "c1"),
        {
            "Liabilities:Fund:Pool:USD": 1_100,
            "Equity:FX:Clearing:USD": -1_100,
            "Equity:FX:Clearing:EUR": 1_000,
            POOL: -1_000,
        },
    ),
    Row(
        "reversal",
        entries.reversal(
            entry_id=FIRST,
            on=ON,
            source_type="disbursement",
            source_id="x1",
            lines=[Line(PROJECT, eur("25.00")), Line(POOL, -eur("25.00"))],
            reason=" the bank sent it back ",
        ),
        f"reverse:{FIRST}",
        "reversal",
        ("disbursement", "x1"),
        {PROJECT: -2_500, POOL: 2_500},
    ),
    Row(
        "earmarked",
        entries.earmarked(
            donation_id="d1",
            on=ON,
            source=POOL,
            target=chart.restricted("Sahel", "EUR"),
            amount=eur("5.00"),
        ),
        "earmark:d1",
        "fund_move",
        ("donation", "d1"),
        {POOL: 500, "Liabilities:Fund:Restricted:Sahel:EUR": -500},
    ),
    Row(
        "share_drawn",
        entries.share_drawn(a_bank_line(), acct="O1", amount=eur("50.00")),
        "bank:line-1:1",
        "share_drawn",
        ("bank_line", "line-1"),
        {"Equity:Operating:O1": 5_000, "Assets:Bank:B1": -5_000},
    ),
    Row(
        "reserve_endowed",
        entries.reserve_endowed(
            endowment_id="n1", on=ON, source=chart.share("EUR"), amount=eur("30.00")
        ),
        "endow:n1",
        "reserve_endowed",
        ("endowment", "n1"),
        {"Income:Share:EUR": 3_000, "Equity:RefundReserve:EUR": -3_000},
    ),
    Row(
        "fund_moved",
        entries.fund_moved(
            move_id="m1",
            on=ON,
            source=POOL,
            target=chart.restricted("Sahel", "EUR"),
            amount=eur("5.00"),
        ),
        "fund_moved:m1",
        "fund_move",
        ("manual_entry", "m1"),
        {POOL: 500, "Liabilities:Fund:Restricted:Sahel:EUR": -500},
    ),
    Row(
        "opening",
        entries.opening(reference="bank-B1", on=ON, account="Assets:Bank:B1", amount=eur("1.00")),
        "opening:bank-B1",
        "opening",
        ("opening", "bank-B1"),
        {"Assets:Bank:B1": 100, "Equity:Opening:EUR": -100},
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row.name}" for i, row in enumerate(ROWS)])
def test_a_recipe_gives_the_lines_the_accountant_expects(row: Row) -> None:
    assert row.draft.idem_key == row.key
    assert row.draft.kind == row.kind
    assert (row.draft.source_type, row.draft.source_id) == row.source
    assert {line.account: line.amount.minor for line in row.draft.lines} == row.lines
    assert len(row.draft.lines) == len(row.lines)
    assert all(line.amount for line in row.draft.lines)
    assert row.draft.effective_on == ON


@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row.name}" for i, row in enumerate(ROWS)])
def test_a_recipe_balances_in_each_currency(row: Row) -> None:
    sums: dict[str, int] = {}
    for line in row.draft.lines:
        currency = line.amount.currency
        sums[currency] = sums.get(currency, 0) + line.amount.minor
    assert set(sums.values()) == {0}


def test_every_recipe_has_a_row_here_and_in_the_accountants_table() -> None:
    names = {recipe.name for recipe in entries.recipes()}
    assert {row.name for row in ROWS} == names
    written = {
        name
        for name, function in inspect.getmembers(entries, inspect.isfunction)
        if inspect.signature(function).return_annotation is Draft and not name.startswith("_")
    }
    assert written == names


def test_the_recipes_cover_the_accountants_numbers() -> None:
    numbers = {
        number
        for recipe in entries.recipes()
        for number in recipe.number.replace(" ", "").split(",")
    }
    assert numbers == {f"R{n}" for n in range(1, 32)} | {
        "R6b",
        "R15b",
        "R19b",
        "R21b",
        "R24b",
        "R30b",
    }


def test_kinds_are_ours_or_the_processors() -> None:
    ours = {row.kind for row in ROWS if row.draft.source_type != "stripe_balance_txn"}
    assert ours - entries.KINDS == {"payout", "topup"}
    assert ours >= entries.KINDS


def test_a_part_of_a_split_bank_line_has_its_own_key() -> None:
    line = entries.BankLine("line-1", date(2026, 11, 14), "Assets:Bank:B1", part=2)
    assert entries.bank_fee(line, amount=eur("1.00")).idem_key == "bank:line-1:2"


def test_a_reversal_says_why() -> None:
    with pytest.raises(InvalidInput, match="reason_missing"):
        entries.reversal(
            entry_id=FIRST,
            on=ON,
            source_type="test",
            source_id="1",
            lines=an_entry((POOL, 1), (PROJECT, -1)).lines,
            reason="  ",
        )


def test_nothing_to_move_is_refused() -> None:
    with pytest.raises(InvalidInput, match="amount_missing"):
        entries.allocation(epoch="e1", donation_id="d1", on=ON, shares={})
