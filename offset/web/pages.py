"""Where do the fixed texts live: how it works, terms, privacy, legal notice, accessibility?

One Markdown file a page and language below ``templates/pages``; the first heading is the title.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from offset.web.language import language
from offset.web.security import public
from offset.web.templating import template_root

blueprint: Final = Blueprint("pages", __name__)
NAMES: Final = ("how-it-works", "terms", "privacy", "legal", "accessibility")


@dataclass(frozen=True)
class Text:
    """A fixed text of the house, ready to be shown."""

    title: str
    body: Markup


@cache
def text_of(name: str, code: str) -> Text:
    """Read a text in a language; the files are ours, so nothing in them is foreign."""
    path: Path = template_root() / "pages" / f"{name}.{code}.md"
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(rest)
    html = html.replace("CO2", "CO<sub>2</sub>")
    return Text(first.removeprefix("# ").strip(), Markup(html))  # noqa: S704 - our own file, raw HTML off


@blueprint.get("/how-it-works")
@public
def how_it_works() -> ResponseReturnValue:
    """Tell the way of a contribution in five steps."""
    return _shown("how-it-works")


@blueprint.get("/terms")
@public
def terms() -> ResponseReturnValue:
    """Show the terms."""
    return _shown("terms")


@blueprint.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Show what is kept about people."""
    return _shown("privacy")


@blueprint.get("/legal")
@public
def legal() -> ResponseReturnValue:
    """Show who publishes the site."""
    return _shown("legal")


@blueprint.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """Show the statement on accessibility."""
    return _shown("accessibility")


def _shown(name: str) -> str:
    return render_template("pages/page.html", text=text_of(name, language()))
