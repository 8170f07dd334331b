"""Does every phrase that may never be written hit a rule, and every allowed one pass?"""

import csv
from pathlib import Path

import pytest

from offset.people.phrases import ALLOWED, RULES, Allowance, normalise, scan

DATA = Path(__file__).parents[1] / "data" / "phrases"


def _phrases(name: str) -> list[tuple[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["language"], row["phrase"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("language", "phrase"), _phrases("never"))
def test_a_phrase_never_written_is_found_in_its_language(language: str, phrase: str) -> None:
    hits = scan(phrase, language)
    assert hits
    assert all(hit.reason and hit.alternative for hit in hits)


@pytest.mark.parametrize(("language", "phrase"), _phrases("write"))
def test_an_allowed_phrase_passes_in_every_language(language: str, phrase: str) -> None:
    assert scan(phrase, language) == ()
    assert scan(phrase) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_every_rule_is_hit_by_a_listed_phrase(rule: object) -> None:
    found = {hit.rule for language, phrase in _phrases("never") for hit in scan(phrase, language)}
    assert rule.key in found  # type: ignore[attr-defined]  # pytest hands the parameter untyped


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_no_rule_refuses_its_own_alternative(rule: object) -> None:
    assert scan(rule.alternative) == ()  # type: ignore[attr-defined]  # same


def test_the_keys_of_rules_are_their_own() -> None:
    assert len({rule.key for rule in RULES}) == len(RULES)


def test_typography_hides_nothing() -> None:
    assert normalise("CO₂\u00a0 Comp\u00ad en’s") == "co2 comp en's"
    assert scan("car\u200bbon\u2011posi\u00adtive", "en")


def test_rules_of_another_language_are_left_out() -> None:
    assert scan("zéro net", "en") == ()
    assert [hit.rule for hit in scan("zéro net")] == ["fr-zero"]


def test_an_allowance_excuses_its_phrase_with_any_figure_and_nothing_else() -> None:
    rate = Allowance("estimate", "0 eur per tonne", "en", "arithmetic")
    assert scan("1.2 t × 50.00 EUR per tonne", "en", allowed=[rate]) == ()
    assert [hit.phrase for hit in scan("5 USD per tonne; 5 EUR per tonne", allowed=[rate])] == [
        "5 usd per tonne"
    ]


@pytest.mark.parametrize("allowance", ALLOWED, ids=lambda one: one.phrase)
def test_every_standing_allowance_is_explained_and_needed(allowance: object) -> None:
    assert isinstance(allowance, Allowance)
    assert allowance.reason
    assert scan(allowance.phrase, allowance.language)
    assert scan(allowance.phrase, allowance.language, allowed=[allowance]) == ()
