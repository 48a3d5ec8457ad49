"""The same jobs with PyPI's ShopifyAPI, as its README shows it: a session, and one `GraphQL().execute` for each thing.

The README's other way, REST resources (`shopify.Order.find`), uses an API that Shopify calls legacy, without refunds in
a presentment currency, idempotency, or the result of a cancellation. It would need more calls.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

import shopify

from local.sandbox import Sandbox
from local.sandbox.__main__ import handler
from local.sandbox.cases import paid_orders

NOTES = [
    "ShopifyAPI: one `shopify.GraphQL().execute` for each thing that is wanted, as in its README, with the fields "
    "that the job shows. It keeps no connection open, and leaves cost, throttling, deadlines and errors to its caller.",
]

_MONEY = "{ presentmentMoney { amount currencyCode } }"
_CUSTOMER = " id displayName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } "
_ADDRESS = "{ name phone address1 address2 city provinceCode countryCodeV2 zip }"
_ORDER = f"""
    id name createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus note tags statusPageUrl refundable
    totalPriceSet {_MONEY} netPaymentSet {_MONEY} totalRefundedSet {_MONEY}
    billingAddress {_ADDRESS} shippingAddress {_ADDRESS} shippingLine {{ title }}
    lineItems(first: 20) {{
      edges {{ node {{
        id name sku quantity currentQuantity unfulfilledQuantity image {{ url }} originalUnitPriceSet {_MONEY}
      }} }}
    }}
    fulfillments(first: 5) {{
      displayStatus status estimatedDeliveryAt trackingInfo(first: 1) {{ company number url }}
      fulfillmentLineItems(first: 20) {{ edges {{ node {{ lineItem {{ id }} }} }} }}
    }}
"""


def execute(document: str, **variables: Any) -> dict[str, Any]:
    """A document's `data`, as the README shows it."""
    said = json.loads(shopify.GraphQL().execute(document, variables=variables))
    assert "errors" not in said, said["errors"]
    return dict(said["data"])


@contextmanager
def served(sandbox: Sandbox) -> Iterator[str]:
    """Serve the sandbox over HTTP, with a ShopifyAPI session for it, while the block runs; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(sandbox))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    shopify.Session.setup(protocol="http")
    session = shopify.Session("demo.myshopify.com", "2026-10", next(iter(sandbox.tokens)))
    session.url = address  # ShopifyAPI only accepts addresses of Shopify.
    shopify.ShopifyResource.activate_session(session)
    try:
        yield address
    finally:
        shopify.ShopifyResource.clear_session()
        server.shutdown()
        server.server_close()


def measure(watched: Callable[[Sandbox], AbstractContextManager[Any]]) -> dict[str, Any]:
    """What each job asks for, under the names of `floor.FEWEST`, as `watched` returns it."""
    sandbox = Sandbox(job_seconds=0)
    *_, other, order = paid_orders(sandbox.store, 10)
    found = {}
    with served(sandbox):
        for job, do in _jobs(order.id, other.id, order.customer.id).items():
            with watched(sandbox) as asked:
                do()
            found[job] = asked
    return found


def _jobs(order: str, other: str, customer: str) -> dict[str, Callable[[], Any]]:
    return {
        "auto-link": lambda: (_search("email:martha.williams@example.com"), _search("phone:+15013299800")),
        "profile": lambda: _profile(customer),
        "cancel-order: form": lambda: _read(other, f"name netPaymentSet {_MONEY}"),
        "cancel-order: submit": lambda: _cancel(other),
        "create-discount-code: form": lambda: (
            execute("{ shop { currencyCode } }"),
            execute("{ collections(first: 250) { edges { node { id title } } } }"),
        ),
        "create-discount-code: submit": _create_code,
        "edit-order-tags: form": lambda: _read(order, "name tags"),
        "edit-order-tags: submit": lambda: _update(order, tags=["VIP", "seen"]),
        "edit-order-notes: form": lambda: _read(order, "name note"),
        "edit-order-notes: submit": lambda: _update(order, note="Called back"),
        "refund-order: form": lambda: (_read(order, f"name netPaymentSet {_MONEY}"), _suggested(order)),
        "refund-order: submit": lambda: _refund(order),
    }


def _search(query: str) -> Any:
    found = "query Find($query: String!) { customers(first: 5, query: $query) { edges { node {" + _CUSTOMER + "} } } }"
    return execute(found, query=query)


def _profile(customer: str) -> None:
    execute(
        "query Customer($id: ID!) { customer(id: $id) {"
        + _CUSTOMER
        + "numberOfOrders amountSpent { amount currencyCode } } }",
        id=customer,
    )
    execute(
        "query Orders($query: String!) { orders(first: 10, reverse: true, query: $query) { edges { node {"
        + _ORDER
        + "} } } }",
        query=f"customer_id:{customer.rpartition('/')[2]}",
    )


def _read(order: str, fields: str) -> Any:
    return execute("query Order($id: ID!) { order(id: $id) { id " + fields + " } }", id=order)["order"]


def _update(order: str, **fields: Any) -> None:
    execute(
        "mutation Update($input: OrderInput!) { orderUpdate(input: $input)"
        " { order { id tags note } userErrors { field message } } }",
        input={"id": order, **fields},
    )


def _cancel(order: str) -> None:
    execute(
        "mutation Cancel($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: false, notifyCustomer: false,"
        " refundMethod: { originalPaymentMethodsRefund: true })"
        " { job { id done } orderCancelUserErrors { field message } } }",
        id=order,
    )
    while not _read(order, "cancelledAt")["cancelledAt"]:
        pass


def _create_code() -> None:
    execute(
        "mutation Create($code: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $code)"
        " { codeDiscountNode { id } userErrors { field message } } }",
        code={
            "title": "SORRY",
            "code": "SORRY",
            "startsAt": "2026-11-01T00:00:00Z",
            "usageLimit": 1,
            "context": {"all": "ALL"},
            "customerGets": {
                "value": {"discountAmount": {"amount": "5", "appliesOnEachItem": False}},
                "items": {"all": True},
            },
        },
    )


def _suggested(order: str) -> Any:
    return execute(
        "query Suggested($id: ID!) { order(id: $id) { suggestedRefund(suggestFullRefund: true, refundShipping: true)"
        " { refundLineItems { quantity lineItem { id } } suggestedTransactions"
        " { gateway parentTransaction { id } amountSet " + _MONEY + " } } } }",
        id=order,
    )["order"]["suggestedRefund"]


def _refund(order: str) -> None:
    suggested = _suggested(order)
    transactions = [
        {
            "orderId": order,
            "parentId": one["parentTransaction"]["id"],
            "gateway": one["gateway"],
            "kind": "REFUND",
            "amount": one["amountSet"]["presentmentMoney"]["amount"],
        }
        for one in suggested["suggestedTransactions"]
    ]
    lines = [
        {"lineItemId": one["lineItem"]["id"], "quantity": one["quantity"], "restockType": "NO_RESTOCK"}
        for one in suggested["refundLineItems"]
    ]
    execute(
        "mutation Refund($input: RefundInput!, $key: String!) { refundCreate(input: $input) @idempotent(key: $key)"
        " { refund { id totalRefundedSet " + _MONEY + " } userErrors { field message } } }",
        input={"orderId": order, "transactions": transactions, "refundLineItems": lines, "notify": False},
        key=f"refund {order}",
    )
