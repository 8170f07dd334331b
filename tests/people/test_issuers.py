"""Is an issuer complete for the law it follows, or refused by the name of what is missing?"""

from datetime import datetime
from typing import Any

import pytest

from offset.database.session import Database
from offset.errors import InvalidInput
from offset.people import issuers, settings
from offset.people.access import Role
from tests.builders.projects import an_actor
from tests.builders.receipts import AMERICAN, FRENCH


@pytest.mark.parametrize("value", [FRENCH, AMERICAN, settings.DEFAULTS["issuer"]])
def test_a_whole_issuer_is_taken(value: dict[str, Any]) -> None:
    issuers.check(value)


@pytest.mark.parametrize("field", ["address", "object", "article", "signatory", "signatory_role"])
def test_what_a_french_issuer_lacks_is_named(field: str) -> None:
    with pytest.raises(InvalidInput, match="issuer_incomplete") as told:
        issuers.check({**FRENCH, field: " "})
    assert told.value.parameters["missing"] == field


def test_one_of_two_registers_is_enough_and_none_is_named_as_either() -> None:
    without = {key: value for key, value in FRENCH.items() if key != "siren"}
    issuers.check({**without, "rna": "W123456789"})
    with pytest.raises(InvalidInput) as told:
        issuers.check(without)
    assert told.value.parameters["missing"] == "siren / rna"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({**FRENCH, "siren": "732 829 321"}, "siren"),
        ({**FRENCH, "siren": "73282932"}, "siren"),
        ({**FRENCH, "siren": None, "rna": "123"}, "rna"),
        ({**FRENCH, "article": "201"}, "article"),
        ({**AMERICAN, "ein": "123456789"}, "ein"),
    ],
)
def test_a_misspelt_number_is_named(value: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput, match="issuer_field_wrong") as told:
        issuers.check(value)
    assert told.value.parameters["name"] == name


def test_an_unknown_regime_is_refused() -> None:
    with pytest.raises(InvalidInput, match="regime_unknown"):
        issuers.check({**FRENCH, "regime": "DE_10B"})


def test_the_setting_itself_refuses(embedded: Database, at: datetime) -> None:
    admin = embedded.run(an_actor, Role.ADMINISTRATOR, at=at)
    broken = {**AMERICAN, "ein": ""}
    with pytest.raises(InvalidInput, match="issuer_incomplete"):
        embedded.run(settings.change, "issuer", broken, actor=admin, at=at, reason="Haste.")
    with embedded.reading() as session:
        assert settings.current(session, "issuer").version == 0
