"""When are two names of a place the same name, whatever the accents, case and script?"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Letters that Unicode does not decompose into a base letter and a mark.
_UNDECOMPOSED: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ħ": "h"}
)
# Voicing marks make another syllable of a kana, not an accented one: パリ is not ハリ.
_KANA_MARKS: Final = "\u3099\u309a"
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return the comparable form of a name.

    Parameters
    ----------
    text : str
        A name in any language and script.

    Returns
    -------
    str
        Lower case, without marks, apostrophes dropped, one space between words. Scripts are kept:
        "Genève" becomes "geneve", "東京" stays.
    """
    plain = text.casefold().translate(_UNDECOMPOSED)
    for apostrophe in ("'", "\u2019", "\u02bb", "`"):
        plain = plain.replace(apostrophe, "")
    decomposed = unicodedata.normalize("NFKD", plain)
    if not decomposed.isascii():
        decomposed = "".join(
            c for c in decomposed if c in _KANA_MARKS or not unicodedata.combining(c)
        )
        decomposed = unicodedata.normalize("NFC", decomposed)
    return _NOT_A_LETTER.sub(" ", decomposed).strip()


def trigrams(folded: str) -> frozenset[str]:
    """Return the three-letter pieces of a folded name, with its edges marked by spaces."""
    padded = f"  {folded} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))
