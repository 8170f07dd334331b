from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from babel import Locale
from flask import Flask, render_template_string
from jinja2 import UndefinedError

from offset.money import Money
from offset.web.templating import (
    environment_for,
    two_figures,
    write_day,
    write_instant,
    write_money,
    write_number,
    write_percent,
    write_tonnes,
)

EN, FR, ES = (Locale.parse(code) for code in ("en", "fr", "es"))
NARROW, WIDE, MINUS = "\u202f", "\xa0", "\u2212"


@pytest.mark.parametrize(
    ("place", "minor", "currency", "said"),
    [
        (EN, 123450, "EUR", "€1,234.50"),
        (FR, 123450, "EUR", f"1{NARROW}234,50{WIDE}€"),
        (ES, 123450, "EUR", f"1.234,50{WIDE}€"),
        (EN, -1240, "EUR", f"{MINUS}€12.40"),
        (EN, 5, "GBP", "£0.05"),
        (FR, 100, "CHF", f"1,00{WIDE}CHF"),
        (EN, 1250, "CHF", f"CHF{WIDE}12.50"),
        (EN, 1234, "XOF", f"F{NARROW}CFA{WIDE}1,234"),
        (EN, 1234, "MGA", f"MGA{WIDE}12.34"),
        (EN, 1234, "TND", f"TND{WIDE}1.234"),
    ],
)
def test_money_keeps_every_cent(place: Locale, minor: int, currency: str, said: str) -> None:
    assert write_money(Money(minor, currency), place) == said


@pytest.mark.parametrize(("minor", "said"), [(5500, "€55"), (5550, "€55.50"), (0, "€0")])
def test_whole_money_drops_only_zeros(minor: int, said: str) -> None:
    assert write_money(Money(minor, "EUR"), EN, whole=True) == said


def test_the_shared_pattern_of_babel_stays_as_it_was() -> None:
    write_money(Money(1234, "XOF"), EN)
    assert write_money(Money(1234, "EUR"), EN) == "€12.34"


@pytest.mark.parametrize(
    ("place", "said"),
    [(EN, "12 October 2027"), (FR, "12 octobre 2027"), (ES, "12 de octubre de 2027")],
)
def test_days_read_as_prose(place: Locale, said: str) -> None:
    assert write_day(date(2027, 10, 12), place) == said


def test_the_first_day_of_a_month_is_the_first_in_french() -> None:
    assert write_day(date(2027, 11, 1), FR) == "1er novembre 2027"
    assert write_day(date(2027, 11, 11), FR) == "11 novembre 2027"
    assert write_day(date(2027, 11, 1), ES) == "1 de noviembre de 2027"


def test_instants_name_their_zone() -> None:
    paris = timezone(timedelta(hours=2))
    assert write_instant(datetime(2027, 10, 12, 1, 30, tzinfo=paris), EN) == (
        "11 October 2027, 23:30 UTC"
    )


@pytest.mark.parametrize(
    ("kilograms", "said"),
    [
        (1149, "1.1\xa0t"),
        (1150, "1.2\xa0t"),
        (984.6, "0.98\xa0t"),
        (999.6, "1.0\xa0t"),
        (12_345, "12\xa0t"),
        (123_456, "120\xa0t"),
        (42, "0.042\xa0t"),
        (0, "0\xa0t"),
        (Decimal(2050), "2.1\xa0t"),
    ],
)
def test_tonnes_have_two_figures(kilograms: float | Decimal, said: str) -> None:
    assert write_tonnes(kilograms, EN) == said


def test_the_printed_figure_is_the_one_that_is_reckoned_with() -> None:
    assert two_figures(1149) == Decimal("1.1")
    assert two_figures(999.6) == Decimal("1.0")


def test_numbers_and_shares_follow_the_language() -> None:
    assert write_number(Decimal("-1234.5"), FR, 2) == f"{MINUS}1{NARROW}234,50"
    assert write_number(0.11, ES) == "0,11"
    assert write_percent(500, EN) == "5%"
    assert write_percent(550, FR) == f"5,5{WIDE}%"


def test_filters_write_in_the_language_of_the_address(app: Flask) -> None:
    told = {"m": Money(-600, "EUR"), "d": date(2027, 10, 12)}
    page = "{{ m|amount }} {{ d|day }} {{ d|isoday }} {{ 1149|tonnes }} {{ 3|number(1) }}"
    with app.test_request_context("/x", environ_overrides={"offset.language": "fr"}):
        assert render_template_string(page, **told) == (
            f'{MINUS}6,00 <time datetime="2027-10-12">12 octobre 2027</time> '
            f'<time datetime="2027-10-12">2027-10-12</time> 1,1\xa0t 3,0'
        )


def test_stamps_are_for_tables(app: Flask) -> None:
    at = datetime(2027, 10, 12, 10, 12, tzinfo=UTC)
    with app.test_request_context("/"):
        assert ">2027-10-12 10:12 UTC<" in render_template_string("{{ at|stamp }}", at=at)
        assert ">12 October 2027, 10:12 UTC<" in render_template_string("{{ at|instant }}", at=at)


def test_a_misspelt_name_in_a_template_is_an_error(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        render_template_string("{{ amuont }}")


def test_mails_and_documents_read_plain_parameters() -> None:
    environment = environment_for("fr")
    page = environment.from_string(
        "{{ m|money }} {{ d|day_text }} {{ at|instant_text }} {{ prefix }} {{ lang }}"
    )
    told = {"m": {"minor": 600, "currency": "EUR"}, "d": "2027-10-12", "at": "2027-10-12T10:12Z"}
    assert page.render(**told) == (f"6,00{WIDE}€ 12 octobre 2027 12 octobre 2027, 10:12 UTC /fr fr")
    assert environment_for("fr") is environment


def test_text_parts_are_not_escaped_and_html_is() -> None:
    environment = environment_for("en")
    assert environment.autoescape("email/receipt.html")  # type: ignore[operator]  # a function here
    assert not environment.autoescape("email/receipt.txt")  # type: ignore[operator]  # same
