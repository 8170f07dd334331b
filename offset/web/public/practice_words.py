"""Which words do the pages of good practices use for the codes of their data set?"""

from typing import Final

from flask_babel import lazy_gettext as _l  # the name that extraction looks for

SYSTEMS: Final = {
    "annual_cropland": _l("Annual crops"),
    "perennial_cropland": _l("Orchards and other perennial crops"),
    "grassland": _l("Grassland and grazing"),
    "coast": _l("Coasts"),
}
WHAT: Final = {
    "cover_crops": _l(
        "Plants are grown between two main crops so that the soil is never bare; they stay on the"
        " field and feed the soil."
    ),
    "conservation_agriculture": _l(
        "The soil is not turned, residues stay on the field, and crops rotate, legumes among them."
    ),
    "compost_manure": _l(
        "Compost or manure is spread on cropland that received little organic matter before."
    ),
    "orchard_restoration": _l(
        "Orchards are no longer tilled; green cover and compost feed the soil between the trees."
    ),
    "agroforestry": _l("Trees are planted, or left to grow back, among crops or on pasture."),
    "rangeland_restoration": _l(
        "Severely degraded pasture is given rest, seed and water-holding works until plants cover"
        " it again."
    ),
    "grazing_management": _l(
        "Land that was grazed too hard is grazed by plan: fewer animals at a time, and time to"
        " recover."
    ),
    "grassland_improvement": _l(
        "Grassland gains better species, legumes, leys or hedges, and more carbon through its"
        " roots."
    ),
    "biochar": _l(
        "Biomass heated without air is spread on the field; most of its carbon stays for more than"
        " a century."
    ),
    "mangrove_restoration": _l(
        "Mangrove grows back on tidal land; its waterlogged soil keeps carbon that rivers and"
        " roots bring."
    ),
}
WHERE: Final = {
    "cover_crops": _l(
        "Where the season leaves water and warmth after the harvest: the default gain is several"
        " times larger in moist zones than in dry ones."
    ),
    "conservation_agriculture": _l(
        "On annual cropland that is ploughed and gives little back to the soil; the evidence"
        " differs widely from place to place."
    ),
    "compost_manure": _l(
        "On poor cropland close to animals or organic waste, so that nothing travels far."
    ),
    "orchard_restoration": _l("In olive, almond, vine and fruit land that is kept bare."),
    "agroforestry": _l(
        "On cropland and pasture of temperate and tropical zones; never where forest stood."
    ),
    "rangeland_restoration": _l(
        "On dry and temperate pasture that has lost its cover; the worse the start, the larger the"
        " default gain."
    ),
    "grazing_management": _l("On pasture that is used too hard and can still recover by itself."),
    "grassland_improvement": _l("On permanent grassland with enough rain for better species."),
    "biochar": _l(
        "On mineral cropland and grassland; the same share lasts in every climate of the method."
    ),
    "mangrove_restoration": _l("On tropical coasts and in estuaries where tides still come in."),
}
CAUTIONS: Final = {
    "added_once": _l("The carbon is added once, at spreading; a yearly average is for comparison."),
    "animals_moved": _l("Animals taken off this land graze elsewhere; that is leakage."),
    "brought_from_elsewhere": _l(
        "Compost and manure from outside move carbon, they remove none; record tonnes, carbon and"
        " origin."
    ),
    "counted_twice": _l("Biochar found in a soil sample must not be counted again."),
    "degraded_must_be_shown": _l(
        "The default holds for severely degraded land; that state must be shown."
    ),
    "drought": _l("A drought can take the gain back."),
    "feedstock_wood_only": _l(
        "A spread is published here for wood alone; other feedstocks are refused."
    ),
    "fertiliser_emits": _l("Nitrogen fertiliser emits nitrous oxide, which is not counted here."),
    "methane_not_included": _l("Methane and the loss of shores are not included."),
    "moved_not_gained": _l(
        "Without tillage carbon gathers near the surface; sample 30 cm at least and compare equal"
        " masses of soil."
    ),
    "never_on_forest": _l("Where forest stood, the factor is 0.89: a loss."),
    "no_default_on_wet_soil": _l(
        "The published defaults do not hold for wet or organic soils; a coastal method is needed."
    ),
    "only_while_kept": _l("The gain lasts while the practice is kept; ploughing can undo it."),
    "overestimated_in_africa": _l(
        "For Africa, published gains were called largely overestimated (Corbeels et al. 2020)."
    ),
    "perennial_factor": _l("The factor of perennial crops in the tropics is not confirmed."),
    "trees_not_counted": _l("Carbon in the trees themselves is not counted."),
    "water_of_next_crop": _l("Where it is dry, a cover crop uses water of the next crop."),
}
RATES: Final = {
    "cover crops": _l("cover crops"),
    "cover crops, arid and semi-arid": _l("cover crops, arid and semi-arid land"),
    "residues kept on the field": _l("residues kept on the field"),
    "manure": _l("manure"),
    "grazing land, United States": _l("grazing land, United States"),
    "grassland improvement": _l("grassland improvement"),
    "carbon buried in mangrove soil": _l("carbon buried in mangrove soil"),
    "global long-term averages": _l("global long-term averages of many practices"),
}
VARIANTS: Final = {
    "agroforestry_on_cropland": _l("Trees on annual crops"),
    "agroforestry_on_grassland": _l("Trees on grassland"),
}
KINDS: Final = {
    "soc_ref": _l("Stock under native vegetation"),
    "land_use": _l("Land use"),
    "management": _l("Management"),
    "carbon_input": _l("Carbon input"),
    "agroforestry": _l("Trees planted on"),
}
