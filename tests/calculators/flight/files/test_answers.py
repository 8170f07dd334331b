"""Does every row of a text come back as it was, with its answer or its reason?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calculators.errors import FileError
from calculators.flight.batch import FAULTS
from calculators.flight.files import questions, sniffing
from calculators.flight.files.rows import ADDED, SENTENCES
from calculators.flight.files.writing import fixed_point
from calculators.flight.itinerary import Itinerary, Leg, estimate
from tests.calculators.flight.files.asking import Asked

FRENCH = "Départ;Arrivée;Classe;Montant\r\nParis;Genève;Éco;1 234,50\r\nCDG;JNB;Affaires;3,5\r\n"


def test_a_french_export_runs_unchanged(tmp_path: Path) -> None:
    asked = Asked(tmp_path, FRENCH.encode("cp1252"))
    lines = asked.text.split("\r\n")
    wanted = estimate(Itinerary((Leg("CDG", "JNB", "business"),)))
    assert asked.encoding == "cp1252"
    assert lines[0].startswith("Départ;Arrivée;Classe;Montant;method;version;great_circle_km;")
    assert lines[1].startswith("Paris;Genève;Éco;1 234,50;tim-3;")
    assert asked.rows[1]["co2e_kg"] == f"{wanted.co2e_kg:.3f}".replace(".", ",")
    assert asked.rows[1]["low_kg"] == f"{wanted.low_kg:.3f}".replace(".", ",")
    assert asked.faults == ["", ""]
    assert asked.manifest["detected"]["places_read_from_names"] == {"Genève": "GVA", "Paris": "PAR"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_every_encoding_comes_back_in_itself(tmp_path: Path, encoding: str) -> None:
    asked = Asked(tmp_path, FRENCH.encode(encoding))
    assert asked.raw[:12] == FRENCH.encode(encoding)[:12]
    assert asked.kg == ["59,443", asked.kg[1]]
    assert "Genève" in asked.text


def test_a_first_accent_in_the_last_row_is_still_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniffing, "BLOCK", 64)
    rows = b"origin,destination,who\n" + b"CDG,JNB,a\n" * 200 + "CDG,JNB,Zoé\n".encode("cp1252")
    assert Asked(tmp_path, rows, "ademe").encoding == "cp1252"


def test_bytes_without_a_meaning_come_back_as_they_were(tmp_path: Path) -> None:
    rows = "from,to,who\nCDG,JNB,Zoé\n".encode() + b"CDG,Gen\xe8ve,\xff\n"
    asked = Asked(tmp_path, rows)
    assert asked.encoding == "utf-8"
    assert b"CDG,Gen\xe8ve,\xff,tim-3" in asked.raw
    assert asked.faults[1].startswith("Row 3, to 'Gen\\udce8ve': No airport")
    assert Asked(tmp_path, b"from,to,who\nCDG,JNB,\x81\xe9\n").encoding == "latin-1"


def test_quoted_line_ends_tabs_and_quotes_come_back_byte_by_byte(tmp_path: Path) -> None:
    body = 'CDG\tJNB\t"two\r\nlines ""quoted"""\t=1+1\r\nJNB\tCDG\tx"y\t\r\n'
    asked = Asked(tmp_path, "From\tTo\tNote\tSum\r\n" + body)
    first, second = body.split("\r\nJNB")
    assert f"{first}\ttim-3\t" in asked.text
    assert f"\r\nJNB{second.removesuffix(chr(13) + chr(10))}\ttim-3\t" in asked.text
    assert asked.manifest["counts"]["answers"] == 2


def test_titles_above_the_headings_stay(tmp_path: Path) -> None:
    asked = Asked(tmp_path, 'sep=;\nTrips of 2025;;\n\n"From";To;Km\nCDG;JNB;\n')
    assert asked.text.startswith('sep=;\nTrips of 2025;;\n\n"From";To;Km;method;')
    assert asked.manifest["detected"]["heading_row"] == 4
    assert asked.kg[0]


@pytest.mark.parametrize("text", ["from,to\n", "from,to", "sep=,\nfrom;to\r\n", '"from","to"'])
def test_headings_alone_are_a_file_without_rows(tmp_path: Path, text: str) -> None:
    asked = Asked(tmp_path, text)
    assert asked.head[-9:] == [*ADDED]
    assert asked.rows == []
    assert asked.manifest["counts"]["rows"] == 0


def test_bad_rows_name_row_column_value_and_do_not_stop_the_file(tmp_path: Path) -> None:
    text = (
        "from,to,class,aircraft,travellers,km\n"
        "CDX,JNB,,,,\n"
        "CDG,San Jose,,,,\n"
        "CDG,CDG,,,,\n"
        "CDG,JNB,buisness,,,\n"
        "CDG,JNB,,B78,,\n"
        "CDG,JNB,,,0,\n"
        "CDG,JNB,,,1.5,\n"
        "CDG,JNB,,,,99999\n"
        "CDG,JNB,,,,far\n"
        "CDG,,,,,\n"
        "CDG\n"
        "CDG,JNB,,,,,surplus\n"
        "CDG,JNB,,,,,\n"
        "CDG,JNB,,,,\n"
    )
    asked = Asked(tmp_path, text)
    says = [
        "Row 2, from 'CDX': No airport or city is called 'CDX'. Did you mean CDG",
        "Row 3, to 'San Jose': 'San Jose' can be several places. Did you mean",
        "Row 4, to 'CDG': A leg begins and ends at the same place.",
        "Row 5, class 'buisness': No cabin is called 'buisness'. Did you mean business?",
        "Row 6, aircraft 'B78': No aircraft type has the code 'B78'.",
        "Row 7, travellers '0': The number of travellers must be a whole number",
        "Row 8, travellers '1.5': The number of travellers must be a whole number",
        "Row 9, km '99999': The distance must be a number from 1 to 20,000 km.",
        "Row 10, km 'far': The distance must be",
        "Row 11, to '': A row needs an origin and a destination",
        "Row 12 begins 'CDG' and has 1 cell, the header 6.",
        "Row 13 begins 'CDG' and has 7 cells, the header 6.",
        "",
        "",
    ]
    for fault, said in zip(asked.faults, says, strict=True):
        assert fault.startswith(said)
        assert bool(fault) == bool(said)
    assert asked.rows[11]["method"] == "tim-3"
    assert asked.text.splitlines()[12].endswith(",surplus")
    assert asked.kg[:12] == [""] * 12
    counts = asked.manifest["counts"]
    assert (counts["rows"], counts["faults"], counts["answers"]) == (14, 12, 2)


def test_every_fault_of_the_arithmetic_has_a_sentence() -> None:
    assert {fault.code for fault in FAULTS[1:]} == SENTENCES.keys()


def test_routes_in_a_cell_or_with_a_via_add_their_legs(tmp_path: Path) -> None:
    text = (
        "from,to,via,routing,km\n"
        "CDG,JNB,DOH,,\n"
        ",,,CDG/DOH/JNB,\n"
        "CDG,JNB,,DOH,\n"
        "CDG,JNB,,CDG DOH JNB,\n"
        ",,,CDG-JNB,\n"
        "CDG,JNB,,,\n"
        "CDG,JNB,,LHR/JNB,\n"
        ",,,CDG/DOX/JNB,\n"
        f",,,{'CDG/DOH/' * 13},\n"
        "CDG,JNB,DOH,,5000\n"
        ",,,CDG,\n"
        ",,,CDG/CDG,\n"
    )
    asked = Asked(tmp_path, text)
    via = estimate(Itinerary((Leg("CDG", "DOH"), Leg("DOH", "JNB"))))
    assert asked.kg[:4] == [f"{via.co2e_kg:.3f}"] * 4
    assert asked.kg[4] == asked.kg[5] != asked.kg[0]
    assert asked.rows[0]["great_circle_km"] == f"{via.great_circle_km:.3f}"
    assert asked.faults[6].endswith("It begins or ends elsewhere than the row.")
    assert asked.faults[7].startswith(
        "Row 9, routing 'CDG/DOX/JNB': The routing cannot be read. No airport or city is called"
    )
    assert asked.faults[8].endswith("A row has at most 24 legs.")
    assert "…'" in asked.faults[8]
    assert asked.faults[9] == "note: the distance is not used, the legs of the route are"
    assert asked.kg[9] == asked.kg[0]
    assert asked.faults[10].startswith("Row 12, routing 'CDG': The routing cannot be read")
    assert asked.faults[11].startswith("Row 13, routing 'CDG/CDG': A leg begins and ends")


def test_routings_as_airlines_write_them(tmp_path: Path) -> None:
    text = (
        "from,to,via,routing\n"
        ",,,CDG X/DOH JNB\n"
        ",,,CDGDOHJNB\n"
        "CDG,JNB,X/DOH,\n"
        ",,,CDG.DOH/JNB\n"
        ",,,CDG/DOH//DXB/JNB\n"
        "CDG,JNB,DOH//DXB,\n"
        "CDG,JNB,DOH//DXB//CPT,\n"
        ",JNB,DOH//DXB,\n"
        ",,,CDG//JNB\n"
        ",,,BERLIN\n"
        ",,,CDG X DOH JNB\n"
        "CDG X,JNB,,\n"
        "CDG X/DOH,JNB,,\n"
        "LFPG,Paris X/DOH JNB,,\n"
        "LFPG,faor,OTHH,\n"
    )
    asked = Asked(tmp_path, text)
    via = estimate(Itinerary((Leg("CDG", "DOH"), Leg("DOH", "JNB"))))
    gap = estimate(Itinerary((Leg("CDG", "DOH"), Leg("DXB", "JNB"))))
    assert asked.kg[:4] == [f"{via.co2e_kg:.3f}"] * 4
    assert asked.faults[:4] == [""] * 4
    assert asked.kg[4:6] == [f"{gap.co2e_kg:.3f}"] * 2
    assert asked.faults[4:6] == ["note: no flight between DOH and DXB, as the route says"] * 2
    assert asked.faults[6].count("no flight between") == 2
    assert asked.faults[7].startswith("Row 9, via 'DOH//DXB': A row needs")
    assert asked.faults[8].endswith("The routing cannot be read as a flight between two places.")
    assert asked.faults[9].endswith("The routing cannot be read as a flight between two places.")
    assert (
        "The routing cannot be read. No airport or city is called 'CDG X DOH JNB'"
        in asked.faults[10]
    )
    assert asked.faults[11].startswith("Row 13, from 'CDG X': No airport or city is called 'CDG X'")
    assert asked.faults[12].startswith("Row 14, from 'CDG X/DOH': No airport")
    assert asked.faults[13].startswith("Row 15, to 'Paris X/DOH JNB': No airport")
    assert asked.kg[14] == asked.kg[0]


def test_a_distance_alone_is_enough_with_a_decimal_comma_too(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "Distance (km);Note\n1234,5;x\n800;y\n", "tim-3", "desnz-2025")
    assert asked.rows[0]["great_circle_km"] == "1234,500"
    assert asked.kg[0]
    assert asked.rows[1]["method"] == "desnz-2025"
    both = Asked(tmp_path, 'km,Note\n"1.234,5",x\n,y\n')
    assert both.rows[0]["great_circle_km"] == "1234,500"
    assert '"1234,500"' in both.text
    assert both.faults[1].startswith("Row 3, km '': A row needs")


def test_refunds_subtract_and_duplicates_are_told_not_dropped(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from,to,pax\nCDG,JNB,2\nCDG,JNB,-2\nCDG,JNB,2\n,,\n\nCDG,JNB,-1\n")
    assert asked.kg[1] == f"-{asked.kg[0]}"
    assert asked.rows[1]["low_kg"] == f"-{asked.rows[0]['high_kg']}"
    assert asked.rows[1]["high_kg"] == f"-{asked.rows[0]['low_kg']}"
    assert asked.kg[5] != asked.kg[1]
    assert asked.faults[2] == "note: the same as row 2"
    assert asked.kg[2] == asked.kg[0]
    assert asked.kg[3:5] == ["", ""]
    assert asked.manifest["counts"] == {
        "rows": 6, "empty": 2, "answers": 4, "faults": 0, "notes": 1, "duplicates": 1,
    }  # fmt: skip


def test_a_yes_in_the_column_of_the_way_back_adds_it(tmp_path: Path) -> None:
    yes = ["oui", "Yes", "sí", "x", "1", "R", "A/R", "12/03/2025", "True"]
    no = ["", "non", "no", "0", "OW", "aller simple"]
    text = "from;to;Aller-retour\n" + "".join(f"CDG;JNB;{word}\n" for word in [*yes, *no, "oder"])
    asked = Asked(tmp_path, text)
    there = Itinerary((Leg("CDG", "JNB"),))
    both = f"{estimate(there.and_back()).co2e_kg:.3f}".replace(".", ",")
    one = f"{estimate(there).co2e_kg:.3f}".replace(".", ",")
    assert asked.kg == [both] * len(yes) + [one] * len(no) + [""]
    assert asked.faults[-1].endswith("'oder': The return must be yes or no, or the day of it.")


def test_the_way_back_goes_over_the_stops_and_doubles_a_distance(tmp_path: Path) -> None:
    text = (
        "routing,km,return\nCDG/DOH/JNB,,yes\n,5000,yes\n,5000,no\n"
        f"{'CDG/DOH/' * 6}CDG,,no\n{'CDG/DOH/' * 6}CDG/DOH,,yes\nCDG/DOH//DXB/JNB,,yes\n"
    )
    asked = Asked(tmp_path, text)
    via = Itinerary((Leg("CDG", "DOH"), Leg("DOH", "JNB"))).and_back()
    gap = Itinerary((Leg("CDG", "DOH"), Leg("DXB", "JNB"))).and_back()
    assert asked.kg[0] == f"{estimate(via).co2e_kg:.3f}"
    assert float(asked.kg[1]) == pytest.approx(2 * float(asked.kg[2]), abs=0.001)
    assert asked.faults[3] == ""
    assert asked.faults[4].endswith("A row has at most 24 legs.")
    assert asked.kg[5] == f"{estimate(gap).co2e_kg:.3f}"


def test_travellers_as_spreadsheets_write_them(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from;to;pax\nCDG;JNB;2\nCDG;JNB;2.0\nCDG;JNB;2,00\nCDG;JNB;-2.0\n")
    assert asked.kg[0] == asked.kg[1] == asked.kg[2] == asked.kg[3].removeprefix("-")


def test_what_is_not_read_is_in_the_manifest(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "From,Origin city,To,Prix,\nCDG,Paris,JNB,3,4\n")
    assert asked.manifest["detected"]["not_used"] == ["Origin city (a second origin)", "Prix"]


def test_names_of_several_places_are_told_on_their_row(tmp_path: Path) -> None:
    names = ["Santiago", "Valencia", "Portland", "Birmingham", "Paris", "London"]
    text = "from,to\n" + "".join(f"{name},JFK\n" for name in names) + "JFK,San Jose\n"
    asked = Asked(tmp_path, text)
    assert asked.faults[0] == (
        "note: 'Santiago' is read as SCL (Santiago, CL), not SCQ (Santiago de Compostela, ES)"
        " or SCU (Santiago de Cuba, CU)"
    )
    assert "VLC (Valencia, ES), not VLN (Valencia, VE)" in asked.faults[1]
    assert "PDX (Portland, US), not PWM (Portland, US)" in asked.faults[2]
    assert "BHX (Birmingham, GB), not BHM (Birmingham, US)" in asked.faults[3]
    assert asked.faults[4:6] == ["", ""]
    assert "'San Jose' can be several places" in asked.faults[6]
    routed = Asked(tmp_path, "routing,km\nJFK/Birmingham/Birmingham,\nBirmingham - JFK,\n")
    assert routed.faults[1].count("is read as BHX") == 1


def test_what_was_assumed_is_told_on_its_row(tmp_path: Path) -> None:
    text = (
        "from,to,aircraft,cabin,km\n"
        "CDG,JNB,AT72,,\nCDG,JNB,320,first,\nCDG,JNB,,,12000\nCDG,JNB,,,8000\nCDG,JNB,,,9000\n"
    )
    asked = Asked(tmp_path, text)
    assert asked.faults[0].startswith("note: longer than this type flies")
    assert "not usually fitted with this cabin" in asked.faults[1]
    assert asked.faults[2] == "note: the distance is used, but the great circle is 8738 km"
    assert asked.faults[3] == asked.faults[2]
    assert asked.faults[4] == ""
    assert all(asked.kg)


def test_a_distance_alone_says_what_is_assumed(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "km\n3000\n", "desnz-2025", "icao-style", "tim-3")
    assert all(asked.kg)
    assert asked.faults[0].startswith("note: countries unknown: short or long haul by the distance")
    assert asked.faults[1].startswith("note: regions unknown: the mean load of all published pairs")
    assert asked.faults[2] == ""


def test_every_range_holds_its_figure_and_sums_still_cancel(tmp_path: Path) -> None:
    text = "from,to,pax,team\nCDG,JNB,2,a\nCDG,JNB,-2,a\nLHR,JFK,-1,a\nLHR,JFK,1,a\n"
    asked = Asked(tmp_path, text, by="team")
    for row in asked.rows:
        assert float(row["low_kg"]) < float(row["co2e_kg"]) < float(row["high_kg"])
    assert asked.done.summary is not None
    (line,) = asked.done.summary.lines()
    assert (line.co2e_kg, line.low_kg, line.high_kg) == (0, 0, 0)


def test_the_cabin_word_comes_before_the_letter(tmp_path: Path) -> None:
    asked = Asked(
        tmp_path,
        "from,to,cabin,class\nCDG,JNB,first,Y\nCDG,JNB,,F\nCDG,JNB,first,G\nCDG,JNB,,G\nCDG,JNB,first,A\n",
    )
    assert asked.kg[0] == asked.kg[1] == asked.kg[2] == asked.kg[4]
    assert asked.faults[0] == "note: the class 'Y' is another cabin, not used"
    assert asked.faults[3].startswith("Row 5, class 'G': The letter 'G' has no cabin")


def test_by_date_takes_the_edition_of_each_row(tmp_path: Path) -> None:
    text = (
        "from,to,date\nLHR,JFK,31/12/2024\nLHR,JFK,01/01/2025\nLHR,JFK,1990-01-01\n"
        "LHR,JFK,\nLHR,JFK,never\nLHR,JFK,2031-05-01\n"
    )
    asked = Asked(tmp_path, text, "by-date")
    assert [row["method"] for row in asked.rows[:3]] == ["desnz-2024", "desnz-2025", ""]
    assert asked.kg[0] != asked.kg[1]
    assert "Row 4, date '1990-01-01': The first edition" in asked.faults[2]
    assert "needs the date" in asked.faults[3]
    assert "This is not a date" in asked.faults[4]
    assert asked.faults[5].startswith("note: no edition of its year yet")
    plain = Asked(tmp_path, text)
    assert plain.faults[4] == "note: 'never' is no date, none is needed"
    with pytest.raises(FileError, match=r"by-date needs a column 'date'"):
        Asked(tmp_path, "from,to\nCDG,JNB\n", "by-date")


def test_several_methods_give_a_row_each(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from,to\nCDG,JNB\nJNB,CDG\n", "tim-3", "ademe", "tim-3")
    assert [(row["from"], row["method"]) for row in asked.rows] == [
        ("CDG", "tim-3"),
        ("CDG", "ademe"),
        ("JNB", "tim-3"),
        ("JNB", "ademe"),
    ]
    assert asked.rows[1]["low_kg"] == asked.rows[1]["fuel_kg"] == ""


def test_our_columns_do_not_hide_the_files_own(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from,to,Method,fault\nCDG,JNB,a,b\n")
    assert asked.head[2:6] == ["Method", "fault", "method_2", "version"]
    assert asked.head[-1] == "fault_2"


def test_our_own_cells_never_begin_like_a_formula(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from,to,x\n=1+1,JNB,@x\n-cmd,JNB,+1\n")
    assert all(row["fault"][0] == "R" for row in asked.rows)
    assert asked.text.splitlines()[1].startswith("=1+1,JNB,@x,tim-3")


def test_sentences_fit_the_encoding_of_the_file(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "Départ;to\nWRX;CDG\n".encode("cp1252"))
    assert "Copernicus Wroclaw Airport" in asked.faults[0]
    assert asked.faults[0].endswith("?")


def test_texts_are_forgotten_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "_REMEMBERED", 1)
    monkeypatch.setattr(questions, "_NAMES_TOLD", 1)
    asked = Asked(tmp_path, "from,to\nGenf,Rom\nRom,Genf\n")
    assert asked.manifest["detected"]["places_read_from_names"] == {"Genf": "GVA"}
    assert asked.faults == ["", ""]


def test_single_and_batch_agree_to_the_gram(tmp_path: Path) -> None:
    pairs = [("CDG", "JNB"), ("LHR", "JFK"), ("GVA", "NCE"), ("SYD", "LAX")]
    text = "from,to\n" + "".join(f"{a},{b}\n" for a, b in pairs)
    kg = [float(value) for value in Asked(tmp_path, text).kg]
    assert kg == [estimate(Itinerary((Leg(a, b),))).co2e_kg for a, b in pairs]
    assert np.isfinite(kg).all()


def test_numbers_of_any_length_are_written_with_three_decimals() -> None:
    figures = np.array([[99_999_999_999.999, -0.5, np.nan], [0.0, -1234.5, 7.0]])
    assert fixed_point(figures, ",", ";", "") == [
        "99999999999,999;0,000",
        "-0,500;-1234,500",
        ";7,000",
    ]
    assert fixed_point(figures[:, :1], ".", ",", '"') == ['"99999999999.999","0.000"']


def test_an_aircraft_is_read_by_either_code(tmp_path: Path) -> None:
    asked = Asked(tmp_path, "from,to,aircraft\nCDG,JNB,789\nCDG,JNB,B789\nCDG,JNB,\n")
    assert asked.kg[0] == asked.kg[1] != asked.kg[2]


def test_a_file_with_many_accents_is_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sniffing, "BLOCK", 16)
    asked = Asked(tmp_path, FRENCH.encode("cp1252"))
    assert (asked.encoding, asked.faults) == ("cp1252", ["", ""])
