"""How do the platform's own checks of an application read?"""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from offset.errors import InvalidInput
from offset.projects.soil_checks import Refusal
from offset.web import labels
from offset.web.errors import sentence_of

VERDICTS: Final[Mapping[str, LazyString]] = {
    "fine": _("in the usual range"),
    "evidence_needed": _("above 1 tC per hectare and year: evidence is needed"),
    "blocked": _("above 5 tC per hectare and year: not believable"),
}
REASONS: Final[Mapping[str, LazyString]] = {
    "above_blocking_limit": _("It lies above 5 tC per hectare and year."),
    "above_evidence_limit": _("It lies above 1 tC per hectare and year."),
    "above_projected_range": _("It lies above the range of our projection."),
    "below_projected_range": _("It lies below the range of our projection."),
    "range_includes_zero": _("The range of our projection includes no gain at all."),
    "many_times_four_per_mille": _("It is more than ten times 4 per mille of that soil."),
    "loss_expected": _("It is a loss."),
}


def refusal(told: Refusal) -> str:
    """Say in a sentence why a figure cannot be given."""
    field = told.parameters.get("field")
    return sentence_of(
        InvalidInput(
            told.code,
            field=str(field) if field else None,
            **{name: value for name, value in told.parameters.items() if name != "field"},
        )
    )


def factor(name: str, value: str) -> str:
    """Say one factor in words: what it is a factor of, and its choice."""
    if name == "agroforestry":
        return f"{gettext('Trees are planted on')}: {labels.label(labels.AGROFORESTRY, value)}"
    label, known = _FACTORS[name]
    return f"{label}: {labels.label(known, value)}"


_FACTORS: Final[Mapping[str, tuple[LazyString, labels.Labels]]] = {
    "baseline_land_use": (_("Land use without the project"), labels.LAND_USES),
    "baseline_management": (_("Management without the project"), labels.MANAGEMENTS),
    "baseline_carbon_input": (_("Carbon input without the project"), labels.CARBON_INPUTS),
    "project_land_use": (_("Land use with the project"), labels.LAND_USES),
    "project_management": (_("Management with the project"), labels.MANAGEMENTS),
    "project_carbon_input": (_("Carbon input with the project"), labels.CARBON_INPUTS),
}
