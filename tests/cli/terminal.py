"""How do tests say a word to ``offset``? In this process, as a terminal would see it."""

import contextlib
import io
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import click

from offset.cli.main import cli, main


def at_desk(folder: Path) -> dict[str, str]:
    """Name a whole installation in a folder: its books, its mail, and a processor that is away."""
    return {
        "OFFSET_DATABASE_URL": f"sqlite:///{folder / 'offset.db'}",
        "OFFSET_DATA_DIR": str(folder),
        "OFFSET_SECRET_KEY": "x" * 40,
        "OFFSET_PUBLIC_URL": "http://127.0.0.1:1",
        "OFFSET_MAIL_URL": f"file:{folder / 'mail'}",
        "OFFSET_MAIL_FROM": "desk@example.org",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
    }


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def offset(*words: str, data_dir: Path, **more: str) -> Told:
    """Run a command with nothing of ours in its environment but what is given."""
    kept = dict(os.environ)
    clean = {k: v for k, v in kept.items() if not k.startswith(("OFFSET_", "STRIPE_"))}
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out, err = io.StringIO(), io.StringIO()
    os.environ.clear()
    os.environ.update(clean | {"OFFSET_DATA_DIR": str(data_dir)} | more)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = _run(*words)
    finally:
        os.environ.clear()
        os.environ.update(kept)
        # a command that writes lines took over the log of the process
        root.handlers[:] = handlers
        root.setLevel(level)
    return Told(code, out.getvalue(), err.getvalue())


def _run(*words: str) -> int:
    try:
        main(lambda **how: cli(args=list(words), prog_name="offset", **how))
    except SystemExit as end:
        if isinstance(end.code, str):
            click.echo(end.code, err=True)
            return 1
        return end.code or 0
    return 0
