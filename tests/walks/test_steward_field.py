"""Does an update with two photos arrive over 50 kbit/s although the connection breaks twice?"""

import io
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from offset.database.session import Database
from offset.projects import rooms
from tests.builders import projects as build
from tests.builders.projects import Way
from tests.fakes import FrozenClock
from tests.walks.conftest import photograph
from tests.walks.slow_line import Line, slow_line
from tests.web.rooms import House, a_house

pytestmark = [
    pytest.mark.walk,
    pytest.mark.browser,
    # of an upload that broke off the server leaves a temporary file to the collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MOST_BYTES = 100_000


@pytest.fixture
def house(embedded: Database, clock: FrozenClock, tmp_path: Path) -> House:
    return a_house(embedded, clock, tmp_path)


@pytest.fixture
def running(house: House) -> Way:
    return house.database.run(build.admitted, at=house.at(), cast=house.people)


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    """The site behind a slow line."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with slow_line(server.server_port) as found:
        yield found
    server.shutdown()
    thread.join(timeout=10)


@pytest.fixture
def phone(chromium: Browser, house: House, line: Line) -> Iterator[Page]:
    """The steward's telephone, signed in; it tells of every breach of the policy of content."""
    cookie = house.visit(house.people.steward).client.get_cookie("offset")
    assert cookie is not None
    base = f"http://127.0.0.1:{line.port}"
    context = chromium.new_context(viewport={"width": 360, "height": 640}, base_url=base)
    context.set_default_timeout(25_000)
    context.add_cookies([{"name": "offset", "value": cookie.value, "url": base}])
    page = context.new_page()
    breaches: list[str] = []
    page.on("console", lambda told: breaches.append(told.text) if "Policy" in told.text else None)
    yield page
    context.close()
    assert breaches == []


def a_photo(seed: int) -> bytes:
    """A small picture that no browser makes smaller still."""
    draw = random.Random(seed)  # noqa: S311 - noise, no secret
    picture = Image.frombytes("L", (96, 72), draw.randbytes(96 * 72)).convert("RGB")
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=30)
    return written.getvalue()


def attach(page: Page, path: str, photo: bytes, words: str) -> None:
    page.goto(f"{path}/photos/new")
    page.set_input_files(
        "input[name=photo]", {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )
    page.fill("input[name=alt]", words)
    page.check("input[name=consent]")
    page.check("input[name=no_child_faces]")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{path}", wait_until="commit")


def test_two_photos_over_a_line_that_breaks_twice(
    house: House, running: Way, line: Line, phone: Page
) -> None:
    first, second = a_photo(1), a_photo(2)
    phone.goto(f"/steward/projects/{running.project_id}/updates/new")
    phone.fill("input[name=title]", "After the first rain")
    phone.fill("textarea[name=body]", "The rye is up on all sixty farms.")
    line.cut_answer_of = "/updates/new"
    phone.click("main button[type=submit]")
    phone.wait_for_url("**/steward/updates/*", wait_until="commit")
    assert line.cuts == 1
    path = urlsplit(phone.url).path
    attach(phone, path, first, "Rye after rain")
    line.cut_upload_of = "/photos/new"
    attach(phone, path, second, "The same field in May")
    assert line.cuts == 2
    phone.locator("ol.tasks small", has_text="The same field in May").wait_for()
    photograph(phone, "steward-update-360")
    phone.click("main button[type=submit]")
    phone.wait_for_url("**/steward/projects/*", wait_until="commit")
    besides = line.crossed - line.lost - len(first) - len(second)
    assert besides < MOST_BYTES
    uploads = [post for post in line.posts if post.endswith("/photos/new")]
    assert len(uploads) == 3, "what had arrived was not sent again, what had not was sent once more"
    with house.database.reading() as session:
        seen = rooms.steward_project(session, house.people.steward, running.project_id)
        [update] = seen.updates
        found = rooms.own_update(session, house.people.steward, update.id)
    assert (update.title, update.status.value) == ("After the first rain", "submitted")
    assert found.body == "The rye is up on all sixty farms."
    assert found.photos == ("Rye after rain", "The same field in May")
