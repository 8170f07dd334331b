"""Promises scored: how many measured values did our ranges hold, and how few are they?"""

import csv
import io
from typing import Final

from flask import Response, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from calculators.soil.calibration import FEW, Score
from calculators.soil.layer_rows import UNITS
from offset.projects import calibration
from offset.projects.calibration import Promise, Scored
from offset.reports import workbook
from offset.web import charts, labels, soil_words
from offset.web.language import page
from offset.web.public import blueprint, claims
from offset.web.security import public
from offset.web.templating import number
from offset.web.wiring import services

_MINUTE: Final = 60
_DRAWN: Final = 40
_SHARE: Final = 100
# an example of each kind of row: two layers of one core, fine earth and whole soil
TEMPLATE: Final = (
    "stratum",
    "core",
    "taken_on",
    "top_cm",
    "bottom_cm",
    next(iter(UNITS["soc"])),
    next(iter(UNITS["bulk_density"])),
    "density_basis",
    next(iter(UNITS["coarse_fragments"])),
    "latitude",
    "longitude",
)
_NUMBERS: Final = (False, False, False, True, True, True, True, False, True, True, True)


@blueprint.get("/promises-scored")
@public
def promises_scored() -> ResponseReturnValue:
    """Count measured values inside the ranges that were sealed before."""
    told = _told()
    drawn = told.promises[:_DRAWN]
    return render_template(
        "public/calibration.html",
        told=told,
        verdict=verdict(told),
        few=few(told.whole.score),
        share=share,
        chart=charts.promise_rows(
            [
                charts.PromiseValue(
                    charts.Interval(one.low, (one.low + one.high) / 2, one.high),
                    charts.Interval(one.measured_low, one.change, one.measured_high),
                )
                for one in drawn
            ]
        )
        if drawn
        else None,
        drawn=drawn,
        alternative=alternative(told),
        signed=claims.signed,
        words=soil_words,
        labels=labels,
    )


@blueprint.get("/promises-scored.json")
@public
def promises_json() -> ResponseReturnValue:
    """Hand out the same for programs."""
    answer = jsonify(calibration.document(_told()))
    answer.headers["Cache-Control"] = f"public, max-age={_MINUTE}"
    return answer


@blueprint.get("/calibration")
@public
def calibration_page() -> ResponseReturnValue:
    """Send readers of the other name to the page."""
    return redirect(page("/promises-scored"), code=301)


@blueprint.get("/soil-file.csv")
@public
def soil_template_csv() -> Response:
    """Hand out the empty table for laboratories."""
    written = io.StringIO()
    csv.writer(written).writerow(TEMPLATE)
    answer = Response("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="soil-file.csv")
    return answer


@blueprint.get("/soil-file.xlsx")
@public
def soil_template_xlsx() -> Response:
    """Hand out the same as a workbook."""
    written = io.BytesIO()
    workbook.write(written, "layers", TEMPLATE, _NUMBERS, iter(()))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = Response(written.getvalue(), content_type=kind)
    answer.headers.set("Content-Disposition", "attachment", filename="soil-file.xlsx")
    return answer


def verdict(told: Scored) -> str:
    """Write in plain words what the count says of nine in ten."""
    score = told.whole.score
    if not score.count:
        return gettext(
            "No measured value can be held against a sealed projection yet. Nobody knows how good"
            " our ranges are."
        )
    held = ngettext(
        "%(inside)s of %(num)s measured value lies inside the range we had published;",
        "%(inside)s of %(num)s measured values lie inside the range we had published;",
        score.count,
        inside=score.inside,
    )
    said = {
        "too_narrow": gettext(
            "that is fewer than nine in ten, and chance does not explain it: our ranges are too"
            " narrow."
        ),
        "too_wide": gettext(
            "that is more than nine in ten, and chance does not explain it: our ranges are wider"
            " than they claim."
        ),
        "kept": gettext("that does not contradict nine in ten."),
    }[score.says]
    return f"{held} {said}"


def few(score: Score) -> str:
    """Write how much, or how little, so many values can say."""
    if not score.count:
        return ""
    told = gettext(
        "By this count alone the true share could be anywhere from %(low)s to %(high)s in a"
        " hundred (exact binomial interval, 95 %%).",
        low=share(score.low),
        high=share(score.high),
    )
    if score.count >= FEW:
        return told
    said = ngettext(
        "This is %(num)s value. That is very few: it can neither praise nor condemn our ranges.",
        "These are %(num)s values. That is very few: they can neither praise nor condemn our"
        " ranges.",
        score.count,
    )
    return f"{said} {told}"


def share(value: float) -> str:
    """Write a share as so many in a hundred."""
    return number(round(value * _SHARE), 0)


def alternative(told: Scored) -> str:
    """Write the drawing for those who do not see it: each value with its place."""
    return " ".join(_told_of(one) for one in told.promises[:_DRAWN])


def _told_of(one: Promise) -> str:
    return gettext(
        "%(title)s: measured %(change)s, projected %(low)s to %(high)s tC/ha, %(place)s.",
        title=one.title,
        change=claims.signed(one.change, 1),
        low=number(one.low, 1),
        high=number(one.high, 1),
        place=soil_words.PLACES[one.place],
    )


def _told() -> Scored:
    with services().database.reading() as session:
        return calibration.scored(session)
