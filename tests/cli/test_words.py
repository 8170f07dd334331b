"""Is the list of commands what the commands say, and does the site load only what it needs?"""

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from offset.cli.main import WORDS, cli
from offset.database import migrate

# What draws, prints, asks names, changes tables or plays: loaded by whoever does it.
LATE = {
    "PIL", "alembic", "dns", "openpyxl", "pydyf", "pypdf", "scipy", "weasyprint",
    "offset.sandbox", "offset.cli.jobs", "offset.cli.demo", "offset.reports.audit_pack",
}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(told.stdout.split())


@pytest.mark.parametrize("name", sorted(WORDS))
def test_each_word_is_listed_with_what_its_command_says(name: str) -> None:
    said = (cli.commands[name].help or "").partition("\n")[0]
    assert WORDS[name][1] == said


def test_help_loads_no_command() -> None:
    loaded = loaded_by("from offset.cli.main import cli; cli(['--help'], standalone_mode=False)")
    assert not loaded & {"flask", "sqlalchemy", "numpy", "offset.app"}


def test_the_site_starts_without_what_few_requests_need() -> None:
    code = "import offset.cli.serve; from importlib import import_module as i; "
    code += "from offset.web import ROOMS; [i(f'offset.web.{room}') for room in ROOMS]"
    assert not loaded_by(code) & LATE


def test_the_newest_revision_is_the_one_that_the_tool_finds() -> None:
    found = ScriptDirectory(str(migrate.migrations_folder())).get_current_head()
    assert migrate.head() == found
