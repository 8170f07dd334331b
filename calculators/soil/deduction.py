"""How much of a change is counted, given how sure it is? Named, dated policies.

::

    deducted = max(0, t(p, df) × se − threshold × |Δ|)        counted = Δ − deducted

A result names the policy and its version. A policy never changes; another rule is another version.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from calculators.soil.refusals import SoilRefused, within
from calculators.soil.simulation import Spread
from calculators.soil.student import quantile


@dataclass(frozen=True)
class Policy:
    """A rule for what is counted.

    Attributes
    ----------
    id, version, dated : str
        Stable name, version, and the day it was taken up here (ISO 8601).
    title : str
        What it does, in a line.
    probability : float
        Probability below the quantile of Student's t, or of the normal for simulations [1].
    threshold : float
        Relative uncertainty that costs nothing [1].
    source : str
        Where it comes from.
    verified : bool
        Whether that source was read in the original.
    """

    id: str
    version: str
    dated: str
    title: str
    probability: float
    threshold: float
    source: str
    verified: bool = False

    def as_json(self) -> dict[str, str | float | bool]:
        """Return the policy as plain values, keys in their fixed order."""
        return {
            "id": self.id,
            "version": self.version,
            "dated": self.dated,
            "title": self.title,
            "probability": self.probability,
            "threshold": self.threshold,
            "source": self.source,
            "verified": self.verified,
        }


@dataclass(frozen=True)
class Counted:
    """What a policy counts of a change.

    Attributes
    ----------
    policy, version : str
        Which rule.
    change, deducted, counted : float
        In the unit of the change; ``counted = change − deducted``.
    """

    policy: str
    version: str
    change: float
    deducted: float
    counted: float

    def as_json(self) -> dict[str, str | float]:
        """Return the figures as plain values, keys in their fixed order."""
        return {
            "policy": self.policy,
            "version": self.version,
            "change": self.change,
            "deducted": self.deducted,
            "counted": self.counted,
        }


POLICIES: Final = (
    Policy(
        "quantile-one-third",
        "1",
        "2026-11-21",
        "What is reached with two chances in three: the quantile at exactly one third",
        2 / 3,
        0.0,
        "VT0014 Appendix 6, probability of exceedance",
    ),
    Policy(
        "threshold-15",
        "1",
        "2026-11-21",
        "Uncertainty at 0.667 beyond 15 % of the change is deducted",
        0.667,
        0.15,
        "attributed to VM0042 v2.2 by one public implementation",
    ),
    Policy(
        "confidence-95-threshold-10",
        "1",
        "2026-11-21",
        "Half the 95 % interval beyond 10 % of the change is deducted",
        0.975,
        0.10,
        "attributed to VM0042 by an older project script",
    ),
)
DEFAULT: Final = POLICIES[0]


def policy(id: str, version: str | None = None) -> Policy:  # noqa: A002 - the word of the field
    """Return a policy by its name; the latest version where none is asked for.

    Raises
    ------
    SoilRefused
        ``policy_unknown``.
    """
    found = [one for one in POLICIES if one.id == id and version in (None, one.version)]
    if not found:
        raise SoilRefused("policy_unknown", policy=id if version is None else f"{id} {version}")
    return found[-1]


def measured(change: float, standard_error: float, degrees: int, rule: Policy = DEFAULT) -> Counted:
    """Return what counts of a measured change.

    Parameters
    ----------
    change, standard_error : float
        In one unit [tC/ha]; the error is at least 0.
    degrees : int
        Degrees of freedom, at least 1.
    rule : Policy
        The policy.

    Raises
    ------
    Impossible
        ``value_impossible`` for an error or degrees of freedom that cannot be.
    """
    within("standard error", standard_error)
    within("degrees of freedom", degrees, least=1)
    return _counted(change, quantile(rule.probability, degrees) * standard_error, rule)


def simulated(spread: Spread, rule: Policy = DEFAULT) -> Counted:
    """Return what counts of a simulated rate [tC/ha/yr].

    The policy of one third counts the simulated quantile itself; the others use the normal
    quantile and the standard deviation of the draws.
    """
    if rule.id == DEFAULT.id:
        return Counted(
            rule.id, rule.version, spread.central, spread.central - spread.p33, spread.p33
        )
    half = NormalDist().inv_cdf(rule.probability) * spread.sd
    return _counted(spread.central, half, rule)


def _counted(change: float, half: float, rule: Policy) -> Counted:
    deducted = max(0.0, half - rule.threshold * abs(change))
    return Counted(rule.id, rule.version, change, deducted, change - deducted)
