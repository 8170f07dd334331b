"""How does a link become a square that a phone can read?"""

import io
from typing import Final

import segno

_QUIET_ZONE: Final = 2


def square(text: str) -> tuple[int, str]:
    """Return the side and the path of a square code, to be drawn as one SVG path."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m")
    code.save(drawn, kind="svg", border=_QUIET_ZONE, xmldecl=False, svgns=False, omitsize=True)
    path = drawn.getvalue().decode().split(' d="', 1)[1].split('"', 1)[0]
    return int(code.symbol_size(border=_QUIET_ZONE)[0]), path
