"""Any value of any field below /_sandbox/ is accepted, or refused with the field's name in a plain sentence. No value
breaks the sandbox, and a refused one changes nothing."""

import json
import re
from dataclasses import asdict, fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.sandbox import Fault
from local.sandbox.controls import FIELDS, METHODS
from local.sandbox.faults import KINDS

from .conftest import Shop

TOKEN = {"x-shopify-access-token": "shpat_sandbox"}
PYTHON = re.compile(
    r"NoneType|Traceback|Error\b|\b(None|True|False|dict|list indices|tuple|str|int|float|bool|argument"
    r"|attribute|subscriptable|unhashable|iterable|subclass|codec|sys\.|keyword)\b|local\.|<class"
)
"""Words of Python that are not words of the sandbox."""

TEXTS = st.sampled_from(
    ["", " ", "#1003", "SUCCESS", "UNKNOWN", "read_orders", "nope", "Customer", "Order.", "Order.customer", "a..b", "*",
     "OrderInput", "order.customer", "7", "Europe/Berlin", "Europe", "../etc", "Mars\0", "successes", "slow", "2026-01",
     "gid://shopify/Customer/1", "\ud800", "\u20ac\r\n", "x" * 300]
)  # fmt: skip
NUMBERS = st.sampled_from([-1, 0, 1, 2, 100, 204, 304, 599, 10**6, 10**15, 10**400, -0.5, 0.5, 1.0, 1e300])
NO_NUMBERS = st.sampled_from([float("inf"), float("-inf"), float("nan")])
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, NO_NUMBERS, TEXTS)
VALUES = st.recursive(
    PLAIN, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3), max_leaves=3
)
OF_A_FAULT = tuple(f.name for f in fields(Fault) if f.name != "kind")
KNOWN = FIELDS | {"faults": ("faults", "kind", *OF_A_FAULT)}
"""Everything that can be set, by endpoint."""


UNCHANGED: list[Shop] = []
"""Shops that were not changed, to be used again."""


def whole(shop: Shop) -> Any:
    """Everything that the endpoints can change."""
    sandbox, store = shop.sandbox, shop.store
    return (
        sandbox.pace({}),
        (sandbox.scopes, sandbox.denied, store.time_zone, store.net_payment, store.new_accounts),
        [(one.id, one.status, one.request) for o in store.orders for one in o.fulfillment_orders()],
        sandbox.faults.listed(),
        [(o.id, [t.status for t in o.transactions], o.customer and o.customer.id) for o in store.orders],
        [(c.id, tuple(c.tags), c.note) for c in store.customers],
    )


def shop_with_settings() -> Shop:
    """A shop with a refund, and with settings that are not the defaults."""
    shop = Shop()
    shop.sandbox.faults.put(Fault("slow", seconds=0, document="Nobody"))
    shop.store.set(time_zone="Asia/Kolkata", net_payment="successes")
    shop.sandbox.deny("Order.note")
    return shop


def send(what: str, given: Any) -> tuple[int, str]:
    """The answer to a body, after the checks for every answer: its status, its words, what it changed, and that the
    sandbox still works."""
    shop = UNCHANGED.pop() if UNCHANGED else shop_with_settings()
    before = whole(shop)
    method = next(one for one in ("PUT", "POST") if one in METHODS[what])
    status, _, body = shop.sandbox.handle(method, f"/_sandbox/{what}", TOKEN, json.dumps(given).encode())
    answer = json.loads(body)
    if status == 200:
        _still_works(shop)
        return status, ""
    assert status == 400 and list(answer) == ["errors"], answer
    words = answer["errors"]
    assert isinstance(words, str) and len(words) > 10 and not PYTHON.search(words), words
    assert whole(shop) == before
    UNCHANGED.append(shop)
    return status, words


def _still_works(shop: Shop) -> None:
    """Check that a request is answered with these settings, except for faults and a pace that would delay it."""
    shop.sandbox.faults.clear()
    shop.sandbox.latency, shop.sandbox.bucket.size, shop.sandbox.bucket.available = 0, 2000, 2000
    request = {"query": "{ shop { ianaTimezone timezoneOffset } orders(first: 3) { nodes { netPaymentSet { shopMoney {"}
    request["query"] += " amount } } customer { id } } } }"
    answer = shop.sandbox.handle("POST", "/admin/api/2026-10/graphql.json", TOKEN, json.dumps(request).encode())
    assert answer[0] == 200 and json.loads(answer[2])["data"] is not False
    for code in [e["extensions"]["code"] for e in json.loads(answer[2]).get("errors", [])]:
        assert code == "ACCESS_DENIED"


often = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("what", FIELDS)
@often
@given(body=VALUES)
def test_any_body_is_accepted_or_refused(what, body):
    send(what, body)


@pytest.mark.parametrize("what", FIELDS)
@settings(often, max_examples=50)
@given(data=st.data())
def test_any_values_are_accepted_or_refused(what, data):
    some = st.dictionaries(st.sampled_from([*KNOWN[what], "more"]), VALUES, max_size=3)
    send(what, data.draw(some))


@pytest.mark.parametrize(
    ("what", "more", "field"),
    [
        *(("faults", {"kind": kind}, name) for kind in ("slow", "refund_status") for name in OF_A_FAULT),
        ("faults", {"kind": "denied"}, "path"),
        ("faults", {"kind": "error_at"}, "path"),
        ("faults", {}, "kind"),
        ("faults", {}, "faults"),
        *(("access", {}, name) for name in FIELDS["access"]),
        ("transactions", {"order": "#1004"}, "status"),
        ("transactions", {"status": "SUCCESS"}, "order"),
        ("transactions", {"status": "SUCCESS"}, "id"),
        *(("settings", {}, name) for name in FIELDS["settings"]),
        *(("pace", {}, name) for name in FIELDS["pace"]),
        *(("orders", {}, name) for name in FIELDS["orders"]),
        ("customers", {"into": "gid://shopify/Customer/1"}, "merge"),
    ],
)
@settings(often, max_examples=30)
@given(value=st.recursive(PLAIN, lambda inside: st.lists(inside, max_size=2), max_leaves=3))
def test_refusal_names_the_field(what, more, field, value):
    body = {field: value} | more
    if (what, field) == ("faults", "transaction_status"):
        body |= {"kind": "refund_status"}
    elif body.get("kind") == "refund_status":
        body["transaction_status"] = "UNKNOWN"
    status, words = send(what, body)
    assert status == 200 or field in words, (words, body)


@settings(often, max_examples=200)
@given(kind=st.sampled_from(sorted(KINDS)), data=st.data())
def test_any_fault_is_accepted_or_refused(kind, data):
    some = st.dictionaries(st.sampled_from(OF_A_FAULT), VALUES, max_size=3)
    one = {"kind": kind} | data.draw(some)
    send("faults", data.draw(st.sampled_from([one, [one], {"faults": [one]}, {"faults": one}])))


def test_fault_accepts_all_its_fields():
    every = asdict(Fault("error_at", path="order.customer")) | {"document": "OrderCard", "times": 2, "skip": 1}
    assert send("faults", every) == (200, "")


@pytest.mark.parametrize(
    ("method", "url", "words"),
    [
        ("PUT", "/_sandbox/orders", "Not Found: there is POST orders"),
        ("POST", "/_sandbox/faults", "Not Found: there is GET or PUT or DELETE faults"),
        ("PATCH", "/_sandbox/faults", "Not Found: there is GET or PUT or DELETE faults"),
        ("GET", "/_sandbox/nothing", "Not Found: GET or PUT or DELETE faults, GET or PUT access"),
        ("GET", "/_sandbox/received?since=7", 'there is no "since"; there is after'),
        ("GET", "/_sandbox/received?after=7&since=7", 'there is no "since"; there is after'),
    ],
)
def test_unknown_path_lists_the_known_ones(shop, method, url, words):
    status, _, body = shop.sandbox.handle(method, url, TOKEN, b"{}")
    assert status in (400, 404) and json.loads(body)["errors"].startswith(words)


def test_long_value_is_shortened_in_the_refusal():
    status, words = send("settings", {"timeZone": "x" * 5000})
    assert status == 400 and words.endswith("x…") and len(words) < 200
