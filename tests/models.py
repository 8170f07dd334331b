"""Which rooms have tables? Loaded once, so that metadata and authorizer know them all."""

import importlib
import importlib.util


def load_models() -> None:
    """Import every room's models."""
    for room in ("people", "ledger", "projects", "giving", "treasury"):
        if importlib.util.find_spec(f"offset.{room}.models"):
            importlib.import_module(f"offset.{room}.models")
