"""Are the drawings made of numbers only, and to scale?"""

import re
import runpy
from pathlib import Path

from offset.web import drawings
from offset.web.drawings import Layer

FOLDER = Path(drawings.__file__).resolve().parents[1] / "static" / "drawings"


def test_the_committed_file_is_what_the_code_draws() -> None:
    made = runpy.run_path(str(FOLDER / "build.py"))["written"]()
    assert (FOLDER / "profile.svg").read_text("utf-8") == made


def test_drawings_hold_no_colour_and_no_style() -> None:
    text = (FOLDER / "profile.svg").read_text("utf-8")
    assert not re.search(r'(style=|fill="(?!none)|stroke="|#[0-9a-f]{3,6})', text)


def test_layers_are_to_scale_and_pale_with_less_carbon() -> None:
    strip = drawings.strip(
        (Layer(0, 10, 24.0), Layer(10, 30, 9.0), Layer(30, 60, 2.9)), "grass", seed=3
    )
    top, middle, bottom = strip.bands
    assert [band.tone for band in strip.bands] == [1, 3, 6]
    assert top.light_text
    assert not bottom.light_text
    assert abs(bottom.height - 1.5 * middle.height) < 0.1  # written to a tenth of a pixel
    assert abs(top.y + top.height - middle.y) < 0.1


def test_a_layer_is_never_thinner_than_its_label() -> None:
    strip = drawings.strip((Layer(0, 2, 5.0), Layer(2, 100, 4.0)), "crops")
    assert strip.bands[0].height >= 16


def test_unknown_soil_pales_with_depth_and_may_go_unlabelled() -> None:
    strip = drawings.strip((Layer(0, 30, note="x"), Layer(30, 60, labelled=False)), "trees")
    first, second = strip.bands
    assert first.tone < second.tone
    assert (first.depth, first.note) == ("0–30 cm", "x")
    assert second.depth == ""


def test_plants_follow_the_practice() -> None:
    assert drawings.vegetation_for("agroforestry") == "trees"
    assert drawings.vegetation_for("mangrove_restoration") == "trees"
    assert drawings.vegetation_for("grazing_management") == "grass"
    assert drawings.vegetation_for("cover_crops") == "grass"
    assert drawings.vegetation_for("compost_manure") == "crops"


def test_the_same_seed_draws_the_same_soil() -> None:
    layers = (Layer(0, 30), Layer(30, 60))
    assert drawings.strip(layers, "crops", seed=5) == drawings.strip(layers, "crops", seed=5)
    assert drawings.strip(layers, "crops", seed=5) != drawings.strip(layers, "crops", seed=6)
