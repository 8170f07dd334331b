"""What does the board read of a closed month? One sentence, in the language of whoever reads."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from babel.dates import format_date
from jinja2 import Template

from offset.web.templating import environment_for

_GAPS: Final = re.compile(r"[ \n]+")


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """Write the sentence for the board from the facts of a closed month."""
    month = format_date(date.fromisoformat(facts["month"]), "LLLL y", locale=code)
    # Only our own line ends: the spaces inside an amount must not break.
    return _GAPS.sub(" ", _template(code).render(facts=facts, month=month)).strip()


@cache
def _template(code: str) -> Template:
    return environment_for(code).get_template("macros/board.txt")
