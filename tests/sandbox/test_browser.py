import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.walks.conftest import CHROMIUM


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_finds_nothing_wrong_on_any_page(tmp_path: Path) -> None:
    if not Path(CHROMIUM).exists():
        missing(f"Chromium is missing at {CHROMIUM}; set OFFSET_CHROMIUM")
    visit = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.browse", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert visit.returncode == 0, visit.stderr
    assert json.loads(visit.stdout) == []
