"""What does a code of the domain look like to a reader? One vocabulary for all rooms."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs are older

Labels = Mapping[str, LazyString]

PRACTICES: Final[Labels] = {
    "agroforestry": _("Agroforestry"),
    "cover_crops": _("Cover crops"),
    "conservation_agriculture": _("Conservation agriculture"),
    "compost_manure": _("Compost and manure"),
    "orchard_restoration": _("Orchard restoration"),
    "rangeland_restoration": _("Rangeland restoration"),
    "grazing_management": _("Grazing management"),
    "grassland_improvement": _("Grassland improvement"),
    "biochar": _("Biochar"),
    "mangrove_restoration": _("Mangrove restoration"),
    "other": _("Another practice"),
}
CLIMATES: Final[Labels] = {
    "tropical_montane": _("Tropical montane"),
    "tropical_wet": _("Tropical wet"),
    "tropical_moist": _("Tropical moist"),
    "tropical_dry": _("Tropical dry"),
    "warm_temperate_moist": _("Warm temperate, moist"),
    "warm_temperate_dry": _("Warm temperate, dry"),
    "cool_temperate_moist": _("Cool temperate, moist"),
    "cool_temperate_dry": _("Cool temperate, dry"),
    "boreal_moist": _("Boreal, moist"),
    "boreal_dry": _("Boreal, dry"),
    "polar_moist": _("Polar, moist"),
    "polar_dry": _("Polar, dry"),
}
SOILS: Final[Labels] = {
    "high_activity_clay_soils": _("Clay soils of high activity"),
    "low_activity_clay_soils": _("Clay soils of low activity"),
    "sandy_soils": _("Sandy soils"),
    "spodic_soils": _("Spodic soils"),
    "volcanic_soils": _("Volcanic soils"),
    "organic_or_wet": _("Organic or waterlogged soil"),
}
FAMILIES: Final[Labels] = {
    "food_income": _("Food and income"),
    "water_resilience": _("Water and resilience"),
    "soil_carbon": _("Soil carbon"),
}
EVIDENCE: Final[Labels] = {
    "measured": _("measured"),
    "modelled": _("modelled"),
    "literature": _("from the literature"),
    "asserted": _("asserted"),
}
PROJECT_STATUSES: Final[Labels] = {
    "draft": _("Draft"),
    "in_assessment": _("In assessment"),
    "open": _("Open for funding"),
    "funded": _("Funded"),
    "report_overdue": _("Report overdue"),
    "completed": _("Completed"),
    "on_hold": _("Paused"),
    "withdrawn": _("Withdrawn"),
}
VERDICTS: Final[Labels] = {
    "gain": _("Gain detected"),
    "no_change": _("No change detected"),
    "loss": _("Loss detected"),
}
GOALS: Final[Labels] = {
    "1": _("No poverty"),
    "2": _("Zero hunger"),
    "3": _("Good health and well-being"),
    "4": _("Quality education"),
    "5": _("Gender equality"),
    "6": _("Clean water and sanitation"),
    "7": _("Affordable and clean energy"),
    "8": _("Decent work and economic growth"),
    "9": _("Industry, innovation and infrastructure"),
    "10": _("Reduced inequalities"),
    "11": _("Sustainable cities and communities"),
    "12": _("Responsible consumption and production"),
    "13": _("Climate action"),
    "14": _("Life below water"),
    "15": _("Life on land"),
    "16": _("Peace, justice and strong institutions"),
    "17": _("Partnerships for the goals"),
}
CONCERN_FINDINGS: Final[Labels] = {
    "upheld": _("Upheld"),
    "partly": _("Upheld in part"),
    "not_upheld": _("Not upheld"),
    "outside": _("Outside what we can look into"),
}
CONCERN_STATUSES: Final[Labels] = {
    "open": _("Open"),
    "proposed": _("Answer proposed"),
    "closed": _("Closed"),
}
CONCERN_STEPS: Final[Labels] = {
    "message": _("Added by who raised it"),
    "note": _("Note"),
    "held": _("Project paused"),
    "proposed": _("Answer proposed"),
    "returned": _("Sent back"),
    "closed": _("Closed"),
}
ASSESSMENT_STATUSES: Final[Labels] = {
    "draft": _("Draft"),
    "submitted": _("Handed in"),
    "eligibility": _("Check of eligibility"),
    "in_review": _("In review"),
    "consensus": _("Consensus"),
    "decided": _("Decided"),
    "expired": _("Expired"),
}
OUTCOMES: Final[Labels] = {
    "positive": _("Positively assessed"),
    "positive_with_recommendations": _("Positively assessed, with recommendations"),
    "revise": _("Revise and resubmit"),
    "not_aligned": _("Not in line with the Initiative"),
}
GRADES: Final[Labels] = {
    "met": _("Met"),
    "met_with_conditions": _("Met, with conditions"),
    "not_met": _("Not met"),
    "not_enough_information": _("Not enough information"),
    "-1": _("−1 negative"),
    "0": _("0 none, or not shown"),
    "1": _("1 positive"),
    "2": _("2 strongly positive"),
}
CRITERION_KINDS: Final[Labels] = {
    "safeguard": _("Safeguards"),
    "direct": _("Direct"),
    "indirect": _("Indirect"),
    "cross_dimensional": _("Cross-dimensional"),
    "cross-dimensional": _("Cross-dimensional"),
}
EXPERTISE: Final[Labels] = {
    "soil_carbon": _("Soil carbon"),
    "agronomy": _("Agronomy"),
    "agroforestry": _("Agroforestry"),
    "grazing": _("Grassland and grazing"),
    "biochar": _("Biochar"),
    "wetlands": _("Wetlands and mangroves"),
    "water": _("Water"),
    "biodiversity": _("Biodiversity"),
    "climate": _("Climate"),
    "economics": _("Economics"),
    "land_rights": _("Land rights"),
    "society": _("People and society"),
    "measurement": _("Measurement and statistics"),
}
GATES: Final[Labels] = {
    "fine": _("plausible"),
    "evidence_needed": _("evidence needed"),
    "blocked": _("not believable: blocked"),
}
CALL_STATES: Final[Labels] = {
    "planned": _("Planned"),
    "open": _("Open now"),
    "closed": _("Closed"),
}
SEATS: Final[Labels] = {"reviewer": _("Reviewer"), "rapporteur": _("Rapporteur")}
UPDATE_KINDS: Final[Labels] = {
    "field": _("From the field"),
    "measurement": _("Measurement"),
    "payment": _("Payment"),
}
UPDATE_STATUSES: Final[Labels] = {
    "draft": _("Draft"),
    "submitted": _("Waits for the secretariat"),
    "returned": _("Sent back"),
    "published": _("Published"),
}
ORGANISATION_KINDS: Final[Labels] = {
    "country": _("Country or province"),
    "international": _("International or regional organisation"),
    "foundation": _("Foundation or development bank"),
    "ngo": _("Non-governmental organisation"),
    "research": _("Research and education"),
    "farmers": _("Farmers' organisation"),
    "enterprise": _("Enterprise"),
}
SOIL_METHODS: Final[Labels] = {
    "tier1": _("IPCC 2019 Tier 1"),
    "ipcc2019-tier1": _("IPCC 2019 Tier 1"),
    "ipcc2019-tier1-agroforestry": _("IPCC 2019 Tier 1, agroforestry"),
    "ipcc2019-biochar": _("IPCC 2019, biochar"),
    "literature-rate": _("A published rate"),
    "biochar": _("IPCC 2019, biochar"),
    "literature": _("A published rate"),
    "none": _("No estimate yet"),
}

LAND_USES: Final[Labels] = {
    "perennial_crops": _("Perennial crops"),
    "annual_crops": _("Annual crops"),
    "set_aside": _("Set aside"),
}
MANAGEMENTS: Final[Labels] = {
    "severely_degraded": _("Severely degraded"),
    "improved_grassland": _("Improved grassland"),
    "high_intensity_grazing": _("Grazed intensely"),
    "reduced_tillage": _("Reduced tillage"),
    "no_tillage": _("No tillage"),
}
CARBON_INPUTS: Final[Labels] = {
    "grassland_high": _("High, grassland"),
    "cropland_high_with_manure": _("High, cropland with manure"),
    "cropland_high_without_manure": _("High, cropland without manure"),
    "cropland_low": _("Low, cropland"),
}
AGROFORESTRY: Final[Labels] = {
    "cropland": _("Cropland"),
    "grassland": _("Grassland"),
    "forest": _("Forest"),
}
FEEDSTOCKS: Final[Labels] = {"wood": _("Wood")}
TEMPERATURES: Final[Labels] = {
    "above_600": _("Above 600 °C"),
    "450_600": _("450 to 600 °C"),
    "350_450": _("350 to 450 °C"),
}


DUE_KINDS: Final[Labels] = {
    "narrative": _("Update from the field"),
    "activity": _("Figures of the year"),
    "measurement": _("Sampling of the soil"),
}
REVERSAL_CAUSES: Final[Labels] = {
    "fire": _("Fire"),
    "drought": _("Drought"),
    "flood": _("Flood"),
    "pests": _("Pests or disease"),
    "ploughing": _("Ploughing"),
    "grazing": _("Grazing"),
    "clearing": _("Clearing"),
    "land_lost": _("Land taken or given up"),
    "other": _("Another cause"),
}
PROJECT_FORMS: Final[Labels] = {
    "field": _("Work in the field"),
    "restoration_camp": _("Restoration camp, with hours given freely"),
    "price_support": _("Support of prices"),
}
MILESTONE_STATES: Final[Labels] = {
    "planned": _("Planned"),
    "late": _("Late"),
    "done": _("Done"),
    "dropped": _("Given up"),
}
PROJECT_CHANGES: Final[Labels] = {
    "admit": _("Admitted"),
    "hold": _("Paused"),
    "stop": _("Paused by a new assessment"),
    "resume": _("Went on"),
    "complete": _("Completed"),
    "withdraw": _("Withdrawn by its own people"),
    "remove": _("Ended by the secretariat"),
}
FIGURE_KINDS: Final[Labels] = {
    "activity": _("Figures of the year"),
    "spending": _("Use of the money"),
}


def label(labels: Labels, code: object) -> str:
    """Return the label of a code; a code without a label is shown as words."""
    text = str(code)
    return str(labels[text]) if text in labels else text.replace("_", " ")


def options(pairs: Iterable[tuple[str, object]]) -> list[Any]:
    """Return codes and their labels as a select field or radio buttons take them."""
    return [SelectChoice(code, text) for code, text in pairs]
