"""Do an operator's own files stand over a shipped data set, and is each fault told where it is?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from calculators.cli.main import main
from calculators.errors import InvalidOperatorData, UnknownDataset
from calculators.flight import operator_data
from calculators.flight.batch import estimate_many
from calculators.flight.datasets import LATEST, dataset
from calculators.flight.fuel import burn
from calculators.flight.itinerary import Estimate, Itinerary, Leg, Overrides, estimate
from calculators.flight.operator_data import AIRPORT_PAIRS, COUNTRY_PAIRS, FUEL, SEATS, load
from calculators.flight.seats import SeatMap
from calculators.flight.why import accounts

RATIO = "ratio_distance_inefficiency"
PAIRS, HEAD = AIRPORT_PAIRS.removesuffix(".csv"), f"origin_destination_airport,{RATIO}"
OWN = {
    AIRPORT_PAIRS: f"origin_destination_airport,{RATIO},ratio_ccd_fuel_inefficiency\n"
    "ZRH-SFO,1.0273,1.03\nLFPG_FAOR,1.09,1.1\n",
    COUNTRY_PAIRS: f"origin_destination_country,{RATIO}\nCH-US,1.03\nUS-CH,1.04\n",
    # The printed knots of the Travel Impact Model 3.0.0 (Google, CC BY 4.0).
    FUEL: "aircraft;distance_nm;lto_fuel_kg;ccd_fuel_kg\n"
    "B789;500;1638;5852\nB789;1000;1638;10874\nB789;5000;1638;52962\nB789;5500;1638;58072\n",
    SEATS: "aircraft,F,J,W,Y\nB789,0,48,21,188\n",
}


def folder(tmp_path: Path, **files: str | bytes) -> Path:
    """Return a folder of files, their names without ending as keywords."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / f"{name}.csv").write_bytes(data)
    return tmp_path


@pytest.fixture
def own(tmp_path: Path) -> str:
    for name, content in OWN.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return load(tmp_path).id


def one(data: str | None, origin: str, destination: str, aircraft: str | None = None) -> Estimate:
    return estimate(Itinerary((Leg(origin, destination, aircraft=aircraft),)), dataset=data)


def told(answer: Estimate, name: str) -> tuple[object, str, str]:
    factor = next(one for one in answer.legs[0].provenance if one.factor == name)
    return factor.value, factor.category, factor.source


def test_the_same_files_give_the_same_id_and_other_files_another(tmp_path: Path) -> None:
    first = load(folder(tmp_path, seats="aircraft,F,J,W,Y\nB789,0,48,21,188\n"))
    assert first.id == f"{LATEST}+operator-{first.digest[:8]}"
    assert load(tmp_path).id == first.id
    assert dataset(first.id).seat_maps == {"B789": SeatMap(188, 21, 48)}
    other = load(folder(tmp_path, seats="aircraft,F,J,W,Y\nB789,0,48,21,189\n"))
    assert other.id != first.id
    assert other.as_json()["seat_maps"] == {"B789": "Y189 W21 J48 F0"}
    assert dataset().seat_maps == {}


def test_the_printed_example_comes_out_of_an_operators_own_files(own: str) -> None:
    trip = Itinerary((Leg("ZRH", "SFO", aircraft="789"),))
    given = Overrides(great_circle_km=(9369.0,), cargo_mass_fraction=0.08)
    answer = estimate(trip, dataset=own, overrides=given)
    assert answer.co2e_kg == pytest.approx(572.815, abs=0.02)
    assert answer.dataset == own
    assert told(answer, "distance_factor")[:2] == (1.0273, "modelled")
    assert told(answer, "seats")[:2] == ("Y188 W21 J48 F0", "primary")
    assert told(answer, "fuel_burn")[1] == "modelled"
    assert all(
        told(answer, name)[2].startswith("Operator's own data")
        for name in ("distance_factor", "seats", "fuel_burn")
    )
    plain = estimate(trip, overrides=given)
    assert answer.low_kg is not None
    assert plain.low_kg is not None
    # Seats that are given are no longer uncertain.
    assert answer.low_kg / answer.co2e_kg > plain.low_kg / plain.co2e_kg


def test_a_route_factor_is_of_the_airports_then_the_countries_then_the_default(own: str) -> None:
    found = {
        pair: told(one(own, *pair), "distance_factor")[0]
        for pair in (("ZRH", "SFO"), ("SFO", "ZRH"), ("GVA", "JFK"), ("CDG", "JNB"), ("JNB", "CDG"))
    }
    assert list(found.values()) == [1.0273, 1.04, 1.03, 1.09, 1.052]


def test_what_somebody_gives_comes_before_the_operators_file(own: str) -> None:
    trip = Itinerary((Leg("ZRH", "SFO"),))
    answer = estimate(trip, dataset=own, overrides=Overrides(distance_factor=1.2))
    assert told(answer, "distance_factor")[:2] == (1.2, "primary")


def test_steps_components_and_rows_tell_the_same_figure(own: str) -> None:
    rows = [
        ("ZRH", "SFO", "789"),
        ("SFO", "ZRH", None),
        ("CDG", "JNB", "77W"),
        ("LHR", "FCO", None),
    ]
    columns = estimate_many(
        origin=[row[0] for row in rows],
        destination=[row[1] for row in rows],
        aircraft=[row[2] or "" for row in rows],
        dataset=own,
    )
    for number, row in enumerate(rows):
        answer = one(own, *row)
        assert columns.co2e_kg[number] == answer.co2e_kg
        assert columns.flown_km[number] == answer.legs[0].flown_km
        told = {step.id: step.value for step in answer.legs[0].steps}
        assert told["wtw"] == pytest.approx(answer.co2e_kg, abs=0.001)
        assert accounts(answer)[0].kg == pytest.approx(answer.co2e_kg, abs=1e-6)
    distance_only = estimate_many(distance_km=[1000.0], dataset=own)
    assert distance_only.flown_km[0] == 1052.0


def test_the_fleet_mix_and_the_icao_style_use_own_fuel_and_seats(own: str) -> None:
    assert burn("789", 500, dataset(own)).total_kg == 7490
    assert burn("789", 500, dataset(own)).source == "OPERATOR"
    leg = Leg("ZRH", "JNB", aircraft="789")
    plain, changed = (
        estimate(Itinerary((leg,)), "icao-style", data).co2e_kg for data in (None, own)
    )
    assert plain != changed
    assert one(own, "ZRH", "JNB").co2e_kg != one(None, "ZRH", "JNB").co2e_kg


def test_other_methods_do_not_move(own: str) -> None:
    trip = Itinerary((Leg("ZRH", "SFO"),))
    for method in ("desnz-2025", "ademe", "myclimate", "goclimate", "distance"):
        assert estimate(trip, method, own).co2e_kg == estimate(trip, method).co2e_kg


@pytest.mark.parametrize(
    ("name", "text", "row", "column", "given"),
    [
        ("seats", "aircraft,F,J,W\nB789,0,48,21\n", 1, "Y", "aircraft, F, J, W"),
        ("seats", "aircraft,F,J,W,Y\n", 2, "", "nothing"),
        ("seats", "", 1, "aircraft", ""),
        ("seats", "aircraft,F,J,W,Y\nB789,0,48\n", 2, "", "3 values"),
        ("seats", "aircraft,F,J,W,Y\nXXXX,0,48,21,188\n", 2, "aircraft", "XXXX"),
        ("seats", "aircraft,F,J,W,Y\n\nB789,0,x,21,188\n", 3, "J", "x"),
        ("seats", "aircraft,F,J,W,Y\nB789,0,48,21,1000\n", 2, "Y", "1000"),
        ("seats", "aircraft,F,J,W,Y\nB789,,,,\n", 2, "Y", ""),
        ("seats", "aircraft,F,J,W,Y\nB789,0,0,0,9\nB789,0,0,0,9\n", 3, "aircraft", "B789"),
        ("seats", b"aircraft,F,J,W,Y\nB789,0,0,0,\xff\n", 2, "", "another encoding"),
        ("fuel_burn", "icao,nm,lto_kg,ccd_kg\nB789,500,1,2\n", 2, "nm", "500"),
        ("fuel_burn", "icao,nm,lto_kg,ccd_kg\nB789,500,1,2\nB789,500,1,3\n", 3, "nm", "500"),
        ("fuel_burn", "icao,nm,lto_kg,ccd_kg\nB789,500,1,2\nB789,900,1,2\n", 3, "ccd_kg", "2"),
        ("fuel_burn", "icao,nm,lto_kg,ccd_kg\nB789,500,1,2\nB789,900,2,3\n", 3, "lto_kg", "2"),
        ("fuel_burn", "icao,nm,lto_kg,ccd_kg\nB789,x,1,2\nB789,900,1,3\n", 2, "nm", "x"),
        ("fuel_burn", "icao,nm,lto_kg,ccd_kg\nB789,5,1,2\nB789,900,1,nan\n", 3, "ccd_kg", "nan"),
        (PAIRS, f"{HEAD}\nZRH,1.1\n", 2, None, "ZRH"),
        (
            PAIRS,
            f"{HEAD}\nZRH-ZRH,1.1\n",
            2,
            None,
            "ZRH-ZRH",
        ),
        (
            PAIRS,
            f"{HEAD}\nZRH-XQX,1.1\n",
            2,
            None,
            "ZRH-XQX",
        ),
        (PAIRS, f"{HEAD}\nZRH-SFO,9\n", 2, RATIO, "9"),
        (
            PAIRS,
            f"{HEAD}\nZRH-SFO,1.1\nLSZH-KSFO,1.1\n",
            3,
            None,
            "LSZH-KSFO",
        ),
        (
            COUNTRY_PAIRS[:-4],
            f"origin_destination_country,{RATIO},ratio_ccd_fuel_inefficiency\nCH-US,1.1,-\n",
            2,
            "ratio_ccd_fuel_inefficiency",
            "-",
        ),
        (COUNTRY_PAIRS[:-4], f"origin_destination_country,{RATIO}\nCH-XX,1.1\n", 2, None, "CH-XX"),
        ("prices", "a,b\n1,2\n", 0, "", "prices.csv"),
    ],
)
def test_a_fault_names_file_row_column_and_value(  # noqa: PLR0917 - the columns of the table
    tmp_path: Path, name: str, text: str | bytes, row: int, column: str | None, given: str
) -> None:
    with pytest.raises(InvalidOperatorData) as caught:
        load(folder(tmp_path, **{name: text}))
    told = caught.value.parameters
    assert (told["row"], told["given"]) == (row, given)
    if column is not None:
        assert told["column"] == column
    assert told["rule"]
    assert str(told["row"]) in str(caught.value)


def test_a_folder_without_files_no_folder_and_a_file_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidOperatorData):
        load(tmp_path)
    with pytest.raises(InvalidOperatorData):
        load(tmp_path / "nowhere")
    with pytest.raises(UnknownDataset):
        load(folder(tmp_path, seats=OWN[SEATS]), "1999.1")
    monkeypatch.setattr(operator_data, "MOST_BYTES", 10)
    with pytest.raises(InvalidOperatorData):
        load(tmp_path)


def test_a_table_of_the_shipped_schema_is_taken_as_it_is(tmp_path: Path) -> None:
    rows = [row for row in dataset().rows("fuel_burn") if row["icao"] == "A320"]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    data = load(folder(tmp_path, fuel_burn="\n".join(lines)))
    assert data.own_source.licence
    for nm in (100.0, 900.0, 4000.0):
        assert burn("A320", nm, data).total_kg == burn("A320", nm).total_kg


def test_factors_of_many_routes_come_in_their_order(own: str) -> None:
    pairs = dataset(own).pairs
    assert pairs is not None
    got = pairs.factors(
        ["ZRH", "ZRH", "XXX"], ["SFO", "JFK", "YYY"], ["CH"] * 3, ["US", "US", "FR"]
    )
    assert np.array_equal(got, [1.0273, 1.03, np.nan], equal_nan=True)


def test_every_command_takes_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in OWN.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    option = ["--operator-data", str(tmp_path)]
    assert main(["flight", "ZRH", "SFO", "--aircraft", "789", "--json", *option]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "+operator-" in answer["method"]["dataset"]
    assert main(["fuel", "789", "--nm", "500", "--json", *option]) == 0
    assert json.loads(capsys.readouterr().out)["total_kg"] == 7490
    assert main(["operator-data", str(tmp_path)]) == 0
    assert "fuel_types: ['B789']" in capsys.readouterr().out
    assert main(["operator-data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["airport_pairs"] == 2
    file = tmp_path / "trips"
    file.write_text("origin,destination,aircraft\nZRH,SFO,789\n", encoding="utf-8")
    out = tmp_path / "out"
    assert main(["flights", str(file), str(out), *option]) == 0
    assert f"{answer['total']['co2e_kg']:.3f}" in out.read_text(encoding="utf-8")
    (tmp_path / SEATS).write_text("aircraft,F,J,W,Y\nB789,0,48,21,-1\n", encoding="utf-8")
    assert main(["flight", "ZRH", "SFO", *option]) == 2
    assert "seats.csv, row 2, column Y" in capsys.readouterr().err


def test_the_page_names_every_file_and_the_columns_it_needs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operator-data.md").read_text(encoding="utf-8")
    for file in operator_data.FILES:
        assert f"`{file}`" in page
    for column in ("origin_destination_airport", "origin_destination_country", RATIO, "ccd_kg"):
        assert f"`{column}`" in page
    named = {name for name in operator_data.ALIASES if f"`{name}`" in page}
    assert named >= {"aircraft", "distance_nm", "lto_fuel_kg", "ccd_fuel_kg"}
