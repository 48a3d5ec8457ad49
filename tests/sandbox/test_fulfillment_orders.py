"""Fulfillment orders: what is sent from where, holds, and what an app may see and change."""

import json

import pytest

from local.sandbox import Fault, order_parts
from local.sandbox.fulfillment_orders import Hold
from local.sandbox.orders import Line

from .conftest import Shop

WORK = """id status requestStatus updatedAt fulfillAt supportedActions { action }
    assignedLocation { name location { id isFulfillmentService fulfillmentService { serviceName } } }
    fulfillmentHolds { id handle reason reasonNotes displayReason heldByRequestingApp }
    destination { firstName lastName city }
    lineItems(first: 50) { nodes { id totalQuantity remainingQuantity productTitle
        lineItem { id fulfillableQuantity unfulfilledQuantity } } }"""
ORDER = f"""query ($id: ID!, $search: String) {{ order(id: $id) {{ displayFulfillmentStatus fulfillable
    fulfillmentOrders(first: 20, query: $search) {{ nodes {{ {WORK} }} }} }} }}"""
HOLD = f"""mutation ($id: ID!, $hold: FulfillmentOrderHoldInput!) {{
    fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {{
        fulfillmentHold {{ id handle }} fulfillmentOrder {{ {WORK} }} remainingFulfillmentOrder {{ {WORK} }}
        userErrors {{ field message code }} }} }}"""
RELEASE = f"""mutation ($id: ID!, $ids: [ID!]) {{ fulfillmentOrderReleaseHold(id: $id, holdIds: $ids) {{
    fulfillmentOrder {{ {WORK} }} userErrors {{ field message code }} }} }}"""
HELD_BY = """query ($id: ID!) { fulfillmentOrder(id: $id) {
    fulfillmentHolds { heldByRequestingApp heldByApp { id title } } } }"""
CANCEL = "mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: false) { job { id } } }"
NOWHERE = "gid://shopify/FulfillmentOrder/1"
OURS = ["write_orders", "read_customers", "read_products", "read_locations"]


def work_of(shop, order, query=None):
    """The status of an order, and its fulfillment orders."""
    found = shop.data(ORDER, id=order.id, search=query)["order"]
    return found["displayFulfillmentStatus"], found["fulfillmentOrders"]["nodes"]


def hold(shop, work, handle="op-1", **given):
    return shop.done(HOLD, id=work["id"], hold={"reason": "OTHER", "handle": handle, **given})


def release(shop, work, *ids):
    return shop.done(RELEASE, id=work["id"], ids=list(ids) or None)


def one(payload):
    """The only error: what it is about, and its code."""
    (refused,) = payload["userErrors"]
    return refused["field"], refused["code"]


def actions(work):
    return [x["action"] for x in work["supportedActions"]]


def handles(work):
    return [x["handle"] for x in work["fulfillmentHolds"]]


@pytest.fixture
def paid(shop):
    """An unfulfilled order with two lines, of two pieces and of one."""
    lines = [Line("Wool socks", order_parts.D(12), 2), Line("Tote bag", order_parts.D(24))]
    return order_parts.add(shop.store, shop.store.customers[0], lines, [order_parts.card(order_parts.D(48))])


def test_order_has_one_fulfillment_order_for_all_lines(shop, paid):
    status, (work,) = work_of(shop, paid)
    assert (status, work["status"], work["requestStatus"]) == ("UNFULFILLED", "OPEN", "UNSUBMITTED")
    assert actions(work) == ["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD", "SPLIT"]
    assert [(x["totalQuantity"], x["remainingQuantity"]) for x in work["lineItems"]["nodes"]] == [(2, 2), (1, 1)]
    assert work["assignedLocation"]["location"]["isFulfillmentService"] is False
    assert work["destination"] == {"firstName": "Martha", "lastName": "Williams", "city": "Portland"}


def test_sent_pieces_are_no_longer_open(shop, paid):
    paid.lines[0].fulfilled = 1
    status, (work,) = work_of(shop, paid)
    assert status == "PARTIALLY_FULFILLED"
    assert [x["remainingQuantity"] for x in work["lineItems"]["nodes"]] == [1, 1]
    for line in paid.lines:
        line.fulfilled = line.quantity
    status, (work,) = work_of(shop, paid)
    assert (status, work["status"], actions(work)) == ("FULFILLED", "CLOSED", [])


def test_hold_on_a_fulfillment_order_is_shown(shop, paid):
    _, (work,) = work_of(shop, paid)
    shop.later(seconds=9)
    made = hold(shop, work, reasonNotes="Call first", reason="INCORRECT_ADDRESS")
    held = made["fulfillmentOrder"]
    assert (held["status"], actions(held)) == ("ON_HOLD", ["RELEASE_HOLD", "HOLD", "MOVE"])
    assert held["fulfillmentHolds"] == [
        {
            "id": made["fulfillmentHold"]["id"],
            "handle": "op-1",
            "reason": "INCORRECT_ADDRESS",
            "reasonNotes": "Call first",
            "displayReason": "Incorrect address",
            "heldByRequestingApp": True,
        }
    ]
    assert held["updatedAt"] > work["updatedAt"] and made["remainingFulfillmentOrder"] is None
    assert [x["lineItem"]["fulfillableQuantity"] for x in held["lineItems"]["nodes"]] == [0, 0]
    order = shop.data(ORDER, id=paid.id)["order"]
    assert (order["displayFulfillmentStatus"], order["fulfillable"]) == ("ON_HOLD", False)
    assert release(shop, held, made["fulfillmentHold"]["id"])["fulfillmentOrder"]["status"] == "OPEN"
    assert work_of(shop, paid)[0] == "UNFULFILLED"


def test_handle_can_be_used_once_per_fulfillment_order(shop, paid):
    _, (work,) = work_of(shop, paid)
    hold(shop, work, "op-1")
    in_use = (["fulfillmentHold", "handle"], "DUPLICATE_FULFILLMENT_HOLD_HANDLE")
    assert one(hold(shop, work, "op-1", reason="AWAITING_PAYMENT")) == in_use
    assert handles(hold(shop, work, "op-2")["fulfillmentOrder"]) == ["op-1", "op-2"]
    other = order_parts.outstanding(shop.store, None)
    assert hold(shop, work_of(shop, other)[1][0], "op-1")["userErrors"] == []


def test_handle_of_another_app_can_be_reused(shop, paid):
    paid.fulfillment_orders()[0].holds.append(Hold("OTHER", None, "op-1", order_parts.FRAUD_GUARD))
    _, (work,) = work_of(shop, paid)
    held = hold(shop, work, "op-1")["fulfillmentOrder"]
    assert [x["heldByRequestingApp"] for x in held["fulfillmentHolds"]] == [False, True]


def test_second_hold_without_a_handle_is_refused(shop, paid):
    _, (work,) = work_of(shop, paid)
    first, again = (shop.done(HOLD, id=work["id"], hold={"reason": "OTHER"}) for _ in range(2))
    assert first["fulfillmentHold"]["handle"] == "" and one(again)[1] == "DUPLICATE_FULFILLMENT_HOLD_HANDLE"


def test_eleventh_hold_of_an_app_is_refused(shop, paid):
    paid.fulfillment_orders()[0].holds.append(Hold("OTHER", app=order_parts.FRAUD_GUARD))
    _, (work,) = work_of(shop, paid)
    held = [hold(shop, work, f"op-{n}")["fulfillmentOrder"] for n in range(10)]
    assert [("HOLD" in actions(x)) for x in held] == [True] * 9 + [False]
    assert one(hold(shop, work, "op-10")) == (["id"], "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED")


def test_hold_on_some_pieces_moves_the_rest_to_another_fulfillment_order(shop, paid):
    _, (work,) = work_of(shop, paid)
    socks, tote = (x["id"] for x in work["lineItems"]["nodes"])
    made = hold(shop, work, fulfillmentOrderLineItems=[{"id": socks, "quantity": 1}])
    held, rest = made["fulfillmentOrder"], made["remainingFulfillmentOrder"]
    assert (held["id"], held["status"], rest["status"]) == (work["id"], "ON_HOLD", "OPEN")
    assert [(x["id"], x["totalQuantity"]) for x in held["lineItems"]["nodes"]] == [(socks, 1)]
    assert [(x["productTitle"], x["remainingQuantity"]) for x in rest["lineItems"]["nodes"]] == [
        ("Wool socks", 1),
        ("Tote bag", 1),
    ]
    assert [x["lineItem"]["fulfillableQuantity"] for x in rest["lineItems"]["nodes"]] == [1, 1]
    assert work_of(shop, paid)[0] == "UNFULFILLED"
    part = [{"id": socks, "quantity": 1}]
    assert one(hold(shop, work, "op-2", fulfillmentOrderLineItems=part))[1] == "FULFILLMENT_ORDER_NOT_SPLITTABLE"
    assert tote not in [x["id"] for x in held["lineItems"]["nodes"]]


def test_hold_on_all_listed_pieces_leaves_no_rest(shop, paid):
    _, (work,) = work_of(shop, paid)
    everything = [{"id": x["id"], "quantity": x["totalQuantity"]} for x in work["lineItems"]["nodes"]]
    made = hold(shop, work, fulfillmentOrderLineItems=everything)
    assert made["remainingFulfillmentOrder"] is None and len(work_of(shop, paid)[1]) == 1


LINES = ["fulfillmentHold", "fulfillmentOrderLineItems"]


@pytest.mark.parametrize(
    ("quantities", "refused"),
    [
        ([0], ([*LINES, "0", "quantity"], "GREATER_THAN_ZERO")),
        ([1, 1], (LINES, "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS")),
        ([3], ([*LINES, "0", "quantity"], "INVALID_LINE_ITEM_QUANTITY")),
    ],
)
def test_invalid_pieces_cannot_be_held(shop, paid, quantities, refused):
    _, (work,) = work_of(shop, paid)
    socks = work["lineItems"]["nodes"][0]["id"]
    part = [{"id": socks, "quantity": quantity} for quantity in quantities]
    assert one(hold(shop, work, fulfillmentOrderLineItems=part)) == refused
    assert work_of(shop, paid) == ("UNFULFILLED", [work])


def test_invalid_hold_is_refused(shop, paid):
    assert one(hold(shop, {"id": NOWHERE})) == (["id"], "FULFILLMENT_ORDER_NOT_FOUND")
    assert one(release(shop, {"id": NOWHERE}))[1] == "FULFILLMENT_ORDER_NOT_FOUND"
    _, (work,) = work_of(shop, paid)
    assert one(hold(shop, work, "x" * 65)) == (["fulfillmentHold", "handle"], None)
    paid.lines[0].fulfilled, paid.lines[1].fulfilled = 2, 1
    assert one(hold(shop, work)) == (["id"], None)


def test_release_with_ids_removes_these_holds(shop, paid):
    paid.fulfillment_orders()[0].holds.append(Hold("OTHER", None, "guard", order_parts.FRAUD_GUARD))
    _, (work,) = work_of(shop, paid)
    ours = hold(shop, work)["fulfillmentHold"]["id"]
    left = release(shop, work, ours)["fulfillmentOrder"]
    assert (left["status"], handles(left)) == ("ON_HOLD", ["guard"])
    again = release(shop, work, ours)
    assert again["userErrors"] == [] and again["fulfillmentOrder"] == left


def test_release_with_another_orders_hold_id_removes_nothing(shop, paid):
    _, (work,) = work_of(shop, paid)
    ours = hold(shop, work)["fulfillmentHold"]["id"]
    other = order_parts.held(shop.store, None)
    release(shop, work_of(shop, other)[1][0], ours)
    assert (work_of(shop, paid)[0], work_of(shop, other)[0]) == ("ON_HOLD", "ON_HOLD")


@pytest.mark.parametrize("ids", [None, []])
def test_release_without_ids_removes_every_hold(shop, ids):
    order = order_parts.held_twice(shop.store, None)
    _, (work, _) = work_of(shop, order)
    hold(shop, work)
    assert len(order.work[0].holds) == 3
    assert shop.done(RELEASE, id=work["id"], ids=ids)["fulfillmentOrder"]["fulfillmentHolds"] == []


def test_holding_app_needs_the_read_apps_scope(shop):
    order = order_parts.held(shop.store, None)
    _, (work,) = work_of(shop, order)
    refused = shop.ask(HELD_BY, id=work["id"])
    (error,) = refused["errors"]
    assert error["message"] == "Access denied for heldByApp field. Required access: `read_apps` access scope."
    assert error["path"] == ["fulfillmentOrder", "fulfillmentHolds", 0, "heldByApp"]
    assert refused["data"]["fulfillmentOrder"]["fulfillmentHolds"] == [
        {"heldByRequestingApp": False, "heldByApp": None}
    ]
    shop.sandbox.scopes |= {"read_apps"}
    (told,) = shop.data(HELD_BY, id=work["id"])["fulfillmentOrder"]["fulfillmentHolds"]
    assert told["heldByApp"]["title"] == "Fraud Guard"


def test_fulfillment_orders_of_two_places_are_held_separately(shop):
    order = order_parts.two_places(shop.store, None)
    status, (first, second) = work_of(shop, order)
    assert status == "UNFULFILLED" and first["assignedLocation"] != second["assignedLocation"]
    hold(shop, first)
    assert work_of(shop, order)[0] == "UNFULFILLED"
    hold(shop, second)
    assert work_of(shop, order)[0] == "ON_HOLD"
    assert [w["id"] for w in work_of(shop, order, "status:on_hold")[1]] == [first["id"], second["id"]]
    assert work_of(shop, order, "-status:ON_HOLD")[1] == []


@pytest.mark.parametrize(
    ("request_status", "status", "display", "may"),
    [
        ("UNSUBMITTED", "OPEN", "UNFULFILLED", ["REQUEST_FULFILLMENT", "MOVE", "HOLD", "SPLIT"]),
        ("SUBMITTED", "OPEN", "IN_PROGRESS", ["REQUEST_CANCELLATION"]),
        ("ACCEPTED", "IN_PROGRESS", "IN_PROGRESS", ["REQUEST_CANCELLATION"]),
        ("REJECTED", "OPEN", "REQUEST_DECLINED", ["REQUEST_FULFILLMENT", "MOVE", "HOLD", "SPLIT"]),
    ],
)
def test_fulfillment_order_of_a_service_has_its_status(shop, request_status, status, display, may):
    order = order_parts.with_service(shop.store, None, request_status)
    shown, (work,) = work_of(shop, order)
    assert (shown, work["status"], work["requestStatus"], actions(work)) == (display, status, request_status, may)
    service = work["assignedLocation"]["location"]
    assert service["isFulfillmentService"] and service["fulfillmentService"]["serviceName"] == "Swift Logistics"
    made = hold(shop, work)
    assert bool(made["fulfillmentHold"]) == ("HOLD" in may)


def test_fulfillment_orders_are_visible_by_scope(shop):
    order = order_parts.place_and_service(shop.store, None)
    _, (own, services) = work_of(shop, order)
    shop.sandbox.scopes = frozenset([*OURS, "write_merchant_managed_fulfillment_orders"])
    assert [w["id"] for w in work_of(shop, order)[1]] == [own["id"]]
    assert one(hold(shop, services))[1] == "FULFILLMENT_ORDER_NOT_FOUND"
    assert shop.data("query ($id: ID!) { fulfillmentOrder(id: $id) { id } }", id=services["id"]) == {
        "fulfillmentOrder": None
    }
    shop.sandbox.scopes = frozenset([*OURS, "read_third_party_fulfillment_orders"])
    assert [w["id"] for w in work_of(shop, order)[1]] == [services["id"]]


def test_app_without_a_scope_sees_and_changes_nothing(shop, paid):
    _, (work,) = work_of(shop, paid)
    shop.sandbox.scopes = frozenset(OURS)
    refused = shop.ask(ORDER, id=paid.id)
    assert refused["data"] == {"order": None}  # A required field, so the order is null.
    assert refused["errors"][0]["message"] == (
        "Access denied for fulfillmentOrders field. Required access: `read_assigned_fulfillment_orders` access scope,"
        " `read_merchant_managed_fulfillment_orders` access scope or `read_third_party_fulfillment_orders`"
        " access scope."
    )
    for mutation, given in ((HOLD, {"hold": {"reason": "OTHER"}}), (RELEASE, {})):
        answer = shop.ask(mutation, id=work["id"], **given)
        assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
        assert "`write_merchant_managed_fulfillment_orders`" in answer["errors"][0]["extensions"]["requiredAccess"]
    shop.sandbox.scopes = frozenset([*OURS, "read_merchant_managed_fulfillment_orders"])
    assert "errors" in shop.ask(HOLD, id=work["id"], hold={"reason": "OTHER"})
    assert work_of(shop, paid)[0] == "UNFULFILLED"


def test_location_needs_the_read_locations_scope(shop, paid):
    shop.sandbox.scopes = shop.sandbox.scopes - {"read_locations"}
    asked = "query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes { assignedLocation { %s } } } } }"
    assert "errors" not in shop.ask(asked % "name", id=paid.id)
    assert "read_locations" in shop.error(asked % "location { id }", id=paid.id)["message"]
    assert "read_locations" in shop.error("{ locations(first: 5) { nodes { id } } }")["message"]


def test_locations_include_services_if_requested(shop):
    asked = "{ locations(first: 9%s) { nodes { id name isFulfillmentService } } location { name } }"
    own = shop.data(asked % "")
    assert [one["name"] for one in own["locations"]["nodes"]] == ["Main warehouse", "Harbour store"]
    assert own["location"] == {"name": "Main warehouse"}
    everywhere = shop.data(asked % ", includeLegacy: true")["locations"]["nodes"]
    assert everywhere[-1]["name"] == "Swift Logistics" and everywhere[-1]["isFulfillmentService"]


def test_fulfillment_orders_of_the_shop_can_be_searched(shop):
    asked = "query ($q: String, $all: Boolean) { fulfillmentOrders(first: 250, query: $q, includeClosed: $all) {"
    asked += " nodes { id status orderName } } }"
    held = shop.data(asked, q="status:ON_HOLD")["fulfillmentOrders"]["nodes"]
    on_hold = {order.name for order in shop.store.orders if order.fulfillment_status() == "ON_HOLD"}
    assert "#1023" in on_hold and on_hold <= {one["orderName"] for one in held}
    assert {one["status"] for one in held} == {"ON_HOLD"}
    open_ = shop.data(asked)["fulfillmentOrders"]["nodes"]
    everything = shop.data(asked, all=True)["fulfillmentOrders"]["nodes"]
    assert {one["status"] for one in everything} - {one["status"] for one in open_} == {"CLOSED"}


def test_cancelled_order_has_closed_fulfillment_orders(shop, paid):
    _, (work,) = work_of(shop, paid)
    hold(shop, work)
    shop.done(
        "mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: false) { job { id } } }", id=paid.id
    )
    _, (closed,) = work_of(shop, paid)
    assert (closed["status"], actions(closed)) == ("CLOSED", [])
    assert one(hold(shop, closed, "op-2")) == (["id"], None)


def test_fulfillment_order_is_found_by_id(shop, paid):
    _, (work,) = work_of(shop, paid)
    found = shop.data("query ($id: ID!) { node(id: $id) { ... on FulfillmentOrder { status } } }", id=work["id"])
    assert found == {"node": {"status": "OPEN"}}


def asked(shop, query, **variables):
    """A request over HTTP, so that faults affect it."""
    headers = {"x-shopify-access-token": "shpat_sandbox"}
    body = json.dumps({"query": query, "variables": variables, "operationName": None}).encode()
    return shop.sandbox.handle("POST", "/admin/api/2026-10/graphql.json", headers, body)


def control(shop, method, what, **given):
    headers = {"x-shopify-access-token": "shpat_sandbox"}
    status, _, body = shop.sandbox.handle(method, f"/_sandbox/{what}", headers, json.dumps(given).encode())
    return status, json.loads(body)


@pytest.mark.parametrize(("kind", "done"), [("null", True), ("throttled", False), ("errors", True)])
def test_faults_affect_holds(shop, paid, kind, done):
    _, (work,) = work_of(shop, paid)
    shop.sandbox.faults.put(Fault(kind, "mutations", times=1))
    _, _, body = asked(shop, HOLD, id=work["id"], hold={"reason": "OTHER", "handle": "op-1"})
    assert "errors" in json.loads(body)
    assert (work_of(shop, paid)[0] == "ON_HOLD") is done
    shop.sandbox.faults.put(Fault("error_at", path="fulfillmentOrderHold.fulfillmentOrder", times=1))
    answer = json.loads(asked(shop, HOLD, id=work["id"], hold={"reason": "OTHER", "handle": "op-2"})[2])
    assert answer["data"]["fulfillmentOrderHold"]["fulfillmentOrder"] is None
    assert "op-2" in [x.handle for x in paid.fulfillment_orders()[0].holds]


def test_controls_hold_and_answer_for_others(shop, paid):
    status, told = control(shop, "POST", "holds", order=paid.name, reason="HIGH_RISK_OF_FRAUD", app="Guard")
    assert status == 200 and [one["status"] for one in told["fulfillmentOrders"]] == ["ON_HOLD"]
    control(shop, "POST", "holds", order=paid.name)
    holds = paid.fulfillment_orders()[0].holds
    assert [(x.reason, x.app and x.app.title) for x in holds] == [("HIGH_RISK_OF_FRAUD", "Guard"), ("OTHER", None)]
    assert control(shop, "DELETE", "holds", order=paid.name)[0] == 200 and holds == []
    _, told = control(shop, "PUT", "fulfillment", order=paid.name, request="ACCEPTED")
    assert [(x["status"], x["requestStatus"]) for x in told["fulfillmentOrders"]] == [("IN_PROGRESS", "ACCEPTED")]
    control(shop, "PUT", "fulfillment", order=paid.name, sent=True)
    assert work_of(shop, paid)[0] == "FULFILLED"


@pytest.mark.parametrize(
    ("method", "what", "given"),
    [
        ("POST", "holds", {"order": "#9"}),
        ("POST", "holds", {"order": "#1003", "reason": "BORED"}),
        ("DELETE", "holds", {}),
        ("PUT", "fulfillment", {"order": "#1003"}),
        ("PUT", "fulfillment", {"order": "#1003", "sent": False}),
        ("PUT", "fulfillment", {"order": "#1003", "request": "LATER"}),
        ("PUT", "settings", {"newAccounts": "no"}),
    ],
)
def test_invalid_control_is_refused(method, what, given):
    status, told = control(Shop(), method, what, **given)
    assert status == 400 and told["errors"]


def test_seed_has_an_order_for_every_fulfillment_state(shop):
    orders = [o for o in shop.store.orders if int(o.number) and o.name >= "#1042"]
    shown = {o.fulfillment_status() for o in orders}
    assert shown >= {"UNFULFILLED", "PARTIALLY_FULFILLED", "IN_PROGRESS", "REQUEST_DECLINED", "ON_HOLD"}
    assert {len(o.fulfillment_orders()) for o in orders} == {1, 2}
    assert {o.outstanding > 0 for o in orders} == {o.takes_store_credit for o in orders} == {True, False}
    assert max(len(o.lines) for o in orders) > 20
    assert any(x.discount and x.cart_discount and x.tax for o in orders for x in o.lines)


def test_sent_pieces_are_taken_from_those_without_a_hold(shop, paid):
    _, (work,) = work_of(shop, paid)
    socks = work["lineItems"]["nodes"][0]["id"]
    hold(shop, work, fulfillmentOrderLineItems=[{"id": socks, "quantity": 1}])
    paid.lines[0].fulfilled = 1
    held, rest = work_of(shop, paid)[1]
    assert [(x["productTitle"], x["remainingQuantity"]) for x in held["lineItems"]["nodes"]] == [("Wool socks", 1)]
    assert [x["remainingQuantity"] for x in rest["lineItems"]["nodes"]] == [0, 1]
    paid.lines[0].fulfilled = 0  # the parcel was cancelled
    assert [x["remainingQuantity"] for x in work_of(shop, paid)[1][1]["lineItems"]["nodes"]] == [1, 1]


def test_order_that_a_service_works_on_cannot_be_cancelled(shop):
    order = order_parts.with_service(shop.store, None, "ACCEPTED")
    cancel = CANCEL.replace("job { id }", "job { id } orderCancelUserErrors { message }")
    payload = shop.done(cancel, id=order.id)
    assert payload["job"] is None and "outstanding fulfillments" in payload["orderCancelUserErrors"][0]["message"]
    asked_for = order_parts.with_service(shop.store, None, "SUBMITTED")
    assert shop.done(cancel, id=asked_for.id)["job"]


def test_fulfillment_order_of_an_old_order_needs_all_orders(shop, paid):
    _, (work,) = work_of(shop, paid)
    paid.created = shop.now.replace(month=6)
    shop.sandbox.scopes -= {"read_all_orders"}
    assert one(hold(shop, work)) == (["id"], "FULFILLMENT_ORDER_NOT_FOUND")
    assert one(release(shop, work)) == (["id"], "FULFILLMENT_ORDER_NOT_FOUND")
    assert shop.data("query ($id: ID!) { fulfillmentOrder(id: $id) { id } }", id=work["id"])["fulfillmentOrder"] is None
