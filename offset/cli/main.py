"""What is the first word after ``offset``? The commands, and how their errors are told.

A command's module is loaded when its word is said: ``offset --help`` loads none of them, and the
site does not load what only an auditor or an exercise needs.
"""

import gc
import sys
from collections.abc import Callable, Iterator, MutableMapping
from importlib import import_module
from typing import Any, Final

import click

from offset.errors import ConfigurationError, OffsetError

# Each word with the module that answers it, and its line in the list of commands.
WORDS: Final = {
    "audit": ("audit", "Pack what auditors ask for."),
    "backup": (
        "books",
        "Copy the database and all files into one archive, while the site goes on.",
    ),
    "backups": ("backups", "Keep archives, thin them out, try them."),
    "bank": ("bank", "Bank statements and payout reports."),
    "db": ("tables", "Bring the tables up or down, compare them, write a revision."),
    "demo": ("demo", "Start the site with demo data and the Stripe stand-in."),
    "doctor": (
        "doctor",
        "Run every check of the ready list; exit 1 while a required line is missing.",
    ),
    "explain": (
        "explain",
        "Say what ID is, and follow it: gift, payment, payout, bank line, project, report.",
    ),
    "export": ("books", "Write the books of some days for another program; see docs/exports.md."),
    "init": (
        "tables",
        "Prepare an empty installation: check the settings, make the folders and the tables.",
    ),
    "jobs": ("timer", "Run what runs by itself."),
    "ledger": ("books", "Check the books."),
    "mail": ("mail", "Mails that come in."),
    "month": ("month", "Look at the months of the books, explain what is open, close them."),
    "move": (
        "backups",
        "Move the house from its SQLite file into an empty PostgreSQL database.",
    ),
    "payments": ("payments", "Hold the books against the payment processor."),
    "people": ("people", "Who is who."),
    "rates": ("rates", "Keep the central bank's reference rates, for display only."),
    "restore": ("books", "Bring an archive back into an empty place and verify the books."),
    "sandbox": ("sandbox", "Invented books, to practise on and to measure with."),
    "serve": ("serve", "Serve the site."),
}


class _Commands(MutableMapping[str, click.Command]):
    """The commands by their words; each is loaded when it is asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            self._loaded[name] = _load(WORDS[name][0], name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(WORDS)

    def __len__(self) -> int:
        return len(WORDS)

    def __contains__(self, name: object) -> bool:
        return name in WORDS


def _load(module: str, name: str) -> click.Command:
    """Import a command without looking for garbage on the way: all of it stays."""
    looking = gc.isenabled()
    gc.disable()
    try:
        found: click.Command = getattr(import_module(f"offset.cli.{module}"), name)
    finally:
        gc.freeze()
        if looking:
            gc.enable()
    return found


class _House(click.Group):
    """The first word; its list of commands is written from the table alone."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click hands it over
        """Write one line a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in WORDS.items()])


@click.group(
    cls=_House, commands=_Commands(), context_settings={"help_option_names": ["-h", "--help"]}
)
def cli() -> None:
    """Contributions of air travellers to soil projects, booked to the cent."""


def main(run: Callable[..., Any] = cli) -> None:
    """Run a command; a fault of the domain is one line, never a traceback."""
    try:
        run(standalone_mode=False)
    except ConfigurationError as fault:
        sys.exit(str(fault))
    except OffsetError as fault:
        sys.exit(f"refused: {told(fault)}")
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OSError as fault:
        # a folder that is a file, a full disk, a place that is not ours
        where = f": {fault.filename}" if fault.filename else ""
        sys.exit(f"{(fault.strerror or str(fault)).lower()}{where}")
    except Exception as fault:
        from offset.database import faults  # noqa: PLC0415 - the database's words, for a fault only

        line = faults.line_of(fault)
        if line is None:
            raise
        sys.exit(line)


def told(fault: OffsetError) -> str:
    """Return a refusal as the pages tell it, in English, after its code for whoever scripts."""
    from offset.web.sentences import SENTENCES  # noqa: PLC0415 - the web's words, for a refusal only

    sentence = SENTENCES.get(fault.code, "")
    try:
        return f"{fault.code}: {sentence % fault.parameters}" if sentence else str(fault)
    except KeyError:
        return str(fault)
