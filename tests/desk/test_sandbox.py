"""The demo's Shopify as the desk sees it: calls with their cost, by request, and troubles."""

import pytest
import requests

from local.desk.desk import Desk
from local.desk.exchanges import Exchange
from local.desk.sandbox import TROUBLES, Sandbox
from local.desk.stack import Stack
from local.sandbox import Sandbox as Shopify

SHOPIFY = "http://127.0.0.1:4010"
STACK = Stack("https://desk.example/local/stores/demo", key="k", shopify=SHOPIFY, shopify_token="shpat_sandbox")
QUERY = {"operationName": "Shop", "query": "query Shop { shop { name } }"}


@pytest.fixture
def watched(monkeypatch):
    """The desk's sandbox in front of a simulated Shopify without a socket, and a way to call that Shopify."""
    shopify = Shopify()
    real = requests.Session

    def session():
        http = real()
        http.mount(SHOPIFY, shopify.adapter())
        return http

    monkeypatch.setattr(requests, "Session", session)

    def ask(name="Shop"):
        headers = {"X-Shopify-Access-Token": "shpat_sandbox"}
        body = QUERY | {"operationName": name, "query": QUERY["query"].replace("Shop {", f"{name} {{", 1)}
        return session().post(f"{SHOPIFY}/admin/api/2026-10/graphql.json", json=body, headers=headers)

    ask("Before")
    return Desk(STACK, {"id": "7", "name": "Ann"}), ask, shopify


def test_conversation_keeps_its_time(watched):
    desk, _, _ = watched
    first, again = (desk._session({})["conversations"] for _ in range(2))
    assert first == again and [one["at"] for one in first] == sorted((one["at"] for one in first), reverse=True)


def exchange():
    return Exchange("lookup", "POST", STACK.base, {}, "")


def test_request_records_its_calls_with_their_cost(watched):
    desk, ask, _ = watched
    one = exchange()
    with desk.sandbox.watching(one):
        ask("Shop")
    assert [(c["name"], c["errors"]) for c in one.shopify] == [("Shop", None)]
    assert one.shopify[0]["actualCost"] == one.shopify[0]["requestedCost"] == 1


def test_call_between_requests_belongs_to_none(watched):
    desk, ask, _ = watched
    ask("Settling")
    one = exchange()
    with desk.sandbox.watching(one):
        ask("Shop")
    ask("Late")
    desk.sandbox.unasked(desk.helpdesk.record)
    desk.sandbox.unasked(desk.helpdesk.record)
    [others] = desk.helpdesk.record.since(0)
    assert (others.kind, [c["name"] for c in others.shopify]) == ("others", ["Settling", "Late"])
    assert [c["name"] for c in one.shopify] == ["Shop"]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: t.name)
def test_every_trouble_can_be_set_and_read_back(watched, trouble):
    desk, _, shopify = watched
    assert desk.sandbox.put(trouble.name) == trouble.name
    assert [f["kind"] for f in shopify.faults.listed()] == [f["kind"] for f in trouble.faults]
    assert desk.sandbox.trouble() == trouble.name


def test_faults_set_by_someone_else_are_shown_as_other(watched):
    from local.sandbox.faults import Fault

    desk, _, shopify = watched
    shopify.faults.put(Fault("throttled"))
    assert desk.sandbox.trouble() == "other"


def test_missing_sandbox_does_not_break_the_desk(watched):
    desk, _, _ = watched
    desk.sandbox.http.mount(SHOPIFY, _Gone())
    one = exchange()
    with desk.sandbox.watching(one):
        pass
    assert one.shopify == [] and isinstance(desk.sandbox, Sandbox)


class _Gone(requests.adapters.BaseAdapter):
    def send(self, *_, **__):
        raise requests.ConnectionError

    def close(self): ...
