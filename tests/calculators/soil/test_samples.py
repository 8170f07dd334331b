"""Is a table of layers read in one pass, and every fault told with its row?"""

import csv
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculators.soil import equivalent_mass, samples
from calculators.soil.equivalent_mass import Layer
from calculators.soil.refusals import (
    GapInDepths,
    Impossible,
    MissingStratum,
    MixedUnits,
    OverlappingDepths,
    SoilRefused,
)
from calculators.soil.samples import Samples

HEADINGS = (
    "round,stratum,area_ha,core,top_cm,bottom_cm,soc_percent,bulk_density_g_cm3,"
    "density_basis,coarse_fragments_percent"
)
GOOD = (
    "0,A,10,1,0,10,1.2,1.3,fine_earth,",
    "0,A,10,1,10,40,0.8,1.4,fine_earth,",
    "0,A,10,2,0,40,1.0,1.3,fine_earth,",
    "0,A,10,3,0,40,1.1,1.3,fine_earth,",
    "5,A,10,1,0,40,1.1,1.3,fine_earth,",
    "5,A,10,2,0,40,1.2,1.3,fine_earth,",
    "5,A,10,3,0,40,1.2,1.3,fine_earth,",
)


def read(rows: Iterable[str], headings: str = HEADINGS) -> samples.Reading:
    table = csv.DictReader([headings, *rows])
    return samples.read(table, list(table.fieldnames or ()))


def good(rows: Iterable[str], headings: str = HEADINGS) -> Samples:
    table = csv.DictReader([headings, *rows])
    return samples.loaded(table, list(table.fieldnames or ()))


def faults(rows: Iterable[str], headings: str = HEADINGS) -> list[tuple[int, str]]:
    found = read(rows, headings)
    assert found.samples is None
    return [(int(fault.parameters.get("row", 0)), fault.code) for fault in found.faults]


def test_a_table_becomes_cores_with_their_layers() -> None:
    held = good(GOOD)
    assert held.rounds == (0, 5)
    assert (held.rows, len(held.cores)) == (7, 6)
    assert held.cores[0].layers == (Layer(10, 1.3, 12.0), Layer(30, 1.4, 8.0))
    assert held.areas == {"A": 10}
    assert held.units["soc"] == "soc_percent"


def test_the_order_of_rows_and_other_columns_do_not_matter() -> None:
    extra = good([f"{row},Lab X" for row in reversed(GOOD)], f"{HEADINGS},laboratory")
    assert extra == good(GOOD)


@given(st.floats(0.1, 19), st.floats(0.3, 2.5), st.floats(0, 90))
def test_units_do_not_change_a_stock(carbon: float, density: float, stones: float) -> None:
    told = good([f"0,A,,1,0,30,{carbon},{density},whole_soil,{stones}"])
    other = good(
        [f"0,A,1,0,30,{carbon * 10},{density * 1000},whole_soil,{stones / 100}"],
        "round,stratum,core,top_cm,bottom_cm,soc_g_kg,bulk_density_kg_m3,density_basis,"
        "coarse_fragments_share",
    )
    stocks = [samples.stock_of(one.cores[0]) for one in (told, other)]
    assert stocks[0] == pytest.approx(stocks[1])
    assert stocks[0] == pytest.approx(carbon * density * 30 * (1 - stones / 100))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("0,A,10,1,0,30,1.2,2.7,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,1.2,0,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,1.2,1300,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,101,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,-1,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,nan,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,inf,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,a lot,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,25,1.3,fine_earth,", "organic_soil"),
        ("0,A,10,1,0,30,1.2,1.3,whole_soil,100", "value_impossible"),
        ("0,A,10,1,0,30,1.2,1.3,whole_soil,", "answer_missing"),
        ("0,A,10,1,0,30,1.2,1.3,dry,5", "word_unknown"),
        ("0,A,10,1,0,30,1.2,1.3,,5", "answer_missing"),
        ("0,,10,1,0,30,1.2,1.3,fine_earth,", "answer_missing"),
        ("0,A,10,,0,30,1.2,1.3,fine_earth,", "answer_missing"),
        ("0,A,0,1,0,30,1.2,1.3,fine_earth,", "value_impossible"),
        ("0.5,A,10,1,0,30,1.2,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,30,30,1.2,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,-5,30,1.2,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,5,30,1.2,1.3,fine_earth,", "depths_gap"),
        ("0,A,10,1,0,30,1.2,0.0013,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,1_2,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,\u0661.\u0662,1.3,fine_earth,", "value_impossible"),
        ("0,A,10,1,0,30,=1+1,1.3,fine_earth,", "formula"),
        ("0,A,10,=A1,0,30,1.2,1.3,fine_earth,", "formula"),
        ("0,A,10,@SUM(A1),0,30,1.2,1.3,fine_earth,", "formula"),
        (f"0,A,10,{'x' * 101},0,30,1.2,1.3,fine_earth,", "text_too_long"),
    ],
)
def test_a_row_that_no_soil_gives_is_refused(row: str, code: str) -> None:
    assert faults([row]) == [(2, code)]
    (fault,) = read([row]).faults
    assert str(fault).startswith("row 2")
    assert "{" not in str(fault)


def test_all_faults_come_in_one_pass_by_row() -> None:
    rows = [
        "0,A,10,1,0,30,1.2,9,fine_earth,",
        "0,A,10,2,0,20,1.2,1.3,fine_earth,",
        "0,A,10,2,15,30,1.2,1.3,fine_earth,",
        "0,A,11,3,0,10,1.2,1.3,fine_earth,",
        "0,A,10,3,20,30,1.2,1.3,fine_earth,",
        "0,B,,4,0,30,1.2,1.3,fine_earth,",
    ]
    assert faults(rows) == [
        (0, "area_missing"),
        (2, "value_impossible"),
        (4, "depths_overlap"),
        (5, "area_differs"),
        (6, "depths_gap"),
    ]
    kinds = {type(fault) for fault in read(rows).faults}
    assert kinds == {SoilRefused, Impossible, OverlappingDepths, GapInDepths}
    overlap = next(one for one in read(rows).faults if isinstance(one, OverlappingDepths))
    assert (overlap.parameters["top"], overlap.parameters["bottom"]) == (15, 20)
    with pytest.raises(SoilRefused, match="Stratum B has no area"):
        good(rows)


def test_every_fault_of_a_row_is_told_with_its_column() -> None:
    found = read(["0,A,10,1,0,30,101,9,dry,"]).faults
    assert [(fault.parameters["column"], fault.code) for fault in found] == [
        ("soc_percent", "value_impossible"),
        ("bulk_density_g_cm3", "value_impossible"),
        ("density_basis", "word_unknown"),
        ("coarse_fragments_percent", "answer_missing"),
    ]
    assert {fault.parameters["row"] for fault in found} == {2}
    assert [one.code for one in read(["0,A,10,1"]).faults] == ["answer_missing"] * 6


def test_a_core_told_twice_in_a_round_names_the_row_before() -> None:
    assert faults([GOOD[2], GOOD[2]]) == [(3, "core_twice")]
    assert read([GOOD[2], GOOD[2]]).faults[0].parameters["first"] == 2


def test_a_core_has_one_day_and_one_place() -> None:
    headings = f"{HEADINGS},taken_on,latitude,longitude"
    rows = [
        "0,A,10,1,0,10,1.2,1.3,fine_earth,,2026-03-01,43.3,-0.4",
        "0,A,10,1,10,30,1.2,1.3,fine_earth,,2026-03-02,43.4,-0.4",
    ]
    assert faults(rows, headings) == [(3, "core_differs"), (3, "core_differs")]
    held = good(rows[:1], headings).cores[0]
    assert held.taken_on is not None
    assert (held.taken_on.isoformat(), held.rows[0].longitude) == ("2026-03-01", -0.4)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("2026-13-01,43.3,-0.4", "value_impossible"),
        ("01/03/2026,43.3,-0.4", "value_impossible"),
        ("20260301,43.3,-0.4", "value_impossible"),
        ("2026-03-01,91,-0.4", "value_impossible"),
        ("2026-03-01,43.3,-181", "value_impossible"),
        ("2026-03-01,43.3,", "answer_missing"),
    ],
)
def test_days_and_places_that_cannot_be(cells: str, code: str) -> None:
    row = f"0,A,10,1,0,30,1.2,1.3,fine_earth,,{cells}"
    assert faults([row], f"{HEADINGS},taken_on,latitude,longitude") == [(2, code)]


def test_a_decimal_comma_is_read_and_two_signs_are_not() -> None:
    table = csv.DictReader(
        [HEADINGS.replace(",", ";"), "0;A;10;1;0;30;1,2;1,3;fine_earth;"], delimiter=";"
    )
    held = samples.loaded(table, list(table.fieldnames or ()))
    assert held.cores[0].layers == (Layer(30, 1.3, 12.0),)
    mixed = ['0,A,10,1,0,30,"1,2",1.3,fine_earth,', '0,A,"1,000",2,0,30,1.2,1.3,fine_earth,']
    assert faults(mixed) == [(2, "decimals_mixed"), (3, "decimals_mixed"), (3, "decimals_mixed")]


def test_a_file_of_one_round_is_held_to_its_plan() -> None:
    def planned(rows: Iterable[str], areas: dict[str, float]) -> list[tuple[int, str]]:
        table = csv.DictReader([HEADINGS, *rows])
        found = samples.read(table, list(table.fieldnames or ()), round_number=0, areas=areas)
        return [(int(one.parameters.get("row", 0)), one.code) for one in found.faults]

    assert planned(GOOD[:4], {"A": 10}) == []
    assert planned(GOOD[:4], {"A": 10, "B": 5}) == [(5, "stratum_missing")]
    assert planned(GOOD[:4], {"A": 11}) == [(row, "area_differs") for row in (2, 3, 4, 5)]
    assert planned(GOOD[:4], {"B": 10}) == [(2, "stratum_unknown")]
    assert planned(GOOD[3:5], {"A": 10}) == [(3, "round_differs")]
    without = ",".join(HEADINGS.split(",")[1:])
    table = csv.DictReader([without, GOOD[2].partition(",")[2]])
    found = samples.read(table, list(table.fieldnames or ()), round_number=7)
    assert found.samples is not None
    assert found.samples.rounds == (7,)


def test_faults_beyond_the_told_ones_are_counted() -> None:
    found = read([f"0,A,10,{n},0,30,1.2,99,fine_earth," for n in range(600)])
    assert (len(found.faults), found.more) == (500, 100)


def test_two_rounds_are_compared_or_everything_in_the_way_is_told() -> None:
    rows = [
        *GOOD[:3],
        "0,A,10,3,0,20,1.1,1.3,fine_earth,",
        *GOOD[4:6],
        GOOD[6].replace(",3,", ",9,", 1),
    ]
    found = samples.compare(good(rows))
    assert found.change is None
    assert {(one.code, one.parameters["core"]) for one in found.faults} == {
        ("core_unpaired", "3"),
        ("core_unpaired", "9"),
    }
    light = [*GOOD[:4], *(row.replace(",40,", ",20,", 1) for row in GOOD[4:])]
    found = samples.compare(good(light))
    assert [(one.code, one.parameters["row"]) for one in found.faults] == [
        ("mass_not_reached", row) for row in (6, 7, 8)
    ]
    shallow = [row.replace(",40,", ",20,", 1) for row in GOOD if ",0,40," in row and row[0] == "0"]
    rest = [row for row in GOOD if row[0] == "5"]
    apart = samples.compare(good([*shallow, *rest]), paired=False)
    assert [one.code for one in apart.faults] == ["depth_not_reached"] * 2


def test_cores_that_changed_alike_stand_in_the_way_too() -> None:
    alike = [row.replace("5,A", "0,A", 1).replace("0,A", "5,A", 1) for row in GOOD[:4]]
    found = samples.compare(good([*GOOD[:4], *alike]))
    assert [one.code for one in found.faults] == ["no_spread"]
    # a core that came from elsewhere has no row to name
    bare = [samples.Core(c.round, c.stratum, c.name, c.layers) for c in good(GOOD).cores[:-1]]
    lone = samples.compare(samples.Samples(tuple(bare), {"A": 10}, {}, 0))
    assert [one.parameters.get("row") for one in lone.faults] == [None]
    assert bare[0].taken_on is None
    known = good([*GOOD[:4], *alike]).cores
    bare = [samples.Core(c.round, c.stratum, c.name, c.layers) for c in known]
    found = samples.compare(samples.Samples(tuple(bare), {"A": 10}, {}, 0))
    assert [(one.code, one.parameters.get("row")) for one in found.faults] == [("no_spread", None)]
    short = [samples.Core(c.round, "A", c.name, c.layers[:1]) for c in good(GOOD).cores]
    found = samples.compare(samples.Samples(tuple(short), {"A": 10}, {}, 0))
    assert {one.code for one in found.faults} == {"depth_not_reached"}


def test_a_reference_mass_of_nothing_is_refused() -> None:
    with pytest.raises(SoilRefused) as refusal:
        samples.compared(good(GOOD), reference_mass_t_ha=0)
    assert refusal.value.code == "value_impossible"


@pytest.mark.parametrize(
    ("headings", "code"),
    [
        (HEADINGS.replace("density_basis,", ""), "column_missing"),
        (HEADINGS.replace("soc_percent", "carbon"), "column_missing"),
        (f"{HEADINGS},soc_g_kg", "units_mixed"),
        (f"{HEADINGS},bulk_density_kg_m3", "units_mixed"),
        (f"{HEADINGS},soc_percent", "column_twice"),
        ("", "column_missing"),
    ],
)
def test_columns_that_do_not_tell_enough(headings: str, code: str) -> None:
    assert faults([], headings) == [(1, code)]
    assert isinstance(read([], f"{HEADINGS},soc_g_kg").faults[0], MixedUnits)


def test_an_empty_table_is_no_sampling() -> None:
    assert faults([]) == [(1, "file_empty")]


def test_without_a_column_of_stones_a_whole_density_is_not_enough() -> None:
    headings = HEADINGS.removesuffix(",coarse_fragments_percent")
    assert faults(["0,A,10,1,0,30,1.2,1.3,whole_soil"], headings) == [(2, "answer_missing")]
    assert good(["0,A,10,1,0,30,1.2,1.3,fine_earth"], headings).rows == 1


def test_paired_cores_are_compared_in_the_mass_of_each_baseline() -> None:
    change, strata = samples.compared(good(GOOD))
    by_hand = [
        equivalent_mass.change(
            [Layer(10, 1.3, 12), Layer(30, 1.4, 8)], [Layer(40, 1.3, 11)], samples.DEPTH_CM
        ),
        equivalent_mass.change([Layer(40, 1.3, 10)], [Layer(40, 1.3, 12)], samples.DEPTH_CM),
        equivalent_mass.change([Layer(40, 1.3, 11)], [Layer(40, 1.3, 12)], samples.DEPTH_CM),
    ]
    assert change.change == pytest.approx(sum(by_hand) / 3)
    assert (change.cores, len(strata)) == (3, 1)


def test_unpaired_cores_share_the_mean_mass_of_a_stratum() -> None:
    change, _ = samples.compared(good(GOOD), paired=False)
    assert change.cores == 6
    given_mass, _ = samples.compared(good(GOOD), paired=False, reference_mass_t_ha=3_900)
    assert given_mass.change == pytest.approx(
        39 * (11 + 12 + 12) / 30 * 1 - (15.6 + (3_900 - 1_300) * 8 / 1_000 + 39 + 42.9) / 3
    )
    paired, _ = samples.compared(good(GOOD), reference_mass_t_ha=3_900)
    assert paired.change == pytest.approx(given_mass.change)


@pytest.mark.parametrize(
    ("rows", "paired", "code"),
    [
        (GOOD[:4], True, "rounds_two"),
        (GOOD[:-1], True, "core_unpaired"),
        ([*GOOD[:2], *GOOD[4:]], True, "core_unpaired"),
        ([*GOOD, "0,B,5,9,0,40,1,1.3,fine_earth,"], True, "stratum_missing"),
        ([*GOOD, "5,B,5,9,0,40,1,1.3,fine_earth,"], False, "stratum_missing"),
        ([GOOD[0], *GOOD[2:]], True, "depth_not_reached"),
        ([GOOD[0], *GOOD[2:]], False, "depth_not_reached"),
        ([*GOOD[:-1], "5,A,10,3,0,20,1.2,1.3,fine_earth,"], True, "mass_not_reached"),
    ],
)
def test_rounds_that_cannot_be_compared(rows: Iterable[str], paired: bool, code: str) -> None:  # noqa: FBT001 - a case
    with pytest.raises(SoilRefused) as refusal:
        samples.compared(good(rows), paired=paired)
    assert refusal.value.code == code
    assert "{" not in str(refusal.value)
    if code == "stratum_missing":
        wrong = [*GOOD, "0,B,5,9,0,40,1,1.3,fine_earth,"]
        with pytest.raises(MissingStratum):
            samples.compared(good(wrong))


def test_fifty_thousand_layers_are_one_pass() -> None:
    rows = [f"0,A,10,{core},0,30,1.2,1.3,fine_earth," for core in range(2_000)]
    rows[1_500] = "0,A,10,1500,0,30,1.2,13,fine_earth,"
    assert faults(rows) == [(1_502, "value_impossible")]
