"""The demo's receiver of webhooks, and what the configuration page says of a store's webhook."""

import json
import time

import boto3
import pytest
from standardwebhooks import Webhook

from deliver_webhooks import webhook
from local.desk import events
from local.desk.desk import Desk
from local.desk.parameters import Parameters, SettingsError
from local.desk.stack import Stack
from local.in_process import KEY, PATH, STORE
from orderdesk.config import parameters

BASE = f"https://desk.example/local/stores/{STORE}"
HOSTS = frozenset({"127.0.0.1:4020"})
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def server(desk):
    """The desk of a demo, whose stack sends its events to it."""
    stack = Stack(BASE, key=KEY, stage="local")
    it = Desk(stack, {"id": "7", "name": "Ann"}, parameters=Parameters(stack, boto3.client("ssm")))
    # As in a demo, without a sandbox Shopify behind a socket.
    it.receiver = events.Receiver()
    it.listen("http://127.0.0.1:4020")
    parameters.cache_clear()
    return it


def delivered(server, event="a/1/SUCCEEDED", **change):
    """Deliver an event as Orderdesk does; returns the status of the answer."""
    secret = boto3.client("ssm").get_parameter(Name=f"{PATH}/helpdesk/webhook_secret", WithDecryption=True)
    url = boto3.client("ssm").get_parameter(Name=f"{PATH}/helpdesk/webhook_url")["Parameter"]["Value"]
    target = webhook.of(url, (secret["Parameter"]["Value"],), local=True)
    said = {"type": "orderdesk.entry", "timestamp": "2026-11-26T08:00:00.000Z", "data": {"state": "SUCCEEDED"}}
    body = json.dumps(said).encode()
    headers = {"host": "127.0.0.1:4020"} | target.headers(event, int(time.time()), body) | change
    return server.handle("POST", target.target, headers, body, HOSTS).status


def shown(server):
    headers = {"host": "127.0.0.1:4020", "x-desk-token": server.token}
    return json.loads(server.handle("GET", "/api/events", headers, b"", HOSTS).body)


def put(server, mood):
    headers = {"host": "127.0.0.1:4020", "x-desk-token": server.token, "content-type": "application/json"}
    return server.handle("PUT", "/api/receiver", headers, json.dumps({"mood": mood}).encode(), HOSTS).status


def test_events_are_shown_newest_first_with_each_delivery(server):
    assert put(server, "down") == 200
    assert (delivered(server, "a/1/UNKNOWN"), delivered(server, "b/1/FAILED")) == (503, 503)
    assert put(server, "well") == 200
    assert delivered(server, "a/1/UNKNOWN") == 204
    found = shown(server)
    assert found["mood"] == "well" and [one["id"] for one in found["events"]] == ["b/1/FAILED", "a/1/UNKNOWN"]
    answers = [(each["answer"], each["accepted"]) for each in found["events"][1]["deliveries"]]
    assert answers == [("503", False), ("204", True)]


def test_slow_receiver_counts_as_no_answer(server):
    assert put(server, "slow") == 200
    assert delivered(server) == 204
    [one] = shown(server)["events"]
    assert [(each["answer"], each["accepted"]) for each in one["deliveries"]] == [("no answer in time", False)]


@pytest.mark.parametrize(
    "change",
    [{"webhook-signature": "v1,AAAA"}, {"webhook-id": "x"}, {"webhook-timestamp": "1"}, {"webhook-signature": "?"}],
)
def test_delivery_with_a_wrong_signature_is_refused(server, change):
    assert delivered(server, **change) == 401 and shown(server)["events"] == []


def test_delivery_needs_no_token_of_the_desk_but_everything_else_does(server):
    assert delivered(server) == 204
    assert server.handle("GET", "/api/events", {"host": "127.0.0.1:4020"}, b"", HOSTS).status == 401
    assert server.handle("POST", events.PATH, {"host": "evil.example"}, b"{}", HOSTS).status == 421


def test_list_is_bounded(server):
    for number in range(230):
        delivered(server, f"{number}/1/FAILED")
    for _ in range(60):
        delivered(server, "229/1/FAILED")
    found = shown(server)["events"]
    assert len(found) == 200 and len(found[0]["deliveries"]) == 50


def test_unknown_mood_is_refused(server):
    assert put(server, "sleepy") == 400


def test_desk_of_a_deployed_store_receives_nothing(desk):
    it = Desk(Stack(BASE, key=KEY, stage="local"), {"id": "7", "name": "Ann"})
    it.listen("http://127.0.0.1:4020")
    headers = {"host": "127.0.0.1:4020", "x-desk-token": it.token}
    assert it.handle("GET", "/api/events", headers, b"", HOSTS).status == 404
    assert it.handle("POST", events.PATH, headers, b"{}", HOSTS).status == 405


def test_secret_is_new_at_each_start_and_in_the_form_of_the_specification():
    one, two = events.Receiver().secret, events.Receiver().secret
    assert one != two and Webhook(one) and webhook.of("https://a.example/", (one,)).secrets


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"helpdesk/webhook_url": "https://receiver.example.com/"}, "helpdesk/webhook_secret"),
        (
            {"helpdesk/webhook_url": "http://receiver.example.com/", "helpdesk/webhook_secret": SECRET},
            "helpdesk/webhook_url",
        ),
        (
            {"helpdesk/webhook_url": "https://receiver.example.com/", "helpdesk/webhook_secret": "short"},
            "helpdesk/webhook_secret",
        ),
    ],
)
def test_webhook_that_cannot_be_called_is_listed_as_missing(desk, values, name):
    ssm = boto3.client("ssm")
    for parameter, value in values.items():
        ssm.put_parameter(Name=f"{PATH}/{parameter}", Value=value, Type="String")
    known = Parameters(Stack(BASE, key=KEY, stage="local"), ssm).shown(STORE)
    assert [one["name"] for one in known["missing"]] == [name]


def test_webhook_that_works_is_not_listed(server):
    assert server.parameters.shown(STORE)["missing"] == []


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("helpdesk/webhook_url", " https://receiver.example.com/a?b=c ", "https://receiver.example.com/a?b=c"),
        ("helpdesk/event_agents", "True", "true"),
    ],
)
def test_parameter_of_events_is_written(server, name, value, kept):
    server.parameters.write(STORE, name, value)
    assert boto3.client("ssm").get_parameter(Name=f"{PATH}/{name}")["Parameter"]["Value"] == kept
    [text] = [one for one in server.parameters.shown(STORE)["texts"] if one["name"] == name]
    assert text["value"] == kept and kept in text["line"]
    server.parameters.write(STORE, name, "")
    assert name not in server.parameters.settings(STORE).values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("helpdesk/webhook_url", "http://receiver.example.com/"),
        ("helpdesk/webhook_url", "https://user:secret@receiver.example.com/"),
        ("helpdesk/event_agents", "maybe"),
        ("helpdesk/webhook_secret", SECRET),
    ],
)
def test_wrong_parameter_of_events_is_refused(server, name, value):
    with pytest.raises(SettingsError):
        server.parameters.write(STORE, name, value)
