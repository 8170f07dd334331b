"""What does the command ``calculators`` answer to? One file a room of commands."""

from calculators.cli.main import main

__all__ = ["main"]
