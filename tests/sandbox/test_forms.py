import pytest

from offset.sandbox.stripe import forms


def test_brackets_nest() -> None:
    body = "line_items[0][price_data][currency]=eur&line_items[0][quantity]=1&mode=payment"
    assert forms.decode(body) == {
        "line_items": {"0": {"price_data": {"currency": "eur"}, "quantity": "1"}},
        "mode": "payment",
    }


def test_empty_brackets_count() -> None:
    assert forms.decode("expand[]=a&expand[]=b") == {"expand": {"0": "a", "1": "b"}}


def test_escapes_and_empty_values_are_kept() -> None:
    assert forms.decode("a%5Bb%5D=%C3%A9+1&c=") == {"a": {"b": "é 1"}, "c": ""}


@pytest.mark.parametrize(
    "body",
    ["[a]=1", "a[b=1", "a]b=1", "a=1&a[b]=2", "a[b]=2&a=1", "a" + "[b]" * 9 + "=1", "a=1&a=2"],
)
def test_what_cannot_be_meant_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="a"):
        forms.decode(body)
