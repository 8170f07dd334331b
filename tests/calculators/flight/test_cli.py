"""Does the command line answer in the fixed form, and refuse in one line?"""

from __future__ import annotations

import io
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from calculators.cli import main
from calculators.flight.itinerary import METHOD_IDS


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        status = main(words)
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_a_return_flight_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "flight", "CDG", "DOH", "JNB", "--return", "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert [leg["origin"] for leg in answer["legs"]] == ["CDG", "DOH", "JNB", "DOH"]
    assert answer["legs"][0]["aircraft"] == "mix"
    assert answer["total"]["low_kg"] < answer["total"]["co2e_kg"] < answer["total"]["high_kg"]


def test_options_reach_the_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "flight",
        "ZRH",
        "SFO",
        "--cabin",
        "business",
        "--aircraft",
        "789",
        "--travellers",
        "2",
        "--json",
    ]
    answer = json.loads(run(capsys, *words)[1])
    assert answer["legs"][0]["aircraft"] == "789"
    assert answer["legs"][0]["cabin"] == "business"
    assert answer["travellers"] == 2


@pytest.mark.parametrize("words", [("CDG X/DOH JNB",), ("CDG", "X/DOH", "JNB"), ("CDG.DOH.JNB",)])
def test_a_stop_as_airlines_write_it(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    legs = json.loads(run(capsys, "flight", *words, "--json")[1])["legs"]
    assert [(leg["origin"], leg["destination"]) for leg in legs] == [("CDG", "DOH"), ("DOH", "JNB")]


def test_notes_are_lines_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "flight", "CDG", "JNB", "--aircraft", "AT72")[1]
    assert "  note: longer than this type flies" in out
    out = run(capsys, "flight", "Portland", "jfk")[1]
    assert "  note: 'Portland' is read as PDX (Portland, US), not PWM (Portland, US)" in out
    assert "note:" not in run(capsys, "flight", "CDG", "JNB")[1]


def test_a_reader_that_stops_is_no_error() -> None:
    command = [sys.executable, "-m", "calculators", "methods", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.close()
        assert asked.stderr.read() == b""


def test_a_gap_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "flight", "CDG/DOH//DXB/JNB")[1]
    assert "no flight between DOH and DXB" in out


def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "flight", "CDG", "JNB", "--travellers", "2")
    assert status == 0
    assert "Total for 2 travellers" in out
    assert "9 in 10" in out
    assert "not added" in out
    out = run(capsys, "flight", "CDG", "JNB", "--method", "ademe")[1]
    assert "Non-CO2 effects: included" in out
    assert "9 in 10" not in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("flight CDX JNB", "CDG"),
        ("flight montpelier CDG", "MPL"),
        ("flight CDG CDG", "same place"),
        ("flight CDG PAR", "same place"),
        ("flight CDG JNB --cabin buisness", "business"),
        ("flight CDG JNB --travellers 0", "between 1 and 99"),
        ("flight CDG JNB --travellers two", "invalid int"),
        ("flight CDG JNB --method tim3", "tim-3"),
        ("flight CDG JNB --aircraft B78", "B78"),
        ("flight CDG", "needs at least two places"),
        ("fuel ZZZZ --nm 100", "ZZZZ"),
        ("fuel 789 --nm 0", "--nm"),
        ("fuel 789 --nm 99999", "--nm"),
        ("fuel 789 --nm far", "not 'far'"),
        ("fuel 789 --nm=-5", "must be a number above 0"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_wrong_question_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    status, out, err = run(capsys, *words.split())
    assert status == 2
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_airports_fuel_and_methods(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(capsys, "airports", "new", "york", "--json")[1])[0]["code"] == "NYC"
    assert run(capsys, "airports", "genf")[1].startswith("GVA  Geneva")
    burnt = json.loads(run(capsys, "fuel", "789", "--nm", "5000", "--json")[1])
    assert list(burnt) == ["aircraft", "source", "lto_kg", "ccd_kg", "total_kg"]
    assert run(capsys, "fuel", "789", "--nm", "5000")[1] == "B789 (PS): 57,559 kg of fuel\n"
    listed = json.loads(run(capsys, "methods", "--json")[1])
    assert [method["id"] for method in listed] == list(METHOD_IDS)
    assert run(capsys, "methods")[1].startswith("tim-3")


def test_the_module_runs_when_it_is_the_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["calculators", "airports", "genf"])
    assert runpy.run_module("calculators.__main__", run_name="imported")["main"] is main
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("calculators", run_name="__main__")
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("GVA")


def test_the_module_runs_in_a_process_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "calculators", "airports", "genf"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("GVA")


def test_importing_the_calculator_needs_neither_flask_nor_a_database() -> None:
    code = (
        "import sys; import calculators.flight.itinerary;"
        "print([m for m in sys.modules if m.split('.')[0] in {'flask', 'sqlalchemy', 'offset'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_closed_pipe_ends_quietly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def fileno(self) -> int:
            return self.number

        def flush(self) -> None:
            raise BrokenPipeError

    with (tmp_path / "out").open("w") as file:
        monkeypatch.setattr(sys, "stdout", Closed(file.fileno()))
        assert main(["methods"]) == 2
        monkeypatch.undo()
