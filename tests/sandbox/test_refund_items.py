"""Partial refunds: what is suggested for lines, shipping and duties, and what is done."""

import json
from decimal import Decimal as D  # noqa: N817

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.sandbox import Fault, order_parts, refunding
from local.sandbox.orders import Line
from local.sandbox.store_credit import Account
from local.sandbox.suggested_refunds import worth

from .conftest import Shop

MONEY = "presentmentMoney { amount currencyCode } shopMoney { amount currencyCode }"
SUGGESTED = f"""query (
    $id: ID!, $lines: [RefundLineItemInput!], $shipping: Boolean, $amount: Money, $full: Boolean,
    $duties: [RefundDutyInput!], $to: RefundMethodAllocation
) {{ order(id: $id) {{ suggestedRefund(
    refundLineItems: $lines, refundShipping: $shipping, shippingAmount: $amount, suggestFullRefund: $full,
    refundDuties: $duties, refundMethodAllocation: $to
) {{
    amountSet {{ {MONEY} }} subtotalSet {{ {MONEY} }} discountedSubtotalSet {{ {MONEY} }} totalTaxSet {{ {MONEY} }}
    totalCartDiscountAmountSet {{ {MONEY} }} totalDutiesSet {{ {MONEY} }} maximumRefundableSet {{ {MONEY} }}
    shipping {{ amountSet {{ {MONEY} }} maximumRefundableSet {{ {MONEY} }} taxSet {{ {MONEY} }} }}
    refundLineItems {{ quantity lineItem {{ id }} subtotalSet {{ {MONEY} }} totalTaxSet {{ {MONEY} }} }}
    refundDuties {{ amountSet {{ {MONEY} }} originalDuty {{ id }} }}
    suggestedTransactions {{ gateway amountSet {{ {MONEY} }} maximumRefundableSet {{ {MONEY} }}
        parentTransaction {{ id }} }}
    suggestedRefundMethods {{ amount {{ {MONEY} }} maximumRefundable {{ {MONEY} }}
        ... on SuggestedStoreCreditRefund {{ expiresAt }} }}
}} }} }}"""
REFUND = f"""mutation ($i: RefundInput!, $key: String!) {{ refundCreate(input: $i) @idempotent(key: $key) {{
    refund {{ id note totalRefundedSet {{ {MONEY} }}
        refundLineItems(first: 50) {{ nodes {{ quantity restockType restocked location {{ id }} lineItem {{ id }}
            subtotalSet {{ {MONEY} }} totalTaxSet {{ {MONEY} }} }} }}
        refundShippingLines(first: 5) {{ nodes {{ subtotalAmountSet {{ {MONEY} }} taxAmountSet {{ {MONEY} }} }} }}
        orderAdjustments(first: 5) {{ nodes {{ amountSet {{ {MONEY} }} reason }} }}
        duties {{ amountSet {{ {MONEY} }} }}
        transactions(first: 50) {{ nodes {{ kind status gateway amountSet {{ {MONEY} }}
            parentTransaction {{ id }} }} }} }}
    order {{ netPaymentSet {{ {MONEY} }} lineItems(first: 50) {{ nodes {{
        id refundableQuantity unfulfilledQuantity fulfillableQuantity currentQuantity }} }} }}
    userErrors {{ field message }} }} }}"""
BALANCE = """query ($id: ID!) { customer(id: $id) { storeCreditAccounts(first: 5) { nodes {
    balance { amount currencyCode } } } } }"""
FIGURES = (
    "amountSet", "subtotalSet", "discountedSubtotalSet", "totalTaxSet", "totalCartDiscountAmountSet", "totalDutiesSet",
)  # fmt: skip


def amount(bag, side="presentmentMoney"):
    """The amount of a bag."""
    return D(bag[side]["amount"])


def suggested(shop, order, **given):
    return shop.data(SUGGESTED, id=order.id, **given)["order"]["suggestedRefund"]


def some(line, quantity, restock="NO_RESTOCK", location=None):
    return {"lineItemId": line.id, "quantity": quantity, "restockType": restock, "locationId": location}


def moves(order, found):
    """The transactions of a refund, as suggested."""
    return [
        {
            "orderId": order.id,
            "parentId": t["parentTransaction"]["id"],
            "gateway": t["gateway"],
            "kind": "REFUND",
            "amount": t["amountSet"]["presentmentMoney"]["amount"],
        }
        for t in found["suggestedTransactions"]
        if amount(t["amountSet"])
    ]


def refund(shop, order, key="k", **given):
    return shop.done(REFUND, i={"orderId": order.id, "currency": order.currency, **given}, key=key)


def credit(order, amount, **more):
    return [{"storeCreditRefund": {"amount": {"amount": amount, "currencyCode": order.currency}, **more}}]


def one(payload):
    """The field and the words of the only error."""
    assert payload["refund"] is None and payload["order"]
    (refused,) = payload["userErrors"]
    return refused["field"], refused["message"]


@pytest.fixture
def taxed(shop):
    """An order with discounts and taxes, paid by a gift card of 60.00 and a card."""
    return order_parts.taxed(shop.store, shop.store.customers[0])


def test_suggestion_for_some_pieces_includes_discounts_and_taxes(shop, taxed):
    found = suggested(shop, taxed, lines=[some(taxed.lines[0], 1), some(taxed.lines[1], 3)])
    assert {name: amount(found[name]) for name in FIGURES} == {
        "subtotalSet": D("95.50"),  # 58.00 + 3 × 12.50
        "discountedSubtotalSet": D("82.20"),  # without 5.80 and 7.50
        "totalCartDiscountAmountSet": D("10.00"),  # 6.00 + 4.00
        "totalTaxSet": D("5.78"),  # half of 7.39, rounded, + 2.08
        "totalDutiesSet": D(0),
        "amountSet": D("77.98"),
    }
    assert [(x["quantity"], amount(x["subtotalSet"]), amount(x["totalTaxSet"])) for x in found["refundLineItems"]] == [
        (1, D("46.20"), D("3.70")),
        (3, D("26.00"), D("2.08")),
    ]
    assert [amount(t["amountSet"]) for t in found["suggestedTransactions"]] == [D("60.00"), D("17.98")]
    assert amount(found["maximumRefundableSet"]) == taxed.received == taxed.total


def test_partial_refunds_add_up_to_what_was_paid(shop, taxed):
    line = taxed.lines[0]
    for step, (lines, shipping) in enumerate(
        (
            ([some(line, 1)], "3.00"),
            ([some(line, 1), some(taxed.lines[2], 1)], "2.99"),
            ([some(taxed.lines[1], 3)], None),
        )
    ):
        found = suggested(shop, taxed, lines=lines, amount=shipping, shipping=shipping is None)
        made = refund(
            shop, taxed, f"k{step}", refundLineItems=lines, transactions=moves(taxed, found),
            shipping={"amount": shipping} if shipping else {"fullRefund": True},
        )  # fmt: skip
        assert made["userErrors"] == [] and made["refund"]["orderAdjustments"]["nodes"] == []
    assert (taxed.net, taxed.shipping_left, taxed.financial_status()) == (0, 0, "REFUNDED")
    assert amount(suggested(shop, taxed, full=True, shipping=True)["amountSet"]) == 0


def test_shipping_is_suggested_in_full_or_in_part(shop, taxed):
    whole = suggested(shop, taxed, shipping=True)
    assert (amount(whole["amountSet"]), amount(whole["shipping"]["taxSet"])) == (D("8.63"), D("0.63"))
    part = suggested(shop, taxed, shipping=True, amount="4.00")
    assert amount(part["shipping"]["amountSet"]) == 4 and amount(part["shipping"]["taxSet"]) == D("0.32")
    assert amount(suggested(shop, taxed, amount="50.00")["shipping"]["amountSet"]) == 8
    made = refund(shop, taxed, shipping={"amount": "4.00"}, transactions=moves(taxed, part))
    (line,) = made["refund"]["refundShippingLines"]["nodes"]
    assert (amount(line["subtotalAmountSet"]), amount(line["taxAmountSet"])) == (4, D("0.32"))
    left = suggested(shop, taxed, shipping=True)
    assert amount(left["amountSet"]) == D("4.31") and amount(left["shipping"]["maximumRefundableSet"]) == 4


def test_included_taxes_are_not_added(shop):
    order = order_parts.taxes_included(shop.store, None)
    found = suggested(shop, order, lines=[some(order.lines[0], 1)], shipping=True)
    assert (amount(found["amountSet"]), amount(found["totalTaxSet"])) == (D("14.90"), D("1.59") + D("0.78"))
    assert amount(found["amountSet"], "shopMoney") == D("16.09")
    assert amount(suggested(shop, order, full=True)["amountSet"]) == 20


def test_taxes_are_shown_by_line_and_for_the_order(shop, taxed):
    asked = """query ($id: ID!) { order(id: $id) {
        totalTaxSet { presentmentMoney { amount } } currentTotalTaxSet { presentmentMoney { amount } }
        taxLines { title rate priceSet { presentmentMoney { amount } } }
        currentTaxLines { priceSet { presentmentMoney { amount } } }
        subtotalPriceSet { presentmentMoney { amount } } totalDiscountsSet { presentmentMoney { amount } }
        lineItems(first: 1) { nodes { taxLines { rate ratePercentage priceSet { presentmentMoney { amount } } }
            discountedTotalSet(withCodeDiscounts: true) { presentmentMoney { amount } }
            plain: discountedTotalSet { presentmentMoney { amount } } } } } }"""
    refund(shop, taxed, refundLineItems=[some(taxed.lines[0], 2)])
    order = shop.data(asked, id=taxed.id)["order"]
    (whole,), (left,) = order["taxLines"], order["currentTaxLines"]
    assert amount(whole["priceSet"]) == amount(order["totalTaxSet"]) == D("11.78")
    assert amount(left["priceSet"]) == amount(order["currentTotalTaxSet"]) == D("11.78") - D("7.39")
    assert (amount(order["subtotalPriceSet"]), amount(order["totalDiscountsSet"])) == (D("139.40"), D("38.10"))
    (line,) = order["lineItems"]["nodes"]
    assert [(x["rate"], x["ratePercentage"], amount(x["priceSet"])) for x in line["taxLines"]] == [
        (0.08, 8.0, D("7.39"))
    ]
    assert (amount(line["discountedTotalSet"]), amount(line["plain"])) == (D("92.40"), D("104.40"))


def test_duties_are_suggested_in_full_or_in_proportion(shop):
    order = next(o for o in shop.store.orders if o.duties)
    (line,) = order.lines
    half = suggested(
        shop, order, lines=[some(line, 1)], duties=[{"dutyId": line.duty_id, "refundType": "PROPORTIONAL"}]
    )
    assert amount(half["totalDutiesSet"]) == D("1.50") and amount(half["amountSet"]) == line.price + D("1.50")
    duties = [{"dutyId": line.duty_id, "refundType": "FULL"}]
    found = suggested(shop, order, duties=duties)
    assert [amount(x["amountSet"]) for x in found["refundDuties"]] == [line.duty]
    made = refund(shop, order, refundDuties=duties, transactions=moves(order, found))
    assert [amount(x["amountSet"]) for x in made["refund"]["duties"]] == [line.duty]
    assert amount(suggested(shop, order, duties=duties)["amountSet"]) == 0


def test_earlier_refund_by_amount_reduces_the_suggestion(shop, taxed):
    refund(shop, taxed, transactions=[moves(taxed, suggested(shop, taxed, full=True))[0]], discrepancyReason="CUSTOMER")
    (adjusted,) = shop.data(
        "query ($id: ID!) { order(id: $id) { refunds { orderAdjustments(first: 1) { nodes { reason amountSet { "
        "presentmentMoney { amount } } } } } } }",
        id=taxed.id,
    )["order"]["refunds"][0]["orderAdjustments"]["nodes"]
    assert (adjusted["reason"], amount(adjusted["amountSet"])) == ("CUSTOMER", -60)
    found = suggested(shop, taxed, full=True, shipping=True)
    assert amount(found["amountSet"]) == taxed.net == taxed.total - 60
    assert [t["gateway"] for t in found["suggestedTransactions"]] == ["shopify_payments"]


@pytest.mark.parametrize(("reason", "told"), [("OTHER", "REFUND_DISCREPANCY"), ("DAMAGE", "DAMAGE")])
def test_why_an_amount_differs_and_when_it_was_processed(shop, taxed, reason, told):
    given = {"discrepancyReason": reason, "processedAt": "2026-10-14T08:00:00Z"}
    lines = [some(taxed.lines[0], 1)]
    money = moves(taxed, suggested(shop, taxed, lines=lines))
    made = refund(shop, taxed, refundLineItems=lines, transactions=[money[0] | {"amount": "40.00"}], **given)
    (adjusted,) = made["refund"]["orderAdjustments"]["nodes"]
    assert (adjusted["reason"], amount(adjusted["amountSet"])) == (told, D("9.90"))
    asked = "query ($id: ID!) { order(id: $id) { refundable refunds { processedAt createdAt } } }"
    kept = shop.data(asked, id=taxed.id)["order"]
    assert kept["refunds"] == [{"processedAt": given["processedAt"], "createdAt": "2026-10-15T12:00:00Z"}]
    refund(shop, taxed, "rest", refundMethods=credit(taxed, str(taxed.net)))
    assert kept["refundable"] and not shop.data(asked, id=taxed.id)["order"]["refundable"]


def test_returned_and_removed_pieces_are_recorded(shop, taxed):
    sneaker, socks, tote = taxed.lines
    place = shop.store.locations[0].id
    socks.fulfilled = 1
    items = [some(sneaker, 1, "CANCEL", place), some(socks, 1, "RETURN", place), some(tote, 1)]
    made = refund(shop, taxed, refundLineItems=items, transactions=moves(taxed, suggested(shop, taxed, lines=items)))
    told = [
        (x["restockType"], x["restocked"], amount(x["subtotalSet"]), (x["location"] or {}).get("id"))
        for x in made["refund"]["refundLineItems"]["nodes"]
    ]
    assert told == [
        ("CANCEL", True, D("46.20"), place),
        ("RETURN", True, D("8.67"), place),
        ("NO_RESTOCK", False, 0, None),
    ]
    lines = {x["id"]: x for x in made["order"]["lineItems"]["nodes"]}
    numbers = [
        tuple(lines[x.id][name] for name in ("refundableQuantity", "unfulfilledQuantity", "fulfillableQuantity"))
        for x in taxed.lines
    ]
    assert numbers == [(1, 1, 1), (2, 2, 2), (0, 1, 1)]
    (work,) = taxed.fulfillment_orders()
    assert [(x.total, x.remaining) for x in work.pieces] == [(1, 1), (3, 2), (1, 1)]


def test_order_with_all_pieces_removed_is_unfulfilled(shop, taxed):
    items = [some(x, x.quantity, "CANCEL", shop.store.locations[0].id) for x in taxed.lines]
    assert refund(shop, taxed, refundLineItems=items)["refund"]
    assert (taxed.fulfillment_status(), taxed.fulfillment_orders()[0].status) == ("UNFULFILLED", "CLOSED")


@pytest.mark.parametrize(
    ("item", "field", "words"),
    [
        ({"quantity": 3}, "quantity", "Quantity cannot refund more items than were purchased"),
        ({"quantity": 0}, "quantity", "Quantity must be greater than 0"),
        ({"restockType": "RETURN"}, "locationId", "Location is required to restock items"),
        ({"restockType": "CANCEL", "locationId": "gid://shopify/Location/1"}, "locationId", "Location does not exist"),
        ({"restockType": "LEGACY_RESTOCK"}, "restockType", "Restock type is not accepted for new refunds"),
    ],
)
def test_refund_of_an_invalid_line_is_refused(shop, taxed, item, field, words):
    wrong = some(taxed.lines[0], 1) | item
    assert one(refund(shop, taxed, refundLineItems=[wrong])) == (["refundLineItems", "0", field], words)
    assert taxed.refunds == [] and taxed.lines[0].refunded == 0


def test_line_given_twice_is_summed(shop, taxed):
    items = [some(taxed.lines[0], 1), some(taxed.lines[0], 2)]
    words = "Quantity cannot refund more items than were purchased"
    assert one(refund(shop, taxed, refundLineItems=items)) == (["refundLineItems", "1", "quantity"], words)


def test_removal_of_sent_pieces_is_refused(shop, taxed):
    taxed.lines[2].fulfilled = 1
    item = some(taxed.lines[2], 1, "CANCEL", shop.store.locations[0].id)
    field, words = one(refund(shop, taxed, refundLineItems=[item]))
    assert (field[-1], words) == ("quantity", "Quantity cannot remove more than the fulfillable quantity")


@pytest.mark.parametrize("given", ["-1.00", "8.01"])
def test_refund_of_invalid_shipping_is_refused(shop, taxed, given):
    assert one(refund(shop, taxed, shipping={"amount": given}))[0] == ["shipping", "amount"]


def test_refund_to_store_credit_moves_no_money(shop, taxed):
    lines = [some(taxed.lines[0], 1)]
    found = suggested(shop, taxed, lines=lines, to="STORE_CREDIT")
    (method,) = found["suggestedRefundMethods"]
    assert found["suggestedTransactions"] == [] and method["expiresAt"] is None
    assert (amount(method["amount"]), amount(method["maximumRefundable"])) == (D("49.90"), taxed.total)
    made = refund(shop, taxed, refundLineItems=lines, refundMethods=credit(taxed, "49.90"), transactions=[])
    (moved,) = made["refund"]["transactions"]["nodes"]
    assert (moved["gateway"], moved["kind"], moved["status"]) == ("shopify_store_credit", "REFUND", "SUCCESS")
    assert moved["parentTransaction"] is None and amount(made["refund"]["totalRefundedSet"]) == D("49.90")
    balance = shop.data(BALANCE, id=taxed.customer.id)["customer"]["storeCreditAccounts"]["nodes"]
    assert balance == [{"balance": {"amount": "49.9", "currencyCode": "USD"}}]
    assert taxed.net == taxed.total - D("49.90")


def test_refund_to_store_credit_uses_the_existing_account(shop, taxed):
    shop.store.credit.append(Account(taxed.customer, "USD", D(5)))
    refund(shop, taxed, refundMethods=credit(taxed, "7.00"))
    (account,) = [one for one in shop.store.credit if one.owner is taxed.customer]
    assert account.balance == 12


def test_refund_of_more_than_was_paid_is_refused_across_methods(shop, taxed):
    money = moves(taxed, suggested(shop, taxed, full=True, shipping=True))
    refused = refund(shop, taxed, transactions=money, refundMethods=credit(taxed, "0.01"))
    words = "Refund amount $159.19 is greater than net payment received $159.18"
    assert one(refused) == (None, words)
    over = refund(shop, taxed, transactions=money, refundMethods=credit(taxed, "0.01"), allowOverRefunding=True)
    assert over["refund"] and taxed.net == D("-0.01")


def test_over_refunding_is_limited_by_each_payment(shop, taxed):
    money = moves(taxed, suggested(shop, taxed, full=True, shipping=True))
    money[0]["amount"] = "60.01"
    words = "Refund amount $159.19 is greater than net payment received $159.18"
    assert one(refund(shop, taxed, transactions=money, allowOverRefunding=True)) == (None, words)


def test_suggestion_after_store_credit_is_what_is_left(shop, taxed):
    refund(shop, taxed, refundMethods=credit(taxed, "100.00"))
    found = suggested(shop, taxed, full=True, shipping=True)
    assert amount(found["amountSet"]) == amount(found["maximumRefundableSet"]) == D("59.18")
    assert [amount(t["amountSet"]) for t in found["suggestedTransactions"]] == [D("59.18"), 0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"customer": None}, "A store credit order refund was requested but the order has no customer."),
        ({"company": "Travel Ltd"}, "A store credit order refund was requested but the order is a B2B order."),
    ],
)
def test_order_without_a_personal_customer_gets_no_store_credit(shop, taxed, change, words):
    for name, value in change.items():
        setattr(taxed, name, value)
    found = suggested(shop, taxed, full=True, to="STORE_CREDIT")
    assert found["suggestedRefundMethods"] == [] and found["suggestedTransactions"]
    refused = one(refund(shop, taxed, refundMethods=credit(taxed, "1.00")))
    assert refused == (["refundMethods", "0", "storeCreditRefund"], words)


def test_invalid_store_credit_refund_is_refused(shop, taxed):
    past = credit(taxed, "1.00", expiresAt="2026-10-01T00:00:00Z")
    assert "in the past" in one(refund(shop, taxed, refundMethods=past))[1]
    assert "positive amount" in one(refund(shop, taxed, refundMethods=credit(taxed, "0.00")))[1]
    foreign = [{"storeCreditRefund": {"amount": {"amount": "1.00", "currencyCode": "EUR"}}}]
    assert "presentment currency" in one(refund(shop, taxed, refundMethods=foreign))[1]
    shop.store.set(new_accounts=False)
    assert one(refund(shop, taxed, refundMethods=credit(taxed, "1.00")))[1].startswith("Store credit is not available")


def test_pending_store_credit_is_not_in_the_balance(shop, taxed):
    shop.sandbox.statuses["shopify_store_credit"] = "PENDING"
    refund(shop, taxed, refundMethods=credit(taxed, "7.00"))
    (account,) = [one for one in shop.store.credit if one.owner is taxed.customer]
    assert account.balance == 0
    shop.sandbox.set_status(taxed.name, "SUCCESS")
    assert account.balance == 7


def test_payment_with_store_credit_is_refunded_to_it(shop):
    order = order_parts.paid_with_store_credit(shop.store, shop.store.customers[0])
    found = suggested(shop, order, full=True, shipping=True)
    assert [(t["gateway"], amount(t["amountSet"])) for t in found["suggestedTransactions"]] == [
        ("shopify_store_credit", 10),
        ("shopify_payments", 19),
    ]
    refund(shop, order, transactions=moves(order, found))
    (account,) = [one for one in shop.store.credit if one.owner is order.customer]
    assert account.balance == 10 and order.financial_status() == "REFUNDED"


CANCEL = """mutation ($id: ID!, $method: OrderCancelRefundMethodInput) { orderCancel(
    orderId: $id, reason: OTHER, restock: false, refundMethod: $method
) { job { id } orderCancelUserErrors { field code message } } }"""


def test_cancellation_refunds_to_store_credit(shop, taxed):
    taken_on = shop.done(CANCEL, id=taxed.id, method={"storeCreditRefund": {}})
    assert taken_on["orderCancelUserErrors"] == []
    assert shop.store.order(taxed.id).cancelled and taxed.net == 0
    (account,) = [one for one in shop.store.credit if one.owner is taxed.customer]
    assert account.balance == taxed.total
    company = order_parts.of_a_company(shop.store, shop.store.customers[0])
    refused = shop.done(CANCEL, id=company.id, method={"storeCreditRefund": {}})
    assert refused["orderCancelUserErrors"][0]["code"] == "STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED"


def test_cancellation_after_store_credit_refunds_the_rest(shop, taxed):
    refund(shop, taxed, refundMethods=credit(taxed, "100.00"))
    shop.done(CANCEL, id=taxed.id, method={"originalPaymentMethodsRefund": True})
    assert shop.store.order(taxed.id).net == 0


def test_refund_with_a_repeated_key_is_made_once(shop, taxed):
    lines = [some(taxed.lines[0], 1)]
    given = {"refundLineItems": lines, "transactions": moves(taxed, suggested(shop, taxed, lines=lines))}
    first, again = refund(shop, taxed, "same", **given), refund(shop, taxed, "same", **given)
    assert first["refund"]["id"] == again["refund"]["id"] and taxed.lines[0].refunded == 1
    other = refund(shop, taxed, "same", **given | {"refundLineItems": [some(taxed.lines[0], 2)]})
    assert "different operation parameters" in other["userErrors"][0]["message"]


def test_refund_fault_for_one_gateway_affects_only_it(shop, taxed):
    shop.sandbox.faults.put(Fault("refund_status", transaction_status="UNKNOWN", gateway="gift_card"))
    lines = [some(taxed.lines[0], 2)]
    given = {"refundLineItems": lines, "transactions": moves(taxed, suggested(shop, taxed, lines=lines))}
    asked = {"query": REFUND, "variables": {"i": {"orderId": taxed.id, **given}, "key": "k"}}
    status, _, _ = shop.sandbox.handle(
        "POST",
        "/admin/api/2026-10/graphql.json",
        {"x-shopify-access-token": "shpat_sandbox"},
        json.dumps(asked).encode(),
    )
    assert status == 200
    assert [(t.gateway, t.status) for t in taxed.refunds[0].transactions] == [
        ("gift_card", "UNKNOWN"),
        ("shopify_payments", "SUCCESS"),
    ]


MINOR = st.integers(min_value=0, max_value=30_000)


@given(
    lines=st.lists(st.tuples(MINOR, st.integers(1, 7), MINOR, MINOR), min_size=1, max_size=4),
    shipping=st.tuples(MINOR, MINOR),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    included=st.booleans(),
    portions=st.data(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_refunds_in_any_portions_add_up(lines, shipping, currency, included, portions):
    shop = Shop(seed=False)
    unit = {"USD": D("0.01"), "JPY": D(1), "KWD": D("0.001")}[currency]
    made = [
        Line("Thing", price * unit, count, discount=min(off, price * count) * unit, tax=tax * unit)
        for price, count, off, tax in lines
    ]
    order = order_parts.add(
        shop.store, None, made, [], currency=currency, rate=D("0.5"), shipping=shipping[0] * unit,
        shipping_tax=min(shipping) * unit, taxes_included=included,
    )  # fmt: skip
    order.transactions += [order_parts.card(order.total)] if order.total else []

    def refunded(**asked):
        found = worth(order, asked)
        left, amount = found.total, {"amount": "0", "kind": "REFUND", "gateway": "x", "orderId": order.id}
        given = [amount | {"parentId": p.id, "amount": str(left)} for p in order.payments() if left]
        asked = {"orderId": order.id, "currency": currency, "transactions": given} | asked
        answer, _ = refunding.refund(shop.store, asked, shop.sandbox.mutations._back)
        assert answer["userErrors"] == [] and order.refunds[-1].adjusted == 0

    while due := [x for x in order.lines if x.refundable]:
        refunded(refundLineItems=[some(x, portions.draw(st.integers(1, x.refundable))) for x in due])
    refunded(shipping={"fullRefund": True}, refundShipping=True)
    assert order.net == 0 and all(order.left(p) == 0 for p in order.payments())
