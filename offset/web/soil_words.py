"""What is a steward told about a laboratory's table: what is wrong in it, what to look at?"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from offset.projects.layer_checks import Notice
from offset.projects.layer_files import Fault
from offset.web.sentences import N_
from offset.web.templating import locale, number, write_day

FAULTS: Final[Mapping[str, str]] = {
    # the file as a whole
    "file_too_large": N_("The file is larger than 20 MB."),
    "sheet_kind_unknown": N_("This is no table that can be read. CSV and XLSX can."),
    "sheet_old": N_("This is a workbook of the old kind. Save it as XLSX or CSV."),
    "sheet_hostile": N_("This workbook unpacks to more than a table can need."),
    "sheet_active": N_("This workbook holds programs or links to other files. Save its values."),
    "sheet_which": N_(
        "Several sheets are visible (%(found)s). Name the one to read “%(wanted)s”, or hide the"
        " others."
    ),
    "sheet_broken": N_("The file is damaged here and cannot be read on."),
    "sheet_encoding": N_("The letters of this file cannot be read. Save it as UTF-8."),
    "layers_none": N_("The file is empty: the first row must name the columns."),
    "layers_too_many": N_("More than %(most)s layers in one file. Split it by stratum and round."),
    "file_empty": N_("There is no layer below the names of the columns."),
    "column_missing": N_("The column %(column)s is missing. Found: %(found)s."),
    "column_twice": N_("Two columns are called %(column)s."),
    "units_mixed": N_("%(first)s and %(second)s stand in one file: give one unit."),
    "cells_too_many": N_(
        "%(found)s cells in a row of %(wanted)s columns. A decimal comma in a file that separates"
        " by commas does this."
    ),
    # a cell
    "answer_missing": N_("Nothing stands in %(name)s."),
    "value_impossible": N_("%(name)s must be %(rule)s, not %(given)s."),
    "formula": N_("A formula stands in %(name)s. Put its value there."),
    "text_too_long": N_("%(name)s is longer than %(most)s letters."),
    "word_unknown": N_("“%(given)s” is not one of %(known)s."),
    "decimals_mixed": N_(
        "%(given)s is written with another decimal sign than row %(first)s. Use one of them."
    ),
    "organic_soil": N_(
        "%(given)s %% of carbon is an organic soil (above %(most)s %%); the method does not hold"
        " there."
    ),
    # a core among the others
    "round_differs": N_("This row is of round %(given)s, the file of round %(wanted)s."),
    "core_twice": N_("The same layer of the core %(core)s already stands in row %(first)s."),
    "core_differs": N_("%(column)s of the core %(core)s differs from row %(first)s."),
    "depths_overlap": N_("Two layers of the core %(core)s share %(top)s to %(bottom)s cm."),
    "depths_gap": N_("Nothing of the core %(core)s was sampled from %(top)s to %(bottom)s cm."),
    "depth_not_reached": N_("The core %(core)s reaches %(reached)s cm, not %(depth)s cm."),
    "mass_not_reached": N_(
        "The core %(core)s weighs %(sampled)s t/ha; its baseline weighs %(reference)s t/ha. Deeper"
        " layers are needed to compare the same mass of soil."
    ),
    "core_unpaired": N_(
        "The core %(core)s stands in one round only; paired cores carry the same name in both."
    ),
    # the plan
    "area_differs": N_(
        "Stratum %(stratum)s has %(first)s ha in the plan or above, %(second)s ha here."
    ),
    "stratum_unknown": N_("No stratum of the plan is called “%(stratum)s”. Known: %(known)s."),
    "stratum_missing": N_(
        "No core up to this last row is of the stratum %(stratum)s, which the plan names."
    ),
    "too_few_cores": N_("The stratum %(stratum)s has %(cores)s core; it needs two at least."),
    "too_few_pairs": N_("The stratum %(stratum)s has fewer than two pairs of cores."),
    "no_spread": N_(
        "All cores of the stratum %(stratum)s changed alike. Soils do not; an interval would claim"
        " certainty."
    ),
    "rounds_two": N_("A change needs two rounds."),
    "day_in_future": N_("%(day)s is still to come."),
    "day_before_project": N_(
        "%(day)s is before the project; the first possible day is %(earliest)s."
    ),
    "day_before_baseline": N_(
        "%(day)s is not after the baseline, whose last core is of %(baseline)s."
    ),
    "place_outside": N_("The core %(core)s lies outside the sites of the project."),
    "place_swapped": N_(
        "The core %(core)s lies outside the sites; with latitude and longitude exchanged it would"
        " lie inside."
    ),
}
NOTICES: Final[Mapping[str, str]] = {
    "encoding_guessed": N_(
        "The file does not say how its letters are written; it was read as Windows-1252. Look at"
        " names with accents."
    ),
    "fewer_cores": N_(
        "The stratum %(stratum)s has %(cores)s cores of %(planned)s that were planned: the interval"
        " will be wider."
    ),
    "long_season": N_("%(days)s days lie between the first and the last core."),
    "carbon_like_percent": N_(
        "The middle value of soc_g_kg is %(middle)s. Are these per cent, and not g/kg?"
    ),
    "carbon_like_share": N_(
        "The middle value of soc_percent is %(middle)s. Are these shares of one, and not per cent?"
    ),
    "stones_like_share": N_(
        "The largest value of coarse_fragments_percent is %(most)s. Are these shares of one, and"
        " not per cent?"
    ),
    "carbon_far_off": N_(
        "The carbon of %(count)s layers is more than five times that of their depth and stratum, or"
        " less than a fifth: rows %(rows)s. Do two units stand in one column?"
    ),
    "cores_alike": N_("%(count)s cores hold exactly the figures of another: rows %(rows)s."),
    "cores_on_one_spot": N_("%(count)s cores share their exact position with another."),
    "cores_as_before": N_("%(count)s cores hold exactly the figures of the baseline."),
    "not_scored": N_(
        "Cores were taken before or on %(sealed)s, the day the projection was sealed. The result"
        " is published like any other, and not counted among the promises scored."
    ),
    "no_projection": N_(
        "No projection was sealed for this project. The result is published like any other, and"
        " not counted among the promises scored."
    ),
}
DESIGNS: Final[Mapping[str, LazyString]] = {
    "paired": _("the same places in both rounds"),
    "independent": _("other places in each round"),
}
VERDICTS: Final[Mapping[str, LazyString]] = {
    "gain": _("gain detected"),
    "no_change": _("no change detected"),
    "loss": _("loss detected"),
}
METHODS: Final[Mapping[str, LazyString]] = {
    "ipcc2019-tier1": _("IPCC 2019 Tier 1"),
    "ipcc2019-tier1-agroforestry": _("IPCC 2019 Tier 1 with trees"),
    "ipcc2019-biochar": _("IPCC 2019, biochar"),
    "literature-rate": _("A published rate"),
}
_RULES: Final[Mapping[str, str]] = {
    "a number": N_("a number"),
    "a whole number": N_("a whole number"),
    "a day written as 2026-01-31": N_("a day written as 2026-01-31"),
}
_BOUNDS: Final[Mapping[str, str]] = {
    "above": N_("above %(figure)s"),
    "at least": N_("at least %(figure)s"),
    "below": N_("below %(figure)s"),
    "at most": N_("at most %(figure)s"),
}
PLACES: Final[Mapping[str, LazyString]] = {
    "below": _("below the range"),
    "within": _("inside the range"),
    "above": _("above the range"),
}
STATES: Final[Mapping[str, LazyString]] = {
    "planned": _("planned"),
    "due": _("due, not yet measured"),
    "measured": _("measured"),
    "called_off": _("called off"),
}


def fault(told: Fault) -> str:
    """Write what is wrong in one sentence; the row and the column stand beside it."""
    return _filled(FAULTS.get(told.code, N_("This cannot be right.")), told.parameters)


def notice(told: Notice) -> str:
    """Write what somebody should look at."""
    return _filled(NOTICES[told.code], told.parameters)


def _filled(sentence: str, parameters: Mapping[str, object]) -> str:
    told = {
        name: _rule(str(one)) if name == "rule" else _told(one) for name, one in parameters.items()
    }
    return gettext(sentence) % _Known(told)


def _rule(text: str) -> str:
    """Write a rule of the arithmetic, such as “at least 0.1 and at most 2.65”, for people."""
    if text in _RULES:
        return gettext(_RULES[text])
    parts = []
    for part in text.split(" and "):
        word, _space, figure = part.rpartition(" ")
        if word not in _BOUNDS:
            return text
        parts.append(gettext(_BOUNDS[word], figure=number(float(figure))))
    return gettext(" and ").join(parts)


def _told(value: object) -> str:
    match value:
        case bool():
            return str(value)
        case int() | float():
            return number(round(value, 2))
        case date():
            return write_day(value, locale())
        case _:
            return str(value)


class _Known(dict[str, str]):
    """What a sentence asks for; a name that a fault does not carry stays empty."""

    def __missing__(self, name: str) -> str:
        return "–"
