"""Do the papers name what is there: settings, commands, make targets, data sources?"""

import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from offset.cli.main import cli
from offset.people.schedule import JOBS as SCHEDULE

ROOT = Path(__file__).resolve().parents[2]


def _settings_read() -> set[str]:
    text = (ROOT / "offset" / "config.py").read_text()
    return set(re.findall(r'"((?:OFFSET|STRIPE)_[A-Z_]+|PORT)"', text))


def test_every_setting_is_explained() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#? ?([A-Z_]+)=", example, flags=re.MULTILINE))
    assert _settings_read() <= named


def test_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme


@pytest.mark.parametrize("name", ["demo", "serve", "init", "db", "ledger", "jobs", "people"])
def test_command_exists(name: str) -> None:
    assert name in cli.commands


def test_jobs_of_the_schedule_are_the_jobs_that_run() -> None:
    from offset.cli.jobs import JOBS  # noqa: PLC0415 - the table under test

    assert list(JOBS) == list(SCHEDULE)


def test_help_of_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, flags=re.MULTILINE))
    told = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[0] for line in told.splitlines() if line} == targets


def test_tree_has_no_machine_paths() -> None:
    # a folder that every machine has says nothing of this one
    common = {Path("/"), Path("/tmp"), Path(tempfile.gettempdir())}  # noqa: S108 - a name only
    place = ROOT if ROOT.parent in common else ROOT.parent
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".html", ".txt", ".css", ".js"} and path.exists():
            assert f"{place}/" not in path.read_text(errors="ignore"), name
