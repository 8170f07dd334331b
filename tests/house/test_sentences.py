"""Has every refusal that the domain can raise a sentence for people?"""

import ast
from pathlib import Path

from offset.web.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
REFUSALS = {
    "InvalidInput",
    "NotFound",
    "Forbidden",
    "Refused",
    "LedgerRefused",
    "StateRefused",
    "Conflict",
    "TryLater",
}
# told to programs or to the log, never shown on a page
SILENT_ROOMS = ("offset/cli", "offset/sandbox")


def raised_codes() -> dict[str, set[str]]:
    """Collect the code of every refusal in the tree, with the files that raise it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "offset").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if name.startswith(SILENT_ROOMS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in REFUSALS
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.setdefault(str(node.args[0].value), set()).add(name)
    return found


def test_every_code_has_a_sentence() -> None:
    without = {code: files for code, files in raised_codes().items() if code not in SENTENCES}
    assert without == {}
