"""Does the reader understand each bank's MT940 to the cent, and refuse what is not whole?"""

import contextlib
import os
from datetime import date
from pathlib import Path

import pytest

from offset.errors import InvalidInput
from offset.gateways.bank_files import BankFileReader
from offset.money import Money
from offset.treasury.ports import Statement, StatementLine


def whole(
    *fields: str, opening: str = "C260930EUR100,00", closing: str = "C261001EUR100,00"
) -> str:
    return "\r\n".join(
        [":20:STARTUMS", ":25:FR7630006000011234567890189", ":28C:00007/001", f":60F:{opening}"]
        + list(fields)
        + [f":62F:{closing}", "-", ""]
    )


def read(text: str) -> tuple[Statement, ...]:
    return BankFileReader().read(text.encode())


def a_line(*fields: str) -> StatementLine:
    (statement,) = read(whole(*fields))
    (line,) = statement.lines
    return line


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    return caught.value.code


def test_a_statement_with_its_names() -> None:
    (told,) = read(whole(":61:2610011001C12,5NTRFNONREF//REF-1", ":86:GIFT"))
    assert (told.reference, told.sequence, told.form) == ("STARTUMS 00007/001", 7, "mt940")
    assert told.account == "FR7630006000011234567890189"
    assert (told.opening, told.closed_on) == (Money(10_000, "EUR"), date(2026, 10, 1))
    (line,) = told.lines
    assert (line.amount, line.bank_reference, line.text) == (Money(1_250, "EUR"), "REF-1", "GIFT")
    assert (line.end_to_end_id, line.reversal) == (None, False)


@pytest.mark.parametrize(
    ("written", "minor", "back"),
    [
        ("2610011001C300,NTRFNONREF", 30_000, False),
        ("2610011001CR300,NTRFNONREF", 30_000, False),
        ("2610011001DR300,NTRFNONREF", -30_000, False),
        ("2610011001RC300,NTRFNONREF", -30_000, True),
        ("2610011001RCR300,NTRFNONREF", -30_000, True),
        ("2610011001RD300,NTRFNONREF", 30_000, True),
        ("261001D9,N192NONREF", -900, False),
        ("2610011001CN0,01NTRFNONREF//MB1", 1, False),
        ("261001D000000000025,00N102EREF", -2_500, False),
        ("261001D500NTRF29-07-2014 10:05//B4", -50_000, False),
        ("2610011001CM5000,00S05168790452", 500_000, False),
    ],
)
def test_sides_and_amounts(written: str, minor: int, back: bool) -> None:  # noqa: FBT001 - a column
    line = a_line(f":61:{written}", ":86:x")
    assert (line.amount.minor, line.reversal) == (minor, back)


def test_the_german_record_with_its_words() -> None:
    line = a_line(
        ":61:2610011001CR50,NTRFNONREF//1",
        ":86:166?00GUTSCHRIFT?100399?20EREF+DISB-2026-0042?21SVWZ+Don DON-7K3Q?22X9AB mer",
        "ci?30PBNKDEFF?31DE42100100100043921105?32Lucie Ber?33nard",
    )
    assert (line.end_to_end_id, line.text) == ("DISB-2026-0042", "Don DON-7K3QX9AB merci")
    assert (line.counterparty, line.counterparty_iban) == (
        "Lucie Bernard",
        "DE42100100100043921105",
    )


def test_the_record_with_other_marks() -> None:
    line = a_line(":61:261001D15,70N000NONREF", ":86:000>100987>20KOS>21TEN VAN 2026>31x")
    assert (line.text, line.counterparty_iban) == ("KOSTEN VAN 2026", None)


def test_the_record_with_slashes() -> None:
    line = a_line(
        ":61:261001D25,00N102EREF\r\nNL70ABNA0987654321",
        ":86:/EREF/DISB-2026-0007/BENM//NAME/CONTRA ACCOUN",
        "T HOLDER/REMI/USTD//Instalment/ISDT/2026-10-01",
    )
    assert (line.end_to_end_id, line.text) == ("DISB-2026-0007", "Instalment")
    assert line.counterparty == "CONTRA ACCOUNT HOLDER"
    assert line.counterparty_iban == "NL70ABNA0987654321"


def test_the_counterparty_in_one_word() -> None:
    line = a_line(
        ":61:261001C25,00NTRFEREF",
        ":86:/EREF/NOTPROVIDED/CNTP/NL65INGB0123456789/INGBNL2A/J DOE///REMI/USTD//gift/",
    )
    assert (line.counterparty, line.counterparty_iban) == ("J DOE", "NL65INGB0123456789")
    assert (line.end_to_end_id, line.text) == (None, "gift")


def test_plain_words_over_several_lines() -> None:
    line = a_line(":61:261001C25,00NMSCNONREF", ":86:VIR RECU", "M ROUX DE89370400440532013000")
    assert line.text == "VIR RECU M ROUX DE89370400440532013000"
    assert line.counterparty_iban == "DE89370400440532013000"


def test_a_line_without_words_keeps_what_stands_beside_it() -> None:
    (told,) = read(whole(":61:261001C1,00NTRFINV 7//R\r\nCard payment"))
    assert (told.lines[0].text, told.lines[0].end_to_end_id) == ("Card payment", "INV 7")


def test_the_year_of_the_entry_date() -> None:
    text = whole(":61:2612310102C1,00NTRFNONREF", ":61:2601021231C1,00NTRFNONREF")
    (told,) = read(text)
    assert [line.booked_on for line in told.lines] == [date(2027, 1, 2), date(2025, 12, 31)]


def test_an_entry_of_january_for_a_day_of_november_is_of_the_next_year() -> None:
    assert a_line(":61:2511300102D1,00NTRFNONREF").booked_on == date(2026, 1, 2)
    assert a_line(":61:2601021130D1,00NTRFNONREF").booked_on == date(2025, 11, 30)


def test_words_in_several_fields_and_a_mark_that_somebody_wrote() -> None:
    line = a_line(":61:2610011001C1,00NTRFNONREF", ":86:/EREF/E-1/", ":86:/REMI/gift/NAME/Jean/")
    assert (line.end_to_end_id, line.text, line.counterparty) == ("E-1", "gift", "Jean")
    assert a_line(":61:2610011001C1,00NTRFX", ":86:gift", ":NS:more").text == "gift more"
    cut = a_line(":61:2610011001C1,00NTRFX", ":86:166?00GUT?20SVWZ+Who? DON-7K3Q?21X9AB?32JEAN")
    assert (cut.text, cut.counterparty) == ("Who? DON-7K3QX9AB", "JEAN")


def test_other_letters_and_a_slash_before_the_account() -> None:
    text = whole(":61:2610011001C1,00NTRFX", ":86:Zoé").replace(":25:", ":25:/")
    assert BankFileReader().read(text.encode("utf-16")) == read(text)
    assert read(text)[0].account == "FR7630006000011234567890189"


def test_several_statements_and_an_envelope() -> None:
    two = whole() + whole().replace("00007", "00008")
    first, second = read("ABNANL2A\n940\nABNANL2A\n" + two.replace("\r\n", "\n"))
    assert (first.sequence, second.sequence) == (7, 8)
    assert read("{1:F01}{4:\n" + whole().replace("\n-\r", "\n-}\r"))[0].sequence == 7


def test_a_word_after_the_closing_is_no_line() -> None:
    (told,) = read(
        whole(":61:261001C1,00NTRFNONREF", ":86:gift").replace("-\r\n", ":86:D0C1\r\n-\r\n")
    )
    assert told.lines[0].text == "gift"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (whole().replace(":62F:", ":64:"), "statement_incomplete"),
        (whole().replace(":60F:", ":64:"), "statement_incomplete"),
        (whole().replace(":25:FR7630006000011234567890189", ":25:"), "statement_incomplete"),
        (whole(opening="C260930DEM1,00"), "statement_currency_unknown"),
        (whole(opening="1,00"), "statement_amount"),
        (whole(opening="C261330EUR1,00"), "statement_date"),
        (whole(":61:261001C1,005NTRFNONREF"), "statement_amount_precise"),
        (whole(":61:261301C1,00NTRFNONREF"), "statement_date"),
        (whole(":61:261001C1.010,00NTRFNONREF"), "statement_line"),
        (whole(":61:2610011001CR\r\n30,00N062NONREF"), "statement_line"),
        (":61:1811261126CR\n30,00N062NONREF\n:86:166?00x", "statement_none"),
    ],
)
def test_what_is_not_whole_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


def test_too_many_lines_and_an_endless_field() -> None:
    many = whole(*[":61:261001C1,00NTRFNONREF"] * 3)
    with pytest.raises(InvalidInput, match="statement_too_many_lines"):
        BankFileReader(max_entries=2).read(many.encode())
    assert refusal(whole(":61:261001C1,00NTRFNONREF", ":86:" + "\n".join(["x" * 90] * 300))) == (
        "statement_amount"
    )


def test_every_sample_is_read_or_refused_in_our_words() -> None:
    folder = os.environ.get("OFFSET_BANK_SAMPLES")
    if not folder:
        pytest.skip("OFFSET_BANK_SAMPLES names no folder of third-party samples")
    whole_ones = 0
    for path in sorted(Path(folder).rglob("*.sta")):
        with contextlib.suppress(InvalidInput):
            whole_ones += len(BankFileReader().read(path.read_bytes()))
    assert whole_ones >= 30
