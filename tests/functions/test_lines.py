"""What the card says about lines and parcels: numbers that add up to the units bought."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sandbox.orders import Refund, RefundedLine, Transaction
from lookup import lines

DELIVERED = "#1013"
REASON = {"reason": "Goodwill", "notify": False}


def card(desk, order):
    return next(c for c in desk.profile(desk.linked(order))["transactions"] if c["orderNumber"] == order)


def test_fully_refunded_order_shows_refunded_lines(desk):
    assert card(desk, DELIVERED)["products"][0]["status"] == "fulfilled"
    assert desk.act("refund-order", DELIVERED, **REASON).status == 200
    now = card(desk, DELIVERED)
    assert now["itemCount"] == "2"
    assert (now["products"][0]["quantity"], now["products"][0]["status"]) == ("2", "refunded")


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("SUCCESS", "refunded"), ("PENDING", "refund under way"), ("AWAITING_RESPONSE", "refund under way"),
        ("UNKNOWN", "refund under way"), ("FAILURE", "refund failed"), ("ERROR", "refund failed"),
        (None, "removed"),
    ],
)  # fmt: skip
def test_lines_word_comes_from_the_transactions(desk, status, word):
    order = desk.store.order(DELIVERED)
    paid = order.payments()[0]
    moves = [Transaction("REFUND", paid.amount, paid.gateway, paid.shown, status=status, parent=paid)] if status else []
    _take(desk, order, 2, moves)
    assert card(desk, DELIVERED)["products"][0]["status"] == word


@pytest.mark.parametrize(
    ("moves", "word"),
    [
        (["SUCCESS", "SUCCESS"], "refunded"), (["SUCCESS", "PENDING"], "refund under way"),
        (["FAILURE", "PENDING"], "refund under way"), (["SUCCESS", "FAILURE"], "refund failed in part"),
        (["SUCCESS", "A_NEW_STATE"], "refund under way"), (["ERROR", "FAILURE"], "refund failed"),
    ],
)  # fmt: skip
def test_word_depends_on_all_transactions_of_the_refund(moves, word):
    assert _status([{"kind": "REFUND", "status": status} for status in moves]) == word


def test_manual_refund_is_shown_as_recorded():
    by_hand = {"kind": "REFUND", "status": "SUCCESS", "manualPaymentGateway": True}
    assert _status([by_hand]) == "refund recorded"
    assert _status([by_hand, by_hand | {"manualPaymentGateway": False}]) == "refunded"


def test_line_without_units_has_no_status():
    assert lines.status({"quantity": 0, "currentQuantity": 0}, lines.Gone(Counter(), 0), 0) == ""


def test_full_page_of_transactions_is_not_trusted():
    moves = [{"kind": "REFUND", "status": "SUCCESS"}] * 10
    assert _status(moves, further=True) == "refund of many payments (see Shopify)"


def test_cancelled_order_shows_cancelled_lines(desk):
    order = desk.store.order("#1001")
    _take(desk, order, 2, [], "CANCEL")
    order.cancelled = desk.store.now()
    assert card(desk, "#1001")["products"][0]["status"] == "cancelled"


def test_refunded_and_removed_units_are_counted_separately(desk):
    order = desk.store.order(DELIVERED)
    order.lines[0].quantity = 4
    paid = order.payments()[0]
    _take(desk, order, 1, [Transaction("REFUND", paid.amount / 2, paid.gateway, paid.shown, parent=paid)])
    _take(desk, order, 1, [], "CANCEL")
    product = card(desk, DELIVERED)["products"][0]
    assert (product["quantity"], product["status"]) == ("4", "1 fulfilled, 1 unfulfilled, 1 refunded, 1 removed")


def test_full_page_of_refunds_leaves_the_rest_undecided(desk):
    order = desk.store.order(DELIVERED)
    order.refunds += [Refund(None, desk.store.now() - timedelta(days=1), []) for _ in range(lines.REFUNDS)]
    _take(desk, order, 2, [])
    assert card(desk, DELIVERED)["products"][0]["status"] == "refunded or removed"


def test_order_of_gift_cards_has_an_item_count():
    assert lines.bought({"subtotalLineItemsQuantity": 0, "lineItems": {"nodes": [{"quantity": 3}]}}) == 3


def test_two_tracking_numbers_are_two_parcels():
    two = [{"number": "A1", "company": "DHL", "url": "https://a.example/1"}, {"number": "B2", "company": "UPS"}]
    found = list(lines.parcels({"fulfillments": [_parcel(trackingInfo=two)]}))
    assert [(p["trackingNumber"], p["carrier"], p["productIds"]) for p in found] == [
        ("A1", "DHL", ["1"]),
        ("B2", "UPS", ["1"]),
    ]


def test_parcel_without_a_number_is_one_parcel():
    assert list(lines.parcels({"fulfillments": [_parcel(trackingInfo=[])]})) == [
        {"status": "in transit", "productIds": ["1"]}
    ]


def test_hidden_parcels_are_mentioned():
    found = list(lines.parcels({"fulfillments": [_parcel()] * (lines.PARCELS + 1)}))
    assert len(found) == lines.PARCELS + 1
    assert found[-1] == {"status": "More parcels: see the order in Shopify"}
    assert len(list(lines.parcels({"fulfillments": [_parcel()] * lines.PARCELS}))) == lines.PARCELS


def test_hidden_lines_of_a_parcel_are_mentioned():
    full = _parcel()
    full["fulfillmentLineItems"]["pageInfo"] = {"hasNextPage": True}
    assert next(lines.parcels({"fulfillments": [full]}))["productIds"] == ["1", "more"]


@given(
    st.integers(1, 9), st.integers(0, 9), st.integers(0, 9), st.booleans(),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["CANCEL", "RETURN", "NO_RESTOCK"]), st.sampled_from(
        ["SUCCESS", "PENDING", "FAILURE", None])), max_size=4),
)  # fmt: skip
def test_numbers_add_up_to_the_units_bought(bought, gone, sent, counts_gone, refunds):
    """Whatever Shopify says, even if its refunds name more units than are gone, or its counts contradict each other."""
    current = max(0, bought - gone)
    line = {
        "id": "gid://shopify/LineItem/1", "quantity": bought, "currentQuantity": current,
        "unfulfilledQuantity": max(0, (bought if counts_gone else current) - sent),
    }  # fmt: skip
    made = [
        {
            "transactions": {"nodes": [{"kind": "REFUND", "status": status}] if status else []},
            "refundLineItems": {"nodes": [{"quantity": units, "restockType": how, "lineItem": {"id": line["id"]}}]},
        }
        for units, how, status in refunds
    ]
    order = {"lineItems": {"nodes": [line]}, "refunds": made, "fulfillments": [_parcel(sent)] if sent else []}
    [product] = lines.products(order, numbers=True)
    words = product["status"]
    numbers = [int(n) for n in re.findall(r"\d+", words)]
    assert sum(numbers) == bought if numbers else ", " not in words
    assert ("unfulfilled" in words.replace("partially fulfilled", "unfulfilled")) <= (current > 0)


@pytest.mark.parametrize(
    ("current", "waiting", "units", "how", "words"),
    [
        (2, 1, 1, "CANCEL", "2 fulfilled, 1 refunded"),
        (2, 0, 1, "CANCEL", "2 fulfilled, 1 refunded"),
        (2, 1, 1, "RETURN", "1 fulfilled, 1 unfulfilled, 1 refunded"),
        (2, 1, 1, "NO_RESTOCK", "1 fulfilled, 1 unfulfilled, 1 refunded"),
        (0, 1, 3, "NO_RESTOCK", "refunded"),
    ],
)
def test_sent_and_refunded_units_are_counted(current, waiting, units, how, words):
    """Whether or not Shopify counts a refunded unit that was never sent as not yet sent."""
    line = {
        "id": "gid://shopify/LineItem/1",
        "quantity": 3,
        "currentQuantity": current,
        "unfulfilledQuantity": waiting,
    }
    refund = {
        "transactions": {"nodes": [{"kind": "REFUND", "status": "SUCCESS"}]},
        "refundLineItems": {"nodes": [{"quantity": units, "restockType": how, "lineItem": {"id": line["id"]}}]},
    }
    order = {"lineItems": {"nodes": [line]}, "refunds": [refund], "fulfillments": [_parcel(2)]}
    assert lines.products(order, numbers=True)[0]["status"] == words


def _take(desk, order, units, moves, restock="NO_RESTOCK"):
    line = order.lines[0]
    line.refunded += units
    order.transactions += moves
    order.refunds.append(Refund(None, desk.store.now(), moves, lines=[RefundedLine(line, units, restock)]))


def _parcel(quantity=1, **more):
    page = {"nodes": [{"quantity": quantity, "lineItem": {"id": "gid://shopify/LineItem/1"}}]}
    return {"status": "SUCCESS", "displayStatus": "IN_TRANSIT", "fulfillmentLineItems": page} | more


def _status(moves, *, further=False):
    """The status of a line with one unit, refunded with these transactions."""
    line = {"id": "gid://shopify/LineItem/1", "quantity": 1, "currentQuantity": 0, "unfulfilledQuantity": 0}
    refund = {
        "transactions": {"nodes": moves, "pageInfo": {"hasNextPage": further}},
        "refundLineItems": {"nodes": [{"quantity": 1, "restockType": "RETURN", "lineItem": {"id": line["id"]}}]},
    }
    return lines.products({"lineItems": {"nodes": [line]}, "refunds": [refund]}, numbers=True)[0]["status"]
