"""Can a steward apply, block by block, and is every fault told at its place?"""

import hashlib
import io
import uuid
from typing import Any

from offset.people.access import Role
from offset.projects import applications, assessments, rooms
from offset.projects.questions import BLOCKS
from offset.sandbox.demo_application import a_pdf
from offset.web.answers import STEPS
from tests.builders import projects as build
from tests.once_built import once_built
from tests.web.rooms import House, Visitor

TYPED: dict[str, dict[str, str]] = {
    "project": {
        "title": "Green bridges",
        "summary": "Sixty farms keep their maize land green.",
        "story": "Maize land lies **bare** in winter.",
        "language": "en",
        "modality": "new",
        "scope": "project",
        "country": "FR",
        "region": "Béarn",
    },
    "land": {
        "area_ha": "850,5",
        "latitude": "43,3",
        "longitude": "\N{MINUS SIGN}0.4",
        "land_before": "Maize after maize.",
        "not_forest_before": "yes",
        "wet_or_organic": "no",
        "soil": "high_activity_clay_soils",
        "climate": "warm_temperate_moist",
        "baseline_practice": "Bare soil in winter.",
    },
    "practice": {
        "practice": "cover_crops",
        "starts_on": "2027-10-01",
        "years": "20",
        "maintenance_promise": "Ten years at least.",
    },
    "safeguards": {
        "human_rights_commitment": "yes",
        "no_forced_or_child_labour": "yes",
        "grievance_channel": "A box at the cooperative.",
        "tenure_share_pct": "99,5",
        "open_disputes": "0",
        "households": "1 060",
    },
    "benefits": {
        f"indicators-{row}-{column}": value
        for row, cells in enumerate(
            (
                ("food_income", "Maize yield", "t/ha", "9", "9,5", "measured", "survey"),
                ("water_resilience", "Rain", "mm/h", "14", "30", "measured", "survey"),
                ("soil_carbon", "Cover", "%", "", "95", "asserted", "survey"),
            )
        )
        for column, value in zip(
            ("family", "name", "unit", "baseline", "target", "evidence", "source"),
            cells,
            strict=True,
        )
    },
    "people": {"people_trained": "120"},
    "carbon": {
        "method": "tier1",
        "registered_elsewhere": "no",
        "baseline_land_use": "annual_crops",
        "project_land_use": "annual_crops",
        "buffer_pct": "15",
        "buffer_reason": "Ploughing after a change of tenant.",
        "reversal_risks": "Ploughing.",
    },
    "monitoring": {"design": "Thirty paired cores.", "depth_cm": "30"},
    "money": {
        "currency": "EUR",
        "amount_asked_minor": "51 000,00",
        "cost_per_ha_minor": "60",
        "co_funders": "Region\nBank of Soil\n",
        "budget-0-label": "Seed",
        "budget-0-amount_minor": "20 000,50",
        "budget-1-label": "Work",
        "budget-1-amount_minor": "30 999,50",
        "buys-0-amount_minor": "30",
        "buys-0-what": "half a hectare under cover",
    },
    "declarations": {
        "no_commitment_to_fund": "yes",
        "publication": "yes",
        "open_licence": "yes",
    },
}


def begun(steward: Visitor, **changed: str) -> uuid.UUID:
    """A draft for a new organisation, begun in the browser."""
    told = {
        "title": "Green bridges",
        "language": "en",
        "organisation": "new",
        "name": "Association of the Gave",
        "kind": "farmers",
        **changed,
    }
    return uuid.UUID(steward.post("/steward/apply", told).place.rpartition("/")[2])


def answered(steward: Visitor, project_id: uuid.UUID) -> None:
    for block, typed in TYPED.items():
        steward.post(f"/steward/projects/{project_id}/{block}", typed)


def supported(steward: Visitor, project_id: uuid.UUID) -> None:
    """The land, a document, and words on each criterion, as a browser sends them."""
    path = f"/steward/projects/{project_id}"
    steward.post(f"{path}/sites", {"outline": build.a_square(43.3, -0.4, 850.5)})
    paper = a_pdf(["Members", "Leases"])
    steward.post(f"{path}/files", {"file": (io.BytesIO(paper), "leases.pdf"), "kind": "tenure"})
    digest = hashlib.sha256(paper).hexdigest()
    for code in build.said_of_criteria():
        told = {"answer": "All members agreed."}
        if code == "1.2":
            told |= {"evidence-0-sha256": digest, "evidence-0-page": "2"}
        else:
            told |= {"without": "Shown on a visit."}
        steward.post(f"{path}/criteria/{code}", told)


def document(house: House, project_id: uuid.UUID) -> Any:
    with house.database.reading() as session:
        return rooms.steward_project(session, house.people.steward, project_id).document


def test_a_new_steward_applies_from_first_line_to_handing_in(steward: Visitor) -> None:
    assert "You have no project yet" in steward.get("/steward").plain
    project_id = begun(steward)
    page = steward.get(f"/steward/projects/{project_id}")
    assert "9 answers left" not in steward.get("/steward").plain
    assert "One sentence, The story" in page.plain  # what is left, in words
    for block, typed in TYPED.items():
        after = steward.post(f"/steward/projects/{project_id}/{block}", typed).place
        place = STEPS.index(block) + 1
        following = STEPS[place] if place < len(STEPS) else str(project_id)
        assert after.endswith(f"/{following}")
    assert list(TYPED) == list(BLOCKS)
    page = steward.get(f"/steward/projects/{project_id}")
    assert "an outline of the land" in page.plain
    supported(steward, project_id)
    page = steward.get(f"/steward/projects/{project_id}")
    assert "left" not in page.plain.split("The application", 1)[1].split("Files", 1)[0]
    steward.post(f"/steward/projects/{project_id}/submit")
    page = steward.get(f"/steward/projects/{project_id}")
    assert "Handed in" in page.plain
    assert "Hand the application in" not in page.plain
    # what was handed in is shown as it was, not as a form
    land = steward.get(f"/steward/projects/{project_id}/land")
    assert "850.5" in land.plain
    assert "Cover crops" in steward.get(f"/steward/projects/{project_id}/practice").plain
    assert "<textarea" not in land.text


def test_what_was_typed_is_what_is_kept(house: House, steward: Visitor) -> None:
    project_id = begun(steward)
    answered(steward, project_id)
    kept = document(house, project_id)
    assert kept["land"]["area_ha"] == 850.5
    assert (kept["land"]["latitude"], kept["land"]["longitude"]) == (43.3, -0.4)
    assert kept["land"]["wet_or_organic"] is False
    assert kept["safeguards"]["households"] == 1060
    assert kept["money"]["amount_asked_minor"] == 5_100_000
    assert kept["money"]["co_funders"] == ["Region", "Bank of Soil"]
    assert kept["money"]["budget"] == [
        {"label": "Seed", "amount_minor": 2_000_050},
        {"label": "Work", "amount_minor": 3_099_950},
    ]
    assert kept["money"]["buys"] == [{"amount_minor": 3_000, "what": "half a hectare under cover"}]
    assert kept["benefits"]["indicators"][0]["target"] == 9.5
    assert kept["benefits"]["indicators"][2]["baseline"] is None


def test_saving_what_a_page_shows_changes_nothing(house: House, steward: Visitor) -> None:
    """The controls of a saved block, posted as they stand, say the same once more."""
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    told = {"land": {"area_ha": 1_234_567.125, "latitude": 43.30512, "longitude": -1.234}}
    house.database.run(
        applications.save,
        actor=house.people.steward,
        at=house.at(),
        project_id=way.project_id,
        answers=told,
    )
    before = document(house, way.project_id)
    for prefix in ("", "/fr"):
        for block in BLOCKS:
            path = f"{prefix}/steward/projects/{way.project_id}/{block}"
            steward.post(path, steward.get(path).controls())
            assert document(house, way.project_id) == before, path
    land = steward.get(f"/fr/steward/projects/{way.project_id}/land").controls()
    assert (land["area_ha"], land["longitude"]) == ("1234567,125", "-1,2340")


FAULTS: list[tuple[str, dict[str, str], str]] = [
    ("land", {"area_ha": "many"}, "Write a number from 0.1 to 10,000,000."),
    ("land", {"area_ha": "nan"}, "Write a number from 0.1 to 10,000,000."),
    ("land", {"area_ha": "1,500"}, "can be read in two ways. Write 1500"),
    ("land", {"latitude": "91"}, "Write a number from \N{MINUS SIGN}90 to 90."),
    ("land", {"soil": "lava"}, "Choose one of the list."),
    ("project", {"country": "France"}, "Choose one of the list."),
    ("project", {"title": "x" * 201}, "This is too long. Shorten it."),
    ("practice", {"starts_on": "2027-02-30"}, "Write a day that exists"),
    ("practice", {"years": "31"}, "from 1 to 30. No decimals."),
    ("practice", {"years": "2.5"}, "No decimals."),
    ("safeguards", {"open_disputes": "\N{MINUS SIGN}1"}, "Write a number, 0 or more."),
    ("money", {"amount_asked_minor": "12 Taler"}, "amount"),
    ("money", {"currency": "XXX", "amount_asked_minor": "12"}, "currency"),
    ("money", {"partners": "\n".join("p" * 3 for _n in range(61))}, "sixty lines at most"),
]


def test_a_fault_stands_at_its_field_and_all_that_was_typed_stays(
    house: House, steward: Visitor
) -> None:
    project_id = begun(steward)
    before = document(house, project_id)
    for block, typed, sentence in FAULTS:
        fault_stands(steward, project_id, block, typed, sentence)
    assert document(house, project_id) == before


def fault_stands(
    steward: Visitor, project_id: uuid.UUID, block: str, typed: dict[str, str], sentence: str
) -> None:
    told = {**TYPED[block], **typed}
    page = steward.post(f"/steward/projects/{project_id}/{block}", told, expect=422)
    assert sentence in page.plain
    [name, *_rest] = typed
    field = page.text.split('class="field wrong', 1)[1]
    assert f'name="{name}"' in field.split("</div>", 1)[0]
    assert f'href="#{name}"' in page.text
    shown = page.controls()
    for name, value in told.items():
        if not name.startswith(("budget", "buys")) and value not in {"lava", "France", "XXX"}:
            assert shown[name].replace("\r\n", "\n").strip() == value.strip(), name


def test_figures_are_read_as_people_write_them(house: House, steward: Visitor) -> None:
    project_id = begun(steward)
    for typed, meant in (
        ("1.234.567,5", 1_234_567.5),
        ("1,234,567", 1_234_567),
        ("1'500.25", 1500.25),
        ("1\u202f500,5", 1500.5),
        ("0,125", 0.125),
        ("1.5000", 1.5),
    ):
        steward.post(f"/steward/projects/{project_id}/land", {"area_ha": typed})
        assert document(house, project_id)["land"]["area_ha"] == meant, typed
    # 12,345 degrees east cannot be twelve thousand
    steward.post(f"/steward/projects/{project_id}/land", {"longitude": "12,345"})
    assert document(house, project_id)["land"]["longitude"] == 12.345
    steward.post(f"/steward/projects/{project_id}/safeguards", {"households": "1,060"})
    assert document(house, project_id)["safeguards"]["households"] == 1060
    steward.post(f"/steward/projects/{project_id}/safeguards", {"households": ""})
    assert "safeguards" not in document(house, project_id)


def test_all_faults_of_a_block_are_told_at_once(steward: Visitor) -> None:
    project_id = begun(steward)
    typed = {"area_ha": "x", "latitude": "y", "soil": "z"}
    page = steward.post(f"/steward/projects/{project_id}/land", typed, expect=422)
    assert page.text.count('class="field wrong') == 3


def test_a_line_of_a_table_says_which_cell_is_wrong(house: House, steward: Visitor) -> None:
    project_id = begun(steward)
    typed = {**TYPED["benefits"], "indicators-1-unit": "", "indicators-2-target": "a lot"}
    page = steward.post(f"/steward/projects/{project_id}/benefits", typed, expect=422)
    assert 'id="indicators-1-unit-fault"' in page.text
    assert 'id="indicators-2-target-fault"' in page.text
    assert 'value="a lot"' in page.text
    assert "Fill this in, or empty the whole line." in page.plain
    typed = {**TYPED["money"], "budget-0-amount_minor": "0", "buys-0-amount_minor": "9,999"}
    page = steward.post(f"/steward/projects/{project_id}/money", typed, expect=422)
    assert "Write an amount above zero." in page.plain
    typed = {f"budget-{row}-label": "x" * 201 for row in range(2)}
    typed |= {f"budget-{row}-amount_minor": "5" for row in range(2)}
    page = steward.post(f"/steward/projects/{project_id}/money", typed, expect=422)
    assert "at most 200 characters in each cell" in page.plain
    assert document(house, project_id)["money"] == {"currency": "EUR"}


def test_an_emptied_line_is_taken_away(house: House, steward: Visitor) -> None:
    project_id = begun(steward)
    path = f"/steward/projects/{project_id}/benefits"
    steward.post(path, TYPED["benefits"])
    shown = steward.get(path).controls()
    for column in ("name", "unit", "baseline", "target", "source"):
        shown[f"indicators-0-{column}"] = ""
    after = steward.post(path, {**shown, "stay": "1"}).place
    assert after.endswith("/benefits")
    kept = document(house, project_id)["benefits"]["indicators"]
    assert [row["name"] for row in kept] == ["Rain", "Cover"]
    assert "Food and income" in steward.get(f"/steward/projects/{project_id}").plain


def test_an_incomplete_application_is_not_taken(steward: Visitor) -> None:
    project_id = begun(steward)
    page = steward.post(f"/steward/projects/{project_id}/submit", expect=422)
    assert "Some answers are still missing" in page.plain
    assert "project.summary" not in page.plain


def test_a_known_organisation_is_chosen_from_the_list(house: House, steward: Visitor) -> None:
    begun(steward)
    with house.database.reading() as session:
        [known] = rooms.organisations(session, house.people.steward)
    assert "Association of the Gave" in steward.get("/steward/apply").plain
    project_id = begun(steward, organisation=str(known.id), title="Second")
    assert "Second" in steward.get(f"/steward/projects/{project_id}").plain
    with house.database.reading() as session:
        assert len(rooms.organisations(session, house.people.steward)) == 1


BEGINNINGS: list[tuple[dict[str, str], str, str]] = [
    ({"title": " "}, "title", "Fill this in."),
    ({"name": ""}, "name", "State the name."),
    ({"organisation": "nonsense"}, "organisation", "There is no such organisation."),
    ({"organisation": str(uuid.UUID(int=5))}, "", "There is no such organisation."),
    ({"language": "de"}, "language", "Not a valid choice"),
    ({"kind": "club"}, "kind", "Not a valid choice"),
]


def test_a_beginning_that_cannot_be_comes_back(steward: Visitor) -> None:
    begun(steward)  # so that there is an organisation to choose from
    usual = {
        "title": "Terraces",
        "language": "fr",
        "organisation": "new",
        "name": "Another",
        "kind": "ngo",
    }
    for changed, name, sentence in BEGINNINGS:
        told = usual | changed
        page = steward.post("/steward/apply", told, expect=422)
        assert sentence in page.plain
        if name:
            assert f'href="#{name}"' in page.text
        assert page.controls()["title"].strip() == told["title"].strip()


def test_a_name_that_is_taken_is_told_at_the_name(steward: Visitor) -> None:
    begun(steward)
    told = {
        "title": "Again",
        "language": "en",
        "organisation": "new",
        "name": "Association of the Gave",
        "kind": "ngo",
    }
    page = steward.post("/steward/apply", told, expect=422)
    assert "is already here" in page.text.split('class="field wrong"', 1)[1]


def test_an_application_that_comes_back_says_why_and_may_be_mended(
    house: House, steward: Visitor
) -> None:
    way = house.database.run(build.an_application, at=house.at(), cast=house.people)
    house.clock.advance(minutes=5)
    house.database.run(
        assessments.send_back,
        actor=house.people.clerk,
        at=house.at(),
        assessment_id=way.assessment_id,
        reason="Name the laboratory.",
    )
    path = f"/steward/projects/{way.project_id}"
    page = steward.get(path)
    assert "Sent back by the secretariat: Name the laboratory." in page.plain
    assert "Application, version 2" in page.plain
    steward.post(f"{path}/monitoring", {**TYPED["monitoring"], "laboratory": "Cirad"})
    steward.post(f"{path}/submit")
    assert "Sent back" not in steward.get(path).plain


def test_the_next_version_begins_as_a_copy_once_there_is_a_decision(
    house: House, steward: Visitor
) -> None:
    way = once_built(house.database, build.decided, at=house.at(), cast=house.people)
    house.clock.advance(minutes=5)
    path = f"/steward/projects/{way.project_id}"
    assert "Begin the next version" in steward.get(path).plain
    steward.post(f"{path}/version")
    page = steward.get(path)
    assert "Application, version 2 Draft" in page.plain
    assert "What the committee decided on version 1" in page.plain
    assert steward.get(f"{path}/land").text.count("850")
    again = steward.post(f"{path}/version", expect=422)
    assert "A version is already being looked at" in again.plain


def test_a_handed_in_version_takes_no_answers_and_loses_none(
    house: House, steward: Visitor
) -> None:
    way = house.database.run(build.an_application, at=house.at(), cast=house.people)
    typed = {**TYPED["monitoring"], "laboratory": "Typed too late"}
    page = steward.post(f"/steward/projects/{way.project_id}/monitoring", typed, expect=422)
    assert "There is no draft to change." in page.plain
    assert 'value="Typed too late"' in page.text


def test_an_unknown_block_is_no_page(steward: Visitor) -> None:
    project_id = begun(steward)
    steward.get(f"/steward/projects/{project_id}/secrets", 404)


def test_questions_speak_the_language_of_the_page(steward: Visitor) -> None:
    project_id = begun(steward)
    assert '<html lang="fr"' in steward.get(f"/fr/steward/projects/{project_id}/project").text
    assert "Allemagne" in steward.get(f"/fr/steward/projects/{project_id}/project").text


def test_the_room_is_for_stewards_only(house: House) -> None:
    outsider = house.visit(house.people.reviewer)
    outsider.get("/steward", 403)
    outsider.get("/steward/apply", 403)
    anonymous = Visitor(house.app.test_client())
    assert "/sign-in?next=" in anonymous.get("/steward", 302).place


def test_the_project_of_another_is_not_there(house: House) -> None:
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    other = house.database.run(build.an_actor, Role.STEWARD, at=house.at(), name="other")
    stranger = house.visit(other)
    path = f"/steward/projects/{way.project_id}"
    for page in ("", "/land", "/updates/new"):
        stranger.get(f"{path}{page}", 404)
    for act in ("/submit", "/version", "/land", "/withdraw", "/updates/new", "/files"):
        stranger.post(f"{path}{act}", {"reason": "x"}, expect=404)


def test_a_form_needs_its_token(house: House, steward: Visitor) -> None:
    way = house.database.run(build.a_draft, at=house.at(), cast=house.people)
    for path in (
        "/steward/apply",
        f"/steward/projects/{way.project_id}/land",
        f"/steward/projects/{way.project_id}/submit",
        f"/steward/projects/{way.project_id}/files",
    ):
        steward.post_without_token(path)
    with house.database.reading() as session:
        assert rooms.steward_project(session, house.people.steward, way.project_id).editable


def test_pages_of_the_room_are_not_stored(steward: Visitor) -> None:
    headers = steward.get("/steward").headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
