"""An agent is proved if the helpdesk vouches for the id in a header; an id in the query proves nothing."""

import json

import pytest

from local.in_process import TOKEN
from tests.test_signed_queries import signed

ORDER = "#1003"
VALUES = {"reason": "Goodwill", "notify": False}
PATH = "/local/stores/main/actions/refund-order"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def opened(desk, headers=None, **query):
    """The `actionUrl` of a form."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    url = f"/actions/refund-order?order={desk.store.order(ORDER).number}{more}"
    return desk.send("GET", url, headers=headers).body["actionUrl"]


def said(desk, url):
    """Who acted, by the operation and by the entry: id, and whether it is proved."""
    stored, [entry] = desk.operation(url), desk.timeline(ORDER)
    assert stored.get("agent_proved") == entry.get("agent_proved")
    return entry.get("agent_id"), entry.get("agent_proved", False)


@pytest.mark.parametrize(
    ("at_the_form", "at_the_submit", "expected"),
    [
        ({}, {"X-Agent-Id": "ann"}, ("ann", True)),
        ({"X-Agent-Id": "ann"}, {"X-Agent-Id": "ann"}, ("ann", True)),
        # The form's address carries the id on, which proves nothing.
        ({"X-Agent-Id": "ann"}, {}, ("ann", False)),
        ({"X-Agent-Id": "ann"}, {"X-Agent-Id": "bob"}, ("bob", True)),
        ({}, {"X-Agent-Id": "a" * 121}, ("a" * 120, False)),
        ({}, {"X-Agent-Id": "  "}, (None, False)),
        ({}, {"X-Agent-Name": "Ann"}, (None, False)),
    ],
)
def test_header_that_came_with_the_bearer_token_proves_the_agent(desk, at_the_form, at_the_submit, expected):
    url = opened(desk, BEARER | at_the_form)
    assert desk.send("POST", url, VALUES, headers=BEARER | at_the_submit).status == 200
    assert said(desk, url) == expected


def test_query_does_not_prove_the_agent(desk):
    url = opened(desk, agent="ann")
    assert "agent=ann" in url
    assert desk.send("POST", url, VALUES).status == 200
    assert said(desk, url) == ("ann", False)


@pytest.mark.parametrize(("covered", "expected"), [(True, ("ann", True)), (False, (None, False))])
def test_signature_proves_the_header_that_it_covers(desk, covered, expected):
    url = opened(desk)
    path, _, query = url.partition("?")
    vouched = {"x_agent_id": "ann"} if covered else {}
    headers = signed("POST", f"/local/stores/main{path}", query, json.dumps(VALUES).encode(), **vouched)
    answer = desk.send("POST", url, VALUES, headers={"X-Agent-Id": "ann"} | headers if not covered else headers)
    assert answer.status == 200, answer.body
    assert said(desk, url) == expected


def test_refusal_says_who_was_proved(desk):
    url = opened(desk, BEARER)
    desk.set(actions__refund_order__enabled="false")
    assert desk.send("POST", url, VALUES, headers=BEARER | {"X-Agent-Id": "ann"}).status == 406
    assert said(desk, url) == ("ann", True)
