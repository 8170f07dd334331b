"""How do pages write money, days, numbers and addresses, in three languages?"""

import copy
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.support import Translations
from flask import Flask, current_app, g, request
from flask_babel import Babel
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket
from markupsafe import Markup

from offset.clock import utc_day
from offset.config import Settings
from offset.money import Money, exponent
from offset.people.access import Right, may
from offset.web import language
from offset.web.security import current_actor, visitor
from offset.web.square_codes import square
from offset.web.static_files import static_url
from offset.web.wiring import services

_HERE: Final = Path(__file__).resolve().parents[1]
TRANSLATIONS: Final = _HERE / "translations"
_MINUS: Final = "\N{MINUS SIGN}"
_KG_PER_TONNE: Final = 1000
_LETTER_THEN_DIGIT: Final = re.compile(r"([A-Za-z])(\d)")
# British English writes the day first; the American pattern is Babel's own for plain "en".
_LONG_DAY: Final = {"en": "d MMMM y"}
_DEFAULT_DAY: Final = "long"


def template_root() -> Path:
    """Return the folder of templates, in a checkout or inside an installed wheel."""
    installed = _HERE / "_templates"
    return installed if installed.is_dir() else _HERE.parent / "templates"


class _Compiled(BytecodeCache):
    """Templates as they were compiled, once a process, however many sites it serves."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled of the same text, if it was."""
        packed = self.held.get((bucket.key, bucket.checksum))
        if packed is not None:
            bucket.bytecode_from_string(packed)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.held[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()


def install(app: Flask, settings: Settings) -> None:
    """Set Jinja, the catalogues, the filters and the names that every template knows."""
    app.template_folder = str(template_root())
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.jinja_options = {
        **app.jinja_options,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": _COMPILED,
    }
    Babel().init_app(app, locale_selector=language.language, default_locale=language.DEFAULT)
    # A page asks for some hundred sentences: the catalogue of its language is looked up directly.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        _gettext, _ngettext, newstyle=True
    )
    app.jinja_env.filters.update(_filters(locale))
    app.jinja_env.globals.update(
        static_url=static_url,
        square=square,
        page=language.page,
        page_in=language.page_in,
        LANGUAGES=language.LANGUAGES,
        public_url=settings.public_url,
        demonstration=settings.demonstration,
        Right=Right,
    )
    app.context_processor(_names)


def _names() -> dict[str, Any]:
    return {
        "lang": language.language(),
        "direction": language.direction(),
        "visitor": visitor,
        "may": lambda right: may(current_actor(), right),
        "canonical": lambda: canonical(language.language()),
        "canonical_in": canonical,
        "request_id": g.get("request_id", "-"),
        "has_page": has_page,
        "here": request.path,
    }


def canonical(code: str) -> str:
    """Return the public address of this page in a language, without its query."""
    return f"{services().settings.public_url}{language.prefix_of(code)}{request.path}"


def has_page(path: str) -> bool:
    """Say whether this installation answers a path; navigation names nothing that is absent."""
    if "adapter" not in g:
        g.adapter = current_app.url_map.bind("")
    return bool(g.adapter.test(path, method="GET"))


def locale() -> Locale:
    """Return the locale of this request."""
    return _locale(language.language())


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


@cache
def _catalogue(code: str) -> Translations:
    return cast("Translations", Translations.load(TRANSLATIONS, [code]))


def in_language(code: str, text: str) -> str:
    """Translate a text for whoever has no request: files that are kept in each language."""
    return str(_catalogue(code).ugettext(text))


def _gettext(text: str) -> str:
    return str(_catalogue(language.language()).ugettext(text))


def _ngettext(one: str, many: str, count: int) -> str:
    return str(_catalogue(language.language()).ungettext(one, many, count))


@cache
def environment_for(code: str) -> Environment:
    """Return the templates in one language, for mails and documents, which have no request."""
    place = Locale.parse(code)
    environment = Environment(
        loader=FileSystemLoader(template_root()),
        autoescape=select_autoescape(["html", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = Translations.load(TRANSLATIONS, [code])
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined] # the i18n extension adds it
    environment.filters.update(_filters(lambda: place))
    environment.globals.update(
        lang=code,
        direction=place.text_direction,
        prefix=language.prefix_of(code),
        square=square,
    )
    return environment


def write_money(value: Money, place: Locale, *, whole: bool = False) -> str:
    """Write an amount with its currency; ``whole`` drops decimals that are all zero."""
    places = exponent(value.currency)
    if whole and value.minor % 10**places == 0:
        places = 0
    pattern = copy.copy(place.currency_formats["standard"])
    # Babel knows other decimals for some currencies than the books do: ours decide.
    pattern.frac_prec = (places, places)
    text = pattern.apply(
        Decimal(value.decimal()), place, currency=value.currency, currency_digits=False
    )
    # Babel writes CHF12.50: a code of letters needs room before the figure.
    text = _LETTER_THEN_DIGIT.sub("\\1\N{NO-BREAK SPACE}\\2", text)
    return text.replace("-", _MINUS)


def write_day(value: date, place: Locale) -> str:
    """Write a day as prose does: 12 October 2027."""
    text = format_date(value, _LONG_DAY.get(place.language, _DEFAULT_DAY), locale=place)
    # French counts the first day of a month as first, which CLDR's dates do not know.
    return text.replace("1 ", "1er ", 1) if value.day == 1 and place.language == "fr" else text


def write_instant(value: datetime, place: Locale) -> str:
    """Write an instant with its zone: 12 October 2027, 10:12 UTC."""
    at = value.astimezone(UTC)
    clock = format_datetime(at, "HH:mm", locale=place)
    return f"{write_day(at.date(), place)}, {clock} UTC"


def _filters(place: Callable[[], Locale]) -> dict[str, Callable[..., Any]]:
    """Return the filters of templates, writing in whatever ``place`` says."""
    return {
        "money": lambda value, *, whole=False: write_money(_money(value), place(), whole=whole),
        "amount": lambda value: write_amount(_money(value), place()),
        "day": lambda value: _timed(value, write_day(_day(value), place())),
        "day_text": lambda value: write_day(_day(value), place()),
        "isoday": lambda value: _timed(_day(value), _day(value).isoformat()),
        "instant": lambda value: _timed(_instant(value), write_instant(_instant(value), place())),
        "instant_text": lambda value: write_instant(_instant(value), place()),
        "stamp": lambda value: _timed(_instant(value), f"{_instant(value):%Y-%m-%d %H:%M} UTC"),
        "number": lambda value, places=None: write_number(value, place(), places),
        "percent": lambda points: write_percent(points, place()),
        "tonnes": lambda kilograms, *, unit=True: write_tonnes(kilograms, place(), unit=unit),
    }


def _money(value: Money | Mapping[str, Any]) -> Money:
    """Accept the form that money has in the parameters of a mail."""
    return value if isinstance(value, Money) else Money(value["minor"], value["currency"])


def _day(value: date | str) -> date:
    if isinstance(value, datetime):
        return utc_day(value)
    return date.fromisoformat(value) if isinstance(value, str) else value


def _instant(value: datetime | str) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(UTC)


def _timed(value: date | str, text: str) -> Markup:
    """Write a moment that machines can read too."""
    told = value if isinstance(value, str) else value.isoformat()
    return Markup('<time datetime="{}">{}</time>').format(told, text)


def write_amount(value: Money, place: Locale) -> str:
    """Write an amount without its currency, for a table whose heading names it."""
    places = exponent(value.currency)
    return write_number(Decimal(value.decimal()), place, places)


def write_number(value: float | Decimal, place: Locale, places: int | None = None) -> str:
    """Write a number with the marks of a language; ``places`` fixes its decimals."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    text = f"{exact:,.{3 if places is None else places}f}"
    if places is None:
        text = text.rstrip("0").removesuffix(".")
    if not text.strip("-0.,"):
        text = text.removeprefix("-")  # what rounds to nothing has no sign
    return text.translate(_marks(place))


@cache
def _marks(place: Locale) -> dict[int, str]:
    """Return what a language writes for the marks of Python's own figures."""
    symbols = place.number_symbols["latn"]
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": _MINUS})


def write_percent(basis_points: int, place: Locale) -> str:
    """Write basis points as a percentage: 500 is 5 %."""
    space = "" if place.language == "en" else "\N{NO-BREAK SPACE}"
    return f"{write_number(Decimal(basis_points) / 100, place)}{space}%"


def two_figures(kilograms: float | Decimal) -> Decimal:
    """Return tonnes at two significant figures, half up: 1,149 kg is 1.1."""
    exact = Decimal(str(kilograms)) / _KG_PER_TONNE
    if not exact:
        return Decimal(0)
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), rounding=ROUND_HALF_UP)


def write_tonnes(kilograms: float | Decimal, place: Locale, *, unit: bool = True) -> str:
    """Write kilograms as tonnes at two significant figures: 1.1 t."""
    rounded = two_figures(kilograms)
    places = max(0, -rounded.adjusted() + 1) if rounded else 0
    text = write_number(rounded, place, places)
    return f"{text}\N{NO-BREAK SPACE}t" if unit else text


def money(value: Money, *, whole: bool = False) -> str:
    """Write an amount with its currency in the language of this request."""
    return write_money(value, locale(), whole=whole)


def number(value: float | Decimal, places: int | None = None) -> str:
    """Write a number in the language of this request."""
    return write_number(value, locale(), places)


def tonnes(kilograms: float | Decimal, *, unit: bool = True) -> str:
    """Write kilograms as tonnes in the language of this request."""
    return write_tonnes(kilograms, locale(), unit=unit)
