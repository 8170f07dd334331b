"""Do the page about the house, the linter and the tree say the same?"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "services", "manager"}


def _layers() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    [floors] = [c for c in contracts if c["type"] == "layers"]
    return [" | ".join(f"offset.{room}" for room in line.split(" | ")) for line in floors["layers"]]


def test_page_shows_the_floors_of_the_linter() -> None:
    page = (ROOT / "docs" / "house.md").read_text()
    [block] = re.findall(r"```floors\n(.*?)```", page, flags=re.DOTALL)
    assert block.strip().splitlines() == _layers()


def test_every_module_of_the_house_stands_on_a_floor() -> None:
    named = {part.strip().removeprefix("offset.") for line in _layers() for part in line.split("|")}
    found = {
        path.stem
        for path in (ROOT / "offset").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and not path.stem.startswith("_")
    }
    assert found == named


def test_no_module_is_named_after_nothing() -> None:
    names = {
        path.stem for room in ("offset", "calculators") for path in (ROOT / room).rglob("*.py")
    }
    assert not names & FORBIDDEN_NAMES


def test_only_one_place_commits() -> None:
    commits = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "offset").rglob("*.py")
        if ".commit()" in path.read_text() and "sandbox/stripe" not in str(path)
    ]
    assert commits == []


def test_every_module_starts_with_its_question() -> None:
    for room in ("offset", "calculators"):
        for path in (ROOT / room).rglob("*.py"):
            if "static" in path.parts:
                continue  # scripts that are run by hand beside the files they make
            first = path.read_text().lstrip().splitlines()[0]
            assert first.startswith('"""'), path
