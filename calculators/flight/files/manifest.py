"""From what exactly was an answer made, so that anybody can make the same bytes again?"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from calculators.errors import BadManifest
from calculators.flight.datasets import dataset as open_dataset
from calculators.flight.files.tables import Reading

FORMAT: Final = 1
"""Version of the manifest itself."""

PACKAGES: Final = ("offset-platform", "numpy", "openpyxl", "pyarrow")
"""What the bytes of an answer depend on."""

ENDING: Final = ".manifest.json"
"""What the name of a manifest adds to that of its answer."""

OPERATOR: Final = "+operator-"
"""What the id of a data set holds that an operator's own figures lie over."""

_NAMES: Final = (("input", "name"), ("input", "path"), ("output", "name"))


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller asked for.

    Attributes
    ----------
    methods : tuple[str, ...]
        Method ids, ``by-date`` or ``FAMILY:by-date``.
    reading : Reading
        How the file is to be read.
    dataset : str or None
        Id of a data set; the latest when absent.
    """

    methods: tuple[str, ...]
    reading: Reading
    dataset: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the options as plain values."""
        reading = asdict(self.reading) | {"columns": dict(self.reading.columns)}
        return {"methods": list(self.methods), "dataset": self.dataset, **reading}


def versions(names: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Return the versions of the program and of what its bytes depend on, where installed."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def tables_of(dataset: str | None) -> dict[str, Any]:
    """Return the id of a data set and the checksum of each of its tables."""
    data = open_dataset(dataset)
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.folder.glob("*.csv"))
    }
    return {"id": data.id, "sha256": files}


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a manifest beside its answer."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    path.write_bytes(text.encode("utf-8", "backslashreplace"))  # letters that are broken bytes


def read(path: Path) -> dict[str, Any]:
    """Return a manifest.

    Raises
    ------
    BadManifest
        When the file is not one.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = content["format"] == FORMAT
        options_of(content)
        _ = content["input"]["sha256"], content["output"]["sha256"], content["dataset"]["id"]
        names = {(a, b): str(content[a].get(b, "")) for a, b in _NAMES}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BadManifest({"path": path.name, "reason": "it is not a manifest"}) from fault
    if not known:
        reason = f"its format is {content['format']}, this release reads {FORMAT}"
        raise BadManifest({"path": path.name, "reason": reason})
    for (part, name), given in names.items():
        if not (_is_way(given) if name == "path" else _is_name(given)):
            reason = f"its {part}.{name} {given[:60]!r} is not allowed"
            raise BadManifest({"path": path.name, "reason": reason})
    return dict(content)


def _is_name(given: str) -> bool:
    """Tell whether a text is the name of a file, without any part of a path."""
    return given not in {"", ".", ".."} and not set(given) & set("/\\\0")


def _is_way(given: str) -> bool:
    """Tell whether a text leads from one folder to a file, or is absent."""
    return not given or (_is_name(given.rsplit("/", maxsplit=1)[-1]) and not given.startswith("/"))


def relative(source: Path, folder: Path) -> str:
    """Return the way to a file from the folder of a manifest, with slashes; empty for none."""
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:  # another drive
        return ""


def input_of(path: Path, content: Mapping[str, Any]) -> Path:
    """Return where the input lies: by the recorded way if it does, else beside the manifest."""
    way = content["input"].get("path")
    recorded = path.parent / way if way else path
    return recorded if way and recorded.is_file() else path.with_name(content["input"]["name"])


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest as it is read back."""
    told: dict[str, Any] = json.loads(json.dumps(content))
    return told


def options_of(content: Mapping[str, Any]) -> Options:
    """Return the options that a manifest holds."""
    given = dict(content["options"])
    methods: Sequence[str] = given.pop("methods")
    data: str | None = given.pop("dataset")
    return Options(tuple(methods), Reading(**given), data)
