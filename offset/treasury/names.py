"""How alike are two names, whatever alphabet, order or spelling they are written in?

Names are folded (case, accents, letters of other alphabets), cut into words without legal forms,
and compared word by word. Scores are whole percents; each carries why it is that high.
"""

import enum
import functools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

# Letters that Unicode does not take apart, and the alphabets of names on European lists.
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŋ": "n",
        "ə": "a",
        "ʻ": "",
        "ʼ": "",
        "ʿ": "",
        "ʾ": "",
        **dict(zip("абвгдезийклмнопрстуфы", "abvgdeziiklmnoprstufy", strict=True)),
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ъ": "",
        "ь": "",
        "э": "e",
        "ю": "yu",
        "я": "ya",
        "і": "i",
        "ї": "i",
        "є": "e",
        "ґ": "g",
        "ў": "u",
        "ђ": "dj",
        "ј": "j",
        "љ": "lj",
        "њ": "nj",
        "ћ": "c",
        "џ": "dz",
        "ѓ": "g",
        "ќ": "k",
        **dict(zip("αβγδεζηικλμνοπρσςτυφω", "avgdeziiklmnoprsstyfo", strict=True)),
        "θ": "th",
        "ξ": "x",
        "χ": "ch",
        "ψ": "ps",
        **dict(zip("ابتحخدذرزسصضطظعغفقكلمنهوية", "abthkddrzssdtzagfqklmnhwya", strict=True)),
        "ث": "th",
        "ج": "j",
        "ش": "sh",
        "ء": "",
        "ى": "a",
        "پ": "p",
        "چ": "ch",
        "ژ": "zh",
        "گ": "g",
        "ک": "k",
        "ی": "y",
    }
)
_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHES: Final = re.compile(r"['\u2019\u2018\u02bc`´]")
_LEGAL_FORMS: Final = frozenset(
    {"ltd", "limited", "llc", "llp", "inc", "incorporated", "gmbh", "ag", "kg", "sa", "sas"}
    | {"sarl", "srl", "spa", "bv", "nv", "oy", "ab", "aps", "plc", "co", "company", "corp"}
    | {"corporation", "ooo", "oao", "zao", "pao", "jsc", "pjsc", "ojsc", "eurl", "scop", "asbl"}
    | {"kft", "doo", "dd", "the", "of", "de", "du", "des", "la", "le", "les", "el", "al", "and"}
    | {"et", "y", "und"}
)
# One sound, several spellings: what is left of a word when they are made one.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(.)\1+", r"\1"),
        (r"tch|tsch|sch|sh|ch|dj|dzh|zh", "j"),
        (r"ph", "f"),
        (r"ck|kh|q|x|ks", "k"),
        (r"gh", "g"),
        (r"dh", "d"),
        (r"th", "t"),
        (r"c(?=[eiy])|z|ts", "s"),
        (r"c", "k"),
        (r"[vwb]", "v"),
        (r"h", ""),
        (r"(?<=.)[aeiouy]+", ""),
        (r"^[aeiouy]+", "a"),
        (r"(.)\1+", r"\1"),
    )
)
_FEW: Final = 3
_LONG: Final = 6
_LEAST_WORD: Final = 75  # below this, two words are strangers
_SAME_SOUND: Final = 90


class Likeness(enum.StrEnum):
    """Why two names count as alike."""

    SAME = "same"
    ORDER = "order"
    CONTAINED = "contained"
    SPELLING = "spelling"


@dataclass(frozen=True)
class Scored:
    """How alike two names are, in percent, and why."""

    score: int
    why: Likeness


def fold(name: str) -> str:
    """Write a name in small plain letters: no accents, no capitals, Latin where we can."""
    plain = _APOSTROPHES.sub("", name).casefold().translate(_LETTERS)
    apart = unicodedata.normalize("NFKD", plain)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    # Letters that came apart only now: й is и and a breve.
    return bare.translate(_LETTERS)


def words(name: str) -> tuple[str, ...]:
    """Cut a name into folded words, without legal forms unless nothing else is left."""
    found = tuple(_WORD.findall(fold(name)))
    kept = tuple(word for word in found if word not in _LEGAL_FORMS)
    return kept or found


@functools.lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """Return what a word sounds like, roughly: Yusuf is Youssef, Mohamed is Muhammad."""
    heard = word
    for pattern, left in _SOUNDS:
        heard = pattern.sub(left, heard)
    return heard


def alike(ours: tuple[str, ...], listed: tuple[str, ...]) -> Scored | None:
    """Compare two names word by word; None when they have too little in common."""
    if not ours or not listed:
        return None
    if "".join(ours) == "".join(listed):
        return Scored(100, Likeness.SAME)
    if sorted(ours) == sorted(listed):
        return Scored(98, Likeness.ORDER)
    short, long = sorted((ours, listed), key=len)
    if len(short) > 1 and set(short) <= set(long):
        return Scored(95 - 2 * min(len(long) - len(short), 5), Likeness.CONTAINED)
    return _spelled(short, long)


@functools.lru_cache(maxsize=100_000)
def word_likeness(one: str, other: str) -> int:
    """Compare two words: their letters, and failing that their sound; in percent."""
    if one == other:
        return 100
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < _FEW:
        return 0
    by_letters = 100 * (longest - _distance(one, other)) // longest
    heard = sound(one)
    # What sounds like two letters alone, as Mohamed does, is told only of longer words.
    told = len(heard) >= _FEW or (len(heard) > 1 and min(len(one), len(other)) >= _LONG)
    return max(by_letters, _SAME_SOUND if told and heard == sound(other) else 0)


def _spelled(short: tuple[str, ...], long: tuple[str, ...]) -> Scored | None:
    """Pair each word of the shorter name with its best partner, the surest pair first."""
    if len(short) == 1 and len(long) > 1:
        return None
    pairs = sorted(
        (
            (word_likeness(one, other), place, partner)
            for place, one in enumerate(short)
            for partner, other in enumerate(long)
        ),
        reverse=True,
    )
    taken: dict[int, int] = {}
    used: set[int] = set()
    for likeness, place, partner in pairs:
        if place not in taken and partner not in used and likeness >= _LEAST_WORD:
            taken[place] = likeness
            used.add(partner)
    if len(taken) < len(short):
        return None
    weight = sum(len(word) for word in short)
    score = sum(taken[place] * len(word) for place, word in enumerate(short)) // weight
    return Scored(score - 2 * min(len(long) - len(short), 5), Likeness.SPELLING)


def _distance(one: str, other: str) -> int:
    """Count the letters to change, add, drop or swap with a neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if earlier and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]


class NameIndex:
    """Many names, found by words that are like theirs; so that not all are compared with all.

    Parameters
    ----------
    names
        The names, each with the key it is found by.
    """

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self._cut = [(key, words(name)) for key, name in names]
        self._by_word: defaultdict[str, set[int]] = defaultdict(set)
        self._whole: defaultdict[str, set[int]] = defaultdict(set)
        for place, (_key, cut) in enumerate(self._cut):
            for word in cut:
                self._by_word[word].add(place)
            self._whole["".join(cut)].add(place)
        self._by_pair: defaultdict[str, list[str]] = defaultdict(list)
        self._by_sound: defaultdict[str, list[str]] = defaultdict(list)
        for word in self._by_word:
            self._by_sound[sound(word)].append(word)
            for pair in _pairs(word):
                self._by_pair[pair].append(word)
        self._near: dict[str, frozenset[int]] = {}

    def like(self, name: str, *, least: int) -> Mapping[int, Scored]:
        """Return the best score of each key whose name is like this one."""
        ours = words(name)
        # How many of our words have a partner in each name: too few, and it is a stranger.
        partners = Counter(place for word in set(ours) for place in self._places(word))
        candidates = {
            place
            for place, count in partners.items()
            if count >= min(len(set(ours)), len(set(self._cut[place][1])))
        }
        # An organisation may be written in one word here and in two there.
        candidates |= self._whole.get("".join(ours), set())
        best: dict[int, Scored] = {}
        for place in candidates:
            key, cut = self._cut[place]
            found = alike(ours, cut)
            if found and found.score >= least and found.score > best.get(key, _NONE).score:
                best[key] = found
        return best

    def _places(self, word: str) -> frozenset[int]:
        """Find the names that have a word like this one."""
        if word not in self._near:
            near = {word, *self._by_sound.get(sound(word), ())}
            shared = Counter(one for pair in _pairs(word) for one in self._by_pair.get(pair, ()))
            # A change of a letter costs two pairs of neighbours, a swap three.
            enough = len(word) + 1 - 3 * max(len(word) // 4, 1)
            letters = set(word)
            near.update(
                other
                for other, count in shared.items()
                if count >= enough
                # cheap questions before the dear one
                and abs(len(other) - len(word)) <= (slack := max(len(word), len(other)) // 4)
                and len(letters.difference(other)) <= slack
                and len(set(other).difference(word)) <= slack
                and word_likeness(word, other) >= _LEAST_WORD
            )
            self._near[word] = frozenset(
                place for other in near for place in self._by_word.get(other, ())
            )
        return self._near[word]


def _pairs(word: str) -> frozenset[str]:
    told = f"^{word}$"
    return frozenset(told[i : i + 2] for i in range(len(told) - 1))


_NONE: Final = Scored(0, Likeness.SPELLING)
