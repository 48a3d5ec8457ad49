"""Refusals before anything was sent, records that don't answer, and orders whose customer has changed."""

import json
from datetime import timedelta

import pytest

from local.examples import EXAMPLES
from local.sandbox.cases import make
from orderdesk import tables
from tests.faults.calls import BrokenRecords

ORDER = "#1003"
DAY = timedelta(hours=25)


def code(answer):
    return answer.body["errors"][0]["code"]


def locked(desk, order, kind="order"):
    """Another operation that has the order's lock, such as one with a lost answer."""
    lock = {
        "operation": f"{kind}/demo.myshopify.com/{desk.store.order(order).number}",
        "holder": "other",
        "until": 2**53,
    }
    desk.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(lock))


VALUES = {slug: example.values for slug, example in EXAMPLES.items() if example.action.about == "order"}
BEFORE_THE_LOCK = {
    "switched off": (lambda desk: desk.set(actions__enabled="false"), "switched_off"),
    "a day old": (lambda desk: desk.clock.shift(DAY), "form_expired"),
    "another shop": (lambda desk: desk.set(shopify__domain="another.myshopify.com"), "form_expired"),
}


@pytest.mark.parametrize("why", BEFORE_THE_LOCK)
@pytest.mark.parametrize("action", VALUES)
def test_refusal_before_the_lock_is_on_the_timeline(hurried, action, why):
    desk = hurried
    happens, expected = BEFORE_THE_LOCK[why]
    EXAMPLES[action].fit(desk.store.order(ORDER))
    url = desk.form(action, ORDER).body["actionUrl"]
    locked(desk, ORDER)
    locked(desk, ORDER, "note")
    happens(desk)
    answer = desk.send("POST", url, VALUES[action])
    assert (answer.status, code(answer)) == (406, expected)
    assert [e["outcome"] for e in desk.timeline(ORDER)] == ["REFUSED"]
    again = desk.send("POST", url, VALUES[action])
    assert again.body == answer.body
    assert "may have worked" not in json.dumps(again.body)
    items = desk.dynamodb.scan(TableName=tables.operations_table())["Items"]
    assert len([i for i in items if i.get("holder") == {"S": "other"}]) == 2, "the other one's locks stay"


@pytest.mark.parametrize("action", ["refund-order", "edit-order-notes"])
def test_form_that_was_busy_can_be_submitted_again(hurried, action):
    desk, kind = hurried, "note" if action == "edit-order-notes" else "order"
    url = desk.form(action, ORDER).body["actionUrl"]
    locked(desk, ORDER, kind)
    answer = desk.send("POST", url, VALUES[action])
    assert code(answer) in ("order_busy", "note_busy")
    if answer.status == 400:
        desk.dynamodb.delete_item(
            TableName=tables.operations_table(),
            Key={"operation": {"S": f"note/demo.myshopify.com/{desk.store.order(ORDER).number}"}},
        )
        assert desk.send("POST", url, VALUES[action]).status == 200
    else:
        assert desk.send("POST", url, VALUES[action]).body == answer.body


@pytest.mark.parametrize("by", ["order=1", "customer=1", "conversation=c"])
def test_unreadable_timeline_says_so(hurried, by):
    broken = BrokenRecords(tables.dynamodb(), "Query", error="InternalServerError")
    answer = hurried.send("GET", f"/timeline?{by}")
    assert (answer.status, code(answer)) == (400, "records_unavailable")
    broken.repair()
    assert hurried.send("GET", f"/timeline?{by}").status == 200


def guests_order(desk):
    return next(order for order in desk.store.orders if order.customer is None)


@pytest.mark.parametrize("action", VALUES)
def test_form_of_a_guest_order_with_a_customer_says_how_to_go_on(desk, action):
    order = guests_order(desk)
    linked = f"order-{order.number}"
    url = f"/actions/edit-order-notes?order={order.number}&customer={linked}"
    opened = desk.send("GET", url).body["actionUrl"]
    order.customer = desk.store.customers[0]
    for answer in (
        desk.send("GET", f"/actions/{action}?order={order.number}&customer={linked}"),
        desk.send("POST", opened, {"note": "new"}),
    ):
        assert (answer.status, code(answer)) == (404, "not_found")
        assert "belongs to a customer" in answer.body["errors"][0]["message"]
        assert "link the profile" in answer.body["errors"][0]["detail"]
    assert order.note != "new"


def test_profile_of_a_guest_order_with_a_customer_says_how_to_go_on(desk):
    order = guests_order(desk)
    order.customer = desk.store.customers[0]
    profile = desk.profile(f"order-{order.number}")
    assert profile["externalCustomerId"] == f"order-{order.number}"
    assert "link the profile" in profile["customAttributes"]["lastActions"]
    assert "actions" not in profile and "transactions" not in profile


def test_order_of_a_merged_customer_says_how_to_go_on(desk):
    customer = desk.linked(ORDER)
    gone = desk.store.order(ORDER).customer
    assert desk.act("edit-order-notes", ORDER, note="before").status == 200
    desk.store.merge(gone, next(c for c in desk.store.customers if c is not gone))
    answer = desk.send("GET", f"/actions/refund-order?order={desk.store.order(ORDER).number}&customer={customer}")
    assert (answer.status, code(answer)) == (404, "not_found")
    assert "merged" in answer.body["errors"][0]["detail"]


def test_merged_customer_without_records_shows_nobody(desk):
    [order] = make(desk.store, "merged", 1)
    assert order.customer is not None
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": "987654321"}})
    assert answer.body == {"results": []}
