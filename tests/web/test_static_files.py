import gzip
import hashlib
import tomllib
from importlib import util
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from offset.web.static_files import ROOT, StaticFiles, static_url

VENDOR = ROOT / "vendor"


def test_a_file_is_named_after_its_content_and_never_asked_for_again(
    app: Flask, client: FlaskClient
) -> None:
    with app.test_request_context("/fr/anything", base_url="http://localhost"):
        address = static_url("css/base.css")
    assert address.startswith("/static/css/base.")
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_style_sheet_travels_compressed_where_it_may(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = static_url("css/base.css")
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get(address).data
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_a_font_travels_as_it_is(app: Flask, client: FlaskClient) -> None:
    name = "vendor/source-sans-3-5.3.0/source-sans-3-latin-wght-normal.woff2"
    with app.test_request_context():
        address = static_url(name)
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Type"] == "font/woff2"
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (ROOT / name).read_bytes()


def test_addresses_inside_a_sheet_lead_to_the_hashed_files() -> None:
    files = StaticFiles(ROOT)
    sheet = files.by_name["css/base.css"].body.decode()
    font = files.by_name["vendor/source-serif-4-5.3.1/source-serif-4-latin-wght-normal.woff2"]
    assert f"url(../{font.address})" in sheet


def test_a_sheet_that_names_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text('p { background: url("none.png") } q { background: url(#x) }')
    with pytest.raises(KeyError, match=r"none\.png"):
        StaticFiles(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "css/base.css",
        "css/base.000000000000.css",
        "vendor/build.py",
        "../config.py",
        "%2e%2e/app.py",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_vendored_files_are_the_ones_that_were_recorded() -> None:
    told = tomllib.loads((VENDOR / "VENDOR.toml").read_text())
    for package in told["package"]:
        folder = VENDOR / package["folder"]
        assert {path.name for path in folder.iterdir()} == set(package["sha256"])
        for name, digest in package["sha256"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_list_of_third_parties_is_the_generated_one() -> None:
    spec = util.spec_from_file_location("vendor_build", VENDOR / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build.PAPER.read_text() == build.paper()


def test_no_sheet_or_script_asks_another_site() -> None:
    for path in [*ROOT.glob("css/*.css"), *ROOT.glob("js/*.js")]:
        assert "http:" not in path.read_text(), path
        assert "https:" not in path.read_text(), path
        assert "@import" not in path.read_text(), path


def test_sheets_speak_in_logical_directions() -> None:
    for path in ROOT.glob("css/*.css"):
        for word in (
            "margin-left",
            "margin-right",
            "padding-left",
            "padding-right",
            "text-align: left",
        ):
            assert word not in path.read_text(), (path, word)
