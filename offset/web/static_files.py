"""How do our own style sheets, scripts and fonts travel: once, compressed, for ever?

Every file is read at the start, named after its content and answered as immutable. Addresses
inside style sheets are rewritten to those names, so nothing can go stale.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, cast

from flask import Blueprint, Flask, Response, abort, current_app, request

from offset.web.language import mount
from offset.web.security import public

blueprint: Final = Blueprint("static_files", __name__)

ROOT: Final = Path(__file__).resolve().parents[1] / "static"
_NAME: Final = "offset_static"
_SERVED: Final = frozenset({".css", ".js", ".woff2", ".svg", ".png", ".ico", ".txt", ".json"})
_PACKED: Final = frozenset({".css", ".js", ".svg", ".txt", ".json"})
_ADDRESS: Final = re.compile(r"url\((['\"]?)([^'\")]+)\1\)")
_YEAR_SECONDS: Final = 31_536_000


@dataclass(frozen=True)
class StaticFile:
    """One file as it is answered, plain and, where that is worth it, compressed."""

    address: str
    kind: str
    body: bytes
    packs: bool

    @cached_property
    def packed(self) -> bytes:
        """Compress it when it is first asked for: a start need not wait for all of them."""
        return gzip.compress(self.body, 9, mtime=0)


class StaticFiles:
    """Every file we serve, by the name templates use and by the address browsers use."""

    def __init__(self, root: Path) -> None:
        self.by_name: dict[str, StaticFile] = {}
        names = sorted(
            (path.relative_to(root).as_posix() for path in root.rglob("*") if _served(path)),
            key=lambda name: (name.endswith(".css"), name),
        )
        # Style sheets come last: they name the files that are already here.
        for name in names:
            body = (root / name).read_bytes()
            if name.endswith(".css"):
                body = self._rewritten(name, body.decode("utf-8")).encode("utf-8")
            self.by_name[name] = _answerable(name, body)
        self.by_address = {file.address: file for file in self.by_name.values()}

    def _rewritten(self, name: str, text: str) -> str:
        def renamed(match: re.Match[str]) -> str:
            target = match.group(2)
            if target.startswith(("data:", "#", "/")):
                return match.group(0)
            inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            # Relative to the sheet, so that a mount point needs no rewriting.
            here = posixpath.dirname(name)
            return f"url({posixpath.relpath(self.by_name[inside].address, here)})"

        return _ADDRESS.sub(renamed, text)


def _served(path: Path) -> bool:
    return path.is_file() and path.suffix in _SERVED


# Compressing is slow; the same bytes need it once a process.
@cache
def _answerable(name: str, body: bytes) -> StaticFile:
    stem, suffix = posixpath.splitext(name)
    mark = hashlib.sha256(body).hexdigest()[:12]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if suffix == ".woff2":
        kind = "font/woff2"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return StaticFile(f"{stem}.{mark}{suffix}", kind, body, suffix in _PACKED)


def static_url(name: str) -> str:
    """Return the address of a file of ours; it carries no language.

    Raises
    ------
    LookupError
        When no such file is shipped.
    """
    files = cast("StaticFiles", current_app.extensions[_NAME])
    return f"{mount()}/static/{files.by_name[name].address}"


def install(app: Flask, root: Path = ROOT) -> None:
    """Read every file once and answer it below ``/static``."""
    app.extensions[_NAME] = StaticFiles(root)


@blueprint.get("/static/<path:address>")
@public
def serve(address: str) -> Response:
    """Answer a file by its address, compressed where the browser takes it."""
    files = cast("StaticFiles", current_app.extensions[_NAME])
    file = files.by_address.get(address)
    if file is None:
        abort(404)
    packs = file.packs and request.accept_encodings.quality("gzip") > 0
    answer = Response(file.packed if packs else file.body, content_type=file.kind)
    if packs:
        answer.content_encoding = "gzip"
    if file.packs:
        answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    return answer
