"""Where do files lie, and what becomes of a picture that somebody uploads?

Files are named by the hash of their bytes, below the data folder. A picture is kept only as it
was drawn anew, in three sizes; the file that came is not kept.
"""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import Final

from offset.errors import InvalidInput, NotFound
from offset.projects.ports import StoredPhoto

MEDIA_TYPES: Final = {
    "webp": "image/webp",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_KEY: Final = re.compile(r"[0-9a-f]{64}\.(?:webp|pdf|csv|xlsx)", re.ASCII)


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

    def drop(self, key: str) -> None:
        """Forget what was kept under a key; nothing happens where there is nothing."""
        if _KEY.fullmatch(key):
            self._path(key).unlink(missing_ok=True)

    def keep_photo(self, data: bytes) -> StoredPhoto:
        """Decode a picture, drop its metadata and keep it in three sizes.

        Raises
        ------
        InvalidInput
            ``photo_too_large``, ``photo_unreadable``, ``photo_heic``, ``photo_animated`` or
            ``photo_two_files``.
        """
        from offset.gateways import photos  # noqa: PLC0415 - few requests draw: not at every start

        made = photos.prepare(data)
        keys = [self.put(size, suffix="webp") for size in made.sizes]
        return StoredPhoto(
            keys[0],
            keys[1],
            keys[2],
            width=made.width,
            height=made.height,
            sha256=hashlib.sha256(data).hexdigest(),
            look=made.look,
        )

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
