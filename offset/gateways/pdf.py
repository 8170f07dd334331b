"""How do facts become a printed document that stays the same, byte for byte?

WeasyPrint draws the template; it is imported where it draws, since it needs the system's Pango.
"""

import functools
import hashlib
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment

from offset.database.types import canonical
from offset.errors import Refused

_STATIC: Final = Path(__file__).resolve().parents[1] / "static"
_VARIANT: Final = "pdf/a-3a"
_STYLE: Final = "pdf/document.css"
_FONT_SECOND: Final = "1767225600"  # 2026-01-01, any fixed second
# Documents that carry their own facts as a file, without the names of people.
_WITH_FACTS: Final = frozenset({"receipt", "annual", "cancellation"})
_OF_PEOPLE: Final = frozenset({"name", "address"})
_LIBRARY: Final = "Pango"


class PrintedDocuments:
    """Draws documents from templates, in the language of whoever receives them.

    Parameters
    ----------
    templates
        Gives the templates in one language.
    public_url
        Where the links of a document point.
    """

    def __init__(self, templates: Callable[[str], Environment], *, public_url: str) -> None:
        self.templates = templates
        self.public_url = public_url

    def render(self, template: str, language: str, facts: Mapping[str, object]) -> bytes:
        """Draw a tagged PDF/A-3a; the same facts give the same bytes.

        Raises
        ------
        Refused
            ``pdf_unavailable``: the system lacks the drawing library; pages still work.
        """
        weasyprint = _drawer()
        environment = self.templates(language)
        html = environment.get_template(f"pdf/{template}.html").render(
            **facts, public_url=self.public_url
        )
        style = environment.get_template(_STYLE).render()
        told = canonical({"template": template, "language": language, "facts": dict(facts)})
        attachments = [_own_facts(weasyprint, template, facts)] if template in _WITH_FACTS else []
        return _drawn(
            weasyprint, html, style, hashlib.sha256(told.encode()).digest()[:16], attachments
        )

    def missing(self) -> str | None:
        """Name what the system lacks to draw documents; None when nothing is missing."""
        return _missing()


@functools.cache
def _missing() -> str | None:
    try:
        _drawer()
    except Refused:
        return _LIBRARY
    return None


def _drawer() -> Any:
    """Return the drawing library.

    Raises
    ------
    Refused
        ``pdf_unavailable``.
    """
    try:
        # Here and not above: it needs a library of the system, and pages work without it.
        import weasyprint  # noqa: PLC0415 - loaded where it is used
    except OSError as fault:
        raise Refused("pdf_unavailable") from fault
    return weasyprint


def _drawn(
    weasyprint: Any, html: str, style: str, identifier: bytes, attachments: list[Any]
) -> bytes:
    # fontTools writes the second of drawing into each embedded font unless it is told another.
    os.environ.setdefault("SOURCE_DATE_EPOCH", _FONT_SECOND)
    base = f"{_STATIC.as_uri()}/"
    fetcher = _own_files(weasyprint)
    fonts = weasyprint.text.fonts.FontConfiguration()
    sheet = weasyprint.CSS(string=style, base_url=base, url_fetcher=fetcher, font_config=fonts)
    document = weasyprint.HTML(string=html, base_url=base, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(
        stylesheets=[sheet],
        font_config=fonts,
        pdf_variant=_VARIANT,
        pdf_tags=True,
        pdf_identifier=identifier,
        attachments=attachments,
    )
    return pdf


def _own_facts(weasyprint: Any, template: str, facts: Mapping[str, object]) -> Any:
    """Return the facts of a document as a file inside it, dated as the document is."""
    kept = {name: value for name, value in facts.items() if name not in _OF_PEOPLE}
    dated = datetime.fromisoformat(str(facts["issued_on"])).replace(tzinfo=UTC)
    return weasyprint.Attachment(
        string=canonical(kept),
        name=f"{template}.json",
        description="The facts of this document, for machines",
        created=dated,
        modified=dated,
        relationship="Data",
    )


def _own_files(weasyprint: Any) -> Any:
    """Return a fetcher that opens our fonts and nothing else, near or far."""

    class OwnFiles(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # the library has no types
        """Reads fonts below the folder of static files."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """Read one font; any other address is refused."""
            if not url.startswith(f"{_STATIC.as_uri()}/vendor/") or ".." in url:
                raise ValueError(f"documents open no other files: {url}")
            return super().fetch(url, headers)

    return OwnFiles(allowed_protocols={"file"})
