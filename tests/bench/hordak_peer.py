"""How fast does django-hordak take transfers? Run by a Python that has it, never by ours.

``python hordak_peer.py <address of a server's database> <transfers> <a commit's>`` migrates that
database and prints transfers per second.
"""

import sys
import time

import django
from django.conf import settings
from django.db import transaction

address, transfers, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

import dj_database_url  # noqa: E402 - it comes with hordak

settings.configure(
    DATABASES={"default": dj_database_url.parse(address, conn_max_age=600)},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "mptt", "hordak"],
    USE_TZ=True,
    SECRET_KEY="a bench signs nothing",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    CURRENCIES=("EUR",),
    DEFAULT_CURRENCY="EUR",
)
django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings
from hordak.models import Account, AccountType  # noqa: E402 - needs the settings
from moneyed import EUR, Money  # noqa: E402 - comes with hordak

call_command("migrate", verbosity=0)
bank, fund = (
    Account.objects.create(name=name, type=kind, currencies=["EUR"])
    for name, kind in (("Bank", AccountType.asset), ("Fund", AccountType.liability))
)
amount = Money("1.00", EUR)


def transfer(count: int) -> float:
    """Make so many transfers in commits of the given size; return the seconds."""
    began = time.perf_counter()
    for _ in range(count // size):
        with transaction.atomic():
            for _ in range(size):
                fund.transfer_to(bank, amount)
    return time.perf_counter() - began


transfer(size)
print(f"{transfers / transfer(transfers):.0f}")
