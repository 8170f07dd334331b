"""Are past payouts read from the processor's reports exactly, and do they add up?"""

from datetime import date

import pytest

from offset.errors import InvalidInput
from offset.gateways.stripe_report import StripeReportReader
from offset.money import Money

ITEMS = """\
automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,\
available_on_utc,currency,gross,fee,net,reporting_category,source_id,description
po_1,2026-10-08 00:00,txn_1,2026-10-02 09:12:00,2026-10-07 00:00,eur,25.00,0.63,24.37,charge,ch_1,
po_1,2026-10-08 00:00,txn_2,2026-10-05 11:30,2026-10-05 11:30,eur,-4.00,2.00,-6.00,dispute,du_1,
po_1,2026-10-08 00:00,txn_3,2026-10-06 16:00,2026-10-06 16:00,eur,-2.00,-0.10,-1.90,refund,re_1,
"""
PAYOUTS = """\
payout_id,effective_at_utc,currency,gross,fee,net,reporting_category,balance_transaction_id,\
description,payout_expected_arrival_date,payout_status,payout_type,trace_id
po_1,2026-10-08 00:00,eur,-16.47,0.00,-16.47,payout,txn_9,STRIPE,2026-10-09,paid,bank_account,
"""


def refusal(items: str = ITEMS, payouts: str = PAYOUTS) -> str:
    with pytest.raises(InvalidInput) as caught:
        StripeReportReader().read(items.encode(), payouts.encode())
    return caught.value.code


def test_a_payout_with_its_movements() -> None:
    (told,) = StripeReportReader().read(b"\xef\xbb\xbf" + ITEMS.encode(), PAYOUTS.encode())
    assert (told.payout_id, told.amount, told.itemised) == ("po_1", Money(1_647, "EUR"), True)
    assert told.arrival.date() == date(2026, 10, 9)
    assert [item.net.minor for item in told.items] == [2_437, -600, -190]
    assert told.items[2].fee == Money(-10, "EUR")
    assert told.movement is not None
    assert (told.movement.id, told.movement.amount) == ("txn_9", Money(-1_647, "EUR"))


@pytest.mark.parametrize(
    ("items", "payouts", "code"),
    [
        (ITEMS.replace("24.37", "24.36"), PAYOUTS, "report_amount"),
        (ITEMS.replace("25.00,0.63,24.37", "25.005,0.63,24.37"), PAYOUTS, "report_amount"),
        (ITEMS.replace("25.00", "x"), PAYOUTS, "report_amount"),
        (ITEMS.replace("2026-10-02 09:12:00", "yesterday"), PAYOUTS, "report_time"),
        (ITEMS.replace(",eur,", ",xxx,"), PAYOUTS, "statement_currency_unknown"),
        (ITEMS, PAYOUTS.replace("-16.47", "-16.48"), "report_sum"),
        (ITEMS, PAYOUTS.replace("po_1", "po_2"), "report_sum"),
        (ITEMS, "\n".join(PAYOUTS.splitlines()[:1]), "report_payout_missing"),
        ("\n".join(ITEMS.splitlines()[:1]), "\n".join(PAYOUTS.splitlines()[:1]), "report_empty"),
        (ITEMS.replace("reporting_category", "x"), PAYOUTS, "report_columns"),
        (ITEMS + 'po_1,"x\n', PAYOUTS, "statement_table"),
        (ITEMS + "po_1\n", PAYOUTS, "statement_table"),
    ],
)
def test_what_does_not_add_up_is_refused(items: str, payouts: str, code: str) -> None:
    assert refusal(items, payouts) == code


def test_other_letters_are_refused() -> None:
    with pytest.raises(InvalidInput, match="statement_encoding"):
        StripeReportReader().read("é".encode("latin-1"), b"")


def test_what_a_row_tells_of_its_payment() -> None:
    heading, first, *rest = ITEMS.splitlines()
    more = (
        "customer_facing_amount,customer_facing_currency,charge_id,payment_intent_id,"
        "payment_method_type,payment_metadata[donation]"
    )
    rows = [f"{heading},{more}", f"{first},28.00,usd,ch_1,pi_1,card,DON-7K3QX9"]
    rows += [f"{row},,,,,," for row in rest]
    (told,) = StripeReportReader().read("\n".join(rows).encode(), PAYOUTS.encode())
    (charge,) = told.charges
    assert (charge.charge_id, charge.payment_intent_id, charge.method) == ("ch_1", "pi_1", "card")
    assert (charge.donation_id, charge.presented) == ("DON-7K3QX9", Money(2_800, "USD"))
    assert charge.movement == told.items[0]
    (plain,) = StripeReportReader().read(ITEMS.encode(), PAYOUTS.encode())
    assert (plain.charges[0].donation_id, plain.charges[0].presented) == (None, Money(2_500, "EUR"))
    rows[1] = rows[1].replace("28.00", "28.005")
    with pytest.raises(InvalidInput, match="report_amount"):
        StripeReportReader().read("\n".join(rows).encode(), PAYOUTS.encode())
