"""Does every alarm watch a figure that exists, and has each its page in the runbook?"""

import re
from datetime import datetime
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # ships no types

from offset.database.session import Database
from offset.reports.gauges import gauges

ROOT = Path(__file__).resolve().parents[2]
RULES = yaml.safe_load((ROOT / "docs/serving/alerts.yml").read_text())["groups"][0]["rules"]


def test_every_alarm_watches_a_figure_that_exists(embedded: Database, at: datetime) -> None:
    with embedded.reading() as session:
        found = {gauge.name for gauge in gauges(session, at=at)}
    for rule in RULES:
        asked = set(re.findall(r"\boffset_[a-z_]+", rule["expr"]))
        assert asked <= found, rule["alert"]


def test_every_alarm_has_its_page_and_every_page_its_alarm() -> None:
    named = {rule["annotations"]["runbook"] for rule in RULES}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/runbook").glob("*.md")}
    assert named == pages
    for page in pages:
        text = (ROOT / page).read_text()
        for part in ("# ", "**What it means.**", "**What to do.**\n1. ", "**Over when:**"):
            assert part in text, page
