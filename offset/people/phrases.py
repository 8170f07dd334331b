"""Which words may a text of this house never use, why, and what may stand there instead?

The rules hold for everything a reader sees: pages, mails, PDFs, catalogues, texts by stewards.
A contribution changes no flight's emissions, nothing here is certified, and no tonne is sold.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of sentence that is never written, with its reason and what may be written instead.

    ``language`` is ``all`` or the one language whose texts the pattern is made for.
    """

    key: str
    language: str
    pattern: re.Pattern[str]
    reason: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text that a rule refuses; the phrase is quoted as the text has it, folded."""

    rule: str
    phrase: str
    reason: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """A phrase that one named page may use although a rule refuses it, and why it may.

    Digits in the phrase stand for any figure: ``0 eur per tonne`` covers ``50.00 EUR per tonne``.
    """

    place: str
    phrase: str
    language: str
    reason: str


# Any character inside a sentence; a point between digits does not end it.
_IN: Final = r"(?:[^.!?]|[.](?=\d))"
_MASS: Final = (
    r"(?<!\w)(?:\d[\d.,' ]*(?:[mk]?t|kg)(?:co2e?)?\b|\d[\d.,' ]*(?:tonnes?|tons?|toneladas?)\b"
    r"|co2e?\b|(?:tonnes?|tons?|toneladas?)\b)"
)
_SUM: Final = r"(?:\d[\d.,]* ?(?:eur|usd|gbp|chf|€|\$|£)|[€$£] ?\d[\d.,]*)"
_TONNE: Final = r"(?:t|tco2e?|tonnes?|(?:metric )?tons?|toneladas?)(?!\w)"

_COMPENSATION: Final = (
    "An offsetting claim: Directive (EU) 2024/825 bans saying that a flight's impact is reduced "
    "or made good by paying for projects elsewhere."
)
_GENERIC: Final = (
    "A generic environmental claim without recognised excellent performance; Directive (EU) "
    "2024/825 bans it."
)
_STATUS: Final = (
    "The STC assesses formatively. It certifies, verifies and labels nothing, and no scheme "
    "stands behind such words."
)
_RESULT: Final = (
    "Nobody who gives removes or stores a mass of CO2; a projection has a range and the flight's "
    "emissions do not change."
)
_PERMANENCE: Final = "Carbon stored in soil can be lost again; it lasts while the practice lasts."
_TRADE: Final = "No tonne and no credit is bought, sold, owned or retired here."
_PRICE: Final = (
    "A price per tonne says that stored carbon is for sale. Only the arithmetic of the "
    "suggestion on the estimate page may show the secretariat's rate."
)

_SAY_CONTRIBUTE: Final = "The contribution does not change the emissions of your flight."
_SAY_ESTIMATE: Final = "Your flight emits about 1.2 t CO2e (range)."
_SAY_ASSESSED: Final = "Formative assessment by the STC, with its date and criteria version."
_SAY_EXPECTS: Final = "The project expects at least 0.11 tC/ha/yr with 2 chances in 3 (90 % range)."
_SAY_REVERSIBLE: Final = "Storage can be reversed; it lasts while the practice is maintained."
_SAY_HECTARE: Final = "30 EUR treats about one hectare (from the project's own cost)."


def _rule(key: str, language: str, pattern: str, reason: str, alternative: str) -> Rule:
    return Rule(key, language, re.compile(pattern), reason, alternative)


def _near(one: str, other: str, letters: int = 30) -> str:
    return rf"{one}.{{0,{letters}}}{other}|{other}.{{0,{letters}}}{one}"


RULES: Final[tuple[Rule, ...]] = (
    _rule("compensate", "all", r"\bcompens\w*", _COMPENSATION, _SAY_CONTRIBUTE),
    _rule("neutral", "all", r"\bneutr\w*", _COMPENSATION, _SAY_CONTRIBUTE),
    _rule(
        "price-per-tonne",
        "all",
        rf"{_SUM} ?(?:/|\b(?:per|par|por|la|the|a)\b) ?{_TONNE}"
        rf"|(?<!\w)(?:eur|usd) ?\d[\d.,]* ?(?:/|per|par|por) ?{_TONNE}",
        _PRICE,
        _SAY_HECTARE,
    ),
    # English
    # The program's own name is no claim: its settings in capitals, its commands of two words.
    _rule(
        "en-offset",
        "en",
        r"\b(?!offset_[a-z])"
        r"(?!offset (?:people invite|jobs run|backups (?:run|drill)|doctor)\b)off-?set\w*",
        _COMPENSATION,
        _SAY_CONTRIBUTE,
    ),
    _rule("en-net-zero", "en", r"\bnet[- ]zero\b", _COMPENSATION, _SAY_CONTRIBUTE),
    _rule(
        "en-zero",
        "en",
        r"\bzero[- ](?:emission|carbon|co2|impact)\w*",
        _COMPENSATION,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "en-carbon-positive",
        "en",
        r"\b(?:carbon|climate|co2)[- ](?:positive|friendly|free)\b",
        _COMPENSATION,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "en-reduced-impact",
        "en",
        r"\b(?:reduced|limited) (?:climate impact|co2 footprint|carbon footprint)\b",
        _COMPENSATION,
        _SAY_ESTIMATE,
    ),
    _rule(
        "en-eco-friendly",
        "en",
        r"\beco-?friendly\b|\benvironmentally friendly\b",
        _GENERIC,
        _SAY_ESTIMATE,
    ),
    _rule(
        "en-green-travel",
        "en",
        r"\b(?:green|sustainable|clean) (?:flights?|flying|travel|trips?)\b",
        _GENERIC,
        _SAY_ESTIMATE,
    ),
    _rule(
        "en-certified",
        "en",
        r"\b(?:certified|verified|labell?ed|endorsed) by (?:the |our )?(?:[\w'\"“”«»-]+ ){0,3}?"
        r"[\"“«]?(?:stc|committee|4 ?(?:per|p|‰) ?(?:1000|mille)|initiative)\b",
        _STATUS,
        _SAY_ASSESSED,
    ),
    _rule("en-credits", "en", r"\bcarbon credits?\b", _TRADE, _SAY_CONTRIBUTE),
    _rule(
        "en-trade",
        "en",
        rf"\b(?:buy|bought|sell|sold|own|owned|retire|purchase)\w*\b{_IN}{{0,20}}"
        r"\b(?:tonnes?|tons?|credits?)\b",
        _TRADE,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "en-result",
        "en",
        rf"(?:\b(?:you|your \w+|(?:this|the) project)\b|{_SUM}(?!\w)){_IN}{{0,40}}"
        rf"\b(?:sav\w*|remov\w*|avoid\w*|cancel\w*|eras\w*|stores?|stored)\b{_IN}{{0,30}}?{_MASS}",
        _RESULT,
        _SAY_EXPECTS,
    ),
    _rule("en-forever", "en", r"\bforever\b", _PERMANENCE, _SAY_REVERSIBLE),
    _rule(
        "en-permanent",
        "en",
        r"\bpermanent(?:ly)?\b.{0,20}\b(?:stor|remov|sequest|carbon)\w*"
        r"|\b(?:stor|remov|sequest)\w*\b.{0,10}\bpermanent\w*",
        _PERMANENCE,
        _SAY_REVERSIBLE,
    ),
    # French
    _rule(
        "fr-zero",
        "fr",
        r"\bz[ée]ro[- ](?:[ée]mission|carbone|impact)\w*|\bz[ée]ro net\b",
        _COMPENSATION,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "fr-positive", "fr", r"\b(?:climat|carbone)[- ]positi\w*", _COMPENSATION, _SAY_CONTRIBUTE
    ),
    _rule(
        "fr-reduced-impact",
        "fr",
        r"\bimpact climatique r[ée]duit\b"
        r"|\bempreinte (?:carbone|co2) (?:limit[ée]e|r[ée]duite)\b",
        _COMPENSATION,
        _SAY_ESTIMATE,
    ),
    _rule(
        "fr-generic",
        "fr",
        r"\b[ée]co-?responsable\w*|\brespectueu\w+ de l.environnement\b"
        r"|\b(?:vol|voyage)s? (?:vert|durable|propre|[ée]cologique)\w*",
        _GENERIC,
        _SAY_ESTIMATE,
    ),
    _rule(
        "fr-certified",
        "fr",
        r"\b(?:certifi|v[ée]rifi|labellis)[ée]\w* par (?:le |la |l'|notre )?"
        r"(?:[\w'\"“”«»-]+ ){0,3}?[\"“«]? ?"
        r"(?:cst|stc|comit[ée]|4 ?(?:pour|per|p|‰) ?(?:1000|mille)|initiative)\b",
        _STATUS,
        _SAY_ASSESSED,
    ),
    _rule("fr-credits", "fr", r"\bcr[ée]dits? carbone\b", _TRADE, _SAY_CONTRIBUTE),
    _rule(
        "fr-trade",
        "fr",
        rf"\b(?:achet|vend|poss[ée]d)\w*{_IN}{{0,20}}\btonnes?\b",
        _TRADE,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "fr-result",
        "fr",
        rf"(?:\b(?:vous|votre \w+|vos \w+|ce projet|le projet)\b|{_SUM}(?!\w)){_IN}{{0,40}}"
        r"\b(?:(?:[ée]conomis|retir|[ée]vit|annul|effac|[ée]limin)\w*|stocke(?:nt)?"
        rf"|stock[ée]e?s?){_IN}{{0,30}}?{_MASS}",
        _RESULT,
        _SAY_EXPECTS,
    ),
    _rule(
        "fr-permanent",
        "fr",
        r"\bpour toujours\b|\b(?:stock|s[ée]quest)\w*.{0,10}\bpermanent\w*|"
        + _near(r"\bd[ée]finiti[fv]\w*", r"\b(?:stock|s[ée]quest|carbone|co2)\w*"),
        _PERMANENCE,
        _SAY_REVERSIBLE,
    ),
    # Spanish
    _rule(
        "es-zero",
        "es",
        r"\bcero (?:emisiones|carbono|impacto|neto)\b|\bemisiones netas cero\b"
        r"|\blibre de carbono\b",
        _COMPENSATION,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "es-positive", "es", r"\b(?:clima|carbono)[- ]positiv\w*", _COMPENSATION, _SAY_CONTRIBUTE
    ),
    _rule(
        "es-reduced-impact",
        "es",
        r"\bimpacto clim[áa]tico reducido\b"
        r"|\bhuella de (?:carbono|co2) (?:limitada|reducida)\b",
        _COMPENSATION,
        _SAY_ESTIMATE,
    ),
    _rule(
        "es-generic",
        "es",
        r"\brespetuos\w+ con el medio ambiente\b"
        r"|\b(?:vuelo|viaje)s? (?:verde|sostenible|limpio|ecol[óo]gico)s?\b",
        _GENERIC,
        _SAY_ESTIMATE,
    ),
    _rule(
        "es-certified",
        "es",
        r"\b(?:certificad|verificad|etiquetad)\w+ por (?:el |la |nuestro )?"
        r"(?:[\w'\"“”«»-]+ ){0,3}?[\"“«]?"
        r"(?:cct|stc|comit[ée]|4 ?(?:por|per|p|‰) ?(?:1000|mil)|iniciativa)\b",
        _STATUS,
        _SAY_ASSESSED,
    ),
    _rule("es-credits", "es", r"\bcr[ée]ditos? de carbono\b", _TRADE, _SAY_CONTRIBUTE),
    _rule(
        "es-trade",
        "es",
        rf"\b(?:compr|vend|pose)\w*{_IN}{{0,20}}\btoneladas?\b",
        _TRADE,
        _SAY_CONTRIBUTE,
    ),
    _rule(
        "es-result",
        "es",
        # "ha" is also the hectare: one after a figure or a slash is no verb.
        rf"(?:\b(?:usted|(?<!\d )(?<!/)ha|su \w+|sus \w+|este proyecto|el proyecto)\b"
        rf"|{_SUM}(?!\w)){_IN}{{0,40}}"
        r"\b(?:(?:ahorr|elimin|evit|anul|borr|retir)\w*|almacen(?:an?|ó|ad[oa]s?))"
        rf"{_IN}{{0,30}}?{_MASS}",
        _RESULT,
        _SAY_EXPECTS,
    ),
    _rule(
        "es-permanent",
        "es",
        r"\bpara siempre\b|\b(?:almacen|secuestr)\w*.{0,10}\bpermanent\w*|"
        + _near(r"\bdefinitiv\w*", r"\b(?:almacen|secuestr|carbono|co2)\w*"),
        _PERMANENCE,
        _SAY_REVERSIBLE,
    ),
)

# Names of targets, bodies and cited works are quoted as they are; a name claims nothing.
NAMES: Final[tuple[str, ...]] = (
    "land-degradation neutrality",  # Sustainable Development Goal, target 15.3
    "land degradation neutrality",
    "neutralité en matière de dégradation des terres",
    "neutralidad en la degradación de las tierras",
    "neutralidad de la degradación de las tierras",
    "carbon offsetting and reduction scheme for international aviation",  # ICAO's CORSIA
    "oxford principles for net zero aligned carbon offsetting",  # University of Oxford, 2020
    "corporate net-zero standard",  # Science Based Targets initiative
)

# An entry that no page uses any more fails the test over the rendered pages.
ALLOWED: Final[tuple[Allowance, ...]] = tuple(
    Allowance(
        "estimate",
        phrase,
        language,
        "The arithmetic of the suggestion, beside the sentence that it is no price.",
    )
    for language, phrase in (
        ("en", "€0 per tonne"),
        ("en", "0 eur per tonne"),
        ("fr", "0 € par tonne"),
        ("fr", "0 eur par tonne"),
        ("es", "0 € por tonelada"),
        ("es", "0 eur por tonelada"),
    )
)

_DROPPED: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_FOLDED: Final = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2019": "'", "\u02bc": "'"})


def normalise(text: str) -> str:
    """Fold a text for matching: NFKC, case, hyphens, apostrophes, white space."""
    folded = unicodedata.normalize("NFKC", text.translate(_DROPPED)).casefold()
    return " ".join(folded.translate(_FOLDED).split())


_NAME: Final = re.compile("|".join(re.escape(normalise(name)) for name in NAMES))


def scan(
    text: str, language: str | None = None, *, allowed: Iterable[Allowance] = ()
) -> tuple[Hit, ...]:
    """Find every phrase in a text that a rule refuses.

    Parameters
    ----------
    text
        What a reader would read.
    language
        Apply the rules of this language and those of all languages; None applies every rule.
    allowed
        The allowances of the place the text stands in.
    """
    folded = _NAME.sub("·", normalise(text))
    excused = {_figureless(normalise(one.phrase)) for one in allowed}
    return tuple(
        Hit(rule.key, found.group(), rule.reason, rule.alternative)
        for rule in RULES
        if language is None or rule.language in {"all", language}
        for found in rule.pattern.finditer(folded)
        if _figureless(found.group()) not in excused
    )


def _figureless(phrase: str) -> str:
    return re.sub(r"\d[\d.,]*", "0", phrase)
