"""Does ``calculators flights`` answer a file, say how it read it, and end with the right status?"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from calculators.cli import main

TEXT = "From,To,Team\nCDG,JNB,a\nXXX,JNB,b\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in.csv").write_text(TEXT)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    try:
        status = main(["flights", *map(str, words)])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_a_file_is_answered_and_the_reading_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, folder / "in.csv", folder / "out.csv")
    assert (status, out) == (0, "")
    assert "columns: origin = 'From', destination = 'To'" in err
    assert "delimiter ','" in err
    assert "not used: 'Team'\n" in err
    assert "2 rows, 1 answers, 1 faults, 0 duplicates\n" in err
    assert (folder / "out.csv").read_text().count("tim-3") == 2
    assert sorted(path.name for path in folder.iterdir()) == [
        "in.csv", "out.csv", "out.csv.manifest.json",
    ]  # fmt: skip


def test_the_way_back_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "in.csv").write_text("From,To,Return\nCDG,JNB,yes\n")
    err = run(capsys, folder / "in.csv", folder / "out.csv")[2]
    assert "a yes in 'Return' adds the way back" in err
    assert "not used" not in err


def test_a_summary_as_table_and_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (folder / "in.csv", folder / "out.csv", "--summary", "--by", "team")
    out = run(capsys, *words, "--method", "tim-3", "--method", "ademe")[1]
    assert out.startswith("team  method ")
    assert "- to -" in out
    listed = json.loads(run(capsys, *words, "--json")[1])
    assert [(line["value"], line["faults"]) for line in listed] == [("a", 0), ("b", 1)]


def test_the_manifest_as_json_and_its_verification(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = run(capsys, folder / "in.csv", folder / "out.csv", "--json")[1]
    path = folder / "out.csv.manifest.json"
    assert json.loads(out) == json.loads(path.read_text())
    status, out, _ = run(capsys, "--verify", path)
    assert (status, out.count("same ")) == (0, 10)
    told = json.loads(path.read_text())
    told["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(told))
    status, out, _ = run(capsys, "--verify", path)
    assert (status, out.count("same ")) == (0, 9)
    assert "other     made with other versions: numpy 1.0" in out
    with (folder / "out.csv").open("a") as file:
        file.write("x")
    status, out, _ = run(capsys, folder / "in.csv", folder / "out.csv", "--verify", path, "--json")
    assert status == 1
    assert json.loads(out)["answer out.csv"] is False


def test_an_answer_on_own_data_is_verified_where_the_folder_is_given(folder: Path) -> None:
    """In a process of its own, which has not read the folder yet."""
    own = folder / "own"
    own.mkdir()
    (own / "seats.csv").write_text("aircraft,F,J,W,Y\nB789,0,30,28,230\n")
    (folder / "in.csv").write_text("From,To,Aircraft\nCDG,JNB,789\n")
    answered, proof = folder / "out.csv", folder / "out.csv.manifest.json"

    def status(*words: object) -> int:
        command = [sys.executable, "-m", "calculators", "flights", *map(str, words)]
        return subprocess.run(command, check=False, capture_output=True).returncode

    assert status(folder / "in.csv", answered, "--operator-data", own) == 0
    assert status("--verify", proof, "--operator-data", own) == 0
    assert status("--verify", proof) == 2


def test_standard_input_and_output(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = b"from,to,who\n\nCDG,JNB,Zo\xc3\xa9\nCDG,JNB,\xff\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert main(["flights", "-", "-"]) == 0
    out, err = capsysbinary.readouterr()
    assert out.startswith(b"from,to,who,method,")
    assert b"some bytes are not of this encoding" in err
    assert b"1 empty" in err


def test_progress_is_shown_on_a_terminal_only(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    err = run(capsys, folder / "in.csv", folder / "out.csv")[2]
    assert "\r2 rows" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("no.csv out.csv", "No such file"),
        ("", "Give the file to read and the file to write"),
        ("in.csv", "Give the file to read and the file to write"),
        ("in.csv none/out.csv", "none/out.csv: No such file"),
        ("in.csv out.csv --by Team", "--summary --by COLUMN"),
        ("in.csv out.csv --summary", "--summary --by COLUMN"),
        ("in.csv out.csv --summary --by Nobody", "Found: 'From', 'To', 'Team'"),
        ("in.csv out.csv --column Start=From", "--column"),
        ("in.csv out.csv --column origin=Team --column date=When", "'When'"),
        ("in.csv out.csv --method tim3", "tim-3"),
        ("in.csv out.csv --dataset 1999.1", "1999.1"),
        ("in.csv out.csv --decimal x", "--decimal"),
        ("in.csv out.csv --method by-date", "needs a column 'date'"),
        ("--verify in.csv", "it is not a manifest"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    says: str,
) -> None:
    monkeypatch.chdir(folder)
    status, out, err = run(capsys, *words.split())
    assert (status, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert [path.name for path in folder.iterdir()] == ["in.csv"]


def test_the_example_of_the_how_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "flights-file.md").read_text("utf-8")
    parts = [block.split("\n", 1) for block in page.split("\n```")[1::2]]
    blocks = {name: body.strip() for name, body in parts}
    monkeypatch.chdir(tmp_path)
    Path("flights.csv").write_text(blocks["csv in"] + "\n", "utf-8")
    for line in blocks["console"].splitlines():
        assert main(line.removeprefix("$ calculators ").split()) == 0
    assert Path("answered.csv").read_text("utf-8").strip() == blocks["csv out"]
