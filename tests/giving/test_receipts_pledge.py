"""Does the paper of a transfer say what a bank needs, in a code that a bank's app reads?"""

import io
from datetime import date, datetime

import pytest
import segno
import zxingcpp
from PIL import Image

from offset.database.session import Database
from offset.errors import InvalidInput, NotFound
from offset.giving import pledge_papers, pledges, references
from offset.giving.models import BankPledgeStatus
from offset.giving.organisations import Organisation
from offset.giving.pledge_papers import Account, epc
from offset.money import Money

ACCOUNT = Account("Fund for Living Soils", "FR76 3000 6000 0112 3456 7890 189", "AGRIFRPP")
PROMISED_TO = pledges.Account("Fund for Living Soils", "FR7630006000011234567890189", "AGRIFRPP")


def test_the_code_is_the_one_of_the_standard() -> None:
    assert epc(ACCOUNT, Money(1234, "EUR"), "DON-7K3QX9AB") == (
        "BCD\n002\n1\nSCT\nAGRIFRPP\nFund for Living Soils\nFR7630006000011234567890189\n"
        "EUR12.34\n\n\nDON-7K3QX9AB"
    )


@pytest.mark.parametrize(
    ("account", "amount", "reference"),
    [
        (ACCOUNT, Money(1234, "CHF"), "DON-7K3QX9AB"),
        (ACCOUNT, Money(0, "EUR"), "DON-7K3QX9AB"),
        (ACCOUNT, Money(100_000_000_000, "EUR"), "DON-7K3QX9AB"),
        (ACCOUNT, Money(1234, "EUR"), "D" * 141),
        (ACCOUNT, Money(1234, "EUR"), "DON\nX"),
        (Account("", "FR7630006000011234567890189", "AGRIFRPP"), Money(1234, "EUR"), "DON"),
        (Account("x" * 71, "FR7630006000011234567890189", ""), Money(1234, "EUR"), "DON"),
        # Letters that take three bytes each pass the count of letters, not that of bytes.
        (Account("한" * 70, "FR7630006000011234567890189", ""), Money(1234, "EUR"), "D" * 100),
    ],
)
def test_what_the_standard_cannot_write_is_refused(
    account: Account, amount: Money, reference: str
) -> None:
    with pytest.raises(InvalidInput, match="transfer_code_impossible"):
        epc(account, amount, reference)


def test_a_camera_reads_it_back() -> None:
    told = epc(ACCOUNT, Money(1234, "EUR"), "DON-7K3QX9AB")
    drawn = io.BytesIO()
    segno.make(told, error="m").save(drawn, kind="png", scale=6, border=4)
    (found,) = zxingcpp.read_barcodes(Image.open(drawn))
    assert found.text == told
    assert found.ec_level == "M"


def a_promise(
    database: Database,
    at: datetime,
    *,
    organisation: Organisation | None = None,
    amount: Money = Money(500_000, "EUR"),  # noqa: B008 - an amount never changes
) -> str:
    promised = database.run(
        pledges.promise,
        at=at,
        amount=amount,
        language="fr",
        account=PROMISED_TO,
        email="books@aerial.example",
        name="Ada Lovelace",
        organisation=organisation,
    )
    assert references.is_reference(promised.reference)
    return promised.token


def test_the_paper_of_a_pledge_says_expected_received_and_open(
    embedded: Database, at: datetime
) -> None:
    token = a_promise(embedded, at)
    with embedded.reading() as session:
        seen = pledge_papers.of_pledge(session, token)
        with pytest.raises(NotFound, match="pledge_unknown"):
            pledge_papers.of_pledge(session, "nobody")
    assert (seen.amount, seen.received, seen.open) == (
        Money(500_000, "EUR"),
        Money(0, "EUR"),
        Money(500_000, "EUR"),
    )
    assert (seen.status, seen.payable, seen.parts) == (BankPledgeStatus.OPEN, True, ())
    assert seen.made_on == date(2026, 11, 15)
    assert seen.account.grouped == "FR76 3000 6000 0112 3456 7890 189"
    assert seen.code is not None
    assert seen.code.endswith(f"EUR5000.00\n\n\n{seen.reference}")
    told = seen.facts()
    assert told["pledge_path"] == f"/pledge/{token}"
    assert told["name"] == "Ada Lovelace"
    assert "no_change" in told["sentences"]


def test_an_organisation_s_letter_names_it_and_what_has_come(
    embedded: Database, at: datetime
) -> None:
    told = Organisation(
        legal_name="Aerial Travel SE",
        registration="HRB 12345",
        email="books@aerial.example",
        purchase_order="PO-77",
    )
    token = a_promise(embedded, at, organisation=told)
    with embedded.reading() as session:
        pledge_id = pledge_papers.of_pledge(session, token).pledge_id
    embedded.run(pledges.part, pledge_id, amount=Money(200_000, "EUR"), line_id="L1", at=at)
    with embedded.reading() as session:
        seen = pledge_papers.of_pledge(session, token)
    assert seen.facts()["organisation"] == {
        "legal_name": "Aerial Travel SE",
        "registration": "HRB 12345",
        "purchase_order": "PO-77",
    }
    assert (seen.received, seen.open) == (Money(200_000, "EUR"), Money(300_000, "EUR"))
    assert seen.code is not None
    assert "EUR3000.00" in seen.code
    embedded.run(pledges.part, pledge_id, amount=Money(310_000, "EUR"), line_id="L2", at=at)
    with embedded.reading() as session:
        paid = pledge_papers.of_pledge(session, token)
    assert (paid.payable, paid.code, paid.open) == (False, None, Money(0, "EUR"))


def test_other_money_has_no_code_but_the_same_paper(embedded: Database, at: datetime) -> None:
    token = a_promise(embedded, at, amount=Money(5000, "CHF"))
    with embedded.reading() as session:
        seen = pledge_papers.of_pledge(session, token)
    assert (seen.payable, seen.code) == (True, None)
