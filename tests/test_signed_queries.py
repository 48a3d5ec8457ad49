"""Signatures of requests with a query: how it may have been written, and what a signature covers."""

import json
from datetime import UTC, datetime
from itertools import permutations
from urllib.parse import quote, quote_plus, urlencode, urlsplit

import pytest

from create_discount_code.app import lambda_handler as discount
from local.in_process import KEY, TOKEN, LambdaContext
from lookup.app import lambda_handler as lookup
from orderdesk import signature
from refund_order.app import lambda_handler as refund

PATH = "/local/stores/main/actions/refund-order"


def signed(method, path, query, body=b"", **headers):
    """Headers of a signed request: with exactly these path and query lines, and `headers`."""
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    covered = {"gladly-time": now} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = signature.Request(method, (), (), covered, body)
    lines = signature._Written(path, query, "")
    made = signature._signature(KEY, method, lines, signature._rest(request, list(covered)), now)
    fields = f"SigningAlgorithm=hmac-sha256, SignedHeaders={';'.join(sorted(covered))}, Signature={made}"
    return covered | {"gladly-authorization": fields}


def pairs_of(desk):
    return {
        "order": desk.store.order("#1003").number,
        "agent_name": "Zoë O'Brien (2nd)",
        "agent": "7",
        "conversation": "a b/c",
    }


def word(capsys):
    """The name of the query's form in the log."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [said] = {line["signed"] for line in lines if "signed" in line}
    return said


FORMS = {
    "query apart": lambda query: (PATH, query),
    "query on both lines": lambda query: (f"{PATH}?{query}", query),
    "query on the path line": lambda query: (f"{PATH}?{query}", ""),
}
WRITTEN = {
    "as Python and Gladly's templates": lambda text: quote(text, safe=""),
    "as Go's QueryEscape": quote_plus,
    "as encodeURIComponent": lambda text: quote(text, safe="-._~!*'()"),
    "as URLSearchParams": lambda text: quote_plus(text, safe="*"),
    "without any encoding": str,
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("order", ["as sent", "sorted"])
@pytest.mark.parametrize("form", FORMS)
def test_query_in_any_known_form_is_accepted(desk, capsys, form, order, write):
    pairs = pairs_of(desk)
    parts = [f"{write(name)}={write(value)}" for name, value in pairs.items()]
    query = "&".join(sorted(parts) if order == "sorted" else parts)
    url = f"/actions/refund-order?{urlencode(pairs)}"
    assert desk.send("GET", url, headers=signed("GET", *FORMS[form](query))).status == 200
    said = word(capsys)
    assert said == form
    assert not any(value in said for value in pairs.values())


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (PATH, ""),
        (f"{PATH}?", ""),
        (PATH, "agent=7"),
        (f"{PATH}?agent=7", ""),
        (f"{PATH}?agent=7", "{query}"),
        (f"{PATH}?{{query}}", "agent=7"),
        ("/local/stores/main/timeline", "{query}"),
    ],
)
def test_path_signed_without_its_query_is_refused(desk, path, query):
    pairs = {"agent": "7", "order": desk.store.order("#1003").number}
    whole = urlencode(pairs)
    headers = signed("GET", path.format(query=whole), query.format(query=whole))
    assert desk.send("GET", f"/actions/refund-order?{whole}", headers=headers).status == 401


def test_added_query_is_refused(desk):
    number = desk.store.order("#1003").number
    headers = signed("POST", "/local/stores/main", "", b'{"query":{}}')
    event = desk.event("POST", "", '{"query":{}}', headers=headers)
    event["multiValueQueryStringParameters"] = {"agent_name": ["The CEO"], "order": [number]}

    assert lookup(event, LambdaContext())["statusCode"] == 401


@pytest.mark.parametrize(
    ("signed_query", "called"),
    [
        ("conversation=c%26customer%3D{other}&order={order}", "conversation=c&customer={other}&order={order}"),
        ("conversation=c&customer={other}&order={order}", "conversation=c%26customer%3D{other}&order={order}"),
        ("agent=a%2Bb&order={order}", "agent=a+b&order={order}"),
        ("agent=a+b&order={order}", "agent=a%2Bb&order={order}"),
        ("agent=a%2520b&order={order}", "agent=a%20b&order={order}"),
        ("agent=a%20b&order={order}", "agent=a%2520b&order={order}"),
        ("agent%3Db=c&order={order}", "agent=b%3Dc&order={order}"),
    ],
)
def test_different_query_never_has_the_same_signature(desk, signed_query, called):
    """Otherwise a captured request could drop the check of the customer: `c%26customer%3DX` read as `c` and a
    customer."""
    known = {"order": desk.store.order("#1003").number, "other": "1"}
    asked, query = signed_query.format(**known), called.format(**known)
    for make in FORMS.values():
        headers = signed("GET", *make(asked))
        assert desk.send("GET", f"/actions/refund-order?{query}", headers=headers).status == 401


@pytest.mark.parametrize("order", list(permutations(["agent", "agent_name", "conversation", "customer"]))[:8])
def test_urls_in_replies_are_sorted_and_can_be_signed(desk, order):
    linked = desk.linked("#1003")
    body = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": linked}}
    agent = {"x_agent_id": "7", "x_agent_name": "Zoë O'Brien & Co", "x_conversation_id": "c 1"}
    headers = signed("POST", "/local/stores/main", "", json.dumps(body).encode(), **agent)
    [profile] = desk.send("POST", "", body, headers=headers).body["results"]
    url = profile["actions"][0]["formUrl"]
    path, query = f"/local/stores/main{urlsplit(url).path}", urlsplit(url).query

    for make in (lambda: (path, query), lambda: (f"{path}?{query}", query), lambda: (f"{path}?{query}", "")):
        event = desk.event("GET", url, headers=signed("GET", *make()))
        many = event["multiValueQueryStringParameters"]
        event["multiValueQueryStringParameters"] = {name: many[name] for name in order}
        assert discount(event, LambdaContext())["statusCode"] == 200


def test_half_a_surrogate_pair_is_refused(desk):
    event = desk.event("GET", "/actions/refund-order?order=1", headers=signed("GET", PATH, "order=1"))
    event["multiValueQueryStringParameters"] = {"order": ["\ud800"]}

    assert refund(event, LambdaContext())["statusCode"] == 401


def test_parameter_given_twice_is_refused(desk):
    number = desk.store.order("#1003").number
    for headers in (None, signed("GET", PATH, f"order=1&order={number}")):
        answer = desk.send("GET", f"/actions/refund-order?order={number}&order=1", headers=headers)
        [error] = answer.body["errors"]
        assert (answer.status, error["attr"]) == (400, "order")
    assert desk.send("GET", f"/actions/refund-order?order={number}&order={number}").status == 200


def test_unsigned_agent_headers_are_ignored(desk):
    """Anyone on the way could add them, and put the CEO on the timeline."""
    number = desk.store.order("#1003").number
    added = {"X-Agent-Id": "1", "X-Agent-Name": "The CEO", "X-Conversation-Id": "another"}
    for covered, expected in (
        ({}, {}),
        ({"x_agent_name": "Kim Park"}, {"agent_name": "Kim Park"}),
        ({"x_agent_id": "9", "x_conversation_id": "c1"}, {"agent": "9", "conversation": "c1"}),
    ):
        headers = signed("GET", PATH, f"order={number}", **covered)
        sent = {k: v for k, v in added.items() if k.lower() not in headers} | headers
        form = desk.send("GET", f"/actions/refund-order?order={number}", headers=sent)
        query = dict(part.split("=") for part in urlsplit(form.body["actionUrl"]).query.split("&"))
        said = {k: v.replace("%20", " ") for k, v in query.items() if k in ("agent", "agent_name", "conversation")}
        assert said == expected


def test_signed_agent_in_the_query_is_used(desk):
    number = desk.store.order("#1003").number
    query = f"agent_name=Kim&order={number}"
    headers = signed("GET", PATH, query) | {"X-Agent-Name": "The CEO"}
    form = desk.send("GET", f"/actions/refund-order?{query}", headers=headers)
    assert "agent_name=Kim&" in form.body["actionUrl"]


@pytest.mark.parametrize("names", [("x-agent-name", "X-AGENT-NAME"), ("X-AGENT-NAME", "x-agent-name")])
def test_signed_header_sent_twice_is_refused(desk, names):
    number = desk.store.order("#1003").number
    headers = signed("GET", PATH, f"order={number}", x_agent_name="Kim Park")
    del headers["x-agent-name"]
    event = desk.event("GET", f"/actions/refund-order?order={number}", headers=headers)

    for values in ({names[0]: ["Kim Park"], names[1]: ["The CEO"]}, {"x-agent-name": ["Kim Park", "The CEO"]}):
        sent = event | {"multiValueHeaders": event["multiValueHeaders"] | values}
        assert refund(sent, LambdaContext())["statusCode"] == 401


def test_signature_with_a_repeated_field_is_refused(desk):
    number = desk.store.order("#1003").number
    headers = signed("GET", PATH, f"order={number}")
    headers["gladly-authorization"] += ", SignedHeaders=x-agent-name;gladly-time"
    assert desk.send("GET", f"/actions/refund-order?order={number}", headers=headers).status == 401


def test_agent_headers_with_a_bearer_token_are_used(desk):

    number = desk.store.order("#1003").number
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Agent-Name": "Kim"}
    form = desk.send("GET", f"/actions/refund-order?order={number}", headers=headers)
    assert "agent_name=Kim&" in form.body["actionUrl"]


@pytest.mark.parametrize("order", ["１００", "٣", "0123", "1" * 21, "order-１"])
def test_id_with_other_digits_is_refused(desk, order):
    for url in (f"/actions/refund-order?order={order}", f"/actions/create-discount-code?customer={order}"):
        assert desk.send("GET", url).status == 400
