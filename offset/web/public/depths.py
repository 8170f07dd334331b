"""How does a page show what the depths of a soil hold, before and now?"""

from dataclasses import dataclass

from flask_babel import gettext

from offset.projects.queries import OutcomeView, ProjectPage
from offset.web import charts
from offset.web.templating import number


@dataclass(frozen=True)
class Depths:
    """The profile of the latest standing measurement: its drawing, its words, its table."""

    chart: charts.DepthProfile
    words: str
    before: int
    later: int
    rows: tuple[tuple[float, float, str, str], ...]


def depth_of(found: ProjectPage) -> Depths | None:
    """Draw the depths of the latest measurement that nobody replaced, if it has any."""
    latest = next((one for one in found.outcomes if one.profile and not one.superseded), None)
    if latest is None:
        return None
    rows = tuple(
        (row.top_cm, row.bottom_cm, _written(row.before), _written(row.later) if row.later else "–")
        for row in latest.profile
    )
    return Depths(
        chart=charts.depth_profile(
            [
                charts.Slice(
                    row.top_cm,
                    row.bottom_cm,
                    _interval(row.before),
                    _interval(row.later) if row.later else None,
                )
                for row in latest.profile
            ]
        ),
        words=_words(latest),
        before=latest.baseline_on.year,
        later=latest.sampled_on.year,
        rows=rows,
    )


_Told = tuple[float, float | None, float | None, int]


def _interval(told: _Told) -> charts.Interval:
    mean, low, high, _ = told
    return charts.Interval(mean if low is None else low, mean, mean if high is None else high)


def _written(told: _Told) -> str:
    mean, low, high, cores = told
    text = number(mean, 1)
    if low is not None and high is not None:
        text = gettext(
            "%(mean)s (%(low)s to %(high)s)",
            mean=text,
            low=number(low, 1),
            high=number(high, 1),
        )
    return gettext("%(text)s, n = %(cores)s", text=text, cores=cores)


def _words(latest: OutcomeView) -> str:
    """Say for each depth what it held before and what it holds now."""
    return " ".join(
        gettext(
            "%(top)s to %(bottom)s cm: %(before)s before, %(later)s at the latest sampling.",
            top=number(row.top_cm, 0),
            bottom=number(row.bottom_cm, 0),
            before=number(row.before[0], 1),
            later=number(row.later[0], 1),
        )
        if row.later
        else gettext(
            "%(top)s to %(bottom)s cm: %(before)s before.",
            top=number(row.top_cm, 0),
            bottom=number(row.bottom_cm, 0),
            before=number(row.before[0], 1),
        )
        for row in latest.profile
    )
