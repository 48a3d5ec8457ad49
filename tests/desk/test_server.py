"""The desk's server with the whole deployment in one process: what it accepts, requests, records and reveals."""

import json
import re
import shlex
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from local.desk import desk as module
from local.desk.__main__ import first_answer
from local.desk.desk import Desk
from local.desk.exchanges import Exchange, Record
from local.desk.helpdesk import Helpdesk, NotAllowedError, action_path
from local.desk.parameters import Parameters
from local.desk.stack import Stack, WrongAddressError, demonstrated, deployed
from local.in_process import KEY, PATH, STORE, TOKEN
from local.sandbox import Fault
from orderdesk.actions import ACTIONS
from orderdesk.config import parameters

BASE = f"https://desk.example/local/stores/{STORE}"
HOSTS = frozenset({"127.0.0.1:4020", "localhost:4020"})
MARTHA = "martha.williams@example.com"
AGENT = {"id": "7", "name": "Ann Lee"}


class Gateway(requests.adapters.BaseAdapter):
    """API Gateway without a socket: requests become events for the functions."""

    def __init__(self, deployment: Any) -> None:
        super().__init__()
        self.deployment, self.sent, self.raises = deployment, list[requests.PreparedRequest](), None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request)
        if self.raises:
            raise self.raises
        parts = urlsplit(request.url)
        store, _, rest = parts.path.removeprefix("/local/stores/").partition("/")
        url = (f"/{rest}" if rest else "") + (f"?{parts.query}" if parts.query else "")
        body = (request.body or b"").decode() or None
        answer = self.deployment.send(request.method, url, body, headers=dict(request.headers), store=store)
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, request.url or "", request
        response._content = json.dumps(answer.body).encode()
        return response

    def close(self) -> None: ...


@pytest.fixture
def page(desk):
    """The page's requests: `ask(method, path, body)` with the token and from the page's own origin."""
    server = Desk(Stack(BASE, key=KEY, stage="local"), AGENT, parameters=Parameters(None, boto3.client("ssm")))
    server.parameters = Parameters(server.stack, boto3.client("ssm"))
    gateway = Gateway(desk)
    server.helpdesk.http.mount("https://", gateway)

    def ask(method, path, body=None, **headers):
        sent = {"host": "127.0.0.1:4020", "x-desk-token": server.token, "content-type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        answer = server.handle(method, path, sent | headers, content, HOSTS)
        return SimpleNamespace(status=answer.status, headers=answer.headers, text=answer.body.decode())

    def read(method, path, body=None):
        answer = ask(method, path, body)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    def put(name, value, store=STORE):
        return ask("PUT", "/api/settings", {"store": store, "name": name, "value": value})

    return SimpleNamespace(ask=ask, read=read, put=put, desk=server, gateway=gateway, deployment=desk)


def lookup(page, **query):
    return page.read("POST", "/api/lookup", {"level": "BASIC", "query": query, "conversation": "c-1"})


def opened(page, order="#1013", action="edit-order-tags"):
    number = page.deployment.store.order(order).number
    return page.read("POST", "/api/form", {"url": f"/actions/{action}?order={number}", "conversation": "c-1"})


# Access


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-desk-token": ""}, 401),
        ({"x-desk-token": "guess"}, 401),
        ({"x-desk-token": "ü"}, 401),
        ({"host": "evil.example"}, 421),
        ({"host": ""}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://127.0.0.1:4020"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
    ],
)
def test_request_from_another_page_or_user_is_refused(page, headers, status):
    body = {"url": "/actions/refund-order?order=1&operation=x", "values": {}, "conversation": ""}
    assert page.ask("POST", "/api/submit", body, **headers).status == status
    assert page.gateway.sent == []


def test_request_from_the_page_itself_is_allowed(page):
    assert page.ask("GET", "/api/session", origin="http://127.0.0.1:4020").status == 200
    assert page.ask("GET", "/api/session", host="localhost:4020", origin="http://localhost:4020").status == 200


def test_request_for_another_host_gets_no_file(page):
    assert page.ask("GET", "/", host="rebound.example:4020").status == 421


def test_files_have_a_strict_content_security_policy(page):
    answer = page.ask("GET", "/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.ask("GET", "/desk.js").headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/../desk.py", "/%2e%2e/desk.py", "/..%2fstack.py", "//etc/passwd", "/nothing.js", "/vendor", "/x\0.js"]
)
def test_path_outside_the_page_is_not_served(page, path):
    assert page.ask("GET", path).status == 404


def test_page_files_have_no_inline_code_or_external_addresses():
    for file in module.PAGE.glob("*.*"):
        text = file.read_text("utf-8")
        assert "innerHTML" not in text and "style=" not in text and "onclick=" not in text, file.name
        foreign = text.replace("http://www.w3.org/", "").replace("https?:", "")
        assert "http://" not in foreign and "https://" not in foreign, file.name


def test_write_to_a_page_file_is_refused(page):
    assert page.ask("POST", "/", {}).status == 405


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/lookup", {"level": "ALL", "query": {}}, 400),
        ("POST", "/api/lookup", {"level": "BASIC", "query": []}, 400),
        ("POST", "/api/lookup", {"level": "BASIC", "query": {}, "conversation": "a b"}, 400),
        ("POST", "/api/lookup", {"level": 1, "query": {}}, 400),
        ("POST", "/api/timeline", {"by": "store", "value": "main"}, 400),
        ("POST", "/api/lookup", [], 400),
        ("POST", "/api/elsewhere", {}, 404),
        ("GET", "/api/lookup", None, 404),
        ("GET", "/api/exchanges?after=x", None, 400),
        ("GET", "/api/curl?number=9", None, 404),
        ("GET", "/api/trouble", None, 404),
        ("PUT", "/api/trouble", {"name": "burn"}, 400),
    ],
)
def test_malformed_request_is_refused(page, method, path, body, status):
    answer = page.ask(method, path, body)
    assert answer.status == status and json.loads(answer.text)["problem"]


def test_too_large_body_is_refused(page):
    assert page.ask("POST", "/api/submit", {"url": "x" * (module.BODY_BYTES + 1)}).status == 413


# Requests


def test_lookup_is_signed_like_gladlys(page):
    reply = lookup(page, emails=[MARTHA])
    assert (reply["status"], reply["body"]["results"][0]["name"]) == (200, "Martha Williams")
    sent = page.gateway.sent[-1]
    assert sent.headers["Gladly-Authorization"].startswith("SigningAlgorithm=hmac-sha256, SignedHeaders=")
    assert "Authorization" not in sent.headers


def test_lookup_with_a_bearer_token_works(page):
    page.desk.helpdesk.stack = Stack(BASE, token=TOKEN)
    assert lookup(page, emails=[MARTHA])["status"] == 200
    assert page.gateway.sent[-1].headers["Authorization"] == f"Bearer {TOKEN}"
    line = page.read("GET", "/api/curl?number=1")["line"]
    assert TOKEN not in line and '-H "Authorization: Bearer $BEARER_TOKEN"' in line
    assert TOKEN not in page.ask("GET", "/api/exchanges").text


def test_form_and_submit_send_the_agent_and_conversation(page):
    form = opened(page)
    assert form["body"]["title"] == "Edit tags on order #1013"
    body = {"url": form["body"]["actionUrl"], "values": {"tags": "called"}, "conversation": "c-1"}
    assert page.read("POST", "/api/submit", body)["status"] == 200
    read = page.read("POST", "/api/timeline", {"by": "conversation", "value": "c-1", "conversation": "c-1"})
    [entry] = read["body"]["entries"]
    assert (entry["agent_id"], entry["agent_name"], entry["conversation"]) == ("7", "Ann Lee", "c-1")


def test_reply_is_passed_on_unchanged(page):
    form = opened(page)
    page.deployment.set(actions__edit_order_tags__enabled="false")
    body = {"url": form["body"]["actionUrl"], "values": {"tags": "called"}, "conversation": "c-1"}
    reply = page.read("POST", "/api/submit", body)
    assert (reply["status"], reply["body"]["errors"][0]["code"]) == (406, "switched_off")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/actions/refund-order?order=1",
        "//evil.example/actions/refund-order",
        "/actions/../../other/actions/refund-order?order=1",
        "/./actions/refund-order",
        "/actions/refund-order?order=1#x",
        "/actions/refund-order?order=1\r\nX-Y: z",
        "/actions/refund-order?order=1\n",
        "/actions/Refund",
        "/actions/",
        "/timeline?customer=1",
        "@evil.example/actions/refund-order",
        "\\evil\\actions/refund-order",
        "/actions/refund-order?order=" + "1" * 2048,
        "",
    ],
)
def test_address_outside_the_stores_actions_is_refused(page, url):
    for path in ("form", "submit"):
        assert page.ask("POST", f"/api/{path}", {"url": url, "values": {}, "conversation": ""}).status == 400
    assert page.gateway.sent == []


def test_form_url_prefix_is_removed_before_the_call():
    assert action_path("/apps/orders/actions/refund-order?order=1") == "/actions/refund-order?order=1"
    with pytest.raises(NotAllowedError):
        action_path("apps/actions/refund-order")


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (requests.ReadTimeout(), "It may have worked; the timeline will show it."),
        (requests.ConnectionError(), "It may have worked; the timeline will show it."),
        (requests.exceptions.SSLError(), "not have a certificate"),
        (requests.ConnectTimeout(), "cannot be reached"),
    ],
)
def test_submit_without_an_answer_is_not_shown_as_failed(page, failure, says):
    page.gateway.raises = failure
    body = {"url": "/actions/refund-order?order=1&operation=x", "values": {}, "conversation": ""}
    reply = page.read("POST", "/api/submit", body)
    assert reply["status"] is None and says in reply["problem"]


@pytest.mark.parametrize("failure", [requests.ReadTimeout(), requests.ConnectionError()])
def test_lookup_without_an_answer_does_not_say_it_may_have_worked(page, failure):
    page.gateway.raises = failure
    assert "may have worked" not in lookup(page, emails=[MARTHA])["problem"]


def test_wrong_key_is_explained(page):
    page.desk.helpdesk.stack = Stack(BASE, key="wrong")
    reply = lookup(page, emails=[MARTHA])
    assert reply["status"] == 401 and "refuses this desk's key or token" in reply["problem"]


# Records


def test_record_contains_no_secrets(page):
    lookup(page, emails=[MARTHA])
    opened(page)
    text = page.ask("GET", "/api/exchanges?after=0").text
    first, second = json.loads(text)["exchanges"]
    assert (first["kind"], first["method"], first["status"], first["number"]) == ("lookup", "POST", 200, 1)
    assert json.loads(first["body"])["query"] == {"emails": [MARTHA]}
    assert first["headers"]["Gladly-Authorization"].endswith("Signature=••••")
    assert (second["kind"], second["url"].startswith(BASE)) == ("form", True)
    assert KEY not in text
    assert page.read("GET", f"/api/exchanges?after={second['version']}")["exchanges"] == []


def test_copied_curl_command_is_signed_and_accepted(page):
    lookup(page, emails=["sean.o'brien@example.com"])
    line = page.read("GET", "/api/curl?number=1")["line"]
    assert KEY not in line
    words = shlex.split(line)
    headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
    body = words[words.index("--data-binary") + 1]
    answer = page.deployment.send("POST", "", body, headers=headers)
    assert (answer.status, answer.body["results"][0]["name"]) == (200, "Sean O'Brien")
    assert words[-1] == BASE


def test_unchanged_timeline_is_counted_instead_of_recorded(page):
    for _ in range(3):
        page.read("POST", "/api/timeline", {"by": "conversation", "value": "c-1", "conversation": "c-1"})
    [exchange] = page.read("GET", "/api/exchanges?after=0")["exchanges"]
    assert (exchange["times"], exchange["number"], exchange["version"]) == (3, 1, 3)


def test_full_record_drops_the_oldest():
    record = Record()
    for _ in range(300):
        record.add(Exchange("lookup", "POST", BASE, {}, ""))
    assert len(record.since(0)) == 200 and record.get(1) is None and record.get(300)


# The configuration page


def test_settings_are_shown_without_secrets(page):
    text = page.ask("GET", f"/api/settings?store={STORE}").text
    shown = json.loads(text)
    on = {s["name"]: s["on"] for s in shown["switches"]}
    # The tests' store refunds items without showing them first.
    assert not on.pop("actions/refund_items/confirm")
    assert on == dict.fromkeys(["actions/enabled", *(action.switch for action in ACTIONS)], True)
    assert shown["missing"] == []
    assert {s["name"]: s["set"] for s in shown["secrets"]} == {
        "helpdesk/signing_key": True,
        "helpdesk/bearer_token": True,
        "helpdesk/gladly_token": False,
        "shopify/access_token": True,
        "shopify/client_secret": False,
        "helpdesk/webhook_secret": False,
    }
    assert not [secret for secret in (KEY, TOKEN, "shpat_sandbox") if secret in text]


def test_switch_is_written_and_its_command_matches(page):
    shown = json.loads(page.put("actions/refund_order/enabled", "false").text)
    switch = next(s for s in shown["switches"] if s["name"] == "actions/refund_order/enabled")
    assert switch["on"] is False
    path = f"{PATH}/actions/refund_order/enabled"
    assert switch["lines"]["true"] == f"aws ssm put-parameter --overwrite --type String --name {path} --value true"
    assert page.deployment.ssm.get_parameter(Name=path)["Parameter"]["Value"] == "false"
    parameters.cache_clear()
    number = page.deployment.store.order("#1013").number
    reply = page.read("POST", "/api/form", {"url": f"/actions/refund-order?order={number}", "conversation": ""})
    assert reply["body"]["errors"][0]["code"] == "switched_off"


def test_list_is_written_and_an_empty_one_is_deleted(page):
    name = "actions/refund_order/reasons"
    shown = json.loads(page.put(name, " Too late ,Too   small, Too late,").text)
    [reasons, *_] = shown["lists"]
    assert reasons["values"] == ["Too late", "Too small"]
    assert reasons["line"].endswith(f"--name {PATH}/{name} --value 'Too late, Too small'")
    shown = json.loads(page.put(name, "").text)
    assert reasons["unset"] == f"aws ssm delete-parameter --name {PATH}/{name}"
    [reasons, *_] = shown["lists"]
    assert (reasons["values"], reasons["isSet"]) == ([], False)
    assert reasons["line"].startswith("aws ssm put-parameter")
    assert page.put(name, "").status == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("helpdesk/signing_key", "mine"),
        ("shopify/access_token", "mine"),
        ("helpdesk/form_url_prefix", "/x"),
        ("../../other", "x"),
        ("actions/enabled", "perhaps"),
        ("actions/enabled", ""),
        ("default_region", "Germany"),
        ("default_region", "ZZ"),
        ("shopify/domain", "evil.example"),
        ("shopify/domain", ""),
        ("actions/edit_order_tags/categories", "x" * 41),
        ("actions/refund_order/reasons", "a\nb"),
        ("actions/refund_order/reasons", "{{ssm:/other}}"),
        ("actions/refund_order/reasons", "x," * 2100),
    ],
)
def test_invalid_parameter_is_not_written(page, name, value):
    answer = page.put(name, value)
    assert answer.status == 400 and json.loads(answer.text)["problem"]


def test_added_store_says_what_is_missing(page):
    shown = json.loads(page.put("shopify/domain", "outlet.myshopify.com", store="outlet").text)
    assert [m["name"] for m in shown["missing"]] == [
        "helpdesk/signing_key",
        "shopify/client_secret",
        "actions/enabled",
        "default_region",
    ]
    assert page.read("GET", "/api/stores")["stores"] == [STORE, "outlet"]
    refused = page.put("shopify/domain", "", store="Out/let")
    assert refused.status == 400 and "handle" in json.loads(refused.text)["problem"]


def test_copied_aws_command_works(page):
    line = page.desk.parameters.line
    for value in ("http://127.0.0.1:4010", "-5 %"):
        words = shlex.split(line(STORE, "shopify/domain", value))
        given = json.loads(words[words.index("--cli-input-json") + 1])
        assert given == {"Name": f"{PATH}/shopify/domain", "Type": "String", "Overwrite": True, "Value": value}
    here = Stack(BASE, key=KEY, stage="local", region="us-east-1", aws="http://127.0.0.1:4566")
    said = Parameters(here).line(STORE, "default_region", "US")
    assert said.startswith("AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws ssm put-parameter ")
    assert said.endswith(" --endpoint-url http://127.0.0.1:4566 --region us-east-1")


def test_each_missing_parameter_is_listed(page):
    set_ = page.deployment.set
    set_(shopify__domain="elsewhere.example", helpdesk__signing_key="", helpdesk__bearer_token="")
    for action in ACTIONS:
        set_(**{action.switch.replace("/", "__"): "false"})
    found = page.read("GET", f"/api/settings?store={STORE}")["missing"]
    assert [m["what"] for m in found] == [
        "No key for the helpdesk",
        "Invalid Shopify domain",
        "No action is on",
    ]


@pytest.mark.parametrize(
    ("signing_key", "bearer_token", "what"),
    [
        ("fifteen-chars-1", "", ["A signing key is too short"]),
        ("fifteen-chars-1", "short, sixteen-chars-12", ["A signing key is too short", "A bearer token is too short"]),
        ("sixteen-chars-12", "", []),
        (" , ", "", ["No key for the helpdesk"]),
    ],
)
def test_too_short_key_is_listed(page, signing_key, bearer_token, what):
    page.deployment.set(helpdesk__signing_key=signing_key, helpdesk__bearer_token=bearer_token)
    found = page.read("GET", f"/api/settings?store={STORE}")["missing"]
    assert [m["what"] for m in found] == what
    assert "fifteen" not in json.dumps(found)


def test_scopes_come_from_shopify(page):
    page.deployment.sandbox.scopes = frozenset({"write_orders", "write_products", "read_customers"})
    scopes = {s["name"]: s["granted"] for s in page.read("GET", f"/api/access?store={STORE}")["scopes"]}
    needed = {scope for action in ACTIONS for scope in action.scopes}
    assert set(scopes) == needed | {"read_customers", "read_all_orders"}
    assert {name for name, granted in scopes.items() if granted} == {"write_orders", "read_customers", "read_products"}


def test_scope_is_needed_only_if_an_action_is_on_that_needs_it(page):
    def needed():
        asked = page.read("GET", f"/api/access?store={STORE}")["scopes"]
        return {s["name"]: s["purpose"] for s in asked if not s["optional"]}

    seen = needed()["read_third_party_fulfillment_orders"]
    assert "Edit Shipping Address" in seen
    for action in ACTIONS:
        if "read_third_party_fulfillment_orders" in action.scopes:
            page.deployment.set(**{action.switch.replace("/", "__"): "false"})
    assert "read_third_party_fulfillment_orders" not in needed()


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        ((), []),
        (("Customer.defaultEmailAddress", "Order.email"), ["customers.defaultEmailAddress", "orders.email"]),
        (("Order.customer",), ["orders.customer"]),
    ],
)
def test_hidden_personal_data_is_listed(page, denied, said):
    page.deployment.sandbox.deny(*denied)
    answer = page.read("GET", f"/api/access?store={STORE}")
    assert answer["denied"] == said and all(scope["granted"] for scope in answer["scopes"] if not scope["optional"])


def test_missing_scope_is_listed_once(page):
    page.deployment.sandbox.scopes = frozenset({"write_orders"})
    answer = page.read("GET", f"/api/access?store={STORE}")
    assert "customers" not in answer["denied"]
    assert not any(s["granted"] for s in answer["scopes"] if s["name"] == "read_customers")


@pytest.mark.parametrize(
    ("location", "says"),
    [
        (
            "https://new-shop.myshopify.com/admin/api/2026-10/graphql.json",
            "Set shopify/domain to new-shop.myshopify.com",
        ),
        ("https://www.example.com/", "It redirects requests to www.example.com."),
        ("/password", "to another Shopify domain."),
    ],
)
def test_moved_shop_is_shown_with_its_new_domain(page, location, says):
    page.deployment.sandbox.faults.put(Fault("http", status=301, headers={"Location": location}))
    assert says in page.read("GET", f"/api/access?store={STORE}")["problem"]


def test_unavailable_scopes_are_explained(page):
    page.deployment.set(shopify__access_token="shpat_other")
    said = page.read("GET", f"/api/access?store={STORE}")
    assert said == {"problem": said["problem"]} and "accept this store's access token" in said["problem"]


@pytest.mark.parametrize(
    ("code", "says"),
    [("AccessDeniedException", "may not read or write"), ("ExpiredTokenException", "have expired"), ("Odd", "Odd")],
)
def test_aws_error_is_explained(page, code, says):
    from botocore.exceptions import ClientError

    def refuse(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": code}}, "GetParametersByPath")

    page.desk.parameters = Parameters(page.desk.stack, SimpleNamespace(get_paginator=refuse))
    answer = page.ask("GET", "/api/stores")
    assert answer.status == 400 and says in json.loads(answer.text)["problem"]


def test_missing_aws_credentials_are_explained(page, monkeypatch, tmp_path):
    from botocore.exceptions import NoCredentialsError

    def lacking(*_: Any) -> Any:
        raise NoCredentialsError

    page.desk.parameters = Parameters(page.desk.stack, SimpleNamespace(get_paginator=lacking))
    assert "No AWS credentials" in page.ask("GET", "/api/stores").text


# Which stack


@pytest.mark.parametrize(
    ("base", "key", "says"),
    [
        (BASE, KEY, "\\Z"),
        (BASE, "wrong", "refuses this desk's key or token"),
        (BASE.replace("/main", "/other"), KEY, "has no parameters for the store “other”"),
    ],
)
def test_first_answer_explains_a_wrong_key_or_store(page, base, key, says):
    helpdesk = Helpdesk(Stack(base, key=key), AGENT)
    helpdesk.http.mount("https://", page.gateway)
    assert re.match(f".*{says}", first_answer(helpdesk))
    assert page.deployment.sandbox.received == []


def test_unreachable_stack_is_explained(page):
    page.gateway.raises = requests.ConnectionError()
    assert "desk.example cannot be reached" in first_answer(page.desk.helpdesk)


def test_stage_and_region_come_from_the_gateway_address():
    stack = deployed("https://a1b2.execute-api.eu-central-1.amazonaws.com/prod/stores/main/", " k ", "")
    assert (stack.store, stack.stage, stack.region, stack.key) == ("main", "prod", "eu-central-1", "k")
    own = deployed("https://orders.example.com/stores/main", "", "t", stage="prod", region="eu-west-1")
    assert (own.stage, own.region, own.demo) == ("prod", "eu-west-1", False)


def test_custom_domain_needs_the_stage(page):
    page.desk.parameters = Parameters(Stack("https://orders.example.com/stores/main", key=KEY))
    assert "STAGE=" in page.ask("GET", "/api/stores").text


@pytest.mark.parametrize(
    ("url", "key", "says"),
    [
        ("", "k", "Nothing is not a store's address"),
        ("https://x.example/prod", "k", "followed by /stores/"),
        ("ftp://x.example/stores/main", "k", "not a store's address"),
        ("http://x.example/stores/main", "k", "https"),
        ("https://x.example/stores/main", "", "KEY="),
        ("https://x.example/stores/main", "schlüssel", "ASCII"),
    ],
)
def test_invalid_address_or_key_is_explained(url, key, says):
    with pytest.raises(WrongAddressError, match=says):
        deployed(url, key, "")


def test_missing_demo_file_is_explained(tmp_path):
    with pytest.raises(WrongAddressError, match="not belong to a running demo"):
        demonstrated(tmp_path / "none.json")


def test_secrets_are_not_in_the_repr():
    assert KEY not in repr(Stack(BASE, key=KEY, token=TOKEN)) + repr(Helpdesk(Stack(BASE, key=KEY), AGENT).stack)


REFUND_LIMIT = "actions/refund_order/limit"


def test_limit_is_written_into_the_one_parameter(page):
    shown = json.loads(page.put(REFUND_LIMIT, " 100 ").text)["limits"]
    fields = {field["name"]: field["value"] for action in shown["actions"] for field in action["fields"]}
    assert fields[REFUND_LIMIT] == "100"
    page.put("actions/create_discount_code/limit", "50, 20%")
    shown = json.loads(page.put("agents/ann@example.com/actions", "edit_order_notes").text)["limits"]
    assert [(one["title"], one["value"]) for one in shown["people"]] == [
        ("Agent ann@example.com may do", "edit_order_notes")
    ]
    words = shlex.split(shown["parameter"]["line"])
    assert json.loads(words[words.index("--value") + 1]) == {
        "actions/create_discount_code/limit": "50, 20%",
        "actions/refund_order/limit": "100",
        "agents/ann@example.com/actions": "edit_order_notes",
    }
    for name in ("actions/create_discount_code/limit", "agents/ann@example.com/actions", REFUND_LIMIT):
        shown = json.loads(page.put(name, "").text)["limits"]
    assert (shown["parameter"]["value"], shown["parameter"]["isSet"]) == ("", False)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (REFUND_LIMIT, "$100", "plain number"),
        ("actions/refund_order/per_hour", "1.5", "plain number"),
        ("agents/ann/actions", "refunds", "by name"),
        ("limits", "100", "JSON"),
        ("limits", '{"actions/refund_order/limt": "1"}', "not a limit"),
        ("actions/edit_order_tags/limit", "1", "can't change"),
        ("actions/refund_order/approval_above", "many", "plain number"),
        ("actions/edit_order_tags/approval_above", "1", "can't change"),
    ],
)
def test_limit_that_cannot_be_read_is_not_written(page, name, value, words):
    answer = page.put(name, value)
    assert answer.status == 400 and words in json.loads(answer.text)["problem"]
    assert not page.read("GET", f"/api/settings?store={STORE}")["limits"]["parameter"]["isSet"]


def test_empty_limits_can_be_filled(page):
    page.deployment.set(limits="{}")
    shown = json.loads(page.put(REFUND_LIMIT, "100").text)["limits"]
    assert shown["readable"] and json.loads(shown["parameter"]["value"]) == {REFUND_LIMIT: "100"}


def test_limits_that_cannot_be_read_or_have_no_effect_are_listed(page):
    page.deployment.set(limits='{"actions/refund_order/limit": "ten"}', actions__refund_order__per_hour="3")
    shown = page.read("GET", f"/api/settings?store={STORE}")
    assert [(one["what"], one["name"]) for one in shown["missing"]] == [
        (f"“{REFUND_LIMIT}” can't be read", "limits"),
        ("A limit without effect", "actions/refund_order/per_hour"),
    ]
    assert not shown["limits"]["readable"]
    page.deployment.set(limits='{"groups/leads/actions": "fly"}')
    shown = page.read("GET", f"/api/settings?store={STORE}")
    assert shown["missing"][0]["what"] == "“groups/leads/actions” can't be read"
    page.deployment.set(limits="ten", actions__refund_order__per_hour="")
    assert page.put(REFUND_LIMIT, "10").status == 400
    assert json.loads(page.put("limits", "").text)["missing"] == []


def test_switch_that_is_on_unless_it_is_set_is_shown_and_turned_off(page):
    name = "actions/refund_items/confirm"

    def shown(answer):
        return next(one for one in json.loads(answer.text)["switches"] if one["name"] == name)

    on = shown(page.put(name, "true"))
    assert on["on"] and on["title"] == "Show the exact refund first (Refund Items)"
    assert not shown(page.put(name, "false"))["on"]
    assert page.put(name, "perhaps").status == 400
