"""How do pages write money, days, numbers and addresses, in three languages?"""

import copy
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, current_app, g, request
from flask_babel import Babel
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from offset.clock import utc_day
from offset.config import Settings
from offset.money import Money, exponent
from offset.people.access import Right, may
from offset.web import language
from offset.web.security import current_actor, visitor
from offset.web.static_files import static_url
from offset.web.wiring import services

_HERE: Final = Path(__file__).resolve().parents[1]
TRANSLATIONS: Final = _HERE / "translations"
_MINUS: Final = "\N{MINUS SIGN}"
_KG_PER_TONNE: Final = 1000
# British English writes the day first; the American pattern is Babel's own for plain "en".
_LONG_DAY: Final = {"en": "d MMMM y"}
_DEFAULT_DAY: Final = "long"


def template_root() -> Path:
    """Return the folder of templates, in a checkout or inside an installed wheel."""
    installed = _HERE / "_templates"
    return installed if installed.is_dir() else _HERE.parent / "templates"


def install(app: Flask, settings: Settings) -> None:
    """Set Jinja, the catalogues, the filters and the names that every template knows."""
    app.template_folder = str(template_root())
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.jinja_options = {
        **app.jinja_options,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    Babel().init_app(app, locale_selector=language.language, default_locale=language.DEFAULT)
    app.jinja_env.filters.update(
        money=money,
        amount=amount,
        day=day,
        isoday=isoday,
        instant=instant,
        stamp=stamp,
        number=number,
        percent=percent,
        tonnes=tonnes,
    )
    app.jinja_env.globals.update(
        static_url=static_url,
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
    """Return the locale that filters write in."""
    return Locale.parse(language.language())


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
    return text.replace("-", _MINUS)


def write_day(value: date, place: Locale) -> str:
    """Write a day as prose does: 12 October 2027."""
    return format_date(value, _LONG_DAY.get(place.language, _DEFAULT_DAY), locale=place)


def write_instant(value: datetime, place: Locale) -> str:
    """Write an instant with its zone: 12 October 2027, 10:12 UTC."""
    at = value.astimezone(UTC)
    clock = format_datetime(at, "HH:mm", locale=place)
    return f"{write_day(at.date(), place)}, {clock} UTC"


def money(value: Money, *, whole: bool = False) -> str:
    """Write an amount with its currency in the language of the page."""
    return write_money(value, locale(), whole=whole)


def amount(value: Money) -> str:
    """Write an amount without its currency, for a table whose heading names it."""
    places = exponent(value.currency)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = format_decimal(Decimal(value.decimal()), pattern, locale=locale())
    return text.replace("-", _MINUS)


def day(value: date) -> Markup:
    """Write a day as prose does, readable for machines too."""
    return Markup('<time datetime="{}">{}</time>').format(
        value.isoformat(), write_day(value, locale())
    )


def isoday(value: date | datetime) -> Markup:
    """Write a day for a table of the desk: 2027-10-12."""
    told = utc_day(value) if isinstance(value, datetime) else value
    return Markup("<time>{}</time>").format(told.isoformat())


def instant(value: datetime) -> Markup:
    """Write an instant as prose does, with its zone."""
    return Markup('<time datetime="{}">{}</time>').format(
        value.astimezone(UTC).isoformat(), write_instant(value, locale())
    )


def stamp(value: datetime) -> Markup:
    """Write an instant for a table of the desk: 2027-10-12 10:12 UTC."""
    at = value.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(), f"{at:%Y-%m-%d %H:%M} UTC"
    )


def number(value: float | Decimal, places: int | None = None) -> str:
    """Write a number with the marks of the language; ``places`` fixes its decimals."""
    pattern = "#,##0.###" if places is None else "#,##0" + ("." + "0" * places if places else "")
    text: str = format_decimal(value, pattern, locale=locale())
    return text.replace("-", _MINUS)


def percent(basis_points: int) -> str:
    """Write basis points as a percentage: 500 is 5 %."""
    share = Decimal(basis_points) / 100
    mark = "%" if language.language() == "en" else "\N{NO-BREAK SPACE}%"
    return f"{number(share.normalize() if share % 1 else share.to_integral_value())}{mark}"


def two_figures(kilograms: float | Decimal) -> Decimal:
    """Return tonnes at two significant figures, half up: 1,149 kg is 1.1."""
    tonnes_exact = Decimal(str(kilograms)) / _KG_PER_TONNE
    if not tonnes_exact:
        return Decimal(0)
    last = Decimal(1).scaleb(tonnes_exact.adjusted() - 1)
    return tonnes_exact.quantize(last, rounding=ROUND_HALF_UP)


def tonnes(kilograms: float | Decimal, *, unit: bool = True) -> Markup:
    """Write kilograms as tonnes at two significant figures: 1.1 t."""
    rounded = two_figures(kilograms)
    exponent_of = rounded.as_tuple().exponent
    places = max(0, -exponent_of) if isinstance(exponent_of, int) else 0
    text = number(rounded, places)
    return Markup("{}&nbsp;t").format(text) if unit else escape(text)
