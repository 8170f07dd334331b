"""Does the page say why two methods disagree, with differences that add up exactly?"""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from calculators.flight import why
from calculators.flight.itinerary import Itinerary, Leg
from offset.people import phrases
from tests.web.public.conftest import TRIP

CDG_JNB = Itinerary((Leg("CDG", "JNB"), Leg("JNB", "CDG")))


def html(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_every_step_is_told_and_they_add_up(client: FlaskClient) -> None:
    walk = why.walk(CDG_JNB, "tim-3", "ademe")
    page = html(client, f"/why?{TRIP}&from=tim-3&to=ademe")
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    rows = [re.findall(r'<td class="r">(.*?)</td>', row) for row in table.split("<tr>")[2:]]
    changes = [float(row[0].replace(",", "").replace("−", "-")) for row in rows[:-1]]
    assert len(changes) == len(walk.steps)
    assert sum(changes) == pytest.approx(walk.to_kg - walk.from_kg, abs=0.05 * len(changes))
    assert float(rows[-1][1].replace(",", "")) == pytest.approx(walk.to_kg, abs=0.05)


def test_the_chart_has_a_bar_for_each_difference_and_words_for_it(client: FlaskClient) -> None:
    walk = why.walk(CDG_JNB, "tim-3", "ademe")
    page = html(client, f"/why?{TRIP}&from=tim-3&to=ademe")
    chart = page[page.index('aria-labelledby="fall-title') : page.index("<h2>")]
    differing = [step for step in walk.steps if step.difference_kg]
    assert chart.count("<rect") + chart.count('<line class="s-ink2" x1="') - 1 >= len(differing)
    assert "<desc" in chart
    assert "contrails and other non-CO₂ effects +1.4" in words(chart)


def test_both_methods_can_be_chosen_without_a_script(client: FlaskClient) -> None:
    page = html(client, f"/why?{TRIP}")
    form = page[page.index('<form class="chooser"') : page.index("</form>")]
    assert 'method="get"' in form
    assert form.count('<input type="hidden" name="leg"') == 2
    assert re.search(r'<option value="tim-3" selected', form)
    assert form.count('value="myclimate-2019"') == 2


@pytest.mark.parametrize(
    ("prefix", "other"), [("", "desnz-2025"), ("/fr", "ademe"), ("/es", "ademe")]
)
def test_the_reader_s_own_method_is_compared_first(
    client: FlaskClient, prefix: str, other: str
) -> None:
    page = html(client, f"{prefix}/why?{TRIP}")
    chosen = re.findall(r'<option value="([^"]+)" selected', page)
    assert chosen == ["tim-3", other]


def test_a_method_without_name_is_told(client: FlaskClient) -> None:
    assert "There is no method of this name" in html(client, f"/why?{TRIP}&from=guess", 422)


def test_places_of_the_shorthand_are_no_methods(client: FlaskClient) -> None:
    assert "Paris" in html(client, "/why?from=Paris&to=JNB")


def test_without_a_trip_the_form_is_shown(client: FlaskClient) -> None:
    assert 'name="from"' in html(client, "/why")
    assert 'value="Xyzzyx"' in html(client, "/why?from=Xyzzyx&to=JNB", 422)


def test_a_method_that_cannot_answer_is_told(client: FlaskClient) -> None:
    page = html(client, f"/why?{TRIP}&from=tim-3&to=private-jet", 422)
    assert "model of the aircraft" in page


def test_the_same_method_twice_has_no_difference(client: FlaskClient) -> None:
    page = words(html(client, f"/why?{TRIP}&from=ademe&to=ademe"))
    assert "largest reason" not in page


@pytest.mark.parametrize("prefix", ["", "/fr", "/es"])
def test_no_forbidden_claim_and_nothing_inline(client: FlaskClient, prefix: str) -> None:
    page = html(client, f"{prefix}/why?{TRIP}&from=goclimate&to=icao-style")
    assert phrases.scan(words(page)) == ()
    assert "style=" not in page
