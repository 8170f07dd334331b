"""Do docs/method-*.md still say what the code does, one page a method?"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from calculators.errors import UnknownMethod
from calculators.flight.datasets import dataset
from calculators.flight.methods import METHOD_IDS
from calculators.flight.methods.papers import ODDITIES, paper, papers

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "calculators" / "flight" / "data" / "build" / "write_method.py"


def test_the_pages_are_the_generated_ones() -> None:
    spec = importlib.util.spec_from_file_location("write_method", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    docs = ROOT / "docs"
    made = script.pages()
    soil = {"method-soil.md"}  # written and compared by the room of soil
    assert {path.name for path in docs.glob("method-*.md")} - soil == set(made)
    assert set(made) == {"method-flight.md", *(f"method-{one}.md" for one in METHOD_IDS)}
    for name, text in made.items():
        assert (docs / name).read_text(encoding="utf-8") == text, name


def test_every_method_has_a_paper_of_its_constants() -> None:
    for told in papers():
        assert told.formula
        assert told.factors
        assert {factor.source for factor in told.factors} <= set(told.sources)
        assert all(one.text == ODDITIES[one.code] for one in told.oddities)
        assert ("jumps" in {one.code for one in told.oddities}) == bool(told.info.jumps_km)
    assert [told.info.id for told in papers()] == list(METHOD_IDS)
    used = {one.code for told in papers() for one in told.oddities}
    assert used == set(ODDITIES)


def test_a_paper_prints_the_number_that_is_computed_with() -> None:
    found = {(one.name, one.of): one.value for one in paper("desnz-2025-wtt").factors}
    assert found["with_rf", "long, economy"] == 0.11704
    assert found["wtt", "long, economy"] == 0.02461
    assert paper("goclimate").factors[0].value == 2
    assert paper("goclimate-2023").factors[0].value == 3
    assert paper("tim-3", dataset("2026.1")) == paper("tim-3")


def test_a_method_is_checked_under_the_ids_its_factors_were_published_with() -> None:
    assert {check.method for check in paper("distance").checks} == {
        "desnz-2025-norf",
        "desnz-2025-wtt",
    }
    assert paper("icao-style").checks == ()
    with pytest.raises(UnknownMethod):
        paper("nothing")
