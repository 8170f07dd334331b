"""Does a batch say of each row exactly what a single estimate says, and never stop at a bad one?"""

from __future__ import annotations

import itertools
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.errors import (
    ColumnsDiffer,
    FlightError,
    InvalidOverride,
    UnknownDataset,
    UnknownMethod,
)
from calculators.flight import codes, operator_data
from calculators.flight.batch import (
    CHUNK,
    FAULTS,
    LEAST_KM,
    MOST_KM,
    MOST_TRAVELLERS,
    Columns,
    Trips,
    estimate_many,
    trips,
)
from calculators.flight.datasets import dataset
from calculators.flight.fuel import types
from calculators.flight.itinerary import METHOD_IDS, Itinerary, Leg, Overrides, estimate
from calculators.flight.methods import private_jet
from calculators.flight.methods.figures import NOTES
from calculators.flight.seats import CABINS, SeatMap

JET = "private-jet"
FIGURES = ("great_circle_km", "flown_km", "fuel_kg", "co2e_kg", "low_kg", "high_kg")
SUMS = ("co2e_kg", "wtt_kg", "ttw_kg", "wtw_kg", "low_kg", "high_kg")
PLACES = ("CDG", "JNB", "LHR", "EDI", "JFK", "SYD", "DOH", "GRU", "PAR", "LON", "NCE", "DEL", "ZZZ")
AIRLINERS = (None, "mix", "789", "73H", "A320", "AT7", "AT5", "388", "ZZZ")
JETS = (None, "Citation Latitude", "pc-12", "PHENOM 300", "789", "ZZZ")
DATA = dataset()

rows = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from(PLACES),
    st.none() | st.floats(LEAST_KM, MOST_KM) | st.sampled_from((0.999, 20_000.5)),
    st.sampled_from((*CABINS, "Economy", " first ", "couchette")),
    st.tuples(st.sampled_from(AIRLINERS), st.sampled_from(JETS)),
    st.sampled_from((1, 1, 2, 7, 99, 0)),
)
Row = tuple[str, str, float | None, str, tuple[str | None, str | None], int]


def a_batch(many: list[Row], method: str, sign: int = 1) -> Columns:
    kind = 1 if method == JET else 0
    return estimate_many(
        origin=[row[0] for row in many],
        destination=[row[1] for row in many],
        distance_km=[np.nan if row[2] is None else row[2] for row in many],
        cabin=[row[3] for row in many],
        aircraft=[row[4][kind] for row in many],
        travellers=[sign * row[5] for row in many],
        method=method,
    )


def a_single(row: Row, method: str) -> Any:
    origin, destination, km, cabin, aircraft, travellers = row
    leg = Leg(origin, destination, cabin, aircraft[1 if method == JET else 0])
    given = None if km is None else Overrides(great_circle_km=(km,))
    return estimate(Itinerary((leg,), travellers), method, overrides=given)


def number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def bits(columns: Columns, part: Any = slice(None)) -> list[bytes]:
    return [getattr(columns, field.name)[part].tobytes() for field in fields(Columns)]


def same_as_alone(columns: Columns, index: int, row: Row, method: str) -> None:
    fault = FAULTS[columns.fault[index]]
    if fault.error is not None:
        assert all(np.isnan(getattr(columns, name)[index]) for name in (*FIGURES, *SUMS))
        # A distance is an override to a single estimate; the limits of both are the same but one.
        expected = InvalidOverride if fault.code == "distance_out_of_range" else fault.error
        if fault.code == "distance_out_of_range" and row[2] == 20_000.5:
            return  # a little more than half the way round is let through there
        if expected is InvalidOverride and row[2] == 0.999:
            return  # above zero is enough there
        with pytest.raises(expected):
            a_single(row, method)
        return
    alone = a_single(row, method)
    leg = alone.legs[0]
    assert number(columns.great_circle_km[index]) == leg.great_circle_km
    assert number(columns.flown_km[index]) == leg.flown_km
    assert number(columns.fuel_kg[index]) == leg.fuel_kg
    assert number(columns.co2e_kg[index]) == alone.co2e_kg
    assert number(columns.low_kg[index]) == alone.low_kg
    assert number(columns.high_kg[index]) == alone.high_kg
    assert columns.notes_of(index) == leg.notes


@pytest.mark.parametrize("method", METHOD_IDS)
@given(many=st.lists(rows, min_size=1, max_size=12))
def test_a_row_has_the_bits_of_the_same_flight_alone(method: str, many: list[Row]) -> None:
    columns = a_batch(many, method)
    for index, row in enumerate(many):
        same_as_alone(columns, index, row, method)


@given(st.sampled_from(METHOD_IDS), st.lists(rows, min_size=1, max_size=12))
def test_a_refund_takes_away_exactly_what_the_booking_added(method: str, many: list[Row]) -> None:
    booked, refunded = a_batch(many, method), a_batch(many, method, -1)
    assert np.array_equal(booked.fault, refunded.fault)
    for name in FIGURES[:3]:
        assert np.array_equal(getattr(booked, name), getattr(refunded, name), equal_nan=True)
    for name in SUMS:
        total = getattr(booked, name) + getattr(refunded, name)
        assert np.all(np.isnan(total) | (total == 0))


def a_large_batch(method: str, count: int, seed: int = 5) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    every = codes.aircraft(DATA)
    known = np.flatnonzero(codes.of_method(method, DATA) >= 0)
    used = known[chance.integers(0, len(known), 12)]
    assert len(every) > used.max()
    return {
        "origin": chance.integers(0, len(codes.places(DATA).known), count),
        "destination": chance.integers(-1, len(codes.places(DATA).known), count),
        "cabin": chance.integers(0, 4, count),
        "aircraft": np.where(chance.random(count) < 0.4, 0, used[chance.integers(0, 12, count)]),
        "travellers": chance.integers(-3, 9, count),
        "method": method,
    }


def taken(question: dict[str, Any], which: Any) -> dict[str, Any]:
    return {
        name: column[which] if isinstance(column, np.ndarray) else column
        for name, column in question.items()
    }


@pytest.mark.parametrize("method", METHOD_IDS)
def test_neither_the_place_of_a_row_nor_its_neighbours_change_a_bit(method: str) -> None:
    question = a_large_batch(method, CHUNK + 4_321)
    whole = estimate_many(**question)
    # Parts that begin and end at odd places, across the chunk, and of one row.
    for part in (slice(1, 8), slice(CHUNK - 5, CHUNK + 6), slice(7, 4_000), slice(-1, None)):
        assert bits(estimate_many(**taken(question, part))) == bits(whole, part)
    order = np.random.default_rng(1).permutation(len(whole))
    assert bits(estimate_many(**taken(question, order))) == bits(whole, order)


@pytest.mark.parametrize("method", METHOD_IDS)
def test_parts_add_up_to_the_gram_and_the_range_holds_the_figure(method: str) -> None:
    columns = estimate_many(**a_large_batch(method, 3_000))
    fine = columns.fault == 0
    assert 2_000 < fine.sum() < 3_000 or method == JET
    grams = {name: np.rint(getattr(columns, name)[fine] * 1000) for name in SUMS}
    assert np.all(grams["co2e_kg"] != 0)
    split = ~np.isnan(grams["wtt_kg"] + grams["ttw_kg"])
    assert np.array_equal((grams["wtt_kg"] + grams["ttw_kg"])[split], grams["wtw_kg"][split])
    assert np.array_equal(grams["wtw_kg"][split], grams["co2e_kg"][split])
    assert split.all() == (method in {"tim-3", "distance", "desnz-2025-norf-wtt"})
    low, high, middle = (np.abs(grams[name]) for name in ("low_kg", "high_kg", "co2e_kg"))
    if method == "tim-3":
        assert np.all((low < middle) & (middle < high))
    else:
        assert np.isnan(low).all()
        assert np.isnan(high).all()


@pytest.mark.parametrize("method", METHOD_IDS)
def test_a_larger_cabin_never_emits_less(method: str) -> None:
    question = a_large_batch(method, 2_000) | {"travellers": 1}
    kg = np.array([estimate_many(**question | {"cabin": cabin}).co2e_kg for cabin in CABINS])
    kg = kg[:, ~np.isnan(kg[0])]
    assert np.all(np.diff(kg, axis=0) >= 0)


def test_each_fault_is_told_with_its_column_and_the_others_are_answered() -> None:
    nan = np.nan
    table: list[tuple[tuple[Any, ...], tuple[str, str]]] = [
        (("CDG", "JNB", nan, "economy", "", 1), ("", "")),
        (("CDG", "JNB", nan, "economy", "", 0), ("travellers_out_of_range", "travellers")),
        (("CDG", "JNB", nan, "economy", "", 1.5), ("travellers_out_of_range", "travellers")),
        (("CDG", "JNB", nan, "economy", "", nan), ("travellers_out_of_range", "travellers")),
        (("CDG", "JNB", nan, "economy", "", -10_000), ("travellers_out_of_range", "travellers")),
        (("", "", nan, "economy", "", 1), ("route_missing", "origin")),
        ((None, "JNB", 5.0, "economy", "", 1), ("route_missing", "origin")),
        (("CDG", "", 5.0, "economy", "", 1), ("route_missing", "destination")),
        (("QQQ", "QQQ", nan, "economy", "", 1), ("unknown_place", "origin")),
        (("CDG", "Paris", nan, "economy", "", 1), ("unknown_place", "destination")),
        (("CDG", "PAR", nan, "economy", "", 1), ("same_place", "destination")),
        (("CDG", "JNB", nan, "economy", "X99", 1), ("unknown_aircraft", "aircraft")),
        (("CDG", "JNB", nan, "economy", "pc 12", 1), ("unknown_aircraft", "aircraft")),
        (("CDG", "JNB", 0.5, "economy", "", 1), ("distance_out_of_range", "distance_km")),
        (("", "", 20_001.0, "economy", "", 1), ("distance_out_of_range", "distance_km")),
        (("", "", np.inf, "economy", "", 1), ("distance_out_of_range", "distance_km")),
        (("CDG", "JNB", nan, "couchette", "", 1), ("unknown_cabin", "cabin")),
        (("", "", 1.0, "", "", 1), ("", "")),
        (("", "", 20_000.0, "first", "mix", MOST_TRAVELLERS), ("", "")),
    ]
    asked = list(zip(*(row for row, _ in table), strict=True))
    names = ("origin", "destination", "distance_km", "cabin", "aircraft", "travellers")
    columns = estimate_many(**dict(zip(names, asked, strict=True)))  # type: ignore[arg-type]
    told = [(FAULTS[fault].code, FAULTS[fault].column) for fault in columns.fault]
    assert told == [expected for _, expected in table]
    for name in FIGURES:
        assert np.array_equal(np.isnan(getattr(columns, name)), columns.fault != 0)


def test_every_number_of_a_fault_is_an_error_with_that_code() -> None:
    assert FAULTS[0].error is None
    for fault in FAULTS[1:]:
        assert fault.error is not None
        assert issubclass(fault.error, FlightError)
        assert fault.error.code == fault.code
        assert fault.column in {
            "origin", "destination", "distance_km", "cabin", "aircraft", "travellers",
        }  # fmt: skip


def test_numbers_that_stand_for_nothing_are_faults_too() -> None:
    far = 10**6
    columns = estimate_many(
        origin=np.array([far, 0, 0, 0, 0, -7]),
        destination=np.array([0, far, 1, 1, 1, 0]),
        cabin=np.array([0, 0, 4, -1, 0, 0], dtype=np.int8),
        aircraft=np.array([0, 0, 0, 0, far, 0]),
    )
    assert [FAULTS[fault].code for fault in columns.fault] == [
        "unknown_place", "unknown_place", "unknown_cabin", "unknown_cabin", "unknown_aircraft",
        "unknown_place",
    ]  # fmt: skip


@pytest.mark.parametrize("km", [3000.0, 3700.0])
@pytest.mark.parametrize("method", [one for one in METHOD_IDS if one != "icao-style"])
def test_a_distance_alone_is_answered_as_a_route_of_that_length(method: str, km: float) -> None:
    """To and from the UK for the methods that ask where: neither domestic nor international."""
    aircraft = "Phenom 300" if method == JET else None
    alone = estimate_many(distance_km=[km], aircraft=aircraft, method=method)
    routed = estimate_many(
        origin=["LHR"], destination=["JFK"], distance_km=[km], aircraft=aircraft, method=method
    )
    assert bits(alone) == bits(routed)
    single = estimate(
        Itinerary((Leg("LHR", "JFK", aircraft=aircraft),)),
        method,
        overrides=Overrides(great_circle_km=(km,)),
    )
    assert alone.co2e_kg[0] == single.co2e_kg


def test_a_distance_alone_takes_the_mean_load_of_all_pairs_of_regions() -> None:
    alone = estimate_many(distance_km=[3000.0] * 2, aircraft=["789", ""], method="icao-style")
    routed = estimate_many(
        origin=["CDG"] * 2, destination=["JFK"] * 2, distance_km=[3000.0] * 2,
        aircraft=["789", ""], method="icao-style",
    )  # fmt: skip
    pairs = [
        (float(row["load_factor"]), float(row["passenger_share"]))
        for row in dataset().rows("icao_loads")
    ]
    load, share = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    leg = estimate(Itinerary((Leg("CDG", "JFK"),)), "icao-style").legs[0]
    used = {one.factor: one.value for one in leg.provenance}
    ratio = share / load / (float(used["passenger_share"]) / float(used["load_factor"]))
    assert alone.co2e_kg == pytest.approx(routed.co2e_kg * ratio, abs=0.002)
    assert np.array_equal(alone.fuel_kg, routed.fuel_kg)


def test_what_cannot_be_answered_without_an_aircraft_is_a_fault_of_those_rows() -> None:
    jets = estimate_many(distance_km=[900.0] * 2, aircraft=["", "PC-12"], method=JET)
    assert [FAULTS[fault].code for fault in jets.fault] == ["aircraft_needed", ""]
    given_seats = Overrides(seats=SeatMap(100))
    seats = estimate_many(
        distance_km=[900.0] * 3, aircraft=["", "320", "mix"], overrides=given_seats
    )
    assert [FAULTS[fault].code for fault in seats.fault] == [
        "invalid_override", "", "invalid_override",
    ]  # fmt: skip
    assert (
        seats.co2e_kg[1]
        == estimate(
            Itinerary((Leg("CDG", "JFK", "economy", "320"),)),
            overrides=Overrides(seats=SeatMap(100), great_circle_km=(900.0,)),
        ).co2e_kg
    )


def test_the_people_on_a_private_jet_share_it() -> None:
    columns = estimate_many(
        distance_km=[900.0] * 3, aircraft="Phenom 300", travellers=[1, 4, -4], method=JET
    )
    one, four, back = columns.co2e_kg
    assert four == pytest.approx(one, abs=0.002)
    assert back == -four


def test_a_code_that_is_a_type_and_a_jet_is_each_to_its_method() -> None:
    both = {private_jet.folded(code) for code in types(DATA)} & {
        private_jet.folded(model) for model in private_jet.jets(DATA)
    }
    for code in (*sorted(both), "789"):
        for method in ("tim-3", JET):
            columns = estimate_many(distance_km=[900.0], aircraft=[code], method=method)
            fault = FAULTS[columns.fault[0]]
            leg = Itinerary((Leg("CDG", "NCE", "economy", code),))
            if fault.error is None:
                assert estimate(leg, method).co2e_kg > 0
            else:
                with pytest.raises(fault.error):
                    estimate(leg, method)


def test_an_operators_own_data_change_a_batch_as_they_change_a_single(tmp_path: Path) -> None:
    ratios = tmp_path / operator_data.AIRPORT_PAIRS
    ratios.write_text(
        "origin_destination_airport,ratio_distance_inefficiency\nCDG-JNB,1.2\nJNB-CDG,1.1\n",
        encoding="utf-8",
    )
    (tmp_path / operator_data.SEATS).write_text("aircraft,F,J,W,Y\nB789,0,48,21,188\n")
    own = operator_data.load(tmp_path).id
    routes = (("CDG", "JNB"), ("JNB", "PAR"), ("LHR", "JNB"), ("PAR", "JNB"))
    table = [(*ends, code) for ends in routes for code in ("789", None)]
    columns = estimate_many(
        origin=[row[0] for row in table],
        destination=[row[1] for row in table],
        aircraft=[row[2] for row in table],
        dataset=own,
    )
    for index, (origin, destination, code) in enumerate(table):
        alone = estimate(Itinerary((Leg(origin, destination, aircraft=code),)), dataset=own)
        assert columns.flown_km[index] == alone.legs[0].flown_km
        assert columns.co2e_kg[index] == alone.co2e_kg
        assert columns.low_kg[index] == alone.low_kg
    factor = columns.flown_km / columns.great_circle_km
    assert factor == pytest.approx([1.2, 1.2, 1.1, 1.1, 1.052, 1.052, 1.2, 1.2], abs=1e-6)


def test_published_rounding_gives_the_printed_example_in_a_batch() -> None:
    # Travel Impact Model 3.0.0, worked example ZRH-SFO (CC BY 4.0).
    columns = estimate_many(
        distance_km=[9369.0] * 4,
        cabin=CABINS,
        aircraft="B789",
        overrides=Overrides(
            fuel_knots=((500.0, 5852.0), (1000.0, 10874.0), (5000.0, 52962.0), (5500.0, 58072.0)),
            lto_kg=1638.0,
            seats=SeatMap(188, 21, 48, 0),
            load_factor=0.845,
            cargo_mass_fraction=0.08,
            distance_factor=1.0273,
            published_rounding=True,
        ),
    )
    assert columns.co2e_kg.tolist() == [572.815, 859.224, 2291.262, 2864.077]
    assert columns.wtt_kg.tolist() == [96.541, 144.812, 386.163, 482.704]
    assert columns.ttw_kg.tolist() == [476.275, 714.412, 1905.098, 2381.373]
    assert columns.fuel_kg.tolist() == [56440.0] * 4


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ({"distance_km": [1.0], "method": "tim-4"}, UnknownMethod),
        ({"distance_km": [1.0], "dataset": "1999.1"}, UnknownDataset),
        ({"distance_km": [1.0], "overrides": Overrides(great_circle_km=(1.0,))}, InvalidOverride),
        ({"distance_km": [1.0], "cabin": ["economy", "first"]}, ColumnsDiffer),
        ({}, ColumnsDiffer),
        ({"travellers": np.int64(2)}, ColumnsDiffer),
        ({}, ValueError),
    ],
)
def test_a_call_that_makes_no_sense_raises(
    question: dict[str, Any], error: type[ValueError]
) -> None:
    with pytest.raises(error):
        estimate_many(**question)


def test_no_rows_are_no_answers() -> None:
    assert len(estimate_many(origin=[], destination=[])) == 0
    assert len(trips(estimate_many(distance_km=[]), np.array([], dtype=int))) == 0


def test_the_same_texts_are_the_same_numbers_however_they_are_kept() -> None:
    places = ["CDG", "jnb", " LHR ", "", "QQQ", "Paris", "C\xe9G", "{DG", "CDG1"]
    cabins = ["economy", "First", "business ", "", "couchette", "premium", "x" * 9, "\xe9", "y"]
    aircraft = ["789", "b789", "mix", "", "PC-12", "Citation Latitude", "X9", " 320", "\xe9"]
    for listed, numbers in (
        (places, lambda texts: codes.place_numbers(texts, DATA)),
        (cabins, codes.cabin_numbers),
        (aircraft, lambda texts: codes.aircraft_numbers(texts, DATA)),
    ):
        expected = numbers(listed).tolist()
        assert len(set(expected)) > 3
        text = np.array(listed)
        assert numbers(text).tolist() == expected
        assert numbers(text.astype(object)).tolist() == expected
        assert numbers(np.array([one.encode("latin-1") for one in listed])).tolist() == expected
        few = np.array(["e", "f", "", " "])
        assert numbers(few).tolist() == numbers(few.tolist()).tolist()
        plain = np.array([listed[0], listed[0]])
        assert numbers(plain).tolist() == [expected[0]] * 2
        assert numbers([None, None]).tolist() == numbers(["", ""]).tolist()


@given(st.lists(st.sampled_from(PLACES[:-1]), min_size=2, max_size=7), st.integers(1, 99))
def test_a_trip_of_rows_is_the_trip_alone(stops: list[str], travellers: int) -> None:
    legs = [
        Leg(a, b, CABINS[at % 4], AIRLINERS[at % 8])
        for at, (a, b) in enumerate(itertools.pairwise(stops))
    ]
    columns = estimate_many(
        origin=[leg.origin for leg in legs],
        destination=[leg.destination for leg in legs],
        cabin=[leg.cabin for leg in legs],
        aircraft=[leg.aircraft for leg in legs],
        travellers=travellers,
    )
    total = trips(columns, np.zeros(len(legs), dtype=int))
    if columns.fault.any():
        assert np.isnan(total.co2e_kg[0])
        assert total.faults[0] == np.count_nonzero(columns.fault)
        return
    alone = estimate(Itinerary(tuple(legs), travellers))
    assert total.co2e_kg[0] == alone.co2e_kg
    assert total.low_kg[0] == alone.low_kg
    assert total.high_kg[0] == alone.high_kg
    assert total.great_circle_km[0] == alone.great_circle_km
    assert total.legs.tolist() == [len(legs)]


def trip_bits(sums: Trips) -> list[bytes]:
    return [getattr(sums, name).tobytes() for name in (*FIGURES, "legs", "faults")]


def test_neither_order_nor_cuts_change_the_sum_of_a_trip() -> None:
    question = a_large_batch("tim-3", 5_000)
    trip = np.random.default_rng(2).integers(0, 300, 5_000)
    columns = estimate_many(**question)
    whole = trips(columns, trip)
    assert len(whole) == 300
    assert 0 < np.isnan(whole.co2e_kg).sum() < 300
    order = np.random.default_rng(3).permutation(5_000)
    shuffled = trips(estimate_many(**taken(question, order)), trip[order], 300)
    assert trip_bits(shuffled) == trip_bits(whole)
    parts = [
        trips(estimate_many(**taken(question, part)), trip[part])
        for part in (slice(0, 3), slice(3, 4_000), slice(4_000, None))
    ]
    assert trip_bits(parts[0] + parts[1] + parts[2]) == trip_bits(whole)
    assert trip_bits(parts[2] + (parts[1] + parts[0])) == trip_bits(whole)


def test_bounds_of_a_trip_are_added_before_they_are_rounded() -> None:
    question = a_large_batch("tim-3", 2_000) | {"travellers": 3}
    columns = estimate_many(**question)
    trip = np.arange(2_000) // 20
    total = trips(columns, trip)
    for name in ("low_kg", "high_kg"):
        exact = np.bincount(trip, getattr(columns, f"exact_{name}"))
        rounded_first = np.bincount(trip, getattr(columns, name))
        known = ~np.isnan(exact)
        assert np.array_equal(getattr(total, name)[known], np.round(exact[known], 3))
        assert np.any(np.abs(getattr(total, name) - rounded_first)[known] > 0.0005)


def test_a_trip_has_no_figure_that_a_leg_does_not_give() -> None:
    columns = estimate_many(origin=["CDG"], destination=["JFK"], method="ademe")
    total = trips(columns, np.array([1]), 3)
    assert np.isnan(total.fuel_kg[1])
    assert np.isnan(total.low_kg[1])
    assert total.co2e_kg.tolist() == [0.0, columns.co2e_kg[0], 0.0]
    assert total.legs.tolist() == [0, 1, 0]


def test_a_method_tells_no_note_that_a_number_cannot_hold() -> None:
    assert len(NOTES) <= 16
    assert len(set(NOTES)) == len(NOTES)


def test_columns_that_differ_are_named_and_one_number_of_numpy_is_for_all_rows() -> None:
    with pytest.raises(ColumnsDiffer, match="origin 1, destination 2"):
        estimate_many(origin=["CDG"], destination=["JNB", "DOH"])
    with pytest.raises(ColumnsDiffer, match="no column"):
        estimate_many()
    two = estimate_many(origin=["CDG"], destination=["JNB"], travellers=np.int64(2))
    assert bits(two) == bits(estimate_many(origin=["CDG"], destination=["JNB"], travellers=2))
