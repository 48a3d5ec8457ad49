"""orderInvoiceSend: the recipient, the refusals, and what the order knows about it afterwards."""

import pytest

from local.sandbox import order_parts

SEND = """mutation ($id: ID!, $email: EmailInput) { orderInvoiceSend(id: $id, email: $email) {
    order { id totalOutstandingSet { shopMoney { amount } } displayFinancialStatus updatedAt
        events(first: 10) { nodes { message createdAt appTitle ... on BasicEvent { action subjectType } } } }
    userErrors { field message code } } }"""


@pytest.fixture
def order(shop):
    """An order of 75.50 with 20.00 paid."""
    return order_parts.outstanding(shop.store, shop.store.customers[0], order_parts.D(20))


def send(shop, order, **email):
    return shop.done(SEND, id=order.id, email=email or None)


def refused(payload):
    """The words of the only error."""
    (one,) = payload["userErrors"]
    assert payload["order"] is None and one["field"] is None and one["code"] == "ORDER_INVOICE_SEND_UNSUCCESSFUL"
    return one["message"]


def test_invoice_is_sent_to_the_orders_address_with_a_message(shop, order):
    shop.later(minutes=1)
    payload = send(shop, order, customMessage="Please pay by Friday", subject="Your order")
    assert payload["userErrors"] == []
    (sent,) = order.invoices
    assert (sent.to, sent.message, sent.subject) == (order.email, "Please pay by Friday", "Your order")
    (event,) = payload["order"]["events"]["nodes"]
    assert order.email in event["message"] and event["createdAt"] == "2026-10-15T12:01:00Z"
    assert (event["appTitle"], event["subjectType"]) == ("Orderdesk", "ORDER")


def test_invoice_changes_no_amounts_or_statuses(shop, order):
    told = send(shop, order)["order"]
    assert told["totalOutstandingSet"]["shopMoney"]["amount"] == "55.5"
    assert told["displayFinancialStatus"] == "PARTIALLY_PAID"


def test_each_send_creates_an_invoice(shop, order):
    send(shop, order)
    assert len(send(shop, order, to="other@example.com")["order"]["events"]["nodes"]) == 2
    assert [one.to for one in order.invoices] == [order.email, "other@example.com"]


def test_invoice_without_a_recipient_is_refused(shop):
    order = order_parts.outstanding(shop.store, None)
    assert refused(send(shop, order)) == "No recipient email address was provided"
    assert send(shop, order, to="guest@example.com")["userErrors"] == []


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ({"to": "not an email"}, "To is invalid"),
        ({"from": "agent@elsewhere.example"}, "From is invalid"),
        ({"bcc": ["agent@elsewhere.example"]}, "Bcc is invalid"),
        ({"from": "owner@example.com", "bcc": ["support@example.com"]}, None),
    ],
)
def test_invoice_with_an_invalid_address_is_refused(shop, order, email, words):
    payload = send(shop, order, **email)
    assert (refused(payload) if words else payload["userErrors"] or None) == words
    assert len(order.invoices) == (0 if words else 1)


def test_invoice_for_an_unknown_order_is_refused(shop):
    payload = shop.done(SEND, id="gid://shopify/Order/1")
    assert payload["order"] is None and payload["userErrors"][0]["field"] == ["id"]


def test_invoice_without_the_write_scope_is_denied(shop, order):
    shop.sandbox.scopes = frozenset({"read_orders"})
    assert "write_orders" in shop.error(SEND, id=order.id)["message"]
    assert order.invoices == []
