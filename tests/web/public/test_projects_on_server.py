"""Do a project's page and the list ask PostgreSQL as little as they ask SQLite?"""

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from offset.database.session import Database
from offset.projects import queries
from tests.builders import portfolio as many
from tests.builders import soil
from tests.builders.projects import Way
from tests.web.public.conftest import statements
from tests.web.public.test_estimate import plain, text_of
from tests.web.public.test_listing import titles

pytestmark = pytest.mark.postgres


@pytest.fixture
def embedded(server: Database) -> Database:
    """The pages of this room, on a server."""
    return server


def test_a_page_asks_twelve_times_and_the_list_five_at_most(
    client: FlaskClient, embedded: Database, project: Way, at: datetime
) -> None:
    embedded.run(soil.projected, project, at=at)
    embedded.run(many.many_updates, project, 1_500, at=at)
    embedded.run(many.many_cores, project, 2_000, at=at)
    embedded.run(soil.a_loss, project, at=at)
    with statements(embedded) as asked:
        html = text_of(client, f"/projects/{project.slug}")
    assert len(asked) <= 12, "\n\n".join(asked)
    assert "All 1500 updates" in plain(html)
    assert "Loss measured after 5 years" in html
    embedded.run(many.many_projects, project, 200)
    with statements(embedded) as asked:
        html = text_of(client, "/projects?q=maize&page=2")
    assert len(asked) <= 5, "\n\n".join(asked)
    assert len(titles(html)) == queries.PAGE
