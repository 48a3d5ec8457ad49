"""Errors at a path, denials, and statuses of refunds: over HTTP, as tests and people set them."""

import json
from decimal import Decimal

import pytest

from local.sandbox import Fault
from local.sandbox.faults import STATUSES

from .conftest import Shop
from .test_orders import CANCEL

TOKEN = {"x-shopify-access-token": "shpat_sandbox"}
ORDER = """query Named($id: ID!) { order(id: $id) { name customer { displayName defaultEmailAddress { emailAddress } }
    cancellation { staffNote } totalRefundedSet { shopMoney { amount } } netPaymentSet { shopMoney { amount } }
    displayFinancialStatus suggestedRefund(suggestFullRefund: true) { maximumRefundableSet { shopMoney { amount } } }
    transactions(first: 50) { id kind status } } }"""
REFUND = """mutation Refund($i: RefundInput!) { refundCreate(input: $i) @idempotent(key: "k") {
    refund { id note transactions(first: 9) { nodes { status } } } order { id } userErrors { message } } }"""


class Http:
    """A shop over HTTP: `/_sandbox` settings, and API requests."""

    def __init__(self):
        self.shop = Shop()
        self.store = self.shop.store

    def put(self, what, **given):
        status, _, body = self.shop.sandbox.handle("PUT", f"/_sandbox/{what}", TOKEN, json.dumps(given).encode())
        return status, json.loads(body)

    def ask(self, query, name="Named", **variables):
        body = json.dumps({"query": query, "variables": variables, "operationName": name}).encode()
        return json.loads(self.shop.sandbox.handle("POST", "/admin/api/2026-10/graphql.json", TOKEN, body)[2])

    def order(self, name="#1003"):
        return self.ask(ORDER, id=self.shop.id(name))

    def refund(self, amount, name="#1003"):
        order = self.store.order(name)
        move = {"orderId": order.id, "parentId": order.payments()[0].id, "gateway": "x", "kind": "REFUND"}
        given = {"orderId": order.id, "note": "n", "transactions": [move | {"amount": amount}]}
        return self.ask(REFUND, "Refund", i=given)

    def cancel(self, name):
        named = CANCEL.replace("mutation (", "mutation Cancel (")
        return self.ask(named, "Cancel", id=self.shop.id(name), refund=True)


@pytest.fixture
def http():
    return Http()


@pytest.mark.parametrize(
    ("path", "null"),
    [
        ("order.customer", lambda data: data["order"]["customer"]),
        ("order.customer.defaultEmailAddress", lambda data: data["order"]["customer"]["defaultEmailAddress"]),
        ("order.customer.defaultEmailAddress.emailAddress", lambda d: d["order"]["customer"]["defaultEmailAddress"]),
        ("order.totalRefundedSet.shopMoney.amount", lambda data: data["order"]),
        ("order.transactions.1.status", lambda data: data["order"]["transactions"]),
    ],
)
def test_error_at_a_path_makes_required_parents_null(http, path, null):
    if "transactions" in path:
        http.refund("1.00")
    status, _ = http.put("faults", faults=[{"kind": "error_at", "path": path, "code": "TIMEOUT", "message": "slow"}])
    answer = http.order()
    assert status == 200
    try:
        assert null(answer["data"]) is None
    except TypeError:  # The whole order is null, since all of it is required.
        assert answer["data"] == {"order": None}
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]) == ("slow", {"code": "TIMEOUT"})
    assert ".".join(map(str, error["path"])) == path and error["locations"]


def test_error_at_a_list_affects_every_element(http):
    http.put("faults", faults=[{"kind": "error_at", "path": "orders.nodes.customer"}])
    answer = http.ask("query Named { orders(first: 2) { nodes { name customer { id } } } }")
    assert [one["customer"] for one in answer["data"]["orders"]["nodes"]] == [None, None]
    assert [e["path"] for e in answer["errors"]] == [["orders", "nodes", n, "customer"] for n in (0, 1)]


def test_error_in_a_mutations_result_leaves_the_work_done(http):
    http.put("faults", faults=[{"kind": "error_at", "path": "refundCreate.refund", "document": "Refund", "times": 1}])
    answer = http.refund("5.00")
    assert answer["data"]["refundCreate"] == {
        "refund": None,
        "order": {"id": http.shop.id("#1003")},
        "userErrors": [],
    }
    assert answer["errors"][0]["path"] == ["refundCreate", "refund"]
    assert http.store.order("#1003").refunded == 5
    again = http.refund("5.00")
    assert "errors" not in again and again["data"]["refundCreate"]["refund"]["note"] == "n"


def test_error_waits_for_a_document_with_its_path(http):
    http.put("faults", faults=[{"kind": "error_at", "path": "order.cancellation", "times": 1}])
    assert "errors" not in http.ask("query Named { shop { name } }")
    assert http.order()["errors"][0]["path"] == ["order", "cancellation"]
    assert "errors" not in http.order()


def test_two_errors_and_a_lost_answer_can_be_combined(http):
    places = [{"kind": "error_at", "path": f"order.{name}"} for name in ("customer", "cancellation")]
    http.put("faults", faults=places)
    assert {e["path"][-1] for e in http.order()["errors"]} == {"customer", "cancellation"}
    http.put("faults", faults=[{"kind": "refund_status", "transaction_status": "UNKNOWN"}, {"kind": "null"}])
    assert http.refund("5.00")["data"] == {"refundCreate": None}
    assert [t.status for t in http.store.order("#1003").refunds[0].transactions] == ["UNKNOWN"]


@pytest.mark.parametrize(
    ("denied", "words"),
    [
        ("Customer", "This app is not approved to access the Customer object. See "),
        ("Order.customer", "This app is not approved to access the Customer object. See "),
        ("Customer.defaultEmailAddress", "This app is not approved to use the defaultEmailAddress field. See "),
        ("CustomerEmailAddress.emailAddress", "This app is not approved to use the emailAddress field. See "),
        ("Order.transactions", "Access denied for transactions field. Required access: `read_orders` access scope."),
        ("Order.cancellation", "Access denied for cancellation field. Required access: `read_orders` access scope."),
    ],
)
def test_denied_field_is_null_until_it_is_allowed(http, denied, words):
    assert http.put("access", denied=[denied])[1]["denied"] == [denied]
    for _ in range(2):
        answer = http.order()
        (error,) = answer["errors"]
        assert error["message"].startswith(words) and error["extensions"]["code"] == "ACCESS_DENIED"
        inside = answer["data"]["order"] or {}
        for key in error["path"][1:]:
            inside = (inside or {}).get(key)
        assert inside is None
    http.put("access", denied=[])
    assert "errors" not in http.order()


def test_denied_type_is_denied_on_every_path(http):
    http.shop.sandbox.deny("Customer")
    customer = http.store.customers[0].id
    for query in (
        f'query Named {{ node(id: "{customer}") {{ id }} }}',
        f'query Named {{ customer(id: "{customer}") {{ id }} }}',
        "query Named { customers(first: 1) { nodes { id } } }",
        'query Named { customerByIdentifier(identifier: {emailAddress: "x@example.com"}) { id } }',
    ):
        answer = http.ask(query)
        assert set((answer["data"] or {"all": None}).values()) == {None}
        assert "not approved to access the Customer object" in answer["errors"][0]["message"]
    http.shop.sandbox.deny()
    assert http.ask(f'query Named {{ node(id: "{customer}") {{ id }} }}')["data"]["node"] == {"id": customer}


def test_denial_can_be_limited_to_one_document(http):
    http.put("faults", faults=[{"kind": "denied", "path": "Order.customer", "document": "Named", "times": 1}])
    assert http.order()["data"]["order"]["customer"] is None
    assert http.order()["data"]["order"]["customer"]["displayName"]


def test_scopes_can_be_changed_while_it_runs(http):
    granted = sorted(http.shop.sandbox.scopes)
    assert http.put("access", scopes=["read_orders"])[1] == {"scopes": ["read_orders"], "denied": []}
    answer = http.order()
    assert answer["data"]["order"]["customer"] is None and answer["data"]["order"]["name"] == "#1003"
    assert answer["errors"][0]["message"].startswith("Access denied for customer field. Required access: `read_custom")
    http.put("access", scopes=granted)
    assert "errors" not in http.order()


@pytest.mark.parametrize(
    ("path", "given", "words"),
    [
        ("access", {"scopes": "read_orders"}, "scopes must be a list of names"),
        ("access", {"denied": ["Orders"]}, 'there is no "Orders"'),
        ("access", {"denied": ["Order.colour"]}, 'there is no "Order.colour"'),
        ("access", {"denied": "Order"}, "denied must be a list"),
        ("access", {"allowed": []}, 'there is no "allowed"'),
        ("transactions", {"order": "#1003"}, "a status"),
        ("transactions", {"order": "#1003", "status": "LOST"}, "status must be one of AWAITING_RESPONSE"),
        ("transactions", {"order": "#1003", "status": "SUCCESS"}, "no order of that name with a refund"),
        ("settings", {"netPayment": "all"}, "netPayment must be one of"),
        ("settings", {"timeZone": "Mars/Olympus"}, "timeZone must be the name of a time zone"),
        ("settings", {"timeZone": 7}, "timeZone must be the name of a time zone"),
        ("orders", {"count": 1}, "Not Found"),
        ("faults", {"faults": "slow"}, "faults must be given as"),
        ("faults", {"faults": ["slow"]}, "faults must be given as"),
        ("faults", {"faults": [{}]}, "needs a kind"),
        ("faults", {"faults": [{"kind": ["slow"]}]}, "kind of a fault must be one of refused"),
        ("faults", {"faults": [{"kind": "slow", "speed": 3}]}, 'a fault has no "speed"'),
        ("faults", {"faults": [{"kind": "slow", "seconds": -1}]}, "seconds of a fault must be a number from 0 on"),
        (
            "faults",
            {"faults": [{"kind": "slow", "times": "often"}]},
            "times of a fault must be a whole number from 0 on, or null",
        ),
        *(
            (
                "faults",
                {"faults": [{"kind": "http", "status": status}]},
                "status of a fault must be a whole number from 200 to 599",
            )
            for status in (7, 99, 100, 101, 199, 204, 205, 304, 600, True, "500")
        ),
        (
            "faults",
            {"faults": [{"kind": "slow", "transaction_status": "UNKNOWN"}]},
            "transaction_status is for refund_",
        ),
        ("faults", {"kind": "refund_pending", "transaction_status": "SUCCESS"}, "of refund_pending is PENDING"),
        ("faults", {"kind": "refund_fails", "transaction_status": "PENDING"}, "of refund_fails is FAILURE"),
        ("faults", {"kind": "slow", "gateway": "gift_card"}, "gateway is for refund_"),
        ("faults", {"kind": "null", "path": "orderCancel"}, "path is for denied, error_at, not for null"),
        ("faults", {"kind": "error_at", "path": "a..b"}, "needs a path"),
        *(
            ("faults", {"kind": "slow", "document": name}, "document of a fault must be the name of an operation")
            for name in ("", "Two words", "{ shop }", "**")
        ),
        ("faults", {"kind": "version", "served": "old"}, "a version such as 2026-01"),
        ("faults", {"kind": "http", "headers": {"X-A": "b\r\nX-C: d"}}, "each in one line"),
        ("faults", {"kind": "slow", "seconds": 10**400}, "seconds of a fault must be a number from 0 on"),
        ("faults", {"faults": None}, "faults must be given as"),
        ("faults", {"faults": [], "more": 1}, 'there is no "more" next to the faults'),
        ("access", {"scopes": ["nope"]}, 'access scopes, such as read_orders, not "nope"'),
        ("access", {"scopes": ["read_orders", "read_order"]}, 'such as read_orders, not "read_order"'),
        ("access", {"scopes": ["write_all_orders"]}, "scopes must be a list of Shopify's access scopes"),
        ("access", {"scopes": None}, "scopes must be a list of names"),
        ("access", {"scopes": [["read_orders"]]}, "scopes must be a list of names"),
        ("access", {"denied": None}, "denied must be a list"),
        ("access", {"denied": [[]]}, "denied must be a list"),
        ("settings", {"timeZone": None}, "timeZone must be the name of a time zone"),
        ("settings", {"timeZone": "Europe/Berlin", "netPayment": "x"}, "netPayment must be one of"),
        ("settings", {"netPayment": "successes", "timeZone": "Mars"}, "timeZone must be the name of a time zone"),
        ("settings", {"netPayment": []}, "netPayment must be one of"),
        *(
            ("pace", {"latency": value}, "latency must be a number from 0 to 3600")
            for value in (True, "0.0", None, [], -1, 10**400)
        ),
        ("pace", {"size": 7, "latency": "x"}, "latency must be a number from 0 to 3600"),
        ("faults", {"faults": [{"kind": "http", "headers": {"Location": 7}}]}, "headers of a fault must be"),
        ("faults", {"faults": [{"kind": "http", "done": "yes"}]}, "done of a fault must be true or false"),
        (
            "faults",
            {"faults": [{"kind": "slow", "document": 7}]},
            "document of a fault must be the name of an operation",
        ),
        ("faults", {"faults": [{"kind": "error_at"}]}, "the fault error_at needs a path"),
        (
            "faults",
            {"faults": [{"kind": "denied", "path": "Colour"}]},
            'such as Customer or Order.customer, not "Colour"',
        ),
        ("faults", {"faults": [{"kind": "refund_status"}]}, "transaction_status must be one of AWAITING_RESPONSE"),
        (
            "faults",
            {"faults": [{"kind": "refund_status", "transaction_status": "x"}]},
            "transaction_status must be one of",
        ),
    ],
)
def test_invalid_value_is_refused_and_changes_nothing(http, path, given, words):
    http.shop.sandbox.faults.put(Fault("slow", seconds=0))
    sandbox, store = http.shop.sandbox, http.store
    before = sandbox.pace({}), sandbox.scopes, sandbox.denied, store.time_zone, store.net_payment
    status, answer = http.put(path, **given)
    assert status in (400, 404) and words in answer["errors"]
    assert before == (sandbox.pace({}), sandbox.scopes, sandbox.denied, store.time_zone, store.net_payment)
    assert [one["kind"] for one in http.shop.sandbox.faults.listed()] == ["slow"]
    assert "errors" not in http.order()


@pytest.mark.parametrize(
    ("what", "body", "words"),
    [
        ("faults", b"null", "a JSON object is needed"),
        ("settings", b"null", "a JSON object is needed"),
        ("settings", b"[]", "a JSON object is needed"),
        ("faults", b"", "the body is not JSON"),
        ("faults", b"[" * 100_000, "the body is not JSON"),
        ("pace", b'{"latency": 1' + b"0" * 5000 + b"}", "a number has 4000 digits at most"),
        ("faults", b"\xff\xfe", "the body is not JSON"),
        ("access", b"{", "the body is not JSON"),
        ("faults", b'{"kind": "slow", "seconds": Infinity}', "not Infinity"),
        (
            "faults",
            b'{"kind": "slow", "seconds": NaN}',
            "seconds of a fault must be a number from 0 on, 31536000 at most, not NaN",
        ),
        ("faults", b'{"kind": "slow", "seconds": 1e999}', "seconds of a fault must be a number from 0 on"),
        ("pace", b'{"latency": NaN}', "latency must be a number from 0 to 3600, not NaN"),
        ("pace", b'{"available": 1e999}', "available must be a number from 0 to 1000000000000"),
    ],
)
def test_malformed_body_is_refused_in_our_words(http, what, body, words):
    sandbox, store = http.shop.sandbox, http.store
    before = sandbox.pace({}), sandbox.scopes, store.time_zone, store.net_payment, sandbox.faults.listed()
    status, _, answer = sandbox.handle("PUT", f"/_sandbox/{what}", TOKEN, body)
    assert (status, words in json.loads(answer)["errors"]) == (400, True), answer
    assert before == (sandbox.pace({}), sandbox.scopes, store.time_zone, store.net_payment, sandbox.faults.listed())


@pytest.mark.parametrize("given", [{"case": []}, {"case": None}, {"count": 2.0}, {"count": "3"}, {"count": True}])
def test_invalid_case_or_count_is_refused(http, given):
    before = len(http.store.orders)
    status, _, answer = http.shop.sandbox.handle("POST", "/_sandbox/orders", TOKEN, json.dumps(given).encode())
    (name,) = given
    assert status == 400 and json.loads(answer)["errors"].startswith(f"{name} must be ")
    assert len(http.store.orders) == before


def test_known_scopes_can_be_granted(http):
    for scope in ("read_all_orders", "write_discounts", "read_returns", "read_store_credit_accounts"):
        assert http.put("access", scopes=[scope])[1]["scopes"] == [scope]


UNDER_WAY = ("AWAITING_RESPONSE", "PENDING", "UNKNOWN")


@pytest.mark.parametrize("status", STATUSES)
def test_refund_ends_in_any_status_and_totals_follow(http, status):
    http.put("faults", faults=[{"kind": "refund_status", "transaction_status": status}])
    made = http.refund("100.00")["data"]["refundCreate"]["refund"]
    assert [t["status"] for t in made["transactions"]["nodes"]] == [status]
    order = http.order()["data"]["order"]
    back = order["totalRefundedSet"]["shopMoney"]["amount"]
    assert back == ("100.0" if status == "SUCCESS" else "0.0")
    gone = status == "SUCCESS" or status in UNDER_WAY
    assert order["netPaymentSet"]["shopMoney"]["amount"] == ("163.0" if gone else "263.0")
    assert order["displayFinancialStatus"] == ("PARTIALLY_REFUNDED" if gone else "PAID")


@pytest.mark.parametrize("seconds", [0, 30])
@pytest.mark.parametrize("status", STATUSES)
def test_refund_of_a_cancellation_ends_in_any_status(http, status, seconds):
    http.shop.sandbox.mutations.job_seconds = seconds
    http.put("faults", faults=[{"kind": "refund_status", "transaction_status": status, "times": 1}])
    cancelled = http.ask(
        CANCEL.replace("mutation (", "mutation Cancel ("), "Cancel", id=http.shop.id("#1003"), refund=True
    )
    assert cancelled["data"]["orderCancel"]["userErrors"] == []
    http.shop.later(seconds=seconds)
    kinds = [(t["kind"], t["status"]) for t in http.order()["data"]["order"]["transactions"]]
    assert kinds == [("SALE", "SUCCESS"), ("REFUND", status)]


def test_pending_refund_can_end_later(http):
    http.put("faults", faults=[{"kind": "refund_status", "transaction_status": "PENDING"}])
    http.refund("100.00")
    changed = http.put("transactions", order="#1003", status="SUCCESS")[1]["transactions"]
    assert [(t["kind"], t["status"]) for t in changed] == [("REFUND", "SUCCESS")]
    assert http.order()["data"]["order"]["totalRefundedSet"]["shopMoney"]["amount"] == "100.0"
    assert http.put("transactions", id=changed[0]["id"], status="FAILURE")[0] == 200
    order = http.order()["data"]["order"]
    assert (order["totalRefundedSet"]["shopMoney"]["amount"], order["displayFinancialStatus"]) == ("0.0", "PAID")
    assert [t.status for t in http.shop.sandbox.set_status("#1003", "UNKNOWN")] == ["UNKNOWN"]


def test_status_can_be_set_for_one_gateway(http):
    http.shop.sandbox.mutations.job_seconds = 0
    faults = [("gift_card", "SUCCESS"), (None, "FAILURE")]
    http.put("faults", faults=[{"kind": "refund_status", "gateway": g, "transaction_status": s} for g, s in faults])
    http.cancel("#1016")
    back = {t.gateway: t.status for t in http.store.order("#1016").transactions if t.kind == "REFUND"}
    assert back == {"gift_card": "SUCCESS", "shopify_payments": "FAILURE"}


def test_net_payment_can_count_successes_only(http):
    http.put("faults", faults=[{"kind": "refund_status", "transaction_status": "PENDING"}])
    http.refund("100.00")
    assert http.put("settings", netPayment="successes")[1]["netPayment"] == "successes"
    order = http.order()["data"]["order"]
    assert order["netPaymentSet"]["shopMoney"]["amount"] == "263.0"
    assert order["suggestedRefund"]["maximumRefundableSet"]["shopMoney"]["amount"] == "263.0"
    http.put("transactions", order="#1003", status="SUCCESS")
    assert http.order()["data"]["order"]["netPaymentSet"]["shopMoney"]["amount"] == "163.0"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Etc/UTC", ("UTC", "+0000", 0)),
        ("America/New_York", ("EDT", "-0400", -240)),
        ("Asia/Kolkata", ("IST", "+0530", 330)),
    ],
)
def test_time_zone_can_be_set(http, zone, shown):
    assert http.put("settings", timeZone=zone)[1]["timeZone"] == zone
    query = "query Named { shop { ianaTimezone timezoneAbbreviation timezoneOffset timezoneOffsetMinutes } }"
    assert tuple(http.ask(query)["data"]["shop"].values()) == (zone, *shown)


def test_manual_gateway_is_marked(http):
    order = http.store.order("#1003")
    for gateway, manual, shown in (
        ("Cash on Delivery (COD)", None, True),
        ("Our own transfer", True, True),
        ("shopify_payments", None, False),
    ):
        order.transactions[0].gateway, order.transactions[0].manual = gateway, manual
        query = f'query Named {{ order(id: "{order.id}") {{ transactions {{ manualPaymentGateway }} }} }}'
        assert http.ask(query)["data"]["order"]["transactions"] == [{"manualPaymentGateway": shown}]
    assert order.left(order.payments()[0]) == Decimal("263.00")


def test_mutation_after_its_fragments_is_recognised(http):
    http.put("faults", faults=[{"kind": "null", "document": "mutations"}])
    update = (
        """mutation Named($i: OrderInput!) { orderUpdate(input: $i) { order { ...Kept } userErrors { message } } }"""
    )
    fragment = "fragment Kept on Order { note }"
    given = {"id": http.shop.id("#1003"), "note": "mutation"}
    assert http.ask(f"# a comment\n{fragment}\n{update}", i=given)["data"] == {"orderUpdate": None}
    assert http.ask("query Named { mutation: shop { name } }")["data"] == {"mutation": {"name": "Demo"}}


def test_received_after_an_invalid_number_is_refused(http):
    status, _, body = http.shop.sandbox.handle("GET", "/_sandbox/received?after=x", TOKEN, b"")
    assert status == 400 and 'not "x"' in json.loads(body)["errors"]
    for after in ("", "-1", "%D9%A3", "9" * 5000):
        assert http.shop.sandbox.handle("GET", f"/_sandbox/received?after={after}", TOKEN, b"")[0] == 400
