"""Does a picture come out without its metadata, and no file outside its folder?"""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from offset.errors import InvalidInput, NotFound
from offset.gateways import files, photos
from offset.gateways.files import DiskFiles

PLACE = 0x8825  # the GPS block of EXIF
ORIENTATION = 0x0112
OWNER = 0x8298  # copyright


@pytest.fixture
def kept(tmp_path: Path) -> DiskFiles:
    return DiskFiles(tmp_path / "files")


def a_photo(
    size: tuple[int, int] = (2000, 1000), *, kind: str = "JPEG", turned: bool = False
) -> bytes:
    """A picture, red above and green below, that says where it was taken and by whom."""
    picture = Image.new("RGB", size, "red")
    picture.paste("green", (0, size[1] // 2, *size))
    exif = Image.Exif()
    exif[OWNER] = "Owner Of The Farm"
    exif.get_ifd(PLACE)[2] = (43.0, 18.0, 0.0)
    if turned:
        exif[ORIENTATION] = 6
    written = io.BytesIO()
    picture.save(written, kind, exif=exif, comment=b"a remark by the camera")
    return written.getvalue()


def read(kept: DiskFiles, key: str) -> Image.Image:
    with Image.open(io.BytesIO(kept.get(key))) as found:
        found.load()
        return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_loses_everything_but_its_pixels(kept: DiskFiles, kind: str) -> None:
    raw = a_photo(kind=kind)
    assert b"Owner Of The Farm" in raw
    stored = kept.keep_photo(raw)
    for key, width in (
        (stored.key_large, 1600),
        (stored.key_medium, 800),
        (stored.key_small, 400),
    ):
        data = kept.get(key)
        assert b"Owner" not in data
        assert b"EXIF" not in data
        assert b"remark" not in data
        found = read(kept, key)
        assert found.format == "WEBP"
        assert found.size == (width, width // 2)
        assert not found.getexif()
        assert set(found.info) <= {"loop", "background", "timestamp", "duration"}
    assert (stored.width, stored.height) == (1600, 800)


def test_a_picture_held_sideways_stands_upright(kept: DiskFiles) -> None:
    stored = kept.keep_photo(a_photo((800, 400), turned=True))
    assert (stored.width, stored.height) == (400, 800)
    red, green, _ = read(kept, stored.key_small).convert("RGB").getpixel((20, 100))  # type: ignore[misc]  # three bands
    assert green > red


def test_a_small_picture_is_never_blown_up(kept: DiskFiles) -> None:
    stored = kept.keep_photo(a_photo((300, 200)))
    assert (stored.width, stored.height) == (300, 200)
    assert stored.key_large == stored.key_medium == stored.key_small


def test_a_very_long_picture_keeps_a_pixel_of_height(kept: DiskFiles) -> None:
    stored = kept.keep_photo(a_photo((4000, 2)))
    assert read(kept, stored.key_small).size == (400, 1)


def test_what_was_transparent_is_white(kept: DiskFiles) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(written, "PNG")
    stored = kept.keep_photo(written.getvalue())
    assert read(kept, stored.key_small).convert("RGB").getpixel((25, 25)) == (255, 255, 255)


def test_the_same_bytes_have_the_same_name(kept: DiskFiles) -> None:
    key = kept.put(b"%PDF-1.7", suffix="pdf")
    assert key == hashlib.sha256(b"%PDF-1.7").hexdigest() + ".pdf"
    assert kept.put(b"%PDF-1.7", suffix="pdf") == key
    assert kept.get(key) == b"%PDF-1.7"
    assert files.media_type(key) == "application/pdf"
    assert len([path for path in kept.root.rglob("*") if path.is_file()]) == 1


def truncated() -> bytes:
    return a_photo()[:2_000]


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(40), truncated()],
    ids=["empty", "svg", "gif", "truncated"],
)
def test_what_is_no_picture_is_refused(kept: DiskFiles, data: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        kept.keep_photo(data)
    assert refusal.value.code == "photo_unreadable"


def test_a_picture_that_unpacks_too_large_is_refused(kept: DiskFiles) -> None:
    written = io.BytesIO()
    Image.new("1", (10_001, 5_000)).save(written, "PNG")
    with pytest.raises(InvalidInput) as refusal:
        kept.keep_photo(written.getvalue())
    assert refusal.value.code == "photo_too_large"


def test_too_many_bytes_are_refused_before_anything_reads_them(kept: DiskFiles) -> None:
    with pytest.raises(InvalidInput) as refusal:
        kept.keep_photo(bytes(photos.MOST_BYTES + 1))
    assert refusal.value.code == "photo_too_large"


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "a" * 64 + ".exe", "", "0" * 64 + ".webp", "0" * 64 + ".webp\n"]
)
def test_no_other_file_is_ever_read(kept: DiskFiles, key: str) -> None:
    with pytest.raises(NotFound):
        kept.get(key)


def test_unknown_kinds_of_file_are_refused(kept: DiskFiles) -> None:
    with pytest.raises(InvalidInput, match="file_type_refused"):
        kept.put(b"MZ", suffix="exe")
    with pytest.raises(NotFound):
        files.media_type("x.exe")
