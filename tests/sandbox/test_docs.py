import re
from pathlib import Path

import pytest

from offset.sandbox.stripe import invoices, movements, panel, payments, portal_pages
from offset.sandbox.stripe.control import Control
from offset.sandbox.stripe.disputes import EVIDENCE_DAYS

DOC = (Path(__file__).parents[2] / "docs" / "stand-in.md").read_text()
QUOTED = " ".join(re.findall(r"`([^`]*)`", DOC))
METHODS = sorted(name for name in vars(Control) if not name.startswith("_"))
FAULTS = [
    *panel.COUNTED,
    *panel.SWITCHES,
    *panel.FIGURES,
    *panel.CHOICES,
    *panel.RATES,
    *panel.TEXTS,
]


@pytest.mark.parametrize("name", [name for name in METHODS if name not in {"of", "over_http"}])
def test_the_document_names_every_lever(name: str) -> None:
    assert re.search(rf"\b{name}\b", QUOTED)


@pytest.mark.parametrize("name", [*FAULTS, *(c for some in panel.CHOICES.values() for c in some)])
def test_the_document_names_every_fault(name: str) -> None:
    assert re.search(rf"\b{name}\b", QUOTED)


def test_the_document_quotes_the_figures_of_the_code() -> None:
    figures = panel.FIGURES
    days = ", ".join(str(figures[n]) for n in ("settlement_days", "sepa_days", "return_days"))
    assert f"days ({days})" in DOC
    assert f"days ({figures['event_days']})" in DOC
    assert f"of 10,000 ({invoices.BILLING_FEE})" in DOC
    first, second, third = invoices.RETRY_DAYS
    assert f"after {first}, {second}" in DOC
    assert f"and {third} days" in DOC
    assert f"within {EVIDENCE_DAYS}" in DOC
    assert movements.card_fee(100_000) - movements.card_fee(0) == 1500
    assert movements.card_fee(0) == 25
    assert "card 1.5 % + 0.25, SEPA 0.35, dispute 20.00, Billing 0.7 %" in DOC


def test_the_document_names_the_test_cards_and_accounts() -> None:
    told = re.sub(r"(?<=\d) (?=\d)", "", DOC)
    for card in payments.PAYING_CARDS | payments.AUTHENTICATED_CARDS | set(payments.DECLINES):
        assert card in told
    for iban in payments.FAILING_IBANS | payments.DISPUTED_IBANS | payments.RETURNED_IBANS:
        assert iban in told
    assert portal_pages.FAILS_LATER in told
