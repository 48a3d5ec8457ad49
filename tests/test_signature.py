import base64
from datetime import UTC, datetime, timedelta

import pytest

from local.in_process import KEY, TOKEN, LambdaContext
from lookup.app import lambda_handler
from orderdesk import signature

BODY = (
    b'{"lookupLevel":"DETAILED","query":{"emails":["martha.williams@gmail.com"],"externalCustomerId":"abc",'
    b'"favoriteDate":"2018-08-19T07:00:00.000Z","favoriteFood":"Apple Pie","id":"o2sg-TMTSD2rTwMuxzewbA",'
    b'"name":"Martha Williams","phones":["+15013299800"]},"uniqueMatchRequired":true}'
)
HEADERS = {
    "accept": "application/json",
    "content-type": "application/json",
    "gladly-correlation-id": "vXmSEPjVSWCaCMzvjufxZg",
    "gladly-time": "20190213T214016Z",
    "x-b3-traceid": "bd799210f8d549609a08ccef8ee7f166",
}
VECTOR_KEY = "test-apikey-1"
SIGNATURE = "4c633fca4914f51df04c9ec40f4545d66d653e771c6634e33eed52a242bc278c"
THEN = datetime(2019, 2, 13, 21, 40, 16, tzinfo=UTC)


def vector(**changes):
    names = ";".join(sorted(HEADERS))
    given = f"SigningAlgorithm=hmac-sha256, SignedHeaders={names}, Signature={SIGNATURE}"
    request = signature.Request(
        "POST", ("/api/v2/customer/lookup",), (), HEADERS | {"gladly-authorization": given}, BODY
    )
    return request._replace(**changes)


def test_gladlys_own_vector():
    assert signature.signed_by(vector(), [VECTOR_KEY], THEN)
    assert signature.signed_by(vector(), ["another", VECTOR_KEY], THEN)
    assert signature.signed_by(vector(paths=("/x", "/api/v2/customer/lookup")), [VECTOR_KEY], THEN)


@pytest.mark.parametrize(
    ("changes", "keys", "now"),
    [
        ({}, ["wrong"], THEN),
        ({}, [], THEN),
        ({"body": BODY + b" "}, [VECTOR_KEY], THEN),
        ({"method": "PUT"}, [VECTOR_KEY], THEN),
        ({"paths": ("/api/v2/customer/lookup/",)}, [VECTOR_KEY], THEN),
        ({"query": (("a", "1"),)}, [VECTOR_KEY], THEN),
        ({}, [VECTOR_KEY], THEN + timedelta(minutes=5, seconds=1)),
        ({}, [VECTOR_KEY], THEN - timedelta(minutes=5, seconds=1)),
    ],
)
def test_anything_else_is_not_signed(changes, keys, now):
    assert not signature.signed_by(vector(**changes), keys, now)


@pytest.mark.parametrize("value", ["", "nonsense", "SigningAlgorithm=md5, SignedHeaders=a, Signature=b"])
def test_a_header_that_is_none(value):
    request = vector()
    broken = request._replace(headers={**request.headers, "gladly-authorization": value})
    assert not signature.signed_by(broken, [VECTOR_KEY], THEN)


@pytest.mark.parametrize("change", [{"gladly-time": "yesterday"}, {"accept": None}])
def test_a_named_header_that_is_missing_or_a_time_that_is_none(change):
    request = vector()
    headers = {k: v for k, v in {**request.headers, **change}.items() if v is not None}
    assert not signature.signed_by(request._replace(headers=headers), [VECTOR_KEY], THEN)


@pytest.mark.parametrize("pairs", [(), (("order", "5"), ("conversation", "a b/c")), (("B", "2"), ("a", "x+y&z=ä"))])
def test_what_sign_makes_is_signed(pairs):
    headers = {"gladly-time": "20190213T214016Z", "x-new-header": " some value "}
    request = signature.Request("GET", ("/stores/main/timeline",), pairs, headers, b"")
    given = signature.sign(request, KEY, ["Gladly-Time", "X-New-Header"])
    assert signature.signed_by(request._replace(headers=headers | {"gladly-authorization": given}), [KEY], THEN)


def signed_headers(method, path, body, pairs=()):
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    request = signature.Request(method, (path,), tuple(pairs), {"gladly-time": now}, body)
    return {"Gladly-Time": now, "Gladly-Authorization": signature.sign(request, KEY, ["gladly-time"])}


@pytest.mark.parametrize(
    ("signed", "stage", "called", "status"),
    [
        ("/prod/stores/main", "prod", "/prod/stores/main", 200),
        ("/stores/main", "prod", "/stores/main", 200),
        ("/stores/main", "prod", "/prod/stores/main", 200),
        ("/restapis/a1b2/local/_user_request_/stores/main", "local", "/local/stores/main", 200),
        ("/restapis/a1b2/prod/_user_request_/stores/main", "prod", "/prod/stores/main", 401),
        ("/test/stores/main", "prod", "/prod/stores/main", 401),
        ("/prod/stores/other", "prod", "/prod/stores/main", 401),
        ("/prod/stores/main/timeline", "prod", "/prod/stores/main", 401),
    ],
    ids=[
        "with the stage",
        "a custom domain",
        "a proxy that puts the stage in front",
        "the local AWS",
        "a local AWS's path in production",
        "another stage",
        "another store",
        "another resource",
    ],
)
def test_the_path_that_was_called_is_signed(desk, signed, stage, called, status):
    body = b'{"query":{}}'
    event = desk.event("POST", "", body.decode(), headers=signed_headers("POST", signed, body))
    event["requestContext"] |= {"path": called, "stage": stage}
    assert lambda_handler(event, LambdaContext())["statusCode"] == status


def test_a_signed_query_and_an_empty_body(desk):
    pairs = [("order", desk.store.order("#1003").number), ("conversation", "a b")]
    url = f"/actions/refund-order?order={pairs[0][1]}&conversation=a%20b"
    headers = signed_headers("GET", "/local/stores/main/actions/refund-order", b"", pairs)
    assert desk.send("GET", url, headers=headers).status == 200


def test_a_base64_body(desk):
    body = '{"query":{"name":"Zoë"}}'.encode()
    event = desk.event("POST", "", headers=signed_headers("POST", "/local/stores/main", body))
    event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert lambda_handler(event, LambdaContext())["statusCode"] == 200
    assert lambda_handler(event | {"body": "%%%"}, LambdaContext())["statusCode"] == 400


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer nope"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer "}],
)
def test_nobody_gets_in_without_proof(desk, header):
    assert desk.send("POST", "", {"query": {}}, headers=header).status == 401


def test_without_any_key_nobody_gets_in(desk):
    desk.set(helpdesk__bearer_token="", helpdesk__signing_key="")
    assert desk.send("POST", "", {"query": {}}).status == 401


def test_two_tokens_while_one_takes_over(desk):
    desk.set(helpdesk__bearer_token=f"another-token-of-the-tests, {TOKEN}")
    assert desk.send("POST", "", {"query": {}}).status == 200
