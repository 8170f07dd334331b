"""Can the same bytes be made again, and do the totals add up?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calculators.errors import BadManifest, MissingColumn, TooManyValues
from calculators.flight.files import manifest, summary
from calculators.flight.files.conversion import verify
from tests.calculators.flight.files.asking import Asked

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


def test_verification_makes_the_same_bytes_and_sees_every_difference(tmp_path: Path) -> None:
    asked = Asked(tmp_path, TEXT)
    path = tmp_path / "out.csv.manifest.json"
    assert [check.same for check in verify(path)] == [True] * 4
    asked.target.write_bytes(asked.raw + b" ")
    assert [check.same for check in verify(path)] == [True, True, True, False]
    asked.source.write_text(TEXT.replace("JFK,2", "JFK,3"))
    assert [check.same for check in verify(path, asked.source, asked.target)] == [
        False, True, False, False,
    ]  # fmt: skip
    asked.target.unlink()
    with pytest.raises(BadManifest, match=r"there is no out\.csv"):
        verify(path)


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
