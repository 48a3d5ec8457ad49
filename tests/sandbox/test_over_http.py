"""The sandbox over HTTP, through a pair of sockets: complete, cut and missing answers, and what a test can set."""

import json
import socket

import pytest

from local.sandbox.__main__ import handler
from local.sandbox.faults import KINDS

from .conftest import Shop

TOKEN = "X-Shopify-Access-Token: shpat_sandbox"
API = "POST /admin/api/2026-10/graphql.json"
NAMED = json.dumps({"query": "query Named { shop { name } }", "operationName": "Named"})


@pytest.fixture
def over_http():
    """Send a request; returns the status (0: no answer), the head and the body."""
    shop = Shop()

    class Handler(handler(shop.sandbox)):
        disable_nagle_algorithm = False  # There is none between two sockets of one process.

    def said(line, body="", *headers):
        ours, theirs = socket.socketpair()
        head = (f"{line} HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(body)}", *headers)
        ours.sendall("\r\n".join((*head, "", body)).encode())
        ours.shutdown(socket.SHUT_WR)
        Handler(theirs, ("127.0.0.1", 1), None)
        theirs.close()
        answer = b"".join(iter(lambda: ours.recv(65536), b""))
        ours.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]) if head else 0, head.decode(), content

    said.shop = shop
    return said


def fault(over_http, **one):
    """Switch a fault on."""
    return over_http("PUT /_sandbox/faults", json.dumps({"faults": [one]}), TOKEN)


def test_request_is_answered(over_http):
    status, head, body = over_http(API, NAMED, TOKEN)
    assert status == 200 and json.loads(body)["data"] == {"shop": {"name": "Demo"}}
    assert "X-Shopify-API-Version: 2026-10" in head and "X-Request-Id: " in head
    assert f"Content-Length: {len(body)}" in head


def test_order_page_shows_its_facts(over_http):
    number = over_http.shop.store.order("#1016").number
    status, head, body = over_http(f"GET /admin/orders/{number}")
    assert status == 200 and "text/html" in head and b"Order #1016" in body


def test_customer_page_shows_its_facts(over_http):
    customer = over_http.shop.store.customers[0]
    status, head, body = over_http(f"GET /admin/customers/{customer.id.rpartition('/')[2]}")
    assert status == 200 and "text/html" in head
    assert customer.name.encode() in body and b"#10" in body
    assert over_http("GET /admin/customers/1")[0] == 404


@pytest.mark.parametrize(
    ("one", "status"),
    [
        ({"kind": "refused"}, 0),
        ({"kind": "reset_before"}, 0),
        ({"kind": "reset_after"}, 0),
        ({"kind": "no_answer", "seconds": 0}, 0),
        ({"kind": "late", "seconds": 60}, 0),
        ({"kind": "slow", "seconds": 0}, 200),
        ({"kind": "cut"}, 200),
        ({"kind": "http", "status": 503}, 503),
        ({"kind": "throttled"}, 200),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_fault_happens_as_often_as_set(over_http, one, status):
    assert fault(over_http, document="Named", times=1, **one)[0] == 200
    assert over_http(API, json.dumps({"query": "{ shop { id } }"}), TOKEN)[0] == 200
    got, head, body = over_http(API, NAMED, TOKEN)
    assert got == status
    if one["kind"] == "cut":
        assert f"Content-Length: {len(body)}" not in head and body
    assert over_http(API, NAMED, TOKEN)[0] == 200


def test_faults_can_be_listed_and_removed(over_http):
    fault(over_http, kind="http", status=500)
    shown = json.loads(over_http("GET /_sandbox/faults", "", TOKEN)[2])["faults"]
    assert [one["kind"] for one in shown] == ["http"]
    assert json.loads(over_http("DELETE /_sandbox/faults", "", TOKEN)[2]) == {"faults": []}
    assert over_http(API, NAMED, TOKEN)[0] == 200


def test_unknown_fault_is_refused(over_http):
    status, _, body = fault(over_http, kind="meteor")
    assert status == 400 and all(kind in json.loads(body)["errors"] for kind in ("meteor", *KINDS))
    assert over_http("PUT /_sandbox/faults", "{", TOKEN)[0] == 400


def test_received_requests_are_listed(over_http):
    over_http(API, NAMED, TOKEN)
    (one,) = json.loads(over_http("GET /_sandbox/received", "", TOKEN)[2])["received"]
    assert (one["name"], one["number"], one["requestedQueryCost"], one["errors"]) == ("Named", 1, 1, None)
    assert json.loads(over_http("GET /_sandbox/received?after=1", "", TOKEN)[2]) == {"received": []}


def test_orders_can_be_added(over_http):
    made = json.loads(over_http("POST /_sandbox/orders", '{"count": 2}', TOKEN)[2])["orders"]
    assert [o.id for o in over_http.shop.store.orders[-2:]] == made


def test_pace_can_be_set(over_http):
    paced = {"latency": 0.0, "size": 50.0, "restore": 1.0, "available": 2.0}
    assert json.loads(over_http("PUT /_sandbox/pace", json.dumps(paced), TOKEN)[2]) == paced
    assert json.loads(over_http("GET /_sandbox/pace", "", TOKEN)[2]) == paced
    expensive = json.dumps({"query": "{ orders(first: 10) { nodes { id } } }"})
    assert json.loads(over_http(API, expensive, TOKEN)[2])["errors"][0]["message"] == "Throttled"
    for wrong in ('{"latency": -1}', '{"speed": 3}', '{"size": "much"}', "[]", "{"):
        assert over_http("PUT /_sandbox/pace", wrong, TOKEN)[0] == 400


@pytest.mark.parametrize("path", ["/_sandbox/faults", "/_sandbox/received", "/_sandbox/pace", "/_sandbox/nonsense"])
def test_controls_need_the_token(over_http, path):
    assert over_http(f"GET {path}")[0] == 401
    assert over_http(f"GET {path}", "", TOKEN)[0] == (404 if path.endswith("nonsense") else 200)


def test_error_in_the_sandbox_is_an_internal_error(over_http, capsys):
    def broken(*_):
        raise RuntimeError("of our own")

    over_http.shop.sandbox.execute = broken
    status, _, body = over_http(API, NAMED, TOKEN)
    [error] = json.loads(body)["errors"]
    assert (status, error["extensions"]["code"]) == (200, "INTERNAL_SERVER_ERROR")
    assert "of our own" in capsys.readouterr().err


def test_header_in_any_language_is_sent_as_utf_8(over_http):
    assert fault(over_http, kind="http", status=301, headers={"Location": "https://\u0131.example/\u20ac"})[0] == 200
    status, head, _ = over_http(API, NAMED, TOKEN)
    assert status == 301 and "Location: https://\u0131.example/\u20ac\r\n" in head


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "3"}, {"transfer-encoding": "chunked"}, {"X-A": "\ud800"}, {"X-A": "b\nX-C: d"}]
)
def test_header_that_would_break_the_answer_is_refused(over_http, headers):
    status, _, body = fault(over_http, kind="http", headers=headers)
    assert status == 400 and json.loads(body)["errors"].startswith("headers of a fault must be an object of texts")
    assert json.loads(over_http(API, NAMED, TOKEN)[2])["data"] == {"shop": {"name": "Demo"}}


def test_unknown_method_lists_the_known_ones(over_http):
    status, _, body = over_http("PATCH /_sandbox/faults", "{}", TOKEN)
    assert (status, json.loads(body)) == (404, {"errors": "Not Found: there is GET or PUT or DELETE faults"})
