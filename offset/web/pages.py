"""Where do the fixed texts live: how it works, terms, privacy, legal notice, accessibility?

One Markdown file a page and language below ``templates/pages``; the first heading is the title.
What only the receiver of contributions can say, it says in files of its own, ``texts`` in the
folder of its data, under the same names; until then drafts stand here that say they are drafts.
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
from offset.web.wiring import services

blueprint: Final = Blueprint("pages", __name__)
OWN: Final = ("terms", "privacy", "legal")
_LONGEST: Final = 200_000
NAMES: Final = ("how-it-works", "terms", "privacy", "legal", "accessibility")


@dataclass(frozen=True)
class Text:
    """A fixed text of the house, ready to be shown."""

    title: str
    body: Markup


def text_of(name: str, code: str, data: Path | None = None) -> Text:
    """Read a text in a language: the owner's own file in the folder of data, where there is one."""
    if data is not None and name in OWN and written_by_owner(data, name, code):
        own = data / "texts" / f"{name}.{code}.md"
        return _read(own, own.stat().st_mtime_ns)
    return _read(template_root() / "pages" / f"{name}.{code}.md", 0)


def written_by_owner(folder: Path, name: str, code: str) -> bool:
    """Say whether the owner has written a text; the drafts that ship with us do not count."""
    own = folder / "texts" / f"{name}.{code}.md"
    return own.is_file() and 0 < own.stat().st_size < _LONGEST


@cache
def _read(path: Path, _changed: int) -> Text:
    """Read a file once a change; raw HTML is off, so nothing in it can act."""
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(rest)
    html = html.replace("CO2", "CO<sub>2</sub>")
    return Text(first.removeprefix("# ").strip(), Markup(html))  # noqa: S704 - raw HTML is off


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
    return render_template(
        "pages/page.html", text=text_of(name, language(), services().settings.data_dir)
    )
