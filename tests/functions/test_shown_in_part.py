"""What a profile shows if Shopify hides a part of it or returns only a part of it."""

import pytest

from local.sandbox import Fault
from orderdesk.actions import ACTIONS, ALWAYS
from orderdesk.shopify import Missing

PAID, GUEST = "#1003", "#1025"


def card(desk, order=PAID):
    return next(c for c in desk.profile(desk.linked(order))["transactions"] if c["orderNumber"] == order)


@pytest.mark.parametrize(
    ("field", "lacks"),
    [
        ("Customer.defaultEmailAddress", "emails"), ("Customer.defaultPhoneNumber", "phones"),
        ("Customer.defaultAddress", "address"),
    ],
)  # fmt: skip
def test_denied_field_is_left_out(desk, capsys, field, lacks):
    desk.sandbox.deny(field)
    profile = desk.profile(desk.linked(PAID))
    assert lacks not in profile and profile["name"] == "Zoë Lefèvre"
    assert {"Refund Order", "Cancel Order"} <= {a["name"] for a in profile["transactions"][0]["actions"]}
    logged = capsys.readouterr().out
    assert f"customer.{field.partition('.')[2]}" in logged and "ShopifyCredentialsRefused" in logged


def test_denied_address_is_left_out(desk):
    desk.sandbox.deny("Order.billingAddress", "Order.shippingAddress")
    assert "billingAddress" not in card(desk) and card(desk)["status"] == "Paid, unfulfilled"


def test_denied_customer_is_not_shown_and_logged(desk, capsys):
    desk.sandbox.deny("Customer")
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": desk.linked(PAID)}})
    assert answer.body == {"results": []}
    assert "ShopifyCredentialsRefused" in capsys.readouterr().out


def test_order_with_a_denied_customer_is_not_a_guests(desk):
    number = desk.store.order(PAID).number
    desk.sandbox.deny("Order.customer")
    query = {"externalCustomerId": f"order-{number}"}
    assert desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query}).body == {"results": []}


@pytest.mark.parametrize("fact", ["displayFinancialStatus", "cancelledAt"])
def test_order_with_a_hidden_status_offers_no_money_action(desk, fact):
    place = [c["orderNumber"] for c in desk.profile(desk.linked(PAID))["transactions"]].index(PAID)
    desk.sandbox.faults.put(Fault("error_at", "CustomerProfile", path=f"customer.orders.nodes.{place}.{fact}"))
    shown = card(desk)
    assert shown["orderStatus"] == shown["status"] == "Status not shown by Shopify"
    always = {a.title for a in ACTIONS if a.about == "order" and a.offered == ALWAYS}
    assert {a["name"] for a in shown["actions"]} == always
    assert "refundableTotal" not in shown
    desk.sandbox.faults.clear()
    assert card(desk)["status"] == "Paid, unfulfilled"


def test_missing_path_hides_the_right_orders():
    from lookup.action import _unread

    cards = [{"id": "gid://shopify/Order/7"}, {"id": "gid://shopify/Order/8"}]
    missing = [
        Missing("customer.orders.nodes.1.transactions.0.amountSet", "X"), Missing("customer.orders.nodes.0.note", ""),
        Missing("customer.orders.nodes.9.cancelledAt", ""), Missing("customer.orders", ""),
    ]  # fmt: skip
    assert _unread(cards, missing) == {"8"}
    assert _unread(cards, [Missing("order.displayFulfillmentStatus", "X")]) == {"7"}
    assert _unread(cards, [Missing("", "")]) == {"7", "8"}
