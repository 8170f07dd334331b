"""How do people mistype the reference of a pledge? Each way is one that banks have seen."""

import random
from typing import Final

from offset.giving.references import ALPHABET

_LOOKALIKES: Final = {"B": "8", "8": "B", "S": "5", "5": "S", "Z": "2", "2": "Z", "G": "6"}
_OTHERS: Final = ("0", "O", "1", "I")


def exact(reference: str, dice: random.Random) -> str:
    """Write a reference as it was printed, among words of one's own."""
    return dice.choice((f"{reference}", f"DON {reference} merci", f"Gift {reference}"))


def spaced(reference: str, dice: random.Random) -> str:
    """Write it without hyphen, in small letters, or in groups."""
    letters = reference.removeprefix("DON-")
    return dice.choice(
        (
            f"don {letters[:4]} {letters[4:]}".lower(),
            f"DON{letters} sols vivants",
            f"D O N - {letters[:2]} {letters[2:5]} {letters[5:]}",
            f"Don.{letters[:3]}.{letters[3:]}",
        )
    )


def one_wrong(reference: str, dice: random.Random) -> str:
    """Write one letter wrong: one that looks alike, or any other."""
    letters = reference.removeprefix("DON-")
    place = dice.randrange(len(letters))
    likely = _LOOKALIKES.get(letters[place], "")
    wrong = likely or dice.choice([*ALPHABET, *_OTHERS])
    if wrong == letters[place]:
        wrong = _OTHERS[place % len(_OTHERS)]
    return f"DON-{letters[:place]}{wrong}{letters[place + 1 :]}"


def swapped(reference: str, dice: random.Random) -> str:
    """Write two neighbours the wrong way round; where they are alike another pair is taken."""
    letters = reference.removeprefix("DON-")
    pairs = [n for n in range(len(letters) - 1) if letters[n] != letters[n + 1]]
    place = dice.choice(pairs)
    return f"DON-{letters[:place]}{letters[place + 1]}{letters[place]}{letters[place + 2 :]}"


def lost(reference: str, dice: random.Random) -> str:
    """Lose one letter."""
    letters = reference.removeprefix("DON-")
    place = dice.randrange(len(letters))
    return f"DON-{letters[:place]}{letters[place + 1 :]}"


def absent(_reference: str, dice: random.Random) -> str:
    """Forget it."""
    return dice.choice(("don sols", "contribution", "4 pour mille", "VIREMENT", "gift for soils"))
