"""What the sandbox refuses, in Shopify's words."""

import pytest

CANCEL = """mutation ($id: ID!, $note: String, $refund: Boolean, $method: OrderCancelRefundMethodInput) {
    orderCancel(orderId: $id, reason: OTHER, restock: false, staffNote: $note, refund: $refund, refundMethod: $method) {
        job { id } orderCancelUserErrors { field message code } userErrors { field message } } }"""
UPDATE = "mutation ($i: OrderInput!) { orderUpdate(input: $i) { order { id note tags } userErrors { field message } } }"
REFUND = """mutation ($i: RefundInput!) { refundCreate(input: $i) @idempotent(key: "k") {
    refund { id } userErrors { field message } } }"""
CODE = """mutation ($i: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $i) {
    codeDiscountNode { id } userErrors { field message code } } }"""
CUSTOMER = "mutation ($i: CustomerInput!) { %s(input: $i) { customer { id } userErrors { field message } } }"
SET = """mutation ($by: CustomerSetIdentifiers, $i: CustomerSetInput!) { customerSet(identifier: $by, input: $i) {
    customer { id email firstName } userErrors { field message } } }"""
DELETE = """mutation ($i: CustomerDeleteInput!) { customerDelete(input: $i) {
    deletedCustomerId userErrors { field message } } }"""
TAGS = """mutation ($id: ID!, $t: [String!]!) { %s(id: $id, tags: $t) {
    node { ... on Order { tags } ... on Customer { tags } } userErrors { field message } } }"""
NOBODY = "gid://shopify/Customer/1"
NOTHING = "gid://shopify/Order/1"


def one(payload):
    """The field and the words of the only error."""
    (refused,) = payload["userErrors"]
    return refused["field"], refused["message"]


def fulfilled(order):
    order.lines[0].fulfilled = 1


def returned(order):
    order.open_return = True


def held(order):
    order.transactions[0].kind, order.transactions[0].status = "AUTHORIZATION", "PENDING"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (fulfilled, "Cannot cancel an order that has outstanding fulfillments"),
        (returned, "Cannot cancel an order that has returns"),
        (held, "Cannot cancel an order with pending payment authorizations"),
    ],
)
def test_order_that_cannot_be_cancelled_is_refused(shop, changed, words):
    changed(shop.store.order("#1003"))
    payload = shop.done(CANCEL, id=shop.id("#1003"))
    assert payload["job"] is None and one(payload) == (["orderId"], words)
    assert payload["orderCancelUserErrors"] == [{"field": ["orderId"], "message": words, "code": "INVALID"}]


def test_second_cancellation_is_refused(shop):
    shop.sandbox.mutations.job_seconds = 5
    assert shop.done(CANCEL, id=shop.id("#1003"), refund=True)["userErrors"] == []
    again = shop.done(CANCEL, id=shop.id("#1003"), refund=True)
    assert one(again) == (None, "Cancellation is already in progress")
    assert shop.store.order("#1003").cancelled is None
    shop.later(seconds=5)
    order = shop.store.order("#1003")
    assert order.cancelled and order.financial_status() == "REFUNDED" and len(order.refunds) == 1


def test_unknown_order_is_refused(shop):
    assert one(shop.done(CANCEL, id=NOTHING)) == (["orderId"], "Order does not exist")
    assert one(shop.done(UPDATE, i={"id": NOTHING, "note": "x"})) == (["id"], "Order does not exist")
    assert one(shop.done(REFUND, i={"orderId": NOTHING})) == (["orderId"], "Order does not exist")
    assert one(shop.done(TAGS % "tagsAdd", id=NOTHING, t=["a"])) == (["id"], "Order does not exist")


def move(shop, order="#1003", **other):
    kept = shop.store.order(order)
    return {
        "orderId": kept.id,
        "parentId": kept.payments()[0].id,
        "gateway": "x",
        "kind": "REFUND",
        "amount": "1.00",
    } | other


def test_invalid_refund_is_refused(shop):
    order = shop.store.order("#1003")
    line = {"lineItemId": order.lines[0].id, "quantity": 99}
    for given, refusal in (
        ({"transactions": [move(shop, kind="SALE")]}, (None, "Kind sale is not a valid transaction")),
        (
            {"transactions": [move(shop, parentId="gid://shopify/OrderTransaction/1")]},
            (["transactions"], "Transactions require a parent_id associated with the order"),
        ),
        (
            {"refundLineItems": [line]},
            (["refundLineItems", "0", "quantity"], "Quantity cannot refund more items than were purchased"),
        ),
        ({"currency": "JPY"}, (["currency"], "Currency must be the presentment currency of the order")),
    ):
        assert one(shop.done(REFUND, i={"orderId": order.id, **given})) == refusal
    assert order.refunds == [] and order.refunded == 0


def test_refund_of_more_than_the_tender_is_refused(shop):
    order = next(o for o in shop.store.orders if len(o.payments()) == 2 and o.currency == "USD" and not o.refunds)
    least = min(order.payments(), key=lambda p: p.amount)
    wrong = move(shop, order.name, parentId=least.id, amount=str(least.amount + 1))
    refused = shop.done(REFUND, i={"orderId": order.id, "transactions": [wrong]})
    assert one(refused) == (["transactions"], "Refund amount is greater than what the parent transaction holds")


def test_order_in_another_currency_is_refunded_in_that_currency(shop):
    order = next(o for o in shop.store.orders if o.currency not in ("USD", o.shop_currency) and o.received)
    given = {"orderId": order.id, "transactions": [move(shop, order.name, amount="1")]}
    assert one(shop.done(REFUND, i=given))[0] == ["currency"]
    assert shop.done(REFUND, i=given | {"currency": order.currency})["refund"]


BASIC = {
    "title": "Sorry",
    "code": "SORRY",
    "startsAt": "2026-10-01T00:00:00Z",
    "context": {"all": "ALL"},
    "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}},
}


def gets(value=None, items=None):
    return {"customerGets": {"value": value or {"percentage": 0.1}, "items": items or {"all": True}}}


@pytest.mark.parametrize(
    ("given", "field", "words", "code"),
    [
        ({"title": None}, "title", "Title can't be blank", "BLANK"),
        ({"title": ""}, "title", "Title can't be blank", "BLANK"),
        ({"title": "  "}, "title", "Title can't be blank", "BLANK"),
        ({"title": "x" * 256}, "title", "Title is too long (maximum is 255 characters)", "TOO_LONG"),
        ({"code": None}, "code", "Code can't be blank", "BLANK"),
        ({"code": ""}, "code", "Code is too short (minimum is 1 character)", "TOO_SHORT"),
        ({"code": "A\nB"}, "code", "Code cannot contain newline characters.", "INVALID"),
        ({"startsAt": None}, "startsAt", "Starts at can't be blank", "BLANK"),
        ({"endsAt": "2026-09-01T00:00:00Z"}, "endsAt", "Ends at needs to be after starts_at", "INVALID"),
        ({"usageLimit": 0}, "usageLimit", "Usage limit must be greater than 0", "GREATER_THAN"),
        (
            gets(value={"percentage": 1.5}),
            "customerGets.value.percentage",
            "Value must be between 0.0 and 1.0",
            "VALUE_OUTSIDE_RANGE",
        ),
        (
            gets(value={"discountAmount": {"amount": "-1", "appliesOnEachItem": False}}),
            "customerGets.value.discountAmount.amount",
            "Value must be less than or equal to 0",
            "LESS_THAN_OR_EQUAL_TO",
        ),
        (
            gets(items={"collections": {"add": ["gid://shopify/Collection/7"]}}),
            "customerGets.items.collections.add",
            "Collection with id: 7 is invalid",
            "INVALID",
        ),
        (
            gets(
                items={
                    "collections": {"add": ["gid://shopify/Collection/7"]},
                    "products": {"productsToAdd": ["gid://shopify/Product/1"]},
                }
            ),
            "customerGets.items.collections.add",
            "Cannot entitle collections in combination with product variants or products",
            "CONFLICT",
        ),
        (
            {"customerSelection": {"all": True}},
            "context",
            "Only one of context or customerSelection can be provided.",
            "INVALID",
        ),
    ],
)
def test_invalid_code_is_refused(shop, given, field, words, code):
    payload = shop.done(CODE, i=BASIC | given)
    where = ["basicCodeDiscount", *field.split(".")]
    assert payload == {"codeDiscountNode": None, "userErrors": [{"field": where, "message": words, "code": code}]}


def test_code_must_be_unique_ignoring_case(shop):
    assert shop.done(CODE, i=BASIC)["userErrors"] == []
    assert one(shop.done(CODE, i=BASIC | {"code": "sorry"})) == (
        ["basicCodeDiscount", "code"],
        "Code must be unique. Please try a different code.",
    )


@pytest.mark.parametrize("value", [{"percentage": 0}, {"discountAmount": {"amount": "0", "appliesOnEachItem": False}}])
def test_code_for_zero_is_accepted(shop, value):
    assert shop.done(CODE, i=BASIC | gets(value=value))["userErrors"] == []


@pytest.mark.parametrize("field", ["discountCodeActivate", "discountCodeDeactivate", "discountCodeDelete"])
def test_unknown_code_is_refused(shop, field):
    mutation = f"mutation ($id: ID!) {{ {field}(id: $id) {{ userErrors {{ field message code }} }} }}"
    payload = shop.done(mutation, id="gid://shopify/DiscountCodeNode/1")
    assert payload["userErrors"] == [{"field": ["id"], "message": "Code discount does not exist.", "code": "INVALID"}]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"note": "x" * 5001}, ["note"], "Note is too long (maximum is 5000 characters)"),
        ({"tags": ["x" * 41]}, ["tags"], "Title Tag exceeds the maximum length of 40 characters"),
        ({"tags": [str(n) for n in range(250)] + ["one,more"]}, None, None),
        ({"tags": [",".join(str(n) for n in range(251))]}, ["tags"], "Tags cannot be more than 250"),
        ({"phone": "12"}, ["phone"], "Phone is invalid"),
    ],
)
def test_invalid_order_update_is_refused(shop, given, field, words):
    before = (shop.store.order("#1003").note, list(shop.store.order("#1003").tags))
    answer = shop.ask(UPDATE, i={"id": shop.id("#1003"), **given})
    if words is None:
        assert answer["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    else:
        assert one(answer["data"]["orderUpdate"]) == (field, words)
    assert (shop.store.order("#1003").note, list(shop.store.order("#1003").tags)) == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"lastName": "Lee", "zip": "K1A0B1", "countryCode": "CA", "provinceCode": "OR"}, "province"),
        ({"lastName": "Lee", "countryCode": "CA", "provinceCode": "ON"}, "zip"),
        ({"lastName": "Lee", "zip": "K1A0B1", "countryCode": "CA", "provinceCode": "ON"}, None),
    ],
)
def test_invalid_address_is_refused(shop, given, words):
    address = {"address1": "1 Main Street", "city": "Ottawa", **given}
    payload = shop.done(UPDATE, i={"id": shop.id("#1003"), "shippingAddress": address})
    assert [e["field"][1] for e in payload["userErrors"]] == ([words] if words else [])


def test_customer_without_name_phone_and_email_is_refused(shop):
    assert one(shop.done(CUSTOMER % "customerCreate", i={"tags": ["a"]})) == (
        None,
        "A name, phone number, or email address must be present",
    )


def test_email_and_phone_must_be_unique(shop):
    taken = next(c for c in shop.store.customers if c.email and c.phone)
    free = next(c for c in shop.store.customers if c is not taken)
    email, phone = {"email": taken.email.upper()}, {"phone": taken.phone}
    assert one(shop.done(CUSTOMER % "customerCreate", i=email)) == (["email"], "Email has already been taken")
    assert one(shop.done(CUSTOMER % "customerUpdate", i={"id": free.id, **phone})) == (
        ["phone"],
        "Phone has already been taken",
    )
    assert shop.done(CUSTOMER % "customerUpdate", i={"id": taken.id, **phone})["userErrors"] == []


def test_unknown_customer_is_refused(shop):
    assert one(shop.done(CUSTOMER % "customerUpdate", i={"id": NOBODY, "note": "x"})) == (
        ["id"],
        "Customer does not exist",
    )
    assert one(shop.done(DELETE, i={"id": NOBODY})) == (["id"], "Customer can't be found")


def test_customer_with_orders_cannot_be_deleted(shop):
    whose = shop.store.orders[0].customer
    words = "Customer can't be deleted because they have associated orders"
    assert one(shop.done(DELETE, i={"id": whose.id})) == (["id"], words)
    assert whose in shop.store.customers


def test_customer_set_creates_or_changes_the_customer(shop):
    by, name = {"email": "new@example.com"}, {"email": "new@example.com", "firstName": "New"}
    made = shop.done(SET, by=by, i=name)["customer"]
    changed = shop.done(SET, by=by, i=name | {"firstName": "Newer"})["customer"]
    assert made["id"] == changed["id"] and changed["firstName"] == "Newer"


def test_tags_of_an_object_without_tags_are_refused(shop):
    error = shop.error(TAGS % "tagsAdd", id="gid://shopify/Refund/1", t=["a"])
    assert error["message"] == "invalid id" and error["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_tag_removal_is_case_sensitive_on_orders_only(shop):
    order, customer = shop.store.order("#1003"), shop.store.customers[0]
    order.tags, customer.tags = ["Red", "vip"], ["Red"]
    assert shop.done(TAGS % "tagsRemove", id=order.id, t=["red", "vip"])["node"]["tags"] == ["Red"]
    assert shop.done(TAGS % "tagsRemove", id=customer.id, t=["red"])["node"]["tags"] == []


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (["x" * 41], "Title Tag exceeds the maximum length of 40 characters"),
        ([",".join(str(n) for n in range(251))], "Tags cannot be more than 250"),
    ],
)
def test_too_long_or_too_many_tags_are_refused(shop, tags, words):
    shop.store.order("#1003").tags = ["kept"]
    assert one(shop.done(TAGS % "tagsAdd", id=shop.id("#1003"), t=tags)) == (["tags"], words)
    assert shop.store.order("#1003").tags == ["kept"]
