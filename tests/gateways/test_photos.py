"""Is only a photo taken for one, judged before it is unpacked, and known again when it returns?"""

import contextlib
import io
import struct
import tracemalloc
import warnings
import zlib

import pytest
from PIL import Image, ImageDraw, ImageOps

from offset.errors import InvalidInput
from offset.gateways import photos
from offset.projects.photos import NEAR_BITS, apart


def a_scene(seed: int = 1, size: tuple[int, int] = (900, 600)) -> Image.Image:
    """A picture with enough in it to be told from another."""
    picture = Image.new("RGB", size, (180, 200, 230))
    draw = ImageDraw.Draw(picture)
    state = seed
    for _ in range(24):
        state = (state * 1103515245 + 12345) % 2**31
        x, y = state % size[0], state // 7 % size[1]
        tone = state // 13 % 255
        draw.ellipse((x, y, x + 160, y + 120), fill=(tone, 255 - tone, tone // 2))
    return picture


def written(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, kind, **how)
    return kept.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as told:
        photos.prepare(data)
    assert told.value.field == "photo"
    return told.value.code


def a_png_that_says(width: int, height: int) -> bytes:
    """A PNG whose head promises a size that nobody has drawn."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF)
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 10_000), (7_100, 7_100), (21_000, 3), (3, 2**31 - 1)])
def test_a_photo_of_200_megapixels_is_refused_before_it_is_unpacked(
    size: tuple[int, int],
) -> None:
    tracemalloc.start()
    try:
        assert refusal(a_png_that_says(*size)) == "photo_too_large"
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_fifty_megapixels_are_the_limit_of_what_is_judged_by_its_head() -> None:
    # The head is fine, and then there are no pixels behind it.
    assert refusal(a_png_that_says(7_000, 7_000)) == "photo_unreadable"


JPEG = written(a_scene(size=(64, 64)))
PNG = written(a_scene(size=(64, 64)), "PNG")
WEBP = written(a_scene(size=(64, 64)), "WEBP")
ZIP = b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (JPEG + ZIP, "photo_two_files"),
        (PNG + ZIP, "photo_two_files"),
        (WEBP + ZIP, "photo_two_files"),
        (JPEG + b"<?php system($_GET['x']);", "photo_two_files"),
        (PNG + b"\n<!DOCTYPE html><p>", "photo_two_files"),
        (PNG + b"%PDF-1.7", "photo_two_files"),
        (WEBP + b"MZ" + bytes(64), "photo_two_files"),
        (JPEG[:2] + b"\xff\xfe\x00\x10%PDF-1.4\n%\xe2\xe3\xcf" + JPEG[2:], "photo_two_files"),
        (
            written(a_scene(size=(64, 64)), comment=b"<script>alert(1)</script>"),
            "photo_two_files",
        ),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_unreadable"),
        (written(a_scene(size=(64, 64)), "GIF"), "photo_unreadable"),
        (written(a_scene(size=(64, 64)), "BMP"), "photo_unreadable"),
        (written(a_scene(size=(64, 64)), "TIFF"), "photo_unreadable"),
        (b"%PDF-1.7\n", "photo_unreadable"),
        (b"MZ" + bytes(500), "photo_unreadable"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "photo_heic"),
        (JPEG[: len(JPEG) // 2], "photo_unreadable"),
        (PNG[: len(PNG) // 2], "photo_unreadable"),
        (b"RIFF\xff\xff\xff\xffWEBP", "photo_unreadable"),
        (b"\xff\xd8\xff", "photo_unreadable"),
        (b"", "photo_unreadable"),
    ],
)
def test_what_is_no_photo_or_more_than_one_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_moving_pictures_are_refused(kind: str) -> None:
    frames = [a_scene(seed, (64, 64)) for seed in (1, 2)]
    data = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert refusal(data) == "photo_animated"


def test_notes_of_a_camera_that_make_no_sense_are_a_fault_of_the_file() -> None:
    notes = Image.Exif()
    notes[0x0112], notes[0x011A] = 6, 72.0
    data = written(a_scene(size=(64, 64)), exif=notes)
    place = data.index(b"Exif") + 31
    # a resolution that is said to be a text
    for kind in (1, 2, 7):
        with warnings.catch_warnings(), contextlib.suppress(InvalidInput):
            warnings.simplefilter("ignore", UserWarning)
            photos.prepare(data[:place] + bytes([kind]) + data[place + 1 :])


def test_a_text_that_unpacks_to_much_is_refused() -> None:
    bomb = zlib.compress(b"a" * 8_000_000)
    body = b"Comment\0\0" + bomb
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + body) & 0xFFFFFFFF)
    assert refusal(PNG[:33] + chunk + PNG[33:]) == "photo_unreadable"


def test_telephones_add_a_second_picture_or_a_film_which_is_left_out() -> None:
    made = photos.prepare(JPEG + JPEG)
    assert (made.width, made.height) == (64, 64)
    photos.prepare(JPEG + b"\x00\x00\x00\x18ftypmp42" + bytes(2_000))
    photos.prepare(JPEG + b"\r\n\0")


def test_a_photo_is_known_again_however_it_was_sent() -> None:
    scene = a_scene()
    look = photos.look_of(scene)
    again = (
        scene.resize((450, 300)),
        Image.open(io.BytesIO(written(scene, quality=40))),
        ImageOps.mirror(scene),
        ImageOps.autocontrast(scene),
        scene.crop((4, 4, 896, 596)),
    )
    for other in again:
        assert apart(photos.look_of(other), look) <= NEAR_BITS
    for seed in range(2, 8):
        assert apart(photos.look_of(a_scene(seed)), look) > 2 * NEAR_BITS


def test_a_sheet_of_one_colour_looks_like_nothing() -> None:
    plain = photos.look_of(Image.new("RGB", (300, 200), "green"))
    assert apart(plain, plain) == 128
    assert apart("", plain) == apart(plain, "") == 128
