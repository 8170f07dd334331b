"""How is profile.svg made? Run ``python offset/static/drawings/build.py`` after a change."""
# ruff: noqa: INP001, T201 - a script beside its result, which says what it did

import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from offset.web.drawings import profile

TARGET: Final = Path(__file__).parent / "profile.svg"


def written() -> str:
    """Return the file: one path a drawing, colours left to whoever uses it."""
    paths = "".join(
        f'<path id="{name}"{_paint(how)} d="{path}"/>' for name, (how, path) in profile().items()
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{paths}</svg>\n'


def _paint(how: str) -> str:
    return ' fill="none" stroke-linecap="round"' if how == "stroke" else ""


if __name__ == "__main__":
    TARGET.write_text(written(), "utf-8")
    print(f"{TARGET.name} {TARGET.stat().st_size} bytes")
