"""The stand-in answers as Gladly's published OpenAPI file says."""

import json
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer

import pytest
import requests

from local.gladly import Gladly
from local.gladly.gladly import INBOX
from local.sandbox.__main__ import handler

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
PROOF = {"authorization": f"Basic {b64encode(b'a@acme.example:t').decode()}"}
ITEM = {"type": "CUSTOMER_ACTIVITY", "activityType": "ISSUE"}
TASK = {"body": "Look", "dueAt": "2026-11-26T13:00:00Z", "assignee": {"inboxId": INBOX}}


@pytest.fixture
def gladly():
    return Gladly(user="a@acme.example", token="t", customers=["c1", "c2"], now=lambda: NOW)


def asked(gladly, method, url, body=None, headers=PROOF):
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    status, said, answer = gladly.handle(method, url, headers, content)
    return status, said, json.loads(answer) if answer else None


def item(gladly, customer="c1", headers=PROOF, **given):
    status, said, answer = asked(
        gladly, "POST", f"/api/v1/customers/{customer}/conversation-items", {"content": ITEM} | given, headers
    )
    return status, said, answer


def wrong(answer):
    status, _, body = answer
    assert status == 400
    return {(error["attr"], error["code"]) for error in body["errors"]}


def test_item_is_created_once(gladly):
    status, said, body = item(gladly, id="one")
    assert (status, body["id"], body["customerId"], body["content"]) == (200, "one", "c1", ITEM)
    assert said["Ratelimit-Limit-Second"] == "10" and said["Ratelimit-Remaining-Second"] == "9"
    status, _, body = item(gladly, id="one")
    taken = {"attr": "newConversationItems", "code": "taken", "detail": "conversation item already exists"}
    assert (status, body["errors"]) == (409, [taken])
    assert [one["id"] for one in gladly.written("c1")] == ["one"]
    assert asked(gladly, "GET", "/api/v1/conversation-items/one")[2]["content"] == ITEM
    assert asked(gladly, "GET", "/api/v1/conversation-items/two")[0] == 404


def test_item_without_an_id_gets_one(gladly):
    assert item(gladly)[2]["id"] != item(gladly)[2]["id"]


def test_task_and_item_share_their_ids(gladly):
    item(gladly, id="one")
    answer = asked(gladly, "POST", "/api/v1/customers/c1/tasks", TASK | {"id": "one"})
    assert answer[0] == 409 and answer[2]["errors"][0]["detail"] == "task already exists"
    status, said, body = asked(gladly, "POST", "/api/v1/customers/c1/tasks", TASK | {"id": "two"})
    assert (status, said["Location"], body) == (201, "/api/v1/tasks/two", None)


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"id": "x" * 50}, {("id", "invalid")}),
        ({"id": "a/b"}, {("id", "invalid")}),
        ({"content": None}, {("content", "blank")}),
        ({"content": {"type": "CUSTOMER_ACTIVITY"}}, {("content.activityType", "invalid")}),
        ({"content": ITEM | {"type": "EMAIL"}}, {("content.type", "invalid")}),
        ({"content": ITEM | {"title": "t" * 101}}, {("content.title", "too_long")}),
        ({"content": ITEM | {"body": "b" * 25_001}}, {("content.body", "too_long")}),
        ({"content": ITEM | {"body": 7}}, {("content.body", "invalid")}),
        ({"content": ITEM | {"sourceName": "s" * 51}}, {("content.sourceName", "too_long")}),
        ({"content": ITEM | {"link": {"url": "https://x.example", "text": "t" * 51}}},
         {("content.link.text", "too_long")}),
        ({"content": ITEM | {"link": {"url": "javascript:alert(1)"}}}, {("content.link.url", "invalid")}),
        ({"content": ITEM | {"link": "https://x.example"}}, {("content.link", "invalid")}),
        ({"content": ITEM | {"occurredAt": "yesterday"}}, {("content.occurredAt", "invalid")}),
        ({"content": ITEM | {"occurredAt": "2026-13-01T00:00:00Z"}}, {("content.occurredAt", "invalid")}),
        ({"content": ITEM | {"occurredAt": (NOW - timedelta(days=366)).isoformat()}},
         {("content.occurredAt", "invalid")}),
        ({"content": ITEM | {"expandByDefault": "yes"}}, {("content.expandByDefault", "invalid")}),
    ],
)  # fmt: skip
def test_item_with_wrong_values_is_refused(gladly, given, errors):
    assert wrong(item(gladly, **given)) == errors
    assert not gladly.written("c1")


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"body": ""}, {("body", "blank")}),
        ({"body": "b" * 10_001}, {("body", "too_long")}),
        ({"dueAt": NOW.isoformat()}, {("dueAt", "invalid")}),
        ({"dueAt": None}, {("dueAt", "invalid")}),
        ({"assignee": {"inboxId": "unknown"}}, {("assignee.inboxId", "invalid")}),
        ({"assignee": None}, {("assignee.inboxId", "invalid")}),
    ],
)
def test_task_with_wrong_values_is_refused(gladly, given, errors):
    assert wrong(asked(gladly, "POST", "/api/v1/customers/c1/tasks", TASK | given)) == errors


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_body_that_is_no_object_is_refused(gladly, body):
    assert asked(gladly, "POST", "/api/v1/customers/c1/tasks", body)[0] == 400


def test_merged_customer_is_elsewhere(gladly):
    item(gladly, id="one")
    gladly.merge("c1", "c2")
    status, said, body = item(gladly, id="two")
    assert status == 301 and said["Location"] == "/api/v1/customers/c2/conversation-items"
    assert body["errors"][0]["code"] == "moved" and body["errors"][0]["meta"] == {"old": "c1", "new": "c2"}
    assert [one["id"] for one in gladly.written("c1")] == ["one"]


def test_unknown_customer_and_path_are_not_there(gladly):
    assert item(gladly, "c3")[0] == 404
    assert asked(gladly, "GET", "/api/v1/agents")[0] == 404


def test_user_and_token_are_needed(gladly):
    for proof in ("", "Basic", f"Basic {b64encode(b'a@acme.example:wrong').decode()}"):
        assert item(gladly, headers={"authorization": proof})[0] == 401
    gladly.may_use_the_api = False
    assert item(gladly)[0] == 403


def test_eleventh_request_of_a_second_is_refused(gladly):
    assert [item(gladly)[0] for _ in range(11)] == [200] * 10 + [429]


def controlled(gladly, method, what, body=None):
    return asked(gladly, method, f"/_gladly/{what}", body)


def test_everything_can_be_set_while_it_runs(gladly):
    assert controlled(gladly, "PUT", "customers", {"id": "c9"})[2] == {"id": "c9"}
    assert item(gladly, "c9", id="one")[0] == 200
    assert [one["id"] for one in controlled(gladly, "GET", "customers?id=c9")[2]["items"]] == ["one"]
    assert controlled(gladly, "PUT", "customers", {"merge": "c9", "into": "c1"})[2] == {"id": "c1"}
    controlled(gladly, "PUT", "customers", {"id": "c9"})
    assert item(gladly, "c9")[0] == 301
    fault = {"kind": "http", "document": "tasks", "status": 503}
    assert controlled(gladly, "PUT", "faults", {"faults": [fault]})[2]["faults"][0]["status"] == 503
    status, _, _ = gladly.handle("POST", "/api/v1/customers/c1/tasks", PROOF, json.dumps(TASK).encode())
    assert status == 503
    assert controlled(gladly, "DELETE", "faults")[2] == {"faults": []}
    assert controlled(gladly, "PUT", "pace", {"perSecond": 1})[2] == {"latency": 0.0, "perSecond": 1}
    assert [one["status"] for one in controlled(gladly, "GET", "received")[2]["received"]][:2] == [200, 301]


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("PUT", "faults", {"faults": [{"kind": "refund_pending"}]}),
        ("PUT", "faults", {"faults": [{"kind": "nonsense"}]}),
        ("PUT", "customers", {"id": "a b"}),
        ("PUT", "customers", {}),
        ("PUT", "pace", {"perSecond": "many"}),
        ("GET", "nothing", None),
        ("PUT", "customers", b"{"),
    ],
)
def test_wrong_control_is_refused(gladly, method, what, body):
    assert controlled(gladly, method, what, body)[0] == 400


def test_control_needs_the_user_and_the_token(gladly):
    assert asked(gladly, "GET", "/_gladly/received", headers={})[0] == 401


@pytest.mark.enable_socket
def test_stand_in_answers_over_http(gladly):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(gladly))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/api/v1/customers/c1/conversation-items"
        answer = requests.post(url, json={"id": "one", "content": ITEM}, auth=("a@acme.example", "t"), timeout=5)
        assert (answer.status_code, answer.json()["id"]) == (200, "one")
        assert requests.post(url, json={}, auth=("a@acme.example", "no"), timeout=5).status_code == 401
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
