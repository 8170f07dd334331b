"""Which commands does the house answer to? ``offset …``, thin over the verbs."""

from offset.cli.main import main

__all__ = ["main"]
