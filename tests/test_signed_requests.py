"""A signed request as API Gateway passes it on: the paths, queries and bodies that its signature may cover."""

import base64
from datetime import UTC, datetime

import pytest

from local.in_process import KEY, TOKEN, LambdaContext
from lookup.app import lambda_handler
from orderdesk import signature


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
def test_path_in_any_known_form_is_accepted(desk, signed, stage, called, status):
    body = b'{"query":{}}'
    event = desk.event("POST", "", body.decode(), headers=signed_headers("POST", signed, body))
    event["requestContext"] |= {"path": called, "stage": stage}
    assert lambda_handler(event, LambdaContext())["statusCode"] == status


def test_signed_query_with_an_empty_body_is_accepted(desk):
    pairs = [("order", desk.store.order("#1003").number), ("conversation", "a b")]
    url = f"/actions/refund-order?order={pairs[0][1]}&conversation=a%20b"
    headers = signed_headers("GET", "/local/stores/main/actions/refund-order", b"", pairs)
    assert desk.send("GET", url, headers=headers).status == 200


def test_base64_body_is_accepted(desk):
    body = '{"query":{"name":"Zoë"}}'.encode()
    event = desk.event("POST", "", headers=signed_headers("POST", "/local/stores/main", body))
    event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert lambda_handler(event, LambdaContext())["statusCode"] == 200
    assert lambda_handler(event | {"body": "%%%"}, LambdaContext())["statusCode"] == 400


@pytest.mark.parametrize(
    "header",
    [{}, {"Authorization": "Bearer nope"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer "}],
)
def test_request_without_a_valid_signature_or_token_is_refused(desk, header):
    assert desk.send("POST", "", {"query": {}}, headers=header).status == 401


def test_store_without_keys_refuses_everyone(desk):
    desk.set(helpdesk__bearer_token="", helpdesk__signing_key="")
    assert desk.send("POST", "", {"query": {}}).status == 401


def test_two_tokens_are_both_accepted(desk):
    desk.set(helpdesk__bearer_token=f"another-token-of-the-tests, {TOKEN}")
    assert desk.send("POST", "", {"query": {}}).status == 200
