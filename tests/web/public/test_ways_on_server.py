"""Does a pledge ask PostgreSQL as little as it asks SQLite, whichever way somebody gives?"""

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from tests.builders.projects import Way
from tests.fakes_giving import FakeProcessor
from tests.web.public.conftest import statements
from tests.web.public.test_ways_to_give import MONTHLY, NAMED, ONCE, ORGANISATION, fields, send

pytestmark = pytest.mark.postgres


@pytest.fixture
def embedded(server: Database) -> Database:
    """The pages of this room, on a server."""
    return server


def test_a_pledge_takes_one_call_and_at_most_eight_statements(
    client: FlaskClient, embedded: Database, processor: FakeProcessor, project: Way
) -> None:
    for number, (page, told) in enumerate([(ONCE, {}), (MONTHLY, {}), (ORGANISATION, NAMED)]):
        form = fields(client, page, project=project.slug, **told)
        with statements(embedded) as seen:
            status, address = send(client, form)
        assert (status, address.startswith("https://pay.example/")) == (303, True), page
        assert len(seen) <= 8, "\n".join(seen)
        assert len(processor.requests) == number + 1
