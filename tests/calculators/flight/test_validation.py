"""Does the committed comparison still hold, and is every published value in it?"""

from __future__ import annotations

import collections
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from calculators.flight.datasets import DATA_FOLDER, LATEST
from calculators.flight.methods import METHOD_IDS
from calculators.flight.validation import VERDICTS, Check, report

ROOT = Path(__file__).parents[3]
BUILD = ROOT / "calculators" / "flight" / "data" / "build"


def script(name: str) -> ModuleType:
    """Return a build script as a module."""
    spec = importlib.util.spec_from_file_location(f"build_{name}", BUILD / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def checks(group: str) -> tuple[Check, ...]:
    return next(one.checks for one in report().groups if one.id == group)


def test_the_report_and_its_page_are_the_generated_ones() -> None:
    made = script("validate")
    assert (DATA_FOLDER / "validation.json").read_text(encoding="utf-8") == made.text()
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert page == made.page(made.build())
    assert report().dataset == LATEST


def test_no_published_row_is_left_out(references: dict[str, dict[str, str]]) -> None:
    found = {check.id.split(" ")[0] for check in report().checks}
    assert found == set(references)
    assert len(references) == 347


def test_every_row_is_exact_or_says_why_not() -> None:
    told = report()
    for check in told.checks:
        assert check.verdict in VERDICTS
        assert check.method in {*METHOD_IDS, "fuel", "contrails", ""}
        if check.verdict in {"listed", "not applicable"}:
            assert told.reasons[check.reason]
            assert check.limit is None
        if check.verdict == "listed":
            assert check.difference is not None
        if check.verdict in {"within", "outside"}:
            assert check.limit is not None
    assert told.count("outside") == 0


@pytest.mark.parametrize(
    ("group", "verdicts"),
    [
        ("DESNZ", {"exact": 126}),
        ("GOC", {"exact": 37}),
        ("ADEME", {"exact": 14, "listed": 3}),
        ("MYC", {"exact": 2, "within": 1, "listed": 3, "not applicable": 1}),
        ("TIM", {"exact": 60, "within": 10, "listed": 9, "not applicable": 2}),
        ("TIMAPI", {"listed": 32}),
        ("FUEL", {"listed": 27}),
        ("FOOT", {"listed": 11, "not applicable": 1}),
        ("PJET", {"exact": 1}),
        ("NONCO", {"exact": 8, "listed": 1, "not applicable": 3}),
    ],
)
def test_how_each_group_ends(group: str, verdicts: dict[str, int]) -> None:
    assert collections.Counter(check.verdict for check in checks(group)) == verdicts


def test_the_printed_example_end_to_end() -> None:
    rows = {check.id: check for check in checks("TIM")}
    assert rows["TIM0018 own fuel"].limit == 0.07
    assert rows["TIM0018 own fuel"].verdict == "within"
    assert all(rows[f"TIM{number:04}"].verdict == "exact" for number in range(16, 69))


def test_the_fuel_table_lies_within_8_percent_of_the_printed_points() -> None:
    sums = [check for check in checks("TIM") if check.id.endswith("+ TIM0005")]
    assert [check.published for check in sums] == [7490, 12512, 54600, 59710]
    assert all(check.limit == 0.08 and check.verdict == "within" for check in sums)


def test_a_figure_that_moves_would_be_seen() -> None:
    made = script("validate")
    row = next(one for one in made.references() if one["id"] == "DESNZ0216")
    assert made.check(row, "desnz-2025", "", 0.22928).verdict == "exact"
    assert made.check(row, "desnz-2025", "", 0.22929).verdict == "outside"
    assert made.check(row, "desnz-2025", "", 0.24, 0.02).verdict == "outside"


def test_groups_and_methods_are_counted() -> None:
    told = report()
    assert sum(told.count(verdict) for verdict in VERDICTS) == len(told.checks)
    desnz = next(one for one in told.groups if one.id == "DESNZ")
    assert desnz.largest_difference == 0
    assert {check.group for check in told.of_method("goclimate")} == {"GOC"}
    assert told.statements[0].code == "airlines_2024"
