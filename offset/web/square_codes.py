"""How does a link become a square that a phone can read?"""

import io
from typing import Final

import segno

_QUIET_ZONE: Final = 2


def square(text: str, error: str = "m") -> tuple[int, str]:
    """Return the side and the path of a square code, to be drawn as one SVG path.

    ``error`` is the share that may be dirty: l 7 %, m 15 %; a long text needs the smaller one.
    """
    drawn = io.BytesIO()
    code = segno.make(text, error=error)
    code.save(drawn, kind="svg", border=_QUIET_ZONE, xmldecl=False, svgns=False, omitsize=True)
    path = drawn.getvalue().decode().split(' d="', 1)[1].split('"', 1)[0]
    return int(code.symbol_size(border=_QUIET_ZONE)[0]), path
