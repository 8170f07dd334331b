"""Does the reader take exactly what a bank states, and refuse what it cannot read exactly?"""

import os
import re
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from offset.errors import InvalidInput
from offset.gateways.bank_files import BankFileReader
from offset.gateways.camt053 import Camt053Reader
from offset.money import Money
from offset.treasury.ports import Statement

SAMPLES = Path(__file__).parents[1] / "data" / "bank"
IBAN = "FR7630006000011234567890189"


def read(name: str) -> tuple[Statement, ...]:
    return Camt053Reader().read((SAMPLES / name).read_bytes())


def changed(old: str, new: str, name: str = "camt053-v8-month.xml") -> bytes:
    text = (SAMPLES / name).read_text()
    assert old in text
    return text.replace(old, new, 1).encode()


def refusal(data: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        Camt053Reader().read(data)
    assert caught.value.field == "file"
    return caught.value


def test_the_month_is_read_to_the_cent() -> None:
    (statement,) = read("camt053-v8-month.xml")
    assert (statement.reference, statement.sequence, statement.account) == ("OCT-194", 194, IBAN)
    assert statement.opening == Money(1_000_000, "EUR")
    assert statement.closing == Money(893_934, "EUR")
    assert statement.closed_on == date(2026, 10, 9)
    assert [line.amount.minor for line in statement.lines] == [11240, 5000, 2000, -123456, -850]
    payout, gift, _, payment, fee = statement.lines
    assert (payout.bank_reference, payout.end_to_end_id) == ("BNK-1001", "STRIPE-PO-1")
    assert payout.counterparty == "STRIPE PAYMENTS EUROPE LTD"
    assert (gift.text, gift.end_to_end_id) == ("DON-5T6YQ2 don sols vivants", None)
    assert gift.counterparty_iban == "FR1420041010050500013M02606"
    assert (payment.end_to_end_id, payment.counterparty) == ("DISB-2026-0001", "Ferme exemple")
    assert (fee.counterparty, fee.text) == (None, "FRAIS TENUE DE COMPTE")


def test_version_2_with_trailing_zeros_and_the_previous_closing_as_opening() -> None:
    (statement,) = read("camt053-v2.xml")
    assert (statement.opening, statement.closing) == (Money(1_815, "EUR"), Money(2_700, "EUR"))
    (line,) = statement.lines
    assert (line.amount, line.counterparty) == (Money(885, "EUR"), "Company Example")
    assert (line.bank_reference, line.reversal) == (None, False)
    assert line.value_on == line.booked_on == date(2026, 10, 31)


def test_version_4_overdrawn_with_another_id_and_the_day_the_bank_wrote() -> None:
    (statement,) = read("camt053-v4.xml")
    assert (statement.account, statement.opening) == (IBAN, Money(-500, "EUR"))
    (line,) = statement.lines
    assert line.creditor_reference == "RF18539007547034"
    assert line.booked_on == date(2026, 10, 31)


def test_a_batch_becomes_its_transactions_where_they_state_amounts() -> None:
    (statement,) = read("camt053-v2-batch.xml")
    told = [(line.amount.minor, line.bank_reference, line.text) for line in statement.lines]
    assert told == [
        (2_500, "BNK-2001/1", "gift one"),
        (3_500, "BNK-2001/2", "gift two"),
        (1_000, "BNK-2002", "sum only / no amounts"),
    ]


def test_a_batch_may_hold_a_counter_booking() -> None:
    (statement,) = read("camt053-v8-batch.xml")
    assert [line.amount.minor for line in statement.lines] == [2_500, -100]


def test_a_batch_in_another_currency_than_its_entry_stays_one_line() -> None:
    data = changed(
        '<Amt Ccy="EUR">25.00</Amt>', '<Amt Ccy="USD">29.00</Amt>', "camt053-v8-batch.xml"
    )
    (statement,) = Camt053Reader().read(data)
    assert [line.amount.minor for line in statement.lines] == [2_400]


def test_a_batch_whose_parts_are_not_its_sum_is_refused() -> None:
    data = changed(
        '<Amt Ccy="EUR">25.00</Amt>', '<Amt Ccy="EUR">25.01</Amt>', "camt053-v8-batch.xml"
    )
    assert refusal(data).code == "statement_batch_differs"


def test_what_the_bank_kept_of_a_batch_is_a_line_of_its_own() -> None:
    kept = '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.30</TtlChrgsAndTaxAmt></Chrgs>'
    for place in ("<AcctSvcrRef>BNK-2003", '<Amt Ccy="EUR">1.00</Amt>'):
        data = changed(place, f"{kept}{place}", "camt053-v8-batch.xml").replace(
            b">24.00<", b">23.70<"
        )
        (statement,) = Camt053Reader().read(data)
        told = [(one.amount.minor, one.bank_reference) for one in statement.lines]
        assert told == [(2_500, "BNK-2003/1"), (-100, "BNK-2003/2"), (-30, "BNK-2003/3")]
        assert statement.lines[2].text == "BANK CHARGES"
    assert refusal(data.replace(b">0.30<", b">0.31<")).code == "statement_batch_differs"
    records = b'<Rcrd><Amt Ccy="EUR">0.10</Amt></Rcrd><Rcrd><Amt Ccy="EUR">0.20</Amt></Rcrd>'
    apart = data.replace(b'<TtlChrgsAndTaxAmt Ccy="EUR">0.30</TtlChrgsAndTaxAmt>', records)
    assert Camt053Reader().read(apart)[0].lines == statement.lines


def test_a_batch_taken_back_may_be_told_with_the_sides_of_the_first_booking() -> None:
    data = changed(
        "<CdtDbtInd>CRDT</CdtDbtInd>\n        <Sts>",
        "<CdtDbtInd>DBIT</CdtDbtInd><Sts>",
        "camt053-v8-batch.xml",
    )
    (statement,) = Camt053Reader().read(data)
    assert [line.amount.minor for line in statement.lines] == [-2_500, 100]


def test_a_day_that_is_left_out_is_the_nearest_that_the_bank_states() -> None:
    name = "camt053-v8-pending.xml"
    text = (SAMPLES / name).read_text()
    (told,) = Camt053Reader().read(re.sub(r"<BookgDt>.*?</BookgDt>", "", text).encode())
    (bare,) = Camt053Reader().read(
        re.sub(r"<(BookgDt|ValDt)>.*?</\1>", "", text, flags=re.DOTALL).encode()
    )
    for statement in (told, bare):
        assert len(statement.lines) == 1
        assert len(statement.pending) == 2
        assert {line.booked_on for line in statement.lines} == {statement.closed_on}
    late = "<Dt>2026-10-08</Dt></BookgDt>"
    for written in (
        "<Dt>2026-10-08Z</Dt>",
        "<Dt>2026-10-08+02:00</Dt>",
        "<DtTm>2026-10-08T24:00:00</DtTm>",
    ):
        (statement,) = Camt053Reader().read(changed(late, f"{written}</BookgDt>"))
        assert date(2026, 10, 8) in {line.booked_on for line in statement.lines}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_way_to_write_the_letters(encoding: str) -> None:
    text = (SAMPLES / "camt053-v8-month.xml").read_text().partition("?>")[2].strip()
    prefixed = re.sub(r"<(/?)([A-Z])", r"<\1c:\2", text).replace("xmlns=", "xmlns:c=")
    month = read("camt053-v8-month.xml")
    for written in (text, prefixed, f"\n {text}" if "16" not in encoding else text):
        assert BankFileReader().read(written.encode(encoding)) == month


def test_no_namespace_and_no_details() -> None:
    (statement,) = read("camt053-no-namespace.xml")
    (line,) = statement.lines
    assert (line.amount, line.text, line.counterparty) == (Money(200, "EUR"), "cash deposit", None)


def test_a_reversal_keeps_its_own_sign_and_names_the_first_payee() -> None:
    (statement,) = read("camt053-v8-reversal.xml")
    sent, back = statement.lines
    assert (sent.amount.minor, sent.reversal) == (-4_000, False)
    assert (back.amount.minor, back.reversal) == (4_000, True)
    assert sent.counterparty == back.counterparty == "Ferme exemple"


def test_what_is_not_booked_stays_apart() -> None:
    (statement,) = read("camt053-v8-pending.xml")
    assert [line.text for line in statement.lines] == ["booked"]
    assert [line.text for line in statement.pending] == ["announced", "for information"]


def test_several_statements_in_one_file() -> None:
    first, second = read("camt053-v2-several.xml")
    assert first.closing == second.opening == Money(2_700, "EUR")
    assert second.lines[0].amount == Money(-700, "EUR")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "statement_empty"),
        (b" \n", "statement_empty"),
        (b"date;amount\n2026-10-01;5", "statement_not_xml"),
        (b"<Document><Stmt>", "statement_not_xml"),
        (b"<Document/>", "statement_none"),
        (
            b"<Document><BkToCstmrDbtCdtNtfctn><Ntfctn/></BkToCstmrDbtCdtNtfctn></Document>",
            "statement_notice_empty",
        ),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "statement_hostile"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "statement_hostile"),
        (
            b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;"><!ENTITY d "&c;&c;">]><a>&d;</a>',
            "statement_hostile",
        ),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".encode("utf-16"), "statement_hostile"),
        (b"<a>" * 65 + b"</a>" * 65, "statement_too_deep"),
        (b"<a>" * 200_000, "statement_too_deep"),
    ],
)
def test_what_is_no_statement_is_refused_with_its_reason(data: bytes, code: str) -> None:
    assert refusal(data).code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (">112.40<", ">112.401<", "statement_amount_precise"),
        (">112.40<", ">1,112.40<", "statement_amount"),
        (">112.40<", ">NaN<", "statement_amount"),
        (">112.40<", "><", "statement_amount"),
        (">112.40<", ">-112.40<", "statement_amount"),
        (">112.40<", ">99999999999999.00<", "statement_amount"),
        ('<Amt Ccy="EUR">112.40', '<Amt Ccy="ZZZ">112.40', "statement_currency_unknown"),
        ('<Amt Ccy="EUR">112.40</Amt>', "", "statement_incomplete"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>X</CdtDbtInd>", "statement_incomplete"),
        ("<Cd>OPBD</Cd>", "<Cd>OPAV</Cd>", "statement_incomplete"),
        ("<Cd>CLBD</Cd>", "<Cd>CLAV</Cd>", "statement_incomplete"),
        ("<Id>OCT-194</Id>", "", "statement_incomplete"),
        (f"<IBAN>{IBAN}</IBAN>", "", "statement_incomplete"),
        ("<Dt>2026-10-08</Dt>", "<Dt>2026-13-08</Dt>", "statement_date"),
        ("<Dt>2026-10-08</Dt>", "<Dt>2026-W41-4</Dt>", "statement_date"),
        ("<Dt><Dt>2026-10-09</Dt></Dt>", "<Dt/>", "statement_incomplete"),
        ('<Amt Ccy="EUR">112.40', "<Amt>112.40", "statement_incomplete"),
    ],
)
def test_a_value_that_cannot_be_read_exactly_refuses_the_file(
    old: str, new: str, code: str
) -> None:
    assert refusal(changed(old, new)).code == code


def test_an_amount_with_zeros_beyond_the_cent_is_the_same_amount() -> None:
    (statement,) = Camt053Reader().read(changed(">112.40<", ">112.4000000<"))
    assert statement.lines[0].amount == Money(11_240, "EUR")


def test_a_sequence_number_that_is_no_number_is_left_out() -> None:
    data = changed("<ElctrncSeqNb>194</ElctrncSeqNb>", "<LglSeqNb>A/7</LglSeqNb>")
    (statement,) = Camt053Reader().read(data)
    assert statement.sequence is None


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("50.00")
    data = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    assert refusal(data).code == "statement_hostile"


def test_size_and_number_of_entries_are_bounded() -> None:
    month = (SAMPLES / "camt053-v8-month.xml").read_bytes()
    with pytest.raises(InvalidInput, match="statement_too_many_lines"):
        Camt053Reader(max_entries=4).read(month)
    with pytest.raises(InvalidInput, match="statement_too_large"):
        Camt053Reader(max_bytes=len(month) - 1).read(month)
    assert Camt053Reader(max_entries=5, max_bytes=len(month)).read(month)


def test_a_long_file_is_streamed() -> None:
    text = (SAMPLES / "camt053-no-namespace.xml").read_text()
    start, end = text.index("      <Ntry>"), text.index("    </Stmt>")
    data = (text[:start] + text[start:end] * 5_000 + text[end:]).encode()
    tracemalloc.start()
    (statement,) = Camt053Reader().read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(statement.lines) == 5_000
    assert peak < 20 * len(data)


def test_samples_of_other_projects_are_read_where_they_are() -> None:
    folder = os.environ.get("OFFSET_BANK_SAMPLES")
    if not folder:
        pytest.skip("OFFSET_BANK_SAMPLES names no folder of third-party samples")
    files = sorted((Path(folder) / "camt053").glob("*camt053*.xml"))
    assert files
    for file in files:
        statements = Camt053Reader().read(file.read_bytes())
        assert all(statement.lines for statement in statements), file.name
