"""How does what a steward wrote become a page that nobody else wrote into?

Markdown without raw HTML, then an allow-list of elements. Doing it twice changes nothing.
"""

import html as entities
import re
from functools import cache
from typing import Final

import nh3
from markdown_it import MarkdownIt

from offset.errors import InvalidInput

_TAGS: Final = frozenset(
    {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "a", "h3", "h4", "code", "hr"}
)
_ATTRIBUTES: Final = {"a": {"href"}}
_SCHEMES: Final = frozenset({"http", "https", "mailto"})
# What would act on a page. Shown as plain letters it does no harm; nobody writes it by accident.
_ACTIVE: Final = re.compile(
    r"</?\s*(?:script|iframe|object|embed|svg|style|link|meta|base|form|input|button|img|video"
    r"|audio)\b|<[a-z][^<>]*\son[a-z]+\s*=|(?:\(|<|\]:)\s*(?:javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)
_SHOWN: Final = 40


@cache
def _parser() -> MarkdownIt:
    # Pictures come through the photo form, with their words and their consent.
    return MarkdownIt("commonmark", {"html": False}).disable("image")


def rendered(text: str) -> str:
    """Return the HTML of a Markdown text; headings start below the page's own."""
    html = str(_parser().render(text))
    for level, lower in ((2, 4), (1, 3)):
        html = html.replace(f"<h{level}>", f"<h{lower}>").replace(f"</h{level}>", f"</h{lower}>")
    return sanitised(html)


def refuse_active(text: str, *, field: str) -> None:
    """Refuse a text that holds a script, or anything else that would act, naming its line.

    Raises
    ------
    InvalidInput
        ``script_in_text`` with the row and what stands there.
    """
    for row, line in enumerate(text.splitlines(), start=1):
        if (found := _ACTIVE.search(entities.unescape(line))) is not None:
            shown = found[0].strip()[:_SHOWN]
            raise InvalidInput("script_in_text", field=field, row=row, found=shown)


def sanitised(html: str) -> str:
    """Return HTML with nothing in it but the elements a text needs."""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="nofollow noopener",
    ).strip()
