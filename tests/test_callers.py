"""Who may call: what strangers cost and are told, keys that are too short, and an SSM that does not answer."""

import json
import time
from datetime import timedelta

import pytest
from botocore.exceptions import ConnectTimeoutError

from local.in_process import KEY, STORE, TOKEN, LambdaContext
from local.openapi import replies
from lookup.app import lambda_handler
from orderdesk import config
from orderdesk.actions import REFUND
from tests.layer.test_signature import long
from tests.test_signed_requests import signed_headers

ORDER = "#1003"
NOBODY = {"Authorization": "Bearer a-token-that-nobody-has"}
LOOKUP = ("POST", "", {"query": {"emails": ["martha.williams@example.com"]}})


class Ssm:
    """Counts the calls to SSM, and fails while `down`."""

    def __init__(self):
        self.calls, self.down = 0, False

    def watch(self, client):
        client.meta.events.register_first("before-send.ssm.GetParameters", self._sent)
        return client

    def _sent(self, **_):
        self.calls += 1
        if self.down:
            raise ConnectTimeoutError(endpoint_url="https://ssm")


@pytest.fixture
def ssm(desk, monkeypatch):
    """All the functions' calls to SSM, by any client."""
    watched, made = Ssm(), config._client
    monkeypatch.setattr(config, "_client", lambda **patience: watched.watch(made(**patience)))
    config.ssm.cache_clear()
    config.parameters.cache_clear()
    return watched


def requests_of(desk):
    """A lookup, a form, a submit and the timeline, each with its body."""
    number = desk.store.order(ORDER).number
    submit = desk.form("refund-order", ORDER).body["actionUrl"]
    return [
        LOOKUP,
        ("GET", f"/actions/refund-order?order={number}", None),
        ("POST", submit, {"reason": "Goodwill"}),
        ("GET", f"/timeline?order={number}", None),
    ]


def test_stranger_causes_no_ssm_call_if_values_are_cached(desk, ssm):
    requests = requests_of(desk)
    for request in requests:
        desk.send(*request)
    ssm.calls = 0
    for request in requests * 5:
        assert desk.send(*request, headers=NOBODY).status == 401
        assert desk.send(*request, headers={"Authorization": f"Basic {TOKEN}"}).status == 401
    assert ssm.calls == 0


def test_request_without_credentials_causes_no_ssm_call(desk, ssm):
    for request in requests_of(desk):
        config.parameters.cache_clear()
        ssm.calls = 0
        assert desk.send(*request, headers={}).status == 401
        assert desk.send(*request, headers={"Authorization": ""}).status == 401
        assert ssm.calls == 0


def test_strangers_submit_reads_ssm_once_if_nothing_is_cached(desk, ssm):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    config.parameters.cache_clear()
    ssm.calls = 0
    for _ in range(10):
        assert desk.send("POST", url, {"reason": "Goodwill"}, headers=NOBODY).status == 401
    assert ssm.calls == 1


def test_submit_reads_ssm_once_even_if_values_are_cached(desk, ssm):
    for expected in (1, 1):
        url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
        if expected == 1 and ssm.calls:
            config.parameters.cache_clear()
        ssm.calls = 0
        assert desk.send("POST", url, {"tags": f"tag {time.time()}"}).status == 200
        assert ssm.calls == expected


@pytest.mark.parametrize(
    "proof", [{}, NOBODY, {"Authorization": f"Bearer {TOKEN}"}], ids=["none", "wrong", "another's"]
)
def test_unknown_store_is_answered_like_a_wrong_key(desk, ssm, proof):
    for method, url, body in requests_of(desk):
        wrong = desk.send(method, url, body, headers=NOBODY)
        for store in ("nowhere", "UPPER", "x" * 70):
            unknown = desk.send(method, url, body, headers=proof, store=store)
            assert (unknown.status, unknown.body) == (wrong.status, wrong.body) and unknown.status == 401
    ssm.calls = 0
    assert desk.send(*LOOKUP, headers=NOBODY, store="nowhere").status == 401
    assert ssm.calls <= 2


def test_requests_for_many_unknown_stores_are_stopped(desk, ssm):
    desk.send(*LOOKUP)
    ssm.calls = 0
    said = {desk.send(*LOOKUP, headers=NOBODY, store=f"store-{n}").status for n in range(200)}
    assert said == {401, 400}
    assert ssm.calls == 2 * config._STRANGE_STORES  # A lookup's parameters take two calls.
    assert desk.send(*LOOKUP).status == 200
    assert len(config.parameters(config.LOOKUP)._kept) <= 1 + config._STRANGE_STORES
    desk.clock.shift(timedelta(seconds=config.MAX_AGE + 1))
    assert desk.send(*LOOKUP, headers=NOBODY, store="store-1").status == 401
    assert len(config.parameters(config.LOOKUP)._kept) == 2


def test_wrong_key_is_answered_like_an_unknown_store_during_the_stop(desk, ssm, capsys):
    desk.send(*LOOKUP)
    for n in range(config._STRANGE_STORES - 1):
        assert desk.send(*LOOKUP, headers=NOBODY, store=f"store-{n}").status == 401
    assert desk.send(*LOOKUP, headers=NOBODY).status == 401
    desk.send(*LOOKUP, headers=NOBODY, store="the-last-one")
    capsys.readouterr()
    unknown = desk.send(*LOOKUP, headers=NOBODY, store="nowhere")
    wrong = desk.send(*LOOKUP, headers=NOBODY)
    assert (unknown.status, unknown.body) == (wrong.status, wrong.body)
    assert unknown.body["errors"][0]["code"] == "settings_unavailable"
    assert capsys.readouterr().out.count('"CallersRefused":[1.0]') == 2
    assert desk.send(*LOOKUP).status == 200, "a caller with the key has access"


def test_new_store_is_known_after_half_a_minute(desk):
    assert desk.send(*LOOKUP, store="second").status == 401
    for name in ("shopify/domain", "shopify/access_token", "helpdesk/bearer_token"):
        value = desk.ssm.get_parameter(Name=f"/orderdesk/local/stores/{STORE}/{name}")["Parameter"]["Value"]
        desk.ssm.put_parameter(Name=f"/orderdesk/local/stores/second/{name}", Value=value, Type="String")
    desk.clock.shift(timedelta(seconds=config.MAX_AGE + 1))
    assert desk.send(*LOOKUP, store="second").status == 200


def test_lookups_and_forms_continue_while_ssm_is_down(desk, ssm):
    requests = requests_of(desk)
    for request in requests:
        desk.send(*request) if request[1] != requests[2][1] else None
    desk.clock.shift(timedelta(seconds=config.MAX_AGE + 1))
    ssm.down, ssm.calls = True, 0
    lookup, form, submit, timeline = (desk.send(*request) for request in requests)
    assert (lookup.status, form.status, timeline.status) == (200, 200, 200)
    assert lookup.body["results"]
    assert (submit.status, submit.body["errors"][0]["code"]) == (400, "settings_unavailable")
    assert desk.sent("RefundOrder") == [] and desk.timeline(ORDER) == []
    ssm.calls = 0
    assert desk.send(*LOOKUP).status == 200 and ssm.calls == 0, "asked again at once"
    ssm.down = False
    desk.set(helpdesk__counts="number")
    assert desk.send(*requests[2]).status == 200


def test_ssm_values_after_an_outage_are_used(desk, ssm):
    desk.send(*LOOKUP)
    desk.clock.shift(timedelta(seconds=config.MAX_AGE + 1))
    ssm.down = True
    assert desk.send(*LOOKUP).status == 200
    desk.ssm.delete_parameter(Name=f"/orderdesk/local/stores/{STORE}/helpdesk/bearer_token")
    ssm.down = False
    assert desk.send(*LOOKUP).status == 200
    desk.clock.shift(timedelta(seconds=config.MAX_AGE + 1))
    assert desk.send(*LOOKUP).status == 401


def test_submit_with_a_removed_key_does_nothing(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.ssm.delete_parameter(Name=f"/orderdesk/local/stores/{STORE}/helpdesk/bearer_token")
    assert desk.send("GET", f"/actions/refund-order?order={desk.store.order(ORDER).number}").status == 200
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 401
    assert desk.sent("RefundOrder") == []


def test_submit_to_a_removed_store_does_nothing(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    for name in (*config.SHOPIFY, *config.CALLERS, *config.of_form(REFUND), *config.of_submit(REFUND)):
        path = f"/orderdesk/local/stores/{STORE}/{name}"
        desk.ssm.delete_parameters(Names=[path])
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 401


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("helpdesk__bearer_token", "fifteen-chars-1", 401),
        ("helpdesk__bearer_token", "sixteen-chars-12", 200),
        ("helpdesk__bearer_token", "fifteen-chars-1, a-token-that-nobody-has", 401),
        ("helpdesk__signing_key", "fifteen-chars-1", 401),
        ("helpdesk__signing_key", "sixteen-chars-12", 200),
    ],
)
def test_too_short_key_is_refused(desk, capsys, monkeypatch, name, value, status):
    desk.set(**{name: value})
    given = value.partition(",")[0]
    headers = {"Authorization": f"Bearer {given}"}
    if name == "helpdesk__signing_key":
        monkeypatch.setattr("tests.test_signed_requests.KEY", given)
        headers = signed_headers("POST", "/local/stores/main", json.dumps(LOOKUP[2]).encode())
    assert desk.send(*LOOKUP, headers=headers).status == status
    said = [line for line in capsys.readouterr().out.splitlines() if "shorter than 16 characters" in line]
    assert bool(said) == (len(given) < 16)
    assert all(f'"parameter":"{name.replace("__", "/")}"' in line and "fifteen" not in line for line in said)


@pytest.mark.parametrize("header", ["Gladly-Authorization", "Authorization", "Gladly-Time"])
@pytest.mark.parametrize("text", ["a" * 10_000, " " * 10_000, "a " * 5_000, "=" * 10_000, long(10_000), "ü" * 1_025])
def test_too_long_header_is_refused_unread(desk, ssm, header, text):
    headers = {"Gladly-Authorization": "x", header: text}
    began = time.process_time()
    assert desk.send(*LOOKUP, headers=headers).status == 401
    assert time.process_time() - began < 0.1
    assert ssm.calls == 0


def test_too_long_query_is_refused(desk, ssm):
    answer = desk.send("POST", "?" + "&".join(["a=bcde"] * 500), LOOKUP[2])
    assert (answer.status, ssm.calls) == (413, 0)


@pytest.mark.parametrize(
    "query",
    ["&".join(f"n{n}=%26%3D%2B%25" for n in range(150)), "&".join(["a=%C3%A4"] * 500), "a=" + "%26" * 2_000],
    ids=["many names", "one name", "one long value"],
)
def test_most_expensive_request_of_a_stranger_is_cheap(desk, query):
    """As many headers, parameters, keys and bytes as are accepted, with a wrong signature."""
    desk.set(helpdesk__signing_key=f"{'a' * 48},{'b' * 48}")
    _ = desk.send("POST", f"?{query}", "x", headers=NOBODY)  # Work that only the first request does.
    names = ["gladly-time", *(f"h{n}" for n in range(48))]
    headers = signed_headers("POST", "/local/stores/main", b"") | dict.fromkeys(names[1:], "x" * 100)
    headers["Gladly-Authorization"] = (
        f"SigningAlgorithm=hmac-sha256, SignedHeaders={';'.join(names)}, Signature={'0' * 64}"
    )
    began = time.process_time()
    assert desk.send("POST", f"?{query}", "x" * 128 * 1024, headers=headers).status == 401
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("base", ["", "/desk", "/a/b"], ids=["no base path", "a base path", "a deep base path"])
@pytest.mark.parametrize("stage", ["", "/prod"], ids=["a custom domain", "API Gateway's own"])
def test_base_path_of_a_custom_domain_is_accepted(desk, base, stage):
    path = f"{base}/stores/{STORE}"
    for headers in (None, signed_headers("POST", stage + path, json.dumps(LOOKUP[2]).encode())):
        event = desk.event(*LOOKUP, headers=headers) | {"path": path}
        event["requestContext"] |= {"path": stage + path, "stage": "prod"}
        answer = lambda_handler(event, LambdaContext())
        assert answer["statusCode"] == 200
        assert json.loads(answer["body"])["results"]


def test_unknown_route_behind_a_base_path_is_not_found(desk):
    event = desk.event(*LOOKUP)
    event |= {
        "resource": "/stores/{store}/{proxy+}", "path": f"/desk/stores/{STORE}/nothing",
        "pathParameters": {"store": STORE, "proxy": "nothing"},
    }  # fmt: skip
    answer = lambda_handler(event, LambdaContext())
    assert answer["statusCode"] == 404
    replies.of("POST", "/nothing", 404).model_validate(json.loads(answer["body"]))
    event["pathParameters"]["proxy"] = "/"
    assert lambda_handler(event, LambdaContext())["statusCode"] == 200


def test_refused_caller_is_counted(desk, capsys):
    desk.send(*LOOKUP, headers=NOBODY, store="some-strangers-name")
    desk.send(*LOOKUP, headers={})
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "CallersRefused" in line]
    assert len(counted) == 2 and not any("store" in line for line in counted)
    assert desk.send(*LOOKUP, headers={"Authorization": f"Bearer {TOKEN}"}).status == 200
    assert "CallersRefused" not in capsys.readouterr().out
    assert KEY
