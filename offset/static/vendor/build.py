# ruff: noqa: INP001 - run by hand; a folder of static files is no package
"""Which files of others do we ship, unchanged, in which version and under which licence?

Run by hand when a version changes: ``python offset/static/vendor/build.py DIRECTORY`` copies the
named files out of npm packages that were unpacked into ``DIRECTORY/<name>-<version>/package``,
then writes ``VENDOR.toml`` and ``THIRD_PARTY.md``. Nothing is downloaded here.
"""

import hashlib
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
PAPER: Final = HERE.parents[2] / "THIRD_PARTY.md"


@dataclass(frozen=True)
class Package:
    """One npm package, the files we take from it and the name of its licence."""

    name: str
    version: str
    licence: str
    licence_file: str
    source: str
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The folder below ``vendor`` that holds the copies."""
        return f"{self.name.rpartition('/')[2]}-{self.version}"

    @property
    def unpacked(self) -> str:
        """The folder that ``npm pack`` and tar leave behind."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}"


PACKAGES: Final = (
    Package(
        "@fontsource-variable/source-serif-4",
        "5.3.1",
        "OFL-1.1",
        "LICENSE",
        "https://github.com/adobe-fonts/source-serif",
        ("files/source-serif-4-latin-wght-normal.woff2",),
    ),
    Package(
        "@fontsource-variable/source-sans-3",
        "5.3.0",
        "OFL-1.1",
        "LICENSE",
        "https://github.com/adobe-fonts/source-sans",
        ("files/source-sans-3-latin-wght-normal.woff2",),
    ),
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        "LICENSE",
        "https://github.com/bigskysoftware/htmx",
        ("dist/htmx.min.js",),
    ),
    Package(
        "accessible-autocomplete",
        "3.0.1",
        "MIT",
        "LICENSE.txt",
        "https://github.com/alphagov/accessible-autocomplete",
        ("dist/accessible-autocomplete.min.js",),
    ),
)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy(package: Package, unpacked: Path) -> list[str]:
    """Copy the files of one package and return its block of ``VENDOR.toml``."""
    target = HERE / package.folder
    target.mkdir(exist_ok=True)
    origin = unpacked / package.unpacked / "package"
    shutil.copyfile(origin / package.licence_file, target / "LICENSE.txt")
    lines = [
        "",
        "[[package]]",
        f'name = "{package.name}"',
        f'version = "{package.version}"',
        f'licence = "{package.licence}"',
        f'source = "{package.source}"',
        f'folder = "{package.folder}"',
        "[package.sha256]",
    ]
    for file in package.files:
        copied = target / Path(file).name
        shutil.copyfile(origin / file, copied)
        lines.append(f'"{copied.name}" = "{digest(copied)}"')
    lines.append(f'"LICENSE.txt" = "{digest(target / "LICENSE.txt")}"')
    return lines


def paper() -> str:
    """Write ``THIRD_PARTY.md`` from ``VENDOR.toml``."""
    told = tomllib.loads((HERE / "VENDOR.toml").read_text(encoding="utf-8"))
    lines = [
        "# Files of others that are shipped with this program",
        "",
        "Written by `offset/static/vendor/build.py` from `offset/static/vendor/VENDOR.toml`.",
        "The files are unchanged; each licence text stands beside them. Python packages are",
        "listed in `requirements.lock`, data sets in the `SOURCES.md` beside each of them.",
        "",
        "| Package | Version | Licence | Source | Files |",
        "|---|---|---|---|---|",
    ]
    for package in told["package"]:
        names = ", ".join(f"`{name}`" for name in package["sha256"] if name != "LICENSE.txt")
        lines.append(
            f"| {package['name']} | {package['version']} | "
            f"[{package['licence']}](offset/static/vendor/{package['folder']}/LICENSE.txt) | "
            f"{package['source']} | {names} |"
        )
    return "\n".join(lines) + "\n"


def main(unpacked: Path) -> None:
    """Copy everything and write both lists."""
    lines = ["# Files of others, unchanged. Written by build.py; a test checks every hash."]
    for package in PACKAGES:
        lines += copy(package, unpacked)
    (HERE / "VENDOR.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    PAPER.write_text(paper(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
