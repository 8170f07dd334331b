"""Does our bank take the file: by the official schema, in its letters, the same bytes each time?"""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from offset.errors import InvalidInput
from offset.gateways.pain001 import NAMESPACE, Pain001Writer, plain
from offset.money import Money
from offset.treasury.payee_ports import Party, Transfer, TransferBatch

SCHEMA = etree.XMLSchema(
    etree.parse(Path(__file__).parents[1] / "data" / "iso20022" / "pain.001.001.09.xsd")
)
US = Party(name="4 per 1000", iban="FR7630006000011234567890189", bic=None, country="FR")
THEM = Party(
    name="Käse & Söhne_Œuvre 山",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    country="DE",
    town="Köln",
    street="Straße 1",
    postcode="50667",
)
ONE = Transfer(
    end_to_end_id="DISB-2026-0042",
    amount=Money(123_456, "EUR"),
    creditor=THEM,
    text="Première tranche; DISB-2026-0042",
)
BATCH = TransferBatch(
    message_id="B1-20261115",
    made_at=datetime(2026, 11, 15, 10, 0, 7, 5, tzinfo=UTC),
    execute_on=date(2026, 11, 16),
    debtor=US,
    transfers=(
        ONE,
        replace(
            ONE,
            end_to_end_id="DISB-2026-0043",
            amount=Money(1, "EUR"),
            creditor=replace(THEM, bic=None, town="", street="", postcode=""),
            text="",
        ),
    ),
)


def told(data: bytes, name: str) -> list[str]:
    return [str(one.text) for one in etree.fromstring(data).iter(f"{{{NAMESPACE}}}{name}")]


def test_the_file_is_valid_and_says_what_was_ordered() -> None:
    data = Pain001Writer().write(BATCH)
    SCHEMA.assertValid(etree.fromstring(data))
    assert told(data, "NbOfTxs") == ["2", "2"]
    assert told(data, "CtrlSum") == ["1234.57", "1234.57"]
    assert told(data, "EndToEndId") == ["DISB-2026-0042", "DISB-2026-0043"]
    assert told(data, "InstdAmt") == ["1234.56", "0.01"]
    assert told(data, "IBAN") == [US.iban, THEM.iban, THEM.iban]
    assert told(data, "BICFI") == ["COBADEFFXXX"]
    assert told(data, "Nm")[2] == "Kase + Sohne-Oeuvre"
    assert (told(data, "TwnNm"), told(data, "Ctry")) == (["Koln"], ["DE"])
    assert told(data, "Ustrd") == ["Premiere tranche, DISB-2026-0042"]
    assert (told(data, "Cd"), told(data, "ChrgBr")) == (["SEPA"], ["SLEV"])
    assert (told(data, "BtchBookg"), told(data, "Dt")) == (["true"], ["2026-11-16"])
    assert told(data, "CreDtTm") == ["2026-11-15T10:00:07Z"]


def test_the_same_order_gives_the_same_bytes() -> None:
    assert Pain001Writer().write(BATCH) == Pain001Writer().write(replace(BATCH))


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (replace(BATCH, transfers=()), "transfer_none"),
        (replace(BATCH, transfers=(replace(ONE, amount=Money(1, "USD")),)), "transfer_currency"),
        (replace(BATCH, transfers=(replace(ONE, amount=Money(0, "EUR")),)), "transfer_amount"),
        (replace(BATCH, transfers=(replace(ONE, amount=Money(10**11, "EUR")),)), "transfer_amount"),
        (replace(BATCH, transfers=(replace(ONE, end_to_end_id="/A"),)), "transfer_reference"),
        (replace(BATCH, transfers=(replace(ONE, end_to_end_id="A//B"),)), "transfer_reference"),
        (replace(BATCH, transfers=(replace(ONE, end_to_end_id="x" * 36),)), "transfer_reference"),
        (replace(BATCH, message_id="é"), "transfer_reference"),
        (
            replace(BATCH, transfers=(replace(ONE, creditor=replace(THEM, name="李小龙")),)),
            "transfer_name",
        ),
    ],
)
def test_what_the_bank_would_refuse_is_not_written(batch: TransferBatch, code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        Pain001Writer().write(batch)


def test_letters_are_those_that_every_bank_takes() -> None:
    assert plain("Élan <b>“Ñandú”</b>\nΑθήνα", 70) == "Elan b Nandu /b Athina"
    assert plain("x" * 200, 140) == "x" * 140
