"""The desk's conversation shows what Orderdesk has written into the helpdesk's timeline; and Gladly's parameters."""

import json

import boto3
import pytest
import requests

from local.desk.desk import Desk
from local.desk.parameters import Parameters
from local.desk.stack import Stack
from local.gladly import Gladly
from local.gladly.gladly import INBOX
from local.in_process import KEY, PATH, STORE
from tell_gladly import client, resting
from tests.desk.test_server import AGENT, BASE, HOSTS, Gateway
from tests.gladly.conftest import HOST, TOKEN, USER, connect, queue  # noqa: F401 - a fixture
from tests.gladly.outcomes import refunded_late

WHO = "demo-1"


class Page:
    """The page's requests to the desk's server."""

    def __init__(self, deployment, gladly):
        here = {"gladly": f"https://{HOST}", "gladly_user": USER, "gladly_token": TOKEN} if gladly else {}
        stack = Stack(BASE, key=KEY, stage="local", **here)
        self.server = Desk(stack, AGENT, parameters=Parameters(stack, boto3.client("ssm")))
        self.server.helpdesk.http.mount("https://", Gateway(deployment))
        if gladly:
            self.server.activities.http.mount("https://", gladly.adapter())

    def ask(self, method, path, body=None):
        headers = {"host": "127.0.0.1:4020", "x-desk-token": self.server.token, "content-type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.server.handle(method, f"/api/{path}", headers, content, HOSTS)
        return answer.status, json.loads(answer.body)

    def items(self, conversation=WHO):
        status, said = self.ask("POST", "activities", {"conversation": conversation})
        assert status == 200, said
        return said["items"]

    def put(self, name, value):
        return self.ask("PUT", "settings", {"store": STORE, "name": name, "value": value})


@pytest.fixture
def gladly(desk):
    resting.forget()
    client.session.cache_clear()
    return Gladly(user=USER, token=TOKEN)


@pytest.fixture
def page(desk, gladly):
    return Page(desk, gladly)


def test_late_outcome_arrives_in_the_conversation(desk, page, gladly, queue):  # noqa: F811
    customer = desk.linked("#1016")
    query = {"id": WHO, "externalCustomerId": customer}
    assert page.ask("POST", "lookup", {"level": "DETAILED", "query": query, "conversation": WHO})[0] == 200
    assert page.items() == []
    client.session().mount(f"https://{HOST}", gladly.adapter())
    connect(desk)
    queue.put(refunded_late(desk, profile=WHO))
    queue.deliver()
    [item] = page.items()
    number = desk.store.order("#1016").number
    assert (item["kind"], item["source"], item["title"]) == ("activity", "Orderdesk", "Refunded $129.00 on order #1016")
    assert "We confirmed this in Shopify later." in item["text"] and item["due"] == ""
    assert item["link"]["url"].endswith(f"/orders/{number}")
    assert page.items("demo-2") == []


def test_task_is_shown_with_its_due_time(page, gladly):
    page.server.activities.know(WHO)
    task = {
        "id": "t",
        "assignee": {"inboxId": INBOX},
        "body": "Look &lt;b&gt; &amp; see",
        "dueAt": "2999-01-01T00:00:00Z",
    }
    headers = {"Authorization": requests.auth._basic_auth_str(USER, TOKEN)}
    lowered = {name.lower(): value for name, value in headers.items()}
    assert gladly.handle("POST", f"/api/v1/customers/{WHO}/tasks", lowered, json.dumps(task).encode())[0] == 201
    [item] = page.items()
    assert (item["kind"], item["text"], item["due"]) == ("task", "Look <b> & see", "2999-01-01T00:00:00Z")


def test_other_helpdesks_show_nothing_more(desk):
    page = Page(desk, None)
    assert page.items() == []
    assert page.ask("GET", "session")[1]["activities"] is False


def test_demo_says_that_there_are_activities(page):
    assert page.ask("GET", "session")[1]["activities"] is True


def test_helpdesk_that_does_not_answer_is_said(page):
    class Broken(requests.adapters.BaseAdapter):
        def send(self, *_, **__):
            raise requests.ConnectionError

        def close(self): ...

    page.server.activities.http.mount("https://", Broken())
    status, said = page.ask("POST", "activities", {"conversation": WHO})
    assert status == 502 and "does not answer" in said["problem"]


GOOD = {
    "helpdesk/gladly_host": "acme.gladly.com",
    "helpdesk/gladly_user": "orderdesk@acme.example",
    "helpdesk/gladly_inbox": "NFpDZtfqhk2pI6fjaVDlFf",
}


def test_parameters_of_gladly_are_written_and_the_token_only_by_a_command(page):
    for name, value in GOOD.items():
        status, shown = page.put(name, value)
        assert status == 200, shown
        [text] = [one for one in shown["texts"] if one["name"] == name]
        assert text["value"] == value and text["line"].endswith(f"--name {PATH}/{name} --value {value}")
        assert text["unset"].endswith(f"delete-parameter --name {PATH}/{name}")
    [token] = [one for one in shown["secrets"] if one["name"] == "helpdesk/gladly_token"]
    assert token["set"] is False and "--type SecureString" in token["line"] and '"$GLADLY_TOKEN"' in token["line"]
    assert page.put("helpdesk/gladly_token", "mine")[0] == 400


def test_half_of_gladlys_parameters_is_said_to_be_missing(page, desk):
    _, shown = page.put("helpdesk/gladly_host", "acme.gladly.com")
    [lacks] = shown["missing"]
    assert lacks["name"] == "helpdesk/gladly_user" and "is not set" in lacks["why"]
    page.put("helpdesk/gladly_user", "orderdesk@acme.example")
    desk.set(helpdesk__gladly_token=TOKEN)
    assert page.ask("GET", f"settings?store={STORE}")[1]["missing"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("helpdesk/gladly_host", "acme.example.org"),
        ("helpdesk/gladly_host", "http://10.0.0.1:80"),
        ("helpdesk/gladly_user", "a:b"),
        ("helpdesk/gladly_inbox", "a/b"),
    ],
)
def test_wrong_value_for_gladly_is_not_written(page, name, value):
    status, said = page.put(name, value)
    assert status == 400 and name in said["problem"]


def test_value_for_gladly_is_removed_again(page):
    page.put("helpdesk/gladly_host", "acme.gladly.com")
    _, shown = page.put("helpdesk/gladly_host", "")
    assert next(one["value"] for one in shown["texts"] if one["name"] == "helpdesk/gladly_host") == ""
    assert shown["missing"] == []
