"""Is the answer the same, byte by byte, with pyarrow and without?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calculators.flight.files import coded
from calculators.flight.files.coded import Coded, coded_columns
from tests.calculators.flight.files.asking import Asked

TEXTS = {
    "plain": "from,to,class,pax,trip\nCDG,JNB,Y,1,a\n,,,,\nLHR, JFK ,J,-2,a\nXXX,JFK,NA,null,nan\n",
    "semicolon": "Départ;Arrivée;km\nCDG;JNB;1,5\nGVA;LHR;\n",
    "ragged": "from,to\nCDG,JNB,x\nCDG\n",
    "quoted": 'from,to\n"CDG",JNB\n',
    "one column": "routing\nCDG/JNB\nJNB-CDG\n",
    "surplus everywhere": "from,to\nCDG,JNB,\nCDG,LHR,\n",
    "odd letters": "from,to\nCDG,J\0B\nCDG,\u2028\nCDG,\N{SNOWMAN}\n",
}


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded, "_csv", lambda: None)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_bytes_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, ending: str
) -> None:
    raw = text.replace("\n", ending).encode() + b"CDG,\xff" + ending.encode()
    for each in (raw, raw[: -len(ending) - 5]):
        fast = Asked(tmp_path, each)
        with monkeypatch.context() as patch:
            without(patch)
            slow = Asked(tmp_path, each)
        assert slow.raw == fast.raw
        assert slow.manifest == fast.manifest


def test_columns_are_read_with_pyarrow_where_that_is_certain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = ["a,b,c", "a,,c"]
    found = coded_columns(rows, ",", 3, (0, 1))
    assert {place: list(column) for place, column in found.items()} == {
        0: ["a", "a"],
        1: ["b", ""],
    }
    assert found[1][1] == ""
    assert len(found[0]) == 2
    assert coded_columns(rows, ",", 3, ()) == {}
    assert coded_columns(rows, ",", 3, (3,)) == {}
    assert coded_columns(["a§b"], "§", 2, (0,)) == {}
    assert coded_columns(["a,\udcff"], ",", 2, (0,)) == {}
    without(monkeypatch)
    assert coded_columns(rows, ",", 3, (0,)) == {}


def test_without_the_extra_there_is_nothing_to_read_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.csv", None)
    assert coded._csv.__wrapped__() is None  # noqa: SLF001 - what is remembered would hide it


def test_a_coded_column_is_a_sequence() -> None:
    column = Coded(["x", "y"], np.array([1, 0, 1], dtype=np.int32))
    assert list(column) == ["y", "x", "y"]
    assert [column[0], column[1]] == ["y", "x"]
