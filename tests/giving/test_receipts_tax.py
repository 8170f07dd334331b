"""Is a tax receipt complete by its law, and is nothing taxable printed before it is?"""

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from offset.database.session import Database
from offset.database.types import uuid7
from offset.errors import InvalidInput, NotFound, Refused
from offset.giving import papers, receipts, wording
from offset.giving.models import Receipt, ReceiptChoice
from offset.people import phrases
from offset.people.contributors import Contributor
from offset.people.models import OutboxMessage, Setting
from tests.builders.giving import Given, a_donation, an_open_gift, deliver
from tests.builders.receipts import AMERICAN, FRENCH, an_issuer
from tests.fakes_giving import FakeProcessor

ADDRESS = "3 allée des Chênes\n34000 Montpellier"


@pytest.fixture
def processor(at: datetime) -> FakeProcessor:
    return FakeProcessor(at)


def facts_of(database: Database, given: Given) -> list[dict[str, Any]]:
    with database.reading() as session:
        rows = session.scalars(
            select(Receipt).where(Receipt.donation_id == given.id).order_by(Receipt.number)
        )
        return [{**one.facts, "cancelled": one.cancel_reason} for one in rows]


def name_myself(database: Database, given: Given, at: datetime) -> None:
    database.run(
        receipts.give_address, given.pledge.token, name="Zoé Œuvré", address=ADDRESS, at=at
    )
    receipts.issue_pending(database, at=at)


def test_a_plain_receipt_comes_first_and_the_address_brings_the_tax_receipt(
    database: Database, processor: FakeProcessor, at: datetime
) -> None:
    an_issuer(database, FRENCH, at=at)
    given = a_donation(database, processor, at=at, amount="60.00 EUR", language="fr")
    receipts.issue_pending(database, at=at)
    (plain,) = facts_of(database, given)
    assert (plain["regime"], plain["wanting"], plain["tax"]) == ("NONE", "FR_200", None)
    with database.reading() as session:
        (mail,) = session.scalars(select(OutboxMessage.parameters)).all()
    assert mail["address_path"] == f"/gift/{given.pledge.token}/address"
    name_myself(database, given, at)
    plain, taxed = facts_of(database, given)
    assert plain["cancelled"] == "tax_receipt"
    assert (taxed["regime"], taxed["wanting"], taxed["replaces"]) == (
        "FR_200",
        None,
        "2026-000001",
    )
    with database.reading() as session:
        assert not receipts.wanted_of(session, given.pledge.token)
    # Nobody is asked twice, and nothing is issued twice.
    with pytest.raises(Refused, match="address_not_needed"):
        name_myself(database, given, at)


def test_the_french_receipt_has_every_mention_of_the_model(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    an_issuer(embedded, FRENCH, at=at)
    given = a_donation(embedded, processor, at=at, amount="60.00 EUR", language="es")
    name_myself(embedded, given, at)
    taxed = facts_of(embedded, given)[-1]
    told = taxed["tax"]
    said = re.sub(r"\s+", " ", str(told))
    assert told["language"] == "fr"
    assert told["sum"].startswith("***60,00***")
    for mention in (
        taxed["number"],
        "732 829 320",
        "Fonds pour des sols vivants",
        "1 rue de la Paix, 34000 Montpellier, France",
        "Soutenir des projets de sols vivants",
        "15/11/2026",
        "Déclaration de don manuel",
        "Numéraire",
        "Virement, prélèvement ou carte bancaire",
        "l'article 200 du CGI",
        "Rien n'a été donné en contrepartie",
        "Ada Exemple, présidente",
        "Cerfa",
    ):
        assert mention in said, mention
    assert "Zoé" not in str(taxed)
    assert "Chênes" not in str(taxed)
    with embedded.reading() as session:
        row = session.scalars(select(Receipt).where(Receipt.cancelled_at.is_(None))).one()
        paper = papers.receipt(session, row.id)
    assert (paper.facts["name"], paper.facts["address"]) == ("Zoé Œuvré", ADDRESS)


def test_the_register_of_associations_stands_where_there_is_no_siren(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    an_issuer(embedded, {**FRENCH, "siren": "", "rna": "W123456789"}, at=at)
    given = a_donation(embedded, processor, at=at)
    name_myself(embedded, given, at)
    assert "W123456789" in str(facts_of(embedded, given)[-1]["tax"])


def test_the_american_acknowledgment_needs_no_address(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    an_issuer(embedded, {**AMERICAN, "signatory": "Ada Example"}, at=at)
    given = a_donation(embedded, processor, at=at)
    receipts.issue_pending(embedded, at=at)
    (taxed,) = facts_of(embedded, given)
    said = str(taxed["tax"])
    for mention in (
        "No goods or services were provided in exchange for this contribution.",
        "12-3456789",
        "Living Soils Inc. received your cash contribution of EUR 25.00 on November 15, 2026.",
        "section 501(c)(3)",
        "Ada Example",
    ):
        assert mention in said, mention


def test_a_french_issuer_gives_no_tax_receipt_in_other_money(
    embedded: Database, at: datetime
) -> None:
    an_issuer(embedded, FRENCH, at=at)
    abroad = FakeProcessor(at, settles_in="USD")
    given = a_donation(embedded, abroad, at=at, amount="60.00 USD")
    receipts.issue_pending(embedded, at=at)
    (plain,) = facts_of(embedded, given)
    assert (plain["regime"], plain["wanting"]) == ("NONE", None)


def test_a_setting_written_past_its_check_prints_nothing(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    with embedded.engine.begin() as connection:
        connection.execute(
            insert(Setting).values(
                id=uuid7(at),
                name="issuer",
                version=1,
                value={**FRENCH, "signatory": ""},
                set_at=at,
                reason="test",
            )
        )
    given = a_donation(embedded, processor, at=at)
    with pytest.raises(InvalidInput, match="issuer_incomplete"):
        receipts.issue_pending(embedded, at=at)
    assert facts_of(embedded, given) == []


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ((" ", "x"), "name_missing"),
        (("x", "\n"), "address_missing"),
        (("x" * 201, "x"), "too_long"),
    ],
)
def test_half_an_address_is_refused(
    embedded: Database, processor: FakeProcessor, at: datetime, told: tuple[str, str], code: str
) -> None:
    name, address = told
    an_issuer(embedded, FRENCH, at=at)
    given = a_donation(embedded, processor, at=at)
    with pytest.raises(InvalidInput, match=code):
        embedded.run(receipts.give_address, given.pledge.token, name=name, address=address, at=at)


def test_nobody_is_asked_for_an_address_without_need(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    given = a_donation(embedded, processor, at=at)
    with pytest.raises(Refused, match="address_not_needed"):
        embedded.run(receipts.give_address, given.pledge.token, name="x", address="y", at=at)
    an_issuer(embedded, FRENCH, at=at)
    waiting = an_open_gift(embedded, processor, at=at)
    with embedded.reading() as session:
        assert not receipts.wanted_of(session, waiting.pledge.token)
        with pytest.raises(NotFound, match="gift_unknown"):
            receipts.wanted_of(session, "nobody")


def test_a_guest_of_whom_nothing_is_known_may_name_themselves(
    embedded: Database, processor: FakeProcessor, at: datetime
) -> None:
    an_issuer(embedded, FRENCH, at=at)
    given = an_open_gift(embedded, processor, at=at)
    embedded.run(receipts.choose, given.pledge.token, ReceiptChoice.EACH, at=at)
    charge, _page = processor.pay(given.session_id)
    deliver(embedded, processor, charge, at=at)
    name_myself(embedded, given, at)
    assert facts_of(embedded, given)[-1]["regime"] == "FR_200"
    with embedded.reading() as session:
        assert session.scalars(select(Contributor.address)).all() == [ADDRESS]


@pytest.mark.parametrize(("regime", "language"), [("FR_200", "fr"), ("US_501C3", "en")])
def test_the_mentions_are_whole_and_claim_nothing(regime: str, language: str) -> None:
    told = wording.mentions(regime)
    assert told.language == language
    for text in told.texts.values():
        assert phrases.scan(text, language) == ()
    with pytest.raises(InvalidInput, match="wording_unknown"):
        wording.mentions("NONE")
