"""What is a theme called, for which a gift may be given?"""

from typing import Final

from babel import Locale
from flask_babel import gettext

from offset.giving.themes import tag_of
from offset.web import labels
from offset.web.language import language

_PRACTICES: Final = {tag_of(code): code for code in labels.PRACTICES}


def theme_name(tag: str) -> str:
    """Name a theme in the reader's language; no theme is the pool."""
    if not tag:
        return gettext("where it is needed most")
    if tag in _PRACTICES:
        return labels.label(labels.PRACTICES, _PRACTICES[tag])
    country = str(Locale.parse(language()).territories.get(tag, tag))
    return gettext("projects in %(country)s", country=country)
