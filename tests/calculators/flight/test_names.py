"""Do names compare without accents, case and marks, and keep their script?"""

from __future__ import annotations

import pytest

from calculators.flight.names import fold, trigrams


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Genève", "geneve"),
        ("Xi'an", "xian"),
        ("São Paulo / Guarulhos", "sao paulo guarulhos"),
        ("Łódź", "lodz"),
        ("Tromsø", "tromso"),
        ("Straße", "strasse"),
        ("東京", "東京"),
        ("パリ", "パリ"),
        ("서울", "서울"),
        ("  ", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_trigrams_mark_the_edges() -> None:
    assert trigrams("rio") == {"  r", " ri", "rio", "io "}
