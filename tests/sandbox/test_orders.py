"""Orders that are created, changed, partly refunded and cancelled: what the sandbox knows about them afterwards."""

from decimal import Decimal

import pytest

from .conftest import Shop

SUGGESTED = """query (
    $id: ID!, $full: Boolean, $shipping: Boolean, $lines: [RefundLineItemInput!], $duties: [RefundDutyInput!]
) {
    order(id: $id) { suggestedRefund(
        suggestFullRefund: $full, refundShipping: $shipping, refundLineItems: $lines, refundDuties: $duties
    ) {
        amountSet { presentmentMoney { amount } } shipping { amountSet { presentmentMoney { amount } } }
        totalDutiesSet { presentmentMoney { amount } } refundLineItems { quantity lineItem { id } }
        suggestedTransactions { gateway amountSet { presentmentMoney { amount } } parentTransaction { id } }
    } } }"""
CREATE = """mutation ($o: OrderCreateOrderInput!) { orderCreate(order: $o) {
    order { id name email note tags poNumber test displayFinancialStatus customer { id email }
        customAttributes { key value } totalPriceSet { shopMoney { amount currencyCode } } }
    userErrors { field message } } }"""
UPDATE = """mutation ($i: OrderInput!) { orderUpdate(input: $i) {
    order { note tags email phone poNumber customAttributes { key value } shippingAddress { formatted } updatedAt }
    userErrors { field message } } }"""
CANCEL = """mutation ($id: ID!, $refund: Boolean) { orderCancel(
    orderId: $id, reason: CUSTOMER, restock: false, refund: $refund, staffNote: "op-1"
) { job { id done } jobResult { id done status errors { message } } userErrors { message } } }"""
RESULT = """query ($id: ID!) { node(id: $id) { ... on OrderCancelJobResult {
    done status errors { message } order { name cancelledAt cancelReason } } } }"""


def amount(bag):
    """The presentment amount of a MoneyBag."""
    return Decimal(bag["presentmentMoney"]["amount"])


def suggested(shop, order, **given):
    return shop.data(SUGGESTED, id=order.id, **given)["order"]["suggestedRefund"]


def test_suggested_refund_covers_every_tender(shop):
    order = next(o for o in shop.store.orders if len(o.payments()) == 2 and not o.refunds)
    found = suggested(shop, order, full=True, shipping=True)
    assert amount(found["amountSet"]) == order.received
    moves = {t["parentTransaction"]["id"]: amount(t["amountSet"]) for t in found["suggestedTransactions"]}
    assert moves == {p.id: p.amount for p in order.payments()}


def test_suggested_refund_of_one_piece_includes_shipping(shop):
    order = next(
        o for o in shop.store.orders if o.lines[0].quantity == 2 and o.shipping and o.financial_status() == "PAID"
    )
    line = order.lines[0]
    one = [{"lineItemId": line.id, "quantity": 1}]
    found = suggested(shop, order, lines=one, shipping=True)
    assert amount(found["amountSet"]) == line.price + order.shipping
    assert amount(found["shipping"]["amountSet"]) == order.shipping
    assert found["refundLineItems"] == [{"quantity": 1, "lineItem": {"id": line.id}}]
    assert amount(suggested(shop, order, lines=one)["amountSet"]) == line.price
    assert amount(suggested(shop, order)["amountSet"]) == 0


def test_suggested_refund_includes_duties(shop):
    order = next(o for o in shop.store.orders if o.duties)
    duties = [{"dutyId": x.duty_id, "refundType": "FULL"} for x in order.lines]
    found = suggested(shop, order, full=True, shipping=True, duties=duties)
    assert amount(found["totalDutiesSet"]) == order.duties > 0
    assert amount(found["amountSet"]) == order.received - order.refunded
    without = suggested(shop, order, full=True, shipping=True)
    assert amount(without["amountSet"]) == order.received - order.refunded - order.duties


def test_suggested_refund_of_a_refunded_order_is_empty(shop):
    order = next(o for o in shop.store.orders if o.financial_status() == "REFUNDED")
    found = suggested(shop, order, full=True)
    assert amount(found["amountSet"]) == 0 and found["suggestedTransactions"] == []


THING = {"title": "Thing", "quantity": 2, "priceSet": {"shopMoney": {"amount": "5.50", "currencyCode": "USD"}}}


MADE = """mutation ($o: OrderCreateOrderInput!) { orderCreate(order: $o) { order {
    discountCodes taxesIncluded totalPriceSet { presentmentMoney { amount } }
    totalTaxSet { presentmentMoney { amount } } totalDiscountsSet { presentmentMoney { amount } }
    shippingAddress { city } billingAddress { city }
    lineItems(first: 5) { nodes { discountedTotalSet(withCodeDiscounts: true) { presentmentMoney { amount } } } }
} userErrors { field message } } }"""


def shop_money(amount):
    return {"shopMoney": {"amount": amount, "currencyCode": "USD"}}


@pytest.mark.parametrize(
    ("code", "each"),
    [
        ({"itemPercentageDiscountCode": {"code": "TEN", "percentage": 10}}, ["9.0", "18.0"]),
        ({"itemFixedDiscountCode": {"code": "ONE", "amountSet": shop_money("1.00")}}, ["9.67", "19.33"]),
        ({"itemFixedDiscountCode": {"code": "ALL", "amountSet": shop_money("99.00")}}, ["0.0", "0.0"]),
        ({"freeShippingDiscountCode": {"code": "FREE"}}, ["10.0", "20.0"]),
    ],
)
def test_created_order_has_its_discount_code_and_taxes(shop, code, each):
    tax = {"title": "Tax", "rate": "0.1", "priceSet": shop_money("0.50")}
    lines = [
        {"title": name, "quantity": count, "priceSet": shop_money("10.00"), "taxLines": [tax]}
        for name, count in (("Cup", 1), ("Plate", 2))
    ]
    shipping = {"title": "Standard", "priceSet": shop_money("5.00"), "taxLines": [tax]}
    order = shop.done(
        MADE,
        o={
            "lineItems": lines,
            "discountCode": code,
            "shippingLines": [shipping],
            "shippingAddress": {"city": "Ottawa"},
            "billingAddress": {"city": "Toronto"},
        },
    )["order"]
    found = [x["discountedTotalSet"]["presentmentMoney"]["amount"] for x in order["lineItems"]["nodes"]]
    assert found == each and order["discountCodes"] == [next(iter(code.values()))["code"]]
    assert amount(order["totalPriceSet"]) == sum(map(Decimal, each), Decimal("6.50"))
    assert amount(order["totalTaxSet"]) == Decimal("1.50")
    assert amount(order["totalDiscountsSet"]) == 30 - sum(map(Decimal, each))
    assert (order["shippingAddress"]["city"], order["billingAddress"]["city"]) == ("Ottawa", "Toronto")


def test_order_can_be_created(shop):
    paid = {"kind": "SALE", "gateway": "manual", "amountSet": {"shopMoney": {"amount": "11", "currencyCode": "USD"}}}
    given = {
        "email": "new@example.com",
        "note": "Ring twice",
        "tags": ["b,a", "A"],
        "poNumber": "PO-1",
        "test": True,
        "customAttributes": [{"key": "gift", "value": "yes"}],
        "lineItems": [THING],
        "transactions": [paid],
    }
    made = shop.done(CREATE, o=given)["order"]
    assert made["name"] == f"#{1000 + len(shop.store.orders)}" and made["displayFinancialStatus"] == "PAID"
    assert made["totalPriceSet"] == {"shopMoney": {"amount": "11.0", "currencyCode": "USD"}}
    assert (made["note"], made["tags"], made["poNumber"], made["test"]) == ("Ring twice", ["a", "b"], "PO-1", True)
    assert made["customAttributes"] == [{"key": "gift", "value": "yes"}]
    again = shop.done(CREATE, o=given)["order"]
    assert made["customer"]["email"] == "new@example.com" and again["customer"] == made["customer"]


def test_order_without_lines_is_refused(shop):
    refused = shop.done(CREATE, o={"lineItems": []})["userErrors"]
    assert refused == [{"field": ["order", "lineItems"], "message": "Line items must have at least one line item"}]


def test_order_without_payments_has_no_financial_status(shop):
    assert shop.done(CREATE, o={"lineItems": [THING]})["order"]["displayFinancialStatus"] is None


def test_order_update_changes_only_the_given_fields(shop):
    order = shop.store.order("#1003")
    order.note, order.tags = "old", ["kept"]
    changes = {"email": "x@example.com", "phone": "+1 (202) 555-0100", "poNumber": "7"}
    changes |= {"customAttributes": [{"key": "a", "value": "b"}]}
    changed = shop.done(UPDATE, i={"id": order.id, **changes})["order"]
    assert (changed["note"], changed["tags"], changed["email"]) == ("old", ["kept"], "x@example.com")
    assert (changed["phone"], changed["poNumber"]) == ("+12025550100", "7")
    assert (
        changed["customAttributes"] == [{"key": "a", "value": "b"}] and changed["updatedAt"] == "2026-10-15T12:00:00Z"
    )
    cleared = shop.done(UPDATE, i={"id": order.id, "note": "", "tags": []})["order"]
    assert (cleared["note"], cleared["tags"], cleared["email"]) == (None, [], "x@example.com")


@pytest.mark.parametrize(("refund", "status"), [(True, "REFUNDED"), (False, "PAID"), (None, "PAID")])
def test_cancellation_runs_as_a_job(refund, status):
    shop = Shop(job_seconds=3)
    order = next(
        o for o in shop.store.orders if o.financial_status() == "PAID" and o.fulfillment_status() == "UNFULFILLED"
    )
    begun = shop.done(CANCEL, id=order.id, refund=refund)
    assert begun["job"]["done"] is False and begun["jobResult"]["status"] == "STARTED"
    result = begun["jobResult"]["id"]
    shop.later(seconds=2.9)
    waiting = shop.data(RESULT, id=result)["node"]
    assert (waiting["done"], waiting["status"], waiting["order"]["cancelledAt"]) == (False, "STARTED", None)
    shop.later(seconds=0.1)
    ended = shop.data(RESULT, id=result)["node"]
    assert (ended["done"], ended["status"], ended["errors"]) == (True, "SUCCEEDED", [])
    assert ended["order"] == {"name": order.name, "cancelledAt": "2026-10-15T12:00:03Z", "cancelReason": "CUSTOMER"}
    assert order.financial_status() == status and order.staff_note == "op-1"


def test_failed_job_leaves_the_order_unchanged(shop):
    shop.sandbox.mutations.fail_next_job = "The payment provider is down"
    result = shop.done(CANCEL, id=shop.id("#1003"), refund=True)["jobResult"]["id"]
    failed = shop.data(RESULT, id=result)["node"]
    assert (failed["done"], failed["status"]) == (True, "FAILED")
    assert failed["errors"] == [{"message": "The payment provider is down"}]
    assert failed["order"]["cancelledAt"] is None and shop.store.order("#1003").refunds == []


def test_cancellation_voids_an_authorization(shop):
    order = next(o for o in shop.store.orders if o.financial_status() == "AUTHORIZED")
    shop.done(CANCEL, id=order.id, refund=False)
    assert shop.store.order(order.name).financial_status() == "VOIDED" and order.authorized == 0
