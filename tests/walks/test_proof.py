"""A stranger checks an entry of the books in the browser; what was changed is not proved."""

import json
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from offset.reports.proofs import packed
from tests.walks.conftest import Open, Site

pytestmark = [pytest.mark.walk, pytest.mark.browser]


def read(address: str) -> bytes:
    with urlopen(address) as answer:
        return bytes(answer.read())


def verdict(page: Page) -> str:
    shown = page.locator("[data-verdict]:visible")
    shown.wait_for()
    return shown.get_attribute("data-verdict") or ""


def test_the_browser_proves_what_was_downloaded_or_printed(
    open_page: Open, site: Site, tmp_path: Path
) -> None:
    listed = read(f"{site.url}/ledger").decode()
    entries = re.findall(r"/ledger/entries/[0-9a-f-]{36}", listed)
    proof = json.loads(read(f"{site.url}{entries[-1]}/proof.json"))
    files = {
        "proved": proof,
        "not_proved": {**proof, "content": {**proof["content"], "kind": "refund"}},
        "unreadable": ["no", "proof"],
    }
    page = open_page(360, 740)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.method))
    for wanted, content in files.items():
        given = tmp_path / f"{wanted}.json"
        given.write_text(json.dumps(content))
        page.goto("/fr/verify")
        page.set_input_files("#proof", given)
        page.click("#verify button")
        assert verdict(page) == wanted
    grown = tmp_path / "grown.json"
    grown.write_bytes(read(f"{site.url}/ledger/checkpoints/2-5.json"))
    page.goto("/verify")
    page.set_input_files("#proof", grown)
    page.click("#verify button")
    assert verdict(page) == "proved"
    page.goto("about:blank")
    page.goto(f"/verify#{packed(proof)}")
    assert verdict(page) == "proved"
    assert page.locator("[data-fact=id]").inner_text() == proof["content"]["id"]
    assert "POST" not in sent, "the file stays in the browser"
