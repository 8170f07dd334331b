"""Every route against every role, generated from the map of addresses and the table of rights."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from offset.people.access import RIGHTS, Actor, Role, may
from offset.web.security import Policy, policies

VALUES = {"IntegerConverter": "1", "UUIDConverter": "018f0000-0000-7000-8000-000000000001"}
PEOPLE = [role for role in Role if role is not Role.SYSTEM]


def readable(app: Flask) -> Iterator[tuple[str, Policy]]:
    """Every address that can be read, with something in place of its arguments."""
    told = policies(app)
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            yield address_of(rule), told[rule.endpoint]


def address_of(rule: Rule) -> str:
    values = {
        name: VALUES.get(type(converter).__name__, "none")
        for name, converter in rule._converters.items()  # noqa: SLF001 - the map offers no other way
    }
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


def test_every_private_address_turns_strangers_away(app: Flask, client: FlaskClient) -> None:
    private = [path for path, policy in readable(app) if policy.signed_in]
    assert len(private) > 10
    for path in private:
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert "/sign-in?next=" in answer.headers["Location"], path
        assert answer.headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_opens_what_the_table_of_rights_says_and_nothing_else(
    app: Flask, client: FlaskClient, sign_in: Callable[..., None], role: Role
) -> None:
    sign_in(role)
    actor = Actor(None, frozenset({role}))
    for path, policy in readable(app):
        if policy.right is None:
            continue
        with client.get(path) as answer:
            status = answer.status_code
        if may(actor, policy.right):
            assert status != 403, (role, path)
            assert status < 500, (role, path)
        else:
            assert status == 403, (role, path)


def test_every_form_of_a_private_room_turns_strangers_away(app: Flask, client: FlaskClient) -> None:
    told = policies(app)
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and told[rule.endpoint].signed_in
    ]
    assert len(rules) > 5
    for rule in rules:
        assert client.post(address_of(rule)).status_code in {400, 403}, rule


def test_every_right_of_the_table_is_a_set_of_roles() -> None:
    assert all(holders for holders in RIGHTS.values())
