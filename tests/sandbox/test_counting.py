"""A fault with a limited count counts only requests that it can affect."""

import pytest

from local.sandbox import Fault
from local.sandbox.faults import EFFECTS, IN_GRAPHQL, KINDS, OF_MUTATIONS

from .test_trouble import TOKEN, Http

PATHS = {"error_at": "refundCreate.refund", "denied": "Refund"}
SHOP = "query Named { shop { name } }"
NOTE = """mutation Named($i: OrderInput!) { orderUpdate(input: $i) { order { id note } userErrors { message } } }"""


@pytest.fixture
def http():
    return Http()


def put(http, kind, **more):
    status = {"refund_status": {"transaction_status": "UNKNOWN"}}.get(kind, {})
    path = {"path": PATHS[kind]} if kind in PATHS else {}
    given = {"kind": kind, "seconds": 0, "times": 1} | status | path | more
    assert http.put("faults", **given)[0] == 200


def left(http):
    return [one["times"] for one in http.shop.sandbox.faults.listed()]


@pytest.mark.parametrize("kind", sorted(EFFECTS))
def test_effect_waits_for_a_request_it_can_affect(http, kind):
    put(http, kind)
    http.ask(SHOP)
    http.order()
    http.ask(NOTE, i={"id": http.shop.id("#1003"), "note": "refundCreate and orderCancel"})
    assert left(http) == [1]
    if OF_MUTATIONS.get(kind) == {"orderCancel"}:
        http.refund("1.00")
        assert left(http) == [1]
        http.cancel("#1003")
    else:
        http.refund("1.00")
    assert left(http) == []


@pytest.mark.parametrize("kind", ["refund_pending", "refund_fails"])
def test_refund_fault_does_not_count_a_cancellation(http, kind):
    put(http, kind)
    http.cancel("#1003")
    assert left(http) == [1]


@pytest.mark.parametrize("kind", ["refund_status", "refund_pending", "refund_fails"])
def test_skip_counts_refunds_only(http, kind):
    put(http, kind, skip=1)
    statuses = []
    for amount in ("1.00", "2.00", "3.00"):
        http.ask(SHOP)
        http.shop.sandbox.mutations.keys._seen.clear()
        http.refund(amount)
        statuses.append(http.store.order("#1003").refunds[-1].transactions[0].status)
    assert statuses[0] == statuses[2] == "SUCCESS" != statuses[1]


def test_error_at_a_path_does_not_count_a_document_without_it(http):
    http.put("faults", kind="error_at", path="order.customer", times=1)
    http.ask("query Named { orders(first: 1) { nodes { customer { id } } } }")
    assert left(http) == [1]
    one = http.shop.id("#1003")
    answer = http.ask(
        "query Named($id: ID!) { order(id: $id) { ...Whose } } fragment Whose on Order { customer { id } }", id=one
    )
    assert answer["errors"][0]["path"] == ["order", "customer"] and left(http) == []


def test_error_at_a_path_uses_the_answers_aliases(http):
    http.put("faults", kind="error_at", path="first.who", times=1)
    answer = http.ask(
        "query Named($id: ID!) { first: order(id: $id) { who: customer { id } } }", id=http.shop.id("#1003")
    )
    assert answer["data"] == {"first": {"who": None}} and left(http) == []


def test_denial_behind_an_interface_is_counted(http):
    http.put("faults", kind="denied", path="Customer", times=1)
    customer = http.store.customers[0].id
    assert http.ask(f'query Named {{ node(id: "{customer}") {{ id }} }}')["data"] == {"node": None}
    assert left(http) == []


@pytest.mark.parametrize("kind", sorted(IN_GRAPHQL))
def test_api_fault_does_not_count_other_requests(http, kind):
    put(http, kind)
    http.shop.sandbox.handle("POST", "/admin/oauth/access_token", {}, b"client_id=a&client_secret=b")
    http.shop.sandbox.handle("GET", "/admin/orders/1", {}, b"")
    assert left(http) == [1]
    http.ask(SHOP)
    assert left(http) == []


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - EFFECTS - IN_GRAPHQL))
def test_connection_fault_affects_any_request(http, kind):
    http.shop.sandbox.faults.put(Fault(kind, seconds=0, times=1))
    try:
        http.shop.sandbox.handle("POST", "/admin/oauth/access_token", {}, b"client_id=a&client_secret=b")
    except Exception as broken:
        assert type(broken).__name__ == "Broken"
    assert left(http) == []


def test_refused_request_does_not_use_up_a_fault(http):
    put(http, "refund_status")
    http.shop.sandbox.bucket.size = http.shop.sandbox.bucket.available = 0
    assert http.refund("1.00")["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert left(http) == [1]
    http.shop.sandbox.bucket.size = http.shop.sandbox.bucket.available = 2000
    http.refund("1.00")
    assert http.store.order("#1003").refunds[0].transactions[0].status == "UNKNOWN" and left(http) == []


@pytest.mark.parametrize(
    "document", ["mutation {", "query { shop { name ...Round } } fragment Round on Shop { ...Round }"]
)
def test_invalid_document_does_not_use_up_a_fault(http, document):
    put(http, "refund_status")
    put(http, "error_at", path="shop.colour")
    assert http.ask(document)["errors"] and left(http) == [1]


@pytest.mark.parametrize("shape", ["bare", "list", "object", "object of one"])
def test_fault_can_be_set_alone_or_in_a_list(http, shape):
    fault = b'{"kind": "refund_status", "transaction_status": "UNKNOWN"}'
    body = {"bare": b"%b", "list": b"[%b]", "object": b'{"faults": [%b]}', "object of one": b'{"faults": %b}'}[shape]
    assert http.shop.sandbox.handle("PUT", "/_sandbox/faults", TOKEN, body % fault)[0] == 200
    http.refund("1.00")
    assert http.store.order("#1003").refunds[0].transactions[0].status == "UNKNOWN"


def test_listed_faults_can_be_set_again(http):
    for kind in KINDS:
        put(http, kind)
        listed = http.shop.sandbox.faults.listed()
        assert http.put("faults", faults=listed) == (200, {"faults": listed})


def test_error_at_an_element_makes_its_required_parents_null(http):
    first, second = http.shop.id("#1003"), http.shop.id("#1016")
    http.put("faults", kind="error_at", path="nodes.1", code="TIMEOUT", message="slow")
    answer = http.ask("query Named($i: [ID!]!) { nodes(ids: $i) { id } }", i=[first, second])
    assert answer["data"] == {"nodes": [{"id": first}, None]}
    (error,) = answer["errors"]
    assert (error["path"], error["message"], error["extensions"]) == (["nodes", 1], "slow", {"code": "TIMEOUT"})

    http.put("faults", kind="error_at", path="order.transactions.0")
    answer = http.order()
    assert answer["data"] == {"order": None} and answer["errors"][0]["path"] == ["order", "transactions", 0]


@pytest.mark.parametrize(
    ("path", "query", "place"),
    [
        ("orders.nodes.1", "orders(first: 2) { nodes { name } }", ["orders", "nodes", 1]),
        ("orders.edges.1", "orders(first: 2) { edges { node { name } } }", ["orders", "edges", 1]),
        ("orders.edges.1.node", "orders(first: 2) { edges { node { name } } }", ["orders", "edges", 1, "node"]),
        (
            "orders.nodes.1.transactions.0",
            "orders(first: 2) { nodes { transactions { id } } }",
            ["orders", "nodes", 1, "transactions", 0],
        ),
        (
            "orders.nodes.transactions.0",
            "orders(first: 1) { nodes { transactions { id } } }",
            ["orders", "nodes", 0, "transactions", 0],
        ),
        ("orders.nodes.1.tags.0", "orders(first: 2) { nodes { tags } }", ["orders", "nodes", 1, "tags", 0]),
    ],
)
def test_error_at_an_element_of_any_list_makes_it_null(http, path, query, place):
    for order in http.store.orders:
        order.tags = ["one", "two"]
    http.put("faults", kind="error_at", path=path)
    answer = http.ask(f"query Named {{ {query} }}")
    assert [error["path"] for error in answer["errors"]] == [place]
    assert answer["data"] is None  # orders, its lists and their elements are all required


def test_error_at_an_element_of_a_refund_leaves_the_refund_done(http):
    http.put("faults", kind="error_at", path="refundCreate.refund.transactions.nodes.0")
    answer = http.refund("5.00")
    assert answer["data"]["refundCreate"]["refund"] is None
    assert answer["errors"][0]["path"] == ["refundCreate", "refund", "transactions", "nodes", 0]
    assert http.store.order("#1003").refunded == 5


@pytest.mark.parametrize(
    "fault", [{"kind": "error_at", "path": "refundCreate"}, {"kind": "null", "document": "mutations"}]
)
def test_access_denied_at_the_root_of_a_mutation_does_nothing(http, fault):
    http.put("faults", **fault, code="ACCESS_DENIED", message="Access denied for refundCreate field.")
    answer = http.refund("5.00")
    assert answer["data"] == {"refundCreate": None}
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"], error["path"]) == (
        "Access denied for refundCreate field.",
        "ACCESS_DENIED",
        ["refundCreate"],
    )
    assert http.store.order("#1003").refunds == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error_at", "path": "refundCreate", "code": "TIMEOUT"},
        {"kind": "error_at", "path": "refundCreate.refund", "code": "ACCESS_DENIED"},
        {"kind": "null"},
    ],
)
def test_other_error_of_a_mutation_leaves_the_work_done(http, fault):
    http.put("faults", **fault)
    assert http.refund("5.00")["errors"]
    assert http.store.order("#1003").refunded == 5


MISSING = 'query Named { order(id: "gid://shopify/Order/999") { customer { id } } }'


@pytest.mark.parametrize(
    ("fault", "query"),
    [
        ({"kind": "error_at", "path": "order.customer"}, MISSING),
        ({"kind": "denied", "path": "Order.customer"}, MISSING),
        ({"kind": "error_at", "path": "orders.nodes.7.name"}, "query Named { orders(first: 2) { nodes { name } } }"),
        ({"kind": "error_at", "path": "orders.nodes.7"}, "query Named { orders(first: 2) { nodes { name } } }"),
        ({"kind": "error_at", "path": "shop.name"}, "query Named { shop { id name @skip(if: true) } }"),
    ],
)
def test_path_that_is_not_in_the_answer_does_not_use_up_a_fault(http, fault, query):
    http.put("faults", **fault, times=1)
    assert "errors" not in http.ask(query) and left(http) == [1]


@pytest.mark.parametrize("kind", ["refund_status", "refund_pending", "refund_fails"])
def test_refused_refund_does_not_use_up_a_fault(http, kind):
    put(http, kind)
    assert http.refund("99999.00")["data"]["refundCreate"]["userErrors"] and left(http) == [1]
    http.refund("1.00")
    assert http.store.order("#1003").refunds[0].transactions[0].status != "SUCCESS" and left(http) == []


def test_repeated_refund_does_not_use_up_a_fault(http):
    http.refund("1.00")
    put(http, "refund_status")
    assert http.refund("1.00")["data"]["refundCreate"]["refund"]
    assert len(http.store.order("#1003").refunds) == 1 and left(http) == [1]


@pytest.mark.parametrize("kind", ["refund_status", "job_fails", "job_hangs"])
def test_refused_cancellation_does_not_use_up_a_fault(http, kind):
    http.store.order("#1003").cancelled = http.shop.now
    put(http, kind)
    http.cancel("#1003")
    assert http.store.jobs == [] and left(http) == [1]


def test_refund_to_another_gateway_does_not_use_up_a_fault(http):
    put(http, "refund_status", gateway="gift_card")
    http.refund("1.00")
    http.cancel("#1003")
    assert left(http) == [1]
    http.cancel("#1016")
    assert left(http) == []


def test_finished_cancellation_does_not_use_up_a_refund_fault(http):
    http.shop.sandbox.mutations.job_seconds = 60
    http.cancel("#1016")
    http.shop.later(seconds=61)
    put(http, "refund_pending")
    assert http.refund("99999.00")["data"]["refundCreate"]["userErrors"] and left(http) == [1]
    assert http.store.order("#1016").refunds
