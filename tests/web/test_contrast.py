"""Whether every pair of tokens that meet can be read: WCAG's ratio, from the tokens themselves."""

import re

import pytest

from offset.web.static_files import ROOT

TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "link") for ground in ("bg", "surface")),
    *((ink, "surface-2", TEXT) for ink in ("ink", "ink-2")),
    ("action-ink", "action", TEXT),
    ("action-ink", "action-hover", TEXT),
    ("selected-ink", "selected", TEXT),
    ("ink", "selected-soft", TEXT),
    *((kind, f"{kind}-bg", TEXT) for kind in ("ok", "warn", "bad", "info")),
    ("bad", "surface", TEXT),
    ("bad", "bg", TEXT),
    ("warn", "surface", TEXT),
    ("projected-ink", "bg", TEXT),
    ("projected-ink", "surface", TEXT),
    *((f"hz-{layer}-ink", f"hz-{layer}", TEXT) for layer in "oabc"),
    ("deep-ink", "deep", TEXT),
    ("deep-ink-2", "deep", TEXT),
    ("deep-link", "deep", TEXT),
    ("ink", "sky", TEXT),
    ("ink-2", "sky", TEXT),
    ("link", "sky", TEXT),
    ("ink", "band", TEXT),
    ("control", "surface", GRAPHIC),
    ("control", "bg", GRAPHIC),
    ("focus", "bg", GRAPHIC),
    ("focus", "surface", GRAPHIC),
    ("focus", "deep", GRAPHIC),
    ("hz-o-ink", "hz-o", GRAPHIC),
    ("funded", "surface", GRAPHIC),
    ("funded", "track", GRAPHIC),
    ("funded-2", "surface", GRAPHIC),
    ("funded-2", "track", GRAPHIC),
    ("selected", "surface", GRAPHIC),
    ("rail", "bg", GRAPHIC),
    ("baseline", "bg", GRAPHIC),
    ("projected", "surface", GRAPHIC),
    ("projected", "band", GRAPHIC),
    ("measured", "surface", GRAPHIC),
    ("measured", "band", GRAPHIC),
    ("emit", "bg", GRAPHIC),
    ("emit", "map-land", GRAPHIC),
    ("emit", "map-sea", GRAPHIC),
    ("map-coast", "map-sea", GRAPHIC),
]


def palettes() -> dict[str, dict[str, str]]:
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "css/tokens.css").read_text(), flags=re.DOTALL)
    light, _, rest = text.partition("@media screen and (prefers-color-scheme: dark)")
    dark, _, _ = rest.partition("@media print")

    def read(block: str) -> dict[str, str]:
        return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))

    return {"light": read(light), "dark": {**read(light), **read(dark)}}


def colour(palette: dict[str, str], name: str) -> tuple[float, float, float]:
    value = palette[name].strip()
    if value.startswith("var("):
        return colour(palette, value[6:-1])
    digits = value.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(each * 2 for each in digits)
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def luminance(rgb: tuple[float, float, float]) -> float:
    """Return relative luminance, WCAG 2.2, definition of the term."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(palette: dict[str, str], one: str, other: str) -> float:
    high, low = sorted(
        (luminance(colour(palette, one)), luminance(colour(palette, other))), reverse=True
    )
    return (high + 0.05) / (low + 0.05)


def test_the_measure_knows_black_on_white_and_a_published_pair() -> None:
    known = {"black": "#000", "white": "#fff", "grey": "#767676"}
    assert contrast(known, "black", "white") == pytest.approx(21)
    assert contrast(known, "grey", "white") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_tokens_that_meet_can_be_told_apart(
    scheme: str, one: str, other: str, least: float
) -> None:
    assert contrast(palettes()[scheme], one, other) >= least


def test_components_name_no_raw_colour() -> None:
    raw = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    for name in ("base", "desk", "airports"):
        assert not raw.findall((ROOT / f"css/{name}.css").read_text()), name
