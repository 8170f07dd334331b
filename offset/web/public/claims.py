"""Which one sentence may a project page say about its soil, and what follows it?

The sentence follows the verdict and where the measured interval lies against the projected one;
a percentage stands only where the two are apart. A loss and no change keep the size of a gain.
"""

from flask_babel import gettext

from offset.projects.queries import Claim, ProjectionView
from offset.web.templating import number

_CERTAIN = 0.995  # a share of simulated draws is never shown as certainty


def headline(claim: Claim | None, projection: ProjectionView | None) -> str:
    """Write the claim: what was measured, or what is expected where nothing was yet."""
    if claim is not None:
        return _measured(claim)
    if projection is None:
        return gettext("Neither projected nor measured yet.")
    return gettext(
        "Expected: at least %(least)s tC/ha a year with 2 chances in 3 (90 %% range %(low)s to "
        "%(high)s). Not yet measured.",
        least=signed(projection.p33, 2),
        low=number(projection.p05, 2),
        high=number(projection.p95, 2),
    )


def context(claim: Claim | None, projection: ProjectionView | None) -> str:
    """Write what belongs beside the claim: the projection, or the chance of a gain."""
    if claim is not None and claim.projected is not None:
        return gettext(
            "Projected for the same %(years)s years: at least %(least)s tC/ha with 2 chances in 3 "
            "(90 %% range %(low)s to %(high)s). The projection stays on the page.",
            years=number(claim.years),
            least=signed(claim.projected, 1),
            low=number(claim.projected_low or 0, 1),
            high=number(claim.projected_high or 0, 1),
        )
    if projection is None:
        return ""
    told = gettext("Chance of a gain: %(chance)s.", chance=chance(projection.p_gain))
    if projection.includes_zero:
        told += " " + gettext("The range includes zero: there may be no gain at all.")
    return told


def chance(share: float) -> str:
    """Write a share of draws as a chance, never as certainty."""
    if share >= _CERTAIN:
        return gettext("above 99 %%") % ()
    if share <= 1 - _CERTAIN:
        return gettext("below 1 %%") % ()
    return gettext("%(share)s %%", share=number(share * 100, 0))


def signed(value: float, places: int) -> str:
    """Write a change with its sign."""
    rounded = round(value, places) + 0.0  # no minus before a zero
    return f"+{number(rounded, places)}" if rounded > 0 else number(rounded, places)


def _measured(claim: Claim) -> str:
    figures = {
        "years": number(claim.years),
        "change": signed(claim.change, 1),
        "low": number(claim.low, 1),
        "high": number(claim.high, 1),
    }
    if claim.verdict == "no_change":
        told = gettext(
            "No change detected after %(years)s years (%(change)s tC/ha, 95 %% %(low)s to "
            "%(high)s, at equivalent soil mass)",
            **figures,
        )
    elif claim.verdict == "loss":
        told = gettext(
            "Loss measured after %(years)s years: %(change)s tC/ha (95 %% %(low)s to %(high)s) at "
            "equivalent soil mass",
            **figures,
        )
    else:
        told = gettext(
            "Gain measured after %(years)s years: %(change)s tC/ha (95 %% %(low)s to %(high)s) at "
            "equivalent soil mass",
            **figures,
        )
    return told + _against(claim) + "."


def _against(claim: Claim) -> str:
    """Write where the measurement lies against the projection, with a percentage if apart."""
    told = {
        "within": gettext(", within the projected range"),
        "below": gettext(", below the projected range"),
        "above": gettext(", above the projected range"),
    }.get(claim.overlap or "", "")
    if claim.difference_percent is not None:
        share = number(abs(claim.difference_percent), 0)
        told += (
            gettext(", %(share)s %% less than projected", share=share)
            if claim.difference_percent < 0
            else gettext(", %(share)s %% more than projected", share=share)
        )
    return told
