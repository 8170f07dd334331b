"""Do outside tools accept our files? bean-check, hledger, and the official IATI schema."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from lxml import etree

from tests.conftest import missing

_SCHEMA = Path(__file__).resolve().parents[1] / "data" / "iati" / "iati-activities-schema.xsd"


def bean_check(path: Path) -> str:
    """Let Beancount check a file; what it says, nothing when it is content."""
    program = Path(sys.executable).with_name("bean-check")
    if not program.exists():
        missing("bean-check is missing; make setup installs it")
    return _said([str(program), "--no-cache", str(path)])


def hledger(path: Path, *words: str) -> str:
    """Let hledger check a journal, or report on it."""
    program = shutil.which("hledger")
    if program is None:
        missing("hledger is missing; install the package hledger")
    return _said([str(program), "-f", str(path), *(words or ("check", "--strict"))])


def iati(path: Path) -> list[str]:
    """Validate an activities file against the official schema; every fault."""
    schema = _schema()
    schema.validate(etree.parse(path))
    return [str(fault) for fault in schema.error_log]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMA))


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    return said if done.returncode == 0 or said else f"exit {done.returncode}"
