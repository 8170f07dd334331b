"""Every mail in every language: subject, both parts, links, amounts, and no word we never use."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

import pytest

from offset.gateways.mailer import FolderCarrier, WrittenMailer
from offset.giving import wording
from offset.giving.receipts import ReceiptMail
from offset.people import phrases
from offset.people.ports import Attachment, Mail
from offset.web.language import LANGUAGES, prefix_of
from offset.web.templating import environment_for, template_root
from tests.fakes import FrozenClock

SITE: Final = "https://give.example"


def eur(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR"}


def sign_in(language: str) -> Mapping[str, Any]:
    link = f"{SITE}{prefix_of(language)}/sign-in/abc"
    return {"link": link, "next": "/account", "minutes": 15, "code": "048213", "code_minutes": 10}


def draft_by_mail(language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "title": "First cover is up",
        "link": f"{SITE}{prefix_of(language)}/steward/updates/abc",
        "written": True,
        "cut": False,
        "photos": 2,
        "left_out": ["report.pdf"],
    }


def receipt(language: str, **changes: Any) -> Mapping[str, Any]:
    told = ReceiptMail(
        number="2026-000001",
        issued_on="2026-11-15",
        reference="DON-7K3QX9AB",
        amount=eur(6000),
        projects=eur(5585),
        fee=eur(115),
        share=eur(300),
        refunded=None,
        sentences=wording.load(language).some(wording.IN_THE_MAIL),
        gift_path="/gift/abc",
        receipt_path="/receipts/xyz",
        replaces=None,
    )
    return {**asdict(told), **changes}


def taken_back(_language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "amount": eur(2850),
        "gift_path": "/gift/abc",
        "reference": "DON-7K3QX9AB",
    }


def received(language: str) -> Mapping[str, Any]:
    told = receipt(language)
    names = ("reference", "amount", "projects", "fee", "share", "sentences", "gift_path")
    return {
        **{name: told[name] for name in names},
        "choice": "annual",
        "year": 2026,
        "manage_path": "/gift/abc/manage",
    }


def receipt_cancelled(language: str) -> Mapping[str, Any]:
    return {
        "number": "2026-000001",
        "issued_on": "2026-11-15",
        "sentences": wording.load(language).some(("cancels", "not_replaced")),
        "receipt_path": "/receipts/xyz",
    }


def receipt_annual(language: str) -> Mapping[str, Any]:
    return {
        "number": "2027-000001",
        "issued_on": "2027-01-02",
        "year": 2026,
        "totals": [eur(12000)],
        "sentences": wording.load(language).some(("annual", "annual_scope", "no_change")),
        "receipt_path": "/receipts/annual/xyz",
        "replaces": None,
    }


# A new mail gets its line here: the parameters as its room puts them into the outbox.
def monthly(_language: str) -> Mapping[str, Any]:
    return {
        "amount": eur(1000),
        "reason": "insufficient_funds",
        "again_on": "2026-12-18",
        "manage_path": "/gift/abc/manage",
        "reference": "DON-7K3QX9AB",
    }


def ended(language: str) -> Mapping[str, Any]:
    return {**monthly(language), "reason": "payment_failed"}


def debit(_language: str) -> Mapping[str, Any]:
    return {
        "amount": eur(3000),
        "reason": "account_closed",
        "gift_path": "/gift/abc",
        "reference": "DON-7K3QX9AB",
    }


def guarded(_language: str) -> Mapping[str, Any]:
    return {"failed": 14, "succeeded": 1, "window": 30, "minutes": 60, "minimum": 2000}


def pledge(_language: str) -> Mapping[str, Any]:
    return {
        "amount": eur(50000),
        "received": eur(20000),
        "open": eur(30000),
        "above": eur(0),
        "arrived": eur(20000),
        "account": {"holder": "4 per 1000", "iban": "FR7630006000011234567890189", "bic": ""},
        "expires_on": "2027-01-15",
        "pledge_path": "/pledge/abc",
        "reference": "DON-7K3QX9AB",
    }


def refund(_language: str) -> Mapping[str, Any]:
    return {
        "amount": eur(6000),
        "whole": True,
        "gift_path": "/gift/abc",
        "reference": "DON-7K3QX9AB",
    }


def follow_confirm(_language: str) -> Mapping[str, Any]:
    return {"project": "Green bridges", "path": "/follow/abc", "days": 7, "already": False}


def follow_news(_language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "kind": "update",
        "title": "The first hedges stand",
        "all": False,
        "path": "/projects/green-bridges/updates/1",
        "leave_path": "/follow/abc",
        "unsubscribe_path": "/follow/abc/leave",
    }


def concern(_language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "project_path": "/projects/green-bridges",
        "reference": "C-7K3QX9AB",
        "path": "/concerns/abc",
    }


def dispute(_language: str) -> Mapping[str, Any]:
    return {
        "due_soon": True,
        "amount": eur(6000),
        "evidence_due": "2026-11-25",
        "reference": "DON-7K3QX9AB",
        "dispute": "du_1Example",
        "needs_answer": True,
    }


def report_due(_language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "kind": "activity",
        "days": 30,
        "due_on": "2026-10-15",
        "stops_on": "2026-11-15",
        "stops_money": True,
        "project_path": "/steward/projects/abc",
    }


def project_news(_language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "kind": "payment",
        "amount": eur(120_000),
        "path": "/projects/green-bridges",
        "gift_path": "/gift/abc",
        "leave_path": "/news/abc",
        "unsubscribe_path": "/news/abc/stop",
    }


def seat(language: str, what: str = "offered") -> Mapping[str, Any]:
    return {
        "title": "Green bridges",
        "organisation": "Association of the plain",
        "what": what,
        "seat": "reviewer",
        "minutes": 38,
        "path": f"/committee/seats/{language}",
        "decline_path": "/committee/asked/abc" if what == "offered" else None,
    }


def told_of_assessment(_language: str, what: str = "questions") -> Mapping[str, Any]:
    return {
        "title": "Green bridges",
        "organisation": "Association of the plain",
        "what": what,
        "count": 3,
        "day": "2026-12-06",
        "path": "/steward/projects/abc/assessment",
    }


def invited(_language: str) -> Mapping[str, Any]:
    return {
        "organisation": "Association of the plain",
        "by": "Stella Steward",
        "days": 14,
        "path": "/steward/join/abc",
    }


def information_asked(_language: str) -> Mapping[str, Any]:
    return {
        "project": "Green bridges",
        "question": "Which laboratory?",
        "due_on": "2026-12-06",
        "path": "/steward/requests/abc",
    }


def of_the_desk(language: str, what: str = "expires") -> Mapping[str, Any]:
    return told_of_assessment(language, what)


def work_digest(_language: str) -> Mapping[str, Any]:
    line = {"name": "B1", "age": 9, "due": None, "path": "/secretariat", "amount": eur(2000)}
    other = {"name": "P0001", "age": None, "due": "2026-12-06", "path": "/x", "amount": None}
    return {
        "total": 3,
        "piles": [
            {"kind": "lines", "total": 2, "path": "/secretariat/reconciliation", "works": [line]},
            {"kind": "expiring", "total": 1, "path": "/secretariat/projects", "works": [other]},
        ],
        "path": "/secretariat/tasks",
    }


def allocated(_language: str) -> Mapping[str, Any]:
    return {
        "amount": eur(3400),
        "parts": [
            {"project": "Green bridges", "path": "/projects/green-bridges", "amount": eur(3400)}
        ],
        "left": None,
        "gift_path": "/gift/abc",
        "runs_path": "/ledger/runs",
        "reference": "DON-7K3QX9AB",
        "leave_path": "/news/abc",
        "unsubscribe_path": "/news/abc/stop",
    }


def debit_notice(_language: str) -> Mapping[str, Any]:
    return {
        "amount": eur(3000),
        "day": "2026-11-21",
        "mandate": "QMMZQ0XVCVBHJ8S3",
        "creditor": "FR00ZZZ123456",
        "gift_path": "/gift/abc",
        "manage_path": "/gift/abc/manage",
        "reference": "DON-7K3QX9AB",
    }


CASES: Final[Mapping[str, Callable[[str], Mapping[str, Any]]]] = {
    "allocated": allocated,
    "work_digest": work_digest,
    "concern_answered": concern,
    "concern_desk": concern,
    "concern_received": concern,
    "follow_confirm": follow_confirm,
    "follow_news": follow_news,
    "assessment_desk": of_the_desk,
    "assessment_told": told_of_assessment,
    "committee_seat": seat,
    "project_news": project_news,
    "report_due": report_due,
    "refund": refund,
    "dispute": dispute,
    "monthly_failing": monthly,
    "monthly_ended": ended,
    "monthly_ended_desk": ended,
    "debit_failed": debit,
    "debit_notice": debit_notice,
    "debit_returned": debit,
    "guarded": guarded,
    "mail_probe": lambda _language: {"path": "/mail-arrived/abc"},
    "invitation": lambda _language: {"name": "Ana", "by": "Ada", "path": "/welcome/abc", "days": 7},
    "account_notice": lambda _language: {
        "what": "phone_reset",
        "name": "Ana",
        "at": "2026-11-15T10:00:00+00:00",
    },
    "organisation_invitation": invited,
    "information_asked": information_asked,
    "pledge": pledge,
    "pledge_part": pledge,
    "pledge_reminder": pledge,
    "sign_in": sign_in,
    "draft_by_mail": draft_by_mail,
    "receipt": receipt,
    "receipt_annual": receipt_annual,
    "receipt_cancelled": receipt_cancelled,
    "received": received,
    "taken_back": taken_back,
}


def written(clock: FrozenClock, template: str, language: str, told: Mapping[str, Any]) -> list[str]:
    """The subject, the plain part and the HTML part of a mail."""
    mailer = WrittenMailer(
        FolderCarrier(template_root()),
        environment_for,
        sender="Platform <platform@give.example>",
        public_url=SITE,
        clock=clock,
    )
    message = mailer.write(Mail("key", template, "donor@demo.example", language, told))
    plain, rich = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    return [message["Subject"], plain.get_content(), rich.get_content()]


def test_every_mail_has_a_case() -> None:
    names = {path.stem for path in (template_root() / "email").glob("*.txt")} - {"layout"}
    assert names == set(CASES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", CASES)
def test_a_mail_is_whole_in_each_language(clock: FrozenClock, template: str, language: str) -> None:
    subject, plain, rich = written(clock, template, language, CASES[template](language))
    assert 10 < len(subject) < 80
    assert "<" not in plain
    assert f'lang="{language}"' in rich
    assert re.search(r"<h1[^>]*>\s*\S", rich)
    assert "src=" not in rich, "no picture is fetched when a mail is read"
    links = set(re.findall(r'href="([^"]+)"', rich))
    assert all(link.startswith(SITE) for link in links)
    # The plain part is complete by itself: it has every place that the other leads to.
    assert all(link.replace("&amp;", "&") in plain for link in links), links
    for text in (subject, plain, re.sub(r"<[^>]+>", " ", rich)):
        assert phrases.scan(text, language=language) == ()


@pytest.mark.parametrize("template", CASES)
def test_a_mail_is_not_english_in_other_languages(clock: FrozenClock, template: str) -> None:
    subjects = {written(clock, template, one, CASES[template](one))[0] for one in LANGUAGES}
    assert len(subjects) == len(LANGUAGES)


def test_the_receipt_says_the_amounts_of_the_books(clock: FrozenClock) -> None:
    for text in written(clock, "receipt", "en", receipt("en"))[1:]:
        for amount in ("€60.00", "€55.85", "€1.15", "€3.00"):
            assert amount in text
        assert "The contribution does not change the emissions of your flight." in text
    _, plain, _ = written(clock, "receipt", "fr", receipt("fr"))
    assert "55,85\N{NO-BREAK SPACE}€" in plain
    assert f"{SITE}/fr/gift/abc" in plain


def test_a_replaced_receipt_and_a_refund_are_told(clock: FrozenClock) -> None:
    told = receipt("en", refunded=eur(1000), replaces="2026-000000")
    for text in written(clock, "receipt", "en", told)[1:]:
        assert "€10.00" in text
        assert "replaces receipt 2026-000000" in text


def test_a_monthly_receipt_says_how_to_change_or_stop(clock: FrozenClock) -> None:
    told = receipt("en", manage_path="/gift/abc/manage", address_path="/gift/abc/address")
    for text in written(clock, "receipt", "en", told)[1:]:
        assert f"{SITE}/gift/abc/manage" in text
        assert f"{SITE}/gift/abc/address" in text
        assert "Change or stop this monthly contribution" in text


def test_a_mail_carries_its_papers(clock: FrozenClock) -> None:
    mailer = WrittenMailer(
        FolderCarrier(template_root()),
        environment_for,
        sender="Platform <platform@give.example>",
        public_url=SITE,
        clock=clock,
    )
    paper = Attachment("2026-000001.pdf", b"%PDF-1.7", "application/pdf")
    mail = Mail("key", "receipt", "donor@demo.example", "en", receipt("en"), (paper,))
    (attached,) = mailer.write(mail).iter_attachments()
    assert attached.get_filename() == "2026-000001.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == b"%PDF-1.7"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_turn_of_an_assessment_has_its_own_subject(clock: FrozenClock, language: str) -> None:
    turns: Mapping[str, tuple[Any, tuple[str, ...]]] = {
        "committee_seat": (seat, ("offered", "opened", "consensus")),
        "assessment_told": (told_of_assessment, ("questions", "decided", "expires", "expired")),
        "assessment_desk": (of_the_desk, ("declined", "expires", "expired")),
    }
    for template, (tell, whats) in turns.items():
        written_ones = [written(clock, template, language, tell(language, one)) for one in whats]
        assert len({subject for subject, _plain, _rich in written_ones}) == len(whats)
        assert len({plain for _subject, plain, _rich in written_ones}) == len(whats)
    _subject, plain, rich = written(clock, "committee_seat", language, seat(language))
    assert f"{SITE}{prefix_of(language)}/committee/asked/abc" in plain
    assert "/committee/asked/abc" in rich


def test_news_is_left_by_one_press_and_a_receipt_is_not(clock: FrozenClock) -> None:
    mailer = WrittenMailer(
        FolderCarrier(template_root()),
        environment_for,
        sender="Platform <platform@give.example>",
        public_url=SITE,
        clock=clock,
    )
    told = mailer.write(Mail("k", "follow_news", "a@demo.example", "en", follow_news("en")))
    assert told["List-Unsubscribe"] == f"<{SITE}/follow/abc/leave>"
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    paper = mailer.write(Mail("k", "receipt", "a@demo.example", "en", receipt("en")))
    assert paper["List-Unsubscribe"] is None
