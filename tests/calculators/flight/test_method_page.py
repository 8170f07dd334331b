"""Does docs/method-flight.md still say what the code does?"""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "calculators" / "flight" / "data" / "build" / "write_method.py"


def test_the_page_is_the_generated_one() -> None:
    spec = importlib.util.spec_from_file_location("write_method", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert (ROOT / "docs" / "method-flight.md").read_text(encoding="utf-8") == script.page()
