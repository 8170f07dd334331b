"""Does ``offset payments catch-up`` book what no notice told, and does the balance agree?"""

import shutil
from pathlib import Path

from click.testing import CliRunner

from offset.cli.main import cli
from offset.clock import SystemClock
from offset.database.session import Database
from offset.sandbox.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.builders.giving import books
from tests.builders.stripe import a_live_account
from tests.giving.test_with_stand_in import opened


def test_a_gift_whose_notice_was_lost_is_booked_and_the_balance_agrees(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "offset.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with a_live_account(tmp_path, SystemClock()) as account:
        _, page = opened(database, account, "25.00 EUR", SystemClock().now())
        account.control.pay(page)
        environment = {
            "OFFSET_DATABASE_URL": f"sqlite:///{path}",
            "OFFSET_DATA_DIR": str(tmp_path),
            "OFFSET_SECRET_KEY": "x" * 40,
            "OFFSET_PUBLIC_URL": "http://127.0.0.1:1",
            "OFFSET_MAIL_URL": f"file:{tmp_path / 'mail'}",
            "OFFSET_MAIL_FROM": "desk@example.org",
            "STRIPE_API_BASE": account.url,
            "STRIPE_SECRET_KEY": SECRET_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }
        runner = CliRunner(env=environment)
        first = runner.invoke(cli, ["payments", "catch-up"], catch_exceptions=False)
        again = runner.invoke(
            cli, ["payments", "catch-up", "--since", "2026-01-01"], catch_exceptions=False
        )
    assert "events and 0 movements were missing" in first.output
    assert "EUR: processor 24.37 EUR, books 24.37 EUR, explained" in first.output
    assert "0 events and 0 movements were missing" in again.output
    assert books(database)["Assets:Stripe:EUR"] == 2437
    database.dispose()
