"""How do translations get into the wheel? Catalogues are compiled while it is built."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> list[Path]:
    """Compile every ``.po`` below a folder and return the ``.mo`` files."""
    made = []
    for source in sorted(root.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as text:
            catalogue = read_po(text)
        target = source.with_suffix(".mo")
        with target.open("wb") as binary:
            write_mo(binary, catalogue)
        made.append(target)
    return made


class CustomBuildHook(BuildHookInterface[Any]):
    """Compile the catalogues and carry them inside the package."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Run before the files are collected."""
        root = Path(self.root)
        for made in compile_catalogues(root / "offset" / "translations"):
            build_data["force_include"][str(made)] = str(made.relative_to(root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent / "offset" / "translations")
