"""Which airport or city does somebody mean, in whatever language it is written?

The index lives in memory: folded names in many languages with every word start, sorted, and
trigrams that are only made when a typing error has to be forgiven.
"""

from __future__ import annotations

import bisect
import functools
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from calculators.errors import AmbiguousPlace, UnknownPlace
from calculators.flight.datasets import dataset
from calculators.flight.names import fold, trigrams

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from calculators.flight.datasets import Dataset

_CODE: Final = re.compile(r"[A-Za-z]{3}")
_BRACKETED: Final = re.compile(r"\(\s*([A-Za-z]{3})\s*\)")
_CODE_WORD: Final = re.compile(r"\b[A-Z]{3}\b")
_ICAO: Final = re.compile(r"[A-Za-z]{4}")
_BESIDE: Final = frozenset(
    ("airport", "aeroport", "aeropuerto", "international", "intl", "terminal", "apt", "city")
)  # words that may stand beside a code without being part of the name
_SHORT: Final = 2  # letters up to which the best answers are kept ready
_READY: Final = 40  # answers kept for each short beginning
_ALIKE: Final = 0.4  # least share of common trigrams for a name to count as a typing error
_SUGGESTED: Final = 5
_LONG_WORD: Final = 5  # letters from which a single word of a name can be mistyped

_EXACT, _ALIAS, _BEGINS, _WORD, _NOT = range(5)  # closeness of a name, best first
_COMPARABLE: Final = 7  # times a rank up to which a namesake is told
_ONE_CITY: Final = 1.5  # degrees
_FAR_SMALLER: Final = 5  # times a rank from which a namesake is not what a traveller means


@dataclass(frozen=True, slots=True)
class Place:
    """An airport with scheduled service, or a city that has a code of its own.

    Attributes
    ----------
    code : str
        IATA code.
    kind : "airport" or "city"
        A city code such as PAR stands for all its airports.
    name : str
        Name of the airport, or of the city.
    city : str
        City the airport serves, in English.
    country : str
        ISO 3166 two-letter code.
    country_name : str
        Country in English.
    latitude, longitude : float
        Position [degrees]; a city is computed from its largest airport.
    rank : int
        1 is the largest airport by class, runways and city; a city ranks as its largest airport.
    airports : tuple[str, ...]
        Codes of a city's airports, largest first; empty for an airport.
    """

    code: str
    kind: Literal["airport", "city"]
    name: str
    city: str
    country: str
    country_name: str
    latitude: float
    longitude: float
    rank: int
    airports: tuple[str, ...] = ()

    @property
    def main_airport(self) -> str:
        """The airport the place is computed from."""
        return self.airports[0] if self.airports else self.code

    def as_json(self) -> dict[str, object]:
        """Return the place as plain values."""
        return {
            "code": self.code,
            "kind": self.kind,
            "name": self.name,
            "city": self.city,
            "country": self.country,
            "country_name": self.country_name,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "rank": self.rank,
            "airports": list(self.airports),
        }


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    """Every place by code, and the folded names it answers to."""

    places: dict[str, Place]
    names: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Index:
    """Word starts of all names, sorted, each with its length, closeness and place.

    Places are numbered by size, so that the number is the order among equals.
    """

    places: tuple[Place, ...]
    starts: tuple[str, ...]
    length: NDArray[np.int16]
    closeness: NDArray[np.int8]
    whole: NDArray[np.int8]
    place: NDArray[np.int32]
    ready: dict[str, tuple[int, ...]]


def _airport(row: dict[str, str], countries: dict[str, str]) -> Place:
    return Place(
        row["code"],
        "airport",
        row["name"],
        row["city"],
        row["country"],
        countries.get(row["country"], row["country"]),
        float(row["latitude"]),
        float(row["longitude"]),
        int(row["rank"]),
    )


def _metropolis(row: dict[str, str], places: dict[str, Place]) -> Place:
    members = sorted((places[code] for code in row["members"].split()), key=lambda p: p.rank)
    main = members[0]
    return Place(
        row["code"],
        "city",
        row["name"],
        row["name"],
        row["country"],
        main.country_name,
        main.latitude,
        main.longitude,
        main.rank,
        tuple(member.code for member in members),
    )


def _split(names: str) -> list[str]:
    return names.split("|") if names else []


@functools.cache
def by_code(data: Dataset) -> dict[str, Place]:
    """Return every airport and city of a data set by its IATA code."""
    countries = {row["country"]: row["name"] for row in data.rows("countries")}
    places = {row["code"]: _airport(row, countries) for row in data.rows("airports")}
    for row in data.rows("metropolitan"):
        places[row["code"]] = _metropolis(row, places)
    return places


@functools.cache
def _gazetteer(data: Dataset) -> _Gazetteer:
    """Return places and names; apart from `by_code` because names take ten times as long."""
    places = by_code(data)
    cities = {row["city_id"]: _split(row["names"]) for row in data.rows("cities")}
    names: dict[str, frozenset[str]] = {}
    for row in data.rows("airports"):
        place = places[row["code"]]
        own = [fold(place.name), fold(place.city), *_split(row["names"])]
        names[place.code] = frozenset(own + cities.get(row["city_id"], []))
    for row in data.rows("metropolitan"):
        place = places[row["code"]]
        names[place.code] = frozenset([fold(place.name), *cities[row["city_id"]]])
        for member in place.airports:
            names[member] |= names[place.code]
    return _Gazetteer(places, names)


def _word_starts(name: str, whole: int) -> Iterable[tuple[str, int, int]]:
    """Yield (text, closeness when it begins so, closeness when it is all of it)."""
    yield name, _BEGINS, whole
    for position, letter in enumerate(name):
        if letter == " ":
            yield name[position + 1 :], _WORD, _WORD


def _order(place: Place) -> tuple[int, bool]:
    return place.rank, place.kind == "airport"


def _ready(places: tuple[Place, ...], names: dict[str, frozenset[str]]) -> dict[str, list[int]]:
    best: dict[str, dict[int, None]] = defaultdict(dict)
    for number, place in enumerate(places):
        for name in names[place.code]:
            for length in range(1, _SHORT + 1):
                if len(found := best[name[:length]]) < _READY:
                    found[number] = None
    return {start: list(numbers) for start, numbers in best.items()}


@functools.cache
def _index(data: Dataset) -> _Index:
    book = _gazetteer(data)
    places = tuple(sorted(book.places.values(), key=_order))
    entries = []
    for number, place in enumerate(places):
        own = {fold(place.name), fold(place.city)}
        for name in book.names[place.code]:
            whole = _EXACT if name in own else _ALIAS
            entries += [(*start, number) for start in _word_starts(name, whole)]
    entries.sort()
    starts, closeness, whole_name, numbers = zip(*entries, strict=True)
    return _Index(
        places,
        starts,
        np.array([len(start) for start in starts], dtype=np.int16),
        np.array(closeness, dtype=np.int8),
        np.array(whole_name, dtype=np.int8),
        np.array(numbers, dtype=np.int32),
        {start: tuple(found) for start, found in _ready(places, book.names).items()},
    )


@functools.cache
def _by_trigram(data: Dataset) -> tuple[dict[str, list[int]], tuple[tuple[str, int], ...]]:
    whole = {name for names in _gazetteer(data).names.values() for name in names}
    words = {word for name in whole for word in name.split() if len(word) >= _LONG_WORD}
    names = sorted(whole | words)
    table: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, name in enumerate(names):
        pieces = trigrams(name)
        sizes.append((name, len(pieces)))
        for piece in pieces:
            table[piece].append(number)
    return dict(table), tuple(sizes)


def _by_beginning(data: Dataset, folded: str) -> list[tuple[int, Place]]:
    """Return (closeness, place) of every place with a name or word that begins so, best first."""
    index = _index(data)
    if len(folded) <= _SHORT:
        return [(_BEGINS, index.places[number]) for number in index.ready.get(folded, ())]
    first = bisect.bisect_left(index.starts, folded)
    last = bisect.bisect_right(index.starts, folded + "\U0010ffff")
    part = slice(first, last)
    all_of_it = index.length[part] == len(folded)
    closeness = np.where(all_of_it, index.whole[part], index.closeness[part])
    best = np.full(len(index.places), _NOT, dtype=np.int8)
    np.minimum.at(best, index.place[part], closeness)
    found = np.flatnonzero(best < _NOT)
    ordered = found[np.argsort(np.maximum(best[found], _ALIAS), kind="stable")]
    return [(int(best[number]), index.places[number]) for number in ordered.tolist()]


def _called(data: Dataset, name: str) -> list[str]:
    """Return the codes of places with this name, or with this word in a name."""
    names = _gazetteer(data).names
    return [
        place.code
        for _, place in _by_beginning(data, name)
        if name in {part for other in names[place.code] for part in (other, *other.split())}
    ]


def _by_likeness(data: Dataset, folded: str) -> list[Place]:
    """Return places whose name shares most trigrams with a mistyped one, best first."""
    table, sizes = _by_trigram(data)
    pieces = trigrams(folded)
    shared: dict[int, int] = defaultdict(int)
    for piece in pieces:
        for number in table.get(piece, ()):
            shared[number] += 1
    score = {}
    for number, count in shared.items():
        name, size = sizes[number]
        likeness = count / (len(pieces) + size - count)
        if likeness >= _ALIKE:
            score[name] = likeness
    alike = sorted(score, key=lambda name: (-score[name], name))[:_READY]
    book = _gazetteer(data)
    best: dict[str, float] = {}
    for name in alike:
        for code in _called(data, name):
            best.setdefault(code, score[name])
    codes = sorted(best, key=lambda code: (-best[code], _order(book.places[code])))
    return [book.places[code] for code in codes]


def find(code: str, data: Dataset | None = None) -> Place:
    """Return the airport or city of an IATA code, in any case of letters.

    Raises
    ------
    UnknownPlace
        With the nearest codes and names as suggestions.
    """
    data = data or dataset()
    place = by_code(data).get(code.strip().upper())
    if place is None:
        raise UnknownPlace({"given": code.strip()}, _suggestions(data, code))
    return place


def _suggestions(data: Dataset, text: str) -> tuple[str, ...]:
    """Return places whose code differs in one letter, then places of such a name."""
    wanted = text.strip().upper()
    book = by_code(data)
    near = [
        place
        for code, place in book.items()
        if len(wanted) == len(code) and sum(map(str.__eq__, wanted, code)) == len(code) - 1
    ]
    places = dict.fromkeys([*sorted(near, key=_order), *_search(data, text, _SUGGESTED)])
    return tuple(f"{place.code} ({place.name})" for place in places)[:_SUGGESTED]


@functools.lru_cache(maxsize=4096)
def _search(data: Dataset, query: str, limit: int) -> tuple[Place, ...]:
    text = query.strip()
    folded = fold(text)
    if not folded:
        return ()
    book = by_code(data)
    first = [book[text.upper()]] if text.upper() in book else []
    first += [book[code] for place in first for code in place.airports]
    found = [place for _, place in _by_beginning(data, folded)]
    if not first and not found:
        found = _by_likeness(data, folded)
    unique = dict.fromkeys([*first, *found])
    return tuple(unique)[:limit]


def prepare(data: Dataset | None = None) -> None:
    """Build the indexes now, so that no first search waits for them; a server calls it at start."""
    data = data or dataset()
    _index(data)
    _by_trigram(data)


def search(query: str, limit: int = 8, data: Dataset | None = None) -> tuple[Place, ...]:
    """Return the places a text may mean, best first.

    Parameters
    ----------
    query : str
        A code, a name in any language of the data, or the beginning of one.
    limit : int
        Most answers wanted.
    data : Dataset, optional
        The data set; the latest when absent.

    Returns
    -------
    tuple[Place, ...]
        An exact code first, then exact names, beginnings of names, beginnings of words, each by
        size. Only when nothing of this is found, names that are spelled alike.
    """
    return _search(data or dataset(), query, limit)


def _first_code(data: Dataset, codes: Iterable[str]) -> Place | None:
    book = by_code(data)
    return next((book[code.upper()] for code in codes if code.upper() in book), None)


@functools.cache
def by_icao(data: Dataset) -> dict[str, str]:
    """Return the IATA code of every airport by its ICAO code."""
    return {row["icao"]: row["code"] for row in data.rows("airport_icao")}


def is_name(text: str, data: Dataset) -> bool:
    """Tell whether some place is called so, in whole."""
    return any(closeness <= _ALIAS for closeness, _ in _by_name(data, text))


def _worded(data: Dataset, text: str) -> Place | None:
    """Return the place of a code in a text whose other words are of the place's own names.

    Any other word may be a second place or a sign that is not understood: it is never left out.
    """
    for code in reversed(_CODE_WORD.findall(text)):
        place = by_code(data).get(code)
        if place is None:
            continue
        own = {word for name in _gazetteer(data).names[code] for word in name.split()}
        own |= {*fold(place.country).split(), *fold(place.country_name).split(), *_BESIDE}
        others = fold(text.replace(code, " ")).split()
        if all(word in own or word[-1].isdigit() for word in others):  # T2, Terminal 4
            return place
    return None


def _in_country(hits: list[tuple[int, Place]], country: str) -> list[tuple[int, Place]]:
    wanted = fold(country)
    return [
        (closeness, place)
        for closeness, place in hits
        if wanted in {fold(place.country), fold(place.country_name)}
    ]


def _by_name(data: Dataset, text: str) -> list[tuple[int, Place]]:
    """Return hits of a name, or of a name before a comma in the country after it."""
    hits = _by_beginning(data, fold(text)) if fold(text) else []
    name, comma, country = text.rpartition(",")
    if not hits and comma:
        hits = _in_country(_by_beginning(data, fold(name)), country)
    return hits


def _equals(hits: list[tuple[int, Place]]) -> list[Place]:
    """Return the places among hits that a text fits equally well.

    A place of just this name comes before one that is only also called so, unless that one is far
    larger: "Manchester" is not Richmond, but "Roma" is Rome before it is Roma in Queensland.
    """
    level = max(hits[0][0], _ALIAS)
    named = [place.rank for closeness, place in hits if closeness == _EXACT]
    limit = min(named) / _FAR_SMALLER if named else math.inf
    return [
        place
        for closeness, place in hits
        if closeness == _EXACT or (closeness == level and place.rank < limit)
    ]


def _meant(places: list[Place]) -> Place | None:
    """Return the one place that names as good as these plainly mean, or nothing."""
    covered = {code for place in places for code in place.airports}
    tops = [place for place in places if place.code not in covered]
    largest = tops[0]
    others = [place for place in tops if place.city != largest.city]
    far_smaller = all(place.rank > _FAR_SMALLER * largest.rank for place in others)
    return largest if far_smaller else None


def doubt(text: str, taken: Place, data: Dataset) -> str:
    """Return what to tell of a name that is also that of other places; mostly nothing.

    Parameters
    ----------
    text : str
        As it was given.
    taken : Place
        What it resolved to.
    data : Dataset
        The data set.
    """
    hits = _by_name(data, text)
    own = next((closeness for closeness, place in hits if place == taken), _EXACT)
    others = [
        place
        for closeness, place in hits
        if closeness <= _ALIAS
        and _apart(taken, place)
        and (closeness < own or place.rank < _COMPARABLE * taken.rank)
    ]
    if not others:
        return ""
    named = " or ".join(f"{place.code} ({place.city}, {place.country})" for place in others[:2])
    return f"{text.strip()!r} is read as {taken.code} ({taken.city}, {taken.country}), not {named}"


def _apart(one: Place, other: Place) -> bool:
    """Tell whether two places are not of one city: more than a degree or two apart."""
    east = abs(one.longitude - other.longitude) * math.cos(math.radians(one.latitude))
    return math.hypot(one.latitude - other.latitude, min(east, 360 - east)) > _ONE_CITY


def resolve(text: str, data: Dataset | None = None) -> Place:
    """Return the one place a traveller means.

    Parameters
    ----------
    text : str
        A code ("CDG", "par", "LFPG"), a code beside a name of the place ("Paris CDG", "CDG Paris",
        "Charles de Gaulle (CDG)"), a name in any language, or a name and a country ("Birmingham,
        GB").
    data : Dataset, optional
        The data set; the latest when absent.

    Raises
    ------
    AmbiguousPlace
        When names of several cities fit equally well; `.candidates` holds them, best first.
    UnknownPlace
        When nothing fits; `.suggestions` holds what is spelled alike.
    """
    data = data or dataset()
    text = text.strip()
    alone = [text] if _CODE.fullmatch(text) else _BRACKETED.findall(text)
    coded = _first_code(data, alone)
    if coded is not None:
        return coded
    if _ICAO.fullmatch(text) and text.upper() in by_icao(data) and not is_name(text, data):
        return by_code(data)[by_icao(data)[text.upper()]]
    hits = _by_name(data, text)
    if not hits:
        # Last, or "LOS ANGELES" would be Lagos.
        coded = _worded(data, text)
        if coded is None:
            raise UnknownPlace({"given": text}, _suggestions(data, text))
        return coded
    best = _equals(hits)
    meant = _meant(best)
    if meant is None:
        raise AmbiguousPlace({"given": text}, tuple(best[:8]))
    return meant
