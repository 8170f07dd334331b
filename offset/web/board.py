"""What does the board read of a closed month? One sentence, in the language of whoever reads."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date
from jinja2 import Template

from offset.web.templating import environment_for


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """Write the sentence for the board from the facts of a closed month."""
    month = format_date(date.fromisoformat(facts["month"]), "LLLL y", locale=code)
    return " ".join(_template(code).render(facts=facts, month=month).split())


@cache
def _template(code: str) -> Template:
    return environment_for(code).get_template("macros/board.txt")
