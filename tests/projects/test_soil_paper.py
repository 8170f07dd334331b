"""Does the page about the file say what the reader of the file does?"""

from pathlib import Path

from calculators.soil import layer_rows, stock
from offset.projects import layer_checks, layer_files, layer_uploads
from offset.web.public.calibration import TEMPLATE

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "soil-file.md").read_text("utf-8")


def test_the_page_names_every_column_and_every_bound() -> None:
    for column in layer_rows.COLUMNS:
        assert f"`{column}`" in TEXT
    for basis in stock.BASES:
        assert f"`{basis}`" in TEXT
    for told in (
        f"0 to {stock.ORGANIC_ABOVE_PERCENT:g} % of mass",
        f"{layer_rows.LIGHTEST:g} to {stock.DENSEST:g} g/cm³",
        f"0 to {stock.DEEPEST_CM:,.0f} cm",
        f"{layer_uploads.BEFORE_START.days} days before",
        f"{layer_checks.FIELD_KM * 1000:g} m;",
        f"{layer_checks.REGION_KM:g} km",
        f"{layer_files.MOST_LAYERS:,} layers",
        f"{layer_files.MOST_BYTES // 10**6} MB, {layer_files.MOST_UNPACKED // 10**6} MB unpacked",
        f"{layer_files.MOST_MEMBERS:,}\n  parts",
    ):
        assert told in TEXT, told


def test_the_empty_table_has_the_columns_that_are_needed() -> None:
    assert set(layer_rows.ALWAYS[1:]) | {"taken_on"} <= set(TEMPLATE)
    assert all(any(one in TEMPLATE for one in names) for names in layer_rows.UNITS.values())
    assert all(column in layer_rows.COLUMNS for column in TEMPLATE)
