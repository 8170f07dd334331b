"""How far are our figures from the published ones, and where are we worse?"""

from functools import lru_cache
from typing import Final

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup

from calculators.flight.validation import VERDICTS, Check, Report, report
from offset.web.charts import error_strip, lines_of
from offset.web.language import language
from offset.web.public import blueprint, method_words, texts
from offset.web.public.methods import verdicts
from offset.web.security import public
from offset.web.templating import number

_LANGUAGES: Final = 8
_WORST: Final = 8


@blueprint.get("/validation")
@public
def validation() -> str:
    """Show every published value beside ours, and say plainly where we are worse."""
    return render_template("public/validation.html", body=_body(language()))


@lru_cache(maxsize=_LANGUAGES)
def _body(code: str) -> Markup:  # noqa: ARG001 - a page a language
    told = report()
    groups = [
        (
            lines_of(gettext("%(name)s, %(count)s values", name=group.title, count=len(dots))),
            [(check.asked, 100 * (check.difference or 0.0)) for check in dots],
        )
        for group in told.groups
        if (dots := _differing(group.checks))
    ]
    return Markup(  # noqa: S704 - a template of ours, escaped by itself
        render_template(
            "public/_validation.html",
            report=told,
            totals=verdicts(told.checks),
            chart=error_strip(groups),
            description=_described(told),
            kinds=VERDICTS,
            worst=_worst(told),
            statement=lambda one: texts.say(method_words.STATEMENTS, one) % {},
            verdict=lambda one: texts.say(method_words.VERDICTS_SHORT, one),
            reason=lambda one: texts.say(method_words.NO_LIMIT, one) if one else "",
            method_name=texts.method_name,
            is_method=lambda one: one in texts.SCOPES,
        )
    )


def _differing(checks: tuple[Check, ...]) -> list[Check]:
    return [check for check in checks if check.difference and check.verdict != "exact"]


def _worst(told: Report) -> list[Check]:
    """Return the rows that differ most, the worst first."""
    ranked = sorted(_differing(told.checks), key=lambda check: -abs(check.difference or 0.0))
    return ranked[:_WORST]


def _described(told: Report) -> str:
    return " ".join(
        gettext(
            "%(name)s: %(count)s values differ, by %(most)s %% at most.",
            name=group.title,
            count=len(dots),
            most=number(100 * max(abs(check.difference or 0.0) for check in dots), 1),
        )
        for group in told.groups
        if (dots := _differing(group.checks))
    )
