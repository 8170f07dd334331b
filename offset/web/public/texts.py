"""Which words do public pages use for the codes of the rooms below?

Every table holds message ids; ``say`` translates when a page is written.
"""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _l  # the name that extraction looks for

from offset.ledger import chart
from offset.web.language import language
from offset.web.public.trips import Fault

CABINS: Final = {
    "economy": _l("Economy"),
    "premium": _l("Premium economy"),
    "business": _l("Business"),
    "first": _l("First"),
}
# in the line above the figure, where the word stands in the middle of a sentence
CABINS_INSIDE: Final = {
    "economy": _l("economy"),
    "premium": _l("premium economy"),
    "business": _l("business"),
    "first": _l("first"),
}
CABINS_SHORT: Final = {
    **CABINS_INSIDE,
    "economy": _l("eco"),
    "premium": _l("premium"),
}
REASONS: Final = {
    "half": _l("half"),
    "fuel": _l("fuel"),
    "fuel_and_non_co2": _l("fuel and contrails"),
}
REASONS_SHORT: Final = {**REASONS, "fuel_and_non_co2": _l("with contrails")}
FACT_KINDS: Final = {
    "entry": _l("Entries"),
    "decision": _l("Decisions"),
    "projection": _l("Projections"),
    "outcome": _l("Measured outcomes"),
    "policy": _l("Allocation policies"),
    "rate": _l("Rates"),
    "share": _l("Shares"),
    "wording": _l("Wordings"),
    "criteria": _l("Criteria sets"),
}
# Stripe's own words for its rows, then ours; a kind we do not know is shown as it stands.
ENTRY_KINDS: Final = {
    "charge": _l("Gift received by card"),
    "bank_gift": _l("Gift received by bank transfer"),
    "unidentified": _l("Money received, sender not yet known"),
    "identified": _l("Sender found"),
    "fee": _l("Fee of the payment service"),
    "network_cost": _l("Fee of the payment service"),
    "refund": _l("Refund paid"),
    "refund_failure": _l("Refund came back"),
    "dispute": _l("Payment disputed"),
    "dispute_reversal": _l("Dispute won"),
    "payout": _l("Payout to our bank"),
    "payout_reversal": _l("Payout came back"),
    "payout_arrived": _l("Payout arrived at our bank"),
    "allocation": _l("Allocated to a project"),
    "deallocation": _l("Allocation taken back"),
    "source_refund": _l("Refund prepared"),
    "refund_kept": _l("Failed refund left with the fund"),
    "disbursement_order": _l("Payment to a project ordered"),
    "disbursement_sent": _l("Paid to a project"),
    "disbursement_returned": _l("Payment to a project came back"),
    "disbursement_restored": _l("Payment to a project stands: it had not come back"),
    "bank_fee": _l("Bank fee"),
    "fx": _l("Currency exchange"),
    "fund_move": _l("Moved between funds"),
    "share_drawn": _l("Secretariat share drawn"),
    "reserve_endowed": _l("Refund reserve filled"),
    "explained": _l("Unknown movement explained"),
    "reversal": _l("Correction: an earlier entry reversed"),
    "opening": _l("Opening balance"),
}
# Kinds of account by their pattern in the chart.
ACCOUNTS: Final = {
    "Assets:Stripe:<cur>": _l("With the payment service"),
    "Assets:Bank:<acct>": _l("Bank account"),
    "Assets:InTransit:Payouts:<cur>": _l("On the way from the payment service to the bank"),
    "Assets:InTransit:Disbursements:<cur>": _l("Ordered, not yet debited by the bank"),
    "Assets:Receivable:Disputes:<cur>": _l("Withheld for disputed payments"),
    "Assets:HeldBy:<partner>:<cur>": _l("Held by a partner"),
    "Liabilities:Fund:Pool:<cur>": _l("Gifts not yet allocated"),
    "Liabilities:Fund:Restricted:<tag>:<cur>": _l("Gifts for a theme, not yet allocated"),
    "Liabilities:Project:<project>:<cur>": _l("Allocated to a project"),
    "Liabilities:Refunds:<cur>": _l("Refunds under way"),
    "Liabilities:Unidentified:<cur>": _l("Received, sender not yet known"),
    "Equity:RefundReserve:<cur>": _l("Refund reserve"),
    "Equity:FX:Clearing:<cur>": _l("Currency conversion"),
    "Equity:Suspense:<cur>": _l("Not yet explained"),
    "Equity:Operating:<acct>": _l("Share drawn by the secretariat"),
    "Equity:Opening:<cur>": _l("Opening balances"),
    "Income:FeePart:<cur>": _l("Part of gifts used by fees"),
    "Income:Share:<cur>": _l("Share of the secretariat"),
    "Income:Interest:<cur>": _l("Interest of the bank"),
    "Expenses:Fees:Stripe:<cur>": _l("Payment fees"),
    "Expenses:Fees:Disputes:<cur>": _l("Fees for disputes"),
    "Expenses:Fees:Bank:<cur>": _l("Bank charges"),
    "Expenses:Grants:<project>:<cur>": _l("Grants paid"),
}
# What the soil says of the money that was allocated.
VERDICTS_OF_MONEY: Final = {
    "gain": _l("Gain measured"),
    "no_change": _l("No change detected"),
    "loss": _l("Loss measured"),
    "not_measured": _l("Not yet measured"),
}
# What decides about money, and of which every version is sealed.
RULES: Final = {
    "policy": _l("Weights of the projects"),
    "rate": _l("Suggested rate"),
    "share": _l("Share of the secretariat"),
    "criteria": _l("Criteria of the committee"),
    "wording": _l("Wording of what a contribution does"),
}
# What a method is called: its publisher, and what follows it.
METHODS: Final = {
    "tim-3": (_l("TIM style"), ""),
    **{
        f"desnz-{year}{parts}": ("DESNZ", f" {year}", words)
        for year in (2023, 2024, 2025)
        for parts, words in (
            ("", ""),
            ("-norf", _l(", fuel in flight only")),
            ("-wtt", _l(", with fuel production")),
            ("-norf-wtt", _l(", fuel and its production")),
        )
    },
    "ademe": ("ADEME", _l(", with contrails")),
    "ademe-nocontrails": ("ADEME", _l(", without contrails")),
    "myclimate": ("myclimate", ""),
    "myclimate-2019": ("myclimate", " 2019"),
    "goclimate": ("GoClimate", _l(", until 2022")),
    "goclimate-2023": ("GoClimate", ""),
    "icao-style": (_l("ICAO style"), ""),
    "private-jet": (_l("Private jet"), ""),
    "distance": (_l("By distance"), ""),
}
# Publishers on the axis: label, and the edition that counts today.
FAMILIES: Final[Mapping[str, tuple[object, str]]] = {
    "tim": (_l("TIM style"), "tim-3"),
    "desnz": ("DESNZ", "desnz-2025"),
    "ademe": ("ADEME", "ademe"),
    "myclimate": ("myclimate", "myclimate"),
    "goclimate": ("GoClimate", "goclimate-2023"),
    "icao": (_l("ICAO style"), "icao-style"),
    "distance": (_l("By distance"), "distance"),
    "private": (_l("Private jet"), "private-jet"),
}
# French readers look for the method of their agency, British readers for that of their ministry;
# for other languages the country decides in which the trip begins.
_FIRST: Final = {"fr": "ademe", "en": "desnz"}
_FIRST_BY_COUNTRY: Final = {"FR": "ademe"}

SCOPES: Final = {
    "tim-3": _l("fuel and its production; cargo carries its share; no contrails"),
    **{
        f"desnz-{year}{parts}": words
        for year in (2023, 2024, 2025)
        for parts, words in (
            ("", _l("fuel in flight, × 1.7 for non-CO₂ effects; production left out")),
            ("-norf", _l("fuel in flight only")),
            ("-wtt", _l("fuel in flight, × 1.7 for non-CO₂ effects, and production")),
            ("-norf-wtt", _l("fuel in flight and its production")),
        )
    },
    "ademe": _l("fuel, its production and contrails; cabins are not told apart"),
    "ademe-nocontrails": _l("fuel and its production; cabins are not told apart"),
    "myclimate": _l(
        "fuel counted three times for non-CO₂ effects, production, aircraft and airport"
    ),
    "myclimate-2019": _l(
        "fuel counted twice for non-CO₂ effects, production, aircraft and airport"
    ),
    "goclimate": _l("fuel counted twice for non-CO₂ effects, and production"),
    "goclimate-2023": _l("fuel counted three times for non-CO₂ effects, and production"),
    "icao-style": _l("fuel in flight only, freight taken off by fixed factors"),
    "private-jet": _l("the fuel of the whole aircraft, shared by its travellers"),
    "distance": _l("fuel and its production, by distance alone"),
}
NON_CO2: Final = {
    "separate": _l("on a line of its own"),
    "included": _l("inside the figure"),
    "not estimated": _l("not estimated"),
}
CATEGORIES: Final = {
    "primary": _l("given"),
    "modelled": _l("modelled"),
    "default": _l("assumed"),
}
_SENTENCES: Final = {
    "place_missing": _l("Enter a city or an airport."),
    "unknown_place": _l("No airport or city is called “%(given)s”."),
    "same_place": _l("This leg begins and ends at the same place, %(place)s."),
    "unknown_cabin": _l("There is no cabin called “%(given)s”."),
    "unknown_aircraft": _l("No aircraft type has the code “%(given)s”."),
    "unknown_method": _l("There is no method called “%(given)s”."),
    "unknown_treatment": _l("Non-CO₂ effects are not counted in a way called “%(given)s”."),
    "aircraft_needed": _l("This method needs to know the model of the aircraft."),
    "unknown_dataset": _l("There is no data set called “%(given)s”."),
    "travellers_out_of_range": _l("Enter a number of travellers from 1 to %(most)s."),
    "legs_out_of_range": _l("A trip has at most %(most)s legs, the way back included."),
}


def say(words: Mapping[str, object], code: str) -> str:
    """Return the words for a code; a code without words is shown as it stands."""
    return str(words.get(code, code.replace("_", " ")))


def account_name(code: str) -> str:
    """Name an account of the books: its kind, and the words of its code that tell it apart."""
    kind = chart.place(code)
    told = zip(kind.pattern.split(":"), code.split(":"), strict=True)
    apart = ", ".join(word for part, word in told if part.startswith("<"))
    return f"{ACCOUNTS[kind.pattern]} ({apart})"


def sentence(fault: Fault) -> str:
    """Write what is wrong with a field, and the nearest names that exist."""
    told = _SENTENCES.get(fault.code)
    text = str(told) if told else gettext("This cannot be used here.")
    text = text % dict(fault.values) if told else text
    if fault.nearest:
        nearest = gettext(" or ").join(fault.nearest)
        text = gettext("%(fault)s Did you mean %(nearest)s?", fault=text, nearest=nearest)
    return text


def family(method: str) -> str:
    """Return the publisher a method belongs to."""
    return method.partition("-")[0]


def is_current(method: str) -> bool:
    """Say whether this is the edition of its publisher that counts today."""
    return FAMILIES.get(family(method), ("", method))[1] == method


def current(code: str) -> str:
    """Return the edition of a publisher that counts today."""
    return FAMILIES[code][1]


def family_name(code: str) -> str:
    """Write the name of a publisher."""
    return str(FAMILIES[code][0]) if code in FAMILIES else code


def first_family(country: str) -> str:
    """Return whose method stands first: the reader's language decides, else the trip's country."""
    return _FIRST.get(language()) or _FIRST_BY_COUNTRY.get(country, "desnz")


def method_name(method: str) -> str:
    """Write the name of a method in one piece."""
    return "".join(str(part) for part in METHODS.get(method, (method,)))
