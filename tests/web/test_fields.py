import pytest
from flask import Flask, render_template_string
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from offset.money import Money
from offset.web.fields import Between, Filled, Form, MoneyField, PlainForm


class Answer(Form):
    days = IntegerField("Days", [Between(1, 365)])


class Gift(Form):
    amount = MoneyField("Amount", currency=lambda form: form.currency.data or "EUR")
    currency = StringField()
    why = TextAreaField("Why", [Filled()], description="In your own words")
    sure = BooleanField("I am sure")
    kind = RadioField("Kind", choices=[SelectChoice("a", "One"), SelectChoice("b", "Two")])


MACROS = '{% from "macros/forms.html" import field, choices, error_summary, submit %}'


def checked(app: Flask, **data: str) -> Gift:
    with app.test_request_context("/", method="POST", data=data):
        form = Gift(meta={"csrf": False})
        form.validate()
    return form


@pytest.mark.parametrize(
    ("typed", "currency", "money"),
    [
        ("60", "EUR", Money(6000, "EUR")),
        ("1\u202f234,50", "EUR", Money(123450, "EUR")),
        ("1,234.50", "USD", Money(123450, "USD")),
        ("", "EUR", None),
        ("  ", "EUR", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(
    app: Flask, typed: str, currency: str, money: Money | None
) -> None:
    form = checked(app, amount=typed, currency=currency, why="x", kind="a")
    assert form.amount.money == money
    assert not form.amount.errors


@pytest.mark.parametrize("typed", ["sixty", "12.3456", "1e3", "-5", "NaN", "1..2"])
def test_an_unreadable_amount_stays_as_typed_with_its_fault(app: Flask, typed: str) -> None:
    form = checked(app, amount=typed, why="x", kind="a")
    assert form.amount.data == typed
    assert form.amount.money is None
    assert len(form.amount.errors) == 1


def test_spaces_are_no_answer(app: Flask) -> None:
    assert checked(app, why="   ").why.errors == ["Fill this in."]
    assert not checked(app, why="because").why.errors


def test_hidden_fields_have_no_ids_to_double(app: Flask) -> None:
    with app.test_request_context("/"):
        html = str(Gift().hidden_tag())
    assert 'name="csrf_token"' in html
    assert "id=" not in html


def test_a_form_sent_by_get_has_no_token_and_sets_no_cookie(app: Flask) -> None:
    class Search(PlainForm):
        q = StringField("Search")

    with app.test_request_context("/?q=a"):
        html = render_template_string("{{ form.hidden_tag() }}{{ form.q() }}", form=Search())
    assert "csrf" not in html


def test_a_field_ties_label_hint_and_fault_together(app: Flask) -> None:
    form = checked(app, why="")
    with app.test_request_context("/"):
        page = MACROS + "{{ error_summary(form) }}{{ field(form.why, rows=3) }}"
        html = render_template_string(page, form=form)
    assert '<label for="why">' in html
    assert 'id="why-hint"' in html
    assert 'aria-describedby="why-hint why-fault1"' in html
    assert 'aria-invalid="true"' in html
    assert 'rows="3"' in html
    assert '<a href="#why">Why: Fill this in.</a>' in html
    assert 'role="alert"' in html


def test_choices_stand_in_a_fieldset_and_a_tick_after_its_box(app: Flask) -> None:
    form = checked(app, why="x", kind="a")
    with app.test_request_context("/"):
        html = render_template_string(
            MACROS + "{{ field(form.kind) }}{{ field(form.sure) }}", form=form
        )
    assert "<legend>Kind</legend>" in html
    assert html.index('type="checkbox"') < html.index("I am sure")
    assert html.count('type="radio"') == 2


def test_a_form_without_faults_has_no_summary(app: Flask) -> None:
    form = checked(app, why="x", kind="a")
    with app.test_request_context("/"):
        assert not render_template_string(MACROS + "{{ error_summary(form) }}", form=form).strip()


@pytest.mark.parametrize(
    ("typed", "right"), [("365", True), ("0", False), ("9" * 400, False), ("-" + "9" * 400, False)]
)
def test_a_number_of_a_hundred_digits_is_too_large_and_no_fault(
    app: Flask,
    typed: str,
    right: bool,  # noqa: FBT001 - a column
) -> None:
    with app.test_request_context("/", method="POST", data={"days": typed}):
        form = Answer(meta={"csrf": False})
        assert form.validate() is right
        assert form.days.data == int(typed)
