import json

import pytest
import requests

from local.examples import EXAMPLES
from local.in_process import TOKEN
from orderdesk.actions import ACTIONS


def number(desk, place):
    return desk.store.customers[place].id.rsplit("/", 1)[1]


def strings(value):
    """Every scalar in a reply."""
    if isinstance(value, dict):
        return [s for v in value.values() for s in strings(v)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"emails": ["martha.williams@example.com"], "phones": ["+15013299800"]}, 0),
        ({"emails": ["MARTHA.Williams@Example.com "]}, 0),
        ({"email": "sean.o'brien@example.com"}, 3),
        ({"email": "priya+shop@example.com"}, 7),
        ({"emails": "karin.ruhl@example.com"}, 8),
        ({"phone": "(501) 329-9800"}, 0),
        ({"phones": ["+1 501 329 9800 ext. 12"]}, 0),
        ({"phone": "+49 1511 2345678"}, 1),
        ({"orderNumber": "#1003"}, 2),
        ({"orderNumber": "1003"}, 2),
    ],
)
def test_search_finds_the_customer(desk, query, place):
    [found] = desk.find(**query)
    assert found["externalCustomerId"] == number(desk, place)
    assert all(isinstance(s, str) for s in strings(found))


@pytest.mark.parametrize(
    "query",
    [
        {}, {"emails": []}, {"email": "priya@example.com"}, {"email": "a b@example.com"}, {"email": '"@x" OR 1'},
        {"phone": "12"}, {"phone": "nonsense"}, {"phone": "9" * 80}, {"orderNumber": '1003" OR name:*'},
        {"orderNumber": "9999"}, {"orderNumber": "x" * 100}, {"emails": [None, {"a": 1}]},
    ],
)  # fmt: skip
def test_search_without_a_match_finds_nobody(desk, query):
    assert desk.find(**query) == []


def test_two_matching_customers_are_two_results(desk):
    both = desk.find(emails=["martha.williams@example.com"], phones=["+4915112345678"])
    assert {c["externalCustomerId"] for c in both} == {number(desk, 0), number(desk, 1)}


def test_shared_phone_gives_several_results(desk):
    both = desk.find(phones=["+14155550123"])
    assert {c["externalCustomerId"] for c in both} == {number(desk, 9), number(desk, 11)}


def test_many_addresses_in_one_profile(desk):
    emails = [c.email for c in desk.store.customers if c.email][:12]
    assert len(desk.find(emails=emails)) == len(emails) == 12


def test_customer_who_does_not_match_is_ignored(desk):
    stranger = desk.store.customers[5]
    desk.store.by_identifier = lambda _identifier: stranger
    assert desk.find(emails=["martha.williams@example.com"]) == []


def test_guest_is_found_by_order_number(desk):
    [guest] = desk.find(orderNumber="1025")
    assert guest["externalCustomerId"].startswith("order-")
    profile = desk.profile(guest["externalCustomerId"])
    assert [o["orderNumber"] for o in profile["transactions"]] == ["#1025"]
    url = next(a["formUrl"] for a in profile["transactions"][0]["actions"] if a["name"] == "Refund Order")
    assert desk.send("GET", url).status == 200


def test_profile_takes_one_round_trip(desk):
    profile = desk.profile(number(desk, 12))
    assert [r.name for r in desk.sandbox.received] == ["CustomerProfile"]
    assert len(profile["transactions"]) == 10
    created = [o["createdAt"] for o in profile["transactions"]]
    assert created == sorted(created, reverse=True)
    assert profile["customAttributes"]["totalOrders"] == "12"
    assert all(isinstance(s, str) for s in strings(profile))
    assert [a["name"] for a in profile["actions"]] == ["Create Discount Code"]


def test_card_shows_the_orders_fields(desk):
    orders = desk.profile(number(desk, 0))["transactions"]
    order = next(o for o in orders if o["orderNumber"] == "#1009")
    assert order["orderTotal"] == "$121.00"
    assert order["orderStatus"] == "Partially refunded, partially fulfilled"
    [sent] = order["fulfillments"]
    assert (sent["carrier"], sent["status"]) == ("DHL", "delivered")
    assert sent["productIds"] == [order["products"][0]["id"]]
    assert order["products"][0]["status"] == "partially fulfilled"
    assert order["billingAddress"]["city"] == "Portland" and order["billingAddress"]["zip"] == "97201"
    assert sent["shippingAddress"] == order["billingAddress"]
    assert set(sent["shippingAddress"]) <= {"name", "phone", "street1", "street2", "city", "state", "country", "zip"}
    assert sent["shippingSpeed"] == order["shippingSpeed"]
    assert order["orderLink"].startswith("https://admin.shopify.com/store/demo/orders/")


def test_long_order_says_that_there_is_more(desk):
    orders = desk.profile(number(desk, 9))["transactions"]
    long = next(o for o in orders if o["itemCount"] == "30")
    assert long["products"][-1]["id"] == "more"


def test_counts_are_numbers_if_configured(desk):
    desk.set(helpdesk__counts="number")
    order = desk.profile(number(desk, 4))["transactions"][0]
    assert order["itemCount"] == 1
    desk.set(helpdesk__counts="many")
    assert desk.profile(number(desk, 4))["transactions"][0]["itemCount"] == "1"


def test_only_switched_on_actions_are_offered(desk):
    linked = number(desk, 2)
    EXAMPLES["release-fulfillment"].fit(next(o for o in desk.store.orders if desk.linked(o.name) == linked))
    on = {a["name"] for o in desk.profile(linked)["transactions"] for a in o["actions"]}
    assert on == {a.title for a in ACTIONS if a.about == "order"}
    desk.set(actions__refund_order__enabled="maybe")
    off = {a["name"] for o in desk.profile(linked)["transactions"] for a in o["actions"]}
    assert off == on - {"Refund Order"}
    desk.set(actions__enabled="false")
    profile = desk.profile(linked)
    assert profile["actions"] == []
    assert not any(o.get("actions") for o in profile["transactions"])


def test_form_urls_contain_prefix_agent_and_conversation(desk):
    desk.set(helpdesk__form_url_prefix="/shopify")
    body = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": number(desk, 0)}}
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "X-Agent-Id": "7",
        "X-Agent-Name": "Ann Lee",
        "X-Conversation-Id": "c1",
    }
    profile = desk.send("POST", "", body, headers=headers).body["results"][0]
    assert profile["actions"][0]["formUrl"].startswith("/shopify/actions/create-discount-code?")
    # Sorted, since API Gateway does not keep the order of parameters, and a signature must match.
    sent = f"agent=7&agent_name=Ann%20Lee&conversation=c1&customer={number(desk, 0)}"
    assert profile["actions"][0]["formUrl"].partition("?")[2] == sent


@pytest.mark.parametrize("linked", ["nonsense", "1", "order-1", "gid://shopify/Customer/1", ""])
def test_profile_of_an_unknown_customer_is_empty(desk, linked):
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": linked}})
    assert (answer.status, answer.body) == (200, {"results": []})


@pytest.mark.parametrize("level", ["BASIC", "DETAILED"])
def test_lookup_while_shopify_is_down_is_empty(desk, level):
    def refuse(_request):
        raise requests.exceptions.ConnectionError("reset")

    desk.adapter.before = refuse
    query = {"emails": ["martha.williams@example.com"], "externalCustomerId": number(desk, 0)}
    answer = desk.send("POST", "", {"lookupLevel": level, "query": query})
    assert (answer.status, answer.body) == (200, {"results": []})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 400), ("", 400), ("{", 400), ("[]", 400), ("[" * 50_000, 400), ({}, 400), ({"query": 5}, 400),
        ({"query": {}, "lookupLevel": "ALL"}, 400), ("x" * 1_000_000, 413), ("ä" * 100_000, 413),
    ],
)  # fmt: skip
def test_malformed_lookup_is_refused(desk, body, status):
    answer = desk.send("POST", "", body)
    assert answer.status == status
    assert answer.body["errors"][0]["detail"]


@pytest.mark.parametrize("path", ["/actions/delete-order", "/other", "/actions/refund-order/x"])
def test_unknown_address_is_not_found(desk, path):
    answer = desk.send("GET", path)
    assert answer.status == 404
    assert json.dumps(answer.body).count("errors") == 1


@pytest.mark.parametrize("store", ["nowhere", "UPPER", "a b", "x" * 70])
def test_unknown_store_is_refused(desk, store):
    answer = desk.send("POST", "", {"query": {}}, store=store)
    assert answer.status == 401


@pytest.mark.parametrize("level", ["BASIC", "DETAILED"])
def test_slow_shopify_is_given_up_after_four_seconds(desk, level):
    given = []
    real = desk.adapter.send

    def slow(request, **options):
        given.append(options["timeout"][1])
        raise requests.exceptions.ReadTimeout

    desk.adapter.send = slow
    query = {"emails": ["martha.williams@example.com"], "externalCustomerId": number(desk, 0)}
    assert desk.send("POST", "", {"lookupLevel": level, "query": query}).body == {"results": []}
    assert given and max(given) <= 4
    desk.adapter.send = real


@pytest.mark.parametrize("linked", [123, None, 1.5, [], {"a": 1}, True])
def test_malformed_customer_id_finds_nobody(desk, linked):
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": linked}})
    assert (answer.status, answer.body) == (200, {"results": []})


def test_numeric_customer_id_is_accepted(desk):
    linked = number(desk, 0)
    query = {"externalCustomerId": int(linked)}
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query})
    assert answer.body["results"][0]["externalCustomerId"] == linked


def test_twenty_order_numbers_take_one_request(desk):
    found = desk.find(orderNumber=[f"#{n}" for n in range(901, 920)] + ["1003"])
    assert [r["externalCustomerId"] for r in found] == [desk.linked("#1003")]
    assert [r.name for r in desk.sandbox.received] == ["OrdersByName"]


def test_too_many_addresses_are_limited(desk, capsys):
    assert desk.find(emails=[f"nobody{n}@example.com" for n in range(13)]) == []
    assert "Too many addresses or numbers; the rest are ignored" in capsys.readouterr().out


def test_malformed_query_is_explained(desk):
    [error] = desk.send("POST", "", {"query": []}).body["errors"]
    assert error["detail"] == "query can't be read."
