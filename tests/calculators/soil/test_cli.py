"""Does ``calculators soil`` answer people and machines, and end with 2 and one line otherwise?"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from calculators.cli import main
from calculators.soil import paper, samples
from tests.calculators.soil.test_samples import GOOD, HEADINGS

DOCS = Path(__file__).parents[3] / "docs"
PLACE = ["--soil", "high_activity_clay_soils", "--climate", "warm_temperate_dry"]
NO_TILL = [
    *PLACE,
    "--baseline-land-use",
    "annual_crops",
    "--project-land-use",
    "annual_crops",
    "--project-management",
    "no_tillage",
    "--project-carbon-input",
    "cropland_high_with_manure",
]


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    path = tmp_path / "layers.csv"
    path.write_text("\n".join([HEADINGS, *GOOD]), "utf-8")
    return path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["soil", *words]) == 0
    return capsys.readouterr().out


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(capsys, *words, "--json"))
    return found


def test_tier1_tells_inputs_factors_seed_and_versions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = answer(capsys, "tier1", *NO_TILL, "--seed", "7", "--draws", "1000")
    assert found["stock_baseline"] == pytest.approx(18.24)
    assert found["stock_project"] == pytest.approx(25.988352)
    assert found["seed"] == 7
    assert found["inputs"]["project"]["management"] == "no_tillage"
    assert found["rate"]["coverage"] == 0.90
    assert found["rate"]["draws"] == 1000
    assert len(found["factors"]) == 4
    assert all(factor["source"] for factor in found["factors"])
    assert set(found["versions"]) == {"calculators", "numpy", "table", "practices"}
    assert found["deduction"]["counted"] == found["rate"]["p33"]
    text = told(capsys, "tier1", *NO_TILL, "--seed", "7")
    assert "Stock 18.24 → 25.99 tC/ha" in text
    assert "9 in 10: 0.251 to 0.528" in text
    assert "over 99 %" in text


def test_tier1_by_a_practice(capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--soil", "low_activity_clay_soils", "--climate", "tropical_montane"]
    text = told(capsys, "tier1", *place, "--practice", "compost_manure", "--draws", "5000")
    assert "the range includes zero" in text
    assert "chance of a gain: 8" in text
    grass = answer(
        capsys,
        *("tier1", *place, "--practice", "agroforestry", "--system", "grassland", "--draws", "10"),
    )
    assert grass["inputs"]["agroforestry"] == "grassland"


def test_stock_of_one_layer_and_of_a_file(capsys: pytest.CaptureFixture[str], layers: Path) -> None:
    one = ["stock", "--soc-percent", "2.0", "--bulk-density", "1.2", "--coarse-fragments", "0.1"]
    assert answer(capsys, *one)["stock"] == pytest.approx(64.8)
    assert "64.80 tC/ha over 30 cm" in told(capsys, *one)
    fine = answer(capsys, *one, "--basis", "fine_earth")
    assert fine["stock"] == pytest.approx(72.0)
    found = answer(capsys, "stock", str(layers))
    assert len(found["cores"]) == 6
    assert found["cores"][1]["stock"] == pytest.approx(39.0)
    assert "round 0  A  2  39.00" in told(capsys, "stock", str(layers))


def test_change_paired_and_unpaired(capsys: pytest.CaptureFixture[str], layers: Path) -> None:
    with layers.open(encoding="utf-8") as file:
        table = csv.DictReader(file)
        change, _ = samples.compared(samples.loaded(table, list(table.fieldnames or ())))
    found = answer(capsys, "change", str(layers))
    assert found["change"]["change"] == pytest.approx(change.change)
    assert found["change"]["coverage"] == 0.95
    assert found["inputs"]["strata"] == {"A": 10.0}
    text = told(capsys, "change", str(layers))
    assert "gain detected" in text
    assert "3 pairs of cores" in text
    apart = answer(capsys, "change", str(layers), "--unpaired", "--policy", "threshold-15")
    assert apart["method"] == "independent-cores"
    assert apart["deduction"]["policy"] == "threshold-15"
    assert "6 cores" in told(capsys, "change", str(layers), "--unpaired")


def test_a_file_with_semicolons_is_read(capsys: pytest.CaptureFixture[str], layers: Path) -> None:
    layers.write_text(layers.read_text("utf-8").replace(",", ";"), "utf-8-sig")
    assert len(answer(capsys, "stock", str(layers))["cores"]) == 6


def test_plan_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "plan", "--sd", "15", "--cores", "30", "--correlation", "0.8")
    assert found["plan"]["detectable"] == pytest.approx(5.02, abs=0.01)
    strata = ["--stratum", "A:100:10", "--stratum", "B:50:20", "--rule", "neyman"]
    needed = answer(capsys, "plan", *strata, "--detect", "2.4")
    assert sum(needed["plan"]["allocation"].values()) == needed["plan"]["cores_a_round"]
    text = told(capsys, "plan", *strata, "--detect", "2.4")
    assert "allocation neyman" in text
    assert "30 paired cores" in told(
        capsys, "plan", "--sd", "15", "--cores", "30", "--correlation", "0.8"
    )


def test_biochar(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "biochar", "5", "--draws", "100")["lasting_once"] == pytest.approx(3.08)
    assert "for comparison only" in told(capsys, "biochar", "5", "--draws", "100")


def test_practices_with_and_without_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--climate", "tropical_dry", "--soil", "sandy_soils"]
    every = answer(capsys, "practices")["practices"]
    assert len(every) == 10
    assert "defaults" not in every[0]
    here = answer(capsys, "practices", *place)["practices"]
    assert all(("defaults" in one) is (one["method"] == "tier1") for one in here)
    text = told(capsys, "practices", *place)
    assert "Tier 1, agroforestry_on_grassland: 0.085 tC/ha/yr" in text
    assert "not read in the original" in text
    assert "mangrove_restoration" in told(capsys, "practices", "--system", "coast")


def test_the_method_is_the_page_in_docs(capsys: pytest.CaptureFixture[str]) -> None:
    written = (DOCS / "method-soil.md").read_text("utf-8")
    assert told(capsys, "method") == written
    assert answer(capsys, "method")["markdown"] == paper.markdown()
    assert tuple(sorted(paper.COLUMNS)) == tuple(sorted(samples.COLUMNS))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["tier1", "--soil", "peat", "--climate", "moon"], "no published default for climate moon"),
        (["tier1", *NO_TILL, "--policy", "mine"], "No deduction policy is called mine"),
        (["tier1", *PLACE, "--practice", "biochar"], "do not cover biochar"),
        (
            ["tier1", *PLACE, "--practice", "cover_crops", "--system", "coast"],
            "No production system is called coast",
        ),
        (["tier1", *NO_TILL, "--draws", "1"], "draws must be at least 2"),
        (["stock"], "a file, or --soc-percent and --bulk-density is missing"),
        (["stock", "--soc-percent", "2", "--bulk-density", "9"], "at most 2.65, not 9"),
        (["stock", "/nowhere.csv"], "/nowhere.csv: No such file"),
        (["plan", "--stratum", "A:1", "--cores", "9"], "--stratum must be NAME:AREA_HA:SD"),
        (["plan", "--sd", "0", "--cores", "9"], "must be above 0, not 0"),
        (["plan", "--sd", "1e200", "--cores", "9"], "at most 300000, not 1e+200"),
        (["plan", "--sd", "9", "--cores", "9" * 30], "cores must be at least 0 and at most"),
        (["plan", "--sd", "9", "--cores", "9", "--alpha", "1e-17"], "alpha [1] must be at least"),
        (["plan", "--stratum", "A:1e308:1", "--cores", "9"], "area [ha] must be"),
        (
            ["plan", "--stratum", "A:1:1", "--stratum", "A:2:1", "--cores", "9"],
            "--stratum must be a name of its own",
        ),
        (
            ["tier1", *NO_TILL, "--practice", "cover_crops"],
            "--practice and --baseline-land-use do not go together",
        ),
        (["tier1", *NO_TILL, "--agroforestry", "grassland"], "trees on grassland, annual_crops"),
        (["stock", "some.csv", "--soc-percent", "2"], "some.csv and --soc-percent do not go"),
        (["biochar", "1e308"], "at most 10000, not 1e+308"),
        (["biochar", "5", "--feedstock", "straw"], "published for straw"),
        (["practices", "--climate", "moon"], "No climate is called moon"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert main(["soil", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert line.lower() in said.err.lower()


def test_a_table_is_read_as_people_save_it_and_counts_the_rows_they_see(
    capsys: pytest.CaptureFixture[str], layers: Path
) -> None:
    told_plainly = told(capsys, "change", str(layers))
    tabs = "\n\n".join([HEADINGS.upper().replace(",", "\t "), *GOOD[:1]]).replace(",", "\t")
    layers.write_text("\n".join([tabs, *(row.replace(",", "\t") for row in GOOD[1:])]), "utf-8")
    assert told(capsys, "change", str(layers)) == told_plainly
    layers.write_text("\n".join([HEADINGS, "", "", GOOD[0].replace("1.3", "13")]), "utf-8")
    assert main(["soil", "stock", str(layers)]) == 2
    assert "row 4: bulk_density" in capsys.readouterr().err
    layers.write_text("\n".join([HEADINGS, f'"{"x" * 200_000}"']), "utf-8")
    assert main(["soil", "stock", str(layers)]) == 2
    assert "field larger" in capsys.readouterr().err


def test_a_faulty_file_says_where_and_how_many(
    capsys: pytest.CaptureFixture[str], layers: Path, tmp_path: Path
) -> None:
    wrong = [HEADINGS, GOOD[0].replace("1.3", "13"), GOOD[2].replace("1.3", "13")]
    layers.write_text("\n".join(wrong), "utf-8")
    assert main(["soil", "stock", str(layers)]) == 2
    line = capsys.readouterr().err
    assert "Row 2: bulk_density_g_cm3 must be at least 0.1 and at most 2.65, not 13.0." in line
    assert "1 more" in line
    layers.write_text("\n".join(wrong[:2]), "utf-8")
    assert main(["soil", "change", str(layers)]) == 2
    assert "more" not in capsys.readouterr().err
    layers.write_text("", "utf-8")
    assert main(["soil", "change", str(layers)]) == 2
    assert "column is missing" in capsys.readouterr().err
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"round;\xff\xfe")
    assert main(["soil", "stock", str(odd)]) == 2
    assert "not UTF-8" in capsys.readouterr().err
    assert main(["soil", "stock", str(tmp_path)]) == 2
    assert "directory" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["plan", "--cores", "3"], ["tier1"], []])
def test_a_missing_option_is_told(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["soil", *words])
    assert end.value.code == 2
    assert "required" in capsys.readouterr().err
