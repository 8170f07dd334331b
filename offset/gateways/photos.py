"""What is taken for a photo, and what is left of it? Pixels only, in three sizes.

What a file says of itself is checked before anything is unpacked: its type, its measures, and
that nothing else hides in it. What is kept is drawn anew, so that no metadata survives.
"""

import io
import re
import struct
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFile, ImageOps

from offset.errors import InvalidInput

LONGEST_SIDES: Final = (1600, 800, 400)
MOST_BYTES: Final = 20_000_000
MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 20_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 80
_LOOK: Final = 8

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_HEIC: Final = re.compile(rb"....ftyp(?:heic|heix|hevc|heim|heis|mif1|msf1|avif)", re.DOTALL)
# What a program would run or open although the beginning is a picture.
_FOREIGN: Final = re.compile(rb"<script|<html|<!doctype|<\?php|<%@|<iframe", re.IGNORECASE)
_OPENS: Final = (
    b"PK\x03\x04",
    b"%PDF-",
    b"MZ",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"GIF8",
    b"#!",
    b"<",
)
_PDF_WITHIN: Final = 1024
_ZIP_WITHIN: Final = 65_557
_ZIP_ENDS: Final = b"PK\x05\x06"
_PNG_HEAD: Final = 8

# The library's own limit holds too, should anything reach it by another way.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Prepared:
    """A photo after re-encoding, largest first, and what it looks like in 128 bits."""

    sizes: tuple[bytes, ...]
    width: int
    height: int
    look: str


def prepare(data: bytes) -> Prepared:
    """Check a file, decode it, and draw it anew in each size without metadata.

    Raises
    ------
    InvalidInput
        ``photo_too_large``, ``photo_unreadable``, ``photo_heic``, ``photo_animated`` or
        ``photo_two_files``.
    """
    if len(data) > MOST_BYTES:
        raise InvalidInput("photo_too_large", field="photo", highest=MOST_BYTES)
    _refuse_other_types(data)
    picture = _decoded(data)
    sizes = tuple(_webp(picture, side) for side in LONGEST_SIDES)
    width, height = _fitted(picture.size, LONGEST_SIDES[0])
    return Prepared(sizes, width, height, look_of(picture))


def look_of(picture: Image.Image) -> str:
    """Return 128 bits that stay nearly the same when a photo is scaled, recompressed or toned.

    Each bit says whether a patch is brighter than its neighbour: 64 along the rows, 64 along the
    columns (difference hash). Written as 32 hexadecimal digits.
    """
    grey = picture.convert("L")
    along = grey.resize((_LOOK + 1, _LOOK), Image.Resampling.BOX).tobytes()
    down = grey.resize((_LOOK, _LOOK + 1), Image.Resampling.BOX).tobytes()
    bits = [
        along[row * (_LOOK + 1) + column] > along[row * (_LOOK + 1) + column + 1]
        for row in range(_LOOK)
        for column in range(_LOOK)
    ]
    bits += [
        down[row * _LOOK + column] > down[(row + 1) * _LOOK + column]
        for row in range(_LOOK)
        for column in range(_LOOK)
    ]
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):032x}"


def _refuse_other_types(data: bytes) -> None:
    """Refuse what is no JPEG, PNG or WebP, and what is that and something else as well."""
    if _HEIC.match(data):
        raise InvalidInput("photo_heic", field="photo")
    trailer = _trailer(data)
    if trailer is None:
        raise InvalidInput("photo_unreadable", field="photo")
    hidden = (
        _FOREIGN.search(data) is not None
        or b"%PDF-" in data[:_PDF_WITHIN]
        or _ZIP_ENDS in data[-_ZIP_WITHIN:]
        or trailer.lstrip(b"\0\r\n\t ").startswith(_OPENS)
    )
    if hidden:
        raise InvalidInput("photo_two_files", field="photo")


def _trailer(data: bytes) -> bytes | None:
    """Return what follows the picture in its file, or None for what is no picture of ours.

    Telephones put a second picture or a short film behind a JPEG; both are left out.
    """
    if data.startswith(_JPEG):
        end = data.rfind(b"\xff\xd9")
        return data[end + 2 :] if end >= 0 else b""
    if data.startswith(_PNG):
        return _behind_png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        told = struct.unpack("<I", data[4:8])[0] + 8
        return data[told + told % 2 :]
    return None


def _behind_png(data: bytes) -> bytes:
    """Walk the chunks of a PNG to its end."""
    place = len(_PNG)
    while place + _PNG_HEAD <= len(data):
        size, kind = struct.unpack(">I4s", data[place : place + _PNG_HEAD])
        place += _PNG_HEAD + size + 4
        if kind == b"IEND":
            return data[place:]
    return b""


def _decoded(data: bytes) -> Image.Image:
    """Decode a picture onto a fresh canvas: pixels only, upright, without transparency."""
    # The library that draws PDFs switches this on for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            _fit_to_decode(opened)
            # A large JPEG is decoded at half, a quarter or an eighth of its size at once.
            opened.draft("RGB", (2 * LONGEST_SIDES[0], 2 * LONGEST_SIDES[0]))
            upright = ImageOps.exif_transpose(opened)
            if not upright.has_transparency_data:
                # A copy of the pixels alone: what the file said besides stays behind.
                return Image.merge("RGB", upright.convert("RGB").split())
            layered = upright.convert("RGBA")
    except InvalidInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidInput("photo_too_large", field="photo", pixels=MOST_PIXELS) from None
    # whatever else goes wrong inside a file of strangers is a picture that cannot be read
    except Exception:  # noqa: BLE001 - the decoders and the notes of cameras raise many kinds
        raise InvalidInput("photo_unreadable", field="photo") from None
    canvas = Image.new("RGB", layered.size, "white")
    canvas.paste(layered, mask=layered.getchannel("A"))
    return canvas


def _fit_to_decode(opened: Image.Image) -> None:
    """Judge the measures that a file states, before any pixel of it is unpacked."""
    width, height = opened.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise InvalidInput("photo_too_large", field="photo", pixels=MOST_PIXELS)
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
        raise InvalidInput("photo_animated", field="photo")


def _webp(picture: Image.Image, side: int) -> bytes:
    small = picture.resize(_fitted(picture.size, side), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "WEBP", quality=_QUALITY, method=4)
    return written.getvalue()


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return a size within a square of that side, never larger than the picture itself."""
    longest = max(size)
    if longest <= side:
        return size
    return max(1, round(size[0] * side / longest)), max(1, round(size[1] * side / longest))
