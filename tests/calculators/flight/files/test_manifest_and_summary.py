"""Can the same bytes be made again, and do the totals add up?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from calculators.errors import BadManifest, MissingColumn, TooManyValues, UnknownDataset
from calculators.flight.files import manifest, summary
from calculators.flight.files.conversion import convert, verify
from tests.calculators.flight.files.asking import Asked, options

TEXT = (
    "from,to,pax,Kostenstelle,trip\n"
    "CDG,JNB,1,sales,1\n"
    "JNB,CDG,1,sales,1\n"
    "LHR,JFK,2,law,2\n"
    "LHR,JFK,-1,law,2\n"
    "XXX,JFK,1,law,3\n"
    ",,,,\n"
)


def test_the_manifest_holds_what_the_answer_was_made_of(tmp_path: Path) -> None:
    asked = Asked(tmp_path, TEXT, "desnz-2025")
    written = json.loads((tmp_path / "out.csv.manifest.json").read_text("utf-8"))
    assert written == asked.manifest
    assert written["input"]["bytes"] == len(TEXT)
    assert written["methods"] == [
        {"chosen": "desnz-2025", "editions": [{"id": "desnz-2025", "version": "2025"}]}
    ]
    assert set(written["dataset"]["sha256"]) >= {"airports.csv", "desnz.csv"}
    assert written["versions"]["numpy"]


def different(path: Path, *places: Path) -> list[str]:
    return [check.what for check in verify(path, *places) if not check.same]


def test_verification_makes_the_same_bytes_and_sees_every_difference(tmp_path: Path) -> None:
    asked = Asked(tmp_path, TEXT)
    path = tmp_path / "out.csv.manifest.json"
    assert different(path) == []
    asked.target.write_bytes(asked.raw + b" ")
    assert different(path) == ["answer out.csv"]
    asked.source.write_text(TEXT.replace("JFK,2", "JFK,3"))
    assert different(path, asked.source, asked.target) == [
        "input in.csv", "answer made again", "answer out.csv",
    ]  # fmt: skip
    asked.target.unlink()
    with pytest.raises(BadManifest, match=r"there is no .*out\.csv; give OUT"):
        verify(path)
    asked.source.unlink()
    with pytest.raises(BadManifest, match=r"there is no .*in\.csv; give IN"):
        verify(path)


def test_input_and_answer_in_different_folders_even_under_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
    source, target = tmp_path / "a" / "flights.csv", tmp_path / "b" / "flights.csv"
    source.write_text(TEXT)
    convert(source, target, options())
    proof = target.with_name("flights.csv.manifest.json")
    assert json.loads(proof.read_text())["input"]["path"] == "../a/flights.csv"
    assert different(proof) == []
    moved = source.rename(tmp_path / "c" / "flights.csv")
    with pytest.raises(BadManifest, match="is the answer; give IN and OUT"):
        verify(proof)
    assert different(proof, moved) == []
    there = proof.rename(tmp_path / "c" / proof.name)
    assert different(there, moved, target) == []


@pytest.mark.parametrize(
    ("part", "name", "value", "says"),
    [
        ("counts", "rows", 7, "counts"),
        ("counts", "faults", 0, "counts"),
        ("detected", "decimal", ",", "detected"),
        ("detected", "columns", {}, "detected"),
        ("methods", 0, {"chosen": "tim-3", "editions": []}, "methods"),
        ("input", "bytes", 1, "input in.csv"),
        ("input", "sha256", "0", "input in.csv"),
        ("output", "kind", "xlsx", "kind of the answer"),
        ("dataset", "sha256", {}, "data set 2026.1"),
        ("signed", None, "x", "signed"),
        ("versions", None, None, "versions: none are recorded"),
    ],
)
def test_a_manifest_that_was_changed_is_seen(
    tmp_path: Path, part: str, name: str | int | None, value: object, says: str
) -> None:
    told = Asked(tmp_path, TEXT).manifest
    if name is None:
        told[part] = value
    else:
        told[part][name] = value
    manifest.write(tmp_path / "out.csv.manifest.json", told)
    assert different(tmp_path / "out.csv.manifest.json") == [says]


def test_other_versions_are_told_and_do_not_fail_by_themselves(tmp_path: Path) -> None:
    told = Asked(tmp_path, TEXT).manifest
    told["versions"]["numpy"] = "1.0"
    manifest.write(tmp_path / "out.csv.manifest.json", told)
    (check,) = [one for one in verify(tmp_path / "out.csv.manifest.json") if not one.same]
    assert check.what.startswith("made with other versions: numpy 1.0, here ")
    assert not check.matters


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("input", "name", "../in.csv"),
        ("input", "name", "/etc/passwd"),
        ("input", "name", "a\\b"),
        ("input", "name", ".."),
        ("input", "path", "/etc/passwd"),
        ("output", "name", "x/out.csv"),
        ("output", "name", ""),
    ],
)
def test_names_with_parts_of_a_path_are_refused(
    tmp_path: Path, part: str, name: str, value: str
) -> None:
    told = Asked(tmp_path, TEXT).manifest
    told[part][name] = value
    manifest.write(tmp_path / "out.csv.manifest.json", told)
    with pytest.raises(BadManifest, match=rf"its {part}\.{name} .* is not allowed"):
        verify(tmp_path / "out.csv.manifest.json")


def test_an_unknown_data_set_is_named(tmp_path: Path) -> None:
    told = Asked(tmp_path, TEXT).manifest
    for data, error, says in (
        ("1999.1", UnknownDataset, "1999.1"),
        ("2026.1+operator-0", BadManifest, "give --operator-data FOLDER"),
    ):
        told["options"]["dataset"] = data
        manifest.write(tmp_path / "out.csv.manifest.json", told)
        with pytest.raises(error, match=says):
            verify(tmp_path / "out.csv.manifest.json")


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', None])
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "m.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadManifest, match="it is not a manifest"):
        verify(path)


def test_a_manifest_of_another_format_is_refused(tmp_path: Path) -> None:
    told = Asked(tmp_path, TEXT).manifest | {"format": 2}
    manifest.write(tmp_path / "m.json", told)
    with pytest.raises(BadManifest, match="its format is 2, this release reads 1"):
        verify(tmp_path / "m.json")


def test_totals_by_any_column_and_method(tmp_path: Path) -> None:
    asked = Asked(tmp_path, TEXT, "tim-3", "ademe", by="kostenstelle")
    assert asked.done.summary is not None
    lines = {(line.value, line.method): line for line in asked.done.summary.lines()}
    assert set(lines) == {(v, m) for v in ("sales", "law") for m in ("tim-3", "ademe")}
    law = lines["law", "tim-3"]
    assert (law.rows, law.faults) == (3, 1)
    kg = [float(row["co2e_kg"] or 0) for row in asked.rows if row["method"] == "tim-3"]
    assert law.co2e_kg == round(kg[2] + kg[3], 3) == round(kg[2] / 2, 3)
    assert law.low_kg is not None
    assert law.high_kg is not None
    assert law.low_kg < law.co2e_kg < law.high_kg
    assert lines["law", "ademe"].low_kg is None
    assert list(law.as_json()) == list(summary.Line.__slots__)


def test_totals_by_a_known_column_under_another_name(tmp_path: Path) -> None:
    asked = Asked(tmp_path, TEXT, by="travellers")
    assert asked.done.summary is not None
    assert [line.value for line in asked.done.summary.lines()] == ["1", "2", "-1"]
    with pytest.raises(MissingColumn, match=r"--by needs a column 'cabin'\. Found: 'from'"):
        Asked(tmp_path, TEXT, by="cabin")


def test_a_summary_grows_and_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from,to,id\n" + "".join(f"CDG,JNB,{number}\n" for number in range(1500))
    asked = Asked(tmp_path, text, by="id")
    assert asked.done.summary is not None
    assert len(asked.done.summary.lines()) == 1500
    monkeypatch.setattr(summary, "MOST", 1499)
    with pytest.raises(TooManyValues, match="'id' has more than 1,499 different values"):
        Asked(tmp_path, text, by="id")


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert manifest.versions(("numpy", "no-such-package")).keys() == {"numpy"}


def test_an_input_on_another_drive_has_no_way_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apart(*_: object) -> str:
        raise ValueError

    monkeypatch.setattr(os.path, "relpath", apart)
    assert manifest.relative(tmp_path / "a", tmp_path) == ""
