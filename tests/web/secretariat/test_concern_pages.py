"""Does the desk answer concerns by two people, on pages that refuse one alone?"""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from offset.database.session import Database
from offset.people.access import Role
from offset.projects import concerns
from offset.projects.models import Project, ProjectStatus
from offset.projects.public_models import Concern, ConcernStatus
from tests.builders.projects import a_project
from tests.fakes import FrozenClock
from tests.web.conftest import token_of


def test_one_proposes_another_closes(
    client: FlaskClient, embedded: Database, clock: FrozenClock, sign_in: Callable[..., None]
) -> None:
    way = a_project(embedded, at=clock.now())
    embedded.run(
        concerns.raise_concern,
        at=clock.now(),
        slug=way.slug,
        text="Nobody asked us.",
        language="en",
    )
    with embedded.reading() as session:
        concern_id = session.scalars(select(Concern.id)).one()
    path = f"/secretariat/concerns/{concern_id}"

    def press(action: str, **fields: str) -> int:
        token = token_of(client, path)
        return client.post(f"{path}/{action}", data={"csrf_token": token, **fields}).status_code

    sign_in(Role.AUDITOR, email="auditor@demo.example")
    assert client.get(path).status_code == 403
    sign_in(Role.CLERK, email="one@demo.example")
    assert "Concerns" in client.get("/secretariat").get_data(as_text=True)
    assert way.slug in client.get(path).get_data(as_text=True)
    assert "Nobody asked us." in client.get(path).get_data(as_text=True)
    assert press("note", text="Called the chief.") == 303
    assert press("note", text=" ") == 422
    assert press("hold", why="Looking into it.") == 303
    with embedded.reading() as session:
        assert session.get_one(Project, way.project_id).status is ProjectStatus.ON_HOLD
    assert press("propose", finding="upheld", answer="We asked now.") == 303
    assert press("close") >= 400  # the same person
    sign_in(Role.TREASURER, email="two@demo.example")
    assert press("return", reason="Who was asked?") == 303
    assert press("propose", finding="nonsense", answer="x") == 422
    assert press("propose", finding="partly", answer="The council was asked.") == 303
    sign_in(Role.APPROVER, email="three@demo.example")
    assert press("close") == 303
    with embedded.reading() as session:
        assert session.scalars(select(Concern.status)).one() is ConcernStatus.CLOSED
    told = client.get("/secretariat/concerns").get_data(as_text=True)
    assert "Upheld in part" in told
    assert "Nobody asked us." not in told
    assert client.get(path).status_code == 200
