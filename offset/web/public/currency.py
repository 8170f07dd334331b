"""Which currency does a reader count in, as far as the browser says where they live?"""

from collections.abc import Mapping
from typing import Final

from flask import request

# Where somebody's language says which currency they count in; the euro for everybody else.
_CURRENCIES: Final[Mapping[str, str]] = {"GB": "GBP", "US": "USD", "CH": "CHF", "LI": "CHF"}


def of_the_reader() -> str:
    """Guess a currency from the country in what a browser says of its languages, else nothing."""
    for tag in request.accept_languages.values():
        country = tag.replace("_", "-").rpartition("-")[2].upper()
        if country in _CURRENCIES:
            return _CURRENCIES[country]
    return ""
