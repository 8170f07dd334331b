"""Where do files lie, and what becomes of a picture that somebody uploads?

Files are named by the hash of their bytes, below the data folder. A picture is decoded, turned
upright and drawn anew in three sizes, so that nothing of its metadata (place, camera, owner)
survives.
"""

import hashlib
import io
import re
import tempfile
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from offset.errors import InvalidInput, NotFound
from offset.projects.ports import StoredPhoto

MEDIA_TYPES: Final = {"webp": "image/webp", "pdf": "application/pdf", "csv": "text/csv"}
LONGEST_SIDES: Final = (1600, 800, 400)
MOST_BYTES: Final = 20_000_000
MOST_PIXELS: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 80
_KEY: Final = re.compile(r"[0-9a-f]{64}\.(?:webp|pdf|csv)", re.ASCII)

# A picture that unpacks to more than this is refused, not merely warned of.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class DiskFiles:
    """Files on the disk of this machine.

    Parameters
    ----------
    root
        The folder that holds them; made when the first file comes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, *, suffix: str) -> str:
        """Keep bytes and return their key; the same bytes give the same key.

        Raises
        ------
        InvalidInput
            ``file_type_refused``.
        """
        if suffix not in MEDIA_TYPES:
            raise InvalidInput("file_type_refused", field="file", suffix=suffix)
        key = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
        path = self._path(key)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Renamed when whole, so that nobody ever reads half a file.
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
                draft.write(data)
            Path(draft.name).replace(path)
        return key

    def get(self, key: str) -> bytes:
        """Return what was kept.

        Raises
        ------
        NotFound
            ``file_unknown``.
        """
        if not _KEY.fullmatch(key):
            raise NotFound("file_unknown")
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("file_unknown") from None

    def keep_photo(self, data: bytes) -> StoredPhoto:
        """Decode a picture, drop its metadata and keep it in three sizes.

        Raises
        ------
        InvalidInput
            ``photo_unreadable`` or ``photo_too_large``.
        """
        if len(data) > MOST_BYTES:
            raise InvalidInput("photo_too_large", field="photo", highest=MOST_BYTES)
        picture = _decoded(data)
        keys = [self.put(_webp(picture, side), suffix="webp") for side in LONGEST_SIDES]
        shown = _fitted(picture.size, LONGEST_SIDES[0])
        return StoredPhoto(keys[0], keys[1], keys[2], width=shown[0], height=shown[1])

    def _path(self, key: str) -> Path:
        return self.root / key[:2] / key


def media_type(key: str) -> str:
    """Return the media type of a kept file.

    Raises
    ------
    NotFound
        ``file_unknown``.
    """
    if not _KEY.fullmatch(key):
        raise NotFound("file_unknown")
    return MEDIA_TYPES[key.rpartition(".")[2]]


def _decoded(data: bytes) -> Image.Image:
    """Decode a picture onto a fresh canvas: pixels only, upright, without transparency."""
    # The library that draws PDFs switches this on for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidInput("photo_too_large", field="photo", pixels=MOST_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise InvalidInput("photo_unreadable", field="photo") from None
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright.getchannel("A"))
    return canvas


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
