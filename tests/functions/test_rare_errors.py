"""Errors that rarely happen, as the agent reads them."""

import json
import time

import pytest

from local.sandbox import Fault
from orderdesk import metrics, timeline
from orderdesk.operations import claim as claims
from tests.faults.acting import SUBMITS, opened

PAID, TWO_CARDS, FIRST = "#1003", "#1017", "#1001"


def code(answer):
    return answer.body["errors"][0]["code"]


def answers(desk, name, **data):
    """Let Shopify answer the document of this name with this data."""
    real = desk.sandbox.handle

    def handle(method, url, headers, body):
        if json.loads(body)["operationName"] != name:
            return real(method, url, headers, body)
        return 200, {"Content-Type": "application/json"}, json.dumps({"data": data}).encode()

    desk.sandbox.handle = handle


def test_refused_refund_is_in_shopifys_words(desk):
    url = desk.form("refund-order", PAID).body["actionUrl"]
    answers(desk, "RefundOrder", refundCreate={"userErrors": [{"field": None, "message": "Not this one"}]})
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, code(answer)) == (406, "refused")
    assert "Shopify says: Not this one" in answer.body["errors"][0]["detail"]
    assert desk.timeline(PAID)[0]["outcome"] == "REFUSED"


@pytest.mark.parametrize(
    ("action", "name", "field", "values"),
    [
        ("refund-order", "RefundOrder", "refundCreate", {"reason": "Goodwill"}),
        ("edit-order-notes", "EditOrderNote", "orderUpdate", {"note": "new"}),
        ("edit-order-tags", "EditOrderTags", "tagsAdd", {"tags": "new"}),
    ],
)
def test_answer_without_a_result_is_unknown(desk, action, name, field, values):
    url = desk.form(action, PAID).body["actionUrl"]
    answers(desk, name, **{field: None, "other": {}})
    assert code(desk.send("POST", url, values)) == "outcome_unknown"


def test_discount_code_without_a_result_is_unknown(desk):
    form = desk.send("GET", f"/actions/create-discount-code?customer={desk.linked(PAID)}").body
    answers(desk, "CreateDiscountCode", discountCodeBasicCreate=None, other={})
    values = {"code": "A", "type": "percentage", "value": "5", "applies_to": "all", "expires": "1"}
    assert code(desk.send("POST", form["actionUrl"], values)) == "outcome_unknown"


def test_refused_note_is_in_shopifys_words(desk):
    url = desk.form("edit-order-notes", PAID).body["actionUrl"]
    answers(desk, "EditOrderNote", orderUpdate={"order": None, "userErrors": [{"field": ["note"], "message": "No"}]})
    answer = desk.send("POST", url, {"note": "new"})
    assert (answer.status, answer.body["errors"][0]["detail"]) == (406, "Nothing was changed. Shopify says: No")


MONEY = {"presentmentMoney": {"amount": "263.0", "currencyCode": "USD"}}


def transaction(kind, status="SUCCESS"):
    """A payment of the paid order, or its refund."""
    return {
        "id": f"gid://shopify/OrderTransaction/{kind}", "kind": kind, "status": status, "amountSet": MONEY,
        "gateway": "shopify_payments", "formattedGateway": "Visa", "manualPaymentGateway": False,
    }  # fmt: skip


def paid_node(order, **more):
    """A paid order, with the fields that actions read."""
    return {
        "id": order.id, "name": order.name, "cancelledAt": None, "refundable": True, "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED", "netPaymentSet": MONEY, "customer": {"id": order.customer.id},
    } | more  # fmt: skip


def test_order_without_refundable_payments_is_refused(desk):
    answers(desk, "RefundFacts", order=paid_node(desk.store.order(PAID), transactions=[]))
    answer = desk.form("refund-order", PAID)
    assert (answer.status, code(answer)) == (406, "not_available")
    assert "none of its payments can take a refund" in answer.body["errors"][0]["message"]


def test_cancelled_order_with_money_left_is_polled(desk):
    order = desk.store.order(PAID)
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    looks = []

    def late(operation):
        looks.append(operation)
        gone = len(looks) >= 3
        moves = [transaction("SALE"), transaction("REFUND")] if gone else [transaction("SALE")]
        refund = {
            "id": "gid://shopify/Refund/1", "createdAt": "2026-11-24T00:00:03Z", "totalRefundedSet": MONEY,
            "transactions": {"nodes": moves[1:]}, "note": None,
        }  # fmt: skip
        note = {"staffNote": desk.sent("CancelOrder")[0]["reference"]}
        net = {"presentmentMoney": {"amount": "0.0" if gone else "263.0", "currencyCode": "USD"}}
        done = {"cancelledAt": "2026-11-24T00:00:00Z", "netPaymentSet": net, "refunds": [refund] if gone else []}
        return {"order": paid_node(order, cancellation=note, transactions=moves, **done), "node": None}

    real = desk.sandbox.handle

    def handle(method, url, headers, body):
        if json.loads(body)["operationName"] != "Cancellation":
            return real(method, url, headers, body)
        return 200, {"Content-Type": "application/json"}, json.dumps({"data": late(body)}).encode()

    desk.sandbox.handle = handle
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.status == 200 and len(looks) == 3
    assert desk.timeline(PAID)[0]["amount"] == "263.0"


def test_order_that_disappears_during_cancellation_is_unknown(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    answers(desk, "Cancellation", order=None, node={"done": False, "status": "STARTED", "errors": []})
    assert code(desk.send("POST", url, {"reason": "OTHER"}, seconds=4)) == "outcome_unknown"


def test_our_error_before_sending_says_nothing_changed(desk, monkeypatch):
    url = desk.form("refund-order", PAID).body["actionUrl"]
    answers(
        desk,
        "RefundFacts",
        order=paid_node(
            desk.store.order(PAID), netPaymentSet={"presentmentMoney": {"amount": "x", "currencyCode": "USD"}}
        ),
    )
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.status == 500
    assert (
        answer.body["errors"][0]["message"]
        == "Something went wrong on our side and we can't tell whether the change was made."
    )
    assert desk.operation(url)["state"] == "CREATED"


def test_our_error_after_sending_is_unknown(desk):
    url = desk.form("refund-order", PAID).body["actionUrl"]
    answers(desk, "RefundOrder", refundCreate={"userErrors": [], "refund": {"id": 7}, "order": None})
    assert code(desk.send("POST", url, {"reason": "Goodwill"})) == "outcome_unknown"
    assert desk.operation(url)["state"] == "UNKNOWN"


def test_second_submit_waits_until_the_first_gives_up(desk):
    url = desk.form("refund-order", PAID).body["actionUrl"]
    seen = []

    def meanwhile(request):
        if b"RefundFacts" in request.body and not seen:
            seen.append("first")
            item = desk.operation(url)
            desk.adapter.before = lambda _request: None
            sleep = time.sleep

            def given_back(seconds):
                desk.change(url, state="CREATED", attempt=0)
                time.sleep = sleep

            time.sleep = given_back
            seen.append(desk.send("POST", url, {"reason": "Goodwill"}))
            desk.change(url, **item)

    desk.adapter.before = meanwhile
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    assert seen[1].status == 406
    assert seen[1].body["errors"][0]["message"] == "Your first submit of this form wasn't carried out."


def test_submit_that_never_gets_the_operation_does_nothing(desk):
    """Another submit gets the operation each time; this one does nothing, and says so."""
    url = desk.form("refund-order", PAID).body["actionUrl"]
    write = claims.write

    def always_too_late(update):
        attempt = int(desk.operation(url)["attempt"]) + 1
        desk.change(url, state="PENDING", claim="another's", claimed_until=1, values="", attempt=attempt)
        return write(update)

    claims.write = always_too_late
    try:
        answer = desk.send("POST", url, {"reason": "Goodwill"}, seconds=2)
    finally:
        claims.write = write
    assert code(answer) == "outcome_unknown"
    assert not desk.sent("RefundOrder")


def test_error_after_the_outcome_was_stored_changes_nothing(desk):
    """The agent reads that the outcome isn't known; a resend gets the stored reply."""
    url = desk.form("refund-order", PAID).body["actionUrl"]
    counted = metrics.outcome

    def broken(*_, **__):
        metrics.outcome = counted
        raise OSError("the log is gone")

    metrics.outcome = broken
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, code(answer)) == (500, "internal")
    assert "can't tell" in answer.body["errors"][0]["message"]
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    assert [e["outcome"] for e in desk.timeline(PAID)] == ["SUCCEEDED"]
    assert len(desk.sent("RefundOrder")) == 1


def test_forged_long_cursor_is_refused(desk):
    cursor = timeline._cursor({"customer_key": "main/7", "entry_key": "x" * 1024})
    assert desk.send("GET", f"/timeline?customer=7&cursor={cursor}").status == 400


def test_line_refunded_without_a_refund_is_removed(desk):
    line = desk.store.order(FIRST).lines[0]
    line.refunded = line.quantity
    cards = desk.profile(desk.linked(FIRST))["transactions"]
    assert next(c for c in cards if c["orderNumber"] == FIRST)["products"][0]["status"] == "removed"


def test_failed_token_grant_keeps_the_form(desk):
    desk.set(shopify__access_token="", shopify__client_id="id", shopify__client_secret="secret")
    desk.sandbox.faults.put(Fault("http", "grant", status=503))
    answer = desk.form("refund-order", PAID)
    assert (answer.status, code(answer)) == (400, "shopify_unavailable")


def test_tags_without_the_order_are_unknown(desk):
    url = desk.form("edit-order-tags", PAID).body["actionUrl"]
    answers(desk, "EditOrderTags", tagsAdd={"node": None, "userErrors": []})
    assert code(desk.send("POST", url, {"tags": "new"})) == "outcome_unknown"
    assert desk.timeline(PAID) == []


def test_switch_that_cannot_be_read_leaves_the_safer_way_on(desk, capsys):
    """With `confirm`, a refund of items is shown before it is made."""
    desk.set(actions__refund_items__confirm="maybe")
    answer = desk.send("POST", opened(desk, "refund-items"), SUBMITS["refund-items"])
    assert answer.status == 400 and "Submit again to confirm" in json.dumps(answer.body), answer.body
    assert not desk.sent("RefundItems")
    assert "Switch is neither true nor false; treated as on" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("document", "field", "query"),
    [
        ("MatchCustomers", "customers", {"phones": ["+12125550123"]}),
        ("OrdersByName", "orders", {"orderNumber": "#1003"}),
    ],
)
def test_lookup_without_its_list_finds_nobody_and_says_why(desk, capsys, document, field, query):
    answers(desk, document, **{field: None})
    answer = desk.send("POST", "", {"lookupLevel": "BASIC", "query": query})
    assert (answer.status, answer.body["results"]) == (200, [])
    assert "ERROR" in capsys.readouterr().out


def test_order_that_is_called_otherwise_is_not_found(desk):
    """Shopify's search finds more than was asked for."""
    other = {"id": "gid://shopify/Order/1", "name": "#10031", "customer": None}
    answers(desk, "OrdersByName", orders={"nodes": [other]})
    answer = desk.send("POST", "", {"lookupLevel": "BASIC", "query": {"orderNumber": "#1003"}})
    assert (answer.status, answer.body["results"]) == (200, [])
