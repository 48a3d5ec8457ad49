"""More than fits on a page, rare payments, archived orders, merged customers: as the API shows them."""

import json
from decimal import Decimal as D  # noqa: N817

import pytest

from local.sandbox import cases
from local.sandbox.orders import Line, Transaction
from local.sandbox.seed import add

from .conftest import Shop
from .test_orders import CANCEL

TOKEN = {"x-shopify-access-token": "shpat_sandbox"}
ORDER = """query ($id: ID!) { order(id: $id) {
    displayFinancialStatus displayFulfillmentStatus closed closedAt capturable customer { id }
    transactions(first: 250) { kind status manualPaymentGateway amountSet { shopMoney { amount } }
        paymentDetails { ... on CardPaymentDetails { company number } } }
    transactionsCount { count } refunds(first: 250) { note }
    fulfillments(first: 50) { name displayStatus trackingInfo(first: 5) { number url company } }
    totalReceivedSet { shopMoney { amount } } netPaymentSet { shopMoney { amount } }
    totalOutstandingSet { shopMoney { amount } } totalCapturableSet { shopMoney { amount } }
    suggestedRefund(suggestFullRefund: true) { suggestedTransactions { amountSet { shopMoney { amount } } } } } }"""


@pytest.fixture
def made(shop):
    """Create a case over HTTP, with its default count if none is given; returns the shop's answers for its orders."""

    def make(case, count):
        body = json.dumps({"case": case, "count": count}).encode()
        status, _, answer = shop.sandbox.handle("POST", "/_sandbox/orders", TOKEN, body)
        assert status == 200, answer
        return [shop.data(ORDER, id=one)["order"] for one in json.loads(answer)["orders"]]

    return make


def amounts(order, name):
    return order[name]["shopMoney"]["amount"]


def test_order_with_sixty_gift_cards_is_shown(made):
    (order,) = made("gift_cards", 60)
    assert len(order["transactions"]) == 60 and order["displayFinancialStatus"] == "PAID"
    assert len(order["suggestedRefund"]["suggestedTransactions"]) == 60


def test_order_with_a_hundred_declined_attempts_is_paid(made):
    (order,) = made("declined", 100)
    assert [t["status"] for t in order["transactions"]] == ["FAILURE"] * 100 + ["SUCCESS"]
    assert (order["displayFinancialStatus"], amounts(order, "totalReceivedSet")) == ("PAID", "129.0")
    assert order["transactionsCount"] == {"count": 101}
    assert order["transactions"][0]["paymentDetails"] == {"company": "Visa", "number": "•••• •••• •••• 4242"}


def test_order_with_101_refunds_is_shown(made):
    (order,) = made("refunds", 101)
    assert len(order["refunds"]) == 101 and order["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert amounts(order, "netPaymentSet") == "101.0"


def test_orders_belong_to_one_customer(shop, made):
    found = made("orders", 12)
    (whose,) = {one["customer"]["id"] for one in found}
    shop.later(seconds=5)
    query = "query ($id: ID!) { customer(id: $id) { numberOfOrders orders(first: 50) { nodes { id } } } }"
    customer = shop.data(query, id=whose)["customer"]
    assert customer["numberOfOrders"] == "12" and len(customer["orders"]["nodes"]) == 12


def test_parcels_have_tracking_numbers(made):
    (order,) = made("parcels", 6)
    sent = order["fulfillments"]
    assert [len(one["trackingInfo"]) for one in sent] == [2, 1, 1, 1, 1, 1]
    assert order["displayFulfillmentStatus"] == "FULFILLED" and sent[5]["name"].endswith("-F6")
    assert sent[0]["trackingInfo"][1]["number"] == "JD0001B"


def test_manual_payments_are_only_recorded(made):
    orders = [*made("by_hand", 2), *made("not_yet_paid", 1)]
    assert [one["transactions"][0]["manualPaymentGateway"] for one in orders] == [True, True, True]
    assert [one["displayFinancialStatus"] for one in orders] == ["PAID", "PAID", "PENDING"]
    assert [amounts(one, "totalOutstandingSet") for one in orders] == ["0.0", "0.0", "129.0"]


def test_cash_payment_has_change(made):
    (order,) = made("cash", 1)
    assert [t["kind"] for t in order["transactions"]] == ["SALE", "CHANGE"]
    assert (amounts(order, "totalReceivedSet"), order["displayFinancialStatus"]) == ("12.5", "PAID")
    (back,) = order["suggestedRefund"]["suggestedTransactions"]
    assert amounts(back, "amountSet") == "12.5"


def test_archived_order_is_closed_and_not_cancelled(shop, made):
    (order,) = made("archived", 1)
    assert order["closed"] and order["closedAt"] == "2026-10-15T12:00:00Z"
    shop.later(seconds=5)
    count = "query ($q: String) { ordersCount(query: $q) { count } }"
    before = shop.data(count, q="status:closed")["ordersCount"]["count"]
    assert before == 1 + shop.data(count, q="status:cancelled")["ordersCount"]["count"]


def test_failed_authorization_does_not_count(made):
    (order,) = made("declined_authorization", 1)
    assert (order["displayFinancialStatus"], order["capturable"]) == (None, False)
    assert (amounts(order, "totalOutstandingSet"), amounts(order, "totalCapturableSet")) == ("24.0", "0.0")


def test_authorized_order_owes_nothing_and_its_void_is_zero(shop):
    order = next(o for o in shop.store.orders if o.financial_status() == "AUTHORIZED")
    before = shop.data(ORDER, id=order.id)["order"]
    assert (amounts(before, "totalOutstandingSet"), before["capturable"]) == ("0.0", True)
    shop.done(CANCEL, id=order.id, refund=False)
    after = shop.data(ORDER, id=order.id)["order"]
    assert [(t["kind"], amounts(t, "amountSet")) for t in after["transactions"]][-1] == ("VOID", "0.0")
    assert (after["displayFinancialStatus"], after["capturable"]) == ("VOIDED", False)


@pytest.mark.parametrize("kind", ["AUTHORIZATION", "EMV_AUTHORIZATION"])
def test_authorization_online_and_at_a_reader_counts(shop, kind):
    order = add(shop.store, None, [Line("Lamp", D(129))], [Transaction(kind, D(129))])
    shown = shop.data(ORDER, id=order.id)["order"]
    assert (shown["displayFinancialStatus"], shown["capturable"]) == ("AUTHORIZED", True)
    assert (amounts(shown, "totalCapturableSet"), amounts(shown, "totalOutstandingSet")) == ("129.0", "0.0")
    shop.done(CANCEL, id=order.id, refund=False)
    assert shop.data(ORDER, id=order.id)["order"]["displayFinancialStatus"] == "VOIDED"
    assert order.transactions[-1].kind == "VOID"


@pytest.mark.parametrize("refund", [True, False])
@pytest.mark.parametrize(
    ("captured", "voided", "left"),
    [("50", None, "79.0"), ("129", None, "0.0"), ("50", "SUCCESS", "0.0"), ("50", "FAILURE", "79.0")],
)
def test_cancellation_voids_the_rest_of_an_authorization(shop, captured, voided, left, refund):
    card = Transaction("AUTHORIZATION", D(129))
    paid = [card, Transaction("CAPTURE", D(captured), parent=card)]
    paid += [Transaction("VOID", D(0), status=voided, parent=card)] if voided else []
    order = add(shop.store, None, [Line("Lamp", D(129))], [*paid])
    assert amounts(shop.data(ORDER, id=order.id)["order"], "totalCapturableSet") == left
    shop.done(CANCEL, id=order.id, refund=refund)
    assert amounts(shop.data(ORDER, id=order.id)["order"], "totalCapturableSet") == "0.0"
    made = [(t.kind, t.amount, t.parent) for t in order.transactions[len(paid) :]]
    back = [("REFUND", D(captured), paid[1])] if refund else []
    assert made == back + ([("VOID", D(0), card)] if left != "0.0" else [])


def test_authorization_next_to_another_payment_covers_the_rest(shop):
    paid = [Transaction("SALE", D(20), "gift_card"), Transaction("AUTHORIZATION", D(109))]
    order = add(shop.store, None, [Line("Rain jacket", D(129))], paid)
    shown = shop.data(ORDER, id=order.id)["order"]
    assert (amounts(shown, "totalCapturableSet"), amounts(shown, "totalOutstandingSet")) == ("109.0", "0.0")


def test_merged_customer_is_gone_and_its_orders_move(shop, made):
    gone, kept = shop.store.customers[1], shop.store.customers[0]
    order = next(o for o in shop.store.orders if o.customer is gone)
    body = json.dumps({"merge": gone.id, "into": kept.id}).encode()
    assert shop.sandbox.handle("PUT", "/_sandbox/customers", TOKEN, body)[0] == 200
    assert shop.data(ORDER, id=order.id)["order"]["customer"] == {"id": kept.id}
    query = "query ($id: ID!, $i: CustomerIdentifierInput!) { customer(id: $id) { id } node(id: $id) { id } %s }"
    query %= "customerByIdentifier(identifier: $i) { id }"
    answer = shop.data(query, id=gone.id, i={"emailAddress": gone.email})
    assert set(answer.values()) == {None}
    (also,) = made("merged", 1)
    assert also["customer"] == {"id": kept.id}
    assert shop.sandbox.handle("PUT", "/_sandbox/customers", TOKEN, body)[0] == 400


@pytest.mark.parametrize("case", cases.CASES)
def test_every_case_can_be_created_and_searched(shop, made, case):
    found = made(case, 2)
    shop.later(seconds=5)
    everything = shop.data("{ ordersCount { count } }")["ordersCount"]["count"]
    assert found and everything == len(shop.store.orders)
    name = shop.store.orders[-1].name
    query = "query ($q: String) { orders(first: 2, query: $q) { nodes { name } } }"
    assert shop.data(query, q=f"name:{name}")["orders"]["nodes"] == [{"name": name}]


@pytest.mark.parametrize("wrong", [{"case": "pieces"}, {"count": 0}, {"count": "many"}, {"count": 1001}, {"size": 1}])
def test_unknown_case_is_refused(shop, wrong):
    before = len(shop.store.orders)
    status, _, body = shop.sandbox.handle("POST", "/_sandbox/orders", TOKEN, json.dumps(wrong).encode())
    assert status == 400 and json.loads(body)["errors"] and len(shop.store.orders) == before


def test_running_cancellations_share_a_job_id():
    shop = Shop(job_seconds=5)
    first, second = (shop.done(CANCEL, id=shop.id(name), refund=True)["job"]["id"] for name in ("#1003", "#1016"))
    assert first == second
    shop.later(seconds=4)
    assert shop.data("query ($id: ID!) { job(id: $id) { done } }", id=first)["job"] == {"done": False}
    shop.later(seconds=2)
    assert shop.data("query ($id: ID!) { job(id: $id) { done } }", id=first)["job"] == {"done": True}
    third = shop.done(CANCEL, id=shop.id("#1018"), refund=True)["job"]["id"]
    assert third != first


EMAIL = (
    "mutation ($i: CustomerInput!) { customerCreate(input: $i) { customer { email } userErrors { field message } } }"
)


@pytest.mark.parametrize(
    ("email", "kept", "words"),
    [
        (" new.er @example.com ", "new.er@example.com", []),
        ("Martha.Williams @example.com", None, ["Email has already been taken"]),
        ("foo@", None, ["Email is invalid"]),
        ("@bar.com", None, ["Email is invalid"]),
        ("foo@bar", None, ["Email is invalid"]),
        ("foo@@bar.com", None, ["Email is invalid"]),
        ("a" * 250 + "@example.com", None, ["Email is too long (maximum is 255 characters)", "Email is invalid"]),
    ],
)
def test_email_address_is_trimmed_and_validated(shop, email, kept, words):
    answer = shop.done(EMAIL, i={"email": email})
    assert answer["userErrors"] == [{"field": ["email"], "message": one} for one in words]
    assert (answer["customer"] or {"email": None})["email"] == kept


def test_too_long_customer_note_is_refused(shop):
    answer = shop.done(EMAIL, i={"email": "x@example.com", "note": "n" * 5001})
    assert answer["userErrors"] == [{"field": ["note"], "message": "Note is too long (maximum is 5000 characters)"}]


MERGE = """mutation ($a: ID!, $b: ID!) { customerMerge(customerOneId: $a, customerTwoId: $b) {
    resultingCustomerId job { done } userErrors { field message code } } }"""


def test_customers_can_be_merged(shop):
    one, two = shop.store.customers[1], shop.store.customers[2]
    one.note, two.note = "first", "second"
    count = shop.data("{ customersCount { count } }")["customersCount"]["count"]
    merged = shop.done(MERGE, a=one.id, b=two.id)
    assert merged == {"resultingCustomerId": two.id, "job": {"done": False}, "userErrors": []}
    assert (two.note, shop.store.customer(one.id)) == ("second first", None)
    assert shop.data("{ customersCount { count } }")["customersCount"]["count"] == count - 1
    (error,) = shop.done(MERGE, a=two.id, b=two.id)["userErrors"]
    assert error == {"field": None, "message": "Customers IDs should not match", "code": "INVALID_CUSTOMER_ID"}
    (error,) = shop.done(MERGE, a=two.id, b="gid://shopify/Customer/999")["userErrors"]
    assert (error["field"], error["message"]) == (["customerTwoId"], "Customer does not exist with ID 999")


def test_order_can_be_closed_and_reopened(shop):
    for name, closed in (("orderClose", True), ("orderClose", True), ("orderOpen", False), ("orderOpen", False)):
        kind = name[0].upper() + name[1:]
        query = "mutation ($i: %sInput!) { %s(input: $i) { order { closed closedAt } userErrors { message } } }"
        query %= kind, name
        answer = shop.done(query, i={"id": shop.id("#1003")})
        assert answer["order"] == {"closed": closed, "closedAt": "2026-10-15T12:00:00Z" if closed else None}
        unknown = shop.done(query, i={"id": "gid://shopify/Order/1"})
        assert unknown == {"order": None, "userErrors": [{"message": "Order does not exist"}]}


CREDIT = """mutation ($id: ID!, $i: StoreCreditAccount%sInput!) { storeCreditAccount%s(id: $id, %sInput: $i) {
    storeCreditAccountTransaction { balanceAfterTransaction { amount } } userErrors { field message code } } }"""


def test_invalid_store_credit_is_refused(shop):
    customer = shop.store.customers[0].id
    debit, money = CREDIT % ("Debit", "Debit", "debit"), {"amount": "1.00", "currencyCode": "USD"}
    (error,) = shop.done(debit, id=customer, i={"debitAmount": money})["userErrors"]
    assert (error["field"], error["code"]) == (["id"], "ACCOUNT_NOT_FOUND")
    (error,) = shop.done(debit, id=customer, i={"debitAmount": money | {"amount": "0"}})["userErrors"]
    assert error["code"] == "NEGATIVE_OR_ZERO_AMOUNT"
    credit = CREDIT % ("Credit", "Credit", "credit")
    for total in ("1.0", "2.0"):
        booked = shop.done(credit, id=customer, i={"creditAmount": money})["storeCreditAccountTransaction"]
        assert booked == {"balanceAfterTransaction": {"amount": total}}
    account = shop.store.credit[0].id
    assert shop.data(f'{{ node(id: "{account}") {{ id }} }}')["node"] == {"id": account}


def test_order_is_found_by_confirmation_number(shop):
    order = shop.data("query ($id: ID!) { order(id: $id) { id confirmationNumber } }", id=shop.id("#1003"))["order"]
    query = "query ($q: String) { orders(first: 2, query: $q) { nodes { id } } }"
    for text in (order["confirmationNumber"], order["confirmationNumber"].lower()):
        assert shop.data(query, q=f"confirmation_number:{text}")["orders"]["nodes"] == [{"id": order["id"]}]


def test_discount_keeps_its_tags(shop):
    given = {
        "title": "Sorry",
        "code": "SORRY5",
        "startsAt": "2026-10-15T12:00:00Z",
        "tags": ["orderdesk", "op-1"],
        "context": {"all": "ALL"},
        "customerGets": {"value": {"percentage": 0.05}, "items": {"all": True}},
    }
    create = """mutation ($i: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $i) {
        codeDiscountNode { id } userErrors { message } } }"""
    assert shop.done(create, i=given)["userErrors"] == []
    read = '{ codeDiscountNodeByCode(code: "sorry5") { codeDiscount { ... on DiscountCodeBasic { tags } } } }'
    assert shop.data(read)["codeDiscountNodeByCode"]["codeDiscount"] == {"tags": ["orderdesk", "op-1"]}


def test_customer_without_name_phone_and_email_is_refused(shop):
    update = """mutation ($i: CustomerInput!) { customerUpdate(input: $i) { customer { displayName email }
        userErrors { field message } } }"""
    create = (
        "mutation ($i: CustomerInput!) { customerCreate(input: $i) { customer { id displayName firstName note } } }"
    )
    made = shop.done(create, i={"phone": "+14158103301", "firstName": "  ", "note": ""})["customer"]
    assert (made["displayName"], made["firstName"], made["note"]) == ("+1 415-810-3301", None, "")
    answer = shop.done(update, i={"id": made["id"], "phone": None})
    words = "A name, phone number, or email address must be present"
    assert answer == {"customer": None, "userErrors": [{"field": None, "message": words}]}
    answer = shop.done(update, i={"id": made["id"], "phone": None, "email": "left@example.com"})
    assert answer["customer"] == {"displayName": "left@example.com", "email": "left@example.com"}
    (error,) = shop.done(update, i={"id": made["id"], "locale": "not-a-locale"})["userErrors"]
    assert error == {"field": ["locale"], "message": "Locale is invalid"}


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"lineItems": []}, ["order", "lineItems"], "INVALID"),
        ({"processedAt": "2099-01-01T00:00:00Z"}, ["order", "processedAt"], "PROCESSED_AT_INVALID"),
        (
            {"customerId": "gid://shopify/Customer/1", "customer": {"toUpsert": {"email": "x@example.com"}}},
            ["order"],
            "REDUNDANT_CUSTOMER_FIELDS",
        ),
    ],
)
def test_invalid_order_is_refused(shop, more, field, code):
    line = {"title": "Thing", "quantity": 1, "priceSet": {"shopMoney": {"amount": "5.50", "currencyCode": "USD"}}}
    create = """mutation ($o: OrderCreateOrderInput!) { orderCreate(order: $o) { order { id }
        userErrors { field code } } }"""
    answer = shop.done(create, o={"lineItems": [line], **more})
    assert answer == {"order": None, "userErrors": [{"field": field, "code": code}]}
