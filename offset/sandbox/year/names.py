"""Who gives in the invented year? Nobody real."""

import random
from typing import Final

_FIRST: Final = (
    *("Ana", "Bruno", "Chloé", "David", "Elena", "Farid", "Grace", "Hugo", "Inès", "Jun"),
    *("Karim", "Lucie", "Marc", "Nadia", "Oscar", "Paul", "Rosa", "Samir", "Tessa", "Yann"),
)
_LAST: Final = (
    *("Abadie", "Bernard", "Castel", "Dubois", "Estève", "Fabre", "Girard", "Haddad", "Ibarra"),
    *("Joubert", "Klein", "Leroux", "Martin", "Nguyen", "Olivier", "Perez", "Quentin", "Roux"),
    *("Sanchez", "Tanaka", "Urbain", "Vidal", "Weber", "Yilmaz", "Zola"),
)


def a_name(dice: random.Random) -> str:
    """Return a first and a last name."""
    return f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"


def as_banks_write(dice: random.Random, name: str) -> str:
    """Write a name as it stands on a statement."""
    first, _, last = name.partition(" ")
    return dice.choice((name.upper(), f"{last.upper()} {first}", f"M OU MME {last} {first}"))
